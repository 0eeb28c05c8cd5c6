//! One round: a world plays its script while the program dies and comes back; then all is checked.
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use beadle::base::random::{Random as _, SeededRandom};
use beadle::telegram::simulator::Fault;

use super::child::{Child, aborted, last_words};
use super::promise::{self, Report};
use super::script;
use super::world::World;

/// How the program is brought down, and what Telegram does meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) deaths: Vec<Death>,
    pub(super) troubles: Vec<Trouble>,
    /// How long Telegram takes for what changes something: the longer, the more dies on its way.
    pub(super) slow: Duration,
}

/// One end of the process.
#[derive(Debug, Clone)]
pub(super) enum Death {
    /// SIGKILL so long after its start.
    Kill(Duration),
    /// At a crash point, `name` or `name:N`; killed if it does not get there.
    At(String),
    /// SIGTERM so long after its start: no crash, and it must not look like one.
    Stop(Duration),
    /// The same, with a crash point on the way out.
    StopAt(Duration, String),
}

/// What the simulated Telegram does to a call.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) method: &'static str,
    pub(super) fault: Fault,
}

/// Longest time until all is quiet after the last death.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a program may take to reach its crash point.
const REACH: Duration = Duration::from_secs(3);
/// A clean stop takes no longer, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);
/// Acts in a round.
pub(super) const LENGTH: usize = 50;

impl Plan {
    /// Random deaths and troubles.
    pub(super) fn random(seed: u64, points: &[String]) -> Self {
        let chance = SeededRandom::new(seed ^ 0xdead);
        let roll = |n: u64| chance.below(n);
        let deaths = (0..=roll(5))
            .map(|_| match roll(4) {
                0 if !points.is_empty() => {
                    let point = &points[usize::try_from(roll(points.len() as u64)).unwrap()];
                    Death::At(format!("{point}:{}", 1 + roll(6)))
                }
                // Most of what happens, happens early.
                1 if roll(3) == 0 => Death::Stop(Duration::from_millis(50 + roll(500))),
                _ => Death::Kill(Duration::from_millis(20 + roll(30) * roll(30))),
            })
            .collect();
        let troubles = (0..roll(4))
            .map(|_| match roll(6) {
                0 => ("sendMessage", Fault::LoseAnswer),
                1 => ("deleteMessage", Fault::LoseAnswer),
                2 => ("deleteMessages", Fault::LoseAnswer),
                3 => ("sendMessage", Fault::flood(1)),
                4 => ("getUpdates", Fault::Status502),
                _ => ("answerCallbackQuery", Fault::LoseAnswer),
            })
            .map(|(method, fault)| Trouble { method, fault })
            .collect();
        let slow = Duration::from_millis(roll(3) * (30 + roll(120)));
        Self {
            deaths,
            troubles,
            slow,
        }
    }
}

/// What came of a round.
pub(super) struct Outcome {
    pub(super) report: Report,
    pub(super) kills: usize,
    /// Of each [`Death::At`], whether the program died there.
    pub(super) reached: Vec<bool>,
}

/// Plays a round; `prepare` is called on the data directory before the first start.
pub(super) fn play(seed: u64, plan: &Plan, prepare: impl FnOnce(&World)) -> Outcome {
    let world = World::new(seed, script::write(seed, LENGTH));
    world.open();
    prepare(&world);
    for trouble in &plan.troubles {
        world
            .sim
            .fail_next(Some(trouble.method), None, trouble.fault.clone());
    }
    if !plan.slow.is_zero() {
        for method in ["sendMessage", "deleteMessage", "deleteMessages"] {
            let delay = Fault::Delay(plan.slow);
            world.sim.fail_always(Some(method), None, delay);
        }
    }
    let mut died_sending: BTreeSet<i64> = BTreeSet::new();
    let mut kills = 0;
    let mut reached = Vec::new();
    let mut doubts: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| world.play(Duration::from_millis(24)));
        for death in &plan.deaths {
            match death {
                Death::Kill(after) => {
                    let child = Child::start(&world, None);
                    std::thread::sleep(*after);
                    child.kill();
                }
                Death::At(point) => {
                    let mut child = Child::start(&world, Some(point));
                    reached.push(child.ended(REACH).is_some_and(aborted));
                    drop(child);
                }
                Death::Stop(after) => {
                    let mut child = Child::start(&world, None);
                    std::thread::sleep(*after);
                    child.started();
                    child.terminate();
                    let began = Instant::now();
                    let status = child.ended(Duration::from_secs(30));
                    if !status.is_some_and(|s| s.success()) || began.elapsed() > AT_ONCE {
                        let took = began.elapsed();
                        doubts.push(format!("a stop ended with {status:?} after {took:?}"));
                    }
                }
                Death::StopAt(after, point) => {
                    let mut child = Child::start(&world, Some(point));
                    std::thread::sleep(*after);
                    child.started();
                    child.terminate();
                    reached.push(child.ended(Duration::from_secs(30)).is_some_and(aborted));
                }
            }
            kills += 1;
            let sending = promise::in_flight(world.dir.path());
            let chats: BTreeSet<i64> = sending.iter().map(|(_, chat)| *chat).collect();
            if chats.len() != sending.len() {
                doubts.push(format!("several calls under way in one chat: {sending:?}"));
            }
            if matches!(death, Death::Stop(_)) && !sending.is_empty() {
                doubts.push(format!("calls under way after a clean stop: {sending:?}"));
            }
            // One that dies before it has looked leaves them as they are, to be seen once more.
            died_sending.extend(sending.iter().map(|(row, _)| *row));
        }
    });
    let mut report = settle(&world, died_sending.len(), plan);
    report.faults.extend(doubts);
    Outcome {
        report,
        kills,
        reached,
    }
}

/// Lets the program run until all is quiet, stops it, and checks.
fn settle(world: &World, died_sending: usize, plan: &Plan) -> Report {
    let mut child = Child::start(world, None);
    child.started();
    let deadline = Instant::now() + PATIENCE;
    let mut quiet = false;
    while !quiet && Instant::now() < deadline {
        if let Some(status) = child.ended(Duration::from_millis(50)) {
            let words = last_words(world.dir.path());
            return Report {
                faults: vec![format!("the program ended by itself: {status}\n{words}")],
                ..Report::default()
            };
        }
        quiet = promise::is_quiet(world);
    }
    let ended = child.stop(Duration::from_secs(20));
    let withheld = plan.troubles.iter().filter(|t| {
        t.method == "sendMessage" && matches!(t.fault, Fault::LoseAnswer | Fault::Status502)
    });
    let mut report = promise::check(world, died_sending, withheld.count());
    if !quiet {
        report
            .faults
            .insert(0, format!("not quiet after {PATIENCE:?}"));
    }
    if !ended.is_some_and(|status| status.success()) {
        report
            .faults
            .push(format!("a clean stop ended with {ended:?}"));
    }
    if !report.faults.is_empty() {
        report.faults.push(last_words(world.dir.path()));
    }
    report
}

/// Plays a round and, beside it, the same without deaths and troubles; all must be equal.
pub(super) fn play_beside_reference(seed: u64, plan: &Plan) -> Outcome {
    let (reference, mut outcome) = std::thread::scope(|scope| {
        let reference = scope.spawn(|| play(seed, &Plan::default(), |_| {}));
        let outcome = play(seed, plan, |_| {});
        (reference.join().unwrap(), outcome)
    });
    let report = &mut outcome.report;
    for fault in reference.report.faults {
        report.faults.push(format!("without crashes: {fault}"));
    }
    let differences = report.outcome.differences(&reference.report.outcome);
    report.faults.extend(differences);
    outcome
}
