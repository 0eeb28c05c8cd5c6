//! The page on which a person writes into the group.
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::stage::Theatre;
use super::{scenes, view};
use crate::features::moderation::verdicts;
use crate::telegram::simulator::{SimMessage, Status};

const PAGE: &str = include_str!("page.html");
/// How long a question for news is held.
const HOLD: Duration = Duration::from_secs(20);
/// Messages shown.
const SHOWN: usize = 200;
/// Longest message taken: Telegram's.
const TEXT: usize = 4096;

pub(super) fn router(theatre: Theatre) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/demo") }))
        .route("/demo", get(page))
        .route("/demo/state", get(state))
        .route("/demo/act", post(act))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(theatre)
}

async fn page() -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, policy),
        ],
        PAGE,
    )
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

/// The group as it is, once something has changed since `since`.
async fn state(
    State(theatre): State<Theatre>,
    Query(Since { since }): Query<Since>,
) -> impl IntoResponse {
    let mut version = theatre.sim.watch();
    let changed = async {
        // The value is copied out: its guard must not live across the next wait.
        version
            .wait_for(|v| *v != since || since == 0)
            .await
            .map_or(since, |v| *v)
    };
    let version = tokio::time::timeout(HOLD, changed).await.unwrap_or(since);
    // The verdict is committed before the removal is seen, but after the message is.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let chat = theatre.group;
    let kept = theatre
        .store
        .read(move |conn| verdicts(conn, chat, SHOWN))
        .await
        .unwrap_or_default();
    let mut messages: Vec<(SimMessage, bool)> = theatre
        .sim
        .messages(chat)
        .into_iter()
        .map(|m| (m, false))
        .collect();
    messages.extend(theatre.sim.deleted(chat).into_iter().map(|m| (m, true)));
    messages.sort_by_key(|(m, _)| m.message_id);
    let first = messages.len().saturating_sub(SHOWN);
    let list: Vec<Value> = messages[first..]
        .iter()
        .map(|(m, removed)| {
            let verdict = kept.iter().find(|k| k.message == m.message_id);
            message(&theatre, m, *removed, verdict.map(|k| json!(k)))
        })
        .collect();
    // A scene without lines is not played in the demo's group.
    let tries: Vec<Value> = scenes::ALL
        .iter()
        .filter(|s| !s.lines.is_empty())
        .map(|s| json!({ "name": s.name, "title": s.title }))
        .collect();
    Json(json!({
        "version": version,
        "chats": [{ "id": chat, "title": theatre.title, "members": members(&theatre), "messages": list }],
        "tries": tries,
    }))
}

fn message(theatre: &Theatre, m: &SimMessage, removed: bool, verdict: Option<Value>) -> Value {
    let buttons: Vec<Value> = m
        .buttons()
        .iter()
        .map(|b| json!({ "text": b.text, "data": b.data, "url": b.url }))
        .collect();
    let from = m.value["from"]["first_name"].as_str().unwrap_or("?");
    let mut links: Vec<&str> = Vec::new();
    for entity in m.value["entities"].as_array().into_iter().flatten() {
        links.extend(entity["url"].as_str());
    }
    json!({
        "id": m.message_id,
        "from": from,
        "bot": m.by_bot,
        "text": m.text(),
        "kind": if m.text().is_empty() { service(theatre, &m.value) } else { String::new() },
        "reply": m.value.pointer("/reply_to_message/text"),
        "quote": view::quote(&m.value),
        "links": links,
        "buttons": buttons,
        "edited": m.edits > 0,
        "removed": removed,
        "verdict": verdict,
    })
}

fn service(theatre: &Theatre, value: &Value) -> String {
    let joined = value["new_chat_members"]
        .as_array()
        .and_then(|all| all.first());
    match joined {
        Some(user) => format!(
            "{} joined {}",
            user["first_name"].as_str().unwrap_or("somebody"),
            theatre.title
        ),
        None => view::kind(value).replace('_', " "),
    }
}

fn members(theatre: &Theatre) -> Vec<Value> {
    let mut people: Vec<(i64, String)> = vec![(theatre.cast.owner, "Olga".to_owned())];
    let known = theatre.cast.regulars.iter().chain(&theatre.cast.strangers);
    people.extend(known.map(|(id, name)| (*id, (*name).to_owned())));
    for m in theatre.sim.messages(theatre.group) {
        for user in m.value["new_chat_members"].as_array().into_iter().flatten() {
            let id = user["id"].as_i64().unwrap_or(0);
            if user["is_bot"] != true && !people.iter().any(|(known, _)| *known == id) {
                people.push((id, user["first_name"].as_str().unwrap_or("?").to_owned()));
            }
        }
    }
    people
        .into_iter()
        .map(|(id, name)| {
            let member = theatre.sim.member(theatre.group, id);
            let role = match member.status {
                Status::Creator => "owner",
                Status::Administrator => "admin",
                _ if member.present => "member",
                _ => "not in the group",
            };
            json!({ "id": id, "name": name, "role": role })
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum Act {
    Say {
        user: i64,
        text: String,
    },
    Edit {
        message: i64,
        text: String,
    },
    Press {
        message: i64,
        user: i64,
        data: String,
    },
    Join {},
    Try {
        name: String,
    },
}

async fn act(State(theatre): State<Theatre>, Json(what): Json<Act>) -> (StatusCode, Json<Value>) {
    let refuse = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why })));
    let (sim, group) = (&theatre.sim, theatre.group);
    match what {
        Act::Say { text, .. } | Act::Edit { text, .. } if text.chars().count() > TEXT => {
            refuse("A Telegram message holds 4,096 characters at most.")
        }
        Act::Say { user, text } => {
            if !sim.member(group, user).present {
                sim.join(group, user);
            }
            match sim.say(group, user, &text) {
                0 => refuse("Telegram would not let them write: they are muted or banned."),
                id => (StatusCode::OK, Json(json!({ "message": id }))),
            }
        }
        Act::Edit { message, text } => {
            sim.edit(group, message, &text);
            (StatusCode::OK, Json(json!({})))
        }
        Act::Press {
            message,
            user,
            data,
        } => {
            let id = sim.press(group, message, user, &data);
            let asked = id.clone();
            let answered = move |s: &crate::telegram::simulator::Simulator| {
                s.callback_answer(&asked).is_some()
            };
            sim.wait_until(answered, Duration::from_secs(5)).await;
            match sim.callback_answer(&id) {
                Some(answer) => (StatusCode::OK, Json(json!({ "text": answer.text }))),
                None => refuse("Nobody answered the button within 5 seconds."),
            }
        }
        Act::Join {} => {
            let user = scenes::newcomer(&theatre);
            (StatusCode::OK, Json(json!({ "user": user })))
        }
        Act::Try { name } => {
            if scenes::try_on(&name, &theatre).await {
                (StatusCode::OK, Json(json!({})))
            } else {
                refuse("There is no such scene.")
            }
        }
    }
}
