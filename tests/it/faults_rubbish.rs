//! Rubbish of every shape goes through intake and lanes: nothing stops, nothing stays behind, and the next
//! ordinary message is judged.
use std::sync::Arc;

use beadle::base::random::{Random as _, SeededRandom};
use beadle::telegram::intake::RawUpdate;
use beadle::telegram::simulator::Fault;
use serde_json::{Map, Value, json};

use crate::support::house::{SPAM, house, is_removed, judged, simulator, value, within};
use crate::support::{Probe, app, message, raw, until};

/// Makes updates that Telegram would not.
struct Rubbish(SeededRandom);

impl Rubbish {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn number(&mut self) -> i64 {
        match self.below(8) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => 0,
            3 => -1,
            4 => 1 << 52,
            5 => -(1 << 52),
            6 => i64::from(i32::MAX) + 1,
            _ => i64::try_from(self.below(1 << 40)).unwrap() - (1 << 39),
        }
    }

    fn text(&mut self) -> String {
        let words = [
            "/help",
            "/why",
            "@beadle_sim_bot",
            "\u{202e}evil",
            "t.me/+x",
            "\0",
            "😀",
            "а\u{300}",
            "",
            "https://",
            "why:1",
            "\u{feff}",
            "null",
            "'; DROP TABLE inbox; --",
            "𝕗𝕣𝕖𝕖",
        ];
        let n = self.below(6) + 1;
        (0..n).map(|_| self.pick(&words).to_owned() + " ").collect()
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 1),
            2 => json!(self.number()),
            3 => json!(1e308),
            4 => json!(self.text()),
            5 => json!(u64::MAX),
            6 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let mut object = Map::new();
                for _ in 0..self.below(8) {
                    let key = self.key();
                    object.insert(key, self.value(depth - 1));
                }
                Value::Object(object)
            }
        }
    }

    fn key(&mut self) -> String {
        const KEYS: [&str; 46] = [
            "message",
            "edited_message",
            "channel_post",
            "callback_query",
            "chat_member",
            "my_chat_member",
            "chat_join_request",
            "message_reaction",
            "poll",
            "inline_query",
            "chat",
            "from",
            "user",
            "id",
            "type",
            "title",
            "text",
            "caption",
            "entities",
            "offset",
            "length",
            "url",
            "date",
            "edit_date",
            "message_id",
            "sender_chat",
            "is_automatic_forward",
            "media_group_id",
            "reply_to_message",
            "external_reply",
            "quote",
            "forward_origin",
            "new_chat_members",
            "migrate_to_chat_id",
            "migrate_from_chat_id",
            "old_chat_member",
            "new_chat_member",
            "status",
            "data",
            "reply_markup",
            "inline_keyboard",
            "photo",
            "file_id",
            "is_topic_message",
            "message_thread_id",
            "something_new",
        ];
        self.pick(&KEYS).to_owned()
    }

    /// Shaped like a message, with fields of the wrong kind here and there.
    fn nearly(&mut self) -> Value {
        let chat = -1_000 - i64::try_from(self.below(20)).unwrap();
        let mut message = json!({
            "message_id": self.below(10_000), "date": 1_790_000_000, "text": self.text(),
            "chat": { "id": chat, "type": "supergroup", "title": "The green" },
            "from": { "id": self.below(50) + 1, "is_bot": false, "first_name": "Ann" },
            "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }],
        });
        for _ in 0..self.below(4) {
            let key = self.key();
            message[key] = self.value(4);
        }
        message
    }

    fn update(&mut self, id: i64) -> String {
        let kinds = [
            "message",
            "edited_message",
            "channel_post",
            "edited_channel_post",
            "callback_query",
            "chat_member",
            "my_chat_member",
            "chat_join_request",
            "message_reaction",
            "poll",
            "some_new_kind",
        ];
        let kind = self.pick(&kinds);
        let mut update = json!({ "update_id": id });
        match self.below(10) {
            0..4 => update[kind] = self.nearly(),
            4..7 => update[kind] = self.value(6),
            7 => {
                for _ in 0..3 {
                    let kind = self.pick(&kinds);
                    update[kind] = self.nearly();
                }
            }
            8 => {
                let deep = usize::try_from(self.below(3_000)).unwrap() + 100;
                let (open, close) = ("{\"chat\":[".repeat(deep), "]}".repeat(deep));
                return format!("{{\"update_id\":{id},\"{kind}\":{open}1{close}}}");
            }
            _ => {}
        }
        update.to_string()
    }
}

/// Ids that jump about, as after weeks of silence, and now and then one that was there before.
fn id(rubbish: &mut Rubbish, i: i64) -> i64 {
    match rubbish.below(200) {
        0 => rubbish.number(),
        1 => i - 1,
        _ => 10_000 + i,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_updates_of_rubbish_are_all_handled() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = app(dir.path(), probe.clone()).await;
    let mut rubbish = Rubbish(SeededRandom::new(7));
    let mut fresh = 0;
    for chunk in 0..50_i64 {
        let batch: Vec<RawUpdate> = (0..100)
            .map(|i| {
                let id = id(&mut rubbish, chunk * 100 + i);
                RawUpdate::parse(rubbish.update(id)).unwrap()
            })
            .collect();
        fresh += app.intake.accept(batch).await.unwrap().fresh;
    }
    assert!(fresh > 4_900, "{fresh}");
    for _ in 0..6_000 {
        let waiting: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state = 0").await;
        if waiting == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let open: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state <> 1").await;
    let fault: Option<String> = value(
        &app,
        "SELECT (SELECT group_concat(kind || ' ' || coalesce(error, 'waits') || ' ' || substr(raw, 1, 500)) FROM inbox
             WHERE state <> 1)",
    )
    .await;
    assert_eq!(open, 0, "{fault:?}");
    until("at rest", || {
        app.lanes.busy() == 0 && app.lanes.depth() == 0
    })
    .await;
    let after = raw(message(20_000_000, -77, 5, 1, SPAM));
    app.intake.accept(vec![after]).await.unwrap();
    assert_eq!(judged(&app, -77, 1).await.band, "spam");
    let broken: String = value(&app, "PRAGMA integrity_check").await;
    assert_eq!(broken, "ok");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_from_telegram_is_confirmed_and_does_not_come_again() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    // Something that is no JSON at all, too.
    sim.fail_next(Some("getUpdates"), None, Fault::NotJson);
    let mut rubbish = Rubbish(SeededRandom::new(11));
    for i in 0..300 {
        let mut update: Value = serde_json::from_str(&loop {
            let text = rubbish.update(1);
            if text.len() < 4_000 && !text.contains(":[{\"chat\":[{") {
                break text;
            }
        })
        .unwrap();
        update.as_object_mut().unwrap().remove("update_id");
        sim.push_raw(5_000 + i, update);
    }
    within(20, "fetched", || sim.pending_updates() == 0).await;
    let calls = sim.calls_of("getUpdates").len();
    assert!(calls < 40, "{calls} polls: the same came again and again");
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    within(20, "removed", || is_removed(&sim, group, spam)).await;
    assert_eq!(
        judged(&app, group, sim.say(group, ann, "good morning"))
            .await
            .band,
        "clear"
    );
    app.stop().await;
}

#[test]
fn deep_and_odd_updates_are_still_updates() {
    let deep = format!(
        "{{\"message\":{}{},\"update_id\":5}}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    assert_eq!(RawUpdate::parse(deep).unwrap().id, 5);
    let twice = r#"{"update_id": 9, "message": {"text": "\ud800"}}"#;
    assert_eq!(RawUpdate::parse(twice.into()).unwrap().id, 9);
    for bad in [
        "[5]",
        "5",
        "null",
        "{\"update_id\":\"5\"}",
        "{\"update_id\":1.5}",
        "{\"update_id\":9223372036854775808}",
    ] {
        assert!(RawUpdate::parse(bad.into()).is_err(), "{bad}");
    }
}
