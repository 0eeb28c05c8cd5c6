//! The sender against a server with a script: who goes first, how fast, and what is left behind.
use std::collections::HashSet;
use std::time::{Duration, Instant};

use beadle::telegram::sender::outbox::State;
use beadle::telegram::sender::{Effect, SendLane};
use serde_json::{Value, json};

use crate::sender_fake::{Bench, Fake, Reply, fast, message, ok, quick, refuse};

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
    let retried = bench.store.write(move |tx| outbox::retry(tx, first, now));
    let outbox::Retried::Again(new) = retried.await.unwrap() else {
        panic!("a dropped call may be made again")
    };
    assert_eq!(bench.settled(new).await.state, State::Done);
    let sent: Vec<Value> = fake
        .seen()
        .into_iter()
        .map(|s| s.params["text"].clone())
        .collect();
    assert_eq!(sent, ["yes", "no"]);
    bench.stop().await;
}

#[tokio::test]
async fn a_large_broadcast_does_not_fill_the_memory_nor_delay_an_answer() {
    let fake = Fake::start(|call, _| message(1, call.chat())).await;
    let mut bench = Bench::new(fake.api(), quick());
    bench.start();
    let bulk: Vec<_> = (1..=12_000)
        .map(|c| Effect::send_html(c, "news", None).lane(SendLane::Bulk))
        .collect();
    bench.send(bulk).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    let began = Instant::now();
    let answer = bench
        .send(vec![Effect::answer_callback("q", None, false, None)])
        .await[0];
    bench.settled(answer).await;
    assert!(
        began.elapsed() < Duration::from_millis(100),
        "{:?}",
        began.elapsed()
    );
    let waiting = bench.sender.status().waiting[SendLane::Bulk as usize];
    assert!((3_000..=4_000).contains(&waiting), "{waiting}");
    bench.stop().await;
}
