//! The Bot API as a table: methods, parameters, types and fields of version 10.3.
use std::collections::HashMap;
use std::sync::LazyLock;

/// A type as the documentation writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Float,
    Boolean,
    /// A flag that is either `true` or absent.
    True,
    String,
    /// A discriminator with one value.
    Constant(String),
    Array(Box<Kind>),
    Named(String),
    AnyOf(Vec<Kind>),
    Anything,
}

/// A parameter or field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// A method's parameters and answer.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    /// As the documentation spells it.
    pub(crate) name: String,
    pub(crate) returns: Kind,
    pub(crate) fields: Vec<Field>,
}

/// A type: a record with fields, or one of several types.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    Record(Vec<Field>),
    OneOf(Vec<Kind>),
}

/// The whole table.
#[derive(Debug, Default)]
pub(crate) struct Spec {
    /// By lower-case name.
    pub(crate) methods: HashMap<String, Method>,
    pub(crate) types: HashMap<String, Type>,
}

/// Read once, at the first call.
pub(crate) static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::read(include_str!("botapi.tsv")));

impl Spec {
    /// Reads the table; lines that it does not know are left out.
    pub(crate) fn read(table: &str) -> Self {
        enum Open {
            Nothing,
            Method(String),
            Type(String),
        }
        let mut spec = Self::default();
        let mut open = Open::Nothing;
        for line in table.lines() {
            let mut columns = line.split('\t');
            let (tag, name, rest) = (columns.next(), columns.next(), columns.next());
            let (Some(tag), Some(name)) = (tag, name) else {
                continue;
            };
            match tag {
                "M" => {
                    let key = name.to_ascii_lowercase();
                    let returns = rest.map_or(Kind::Anything, Kind::read);
                    let method = Method {
                        name: name.to_owned(),
                        returns,
                        fields: Vec::new(),
                    };
                    spec.methods.insert(key.clone(), method);
                    open = Open::Method(key);
                }
                "T" => {
                    spec.types.insert(name.to_owned(), Type::Record(Vec::new()));
                    open = Open::Type(name.to_owned());
                }
                "U" => {
                    let members = rest
                        .unwrap_or_default()
                        .split('|')
                        .map(Kind::read)
                        .collect();
                    spec.types.insert(name.to_owned(), Type::OneOf(members));
                    open = Open::Nothing;
                }
                "F" => {
                    let field = Field {
                        required: name.ends_with('*'),
                        name: name.trim_end_matches('*').to_owned(),
                        kind: rest.map_or(Kind::Anything, Kind::read),
                    };
                    match &open {
                        Open::Method(key) => {
                            if let Some(method) = spec.methods.get_mut(key) {
                                method.fields.push(field);
                            }
                        }
                        Open::Type(key) => {
                            if let Some(Type::Record(fields)) = spec.types.get_mut(key) {
                                fields.push(field);
                            }
                        }
                        Open::Nothing => {}
                    }
                }
                _ => {}
            }
        }
        spec
    }

    /// A method by its name, in any case.
    pub(crate) fn method(&self, name: &str) -> Option<&Method> {
        self.methods.get(&name.to_ascii_lowercase())
    }
}

impl Kind {
    /// Reads `Integer|String`, `[Message]`, `=creator`, `?`.
    pub(crate) fn read(text: &str) -> Self {
        if text.starts_with('[') && text.ends_with(']') && balanced(&text[1..text.len() - 1]) {
            return Self::Array(Box::new(Self::read(&text[1..text.len() - 1])));
        }
        let parts = alternatives(text);
        if parts.len() > 1 {
            return Self::AnyOf(parts.into_iter().map(Self::read).collect());
        }
        match text {
            "Integer" => Self::Integer,
            "Float" => Self::Float,
            "Boolean" => Self::Boolean,
            "True" => Self::True,
            "String" => Self::String,
            "?" => Self::Anything,
            _ => match text.strip_prefix('=') {
                Some(constant) => Self::Constant(constant.to_owned()),
                None => Self::Named(text.to_owned()),
            },
        }
    }
}

/// No bracket closes before it was opened, so `[a]|[b]` is not taken for one array.
fn balanced(inner: &str) -> bool {
    let mut depth = 0_i32;
    for c in inner.chars() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Splits at `|` outside brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            '|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
