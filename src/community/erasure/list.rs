//! The list of the forgotten, a file beside the database: a restored older copy knows nothing of it.
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::base::clock::Millis;
use crate::base::secretbox::KeyTag;

/// Its name in the data directory. Keep it when an older database is put in place.
pub const LIST_FILE: &str = "forgotten.jsonl";
/// Longest list that is read: about 100,000 people.
const MAX_BYTES: u64 = 16 << 20;

/// Somebody on the list, by the keyed hash of the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Keyed hash.
    pub hash: [u8; 32],
    /// Which secret it is keyed with.
    pub tag: KeyTag,
    /// What came later stays.
    pub asked_at: Millis,
}

impl Listed {
    fn line(&self) -> String {
        let hash: String = self.hash.iter().map(|b| format!("{b:02x}")).collect();
        serde_json::json!({ "v": 1, "hash": hash, "key": self.tag, "asked_at": self.asked_at })
            .to_string()
    }

    fn parse(line: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = value["hash"].as_str().filter(|t| t.len() == 64)?;
        let mut hash = [0; 32];
        for (i, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self {
            hash,
            tag: KeyTag::try_from(value["key"].as_u64()?).ok()?,
            asked_at: value["asked_at"].as_i64()?,
        })
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join(LIST_FILE)
}

fn failed(action: &str, path: &Path, e: &std::io::Error) -> String {
    format!(
        "cannot {action} {}: {e}. Without it nobody can be forgotten: make it readable and writable for this user",
        path.display()
    )
}

/// Everybody on the list, and how many lines make no sense: a last line cut off by a crash is no news, for its
/// person is still to be listed.
pub(super) fn read(dir: &Path) -> Result<(Vec<Listed>, usize), String> {
    let path = path(dir);
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(failed("read", &path, &e)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| failed("read", &path, &e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!(
            "{} is longer than {} MB and cannot be the list of the forgotten",
            path.display(),
            MAX_BYTES >> 20
        ));
    }
    let text = String::from_utf8_lossy(&bytes);
    let (mut listed, mut rubbish) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match Listed::parse(line) {
            Some(found) => listed.push(found),
            None => rubbish += 1,
        }
    }
    Ok((listed, rubbish))
}

/// Adds somebody; on disk when this returns.
pub(super) fn add(dir: &Path, listed: &Listed) -> Result<(), String> {
    let path = path(dir);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)?;
        // After a line that a crash cut off, a new one begins.
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last)?;
        }
        let start = if last == [b'\n'] { "" } else { "\n" };
        file.write_all(format!("{start}{}\n", listed.line()).as_bytes())?;
        file.sync_all()?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(|e| failed("write", &path, &e))
}
