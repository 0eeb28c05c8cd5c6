//! What admins may set for a group: each setting declared once; chat, CLI, files and REST are faces of this table.
//!
//! The values lie as one JSON tree in `groups.settings`; a path such as `moderation.notes` is its place there,
//! in TOML, in REST and in `/set`. Features declare their settings, `app` puts them together.
mod change;
mod file;
mod kind;
mod store;

pub use change::{Altered, Outcome, change, plan};
pub use file::{Import, LONGEST as LONGEST_FILE, export, import};
pub use kind::{Kind, Own};
pub use store::{Listed, groups, put, tree};

use serde_json::Value;

/// One setting of a group.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its place in the tree, parts joined by dots.
    pub path: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// The value of groups for which nobody chose one, as JSON.
    pub default: &'static str,
    /// What it is for, in one English sentence without a full stop: for files and the command line. In chat
    /// the text `set-` + path (dots and underscores as dashes) names it.
    pub doc: &'static str,
}

impl Setting {
    /// The default as a value.
    pub fn usual(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or(Value::Null)
    }

    /// The key of its name in the catalogues.
    pub fn text_key(&self) -> String {
        format!("set-{}", self.path.replace(['.', '_'], "-"))
    }
}

/// A value that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {detail}")]
pub struct Fault {
    /// The setting, or what was written instead of one.
    pub path: String,
    /// What is wrong and what would be right, in one English sentence without a full stop.
    pub detail: String,
}

/// What several settings must be together.
#[derive(Debug, Clone, Copy)]
pub struct Law {
    /// The settings, by path.
    pub paths: &'static [&'static str],
    /// Whether their values, in that order, go together; the fault is one English sentence without a full stop.
    pub holds: fn(&[Value]) -> Result<(), String>,
}

/// The settings of all features.
#[derive(Debug, Clone, Default)]
pub struct Table {
    settings: Vec<&'static Setting>,
    laws: Vec<&'static Law>,
    beside: &'static [&'static str],
}

impl Table {
    /// The settings of `parts`, in their order.
    pub fn new(parts: &[&'static [Setting]]) -> Self {
        Self {
            settings: parts.iter().flat_map(|part| part.iter()).collect(),
            laws: Vec::new(),
            beside: &[],
        }
    }

    /// The same, with what settings must be together.
    #[must_use]
    pub fn under(mut self, laws: &'static [Law]) -> Self {
        self.laws.extend(laws);
        self
    }

    /// The same, in files that hold other tables beside the settings, at these paths: somebody else reads those.
    #[must_use]
    pub fn beside(mut self, tables: &'static [&'static str]) -> Self {
        self.beside = tables;
        self
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &'static Setting> + '_ {
        self.settings.iter().copied()
    }

    /// The setting that somebody calls `name`: by its path, or by the last part of it where only one ends so.
    pub fn named(&self, name: &str) -> Result<&'static Setting, Fault> {
        let last = |s: &Setting| s.path.rsplit('.').next() == Some(name);
        let mut short = self.all().filter(|s| last(s));
        match (self.find(name), short.next(), short.next()) {
            (Err(_), Some(only), None) => Ok(only),
            (found, ..) => found,
        }
    }

    /// The path that was probably meant by a name that is none.
    pub fn near(&self, name: &str) -> Option<&'static str> {
        // The comparison takes the product of the lengths, and nobody's typo is that long.
        if name.len() > 80 {
            return None;
        }
        let far = |word: &str| {
            let distance = strsim::damerau_levenshtein(name, word);
            (distance <= 1 + word.len() / 5).then_some(distance)
        };
        let scored = self.all().filter_map(|s| {
            let last = s.path.rsplit('.').next().unwrap_or(s.path);
            let near = far(s.path).into_iter().chain(far(last)).min()?;
            Some((near, s.path))
        });
        scored.min().map(|(_, path)| path)
    }

    /// What is wrong with a group's values taken together.
    pub fn unlawful(&self, own: &Value) -> Vec<Fault> {
        let value = |path: &&str| {
            let found = self.all().find(|s| s.path == *path)?;
            let chosen = at(own, path).and_then(|v| found.kind.check(v).ok());
            Some(chosen.unwrap_or_else(|| found.usual()))
        };
        let broken = self.laws.iter().filter_map(|law| {
            let values: Option<Vec<Value>> = law.paths.iter().map(value).collect();
            let detail = (law.holds)(&values?).err()?;
            Some(Fault {
                path: law.paths.join(", "),
                detail,
            })
        });
        broken.collect()
    }

    /// Whether there is a setting at `path`.
    fn has(&self, path: &str) -> bool {
        self.all().any(|s| s.path == path)
    }

    /// The setting at `path`; the fault names the one that was probably meant.
    pub fn find(&self, path: &str) -> Result<&'static Setting, Fault> {
        if let Some(found) = self.all().find(|s| s.path == path) {
            return Ok(found);
        }
        let shown: String = path.chars().take(60).collect();
        Err(Fault {
            detail: match self.near(path) {
                Some(path) => format!("there is no such setting; did you mean {path}?"),
                None => "there is no such setting".to_owned(),
            },
            path: shown,
        })
    }

    /// Reads what a person wrote for the setting at `path`.
    pub fn parse(&self, path: &str, words: &str) -> Result<(&'static Setting, Value), Fault> {
        let setting = self.find(path)?;
        let value = setting.kind.parse(words).map_err(|detail| Fault {
            path: path.to_owned(),
            detail,
        })?;
        Ok((setting, value))
    }

    /// Whether `value` may stand at `path`; gives it as it is kept.
    pub fn check(&self, path: &str, value: &Value) -> Result<(&'static Setting, Value), Fault> {
        let setting = self.find(path)?;
        let value = setting.kind.check(value).map_err(|detail| Fault {
            path: path.to_owned(),
            detail,
        })?;
        Ok((setting, value))
    }

    /// What holds in a group whose own values are `own`: each setting with its value, and whether it was chosen. A
    /// chosen value that cannot be (an older version's) counts as not chosen.
    pub fn holds(&self, own: &Value) -> Vec<(&'static Setting, Value, bool)> {
        self.all()
            .map(
                |s| match at(own, s.path).and_then(|v| s.kind.check(v).ok()) {
                    Some(value) => (s, value, true),
                    None => (s, s.usual(), false),
                },
            )
            .collect()
    }
}

/// The value at `path` of a tree.
pub fn at<'v>(tree: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(tree, |value, part| value.get(part))
}
