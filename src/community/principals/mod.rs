//! Who may do what, and where: principals, their roles in a tenant, and the scopes of a role.
mod allowance;
mod bootstrap;
mod role;
mod rules;
mod store;
mod tenant;

pub use allowance::{Doubt, ability, decide, may_in, right_of};
pub use bootstrap::{Change, operators};
pub use role::{Role, Scope};
pub use rules::{Grant, Source, allows};
pub use store::{
    Principal, allow, allowances, forget, grant, grants, may, of_user, revoke, with_role,
};
pub use tenant::Tenant;
