//! A basic group becomes a supergroup: settings and members move once, whatever is told first.
use std::time::Duration;

use beadle::app::App;
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::config::Mode;
use beadle::telegram::api::CallError;
use beadle::telegram::link::LinkState;
use beadle::telegram::sender::{Effect, Method, Refusal, Send as _, Verdict, classify};
use beadle::telegram::simulator::Fault;
use serde_json::{Value, json};

use crate::support::house::{SPAM, answer, house, is_removed, judged, simulator, value};
use crate::support::{Probe, app, raw, until};

const OLD: i64 = -4001;
const NEW: i64 = -1_004_001;

fn update(id: i64, chat: i64, message: i64, user: i64, more: Value) -> String {
    let kind = if chat == OLD { "group" } else { "supergroup" };
    let mut update = json!({ "update_id": id, "message": {
        "message_id": message, "date": 1_790_000_000,
        "chat": { "id": chat, "type": kind, "title": "The green" },
        "from": { "id": user, "is_bot": false, "first_name": "Ann" },
    }});
    for (name, field) in more.as_object().unwrap() {
        update["message"][name] = field.clone();
    }
    update.to_string()
}

async fn groups(app: &App) -> Vec<(i64, String, String, Option<i64>, i64)> {
    app.store
        .read(|conn| {
            let mut find = conn.prepare(
                "SELECT id, kind, mode, migrated_to, (SELECT coalesce(sum(messages), 0) FROM members WHERE chat = id)
                 FROM groups ORDER BY id DESC",
            )?;
            let rows = find
                .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
        .await
        .unwrap()
}

/// Feeds the updates one after another, each handled before the next.
async fn feed(app: &App, probe: &Probe, updates: &[String]) {
    for update in updates {
        let before = probe.tries.lock().unwrap().len();
        app.intake.accept(vec![raw(update.clone())]).await.unwrap();
        until("handled", || probe.tries.lock().unwrap().len() > before).await;
        until("at rest", || app.lanes.busy() == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_orders_of_the_news_move_settings_and_members_once() {
    let to = || update(20, OLD, 9, 1, json!({ "migrate_to_chat_id": NEW }));
    let from = || update(21, NEW, 1, 1, json!({ "migrate_from_chat_id": OLD }));
    let early = || update(22, NEW, 2, 1, json!({ "text": "is this the same group?" }));
    for (what, news) in [
        ("to, from", vec![to(), from(), early()]),
        ("from, to", vec![from(), to(), early()]),
        ("a message before both", vec![early(), from(), to()]),
        ("a message between", vec![from(), early(), to()]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let probe = std::sync::Arc::new(Probe::default());
        let app = app(dir.path(), probe.clone()).await;
        let talk: Vec<String> = (0..5)
            .map(|i| update(i, OLD, i, 1 + i % 2, json!({ "text": "ordinary talk" })))
            .collect();
        feed(&app, &probe, &talk).await;
        assert!(app.community.set_mode(OLD, Mode::Observe).await.unwrap());
        feed(&app, &probe, &news).await;
        let found = groups(&app).await;
        assert_eq!(
            found,
            [
                (OLD, "group".into(), "observe".into(), Some(NEW), 0),
                // Five before, one after; the service messages are nobody's talk.
                (NEW, "supergroup".into(), "observe".into(), None, 6),
            ],
            "{what}"
        );
        let of_ann: i64 = value(
            &app,
            "SELECT messages FROM members WHERE chat = -1004001 AND user = 1",
        )
        .await;
        let of_bob: i64 = value(
            &app,
            "SELECT messages FROM members WHERE chat = -1004001 AND user = 2",
        )
        .await;
        assert!(of_ann == 4 && of_bob == 2, "{what}: {of_ann}, {of_bob}");
        // The mode holds for what comes next, also in memory.
        let next = raw(update(30, NEW, 30, 77, json!({ "text": "good morning" })));
        let events = next.event.iter();
        let view = app.community.view(events, SystemClock.now()).await.unwrap();
        assert_eq!(view.groups[&NEW].mode, Mode::Observe, "{what}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_report_moves_the_group_when_no_news_came() {
    let sim = simulator();
    let (group, ann) = (sim.group("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    app.community.set_mode(group, Mode::Observe).await.unwrap();
    // Polls break down, so that the group's own news stays with Telegram.
    sim.fail_always(Some("getUpdates"), None, Fault::Status502);
    // The poll under way still brings this; the next one fails.
    judged(&app, group, sim.say(group, ann, "the last one")).await;
    until("cut off", || app.link.state() != LinkState::Up).await;
    let new = sim.migrate(group).unwrap();
    let asked = json!({ "update_id": 1, "message": {
        "message_id": 7_777, "date": 1_790_000_000, "text": "/help",
        "chat": { "id": group, "type": "group", "title": "The green" },
        "from": { "id": ann, "is_bot": false, "first_name": "Ann" },
        "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }],
    }});
    app.intake
        .accept(vec![raw(asked.to_string())])
        .await
        .unwrap();
    until("answered in the supergroup", || {
        !sim.bot_messages(new).is_empty()
    })
    .await;
    for _ in 0..200 {
        if groups(&app).await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let found = groups(&app).await;
    let moved = found.iter().find(|g| g.0 == new).unwrap();
    assert_eq!(
        (moved.1.as_str(), moved.2.as_str()),
        ("supergroup", "observe")
    );
    assert_eq!(moved.4, 3, "{found:?}");
    // Now the news comes as well, and changes nothing.
    sim.clear_faults();
    judged(&app, new, sim.say(new, ann, "here we are")).await;
    let modes: Vec<String> = groups(&app).await.into_iter().map(|g| g.2).collect();
    assert_eq!(modes, ["observe", "observe"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basic_group_is_moderated_told_how_to_upgrade_and_then_goes_on() {
    let sim = simulator();
    let (group, ann, eve) = (sim.group("The green"), sim.user("Ann"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let started = sim.say(group, ann, "/start");
    until("told", || answer(&sim, group, started).is_some()).await;
    let told = answer(&sim, group, started).unwrap();
    assert!(
        told.contains("basic group") && told.contains("supergroup"),
        "{told}"
    );
    sim.set_user(ann, &json!({ "language_code": "ru" }));
    let again = sim.say(group, ann, "/start");
    until("told in Russian", || answer(&sim, group, again).is_some()).await;
    assert!(answer(&sim, group, again).unwrap().contains("супергруппу"));
    let spam = sim.say(group, eve, SPAM);
    until("removed", || is_removed(&sim, group, spam)).await;
    let new = sim.migrate(group).unwrap();
    sim.add_bot_admin(new);
    let spam = sim.say(new, sim.user("Mal"), SPAM);
    until("removed there too", || is_removed(&sim, new, spam)).await;
    let dead: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state = 2").await;
    assert_eq!(dead, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_supergroups_only_fails_once_and_is_understood() {
    let sim = simulator();
    let (group, ann) = (sim.group("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    let mute = Effect::restrict(group, ann, json!({ "can_send_messages": false }), None);
    app.store
        .write(move |tx| tx.send(&mute, SystemClock.now(), None).map(|_| ()))
        .await
        .unwrap();
    until("refused", || !sim.calls_of("restrictChatMember").is_empty()).await;
    let call = sim.calls_of("restrictChatMember").remove(0);
    let (code, text) = call.outcome.unwrap_err();
    let error = CallError::Api {
        code,
        text,
        retry_after: None,
        migrate_to: None,
    };
    let meaning = classify(Method::RestrictChatMember, &error);
    assert_eq!(meaning, Verdict::Refused(Refusal::BasicGroup), "{error}");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(sim.calls_of("restrictChatMember").len(), 1);
    // The group is not taken for lost by that.
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    until("removed", || is_removed(&sim, group, spam)).await;
    app.stop().await;
}

/// Tables that know a chat, and what becomes of their rows when the chat has another id.
const MOVES: [&str; 24] = [
    "gate_holds",
    "gate_prompts",
    "shared_bans",
    "freezes",
    "vouched",
    "captchas",
    "house_items",
    "invite_links",
    "raids",
    "allowances",
    "settings_versions",
    "admissions",
    "cards",
    "chat_held",
    "chat_measures",
    "grants",
    "group_channel_links",
    "kept_bans",
    "learned_groups",
    "learned_samples",
    "members",
    "protected_groups",
    "reputation",
    "restrictions",
];
/// Messages keep the numbers of their chat, calls and jobs are carried out under the new id by whoever does them,
/// the audit and events tell what was; `held` begins anew; `treatments` move, their messages do not.
const STAYS: [&str; 13] = [
    "reports",
    "catch_marks",
    "reposts",
    "audit",
    "events",
    "held",
    "jobs",
    "media_assets",
    "message_edits",
    "messages",
    "outbox",
    "router_results",
    "schedules",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_table_that_knows_a_chat_moves_or_has_a_reason_to_stay() {
    let dir = tempfile::tempdir().unwrap();
    let app = app(dir.path(), std::sync::Arc::new(Probe::default())).await;
    let known: Vec<String> = app
        .store
        .read(|conn| {
            let mut find = conn.prepare(
                "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name IN ('chat', 'group_id', 'tenant') ORDER BY 1",
            )?;
            let rows = find.query_map([], |r| r.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    let mut named: Vec<&str> = MOVES.into_iter().chain(STAYS).collect();
    named.extend(["spam_results", "treatments"]);
    named.sort_unstable();
    assert_eq!(known, named, "say of a new table what becomes of it");
    // Times of now: rows as old as time itself would be swept by the jobs that run beside this.
    let now = SystemClock.now();
    app.store
        .write(move |tx| {
            tx.execute_batch(&format!(
                "INSERT INTO groups (id, kind, created_at, updated_at) VALUES (-4001, 'group', {now}, {now});
                 INSERT INTO members (chat, user, reputation, reputation_at, first_seen, last_seen)
                     VALUES (-4001, 7, 5.0, {now}, {now}, {now});
                 INSERT INTO reputation (chat, user, evidence, delta, at) VALUES (-4001, 7, 'x', 5.0, {now});
                 INSERT INTO admissions (id, chat, user, door, started_at)
                     VALUES (randomblob(16), -4001, 7, 'join', {now});
                 INSERT INTO kept_bans (chat, hash, key_tag, created_at)
                     VALUES (-4001, randomblob(32), 1, {now});
                 INSERT INTO principals (id, kind, telegram, created_at, updated_at)
                     VALUES (zeroblob(16), 'user', 70707, {now}, {now});
                 INSERT INTO grants (principal, tenant, role, source, granted_by, created_at)
                     VALUES (zeroblob(16), 'group:-4001', 'admin', 'given', 'x', {now});",
            ))?;
            Ok(())
        })
        .await
        .unwrap();
    assert!(app.community.migrated(OLD, NEW, now).await.unwrap());
    let moved: i64 = value(
        &app,
        &format!(
            "SELECT (SELECT count(*) FROM members WHERE chat = -1004001 AND reputation_at = {now})
             + (SELECT count(*) FROM reputation WHERE chat = -1004001)
             + (SELECT count(*) FROM admissions WHERE chat = -1004001)
             + (SELECT count(*) FROM kept_bans WHERE chat = -1004001)
             + (SELECT count(*) FROM grants WHERE tenant = 'group:-1004001')"
        ),
    )
    .await;
    assert_eq!(moved, 5);
    app.stop().await;
}
