//! The environment, read once at start, and the files in which secrets may lie instead.
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A secret's file holds at most this many bytes.
const SECRET_FILE: u64 = 64 << 10;

/// A copy of the process's environment, or a made-up one in tests.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, String>);

/// Names only: values may be secrets.
impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Env")
            .field(&self.0.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Where a secret was found.
pub(super) enum SecretPlace {
    /// A file that systemd put there.
    Credential(PathBuf),
    /// The file that `NAME_FILE` names.
    File(PathBuf),
    /// The variable itself.
    Variable,
}

impl Env {
    /// The process's environment.
    pub fn from_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }

    /// An environment of these variables only.
    pub fn of(vars: &[(&str, &str)]) -> Self {
        Self(
            vars.iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    /// The value of `name`, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// Sets one variable, as a prompt does with what a person typed.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// All names that are set.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A secret from `$CREDENTIALS_DIRECTORY/name`, the file in `NAME_FILE`, or `NAME`.
    pub(super) fn secret(&self, name: &str) -> Result<Option<(String, SecretPlace)>, String> {
        let file_var = format!("{name}_FILE");
        let credential = self
            .get("CREDENTIALS_DIRECTORY")
            .map(|dir| PathBuf::from(dir).join(name.to_lowercase().replace('_', "-")))
            .filter(|path| path.exists());
        let named = self.get(&file_var).map(PathBuf::from);
        if named.is_some() && self.get(name).is_some() {
            return Err(format!(
                "{name} and {file_var} are both set: keep one of them"
            ));
        }
        let found = match (credential, named) {
            (Some(path), _) => Some((
                read_secret(&path).map_err(|e| format!("{name}: {e}"))?,
                SecretPlace::Credential(path),
            )),
            (None, Some(path)) => Some((
                read_secret(&path).map_err(|e| format!("{file_var}: {e}"))?,
                SecretPlace::File(path),
            )),
            (None, None) => self
                .get(name)
                .map(|v| (v.to_owned(), SecretPlace::Variable)),
        };
        Ok(found.filter(|(value, _)| !value.is_empty()))
    }

    /// The data directory for verbs that only look at it: the flag, else as `run` finds it.
    pub fn data_dir_or(&self, flag: Option<&Path>) -> Result<PathBuf, super::ConfigErrors> {
        let mut flags = super::Flags::default();
        if let Some(dir) = flag {
            flags.set("data-dir", dir.to_string_lossy().into_owned());
        }
        super::Values::read(&flags, self).data_dir()
    }
}

fn read_secret(path: &Path) -> Result<String, String> {
    let problem = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let file = std::fs::File::open(path).map_err(problem)?;
    let mut text = String::new();
    let taken = file
        .take(SECRET_FILE + 1)
        .read_to_string(&mut text)
        .map_err(problem)?;
    if taken as u64 > SECRET_FILE {
        return Err(format!(
            "{} is larger than 64 KiB and holds no secret",
            path.display()
        ));
    }
    Ok(text.trim().to_owned())
}
