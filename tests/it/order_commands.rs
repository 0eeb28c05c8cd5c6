//! Commands of moderators and owners: what they change, and whom they refuse.
use beadle::features::moderation::ladder::Step;
use beadle::features::moderation::settings::GroupSettings;
use beadle::telegram::simulator::SpeakAs;

use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, answer, is_removed, judged, value};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

#[tokio::test(flavor = "multi_thread")]
async fn spam_by_a_moderator_removes_teaches_and_can_be_taken_back() {
    let green = Green::in_mode("observe").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", TALK).await;
    let (ann, _) = green.says("Ann", "Good morning").await;
    let refused = sim.reply(green.group, ann, message, "/spam");
    until("refused", || answer(sim, green.group, refused).is_some()).await;
    assert!(
        answer(sim, green.group, refused)
            .unwrap()
            .contains("Only admins")
    );
    assert!(!is_removed(sim, green.group, message));

    let command = sim.reply(green.group, green.owner, message, "/spam");
    until("removed", || {
        is_removed(sim, green.group, message) && is_removed(sim, green.group, command)
    })
    .await;
    until("thanked", || {
        sim.bot_messages(green.group)
            .iter()
            .any(|m| m.text().contains("remember it as spam"))
    })
    .await;
    let label: String = value(
        &green.app,
        "SELECT label FROM spam_results WHERE label IS NOT NULL",
    )
    .await;
    assert_eq!(label, "spam");
    let taught: i64 = value(
        &green.app,
        "SELECT count(*) FROM learned_samples WHERE label = 'spam'",
    )
    .await;
    assert_eq!(taught, 1);
    // The moderator may restrict, so the ladder applies; its first step is a warning.
    let kind: String = value(&green.app, "SELECT kind FROM treatments").await;
    assert_eq!(kind, "warn");
    let card = green.card(green.owner, "Olga decided").await;
    assert_eq!(labels(&card), ["Take it back"]);
    green.press(&card, green.owner, "reopen").await;
    until("said again", || {
        sim.bot_messages(green.group)
            .iter()
            .any(|m| m.text().contains("by mistake"))
    })
    .await;
    let taught: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(taught, 0);
    assert!(sim.member(green.group, eve).present);
    let acts: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'moderation.decide'",
    )
    .await;
    assert_eq!(acts, 2);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_admins_may_label_and_admins_are_not_treated() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (_, message) = green.says("Eve", TALK).await;
    let admin = sim.user("Ben");
    sim.promote(green.group, admin, &["can_delete_messages"]);
    let own = sim.say(green.group, admin, TALK);
    judged(&green.app, green.group, own).await;
    let tried = sim.reply(green.group, green.owner, own, "/spam");
    until("refused", || answer(sim, green.group, tried).is_some()).await;
    assert!(
        answer(sim, green.group, tried)
            .unwrap()
            .contains("do not judge admins")
    );

    let fields = serde_json::json!({ "text": "/ham", "entities": [{ "type": "bot_command", "offset": 0, "length": 4 }] });
    let mut fields = fields;
    fields["reply_to_message"] = sim
        .messages(green.group)
        .into_iter()
        .find(|m| m.message_id == message)
        .unwrap()
        .value;
    sim.post_as(green.group, SpeakAs::Anonymous(green.owner), fields);
    until("learned", || {
        sim.bot_messages(green.group)
            .iter()
            .any(|m| m.text().contains("are fine"))
    })
    .await;
    let label: String = value(
        &green.app,
        "SELECT label FROM spam_results WHERE label IS NOT NULL",
    )
    .await;
    assert_eq!(label, "ham");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn init_group_checks_rights_and_speaks_the_language_chosen() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    sim.set_bot_rights(green.group, &["can_delete_messages"]);
    let ben = sim.user("Ben");
    sim.join(green.group, ben);
    assert!(green.asks(ben, "/init_group").await.contains("Only admins"));
    let said = green.asks(green.owner, "/init_group").await;
    assert!(
        said.contains("✅ I may delete") && said.contains("❌ I may not mute"),
        "{said}"
    );
    assert!(said.contains("Mode suggest"), "{said}");
    let page = sim
        .bot_messages(green.group)
        .into_iter()
        .find(|m| m.text() == said)
        .unwrap();
    let press = |label: &str| {
        let found = page.buttons().into_iter().find(|b| b.text == label);
        found
            .and_then(|b| b.data)
            .unwrap_or_else(|| panic!("no {label}"))
    };
    let (refused, alert) = green.press_data(&page, ben, &press("Русский")).await;
    assert!(refused.contains("Only admins") && alert, "{refused}");
    green
        .press_data(&page, green.owner, &press("Русский"))
        .await;
    green.until_text(&page, "Готовим «The green»").await;
    let notice = press("Post the notice here");
    green.press_data(&page, green.owner, &notice).await;
    until("posted", || {
        sim.bot_messages(green.group)
            .iter()
            .any(|m| m.text().contains("/privacy"))
    })
    .await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_open_in_private_and_change_what_happens() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, first) = green.says("Eve", SPAM).await;
    green.card(green.owner, "looks like spam").await;
    assert!(!is_removed(sim, green.group, first));
    // The link of a stranger opens nothing.
    sim.private(eve, &format!("/start settings-{}", green.group));
    until("refused", || {
        sim.bot_messages(eve)
            .iter()
            .any(|m| m.text().contains("Only admins"))
    })
    .await;
    sim.private(green.owner, &format!("/start settings-{}", green.group));
    let page = green.card(green.owner, "Settings of The green").await;
    let press = async |label: &str| {
        let now = green.now(&page);
        let button = now.buttons().into_iter().find(|b| b.text == label);
        let data = button.and_then(|b| b.data);
        let data = data.unwrap_or_else(|| panic!("no {label} in {:?}", labels(&now)));
        assert!(data.len() <= 64, "{data}");
        green.press_data(&page, green.owner, &data).await
    };
    press("Mode and sensitivity").await;
    green.until_text(&page, "Mode: Suggest").await;
    assert!(labels(&green.now(&page)).contains(&"• Suggest •".to_owned()));
    press("Act").await;
    green.until_text(&page, "Mode: Act").await;
    let (_, second) = green.says("Mal", SPAM).await;
    until("removed", || is_removed(sim, green.group, second)).await;
    press("Strict").await;
    green.until_text(&page, "Spam from: 75 %").await;
    press("✅ Notes about removals").await;
    green.until_text(&page, "Notes about removals: off").await;
    // A value is written as an answer to a question.
    press("What follows removals").await;
    green.until_text(&page, "/set moderation.steps").await;
    press("Write a new value").await;
    let ask = green.said(green.owner, "Write the new value").await;
    sim.reply(green.owner, green.owner, ask.message_id, "2: kick");
    let again = green.said(green.owner, "is no step").await;
    sim.reply(green.owner, green.owner, again.message_id, "1: mute 90m");
    green
        .until_text(&page, "What follows removals: mute 90m")
        .await;
    // Somebody else's answer to such a question says nothing.
    press("‹ Back").await;
    green.until_text(&page, "Settings of The green").await;
    sim.private(green.owner, "/settings");
    green.card(green.owner, "Which group?").await;
    let changes: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'settings.set'",
    )
    .await;
    assert_eq!(changes, 4);
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_is_told_once() {
    let green = Green::in_mode("suggest").await;
    until("told", || green.sim.calls_of("setMyCommands").len() == 6).await;
    let (sim, dir) = green.stop().await;
    let app = crate::support::house::house_with(&sim, dir.path(), "suggest", |_| {}).await;
    until("up", || app.link.polls() > 0).await;
    app.stop().await;
    assert_eq!(sim.calls_of("setMyCommands").len(), 6);
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn menu_and_help_name_the_commands_by_who_asks_in_both_languages() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    until("told", || sim.calls_of("setMyCommands").len() == 6).await;
    let mut named = Vec::new();
    for call in sim.calls_of("setMyCommands") {
        let commands = call.params["commands"].as_array().unwrap();
        // Bot API, setMyCommands and BotCommand.
        assert!(commands.len() <= 100);
        for command in commands {
            let (name, what) = (
                command["command"].as_str().unwrap(),
                &command["description"],
            );
            let length = what.as_str().unwrap().chars().count();
            assert!((3..=100).contains(&length), "{name}: {what}");
        }
        let names: Vec<_> = commands
            .iter()
            .filter_map(|c| c["command"].as_str())
            .collect();
        let lang = call.params["language_code"].as_str().unwrap_or_default();
        named.push(format!(
            "{lang} {}: {}",
            call.params["scope"]["type"],
            names.join(" ")
        ));
    }
    // Calls that hang together in nothing leave in any order.
    named.sort();
    let (ann, _) = green.says("Ann", "Good morning").await;
    for lang in ["en", "ru"] {
        green.set_language(lang).await;
        let members = green.asks(ann, "/help").await;
        let admins = green.asks(green.owner, "/help").await;
        assert!(admins.chars().count() < 4_096 && members.len() < admins.len() / 3);
        named.extend([members, admins]);
    }
    insta::assert_snapshot!("menu_and_help", named.join("\n\n---\n\n"));
    // Whatever stands in the menu is answered.
    let all = sim.calls_of("setMyCommands");
    let all = all
        .iter()
        .flat_map(|call| call.params["commands"].as_array().unwrap().clone());
    let names: std::collections::BTreeSet<String> = all
        .filter_map(|c| c["command"].as_str().map(str::to_owned))
        .collect();
    let sources: String = crate::imports::sources("src/features")
        .into_iter()
        .chain(crate::imports::sources("src/pipeline"))
        .filter(|(path, _)| !path.ends_with("menu.rs"))
        .map(|(_, text)| text)
        .collect();
    // /help itself stands beside the table.
    for name in names.iter().filter(|name| *name != "help") {
        assert!(
            sources.contains(&format!("\"{name}\"")),
            "nobody answers /{name}"
        );
    }
    green.app.stop().await;
}

#[test]
fn settings_that_cannot_be_read_are_the_defaults() {
    let usual = GroupSettings::default();
    let rubbish = [
        "",
        "null",
        "[]",
        "{}",
        "{\"moderation\": 5}",
        "{\"moderation\": {\"steps\": [\"ban for ever\"]}}",
        "{\"moderation\": {\"log_chat\": \"here\"}}",
        "{\"gate\": {\"on\": true}}",
    ];
    for json in rubbish {
        assert_eq!(GroupSettings::read(json), usual, "{json}");
    }
    let own = GroupSettings::read(
        "{\"moderation\": {\"steps\": [\"warn\", \"mute 30m\"], \"notes\": false}, \"x\": 1}",
    );
    assert_eq!(own.steps, [Step::Warn, Step::Mute { minutes: 30 }]);
    assert!(!own.notes && own.log_chat.is_none());
    let json = serde_json::json!({ "moderation": own }).to_string();
    assert_eq!(GroupSettings::read(&json), own, "what is written is read");
}
