//! What follows a removed message: warn, mute, ban, each time more. Pure: counts in, a step out.
use serde::{Deserialize, Serialize};

use crate::base::clock::Millis;

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// Longest mute or ban by machinery, in days: a year. Longer Telegram takes for good (366 days).
const LONGEST_DAYS: u32 = 365;
/// What is removed within so long of the last strike belongs to it: nobody could have heeded a warning yet.
pub const BURST: Millis = MINUTE;

/// Removals that a ladder tells apart.
pub const RUNGS: usize = 20;

/// One step of the ladder, written `warn`, `mute 24h`, `ban 30d`. A ban by machinery always ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Step {
    /// The message goes, and its author is told.
    Warn,
    /// Reads, and does not write.
    Mute {
        /// How long.
        minutes: u32,
    },
    /// Is out.
    Ban {
        /// How long.
        days: u32,
    },
}

impl Step {
    /// Its word in `treatments.kind`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Mute { .. } => "mute",
            Self::Ban { .. } => "ban",
        }
    }

    /// How long it lasts, in milliseconds; None for what is over at once.
    pub fn lasts(self) -> Option<Millis> {
        match self {
            Self::Warn => None,
            Self::Mute { minutes } => {
                Some(Millis::from(minutes.clamp(1, LONGEST_DAYS * 1440)) * MINUTE)
            }
            Self::Ban { days } => Some(Millis::from(days.clamp(1, LONGEST_DAYS)) * DAY),
        }
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        match step {
            Step::Warn => "warn".to_owned(),
            Step::Mute { minutes } if minutes % 1440 == 0 => format!("mute {}d", minutes / 1440),
            Step::Mute { minutes } if minutes % 60 == 0 => format!("mute {}h", minutes / 60),
            Step::Mute { minutes } => format!("mute {minutes}m"),
            Step::Ban { days } => format!("ban {days}d"),
        }
    }
}

/// A word that is no step.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{0}` is no step: write `warn`, `mute 24h` (m, h or d) or `ban 30d`, of at most 365 days")]
pub struct NoStep(String);

impl TryFrom<String> for Step {
    type Error = NoStep;

    fn try_from(words: String) -> Result<Self, NoStep> {
        let refuse = || NoStep(words.chars().take(40).collect());
        let (kind, time) = match words.trim().split_once(' ') {
            None if words.trim() == "warn" => return Ok(Self::Warn),
            None => return Err(refuse()),
            Some((kind, time)) => (kind, time.trim()),
        };
        let unit = time.chars().last().ok_or_else(refuse)?;
        let number = &time[..time.len() - unit.len_utf8()];
        let number: u32 = number.parse().map_err(|_| refuse())?;
        let minutes = match unit {
            'm' => Some(number),
            'h' => number.checked_mul(60),
            'd' => number.checked_mul(1440),
            _ => None,
        };
        match (kind, minutes, unit) {
            ("mute", Some(minutes), _) if (1..=LONGEST_DAYS * 1440).contains(&minutes) => {
                Ok(Self::Mute { minutes })
            }
            ("ban", Some(_), 'd') if (1..=LONGEST_DAYS).contains(&number) => {
                Ok(Self::Ban { days: number })
            }
            _ => Err(refuse()),
        }
    }
}

/// Reads `warn, mute 24h, ban 30d`, or with the removal that each begins at: `3: mute 1h, 5: ban 7d`. Before the first
/// that is named there are warnings; between two the lower holds. The fault is one English sentence.
pub fn parse(words: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for rung in words.split([',', ';', '\n', '→']) {
        let shown = || rung.trim().chars().take(40).collect::<String>();
        let misplaced = || {
            format!(
                "`{}` is out of order: removals are numbered from 1 to {RUNGS}, each once",
                shown()
            )
        };
        let (at, step) = match rung.split_once(':') {
            Some((at, step)) => {
                let at = at.trim().parse::<usize>().ok();
                let at = at.filter(|at| (steps.len() + 1..=RUNGS).contains(at));
                (at.ok_or_else(misplaced)?, step)
            }
            None => (steps.len() + 1, rung),
        };
        if at > RUNGS {
            return Err(misplaced());
        }
        let step = step.split_whitespace().collect::<Vec<_>>().join(" ");
        let step = Step::try_from(step.to_lowercase()).map_err(|e| e.to_string())?;
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

/// Whose message was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// Has long been writing here.
    pub regular: bool,
    /// Writes as a channel, which can be banned and nothing less.
    pub channel: bool,
    /// The evidence removes the message, and is not enough to restrict anybody.
    pub spared: bool,
}

/// What follows, beside the removal, for an author with so many valid strikes before this one; the last of
/// them at `last`. Nothing for regulars: a person decides about them on the card. A warning at most where the evidence
/// is about the message only.
pub fn next(
    steps: &[Step],
    author: Author,
    strikes: u32,
    last: Option<Millis>,
    now: Millis,
) -> Option<Step> {
    if author.regular || last.is_some_and(|at| now - at < BURST && now >= at) {
        return None;
    }
    let at = usize::try_from(strikes).unwrap_or(usize::MAX);
    let step = *steps.get(at.min(steps.len().checked_sub(1)?))?;
    match step {
        _ if author.spared => Some(Step::Warn),
        Step::Warn | Step::Mute { .. } if author.channel => Some(Step::Warn),
        step => Some(step),
    }
}
