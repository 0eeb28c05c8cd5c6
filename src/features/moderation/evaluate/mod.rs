//! Measures the classifier honestly: on texts, on whole parts and on whole sources that it has not seen, plain and disguised.
mod cold;
mod metrics;
mod sets;

use serde::Serialize;

pub use cold::{Cold, cold_start};
pub use metrics::{Measures, Scored};
pub use sets::{Set, Text, read};

use super::classifier::SpamModel;
use super::disguise::Disguise;
use super::fit::{Example, Fitted, Hyper, calibrate, fit};
use super::grams::Grams;
use crate::base::fold::fold;
use crate::base::random::{Random as _, SeededRandom};

/// Folds of a cross-validation.
pub const FOLDS: usize = 5;
/// Seed of the disguises: the same text wears the same in every run.
const WARDROBE: u64 = 7;

/// A line of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Version of this form.
    pub v: u32,
    /// `folds`, `part_left_out`, `set_left_out`, `train_test` or `all`.
    pub test: &'static str,
    /// The set tested.
    pub set: String,
    /// `fold`: trained on what is not tested; `shipped`: the model in the binary, which may have seen the texts.
    pub model: &'static str,
    /// What the tested spam wears.
    pub disguise: Disguise,
    /// Runs with different seeds.
    pub seeds: u64,
    /// Standard deviation of F1 over them.
    pub f1_deviation: f64,
    /// Means.
    #[serde(flatten)]
    pub measures: Measures,
}

/// A model fitted to some texts whose margins are log-odds at the texts' own proportions.
pub struct Judge {
    model: Fitted,
    slope: f32,
    offset: f32,
}

impl Judge {
    /// Trains on texts. Spam and ordinary texts weigh the same in sum; the margin is calibrated by folds.
    pub fn train(texts: &[&Text], hyper: &Hyper) -> Self {
        let count = |spam| texts.iter().filter(|t| t.spam == spam).count().max(1);
        let counts = [count(false), count(true)];
        let examples: Vec<Example> = texts
            .iter()
            .map(|t| {
                let weight = metrics::ratio(texts.len(), 2 * counts[usize::from(t.spam)]);
                #[expect(clippy::cast_possible_truncation, reason = "near 1")]
                let weight = weight as f32;
                Example::new(&Grams::of(&t.folded), t.spam, weight)
            })
            .collect();
        let mut held_out = Vec::new();
        for fold in 0..hyper.folds {
            let inside: Vec<&Example> = examples
                .iter()
                .enumerate()
                .filter_map(|(i, e)| (i % hyper.folds != fold).then_some(e))
                .collect();
            let model = fit(&inside, hyper);
            for e in examples.iter().skip(fold).step_by(hyper.folds.max(1)) {
                held_out.push((model.margin(&e.buckets), e.spam, 1.0));
            }
        }
        let (slope, offset) = calibrate(&held_out);
        Self {
            model: fit(&examples.iter().collect::<Vec<_>>(), hyper),
            slope,
            offset,
        }
    }

    /// Log-odds of a text.
    pub fn score(&self, grams: &Grams) -> f32 {
        let example = Example::new(grams, false, 1.0);
        self.model.margin(&example.buckets) * self.slope + self.offset
    }
}

/// The text as tested: spam in its disguise, ordinary texts as they are.
fn worn(text: &Text, disguise: Disguise) -> Grams {
    if disguise == Disguise::None || !text.spam {
        return Grams::of(&text.folded);
    }
    let random = SeededRandom::new(WARDROBE ^ text.raw.len() as u64);
    Grams::of(&fold(&disguise.wear(&text.raw, &random)))
}

type Tested = Vec<(Disguise, Vec<Scored>)>;

fn test(tested: &mut Tested, texts: &[&Text], score: impl Fn(&Grams) -> f32) {
    for (disguise, scored) in tested {
        scored.extend(texts.iter().map(|t| (score(&worn(t, *disguise)), t.spam)));
    }
}

fn rows(
    (name, set, model): (&'static str, &str, &'static str),
    disguises: &[Disguise],
    runs: &[Tested],
) -> Vec<Row> {
    let row = |(at, disguise): (usize, &Disguise)| {
        let all: Vec<Measures> = runs.iter().map(|run| Measures::of(&run[at].1)).collect();
        let (measures, f1_deviation) = Measures::mean(&all)?;
        Some(Row {
            v: 1,
            test: name,
            set: set.to_owned(),
            model,
            disguise: *disguise,
            seeds: runs.len() as u64,
            f1_deviation,
            measures,
        })
    };
    disguises.iter().enumerate().filter_map(row).collect()
}

fn empty(disguises: &[Disguise]) -> Tested {
    disguises.iter().map(|d| (*d, Vec::new())).collect()
}

/// Folds by seed, spam and ordinary texts spread alike.
fn folds(texts: &[&Text], seed: u64) -> Vec<usize> {
    let random = SeededRandom::new(seed);
    let mut fold = vec![0; texts.len()];
    for spam in [true, false] {
        let mut order: Vec<usize> = (0..texts.len())
            .filter(|i| texts[*i].spam == spam)
            .collect();
        for at in (1..order.len()).rev() {
            let other = random.below(at as u64 + 1);
            order.swap(at, usize::try_from(other).unwrap_or(0));
        }
        for (place, i) in order.into_iter().enumerate() {
            fold[i] = place % FOLDS;
        }
    }
    fold
}

/// Cross-validation within a set, each text once, for each seed.
pub fn cross_validate(set: &Set, hyper: &Hyper, seeds: &[u64], disguises: &[Disguise]) -> Vec<Row> {
    let texts = set.deduplicated();
    let mut runs = Vec::new();
    for seed in seeds {
        let fold = folds(&texts, *seed);
        let hyper = Hyper {
            seed: *seed,
            ..*hyper
        };
        let mut tested = empty(disguises);
        for held in 0..FOLDS {
            let side = |out: bool| -> Vec<&Text> {
                let is = |i: &usize| (fold[*i] == held) == out;
                (0..texts.len()).filter(is).map(|i| texts[i]).collect()
            };
            let judge = Judge::train(&side(false), &hyper);
            test(&mut tested, &side(true), |g| judge.score(g));
        }
        runs.push(tested);
    }
    rows(("folds", &set.name, "fold"), disguises, &runs)
}

/// Each part of a set tested by a model trained on its other parts; all texts, as they were collected.
pub fn leave_one_part_out(
    set: &Set,
    hyper: &Hyper,
    seeds: &[u64],
    disguises: &[Disguise],
) -> Vec<Row> {
    let parts = set.whole_parts();
    if parts.len() < 2 {
        return Vec::new();
    }
    let mut runs = Vec::new();
    for seed in seeds {
        let hyper = Hyper {
            seed: *seed,
            ..*hyper
        };
        let mut tested = empty(disguises);
        for part in &parts {
            let side = |out: bool| -> Vec<&Text> {
                let is = |t: &&Text| (t.part == *part) == out;
                set.texts.iter().filter(is).collect()
            };
            let judge = Judge::train(&side(false), &hyper);
            test(&mut tested, &side(true), |g| judge.score(g));
        }
        runs.push(tested);
    }
    rows(("part_left_out", &set.name, "fold"), disguises, &runs)
}

/// Each set tested by a model trained on the other sets.
pub fn leave_one_set_out(
    sets: &[Set],
    hyper: &Hyper,
    seeds: &[u64],
    disguises: &[Disguise],
) -> Vec<Row> {
    let mut out = Vec::new();
    if sets.len() < 2 {
        return out;
    }
    for (at, set) in sets.iter().enumerate() {
        let others = sets.iter().enumerate().filter(|(i, _)| *i != at);
        let train: Vec<&Text> = others.flat_map(|(_, s)| s.deduplicated()).collect();
        let runs = trained_and_tested(&train, &set.deduplicated(), hyper, seeds, disguises);
        out.extend(rows(("set_left_out", &set.name, "fold"), disguises, &runs));
    }
    out
}

/// One set trained on, another tested.
pub fn train_test(
    train: &[Set],
    tested: &Set,
    hyper: &Hyper,
    seeds: &[u64],
    disguises: &[Disguise],
) -> Vec<Row> {
    let train: Vec<&Text> = train.iter().flat_map(Set::deduplicated).collect();
    let runs = trained_and_tested(&train, &tested.deduplicated(), hyper, seeds, disguises);
    rows(("train_test", &tested.name, "fold"), disguises, &runs)
}

fn trained_and_tested(
    train: &[&Text],
    texts: &[&Text],
    hyper: &Hyper,
    seeds: &[u64],
    disguises: &[Disguise],
) -> Vec<Tested> {
    let run = |seed: &u64| {
        let hyper = Hyper {
            seed: *seed,
            ..*hyper
        };
        let judge = Judge::train(train, &hyper);
        let mut tested = empty(disguises);
        test(&mut tested, texts, |g| judge.score(g));
        tested
    };
    seeds.iter().map(run).collect()
}

/// The model in the binary on a set that it may have learned from.
pub fn shipped(set: &Set, disguises: &[Disguise]) -> Vec<Row> {
    let mut tested = empty(disguises);
    test(&mut tested, &set.deduplicated(), |g| {
        SpamModel::shipped().score_grams(g)
    });
    rows(("all", &set.name, "shipped"), disguises, &[tested])
}

/// Settings to choose from.
const COSTS: [f32; 3] = [3.0, 10.0, 30.0];
const CONTRASTS: [f64; 3] = [0.2, 0.3, 0.5];
const SMOOTHINGS: [f64; 2] = [0.5, 1.0];

/// Mean F1 of each candidate over folds inside the training folds of all sets, or over parts left out inside
/// the training parts where a set has three and more: no tested text is ever read.
pub fn choose(sets: &[Set], seed: u64) -> Vec<(Hyper, f64)> {
    let insides: Vec<Vec<(Set, bool)>> = sets.iter().map(|s| insides(s, seed)).collect();
    let mut found = Vec::new();
    let grid = COSTS
        .iter()
        .flat_map(|cost| CONTRASTS.iter().map(move |contrast| (*cost, *contrast)));
    for (cost, contrast) in grid {
        for smoothing in SMOOTHINGS {
            let hyper = Hyper {
                cost,
                contrast,
                smoothing,
                ..Hyper::default()
            };
            let plain = [Disguise::None];
            let mean =
                |all: &[f64]| all.iter().sum::<f64>() / metrics::ratio(all.len(), 1).max(1.0);
            let of_set = |inside: &Vec<(Set, bool)>| {
                let f1: Vec<f64> = inside
                    .iter()
                    .flat_map(|(inner, by_part)| match by_part {
                        true => leave_one_part_out(inner, &hyper, &[seed], &plain),
                        false => cross_validate(inner, &hyper, &[seed], &plain),
                    })
                    .map(|r| r.measures.f1)
                    .collect();
                mean(&f1)
            };
            let all: Vec<f64> = insides.iter().map(of_set).collect();
            found.push((hyper, mean(&all)));
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// What is left of a set when each fold, or each part, is held out; and whether by parts.
fn insides(set: &Set, seed: u64) -> Vec<(Set, bool)> {
    let parts = set.whole_parts();
    let left = |texts: Vec<Text>| Set {
        name: set.name.clone(),
        parts: set.parts.clone(),
        texts,
    };
    if parts.len() >= 3 {
        let without = |part: &usize| {
            let others = set.texts.iter().filter(|t| t.part != *part);
            (left(others.cloned().collect()), true)
        };
        return parts.iter().map(without).collect();
    }
    let texts = set.deduplicated();
    let fold = folds(&texts, seed);
    let without = |held| {
        let inside = (0..texts.len()).filter(|i| fold[*i] != held);
        (left(inside.map(|i| texts[i].clone()).collect()), false)
    };
    (0..FOLDS).map(without).collect()
}
