//! A group's first day: a whole source that the model has not seen, judged as a newcomer's messages by all signals.
use serde::Serialize;

use super::super::classifier::SpamModel;
use super::super::data::{Sample, Source};
use super::super::disguise::Disguise;
use super::super::facts::{Facts, Input, Link, Text as Words};
use super::super::fit::Hyper;
use super::super::rules::{Band, Settings, judge};
use super::super::train::train;
use super::metrics::ratio;
use super::{Set, Text};
use crate::base::random::SeededRandom;

/// What became of a source on the first day.
#[derive(Debug, Clone, Serialize)]
pub struct Cold {
    /// Version of this form.
    pub v: u32,
    /// Always `cold_start`.
    pub test: &'static str,
    /// The set tested.
    pub set: String,
    /// What the spam wears.
    pub disguise: Disguise,
    /// Spam tested.
    pub spam: usize,
    /// Ordinary texts tested.
    pub ham: usize,
    /// Part of the spam in the bands *review* and *spam*.
    pub recall: f64,
    /// Part of the spam in the band *spam*.
    pub recall_in_spam: f64,
    /// Part of the ordinary texts in *review* and *spam*.
    pub ham_flagged: f64,
    /// Part of the ordinary texts in *spam*.
    pub ham_in_spam: f64,
}

/// Addresses and names in plain words, as Telegram marks them.
fn links(text: &str) -> Vec<Link<'_>> {
    let marks = ['(', ')', '"', '<', '>', ',', '!', '?', '.', ':', ';'];
    text.split_whitespace()
        .map(|word| word.trim_matches(marks))
        .filter(|word| {
            let address = word.contains("://") || word.starts_with("www.");
            let name = word.starts_with('@') && word.len() > 4;
            address || name || word.starts_with("t.me/")
        })
        .map(|target| Link {
            source: "text",
            target,
            shown: None,
        })
        .collect()
}

/// The band of a newcomer's message with these words.
fn band(words: &str, model: &SpamModel, settings: &Settings) -> Band {
    let input = Input {
        texts: vec![Words {
            source: "text",
            text: words,
        }],
        links: links(words),
        ..Input::default()
    };
    judge(&Facts::gather(&input, model), settings).band
}

/// Leaves each set out in turn: the recipe is trained on the others and on the written texts, and every text
/// of the set is judged as a newcomer's first message by `settings`. Nothing was learned in the group.
///
/// # Errors
/// A model that cannot be read back.
pub fn cold_start(
    sets: &[Set],
    written: &[Sample],
    hyper: &Hyper,
    disguises: &[Disguise],
    settings: &Settings,
) -> anyhow::Result<Vec<Cold>> {
    let mut out = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let mut samples: Vec<Sample> = written.to_vec();
        for (other, source) in sets
            .iter()
            .zip(sources())
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, s)| s)
        {
            samples.extend(other.deduplicated().into_iter().map(|t| Sample {
                folded: t.folded.clone(),
                spam: t.spam,
                source,
            }));
        }
        let model = SpamModel::load(&train(&samples, hyper))?;
        let texts = set.deduplicated();
        for disguise in disguises {
            out.push(day(set, &texts, (&model, settings), *disguise));
        }
    }
    Ok(out)
}

/// Weights of sources follow the recipe's as far as there are as many; more sets count as the first.
fn sources() -> impl Iterator<Item = Source> {
    [Source::Sms, Source::Telegram, Source::Youtube]
        .into_iter()
        .chain(std::iter::repeat(Source::Sms))
}

fn day(
    set: &Set,
    texts: &[&Text],
    (model, settings): (&SpamModel, &Settings),
    disguise: Disguise,
) -> Cold {
    let random = SeededRandom::new(1);
    let count = |spam: bool, least: Band| {
        let flagged = |t: &&&Text| {
            let words = if spam {
                disguise.wear(&t.raw, &random)
            } else {
                t.raw.clone()
            };
            band(&words, model, settings) >= least
        };
        texts
            .iter()
            .filter(|t| t.spam == spam)
            .filter(flagged)
            .count()
    };
    let all = |spam| texts.iter().filter(|t| t.spam == spam).count();
    let (spam, ham) = (all(true), all(false));
    Cold {
        v: 1,
        test: "cold_start",
        set: set.name.clone(),
        disguise,
        spam,
        ham,
        recall: ratio(count(true, Band::Review), spam),
        recall_in_spam: ratio(count(true, Band::Spam), spam),
        ham_flagged: ratio(count(false, Band::Review), ham),
        ham_in_spam: ratio(count(false, Band::Spam), ham),
    }
}
