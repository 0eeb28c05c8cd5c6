//! Forgetting reaches every table: after an erasure the id stands only where it is said to stay.
use beadle::app::App;
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::community::erasure::kept_ban;

use crate::erasure::Green;
use crate::support::house::{SPAM, house, is_removed, within};

/// Columns in which the id of somebody erased may still stand, and why.
const STAYS: &[(&str, &str)] = &[
    ("audit.actor", "who decided what"),
    ("audit.subject", "whom it was about"),
    (
        "inbox.lane",
        "the order of what came in, without what it said",
    ),
    (
        "outbox.chat",
        "the private chat that was told that it is done",
    ),
    ("outbox.params", "the same, until calls expire"),
    ("outbox.result", "the same"),
    ("learned_samples.teacher", "who decided what"),
    ("cards.decided_by", "who decided what"),
    ("treatments.by", "who decided what"),
    ("allowances.given_by", "who decided what"),
    ("settings_versions.by", "who decided what"),
];

/// Every column of every table in which the number stands, alone or in a text.
pub(crate) fn places_of(conn: &rusqlite::Connection, id: i64) -> Vec<String> {
    let mut columns = conn
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let columns: Vec<(String, String)> = columns
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE {column} = ?1
                 OR '.' || {column} || '.' GLOB '*[^0-9]' || ?1 || '[^0-9]*'"
        );
        let rows: i64 = conn.query_row(&sql, [id], |r| r.get(0)).unwrap();
        if rows > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

/// Rows about one person where talk alone does not bring them.
pub(crate) async fn every_table_knows(app: &App, group: i64, ann: i64) {
    let now = SystemClock.now();
    app.store
        .write(move |tx| {
            tx.execute_batch(&format!(
                "INSERT INTO treatments (chat, message, user, kind, reasons, created_at)
                     VALUES ({group}, 1, {ann}, 'warn', '[]', {now});
                 INSERT INTO allowances (chat, user, ability, allowed, given_by, created_at)
                     VALUES ({group}, {ann}, 'delete', 1, 'user:{ann}', {now});
                 INSERT INTO cards (kind, chat, message, user, lang, created_at)
                     VALUES ('verdict', {group}, 1, {ann}, 'en', {now});
                 INSERT INTO restrictions (chat, subject, imposer, measure, reason, imposed_at)
                     VALUES ({group}, {ann}, 'moderator', 'ban', 'spam', {now});
                 INSERT INTO reputation (chat, user, evidence, delta, at) VALUES ({group}, {ann}, 'spam', -1, {now});
                 INSERT INTO admissions (id, chat, user, door, outcome, started_at, decided_at)
                     VALUES (randomblob(16), {group}, {ann}, 'join', 'admitted', {now}, {now});
                 INSERT INTO house_items (id, chat, kind, name, body, by, created_at, updated_at)
                     VALUES (randomblob(16), {group}, 'note', 'faq', 'read it', {ann}, {now}, {now});
                 INSERT INTO objections (user, objected_at) VALUES ({ann}, {now});
                 INSERT INTO held (chat, subject, measure, told_at) VALUES ({group}, {ann}, 'ban', {now});
                 INSERT INTO learned_samples (chat, message, author, label, digest, print, grams_v, created_at)
                     VALUES ({group}, 900, {ann}, 'spam', randomblob(16), randomblob(64), 1, {now});"
            ))?;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_knows_the_id_of_somebody_erased_but_where_it_is_said_to_stay() {
    let green = Green::new();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    let (sim, group, ann) = (&green.sim, green.group, green.ann);
    // A treatment, lessons, a restriction: what spam brings about.
    let spam = sim.say(group, ann, SPAM);
    within(10, "removed", || is_removed(sim, group, spam)).await;
    every_table_knows(&app, group, ann).await;
    // And a copy of it all, which is a job and a file.
    sim.private(ann, "/privacy export");
    let sent = || {
        let all = sim.bot_messages(ann);
        all.iter().any(|m| m.value.get("document").is_some())
    };
    within(20, "a copy", sent).await;
    let places = async || {
        app.store
            .read(move |conn| Ok(places_of(conn, ann)))
            .await
            .unwrap()
    };
    let before = places().await;
    for place in [
        "users.id",
        "members.user",
        "messages.user",
        "spam_results.user",
        "treatments.user",
        "allowances.user",
        "cards.user",
        "restrictions.subject",
        "held.subject",
        "reputation.user",
        "objections.user",
        "admissions.user",
        "house_items.by",
        "learned_samples.author",
        "audit_personal.person",
        "inbox.raw",
    ] {
        assert!(
            before.iter().any(|p| p == place),
            "{place} is not in {before:?}"
        );
    }
    green.erase(&app).await;
    let left: Vec<_> = places()
        .await
        .into_iter()
        .filter(|p| !STAYS.iter().any(|(place, _)| place == p))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    let keys = app.keys.clone();
    let kept = app
        .store
        .read(move |conn| kept_ban(conn, &keys, group, ann, SystemClock.now()))
        .await;
    assert!(kept.unwrap().is_some(), "the ban is kept as a hash");
    app.stop().await;
}
