//! `beadle.toml`: read whole, every mistake named with its line.
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::setting::{Declared, Form};
use super::table::ALL;

/// Name of the file inside the data directory.
pub const CONFIG_FILE: &str = "beadle.toml";
/// Bytes of it that are read.
const LARGEST: u64 = 256 << 10;
/// Faults that are told; a file of rubbish has one in each line.
const TOLD: usize = 50;

/// One setting as it stands in the file.
pub(super) struct Line {
    pub(super) setting: &'static dyn Declared,
    pub(super) text: String,
    pub(super) line: usize,
}

/// What a file says.
#[derive(Default)]
pub(super) struct Read {
    pub(super) lines: Vec<Line>,
    /// Each begins with the file's path and the line.
    pub(super) faults: Vec<String>,
}

/// Reads a file; None when there is none.
pub(super) fn read(path: &Path) -> Option<Read> {
    let text = match load(path) {
        Ok(text) => text?,
        Err(why) => {
            return Some(Read {
                lines: Vec::new(),
                faults: vec![format!("{}: {why}", path.display())],
            });
        }
    };
    let mut read = parse(&text, path);
    if read.faults.len() > TOLD {
        let more = read.faults.len() - TOLD;
        read.faults.truncate(TOLD);
        read.faults
            .push(format!("{}: and {more} more", path.display()));
    }
    Some(read)
}

fn is_shut(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|e| e.kind() == std::io::ErrorKind::PermissionDenied)
}

fn load(path: &Path) -> Result<Option<String>, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        // A folder that this user may not look into: whoever opens the database says whose it is.
        Err(_) if is_shut(path) => return Ok(None),
        Err(e) => return Err(format!("cannot be read: {e}")),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| format!("cannot be read: {e}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err("is larger than 256 KiB: that is no file of settings".to_owned());
    }
    String::from_utf8(bytes).map(Some).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("is not UTF-8 text (byte {at})")
    })
}

/// Reads the text of a file that lies at `path`.
pub(super) fn parse(text: &str, path: &Path) -> Read {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        text,
        path,
        read: Read::default(),
    };
    for e in errors {
        let at = e.span().map_or(0, |span| span.start);
        reader.fault(at, e.message());
    }
    reader.table("", table.get_ref());
    reader.read
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    read: Read,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        1 + before.filter(|b| **b == b'\n').count()
    }

    fn fault(&mut self, at: usize, what: &str) {
        let fault = format!("{}:{}: {what}", self.path.display(), self.line(at));
        self.read.faults.push(fault);
    }

    fn table(&mut self, above: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = if above.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{above}.{}", name.get_ref())
            };
            let at = name.span().start;
            let known = ALL.iter().find(|s| s.about().key == key);
            match (known, value.get_ref()) {
                (Some(setting), value) => self.setting(*setting, value, at),
                (None, DeValue::Table(inner)) if is_section(&key) => self.table(&key, inner),
                (None, _) => {
                    let guess = guess(&key)
                        .map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
                    let shown: String = key.chars().take(80).collect();
                    self.fault(at, &format!("there is no setting `{shown}`{guess}"));
                }
            }
        }
    }

    fn setting(&mut self, setting: &'static dyn Declared, value: &DeValue<'_>, at: usize) {
        let about = setting.about();
        if about.secret {
            let fault = format!(
                "{}: secrets do not stand in this file: put it into a file of its own that only Beadle's \
                 user may read, and name that in {}_FILE",
                about.key, about.env
            );
            return self.fault(at, &fault);
        }
        let text = match (about.form, value) {
            (Form::List, DeValue::Array(items)) => items
                .iter()
                .map(|item| scalar(item.get_ref()))
                .collect::<Option<Vec<_>>>()
                .map(|items| items.join(",")),
            (_, value) => scalar(value),
        };
        match text {
            Some(text) => {
                let line = self.line(at);
                self.read.lines.push(Line {
                    setting,
                    text,
                    line,
                });
            }
            None => {
                let wanted = match about.form {
                    Form::Text => "text in quotation marks",
                    Form::Number => "a number",
                    Form::List => "a list in brackets",
                };
                let found = value.type_str();
                let fault = format!("{}: {wanted} is wanted, not {found}", about.key);
                self.fault(at, &fault);
            }
        }
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) if n.radix() == 10 => Some(n.as_str().replace('_', "")),
        DeValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

fn is_section(key: &str) -> bool {
    ALL.iter().any(|s| {
        s.about()
            .key
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The setting that was probably meant.
fn guess(key: &str) -> Option<&'static str> {
    let abouts = || ALL.iter().map(|s| s.about());
    // Its name in the environment, or its last part alone.
    let upper = key.to_ascii_uppercase();
    let last = key.rsplit('.').next().unwrap_or(key);
    abouts()
        .find(|a| a.env_names().any(|env| env == upper))
        .or_else(|| abouts().find(|a| a.key.rsplit('.').next() == Some(last)))
        .map(|a| a.key)
        .or_else(|| nearest(key, abouts().map(|a| a.key)))
}

/// The name that differs least from `name`, when it differs little.
pub(super) fn nearest(
    name: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    // The comparison takes the product of the lengths, and nobody's typo is that long.
    if name.len() > 80 {
        return None;
    }
    names
        .map(|n| (strsim::damerau_levenshtein(name, n), n))
        .filter(|(distance, n)| *distance <= 1 + n.len().min(name.len()) / 5)
        .min()
        .map(|(_, n)| n)
}

/// Where the file is looked for: what was named, else in the data directory.
pub(super) fn place(named: Option<&str>, data_dir: &Path) -> (PathBuf, bool) {
    named.map_or_else(
        || (data_dir.join(CONFIG_FILE), false),
        |path| (PathBuf::from(path), true),
    )
}
