//! `/privacy`: what is kept, and in private the way to have it erased, with a button that asks once more.
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::route::{ChatCommand, Reply, Said};
use crate::base::clock::Millis;
use crate::base::secretbox::{Keyring, Signer};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::erasure::{Asked, Reason, Wish, ask};
use crate::community::export::{CopyAsked, ask_copy};
use crate::community::keeping;
use crate::community::privacy::{PrivacyFacts, privacy_text};
use crate::community::reputation;
use crate::config::Live;
use crate::pipeline::StageError;
use crate::store::{StoreError, Tx};
use crate::texts::when::{Zone, moment};
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
        if private && said.args.trim().eq_ignore_ascii_case("export") {
            let (lang, person, now) = (said.lang, chat.id, said.now);
            return Reply::decide(move |tx| Ok(Reply::Html(copy(tx, lang, person, now)?, None)));
        }
        let mut facts = (*self.facts.get()).clone();
        if let Some(group) = said.view.groups.get(&chat.id) {
            facts.kept = facts.kept.in_group(keeping::own(&group.settings));
        }
        let html = privacy_text(said.lang, &facts, private);
        if !private {
            return Reply::Html(html, None);
        }
        let row = |key, verb| self.button(text(said.lang, key, &[]), verb, chat.id);
        let (erase, copy) = (row("button-erase", "ask"), row("button-copy", "copy"));
        let (object, agree) = (row("button-object", "object"), row("button-agree", "agree"));
        let person = chat.id;
        Reply::decide(move |tx| {
            let third = if reputation::objects(tx, person)? {
                agree
            } else {
                object
            };
            let markup = json!({ "inline_keyboard": [erase, copy, third] });
            Ok(Reply::Html(html, Some(markup)))
        })
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
            ("copy", _) => {
                let now = said.now;
                Reply::decide(move |tx| Ok(Reply::Alert(copy(tx, lang, person, now)?)))
            }
            ("object", _) => {
                let now = said.now;
                Reply::decide(move |tx| {
                    reputation::object(tx, person, now)?;
                    note(tx, "reputation.objected", person, now)?;
                    Ok(Reply::Alert(text(lang, "objected", &[])))
                })
            }
            ("agree", _) => {
                let now = said.now;
                Reply::decide(move |tx| {
                    reputation::agree(tx, person)?;
                    note(tx, "reputation.agreed", person, now)?;
                    Ok(Reply::Alert(text(lang, "agreed", &[])))
                })
            }
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

fn note(tx: &mut Tx<'_>, action: &'static str, person: i64, now: Millis) -> Result<(), StoreError> {
    let entry = AuditEntry::new(Actor::User(person), action, format!("user:{person}"));
    tx.audit(&entry, now).map(|_id| ())
}

/// Asks for a copy; gives what is said to it.
fn copy(tx: &mut Tx<'_>, lang: Lang, person: i64, now: Millis) -> Result<String, StoreError> {
    Ok(match ask_copy(tx, person, lang, now)? {
        CopyAsked::Taken => text(lang, "copy-taken", &[]),
        CopyAsked::Not { before } => text(
            lang,
            "copy-not-yet",
            &[("when", moment(before, &Zone::default()).into())],
        ),
    })
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
