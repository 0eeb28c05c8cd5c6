//! The admin socket: verbs of the command line, answered by the process that has the database open.
//!
//! A verb is one function over a [`Desk`]. A running Beadle answers it through the socket; when none runs,
//! the command line takes the lock of the data directory and calls the same function itself.
mod ask;
mod serve;
mod verbs;
mod wire;

use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

pub use ask::{Answers, AskError, ask, ask_running};
pub(super) use serve::serve;
pub use verbs::{Args, Desk};
pub use wire::{Ask, MAX_ASK, Refusal, VERSION};

/// The socket inside the data directory.
pub const SOCKET: &str = "beadle.sock";
/// Longest path that an address of a Unix socket takes (unix(7): 108 bytes with the zero at the end).
const MAX_PATH: usize = 107;

/// An address of the socket in `dir`, and what must stay open while it is used: a path that is too long is
/// reached through the folder's descriptor.
fn address(dir: &Path) -> std::io::Result<(PathBuf, Option<std::os::fd::OwnedFd>)> {
    use std::os::fd::AsRawFd as _;
    use std::os::unix::ffi::OsStrExt as _;
    let path = dir.join(SOCKET);
    if path.as_os_str().as_bytes().len() <= MAX_PATH {
        return Ok((path, None));
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(dir, flags, Mode::empty())?;
    let short = format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd());
    Ok((PathBuf::from(short), Some(folder)))
}
