//! Who may do what, and where: principals, their roles in a tenant, and the scopes of a role.
mod bootstrap;
mod role;
mod rules;
mod store;
mod tenant;

pub use bootstrap::{Change, operators};
pub use role::{Role, Scope};
pub use rules::{Grant, Source, allows};
pub use store::{Principal, grant, grants, may, of_user, revoke, with_role};
pub use tenant::Tenant;
