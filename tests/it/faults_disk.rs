//! A full disk loses nothing, is told, and mends itself; a nearly full one stops keeping words only.
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use beadle::app::{App, Ground};

use crate::support::house::{
    SPAM, house_with, is_removed, judged, part, simulator, until_health, until_part, value,
    verdict_on, within,
};
use crate::support::{Probe, until};

/// The highest id that was confirmed to Telegram, less one.
fn confirmed(sim: &beadle::telegram::simulator::Simulator) -> i64 {
    let polls = sim.calls_of("getUpdates");
    polls
        .iter()
        .filter_map(|c| c.params["offset"].as_i64())
        .max()
        .unwrap_or(0)
        - 1
}

/// Waits until all that was said is kept and judged, each once and in order.
async fn all_kept(app: &App, group: i64, said: &[i64]) {
    let mut found = Vec::new();
    for _ in 0..900 {
        found = app
            .store
            .read(move |conn| {
                // The words themselves are not kept on a disk as small as this.
                let mut find = conn.prepare(
                    "SELECT message, count(*) FROM spam_results WHERE chat = ?1
                     GROUP BY message ORDER BY min(id)",
                )?;
                let rows = find.query_map([group], |r| Ok((r.get(0)?, r.get(1)?)))?;
                Ok(rows.collect::<Result<Vec<(i64, i64)>, _>>()?)
            })
            .await
            .unwrap();
        if found.len() >= said.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let each_once: Vec<(i64, i64)> = said.iter().map(|m| (*m, 1)).collect();
    assert_eq!(found, each_once, "each once, in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_confirms_nothing_it_did_not_keep_and_recovers() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    // Room for the tables and a few dozen messages.
    let tight = |ground: &mut Ground| {
        ground.store.max_pages = 190;
        ground.stages.push(probe.clone());
    };
    let app = house_with(&sim, dir.path(), "act", tight).await;
    let words = "a long story about beans ".repeat(150);
    // One is handled before the flood: a whole poll that does not fit is not kept in part.
    let mut said = vec![sim.say(group, ann, "before the flood")];
    until("handled", || probe.seen() == [(group, said[0])]).await;
    for i in 0..120 {
        said.push(sim.say(group, ann, &format!("{i} {words}")));
    }
    within(20, "told", || {
        let state = app.link.state();
        matches!(state, beadle::telegram::link::LinkState::Trouble(t) if t.contains("disk is full"))
    })
    .await;
    until_health(&app, 503).await;
    let kept: i64 = value(&app, "SELECT coalesce(max(update_id), 0) FROM inbox").await;
    assert!(confirmed(&sim) <= kept, "{} > {kept}", confirmed(&sim));
    assert!(
        sim.pending_updates() > 0,
        "Telegram still has what was not kept"
    );
    // Stops as ever, even so.
    tokio::time::timeout(Duration::from_secs(15), app.stop())
        .await
        .unwrap();

    // There is room again.
    let app = house_with(&sim, dir.path(), "act", |g| g.stages.push(probe.clone())).await;
    all_kept(&app, group, &said).await;
    until_health(&app, 200).await;
    let dead: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state = 2").await;
    assert_eq!(dead, 0, "a full disk is no update's fault");
    app.stop().await;
}

/// A small disk of its own, let go at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    /// None, with a note, where this user may not mount.
    fn new(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m,mode=0777");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(dir.path())
            .output();
        if mount.is_ok_and(|out| out.status.success()) {
            return Some(Self(dir));
        }
        println!("skipped: mounting a small disk needs root");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills all but so many bytes.
    fn fill(&self, leave: u64) {
        let stat = rustix::fs::statvfs(self.path()).unwrap();
        let free = (stat.f_bavail * stat.f_frsize).saturating_sub(leave);
        let zeros = vec![0_u8; usize::try_from(free).unwrap()];
        match std::fs::write(self.path().join("ballast"), zeros) {
            // Beadle wrote meanwhile: full is full.
            Err(e) if leave == 0 && e.kind() == std::io::ErrorKind::StorageFull => {}
            done => done.unwrap(),
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(self.path()).status();
        assert!(done.is_ok(), "the small disk stays mounted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_while_running_is_waited_for() {
    let Some(disk) = Disk::new(48) else { return };
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let probe = Arc::new(Probe::default());
    let data = disk.path().join("data");
    let app = house_with(&sim, &data, "act", |g| g.stages.push(probe.clone())).await;
    let first = sim.say(group, ann, "there is room");
    until("handled", || probe.seen() == [(group, first)]).await;

    disk.fill(0);
    let mut said = vec![first];
    // What fits into pages that are there already may still be kept; a long story does not.
    for i in 0..40 {
        said.push(sim.say(group, ann, &format!("{i} {}", "beans ".repeat(600))));
    }
    within(30, "told", || {
        let state = app.link.state();
        matches!(state, beadle::telegram::link::LinkState::Trouble(t) if t.contains("disk is full"))
    })
    .await;
    until_part(&app, "telegram", "disk is full").await;
    until_health(&app, 503).await;
    let kept: i64 = value(&app, "SELECT coalesce(max(update_id), 0) FROM inbox").await;
    assert!(confirmed(&sim) <= kept);

    disk.free();
    all_kept(&app, group, &said).await;
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    within(30, "removed", || is_removed(&sim, group, spam)).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_disk_begins_in_low_disk_mode_by_itself() {
    let Some(disk) = Disk::new(64) else { return };
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let app = house_with(&sim, disk.path(), "act", |_| {}).await;
    within(10, "noticed", || app.community.low_disk()).await;
    frugal(&sim, &app, group).await;
    let (ok, detail) = part(&app, "disk").await;
    assert!(!ok && detail.contains("MB free"), "{detail}");
    until_health(&app, 503).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_low_disk_mode_words_are_not_kept_and_spam_goes() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    // The first look at the disk is over; the next is seconds away.
    within(10, "looked", || !app.vitals.health().components.is_empty()).await;
    app.vitals.set_low_disk(true);
    frugal(&sim, &app, group).await;
    app.stop().await;
}

async fn frugal(sim: &beadle::telegram::simulator::Simulator, app: &App, group: i64) {
    let talk = sim.post(
        group,
        sim.user("Ann"),
        serde_json::json!({
            "photo": sim.media("photo", &sim.file("beans.jpg", b"beans")),
            "caption": "my beans, see https://example.org/beans",
        }),
    );
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    until("removed", || is_removed(sim, group, spam)).await;
    judged(app, group, talk).await;
    assert!(verdict_on(app, group, spam).await.unwrap().removes());
    let rows: i64 = value(app, "SELECT count(*) FROM messages WHERE user IS NOT NULL").await;
    let words: i64 = value(
        app,
        "SELECT count(*) FROM messages WHERE text IS NOT NULL OR links IS NOT NULL",
    )
    .await;
    let media: i64 = value(app, "SELECT count(*) FROM media_assets").await;
    assert!(rows >= 2);
    assert_eq!((words, media), (0, 0));
}
