//! Pure helpers every room may use. Imports nothing of the project.
pub mod clock;
pub mod crash;
pub mod fold;
pub mod ids;
pub mod random;
pub mod redact;
pub mod secretbox;
pub mod span;
