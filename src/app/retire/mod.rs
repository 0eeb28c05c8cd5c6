//! Beadle leaves: what it imposed is lifted, permissions go back, the group's rows are handed over.
mod wait;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Ground;
use crate::community::arbiter::{self, Released};
use crate::community::export;
use crate::config::Settings;
use crate::store::{DataDirLock, Store};
use crate::telegram::api::{Api, ApiOptions};
use crate::telegram::sender::{Effect, Method, Send as _, Sender};
use wait::settled;

/// How long Telegram is given for each part.
const PATIENCE: Duration = Duration::from_secs(120);

/// What to do.
#[derive(Debug, Clone)]
pub struct Retirement {
    /// One group; None is all of them, and the webhook.
    pub group: Option<i64>,
    /// Whether what moderators imposed through Beadle is lifted too.
    pub people: bool,
    /// Only say what would be done.
    pub dry: bool,
    /// Where the rows go.
    pub folder: PathBuf,
}

/// What came of one group.
#[derive(Debug, Clone, Default)]
pub struct Farewell {
    /// Its id.
    pub chat: i64,
    /// Its title, as last seen.
    pub title: Option<String>,
    /// People who were freed.
    pub freed: usize,
    /// People against whom a person's decision stands.
    pub kept: Vec<i64>,
    /// Whether its own permissions were put back (None: they were never changed).
    pub permissions: Option<bool>,
    /// Where its rows are.
    pub export: Option<PathBuf>,
    /// Whether Beadle has left it.
    pub left: bool,
    /// What could not be undone, a sentence each.
    pub undone: Vec<String>,
}

/// Retires; needs the data directory for itself. Gives what came of each group, and what else could not
/// be done.
pub async fn retire(
    settings: &Settings,
    ground: &Ground,
    what: &Retirement,
) -> anyhow::Result<(Vec<Farewell>, Vec<String>)> {
    let _lock = DataDirLock::acquire(&settings.data_dir)?;
    let options = ground.store.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&options)).await??;
    let mut groups = store.read(export::groups).await?;
    if let Some(only) = what.group {
        groups.retain(|(id, _)| *id == only);
        anyhow::ensure!(
            !groups.is_empty(),
            "{only} is no group that Beadle is in: `beadle retire` without --group names them all"
        );
    }
    if what.dry {
        let plan = groups.into_iter().map(|(chat, title)| Farewell {
            chat,
            title,
            ..Farewell::default()
        });
        return Ok((plan.collect(), Vec::new()));
    }
    let options = ApiOptions {
        api_url: Some(settings.api_url.parse()?),
        ..ApiOptions::default()
    };
    let api = Api::new(SecretString::from(settings.token.expose()), options)?;
    let (clock, random) = (ground.clock.clone(), ground.random.clone());
    let sender = Sender::new(store.clone(), api, clock, random, ground.sender.clone());
    let (stop, stopped) = watch::channel(false);
    let sending = tokio::spawn(sender.run(stopped));
    let mut farewells = Vec::new();
    for (chat, title) in groups {
        let mut farewell = Farewell {
            chat,
            title,
            ..Farewell::default()
        };
        leave(&store, ground, what, &mut farewell).await?;
        farewells.push(farewell);
    }
    let mut troubles = Vec::new();
    if what.group.is_none() {
        // Updates that wait at Telegram stay there, for whoever takes over.
        let effect = Effect::generic(Method::DeleteWebhook, None, json!({}));
        if let Err(why) = send(&store, ground, effect).await? {
            troubles.push(format!("the webhook could not be deleted: {why}"));
        }
    }
    stop.send_replace(true);
    sending.await??;
    tokio::task::spawn_blocking(move || store.close()).await?;
    Ok((farewells, troubles))
}

async fn leave(
    store: &Store,
    ground: &Ground,
    what: &Retirement,
    farewell: &mut Farewell,
) -> anyhow::Result<()> {
    let (chat, people, now) = (farewell.chat, what.people, ground.clock.now());
    let released: Released = store
        .write(move |tx| arbiter::release(tx, chat, people, now))
        .await?;
    farewell.kept = released.kept;
    for person in released.stuck {
        farewell.undone.push(format!(
            "{person} stays restricted: Telegram refused to free them before"
        ));
    }
    for (person, outbox) in released.freed {
        match settled(store, outbox, PATIENCE).await? {
            Ok(()) => farewell.freed += 1,
            Err(why) => farewell
                .undone
                .push(format!("{person} stays restricted: {why}")),
        }
    }
    if let Some(outbox) = released.permissions {
        let done = settled(store, outbox, PATIENCE).await?;
        farewell.permissions = Some(done.is_ok());
        if let Err(why) = done {
            farewell
                .undone
                .push(format!("what members may do is not as it was: {why}"));
        }
    }
    farewell.export = Some(hand_over(store, chat, &what.folder).await?);
    let effect = Effect::generic(Method::LeaveChat, Some(chat), json!({}));
    match send(store, ground, effect).await? {
        Ok(()) => farewell.left = true,
        Err(why) => farewell
            .undone
            .push(format!("Beadle is still in the group: {why}")),
    }
    Ok(())
}

/// Sends one call and waits for what comes of it.
async fn send(
    store: &Store,
    ground: &Ground,
    effect: Effect,
) -> anyhow::Result<Result<(), String>> {
    let now = ground.clock.now();
    let outbox = store.write(move |tx| tx.send(&effect, now, None)).await?;
    Ok(settled(store, outbox, PATIENCE).await?)
}

/// Writes the group's rows into a file that only this user may read.
async fn hand_over(store: &Store, chat: i64, folder: &Path) -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.join(format!("retired{chat}.jsonl"));
    let shown = path.clone();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = std::io::BufWriter::new(file);
    store
        .read(move |conn| {
            export::rows(conn, chat, |line: &Value| writeln!(out, "{line}"))?;
            out.flush().map_err(|e| {
                crate::store::StoreError::Invalid(format!("cannot write the export: {e}"))
            })
        })
        .await?;
    Ok(shown)
}
