//! A table for people, lines of JSON for tools.

/// Rows as they are measured.
pub(super) struct Report {
    json: bool,
    missed: usize,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        if !json {
            println!("{:<78} {:>14} {:>16}", "measured", "value", "wanted");
        }
        Self { json, missed: 0 }
    }

    /// One figure, whose name says all that it is: each line stands by itself. `wanted` is a bound, from above when `upper`.
    pub(super) fn row(&mut self, name: &str, value: f64, unit: &str, wanted: Option<(bool, f64)>) {
        let met = wanted.map(|(upper, bound)| {
            if upper {
                value <= bound
            } else {
                value >= bound
            }
        });
        if met == Some(false) {
            self.missed += 1;
        }
        if self.json {
            let bound = wanted.map(|(_, bound)| bound);
            let side = wanted.map(|(upper, _)| if upper { "at_most" } else { "at_least" });
            println!(
                "{}",
                serde_json::json!({ "v": 1, "name": name, "value": value, "unit": unit, "wanted": bound, "side": side, "met": met })
            );
            return;
        }
        let goal = wanted.map_or_else(String::new, |(upper, bound)| {
            let sign = if upper { "≤" } else { "≥" };
            let mark = if met == Some(true) { "" } else { "  missed" };
            format!("{sign} {bound} {unit}{mark}")
        });
        println!("{name:<78} {:>14} {goal:>16}", format!("{value:.1} {unit}"));
    }

    /// Something that should have happened: how it did, or None when it did not.
    pub(super) fn outcome(&mut self, name: &str, how: Option<&str>) {
        self.missed += usize::from(how.is_none());
        let word = how.unwrap_or("missed");
        if self.json {
            let value = u8::from(how.is_some());
            println!(
                "{}",
                serde_json::json!({ "v": 1, "name": name, "value": value, "unit": "", "how": word, "wanted": 1, "side": "at_least", "met": how.is_some() })
            );
        } else {
            println!("{name:<78} {word:>14}");
        }
    }

    pub(super) fn end(&self) {
        if !self.json && self.missed > 0 {
            println!(
                "{} of the wanted figures were missed on this machine.",
                self.missed
            );
        }
    }
}

/// The value below which `share` of `sorted` lies.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a list that fits memory"
    )]
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
