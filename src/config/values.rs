//! What was given for each setting, and where: flag, then environment, then file, then default.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::env::SecretPlace;
use super::file::{self, nearest};
use super::foreign::FOREIGN;
use super::setting::{About, Declared, Setting};
use super::table::{self, ALL};
use super::{ConfigErrors, Env, Flags};

/// Something the operator should know; not a fault.
pub type Notice = String;

/// Variables that are no settings: named by whoever starts Beadle in a special way.
const NO_SETTINGS: [&str; 2] = ["BEADLE_CONFIG", "BEADLE_CRASH_AT"];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// A variable.
    Env(&'static str),
    /// A credential that systemd handed over.
    Credential(PathBuf),
    /// The file that `NAME_FILE` names.
    SecretFile(String, PathBuf),
    /// `beadle.toml`, with the line.
    File(PathBuf, usize),
    /// Nobody said anything.
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Env(name) => f.write_str(name),
            Self::Credential(path) => write!(f, "credential {}", path.display()),
            Self::SecretFile(name, path) => write!(f, "{name}={}", path.display()),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value as text, before it is read.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// All that was given, and what is wrong with it.
pub struct Values {
    found: BTreeMap<&'static str, Found>,
    faults: Vec<String>,
    notices: Vec<Notice>,
}

impl Values {
    /// Collects everything; nothing fails here, the faults are kept.
    pub fn read(flags: &Flags, env: &Env) -> Self {
        let mut values = Self {
            found: BTreeMap::new(),
            faults: Vec::new(),
            notices: Vec::new(),
        };
        for setting in ALL {
            let about = setting.about();
            if let Some(found) = values.given(about, flags, env) {
                values.found.insert(about.key, found);
            }
        }
        values.file(flags.config().or(env.get("BEADLE_CONFIG")));
        for setting in ALL {
            values.check(*setting);
        }
        values.strangers(env);
        values
    }

    /// From a flag or the environment.
    fn given(&mut self, about: &'static About, flags: &Flags, env: &Env) -> Option<Found> {
        if let Some(flag) = about.flag
            && let Some(text) = flags.get(flag)
        {
            return Some(Found {
                text: text.to_owned(),
                origin: Origin::Flag(flag),
            });
        }
        for alias in about.aliases {
            if let Some(flag) = alias.flag
                && let Some(text) = flags.get(flag)
            {
                return self.translated(alias.means, text, Origin::Flag(flag));
            }
        }
        if let Some(found) = self.variable(about, about.env, |t| Ok(Some(t.to_owned())), env) {
            return Some(found);
        }
        about
            .aliases
            .iter()
            .filter(|alias| !alias.env.is_empty())
            .find_map(|alias| self.variable(about, alias.env, alias.means, env))
    }

    fn variable(
        &mut self,
        about: &About,
        name: &'static str,
        means: fn(&str) -> Result<Option<String>, String>,
        env: &Env,
    ) -> Option<Found> {
        if !about.secret {
            let text = env.get(name)?;
            return self.translated(means, text, Origin::Env(name));
        }
        match env.secret(name) {
            Ok(found) => {
                let (text, place) = found?;
                let origin = match place {
                    SecretPlace::Credential(path) => Origin::Credential(path),
                    SecretPlace::File(path) => Origin::SecretFile(format!("{name}_FILE"), path),
                    SecretPlace::Variable => Origin::Env(name),
                };
                Some(Found { text, origin })
            }
            Err(e) => {
                self.faults.push(e);
                None
            }
        }
    }

    fn translated(
        &mut self,
        means: fn(&str) -> Result<Option<String>, String>,
        text: &str,
        origin: Origin,
    ) -> Option<Found> {
        match means(text) {
            Ok(text) => text.map(|text| Found { text, origin }),
            Err(e) => {
                self.faults.push(format!("{origin}: {e}"));
                None
            }
        }
    }

    /// Adds what the file says of settings that nobody gave otherwise.
    fn file(&mut self, named: Option<&str>) {
        let key = table::DATA_DIR.about.key;
        let dir = self.found.get(key).map(|f| PathBuf::from(&f.text));
        let dir = dir.unwrap_or_else(|| PathBuf::from(table::DATA_DIR.about.default));
        let (path, must) = file::place(named, &dir);
        let Some(read) = file::read(&path) else {
            if must {
                self.faults.push(format!(
                    "{}: there is no such file; `beadle config generate` prints one to begin with",
                    path.display()
                ));
            }
            return;
        };
        self.faults.extend(read.faults);
        for line in read.lines {
            let about = line.setting.about();
            if about.key == key && !must {
                self.faults.push(format!(
                    "{}:{}: data_dir cannot be said in a file that lies in it: use --data-dir or {}",
                    path.display(),
                    line.line,
                    about.env
                ));
                continue;
            }
            // An empty text is how the file says "as by default".
            if line.text.trim().is_empty() {
                continue;
            }
            // Its soundness matters even where a flag or variable wins.
            let origin = Origin::File(path.clone(), line.line);
            if let Err(e) = line.setting.check(line.text.trim()) {
                self.faults.push(format!("{origin}: {}: {e}", about.key));
                continue;
            }
            self.found.entry(about.key).or_insert(Found {
                text: line.text.trim().to_owned(),
                origin,
            });
        }
    }

    fn check(&mut self, setting: &dyn Declared) {
        let about = setting.about();
        if let Some(found) = self.found.get(about.key)
            && let Err(e) = setting.check(&found.text)
        {
            self.faults.push(format!("{}: {e}", found.origin));
        }
    }

    /// Names that Beadle knows and does not use, and names that look like its own and are not.
    fn strangers(&mut self, env: &Env) {
        for foreign in FOREIGN {
            let value = if foreign.secret {
                env.secret(foreign.env).map(|found| found.map(|(v, _)| v))
            } else {
                Ok(env.get(foreign.env).map(str::to_owned))
            };
            match value {
                Ok(None) => {}
                Ok(Some(value)) => match (foreign.check)(&value) {
                    Ok(()) => self.notices.push(foreign.notice()),
                    Err(e) => self.faults.push(format!("{}: {e}", foreign.env)),
                },
                Err(e) => self.faults.push(e),
            }
        }
        let known = || ALL.iter().flat_map(|s| s.about().env_names());
        for name in env.names().filter(|name| name.starts_with("BEADLE_")) {
            let secret = ALL
                .iter()
                .any(|s| s.about().secret && name == format!("{}_FILE", s.about().env));
            if secret || known().any(|k| k == name) || NO_SETTINGS.contains(&name) {
                continue;
            }
            let shown: String = name.chars().take(80).collect();
            let guess = nearest(name, known())
                .map_or_else(String::new, |near| format!(": did you mean {near}?"));
            self.notices
                .push(format!("{shown} is not a setting of Beadle{guess}"));
        }
    }

    /// The value of a setting: what was given, else its default; None when there is neither, or when
    /// what was given is a fault.
    pub fn get<T>(&self, setting: &Setting<T>) -> Option<T> {
        let about = &setting.about;
        let text = self
            .found
            .get(about.key)
            .map_or(about.default, |f| f.text.as_str());
        if text.is_empty() {
            return None;
        }
        // A fault was noted when it was read.
        (setting.parse)(text).ok()
    }

    pub(super) fn found(&self, key: &str) -> Option<&Found> {
        self.found.get(key)
    }

    /// Whether nothing is wrong with what was given for a setting under any of its names.
    pub(super) fn is_sound<T>(&self, setting: &Setting<T>) -> bool {
        self.faults_of(&setting.about).is_empty()
    }

    fn faults_of(&self, about: &About) -> Vec<String> {
        let names = about.env_names().map(|name| format!("{name}:"));
        let heads: Vec<String> = names
            .chain(about.flags().map(|flag| format!("--{flag}:")))
            .collect();
        let in_file = format!(": {}: ", about.key);
        let told = |f: &&String| heads.iter().any(|h| f.starts_with(h)) || f.contains(&in_file);
        self.faults.iter().filter(told).cloned().collect()
    }

    /// The data directory alone.
    pub fn data_dir(&self) -> Result<PathBuf, ConfigErrors> {
        let faults = self.faults_of(&table::DATA_DIR.about);
        match self.get(&table::DATA_DIR) {
            Some(dir) if faults.is_empty() => Ok(dir),
            Some(_) | None => Err(ConfigErrors(faults)),
        }
    }

    /// Settings that were given, with where.
    pub(super) fn given_by(&self) -> impl Iterator<Item = (&'static str, &Origin)> {
        self.found.iter().map(|(key, found)| (*key, &found.origin))
    }

    /// What is wrong, in the order in which it was found.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// What the operator should know.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The folder that holds, or would hold, `beadle.toml`.
    pub fn folder(&self) -> PathBuf {
        self.get(&table::DATA_DIR)
            .unwrap_or_else(|| Path::new(table::DATA_DIR.about.default).to_owned())
    }
}
