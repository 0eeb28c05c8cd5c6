//! Ban lists: how they stand, a look at once, whether somebody is listed.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::features::moderation::lists::book::{Book, shown};
use crate::features::moderation::lists::copy::Copies;
use crate::features::moderation::lists::{store, work};
use crate::queue::Enqueue as _;

/// The lists in use, unless none is named.
async fn book(desk: &Desk) -> Result<Book, Refusal> {
    let book = desk.store.read(store::book).await?;
    if book.0.is_empty() {
        return Err(Refusal::missing(
            "no ban list is in use: name files or https addresses in BEADLE_BAN_LISTS (lists.sources in beadle.toml) and \
             start Beadle",
        ));
    }
    Ok(book)
}

pub(super) async fn status(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    let lines = book(desk).await?.0.into_iter().map(|e| {
        json!({
            "source": e.shown(), "ids": e.ids, "fetched_at": e.fetched_at, "tried_at": e.tried_at,
            "next_at": e.next_at, "failures": e.failures, "broken": e.is_broken(), "error": e.error,
        })
    });
    items(lines)
}

/// All lists are looked at as soon as Beadle runs.
pub(super) async fn refresh(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let force = args.value("force") == &Value::Bool(true);
    let mut book = book(desk).await?;
    for entry in &mut book.0 {
        entry.hurry(force);
    }
    let (now, lists) = (desk.now(), book.0.len());
    desk.store
        .write(move |tx| {
            store::put_book(tx, &book)?;
            tx.enqueue(&work::job(), now)?;
            Ok(())
        })
        .await?;
    items([json!({ "lists": lists })])
}

/// The lists on which somebody is.
pub(super) async fn check(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let user = args.number()?;
    if user <= 0 {
        return Err(Refusal::bad(
            "ids of people are positive; groups and channels are on no ban list",
        ));
    }
    let (book, copies) = (book(desk).await?, Copies::of(desk.store.dir()));
    let look = move || {
        let line = |source: &str| match copies.load(source) {
            Ok(ids) => json!({
                "source": shown(source), "copy": ids.is_some(),
                "listed": ids.is_some_and(|ids| ids.contains(user)),
            }),
            Err(error) => json!({ "source": shown(source), "copy": false, "error": error }),
        };
        book.0.iter().map(|e| line(&e.source)).collect::<Vec<_>>()
    };
    let found = tokio::task::spawn_blocking(look).await;
    items(found.map_err(|e| Refusal::new("internal", "the copies cannot be read", e.to_string()))?)
}
