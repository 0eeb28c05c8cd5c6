//! Two safety catches: too much at once is stopped, the owner decides, and all of it can be undone.
use beadle::features::moderation::tools::catch::rules::{Kind, Mark, trips};
use proptest::prelude::*;

use crate::support::green::Green;
use crate::support::house::{SPAM, answer, house_with, is_removed, judged, value, within};
use crate::support::until;

const MINUTE: i64 = 60_000;

/// Whether some window with `new` in it holds too much, by looking at every millisecond at which one could end.
fn by_force(marks: &[Mark], new: Mark, window: i64, most: i64) -> bool {
    (new.0..new.0 + window).any(|end| {
        let all = marks.iter().chain([&new]);
        let inside = all.filter(|(at, _)| *at <= end && *at > end - window);
        inside.map(|(_, weight)| *weight).sum::<i64>() > most
    })
}

proptest! {
    #[test]
    fn a_catch_trips_exactly_when_some_window_holds_too_much(
        marks in proptest::collection::vec((0..200i64, 1..4i64), 0..20),
        new in (0..200i64, 1..4i64),
        window in 1..60i64,
        most in 1..15i64,
    ) {
        prop_assert_eq!(trips(&marks, new, window, most).is_some(), by_force(&marks, new, window, most));
    }

    #[test]
    fn what_passes_never_adds_up_to_too_much_in_whatever_order_it_comes(
        stream in proptest::collection::vec((0..300i64, 1..5i64), 1..60),
        window in 1..80i64,
        most in 4..20i64,
    ) {
        let mut passed: Vec<Mark> = Vec::new();
        for mark in stream {
            if trips(&passed, mark, window, most).is_none() {
                passed.push(mark);
            }
        }
        for (end, _) in &passed {
            let sum: i64 = passed.iter().filter(|(at, _)| at <= end && *at > end - window).map(|m| m.1).sum();
            prop_assert!(sum <= most, "{} in a window", sum);
        }
    }
}

#[test]
fn the_limits_are_those_that_were_promised() {
    let at = |n: i64| -> Vec<Mark> { (0..n).map(|i| (i * MINUTE / 2, 1)).collect() };
    let treatment = Kind::Treatment;
    assert_eq!((treatment.window(), treatment.most()), (5 * MINUTE, 5));
    assert!(trips(&at(4), (4 * MINUTE, 1), 5 * MINUTE, 5).is_none());
    assert_eq!(trips(&at(5), (4 * MINUTE, 1), 5 * MINUTE, 5), Some(0));
    // The first one has left the window by then.
    assert!(trips(&at(5), (5 * MINUTE, 1), 5 * MINUTE, 5).is_none());
    assert_eq!((Kind::Ban.window(), Kind::Ban.most()), (10 * MINUTE, 15));
    assert_eq!(
        (Kind::Purge.window(), Kind::Purge.most()),
        (10 * MINUTE, 100)
    );
    assert!(trips(&[(0, 60)], (MINUTE, 40), 10 * MINUTE, 100).is_none());
    assert_eq!(trips(&[(0, 60)], (MINUTE, 41), 10 * MINUTE, 100), Some(0));
}

/// Everybody has been in the group for two days.
async fn settle(green: &Green) {
    green
        .app
        .store
        .write(|tx| {
            tx.execute(
                "UPDATE members SET first_seen = first_seen - 172800000, joined_at = joined_at - 172800000",
                [],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    green.app.community.forget_people();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_stops_itself_and_all_of_it_is_undone() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let mut people = Vec::new();
    for i in 0..7 {
        people.push(green.says(&format!("Member{i}"), "Good morning").await.0);
    }
    settle(&green).await;
    let mut messages = Vec::new();
    for (i, user) in people.iter().enumerate() {
        let message = sim.say(green.group, *user, &format!("{SPAM} Place {i}."));
        judged(&green.app, green.group, message).await;
        messages.push(message);
    }
    let card = green.card(green.owner, "I have stopped myself").await;
    let frozen: i64 = value(&green.app, "SELECT count(*) FROM freezes WHERE source = 0").await;
    assert_eq!(frozen, 1);
    let treated: i64 = value(
        &green.app,
        "SELECT count(*) FROM treatments WHERE kind <> 'delete'",
    )
    .await;
    assert_eq!(treated, 5, "the sixth was too much");
    assert!(
        !is_removed(sim, green.group, messages[6]),
        "and then nothing is removed"
    );
    // Whoever is no admin decides nothing.
    let press = |label: &str| {
        let found = card
            .buttons()
            .into_iter()
            .find(|b| b.text.starts_with(label));
        found
            .and_then(|b| b.data)
            .unwrap_or_else(|| panic!("no {label}"))
    };
    let (done, _) = green
        .press_data(&card, green.owner, &press("Undo everything since"))
        .await;
    assert_eq!(done, "I am undoing it.");
    green
        .until_text(&card, "what it taught me is forgotten")
        .await;
    let left: i64 = value(
        &green.app,
        "SELECT (SELECT count(*) FROM treatments WHERE undone_at IS NULL)
            + (SELECT count(*) FROM learned_samples)
            + (SELECT count(*) FROM messages WHERE removed_at IS NOT NULL)",
    )
    .await;
    assert_eq!(left, 0);
    let (late, alert) = green
        .press_data(&card, green.owner, &press("Undo everything since"))
        .await;
    assert!(alert && late.contains("already"), "{late}");
    // Still stopped, until the owner says so.
    green
        .press_data(&card, green.owner, &press("It was right"))
        .await;
    green.until_text(&card, "You let it go on").await;
    let (_, raid) = green.says("Newcomer", SPAM).await;
    until("removed again", || is_removed(sim, green.group, raid)).await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admins_wrote_acts_as_written_while_the_machine_is_stopped() {
    let green = Green::in_mode("act").await;
    let (sim, group) = (&green.sim, green.group);
    let (ann, _) = green.says("Ann", "Good morning").await;
    settle(&green).await;
    for words in [
        "/blacklist add mute 1h marmalade",
        "/blacklist add warn quince",
    ] {
        green.asks(green.owner, words).await;
    }
    let freeze = green.app.store.write(move |tx| {
        tx.execute(
            "INSERT INTO freezes (chat, source, kind, since, frozen_at) VALUES (?1, 0, 'treatment', 1, 1)",
            [group],
        )?;
        Ok(())
    });
    freeze.await.unwrap();
    // Its own judgement waits.
    let (eve, spam) = green.says("Eve", SPAM).await;
    assert_eq!(judged(&green.app, group, spam).await.decision, "review");
    // What an admin wrote removes, whoever wrote it; who has long been here is not restricted.
    let mut gone = Vec::new();
    for (user, words) in [
        (ann, "marmalade for all"),
        (eve, "more marmalade"),
        (ann, "and quince"),
    ] {
        let message = sim.say(group, user, words);
        judged(&green.app, group, message).await;
        gone.push(message);
    }
    gone.push(green.says("Mal", &format!("{SPAM} With quince.")).await.1);
    within(20, "removed as written", || {
        gone.iter().all(|m| is_removed(sim, group, *m))
    })
    .await;
    within(10, "muted", || {
        !sim.member(group, eve).may("can_send_messages")
    })
    .await;
    assert!(sim.member(group, ann).may("can_send_messages"));
    assert!(!is_removed(sim, group, spam));
    let treated: String = value(
        &green.app,
        &format!("SELECT group_concat(kind) FROM treatments WHERE user = {ann}"),
    )
    .await;
    assert_eq!(treated, "delete,delete");
    let learned: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(
        learned, 0,
        "nothing is learned by a judgement that was stopped"
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_a_raid_do_not_count() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let mut messages = Vec::new();
    for i in 0..9 {
        messages.push(
            green
                .says(&format!("Raider{i}"), &format!("{SPAM} Place {i}."))
                .await
                .1,
        );
    }
    within(20, "all removed", || {
        messages.iter().all(|m| is_removed(sim, green.group, *m))
    })
    .await;
    let frozen: i64 = value(&green.app, "SELECT count(*) FROM freezes").await;
    assert_eq!(frozen, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_who_bans_too_many_is_stopped_everywhere_and_undone() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let ben = sim.user("Ben");
    let rights = [
        "can_restrict_members",
        "can_delete_messages",
        "can_change_info",
    ];
    sim.promote(green.group, ben, &rights);
    let mut people = Vec::new();
    for i in 0..17 {
        let user = sim.user(&format!("Member{i}"));
        sim.join(green.group, user);
        people.push(user);
    }
    let (_, shown) = green.says("Eve", SPAM).await;
    let verdict = green.card(green.owner, "looks like spam").await;
    for user in &people[..15] {
        // Silent ones: a group is told 20 messages a minute at most.
        let command = sim.say(green.group, ben, &format!("/sban {user}"));
        until("banned", || is_removed(sim, green.group, command)).await;
    }
    let command = sim.say(green.group, ben, &format!("/kick {}", people[15]));
    until("stopped", || answer(sim, green.group, command).is_some()).await;
    let said = answer(sim, green.group, command).unwrap();
    assert!(said.contains("I have stopped until the owner"), "{said}");
    assert!(sim.member(green.group, people[15]).present);
    let card = green.card(green.owner, "I have stopped").await;
    assert!(card.text().contains("Ben"), "{}", card.text());
    // Neither another command nor a setting is theirs now; the owner's are.
    for words in ["/warn 1", "/settings mode act", "/purge 3"] {
        let command = sim.say(green.group, ben, words);
        until(words, || answer(sim, green.group, command).is_some()).await;
        let said = answer(sim, green.group, command).unwrap();
        assert!(
            said.contains("stopped until") || said.contains("Only admins"),
            "{words}: {said}"
        );
    }
    let owners = sim.say(green.group, green.owner, &format!("/warn {}", people[16]));
    until("the owner's", || answer(sim, green.group, owners).is_some()).await;
    assert!(
        answer(sim, green.group, owners)
            .unwrap()
            .contains("is warned")
    );
    // It outlasts an end of the program.
    let (sim, dir) = green.stop().await;
    let group = card_group(&sim);
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let command = sim.say(group, ben, &format!("/kick {}", people[15]));
    until("still stopped", || answer(&sim, group, command).is_some()).await;
    let data = card.buttons()[0].data.clone().unwrap();
    sim.press(card.chat_id, card.message_id, sim.owner(group), &data);
    within(30, "all are free", || {
        sim.calls_of("unbanChatMember").len() >= 15
    })
    .await;
    let left: i64 = value(
        &app,
        "SELECT count(*) FROM treatments WHERE undone_at IS NULL AND kind = 'ban'",
    )
    .await;
    assert_eq!(left, 0);
    let _ = (shown, verdict);
    app.stop().await;
}

fn card_group(sim: &beadle::telegram::simulator::Simulator) -> i64 {
    let call = sim.calls_of("banChatMember").pop().unwrap();
    call.params["chat_id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_removed_messages_are_too_many_and_a_backlog_is_not() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let ben = sim.user("Ben");
    sim.promote(green.group, ben, &["can_delete_messages"]);
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    let mut last = 0;
    for i in 0..130 {
        last = sim.say(green.group, eve, &format!("word number {i}"));
    }
    judged(&green.app, green.group, last).await;
    let command = sim.say(green.group, ben, "/purge 90");
    within(20, "purged", || is_removed(sim, green.group, command)).await;
    let command = sim.say(green.group, ben, "/purge 20");
    until("stopped", || answer(sim, green.group, command).is_some()).await;
    assert!(
        answer(sim, green.group, command)
            .unwrap()
            .contains("stopped until")
    );
    green
        .card(green.owner, "messages removed within ten minutes")
        .await;
    // Spread over an hour by Telegram's dates, as a backlog after an absence is, the same is not too much.
    green
        .app
        .store
        .write(|tx| {
            tx.execute("UPDATE freezes SET released_at = 1", [])?;
            tx.execute("UPDATE catch_marks SET at = at - 1200000", [])?;
            Ok(())
        })
        .await
        .unwrap();
    let command = sim.say(green.group, ben, "/purge 20");
    within(20, "purged", || is_removed(sim, green.group, command)).await;
    green.app.stop().await;
}
