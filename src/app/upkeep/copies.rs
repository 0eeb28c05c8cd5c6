//! Deletes the copies made before an upgrade once the new version has run for a day.
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;

use crate::queue::{Done, Trouble, Work, Worker};
use crate::store::{known_schema, meta};

pub(super) const KIND: &str = "ground.copies";

/// Hours that a version has run when it has proved itself; the job comes once an hour and counts them, so
/// that time in which nothing ran does not count.
const HOURS: i64 = 24;

/// The worker.
pub(super) struct Copies {
    pub(super) folder: PathBuf,
}

impl Worker for Copies {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let key = format!("hours_of_schema_{}", known_schema());
            let counted = {
                let key = key.clone();
                work.read(move |conn| meta::number(conn, &key)).await?
            };
            let hours = (counted + 1).min(HOURS);
            let folder = self.folder.clone();
            let gone = if hours >= HOURS {
                tokio::task::spawn_blocking(move || remove(&folder))
                    .await
                    .map_err(|e| Trouble::Failed(e.to_string()))?
                    .map_err(Trouble::Failed)?
            } else {
                0
            };
            let note = format!("this version has run for {hours} h; {gone} copies went");
            Ok(Done::with(move |tx| meta::put_number(tx, &key, hours)).note(note))
        })
    }
}

/// Deletes the copies in `folder`; gives how many. Nothing but what an upgrade names is touched.
fn remove(folder: &Path) -> Result<usize, String> {
    let told = |e: std::io::Error| format!("cannot look into {}: {e}", folder.display());
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(told(e)),
    };
    let mut gone = 0;
    for entry in entries {
        let entry = entry.map_err(told)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("before-schema-") && name.ends_with(".db") {
            std::fs::remove_file(entry.path())
                .map_err(|e| format!("cannot delete {}: {e}", entry.path().display()))?;
            gone += 1;
        }
    }
    Ok(gone)
}
