//! What stood against somebody who had themselves erased: a ban holds, and nothing else is left behind for good.
use beadle::app::App;
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::community::arbiter::{Imposer, Measure};
use beadle::community::erasure::ask_by_operator;
use beadle::store::DATABASE_FILE;
use beadle::telegram::simulator::{Fault, Simulator};

use crate::arbiter::{impose, is_muted, order, until_value};
use crate::support::house::{house, judged, simulator, value, within};

const HOUR: i64 = 3_600_000;
const BANS: &str = "SELECT count(*) FROM kept_bans";
const LAST: &str = "SELECT coalesce((SELECT outcome || ' ' || coalesce(reason, '') FROM admissions
                    WHERE outcome IS NOT NULL ORDER BY decided_at DESC, id DESC LIMIT 1), '')";

/// A group with two people who have spoken.
async fn green(sim: &Simulator, dir: &std::path::Path) -> (App, i64, [i64; 2]) {
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let people = [sim.user("Ann"), sim.user("Bob")];
    let app = house(sim, dir).await;
    for user in people {
        sim.join(group, user);
        judged(
            &app,
            group,
            sim.say(group, user, "Good morning to all of you!"),
        )
        .await;
    }
    (app, group, people)
}

async fn erase(app: &App, person: i64) {
    let now = SystemClock.now();
    app.store
        .write(move |tx| ask_by_operator(tx, person, now))
        .await
        .unwrap();
    until_value(app, "SELECT count(*) FROM erasures WHERE state < 2", 0).await;
}

/// The ledger knows of a ban that Telegram does not hold: the call failed, and waits.
async fn ban_in_the_ledger(sim: &Simulator, app: &App, group: i64, user: i64) {
    sim.fail_next(Some("banChatMember"), None, Fault::flood(3_600));
    let by = Imposer::Moderator(7);
    impose(app, order(group, user, by, Measure::Ban, None)).await;
    within(10, "tried", || !sim.calls_of("banChatMember").is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_banned_and_is_erased_does_not_come_in() {
    let (sim, dir) = (simulator(), tempfile::tempdir().unwrap());
    let (app, group, [ann, bob]) = green(&sim, dir.path()).await;
    ban_in_the_ledger(&sim, &app, group, ann).await;
    sim.leave(group, ann);
    sim.leave(group, bob);
    erase(&app, ann).await;
    erase(&app, bob).await;
    until_value(&app, BANS, 1).await;
    let standing: i64 = value(&app, "SELECT count(*) FROM restrictions").await;
    assert_eq!(standing, 0, "the ledger has forgotten her");
    for (who, outcome) in [(ann, "refused banned"), (bob, "left_to_admins ")] {
        sim.request_join(group, who);
        for _ in 0..1_000 {
            if value::<String>(&app, LAST).await == outcome {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(value::<String>(&app, LAST).await, outcome);
    }
    // By another way she is put out, and not for good: the hash knows her the next time too.
    sim.join(group, ann);
    let out = "SELECT count(*) FROM restrictions WHERE imposer = 'ban_list' AND measure = 'ban'
                   AND until_at IS NOT NULL";
    until_value(&app, out, 1).await;
    // An admin ends the ban: she may come in.
    sim.ban(group, ann);
    sim.unban(group, ann);
    until_value(&app, BANS, 0).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_holds_when_an_older_copy_forgets_again() {
    let (sim, dir) = (simulator(), tempfile::tempdir().unwrap());
    let (app, group, [ann, _]) = green(&sim, dir.path()).await;
    ban_in_the_ledger(&sim, &app, group, ann).await;
    app.stop().await;
    let database = dir.path().join(DATABASE_FILE);
    let older = dir.path().join("older.db");
    rusqlite::Connection::open(&database)
        .unwrap()
        .execute("VACUUM INTO ?1", [older.to_str().unwrap()])
        .unwrap();

    let app = house(&sim, dir.path()).await;
    erase(&app, ann).await;
    app.stop().await;
    for end in ["-wal", "-shm"] {
        let beside = dir.path().join(format!("{DATABASE_FILE}{end}"));
        let _may_be_absent = std::fs::remove_file(beside);
    }
    std::fs::rename(&older, &database).unwrap();
    let app = house(&sim, dir.path()).await;
    until_value(&app, BANS, 1).await;
    let hers: i64 = value(&app, "SELECT count(*) FROM users WHERE first_name = 'Ann'").await;
    assert_eq!(hers, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mute_stays_for_good_when_the_ledger_forgets_it() {
    let (sim, dir) = (simulator(), tempfile::tempdir().unwrap());
    let (app, group, [ann, bob]) = green(&sim, dir.path()).await;
    let by = Imposer::Moderator(7);
    impose(&app, order(group, ann, by, Measure::Mute, None)).await;
    impose(&app, order(group, bob, by, Measure::Mute, Some(HOUR))).await;
    within(10, "both muted", || {
        is_muted(&sim, group, ann) && is_muted(&sim, group, bob)
    })
    .await;
    erase(&app, ann).await;
    erase(&app, bob).await;
    within(20, "freed", || !is_muted(&sim, group, ann)).await;
    assert!(
        is_muted(&sim, group, bob),
        "Telegram ends it within the hour, whoever remembers"
    );
    until_value(&app, "SELECT count(*) FROM restrictions", 0).await;
    until_value(&app, "SELECT count(*) FROM held", 0).await;
    app.stop().await;
}
