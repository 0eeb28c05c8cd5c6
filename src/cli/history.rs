//! `beadle group train`: lessons from a group's own history, and `untrain`, which takes them back.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::live;
use crate::features::moderation::history::{Chosen, Gathered, MOST_HAM, Picked, read};

/// The largest file, in bytes.
const LARGEST: u64 = 8 << 30;
/// Lessons and bytes of one ask over the socket.
const BATCH: (usize, usize) = (50, 24 * 1024);

#[derive(Debug, clap::Args)]
pub(super) struct Train {
    /// result.json of Telegram Desktop: the group's menu, Export chat history, format JSON
    #[arg(long, value_name = "FILE")]
    export: PathBuf,
    /// Telegram's id of an admin: what they answered with /spam is learned as spam; may be given several times
    #[arg(long = "admin", value_name = "ID")]
    admins: Vec<i64>,
    /// Say what would be learned, and learn nothing
    #[arg(long)]
    dry_run: bool,
}

/// Learns from a history.
pub(super) fn train(
    args: &Train,
    dir: &Path,
    group: i64,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let shown = args.export.display().to_string();
    let open = || -> anyhow::Result<std::fs::File> {
        let file = std::fs::File::open(&args.export);
        let file = file.with_context(|| format!("cannot open {shown}"))?;
        let size = file.metadata()?.len();
        anyhow::ensure!(
            size <= LARGEST,
            "{shown} has {size} bytes; at most {LARGEST} are read: export a shorter time, without media"
        );
        Ok(file)
    };
    let mut gathered = Gathered::default();
    let head = read(open()?, |said| gathered.see(&said, &args.admins)).context(shown.clone())?;
    anyhow::ensure!(
        head.is_of(group),
        "{shown} is the history of another group ({}), not of {group}: export that one, or name the right --group",
        head.id
            .map_or("without an id".to_owned(), |id| id.to_string())
    );
    let messages = gathered.messages;
    let mut regulars = gathered.end();
    let people = regulars.people;
    read(open()?, |said| regulars.see(said)).context(shown.clone())?;
    let chosen = regulars.end();
    let (mut learned, mut known) = (0, 0);
    if !args.dry_run {
        for batch in batches(&chosen) {
            let asked = json!({ "number": group, "lessons": batch });
            let (item, _) = live::ask_one(dir, "group.learn", asked)?;
            learned += item["learned"].as_u64().unwrap_or(0);
            known += item["known"].as_u64().unwrap_or(0);
        }
    }
    let spam = chosen
        .lessons
        .iter()
        .filter(|l| l.label.word() == "spam")
        .count();
    let sum = json!({
        "messages": messages, "people": people, "regulars": chosen.regulars,
        "ordinary": chosen.lessons.len() - spam, "spam": spam, "doubtful": chosen.doubtful,
        "learned": learned, "known": known,
    });
    if as_json {
        live::print_json(vec![sum]);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{messages} messages of {people} people read; {} have long been writing.",
        chosen.regulars
    );
    println!(
        "Taken: {} ordinary messages of theirs (at most {MOST_HAM}), {spam} that admins answered with /spam; \
         {} left out because they look like spam.",
        chosen.lessons.len() - spam,
        chosen.doubtful
    );
    if args.dry_run {
        println!("Nothing was learned: this was a dry run.");
    } else {
        println!(
            "Learned: {learned}; {known} were known or say too little. `beadle group untrain --group {group}` takes all of it back."
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes back what was learned from a history.
pub(super) fn untrain(dir: &Path, group: i64, as_json: bool) -> anyhow::Result<ExitCode> {
    let (item, _) = live::ask_one(dir, "group.unlearn", live::number(group))?;
    if as_json {
        live::print_json(vec![item]);
    } else {
        println!(
            "{} lessons from the group's history are taken back.",
            item["forgotten"]
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Lessons in asks that are within the socket's limit.
fn batches(chosen: &Chosen) -> Vec<Vec<Value>> {
    let (mut all, mut bytes) = (vec![Vec::new()], 0);
    for lesson in &chosen.lessons {
        let Picked {
            message,
            author,
            label,
            words,
            ..
        } = lesson;
        let item =
            json!({ "message": message, "author": author, "label": label.word(), "words": words });
        let size = item.to_string().len();
        let full = all.last().is_some_and(|b: &Vec<Value>| b.len() >= BATCH.0);
        if full || bytes + size > BATCH.1 {
            all.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(batch) = all.last_mut() {
            batch.push(item);
        }
    }
    all.retain(|batch| !batch.is_empty());
    all
}
