//! The sender against a server with a script: what is sent when, and what becomes of each row.
use std::collections::HashSet;
use std::time::{Duration, Instant};

use beadle::telegram::sender::outbox::State;
use beadle::telegram::sender::{
    BreakerState, Effect, Limits, Method, Report, SendLane, SenderSettings,
};
use serde_json::{Value, json};

use crate::sender_fake::{Bench, Fake, Reply, api_at, message, ok, quick, refuse};

/// No limits but those under test.
fn unlimited() -> Limits {
    Limits {
        messages_per_second: 100_000,
        group_per_minute: 100_000,
        group_burst: 100_000,
        private_burst: 100_000,
        acts_per_second: 100_000.0,
        questions_per_second: 100_000.0,
        bulk_per_second: 100_000.0,
        ..Limits::default()
    }
}

fn fast() -> SenderSettings {
    SenderSettings {
        limits: unlimited(),
        ..quick()
    }
}

#[tokio::test]
async fn a_message_is_sent_once_and_its_id_kept() {
    let fake = Fake::start(|call, _| message(77, call.chat())).await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let ids = bench
        .send(vec![Effect::reply_html(
            -100,
            5,
            Some(9),
            "<b>hello</b>",
            None,
        )])
        .await;
    let row = bench.settled(ids[0]).await;
    assert_eq!(row.state, State::Done);
    assert_eq!(row.message_id(), Some(77));
    bench.stop().await;
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "sendMessage");
    assert_eq!(
        seen[0].params,
        json!({
            "chat_id": -100, "text": "<b>hello</b>", "parse_mode": "HTML", "message_thread_id": 9,
            "reply_parameters": { "message_id": 5, "allow_sending_without_reply": true },
        })
    );
}

#[tokio::test]
async fn a_chat_told_to_wait_for_hours_stops_no_other() {
    let fake = Fake::start(|call, n| match call.chat() {
        -1 if n < 3 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 8288",
            json!({ "retry_after": 8288 }),
        ),
        chat => message(1, chat),
    })
    .await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let flooded = bench.send(vec![Effect::send_html(-1, "one", None)]).await[0];
    let waits = bench.until(flooded, |row| row.not_before > 0).await;
    assert_eq!(waits.state, State::Queued);
    assert!(waits.not_before - bench.now() > 8_280_000);
    assert!(waits.not_before - bench.now() < 8_290_000);

    let others: Vec<_> = (2..12).map(|c| Effect::send_html(-c, "x", None)).collect();
    for id in bench.send(others).await {
        assert_eq!(bench.settled(id).await.state, State::Done);
    }
    // The chat's moderation is not held by its messages.
    let delete = bench.send(vec![Effect::delete(-1, 5)]).await[0];
    assert_eq!(bench.settled(delete).await.state, State::Done);
    let later = bench.send(vec![Effect::send_html(-1, "two", None)]).await[0];
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bench.row(later).await.state, State::Queued);
    assert_eq!(fake.seen().iter().filter(|s| s.chat() == -1).count(), 2);

    bench.clock.shift(8_289_000);
    assert_eq!(bench.settled(flooded).await.state, State::Done);
    assert_eq!(bench.settled(later).await.state, State::Done);
    assert_eq!(bench.sender.status().totals.floods, 1);
    bench.stop().await;
}

#[tokio::test]
async fn a_long_wait_survives_a_restart() {
    let fake = Fake::start(|_, _| {
        Reply::Refuse(
            429,
            "Too Many Requests: retry after 8288",
            json!({ "retry_after": 8288 }),
        )
    })
    .await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let id = bench.send(vec![Effect::send_html(-1, "one", None)]).await[0];
    bench.until(id, |row| row.not_before > 0).await;
    bench.stop().await;
    bench.store.close();
    let mut again = Bench::reopen(bench.dir, fake.api(), quick());
    again.start();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(fake.seen().len(), 1);
    assert_eq!(again.row(id).await.state, State::Queued);
    again.stop().await;
}

#[tokio::test]
async fn many_chats_saying_too_many_pause_the_budget_and_slow_the_acts() {
    let fake = Fake::start(|call, _| match call.chat() {
        -9..=-1 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 30",
            json!({ "retry_after": 30 }),
        ),
        _ => ok(),
    })
    .await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let bans = (1..=4).map(|c| Effect::ban(-c, 5, None, false)).collect();
    bench.send(bans).await;
    bench
        .until_counts(|_| bench.sender.status().totals.floods >= 3)
        .await;
    let status = bench.sender.status();
    assert!(status.acts_per_second <= 55.0, "{}", status.acts_per_second);
    assert!(status.paused_until[0] - bench.now() > 25_000);
    let held = bench.send(vec![Effect::ban(-50, 5, None, false)]).await[0];
    let message = bench.send(vec![Effect::send_html(-50, "x", None)]).await[0];
    // Messages are another budget.
    bench.settled(message).await;
    assert_eq!(bench.row(held).await.state, State::Queued);
    bench.clock.shift(31_000);
    assert_eq!(bench.settled(held).await.state, State::Done);
    bench.stop().await;
}

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
async fn neighbouring_deletions_are_joined_by_hundreds_and_parted_when_one_fails() {
    let fake = Fake::start(|call, _| {
        let many = call.method == "deleteMessages";
        let has_bad = call.params["message_ids"]
            .as_array()
            .is_some_and(|ids| ids.contains(&json!(250)));
        match call.params["message_id"].as_i64() {
            Some(250) => refuse(400, "Bad Request: message can't be deleted"),
            Some(249) => refuse(400, "Bad Request: message to delete not found"),
            _ if many && has_bad => refuse(400, "Bad Request: message can't be deleted"),
            _ => ok(),
        }
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    let deletes: Vec<_> = (1..=250).map(|m| Effect::delete(-1, m)).collect();
    let ids = bench.send(deletes).await;
    bench.start();
    let counts = bench.until_counts(|c| c[0] + c[1] == 0).await;
    assert_eq!(
        (counts[State::Done as usize], counts[State::Failed as usize]),
        (249, 1)
    );
    let failed = bench.row(ids[249]).await;
    assert_eq!(failed.state, State::Failed);
    bench.stop().await;
    let sizes: Vec<usize> = fake
        .seen()
        .iter()
        .filter(|s| s.method == "deleteMessages")
        .map(|s| s.params["message_ids"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes[0], 100);
    assert!(
        sizes.len() <= 4 && sizes.iter().all(|&n| n <= 100),
        "{sizes:?}"
    );
    assert_eq!(sizes.iter().sum::<usize>(), 250);
    // Only the call that held the bad one is parted.
    assert!(fake.count("deleteMessage") <= 100);
}

#[tokio::test]
async fn an_answer_to_a_button_leaves_before_five_hundred_bulk_messages() {
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut bench = Bench::new(fake.api(), quick());
    let bulk: Vec<_> = (1..=500)
        .map(|c| Effect::send_html(-c, "news", None).lane(SendLane::Bulk))
        .collect();
    bench.send(bulk).await;
    bench.start();
    tokio::time::sleep(Duration::from_millis(250)).await;
    let began = Instant::now();
    let deadline = Some(bench.now() + 10_000);
    let answer = Effect::answer_callback("q1", Some("fine"), false, deadline);
    let reply = Effect::reply_html(-500, 1, None, "there you are", None);
    let ids = bench.send(vec![answer, reply]).await;
    bench.settled(ids[0]).await;
    assert!(
        began.elapsed() < Duration::from_millis(100),
        "{:?}",
        began.elapsed()
    );
    bench.settled(ids[1]).await;
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "{:?}",
        began.elapsed()
    );
    // Bulk goes at five a second.
    let news = fake
        .seen()
        .iter()
        .filter(|s| s.params["text"] == "news")
        .count();
    assert!((1..=5).contains(&news), "{news}");
    bench.stop().await;
}

#[tokio::test]
async fn a_raid_gets_twenty_messages_a_minute_while_deletions_flow() {
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let mut effects: Vec<_> = (0..200)
        .map(|i| Effect::send_html(-1, format!("welcome {i}"), None))
        .collect();
    effects.extend((0..200).map(|m| Effect::delete(-1, m)));
    bench.send(effects).await;
    // 59 seconds in steps short enough for the one message a second.
    for _ in 0..59 {
        bench.clock.shift(1_000);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let sent = fake.count("sendMessage");
    assert!((18..=20).contains(&sent), "{sent}");
    let counts = bench.counts().await;
    assert_eq!(counts[State::Done as usize] as usize, 200 + sent);
    let in_order: Vec<_> = fake
        .seen()
        .iter()
        .filter_map(|s| s.params["text"].as_str().map(str::to_owned))
        .collect();
    let expected: Vec<_> = (0..sent).map(|i| format!("welcome {i}")).collect();
    assert_eq!(in_order, expected);
    bench.clock.shift(10_000);
    bench
        .until_counts(|c| c[State::Done as usize] as usize > 200 + sent)
        .await;
    bench.stop().await;
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
async fn nothing_is_sent_after_its_deadline() {
    let fake = Fake::start(|_, _| ok()).await;
    let mut bench = Bench::new(fake.api(), fast());
    let past = bench.now() - 1;
    let late = Effect::answer_callback("old", None, false, Some(past));
    let alive = Effect::answer_callback("new", None, false, Some(past + 60_000));
    let ids = bench.send(vec![late, alive]).await;
    bench.start();
    assert_eq!(bench.settled(ids[0]).await.state, State::Expired);
    assert_eq!(bench.settled(ids[1]).await.state, State::Done);
    assert_eq!(fake.seen().len(), 1);
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
async fn a_chat_that_waits_for_hours_does_not_fill_the_memory() {
    let fake = Fake::start(|call, _| match call.chat() {
        -1 => Reply::Refuse(
            429,
            "Too Many Requests: retry after 900",
            json!({ "retry_after": 900 }),
        ),
        chat => message(1, chat),
    })
    .await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let stuck: Vec<_> = (0..6_000)
        .map(|i| Effect::send_html(-1, i.to_string(), None))
        .collect();
    bench.send(stuck).await;
    bench
        .until_counts(|_| bench.sender.status().totals.floods >= 1)
        .await;
    let other = bench.send(vec![Effect::send_html(-2, "x", None)]).await[0];
    assert_eq!(bench.settled(other).await.state, State::Done);
    let waiting: usize = bench.sender.status().waiting.iter().sum();
    assert!(waiting <= 2, "{waiting}");
    bench.stop().await;
}

#[tokio::test]
async fn rows_left_in_the_table_are_all_sent_in_order_and_once() {
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut bench = Bench::new(fake.api(), fast());
    bench.start();
    let effects: Vec<_> = (0..600)
        .flat_map(|i| (1..=3).map(move |c| Effect::send_html(-c, i.to_string(), None)))
        .collect();
    for part in effects.chunks(500) {
        bench.send(part.to_vec()).await;
    }
    bench
        .until_counts(|c| c[State::Done as usize] == 1_800)
        .await;
    bench.stop().await;
    for chat in 1..=3 {
        let texts: Vec<i32> = fake
            .seen()
            .iter()
            .filter(|s| s.chat() == -chat)
            .map(|s| s.params["text"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(texts, (0..600).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn five_hundred_acts_a_second_are_settled() {
    let fake = Fake::start(|_, _| ok()).await;
    let mut bench = Bench::new(fake.api(), fast());
    let acts: Vec<_> = (0..1_500)
        .map(|i| Effect::ban(-(i % 100) - 1, i, None, false))
        .collect();
    bench.send(acts).await;
    let began = Instant::now();
    bench.start();
    bench
        .until_counts(|c| c[State::Done as usize] == 1_500)
        .await;
    let took = began.elapsed();
    println!("1500 acts settled in {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    let users: HashSet<i64> = fake
        .seen()
        .iter()
        .filter_map(|s| s.params["user_id"].as_i64())
        .collect();
    assert_eq!((users.len(), fake.seen().len()), (1_500, 1_500));
    bench.stop().await;
}

#[tokio::test]
async fn a_dropped_row_is_not_sent_and_a_retried_one_is() {
    use beadle::telegram::sender::outbox;
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut bench = Bench::new(fake.api(), fast());
    let ids = bench
        .send(vec![
            Effect::send_html(-1, "no", None),
            Effect::send_html(-1, "yes", None),
        ])
        .await;
    let (first, now) = (ids[0], bench.now());
    bench
        .store
        .write(move |tx| outbox::drop(tx, first, now))
        .await
        .unwrap();
    bench.start();
    bench.settled(ids[1]).await;
    assert_eq!(fake.seen().len(), 1);
    let new = bench
        .store
        .write(move |tx| outbox::retry(tx, first, now))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bench.settled(new).await.state, State::Done);
    let sent: Vec<Value> = fake
        .seen()
        .into_iter()
        .map(|s| s.params["text"].clone())
        .collect();
    assert_eq!(sent, ["yes", "no"]);
    bench.stop().await;
}
