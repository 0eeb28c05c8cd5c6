//! What Beadle stands on: folders, files, memory, and whether it runs.
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{Findings, State};
use crate::cli::db::size;
use crate::cli::probe;
use crate::config::{Env, Flags, Origin, Values, origins};
use crate::store::{DATABASE_FILE, DataDirLock};

/// Below this much room words are no longer kept.
const LOW_DISK: u64 = 256 << 20;
/// Room below which somebody should look soon.
const LITTLE_DISK: u64 = 1 << 30;
/// Free memory below which the machine is in trouble.
const LITTLE_MEMORY: u64 = 64 << 20;

/// Files that hold secrets are for one user only.
pub(super) fn secrets(values: &Values, found: &mut Findings) {
    for (key, origin) in origins(values) {
        let Origin::SecretFile(_, path) = origin else {
            continue;
        };
        let Ok(meta) = std::fs::metadata(&path) else {
            continue;
        };
        if meta.mode() & 0o077 == 0 {
            found.ok(
                "secrets",
                format!("{key}: {} is closed to others", path.display()),
            );
        } else {
            found.add(
                "secrets",
                State::Warn,
                format!("{key}: others may read {}", path.display()),
                &format!("chmod 600 {}", path.display()),
            );
        }
    }
}

/// Whether a Beadle answers where these settings say; says so.
pub(super) async fn running(flags: &Flags, env: &Env, found: &mut Findings) -> bool {
    let address = match probe::address(flags, env) {
        Ok(address) => address,
        Err(e) => {
            found.skip("running", e.to_string());
            return false;
        }
    };
    match probe::get(address, "/health").await {
        Ok((200, _)) => {
            found.ok(
                "running",
                format!("at http://{address}, all parts are well"),
            );
            true
        }
        Ok((503, body)) => {
            found.add(
                "running",
                State::Fail,
                format!("at http://{address}, not well: {}", probe::trouble(&body)),
                "the findings below may say why; so does the log",
            );
            true
        }
        Ok((code, _)) => {
            found.add(
                "running",
                State::Fail,
                format!("what answers at http://{address} with {code} is not Beadle"),
                "give one of the two another address (http.listen, BEADLE_HTTP_LISTEN)",
            );
            false
        }
        Err(e) => {
            found.skip(
                "running",
                format!("{e}; the rest is looked at all the same"),
            );
            false
        }
    }
}

/// The data directory: there, ours, closed to others, with room.
pub(super) fn folder(dir: &Path, running: bool, found: &mut Findings) {
    const NAME: &str = "data directory";
    let meta = match std::fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            let remedy = "name a folder with --data-dir or BEADLE_DATA_DIR";
            found.add(
                NAME,
                State::Fail,
                format!("{} is not a folder", dir.display()),
                remedy,
            );
            return;
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            found.add(
                NAME,
                State::Warn,
                format!("{} does not exist yet", dir.display()),
                "`beadle run` makes it",
            );
            return;
        }
        Err(e) => {
            let remedy = "look as the user that Beadle runs as: sudo -u beadle beadle doctor";
            found.add(NAME, State::Fail, format!("{}: {e}", dir.display()), remedy);
            return;
        }
    };
    access(dir, meta.uid(), found);
    open_to_others(dir, found);
    room(dir, found);
    if !running && dir.join(DATABASE_FILE).exists() {
        match DataDirLock::acquire(dir) {
            Ok(_lock) => {}
            Err(e) => found.add(
                NAME,
                State::Warn,
                e.to_string(),
                "a Beadle runs on it and does not answer at the address that these settings name",
            ),
        }
    }
}

fn access(dir: &Path, owner: u32, found: &mut Findings) {
    let access =
        rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    let me = rustix::process::geteuid().as_raw();
    if rustix::fs::access(dir, access).is_ok() {
        found.ok("data directory", dir.display().to_string());
    } else {
        found.add(
            "data directory",
            State::Fail,
            format!(
                "{} belongs to user {owner}, and user {me} may not write there",
                dir.display()
            ),
            "run this as that user, or give the folder to it: chown",
        );
    }
    if me == 0 && owner != 0 {
        found.add(
            "data directory",
            State::Warn,
            format!("this is root, and the folder belongs to user {owner}"),
            "run verbs as that user, so that no file in it becomes root's",
        );
    }
}

/// The folder, or the files in it that hold people's words.
fn open_to_others(dir: &Path, found: &mut Findings) {
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.mode() & 0o777);
    let folder = mode(dir);
    if folder & 0o077 == 0 {
        return;
    }
    // A folder that others may enter is fine when they can read nothing in it.
    let database = dir.join(DATABASE_FILE);
    if mode(&database) & 0o077 != 0 {
        found.add(
            "permissions",
            State::Warn,
            format!(
                "others may read {}: it holds people's words (folder {folder:o}, file {:o})",
                database.display(),
                mode(&database)
            ),
            &format!("chmod 700 {}", dir.display()),
        );
    }
}

fn room(dir: &Path, found: &mut Findings) {
    let Ok(stat) = rustix::fs::statvfs(dir) else {
        return;
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} free", size(free));
    if free < LOW_DISK {
        let remedy = "make room: words and media are not kept below 256 MB, moderation goes on";
        found.add("disk", State::Fail, text, remedy);
    } else if free < LITTLE_DISK {
        found.add(
            "disk",
            State::Warn,
            text,
            "make room soon; an upgrade copies the database first",
        );
    } else {
        found.ok("disk", text);
    }
}

/// Memory that programs could still have, from /proc/meminfo.
pub(super) fn memory(found: &mut Findings) {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let field = |name: &str| -> Option<u64> {
        let rest = text.lines().find_map(|l| l.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    };
    let Some(free) = field("MemAvailable:").map(|kb| kb << 10) else {
        return found.skip("memory", "this system does not tell");
    };
    let text = format!("{} of the machine are free", size(free));
    if free < LITTLE_MEMORY {
        let remedy = "stop something, or add swap: Beadle takes 60 MB and more with many groups";
        found.add("memory", State::Warn, text, remedy);
    } else {
        found.ok("memory", text);
    }
}
