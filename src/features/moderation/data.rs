//! The labelled texts that the classifier learns from: public collections read in place, and our own.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::written;
use crate::base::fold::{Folded, fold};

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// SMS Spam Collection v.1 (English).
    Sms,
    /// YouTube Spam Collection (mostly English).
    Youtube,
    /// Presets of tg-spam (Telegram, Russian and English).
    Telegram,
    /// Written for Beadle, from templates (English and Russian).
    Written,
}

impl Source {
    /// All, in the order in which they are read.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Youtube, Self::Telegram, Self::Written];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Youtube => "youtube",
            Self::Telegram => "telegram",
            Self::Written => "written",
        }
    }
}

/// One labelled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its words, folded.
    pub folded: Folded,
    /// Its label.
    pub spam: bool,
    /// Where it comes from.
    pub source: Source,
}

/// Why the data could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file that cannot be read.
    #[error(
        "cannot read {path}: {source}; give the folder that holds sms-spam-collection, \
             youtube-tubespam and tg-spam-samples-umputun"
    )]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of another shape.
    #[error("{path}: {what}")]
    Shape {
        /// Which.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
}

fn read(path: &Path) -> Result<String, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Rows of a CSV text (RFC 4180: quotes, doubled quotes, line breaks in quotes).
pub(super) fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            _ => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

pub(super) fn without_entities(text: &str) -> String {
    [
        ("<br />", "\n"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Puts back line breaks that lost their backslash: an `n` after punctuation, before a Cyrillic capital.
pub(super) fn with_line_breaks(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let cyrillic = |c: Option<&char>| c.is_some_and(|c| matches!(c, 'А'..='я' | 'Ё' | 'ё'));
    let mut out = String::with_capacity(line.len());
    for (at, &c) in chars.iter().enumerate() {
        let after = at.checked_sub(1).and_then(|b| chars.get(b));
        let edge = after.is_some_and(|b| !b.is_ascii_alphanumeric() && !b.is_whitespace());
        out.push(if c == 'n' && edge && cyrillic(chars.get(at + 1)) {
            '\n'
        } else {
            c
        });
    }
    out
}

fn sms(dir: &Path) -> Result<Vec<(String, bool)>, DataError> {
    let path = dir.join("sms-spam-collection/SMSSpamCollection");
    let text = read(&path)?;
    let rows = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(rows
        .map(|(label, text)| (text.to_owned(), label == "spam"))
        .collect())
}

fn youtube(dir: &Path) -> Result<Vec<(String, bool)>, DataError> {
    let mut out = Vec::new();
    for name in [
        "01-Psy",
        "02-KatyPerry",
        "03-LMFAO",
        "04-Eminem",
        "05-Shakira",
    ] {
        let path = dir.join(format!("youtube-tubespam/Youtube{name}.csv"));
        let rows = csv(&read(&path)?);
        // By name: the column of the author, where a copy has one, is not read.
        let column = |name| {
            rows.first()
                .and_then(|head| head.iter().position(|h| h == name))
        };
        let (Some(content), Some(class)) = (column("CONTENT"), column("CLASS")) else {
            return Err(DataError::Shape {
                path,
                what: "the columns CONTENT and CLASS are missing",
            });
        };
        for row in rows.iter().skip(1) {
            if let (Some(text), Some(label)) = (row.get(content), row.get(class)) {
                out.push((without_entities(text), label == "1"));
            }
        }
    }
    Ok(out)
}

fn telegram(dir: &Path) -> Result<Vec<(String, bool)>, DataError> {
    let mut out = Vec::new();
    for (name, spam) in [
        ("spam-samples.txt", true),
        ("testdata-spam.txt", true),
        ("ham-samples.txt", false),
    ] {
        let text = read(&dir.join("tg-spam-samples-umputun").join(name))?;
        out.extend(text.lines().map(|line| (with_line_breaks(line), spam)));
    }
    Ok(out)
}

/// Reads all sources, folds them, and keeps each folded text once (digits are the same digit). Texts that
/// stand under both labels are dropped, so are those without a letter.
///
/// # Errors
/// The file that could not be read or has another shape.
pub fn load(dir: &Path, seed: u64) -> Result<Vec<Sample>, DataError> {
    let mut all = Vec::new();
    for source in Source::ALL {
        let texts = match source {
            Source::Sms => sms(dir)?,
            Source::Youtube => youtube(dir)?,
            Source::Telegram => telegram(dir)?,
            Source::Written => written::texts(seed),
        };
        all.extend(texts.into_iter().map(|(text, spam)| Sample {
            folded: fold(&text),
            spam,
            source,
        }));
    }
    Ok(deduplicated(all))
}

/// The texts that Beadle's authors wrote, each once.
pub fn written_samples(seed: u64) -> Vec<Sample> {
    let texts = written::texts(seed).into_iter();
    deduplicated(
        texts
            .map(|(text, spam)| Sample {
                folded: fold(&text),
                spam,
                source: Source::Written,
            })
            .collect(),
    )
}

/// Each text once, in the order of first appearance.
pub fn deduplicated(samples: Vec<Sample>) -> Vec<Sample> {
    let key = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect()
    };
    let mut labels: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for sample in &samples {
        let seen = labels.entry(key(&sample.folded.text)).or_default();
        if sample.spam {
            seen.0 = true
        } else {
            seen.1 = true
        }
    }
    samples
        .into_iter()
        .filter(|sample| {
            sample.folded.text.chars().any(char::is_alphabetic)
                // The first of each text takes the entry, a contradiction leaves none.
                && labels.remove(&key(&sample.folded.text)).is_some_and(|(spam, ham)| spam != ham)
        })
        .collect()
}

/// SHA-256 over labels, sources, texts and what folding counted, in order.
pub fn digest(samples: &[Sample]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for sample in samples {
        hash.update([u8::from(sample.spam), sample.source as u8]);
        let folded = &sample.folded;
        for count in [folded.letters, folded.upper, folded.mixed_script_words] {
            hash.update(count.to_le_bytes());
        }
        hash.update((folded.text.len() as u64).to_le_bytes());
        hash.update(&folded.text);
    }
    hash.finalize().into()
}
