//! Moderators' commands with missing, absurd, huge and hostile arguments: a friendly answer, and nothing else.
use beadle::telegram::simulator::SpeakAs;
use serde_json::json;

use crate::support::green::Green;
use crate::support::house::answer;
use crate::support::until;

/// Answers in one group: Telegram takes 20 messages a minute there.
const CHUNK: usize = 15;

/// To whom a command answers.
#[derive(Clone, Copy)]
enum To {
    Nobody,
    Member,
    Owner,
    Beadle,
}

/// Written by the owner, answered in words, and nothing is done.
fn cases() -> Vec<(To, String)> {
    let plain = |words: &[&str]| -> Vec<(To, String)> {
        words
            .iter()
            .map(|w| (To::Nobody, (*w).to_owned()))
            .collect()
    };
    let mut all = plain(&[
        "/warn",
        "/unwarn",
        "/mute",
        "/tmute",
        "/unmute",
        "/kick",
        "/ban",
        "/tban",
        "/unban",
        "/purge",
        "/del",
        "/approve",
        "/unapprove",
        "/trust",
        "/report",
        "/sban",
        "/dban",
        "/ban @nobody_of_that_name",
        "/ban @",
        "/ban <b>Eve</b>",
        "/ban \u{202e}evE",
        "/ban 0",
        "/ban 999999999999",
        "/ban 99999999999999999999999",
        "/ban -5",
        "/ban -123456",
        "/ban -1",
        "/mute -1001234567890",
        "/kick -1001234567890",
        "/purge 0",
        "/purge -3",
        "/purge all",
        "/purge 99999999999999999999",
        "/purge 1e3",
        "/ban '; DROP TABLE users; --",
        "/ban tg://user?id=5",
    ]);
    for words in [
        "/tban 99999999999y",
        "/tban 99999999999d",
        "/tban 0s",
        "/tban 5",
        "/tban -2h",
        "/tban soon",
        "/tban 2h30",
        "/tmute",
        "/tmute 9999999999999999999999h",
        "/ban 99999999999w",
        "/tmute ٣h",
    ] {
        all.push((To::Member, words.to_owned()));
    }
    all.push((To::Member, format!("/tmute {}", "1h".repeat(40))));
    all.push((To::Nobody, format!("/ban {}", "A".repeat(64 << 10))));
    all.push((To::Member, format!("/tmute {}", "9".repeat(64 << 10))));
    for words in ["/ban", "/mute 1h", "/warn", "/kick"] {
        all.push((To::Owner, words.to_owned()));
        all.push((To::Beadle, words.to_owned()));
    }
    all
}

fn shown(to: To, words: &str) -> String {
    let to = match to {
        To::Nobody => "",
        To::Member => " (to a member)",
        To::Owner => " (to the owner)",
        To::Beadle => " (to Beadle)",
    };
    let words: String = words.chars().take(50).collect();
    format!("{words}{to}").escape_debug().to_string()
}

/// What is answered in one group; groups are asked side by side, for each is told one message a second.
async fn answers(tag: &str) -> String {
    let cases = cases();
    let all = cases.chunks(CHUNK).map(|chunk| answers_to(chunk, tag));
    futures_util::future::join_all(all).await.concat()
}

async fn answers_to(chunk: &[(To, String)], tag: &str) -> String {
    let mut said = String::new();
    {
        let green = Green::in_mode("suggest").await;
        let sim = &green.sim;
        let (_, message) = green
            .says("<i>Eve</i>\u{202e}", "Good morning to all of you here")
            .await;
        let own = sim.say(green.group, green.owner, "Welcome, all of you");
        let asked = sim.say(green.group, green.owner, "/why");
        until("its own", || answer(sim, green.group, asked).is_some()).await;
        let beadles = sim.bot_messages(green.group).pop().unwrap().message_id;
        green.set_language(tag).await;
        for (to, words) in chunk {
            let to_id = match to {
                To::Nobody => None,
                To::Member => Some(message),
                To::Owner => Some(own),
                To::Beadle => Some(beadles),
            };
            let id = match to_id {
                Some(to) => sim.reply(green.group, green.owner, to, words),
                None => sim.say(green.group, green.owner, words),
            };
            until(&shown(*to, words), || {
                answer(sim, green.group, id).is_some()
            })
            .await;
            let line = answer(sim, green.group, id).unwrap();
            assert!(line.chars().count() < 400, "{line}");
            said.push_str(&format!(
                "{}\n    {}\n",
                shown(*to, words),
                line.replace('\n', "\n    ")
            ));
        }
        for method in [
            "banChatMember",
            "restrictChatMember",
            "unbanChatMember",
            "banChatSenderChat",
            "deleteMessage",
            "deleteMessages",
        ] {
            let calls = sim.calls_of(method);
            assert!(
                calls.is_empty(),
                "{method} was called: {:?}",
                calls[0].params
            );
        }
        assert!(
            sim.call_violations().is_empty(),
            "{:?}",
            sim.call_violations()
        );
        green.app.stop().await;
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_is_answered_in_english() {
    insta::assert_snapshot!("en", answers("en").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_is_answered_in_russian() {
    insta::assert_snapshot!("ru", answers("ru").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_admins_channels_and_missing_rights_are_told() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", "Good morning to all of you here").await;
    // Somebody else of the anonymous ones lacks the right, and nobody knows which of them speaks.
    let shy = sim.user("Shy");
    sim.promote(green.group, shy, &["is_anonymous", "can_delete_messages"]);
    let replied = sim
        .messages(green.group)
        .into_iter()
        .find(|m| m.message_id == message)
        .unwrap()
        .value;
    let fields = json!({ "text": "/ban", "reply_to_message": replied });
    let id = sim.post_as(green.group, SpeakAs::Anonymous(shy), fields);
    until("answered", || answer(sim, green.group, id).is_some()).await;
    let said = answer(sim, green.group, id).unwrap();
    assert!(said.contains("anonymous admins"), "{said}");
    // A command that answers what an anonymous admin said treats nobody.
    let theirs = sim.post_as(
        green.group,
        SpeakAs::Anonymous(shy),
        json!({ "text": "Order, please" }),
    );
    let id = sim.reply(green.group, green.owner, theirs, "/ban");
    until("answered", || answer(sim, green.group, id).is_some()).await;
    assert!(
        answer(sim, green.group, id)
            .unwrap()
            .contains("as the group itself")
    );
    // Beadle's own rights.
    sim.set_bot_rights(green.group, &["can_delete_messages"]);
    let id = sim.reply(green.group, green.owner, message, "/ban");
    until("answered", || answer(sim, green.group, id).is_some()).await;
    let said = answer(sim, green.group, id).unwrap();
    assert!(said.contains("Ban users"), "{said}");
    assert!(sim.member(green.group, eve).present);
    assert!(sim.calls_of("banChatMember").is_empty());
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_banned_as_a_channel_and_freed_when_its_time_is_over() {
    let (green, clock) = Green::clocked().await;
    let sim = &green.sim;
    let (eve, _) = green.says("Eve", "Good morning to all of you here").await;
    let channel = sim.channel("Bargains");
    let said = sim.post_as(
        green.group,
        SpeakAs::Channel { user: eve, channel },
        json!({ "text": "News of today" }),
    );
    let id = sim.reply(green.group, green.owner, said, "/smute 1h");
    until("refused", || answer(sim, green.group, id).is_some()).await;
    assert!(
        answer(sim, green.group, id)
            .unwrap()
            .contains("warned or banned")
    );
    sim.reply(green.group, green.owner, said, "/tban 1h");
    until("banned", || !sim.calls_of("banChatSenderChat").is_empty()).await;
    clock.shift(2 * 3_600_000);
    crate::support::house::within(30, "freed", || {
        !sim.calls_of("unbanChatSenderChat").is_empty()
    })
    .await;
    green.app.stop().await;
}
