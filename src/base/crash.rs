//! Named crash points: places between two durable steps where a test may end the process.
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

struct Armed {
    name: String,
    visits_left: AtomicU32,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms one point for this process: `name`, or `name:N` for its N-th visit. The caller makes sure that
/// the process talks to a simulator; the first call wins.
pub fn arm(spec: &str) {
    let (name, visit) = match spec.rsplit_once(':') {
        Some((name, n)) if n.parse::<u32>().is_ok() => (name, n.parse().unwrap_or(1)),
        _ => (spec, 1),
    };
    let armed = Armed {
        name: name.to_owned(),
        visits_left: AtomicU32::new(visit.max(1)),
    };
    // A second call changes nothing: a process crashes in one place.
    let _first_wins = ARMED.set(armed);
}

/// Ends the process, as a power cut would, if this point is armed.
pub fn crash_point(name: &'static str) {
    let Some(armed) = ARMED.get() else { return };
    if armed.name == name && armed.visits_left.fetch_sub(1, Ordering::Relaxed) == 1 {
        std::process::abort();
    }
}
