//! Commands at the start of a text or caption.
use beadle::telegram::event::Command;
use serde_json::json;

use super::message;

fn command(name: &str, bot: Option<&str>, args: &str) -> Option<Command> {
    Some(Command {
        name: name.to_owned(),
        bot: bot.map(str::to_owned),
        args: args.to_owned(),
    })
}

#[test]
fn by_text_alone() {
    for (text, expected) in [
        ("/rules", command("rules", None, "")),
        (
            "/Ban@Beadle_Bot  @leek 3d ",
            command("ban", Some("Beadle_Bot"), "@leek 3d"),
        ),
        ("/start\nref_7", command("start", None, "ref_7")),
        ("/warn 🦔 spikes", command("warn", None, "🦔 spikes")),
        ("/etc/passwd", None),
        ("/", None),
        ("/@bot", None),
        ("/ rules", None),
        (" /rules", None),
        ("say /rules", None),
        ("/правила", None),
        ("/rules, please", None),
    ] {
        assert_eq!(message(json!({"text": text})).command, expected, "{text}");
    }
}

#[test]
fn by_entity_where_the_text_alone_would_not_do() {
    let event = message(json!({"text": "/rules, please",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}));
    assert_eq!(event.command, command("rules", None, ", please"));
    let later = message(json!({"text": "/rules, please /help",
        "entities": [{"type": "bot_command", "offset": 15, "length": 5}]}));
    assert_eq!(later.command, None);
}

#[test]
fn in_a_caption() {
    let event = message(json!({"caption": "/report@beadle_bot this",
        "photo": [{"file_id": "p", "width": 1, "height": 1}]}));
    assert_eq!(event.command, command("report", Some("beadle_bot"), "this"));
}

#[test]
fn not_in_the_message_replied_to() {
    let event =
        message(json!({"text": "no", "reply_to_message": {"message_id": 1, "text": "/ban"}}));
    assert_eq!(event.command, None);
}
