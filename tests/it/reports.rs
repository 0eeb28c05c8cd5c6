//! Reports of members: gathered on one card, weighed, limited, and never more than a question.
use beadle::features::moderation::tools::report::rules::{HOURLY, suffices, weight};
use proptest::prelude::*;
use serde_json::json;

use crate::support::green::Green;
use crate::support::house::{answer, is_removed, judged, value};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

proptest! {
    #[test]
    fn who_is_wrong_weighs_less_and_who_is_right_not_more_than_one(up in 0..50i64, down in 0..50i64) {
        let own = weight(up, down);
        prop_assert!(own > 0.0 && own <= 1.0);
        prop_assert!(weight(up, down + 1) <= own && weight(up + 1, down) >= own);
        prop_assert!(down < 2 || own < 1.0);
    }
}

#[test]
fn reports_add_up() {
    assert!(
        suffices(&[weight(0, 0)], 1),
        "one newcomer is enough by default"
    );
    assert!(!suffices(&[weight(0, 3)], 1) && suffices(&[weight(0, 3), weight(0, 3)], 1));
    assert!(!suffices(&[1.0, 1.0], 3) && suffices(&[1.0, 1.0, 1.0], 3));
    assert!(suffices(&[1.0], 0), "no threshold is one");
}

async fn set(green: &Green, threshold: i64) {
    let group = green.group;
    let write = green.app.store.write(move |tx| {
        tx.execute(
            "UPDATE groups SET settings = json_set(settings, '$.reports', json(?2)), settings_rev = settings_rev + 1
             WHERE id = ?1",
            rusqlite::params![group, json!({ "threshold": threshold }).to_string()],
        )?;
        Ok(())
    });
    write.await.unwrap();
    green.app.community.refresh(group).await.unwrap();
}

async fn says(green: &Green, by: i64, to: i64, words: &str) -> String {
    let id = green.sim.reply(green.group, by, to, words);
    until(words, || answer(&green.sim, green.group, id).is_some()).await;
    answer(&green.sim, green.group, id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_gather_on_one_card_and_decide_nothing() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (_, message) = green.says("Eve", TALK).await;
    let (ann, _) = green.says("Ann", "Good morning").await;
    let (bob, _) = green.says("Bob", "Good morning to you").await;
    set(&green, 2).await;
    let thanks = says(&green, ann, message, "/report this is about money").await;
    assert!(thanks.contains("Thank you"), "{thanks}");
    // Twice is once.
    says(&green, ann, message, "/report").await;
    let cards: i64 = value(&green.app, "SELECT count(*) FROM cards").await;
    assert_eq!(cards, 0);
    let thanks = says(&green, bob, message, "@admin, please look").await;
    assert!(thanks.contains("Thank you"), "{thanks}");
    let card = green.card(green.owner, "2 members reported it").await;
    assert!(
        !is_removed(sim, green.group, message),
        "nothing happens before a person decides"
    );
    let (cat, _) = green.says("Cat", "Good morning to all of you").await;
    says(&green, cat, message, "/report").await;
    green.until_text(&card, "3 members reported it").await;
    green.press(&card, green.owner, "spam").await;
    until("removed", || is_removed(sim, green.group, message)).await;
    let upheld: i64 = value(
        &green.app,
        "SELECT count(*) FROM reports WHERE state = 'upheld'",
    )
    .await;
    assert_eq!(upheld, 3);
    green.press(&green.now(&card), green.owner, "reopen").await;
    let open: i64 = value(
        &green.app,
        "SELECT count(*) FROM reports WHERE state = 'open'",
    )
    .await;
    assert_eq!(open, 3);
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_are_not_reported_and_who_is_wrong_is_heard_less() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (ann, own) = green.says("Ann", "Good morning").await;
    let said = sim.say(green.group, green.owner, TALK);
    judged(&green.app, green.group, said).await;
    let refused = says(&green, ann, said, "/report").await;
    assert!(refused.contains("written by an admin"), "{refused}");
    let refused = says(&green, ann, own, "/report").await;
    assert!(refused.contains("your own message"), "{refused}");
    let how = green.asks(ann, "/report").await;
    assert!(how.contains("Answer the message"), "{how}");
    for i in 0..2 {
        let name = format!("Member{i}");
        let (_, message) = green.says(&name, &format!("{TALK} {i}")).await;
        says(&green, ann, message, "/report").await;
        let card = green.card(green.owner, &name).await;
        green.press(&card, green.owner, "ham").await;
    }
    let before: i64 = value(&green.app, "SELECT count(*) FROM cards").await;
    assert_eq!(before, 2);
    let (_, message) = green
        .says("Dan", "Who has a ladder for me this afternoon, please?")
        .await;
    says(&green, ann, message, "/report").await;
    let after: i64 = value(&green.app, "SELECT count(*) FROM cards").await;
    assert_eq!(after, 2, "alone she is not enough any more");
    let (bob, _) = green.says("Bob", "Good morning to you").await;
    says(&green, bob, message, "/report").await;
    green.card(green.owner, "2 members reported it").await;
    // At most ten an hour.
    let mut last = String::new();
    for i in 0..HOURLY {
        let (_, message) = green
            .says(
                &format!("Other{i}"),
                &format!("A thing about a garden, {i}"),
            )
            .await;
        last = says(&green, ann, message, "/report").await;
    }
    assert!(last.contains("reported much"), "{last}");
    let kept: i64 = value(&green.app, "SELECT count(*) FROM reports").await;
    assert_eq!(kept, HOURLY + 1);
    green.app.stop().await;
}
