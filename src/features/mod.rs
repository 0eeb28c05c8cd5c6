//! One folder for each feature.
pub mod moderation;
