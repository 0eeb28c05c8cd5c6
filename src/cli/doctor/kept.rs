//! What the database holds: its soundness, what could not be handled, where Beadle lacks rights.
use std::path::Path;

use super::{Findings, State};
use crate::cli::db::size;
use crate::community::activity::{Standing, standings};
use crate::queue::store as jobs;
use crate::store::{DATABASE_FILE, StoreError, care, open_reader};
use crate::telegram::event;
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

/// Groups whose rights are looked at.
const GROUPS: u32 = 500;
/// A log of this size is not being moved into the database.
const LONG_LOG: u64 = 256 << 20;

/// Looks at the database in `dir`, beside a running Beadle or without one.
pub(super) fn look(dir: &Path, found: &mut Findings) {
    if !dir.join(DATABASE_FILE).exists() {
        return found.skip("database", "there is none yet");
    }
    if let Err(e) = file(dir, found).and_then(|same| if same { rows(dir, found) } else { Ok(()) }) {
        let remedy = "stop Beadle and look with `beadle db check`; a backup may be needed";
        found.add("database", State::Fail, e.to_string(), remedy);
    }
}

/// Whether the database has the schema of this program.
fn file(dir: &Path, found: &mut Findings) -> Result<bool, StoreError> {
    let info = care::info(dir)?;
    let wrong = care::check(dir, true)?;
    match wrong.first() {
        None => found.ok(
            "database",
            format!(
                "sound (quick check), {}, schema {}",
                size(info.bytes),
                info.schema
            ),
        ),
        Some(first) => found.add(
            "database",
            State::Fail,
            format!("damaged: {first}"),
            "stop Beadle, keep the file, and restore a backup",
        ),
    }
    if info.wal_bytes > LONG_LOG {
        found.add(
            "database",
            State::Warn,
            format!("its log has grown to {}", size(info.wal_bytes)),
            "a program that reads it without end keeps it from shrinking: look for one, or start Beadle anew",
        );
    }
    if info.schema > info.known_schema {
        found.add(
            "database",
            State::Fail,
            format!(
                "made by a newer Beadle (this one knows schema {})",
                info.known_schema
            ),
            "install that version, or `beadle db rollback`",
        );
    } else if info.schema < info.known_schema {
        found.add(
            "database",
            State::Warn,
            format!(
                "schema {} of {}: upgraded at the next start",
                info.schema, info.known_schema
            ),
            "nothing: a copy is made first",
        );
    }
    Ok(info.schema == info.known_schema)
}

fn rows(dir: &Path, found: &mut Findings) -> Result<(), StoreError> {
    let conn = open_reader(dir)?;
    let updates = inbox::counts(&conn)?;
    let dead = updates.dead;
    if dead == 0 {
        found.ok(
            "updates",
            format!("{} waiting, no dead letters", updates.waiting),
        );
    } else {
        found.add(
            "updates",
            State::Warn,
            format!("{dead} could not be handled"),
            "`beadle inbox` shows why, `beadle inbox replay NUMBER` tries one again",
        );
    }
    let strange: Vec<String> = inbox::kinds(&conn)?
        .into_iter()
        .filter(|(kind, _)| !event::knows_kind(kind))
        .map(|(kind, n)| format!("{n} of `{}`", kind.chars().take(40).collect::<String>()))
        .collect();
    if !strange.is_empty() {
        found.add(
            "updates",
            State::Warn,
            format!(
                "kinds that this version does not know: {}",
                strange.join(", ")
            ),
            "nothing is lost; a newer Beadle may understand them",
        );
    }
    let unknown = outbox::counts(&conn)?[outbox::State::Unknown as usize];
    if unknown > 0 {
        found.add(
            "calls",
            State::Warn,
            format!("of {unknown} it is not known whether Telegram carried them out"),
            "`beadle outbox unknown` lists them; look into the chat, then retry or drop each",
        );
    }
    let jobs = jobs::counts(&conn)?;
    if jobs.dead > 0 {
        found.add(
            "jobs",
            State::Warn,
            format!("{} were given up", jobs.dead),
            "`beadle jobs` shows why, `beadle jobs retry NUMBER` tries one again",
        );
    }
    let groups = standings(&conn, GROUPS)?;
    let able = groups.iter().filter(|g| lacks(g).is_none()).count();
    found.ok(
        "groups",
        format!("{}, of which Beadle may act in {able}", groups.len()),
    );
    for (group, (what, remedy)) in groups.iter().filter_map(|g| Some((g, lacks(g)?))) {
        let title: String = group
            .title
            .as_deref()
            .unwrap_or("?")
            .chars()
            .take(40)
            .collect();
        found.add(
            "groups",
            State::Warn,
            format!("{title} ({}): {what}", group.chat),
            remedy,
        );
    }
    Ok(())
}

/// What Beadle cannot do in a group, and what helps.
fn lacks(group: &Standing) -> Option<(&'static str, &'static str)> {
    match group.status.as_deref() {
        None => Some((
            "Telegram has not said yet what Beadle may do",
            "it says so when Beadle's rights change; to make it, take a right away and give it back",
        )),
        Some("administrator") if !group.deletes => Some((
            "Beadle may not delete messages",
            "in the group: Administrators, Beadle, switch on Delete messages",
        )),
        Some("administrator") if group.basic => Some((
            "a basic group: nobody can be muted in it",
            "make its history visible to new members, which turns it into a supergroup",
        )),
        Some("administrator") if !group.restricts => Some((
            "Beadle may not mute or ban",
            "in the group: Administrators, Beadle, switch on Ban users",
        )),
        Some("administrator" | "creator") => None,
        Some(_) => Some((
            "Beadle is no admin, and only watches",
            "make it an admin who may delete messages and ban users",
        )),
    }
}
