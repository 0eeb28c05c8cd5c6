//! What must hold when all is quiet again, read from the database and from the simulated Telegram.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::script::Act;
use super::world::{Done, World};

/// What the world says of a stopped appliance.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) updates: i64,
    /// Calls whose answer was lost.
    pub(super) unknown: i64,
    /// Updates and effects that are missing.
    pub(super) lost: usize,
    /// Updates and effects that are there more than once.
    pub(super) twice: usize,
    /// All that is wrong, in words.
    pub(super) faults: Vec<String>,
    /// What a run without crashes must have in common with this one.
    pub(super) outcome: Outcome,
}

/// Effects and rows by place in the script, so that runs can be compared.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outcome {
    removed: BTreeSet<usize>,
    answered: BTreeSet<usize>,
    /// Of each message, its verdicts in order: edit, band, decision, reasons.
    verdicts: BTreeMap<usize, Vec<String>>,
    /// What `/why` said, where it was seen.
    explained: BTreeMap<usize, String>,
    /// What its author met for each message: kind, whether it counts on the ladder.
    treated: BTreeMap<usize, Vec<String>>,
    /// What each message taught: label, digest of the words.
    learned: BTreeMap<usize, String>,
    /// What stands against people: group, person, who, what.
    standing: Vec<String>,
    /// The queue's schedules: name, times, zone.
    schedules: Vec<String>,
}

impl Outcome {
    /// Where `self` is not what `reference` is.
    pub(super) fn differences(&self, reference: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.removed != reference.removed {
            found.push(format!(
                "removed {:?}, without crashes {:?}",
                self.removed, reference.removed
            ));
        }
        if self.answered != reference.answered {
            found.push("other buttons answered than without crashes".to_owned());
        }
        for (at, verdicts) in &reference.verdicts {
            if self.verdicts.get(at) != Some(verdicts) {
                found.push(format!(
                    "message {at}: verdicts {:?}, without crashes {verdicts:?}",
                    self.verdicts.get(at)
                ));
            }
        }
        if self.treated != reference.treated {
            found.push(format!(
                "treated {:?}, without crashes {:?}",
                self.treated, reference.treated
            ));
        }
        if self.learned != reference.learned {
            found.push(format!(
                "learned {:?}, without crashes {:?}",
                self.learned, reference.learned
            ));
        }
        if self.standing != reference.standing || self.schedules != reference.schedules {
            found.push("other restrictions or schedules than without crashes".to_owned());
        }
        for (at, words) in &self.explained {
            if reference.explained.get(at).is_some_and(|w| w != words) {
                found.push(format!("/why {at} said other things than without crashes"));
            }
        }
        found
    }
}

/// The database, for a look while the program runs or not.
pub(super) fn open(dir: &Path) -> Option<Connection> {
    let path = dir.join(beadle::store::DATABASE_FILE);
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    conn.busy_timeout(std::time::Duration::from_secs(5)).ok()?;
    Some(conn)
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |r| r.get(0)).unwrap_or(-1)
}

/// Whether nothing waits any more, inside or outside.
pub(super) fn is_quiet(world: &World) -> bool {
    world.done().over
        && world.sim.pending_updates() == 0
        && open(world.dir.path()).is_some_and(|conn| {
            number(&conn, "SELECT count(*) FROM inbox") > 0
                && number(&conn, "SELECT count(*) FROM inbox WHERE state = 0") == 0
                && number(&conn, "SELECT count(*) FROM outbox WHERE state IN (0, 1)") == 0
        })
}

/// The calls that were on their way when the program died: row and chat.
pub(super) fn in_flight(dir: &Path) -> Vec<(i64, i64)> {
    let Some(conn) = open(dir) else {
        return Vec::new();
    };
    // A program that died early has left a database without tables.
    let Ok(mut find) = conn.prepare("SELECT id, chat FROM outbox WHERE state = 1") else {
        return Vec::new();
    };
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

struct Check<'a> {
    world: &'a World,
    conn: Connection,
    done: Done,
    /// Places in the script by chat and message.
    places: BTreeMap<(i64, i64), usize>,
    report: Report,
}

/// Holds the stopped appliance against what was done to it. `died_sending` counts the calls under way
/// at all its deaths, `troubles` the answers to messages that the simulator withheld.
pub(super) fn check(world: &World, died_sending: usize, troubles: usize) -> Report {
    let done = world.done();
    let places = done.messages.iter().map(|(at, m)| (*m, *at)).collect();
    let mut check = Check {
        world,
        conn: open(world.dir.path()).expect("a database"),
        done,
        places,
        report: Report::default(),
    };
    check.file();
    check.inbox();
    check.messages();
    check.verdicts();
    check.members();
    check.removals();
    check.buttons();
    check.replies();
    check.uncertain(died_sending, troubles);
    check.treatments();
    check.jobs();
    check.report
}

impl Check<'_> {
    fn fault(&mut self, text: String) {
        self.report.faults.push(text);
    }

    /// Exactly one of it is right.
    fn one(&mut self, n: i64, what: &str) {
        match n {
            1 => {}
            0 => {
                self.report.lost += 1;
                self.fault(format!("lost: {what}"));
            }
            n => {
                self.report.twice += 1;
                self.fault(format!("{n} times: {what}"));
            }
        }
    }

    fn file(&mut self) {
        let state: String = self
            .conn
            .query_row("PRAGMA integrity_check", [], |r| r.get(0))
            .unwrap();
        if state != "ok" {
            self.fault(format!("integrity: {state}"));
        }
        if number(&self.conn, "SELECT count(*) FROM pragma_foreign_key_check") != 0 {
            self.fault("a reference leads nowhere".to_owned());
        }
        for violation in self.world.sim.call_violations() {
            self.fault(format!("a wrong call: {violation:?}"));
        }
    }

    fn inbox(&mut self) {
        let (first, last) = self.done.updates;
        self.report.updates = last - first + 1;
        let known = rows(&self.conn, "SELECT update_id, state FROM inbox", |r| {
            Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?))
        });
        let mut handled: BTreeMap<i64, i64> = BTreeMap::new();
        for (id, state) in &known {
            *handled.entry(*id).or_default() += 1;
            if *state != 1 {
                self.fault(format!("update {id} is in state {state}"));
            }
        }
        for id in first..=last {
            self.one(
                handled.get(&id).copied().unwrap_or(0),
                &format!("update {id}"),
            );
        }
        // What Beadle itself did to somebody is told it as well, after the script has ended.
        let strange = format!(
            "SELECT substr(raw, 1, 600) FROM inbox WHERE update_id NOT BETWEEN {first} AND {last}
             AND coalesce(raw ->> '$.chat_member.from.username', '') <> 'beadle_sim_bot'"
        );
        let strange = rows(&self.conn, &strange, |r| r.get::<_, String>(0));
        if !strange.is_empty() {
            self.fault(format!("an update that nobody made: {strange:?}"));
        }
    }

    /// Chats and their messages as Telegram has them: visible or not, the bot's left out.
    fn truth(&self) -> Vec<beadle::telegram::simulator::SimMessage> {
        let sim = &self.world.sim;
        let chats = self.world.groups.iter().chain(&self.world.regulars);
        chats
            .flat_map(|&chat| sim.messages(chat).into_iter().chain(sim.deleted(chat)))
            .filter(|m| !m.by_bot)
            .collect()
    }

    fn messages(&mut self) {
        let kept: BTreeMap<(i64, i64), (i64, i64)> = rows(
            &self.conn,
            "SELECT m.chat, m.message, m.edits, (SELECT count(*) FROM message_edits e
                 WHERE e.chat = m.chat AND e.message = m.message) FROM messages m",
            |r| Ok(((r.get(0)?, r.get(1)?), (r.get(2)?, r.get(3)?))),
        )
        .into_iter()
        .collect();
        let truth = self.truth();
        // Before the story began only the makers of the world spoke.
        let born = truth
            .iter()
            .filter(|m| self.places.contains_key(&(m.chat_id, m.message_id)));
        let mut missing = Vec::new();
        for message in born {
            let key = (message.chat_id, message.message_id);
            let edits = self
                .done
                .edits
                .get(&self.places[&key])
                .copied()
                .unwrap_or(0);
            match kept.get(&key) {
                None => missing.push(key),
                Some(&found) if found != (edits, edits) => {
                    self.report.faults.push(format!(
                        "message {key:?} was edited {edits} times, kept are {found:?}"
                    ));
                }
                Some(_) => {}
            }
        }
        for key in missing {
            self.one(0, &format!("message {key:?}"));
        }
    }

    fn verdicts(&mut self) {
        let rows = rows(
            &self.conn,
            "SELECT chat, message, edit, band, decision, reasons FROM spam_results ORDER BY id",
            |r| {
                let words = format!(
                    "{} {} {} {}",
                    r.get::<_, i64>(2)?,
                    r.get::<_, String>(3)?,
                    r.get::<_, String>(4)?,
                    of_the_message(&r.get::<_, String>(5)?)
                );
                Ok(((r.get(0)?, r.get(1)?), r.get::<_, i64>(2)?, words))
            },
        );
        let mut counts: BTreeMap<(i64, i64), (i64, i64)> = BTreeMap::new();
        for (key, edit, words) in rows {
            let count = counts.entry(key).or_default();
            if edit == 0 {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
            if let Some(at) = self.places.get(&key) {
                let list = self.report.outcome.verdicts.entry(*at).or_default();
                list.push(words);
            }
        }
        for (key, at) in self.places.clone() {
            if key.0 > 0 {
                continue;
            }
            let (new, edits) = counts.get(&key).copied().unwrap_or_default();
            self.one(new, &format!("verdict on message {at}"));
            let made = self.done.edits.get(&at).copied().unwrap_or(0);
            if edits != made {
                self.fault(format!(
                    "message {at}: {made} edits, {edits} verdicts on them"
                ));
            }
        }
    }

    fn members(&mut self) {
        let mut truth: BTreeMap<(i64, i64), (i64, i64)> = BTreeMap::new();
        let first_kept: BTreeMap<i64, i64> = rows(
            &self.conn,
            "SELECT chat, min(message) FROM messages GROUP BY chat",
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .into_iter()
        .collect();
        for message in self.truth() {
            // News of the group is nobody's message.
            if message.is_service() {
                continue;
            }
            // What was said before the bot was asked for does not count.
            let began = first_kept.get(&message.chat_id);
            if let (Some(user), Some(&began)) = (message.from(), began)
                && message.message_id >= began
            {
                let count = truth.entry((message.chat_id, user)).or_default();
                count.0 += 1;
                count.1 += i64::from(message.deleted_at.is_some());
            }
        }
        let kept = rows(
            &self.conn,
            "SELECT chat, user, messages, removed FROM members WHERE messages > 0",
            |r| Ok(((r.get(0)?, r.get(1)?), (r.get(2)?, r.get(3)?))),
        );
        let kept: BTreeMap<(i64, i64), (i64, i64)> = kept.into_iter().collect();
        if kept != truth {
            self.fault(format!("members: kept {kept:?}, truth {truth:?}"));
        }
    }

    fn removals(&mut self) {
        for (key, at) in self.places.clone() {
            let gone = self.world.sim.deleted(key.0);
            if gone.iter().any(|m| m.message_id == key.1) {
                self.report.outcome.removed.insert(at);
            }
        }
        let doomed: BTreeSet<usize> = self.world.script.doomed.iter().copied().collect();
        if self.report.outcome.removed != doomed {
            let removed = self.report.outcome.removed.clone();
            self.fault(format!("removed {removed:?}, should be {doomed:?}"));
        }
        let rows = rows(
            &self.conn,
            "SELECT chat, json_extract(params, '$.message_id'), state FROM outbox
             WHERE method = 'deleteMessage'",
            |r| Ok(((r.get(0)?, r.get(1)?), r.get::<_, i64>(2)?)),
        );
        let mut counts: BTreeMap<usize, i64> = BTreeMap::new();
        for (key, state) in rows {
            match self.places.get(&key) {
                Some(at) if state == 2 => *counts.entry(*at).or_default() += 1,
                at => self.fault(format!("removal of {at:?} is in state {state}")),
            }
        }
        for at in doomed {
            let n = counts.get(&at).copied().unwrap_or(0);
            self.one(n, &format!("removal of message {at}"));
        }
    }

    fn buttons(&mut self) {
        let rows = rows(
            &self.conn,
            "SELECT json_extract(params, '$.callback_query_id'), state FROM outbox
             WHERE method = 'answerCallbackQuery'",
            |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?)),
        );
        for (at, id) in self.done.pressed.clone() {
            let mine = rows.iter().filter(|(row, _)| *row == id);
            let done = mine.filter(|(_, state)| *state == 2).count();
            self.one(done as i64, &format!("answer to button {at}"));
            if self.world.sim.callback_answer(&id).is_some() {
                self.report.outcome.answered.insert(at);
            } else {
                self.one(0, &format!("Telegram's copy of the answer to button {at}"));
            }
        }
        if rows.len() != self.done.pressed.len() {
            self.fault("buttons were answered that nobody pressed".to_owned());
        }
    }

    /// What tells messages of the bot apart: the message they answer, or the button under a note.
    fn mark(chat: i64, params: &Value) -> String {
        let to = params
            .pointer("/reply_parameters/message_id")
            .or(params.pointer("/reply_to_message/message_id"));
        let button = params.pointer("/reply_markup/inline_keyboard/0/0/callback_data");
        match (to, button) {
            (Some(to), _) => format!("{chat} answers {to}"),
            (None, Some(button)) => format!("{chat} notes {button}"),
            _ => format!("{chat} says {params}"),
        }
    }

    fn replies(&mut self) {
        let rows = rows(
            &self.conn,
            "SELECT chat, params, state FROM outbox WHERE method = 'sendMessage'",
            |r| {
                let params: String = r.get(1)?;
                let params: Value = serde_json::from_str(&params).unwrap();
                let chat: i64 = r.get(0)?;
                Ok((Self::mark(chat, &params), r.get::<_, i64>(2)?))
            },
        );
        let mut seen: BTreeMap<String, i64> = BTreeMap::new();
        let mut words: BTreeMap<String, String> = BTreeMap::new();
        for &chat in self.world.groups.iter().chain(&self.world.regulars) {
            for message in self.world.sim.bot_messages(chat) {
                let mark = Self::mark(chat, &message.value);
                words.insert(mark.clone(), message.text().to_owned());
                *seen.entry(mark).or_default() += 1;
            }
        }
        for (mark, state) in &rows {
            let times = seen.remove(mark).unwrap_or(0);
            match (*state, times) {
                (2, 1) | (4, 0 | 1) => {}
                (2, 0) => self.one(0, &format!("message {mark}, which is called done")),
                (_, n) if n > 1 => self.one(n, &format!("message {mark}")),
                (state, n) => {
                    self.fault(format!("message {mark} in state {state}, seen {n} times"))
                }
            }
        }
        for (mark, times) in seen {
            self.report.twice += 1;
            self.fault(format!("seen {times} times without a row: {mark}"));
        }
        // Whoever is warned is told as well, for their eyes only, with a button of its own.
        let notes = rows
            .iter()
            .filter(|(mark, _)| mark.contains(" notes \"why:"));
        let noted: BTreeSet<&str> = notes
            .clone()
            .filter_map(|(m, _)| m.split(' ').next())
            .collect();
        if noted.len() != notes.clone().count() || noted.len() != self.world.groups.len() {
            let notes: Vec<_> = notes.collect();
            self.fault(format!("not one note of removals in each group: {notes:?}"));
        }
        for at in self.done.asked.clone() {
            let (chat, message) = self.done.messages[&at];
            let mark = format!("{chat} answers {message}");
            let n = rows.iter().filter(|(row, _)| *row == mark).count();
            self.one(n as i64, &format!("answer to message {at}"));
            if let (Act::Why { .. }, Some(words)) = (&self.world.script.acts[at], words.get(&mark))
            {
                self.report.outcome.explained.insert(at, words.clone());
            }
        }
    }

    /// Each removal was treated once, and taught once.
    fn treatments(&mut self) {
        let treated = rows(
            &self.conn,
            "SELECT chat, message, kind || ' ' || strike FROM treatments ORDER BY id",
            |r| Ok(((r.get(0)?, r.get(1)?), r.get::<_, String>(2)?)),
        );
        let learned = rows(
            &self.conn,
            "SELECT chat, message, label || ' ' || hex(digest) FROM learned_samples ORDER BY id",
            |r| Ok(((r.get(0)?, r.get(1)?), r.get::<_, String>(2)?)),
        );
        for (key, words) in treated {
            match self.places.get(&key) {
                Some(at) => {
                    let list = self.report.outcome.treated.entry(*at).or_default();
                    list.push(words);
                }
                None => self.fault(format!("a treatment for {key:?}, which nobody said")),
            }
        }
        for (key, words) in learned {
            match self.places.get(&key) {
                Some(at) => drop(self.report.outcome.learned.insert(*at, words)),
                None => self.fault(format!("a lesson from {key:?}, which nobody said")),
            }
        }
        for at in self.world.script.doomed.clone() {
            let times = self.report.outcome.treated.get(&at).map_or(0, Vec::len);
            self.one(times as i64, &format!("treatment for message {at}"));
            let taught = self.report.outcome.learned.contains_key(&at);
            self.one(i64::from(taught), &format!("print of message {at}"));
        }
        self.report.outcome.standing = rows(
            &self.conn,
            "SELECT chat || ' ' || subject || ' ' || imposer || ' ' || measure FROM restrictions
             WHERE state = 0 ORDER BY 1",
            |r| r.get(0),
        );
    }

    /// No job was given up, and none is marked as begun after a clean stop.
    fn jobs(&mut self) {
        let open = rows(
            &self.conn,
            "SELECT kind || ' in state ' || state || ': ' || coalesce(error, '') FROM jobs
             WHERE state IN (2, 4)",
            |r| r.get::<_, String>(0),
        );
        for job in open {
            self.fault(format!("a job that was not carried out: {job}"));
        }
        self.report.outcome.schedules = rows(
            &self.conn,
            "SELECT name || ' ' || cron || ' ' || zone FROM schedules ORDER BY name",
            |r| r.get(0),
        );
    }

    fn uncertain(&mut self, died_sending: usize, troubles: usize) {
        let count = |sql| number(&self.conn, sql);
        let unknown = count("SELECT count(*) FROM outbox WHERE state = 4");
        let by_death = count(
            "SELECT count(*) FROM outbox WHERE state = 4
             AND error = 'Beadle stopped while this call was on its way'",
        );
        let open = count("SELECT count(*) FROM outbox WHERE state NOT IN (2, 4)");
        self.report.unknown = unknown;
        if by_death != died_sending as i64 {
            self.fault(format!(
                "{died_sending} calls were under way at a death, {by_death} are unknown for it"
            ));
        }
        if unknown - by_death > troubles as i64 {
            self.fault(format!(
                "{} calls are unknown for {troubles} answers that were withheld",
                unknown - by_death
            ));
        }
        if open != 0 {
            self.fault(format!("{open} calls are neither done nor unknown"));
        }
    }
}

fn rows<T>(
    conn: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut find = conn.prepare(sql).unwrap();
    let rows = find.query_map([], read).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The reasons that lie in the message. What was removed before is learned a moment after its commit, so
/// likeness to it may be noticed a message sooner or later, crash or not; and which of two groups was first
/// to say something is nobody's promise.
fn of_the_message(reasons: &str) -> String {
    let mut reasons: Vec<serde_json::Value> = serde_json::from_str(reasons).unwrap();
    reasons.retain(|r| {
        let code = r["code"].as_str().unwrap();
        !code.starts_with("known_") && code != "going_round"
    });
    serde_json::to_string(&reasons).unwrap()
}
