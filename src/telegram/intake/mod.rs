//! Updates come in here: committed to the inbox as sent, before Telegram is told that they arrived.
pub mod absence;
pub mod inbox;
pub mod poll;
pub mod webhook;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::base::clock::SharedClock;
use crate::base::crash::crash_point;
use crate::observe::metrics;
use crate::store::{Store, StoreError};
use crate::telegram::event::{self, Event, Lane};

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

/// The lane in the inbox of updates that were kept before they were read.
pub const UNREAD: i64 = Lane::Update(0).as_key();
/// How long after unclean ends updates are kept before they are read.
const CAREFUL: Duration = Duration::from_secs(30);
/// The kind of those in the inbox.
const UNREAD_KIND: &str = "unread";

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

/// An update that waits for its lane, understood or as it lies in the inbox.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its row in the inbox.
    pub seq: i64,
    /// How often it has failed.
    pub attempts: i64,
    what: What,
}

/// What is known of an update that waits.
#[derive(Debug, Clone)]
enum What {
    Read(Box<Event>),
    Raw(String),
}

impl Waiting {
    /// The JSON text in a row of the inbox. It is read by [`Waiting::read`] only, when its trial has been
    /// counted: whatever reading does to the process, the update is found.
    pub(super) fn raw(seq: i64, attempts: i64, raw: String) -> Self {
        let what = What::Raw(raw);
        Self {
            seq,
            attempts,
            what,
        }
    }

    /// What was read when it came; else itself, to be read.
    pub fn known(self) -> Result<Arrival, Self> {
        match self.what {
            What::Read(event) => Ok(Arrival {
                seq: self.seq,
                attempts: self.attempts,
                event: *event,
            }),
            What::Raw(_) => Err(self),
        }
    }

    /// Whether it lies in the inbox without having been read: its lane is not known.
    pub fn is_unread(&self) -> bool {
        matches!(self.what, What::Raw(_))
    }

    /// The key of its lane; of one that was not read, the lane of those.
    pub fn lane(&self) -> i64 {
        match &self.what {
            What::Read(event) => event.lane().as_key(),
            What::Raw(_) => UNREAD,
        }
    }

    /// Reads it.
    pub fn read(&self) -> Arrival {
        Arrival {
            seq: self.seq,
            attempts: self.attempts,
            event: match &self.what {
                What::Read(event) => (**event).clone(),
                What::Raw(raw) => event::parse(raw),
            },
        }
    }
}

impl From<Arrival> for Waiting {
    fn from(arrival: Arrival) -> Self {
        Self {
            seq: arrival.seq,
            attempts: arrival.attempts,
            what: What::Read(Box::new(arrival.event)),
        }
    }
}

/// One update as Telegram sent it.
#[derive(Debug, Clone)]
pub struct RawUpdate {
    /// Telegram's id.
    pub id: i64,
    /// The JSON text.
    pub raw: String,
    /// What it says; None when that is to be read after it is on disk.
    pub event: Option<Event>,
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
        let mut update = Self::unread(raw)?;
        update.event = Some(event::parse(&update.raw));
        Ok(update)
    }

    /// The same without reading more than the id.
    pub fn unread(raw: String) -> Result<Self, NotAnUpdate> {
        if raw.len() > MAX_UPDATE_BYTES {
            return Err(NotAnUpdate::TooLarge);
        }
        let id = Self::id_of(&raw)?;
        Ok(Self {
            id,
            raw,
            event: None,
        })
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
    lanes: mpsc::Sender<Vec<Waiting>>,
    unread_until: Arc<OnceLock<Instant>>,
}

impl Intake {
    /// An intake that hands what it has committed to `lanes`.
    pub fn new(store: Store, clock: SharedClock, lanes: mpsc::Sender<Vec<Waiting>>) -> Self {
        Self {
            store,
            clock,
            lanes,
            unread_until: Arc::default(),
        }
    }

    /// After unclean ends in a row: what comes in the next half a minute is kept before it is read. So an
    /// update whose reading ends the process, which Telegram sends again after each start, gets into the
    /// inbox, where it is found.
    pub fn be_careful(&self) {
        self.unread_until.get_or_init(|| Instant::now() + CAREFUL);
    }

    /// The update in this text, read as far as is prudent.
    pub fn open(&self, raw: String) -> Result<RawUpdate, NotAnUpdate> {
        if self
            .unread_until
            .get()
            .is_some_and(|end| Instant::now() < *end)
        {
            return RawUpdate::unread(raw);
        }
        crash_point("intake.reading");
        RawUpdate::parse(raw)
    }

    /// Commits `batch` in one transaction, then hands it on. When this returns, nothing of it can be
    /// lost, and the sender may be told so. Whoever stops waiting, as a webhook's caller who hangs up, stops
    /// nothing: what is on disk and on the way to no lane would wait there until the next start.
    pub async fn accept(&self, batch: Vec<RawUpdate>) -> Result<Accepted, StoreError> {
        let intake = self.clone();
        let taken = tokio::spawn(async move { intake.take(batch).await });
        // It ends early with the runtime only, and a panic in it is a defect of this room.
        taken.await.map_err(|_| StoreError::Closed)?
    }

    async fn take(&self, batch: Vec<RawUpdate>) -> Result<Accepted, StoreError> {
        let now = self.clock.now();
        let total = batch.len();
        let (seqs, batch) = self
            .store
            .write(move |tx| Ok((inbox::insert(tx, &batch, now)?, batch)))
            .await?;
        crash_point("intake.committed");
        let fresh: Vec<Waiting> = seqs
            .into_iter()
            .zip(batch)
            .filter_map(|(seq, update)| {
                Some(match update.event {
                    Some(event) => Waiting::from(Arrival {
                        seq: seq?,
                        attempts: 0,
                        event,
                    }),
                    None => Waiting::raw(seq?, 0, update.raw),
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
