//! What goes over the socket: one JSON object a line, each with the protocol's version and the ask's id.
use serde_json::{Value, json};

use crate::store::StoreError;

/// The version of the protocol.
pub const VERSION: u64 = 1;
/// Longest ask, in bytes: a file of a group with all its lists full, as JSON.
pub const MAX_ASK: usize = 8 << 20;
/// Longest answer line, in bytes: an update of a megabyte, escaped.
pub(super) const MAX_ANSWER: usize = 8 << 20;
/// Longest id of an ask, in bytes.
const MAX_ID: usize = 64;
/// Longest name of a verb, in bytes.
const MAX_VERB: usize = 64;

/// A verb that is not carried out, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// One of a short list: `bad_request`, `not_found`, `forbidden`, `busy`, `too_slow`, `internal`.
    pub code: String,
    /// What happened, in a few words.
    pub title: String,
    /// What, where and the remedy.
    pub detail: String,
}

impl Refusal {
    pub(super) fn new(code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            title: title.to_owned(),
            detail: detail.into(),
        }
    }

    /// The ask cannot be understood.
    pub fn bad(detail: impl Into<String>) -> Self {
        Self::new("bad_request", "the request cannot be understood", detail)
    }

    /// There is no such thing.
    pub fn missing(detail: impl Into<String>) -> Self {
        Self::new("not_found", "there is no such thing", detail)
    }
}

impl From<StoreError> for Refusal {
    fn from(e: StoreError) -> Self {
        Self::new("internal", "the database does not answer", e.to_string())
    }
}

/// One ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Comes back with each line of the answer.
    pub id: String,
    /// What to do.
    pub verb: String,
    /// With what.
    pub args: Value,
}

impl Ask {
    /// Reads one line. An error names what is missing.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        let ask: Value = serde_json::from_slice(line)
            .map_err(|e| Refusal::bad(format!("the line is not JSON: {e}")))?;
        if ask.get("v").and_then(Value::as_u64) != Some(VERSION) {
            return Err(Refusal::bad(format!(
                "this Beadle speaks version {VERSION} of the protocol: use the program of the same version"
            )));
        }
        let text = |name: &str, longest: usize| {
            ask.get(name)
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty() && t.len() <= longest)
                .map(str::to_owned)
                .ok_or_else(|| {
                    Refusal::bad(format!("`{name}` must be a text of 1 to {longest} bytes"))
                })
        };
        Ok(Self {
            id: text("id", MAX_ID)?,
            verb: text("verb", MAX_VERB)?,
            args: ask.get("args").cloned().unwrap_or_else(|| json!({})),
        })
    }

    /// As a line.
    pub fn line(&self) -> String {
        let ask = json!({ "v": VERSION, "id": self.id, "verb": self.verb, "args": self.args });
        format!("{ask}\n")
    }
}

/// The lines that answer an ask: an object for each item and one that ends them, or one with the refusal.
pub(super) fn lines(id: Option<&str>, answer: &Result<Vec<Value>, Refusal>) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut line = |rest: (&str, &Value)| {
        // Writing to a String cannot fail.
        let _infallible = writeln!(
            text,
            "{}",
            json!({ "v": VERSION, "id": id, rest.0: rest.1 })
        );
    };
    match answer {
        Ok(items) => {
            for item in items {
                line(("item", item));
            }
            line(("end", &json!(items.len())));
        }
        Err(refusal) => line(("error", &json!(refusal))),
    }
    text
}
