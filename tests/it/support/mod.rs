//! What several behaviours need: made-up updates, an appliance without Telegram, a stage that watches.
pub(crate) mod green;
pub(crate) mod house;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::community::LaneView;
use beadle::config::{Env, Flags, Settings};
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use beadle::telegram::intake::RawUpdate;
use futures_util::future::BoxFuture;
use serde_json::json;

/// Shaped like a token, and nobody's.
pub(crate) const TOKEN: &str = "4242424242:AAEfakefakefakefakefakefakefakefake0";

/// A text message in a supergroup, as Telegram sends it.
pub(crate) fn message(update_id: i64, chat: i64, user: i64, message_id: i64, text: &str) -> String {
    json!({
        "update_id": update_id,
        "message": {
            "message_id": message_id,
            "date": 1_790_000_000,
            "chat": { "id": chat, "type": "supergroup", "title": "The green" },
            "from": { "id": user, "is_bot": false, "first_name": "Ann" },
            "text": text,
        }
    })
    .to_string()
}

pub(crate) fn raw(text: String) -> RawUpdate {
    RawUpdate::parse(text).unwrap()
}

/// A setting of `beadle run` with a folder of its own, and an API address where nobody answers.
pub(crate) fn settings(dir: &Path) -> Settings {
    settings_at(dir, "http://127.0.0.1:9", "act")
}

pub(crate) fn settings_at(dir: &Path, api_url: &str, mode: &str) -> Settings {
    let env = Env::of(&[
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("BEADLE_TELEGRAM_API_URL", api_url),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
        ("BEADLE_MODERATION_MODE", mode),
    ]);
    Settings::load(&Flags::default(), &env).unwrap().0
}

/// An appliance that fetches nothing: the test feeds its intake.
pub(crate) async fn app(dir: &Path, stage: Arc<dyn Stage>) -> App {
    let settings = settings(dir);
    let mut ground = Ground::real(&settings);
    ground.fetch = false;
    ground.stages.push(stage);
    App::start(settings, ground).await.unwrap()
}

/// Waits for `f` to hold, for at most ten seconds.
pub(crate) async fn until(what: &str, mut f: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if f() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not within 10 s: {what}");
}

/// A stage at the end of the walk that notes what came through, and misbehaves on demand: `poison`
/// panics, `slow` takes a second, `error` fails, `once N` fails N times.
#[derive(Default)]
pub(crate) struct Probe {
    seen: Arc<Mutex<Vec<(i64, i64)>>>,
    pub(crate) tries: Mutex<Vec<i64>>,
}

impl Probe {
    pub(crate) fn seen(&self) -> Vec<(i64, i64)> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn seen_in(&self, chat: i64) -> Vec<i64> {
        self.seen()
            .into_iter()
            .filter(|(c, _)| *c == chat)
            .map(|(_, m)| m)
            .collect()
    }
}

impl Stage for Probe {
    fn name(&self) -> &'static str {
        "probe"
    }

    fn position(&self) -> Position {
        Position::Reply
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let chat = walk.event.chat.as_ref().map_or(0, |c| c.id);
            let message = walk.event.message_id.unwrap_or(0);
            let text = walk.event.texts.first().map_or("", |t| t.text.as_str());
            self.tries.lock().unwrap().push(message);
            match text {
                "poison" => panic!("poisoned"),
                "slow" => tokio::time::sleep(Duration::from_secs(1)).await,
                "error" => return Err(StageError::Other("no luck".into())),
                _ => {}
            }
            if walk.event.texts.is_empty() {
                return Ok(Flow::On);
            }
            // Seen is what was committed, not what was tried.
            let seen = self.seen.clone();
            walk.write(move |_| {
                seen.lock().unwrap().push((chat, message));
                Ok(())
            });
            Ok(Flow::On)
        })
    }
}
