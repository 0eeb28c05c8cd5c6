//! What somebody writes after `/settings`, understood: pure.
use crate::config::Mode;
use crate::features::moderation::ladder::Step;
use crate::texts::Lang;
use crate::texts::when::Zone;

/// Removals that a ladder tells apart.
const RUNGS: usize = 20;
/// Longest memory of a strike, in days.
const LONGEST_MEMORY: u16 = 365;
/// Longest word that is quoted back.
const QUOTED: usize = 40;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// What follows removals.
    Ladder(Vec<Step>),
    /// From where on to ask, and from where on it is spam; 0 to 1.
    Thresholds(f32, f32),
    /// Days after which a strike is forgotten.
    Forget(u16),
    /// Where the clocks are.
    Timezone(Zone),
    /// What verdicts lead to.
    Mode(Mode),
    /// Which language Beadle speaks.
    Language(Lang),
    /// Whether removals are noted in the group.
    Notes(bool),
    /// The last changes.
    History,
    /// What a change changed.
    Diff(i64),
    /// What held then is to hold again.
    Rollback(i64),
}

/// Why it was not understood: a key of the texts, and the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// In the catalogues.
    pub key: &'static str,
    /// What it is about.
    pub word: String,
}

fn no(key: &'static str, word: &str) -> Complaint {
    Complaint {
        key,
        word: word.trim().chars().take(QUOTED).collect(),
    }
}

/// Understands what stands after the command.
pub fn parse(words: &str) -> Result<Wish, Complaint> {
    let words = words.trim();
    let (name, rest) = match words.split_once(char::is_whitespace) {
        Some((name, rest)) => (name, rest.trim()),
        None => (words, ""),
    };
    let number = || rest.trim_start_matches('#').parse::<i64>().ok();
    match name.trim_end_matches(':').to_lowercase().as_str() {
        "ladder" | "steps" => ladder(rest).map(Wish::Ladder),
        "thresholds" => thresholds(rest),
        "forget" => {
            let days: Option<u16> = rest.trim_end_matches(['d', ' ']).parse().ok();
            let days = days.filter(|days| (1..=LONGEST_MEMORY).contains(days));
            days.map(Wish::Forget)
                .ok_or_else(|| no("settings-bad-forget", rest))
        }
        "timezone" => Zone::parse(rest)
            .map(Wish::Timezone)
            .ok_or_else(|| no("settings-bad-timezone", rest)),
        "mode" => Mode::from_name(&rest.to_lowercase())
            .map(Wish::Mode)
            .ok_or_else(|| no("settings-bad-mode", rest)),
        "language" => match rest.to_lowercase().as_str() {
            "en" => Ok(Wish::Language(Lang::En)),
            "ru" => Ok(Wish::Language(Lang::Ru)),
            _ => Err(no("settings-bad-language", rest)),
        },
        "notes" => match rest.to_lowercase().as_str() {
            "on" => Ok(Wish::Notes(true)),
            "off" => Ok(Wish::Notes(false)),
            _ => Err(no("settings-bad-notes", rest)),
        },
        "history" => Ok(Wish::History),
        "diff" => number()
            .map(Wish::Diff)
            .ok_or_else(|| no("settings-bad-number", rest)),
        "rollback" => number()
            .map(Wish::Rollback)
            .ok_or_else(|| no("settings-bad-number", rest)),
        _ => Err(no("settings-bad-name", name)),
    }
}

/// `warn, mute 24h, ban 30d`, or with the removal that each begins at: `3: mute 1h, 5: ban 7d`. Before the first
/// that is named there are warnings; between two the lower holds.
fn ladder(words: &str) -> Result<Vec<Step>, Complaint> {
    let mut steps: Vec<Step> = Vec::new();
    for rung in words.split([',', ';', '\n', '→']) {
        let (at, step) = match rung.split_once(':') {
            Some((at, step)) => {
                let at = at.trim().parse::<usize>().ok();
                let at = at.filter(|at| (steps.len() + 1..=RUNGS).contains(at));
                (at.ok_or_else(|| no("settings-bad-rung", rung))?, step)
            }
            None => (steps.len() + 1, rung),
        };
        if at > RUNGS {
            return Err(no("settings-bad-rung", rung));
        }
        let step = step.split_whitespace().collect::<Vec<_>>().join(" ");
        let step =
            Step::try_from(step.to_lowercase()).map_err(|_| no("settings-bad-step", rung))?;
        let before = steps.last().copied().unwrap_or(Step::Warn);
        steps.resize(at - 1, before);
        steps.push(step);
    }
    Ok(steps)
}

/// The same ladder as it is written, with the numbers where they are needed.
pub fn written(steps: &[Step]) -> String {
    let mut rungs: Vec<(usize, Step)> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        if rungs.last().is_none_or(|(_, last)| last != step) {
            rungs.push((i + 1, *step));
        }
    }
    let plain = rungs.len() == steps.len();
    let one = |(at, step): (usize, Step)| {
        let step = String::from(step);
        if plain { step } else { format!("{at}: {step}") }
    };
    rungs.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Two percentages.
fn thresholds(words: &str) -> Result<Wish, Complaint> {
    let numbers: Option<Vec<u8>> = words
        .split(|c: char| c.is_whitespace() || c == ',' || c == '%')
        .filter(|w| !w.is_empty())
        .map(|w| w.parse().ok())
        .collect();
    match numbers.as_deref() {
        Some(&[review, spam]) if (1..=99).contains(&review) && review < spam && spam <= 99 => {
            let share = |percent: u8| f32::from(percent) / 100.0;
            Ok(Wish::Thresholds(share(review), share(spam)))
        }
        _ => Err(no("settings-bad-thresholds", words)),
    }
}
