//! Stages that belong to no feature.
mod admission;
mod hello;
mod record;
mod route;

pub use admission::AdmissionStage;
pub use hello::HelloCommand;
pub use record::RecordStage;
pub use route::{ChatCommand, Reply, RouteStage, Said};
