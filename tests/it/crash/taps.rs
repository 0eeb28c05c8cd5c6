//! Taps on cards while the program dies: each card is decided once, and what Telegram shows agrees with it.
use std::time::Duration;

use beadle::telegram::simulator::{SimMessage, Status};

use super::child::Child;
use super::guest::{self, number};
use super::promise::{in_flight, open};
use crate::support::house::SPAM;

/// Where it dies, one card each: between decision and commit, after it, and around the calls that follow.
const POINTS: [&str; 7] = [
    "intake.committed",
    "walk.decided",
    "walk.committed",
    "outbox.called",
    "outbox.called:2",
    "outbox.called:3",
    "",
];

fn wait(what: &str, mut f: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if f() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("not within 15 s: {what}");
}

fn data(card: &SimMessage, verb: &str) -> String {
    let start = format!("card:{verb}:");
    let all = card.buttons().into_iter().filter_map(|b| b.data);
    all.into_iter().find(|d| d.starts_with(&start)).unwrap()
}

#[test]
fn a_tap_decides_once_whatever_dies() {
    let world = guest::world(77);
    let (sim, group) = (&world.sim, world.groups[0]);
    let owner = sim.owner(group);
    let second = sim.user("Ann");
    sim.promote(
        group,
        second,
        &["can_delete_messages", "can_restrict_members"],
    );
    let log = sim.supergroup("Moderators");
    sim.add_bot(log);
    sim.promote(log, owner, &["can_change_info"]);
    sim.join(log, second);
    let mut child = Child::start(&world, None);
    child.started();
    sim.say(
        group,
        world.regulars[0],
        "Good morning, neighbours of the garden!",
    );
    wait("the group is known", || {
        open(world.dir.path()).is_some_and(|c| {
            c.query_row("SELECT count(*) FROM groups", [], |r| r.get::<_, i64>(0))
                .is_ok_and(|n| n > 0)
        })
    });
    sim.say(log, owner, "/log");
    wait("a log chat", || !sim.bot_messages(log).is_empty());

    let mut banned = Vec::new();
    let mut answers = Vec::new();
    for (round, point) in POINTS.iter().enumerate() {
        let eve = sim.user(&format!("Eve {round}"));
        sim.join(group, eve);
        sim.say(group, eve, &format!("{SPAM} Offer {round}"));
        let name = format!("Eve {round}");
        let has = |m: &SimMessage| m.text().contains(&name) && !m.buttons().is_empty();
        wait("a card", || sim.bot_messages(log).iter().any(has));
        let card = sim.bot_messages(log).into_iter().find(has).unwrap();
        assert!(
            child
                .stop(Duration::from_secs(20))
                .is_some_and(|s| s.success())
        );
        // Both tap while it is away; whoever is heard first decides.
        answers.push(sim.press(log, card.message_id, owner, &data(&card, "ban")));
        answers.push(sim.press(log, card.message_id, second, &data(&card, "spam")));
        if point.is_empty() {
            // Killed at moments of its own choosing instead.
            for after in [40, 90, 160, 250] {
                let child = Child::start(&world, None);
                std::thread::sleep(Duration::from_millis(after));
                child.kill();
            }
        } else {
            let mut dying = Child::start(&world, Some(point));
            let status = dying.ended(Duration::from_secs(5));
            assert!(status.is_some(), "{point} was not reached");
        }
        child = Child::start(&world, None);
        child.started();
        wait("decided and settled", || {
            sim.pending_updates() == 0
                && number(&world, "SELECT count(*) FROM inbox WHERE state = 0") == 0
                && number(&world, "SELECT count(*) FROM outbox WHERE state IN (0, 1)") == 0
                && number(&world, "SELECT count(*) FROM cards WHERE state = 'open'") == 0
        });
        let choice: String = open(world.dir.path())
            .unwrap()
            .query_row(
                "SELECT choice FROM cards ORDER BY id DESC LIMIT 1",
                [],
                |r| r.get(0),
            )
            .unwrap();
        banned.push((eve, choice == "ban"));
    }
    assert!(
        child
            .stop(Duration::from_secs(20))
            .is_some_and(|s| s.success())
    );
    assert!(in_flight(world.dir.path()).is_empty());
    let rounds = POINTS.len() as i64;
    let decided = "SELECT count(*) FROM cards WHERE state = 'decided'";
    assert_eq!(number(&world, decided), rounds);
    // One act in the audit, one lesson, and one treatment by hand for each ban: nothing twice.
    let acts = "SELECT count(*) FROM audit WHERE action = 'moderation.decide'";
    assert_eq!(number(&world, acts), rounds);
    let by_hand = "SELECT count(*) FROM treatments WHERE kind = 'ban' AND by IS NOT NULL";
    let bans = banned.iter().filter(|(_, ban)| *ban).count();
    assert_eq!(number(&world, by_hand), bans as i64);
    for (eve, ban) in banned {
        let out = sim.member(group, eve).status == Status::Kicked;
        assert_eq!(out, ban, "Telegram agrees with the card");
    }
    for id in answers {
        assert!(sim.callback_answer(&id).is_some(), "every tap is answered");
    }
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
}
