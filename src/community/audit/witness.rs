//! Where the chain ended, noted beside the database and signed: what is cut off its end is missed, and so is an older
//! copy put in place.
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::chain::Hash;
use super::verify::Anchor;
use super::{Actor, Audit as _, AuditEntry, Head, head};
use crate::base::clock::Millis;
use crate::base::crash::crash_point;
use crate::base::secretbox::{Keyring, Signer};
use crate::store::{Store, StoreError};

/// The file in the data directory.
pub const WITNESS_FILE: &str = "audit-ends.jsonl";
/// Ends that are kept; older ones say nothing that these do not.
const KEPT: usize = 64;
/// Longest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Notes the end of the chain, and remembers it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Witness {
    store: Store,
    signer: Signer,
}

/// Rows are gone that had been there: all after `last`, up to `known`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewound {
    /// The last row that is there.
    pub last: i64,
    /// The last that had been there.
    pub known: i64,
}

impl Witness {
    /// Notes beside `store`, signed with `keys`.
    pub fn new(store: Store, keys: &Keyring) -> Self {
        Self {
            store,
            signer: Self::signer(keys),
        }
    }

    /// What ends are signed with.
    pub fn signer(keys: &Keyring) -> Signer {
        keys.lasting_signer("audit end")
    }

    /// At the start: an end that is gone becomes a row of the chain itself, and is told.
    pub async fn start(&self, now: Millis) -> Result<Option<Rewound>, StoreError> {
        let (anchors, _) = read(self.store.dir(), Some(&self.signer));
        let end = self.store.read(head).await?;
        let known = anchors.iter().map(|a| a.id).max().unwrap_or(0);
        if known <= end.id {
            return Ok(None);
        }
        let last = end.id;
        let entry = AuditEntry::new(Actor::System, "audit.rewound", format!("audit:{last}"))
            .with(json!({ "last": last, "known": known }));
        self.store
            .write(move |tx| tx.audit(&entry, now).map(|_id| ()))
            .await?;
        crash_point("audit.rewound");
        let mut held: Vec<_> = anchors.into_iter().filter(|a| a.id <= last).collect();
        let end = self.store.read(head).await?;
        held.push(anchor(end, now));
        self.put(held).await;
        Ok(Some(Rewound { last, known }))
    }

    /// Notes where the chain ends now, if that is news. A failure is told in the log and not more: the chain itself
    /// stands.
    pub async fn note(&self, now: Millis) {
        let end = match self.store.read(head).await {
            Ok(end) => end,
            Err(e) => {
                tracing::warn!(error = %e, "the end of the audit could not be read");
                return;
            }
        };
        let (mut anchors, _) = read(self.store.dir(), Some(&self.signer));
        if end.id > 0 && anchors.iter().all(|a| a.id < end.id) {
            anchors.push(anchor(end, now));
            self.put(anchors).await;
        }
    }

    async fn put(&self, mut anchors: Vec<Anchor>) {
        let dir = self.store.dir().to_owned();
        let old = anchors.len().saturating_sub(KEPT);
        let lines: String = anchors
            .drain(old..)
            .map(|a| line(&a, &self.signer) + "\n")
            .collect();
        let written = tokio::task::spawn_blocking(move || replace(&dir, &lines)).await;
        if let Ok(Err(e)) = written {
            tracing::warn!(error = %e, file = WITNESS_FILE, "the end of the audit could not be noted");
        }
    }
}

fn anchor(end: Head, at: Millis) -> Anchor {
    Anchor {
        id: end.id,
        hash: Some(end.hash),
        at,
    }
}

fn payload(id: i64, at: i64, hash: &str) -> String {
    format!("{id}:{at}:{hash}")
}

fn line(anchor: &Anchor, signer: &Signer) -> String {
    let hash: String = anchor
        .hash
        .unwrap_or_default()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let signature = signer.sign(b"", &payload(anchor.id, anchor.at, &hash));
    json!({ "v": 1, "row": anchor.id, "at": anchor.at, "hash": hash, "sig": signature }).to_string()
}

fn parse(line: &str, signer: Option<&Signer>) -> Option<Anchor> {
    let value: Value = serde_json::from_str(line).ok()?;
    let (id, at) = (value["row"].as_i64()?, value["at"].as_i64()?);
    let text = value["hash"].as_str().filter(|t| t.len() == 64)?;
    let mut hash: Hash = [0; 32];
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    let genuine = |s: &Signer| {
        s.verify(
            b"",
            &payload(id, at, text),
            value["sig"].as_str().unwrap_or(""),
        )
    };
    signer.is_none_or(genuine).then_some(Anchor {
        id,
        hash: Some(hash),
        at,
    })
}

/// The ends that were noted in `dir`, oldest first, and how many lines are not genuine or make no sense. Without a
/// signer every line that makes sense is taken. A missing file holds none.
pub fn read(dir: &Path, signer: Option<&Signer>) -> (Vec<Anchor>, usize) {
    let path = dir.join(WITNESS_FILE);
    let small = std::fs::metadata(&path).is_ok_and(|m| m.len() <= MAX_BYTES);
    let bytes = if small {
        std::fs::read(&path).ok()
    } else {
        None
    };
    let text = bytes
        .map(|b| String::from_utf8_lossy(&b).into_owned())
        .unwrap_or_default();
    let (mut anchors, mut rubbish) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match parse(line, signer) {
            Some(anchor) => anchors.push(anchor),
            None => rubbish += 1,
        }
    }
    (anchors, rubbish)
}

/// Whole or not at all.
fn replace(dir: &Path, text: &str) -> std::io::Result<()> {
    let (path, new) = (dir.join(WITNESS_FILE), dir.join("audit-ends.new"));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, &path)
}
