//! Jobs and schedules.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::queue::store::{self, Filter};

pub(super) async fn counts(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    items([desk.store.read(store::counts).await?])
}

pub(super) async fn list(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let state = match args.text("state")? {
        None => None,
        Some(name) => Some(store::state_of(&name).ok_or_else(|| {
            let names = "later, ready, running, done, dead or cancelled";
            Refusal::bad(format!("there is no state `{name}`: it is one of {names}"))
        })?),
    };
    let filter = Filter {
        kind: args.text("kind")?,
        state,
    };
    let limit = args.limit()?;
    items(
        desk.store
            .read(move |conn| store::list(conn, &filter, limit))
            .await?,
    )
}

pub(super) async fn show(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let number = args.number()?;
    let found = desk
        .store
        .read(move |conn| store::one(conn, number))
        .await?;
    let (row, payload, cursor) = found.ok_or_else(|| {
        Refusal::missing(format!(
            "there is no job number {number}; it may have been deleted by age"
        ))
    })?;
    let mut all = items([row])?;
    if let Some(item) = all.first_mut() {
        item["payload"] = payload;
        item["cursor"] = cursor;
    }
    Ok(all)
}

pub(super) async fn retry(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (number, now) = (args.number()?, desk.now());
    if !desk
        .store
        .write(move |tx| store::retry(tx, number, now))
        .await?
    {
        return Err(Refusal::missing(format!(
            "job {number} is neither dead nor cancelled, or another that does the same waits: \
             `beadle jobs list --state dead` lists the dead"
        )));
    }
    Ok(vec![json!({ "number": number })])
}

pub(super) async fn cancel(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (number, now) = (args.number()?, desk.now());
    let cancelled = desk
        .store
        .write(move |tx| store::cancel(tx, number, now))
        .await?;
    let at_once = cancelled.ok_or_else(|| {
        Refusal::missing(format!(
            "there is no open job number {number}: `beadle jobs` lists them"
        ))
    })?;
    Ok(vec![json!({ "number": number, "at_once": at_once })])
}

pub(super) async fn discard(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let number = args.number()?;
    if !desk
        .store
        .write(move |tx| store::discard_one(tx, number))
        .await?
    {
        return Err(Refusal::missing(format!(
            "there is no dead job number {number}: `beadle jobs list --state dead` lists them"
        )));
    }
    Ok(vec![json!({ "number": number })])
}

pub(super) async fn schedules(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let limit = args.limit()?;
    items(
        desk.store
            .read(move |conn| store::schedules(conn, limit))
            .await?,
    )
}
