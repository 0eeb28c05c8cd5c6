//! Measures the classifier honestly: on texts, and on whole sources, that it has not seen.
use super::data::{Sample, Source};
use super::train::{Hyper, fold_of, weights};

/// Counts of right and wrong answers at log-odds 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// Spam called spam.
    pub hits: u32,
    /// Ordinary texts called spam.
    pub false_alarms: u32,
    /// Spam called ordinary.
    pub misses: u32,
    /// Ordinary texts called ordinary.
    pub quiet: u32,
}

impl Tally {
    fn add(&mut self, spam: bool, called_spam: bool) {
        match (spam, called_spam) {
            (true, true) => self.hits += 1,
            (false, true) => self.false_alarms += 1,
            (true, false) => self.misses += 1,
            (false, false) => self.quiet += 1,
        }
    }

    fn ratio(part: u32, whole: u32) -> f64 {
        if whole == 0 {
            0.0
        } else {
            f64::from(part) / f64::from(whole)
        }
    }

    /// Of those called spam, the part that is.
    pub fn precision(&self) -> f64 {
        Self::ratio(self.hits, self.hits + self.false_alarms)
    }

    /// Of the spam, the part that is called so.
    pub fn recall(&self) -> f64 {
        Self::ratio(self.hits, self.hits + self.misses)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        Self::ratio(
            2 * self.hits,
            2 * self.hits + self.false_alarms + self.misses,
        )
    }

    /// Of the ordinary texts, the part called spam.
    pub fn false_positive_rate(&self) -> f64 {
        Self::ratio(self.false_alarms, self.false_alarms + self.quiet)
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "F1 {:.3}  precision {:.3}  recall {:.3}  false positives {:.2} %  ({} spam, {} ordinary)",
            self.f1(),
            self.precision(),
            self.recall(),
            self.false_positive_rate() * 100.0,
            self.hits + self.misses,
            self.false_alarms + self.quiet,
        )
    }
}

/// `folds`-fold cross-validation. The written texts are always among the training texts and never tested.
pub fn cross_validate(samples: &[Sample], hyper: &Hyper, folds: usize) -> Vec<(Source, Tally)> {
    let mut tallies = Vec::new();
    for fold in 0..folds {
        let held = |i: usize, s: &Sample| s.source != Source::Written && fold_of(i, folds) == fold;
        test(samples, hyper, held, &mut tallies);
    }
    tallies
}

/// Each collected source tested by a model that has seen only the others and the written texts.
pub fn leave_one_source_out(samples: &[Sample], hyper: &Hyper) -> Vec<(Source, Tally)> {
    let mut tallies = Vec::new();
    for source in Source::ALL.into_iter().filter(|s| *s != Source::Written) {
        test(samples, hyper, |_, s| s.source == source, &mut tallies);
    }
    tallies
}

fn test(
    samples: &[Sample],
    hyper: &Hyper,
    held: impl Fn(usize, &Sample) -> bool,
    tallies: &mut Vec<(Source, Tally)>,
) {
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for (i, sample) in samples.iter().enumerate() {
        if held(i, sample) {
            outside.push(sample)
        } else {
            inside.push(sample.clone())
        }
    }
    let model = weights(&inside, hyper);
    for sample in outside {
        let at = tallies
            .iter()
            .position(|(s, _)| *s == sample.source)
            .unwrap_or_else(|| {
                tallies.push((sample.source, Tally::default()));
                tallies.len() - 1
            });
        tallies[at]
            .1
            .add(sample.spam, model.score(&sample.text) > 0.0);
    }
}
