//! People, as the operator deals with them.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::app::rooms::forgetful_rooms;
use crate::community::audit::Actor;
use crate::community::erasure::{Asked, Forget, ask_by_operator};
use crate::community::export::{Place, copy_made, part};

/// Bytes of one part of a copy: an answer is one line, with a limit.
const PART: usize = 2 << 20;

/// What is kept of somebody, one part: rows by table, and where the next part begins. The first part is in the audit.
pub(super) async fn copy(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (person, now) = (person(&args)?, desk.now());
    let from: Option<Place> = match args.value("from") {
        Value::Null => None,
        given => Some(
            serde_json::from_value(given.clone())
                .map_err(|_| Refusal::bad("`from` must be what the part before gave as `next`"))?,
        ),
    };
    if from.is_none() {
        let uid = rustix::process::geteuid().as_raw();
        desk.store
            .write(move |tx| copy_made(tx, Actor::Cli { uid }, person, now))
            .await?;
    }
    let rooms: Vec<std::sync::Arc<dyn Forget>> = forgetful_rooms();
    let made = desk
        .store
        .read(move |conn| part(conn, &rooms, person, from.unwrap_or_default(), PART))
        .await?;
    items([json!({ "kept": made.tables, "rows": made.rows, "next": made.next })])
}

fn person(args: &Args) -> Result<i64, Refusal> {
    let person = args.number()?;
    if person <= 0 {
        return Err(Refusal::bad(format!(
            "{person} is not the id of a person: those are positive"
        )));
    }
    Ok(person)
}

/// Asks that somebody be forgotten; done at once when Beadle runs, else at its next start.
pub(super) async fn erase(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (person, now) = (person(&args)?, desk.now());
    let asked = desk
        .store
        .write(move |tx| ask_by_operator(tx, person, now))
        .await?;
    let state = match asked {
        Asked::Taken => "taken",
        Asked::UnderWay => "under_way",
    };
    items([json!({ "state": state })])
}
