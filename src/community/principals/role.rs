//! Roles, and the scopes each brings: the one table of who may do what.

/// One thing that may be allowed, named `resource:action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// See a group's settings, verdicts and numbers.
    GroupRead,
    /// Change a group's settings and mode.
    GroupWrite,
    /// Delete messages, decide cards, teach.
    MessageModerate,
    /// Mute, ban and lift.
    MemberRestrict,
    /// See what a group's answers are drawn from.
    KnowledgeRead,
    /// Change it.
    KnowledgeWrite,
    /// See a project, its context and drafts.
    ProjectRead,
    /// Change a project and its context.
    ProjectWrite,
    /// Write and change drafts.
    PostDraft,
    /// Approve a draft.
    PostApprove,
    /// Publish what was approved.
    PostPublish,
    /// Read books.
    BookRead,
    /// Write in books.
    BookWrite,
    /// Read the audit.
    AuditRead,
    /// Give and take roles.
    RoleWrite,
    /// Have a person forgotten.
    PersonErase,
    /// See the state of the machine and of the queues.
    HouseRead,
    /// Change the process's settings, make backups, replay dead letters.
    HouseOperate,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 18] = [
        Self::GroupRead,
        Self::GroupWrite,
        Self::MessageModerate,
        Self::MemberRestrict,
        Self::KnowledgeRead,
        Self::KnowledgeWrite,
        Self::ProjectRead,
        Self::ProjectWrite,
        Self::PostDraft,
        Self::PostApprove,
        Self::PostPublish,
        Self::BookRead,
        Self::BookWrite,
        Self::AuditRead,
        Self::RoleWrite,
        Self::PersonErase,
        Self::HouseRead,
        Self::HouseOperate,
    ];

    /// Its name in tokens and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupRead => "group:read",
            Self::GroupWrite => "group:write",
            Self::MessageModerate => "message:moderate",
            Self::MemberRestrict => "member:restrict",
            Self::KnowledgeRead => "knowledge:read",
            Self::KnowledgeWrite => "knowledge:write",
            Self::ProjectRead => "project:read",
            Self::ProjectWrite => "project:write",
            Self::PostDraft => "post:draft",
            Self::PostApprove => "post:approve",
            Self::PostPublish => "post:publish",
            Self::BookRead => "book:read",
            Self::BookWrite => "book:write",
            Self::AuditRead => "audit:read",
            Self::RoleWrite => "role:write",
            Self::PersonErase => "person:erase",
            Self::HouseRead => "house:read",
            Self::HouseOperate => "house:operate",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What somebody is in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs the house.
    Operator,
    /// Owns a group or project.
    Owner,
    /// Looks after it for the owner.
    Admin,
    /// Keeps order in a group.
    Moderator,
    /// Says what is published.
    Approver,
    /// Writes what is to be published, and what answers are drawn from.
    Editor,
    /// Looks on.
    Viewer,
}

/// What a viewer sees.
const VIEW: [Scope; 3] = [Scope::GroupRead, Scope::KnowledgeRead, Scope::ProjectRead];

impl Role {
    /// All roles.
    pub const ALL: [Self; 7] = [
        Self::Operator,
        Self::Owner,
        Self::Admin,
        Self::Moderator,
        Self::Approver,
        Self::Editor,
        Self::Viewer,
    ];

    /// Its name in the database and in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Approver => "approver",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// Whether it brings `scope`.
    pub fn brings(self, scope: Scope) -> bool {
        use Scope::*;
        let house = matches!(scope, HouseRead | HouseOperate | PersonErase);
        match self {
            Self::Operator => true,
            Self::Owner => !house,
            // Books and roles stay with the owner.
            Self::Admin => !house && !matches!(scope, BookRead | BookWrite | RoleWrite),
            Self::Moderator => {
                VIEW.contains(&scope) || matches!(scope, MessageModerate | MemberRestrict)
            }
            Self::Approver => {
                VIEW.contains(&scope) || matches!(scope, PostDraft | PostApprove | PostPublish)
            }
            Self::Editor => {
                VIEW.contains(&scope) || matches!(scope, KnowledgeWrite | ProjectWrite | PostDraft)
            }
            Self::Viewer => VIEW.contains(&scope),
        }
    }
}
