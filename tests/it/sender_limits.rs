//! Budgets, breaker, order and error texts: the sender's pure parts.
use beadle::telegram::api::CallError;
use beadle::telegram::sender::{
    Breaker, BreakerState, Bucket, Limits, Method, Pick, Refusal, Repair, Schedule, Verdict,
    Waiting, Window, Yielding, back_off, classify,
};
use proptest::prelude::*;

fn row(id: i64, lane: u8, method: Method, chat: Option<i64>) -> Waiting {
    Waiting {
        id,
        created_at: 0,
        lane,
        method,
        chat,
        params: format!("{{\"chat_id\":{},\"message_id\":{id}}}", chat.unwrap_or(0)),
        attempts: 0,
        not_before: 0,
        deadline: None,
        alone: false,
        repairs: 0,
    }
}

/// All calls that go within `span`, each taking no time, and when.
fn play(schedule: &mut Schedule, from: i64, span: i64) -> Vec<(i64, Vec<i64>)> {
    let mut now = from;
    let mut out = Vec::new();
    while now < from + span {
        match schedule.pick(now) {
            Pick::Call(batch) => {
                out.push((now, batch.rows.iter().map(|r| r.id).collect()));
                for row in &batch.rows {
                    schedule.forget(row.id);
                }
                schedule.release(batch.key, now);
            }
            Pick::Expired(row) => schedule.forget(row.id),
            Pick::Wait(None) => break,
            Pick::Wait(Some(due)) => {
                assert!(due > now, "a wait that has passed");
                now = due;
            }
        }
    }
    out
}

#[test]
fn a_group_gets_one_message_a_second_and_twenty_a_minute() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    for id in 0..30 {
        schedule.accept(row(id, 3, Method::SendMessage, Some(-1)), 0);
    }
    let sent = play(&mut schedule, 0, 120_000);
    let times: Vec<i64> = sent.iter().map(|(at, _)| *at).collect();
    assert_eq!(
        sent.iter()
            .flat_map(|(_, ids)| ids)
            .copied()
            .collect::<Vec<_>>(),
        (0..30).collect::<Vec<_>>()
    );
    for (i, at) in times.iter().enumerate() {
        assert!(i < 1 || at - times[i - 1] >= 1_000, "{times:?}");
        assert!(i < 20 || at - times[i - 20] >= 60_000, "{times:?}");
    }
}

#[test]
fn all_chats_together_get_twenty_five_a_second_and_bulk_five() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    for id in 0..200 {
        schedule.accept(row(id, 3, Method::SendMessage, Some(-id - 1)), 0);
        schedule.accept(
            row(id + 1_000, 4, Method::SendMessage, Some(-id - 1_000)),
            0,
        );
    }
    let sent = play(&mut schedule, 0, 8_000);
    let ordinary: Vec<i64> = sent
        .iter()
        .filter(|(_, ids)| ids[0] < 1_000)
        .map(|s| s.0)
        .collect();
    assert_eq!(ordinary.len(), 200);
    assert!(ordinary.windows(26).all(|w| w[25] - w[0] >= 1_000));
    // Strict lanes: no bulk while others wait.
    let last = *ordinary.last().unwrap();
    let bulk: Vec<i64> = sent
        .iter()
        .filter(|(_, ids)| ids[0] >= 1_000)
        .map(|s| s.0)
        .collect();
    assert!(bulk.iter().all(|at| *at >= last));
    assert!(bulk.windows(6).all(|w| w[5] - w[0] >= 1_000));
    let more = play(&mut schedule, 8_000, 10_000);
    assert!((48..=51).contains(&more.len()), "{}", more.len());
}

#[test]
fn lanes_are_strict_and_a_chat_keeps_its_order_within_one() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    for (id, lane) in [(1, 3), (2, 2), (3, 1), (4, 3), (5, 0), (6, 1)] {
        schedule.accept(row(id, lane, Method::BanChatMember, Some(-1)), 0);
    }
    let order: Vec<i64> = play(&mut schedule, 0, 1_000)
        .into_iter()
        .flat_map(|(_, ids)| ids)
        .collect();
    assert_eq!(order, [5, 3, 6, 2, 1, 4]);
}

#[test]
fn one_call_at_a_time_in_a_chat_but_acts_do_not_wait_for_messages() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    schedule.accept(row(1, 1, Method::SendMessage, Some(-1)), 0);
    schedule.accept(row(2, 1, Method::BanChatMember, Some(-1)), 0);
    schedule.accept(row(3, 1, Method::BanChatMember, Some(-1)), 0);
    // Calls without a chat wait for nobody.
    schedule.accept(row(4, 1, Method::AnswerCallbackQuery, None), 0);
    schedule.accept(row(5, 1, Method::AnswerCallbackQuery, None), 0);
    let mut ids = Vec::new();
    let mut ban = None;
    while let Pick::Call(batch) = schedule.pick(0) {
        ids.push(batch.rows[0].id);
        if batch.rows[0].id == 2 {
            ban = Some(batch.key);
        }
    }
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 4, 5]);
    schedule.release(ban.unwrap(), 0);
    assert!(matches!(schedule.pick(0), Pick::Call(batch) if batch.rows[0].id == 3));
}

#[test]
fn only_neighbouring_plain_deletions_are_joined() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    for id in 1..=3 {
        schedule.accept(row(id, 1, Method::DeleteMessage, Some(-1)), 0);
    }
    schedule.accept(row(4, 1, Method::BanChatMember, Some(-1)), 0);
    for id in 5..=6 {
        schedule.accept(row(id, 1, Method::DeleteMessage, Some(-1)), 0);
    }
    schedule.accept(row(7, 1, Method::DeleteMessage, Some(-2)), 0);
    let calls: Vec<Vec<i64>> = play(&mut schedule, 0, 100)
        .into_iter()
        .map(|(_, ids)| ids)
        .collect();
    for expected in [vec![1, 2, 3], vec![4], vec![5, 6], vec![7]] {
        assert!(calls.contains(&expected), "{calls:?}");
    }
}

#[test]
fn a_row_is_taken_in_once_and_not_again_after_it_left() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    schedule.accept(row(1, 1, Method::BanChatMember, Some(-1)), 0);
    schedule.accept(row(1, 1, Method::BanChatMember, Some(-1)), 0);
    assert_eq!(schedule.waiting()[1], 1);
    schedule.reading();
    assert_eq!(play(&mut schedule, 0, 100).len(), 1);
    // What was being read meanwhile still shows it.
    schedule.accept(row(1, 1, Method::BanChatMember, Some(-1)), 0);
    schedule.read();
    assert_eq!(schedule.waiting()[1], 0);
}

#[test]
fn a_deadline_ends_a_wait_early() {
    let mut schedule = Schedule::new(Limits::default(), 0);
    let mut late = row(1, 0, Method::BanChatMember, Some(-1));
    late.not_before = 50_000;
    late.deadline = Some(2_000);
    schedule.accept(late, 0);
    assert!(matches!(schedule.pick(0), Pick::Wait(Some(2_000))));
    assert!(matches!(schedule.pick(2_000), Pick::Expired(row) if row.id == 1));
}

#[test]
fn a_bucket_survives_a_clock_that_jumps() {
    let mut bucket = Bucket::new(1.0, 2.0, 1_000_000);
    bucket.take(1_000_000);
    bucket.take(1_000_000);
    assert_eq!(bucket.ready_at(1_000_000), 1_001_000);
    // An hour back: one second is still one second.
    assert_eq!(
        bucket.ready_at(1_000_000 - 3_600_000),
        1_000_000 - 3_600_000 + 1_000
    );
    let mut window = Window::new(2, 60_000);
    window.take(1_000_000);
    window.take(1_000_000);
    assert_eq!(window.ready_at(1_000_000), 1_060_000);
    assert_eq!(window.ready_at(400_000), 460_000);
}

#[test]
fn acts_are_halved_once_a_burst_and_come_back() {
    let mut acts = Yielding::new(100.0, 25.0, 0);
    acts.halve(0);
    acts.halve(10);
    assert!((acts.rate() - 50.0).abs() < 0.1, "{}", acts.rate());
    for i in 1..20 {
        acts.halve(i * 1_000);
    }
    assert!(acts.rate() >= 5.0);
    let _ready = acts.ready_at(20_000 + 60_000);
    assert!((acts.rate() - 100.0).abs() < 0.1, "{}", acts.rate());
}

#[test]
fn the_breaker_opens_probes_and_closes() {
    let mut breaker = Breaker::new(3, 1_000, 8_000);
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    for _ in 0..3 {
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.failed(0);
    }
    assert_eq!(
        (breaker.state(), breaker.probe_at()),
        (BreakerState::Open, Some(1_000))
    );
    assert!(!breaker.begin_probe(999));
    let mut now = 1_000;
    for wait in [2_000, 4_000, 8_000, 8_000] {
        assert!(breaker.begin_probe(now));
        assert!(!breaker.begin_probe(now), "one probe at a time");
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        breaker.probe_failed(now);
        assert_eq!(breaker.probe_at(), Some(now + wait));
        now += wait;
    }
    // A clock set back by a day does not keep it open for a day.
    assert!(breaker.begin_probe(now - 86_400_000));
    breaker.succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

proptest! {
    #[test]
    fn no_second_sees_more_than_the_window_allows(steps in prop::collection::vec(0_i64..400, 1..200)) {
        let mut window = Window::new(25, 1_000);
        let mut now = 0;
        let mut taken: Vec<i64> = Vec::new();
        for step in steps {
            now += step;
            if window.ready_at(now) <= now {
                window.take(now);
                taken.push(now);
            }
        }
        for w in taken.windows(26) {
            prop_assert!(w[25] - w[0] >= 1_000);
        }
    }

    #[test]
    fn a_back_off_doubles_within_its_bounds(attempt in 1_u32..200, chance in 0_u64..1_000) {
        let wait = back_off(attempt, 1_000, 300_000, chance);
        let whole = if attempt > 9 { 300_000 } else { (1_000_i64 << (attempt - 1)).min(300_000) };
        prop_assert!(wait >= whole / 2 && wait <= whole, "{wait} of {whole}");
    }
}

fn said(code: u16, text: &str) -> CallError {
    CallError::Api {
        code,
        text: text.to_owned(),
        retry_after: None,
        migrate_to: None,
    }
}

#[test]
fn telegrams_texts_mean_what_they_mean() {
    use Method as M;
    let lost = || Verdict::Refused(Refusal::ChatLost);
    let right = || Verdict::Refused(Refusal::NoRight);
    let admin = || Verdict::Refused(Refusal::IsAdmin);
    let other = || Verdict::Refused(Refusal::Other);
    let done = || Verdict::AlreadySo;
    let table = [
        (
            M::DeleteMessage,
            400,
            "Bad Request: message to delete not found",
            done(),
        ),
        (
            M::DeleteMessage,
            400,
            "Bad Request: MESSAGE_ID_INVALID",
            done(),
        ),
        (
            M::DeleteMessage,
            400,
            "Bad Request: message can't be deleted",
            other(),
        ),
        (
            M::DeleteMessage,
            400,
            "Bad Request: message can't be deleted for everyone",
            other(),
        ),
        (
            M::EditMessageText,
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
            done(),
        ),
        (
            M::EditMessageText,
            400,
            "Bad Request: message to edit not found",
            done(),
        ),
        (
            M::EditMessageText,
            400,
            "Bad Request: message can't be edited",
            other(),
        ),
        (
            M::AnswerCallbackQuery,
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
            done(),
        ),
        (
            M::ApproveChatJoinRequest,
            400,
            "Bad Request: HIDE_REQUESTER_MISSING",
            done(),
        ),
        (
            M::ApproveChatJoinRequest,
            400,
            "Bad Request: USER_ALREADY_PARTICIPANT",
            done(),
        ),
        (
            M::SetChatPermissions,
            400,
            "Bad Request: CHAT_NOT_MODIFIED",
            done(),
        ),
        (
            M::CloseForumTopic,
            400,
            "Bad Request: TOPIC_NOT_MODIFIED",
            done(),
        ),
        (
            M::BanChatMember,
            400,
            "Bad Request: user is an administrator of the chat",
            admin(),
        ),
        (
            M::BanChatMember,
            400,
            "Bad Request: can't remove chat owner",
            admin(),
        ),
        (
            M::RestrictChatMember,
            400,
            "Bad Request: not enough rights to restrict/unrestrict chat member",
            right(),
        ),
        (
            M::RestrictChatMember,
            400,
            "Bad Request: CHAT_ADMIN_REQUIRED",
            right(),
        ),
        (
            M::PinChatMessage,
            400,
            "Bad Request: not enough rights to manage pinned messages in the chat",
            right(),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            right(),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: have no rights to send a message",
            right(),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: CHAT_WRITE_FORBIDDEN",
            right(),
        ),
        (M::SendMessage, 400, "Bad Request: chat not found", lost()),
        (
            M::SendMessage,
            403,
            "Forbidden: bot was blocked by the user",
            lost(),
        ),
        (
            M::SendMessage,
            403,
            "Forbidden: user is deactivated",
            lost(),
        ),
        (
            M::SendMessage,
            403,
            "Forbidden: bot was kicked from the supergroup chat",
            lost(),
        ),
        (
            M::SendMessage,
            403,
            "Forbidden: bot is not a member of the channel chat",
            lost(),
        ),
        (
            M::SendMessage,
            403,
            "Forbidden: the group chat was deleted",
            lost(),
        ),
        (
            M::SendMessage,
            403,
            "Forbidden: bot can't initiate conversation with a user",
            lost(),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: group is deactivated",
            lost(),
        ),
        (M::SendMessage, 400, "Bad Request: CHANNEL_PRIVATE", lost()),
        (
            M::SendMessage,
            400,
            "Bad Request: message thread not found",
            Verdict::Repair(Repair::NoThread),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: reply message not found",
            Verdict::Repair(Repair::NoReply),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: message to be replied not found",
            Verdict::Repair(Repair::NoReply),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            Verdict::Repair(Repair::Plain),
        ),
        (
            M::SendMessage,
            400,
            "Bad Request: message is too long",
            other(),
        ),
        (
            M::RestrictChatMember,
            400,
            "Bad Request: method is available only for supergroups",
            Verdict::Refused(Refusal::BasicGroup),
        ),
        (
            M::SendMessage,
            429,
            "Too Many Requests: retry after 35",
            Verdict::Flood(35),
        ),
        (M::SendMessage, 401, "Unauthorized", Verdict::NotSent),
        (
            M::SendMessage,
            500,
            "Internal Server Error",
            Verdict::Uncertain,
        ),
        (M::SendMessage, 502, "Bad Gateway", Verdict::Uncertain),
        (M::SendMessage, 404, "Not Found: method not found", other()),
    ];
    for (method, code, text, verdict) in table {
        assert_eq!(
            classify(method, &said(code, text)),
            verdict,
            "{method}: {text}"
        );
    }
    let lost_answer = |maybe_done| CallError::Network {
        text: "timed out".into(),
        maybe_done,
    };
    assert_eq!(
        classify(M::SendMessage, &lost_answer(true)),
        Verdict::Uncertain
    );
    assert_eq!(
        classify(M::SendMessage, &lost_answer(false)),
        Verdict::NotSent
    );
}
