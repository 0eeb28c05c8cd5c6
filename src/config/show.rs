//! The settings for people: what holds now and why, a file to begin with, the table of the documents.
use std::fmt::Write as _;

use super::foreign::{FOREIGN, Fate};
use super::setting::{About, Form};
use super::table::ALL;
use super::values::{Origin, Values};

/// What stands where a secret would.
const MASK: &str = "(set, not shown)";

/// One setting as it holds now.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Row {
    /// Its place in `beadle.toml`.
    pub key: &'static str,
    /// The value; a secret's is masked, and an absent one is None.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: String,
    /// Whether it is a secret.
    pub secret: bool,
}

/// All settings as they hold now.
pub fn rows(values: &Values) -> Vec<Row> {
    ALL.iter()
        .map(|setting| {
            let about = setting.about();
            let found = values.found(about.key);
            let value = match found {
                Some(_) if about.secret => Some(MASK.to_owned()),
                Some(found) => Some(found.text.clone()),
                None if about.default.is_empty() => None,
                None => Some(about.default.to_owned()),
            };
            let origin = found.map_or(Origin::Default, |f| f.origin.clone());
            Row {
                key: about.key,
                value,
                origin: origin.to_string(),
                secret: about.secret,
            }
        })
        .collect()
}

/// A file with every setting, commented out, at its default.
pub fn generate() -> String {
    let mut text = String::from(
        "# Settings of Beadle. This file lies in the data directory, or is named with --config.\n\
         # Flags and environment variables win over it. What is commented out is the default.\n\
         # `beadle config check` finds mistakes, `beadle config show --origin` says what holds and why.\n",
    );
    let mut section = "";
    for about in ALL.iter().map(|s| s.about()) {
        let (above, name) = about.key.rsplit_once('.').unwrap_or(("", about.key));
        if above != section {
            section = above;
            // Writing to a String cannot fail.
            let _infallible = write!(text, "\n[{above}]\n");
        }
        text.push('\n');
        comment(&mut text, about);
        if about.secret {
            let _infallible = writeln!(
                text,
                "# A secret: not here, but in {0}_FILE=/path/of/a/file, as a systemd credential\n\
                 # named {1}, or in {0}.",
                about.env,
                about.env.to_lowercase().replace('_', "-")
            );
        } else {
            let _infallible = writeln!(text, "#{name} = {}", quoted(about));
        }
    }
    text
}

fn comment(text: &mut String, about: &About) {
    let _infallible = writeln!(text, "# {}.", about.doc);
    let flag = about.flags().map(|f| format!(", --{f}"));
    let names: Vec<&str> = about.env_names().collect();
    let _infallible = writeln!(
        text,
        "# Also {}{}.",
        names.join(", "),
        flag.collect::<String>()
    );
    if about.default.is_empty() && !about.otherwise.is_empty() && !about.secret {
        let _infallible = writeln!(text, "# Without it: {}.", about.otherwise);
    }
}

fn quoted(about: &About) -> String {
    match about.form {
        Form::Text => format!("\"{}\"", about.default),
        Form::Number => about.default.to_owned(),
        Form::List => "[]".to_owned(),
    }
}

/// The tables of docs/settings.md.
pub fn markdown() -> String {
    let mut text = String::from(
        "| in beadle.toml | in the environment | flag | what it is for | default |\n|---|---|---|---|---|\n",
    );
    let code = |names: &mut dyn Iterator<Item = String>| {
        names
            .map(|n| format!("`{n}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    for about in ALL.iter().map(|s| s.about()) {
        let key = if about.secret {
            format!("(`{}`: a secret, never in the file)", about.key)
        } else {
            format!("`{}`", about.key)
        };
        let default = if about.otherwise.is_empty() && !about.default.is_empty() {
            format!("`{}`", about.default)
        } else {
            about.otherwise.to_owned()
        };
        let _infallible = writeln!(
            text,
            "| {key} | {} | {} | {} | {default} |",
            code(&mut about.env_names().map(str::to_owned)),
            code(&mut about.flags().map(|f| format!("--{f}"))),
            if about.live {
                format!("{} ↻", about.doc)
            } else {
                about.doc.to_owned()
            },
        );
    }
    text.push_str(
        "\n↻ `systemctl reload beadle` (SIGHUP) is enough after a change in the file; all others want a restart.\n\
         \nKnown from other designs, and no mistake:\n\n| name | what becomes of it |\n|---|---|\n",
    );
    for foreign in FOREIGN {
        let fate = match foreign.fate {
            Fate::Later(what) => format!("not used yet; for {what}"),
            Fate::Ignored(why) => format!("ignored: {why}"),
        };
        let _infallible = writeln!(text, "| `{}` | {fate} |", foreign.env);
    }
    text
}
