//! What a newcomer is asked, and whether an answer is right. Pure; chance is passed in.
use serde::{Deserialize, Serialize};

use super::settings::{CaptchaKind, CaptchaSettings};
use crate::base::fold::fold;
use crate::base::random::Random;

/// Numbers to choose from under a sum.
const OPTIONS: usize = 4;
/// Characters of an answer that are looked at.
const ANSWER: usize = 200;
/// Wrong answers that end it.
pub const TRIES: i64 = 3;

/// A question of a group's own, and what is taken for right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// As it is asked.
    pub question: String,
    /// As they are compared.
    pub answers: Vec<String>,
}

impl Question {
    /// Reads `question = answer | answer`; None for what is none.
    pub fn read(line: &str) -> Option<Self> {
        let (question, answers) = line.rsplit_once('=')?;
        let question = question.trim();
        let answers: Vec<String> = answers
            .split('|')
            .map(plain)
            .filter(|a| !a.is_empty())
            .collect();
        (!question.is_empty() && !answers.is_empty()).then(|| Self {
            question: question.to_owned(),
            answers,
        })
    }
}

/// A sum with numbers to choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sum {
    /// The first number.
    pub a: u32,
    /// The second.
    pub b: u32,
    /// What is offered, the right one among them.
    pub options: Vec<u32>,
}

/// What one person is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// Whether a press on the button is enough.
    pub button: bool,
    /// The group's question, where it has one.
    pub question: Option<Question>,
    /// The sum that may be solved instead.
    pub sum: Sum,
}

impl Task {
    /// A task for a group with these settings. A group that asks questions and has none asks a sum.
    pub fn new(settings: &CaptchaSettings, random: &dyn Random) -> Self {
        let questions: Vec<Question> = match settings.kind {
            CaptchaKind::Question => settings
                .questions
                .iter()
                .filter_map(|line| Question::read(line))
                .collect(),
            _ => Vec::new(),
        };
        let question = match questions.len() {
            0 => None,
            n => questions.into_iter().nth(below(random, n)),
        };
        Self {
            button: settings.kind == CaptchaKind::Button,
            question,
            sum: Sum::new(random),
        }
    }

    /// Whether words that somebody typed are right: one of the answers, or the sum.
    pub fn takes(&self, words: &str) -> bool {
        let words = plain(words);
        let right = (self.sum.a + self.sum.b).to_string();
        words == right
            || self
                .question
                .as_ref()
                .is_some_and(|q| q.answers.contains(&words))
    }

    /// Whether the number on the pressed button is right.
    pub fn takes_number(&self, number: u32) -> bool {
        number == self.sum.a + self.sum.b
    }
}

impl Sum {
    fn new(random: &dyn Random) -> Self {
        let digit = || u32::try_from(below(random, 8)).unwrap_or(0) + 2;
        let (a, b) = (digit(), digit());
        let right = a + b;
        // Neighbours of the right one, so that nothing but the sum tells it.
        let first = right.saturating_sub(u32::try_from(below(random, OPTIONS)).unwrap_or(0));
        let mut options: Vec<u32> = (first..).take(OPTIONS).collect();
        for i in (1..options.len()).rev() {
            options.swap(i, below(random, i + 1));
        }
        Self { a, b, options }
    }
}

fn below(random: &dyn Random, bound: usize) -> usize {
    usize::try_from(random.below(bound as u64)).unwrap_or(0)
}

/// An answer as it is compared: folded, letters and digits with single spaces.
pub fn plain(words: &str) -> String {
    let cut: String = words.chars().take(ANSWER).collect();
    let folded = fold(&cut).text;
    let kept: String = folded
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
