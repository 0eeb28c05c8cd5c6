//! Training from a group's own history: whose words are taken, what is refused, and the way back.
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::command;
use crate::support::house::{house, judged, simulator, value};

/// An export of Telegram Desktop: a regular of ten days, somebody new, an admin who answers with /spam.
fn export(id: i64) -> Value {
    let day = 86_400;
    let mut messages =
        vec![json!({ "id": 1, "type": "service", "actor": "Olga", "action": "create_group" })];
    for n in 0..80_i64 {
        messages.push(json!({
            "id": 10 + n, "type": "message", "date_unixtime": (1_700_000_000 + n * day / 8).to_string(),
            "from": "Ann", "from_id": "user501",
            "text": ["Allotment ", { "type": "bold", "text": "number" }, format!(" {n}: the beans are up and the water is on again")],
        }));
    }
    let other = |id: i64, user: &str, text: &str| json!({ "id": id, "type": "message", "date": "2023-11-20T10:00:00", "from_id": user, "text": text });
    messages.push(other(
        200,
        "user777",
        "Somebody new, with words that are no lesson at all",
    ));
    messages.push(other(
        201,
        "user778",
        "Cheap loans for gardeners, ask me for the secret catalogue of loans",
    ));
    let mut answer = other(202, "user501", "/spam enough of these");
    answer["reply_to_message_id"] = json!(201);
    messages.push(answer);
    let mut forwarded = other(
        203,
        "user501",
        "Forwarded words are nobody's own manner of speaking",
    );
    forwarded["forwarded_from"] = json!("Somewhere");
    messages.push(forwarded);
    messages.push(other(204, "user501", "Earn $500 a day from home! No experience needed, only 2 hours daily. Write me in private: @easy_income_now"));
    json!({ "name": "The green", "type": "private_supergroup", "id": id, "messages": messages })
}

fn group(dir: &Path, args: &[&str]) -> (bool, String) {
    let all = [&["group"], args, &["--data-dir", dir.to_str().unwrap()]].concat();
    let out = command(&all).output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    (out.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn long_standing_members_teach_ordinary_talk_admins_teach_spam_and_all_of_it_goes_again() {
    let sim = simulator();
    let chat = sim.supergroup("The green");
    sim.add_bot_admin(chat);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let user = sim.user("Ann");
    judged(
        &app,
        chat,
        sim.say(chat, user, "Good morning to the gardeners"),
    )
    .await;
    let bare: i64 = chat
        .to_string()
        .strip_prefix("-100")
        .unwrap()
        .parse()
        .unwrap();
    let file = dir.path().join("result.json");
    std::fs::write(&file, export(bare).to_string()).unwrap();
    let id = chat.to_string();
    let train = [
        "train",
        "--export",
        file.to_str().unwrap(),
        "--admin",
        "501",
        "--group",
        &id,
        "--json",
    ];
    let (ok, said) = group(dir.path(), &train);
    assert!(ok, "{said}");
    let sum: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(sum["regulars"], 1, "{sum}");
    assert_eq!(sum["ordinary"], 40, "the newest of one person: {sum}");
    assert_eq!(sum["spam"], 1, "{sum}");
    assert_eq!(
        sum["doubtful"], 1,
        "an account that was taken over teaches nothing: {sum}"
    );
    assert_eq!(sum["learned"], 41, "{sum}");
    let taught: i64 = value(
        &app,
        "SELECT count(*) FROM learned_samples WHERE teacher = -1 AND label = 'ham' AND author = 501",
    )
    .await;
    assert_eq!(taught, 40);
    let spam: i64 = value(
        &app,
        "SELECT message FROM learned_samples WHERE label = 'spam'",
    )
    .await;
    assert_eq!(spam, 201);
    // Again: nothing is learned twice.
    let (_, said) = group(dir.path(), &train);
    let sum: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&sum["learned"], &sum["known"]), (&0.into(), &41.into()));
    let (ok, said) = group(dir.path(), &["untrain", "--group", &id]);
    assert!(ok && said.contains("41 lessons"), "{said}");
    let left: i64 = value(&app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(left, 0);
    app.stop().await;
    sim.stop();

    // Files that are none of this group's history, at rest.
    let refused = |content: &[u8], words: &str| {
        std::fs::write(&file, content).unwrap();
        let (ok, said) = group(dir.path(), &train);
        assert!(!ok && said.contains(words), "{words}: {said}");
    };
    refused(export(5).to_string().as_bytes(), "another group");
    refused(b"", "Export chat history");
    refused(b"{\"messages\": 7}", "Export chat history");
    refused(
        b"{\"about\": \"all my chats\", \"chats\": {\"list\": []}}",
        "holds no messages",
    );
    refused("[".repeat(1 << 16).as_bytes(), "Export chat history");
    refused(&[0xff, 0xfe, 0, 1, 2], "Export chat history");
    let cut = export(bare).to_string();
    refused(&cut.as_bytes()[..cut.len() / 2], "Export chat history");
    let huge = format!(
        "{{\"messages\": [{{\"id\": 1, \"text\": \"{}\"}}]}}",
        "a".repeat(3 << 20)
    );
    refused(huge.as_bytes(), "larger than a megabyte");
}
