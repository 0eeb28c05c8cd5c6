//! What `/init_group` shows: words and buttons. Pure.
use serde_json::{Value, json};

use crate::community::GroupFacts;
use crate::features::moderation::hub::page::mode_key;
use crate::features::moderation::order::seal::Seal;
use crate::features::moderation::settings::GroupSettings;
use crate::telegram::rights::{Powers, Right};
use crate::telegram::sender::text::name;
use crate::texts::{Lang, text};

/// A page about a group, for the chat in which it stands.
pub(super) struct Sheet<'a> {
    pub(super) seal: &'a Seal,
    pub(super) place: i64,
    pub(super) group: &'a GroupFacts,
    pub(super) lang: Lang,
    /// What Beadle itself may do in the group; None when Telegram does not say.
    pub(super) own: Option<Powers>,
    /// The bot's name, for links.
    pub(super) bot: Option<String>,
}

impl Sheet<'_> {
    fn button(&self, label: String, field: &str, value: &str) -> Value {
        // The letter stands for the page, of which there were two.
        let payload = format!("{}:i:{field}:{value}", self.group.id);
        json!({ "text": label, "callback_data": self.seal.data("set", &payload, self.place) })
    }

    fn languages(&self) -> Value {
        let now = Lang::from_tag(self.group.language.as_deref());
        let one = |lang: Lang, label: &str| {
            let label = match lang == now {
                true => format!("• {label} •"),
                false => label.to_owned(),
            };
            self.button(label, "lang", lang.tag())
        };
        json!([one(Lang::En, "English"), one(Lang::Ru, "Русский")])
    }

    /// Words and buttons.
    pub(super) fn page(&self) -> (String, Value) {
        (self.init(), self.init_buttons())
    }

    fn title(&self) -> String {
        name(self.group.title.as_deref().unwrap_or("…"))
    }

    fn init(&self) -> String {
        let lang = self.lang;
        let has = |right| self.own.is_some_and(|p| p.may(right));
        let check = |good: bool, key: &str, remedy: &str| {
            if good {
                format!("✅ {}", text(lang, key, &[]))
            } else {
                format!("❌ {}", text(lang, remedy, &[]))
            }
        };
        let own = GroupSettings::of(self.group);
        let mut lines = vec![
            text(lang, "init-head", &[("group", self.title().into())]),
            check(has(Right::Delete), "init-delete", "init-no-delete"),
            check(has(Right::Restrict), "init-restrict", "init-no-restrict"),
            check(self.group.kind != "group", "init-supergroup", "init-basic"),
            check(own.log_chat.is_some(), "init-log", "init-no-log"),
        ];
        lines.push(String::new());
        lines.push(text(lang, mode_key(self.group.mode), &[]));
        lines.push(text(lang, "init-next", &[]));
        lines.join("\n")
    }

    fn init_buttons(&self) -> Value {
        let lang = self.lang;
        let notice = self.button(text(lang, "button-notice", &[]), "notice", "post");
        let again = self.button(text(lang, "button-check-again", &[]), "show", "now");
        let mut rows = vec![self.languages(), json!([notice]), json!([again])];
        rows.extend(self.private_link().map(|link| json!([link])));
        json!({ "inline_keyboard": rows })
    }

    /// The way to the settings in private.
    pub(super) fn private_link(&self) -> Option<Value> {
        let bot = self.bot.as_ref()?;
        let url = format!("https://t.me/{bot}?start=settings-{}", self.group.id);
        Some(json!({ "text": text(self.lang, "button-settings", &[]), "url": url }))
    }
}
