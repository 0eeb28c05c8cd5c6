//! Figures of a test: what was called spam rightly and wrongly, at log-odds 0 and over all thresholds.
use serde::Serialize;

/// A tested text: its log-odds, and whether it is spam.
pub type Scored = (f32, bool);

/// Figures of one test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measures {
    /// Spam tested.
    pub spam: usize,
    /// Ordinary texts tested.
    pub ham: usize,
    /// Of those called spam, the part that is.
    pub precision: f64,
    /// Of the spam, the part that is called so.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Of the ordinary texts, the part called spam.
    pub fpr: f64,
    /// Chance that spam scores above an ordinary text.
    pub auc: f64,
    /// Recall where 1 % of the ordinary texts are called spam; none with fewer than 1,000 of them.
    pub recall_at_1pct: Option<f64>,
    /// Recall at 0.1 %; none with fewer than 10,000 ordinary texts.
    pub recall_at_01pct: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "counts of texts")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Recall at the lowest threshold that lets at most `rate` of the ordinary texts pass; none where there are
/// fewer than `10 / rate`, because a handful of texts would decide.
fn recall_at(scored: &[Scored], rate: f64) -> Option<f64> {
    let mut ham: Vec<f32> = scored.iter().filter(|s| !s.1).map(|s| s.0).collect();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of texts"
    )]
    let (enough, allowed) = (
        ham.len() as f64 >= 10.0 / rate - 1e-6,
        (ham.len() as f64 * rate) as usize,
    );
    if !enough {
        return None;
    }
    ham.sort_by(|a, b| b.total_cmp(a));
    let threshold = *ham.get(allowed)?;
    let hits = scored.iter().filter(|s| s.1 && s.0 > threshold).count();
    Some(ratio(hits, scored.iter().filter(|s| s.1).count()))
}

/// Area under the curve of hits over false alarms, by ranks; ties count half.
fn auc(scored: &[Scored]) -> f64 {
    let mut sorted: Vec<&Scored> = scored.iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut won) = (0.0_f64, 0.0_f64);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        #[expect(clippy::cast_precision_loss, reason = "counts of texts")]
        let (spam, ham) = (
            equal.iter().filter(|s| s.1).count() as f64,
            equal.iter().filter(|s| !s.1).count() as f64,
        );
        won += spam * (below + ham / 2.0);
        below += ham;
    }
    let spam = scored.iter().filter(|s| s.1).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of texts")]
    let pairs = spam as f64 * below;
    if pairs == 0.0 { 0.0 } else { won / pairs }
}

impl Measures {
    /// The figures of tested texts.
    pub fn of(scored: &[Scored]) -> Self {
        let count = |spam: bool, called: bool| {
            let is = |s: &&Scored| s.1 == spam && (s.0 > 0.0) == called;
            scored.iter().filter(is).count()
        };
        let (hits, misses) = (count(true, true), count(true, false));
        let (alarms, quiet) = (count(false, true), count(false, false));
        Self {
            spam: hits + misses,
            ham: alarms + quiet,
            precision: ratio(hits, hits + alarms),
            recall: ratio(hits, hits + misses),
            f1: ratio(2 * hits, 2 * hits + alarms + misses),
            fpr: ratio(alarms, alarms + quiet),
            auc: auc(scored),
            recall_at_1pct: recall_at(scored, 0.01),
            recall_at_01pct: recall_at(scored, 0.001),
        }
    }

    /// The mean over several runs, and the standard deviation of F1 (0 for one run). None of no runs.
    pub fn mean(runs: &[Self]) -> Option<(Self, f64)> {
        let first = runs.first()?;
        #[expect(clippy::cast_precision_loss, reason = "a handful of runs")]
        let n = runs.len() as f64;
        let mean = |of: fn(&Self) -> f64| runs.iter().map(of).sum::<f64>() / n;
        let some = |of: fn(&Self) -> Option<f64>| {
            let all: Option<Vec<f64>> = runs.iter().map(of).collect();
            all.map(|all| all.iter().sum::<f64>() / n)
        };
        let f1 = mean(|m| m.f1);
        let spread: f64 = runs.iter().map(|m| (m.f1 - f1).powi(2)).sum();
        let mean = Self {
            spam: first.spam,
            ham: first.ham,
            precision: mean(|m| m.precision),
            recall: mean(|m| m.recall),
            f1,
            fpr: mean(|m| m.fpr),
            auc: mean(|m| m.auc),
            recall_at_1pct: some(|m| m.recall_at_1pct),
            recall_at_01pct: some(|m| m.recall_at_01pct),
        };
        Some((mean, (spread / (n - 1.0).max(1.0)).sqrt()))
    }
}
