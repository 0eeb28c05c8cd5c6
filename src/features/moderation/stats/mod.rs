//! `/stats`: what moderation did in a group, and how right it was in the eyes of its moderators.
mod store;

use futures_util::future::BoxFuture;
use serde::Serialize;

use super::commands::who;
use super::kept::reason_text;
use super::order::Desk;
use super::order::card::address;
use crate::base::clock::Millis;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{Connection, StoreError};
use crate::telegram::rights::Right;
use crate::texts::{Lang, text};

const DAY: Millis = 24 * 3_600_000;
/// Spans that may be asked for, in days.
pub const SPANS: [i64; 2] = [7, 30];
/// Reasons that chat shows.
const SHOWN: usize = 5;

/// What happened in a group in some days.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Messages that were kept or counted; those whose rows are gone by age are not among them.
    pub messages: i64,
    /// Of those, removed by a verdict.
    pub removed: i64,
    /// Codes of what spoke against them, and for how many; the most frequent first.
    pub reasons: Vec<(String, i64)>,
    /// Verdicts of spam that a moderator confirmed.
    pub right: i64,
    /// Verdicts of spam that a moderator took back.
    pub wrong: i64,
    /// Messages that moderators called spam and the verdict did not.
    pub missed: i64,
    /// Messages that moderators were asked about and let stand.
    pub spared: i64,
    /// The last messages of those taken back.
    pub mistakes: Vec<i64>,
}

impl Figures {
    /// Of what was called spam and looked at, the part that is: right / (right + wrong). None where nobody looked.
    pub fn precision(&self) -> Option<f64> {
        part(self.right, self.right + self.wrong)
    }

    /// Of what moderators call spam, the part that was found: right / (right + missed).
    pub fn recall(&self) -> Option<f64> {
        part(self.right, self.right + self.missed)
    }
}

fn part(of: i64, whole: i64) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of cards are far below 2^52"
    )]
    (whole > 0).then(|| of as f64 / whole as f64)
}

/// The figures of a group for the last `days`.
pub fn figures(
    conn: &Connection,
    chat: i64,
    days: i64,
    now: Millis,
) -> Result<Figures, StoreError> {
    store::figures(conn, chat, now - days * DAY)
}

/// Answers `/stats`.
pub(super) struct StatsCommand(pub(super) Desk);

impl ChatCommand for StatsCommand {
    fn names(&self) -> &'static [&'static str] {
        &["stats"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.stats(&said).await })
    }
}

impl StatsCommand {
    async fn stats(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let chat = said.event.chat.as_ref().map(|c| c.id);
        let Some(group) = chat.and_then(|chat| said.view.groups.get(&chat)) else {
            return Ok(Reply::Html(text(lang, "stats-in-group", &[]), None));
        };
        if let Err(refusal) = who::moderator(&self.0, said, group.id, Right::Delete).await {
            return Ok(refusal);
        }
        let asked = said.args.trim().trim_end_matches('d');
        let days = match asked {
            "" => Some(SPANS[0]),
            asked => asked.parse().ok().filter(|days| SPANS.contains(days)),
        };
        let Some(days) = days else {
            return Ok(Reply::Fleeting(text(lang, "stats-how", &[]), None));
        };
        let (chat, now) = (group.id, said.now);
        let found = self
            .0
            .store
            .read(move |conn| figures(conn, chat, days, now))
            .await?;
        let link = |message| address(chat, group.username.as_deref(), message);
        Ok(Reply::Fleeting(page(lang, days, &found, link), None))
    }
}

/// The figures in words.
fn page(lang: Lang, days: i64, figures: &Figures, link: impl Fn(i64) -> Option<String>) -> String {
    let n = |n: i64| n.to_string().into();
    let percent = |part: Option<f64>| match part {
        Some(part) => format!("{:.0} %", part * 100.0),
        None => "–".to_owned(),
    };
    let mut lines = vec![
        text(lang, "stats-head", &[("days", n(days))]),
        text(
            lang,
            "stats-messages",
            &[
                ("messages", n(figures.messages)),
                ("removed", n(figures.removed)),
            ],
        ),
    ];
    for (code, count) in figures.reasons.iter().take(SHOWN) {
        let words = reason_text(lang, code).unwrap_or_else(|| code.clone());
        lines.push(format!("• {count} × {words}"));
    }
    lines.push(text(
        lang,
        "stats-right",
        &[
            ("precision", percent(figures.precision()).into()),
            ("recall", percent(figures.recall()).into()),
            ("right", n(figures.right)),
            ("wrong", n(figures.wrong)),
            ("missed", n(figures.missed)),
        ],
    ));
    if !figures.mistakes.is_empty() {
        let links: Vec<String> = figures
            .mistakes
            .iter()
            .map(|message| match link(*message) {
                Some(url) => format!("<a href=\"{url}\">{message}</a>"),
                None => message.to_string(),
            })
            .collect();
        lines.push(text(
            lang,
            "stats-mistakes",
            &[("links", links.join(", ").into())],
        ));
    }
    lines.join("\n")
}
