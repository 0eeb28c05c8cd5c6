//! Stages that belong to no feature.
mod record;
mod route;

pub use record::RecordStage;
pub use route::{ChatCommand, Reply, RouteStage, Said};
