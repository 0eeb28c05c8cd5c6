//! What a setting is: its names, default and meaning in one place, with the function that reads it.

/// Everything about a setting but its type: help texts, documents and error messages are made of it.
#[derive(Debug)]
pub struct About {
    /// Its place in `beadle.toml`: `section.name`, or a bare name above the sections.
    pub key: &'static str,
    /// Its main name in the environment.
    pub env: &'static str,
    /// Further names, in the order in which they are asked.
    pub aliases: &'static [Alias],
    /// The long flag of `run`, without dashes. Secrets have none: flags are seen by everybody on the machine.
    pub flag: Option<&'static str>,
    /// What a value looks like, for help texts: `DIR`.
    pub shape: &'static str,
    /// The value when nobody gives one; empty when there is none.
    pub default: &'static str,
    /// What happens without a value, where `default` cannot say it.
    pub otherwise: &'static str,
    /// What it is for, in one sentence without a full stop.
    pub doc: &'static str,
    /// Whether its value is never shown, logged or written into the file.
    pub secret: bool,
    /// How a value stands in the file.
    pub form: Form,
    /// Whether a running Beadle takes up a change when it is told to read its settings anew (SIGHUP).
    pub live: bool,
}

/// How a value stands in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In quotation marks.
    Text,
    /// A whole number.
    Number,
    /// A list; in the environment its items are separated by commas.
    List,
}

/// Another name of a setting, kept for those who come from other designs.
#[derive(Debug)]
pub struct Alias {
    /// Its name in the environment; empty when it is a flag only.
    pub env: &'static str,
    /// Its long flag.
    pub flag: Option<&'static str>,
    /// The setting's value for the alias's; None when it says nothing.
    pub means: fn(&str) -> Result<Option<String>, String>,
}

impl Alias {
    /// A name with the same values.
    pub const fn same(env: &'static str) -> Self {
        Self {
            env,
            flag: None,
            means: |text| Ok(Some(text.to_owned())),
        }
    }
}

/// A setting with values of type `T`.
#[derive(Debug)]
pub struct Setting<T: 'static> {
    /// Its names, default and meaning.
    pub about: About,
    /// Reads a value. The error is for people, names the remedy, and repeats no secret.
    pub parse: fn(&str) -> Result<T, String>,
}

/// A setting of any type.
pub trait Declared: Sync {
    /// Its names, default and meaning.
    fn about(&self) -> &About;
    /// Whether `text` is a value of it.
    fn check(&self, text: &str) -> Result<(), String>;
}

impl<T> Declared for Setting<T> {
    fn about(&self) -> &About {
        &self.about
    }

    fn check(&self, text: &str) -> Result<(), String> {
        (self.parse)(text).map(drop)
    }
}

impl About {
    /// All names in the environment, in the order in which they are asked.
    pub fn env_names(&self) -> impl Iterator<Item = &'static str> {
        let aliases = self.aliases.iter().map(|a| a.env);
        std::iter::once(self.env).chain(aliases.filter(|name| !name.is_empty()))
    }

    /// All long flags.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        self.flag
            .into_iter()
            .chain(self.aliases.iter().filter_map(|a| a.flag))
    }

    /// What happens when nobody gives a value, in words or as the value itself; empty when nothing does.
    pub fn without(&self) -> &'static str {
        if self.otherwise.is_empty() {
            self.default
        } else {
            self.otherwise
        }
    }
}
