//! Mode act: what follows a removal, who is told, and the way back.
use beadle::features::moderation::ladder::{Author, BURST, Step, next};
use beadle::telegram::simulator::Status;

use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

const PLAIN: Author = Author {
    spared: false,
    regular: false,
    channel: false,
};

#[test]
fn the_ladder_goes_up_and_spares_regulars_and_bursts() {
    let steps = [
        Step::Warn,
        Step::Mute { minutes: 60 },
        Step::Ban { days: 30 },
    ];
    let at = |strikes, last, author| next(&steps, author, strikes, last, 10 * BURST);
    assert_eq!(at(0, None, PLAIN), Some(Step::Warn));
    assert_eq!(at(1, Some(0), PLAIN), Some(Step::Mute { minutes: 60 }));
    assert_eq!(at(2, Some(0), PLAIN), Some(Step::Ban { days: 30 }));
    assert_eq!(at(9, Some(0), PLAIN), Some(Step::Ban { days: 30 }));
    // Nobody could have heeded a warning of a moment ago.
    assert_eq!(at(1, Some(10 * BURST - 1), PLAIN), None);
    // A strike from the future: the clock was set back.
    assert_eq!(
        at(1, Some(11 * BURST), PLAIN),
        Some(Step::Mute { minutes: 60 })
    );
    let regular = Author {
        regular: true,
        ..PLAIN
    };
    assert_eq!(at(5, Some(0), regular), None);
    // A channel cannot be muted; it can be banned.
    let channel = Author {
        channel: true,
        ..PLAIN
    };
    assert_eq!(at(1, Some(0), channel), Some(Step::Warn));
    assert_eq!(at(2, Some(0), channel), Some(Step::Ban { days: 30 }));
    assert_eq!(next(&[], PLAIN, 0, None, 0), None);
    for (words, step) in [
        ("warn", Step::Warn),
        ("mute 90m", Step::Mute { minutes: 90 }),
        ("mute 24h", Step::Mute { minutes: 1440 }),
        ("ban 30d", Step::Ban { days: 30 }),
    ] {
        assert_eq!(Step::try_from(words.to_owned()).unwrap(), step);
        assert_eq!(Step::try_from(String::from(step)).unwrap(), step);
    }
    let endless = [
        "ban",
        "ban 0d",
        "ban 366d",
        "ban 5h",
        "mute",
        "mute 0m",
        "mute 9999999999h",
        "kick 1d",
        "",
        "mute 1д",
    ];
    for words in endless {
        assert!(Step::try_from(words.to_owned()).is_err(), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn warned_then_muted_told_appealed_and_everything_undone() {
    let (green, clock) = Green::clocked().await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || sim.bot_messages(eve).len() == 1).await;
    sim.join(green.group, eve);
    let first = sim.say(green.group, eve, SPAM);
    until("removed", || is_removed(sim, green.group, first)).await;
    green.said(green.group, "This is a warning").await;
    assert_eq!(sim.member(green.group, eve).status, Status::Member);

    clock.shift(2 * BURST);
    let second = sim.say(green.group, eve, &format!("{SPAM} Hurry!"));
    until("muted", || {
        sim.member(green.group, eve).status == Status::Restricted
    })
    .await;
    let until_date = sim.member(green.group, eve).until;
    assert!(until_date > 0, "a mute by machinery ends: {until_date}");
    let told = "You cannot write there for";
    let letter = green.said(green.group, told).await;
    assert_eq!(letter.receiver, Some(eve), "nobody else sees it");
    assert!(
        letter.text().contains("The green") && letter.text().contains("because "),
        "{}",
        letter.text()
    );
    assert_eq!(labels(&letter), ["This is a mistake"]);

    // Somebody else's hands on the same button.
    let data = letter.buttons()[0].data.clone().unwrap();
    let mal = sim.user("Mal");
    sim.private(mal, "/start");
    until("greeted", || sim.bot_messages(mal).len() == 1).await;
    let theirs = sim.bot_messages(mal)[0].clone();
    let (said, alert) = green.press_data(&theirs, mal, &data).await;
    assert!(said.contains("somebody else") && alert, "{said}");

    let (said, _) = green.press_data(&letter, eve, &data).await;
    assert!(said.contains("An admin will look"), "{said}");
    let (said, _) = green.press_data(&letter, eve, &data).await;
    assert!(said.contains("appealed already"), "{said}");
    let card = green.card(green.owner, "Somebody appeals").await;
    assert_eq!(labels(&card), ["Grant, undo", "Refuse"]);
    let (said, _) = green.press(&card, green.owner, "grant").await;
    assert!(said.contains("undone"), "{said}");
    until("free", || {
        sim.member(green.group, eve).status == Status::Member
    })
    .await;
    let told = green.said(green.group, "was granted").await;
    assert_eq!(told.receiver, Some(eve));
    let again = green.said(green.group, "by mistake").await;
    assert!(again.text().contains("Hurry!") && again.receiver.is_none());
    let (said, _) = green.press_data(&letter, eve, &data).await;
    assert!(said.contains("undone already"), "{said}");
    assert!(is_removed(sim, green.group, second));
    let left: i64 = value(&green.app, "SELECT removed FROM members WHERE removed > 0").await;
    assert_eq!(left, 1, "the first removal stands");
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_says_the_words_again_with_an_apology() {
    let green = Green::in_mode("act").await;
    let (eve, spam) = green.says("Eve <b>", SPAM).await;
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    let card = green.card(green.owner, "I removed this as spam").await;
    assert_eq!(labels(&card), ["Right, spam", "Not spam, undo", "Ban"]);
    assert!(card.text().contains("They were warned."), "{}", card.text());
    let reputation: f64 = value(&green.app, "SELECT min(reputation) FROM members").await;
    assert!(reputation < 0.0, "{reputation}");
    green.press(&card, green.owner, "ham").await;
    let apology = green.said(green.group, "by mistake").await;
    assert!(
        apology.text().contains("Eve <b>") && apology.text().contains("easy_income_now"),
        "{}",
        apology.text()
    );
    green.until_text(&card, "Not spam. Olga decided").await;
    assert!(
        !green.now(&card).text().contains("warned"),
        "the warning is gone too"
    );
    let label: String = value(
        &green.app,
        "SELECT label FROM spam_results WHERE label IS NOT NULL",
    )
    .await;
    assert_eq!(label, "ham");
    let strikes: i64 = value(
        &green.app,
        "SELECT count(*) FROM treatments WHERE strike = 1 AND undone_at IS NULL",
    )
    .await;
    assert_eq!(strikes, 0);
    let counted: i64 = value(&green.app, "SELECT max(removed) FROM members").await;
    assert_eq!(counted, 0);
    let reputation: f64 = value(&green.app, "SELECT min(reputation) FROM members").await;
    assert!(
        reputation >= 0.0,
        "what the warning took is given back: {reputation}"
    );
    assert!(green.sim.member(green.group, eve).present);
    // Learned: the same words are no spam any more.
    let (_, again) = green.says("Ann", SPAM).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let verdict = crate::support::house::judged(&green.app, green.group, again).await;
    assert_ne!(verdict.decision, "delete", "{verdict:?}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_by_machinery_ends_and_one_by_a_person_need_not() {
    let green = Green::in_mode("act").await;
    green.set_steps(&["ban 30d"]).await;
    let sim = &green.sim;
    let (eve, spam) = green.says("Eve", SPAM).await;
    until("banned", || {
        sim.member(green.group, eve).status == Status::Kicked
    })
    .await;
    let calls = sim.calls_of("banChatMember");
    assert_eq!(calls.len(), 1);
    assert!(
        calls[0].params["until_date"].as_i64().unwrap() > 0,
        "{:?}",
        calls[0].params
    );
    assert_eq!(
        calls[0].params["revoke_messages"], false,
        "only a person's word takes more"
    );
    assert!(is_removed(sim, green.group, spam));
    let card = green.card(green.owner, "I removed this as spam").await;
    assert!(
        card.text().contains("They are banned until"),
        "{}",
        card.text()
    );
    green.press(&card, green.owner, "ban").await;
    until("for good", || sim.calls_of("banChatMember").len() == 2).await;
    let last = sim.calls_of("banChatMember").pop().unwrap();
    assert!(last.params.get("until_date").is_none(), "{:?}", last.params);
    assert_eq!(last.params["revoke_messages"], true);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_picture_is_shown_under_a_spoiler_until_the_decision() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    let file = sim.file("offer.jpg", b"not really a picture");
    let fields = serde_json::json!({ "photo": sim.media("photo", &file), "caption": SPAM });
    let posted = sim.post(green.group, eve, fields);
    until("removed", || is_removed(sim, green.group, posted)).await;
    let card = green.card(green.owner, "I removed this as spam").await;
    until("shown", || sim.calls_of("sendPhoto").len() == 1).await;
    let call = sim.calls_of("sendPhoto").pop().unwrap();
    assert_eq!(call.params["has_spoiler"], true);
    assert_eq!(call.params["protect_content"], true);
    assert_eq!(call.params["chat_id"], green.owner);
    let shown = call.outcome.unwrap()["message_id"].as_i64().unwrap();
    green.press(&card, green.owner, "spam").await;
    until("gone with the decision", || {
        is_removed(sim, green.owner, shown)
    })
    .await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}
