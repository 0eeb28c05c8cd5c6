//! Updates that wait or were given up.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::telegram::intake::inbox;

pub(super) async fn counts(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    let now = desk.now();
    let read = move |conn: &_| Ok((inbox::counts(conn)?, inbox::recent_absence(conn, now)?));
    let (counts, absence) = desk.store.read(read).await?;
    Ok(vec![json!({
        "waiting": counts.waiting,
        "dead": counts.dead,
        "oldest": counts.oldest,
        "absence": absence.map(|a| a.to_string()),
    })])
}

pub(super) async fn list(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let limit = args.limit()? as usize;
    items(
        desk.store
            .read(move |conn| inbox::open_rows(conn, limit))
            .await?,
    )
}

pub(super) async fn show(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let number = args.number()?;
    let raw = desk
        .store
        .read(move |conn| inbox::raw(conn, number))
        .await?;
    let raw = raw.ok_or_else(|| {
        Refusal::missing(format!(
            "there is no update number {number}; it may have been deleted by age"
        ))
    })?;
    Ok(vec![json!({ "raw": raw })])
}

pub(super) async fn replay(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let number = args.number()?;
    let lane = desk
        .store
        .write(move |tx| inbox::replay(tx, number))
        .await?;
    let lane = lane.ok_or_else(|| {
        Refusal::missing(format!(
            "there is no dead letter number {number}: `beadle inbox` lists them"
        ))
    })?;
    if let Some(lanes) = &desk.lanes {
        lanes.look_again(lane);
    }
    Ok(vec![json!({ "number": number })])
}
