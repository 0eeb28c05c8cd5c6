//! The flags of `run`, made of the settings that have one.
use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Command, FromArgMatches};

use super::setting::About;
use super::table::ALL;

/// The flag that names the file of settings.
const CONFIG: &str = "config";

/// What the command line gave; each wins over the environment.
#[derive(Debug, Clone, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// The value of a flag, by its long name.
    pub fn get(&self, flag: &str) -> Option<&str> {
        self.0.get(flag).map(String::as_str)
    }

    /// Sets a flag, as if it had been given.
    pub fn set(&mut self, flag: &'static str, value: String) {
        self.0.insert(flag, value);
    }

    /// The file of settings that was named.
    pub(super) fn config(&self) -> Option<&str> {
        self.get(CONFIG)
    }
}

/// Every flag with what it is for: (long name, shape, help).
fn flags() -> Vec<(&'static str, &'static str, String)> {
    let mut flags = vec![(
        CONFIG,
        "FILE",
        "File of settings [env: BEADLE_CONFIG] [default: beadle.toml in the data directory]"
            .to_owned(),
    )];
    for about in ALL.iter().map(|s| s.about()) {
        if let Some(flag) = about.flag {
            flags.push((flag, about.shape, help(about)));
        }
        for alias in about.aliases {
            if let Some(flag) = alias.flag {
                let whole = about.flag.unwrap_or(about.key);
                let help = format!("Like --{whole}, with the {flag} alone [env: {}]", alias.env);
                flags.push((flag, "N", help));
            }
        }
    }
    flags
}

fn help(about: &About) -> String {
    format!(
        "{} [env: {}] [default: {}]",
        about.doc,
        about.env,
        about.without()
    )
}

/// The flags that say where a Beadle is, for verbs that look at one.
#[derive(Debug, Clone, Default)]
pub struct PlaceFlags(pub Flags);

/// See [`PlaceFlags`].
const PLACE: [&str; 4] = [CONFIG, "data-dir", "listen", "port"];

fn augmented(command: Command, wanted: impl Fn(&str) -> bool) -> Command {
    flags()
        .into_iter()
        .filter(|(flag, _, _)| wanted(flag))
        .fold(command, |command, (flag, shape, help)| {
            command.arg(Arg::new(flag).long(flag).value_name(shape).help(help))
        })
}

impl clap::Args for PlaceFlags {
    fn augment_args(command: Command) -> Command {
        augmented(command, |flag| PLACE.contains(&flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PlaceFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl clap::Args for Flags {
    fn augment_args(command: Command) -> Command {
        augmented(command, |_| true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self::default();
        given.update_from_arg_matches(matches)?;
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (flag, _, _) in flags() {
            // Verbs that look at a Beadle declare some of them only.
            if let Ok(Some(value)) = matches.try_get_one::<String>(flag) {
                self.set(flag, value.clone());
            }
        }
        Ok(())
    }
}
