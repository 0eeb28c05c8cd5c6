//! People, as the operator deals with them.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::community::erasure::{Asked, ask_by_operator};

/// Asks that somebody be forgotten; done at once when Beadle runs, else at its next start.
pub(super) async fn erase(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let (person, now) = (args.number()?, desk.now());
    if person <= 0 {
        return Err(Refusal::bad(format!(
            "{person} is not the id of a person: those are positive"
        )));
    }
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
