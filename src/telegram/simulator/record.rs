//! What was called, and what was wrong with it, for tests to read.
use serde_json::Value;

use super::spec::{Kind, Method};
use super::validate::{self, Breach, Finding};
use super::world::World;

/// One call as it came in.
#[derive(Debug, Clone)]
pub struct Call {
    /// As the documentation spells it; as it was called when the method is unknown.
    pub method: String,
    /// After bringing strings of forms to their types.
    pub params: Value,
    /// Milliseconds by the simulator's clock.
    pub at: i64,
    /// `result`, or code and description.
    pub outcome: Result<Value, (u16, String)>,
}

/// Where a violation was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a call's parameters.
    Call,
    /// In an answer of the simulator.
    Answer,
    /// In an update of the simulator.
    Update,
    /// A method that the simulator does not carry out.
    NotCarriedOut,
}

/// Something that the Bot API's description does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// In a call, an answer or an update.
    pub place: Place,
    /// The method, or the kind of update.
    pub name: String,
    /// Dotted path of the parameter or field; empty for the whole.
    pub path: String,
    /// Missing, mistyped or unknown; none when the method itself is unknown.
    pub breach: Option<Breach>,
    /// What was expected.
    pub expected: String,
}

/// What a test put into a message is quoted as it is and says nothing about the simulator.
fn own(finding: &Finding) -> bool {
    !finding.path.contains("reply_to_message") && !finding.path.contains("pinned_message")
}

impl World {
    pub(crate) fn violate(&mut self, place: Place, name: &str, finding: Finding) {
        // A loop that calls wrongly must not fill the memory.
        if self.violations.len() < 1000 {
            self.violations.push(Violation {
                place,
                name: name.to_owned(),
                path: finding.path,
                breach: Some(finding.fault),
                expected: finding.expected,
            });
        }
    }

    pub(crate) fn unknown_method(&mut self, place: Place, name: &str) {
        if self.violations.len() < 1000 {
            self.violations.push(Violation {
                place,
                name: name.to_owned(),
                path: String::new(),
                breach: None,
                expected: "a method of the Bot API".to_owned(),
            });
        }
    }

    /// Holds an answer against the table.
    pub(crate) fn check_answer(&mut self, method: &Method, result: &Value) {
        for finding in validate::check(&method.returns, result, "")
            .into_iter()
            .filter(own)
        {
            self.violate(Place::Answer, &method.name, finding);
        }
    }

    /// Holds an update against the table.
    pub(crate) fn check_update(&mut self, kind: &str, payload: &Value) {
        let mut update = serde_json::Map::new();
        update.insert("update_id".into(), Value::from(1));
        update.insert(kind.to_owned(), payload.clone());
        let whole = Kind::Named("Update".to_owned());
        let found = validate::check(&whole, &Value::Object(update), "");
        for finding in found.into_iter().filter(own) {
            self.violate(Place::Update, kind, finding);
        }
    }

    /// Writes a call into the log, which keeps the newest.
    pub(crate) fn log(&mut self, call: Call) {
        if let Some(heard) = &self.options.heard {
            heard(&call.method, &call.params);
        }
        let limit = self.options.keep_calls;
        if limit == 0 {
            return;
        }
        if self.calls.len() >= limit {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }
}
