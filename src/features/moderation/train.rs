//! Trains the spam classifier: the same texts and seed give the same bytes, on any machine.
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::classifier::{ModelFile, SpamModel, hex};
use super::data::{self, Sample, Source};
use super::grams::{BUCKETS, Grams, NGRAMS};
use crate::base::random::{Random as _, SeededRandom};

/// What the training is told.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Hyper {
    /// Seed of shuffling and of the written texts.
    pub seed: u64,
    /// Passes over the data.
    pub epochs: u32,
    /// Step of AdaGrad (Duchi et al. 2011).
    pub rate: f32,
    /// Strength of the pull towards 0 at each step.
    pub l2: f32,
    /// Folds of the calibration.
    pub folds: usize,
}

impl Default for Hyper {
    fn default() -> Self {
        Self {
            seed: 20_260_101,
            epochs: 10,
            rate: 0.3,
            l2: 1e-3,
            folds: 5,
        }
    }
}

/// What a training run did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Source, spam texts, ordinary texts; after duplicates are out.
    pub sources: Vec<(Source, usize, usize)>,
    /// SHA-256 of the training data.
    pub data: String,
    /// SHA-256 of the model file.
    pub model: String,
    /// Size of the model file.
    pub bytes: usize,
}

/// A text as the trainer sees it.
struct Example {
    buckets: Vec<u16>,
    spam: bool,
    weight: f32,
    source: Source,
}

/// Unquantised weights.
pub struct Weights {
    weights: Vec<f32>,
    bias: f32,
}

impl Weights {
    fn margin(&self, buckets: &[u16]) -> f32 {
        let sum: f32 = buckets.iter().map(|b| self.weights[usize::from(*b)]).sum();
        self.bias + sum * norm(buckets.len())
    }

    /// Log-odds, not calibrated, of a folded text.
    pub fn score(&self, folded: &str) -> f32 {
        self.margin(&buckets(folded))
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 65,536")]
fn norm(count: usize) -> f32 {
    if count == 0 {
        0.0
    } else {
        1.0 / (count as f32).sqrt()
    }
}

fn buckets(folded: &str) -> Vec<u16> {
    Grams::of(folded).buckets
}

/// How common each bucket is in ordinary texts: the larger part of those in Latin and in Cyrillic letters, so
/// that a group of one language is not compared with another. Bytes of a model file.
fn commonness(samples: &[Sample]) -> Vec<u8> {
    let mut counts = vec![[0_u32; 2]; BUCKETS];
    let mut texts = [0_u32; 2];
    for sample in samples.iter().filter(|s| !s.spam) {
        let cyrillic = sample
            .text
            .chars()
            .filter(|c| matches!(c, 'а'..='я'))
            .count();
        let latin = sample.text.chars().filter(char::is_ascii_lowercase).count();
        let side = usize::from(cyrillic > latin);
        texts[side] += 1;
        for bucket in buckets(&sample.text) {
            counts[usize::from(bucket)][side] += 1;
        }
    }
    let part = |count: u32, texts: u32| f64::from(count) / f64::from(texts.max(1));
    let common = counts.iter().map(|[latin, cyrillic]| {
        SpamModel::common_byte(part(*latin, texts[0]).max(part(*cyrillic, texts[1])))
    });
    common.collect()
}

/// `1 / (1 + e^-x)` from additions and multiplications only: the system's `exp` differs between systems in
/// the last bit, and the model must not.
fn sigmoid(x: f32) -> f32 {
    let x = f64::from(x.clamp(-30.0, 30.0));
    // e^-x = (e^(-x/1024))^1024, the inner one by its series; |x/1024| < 0.03, so five terms are exact.
    let y = -x / 1024.0;
    let mut e = 1.0 + y * (1.0 + y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0))));
    for _ in 0..10 {
        e *= e;
    }
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    let p = (1.0 / (1.0 + e)) as f32;
    p
}

/// How much a source counts beside the others; our own templates and Telegram's texts are nearest to use.
fn share(source: Source) -> f32 {
    match source {
        Source::Sms | Source::Youtube => 1.0,
        Source::Telegram | Source::Written => 2.0,
    }
}

/// Texts to examples. Within a source, spam and ordinary texts weigh the same in sum.
fn examples(samples: &[Sample]) -> Vec<Example> {
    let count = |source, spam| {
        samples
            .iter()
            .filter(|s| s.source == source && s.spam == spam)
            .count()
    };
    let counts: Vec<_> = Source::ALL
        .iter()
        .map(|s| (*s, count(*s, true).max(1), count(*s, false).max(1)))
        .collect();
    samples
        .iter()
        .map(|sample| {
            let (_, spam, ham) = counts
                .iter()
                .find(|c| c.0 == sample.source)
                .copied()
                .unwrap_or((sample.source, 1, 1));
            #[expect(clippy::cast_precision_loss, reason = "thousands")]
            let of = if sample.spam { spam } else { ham } as f32;
            Example {
                buckets: buckets(&sample.text),
                spam: sample.spam,
                weight: share(sample.source) * 1000.0 / of,
                source: sample.source,
            }
        })
        .collect()
}

fn fit(examples: &[&Example], hyper: &Hyper) -> Weights {
    let random = SeededRandom::new(hyper.seed);
    let mut model = Weights {
        weights: vec![0.0; BUCKETS],
        bias: 0.0,
    };
    let mut squares = vec![1e-3_f32; BUCKETS];
    let mut bias_square = 1e-3_f32;
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..hyper.epochs {
        for at in (1..order.len()).rev() {
            order.swap(
                at,
                usize::try_from(random.below(at as u64 + 1)).unwrap_or(0),
            );
        }
        for example in order.iter().map(|at| examples[*at]) {
            let target = if example.spam { 1.0 } else { 0.0 };
            let error = (sigmoid(model.margin(&example.buckets)) - target) * example.weight;
            let step = error * norm(example.buckets.len());
            for bucket in &example.buckets {
                let at = usize::from(*bucket);
                let gradient = step + hyper.l2 * model.weights[at];
                squares[at] += gradient * gradient;
                model.weights[at] -= hyper.rate * gradient / squares[at].sqrt();
            }
            bias_square += error * error;
            model.bias -= hyper.rate * error / bias_square.sqrt();
        }
    }
    model
}

/// Trains on `samples` alone, without calibration: for measurements.
pub fn weights(samples: &[Sample], hyper: &Hyper) -> Weights {
    let examples = examples(samples);
    fit(&examples.iter().collect::<Vec<_>>(), hyper)
}

/// The fold of the sample at `index`; by index, so that neighbours of one collection are spread.
pub fn fold_of(index: usize, folds: usize) -> usize {
    index % folds.max(1)
}

/// Slope and offset that turn margins of held-out texts into log-odds (Platt 1999), by Newton's method on
/// the collected texts; templates are too alike to be held out honestly.
fn calibrate(examples: &[Example], hyper: &Hyper) -> (f32, f32) {
    let mut held_out = Vec::new();
    for fold in 0..hyper.folds {
        let inside: Vec<_> = examples
            .iter()
            .enumerate()
            .filter_map(|(i, e)| (fold_of(i, hyper.folds) != fold).then_some(e))
            .collect();
        let model = fit(&inside, hyper);
        for (i, e) in examples.iter().enumerate() {
            if fold_of(i, hyper.folds) == fold && e.source != Source::Written {
                held_out.push((model.margin(&e.buckets), e.spam, e.weight));
            }
        }
    }
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..30 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-6, 0.0, 1e-6);
        for (margin, spam, weight) in &held_out {
            let (x, weight) = (f64::from(*margin), f64::from(*weight));
            #[expect(clippy::cast_possible_truncation, reason = "a margin of a few units")]
            let p = f64::from(sigmoid((slope * x + offset) as f32));
            let error = (p - if *spam { 1.0 } else { 0.0 }) * weight;
            let curve = (p * (1.0 - p)).max(1e-6) * weight;
            g0 += error * x;
            g1 += error;
            h00 += curve * x * x;
            h01 += curve * x;
            h11 += curve;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 0.0 {
            break;
        }
        slope -= (g0 * h11 - g1 * h01) / determinant;
        offset -= (g1 * h00 - g0 * h01) / determinant;
    }
    if slope.is_finite() && offset.is_finite() && slope > 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a slope near 1")]
        return (slope as f32, offset as f32);
    }
    (1.0, 0.0)
}

/// Trains, calibrates, quantises: the bytes of a model file.
pub fn train(samples: &[Sample], hyper: &Hyper) -> Vec<u8> {
    let examples = examples(samples);
    let (slope, offset) = calibrate(&examples, hyper);
    let model = fit(&examples.iter().collect::<Vec<_>>(), hyper);
    let largest = model
        .weights
        .iter()
        .fold(0.0_f32, |m, w| m.max(w.abs()))
        .max(1e-9);
    let step = largest / 127.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within ±127 by the choice of the step"
    )]
    let quantised: Vec<i8> = model
        .weights
        .iter()
        .map(|w| (w / step).round() as i8)
        .collect();
    let params = serde_json::json!({
        "hyper": hyper, "ngrams": [NGRAMS.0, NGRAMS.1], "buckets": BUCKETS, "samples": samples.len(),
    });
    SpamModel::encode(&ModelFile {
        weights: &quantised,
        common: &commonness(samples),
        scale: step * slope,
        bias: model.bias * slope + offset,
        data: &data::digest(samples),
        params: &params.to_string(),
    })
}

/// Reads the data under `data_dir`, trains with the default parameters and writes the model to `out`.
///
/// # Errors
/// A file that cannot be read or written, by its path.
pub fn run(data_dir: &Path, out: &Path) -> anyhow::Result<Summary> {
    let hyper = Hyper::default();
    let samples = data::load(data_dir, hyper.seed)?;
    let model = train(&samples, &hyper);
    std::fs::write(out, &model).with_context(|| format!("cannot write {}", out.display()))?;
    let count = |source, spam| {
        samples
            .iter()
            .filter(|s| s.source == source && s.spam == spam)
            .count()
    };
    Ok(Summary {
        sources: Source::ALL
            .iter()
            .map(|s| (*s, count(*s, true), count(*s, false)))
            .collect(),
        data: hex(&data::digest(&samples)),
        model: hex(&Sha256::digest(&model)),
        bytes: model.len(),
    })
}
