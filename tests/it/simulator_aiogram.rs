//! The simulated Telegram satisfies aiogram 3.31.0, a client by other people.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use beadle::telegram::simulator::{SimOptions, Simulator};

/// The version whose schema the simulator's table was made from.
const AIOGRAM: &str = "aiogram==3.31.0";

/// Where aiogram is kept between runs: beside the build, which is made anyway.
fn home() -> PathBuf {
    let exe = std::env::current_exe().expect("the test binary has a path");
    let target = exe.ancestors().find(|p| p.ends_with("target"));
    target
        .map_or_else(std::env::temp_dir, Path::to_path_buf)
        .join("aiogram-3.31.0")
}

fn succeeds(command: &mut Command) -> bool {
    let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

/// A Python that has aiogram; none, with a note, where there is none to be had.
fn python() -> Option<Command> {
    if !succeeds(Command::new("python3").arg("--version")) {
        println!("NOTE: python3 is missing: the contract with aiogram was not tried");
        return None;
    }
    let home = home();
    let venv = home.join("venv/bin/python");
    let folder = home.join("packages");
    let with_folder = || {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", &folder);
        command
    };
    let has_aiogram = |mut command: Command| {
        let test = "import aiogram; assert aiogram.__version__ == '3.31.0'";
        succeeds(command.args(["-c", test]))
    };
    if has_aiogram(Command::new(&venv)) {
        return Some(Command::new(venv));
    }
    if has_aiogram(with_folder()) {
        return Some(with_folder());
    }
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--timeout",
        "20",
    ];
    let made = succeeds(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(home.join("venv")),
    ) && succeeds(Command::new(&venv).args(pip).arg(AIOGRAM));
    if made && has_aiogram(Command::new(&venv)) {
        return Some(Command::new(venv));
    }
    let target = Command::new("python3")
        .args(pip)
        .arg("--target")
        .arg(&folder)
        .arg(AIOGRAM)
        .status();
    if target.is_ok_and(|status| status.success()) && has_aiogram(with_folder()) {
        return Some(with_folder());
    }
    println!("NOTE: {AIOGRAM} could not be installed: the contract with aiogram was not tried");
    None
}

#[test]
fn aiogram_reads_every_answer_and_update() {
    let Some(mut python) = python() else { return };
    let options = SimOptions {
        control: true,
        ..SimOptions::default()
    };
    let sim = Simulator::start(options).expect("the simulator starts");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/aiogram_contract.py");
    let output = python
        .arg(script)
        .args([&sim.url(), sim.token()])
        .output()
        .expect("python runs");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    println!("{out}{err}");
    assert!(output.status.success(), "aiogram does not agree");
    assert!(out.contains("aiogram agrees"));
    assert_eq!(sim.violations(), []);
}
