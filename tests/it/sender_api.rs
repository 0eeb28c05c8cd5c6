//! The way to Telegram: every method, every kind of failure, raw updates, and never the token.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beadle::telegram::api::{Api, ApiInitError, ApiOptions, CallError};
use beadle::telegram::sender::{Class, Method};
use serde_json::{Value, json};

use crate::sender_fake::{Fake, Reply, TOKEN, api_at, ok, refuse};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn call(api: &Api) -> CallError {
    api.call(Method::SendMessage, &json!({ "chat_id": 1, "text": "x" }))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn no_failure_shows_the_token() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    // A proxy that echoes the address, token and all, in a page and in an error text.
    const ECHO: &str =
        "<html>cannot reach /bot4200:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/sendMessage</html>";
    const ECHO_TEXT: &str = "Bad Request: bot4200:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
    assert!(ECHO.contains(TOKEN) && ECHO_TEXT.contains(TOKEN));
    let fake = Fake::start(|_, n| match n {
        0 => Reply::Lose,
        1 => Reply::Http(200, ECHO),
        2 => Reply::Http(404, ECHO),
        3 => refuse(400, ECHO_TEXT),
        4 => refuse(401, "Unauthorized"),
        5 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 5",
            json!({ "retry_after": 5 }),
        ),
        6 => Reply::Refuse(
            400,
            "Bad Request: upgraded",
            json!({ "migrate_to_chat_id": -5 }),
        ),
        _ => Reply::After(Duration::from_secs(9), Box::new(ok())),
    })
    .await;
    let options = ApiOptions {
        api_url: Some(fake.url.clone()),
        call_timeout: Duration::from_millis(300),
        poll_slack: Duration::from_millis(300),
        ..ApiOptions::default()
    };
    let api = Api::new(TOKEN.to_owned().into(), options).unwrap();
    let mut errors = Vec::new();
    for _ in 0..8 {
        errors.push(call(&api).await);
    }
    errors.push(
        api.get_updates(None, 10, 0, &["message"])
            .await
            .unwrap_err(),
    );
    let closed = api_at("http://127.0.0.1:1".parse().unwrap());
    errors.push(call(&closed).await);
    errors.push(closed.get_updates(None, 10, 0, &[]).await.unwrap_err());

    let kinds: Vec<&str> = errors
        .iter()
        .map(|e| match e {
            CallError::Api { .. } => "api",
            CallError::Network {
                maybe_done: true, ..
            } => "lost",
            CallError::Network { .. } => "not sent",
            CallError::Answer { .. } => "answer",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "lost", "answer", "answer", "api", "api", "api", "api", "lost", "lost", "not sent",
            "not sent"
        ]
    );
    let mut said = format!("{api:?} {errors:?}");
    for error in &errors {
        said.push_str(&error.to_string());
    }
    said.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    let secret = TOKEN.split(':').next_back().unwrap();
    assert!(!said.contains(secret), "{said}");
    assert!(said.contains("[secret]"));
}

#[tokio::test]
async fn errors_keep_their_code_words_and_parameters() {
    let fake = Fake::start(|_, n| match n {
        0 => refuse(400, "Bad Request: chat not found"),
        1 => refuse(403, "Forbidden: a text the library does not know"),
        2 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 8288",
            json!({ "retry_after": 8288 }),
        ),
        3 => Reply::Refuse(
            400,
            "Bad Request: upgraded",
            json!({ "migrate_to_chat_id": -100_123 }),
        ),
        // Shapes that the library refuses to read.
        4 => Reply::Refuse(400, "Bad Request: odd", json!({})),
        5 => Reply::Refuse(
            429,
            "Too Many Requests",
            json!({ "retry_after": 3, "migrate_to_chat_id": -7 }),
        ),
        _ => refuse(500, "Something new"),
    })
    .await;
    let api = fake.api();
    let mut seen = Vec::new();
    for _ in 0..7 {
        let CallError::Api {
            code,
            text,
            retry_after,
            migrate_to,
        } = call(&api).await
        else {
            panic!("not an answer");
        };
        seen.push((code, text, retry_after, migrate_to));
    }
    let text = |i: usize| seen[i].1.as_str();
    assert_eq!(
        seen[0],
        (400, "Bad Request: chat not found".into(), None, None)
    );
    assert_eq!(
        (seen[1].0, text(1)),
        (403, "Forbidden: a text the library does not know")
    );
    assert_eq!((seen[2].0, seen[2].2), (429, Some(8288)));
    assert_eq!((seen[3].0, seen[3].3), (400, Some(-100_123)));
    assert_eq!((seen[4].0, text(4)), (400, "Bad Request: odd"));
    assert_eq!((seen[5].2, seen[5].3), (Some(3), Some(-7)));
    assert_eq!((seen[6].0, text(6)), (500, "Something new"));
}

#[tokio::test]
async fn every_method_can_be_called_with_raw_json() {
    let fake = Fake::start(|call, _| {
        Reply::Result(json!({ "echo": call.params, "big": 4_503_599_627_370_495_i64 }))
    })
    .await;
    let api = fake.api();
    for &method in Method::ALL {
        let params = json!({ "unheard_of": [1, { "deep": 1.5 }] });
        let result: Value = api.call(method, &params).await.unwrap();
        assert_eq!(result["echo"], params, "{method}");
        assert_eq!(result["big"], 4_503_599_627_370_495_i64);
    }
    let names: Vec<String> = fake.seen().into_iter().map(|s| s.method).collect();
    let expected: Vec<&str> = Method::ALL.iter().map(|m| m.name()).collect();
    assert_eq!(names, expected);
    for method in [
        "answerChatJoinRequestQuery",
        "deleteMessageReaction",
        "setChatMemberTag",
        "sendRichMessage",
        "editEphemeralMessageText",
    ] {
        assert!(Method::from_name(method).is_some(), "{method}");
    }
}

#[test]
fn the_table_holds_every_method_of_the_published_schema() {
    let mut dir = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    dir.push("../shared/data/botapi/aiogram-butcher-schema-10.3.json");
    let Ok(text) = std::fs::read_to_string(&dir) else {
        println!("skipped: {} is not there", dir.display());
        return;
    };
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for child in schema["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|i| i["children"].as_array().unwrap())
    {
        let name = child["name"].as_str().unwrap();
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            count += 1;
            assert!(Method::from_name(name).is_some(), "{name}");
        }
    }
    assert_eq!(count, Method::ALL.len());
}

#[test]
fn what_shows_twice_is_unrepeatable() {
    for method in Method::ALL {
        let name = method.name();
        let shows = ["send", "forward", "copy", "create", "export"]
            .iter()
            .any(|p| name.starts_with(p));
        let harmless = matches!(
            method,
            Method::SendChatAction | Method::SendMessageDraft | Method::SendRichMessageDraft
        );
        if harmless {
            assert_eq!(method.class(), Class::Harmless, "{name}");
        } else if shows {
            assert_eq!(method.class(), Class::Unrepeatable, "{name}");
        }
    }
    for name in [
        "deleteMessage",
        "banChatMember",
        "restrictChatMember",
        "promoteChatMember",
        "editMessageText",
        "answerCallbackQuery",
        "approveChatJoinRequest",
        "declineChatJoinRequest",
        "pinChatMessage",
    ] {
        assert_eq!(
            Method::from_name(name).unwrap().class(),
            Class::Repeatable,
            "{name}"
        );
    }
    let unban = Method::UnbanChatMember;
    assert_eq!(
        unban.class_with(&json!({ "only_if_banned": true })),
        Class::Repeatable
    );
    assert_eq!(
        unban.class_with(&json!({ "only_if_banned": false })),
        Class::Unrepeatable
    );
}

#[tokio::test]
async fn updates_come_as_they_were_written_and_kinds_are_asked_for_every_time() {
    const BODY: &str = "{\"ok\":true,\"result\":[{\"update_id\":7,  \"z\":1,\"a\":\"\\u0041\",\"f\":1.50},\n{\"update_id\":8}]}";
    let fake = Fake::start(|_, n| match n {
        0 => refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
        1 => Reply::Http(502, "bad gateway"),
        _ => Reply::Http(200, BODY),
    })
    .await;
    let api = fake.api();
    let kinds = ["message", "chat_member", "guest_message"];
    let first = api.get_updates(Some(7), 100, 1, &kinds).await.unwrap_err();
    assert!(
        matches!(first, CallError::Api { code: 409, .. }),
        "{first:?}"
    );
    let began = std::time::Instant::now();
    let second = api.get_updates(Some(7), 100, 1, &kinds).await.unwrap_err();
    assert!(
        matches!(second, CallError::Api { code: 502, .. }),
        "{second:?}"
    );
    // Polls do not sleep in the library.
    assert!(began.elapsed() < Duration::from_secs(2));
    let updates = api.get_updates(Some(7), 100, 1, &kinds).await.unwrap();
    let texts: Vec<&str> = updates.iter().map(|u| u.get()).collect();
    assert_eq!(
        texts,
        [
            "{\"update_id\":7,  \"z\":1,\"a\":\"\\u0041\",\"f\":1.50}",
            "{\"update_id\":8}"
        ]
    );
    for call in fake.seen() {
        assert_eq!(
            call.params,
            json!({ "offset": 7, "limit": 100, "timeout": 1, "allowed_updates": kinds })
        );
    }
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let fake = Fake::start(|_, _| Reply::Result(json!(["x".repeat(100_000)]))).await;
    let options = ApiOptions {
        api_url: Some(fake.url.clone()),
        max_answer: 50_000,
        ..ApiOptions::default()
    };
    let api = Api::new(TOKEN.to_owned().into(), options).unwrap();
    let error = api.get_updates(None, 1, 0, &[]).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Answer { text } if text.contains("50000")),
        "{error:?}"
    );
}

#[test]
fn an_address_that_cannot_work_is_refused_at_once() {
    for bad in ["mailto:a@b.c", "ftp://example.org", "data:text/plain,x"] {
        let options = ApiOptions {
            api_url: Some(bad.parse().unwrap()),
            ..ApiOptions::default()
        };
        let error = Api::new(TOKEN.to_owned().into(), options).unwrap_err();
        assert!(matches!(error, ApiInitError::Url(_)), "{bad}");
    }
}

#[tokio::test]
async fn the_same_question_is_asked_once() {
    use crate::sender_fake::{Bench, quick};
    let fake = Fake::start(|_, n| match n {
        0 => Reply::After(
            Duration::from_millis(100),
            Box::new(Reply::Result(json!({ "status": "member" }))),
        ),
        1 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 1",
            json!({ "retry_after": 1 }),
        ),
        _ => Reply::Result(json!(5)),
    })
    .await;
    let bench = Bench::new(fake.api(), quick());
    let params = json!({ "chat_id": -1, "user_id": 2 });
    let asked = futures_util::future::join_all(
        (0..20).map(|_| bench.sender.ask(Method::GetChatMember, &params)),
    )
    .await;
    assert!(
        asked
            .iter()
            .all(|a| a.as_ref().is_ok_and(|v| v["status"] == "member"))
    );
    assert_eq!(fake.seen().len(), 1);
    // A short "too many" is waited for.
    assert_eq!(
        bench
            .sender
            .ask(Method::GetChatMemberCount, &params)
            .await
            .unwrap(),
        json!(5)
    );
    assert_eq!(fake.seen().len(), 3);
    let refused = bench
        .sender
        .ask(Method::BanChatMember, &params)
        .await
        .unwrap_err();
    assert!(matches!(refused, CallError::Api { code: 400, .. }));
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn what_nobody_waits_for_is_asked_only_while_half_the_budget_is_left() {
    use crate::sender_fake::{Bench, quick, unlimited};
    let fake = Fake::start(|_, _| Reply::Result(json!({ "status": "member" }))).await;
    let mut settings = quick();
    settings.limits = unlimited();
    settings.limits.questions_per_second = 4.0;
    let bench = Bench::new(fake.api(), settings);
    assert!(bench.sender.has_questions_to_spare());
    let mut asked = 0;
    while bench.sender.has_questions_to_spare() {
        let params = json!({ "chat_id": -1, "user_id": asked });
        bench
            .sender
            .ask(Method::GetChatMember, &params)
            .await
            .unwrap();
        asked += 1;
        assert!(asked < 50, "the budget never ran low");
    }
    assert!(asked > 0);
    bench.clock.shift(2_000);
    assert!(bench.sender.has_questions_to_spare());
}
