//! Whether grants allow something: pure.
use super::role::{Role, Scope};
use super::tenant::Tenant;
use crate::base::clock::Millis;

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// ALLOWED_USER_IDS: stands and falls with it.
    Config,
    /// Somebody gave it.
    Given,
}

/// A role in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Where it holds.
    pub tenant: Tenant,
    /// What it brings.
    pub role: Role,
    /// Where it comes from.
    pub source: Source,
    /// Holds no longer from this moment on.
    pub expires_at: Option<Millis>,
}

/// Whether somebody with these grants may do `scope` in `tenant` at `now`. What is not granted is denied. A role in the
/// house holds in every group and project, but in nobody's personal affairs: those are open to the person
/// alone (`user`) and to whom that person gave a role there.
pub fn allows(
    user: Option<i64>,
    grants: &[Grant],
    scope: Scope,
    tenant: Tenant,
    now: Millis,
) -> bool {
    if let Tenant::Person(id) = tenant
        && user == Some(id)
    {
        return true;
    }
    grants.iter().any(|grant| {
        let there = match (grant.tenant, tenant) {
            (Tenant::House, Tenant::Person(_)) => false,
            (Tenant::House, _) => true,
            (own, asked) => own == asked,
        };
        there && grant.role.brings(scope) && grant.expires_at.is_none_or(|end| now < end)
    })
}
