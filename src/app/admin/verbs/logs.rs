//! The log of a running Beadle: how much it says.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::observe::logs;

/// Tells the level; with `filter` it is changed first, until the next start or reload.
pub(super) async fn level(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let Some(level) = logs::level().filter(|_| desk.lanes.is_some()) else {
        return Err(Refusal::new(
            "not_found",
            "no Beadle runs",
            "no Beadle runs on this data directory: set log.level (BEADLE_LOG) for its next start",
        ));
    };
    if let Some(filter) = args.text("filter")? {
        level.set(&filter).map_err(|e| {
            Refusal::bad(format!(
                "`{filter}` is no level: {e}. Write error, warn, info, debug or trace, or directives as \
                 info,beadle::telegram=debug"
            ))
        })?;
        let uid = rustix::process::geteuid().as_raw();
        let entry = AuditEntry::new(Actor::Cli { uid }, "logs.level", "house")
            .with(json!({ "filter": filter }));
        let now = desk.now();
        desk.store
            .write(move |tx| tx.audit(&entry, now).map(|_id| ()))
            .await?;
        tracing::info!(level = filter, "the log level has changed");
    }
    items([json!({ "level": level.now() })])
}
