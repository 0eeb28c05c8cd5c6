//! What Beadle does for a community, one folder a feature.
pub mod gate;
pub mod moderation;
