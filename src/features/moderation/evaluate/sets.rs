//! Labelled texts from files: each folder is a set, each of its files a part of it.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::data::{csv, with_line_breaks, without_entities};
use crate::base::fold::{Folded, fold};

/// Largest file that is read.
const MOST_BYTES: u64 = 256 << 20;
/// Endings of files that are read when a folder is named.
const ENDINGS: [&str; 4] = ["csv", "tsv", "jsonl", "txt"];

/// A labelled text.
#[derive(Debug, Clone)]
pub struct Text {
    /// As sent.
    pub raw: String,
    /// Folded.
    pub folded: Folded,
    /// Its label.
    pub spam: bool,
    /// The part of its set.
    pub part: usize,
}

/// Texts of one folder, or of files that were named together.
#[derive(Debug, Clone)]
pub struct Set {
    /// The folder's name.
    pub name: String,
    /// Names of files with texts.
    pub parts: Vec<String>,
    /// All texts, in the order of the files.
    pub texts: Vec<Text>,
}

impl Set {
    /// Each folded text once, digits alike; texts under both labels and those without a letter are out.
    pub fn deduplicated(&self) -> Vec<&Text> {
        let key = |t: &Text| -> String {
            let same = |c: char| if c.is_ascii_digit() { '0' } else { c };
            t.folded.text.chars().map(same).collect()
        };
        let mut labels: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        for text in &self.texts {
            let seen = labels.entry(key(text)).or_default();
            *(if text.spam { &mut seen.0 } else { &mut seen.1 }) = true;
        }
        let kept = self.texts.iter().filter(|t| {
            t.folded.text.chars().any(char::is_alphabetic)
                && labels
                    .remove(&key(t))
                    .is_some_and(|(spam, ham)| spam != ham)
        });
        kept.collect()
    }

    /// Parts that hold both spam and ordinary texts: only those can be left out and tested.
    pub fn whole_parts(&self) -> Vec<usize> {
        let has = |part, spam| self.texts.iter().any(|t| t.part == part && t.spam == spam);
        let both = |part: &usize| has(*part, true) && has(*part, false);
        (0..self.parts.len()).filter(both).collect()
    }
}

/// Reads files and folders; a folder becomes a set, files with the same folder are one set.
///
/// # Errors
/// A file that cannot be read or whose labels cannot be found, by its path.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Set>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
                .map_err(|e| anyhow::anyhow!("cannot read the folder {}: {e}", path.display()))?
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|p| {
                    let end = p.extension().and_then(|e| e.to_str()).unwrap_or_default();
                    ENDINGS.contains(&end) && label_of_name(p).is_some() | (end != "txt")
                })
                .collect();
            inside.sort();
            anyhow::ensure!(
                !inside.is_empty(),
                "no .csv, .tsv, .jsonl or spam/ham .txt file lies in {}",
                path.display()
            );
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    let mut sets: Vec<(PathBuf, Set)> = Vec::new();
    for file in files {
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let texts = texts(&file)?;
        let at = sets.iter().position(|(f, _)| *f == folder);
        let at = at.unwrap_or_else(|| {
            let name = folder
                .file_name()
                .map_or("files".into(), |n| n.to_string_lossy());
            let set = Set {
                name: name.into_owned(),
                parts: Vec::new(),
                texts: Vec::new(),
            };
            sets.push((folder, set));
            sets.len() - 1
        });
        let set = &mut sets[at].1;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        set.parts.push(name.into_owned());
        let part = set.parts.len() - 1;
        set.texts.extend(texts.into_iter().map(|(raw, spam)| Text {
            folded: fold(&raw),
            raw,
            spam,
            part,
        }));
    }
    Ok(sets.into_iter().map(|(_, set)| set).collect())
}

/// The label that the name of a plain text file gives to all its lines.
fn label_of_name(path: &Path) -> Option<bool> {
    let name = path.file_stem()?.to_string_lossy().to_lowercase();
    match (name.contains("spam"), name.contains("ham")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn label(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "spam" | "1" | "true" => Some(true),
        "ham" | "0" | "false" => Some(false),
        _ => None,
    }
}

fn texts(path: &Path) -> anyhow::Result<Vec<(String, bool)>> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|e| anyhow::anyhow!("cannot read {shown}: {e}"))?
        .len();
    anyhow::ensure!(
        size <= MOST_BYTES,
        "{shown} has {size} bytes; at most {MOST_BYTES} are read: split it"
    );
    let bytes = std::fs::read(path).map_err(|e| anyhow::anyhow!("cannot read {shown}: {e}"))?;
    let text = String::from_utf8_lossy(&bytes);
    let end = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let found = match end {
        "csv" => from_csv(&text),
        "jsonl" => from_jsonl(&text),
        "txt" if label_of_name(path).is_some() => {
            let spam = label_of_name(path).unwrap_or_default();
            let lines = text.lines().filter(|l| !l.trim().is_empty());
            Ok(lines.map(|l| (with_line_breaks(l), spam)).collect())
        }
        _ => from_tsv(&text),
    };
    found.map_err(|what| anyhow::anyhow!("{shown}: {what}"))
}

fn from_tsv(text: &str) -> Result<Vec<(String, bool)>, String> {
    let mut out = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty()) {
        let row = line
            .split_once('\t')
            .and_then(|(word, text)| Some((text.to_owned(), label(word)?)));
        out.push(row.ok_or_else(|| {
            format!(
                "line {}: expected a label (spam or ham), a tab and a text; plain lines need a file name with \
                 `spam` or `ham` in it",
                number + 1
            )
        })?);
    }
    Ok(out)
}

fn from_csv(text: &str) -> Result<Vec<(String, bool)>, String> {
    let rows = csv(text);
    let head = rows.first().ok_or("the file is empty")?;
    let column = |names: [&str; 3]| {
        head.iter()
            .position(|h| names.contains(&h.trim().to_lowercase().as_str()))
    };
    let (Some(words), Some(class)) = (
        column(["text", "content", "message"]),
        column(["label", "class", "spam"]),
    ) else {
        return Err(
            "the first line names no column text, content or message, or none label, class or spam"
                .into(),
        );
    };
    let mut out = Vec::new();
    for (number, row) in rows.iter().enumerate().skip(1) {
        let (Some(text), Some(word)) = (row.get(words), row.get(class)) else {
            continue;
        };
        let spam =
            label(word).ok_or_else(|| format!("row {}: `{word}` is no label", number + 1))?;
        out.push((without_entities(text), spam));
    }
    Ok(out)
}

fn from_jsonl(text: &str) -> Result<Vec<(String, bool)>, String> {
    let mut out = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        let value: serde_json::Value =
            serde_json::from_str(line).map_err(|e| format!("line {}: {e}", number + 1))?;
        let words = value.get("text").and_then(|t| t.as_str());
        let spam = match value.get("label").or(value.get("spam")) {
            Some(serde_json::Value::Bool(spam)) => Some(*spam),
            Some(serde_json::Value::String(word)) => label(word),
            Some(serde_json::Value::Number(n)) => label(&n.to_string()),
            _ => None,
        };
        let (Some(words), Some(spam)) = (words, spam) else {
            return Err(format!(
                "line {}: expected {{\"text\": …, \"label\": \"spam\" or \"ham\"}}",
                number + 1
            ));
        };
        out.push((words.to_owned(), spam));
    }
    Ok(out)
}
