//! Parse the command line, run one command, set the exit code.
use std::process::ExitCode;

fn main() -> ExitCode {
    beadle::cli::main()
}
