//! People's actions over HTTP, for a page or another process: `POST /sim/<action>`, `GET /sim/state`.
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::faults::Fault;
use super::scene::SpeakAs;
use super::server::json_response;
use super::{Shared, Simulator};

/// Actions are small.
const LARGEST_ACTION: usize = 1 << 20;
/// How long `GET /sim/state?since=` waits for a change.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// Messages of a chat that the state tells of, the newest.
const MESSAGES_SHOWN: usize = 200;

/// Answers a request below `/sim/`.
pub(crate) async fn answer(shared: &Arc<Shared>, action: &str, request: Request) -> Response {
    if request.method() == Method::GET && action == "state" {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
        let since = pairs
            .ok()
            .and_then(|Query(pairs)| pairs.into_iter().find(|(name, _)| name == "since"))
            .and_then(|(_, value)| value.parse().ok());
        return json_response(StatusCode::OK, state(shared, since).await.to_string());
    }
    if request.method() != Method::POST {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "actions are posted");
    }
    let Ok(bytes) = to_bytes(request.into_body(), LARGEST_ACTION).await else {
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "an action has at most one megabyte",
        );
    };
    let params: Value = if bytes.is_empty() {
        json!({})
    } else {
        match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) => return refuse(StatusCode::BAD_REQUEST, "the body is not JSON"),
        }
    };
    let sim = Simulator::over(Arc::clone(shared));
    match act(&sim, action, &params) {
        Ok(result) => json_response(
            StatusCode::OK,
            json!({"ok": true, "result": result}).to_string(),
        ),
        Err(words) => refuse(StatusCode::BAD_REQUEST, &words),
    }
}

fn refuse(status: StatusCode, words: &str) -> Response {
    json_response(
        status,
        json!({"ok": false, "description": words}).to_string(),
    )
}

/// The parameters of an action.
struct Given<'v>(&'v Value);

impl<'v> Given<'v> {
    fn int(&self, name: &str) -> Result<i64, String> {
        self.0[name]
            .as_i64()
            .ok_or_else(|| format!("{name} must be an integer"))
    }

    fn text(&self, name: &str) -> Result<&'v str, String> {
        self.0[name]
            .as_str()
            .ok_or_else(|| format!("{name} must be a string"))
    }

    fn names(&self, name: &str) -> Vec<&'v str> {
        self.0[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// `as`: `"anonymous"` or a channel's id.
    fn voice(&self) -> Result<SpeakAs, String> {
        let user = self.int("user")?;
        Ok(match &self.0["as"] {
            Value::String(_) => SpeakAs::Anonymous(user),
            Value::Number(id) => SpeakAs::Channel {
                user,
                channel: id.as_i64().unwrap_or_default(),
            },
            _ => SpeakAs::User(user),
        })
    }

    fn fault(&self) -> Result<Fault, String> {
        Ok(match self.0["fault"].as_str() {
            Some("lose_answer") => Fault::LoseAnswer,
            Some("drop") => Fault::Drop,
            Some("502") => Fault::Status502,
            Some("not_json") => Fault::NotJson,
            Some("delay") => Fault::Delay(Duration::from_millis(
                self.int("ms")?.unsigned_abs().min(600_000),
            )),
            _ => Fault::Error {
                code: u16::try_from(self.int("code")?).map_err(|_| "code is out of range")?,
                text: self.text("text")?.to_owned(),
                retry_after: self.0["retry_after"].as_i64(),
            },
        })
    }
}

fn act(sim: &Simulator, action: &str, params: &Value) -> Result<Value, String> {
    let g = Given(params);
    match chats(sim, action, &g)
        .or_else(|| members(sim, action, &g))
        .or_else(|| messages(sim, action, &g))
    {
        Some(result) => result,
        None => world(sim, action, &g),
    }
}

type Done = Option<Result<Value, String>>;

/// Wraps a block that may fail on a missing parameter.
fn done(result: impl FnOnce() -> Result<Value, String>) -> Done {
    Some(result())
}

fn chats(sim: &Simulator, action: &str, g: &Given<'_>) -> Done {
    let nothing = Ok(Value::Null);
    match action {
        "supergroup" => done(|| Ok(json!(sim.supergroup(g.text("title")?)))),
        "group" => done(|| Ok(json!(sim.group(g.text("title")?)))),
        "channel" => done(|| Ok(json!(sim.channel(g.text("title")?)))),
        "forum" => done(|| Ok(json!(sim.forum(g.text("title")?)))),
        "topic" => done(|| Ok(json!(sim.topic(g.int("chat")?, g.text("name")?)))),
        "owner" => done(|| Ok(json!(sim.owner(g.int("chat")?)))),
        "set_chat" => done(|| {
            sim.set_chat(g.int("chat")?, g.0);
            nothing
        }),
        "link" => done(|| {
            sim.link(g.int("channel")?, g.int("group")?);
            nothing
        }),
        "migrate" => done(|| Ok(json!(sim.migrate(g.int("chat")?)))),
        "delete_chat" => done(|| {
            sim.delete_chat(g.int("chat")?);
            nothing
        }),
        "add_bot" => done(|| {
            sim.add_bot(g.int("chat")?);
            nothing
        }),
        "add_bot_admin" => done(|| {
            sim.add_bot_admin(g.int("chat")?);
            nothing
        }),
        "set_bot_rights" => done(|| {
            sim.set_bot_rights(g.int("chat")?, &g.names("rights"));
            nothing
        }),
        "kick_bot" => done(|| {
            sim.kick_bot(g.int("chat")?);
            nothing
        }),
        "set_permissions" => done(|| {
            sim.set_permissions(g.int("chat")?, &g.names("permissions"));
            nothing
        }),
        _ => None,
    }
}

fn members(sim: &Simulator, action: &str, g: &Given<'_>) -> Done {
    let nothing = Ok(Value::Null);
    match action {
        "user" => done(|| {
            let user = sim.user(g.text("first_name")?);
            sim.set_user(user, g.0);
            Ok(json!(user))
        }),
        "other_bot" => done(|| Ok(json!(sim.other_bot(g.text("first_name")?)))),
        "set_user" => done(|| {
            sim.set_user(g.int("user")?, g.0);
            nothing
        }),
        "join" => done(|| Ok(json!(sim.join(g.int("chat")?, g.int("user")?)))),
        "join_by_link" => done(|| {
            Ok(json!(sim.join_by_link(
                g.int("chat")?,
                g.int("user")?,
                g.text("link")?
            )))
        }),
        "request_join" => done(|| Ok(json!(sim.request_join(g.int("chat")?, g.int("user")?)))),
        "invite" => done(|| {
            sim.invite(g.int("chat")?, g.int("by")?, g.int("user")?);
            nothing
        }),
        "leave" => done(|| {
            sim.leave(g.int("chat")?, g.int("user")?);
            nothing
        }),
        "ban" => done(|| {
            sim.ban(g.int("chat")?, g.int("user")?);
            nothing
        }),
        "unban" => done(|| {
            sim.unban(g.int("chat")?, g.int("user")?);
            nothing
        }),
        "restrict" => done(|| {
            let until = g.0["until"].as_i64().unwrap_or(0);
            sim.restrict(
                g.int("chat")?,
                g.int("user")?,
                &g.names("permissions"),
                until,
            );
            nothing
        }),
        "promote" => done(|| {
            sim.promote(g.int("chat")?, g.int("user")?, &g.names("rights"));
            nothing
        }),
        "demote" => done(|| {
            sim.demote(g.int("chat")?, g.int("user")?);
            nothing
        }),
        "block" => done(|| {
            sim.block(g.int("user")?, g.0["blocked"].as_bool().unwrap_or(true));
            nothing
        }),
        "deactivate" => done(|| {
            sim.deactivate(g.int("user")?);
            nothing
        }),
        "member" => done(|| {
            let member = sim.member(g.int("chat")?, g.int("user")?);
            Ok(json!({
                "status": member.status.word(), "present": member.present,
                "until": member.until, "can": member.can,
            }))
        }),
        _ => None,
    }
}

fn messages(sim: &Simulator, action: &str, g: &Given<'_>) -> Done {
    let nothing = Ok(Value::Null);
    match action {
        "say" => done(|| {
            Ok(json!(sim.say_as(
                g.int("chat")?,
                g.voice()?,
                g.text("text")?
            )))
        }),
        "reply" => done(|| {
            let (chat, user, to) = (g.int("chat")?, g.int("user")?, g.int("message")?);
            Ok(json!(sim.reply(chat, user, to, g.text("text")?)))
        }),
        "post" => done(|| {
            Ok(json!(sim.post_as(
                g.int("chat")?,
                g.voice()?,
                g.0["message"].clone()
            )))
        }),
        "private" => done(|| Ok(json!(sim.private(g.int("user")?, g.text("text")?)))),
        "channel_post" => done(|| Ok(json!(sim.channel_post(g.int("channel")?, g.text("text")?)))),
        "edit" => done(|| {
            sim.edit(g.int("chat")?, g.int("message")?, g.text("text")?);
            nothing
        }),
        "edit_with" => done(|| {
            sim.edit_with(g.int("chat")?, g.int("message")?, g.0["fields"].clone());
            nothing
        }),
        "delete" => done(|| {
            sim.delete(g.int("chat")?, g.int("message")?);
            nothing
        }),
        "press" => done(|| {
            let (chat, message, user) = (g.int("chat")?, g.int("message")?, g.int("user")?);
            Ok(json!(sim.press(chat, message, user, g.text("data")?)))
        }),
        "callback_answer" => done(|| {
            let answer = sim.callback_answer(g.text("query")?);
            Ok(answer.map_or(Value::Null, |a| json!({"text": a.text, "alert": a.alert})))
        }),
        "react" => done(|| {
            sim.react(
                g.int("chat")?,
                g.int("message")?,
                g.int("user")?,
                g.text("emoji")?,
            );
            nothing
        }),
        "file" => done(|| match g.0["size"].as_i64() {
            Some(size) => Ok(json!(sim.file_of_size(g.text("name")?, size))),
            None => Ok(json!(sim.file(g.text("name")?, g.text("text")?.as_bytes()))),
        }),
        "media" => done(|| Ok(sim.media(g.text("kind")?, g.text("file_id")?))),
        _ => None,
    }
}

fn world(sim: &Simulator, action: &str, g: &Given<'_>) -> Result<Value, String> {
    match action {
        "push_update" => Ok(json!(sim.push_update(g.0["update"].clone()))),
        "push_raw" => {
            sim.push_raw(g.int("update_id")?, g.0["update"].clone());
            Ok(Value::Null)
        }
        "set_next_update_id" => {
            sim.set_next_update_id(g.int("id")?);
            Ok(Value::Null)
        }
        "pending_updates" => Ok(json!(sim.pending_updates())),
        "fail_next" | "fail_always" => {
            let (method, chat) = (g.0["method"].as_str(), g.0["chat"].as_i64());
            if action == "fail_next" {
                sim.fail_next(method, chat, g.fault()?);
            } else {
                sim.fail_always(method, chat, g.fault()?);
            }
            Ok(Value::Null)
        }
        "clear_faults" => {
            sim.clear_faults();
            Ok(Value::Null)
        }
        "violations" => Ok(json!(
            sim.violations()
                .iter()
                .map(|v| format!("{v:?}"))
                .collect::<Vec<_>>()
        )),
        // Several actions in one request: [{"action": …, …}, …].
        "batch" => {
            let list = g.0.as_array().ok_or("a batch is a list")?;
            list.iter()
                .map(|one| match one["action"].as_str() {
                    Some("batch") | None => Err("each needs an action".to_owned()),
                    Some(name) => act(sim, name, one),
                })
                .collect()
        }
        _ => Err(format!("unknown action {action}")),
    }
}

/// The world as JSON: everything, or what changed after version `since`, for which it waits.
async fn state(shared: &Arc<Shared>, since: Option<u64>) -> Value {
    if let Some(since) = since {
        let mut version = shared.version.subscribe();
        let newer = version.wait_for(|now| *now > since);
        let _ = tokio::time::timeout(LONGEST_WAIT, newer).await;
    }
    let since = since.unwrap_or(0);
    let world = shared.lock();
    let chats: Vec<Value> = world
        .chats
        .values()
        .filter(|chat| since == 0 || world.changed.get(&chat.id).is_some_and(|at| *at > since))
        .map(|chat| {
            let members: Vec<Value> = chat
                .members
                .keys()
                .map(|user| world.member_json(chat.id, *user))
                .collect();
            let skip = chat.messages.len().saturating_sub(MESSAGES_SHOWN);
            let messages: Vec<Value> = chat
                .messages
                .values()
                .skip(skip)
                .map(|m| {
                    json!({
                        "message": m.value, "id": m.message_id, "deleted": m.deleted_at.is_some(),
                        "edits": m.edits, "by_bot": m.by_bot, "receiver": m.receiver,
                    })
                })
                .collect();
            json!({
                "chat": world.chat_json(chat.id), "members": members, "messages": messages,
                "requests": chat.requests.keys().collect::<Vec<_>>(), "pinned": chat.pinned,
                "deleted": chat.deleted, "migrated_to": chat.migrated_to,
                "permissions": chat.permissions.permissions_json(),
            })
        })
        .collect();
    let answers: Vec<Value> = world
        .callbacks
        .iter()
        .filter_map(|(id, query)| {
            let answer = query.answer.as_ref()?;
            (world.now() - answer.at < 60_000).then(|| {
                json!({
                    "query": id, "user": query.user, "chat": query.chat,
                    "text": answer.text, "alert": answer.alert,
                })
            })
        })
        .collect();
    json!({
        "version": world.version,
        "now": world.now(),
        "bot": world.user_json(super::BOT_ID),
        "chats": chats,
        "answers": answers,
        "pending": world.queue.items.len(),
        "violations": world.violations.len(),
    })
}
