//! Beadle leaves: nobody stays muted for its sake, and what could not be undone is said.
use std::path::Path;

use beadle::app::Ground;
use beadle::app::retire::{Farewell, Retirement, retire};
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::community::arbiter::{
    ArbitrateChat as _, ChatImposer, ChatOrder, Imposer, Measure, Permissions,
};
use beadle::telegram::simulator::{Fault, Simulator, Status};

use crate::arbiter::{HOUR, impose, is_muted, order};
use crate::support::house::{house, house_settings, judged, simulator, within};

struct Scene {
    group: i64,
    eve: i64,
    bob: i64,
    own: Vec<&'static str>,
}

/// A group in the night, with Eve held by the gate and Bob banned by a moderator; Beadle has stopped.
async fn scene(sim: &Simulator, dir: &Path) -> Scene {
    let (group, eve, bob) = (
        sim.supergroup("The green"),
        sim.user("Eve"),
        sim.user("Bob"),
    );
    sim.add_bot_admin(group);
    let app = house(sim, dir).await;
    sim.join(group, eve);
    sim.join(group, bob);
    judged(&app, group, sim.say(group, eve, "hello")).await;
    let own = sim.permissions(group);
    impose(&app, order(group, eve, Imposer::Gate, Measure::Mute, None)).await;
    let by = Imposer::Moderator(sim.owner(group));
    impose(&app, order(group, bob, by, Measure::Ban, None)).await;
    let now = SystemClock.now();
    let night = ChatOrder {
        chat: group,
        by: ChatImposer::Night,
        leaves: Permissions::NONE,
        until: now + HOUR,
        own: Permissions::of(&own),
    };
    app.store
        .write(move |tx| tx.change_chat(&night, now, None))
        .await
        .unwrap();
    within(10, "all of it", || {
        is_muted(sim, group, eve)
            && sim.member(group, bob).status == Status::Kicked
            && sim.permissions(group).is_empty()
    })
    .await;
    app.stop().await;
    Scene {
        group,
        eve,
        bob,
        own,
    }
}

async fn retired(sim: &Simulator, dir: &Path, dry: bool, people: bool) -> Vec<Farewell> {
    let settings = house_settings(sim, dir, "act");
    let ground = Ground::real(&settings);
    let what = Retirement {
        group: None,
        people,
        dry,
        folder: dir.to_owned(),
    };
    let (farewells, troubles) = retire(&settings, &ground, &what).await.unwrap();
    assert_eq!(troubles, Vec::<String>::new());
    farewells
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_as_before_and_what_people_decided_stands() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let s = scene(&sim, dir.path()).await;
    let calls = sim.calls().len();
    assert_eq!(
        retired(&sim, dir.path(), true, false).await[0].chat,
        s.group
    );
    assert_eq!(sim.calls().len(), calls, "a rehearsal calls nobody");

    let farewell = &retired(&sim, dir.path(), false, false).await[0];
    assert!(farewell.left && farewell.undone.is_empty(), "{farewell:?}");
    assert_eq!(farewell.kept, [s.bob]);
    assert_eq!((farewell.freed, farewell.permissions), (1, Some(true)));
    assert_eq!(sim.permissions(s.group), s.own);
    assert_eq!(sim.member(s.group, s.eve).status, Status::Member);
    assert_eq!(sim.member(s.group, s.bob).status, Status::Kicked);
    assert_eq!(sim.calls_of("deleteWebhook").len(), 1);
    let path = farewell.export.as_ref().unwrap();
    let rows = std::fs::read_to_string(path).unwrap();
    for table in [
        "groups",
        "members",
        "messages",
        "restrictions",
        "chat_measures",
    ] {
        let found = rows
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .any(|line| line["v"] == 1 && line["table"] == table && line["row"].is_object());
        assert!(found, "{table} is not in the export");
    }
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(sim.call_violations(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_undone_is_said() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let s = scene(&sim, dir.path()).await;
    let no = "Bad Request: not enough rights to restrict/unrestrict chat member";
    sim.fail_always(Some("restrictChatMember"), None, Fault::error(400, no));
    let farewell = &retired(&sim, dir.path(), false, true).await[0];
    assert_eq!(farewell.undone.len(), 1, "{farewell:?}");
    assert!(farewell.undone[0].contains(&s.eve.to_string()));
    assert!(farewell.undone[0].contains("not enough rights"));
    assert_eq!(farewell.kept, Vec::<i64>::new());
    assert!(sim.member(s.group, s.bob).status != Status::Kicked);
    assert!(farewell.left);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_happens_while_beadle_runs() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let settings = house_settings(&sim, dir.path(), "act");
    let what = Retirement {
        group: None,
        people: false,
        dry: false,
        folder: dir.path().to_owned(),
    };
    let e = retire(&settings, &Ground::real(&settings), &what)
        .await
        .unwrap_err();
    assert!(e.to_string().contains("Stop that one first"), "{e}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verb_says_what_it_would_do_and_does_it_when_told_to() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let scene = scene(&sim, dir.path()).await;
    let vars = [
        ("TELEGRAM_BOT_TOKEN", sim.token().to_owned()),
        ("BEADLE_TELEGRAM_API_URL", sim.url()),
        ("BEADLE_DATA_DIR", dir.path().display().to_string()),
    ];
    let retire = |args: &'static [&'static str]| {
        let vars = vars.clone();
        tokio::task::spawn_blocking(move || crate::cli::command(args).envs(vars).output().unwrap())
    };
    let dry = retire(&["retire"]).await.unwrap();
    assert!(dry.status.success(), "{dry:?}");
    assert!(String::from_utf8_lossy(&dry.stdout).contains("would be left"));
    assert!(is_muted(&sim, scene.group, scene.eve), "nothing was done");
    let done = retire(&["retire", "--yes", "--json"]).await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let first: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(first["v"], 1, "{said}");
    assert!(!is_muted(&sim, scene.group, scene.eve));
    assert_eq!(sim.permissions(scene.group), scene.own);
    assert_eq!(sim.member(scene.group, scene.bob).status, Status::Kicked);
}
