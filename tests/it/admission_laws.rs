//! Laws of the machine of admission, for any findings in any order.
use beadle::base::clock::Millis;
use beadle::community::admission::{
    Act, Door, Finding, Input, LONGEST_HOLD, Machine, Outcome, State, Then,
};
use proptest::prelude::*;

const NOW: Millis = 1_790_000_000_000;

fn findings() -> impl Strategy<Value = Finding> {
    prop_oneof![
        3 => Just(Finding::Pass),
        1 => Just(Finding::Noted("odd")),
        2 => Just(Finding::Vouched),
        2 => (-10_i64..90_000_000, any::<bool>()).prop_map(|(span, admit)| Finding::Hold {
            until: NOW + span,
            then: if admit { Then::Admit } else { Then::Refuse },
        }),
        1 => Just(Finding::Refuse { reason: "test", out_for: None }),
        1 => Just(Finding::Failed),
    ]
}

fn inputs() -> impl Strategy<Value = Input> {
    prop_oneof![
        8 => (0_usize..4, findings()).prop_map(|(step, finding)| Input::Found(step, finding)),
        2 => (0_i64..200_000_000).prop_map(|span| Input::Time(NOW + span)),
        1 => Just(Input::Cut),
        1 => Just(Input::Left),
    ]
}

fn doors() -> impl Strategy<Value = Door> {
    prop_oneof![Just(Door::Join), Just(Door::Request), Just(Door::Query)]
}

fn count(acts: &[Act], which: impl Fn(&Act) -> bool) -> usize {
    acts.iter().filter(|act| which(act)).count()
}

/// A step's number comes from the machine, not from what arrives: as the job does it.
fn drive(machine: &mut Machine, input: &Input, now: Millis) -> Vec<Act> {
    machine.take(input, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_answer_at_most_and_no_mute_is_left_behind(
        door in doors(),
        steps in 0_usize..4,
        inputs in proptest::collection::vec(inputs(), 0..40),
    ) {
        let (mut machine, mut acts) = Machine::begin(door, steps);
        let mut now = NOW;
        for input in &inputs {
            now += 1_000;
            let before = machine.clone();
            let next = drive(&mut machine, input, now);
            if matches!(before.state, State::Over(_)) {
                prop_assert!(next.is_empty() && machine == before, "{input:?} after the end: {next:?}");
            }
            // The same again changes nothing but a hold that is prolonged, or waits for its time.
            if machine != before {
                let mut copy = machine.clone();
                let repeated = drive(&mut copy, input, now);
                let answers = count(&repeated, |a| matches!(a, Act::Approve | Act::Decline | Act::PutOut(..)));
                let moved = copy.state != machine.state;
                let same_step = matches!(input, Input::Found(..));
                prop_assert!(!moved || !same_step || matches!(machine.state, State::At(_) | State::Held { .. }), "{answers}");
            }
            if let State::Held { until, .. } = machine.state {
                prop_assert!(until <= now.max(NOW) + LONGEST_HOLD);
                let wakes = machine != before && matches!(input, Input::Found(..));
                prop_assert!(!wakes || next.contains(&Act::Wake(until)), "nobody wakes: {next:?}");
            }
            acts.extend(next);
        }
        let answers = count(&acts, |a| matches!(a, Act::Approve | Act::Decline | Act::PutOut(..)));
        prop_assert!(answers <= 1, "{acts:?}");
        prop_assert!(count(&acts, |a| *a == Act::Queue) <= 1, "{acts:?}");
        let mutes = count(&acts, |a| matches!(a, Act::Mute(_)));
        let unmutes = count(&acts, |a| matches!(a, Act::Unmute(_)));
        let inside = door == Door::Join;
        prop_assert!(inside || mutes + unmutes == 0);
        match machine.state {
            // Who is put out by the very step that held them is not unmuted first; all others are free.
            State::Over(Outcome::Admitted) => prop_assert_eq!(mutes, unmutes),
            State::Over(Outcome::LeftToAdmins) => prop_assert!(!inside && !machine.vouched),
            State::Over(Outcome::Refused) => {
                prop_assert_eq!(answers, 1);
                let last = acts.iter().rev().find_map(|act| match act {
                    Act::Mute(step) => Some((*step, true)),
                    Act::Unmute(step) => Some((*step, false)),
                    _ => None,
                });
                let by = acts.iter().find_map(|act| match act {
                    Act::PutOut(step, _) => Some(*step),
                    _ => None,
                });
                // What is not lifted falls with the ban of the same step.
                prop_assert!(last.is_none_or(|(step, muted)| !muted || by == Some(step)), "{acts:?}");
            }
            State::Over(Outcome::Gone) => prop_assert!(inputs.contains(&Input::Left)),
            State::Held { .. } if inside => prop_assert_eq!(mutes, unmutes + 1),
            _ => prop_assert_eq!(mutes, unmutes),
        }
        if answers == 1 && machine.state == State::Over(Outcome::Admitted) {
            prop_assert!(machine.vouched && !inside, "let in without anybody speaking for them");
        }
    }

    #[test]
    fn checks_that_fail_harm_nobody(door in doors(), steps in 0_usize..4) {
        let (mut machine, mut acts) = Machine::begin(door, steps);
        for step in 0..steps {
            acts.extend(machine.take(&Input::Found(step, Finding::Failed), NOW));
        }
        let harm = count(&acts, |a| matches!(a, Act::Mute(_) | Act::Decline | Act::PutOut(..)));
        prop_assert_eq!(harm, 0);
        let over = match door {
            Door::Join => Outcome::Admitted,
            Door::Request | Door::Query => Outcome::LeftToAdmins,
        };
        prop_assert_eq!(machine.state, State::Over(over));
    }
}

#[test]
fn a_query_never_waits_longer_than_telegram_does() {
    let (mut machine, acts) = Machine::begin(Door::Query, 2);
    assert_eq!(acts, [Act::Examine(0)]);
    assert_eq!(machine.take(&Input::Cut, NOW), [Act::Queue]);
    // The steps go on; what they find is done to an ordinary request.
    assert_eq!(
        machine.take(&Input::Found(0, Finding::Vouched), NOW),
        [Act::Examine(1)]
    );
    assert_eq!(
        machine.take(&Input::Found(1, Finding::Pass), NOW),
        [Act::Approve]
    );
}
