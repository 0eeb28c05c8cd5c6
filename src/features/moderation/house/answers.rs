//! The stage that answers `#name` with a note and a keyword with what admins wrote for it.
use futures_util::future::BoxFuture;

use super::greet::say;
use super::patterns::Looked;
use super::settings::HouseSettings;
use super::shelf::Shelf;
use crate::community::LaneView;
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Kind, Sender, Source};
use crate::telegram::sender::Effect;
use crate::telegram::sender::text::escape;

/// Hashtags of one message that are looked up.
const TAGS: usize = 5;

/// Answers members of groups.
pub(super) struct AnswerStage(pub(super) Shelf);

impl Stage for AnswerStage {
    fn name(&self) -> &'static str {
        "house-answers"
    }

    fn position(&self) -> Position {
        Position::Answer
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(self.answer(walk, view))
    }
}

impl AnswerStage {
    async fn answer(&self, walk: &mut Walk, view: &LaneView) -> Result<Flow, StageError> {
        let event = &walk.event;
        // Two bots that answer each other never stop, and a channel's post asks for nothing.
        let nobody = match &event.sender {
            Sender::User(user) => user.is_bot,
            Sender::LinkedChannel { .. } | Sender::Unknown => true,
            Sender::AnonymousAdmin { .. } | Sender::Channel { .. } => false,
        };
        if event.kind != Kind::Message || nobody || event.command.is_some() {
            return Ok(Flow::On);
        }
        let group = event.chat.as_ref().and_then(|c| view.groups.get(&c.id));
        let (Some(group), Some(message)) = (group, event.message_id) else {
            return Ok(Flow::On);
        };
        let (chat, book) = (group.id, self.0.book(group.id).await?);
        if book.notes.is_empty() && book.filters.is_empty() {
            return Ok(Flow::On);
        }
        let own = |source| matches!(source, Source::Text | Source::Caption);
        let own: Vec<&str> = event
            .texts
            .iter()
            .filter(|t| own(t.source))
            .map(|t| t.text.as_str())
            .collect();
        let note = own.iter().flat_map(|text| tags(text)).take(TAGS);
        let note = note.filter_map(|tag| Some((format!("#{tag}"), book.notes.get(&tag)?)));
        let found = note.into_iter().next().or_else(|| {
            if book.filters.is_empty() {
                return None;
            }
            let looked = Looked::new(own.iter().copied());
            let hit = |(keyword, _): &&(String, String)| looked.holds(keyword, false, false);
            // The longest keyword says most precisely what was asked.
            let hits = book.filters.iter().filter(hit);
            let best = hits.max_by_key(|(keyword, _)| keyword.len())?;
            Some((best.0.clone(), &best.1))
        });
        let Some((name, words)) = found else {
            return Ok(Flow::On);
        };
        if !self.0.may_answer(chat, &name) {
            return Ok(Flow::On);
        }
        let life = HouseSettings::of(group).answers_for;
        let effect = Effect::reply_html(chat, message, event.topic, escape(words), None);
        let now = walk.now;
        walk.write(move |tx| say(tx, &effect, life, now));
        Ok(Flow::End)
    }
}

/// Hashtags of a text, in lower case, without `#`.
fn tags(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().filter_map(|word| {
        let tag = word.strip_prefix('#')?;
        let end = tag.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        let tag = &tag[..end.unwrap_or(tag.len())];
        (!tag.is_empty()).then(|| tag.to_lowercase())
    })
}
