//! A group becomes a supergroup, which numbers its messages anew: no tap may hit the wrong one.
use beadle::telegram::simulator::{Simulator, Status};

use crate::support::green::Green;
use crate::support::house::{SPAM, house_with, is_removed, judged, simulator, value};
use crate::support::until;

/// A basic group with an owner who has started the bot, and its appliance.
async fn basic(mode: &str) -> (Simulator, i64, i64, beadle::app::App, tempfile::TempDir) {
    let sim = simulator();
    let group = sim.group("The green");
    let owner = sim.owner(group);
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), mode, |_| {}).await;
    sim.private(owner, "/start");
    until("greeted", || !sim.bot_messages(owner).is_empty()).await;
    (sim, group, owner, app, dir)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_from_before_the_upgrade_hits_nobodys_message_after_it() {
    let (sim, group, owner, app, _dir) = basic("suggest").await;
    let eve = sim.user("Eve");
    sim.join(group, eve);
    let spam = sim.say(group, eve, SPAM);
    judged(&app, group, spam).await;
    let card = || {
        let mut all = sim.bot_messages(owner).into_iter();
        all.rfind(|m| m.text().contains("looks like spam") && !m.buttons().is_empty())
    };
    until("a card", || card().is_some()).await;
    let card = card().unwrap();
    let data = card.buttons()[0].data.clone().unwrap();

    let new = sim.migrate(group).unwrap();
    // Others write until the same number is given again.
    let bob = sim.user("Bob");
    sim.join(new, bob);
    let mut last = 0;
    while last < spam {
        last = sim.say(new, bob, &format!("Good morning number {last}, neighbours"));
    }
    judged(&app, new, last).await;
    let now = || {
        let all = sim.messages(owner).into_iter();
        all.into_iter()
            .find(|m| m.message_id == card.message_id)
            .unwrap()
    };
    until("closed", || now().text().contains("became a supergroup")).await;
    assert!(now().buttons().is_empty());
    let id = sim.press(owner, card.message_id, owner, &data);
    until("answered", || sim.callback_answer(&id).is_some()).await;
    assert!(
        sim.callback_answer(&id)
            .unwrap()
            .text
            .contains("no longer know")
    );
    assert!(sim.deleted(new).is_empty(), "Bob's message stays");
    let taught: i64 = value(&app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(taught, 0, "Bob's words are not spam");
    assert!(sim.calls_of("deleteMessage").is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_from_before_the_upgrade_is_not_lifted_by_the_same_number() {
    let (sim, group, owner, app, _dir) = basic("suggest").await;
    let eve = sim.user("Eve");
    sim.join(group, eve);
    let spam = sim.say(group, eve, SPAM);
    judged(&app, group, spam).await;
    let card = || {
        let mut all = sim.bot_messages(owner).into_iter();
        all.rfind(|m| m.text().contains("looks like spam") && !m.buttons().is_empty())
    };
    until("a card", || card().is_some()).await;
    let found = card().unwrap();
    let ban = found.buttons()[2].data.clone().unwrap();
    sim.press(owner, found.message_id, owner, &ban);
    until("banned", || {
        sim.member(group, eve).status == Status::Kicked && is_removed(&sim, group, spam)
    })
    .await;
    let new = sim.migrate(group).unwrap();
    let bob = sim.user("Bob");
    sim.join(new, bob);
    let mut last = 0;
    while last < spam {
        last = sim.say(new, bob, &format!("Good morning number {last}, neighbours"));
    }
    judged(&app, new, last).await;
    sim.reply(new, owner, spam, "/ham");
    until("heard", || {
        sim.bot_messages(new)
            .iter()
            .any(|m| m.text().contains("are fine"))
    })
    .await;
    let lifted: i64 = value(
        &app,
        "SELECT count(*) FROM treatments WHERE undone_at IS NOT NULL",
    )
    .await;
    assert_eq!(lifted, 0, "Eve's ban is not about Bob's message");
    let kept: i64 = value(
        &app,
        "SELECT count(*) FROM treatments WHERE kind = 'ban' AND message IS NULL",
    )
    .await;
    assert_eq!(kept, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_words_wait_to_be_sent_on_a_card_are_not_sent_after_an_erasure() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    // The log chat is held up, so that the card waits.
    let flood = beadle::telegram::simulator::Fault::flood(8);
    sim.fail_next(Some("sendMessage"), Some(log), flood);
    let before = sim.calls_of("sendMessage").len();
    green.says("Sid", &format!("{SPAM} Now!")).await;
    until("tried", || sim.calls_of("sendMessage").len() > before).await;
    let (eve, _) = green.says("Eve", SPAM).await;
    let press_last = |words: &'static str| {
        let mut all = sim.bot_messages(eve).into_iter();
        let page = all.rfind(|m| m.text().contains(words))?;
        let data = page.buttons().first()?.data.clone()?;
        Some(sim.press(eve, page.message_id, eve, &data))
    };
    sim.private(eve, "/privacy");
    until("told", || press_last("What I keep").is_some()).await;
    until("asked again", || press_last("cannot be undone").is_some()).await;
    let mut left: i64 = -1;
    for _ in 0..500 {
        left = value(
            &green.app,
            "SELECT count(*) FROM messages m JOIN users u ON u.id = m.user WHERE u.first_name = 'Eve'",
        )
        .await;
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(left, 0);
    // The one before it comes through.
    green.card(log, "Sid").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let shown = sim.bot_messages(log);
    assert!(
        !shown.iter().any(|m| m.text().contains("Eve")),
        "an erased person's card was sent"
    );
    green.app.stop().await;
}
