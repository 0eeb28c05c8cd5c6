//! Whose affairs a right is about.
use uuid::Uuid;

/// A part of the house with affairs of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tenant {
    /// The whole house, and with it every group and project; nobody's personal affairs.
    House,
    /// A group, by its chat.
    Group(i64),
    /// A project of the publishing desk.
    Project(Uuid),
    /// One person's own affairs, by Telegram id.
    Person(i64),
}

impl std::fmt::Display for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::House => f.write_str("*"),
            Self::Group(chat) => write!(f, "group:{chat}"),
            Self::Project(id) => write!(f, "project:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
        }
    }
}

impl std::str::FromStr for Tenant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a tenant is *, group:ID, project:UUID or person:ID";
        let number = |n: &str| n.parse().map_err(|_| FORM);
        match text.split_once(':') {
            None if text == "*" => Ok(Self::House),
            Some(("group", id)) => Ok(Self::Group(number(id)?)),
            Some(("project", id)) => Ok(Self::Project(Uuid::parse_str(id).map_err(|_| FORM)?)),
            Some(("person", id)) => Ok(Self::Person(number(id)?)),
            _ => Err(FORM),
        }
    }
}
