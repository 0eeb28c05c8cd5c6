//! Reputation in a verdict: what was caught counts, what was taken back does not, and nobody writes their way out.
use beadle::community::reputation::{CLEAR_CAP, Evidence, Reputation};
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::facts::{Facts, Input};
use beadle::features::moderation::rules::{Verdict, judge};
use beadle::features::moderation::signals::find;

use crate::verdict::{ACT, DAY, has, says, why};

const WORDS: &str =
    "Does the workshop on Saturday still take people, and is there a place to park?";

fn judged(reputation: f32, messages: u32, seconds: u64) -> Verdict {
    let input = Input {
        reputation,
        messages_seen: messages,
        seconds_since_first_seen: seconds,
        ..says(WORDS)
    };
    judge(&Facts::gather(&input, SpamModel::shipped()), &ACT)
}

#[test]
fn a_regular_who_was_caught_is_one_no_more() {
    let good = judged(0.5, 500, 90 * DAY);
    assert!(
        has(&good, "regular") && !has(&good, "newcomer"),
        "{}",
        why(&good)
    );
    let warned = judged(-0.5, 500, 90 * DAY);
    assert!(
        !has(&warned, "regular") && has(&warned, "distrusted"),
        "{}",
        why(&warned)
    );
    assert!(!has(&warned, "newcomer"), "{}", why(&warned));
    let caught = judged(-3.0, 500, 90 * DAY);
    assert!(
        has(&caught, "newcomer") && has(&caught, "distrusted"),
        "{}",
        why(&caught)
    );
    assert!(good.score < warned.score && warned.score < caught.score);
    assert!(
        caught.score < 0.5,
        "an account alone is never spam: {}",
        why(&caught)
    );
}

#[test]
fn what_was_taken_back_counts_no_more() {
    let now = 1_000_000;
    let (caught, delta) = Reputation::default().after(Evidence::ConfirmedSpam, now);
    let (cleared, _) = caught.moved(Reputation::taken_back(delta, now, now), now);
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    let verdict = judged(cleared.now(now) as f32, 60, 30 * DAY);
    assert!(
        has(&verdict, "regular") && !has(&verdict, "distrusted"),
        "{}",
        why(&verdict)
    );
}

#[test]
fn writing_much_earns_no_trust_beyond_a_bound() {
    let mut reputation = Reputation::default();
    for minute in 0..100_000 {
        reputation = reputation.after(Evidence::Clear, minute * 60_000).0;
    }
    let now = 100_000 * 60_000;
    assert!(reputation.now(now) <= CLEAR_CAP);
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    let chatter = judged(reputation.now(now) as f32, 100_000, 300 * DAY);
    assert!(!has(&chatter, "vouched"), "{}", why(&chatter));
    let vouched = judged(5.0, 10, 3 * DAY);
    assert!(has(&vouched, "vouched"), "{}", why(&vouched));
    // Both are bounded, so that a campaign from such an account is still seen.
    for (code, most) in [("vouched", 1.5), ("regular", 2.5), ("distrusted", 1.2)] {
        assert!(find(code).expect(code).cap.abs() <= most + 1e-6);
    }
    assert_eq!(
        judged(10.0, 10, 3 * DAY).score,
        judged(5.0, 10, 3 * DAY).score
    );
}

#[test]
fn a_number_that_is_none_says_nothing() {
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let verdict = judged(number, 60, 30 * DAY);
        assert!(verdict.score.is_finite());
        assert!(
            !has(&verdict, "vouched") && !has(&verdict, "distrusted"),
            "{}",
            why(&verdict)
        );
    }
}
