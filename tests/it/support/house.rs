//! The whole appliance before the simulator, as `beadle run` makes it.
use std::path::Path;
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::config::{Settings, Token};
use beadle::features::moderation::{KeptVerdict, verdict};
use beadle::telegram::simulator::{SimOptions, Simulator};
use serde_json::Value;

/// A newcomer's message that is removed in every group that acts.
pub(crate) const SPAM: &str = "Earn $500 a day from home! No experience needed, only 2 hours daily. \
                               Write me in private: @easy_income_now";

/// Such messages in other words each: nearly the same words of several people are one card.
pub(crate) fn other_spam(n: usize) -> String {
    const TALES: [&str; 13] = [
        "My aunt sells honey in three towns and pays her helpers every evening",
        "Drivers with an old van deliver flowers between the markets",
        "Typing letters for a notary office, whoever can read handwriting",
        "Kitchen furniture has to be photographed for a large catalogue",
        "A cinema looks for night guards who like quiet corridors",
        "We translate menus of restaurants by the sea into any language",
        "Knitting patterns are tested by whoever has needles and patience",
        "Somebody must count the bicycles that cross bridges on Sunday",
        "An auction house wants its old letters sorted by year",
        "Listening to radio plays and noting the names of all voices",
        "Packing boxes of tea in a warehouse beside the railway",
        "The circus needs people who sew costumes out of silk",
        "A museum wants visitors greeted at the door in uniform",
    ];
    let tale = TALES[n % TALES.len()];
    format!("{tale}. Earn $500 a day, no experience needed, write me in private: @income_{n}")
}

pub(crate) fn simulator() -> Simulator {
    simulator_with(|_| {})
}

pub(crate) fn simulator_with(change: impl FnOnce(&mut SimOptions)) -> Simulator {
    let mut options = SimOptions {
        read_all_messages: true,
        ..SimOptions::default()
    };
    change(&mut options);
    Simulator::start(options).unwrap()
}

pub(crate) fn house_settings(sim: &Simulator, dir: &Path, mode: &str) -> Settings {
    let mut settings = super::settings_at(dir, &sim.url(), mode);
    settings.token = Token::parse(sim.token()).unwrap();
    settings
}

/// Polls the simulator; groups are in *act*.
pub(crate) async fn house(sim: &Simulator, dir: &Path) -> App {
    house_with(sim, dir, "act", |_| {}).await
}

pub(crate) async fn house_with(
    sim: &Simulator,
    dir: &Path,
    mode: &str,
    change: impl FnOnce(&mut Ground),
) -> App {
    let settings = house_settings(sim, dir, mode);
    let mut ground = Ground::real(&settings);
    change(&mut ground);
    App::start(settings, ground).await.unwrap()
}

/// Waits for `f` to hold, for at most so many seconds.
pub(crate) async fn within(seconds: u64, what: &str, mut f: impl FnMut() -> bool) {
    for _ in 0..seconds * 100 {
        if f() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within {seconds} s: {what}");
}

pub(crate) fn is_removed(sim: &Simulator, chat: i64, message: i64) -> bool {
    sim.deleted(chat).iter().any(|m| m.message_id == message)
}

/// The bot's answer to a message, if there is one.
pub(crate) fn answer(sim: &Simulator, chat: i64, to: i64) -> Option<String> {
    sim.bot_messages(chat)
        .iter()
        .find(|m| m.reply_to() == Some(to))
        .map(|m| m.text().to_owned())
}

pub(crate) async fn verdict_on(app: &App, chat: i64, message: i64) -> Option<KeptVerdict> {
    app.store
        .read(move |conn| verdict(conn, chat, message))
        .await
        .unwrap()
}

/// Waits until a message has been judged.
pub(crate) async fn judged(app: &App, chat: i64, message: i64) -> KeptVerdict {
    for _ in 0..2_000 {
        if let Some(found) = verdict_on(app, chat, message).await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{message} in {chat} was not judged within 10 s");
}

/// One value from the database.
pub(crate) async fn value<T>(app: &App, sql: &str) -> T
where
    T: rusqlite::types::FromSql + Send + 'static,
{
    let sql = sql.to_owned();
    app.store
        .read(move |conn| Ok(conn.query_row(&sql, [], |r| r.get(0))?))
        .await
        .unwrap()
}

/// Status and body of `/health`.
pub(crate) async fn health(app: &App) -> (u16, Value) {
    let url = format!("http://{}/health", app.listen);
    let response = reqwest::Client::builder()
        .build()
        .unwrap()
        .get(url)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// What `/health` says of one part: whether it is fine, and in words.
pub(crate) async fn part(app: &App, name: &str) -> (bool, String) {
    let (_, body) = health(app).await;
    let parts = body["components"].as_array().unwrap();
    let part = parts.iter().find(|p| p["name"] == name);
    part.map_or((true, String::new()), |p| {
        (
            p["ok"].as_bool().unwrap(),
            p["detail"].as_str().unwrap().to_owned(),
        )
    })
}

/// Waits until `/health` answers with this code.
pub(crate) async fn until_health(app: &App, code: u16) {
    for _ in 0..300 {
        if health(app).await.0 == code {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("/health is {:?}, not {code}", health(app).await);
}

/// Waits until `/health` says these words of a part that is not fine.
pub(crate) async fn until_part(app: &App, name: &str, words: &str) {
    for _ in 0..300 {
        let (ok, detail) = part(app, name).await;
        if !ok && detail.contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} is {:?}", part(app, name).await);
}
