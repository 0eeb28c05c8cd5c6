//! Cards and appeals that wait: how many are shown, how often, for how long, and what a flood does to the others.
use std::sync::Arc;
use std::time::Duration;

use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::Fault;

use crate::support::green::Green;
use crate::support::house::{
    SPAM, house_with, is_removed, judged, other_spam, simulator, value, within,
};
use crate::support::until;

const DAY: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_a_few_cards_and_few_edits() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    let mut last = 0;
    for n in 0..70 {
        last = sim.say(green.group, eve, &format!("{SPAM} Offer {n}"));
    }
    judged(&green.app, green.group, last).await;
    green.says("Mal", &other_spam(1)).await;
    green.card(green.owner, "Mal").await;
    let edits = sim.calls_of("editMessageText").len();
    assert!(edits <= 4, "{edits} edits before another's card was shown");
    within(30, "counted", || {
        green
            .cards(green.owner, "49 more messages of theirs")
            .next()
            .is_some()
    })
    .await;
    let most: i64 = value(&green.app, "SELECT max(also) FROM cards").await;
    let cards: i64 = value(
        &green.app,
        "SELECT count(*) FROM cards c JOIN users u ON u.id = c.user WHERE u.first_name = 'Eve'",
    )
    .await;
    assert_eq!((most, cards), (49, 2));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_cards_that_waited_ten_stand_at_a_time() {
    let green = Green::silent("suggest").await;
    let sim = &green.sim;
    for n in 0..13 {
        green.says(&format!("Eve {n}"), &other_spam(n)).await;
    }
    let shown = || green.cards(green.owner, "looks like spam").count();
    sim.private(green.owner, "/start");
    within(60, "shown", || shown() == 10).await;
    for _ in 0..3 {
        let answers = sim.bot_messages(green.owner).len();
        sim.private(green.owner, "/start");
        until("answered", || sim.bot_messages(green.owner).len() > answers).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(shown(), 10);
    let first = green.cards(green.owner, "looks like spam").next().unwrap();
    green.press(&first, green.owner, "ham").await;
    green.until_text(&first, "Not spam").await;
    sim.private(green.owner, "/start");
    let last = |n: &str| green.cards(green.owner, n).next().is_some();
    within(30, "the next", || last("Eve 2,")).await;
    assert!(!last("Eve 1,") && !last("Eve 0,"));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_never_gets_through_is_not_tried_for_ever() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let fault = Fault::error(400, "Bad Request: can't parse entities");
    sim.fail_always(Some("sendMessage"), Some(green.owner), fault);
    green.says("Eve", SPAM).await;
    let mut tries: i64 = 0;
    for round in 0..60 {
        // The owner's chat takes a message a second, and greetings fail there, too.
        if round % 4 == 0 {
            sim.private(green.owner, "/start");
        }
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        tries = value(&green.app, "SELECT max(tries) FROM cards").await;
        if tries == 3 {
            break;
        }
    }
    assert_eq!(tries, 3);
    for _ in 0..4 {
        sim.private(green.owner, "/start");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let tries: i64 = value(&green.app, "SELECT max(tries) FROM cards").await;
    assert_eq!(tries, 3);
    let cards = sim.calls_of("sendMessage").into_iter();
    let cards = cards
        .filter(|c| c.params.to_string().contains("looks like spam"))
        .count();
    // Each try is two calls: what cannot be parsed is sent again without marks.
    assert!(cards <= 6, "{cards}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_waits_until_somebody_is_there_and_is_given_back_when_nobody_decides() {
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let sim = simulator();
    let group = sim.supergroup("The green");
    let owner = sim.owner(group);
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(group, eve);
    let spam = sim.say(group, eve, SPAM);
    until("removed", || is_removed(&sim, group, spam)).await;
    let told = |words: &str| {
        let here = sim.bot_messages(group).into_iter();
        let mut all = here.chain(sim.bot_messages(eve));
        all.find(|m| m.text().contains(words))
    };
    until("told", || told("This is a warning").is_some()).await;
    let letter = told("This is a warning").unwrap();
    let data = letter.buttons()[0].data.clone().unwrap();
    let press = async |letter: &beadle::telegram::simulator::SimMessage, data: &str| {
        let id = sim.press(letter.chat_id, letter.message_id, eve, data);
        until("answered", || sim.callback_answer(&id).is_some()).await;
        sim.callback_answer(&id).unwrap().text
    };
    let said = press(&letter, &data).await;
    assert!(said.contains("cannot reach an admin"), "{said}");
    // After three days somebody is there.
    clock.shift(3 * DAY);
    sim.private(owner, "/start");
    let appeals = || {
        let all = sim.bot_messages(owner).into_iter();
        all.filter(|m| m.text().contains("Somebody appeals"))
            .count()
    };
    within(20, "shown", || appeals() == 1).await;
    // And does nothing.
    clock.shift(5 * DAY);
    let mut unheard = None;
    for _ in 0..40 {
        sim.private(owner, "/start");
        tokio::time::sleep(Duration::from_millis(300)).await;
        unheard = told("Nobody has looked");
        if unheard.is_some() {
            break;
        }
    }
    let unheard = unheard.expect("the person is told");
    let data = unheard.buttons()[0].data.clone().unwrap();
    let said = press(&unheard, &data).await;
    assert!(said.contains("An admin will look"), "{said}");
    app.stop().await;
}
