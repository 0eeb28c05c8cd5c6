//! A change of settings as a whole: checked together, written once, signed and in the audit.
use serde_json::{Value, json};

use super::store::{put, tree, with};
use super::{Fault, Table, at};
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::versions::sign;
use crate::store::{Connection, StoreError, Tx};

/// Paths that one row of the audit names; a file may hold more.
const NAMED: usize = 100;

/// A setting that a change alters.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Altered {
    /// Its path.
    pub path: &'static str,
    /// What was chosen before; None where the default held.
    pub before: Option<Value>,
    /// What is chosen after.
    pub after: Option<Value>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// There is no such group.
    Missing,
    /// Nothing was written: the settings would contradict each other.
    Refused(Vec<Fault>),
    /// It holds; nothing is written where nothing alters.
    Done(Vec<Altered>),
}

/// What a change would do: nothing is written.
pub fn plan(
    conn: &Connection,
    table: &Table,
    chat: i64,
    values: &[(&'static str, Option<Value>)],
) -> Result<Outcome, StoreError> {
    let Some(before) = tree(conn, chat)? else {
        return Ok(Outcome::Missing);
    };
    let after = with(&before, values);
    let faults = table.unlawful(&after);
    if !faults.is_empty() {
        return Ok(Outcome::Refused(faults));
    }
    let altered = values.iter().filter_map(|(path, _)| {
        let (before, after) = (at(&before, path).cloned(), at(&after, path).cloned());
        (before != after).then_some(Altered {
            path,
            before,
            after,
        })
    });
    Ok(Outcome::Done(altered.collect()))
}

/// Changes checked values, all or none; None as a value takes one away, so that the default holds.
pub fn change(
    tx: &mut Tx<'_>,
    table: &Table,
    chat: i64,
    values: &[(&'static str, Option<Value>)],
    (by, now): (Actor, Millis),
) -> Result<Outcome, StoreError> {
    let outcome = plan(tx, table, chat, values)?;
    let Outcome::Done(altered) = &outcome else {
        return Ok(outcome);
    };
    if altered.is_empty() {
        return Ok(outcome);
    }
    put(tx, chat, values, now)?;
    sign(tx, chat, by, now)?;
    let paths: Vec<&str> = altered.iter().map(|a| a.path).take(NAMED).collect();
    let note = AuditEntry::new(by, "settings.set", format!("chat:{chat}"))
        .in_chat(chat)
        .with(json!({ "settings": paths }));
    tx.audit(&note, now)?;
    Ok(outcome)
}
