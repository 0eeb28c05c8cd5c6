//! Mode act is offered when people's decisions speak for it, and never taken without a tap.
use std::sync::Arc;

use beadle::base::clock::ShiftedClock;
use beadle::features::moderation::{Record, offer_is_due};

use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

const DAY: i64 = 86_400_000;

#[test]
fn the_rule_asks_for_a_week_fifty_decisions_and_few_mistakes() {
    let good = Record {
        since: DAY,
        decided: 50,
        would: 50,
        wrong: 1,
        offered: 0,
    };
    assert!(offer_is_due(&good, 8 * DAY));
    let change = |f: fn(&mut Record)| {
        let mut record = good;
        f(&mut record);
        record
    };
    assert!(!offer_is_due(&good, 8 * DAY - 1), "a week");
    assert!(!offer_is_due(&change(|r| r.decided = 49), 8 * DAY));
    assert!(
        !offer_is_due(&change(|r| r.wrong = 2), 8 * DAY),
        "4 % of 50"
    );
    assert!(offer_is_due(
        &change(|r| (r.would, r.wrong) = (100, 2)),
        8 * DAY
    ));
    assert!(
        !offer_is_due(&change(|r| (r.would, r.wrong) = (0, 0)), 8 * DAY),
        "nothing to go by"
    );
    let asked = change(|r| r.offered = 8 * DAY);
    assert!(!offer_is_due(&asked, 37 * DAY) && offer_is_due(&asked, 38 * DAY));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offer_lists_what_would_have_gone_and_a_tap_takes_it() {
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let green = Green::with("suggest", move |ground| ground.clock = shared).await;
    let sim = &green.sim;
    green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    green.press(&card, green.owner, "spam").await;
    green.until_text(&card, "Olga decided").await;
    // The other forty-nine, as if decided over the week.
    let copy = green.app.store.write(|tx| {
        for _ in 0..49 {
            tx.execute(
                "INSERT INTO cards (kind, chat, message, user, lang, state, choice, decided_by, decided_at, created_at)
                 SELECT kind, chat, message, user, lang, state, choice, decided_by, decided_at, created_at
                 FROM cards WHERE id = (SELECT min(id) FROM cards)",
                [],
            )?;
        }
        Ok(())
    });
    copy.await.unwrap();
    clock.shift(6 * DAY);
    sim.private(green.owner, "/start");
    until("greeted again", || {
        sim.bot_messages(green.owner)
            .iter()
            .filter(|m| m.text().starts_with("Hello"))
            .count()
            == 2
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(
        green.cards(green.owner, "ready for mode act").count(),
        0,
        "not yet a week"
    );
    clock.shift(2 * DAY);
    // The words of the first are no longer kept by now.
    green.says("Sid", &format!("{SPAM} Today!")).await;
    sim.private(green.owner, "/start");
    let offer = green.card(green.owner, "ready for mode act").await;
    assert!(offer.text().contains("• Earn $500"), "{}", offer.text());
    assert_eq!(labels(&offer), ["Switch to act", "Not now"]);
    let mode: i64 = value(&green.app, "SELECT count(*) FROM groups WHERE mode = 'act'").await;
    assert_eq!(mode, 0, "never by itself");
    green.press(&offer, green.owner, "act").await;
    green
        .until_text(&offer, "Mode act is on. Olga decided")
        .await;
    let (_, next) = green.says("Mal", &format!("{SPAM} Now!")).await;
    until("removed", || is_removed(sim, green.group, next)).await;
    green.app.stop().await;
}
