//! Calls to Telegram that wait, failed, or may have been made.
use serde_json::{Value, json};

use super::{Args, Desk};
use crate::app::admin::Refusal;
use crate::community::arbiter;
use crate::telegram::sender::outbox::{self, Filter, OutboxRow, Retried};

/// As people name the states, in the order of `State::ALL`.
const STATES: [&str; 6] = ["queued", "sending", "done", "failed", "unknown", "expired"];

pub(super) async fn counts(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    let counts = desk.store.read(outbox::counts).await?;
    let mut item = json!({});
    for (name, n) in STATES.iter().zip(counts) {
        item[*name] = n.into();
    }
    Ok(vec![item])
}

pub(super) async fn list(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let limit = args.limit()?;
    let rows = desk
        .store
        .read(move |conn| outbox::list(conn, Filter::default(), limit))
        .await?;
    Ok(rows.iter().map(shown).collect())
}

pub(super) async fn unknown(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let limit = args.limit()?;
    let rows = desk
        .store
        .read(move |conn| outbox::unknown(conn, limit))
        .await?;
    Ok(rows.iter().map(shown).collect())
}

/// Never the parameters: they hold words.
fn shown(row: &OutboxRow) -> Value {
    json!({
        "id": row.id, "state": row.state, "method": row.method, "chat": row.chat,
        "attempts": row.attempts, "created_at": row.created_at, "error": row.error,
    })
}

pub(super) async fn retry(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (number, now) = (args.number()?, desk.now());
    let retried = desk
        .store
        .write(move |tx| arbiter::retell(tx, number, now))
        .await?;
    match retried {
        Retried::Again(again) => Ok(vec![json!({ "number": again })]),
        Retried::TooLate => Err(Refusal::bad(format!(
            "call number {number} is not made again: what it was to impose has ended, or nearly so, and Telegram \
             would take that for \"for good\""
        ))),
        Retried::NotThere => Err(Refusal::missing(format!(
            "there is no failed or unknown call number {number}: `beadle outbox` lists them"
        ))),
    }
}

pub(super) async fn give_up(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (number, now) = (args.number()?, desk.now());
    if !desk
        .store
        .write(move |tx| outbox::drop(tx, number, now))
        .await?
    {
        return Err(Refusal::missing(format!(
            "there is no open call number {number}: `beadle outbox` lists them"
        )));
    }
    Ok(vec![json!({ "number": number })])
}
