//! Stages that belong to no feature.
mod admission;
mod hello;
mod patience;
mod privacy;
mod record;
mod route;

pub use admission::AdmissionStage;
pub use hello::HelloCommand;
pub use patience::Patience;
pub use privacy::PrivacyCommand;
pub use record::RecordStage;
pub use route::{Act, ChatCommand, Deed, Reply, RouteStage, Said};
