//! Standing of members: evidence moves it, time wears it away, an undo takes it back.
use beadle::base::clock::{Clock as _, Millis, SystemClock};
use beadle::community::reputation::{
    self, BOUND, CLEAR_CAP, Evidence, Reputation, Repute as _, Seen, Standing, UNDONE_EXTRA,
    standing,
};
use proptest::prelude::*;

use crate::support::house::{house, judged, simulator};

const DAY: Millis = 86_400_000;

fn evidence() -> impl Strategy<Value = Evidence> {
    proptest::sample::select(vec![
        Evidence::Clear,
        Evidence::Removed,
        Evidence::ConfirmedSpam,
        Evidence::Warned,
        Evidence::Undone,
        Evidence::Vouched,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_stays_within_bounds_and_wears_towards_nothing(
        steps in proptest::collection::vec((evidence(), -5 * DAY..50 * DAY), 0..60),
    ) {
        let (mut r, mut now) = (Reputation::default(), 1_790_000_000_000);
        for (evidence, span) in steps {
            now += span;
            let before = r.now(now);
            let (after, delta) = r.after(evidence, now);
            prop_assert!(after.value.abs() <= BOUND && after.value.is_finite());
            prop_assert!((after.value - before - delta).abs() < 1e-9);
            let good = matches!(evidence, Evidence::Clear | Evidence::Undone | Evidence::Vouched);
            let right_way = if good { delta >= 0.0 } else { delta <= 0.0 };
            prop_assert!(right_way, "{:?} moved by {}", evidence, delta);
            r = after;
        }
        let mut last = r.value.abs();
        for days in [1, 30, 90, 400, 4_000] {
            let worth = r.now(r.at + days * DAY).abs();
            prop_assert!(worth <= last);
            last = worth;
        }
        prop_assert!(last < 1e-9);
    }

    #[test]
    fn talk_alone_lifts_to_the_cap_and_no_further(messages in 1_usize..3_000) {
        let mut r = Reputation::default();
        for i in 0..messages {
            r = r.after(Evidence::Clear, i as Millis).0;
        }
        prop_assert!(r.value > 0.0 && r.value <= CLEAR_CAP);
        // One confirmed piece of spam outweighs all of it.
        prop_assert!(r.after(Evidence::ConfirmedSpam, messages as Millis).0.value < 0.0);
    }
}

#[test]
fn half_lives_are_what_they_say() {
    let at = |value| Reputation { value, at: 0 };
    assert!((at(4.0).now(30 * DAY) - 2.0).abs() < 1e-9);
    assert!((at(-4.0).now(90 * DAY) + 2.0).abs() < 1e-9);
    assert!((at(4.0).now(-DAY) - 4.0).abs() < 1e-9, "a clock set back");
}

#[test]
fn standing_follows_what_was_seen() {
    let now = 100 * DAY;
    let seen = |messages, days: Millis, reputation| Seen {
        messages,
        first_seen: now - days * DAY,
        reputation,
        admin: false,
    };
    for (who, expected) in [
        (seen(4, 30, 0.0), Standing::Newcomer),
        (seen(400, 0, 0.0), Standing::Newcomer),
        (seen(5, 1, 0.0), Standing::Member),
        (seen(49, 30, 1.0), Standing::Member),
        (seen(50, 7, 0.0), Standing::Regular),
        (seen(500, 60, -0.5), Standing::Member),
        (seen(500, 60, -1.5), Standing::Newcomer),
    ] {
        assert_eq!(standing(who, now), expected, "{who:?}");
    }
    let never = Seen {
        first_seen: 0,
        ..seen(0, 0, 0.0)
    };
    assert_eq!(standing(never, now), Standing::Newcomer);
    let admin = Seen {
        admin: true,
        ..seen(0, 0, -9.0)
    };
    assert_eq!(standing(admin, now), Standing::Admin);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_takes_back_what_a_verdict_did_once_and_a_little_more() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, ann, "hello there")).await;
    let then = SystemClock.now();
    app.store
        .write(move |tx| {
            tx.repute(group, ann, Evidence::Vouched, None, then)?;
            tx.repute(group, ann, Evidence::Removed, Some(1), then)?;
            tx.repute(group, ann, Evidence::Warned, Some(1), then)
        })
        .await
        .unwrap();
    let later = then + 40 * DAY;
    let read = move |conn: &rusqlite::Connection| {
        Ok((
            reputation::member(conn, group, ann)?,
            reputation::user(conn, ann)?,
            reputation::explain(conn, group, ann, 10)?,
        ))
    };
    let (before, ..) = app.store.read(read).await.unwrap();
    assert!((before.value - 0.5).abs() < 1e-9, "{before:?}");
    for expected in [true, false] {
        let undone = app.store.write(move |tx| tx.pardon(1, later)).await;
        assert_eq!(undone.unwrap(), expected);
    }
    let (after, everywhere, rows) = app.store.read(read).await.unwrap();
    // What was bad wears off by its own half-life.
    let back = 2.5 * (-40.0_f64 / 90.0).exp2();
    let expected = 0.5 * (-40.0_f64 / 30.0).exp2() + back + UNDONE_EXTRA;
    assert!(
        (after.value - expected).abs() < 1e-9,
        "{after:?}, not {expected}"
    );
    assert!(everywhere.value > 0.0);
    let words: Vec<&str> = rows.iter().map(|r| r.evidence.as_str()).collect();
    assert_eq!(words, ["undone", "warned", "removed", "vouched"]);
    assert!(rows[1].undone_at.is_some() && rows[3].undone_at.is_none());
    app.stop().await;
}
