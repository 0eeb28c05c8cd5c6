//! The promise about delivery, kept by the real program while it is killed: nothing lost, nothing twice.
mod child;
mod guest;
mod jobs;
mod points;
mod poison;
mod promise;
mod restrained;
mod round;
mod script;
mod soak;
mod taps;
mod world;
