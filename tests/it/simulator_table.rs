//! The simulator holds calls, its answers and its updates against the table of Bot API 10.3.
use beadle::telegram::simulator::{Breach, Place, problems};
use serde_json::{Value, json};

use crate::simulator_support::Rig;

#[tokio::test]
async fn a_missing_parameter_is_refused_and_noted() {
    let rig = Rig::new();
    let words = rig.call("sendMessage", json!({"chat_id": 1})).await.words();
    assert_eq!(words, "Bad Request: message text is empty");
    let words = rig
        .call("restrictChatMember", json!({"chat_id": 1, "user_id": 2}))
        .await
        .words();
    assert_eq!(words, "Bad Request: permissions is empty");
    let found = rig.sim.call_violations();
    assert_eq!(found[0].path, "text");
    assert_eq!(found[1].path, "permissions");
    assert!(
        found
            .iter()
            .all(|v| v.breach == Some(Breach::Missing) && v.place == Place::Call)
    );
}

#[tokio::test]
async fn a_mistyped_parameter_is_refused_and_noted() {
    let rig = Rig::new();
    let params = json!({"chat_id": 1, "user_id": "nobody", "permissions": "no object"});
    assert_eq!(rig.call("restrictChatMember", params).await.bad().0, 400);
    let nested = json!({"chat_id": 1, "text": "x", "reply_markup":
        {"inline_keyboard": [[{"text": 5, "callback_data": "a"}]]}});
    let words = rig.call("sendMessage", nested).await.words();
    assert_eq!(words, "Bad Request: object expected as reply markup");
    let found = rig.sim.call_violations();
    let paths: Vec<&str> = found.iter().map(|v| v.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "user_id",
            "permissions",
            "reply_markup.inline_keyboard[0][0].text"
        ]
    );
    assert!(found.iter().all(|v| v.breach == Some(Breach::Mistyped)));
}

#[tokio::test]
async fn an_unknown_parameter_is_noted_and_tolerated() {
    let rig = Rig::new();
    rig.call("getMe", json!({"colour": "red"})).await.good();
    let found = rig.sim.violations();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].path.as_str(), found[0].breach.as_ref()),
        ("colour", Some(&Breach::Unknown))
    );
}

#[tokio::test]
async fn a_method_without_room_is_noted_as_not_carried_out() {
    let rig = Rig::new();
    let (code, _) = rig.call("getMyStarBalance", json!({})).await.bad();
    assert_eq!(code, 400);
    assert_eq!(rig.sim.violations()[0].place, Place::NotCarriedOut);
}

#[tokio::test]
async fn a_bad_answer_of_its_own_is_noted() {
    let rig = Rig::new();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let info = json!({"slow_mode_delay": "long", "colour": "red", "location": {"address": "here"}});
    rig.sim.set_chat(chat, &json!({"info": info}));
    rig.call("getChat", json!({"chat_id": chat})).await.good();
    let mut found: Vec<(String, Option<Breach>)> = rig
        .sim
        .violations()
        .into_iter()
        .inspect(|v| assert_eq!((v.place, v.name.as_str()), (Place::Answer, "getChat")))
        .map(|v| (v.path, v.breach))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        found,
        [
            ("colour".to_owned(), Some(Breach::Unknown)),
            ("location.location".to_owned(), Some(Breach::Missing)),
            ("slow_mode_delay".to_owned(), Some(Breach::Mistyped)),
        ]
    );
}

#[tokio::test]
async fn checks_of_its_own_answers_can_be_switched_off() {
    let rig = Rig::with(|options| options.check_answers = false);
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    rig.sim.set_chat(chat, &json!({"info": {"colour": "red"}}));
    rig.call("getChat", json!({"chat_id": chat})).await.good();
    rig.clean();
}

#[tokio::test]
async fn a_bad_update_of_its_own_is_noted() {
    let rig = Rig::new();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    // What a test posts is its own affair; what the simulator builds from it is not.
    let message = rig
        .sim
        .post(chat, user, json!({"text": "x", "colour": "red"}));
    rig.clean();
    rig.sim.press(chat, message, user, "a");
    let found = rig.sim.violations();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place, Place::Update);
    assert_eq!(found[0].path, "callback_query.message.colour");
}

#[test]
fn unions_are_told_apart_by_their_discriminator() {
    let user = json!({"id": 1, "is_bot": false, "first_name": "Ida"});
    let left = json!({"status": "left", "user": user});
    assert_eq!(problems("ChatMember", &left), []);
    let restricted = json!({"status": "restricted", "user": user});
    let missing = problems("ChatMember", &restricted);
    assert!(
        missing
            .iter()
            .any(|(path, breach)| path == "until_date" && *breach == Breach::Missing)
    );
    assert!(!problems("ChatMember", &json!({"status": "sleeping", "user": user})).is_empty());
    assert_eq!(
        problems("[Integer]", &json!([1, "2"])),
        [("[1]".to_owned(), Breach::Mistyped)]
    );
}

/// Recordings of other projects write `null` for what is not there.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, inner| !inner.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Real updates, where they are at hand, have the types of the table.
#[test]
fn recorded_updates_fit_the_table() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(folder) = root
        .ancestors()
        .map(|p| p.join("shared/data/updates"))
        .find(|p| p.is_dir())
    else {
        println!("no recorded updates here: skipped");
        return;
    };
    let (mut fit, mut all) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        without_nulls(&mut value);
        all += 1;
        // Old recordings lack newer fields, and some libraries write `is_premium: false`.
        let wrong: Vec<_> = problems("Update", &value)
            .into_iter()
            .filter(|(at, breach)| *breach == Breach::Mistyped && !at.ends_with("is_premium"))
            .collect();
        if wrong.is_empty() {
            fit += 1;
        } else {
            println!("{}: {wrong:?}", path.display());
        }
    }
    println!("{fit} of {all} recorded updates have the types of the table");
    assert!(all > 0 && fit * 100 >= all * 95, "{fit} of {all}");
}

/// The table in the source is what the script makes of the two descriptions, where they are at hand.
#[test]
fn the_table_is_made_by_its_script() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(folder) = root
        .ancestors()
        .map(|p| p.join("shared/data/botapi"))
        .find(|p| p.is_dir())
    else {
        println!("no descriptions of the Bot API here: skipped");
        return;
    };
    let out = tempfile::NamedTempFile::new().unwrap();
    let made = std::process::Command::new("python3")
        .arg(root.join("tests/tools/make_botapi_table.py"))
        .arg(folder.join("aiogram-butcher-schema-10.3.json"))
        .arg(folder.join("paulsonoflars-api-10.1.json"))
        .arg(out.path())
        .status();
    let Ok(status) = made else {
        println!("no python3 here: skipped");
        return;
    };
    assert!(status.success());
    let fresh = std::fs::read_to_string(out.path()).unwrap();
    let kept = std::fs::read_to_string(root.join("src/telegram/simulator/botapi.tsv")).unwrap();
    assert!(fresh == kept, "make the table anew");
}
