//! A Bot API server of a few lines, with a script, and a sender on a fresh database before it.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use beadle::base::clock::{Clock, Millis, ShiftedClock};
use beadle::base::random::SeededRandom;
use beadle::store::{Store, StoreOptions};
use beadle::telegram::api::{Api, ApiOptions};
use beadle::telegram::sender::outbox::{self, OutboxRow};
use beadle::telegram::sender::{Effect, Limits, OutboxId, Send as _, Sender, SenderSettings};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Looks like a token, opens nothing.
pub(crate) const TOKEN: &str = "4200:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";

/// A call as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl Seen {
    pub(crate) fn chat(&self) -> i64 {
        self.params["chat_id"].as_i64().unwrap_or(0)
    }
}

/// What the server does.
pub(crate) enum Reply {
    Result(Value),
    Refuse(u16, &'static str, Value),
    /// Any status and body.
    Http(u16, &'static str),
    /// Carries the call out, then breaks the connection.
    Lose,
    After(Duration, Box<Reply>),
}

pub(crate) fn ok() -> Reply {
    Reply::Result(json!(true))
}

pub(crate) fn message(id: i64, chat: i64) -> Reply {
    Reply::Result(
        json!({ "message_id": id, "date": 1, "chat": { "id": chat, "type": "supergroup" } }),
    )
}

pub(crate) fn refuse(code: u16, text: &'static str) -> Reply {
    Reply::Refuse(code, text, Value::Null)
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

#[derive(Clone)]
struct Server {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// The server. `script` gets each call and its number among all, from 0.
pub(crate) struct Fake {
    pub(crate) url: reqwest::Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(crate) async fn start(
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let server = Server {
            script: Arc::new(script),
            seen: seen.clone(),
        };
        let app = axum::Router::new().fallback(serve).with_state(server);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url: url.parse().unwrap(),
            seen,
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.seen().iter().filter(|s| s.method == method).count()
    }

    pub(crate) fn api(&self) -> Api {
        api_at(self.url.clone())
    }
}

pub(crate) fn api_at(url: reqwest::Url) -> Api {
    let options = ApiOptions {
        api_url: Some(url),
        call_timeout: Duration::from_secs(20),
        ..ApiOptions::default()
    };
    Api::new(TOKEN.to_owned().into(), options).unwrap()
}

async fn serve(State(server): State<Server>, uri: Uri, body: Bytes) -> Response {
    let method = uri.path().rsplit('/').next().unwrap_or("").to_owned();
    let seen = Seen {
        method,
        params: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let number = {
        let mut all = server.seen.lock().unwrap();
        all.push(seen.clone());
        all.len() - 1
    };
    answer((server.script)(&seen, number)).await
}

fn answer(reply: Reply) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(async move {
        match reply {
            Reply::Result(result) => {
                axum::Json(json!({ "ok": true, "result": result })).into_response()
            }
            Reply::Refuse(code, text, parameters) => {
                let mut body = json!({ "ok": false, "error_code": code, "description": text });
                if !parameters.is_null() {
                    body["parameters"] = parameters;
                }
                // A real 5xx makes the library sleep for ten seconds: its JSON alone is the same to us.
                let status = if code >= 500 { 200 } else { code };
                (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
            }
            Reply::Http(code, body) => (StatusCode::from_u16(code).unwrap(), body).into_response(),
            Reply::Lose => {
                let broken = futures_util::stream::once(async {
                    Err::<Bytes, _>(std::io::Error::other("the line is cut"))
                });
                Response::new(Body::from_stream(broken))
            }
            Reply::After(wait, reply) => {
                tokio::time::sleep(wait).await;
                answer(*reply).await
            }
        }
    })
}

/// A database of its own, a sender, a clock that can be moved.
pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) sender: Sender,
    stop: watch::Sender<bool>,
    running: Option<JoinHandle<Result<(), beadle::store::StoreError>>>,
}

/// Short waits.
pub(crate) fn quick() -> SenderSettings {
    SenderSettings {
        retry_first: 20,
        retry_cap: 100,
        breaker_threshold: 1_000,
        breaker_first: 50,
        breaker_cap: 100,
        slow_after: Duration::from_millis(300),
        grace: Duration::from_secs(2),
        tick: Duration::from_millis(20),
        ..SenderSettings::default()
    }
}

/// No limits but those under test.
pub(crate) fn unlimited() -> Limits {
    Limits {
        messages_per_second: 100_000,
        group_per_minute: 100_000,
        group_burst: 100_000,
        private_burst: 100_000,
        acts_per_second: 100_000.0,
        questions_per_second: 100_000.0,
        bulk_per_second: 100_000.0,
        ..Limits::default()
    }
}

/// [`quick`] without limits.
pub(crate) fn fast() -> SenderSettings {
    SenderSettings {
        limits: unlimited(),
        ..quick()
    }
}

impl Bench {
    pub(crate) fn new(api: Api, settings: SenderSettings) -> Self {
        Self::reopen(tempfile::tempdir().unwrap(), api, settings)
    }

    /// On a database that was there before.
    pub(crate) fn reopen(dir: tempfile::TempDir, api: Api, settings: SenderSettings) -> Self {
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let sender = Sender::new(
            store.clone(),
            api,
            clock.clone(),
            Arc::new(SeededRandom::new(7)),
            settings,
        );
        Self {
            dir,
            store,
            clock,
            sender,
            stop: watch::channel(false).0,
            running: None,
        }
    }

    pub(crate) fn start(&mut self) {
        self.running = Some(tokio::spawn(self.sender.clone().run(self.stop.subscribe())));
    }

    /// Ends the sender as a power cut would: nothing is finished, nothing is written.
    pub(crate) fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }

    pub(crate) async fn stop(&mut self) {
        self.stop.send_replace(true);
        if let Some(running) = self.running.take() {
            running.await.unwrap().unwrap();
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// All effects in one transaction; their ids.
    pub(crate) async fn send(&self, effects: Vec<Effect>) -> Vec<OutboxId> {
        let now = self.now();
        self.store
            .write(move |tx| effects.iter().map(|e| tx.send(e, now, None)).collect())
            .await
            .unwrap()
    }

    pub(crate) async fn row(&self, id: OutboxId) -> OutboxRow {
        self.store
            .read(move |c| outbox::get(c, id))
            .await
            .unwrap()
            .unwrap()
    }

    /// The row once `good` holds for it; fails after five seconds.
    pub(crate) async fn until(&self, id: OutboxId, good: impl Fn(&OutboxRow) -> bool) -> OutboxRow {
        let began = Instant::now();
        loop {
            let row = self.row(id).await;
            if good(&row) {
                return row;
            }
            assert!(began.elapsed() < Duration::from_secs(5), "still {row:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn settled(&self, id: OutboxId) -> OutboxRow {
        self.until(id, |row| row.settled_at.is_some()).await
    }

    pub(crate) async fn counts(&self) -> [i64; 6] {
        self.store.read(outbox::counts).await.unwrap()
    }

    /// Rows in each state once `good` holds for them; fails after five seconds.
    pub(crate) async fn until_counts(&self, good: impl Fn([i64; 6]) -> bool) -> [i64; 6] {
        let began = Instant::now();
        loop {
            let counts = self.counts().await;
            if good(counts) {
                return counts;
            }
            assert!(began.elapsed() < Duration::from_secs(5), "still {counts:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
