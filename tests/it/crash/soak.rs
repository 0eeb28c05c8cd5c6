//! Random deaths, a few in every run of the tests and many in `make soak`.
use std::time::{Duration, Instant};

use beadle::config::Env;

use super::points::names;
use super::round::{Death, Plan, play_beside_reference};

/// Totals of many rounds.
#[derive(Default)]
struct Totals {
    updates: i64,
    kills: usize,
    unknown: i64,
    twice: usize,
    lost: usize,
    faults: Vec<String>,
}

fn rounds(seeds: impl Iterator<Item = u64>) -> Totals {
    let points = names();
    let mut totals = Totals::default();
    for seed in seeds {
        let plan = Plan::random(seed, &points);
        println!("round with seed {seed}: {plan:?}");
        let outcome = play_beside_reference(seed, &plan);
        let report = outcome.report;
        totals.updates += report.updates;
        totals.kills += outcome.kills;
        totals.unknown += report.unknown;
        totals.twice += report.twice;
        totals.lost += report.lost;
        for fault in report.faults {
            println!("  {fault}");
            totals.faults.push(format!("seed {seed}: {fault}"));
        }
    }
    totals
}

#[test]
fn random_deaths_lose_nothing_and_double_nothing() {
    let began = Instant::now();
    let totals = rounds(1..=6);
    println!("{:?}", began.elapsed());
    assert!(totals.kills >= 6 && totals.updates > 300);
    assert_eq!(totals.faults, Vec::<String>::new());
}

#[test]
fn a_clean_stop_is_quick_and_leaves_nothing_uncertain() {
    let stops = [30, 120, 250, 400, 60].map(|ms| Death::Stop(Duration::from_millis(ms)));
    let plan = Plan {
        deaths: stops.to_vec(),
        ..Plan::default()
    };
    let outcome = play_beside_reference(77, &plan);
    assert_eq!(outcome.report.faults, Vec::<String>::new());
    assert_eq!(outcome.report.unknown, 0);
}

/// `make soak`: `BEADLE_SOAK_ROUNDS` rounds.
#[test]
#[ignore = "takes many minutes: make soak"]
fn soak_random_kills() {
    let wanted = Env::from_process();
    let count = wanted
        .get("BEADLE_SOAK_ROUNDS")
        .map_or(200, |n| n.parse().expect("BEADLE_SOAK_ROUNDS is a number"));
    let first = wanted
        .get("BEADLE_SOAK_SEED")
        .map_or(10_000, |n| n.parse().expect("BEADLE_SOAK_SEED is a number"));
    let began = Instant::now();
    let totals = rounds(first..first + count);
    println!(
        "soak: {count} rounds, {} updates, {} kills, {} unknown rows, duplicates = {}, lost = {}, \
         other faults = {}, {} s",
        totals.updates,
        totals.kills,
        totals.unknown,
        totals.twice,
        totals.lost,
        totals.faults.len(),
        began.elapsed().as_secs()
    );
    assert_eq!(totals.faults, Vec::<String>::new());
}
