//! Cards under fire: two hands at once, stale lists of admins, a log chat that is gone, replayed taps.
use std::sync::Arc;

use beadle::base::clock::ShiftedClock;
use beadle::community::LaneView;
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use beadle::telegram::event::Kind;
use beadle::telegram::simulator::Status;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::support::green::Green;
use crate::support::house::{SPAM, house_with, is_removed, other_spam, value};
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn two_moderators_tap_at_once_and_one_decides() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    let ann = sim.user("Ann");
    sim.promote(
        green.group,
        ann,
        &["can_delete_messages", "can_restrict_members"],
    );
    sim.join(log, ann);
    for round in 0..5 {
        let (eve, _) = green
            .says(&format!("Eve {round}"), &format!("{SPAM} {round}"))
            .await;
        let card = green.card(log, &format!("Eve {round}")).await;
        let data = |verb: &str| {
            let start = format!("card:{verb}:");
            let all = card.buttons().into_iter().filter_map(|b| b.data);
            all.into_iter().find(|d| d.starts_with(&start)).unwrap()
        };
        let first = sim.press(log, card.message_id, green.owner, &data("ban"));
        let second = sim.press(log, card.message_id, ann, &data("spam"));
        until("both answered", || {
            sim.callback_answer(&first).is_some() && sim.callback_answer(&second).is_some()
        })
        .await;
        let (first, second) = (
            sim.callback_answer(&first).unwrap(),
            sim.callback_answer(&second).unwrap(),
        );
        assert_ne!(
            first.alert, second.alert,
            "one is told who was first: {first:?} {second:?}"
        );
        let late = if first.alert { &first } else { &second };
        assert!(late.text.contains(" decided, "), "{late:?}");
        let banned = !first.alert;
        until("as decided", || {
            (sim.member(green.group, eve).status == Status::Kicked) == banned
        })
        .await;
    }
    let decided: i64 = value(
        &green.app,
        "SELECT count(*) FROM cards WHERE state = 'decided'",
    )
    .await;
    assert_eq!(decided, 5);
    green.app.stop().await;
}

/// Keeps news of members from those who would forget the list of admins.
struct Deaf;

impl Stage for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }

    fn position(&self) -> Position {
        Position::Gate
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        let news = walk.event.kind == Kind::ChatMember;
        std::future::ready(Ok(if news { Flow::End } else { Flow::On })).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_list_of_admins_bans_nobody() {
    let green = Green::with("suggest", |ground| ground.stages.push(Arc::new(Deaf))).await;
    let sim = &green.sim;
    let ann = sim.user("Ann");
    sim.promote(
        green.group,
        ann,
        &["can_delete_messages", "can_restrict_members"],
    );
    let log = green.log_chat().await;
    let (eve, spam) = green.says("Eve", SPAM).await;
    let card = green.card(log, "looks like spam").await;
    // The list is read, and then no longer true.
    green.press(&card, ann, "spam").await;
    until("removed", || is_removed(sim, green.group, spam)).await;
    green.until_text(&card, "Ann decided").await;
    sim.demote(green.group, ann);
    let (mal, _) = green.says("Mal", &format!("{SPAM} Now!")).await;
    let second = green.card(log, "Mal").await;
    let (said, alert) = green.press(&second, ann, "ban").await;
    assert!(said.contains("Only admins") && alert, "{said}");
    assert!(sim.member(green.group, mal).present && sim.member(green.group, eve).present);
    // And what was found out is not forgotten again.
    let (said, _) = green.press(&second, ann, "spam").await;
    assert!(said.contains("Only admins"), "{said}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_cannot_be_banned_by_a_card_and_silence_of_telegram_decides_nothing() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    sim.promote(green.group, eve, &["can_delete_messages"]);
    let (said, _) = green.press(&card, green.owner, "ban").await;
    assert!(said.contains("is an admin"), "{said}");
    let fault =
        beadle::telegram::simulator::Fault::error(400, "Bad Request: member list is inaccessible");
    sim.fail_always(Some("getChatMember"), None, fault);
    let (said, alert) = green.press(&card, green.owner, "ban").await;
    assert!(
        said.contains("does not tell me right now") && alert,
        "{said}"
    );
    assert!(sim.member(green.group, eve).present && !is_removed(sim, green.group, spam));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_chat_that_is_gone_loses_nothing() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    green.says("Eve", SPAM).await;
    green.card(log, "Eve").await;
    // One chat deleted under Beadle's feet, which a call finds out.
    sim.delete_chat(log);
    let (_, second) = green.says("Mal", &other_spam(1)).await;
    until("told", || {
        sim.bot_messages(green.owner).iter().any(|m| {
            m.text()
                .contains("no longer write to the log chat of The green")
        })
    })
    .await;
    // Both cards, the one that stood there and the one that never arrived.
    green.card(green.owner, "Eve").await;
    let card = green.card(green.owner, "Mal").await;
    green.press(&card, green.owner, "spam").await;
    until("removed", || is_removed(sim, green.group, second)).await;
    // The next goes to the owner at once.
    green.says("Sid", &other_spam(2)).await;
    green.card(green.owner, "Sid").await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_puts_beadle_out_of_the_log_chat_moves_its_cards() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    let (_, spam) = green.says("Eve", SPAM).await;
    green.card(log, "Eve").await;
    sim.kick_bot(log);
    until("told", || {
        sim.bot_messages(green.owner)
            .iter()
            .any(|m| m.text().contains("no longer write"))
    })
    .await;
    let card = green.card(green.owner, "Eve").await;
    green.press(&card, green.owner, "spam").await;
    until("removed", || is_removed(sim, green.group, spam)).await;
    let told = sim
        .bot_messages(green.owner)
        .iter()
        .filter(|m| m.text().contains("no longer write"))
        .count();
    assert_eq!(told, 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_without_anybody_wait_for_the_owner() {
    let green = Green::silent("suggest").await;
    let sim = &green.sim;
    green.says("Eve", SPAM).await;
    until("nothing is sent", || sim.calls_of("sendMessage").is_empty()).await;
    sim.private(green.owner, "/start");
    let card = green.card(green.owner, "Eve").await;
    green.press(&card, green.owner, "ham").await;
    green.until_text(&card, "Not spam").await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_is_replayed_twice_later_and_after_a_restart() {
    let green = Green::in_mode("suggest").await;
    let (_, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let data = card.buttons()[0].data.clone().unwrap();
    let (said, alert) = green.press_data(&card, green.owner, &data).await;
    assert!(!alert, "{said}");
    let (said, alert) = green.press_data(&card, green.owner, &data).await;
    assert!(said.contains("Olga decided") && alert, "{said}");
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    let forged = data.replacen("spam", "ban", 1);
    let (said, _) = green.press_data(&card, green.owner, &forged).await;
    assert!(
        said.contains("no longer know"),
        "a changed button is not ours: {said}"
    );
    let (owner, group) = (green.owner, green.group);
    let (sim, dir) = green.stop().await;

    // Pressed while Beadle was away, and heard three minutes later by its clock.
    let id = sim.press(owner, card.message_id, owner, &data);
    let clock = Arc::new(ShiftedClock::default());
    clock.shift(180_000);
    let app = house_with(&sim, dir.path(), "suggest", move |ground| {
        ground.clock = clock
    })
    .await;
    until("answered", || sim.callback_answer(&id).is_some()).await;
    assert!(
        sim.callback_answer(&id)
            .unwrap()
            .text
            .contains("Olga decided")
    );
    let decided: i64 = value(
        &app,
        "SELECT count(*) FROM audit WHERE action = 'moderation.decide'",
    )
    .await;
    assert_eq!(decided, 1);
    assert_eq!(sim.deleted(group).len(), 1);
    let rubbish = [
        "card:",
        "card:spam",
        "card:spam:1",
        "card:spam:1.",
        "card:x:y.z",
        "card:ban:99999999999999999999.AAAAAAAAAAA",
        "set:1:s",
        "log:",
        "appeal:7.AAAAAAAAAAA",
        "appeal:\u{1F9FF}",
        "set:-1:s:mode:act.AAAAAAAAAAA",
    ];
    for data in rubbish {
        let id = sim.press(owner, card.message_id, owner, data);
        until(data, || sim.callback_answer(&id).is_some()).await;
    }
    let acts: i64 = value(
        &app,
        "SELECT count(*) FROM audit WHERE action LIKE 'moderation.%'",
    )
    .await;
    assert_eq!(acts, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_cards_lose_their_words_and_buttons() {
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let green = Green::with("suggest", move |ground| ground.clock = shared).await;
    green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let data = card.buttons()[0].data.clone().unwrap();
    clock.shift(8 * 86_400_000);
    // Anything that shakes the cards will do, once the card's place is known; the standing job comes within
    // a minute.
    for _ in 0..180 {
        if green.now(&card).text().contains("too old now") {
            break;
        }
        green.sim.private(green.owner, "/start");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let now = green.now(&card);
    assert!(
        !now.text().contains("easy_income") && now.buttons().is_empty(),
        "{}",
        now.text()
    );
    let (said, _) = green.press_data(&card, green.owner, &data).await;
    assert!(said.contains("no longer know"), "{said}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_follow_a_group_and_a_log_chat_that_become_supergroups() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = sim.group("Moderators");
    sim.add_bot(log);
    sim.promote(log, green.owner, &["can_change_info"]);
    green.says("Wes", "Good morning").await;
    let asked = sim.say(log, green.owner, "/log");
    until("chosen", || {
        crate::support::house::answer(sim, log, asked).is_some()
    })
    .await;
    let (_, spam) = green.says("Eve", SPAM).await;
    green.card(log, "Eve").await;
    let new = sim.migrate(log).unwrap();
    let card = green.card(new, "Eve").await;
    green.press(&card, green.owner, "spam").await;
    until("removed", || is_removed(sim, green.group, spam)).await;
    green.says("Mal", &format!("{SPAM} Now!")).await;
    green.card(new, "Mal").await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_leaves_no_words_on_cards() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (eve, _) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "I removed this as spam").await;
    let press_last = |words: &'static str| {
        let mut all = sim.bot_messages(eve).into_iter();
        let page = all.rfind(|m| m.text().contains(words))?;
        let data = page.buttons().first()?.data.clone()?;
        Some(sim.press(eve, page.message_id, eve, &data))
    };
    sim.private(eve, "/privacy");
    until("told", || press_last("What I keep").is_some()).await;
    until("asked again", || press_last("cannot be undone").is_some()).await;
    green.until_text(&card, "had their data erased").await;
    assert!(green.now(&card).buttons().is_empty());
    for table in [
        "SELECT count(*) FROM cards",
        "SELECT count(*) FROM treatments",
        "SELECT count(*) FROM card_messages",
    ] {
        let mut left: i64 = -1;
        for _ in 0..400 {
            left = value(&green.app, table).await;
            if left == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(left, 0, "{table}");
    }
    green.app.stop().await;
}
