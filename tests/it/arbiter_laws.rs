//! Laws of the arbiter's rules, for any sequence of orders and lifts by any of its imposers.
use std::collections::BTreeMap;

use beadle::base::clock::Millis;
use beadle::community::arbiter::{
    Hold, Imposer, Permissions, RENEW, Standing, Tell, WHILE_IT_HOLDS, bounded, due, succeeds,
    tell, wanted,
};
use proptest::prelude::*;

const IMPOSERS: [Imposer; 7] = [
    Imposer::Moderator(1),
    Imposer::Moderator(2),
    Imposer::Moderation,
    Imposer::Ladder,
    Imposer::Gate,
    Imposer::Captcha,
    Imposer::Raid,
];

/// What happens to one person.
#[derive(Debug, Clone)]
enum Step {
    Impose(usize, Option<Permissions>, Option<Millis>),
    Lift(usize),
    Wait(Millis),
}

fn measures() -> impl Strategy<Value = Option<Permissions>> {
    prop_oneof![
        Just(None),
        Just(Some(Permissions::NONE)),
        Just(Some(Permissions::of(&["can_send_messages"]))),
        Just(Some(Permissions::of(&[
            "can_send_polls",
            "can_invite_users"
        ]))),
        Just(Some(Permissions::of(&[
            "can_send_messages",
            "can_send_polls"
        ]))),
    ]
}

fn spans() -> impl Strategy<Value = Option<Millis>> {
    prop_oneof![
        Just(None),
        (-5_000_i64..120_000).prop_map(Some),
        (60_000_i64..200_000_000).prop_map(Some),
        (200_000_000_i64..60_000_000_000).prop_map(Some),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..IMPOSERS.len(), measures(), spans()).prop_map(|(i, m, s)| Step::Impose(i, m, s)),
        3 => (0..IMPOSERS.len()).prop_map(Step::Lift),
        2 => prop_oneof![1_i64..90_000, 1_000_000_i64..90_000_000, 1_i64..40_000_000_000]
            .prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..30)
}

/// The ledger and Telegram, as the store keeps them, and an oracle that knows nothing of the rules.
struct Model {
    now: Millis,
    standing: Vec<Standing>,
    told: Option<Hold>,
    next: i64,
    calls: usize,
    /// Wanted by each imposer, as they said it.
    oracle: BTreeMap<usize, Standing>,
}

impl Model {
    /// What Telegram holds at this moment: it lifts by itself.
    fn telegram(&self) -> Option<Hold> {
        self.told
            .filter(|t| t.until.is_none_or(|until| until > self.now))
    }

    fn bring_about(&mut self) {
        match tell(self.told, wanted(&self.standing, self.now), self.now) {
            Tell::Nothing => {}
            Tell::Hold(hold) => {
                self.calls += 1;
                let left = hold.until.map(|until| until - self.now);
                assert!(
                    left.is_none_or(|l| l >= 30_000),
                    "for good by mistake: {left:?}"
                );
                assert!(
                    left.is_none_or(|l| l <= 366 * 86_400_000),
                    "too far: {left:?}"
                );
                self.told = Some(hold);
            }
            Tell::Unban => {
                assert_eq!(self.told.unwrap().leaves, None);
                self.calls += 1;
                self.told = None;
            }
            Tell::Free => {
                assert!(self.told.unwrap().leaves.is_some());
                self.calls += 1;
                self.told = None;
            }
        }
    }

    fn sweep(&mut self) {
        let now = self.now;
        self.standing.retain(|s| s.until.is_none_or(|u| u > now));
        self.oracle.retain(|_, s| s.until.is_none_or(|u| u > now));
        self.bring_about();
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Impose(i, leaves, span) => {
                let until = bounded(span.map(|s| self.now + s), self.now);
                self.sweep();
                let mut new = Standing {
                    id: self.next,
                    imposer: IMPOSERS[i],
                    leaves,
                    until,
                };
                self.next += 1;
                let at = self.standing.iter().position(|s| s.imposer == new.imposer);
                if let Some(at) = at {
                    match succeeds(&self.standing[at], leaves, until) {
                        Some((leaves, until)) => {
                            let old = self.standing[at];
                            (new.leaves, new.until) = (leaves, until);
                            if !new.imposer.is_person() {
                                // Machinery never pardons by another order.
                                let softer = match (old.leaves, new.leaves) {
                                    (None, Some(_)) => true,
                                    (Some(a), Some(b)) => !b.within(a),
                                    _ => false,
                                };
                                assert!(!softer, "{old:?} became {new:?}");
                            }
                            self.standing[at] = new;
                        }
                        None => new = self.standing[at],
                    }
                } else {
                    self.standing.push(new);
                }
                self.oracle.insert(i, new);
                self.bring_about();
            }
            Step::Lift(i) => {
                self.standing.retain(|s| s.imposer != IMPOSERS[i]);
                self.oracle.remove(&i);
                self.bring_about();
            }
            Step::Wait(span) => {
                // The keeper wakes at each moment that is due, and nowhere else.
                let end = self.now + span;
                for _ in 0..2_000 {
                    let Some(at) = due(&self.standing, self.told, self.now).filter(|at| *at <= end)
                    else {
                        break;
                    };
                    assert!(at >= self.now, "due in the past");
                    self.now = at;
                    let before = (self.calls, self.standing.len(), self.told);
                    self.sweep();
                    let after = (self.calls, self.standing.len(), self.told);
                    assert_ne!(before, after, "woken for nothing at {at}: {before:?}");
                }
                self.now = end;
                self.sweep();
            }
        }
    }

    /// Nobody loses another's measure, and nobody is held for nothing.
    fn check(&self) {
        let telegram = self.telegram();
        let active = || {
            self.oracle
                .values()
                .filter(|s| s.until.is_none_or(|u| u > self.now))
        };
        if active().next().is_none() {
            assert_eq!(telegram, None, "held for nothing");
        }
        for s in active() {
            // What has less than the margin left is not told any more.
            if s.until.is_some_and(|u| u - self.now < 31_000) {
                continue;
            }
            let held = telegram.unwrap_or_else(|| panic!("{s:?} is lost"));
            let as_strong = match (held.leaves, s.leaves) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(held), Some(wanted)) => held.within(wanted),
            };
            assert!(as_strong, "{s:?} is lost: {held:?}");
        }
        // What machinery at the door wants alone ends within a day, whatever becomes of Beadle.
        let door =
            |s: &Standing| matches!(s.imposer, Imposer::Gate | Imposer::Captcha | Imposer::Raid);
        if let Some(held) = telegram
            && self.oracle.values().all(door)
        {
            let left = held.until.map(|u| u - self.now);
            assert!(
                left.is_some_and(|l| l <= WHILE_IT_HOLDS + 60_000),
                "{left:?}"
            );
            let forever = self.oracle.values().all(|s| s.until.is_none());
            assert!(
                !forever || left.is_some_and(|l| l >= RENEW),
                "not renewed: {left:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_loses_anothers_measure_and_all_lifted_is_free(steps in steps()) {
        let mut model = Model {
            now: 1_790_000_000_000,
            standing: Vec::new(),
            told: None,
            next: 1,
            calls: 0,
            oracle: BTreeMap::new(),
        };
        for step in &steps {
            model.step(step);
            model.check();
        }
        for i in 0..IMPOSERS.len() {
            model.step(&Step::Lift(i));
            model.check();
        }
        prop_assert_eq!(model.telegram(), None);
        prop_assert!(model.standing.is_empty());
    }
}

#[test]
fn a_moderators_mute_for_good_is_for_good_and_a_short_one_is_never() {
    let now = 1_790_000_000_000;
    let mute = |until| Standing {
        id: 1,
        imposer: Imposer::Moderator(1),
        leaves: Some(Permissions::NONE),
        until,
    };
    assert_eq!(wanted(&[mute(None)], now).unwrap().until, None);
    assert_eq!(bounded(Some(now + 5_000), now), Some(now + 60_000));
    let years = wanted(&[mute(Some(now + 3 * 365 * 86_400_000))], now).unwrap();
    assert_eq!(years.until, Some(now + 365 * 86_400_000));
    assert!(years.moving);
}
