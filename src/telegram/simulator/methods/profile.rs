//! The bot itself: who it is, commands, names, menu button.
use serde_json::{Value, json};

use super::yes;
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::rights::Bits;

pub(super) fn get_me(w: &mut World) -> Outcome {
    let mut me = w.user_json(BOT_ID);
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", w.options.read_all_messages),
        ("supports_guest_queries", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
        ("has_topics_enabled", false),
        ("allows_users_to_create_topics", false),
        ("can_manage_bots", false),
        ("supports_join_request_queries", w.options.join_queries),
    ] {
        me[name] = json!(value);
    }
    Ok(me)
}

fn scope(p: &Params) -> (String, String) {
    let scope = p
        .get("scope")
        .map_or_else(|| json!({"type": "default"}), Clone::clone);
    (
        scope.to_string(),
        p.text("language_code").unwrap_or_default().to_owned(),
    )
}

pub(super) fn set_commands(w: &mut World, p: &Params) -> Outcome {
    let list = p.list("commands").cloned().unwrap_or_default();
    if list.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &list {
        let name = command["command"].as_str().unwrap_or_default();
        let good = (1..=32).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !good {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        let text = command["description"].as_str().unwrap_or_default();
        if !(1..=256).contains(&text.chars().count()) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    w.commands.insert(scope(p), Value::Array(list));
    yes()
}

pub(super) fn get_commands(w: &mut World, p: &Params) -> Outcome {
    Ok(w.commands
        .get(&scope(p))
        .cloned()
        .unwrap_or_else(|| json!([])))
}

pub(super) fn delete_commands(w: &mut World, p: &Params) -> Outcome {
    w.commands.remove(&scope(p));
    yes()
}

/// (field, longest) of `setMyName` and its two sisters.
fn family(method: &str) -> (&'static str, usize) {
    match &method[5..] {
        "Name" => ("name", 64),
        "Description" => ("description", 512),
        _ => ("short_description", 120),
    }
}

pub(super) fn set(w: &mut World, method: &str, p: &Params) -> Outcome {
    let (field, longest) = family(method);
    let text = p.text(field).unwrap_or_default();
    if text.chars().count() > longest {
        return Err(ApiError::bad(format!("{field} is too long")));
    }
    let language = p.text("language_code").unwrap_or_default();
    w.profile.insert(format!("{field}/{language}"), json!(text));
    yes()
}

pub(super) fn get(w: &mut World, method: &str, p: &Params) -> Outcome {
    let (field, _) = family(method);
    let language = p.text("language_code").unwrap_or_default();
    let fallback = if field == "name" {
        w.options.bot_name.clone()
    } else {
        String::new()
    };
    let value = w.profile.get(&format!("{field}/{language}")).cloned();
    Ok(json!({field: value.unwrap_or_else(|| json!(fallback))}))
}

pub(super) fn set_menu(w: &mut World, p: &Params) -> Outcome {
    let button = p
        .get("menu_button")
        .cloned()
        .unwrap_or_else(|| json!({"type": "default"}));
    w.profile
        .insert(format!("menu/{}", p.int("chat_id").unwrap_or(0)), button);
    yes()
}

pub(super) fn get_menu(w: &mut World, p: &Params) -> Outcome {
    let key = format!("menu/{}", p.int("chat_id").unwrap_or(0));
    Ok(w.profile
        .get(&key)
        .cloned()
        .unwrap_or_else(|| json!({"type": "commands"})))
}

pub(super) fn set_rights(w: &mut World, p: &Params) -> Outcome {
    let rights = p.get("rights").cloned().unwrap_or(Value::Null);
    w.profile
        .insert(format!("rights/{}", p.flag("for_channels")), rights);
    yes()
}

pub(super) fn get_rights(w: &mut World, p: &Params) -> Outcome {
    let channel = p.flag("for_channels");
    let given = w
        .profile
        .get(&format!("rights/{channel}"))
        .filter(|r| r.is_object())
        .cloned();
    Ok(given.unwrap_or_else(|| {
        let mut rights = Bits::default().rights_json(channel);
        rights.insert("is_anonymous".into(), json!(false));
        Value::Object(rights)
    }))
}
