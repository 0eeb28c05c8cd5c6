//! Trains the spam classifier: the same texts and seed give the same bytes, on any machine.
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::classifier::{ModelFile, SpamModel, hex};
use super::data::{self, Sample, Source};
use super::fit::{Example, Hyper, calibrate, fit};
use super::grams::{BUCKETS, Grams, LESSON_BUCKETS, NGRAMS};

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

/// How common each bucket is in ordinary texts: the larger part of those in Latin and in Cyrillic letters, so
/// that a group of one language is not compared with another. Bytes of a model file.
fn commonness(samples: &[Sample]) -> Vec<u8> {
    let mut counts = vec![[0_u32; 2]; LESSON_BUCKETS];
    let mut texts = [0_u32; 2];
    for sample in samples.iter().filter(|s| !s.spam) {
        let cyrillic = sample
            .folded
            .text
            .chars()
            .filter(|c| matches!(c, 'а'..='я'))
            .count();
        let latin = sample
            .folded
            .text
            .chars()
            .filter(char::is_ascii_lowercase)
            .count();
        let side = usize::from(cyrillic > latin);
        texts[side] += 1;
        for bucket in Grams::of(&sample.folded).lesson() {
            counts[usize::from(bucket)][side] += 1;
        }
    }
    let part = |count: u32, texts: u32| f64::from(count) / f64::from(texts.max(1));
    let common = counts.iter().map(|[latin, cyrillic]| {
        SpamModel::common_byte(part(*latin, texts[0]).max(part(*cyrillic, texts[1])))
    });
    common.collect()
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
        .map(|s| (*s, [count(*s, false).max(1), count(*s, true).max(1)]))
        .collect();
    let shares: f32 = Source::ALL
        .iter()
        .filter(|s| samples.iter().any(|sample| sample.source == **s))
        .map(|s| 2.0 * share(*s))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let weight = |sample: &Sample| {
        let found = counts.iter().find(|c| c.0 == sample.source);
        let of = found.map_or(1, |c| c.1[usize::from(sample.spam)]);
        share(sample.source) / shares * samples.len() as f32 / of as f32
    };
    samples
        .iter()
        .map(|s| Example::new(&Grams::of(&s.folded), s.spam, weight(s)))
        .collect()
}

/// The fold of the sample at `index`; by index, so that neighbours of one collection are spread.
fn fold_of(index: usize, folds: usize) -> usize {
    index % folds.max(1)
}

/// Calibrates on held-out folds of the collected texts; templates are too alike to be held out honestly.
fn calibration(examples: &[Example], samples: &[Sample], hyper: &Hyper) -> (f32, f32) {
    let mut held_out = Vec::new();
    for fold in 0..hyper.folds {
        let inside: Vec<_> = examples
            .iter()
            .enumerate()
            .filter_map(|(i, e)| (fold_of(i, hyper.folds) != fold).then_some(e))
            .collect();
        let model = fit(&inside, hyper);
        for (i, (e, sample)) in examples.iter().zip(samples).enumerate() {
            if fold_of(i, hyper.folds) == fold && sample.source != Source::Written {
                held_out.push((model.margin(&e.buckets), e.spam, e.weight));
            }
        }
    }
    calibrate(&held_out)
}

/// Trains, calibrates, quantises: the bytes of a model file.
pub fn train(samples: &[Sample], hyper: &Hyper) -> Vec<u8> {
    let examples = examples(samples);
    let (slope, offset) = calibration(&examples, samples, hyper);
    let model = fit(&examples.iter().collect::<Vec<_>>(), hyper);
    let products: Vec<f32> = (0..BUCKETS).map(|b| model.product(b)).collect();
    let largest = products.iter().fold(0.0_f32, |m, w| m.max(w.abs()));
    let step = largest.max(1e-9) / 127.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within ±127 by the choice of the step"
    )]
    let quantised: Vec<i8> = products.iter().map(|w| (w / step).round() as i8).collect();
    let params = serde_json::json!({
        "hyper": hyper, "ngrams": [NGRAMS.0, NGRAMS.1], "buckets": BUCKETS, "samples": samples.len(),
    });
    SpamModel::encode(&ModelFile {
        weights: &quantised,
        factors: &model.factors,
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
