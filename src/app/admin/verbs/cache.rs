//! What is kept in memory.
use serde_json::Value;

use super::{Desk, items};
use crate::app::admin::Refusal;

pub(super) async fn info(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    let caches = desk.caches.as_ref().ok_or_else(|| {
        Refusal::missing(
            "no Beadle runs here, and caches are in a running one's memory: start it with `beadle run`"
                .to_owned(),
        )
    })?;
    items(caches.figures())
}
