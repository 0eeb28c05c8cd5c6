//! The database file, looked at by the process that has it open.
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::store::{StoreError, care};

/// Longest path of a copy, in bytes: Linux's PATH_MAX.
const MAX_PATH: usize = 4_096;

/// Runs what reads the whole file apart from everything else.
async fn apart<T: Send + 'static>(
    desk: &Desk,
    f: impl FnOnce(PathBuf) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    let dir = desk.store.dir().to_owned();
    let done = tokio::task::spawn_blocking(move || f(dir)).await;
    Ok(done.map_err(|e| StoreError::Panicked(e.to_string()))??)
}

pub(super) async fn info(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    items([apart(desk, |dir| care::info(&dir)).await?])
}

pub(super) async fn check(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let quick = args.0["quick"].as_bool().unwrap_or(false);
    let found = apart(desk, move |dir| care::check(&dir, quick)).await?;
    Ok(vec![json!({ "complaints": found })])
}

pub(super) async fn backup(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let file = args.0["file"].as_str().map(PathBuf::from);
    let file = file
        .filter(|f| f.is_absolute() && f.as_os_str().len() <= MAX_PATH)
        .ok_or_else(|| Refusal::bad("`file` must be a whole path, from the root on"))?;
    let bytes = apart(desk, move |dir| care::backup(&dir, &file)).await?;
    Ok(vec![json!({ "bytes": bytes })])
}

pub(super) async fn rollback_plan(desk: &Desk) -> Result<Vec<Value>, Refusal> {
    let now = desk.now();
    items([apart(desk, move |dir| care::plan_rollback(&dir, now)).await?])
}
