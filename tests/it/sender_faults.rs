//! The sender when things go wrong: lost answers, outages, crashes, refusals.
use std::time::{Duration, Instant};

use beadle::telegram::sender::outbox::State;
use beadle::telegram::sender::{BreakerState, Effect, Method, Report, SenderSettings};
use serde_json::json;

use crate::sender_fake::{Bench, Fake, Reply, api_at, fast, message, ok, refuse};

#[tokio::test]
async fn a_lost_answer_of_a_message_is_unknown_and_never_sent_again() {
    let fake = Fake::start(|call, n| {
        if n == 0 {
            Reply::Lose
        } else {
            message(1, call.chat())
        }
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let ids = bench
        .send(vec![
            Effect::send_html(-1, "one", None),
            Effect::send_html(-1, "two", None),
        ])
        .await;
    let lost = bench.settled(ids[0]).await;
    assert_eq!(lost.state, State::Unknown, "{lost:?}");
    assert_eq!(bench.settled(ids[1]).await.state, State::Done);
    bench.stop().await;
    bench.store.close();
    let mut again = Bench::reopen(bench.dir, fake.api(), fast());
    again.start();
    tokio::time::sleep(Duration::from_millis(100)).await;
    again.stop().await;
    let texts: Vec<_> = fake
        .seen()
        .iter()
        .map(|s| s.params["text"].clone())
        .collect();
    assert_eq!(texts, ["one", "two"]);
}

#[tokio::test]
async fn a_lost_answer_of_an_act_is_asked_again_until_it_comes() {
    let fake = Fake::start(|_, n| if n < 4 { Reply::Lose } else { ok() }).await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let id = bench.send(vec![Effect::ban(-1, 5, None, true)]).await[0];
    let row = bench.settled(id).await;
    assert_eq!((row.state, row.attempts), (State::Done, 5));
    assert_eq!(fake.count("banChatMember"), 5);
    bench.stop().await;
}

#[tokio::test]
async fn server_errors_leave_messages_unknown_and_repeat_acts_and_harmless_calls() {
    let fake = Fake::start(|_, n| {
        if n < 4 {
            refuse(502, "Bad Gateway")
        } else {
            ok()
        }
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let message = bench.send(vec![Effect::send_html(-1, "x", None)]).await[0];
    assert_eq!(bench.settled(message).await.state, State::Unknown);
    let typing = Effect::generic(
        Method::SendChatAction,
        Some(-1),
        json!({ "action": "typing" }),
    );
    let unban = Effect::unban(-2, 5, true);
    // Without `only_if_banned` it removes a member: not to be repeated.
    let kick = Effect::unban(-3, 5, false);
    let ids = bench.send(vec![typing, unban, kick]).await;
    assert_eq!(bench.settled(ids[0]).await.state, State::Done);
    assert_eq!(bench.settled(ids[1]).await.state, State::Done);
    assert_eq!(bench.settled(ids[2]).await.state, State::Unknown);
    bench.stop().await;
}

#[tokio::test]
async fn no_connection_means_not_sent_and_the_message_goes_out_later() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let mut bench = Bench::new(api_at(format!("http://{address}").parse().unwrap()), fast());
    bench.start();
    let id = bench.send(vec![Effect::send_html(-1, "x", None)]).await[0];
    let row = bench.until(id, |row| row.attempts >= 3).await;
    assert_eq!(row.state, State::Queued, "{row:?}");
    bench.stop().await;
    bench.store.close();
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut again = Bench::reopen(bench.dir, fake.api(), fast());
    again.start();
    assert_eq!(again.settled(id).await.state, State::Done);
    again.stop().await;
}

#[tokio::test]
async fn what_was_on_its_way_at_a_crash_is_unknown_or_repeated_by_its_kind() {
    let fake = Fake::start(|_, n| {
        if n < 2 {
            Reply::After(Duration::from_secs(30), Box::new(ok()))
        } else {
            ok()
        }
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let ids = bench
        .send(vec![
            Effect::send_html(-1, "x", None),
            Effect::ban(-1, 5, None, false),
        ])
        .await;
    bench.until(ids[0], |row| row.state == State::Sending).await;
    while fake.seen().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench.cut();
    bench.store.close();
    let mut again = Bench::reopen(bench.dir, fake.api(), fast());
    again.start();
    let lost = again.settled(ids[0]).await;
    assert_eq!(lost.state, State::Unknown);
    assert!(lost.error.is_some_and(|e| e.contains("stopped")));
    assert_eq!(again.settled(ids[1]).await.state, State::Done);
    assert_eq!(fake.count("sendMessage"), 1);
    assert_eq!(fake.count("banChatMember"), 2);
    again.stop().await;
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_is_readdressed_with_all_that_waits() {
    let fake = Fake::start(|call, _| match call.chat() {
        -5 => Reply::Refuse(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            json!({ "migrate_to_chat_id": -1_005 }),
        ),
        chat => message(1, chat),
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    let mut reports = bench.sender.reports();
    let effects: Vec<_> = (0..200)
        .map(|i| Effect::send_html(-5, i.to_string(), None))
        .collect();
    let ids = bench.send(effects).await;
    bench.start();
    let counts = bench.until_counts(|c| c[0] + c[1] == 0).await;
    assert_eq!(counts[State::Done as usize], 200);
    assert_eq!(bench.row(ids[199]).await.chat, Some(-1_005));
    assert_eq!(
        reports.recv().await.unwrap(),
        Report::Migrated {
            from: -5,
            to: -1_005
        }
    );
    bench.stop().await;
    let texts: Vec<_> = fake
        .seen()
        .iter()
        .filter(|s| s.chat() == -1_005)
        .map(|s| s.params["text"].as_str().unwrap().parse::<i32>().unwrap())
        .collect();
    assert_eq!(texts, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn refused_markup_topic_and_reply_are_left_out() {
    let fake = Fake::start(|call, _| {
        if call.params.get("parse_mode").is_some() {
            refuse(
                400,
                "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
            )
        } else if call.params.get("message_thread_id").is_some() {
            refuse(400, "Bad Request: message thread not found")
        } else if call.params.get("reply_parameters").is_some() {
            refuse(400, "Bad Request: message to be replied not found")
        } else {
            message(3, call.chat())
        }
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let id = bench
        .send(vec![Effect::reply_html(
            -1,
            7,
            Some(8),
            "<x>1 &lt; 2</x>",
            None,
        )])
        .await[0];
    assert_eq!(bench.settled(id).await.state, State::Done);
    bench.stop().await;
    assert_eq!(fake.seen().len(), 4);
    assert_eq!(
        fake.seen()[3].params,
        json!({ "chat_id": -1, "text": "1 < 2" })
    );
}

#[tokio::test]
async fn a_blocked_recipient_fails_is_reported_and_stops_nobody() {
    let fake = Fake::start(|call, _| match call.chat() {
        7 => refuse(403, "Forbidden: bot was blocked by the user"),
        8 => refuse(400, "Bad Request: a text nobody has seen yet"),
        chat => message(1, chat),
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    let mut reports = bench.sender.reports();
    bench.start();
    let effects = (6..10).map(|c| Effect::send_html(c, "x", None)).collect();
    let ids = bench.send(effects).await;
    let mut states = Vec::new();
    for id in ids {
        states.push(bench.settled(id).await);
    }
    let of = |i: usize| states[i].state;
    assert_eq!(
        [of(0), of(1), of(2), of(3)],
        [State::Done, State::Failed, State::Failed, State::Done]
    );
    assert!(
        states[2]
            .error
            .as_deref()
            .unwrap()
            .contains("nobody has seen")
    );
    let Report::ChatLost { chat: 7, text } = reports.recv().await.unwrap() else {
        panic!()
    };
    assert!(text.contains("blocked"));
    assert_eq!(fake.seen().len(), 4);
    bench.stop().await;
}

#[tokio::test]
async fn a_call_that_sleeps_in_the_library_holds_no_slot() {
    let fake = Fake::start(|call, _| match call.chat() {
        // A real 502: the library sleeps ten seconds before it tells.
        -1 | -2 => Reply::Http(502, "<html>bad gateway</html>"),
        chat => message(1, chat),
    })
    .await;
    let settings = SenderSettings { calls: 2, ..fast() };
    let mut bench = Bench::new(fake.api(), settings);
    bench.start();
    bench
        .send(vec![
            Effect::ban(-1, 1, None, false),
            Effect::ban(-2, 1, None, false),
        ])
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let others: Vec<_> = (10..60).map(|c| Effect::send_html(-c, "x", None)).collect();
    let ids = bench.send(others).await;
    for id in ids {
        assert_eq!(bench.settled(id).await.state, State::Done);
    }
    assert_eq!(bench.sender.status().slow_calls, 2);
    bench.cut();
}

#[tokio::test]
async fn an_outage_opens_the_breaker_and_a_probe_closes_it() {
    let down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let flag = down.clone();
    let fake = Fake::start(move |call, _| {
        if flag.load(std::sync::atomic::Ordering::Relaxed) {
            refuse(502, "Bad Gateway")
        } else {
            message(1, call.chat())
        }
    })
    .await;
    let settings = SenderSettings {
        breaker_threshold: 5,
        ..fast()
    };
    let mut bench = Bench::new(fake.api(), settings);
    bench.start();
    let bans: Vec<_> = (1..=5).map(|c| Effect::ban(-c, 1, None, false)).collect();
    bench.send(bans).await;
    let began = Instant::now();
    while bench.sender.status().breaker == BreakerState::Closed {
        assert!(began.elapsed() < Duration::from_secs(3));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Not one of them goes out into the outage, so none becomes unknown.
    let messages: Vec<_> = (1..=100)
        .map(|c| Effect::send_html(-c, "x", None))
        .collect();
    bench.send(messages).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fake.count("sendMessage"), 0);
    assert!(fake.count("getMe") >= 1);
    assert!(
        bench
            .sender
            .status()
            .last_failure
            .unwrap()
            .contains("Bad Gateway")
    );
    down.store(false, std::sync::atomic::Ordering::Relaxed);
    let counts = bench.until_counts(|c| c[0] + c[1] == 0).await;
    assert_eq!(counts[State::Done as usize], 105);
    assert_eq!(bench.sender.status().breaker, BreakerState::Closed);
    bench.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_call_under_way() {
    let fake = Fake::start(|call, _| {
        Reply::After(
            Duration::from_millis(200),
            Box::new(message(1, call.chat())),
        )
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let ids = bench
        .send(vec![
            Effect::send_html(-1, "a", None),
            Effect::send_html(-1, "b", None),
        ])
        .await;
    bench.until(ids[0], |row| row.state == State::Sending).await;
    bench.stop().await;
    assert_eq!(bench.row(ids[0]).await.state, State::Done);
    assert_eq!(bench.row(ids[1]).await.state, State::Queued);
}

#[tokio::test]
async fn a_method_of_another_version_fails_and_holds_nothing_up() {
    let fake = Fake::start(|_, _| ok()).await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let id = bench
        .store
        .write(|tx| {
            tx.execute(
                "INSERT INTO outbox (created_at, lane, method, params) VALUES (0, 1, 'sendTelepathy', '{}')",
                [],
            )?;
            let id = tx.last_insert_rowid();
            tx.wake(beadle::store::Signal::Outbox);
            Ok(id)
        })
        .await
        .unwrap();
    assert_eq!(bench.settled(id).await.state, State::Failed);
    let ban = bench.send(vec![Effect::ban(-1, 1, None, false)]).await[0];
    assert_eq!(bench.settled(ban).await.state, State::Done);
    bench.stop().await;
}

/// The promise as a whole: faults of every kind, the process cut down six times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_faults_and_cuts_acts_are_done_and_messages_seen_at_most_once() {
    use beadle::base::random::{Random, SeededRandom};
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    let carried_out: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let faulty = Arc::new(AtomicBool::new(true));
    let (counting, fault) = (carried_out.clone(), faulty.clone());
    let chance = SeededRandom::new(11);
    let fake = Fake::start(move |call, _| {
        let dice = if fault.load(Ordering::Relaxed) {
            chance.below(10)
        } else {
            9
        };
        match dice {
            0 => return refuse(502, "Bad Gateway"),
            1 => {
                return Reply::Refuse(
                    429,
                    "Too Many Requests: retry after 1",
                    json!({ "retry_after": 1 }),
                );
            }
            _ => {}
        }
        let keys: Vec<String> = match (&call.params["text"], &call.params["user_id"]) {
            (text, _) if text.is_string() => vec![text.to_string()],
            (_, user) if user.is_i64() => vec![format!("ban {user}")],
            _ => Vec::new(),
        };
        for key in keys {
            *counting.lock().unwrap().entry(key).or_default() += 1;
        }
        match dice {
            2 => Reply::Lose,
            3 => Reply::After(Duration::from_millis(60), Box::new(message(1, call.chat()))),
            _ => message(1, call.chat()),
        }
    })
    .await;

    let mut bench = Bench::new(fake.api(), fast());
    let mut messages = Vec::new();
    let mut bans = Vec::new();
    for round in 0..6 {
        bench.start();
        for i in 0..40 {
            let chat = -(i % 7) - 1;
            messages.extend(
                bench
                    .send(vec![Effect::send_html(chat, format!("m{round}-{i}"), None)])
                    .await,
            );
            bans.extend(
                bench
                    .send(vec![Effect::ban(chat, round * 100 + i, None, false)])
                    .await,
            );
            bench.clock.shift(100);
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        bench.cut();
        bench.store.close();
        bench = Bench::reopen(bench.dir, fake.api(), fast());
        bench.clock.shift((round + 1) * 10_000);
    }
    faulty.store(false, Ordering::Relaxed);
    bench.start();
    for _ in 0..40 {
        bench.clock.shift(1_000);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.until_counts(|c| c[0] + c[1] == 0).await;
    bench.stop().await;

    let seen = carried_out.lock().unwrap().clone();
    let times = |key: &str| seen.get(key).copied().unwrap_or(0);
    let mut unknown = 0;
    for (n, id) in messages.iter().enumerate() {
        let row = bench.row(*id).await;
        let key = format!("\"m{}-{}\"", n / 40, n % 40);
        match row.state {
            State::Done => assert_eq!(times(&key), 1, "{row:?}"),
            State::Unknown => {
                unknown += 1;
                assert!(times(&key) <= 1, "{row:?}");
            }
            state => panic!("{state:?} {row:?}"),
        }
    }
    for (n, id) in bans.iter().enumerate() {
        let user = n / 40 * 100 + n % 40;
        assert_eq!(bench.row(*id).await.state, State::Done);
        assert!(times(&format!("ban {user}")) >= 1);
    }
    // The faults did strike, and not everything.
    assert!((5..200).contains(&unknown), "{unknown}");
}
