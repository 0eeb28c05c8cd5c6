//! Updates come in here: committed to the inbox as sent, before Telegram is told that they arrived.
pub mod absence;
pub mod inbox;
pub mod poll;
pub mod webhook;

use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::base::clock::SharedClock;
use crate::base::crash::crash_point;
use crate::observe::metrics;
use crate::store::{Store, StoreError};
use crate::telegram::event::{self, Event};

/// Every kind of update Beadle wants; sent with each poll and each setWebhook, because Telegram keeps
/// the last list it was given, and its default lacks members and reactions. Kinds that an older Bot API
/// server does not know are ignored by it.
pub const ALLOWED_UPDATES: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "guest_message",
];

/// Longest update taken. Telegram's own stay far below; a bigger body is somebody else's.
pub const MAX_UPDATE_BYTES: usize = 1 << 20;

/// An update on disk, on its way to its lane.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Its row in the inbox.
    pub seq: i64,
    /// How often it has failed.
    pub attempts: i64,
    /// What it says, as far as Beadle understands.
    pub event: Event,
}

/// One update as Telegram sent it.
#[derive(Debug, Clone)]
pub struct RawUpdate {
    /// Telegram's id.
    pub id: i64,
    /// The JSON text.
    pub raw: String,
    /// What it says.
    pub event: Event,
}

/// Why a text is not an update.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnUpdate {
    /// Larger than [`MAX_UPDATE_BYTES`].
    #[error("larger than {MAX_UPDATE_BYTES} bytes")]
    TooLarge,
    /// Not a JSON object.
    #[error("not a JSON object: {0}")]
    NotJson(String),
    /// Without a usable `update_id`.
    #[error("without an update_id")]
    NoId,
}

impl RawUpdate {
    /// Reads the JSON text of one update. Only size, syntax and `update_id` can be wrong: what stands
    /// beside the id may be of any shape and depth.
    pub fn parse(raw: String) -> Result<Self, NotAnUpdate> {
        if raw.len() > MAX_UPDATE_BYTES {
            return Err(NotAnUpdate::TooLarge);
        }
        let id = Self::id_of(&raw)?;
        let event = event::parse(&raw);
        Ok(Self { id, raw, event })
    }

    /// The `update_id` alone, of a text of any size.
    pub fn id_of(raw: &str) -> Result<i64, NotAnUpdate> {
        // The rest is skipped without building it, so that its nesting cannot stand in the way.
        #[derive(serde::Deserialize)]
        struct Id<'a> {
            #[serde(borrow)]
            update_id: Option<&'a RawValue>,
        }
        // An array would be taken for the struct's fields in order.
        if !raw.trim_start().starts_with('{') {
            return Err(NotAnUpdate::NotJson("it does not begin with `{`".into()));
        }
        let id: Id<'_> =
            serde_json::from_str(raw).map_err(|e| NotAnUpdate::NotJson(e.to_string()))?;
        id.update_id
            .and_then(|id| id.get().parse().ok())
            .ok_or(NotAnUpdate::NoId)
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// New ones, now on disk and on their way.
    pub fresh: usize,
    /// Ones that were there already.
    pub duplicates: usize,
}

/// The way in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    clock: SharedClock,
    lanes: mpsc::Sender<Vec<Arrival>>,
}

impl Intake {
    /// An intake that hands what it has committed to `lanes`.
    pub fn new(store: Store, clock: SharedClock, lanes: mpsc::Sender<Vec<Arrival>>) -> Self {
        Self {
            store,
            clock,
            lanes,
        }
    }

    /// Commits `batch` in one transaction, then hands it on. When this returns, nothing of it can be
    /// lost, and the sender may be told so.
    pub async fn accept(&self, batch: Vec<RawUpdate>) -> Result<Accepted, StoreError> {
        let now = self.clock.now();
        let total = batch.len();
        let (seqs, batch) = self
            .store
            .write(move |tx| Ok((inbox::insert(tx, &batch, now)?, batch)))
            .await?;
        crash_point("intake.committed");
        let fresh: Vec<Arrival> = seqs
            .into_iter()
            .zip(batch)
            .filter_map(|(seq, update)| {
                Some(Arrival {
                    seq: seq?,
                    attempts: 0,
                    event: update.event,
                })
            })
            .collect();
        let accepted = Accepted {
            fresh: fresh.len(),
            duplicates: total - fresh.len(),
        };
        metrics::UPDATES.add_for("in", accepted.fresh);
        metrics::UPDATES.add_for("duplicate", accepted.duplicates);
        if !fresh.is_empty() && self.lanes.send(fresh).await.is_err() {
            tracing::debug!("stopping: updates stay in the inbox for the next start");
        }
        Ok(accepted)
    }
}
