//! A call's parameters, from JSON, a form, the query or multipart, with the types of the table.
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::errors::ApiError;
use super::spec::{Field, Kind};
use super::validate::{self, Finding};

/// A file that came with the call.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Everything a call carries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params {
    pub(crate) map: Map<String, Value>,
    /// By the name of the part.
    pub(crate) files: HashMap<String, Upload>,
}

impl Params {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Absent is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn list(&self, name: &str) -> Option<&Vec<Value>> {
        self.get(name).and_then(Value::as_array)
    }

    /// A file parameter: an upload by part name or `attach://`, else none.
    pub(crate) fn upload(&self, name: &str) -> Option<&Upload> {
        match self.text(name) {
            Some(link) => self.files.get(link.strip_prefix("attach://")?),
            None => self.files.get(name),
        }
    }

    /// Brings strings of forms to the types of the table; what does not fit stays as it is.
    pub(crate) fn coerce(&mut self, fields: &[Field]) {
        self.map.retain(|_, value| !value.is_null());
        for field in fields {
            // A file part stands for the parameter of its name.
            if self.files.contains_key(&field.name) && !self.map.contains_key(&field.name) {
                let link = format!("attach://{}", field.name);
                self.map.insert(field.name.clone(), Value::String(link));
            }
            if let Some(Value::String(text)) = self.map.get(&field.name)
                && let Some(value) = from_text(&field.kind, text)
            {
                self.map.insert(field.name.clone(), value);
            }
        }
    }

    /// What the table has against these parameters.
    pub(crate) fn findings(&self, fields: &[Field]) -> Vec<Finding> {
        validate::check_fields(fields, &self.map, "")
    }
}

/// A string as the type the table asks for; none when it should stay a string.
fn from_text(kind: &Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Integer => text.trim().parse::<i64>().ok().map(Value::from),
        Kind::Float => text.trim().parse::<f64>().ok().map(Value::from),
        Kind::Boolean | Kind::True => match text {
            "true" | "True" | "TRUE" | "1" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" | "0" | "" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::AnyOf(kinds) => kinds.iter().find_map(|one| from_text(one, text)),
        Kind::Named(name) if name == "InputFile" => None,
        Kind::Array(_) | Kind::Named(_) => {
            let value: Value = serde_json::from_str(text).ok()?;
            (value.is_array() || value.is_object()).then_some(value)
        }
        Kind::String | Kind::Constant(_) | Kind::Anything => None,
    }
}

/// Telegram's words for a missing or mistyped parameter.
pub(crate) fn refusal(method: &str, finding: &Finding) -> ApiError {
    let name = finding.path.split(['.', '[']).next().unwrap_or_default();
    if finding.fault == validate::Breach::Missing && finding.path == name {
        return ApiError::bad(match (method, name) {
            ("sendMessage" | "editMessageText", "text") => "message text is empty".to_owned(),
            (_, "message_id") => "message identifier is not specified".to_owned(),
            (_, "message_ids") => "message identifiers are not specified".to_owned(),
            (_, "user_id") => "invalid user_id specified".to_owned(),
            (_, "photo" | "document" | "video" | "animation" | "audio" | "voice" | "sticker") => {
                format!("there is no {name} in the request")
            }
            _ => format!("{name} is empty"),
        });
    }
    ApiError::bad(match name {
        "permissions" => "can't parse permissions JSON object".to_owned(),
        "reply_markup" => "object expected as reply markup".to_owned(),
        "chat_id" => "chat identifier must be a valid Integer".to_owned(),
        _ => format!("can't parse {name}: {} is wrong", finding.path),
    })
}
