//! `beadle doctor`: looks for what is wrong, and names the remedy of each thing that is.
mod around;
mod kept;
mod telegram;

use std::process::ExitCode;

use serde_json::json;

use crate::config::{Env, PlaceFlags, Settings, Values};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: PlaceFlags,
    /// Do not ask Telegram anything
    #[arg(long)]
    offline: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// It does not work.
    Fail,
    /// It could not be looked at.
    Skip,
}

/// What a check found.
#[derive(Debug, Clone, serde::Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    /// How it came out.
    state: State,
    /// What was found.
    detail: String,
    /// What to do; empty when there is nothing to do.
    remedy: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, check: &'static str, state: State, detail: impl Into<String>, remedy: &str) {
        self.0.push(Finding {
            check,
            state,
            detail: detail.into(),
            remedy: remedy.to_owned(),
        });
    }

    fn ok(&mut self, check: &'static str, detail: impl Into<String>) {
        self.add(check, State::Ok, detail, "");
    }

    fn skip(&mut self, check: &'static str, why: impl Into<String>) {
        self.add(check, State::Skip, why, "");
    }
}

/// Looks at everything; exits 1 when something does not work.
pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let values = Values::read(&args.flags.0, env);
    let mut found = Findings::default();
    let settings = Settings::of(&values);
    match &settings {
        Ok((_, notices)) => {
            found.ok("settings", "sound");
            for notice in notices {
                found.add("settings", State::Warn, notice.clone(), "");
            }
        }
        Err(e) => {
            for fault in &e.0 {
                let remedy =
                    "`beadle config check` names all mistakes, docs/settings.md all settings";
                found.add("settings", State::Fail, fault.clone(), remedy);
            }
        }
    }
    around::secrets(&values, &mut found);
    let runtime = super::runtime()?;
    let running = runtime.block_on(around::running(&args.flags.0, env, &mut found));
    match values.data_dir() {
        Ok(dir) => {
            around::folder(&dir, running, &mut found);
            kept::look(&dir, &mut found);
        }
        Err(e) => found.skip("data directory", e.to_string()),
    }
    around::memory(&mut found);
    match (&settings, args.offline) {
        (_, true) => found.skip("Telegram", "not asked (--offline)"),
        (Err(_), _) => found.skip("Telegram", "not asked, for the settings are not sound"),
        (Ok((settings, _)), false) => {
            runtime.block_on(telegram::look(settings, running, &mut found));
        }
    }
    print(&found.0, args.json)
}

fn print(found: &[Finding], json: bool) -> anyhow::Result<ExitCode> {
    let count = |state| found.iter().filter(|f| f.state == state).count();
    let (fails, warnings) = (count(State::Fail), count(State::Warn));
    if json {
        for finding in found {
            let mut object = serde_json::to_value(finding)?;
            object["v"] = 1.into();
            println!("{object}");
        }
        println!(
            "{}",
            json!({ "v": 1, "fails": fails, "warnings": warnings })
        );
    } else {
        for finding in found {
            let mark = match finding.state {
                State::Ok => "  ok ",
                State::Warn => "note ",
                State::Fail => "FAIL ",
                State::Skip => "  -- ",
            };
            println!("{mark} {:<15} {}", finding.check, finding.detail);
            if !finding.remedy.is_empty() {
                println!("{:>21} → {}", "", finding.remedy);
            }
        }
        println!("{}", sum(fails, warnings));
    }
    Ok(if fails == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn sum(fails: usize, warnings: usize) -> String {
    let things = |n: usize| if n == 1 { "thing" } else { "things" };
    match (fails, warnings) {
        (0, 0) => "All is well.".to_owned(),
        (0, n) => format!("It works; {n} {} to know.", things(n)),
        (f, 0) => format!("{f} {} to mend.", things(f)),
        (f, n) => format!("{f} {} to mend, {n} to know.", things(f)),
    }
}
