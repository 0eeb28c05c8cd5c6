//! The menu of commands that Telegram's apps show, by who asks and in which language.
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};
use crate::telegram::sender::{Effect, Method, Send as _};
use crate::texts::{Lang, text};

/// Name in `meta` of the digest of what Telegram was last told.
const KEY: &str = "menu";
/// Commands shown in private, to everybody in groups, and to admins.
const MENUS: [(&str, &[&str]); 3] = [
    (
        "all_private_chats",
        &["start", "help", "settings", "privacy"],
    ),
    (
        "all_group_chats",
        &["report", "warns", "why", "help", "privacy"],
    ),
    (
        "all_chat_administrators",
        &[
            "warn",
            "mute",
            "ban",
            "kick",
            "unmute",
            "unban",
            "unwarn",
            "warns",
            "del",
            "purge",
            "spam",
            "ham",
            "approve",
            "trust",
            "report",
            "why",
            "settings",
            "init_group",
            "log",
            "rights",
            "help",
            "privacy",
        ],
    ),
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

/// One call for each menu and language; English is for all languages that have none of their own.
fn all() -> Vec<Value> {
    let mut all = Vec::new();
    for lang in [Lang::En, Lang::Ru] {
        for (scope, names) in MENUS {
            let commands: Vec<Value> = names
                .iter()
                .map(|name| json!({ "command": name, "description": describe(lang, name) }))
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

fn describe(lang: Lang, name: &str) -> String {
    let key = match name {
        "warn" => "menu-warn",
        "mute" => "menu-mute",
        "ban" => "menu-ban",
        "kick" => "menu-kick",
        "unmute" => "menu-unmute",
        "unban" => "menu-unban",
        "unwarn" => "menu-unwarn",
        "warns" => "menu-warns",
        "del" => "menu-del",
        "purge" => "menu-purge",
        "approve" => "menu-approve",
        "trust" => "menu-trust",
        "report" => "menu-report",
        "start" => "menu-start",
        "settings" => "menu-settings",
        "why" => "menu-why",
        "spam" => "menu-spam",
        "ham" => "menu-ham",
        "init_group" => "menu-init-group",
        "log" => "menu-log",
        "rights" => "menu-rights",
        "privacy" => "menu-privacy",
        _ => "menu-help",
    };
    text(lang, key, &[])
}
