//! Brings a list here: from a file, or by https within limits of size, time and redirects.
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

use super::ids::Ids;
use super::read::{Limits, Reader};
use crate::config::is_loopback_url;

/// Redirects that are followed.
const REDIRECTS: usize = 3;
/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(15);
/// What a server may say of the version it sent, at most.
const MARK: usize = 300;

/// What a server said of the version that we have, so that it need not send it again.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Version {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub modified: Option<String>,
}

/// What came of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is as it was.
    Same,
    /// It is this now.
    New(Ids, Version),
}

/// Looks at a source; `known` is the version of the copy at hand, if it can still be used.
///
/// # Errors
/// What is wrong, in words for the operator, without what an address may hold of secrets.
pub async fn fetch(
    source: &str,
    known: Option<&Version>,
    limits: Limits,
) -> Result<Fetched, String> {
    if source.contains("://") {
        let time = Duration::from_millis(limits.time);
        let found = tokio::time::timeout(time, download(source, known, limits)).await;
        return found.unwrap_or_else(|_| {
            Err(format!(
                "it was not here within {} s",
                time.as_secs().max(1)
            ))
        });
    }
    let path = source.to_owned();
    tokio::task::spawn_blocking(move || from_file(Path::new(&path), limits))
        .await
        .map_err(|e| e.to_string())?
        .map(|ids| Fetched::New(ids, Version::default()))
}

fn from_file(path: &Path, limits: Limits) -> Result<Ids, String> {
    let told = |e: std::io::Error| format!("the file cannot be read: {e}");
    // A pipe or a device might never end.
    if !std::fs::metadata(path).map_err(told)?.is_file() {
        return Err("it is not an ordinary file".to_owned());
    }
    let mut file = std::fs::File::open(path).map_err(told)?;
    let mut reader = Reader::new(limits);
    let mut piece = vec![0; 64 << 10];
    loop {
        let n = file.read(&mut piece).map_err(told)?;
        if n == 0 {
            break;
        }
        reader.feed(&piece[..n]).map_err(|e| e.to_string())?;
    }
    reader.finish().map_err(|e| e.to_string())
}

async fn download(
    source: &str,
    known: Option<&Version>,
    limits: Limits,
) -> Result<Fetched, String> {
    let client = client(source)?;
    let mut request = client.get(source);
    if let Some(known) = known {
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &known.modified {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
    }
    let mut response = request.send().await.map_err(spoken)?;
    match response.status() {
        StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Fetched::Same),
        StatusCode::OK => {}
        other => return Err(format!("the server answered {other}")),
    }
    let announced = response.content_length().unwrap_or(0);
    let mut reader = Reader::new(limits);
    if announced > limits.bytes as u64 {
        let unfit = super::read::Unfit::Large(limits.bytes);
        return Err(unfit.to_string());
    }
    let version = Version {
        etag: mark(&response, ETAG),
        modified: mark(&response, LAST_MODIFIED),
    };
    while let Some(piece) = response.chunk().await.map_err(spoken)? {
        reader.feed(&piece).map_err(|e| e.to_string())?;
    }
    let ids = tokio::task::spawn_blocking(move || reader.finish())
        .await
        .map_err(|e| e.to_string())?
        .map_err(|e| e.to_string())?;
    Ok(Fetched::New(ids, version))
}

fn mark(response: &Response, name: reqwest::header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    (value.len() <= MARK).then(|| value.to_owned())
}

/// Follows few redirects, and none to what is not encrypted or, from outside, to this machine.
fn client(source: &str) -> Result<Client, String> {
    let here = is_loopback_url(source);
    let policy = Policy::custom(move |attempt| {
        let to = attempt.url();
        let own = is_loopback_url(to.as_str());
        if attempt.previous().len() > REDIRECTS {
            attempt.error("it redirects too often")
        } else if own != here || !(own || to.scheme() == "https") {
            attempt.error("it redirects to an address that is not safe")
        } else {
            attempt.follow()
        }
    });
    Client::builder()
        .connect_timeout(CONNECT)
        .redirect(policy)
        .user_agent(concat!("Beadle/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| format!("the HTTP client cannot be set up: {e}"))
}

/// An error with its causes and without the address, which may hold a key.
fn spoken(e: reqwest::Error) -> String {
    let e = e.without_url();
    let mut words = e.to_string();
    let mut cause = std::error::Error::source(&e);
    for _ in 0..4 {
        let Some(next) = cause else { break };
        let more = next.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = next.source();
    }
    words
}
