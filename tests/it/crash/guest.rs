//! This test program itself as the child that dies: the appliance with stages and workers of a test's own.
use std::process::Command;
use std::time::{Duration, Instant};

use beadle::app::{App, Ground};
use beadle::base::crash;
use beadle::config::{Env, Flags, Settings};
use tokio::signal::unix::{SignalKind, signal};

use super::child::{Child, aborted, last_words};
use super::promise::open;
use super::script::Script;
use super::world::World;

/// By this a parent tells its child what to do; without it the child's test does nothing.
const TASK: &str = "CRASH_TEST_CHILD";
/// The crash point at which the child ends.
const POINT: &str = "BEADLE_CRASH_AT";

/// What the parent wants; None when nobody does.
pub(super) fn task() -> Option<String> {
    Env::from_process().get(TASK).map(ToString::to_string)
}

/// The appliance on what the parent set, changed for the test.
pub(super) async fn appliance(change: impl FnOnce(&mut Ground)) -> App {
    let env = Env::from_process();
    if let Some(point) = env.get(POINT) {
        crash::arm(point);
    }
    let settings = Settings::load(&Flags::default(), &env).unwrap().0;
    let mut ground = Ground::real(&settings);
    change(&mut ground);
    App::start(settings, ground).await.unwrap()
}

/// The same, until SIGTERM.
pub(super) async fn serve(change: impl FnOnce(&mut Ground)) {
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let app = appliance(change).await;
    terminate.recv().await;
    app.stop().await;
}

/// Starts the ignored test `name` as a child with a task; `point` is where it ends, if anywhere.
pub(super) fn start(world: &World, name: &str, task: &str, point: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .args(["--test-threads", "1"])
        .env_clear()
        .stdin(std::process::Stdio::null())
        .env(TASK, task)
        .env("BEADLE_HTTP_LISTEN", "127.0.0.1:0");
    if let Some(point) = point {
        command.env(POINT, point);
    }
    Child::spawn(command, world)
}

/// A world in which nothing happens by itself.
pub(super) fn world(seed: u64) -> World {
    let script = Script {
        acts: Vec::new(),
        doomed: Vec::new(),
    };
    let world = World::new(seed, script);
    world.open();
    world
}

/// One number from the database; -1 while there is none to read.
pub(super) fn number(world: &World, sql: &str) -> i64 {
    let asked = open(world.dir.path()).and_then(|conn| conn.query_row(sql, [], |r| r.get(0)).ok());
    asked.unwrap_or(-1)
}

/// Waits until `child` ends by a crash (then true) or all is quiet.
pub(super) fn ends(world: &World, child: &mut Child, is_quiet: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if let Some(status) = child.ended(Duration::from_millis(50)) {
            let words = last_words(world.dir.path());
            assert!(aborted(status), "{status}\n{words}");
            return true;
        }
        if is_quiet() {
            return false;
        }
    }
    panic!("neither ended nor quiet\n{}", last_words(world.dir.path()));
}
