//! `/privacy`: what is kept, and in private the way to have it erased, with a button that asks once more.
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::route::{ChatCommand, Reply, Said};
use crate::base::clock::Millis;
use crate::base::secretbox::{Keyring, Signer};
use crate::community::erasure::{Asked, Reason, Wish, ask};
use crate::community::keeping;
use crate::community::privacy::{PrivacyFacts, privacy_text};
use crate::config::Live;
use crate::pipeline::StageError;
use crate::texts::{Lang, text};

/// A question is good for this long: an old one, found later, erases nobody.
const ASKED_FOR: Millis = 10 * 60_000;

/// Tells what is kept, and takes wishes to be forgotten.
pub struct PrivacyCommand {
    facts: Live<PrivacyFacts>,
    keys: Keyring,
    signer: Signer,
}

impl PrivacyCommand {
    /// Tells `facts`; buttons are signed with `keys`.
    pub fn new(facts: Live<PrivacyFacts>, keys: Keyring) -> Self {
        let signer = keys.signer("callback");
        Self {
            facts,
            keys,
            signer,
        }
    }

    /// A button that only `person` can press: `privacy:VERB.SIGNATURE`.
    fn button(&self, words: String, verb: &str, person: i64) -> Value {
        let data = self.signer.seal(&context(person), verb);
        json!([{ "text": words, "callback_data": format!("privacy:{data}") }])
    }

    fn tell(&self, said: &Said<'_>) -> Reply {
        let Some(chat) = &said.event.chat else {
            return Reply::Silence;
        };
        let private = chat.kind == "private";
        let mut facts = (*self.facts.get()).clone();
        if let Some(group) = said.view.groups.get(&chat.id) {
            facts.kept = facts.kept.in_group(keeping::own(&group.settings));
        }
        let html = privacy_text(said.lang, &facts, private);
        let markup = private.then(|| {
            let words = text(said.lang, "button-erase", &[]);
            json!({ "inline_keyboard": [self.button(words, "ask", chat.id)] })
        });
        Reply::Html(html, markup)
    }

    fn pressed(&self, said: &Said<'_>, person: i64) -> Reply {
        let lang = said.lang;
        let stale = || Reply::Alert(text(lang, "alert-erase-stale", &[]));
        let private = said.event.chat.as_ref().is_some_and(|c| c.id == person);
        let Some(verb) = self.signer.open(&context(person), said.args) else {
            return stale();
        };
        match (verb, verb.strip_prefix("yes:")) {
            _ if !private => stale(),
            ("ask", _) => self.question(lang, person, said.now),
            (_, Some(until)) => match until.parse::<Millis>() {
                Ok(until) if said.now < until => self.wish(lang, person, said.now),
                _ => stale(),
            },
            _ => stale(),
        }
    }

    fn question(&self, lang: Lang, person: i64, now: Millis) -> Reply {
        let verb = format!("yes:{}", now + ASKED_FOR);
        let words = text(lang, "button-erase-yes", &[]);
        let markup = json!({ "inline_keyboard": [self.button(words, &verb, person)] });
        Reply::Html(text(lang, "erase-question", &[]), Some(markup))
    }

    fn wish(&self, lang: Lang, person: i64, now: Millis) -> Reply {
        let keys = self.keys.clone();
        let wish = Wish {
            person,
            reason: Reason::Asked,
            notify: Some((person, lang.tag())),
        };
        Reply::decide(move |tx| {
            let key = match ask(tx, &keys, &wish, now)? {
                Asked::Taken => "erase-taken",
                Asked::UnderWay => "erase-under-way",
            };
            Ok(Reply::Alert(text(lang, key, &[])))
        })
    }
}

/// Whose button it is.
fn context(person: i64) -> [u8; 8] {
    person.to_be_bytes()
}

impl ChatCommand for PrivacyCommand {
    fn names(&self) -> &'static [&'static str] {
        &["privacy"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        let reply = match &said.event.callback {
            Some(callback) => self.pressed(&said, callback.from.id),
            None => self.tell(&said),
        };
        std::future::ready(Ok(reply)).boxed()
    }
}
