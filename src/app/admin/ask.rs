//! The asking end: through the socket when Beadle runs, else with the database opened here.
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::verbs::{self, Desk};
use super::wire::{Ask, MAX_ANSWER, Refusal, VERSION};
use super::{SOCKET, address};
use crate::base::clock::SystemClock;
use crate::store::{DataDirLock, Store, StoreError, StoreOptions};

/// How much longer than the verb may work its answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came of an ask.
#[derive(Debug, Clone)]
pub struct Answers {
    /// One for each thing asked for.
    pub items: Vec<Value>,
    /// Whether a running Beadle answered.
    pub live: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The verb was refused.
    #[error("{}", .0.detail)]
    Refused(Refusal),
    /// The socket cannot be used.
    #[error("cannot ask the running Beadle at {path}: {reason}")]
    Socket {
        /// The socket.
        path: String,
        /// What the system said, and the remedy.
        reason: String,
    },
    /// Nobody listens, and the database cannot be opened here.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks the Beadle that runs on `dir`; when none does, takes the lock of `dir` and answers here. Fails,
/// naming the process, when one holds the lock and does not listen.
pub async fn ask(dir: &Path, verb: &str, args: Value) -> Result<Answers, AskError> {
    match ask_running(dir, verb, args.clone()).await? {
        Some(items) => Ok(Answers { items, live: true }),
        None => here(dir, verb, args).await,
    }
}

/// Asks the Beadle that runs on `dir`; None when nobody listens: none runs, or one was killed.
pub async fn ask_running(
    dir: &Path,
    verb: &str,
    args: Value,
) -> Result<Option<Vec<Value>>, AskError> {
    let told = |e: std::io::Error| {
        let path = dir.join(SOCKET).display().to_string();
        let reason = match e.kind() {
            ErrorKind::PermissionDenied => {
                format!(
                    "{e}. It belongs to the user that Beadle runs as: use `sudo -u USER beadle …`"
                )
            }
            _ => e.to_string(),
        };
        AskError::Socket { path, reason }
    };
    let (short, _folder) = match address(dir) {
        Ok(found) => found,
        Err(e) => return Err(told(e)),
    };
    match UnixStream::connect(&short).await {
        Ok(stream) => {
            let patience = verbs::patience(verb) + PATIENCE;
            match timeout(patience, over(stream, verb, args)).await {
                Ok(Ok(answer)) => answer.map(Some).map_err(AskError::Refused),
                Ok(Err(e)) => Err(told(e)),
                Err(_) => Err(told(std::io::Error::other("it does not answer"))),
            }
        }
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            Ok(None)
        }
        Err(e) => Err(told(e)),
    }
}

async fn here(dir: &Path, verb: &str, args: Value) -> Result<Answers, AskError> {
    let _lock = DataDirLock::acquire(dir)?;
    let options = StoreOptions::new(dir);
    let store = blocking(move || Store::open(&options)).await??;
    let desk = Desk {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        lanes: None,
        // Whoever asks has looked at its own settings.
        secret_given: false,
        caches: None,
        community: None,
        shelf: None,
    };
    let answer = desk.answer(verb, args).await;
    blocking(move || store.close()).await?;
    Ok(Answers {
        items: answer.map_err(AskError::Refused)?,
        live: false,
    })
}

async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(f)
        .await
        .map_err(|e| StoreError::Panicked(e.to_string()))
}

/// One ask over the socket.
async fn over(
    stream: UnixStream,
    verb: &str,
    args: Value,
) -> std::io::Result<Result<Vec<Value>, Refusal>> {
    let (reading, mut writing) = stream.into_split();
    let ask = Ask {
        id: "1".to_owned(),
        verb: verb.to_owned(),
        args,
    };
    // Who refuses to listen says why all the same.
    drop(writing.write_all(ask.line().as_bytes()).await);
    let mut reading = BufReader::new(reading);
    let mut items = Vec::new();
    let strange = |what: &str| std::io::Error::new(ErrorKind::InvalidData, what.to_owned());
    loop {
        let mut line = Vec::new();
        let limit = MAX_ANSWER as u64;
        let n = (&mut reading)
            .take(limit)
            .read_until(b'\n', &mut line)
            .await?;
        if n == 0 || line.last() != Some(&b'\n') {
            return Err(strange("it ended in the middle of its answer"));
        }
        let mut answer: Value =
            serde_json::from_slice(&line).map_err(|_| strange("its answer is not JSON"))?;
        if answer["v"] != VERSION {
            return Err(strange(
                "it speaks another version of the protocol: use the program of the version that runs",
            ));
        }
        if let Some(item) = answer.get_mut("item") {
            items.push(item.take());
        } else if answer.get("end").is_some() {
            return Ok(Ok(items));
        } else {
            let refusal = serde_json::from_value(answer["error"].take())
                .map_err(|_| strange("its answer cannot be understood"))?;
            return Ok(Err(refusal));
        }
    }
}
