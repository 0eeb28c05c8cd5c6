//! The commands by what they are for: of this are made the menu that Telegram's apps show, and `/help`.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::base::clock::Millis;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx, meta};
use crate::telegram::event::Sender;
use crate::telegram::rights::Rights;
use crate::telegram::sender::{Effect, Method, Send as _};
use crate::texts::{Lang, text};

/// Name in `meta` of the digest of what Telegram was last told.
const KEY: &str = "menu";

/// Commands that belong together: their heading, and each with the text that says what it is for.
struct Part {
    head: &'static str,
    commands: &'static [(&'static str, &'static str)],
}

/// All commands; the first part is everybody's, the others are admins'. Silent and deleting forms of commands about
/// people are in the foot of `/help`.
const PARTS: [Part; 8] = [
    Part {
        head: "help-members",
        commands: &[
            ("report", "menu-report"),
            ("warns", "menu-warns"),
            ("rules", "menu-rules"),
            ("notes", "menu-notes"),
            ("note", "menu-note"),
            ("why", "menu-why"),
            ("privacy", "menu-privacy"),
            ("help", "menu-help"),
        ],
    },
    Part {
        head: "help-cards",
        commands: &[
            ("spam", "menu-spam"),
            ("ham", "menu-ham"),
            ("stats", "menu-stats"),
            ("log", "menu-log"),
        ],
    },
    Part {
        head: "help-people",
        commands: &[
            ("warn", "menu-warn"),
            ("unwarn", "menu-unwarn"),
            ("mute", "menu-mute"),
            ("unmute", "menu-unmute"),
            ("kick", "menu-kick"),
            ("ban", "menu-ban"),
            ("unban", "menu-unban"),
            ("approve", "menu-approve"),
            ("unapprove", "menu-unapprove"),
            ("trust", "menu-trust"),
        ],
    },
    Part {
        head: "help-messages",
        commands: &[("del", "menu-del"), ("purge", "menu-purge")],
    },
    Part {
        head: "help-house",
        commands: &[
            ("blacklist", "menu-blacklist"),
            ("lock", "menu-lock"),
            ("unlock", "menu-unlock"),
            ("locks", "menu-locks"),
            ("flood", "menu-flood"),
            ("slowmode", "menu-slowmode"),
            ("nightmode", "menu-nightmode"),
            ("clean", "menu-clean"),
        ],
    },
    Part {
        head: "help-said",
        commands: &[
            ("setrules", "menu-setrules"),
            ("welcome", "menu-welcome"),
            ("goodbye", "menu-goodbye"),
            ("save", "menu-save"),
            ("clear", "menu-clear"),
            ("filters", "menu-filters"),
            ("filter", "menu-filter"),
            ("stop", "menu-stop"),
            ("text", "menu-text"),
        ],
    },
    Part {
        head: "help-door",
        commands: &[
            ("raid", "menu-raid"),
            ("invite", "menu-invite"),
            ("protect", "menu-protect"),
            ("unprotect", "menu-unprotect"),
            ("status", "menu-status"),
        ],
    },
    Part {
        head: "help-group",
        commands: &[
            ("init_group", "menu-init-group"),
            ("settings", "menu-settings"),
            ("set", "menu-set"),
            ("quiet", "menu-quiet"),
            ("rights", "menu-rights"),
        ],
    },
];

/// What is shown in private chats.
const PRIVATE: [(&str, &str); 5] = [
    ("start", "menu-start"),
    ("help", "menu-help"),
    ("settings", "menu-settings"),
    ("quiet", "menu-quiet"),
    ("privacy", "menu-privacy"),
];

/// Tells Telegram the menu, when it is not the one it was last told.
pub(in crate::features::moderation) fn offer(
    tx: &mut Tx<'_>,
    now: Millis,
) -> Result<(), StoreError> {
    let all = all();
    let digest = Sha256::digest(Value::from(all.clone()).to_string().as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let digest = i64::from_be_bytes(first);
    if meta::number(tx, KEY)? == digest {
        return Ok(());
    }
    for params in all {
        tx.send(
            &Effect::generic(Method::SetMyCommands, None, params),
            now,
            None,
        )?;
    }
    meta::put_number(tx, KEY, digest)
}

/// One call for each menu and language; English is for all languages that have none of their own. Telegram shows at
/// most 100 commands with 256 characters each (Bot API, setMyCommands).
fn all() -> Vec<Value> {
    let members = PARTS[0].commands;
    // Admins find first what is theirs alone.
    let admins = PARTS[1..].iter().chain(&PARTS[..1]);
    let admins: Vec<_> = admins.flat_map(|part| part.commands).copied().collect();
    let menus = [
        ("all_private_chats", &PRIVATE[..]),
        ("all_group_chats", members),
        ("all_chat_administrators", &admins[..]),
    ];
    let mut all = Vec::new();
    for lang in [Lang::En, Lang::Ru] {
        for (scope, commands) in menus {
            let commands: Vec<Value> = commands
                .iter()
                .map(|(name, key)| json!({ "command": name, "description": text(lang, key, &[]) }))
                .collect();
            let code = if lang == Lang::En { "" } else { lang.tag() };
            all.push(json!({
                "commands": commands,
                "scope": { "type": scope },
                "language_code": code,
            }));
        }
    }
    all
}

/// What `/help` says: to members what is theirs, to admins and in private all of it.
fn help(lang: Lang, all: bool) -> String {
    let parts = if all { &PARTS[..] } else { &PARTS[..1] };
    let mut html = text(lang, "help-head", &[]);
    for part in parts {
        html.push_str("\n\n<b>");
        html.push_str(&text(lang, part.head, &[]));
        html.push_str("</b>");
        for (name, key) in part.commands {
            html.push_str(&format!("\n/{name} — {}", text(lang, key, &[])));
        }
    }
    html.push_str("\n\n");
    if all {
        html.push_str(&text(lang, "help-forms", &[]));
        html.push_str("\n\n");
    }
    html.push_str(&text(lang, "help-foot", &[]));
    html
}

/// Answers `/help`.
pub(super) struct HelpCommand(pub(super) Rights);

impl ChatCommand for HelpCommand {
    fn names(&self) -> &'static [&'static str] {
        &["help"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            let Some(chat) = &said.event.chat else {
                return Ok(Reply::Silence);
            };
            if chat.kind == "private" {
                return Ok(Reply::Html(help(said.lang, true), None));
            }
            let admin = match &said.event.sender {
                Sender::AnonymousAdmin { .. } => true,
                // Where Telegram does not say, what everybody may is help enough.
                Sender::User(user) => matches!(self.0.is_admin(chat.id, user.id).await, Ok(true)),
                _ => false,
            };
            Ok(Reply::Fleeting(help(said.lang, admin), None))
        })
    }
}
