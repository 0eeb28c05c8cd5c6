//! Ban lists: a list named by the operator becomes a sign about accounts, and never more than that.
use std::path::Path;

use beadle::app::{App, Ground};
use beadle::community::settings;
use beadle::features::moderation::lists::ids::Ids;
use beadle::features::moderation::lists::read::{Limits, Unfit, read};
use beadle::features::moderation::lists::settings::SETTINGS;
use beadle::telegram::simulator::Simulator;
use serde_json::{Value, json};

use crate::support::house::{SPAM, house_settings, is_removed, judged, simulator, value};

/// An appliance with this list, and what is in use at its start looked at.
pub(crate) async fn with_list(sim: &Simulator, dir: &Path, source: &str) -> App {
    let mut settings = house_settings(sim, dir, "act");
    settings.lists.sources = vec![source.to_owned()];
    let ground = Ground::real(&settings);
    App::start(settings, ground).await.unwrap()
}

/// What is known of the lists, once the first has been looked at.
pub(crate) async fn looked_at(app: &App) -> Value {
    for _ in 0..2_000 {
        let kept: String = value(
            app,
            "SELECT coalesce((SELECT value FROM meta WHERE key = 'ban_lists'), '[]')",
        )
        .await;
        let book: Value = serde_json::from_str(&kept).unwrap();
        if book[0]["tried_at"].is_i64() {
            return book[0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("no list was looked at within 10 s");
}

async fn choose(app: &App, chat: i64, path: &str, value: Value) {
    let table = settings::Table::new(&[SETTINGS]);
    let (setting, value) = table.check(path, &value).unwrap();
    let values = vec![(setting.path, Some(value))];
    app.store
        .write(move |tx| settings::put(tx, chat, &values, 1))
        .await
        .unwrap();
    app.community.refresh(chat).await.unwrap();
}

fn has(found: &beadle::features::moderation::KeptVerdict, code: &str) -> bool {
    found.reasons.iter().any(|r| r.code == code)
}

#[tokio::test]
async fn who_is_listed_is_judged_with_that_and_keeps_ordinary_messages() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    let (ann, eve) = (sim.user("Ann"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("unwanted.csv");
    std::fs::write(&list, format!("id,offenses\n{eve},3\n12345,1\n")).unwrap();
    let app = with_list(&sim, dir.path(), list.to_str().unwrap()).await;
    assert_eq!(looked_at(&app).await["ids"], 2);

    let hello = sim.say(
        group,
        eve,
        "Good morning, does anybody know a good tailor here?",
    );
    let found = judged(&app, group, hello).await;
    assert!(has(&found, "listed"), "{found:?}");
    assert_eq!(found.band, "clear");
    assert!(!is_removed(&sim, group, hello));
    let other = judged(&app, group, sim.say(group, ann, "The one by the bridge.")).await;
    assert!(!has(&other, "listed"));

    // The facts say so, and can be read without the list.
    let facts: String = value(&app, "SELECT facts FROM spam_results ORDER BY id LIMIT 1").await;
    let facts: Value = serde_json::from_str(&facts).unwrap();
    assert_eq!(facts["listed"], true);

    choose(&app, group, "lists.on", json!(false)).await;
    let unheeded = judged(&app, group, sim.say(group, eve, "Thanks, I will go there.")).await;
    assert!(!has(&unheeded, "listed"), "the group wants no lists");
    choose(&app, group, "lists.on", json!(true)).await;
    let spam = judged(&app, group, sim.say(group, eve, SPAM)).await;
    assert!(has(&spam, "listed") && spam.removes(), "{spam:?}");
    app.stop().await;
}

#[test]
fn lists_are_read_as_they_come_and_nothing_else_is() {
    let limits = Limits::default();
    let good = |text: &str| read(text.as_bytes(), limits).unwrap();
    assert_eq!(good("7\n8\n7\n").len(), 2);
    assert_eq!(
        good("\u{feff}\"user_id\",\"when\"\r\n\"7\",x\r\n8;y\r\n# a note\r\n\r\n9\tz").len(),
        3
    );
    assert!(good("4503599627370495\n").contains(4_503_599_627_370_495));
    let bad = |text: &str| read(text.as_bytes(), limits).unwrap_err();
    assert_eq!(bad("<!DOCTYPE html>\n<html>"), Unfit::Page);
    assert_eq!(bad(&format!("<html>{}", "x".repeat(9_000))), Unfit::Page);
    assert_eq!(bad(&"7".repeat(9_000)), Unfit::Long);
    assert_eq!(bad(""), Unfit::Empty);
    assert_eq!(bad("id,offenses\n"), Unfit::Empty);
    assert!(matches!(
        bad("alpha\nbeta\n7\n"),
        Unfit::Letters {
            without: 2,
            lines: 3
        }
    ));
    assert!(matches!(
        bad("0\n-100123\n9007199254740993\n"),
        Unfit::Letters { .. }
    ));
    assert!(matches!(
        bad("{\"error\":\n \"no\"}"),
        Unfit::Letters { .. }
    ));
    let few = Limits {
        bytes: 10,
        ids: 2,
        ..limits
    };
    assert_eq!(read(b"1\n2\n3\n", few).unwrap_err(), Unfit::Many(2));
    assert_eq!(read(b"1000000000\n", few).unwrap_err(), Unfit::Large(10));
    // Bytes of no language, cut anywhere.
    assert!(read(&[0xff; 3_000], limits).is_err());
}

#[test]
fn a_million_ids_take_four_megabytes_and_come_back_from_disk() {
    let all: Vec<u64> = (0..1_000_000u64).map(|n| 90_000_000 + n * 7_919).collect();
    let ids = Ids::of(all.iter().rev().chain(&all[..10]).copied().collect());
    assert_eq!(ids.len(), all.len());
    assert!(ids.bytes() < 4_300_000, "{}", ids.bytes());
    for id in all.iter().step_by(1_009) {
        let id = i64::try_from(*id).unwrap();
        assert!(ids.contains(id) && !ids.contains(id + 1) && !ids.contains(-id));
    }
    let kept = ids.to_bytes();
    assert_eq!(Ids::from_bytes(&kept), Some(ids));
    for cut in [0, 10, 44, kept.len() / 2, kept.len() - 1] {
        assert_eq!(Ids::from_bytes(&kept[..cut]), None, "cut at {cut}");
    }
    let mut turned = kept;
    turned[1_000] ^= 1;
    assert_eq!(Ids::from_bytes(&turned), None);
}
