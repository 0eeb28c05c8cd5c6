//! Parse the command line, run one command, set the exit code.
fn main() {}
