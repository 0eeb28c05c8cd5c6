//! How long one verdict takes: folding, n-grams, the classifier, the group's lessons, likeness, signals and rules.
use std::hint::black_box;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use super::report::{Report, percentile};
use crate::base::fold::fold;
use crate::base::random::{Random as _, SeededRandom};
use crate::features::moderation::classifier::SpamModel;
use crate::features::moderation::facts::{Facts, Input, Text};
use crate::features::moderation::grams::Grams;
use crate::features::moderation::learning::{Known, Label, Lessons, Memory};
use crate::features::moderation::rules::{Settings, judge};
use crate::features::moderation::written;

/// Lengths of messages, in characters, with the median wanted for each, in microseconds.
const LENGTHS: [(usize, f64); 2] = [(300, 40.0), (4096, 1000.0)];
/// Lessons of the group.
const LEARNED: [usize; 3] = [0, 620, 6_200];
/// Verdicts of each measurement.
const VERDICTS: usize = 4_000;
const CHAT: i64 = -1;

/// Messages of `length` characters: the written texts, one after another.
fn messages(texts: &[(String, bool)], length: usize, count: usize) -> Vec<String> {
    let mut all = texts
        .iter()
        .cycle()
        .flat_map(|(text, _)| text.chars().chain([' ']));
    (0..count)
        .map(|_| all.by_ref().take(length).collect())
        .collect()
}

/// What a group remembers after so many lessons, each of different words.
fn memory(texts: &[(String, bool)], learned: usize) -> Memory {
    let random = SeededRandom::new(3);
    let mut lessons = Lessons::default();
    let mut prints = Vec::new();
    for (at, (text, spam)) in texts.iter().cycle().take(learned).enumerate() {
        let other = &texts[usize::try_from(random.below(texts.len() as u64)).unwrap_or(0)].0;
        let grams = Grams::of(&fold(&format!("{text} {other} {at}")));
        let label = if *spam { Label::Spam } else { Label::Ham };
        lessons.learn(grams.lesson(), label);
        prints.push((grams.print, label, true));
    }
    let mut known = Known::default();
    known.replace(CHAT, prints);
    let model = Arc::new(lessons.model(SpamModel::shipped()));
    Memory::new(CHAT, model, Arc::new(RwLock::new(known)))
}

/// Measures and reports.
pub(super) fn run(report: &mut Report) {
    let texts = written::texts(5);
    let settings = Settings::default();
    for learned in LEARNED {
        let memory = memory(&texts, learned);
        for (length, wanted) in LENGTHS {
            let messages = messages(&texts, length, 200);
            let mut took: Vec<f64> = Vec::with_capacity(VERDICTS);
            for text in messages.iter().cycle().take(VERDICTS) {
                let began = Instant::now();
                let input = Input {
                    texts: vec![Text {
                        source: "text",
                        text,
                    }],
                    memory: Some(&memory),
                    ..Input::default()
                };
                let facts = Facts::gather(black_box(&input), SpamModel::shipped());
                black_box(judge(&facts, &settings));
                took.push(began.elapsed().as_secs_f64() * 1e6);
            }
            took.sort_by(f64::total_cmp);
            let name = format!("verdict on {length} characters, {learned} lessons");
            report.row(
                &format!("{name}: median"),
                percentile(&took, 0.5),
                "µs",
                Some((true, wanted)),
            );
            report.row(
                &format!("{name}: 99 %"),
                percentile(&took, 0.99),
                "µs",
                None,
            );
        }
    }
}
