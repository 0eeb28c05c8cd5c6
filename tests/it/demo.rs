//! The demo: every scene does what it promises, and the page lets a person take part.
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::cli::{beadle, command};

#[test]
fn the_tour_plays_and_every_removal_has_named_reasons() {
    let said = beadle(&["demo", "--once"]);
    for part in [
        "(talk)",
        "(plain)",
        "(homoglyph)",
        "(quoted)",
        "(button)",
        "(edited)",
        "(moderation)",
        "they are of 4 people",
        "Yes, ban all 4",
        "Somebody appeals",
        "Beadle says in the group",
        "(gate)",
        "cannot see you in @choirnews yet",
        "You can write now",
        "You may write already",
    ] {
        assert!(said.contains(part), "{part} is missing from:\n{said}");
    }
    // Scores move with the model; the words around them do not.
    let shape: String = said
        .split_inclusive('\n')
        .filter(|l| !l.contains('→'))
        .collect();
    insta::assert_snapshot!("tour", shape);
    for line in said.lines().filter(|l| l.contains("→ removed")) {
        assert!(
            line.matches("(+").count() >= 2,
            "reasons with weights: {line}"
        );
    }
    assert_eq!(said.matches("→ removed").count(), 6, "{said}");
    assert!(said.contains("6 messages removed, 5 kept."), "{said}");
}

#[test]
fn one_scene_can_be_played_and_an_unknown_one_names_the_known() {
    let said = beadle(&["demo", "--once", "--scene", "quoted"]);
    assert!(
        said.contains("(quoted)") && !said.contains("(plain)"),
        "{said}"
    );
    let out = command(&["demo", "--scene", "nothing"]).output().unwrap();
    assert!(!out.status.success());
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(err.contains("homoglyph") && err.contains("edited"), "{err}");
    assert!(beadle(&["demo", "--list"]).lines().count() >= 6);
}

/// The demo as a child; ended when dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // Ctrl-C, so that it sweeps up behind itself.
        let _gone = std::process::Command::new("kill")
            .args(["-INT", &self.0.id().to_string()])
            .status();
        let _ended = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_page_a_person_writes_sees_the_removal_and_presses_the_button() {
    let mut child = command(&["demo", "--scene", "talk", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let demo = Demo(child);
    // The reader stays until the end: what the demo prints after its address must have somewhere to go.
    let mut lines = BufReader::new(out);
    let (address, _lines) = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            if let Some(start) = line.find("http://") {
                let address = line[start..].split(' ').next().unwrap();
                return (address.to_owned(), lines);
            }
            line.clear();
        }
        panic!("the demo ended without naming its page");
    })
    .await
    .unwrap();
    let base = address.trim_end_matches("/demo").to_owned();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();

    let page = client.get(&address).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("<title>Beadle demo</title>")
    );

    let state = |since: u64| {
        let (client, url) = (client.clone(), format!("{base}/demo/state?since={since}"));
        async move {
            client
                .get(url)
                .send()
                .await
                .unwrap()
                .json::<serde_json::Value>()
                .await
                .unwrap()
        }
    };
    let act = |what: serde_json::Value| {
        let (client, url) = (client.clone(), format!("{base}/demo/act"));
        async move {
            let response = client.post(url).json(&what).send().await.unwrap();
            (
                response.status().as_u16(),
                response.json::<serde_json::Value>().await.unwrap(),
            )
        }
    };
    let first = state(0).await;
    let chat = first["chats"][0]["id"].as_i64().unwrap();
    let joined = act(serde_json::json!({ "act": "join", "chat": chat }))
        .await
        .1;
    let user = joined["user"].as_i64().unwrap();
    let spam = "Earn $500 a day from home! No experience needed, only 2 hours daily. Write me in private: @easy_income_now";
    let said = act(serde_json::json!({ "act": "say", "chat": chat, "user": user, "text": spam }))
        .await
        .1;
    let message = said["message"].as_i64().unwrap();
    let mut version = 0;
    let mut button = None;
    for _ in 0..100 {
        let now = state(version).await;
        version = now["version"].as_u64().unwrap();
        let messages = now["chats"][0]["messages"].as_array().unwrap().clone();
        let gone = messages
            .iter()
            .any(|m| m["id"] == message && m["removed"] == true && m["verdict"]["band"] == "spam");
        let note = messages.iter().find(|m| {
            let data = m["buttons"][0]["data"].as_str();
            m["bot"] == true && data.is_some_and(|d| d.starts_with("why"))
        });
        if let (true, Some(note)) = (gone, note) {
            button = Some((
                note["id"].as_i64().unwrap(),
                note["buttons"][0]["data"].as_str().unwrap().to_owned(),
            ));
            break;
        }
    }
    let (note, data) = button.expect("the message is removed and a note with a button appears");
    let (code, answer) = act(serde_json::json!({ "act": "press", "chat": chat, "message": note, "user": user, "data": data })).await;
    assert_eq!(code, 200);
    assert!(
        answer["text"].as_str().unwrap().contains("looks like spam"),
        "{answer}"
    );
    let (code, _) = act(
        serde_json::json!({ "act": "say", "chat": chat, "user": user, "text": "x".repeat(5000) }),
    )
    .await;
    assert_eq!(code, 400);
    drop(demo);
}
