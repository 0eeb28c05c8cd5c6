//! The listening end: who may ask, how long, how much.
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::verbs::{Desk, patience};
use super::wire::{Ask, MAX_ASK, Refusal, lines};
use super::{SOCKET, address};

/// Conversations at a time; more wait.
const TOGETHER: usize = 32;
/// How long a line may take to come, and the answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes the socket, readable and writable by its owner only. One left by a process that was killed is
/// replaced: the lock of the data directory is held by now. Gives what serves it until `stop`.
pub(in crate::app) fn serve(
    desk: Desk,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<impl Future<Output = ()> + Send> {
    let path = desk.store.dir().join(SOCKET);
    let (short, _folder) = address(desk.store.dir())
        .with_context(|| format!("cannot reach the folder of {}", path.display()))?;
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(e).with_context(|| format!("cannot replace {}", path.display()));
        }
        _ => {}
    }
    let listener = UnixListener::bind(&short).with_context(|| {
        format!(
            "cannot make the socket {}: the data directory must be on a disk of this machine that can hold \
             sockets",
            path.display()
        )
    })?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot close {} to others", path.display()))?;
    Ok(async move {
        let room = Arc::new(Semaphore::new(TOGETHER));
        let mut talks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = talks.join_next() => continue,
                _ = stop.changed() => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let (desk, room) = (desk.clone(), room.clone());
                    talks.spawn(async move {
                        // The semaphore is never closed.
                        let _place = room.acquire().await;
                        talk(stream, &desk).await;
                    });
                }
                Err(e) => {
                    // Out of descriptors, most likely: others need a moment to give some back.
                    tracing::warn!(error = %e, "a caller of the admin socket could not be let in");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        // Answers under way are short; who takes longer asks again after the next start.
        let all = async { while talks.join_next().await.is_some() {} };
        drop(timeout(Duration::from_secs(1), all).await);
        if let Err(e) = std::fs::remove_file(&path) {
            tracing::debug!(error = %e, "the admin socket was gone already");
        }
    })
}

/// Answers one caller until it has no more to ask.
async fn talk(stream: UnixStream, desk: &Desk) {
    let caller = stream.peer_cred().map(|c| c.uid());
    let (reading, mut writing) = stream.into_split();
    let mut reading = BufReader::new(reading);
    if !caller.as_ref().is_ok_and(|uid| may_ask(*uid)) {
        tracing::warn!(caller = ?caller, "a stranger asked at the admin socket");
        let refusal = Refusal::new(
            "forbidden",
            "you may not ask here",
            format!(
                "only uid {} and root may: run as that user (`sudo -u '#{}' beadle …`)",
                own_uid(),
                own_uid()
            ),
        );
        drop(
            timeout(
                PATIENCE,
                writing.write_all(lines(None, &Err(refusal)).as_bytes()),
            )
            .await,
        );
        return;
    }
    loop {
        let mut line = Vec::new();
        let limit = MAX_ASK as u64 + 1;
        let read = timeout(
            PATIENCE,
            (&mut reading).take(limit).read_until(b'\n', &mut line),
        )
        .await;
        if !matches!(read, Ok(Ok(n)) if n > 0) {
            return;
        }
        // What comes after a line that is too long, or has no end, has no beginning.
        let whole = line.last() == Some(&b'\n');
        let (id, answer) = if whole {
            match Ask::parse(&line) {
                Ok(ask) => (Some(ask.id.clone()), answer(desk, ask).await),
                Err(refusal) => (None, Err(refusal)),
            }
        } else {
            let told = format!("a line has at most {MAX_ASK} bytes and ends with a line feed");
            (None, Err(Refusal::bad(told)))
        };
        let text = lines(id.as_deref(), &answer);
        let sent = timeout(PATIENCE, writing.write_all(text.as_bytes())).await;
        if !whole || !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

async fn answer(desk: &Desk, ask: Ask) -> Result<Vec<serde_json::Value>, Refusal> {
    let verb = ask.verb.clone();
    let work = patience(&verb);
    timeout(work, desk.answer(&ask.verb, ask.args))
        .await
        .unwrap_or_else(|_| {
            Err(Refusal::new(
                "too_slow",
                "it takes too long",
                format!("`{verb}` did not end within {} s", work.as_secs()),
            ))
        })
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Beadle's own user, and root, who may read the database anyway.
fn may_ask(uid: u32) -> bool {
    uid == own_uid() || uid == 0
}
