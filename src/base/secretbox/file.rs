//! The secret that Beadle made, in the data directory: the present one on the first line, replaced ones after it.
use std::fmt::Write as _;
use std::path::Path;

use crate::base::clock::Millis;
use crate::base::random::Random;

/// Name of the file in the data directory.
pub(super) const NAME: &str = "secret.key";
/// Longest such file.
const MAX_FILE: u64 = 4096;
/// Replaced secrets that are kept: what was forgotten under a secret is known by that secret alone, so none is
/// dropped silently.
const MOST: usize = 32;

/// What the file holds.
pub(super) struct Kept {
    pub(super) present: String,
    /// The newest first, with when each was replaced.
    pub(super) replaced: Vec<(String, Millis)>,
}

impl Kept {
    /// A new secret alone: 32 bytes of chance in hexadecimal.
    pub(super) fn fresh(random: &dyn Random) -> Self {
        let mut bytes = [0_u8; 32];
        random.fill(&mut bytes);
        let mut present = String::with_capacity(64);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _infallible = write!(present, "{byte:02x}");
        }
        Self {
            present,
            replaced: Vec::new(),
        }
    }

    /// A new secret before this one.
    pub(super) fn rotated(self, random: &dyn Random, now: Millis) -> Result<Self, String> {
        if self.replaced.len() >= MOST {
            return Err(format!(
                "{NAME} keeps {MOST} replaced secrets already: remove the last line by hand, and with it the memory of \
                 who was forgotten under it"
            ));
        }
        let mut next = Self::fresh(random);
        next.replaced.push((self.present, now));
        next.replaced.extend(self.replaced);
        Ok(next)
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        let present = lines.next().unwrap_or_default().to_owned();
        let replaced = lines.filter_map(|line| {
            let (secret, at) = line.split_once(' ')?;
            Some((secret.to_owned(), at.trim().parse().ok()?))
        });
        Self {
            present,
            replaced: replaced.collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.present);
        for (secret, at) in &self.replaced {
            let _infallible = writeln!(text, "{secret} {at}");
        }
        text
    }
}

/// What to say of a file whose first line is no secret.
pub(super) fn no_secret(path: &Path) -> String {
    format!(
        "{} does not hold a secret: restore it from a backup, or remove it and lose what was sealed with it",
        path.display()
    )
}

/// The file's content; None when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Kept>, String> {
    let size = match std::fs::metadata(path) {
        Ok(meta) => meta.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
    };
    if size > MAX_FILE {
        return Err(format!(
            "{} is {size} bytes long and cannot be a secret",
            path.display()
        ));
    }
    std::fs::read_to_string(path)
        .map(|text| Some(Kept::parse(&text)))
        .map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// Writes the file, readable by its owner only: whole or not at all, whatever happens meanwhile.
pub(super) fn write(dir: &Path, path: &Path, kept: &Kept) -> Result<(), String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let new = path.with_extension("key.new");
    let made = std::fs::create_dir_all(dir)
        .and_then(|()| {
            std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)
        })
        .and_then(|mut file| {
            file.write_all(kept.text().as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, path))
        .and_then(|()| std::fs::File::open(dir)?.sync_all());
    made.map_err(|e| {
        format!(
            "cannot write {}: {e}. Make the folder writable, or give a secret in SECRET_KEY",
            path.display()
        )
    })
}
