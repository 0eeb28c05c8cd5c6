//! `beadle eval`: how good the models are, measured on labelled texts that they have not seen.
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::features::moderation::data;
use crate::features::moderation::disguise::Disguise;
use crate::features::moderation::evaluate::{self, Cold, Row};
use crate::features::moderation::fit::Hyper;
use crate::features::moderation::rules::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Eval {
    /// The spam classifier: folds, parts and sets left out, disguises, the first day of a group
    Spam(SpamArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct SpamArgs {
    /// Labelled texts: a folder is a set and its files are parts. CSV (text and label), TSV (label, tab,
    /// text), JSON lines ({"text", "label"}), or plain lines in files with `spam` or `ham` in their names
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Train on --data and test on these instead
    #[arg(long, num_args = 1.., value_name = "FILE")]
    test: Vec<PathBuf>,
    /// Runs with seeds 1 to this
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// Only compare settings of the training, by folds inside the training folds
    #[arg(long)]
    choose: bool,
    /// Only a group's first day
    #[arg(long, conflicts_with_all = ["choose", "test"])]
    cold: bool,
    /// Score from which a person is shown a message on the first day
    #[arg(long, value_name = "SCORE")]
    review_at: Option<f32>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Eval) -> anyhow::Result<ExitCode> {
    let Eval::Spam(args) = args;
    let sets = evaluate::read(&args.data)?;
    let hyper = Hyper::default();
    let seeds: Vec<u64> = (1..=args.seeds).collect();
    if args.choose {
        for (hyper, f1) in evaluate::choose(&sets, 1) {
            println!(
                "cost {:<4} contrast {:<4} smoothing {:<4} inner F1 {f1:.4}",
                hyper.cost, hyper.contrast, hyper.smoothing
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    let all = &Disguise::ALL;
    let say = |rows: Vec<Row>| -> anyhow::Result<()> {
        for row in rows {
            show(&row, args.json)?;
        }
        Ok(())
    };
    if !args.test.is_empty() {
        for tested in evaluate::read(&args.test)? {
            say(evaluate::train_test(&sets, &tested, &hyper, &seeds, all))?;
            say(evaluate::shipped(&tested, all))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for set in sets.iter().filter(|_| !args.cold) {
        say(evaluate::cross_validate(set, &hyper, &seeds, all))?;
        say(evaluate::leave_one_part_out(set, &hyper, &seeds, all))?;
        say(evaluate::shipped(set, all))?;
    }
    if !args.cold {
        say(evaluate::leave_one_set_out(&sets, &hyper, &seeds, all))?;
    }
    let mut settings = Settings::default();
    settings.review_at = args.review_at.unwrap_or(settings.review_at);
    let written = data::written_samples(hyper.seed);
    for cold in evaluate::cold_start(&sets, &written, &hyper, all, &settings)? {
        show_cold(&cold, args.json)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn word<T: serde::Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn show(row: &Row, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(row)?);
        return Ok(());
    }
    let m = &row.measures;
    let some = |r: Option<f64>| r.map_or("  n/a".to_owned(), |r| format!("{r:.3}"));
    println!(
        "{:<13} {:<24} {:<7} {:<6} F1 {:.4} ± {:.4}  P {:.3}  R {:.3}  FPR {:.2} %  AUC {:.4}  R@1% {}  R@0.1% {}  \
         ({} spam, {} ordinary)",
        row.test,
        row.set,
        row.model,
        word(&row.disguise),
        m.f1,
        row.f1_deviation,
        m.precision,
        m.recall,
        m.fpr * 100.0,
        m.auc,
        some(m.recall_at_1pct),
        some(m.recall_at_01pct),
        m.spam,
        m.ham,
    );
    Ok(())
}

fn show_cold(cold: &Cold, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(cold)?);
        return Ok(());
    }
    println!(
        "{:<13} {:<24} {:<7} {:<6} recall {:.3} (spam band {:.3})  ordinary flagged {:.2} % (spam band {:.2} %)  \
         ({} spam, {} ordinary)",
        cold.test,
        cold.set,
        "fold",
        word(&cold.disguise),
        cold.recall,
        cold.recall_in_spam,
        cold.ham_flagged * 100.0,
        cold.ham_in_spam * 100.0,
        cold.spam,
        cold.ham,
    );
    Ok(())
}
