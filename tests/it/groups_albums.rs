//! An album is one message to people: one item of spam takes the others with it, before and after.
use beadle::telegram::simulator::Simulator;
use serde_json::json;

use crate::support::house::{
    SPAM, house, house_with, is_removed, judged, simulator, verdict_on, within,
};
use crate::support::until;

/// An item of an album; gives its message id.
fn item(sim: &Simulator, group: i64, user: i64, album: &str, caption: &str) -> i64 {
    let photo = sim.media("photo", &sim.file("p.jpg", b"picture"));
    let mut fields = json!({ "photo": photo, "media_group_id": album });
    if !caption.is_empty() {
        fields["caption"] = caption.into();
    }
    sim.post(group, user, fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caption_of_spam_removes_the_items_before_and_after_it() {
    let sim = simulator();
    let (group, eve, ann) = (
        sim.supergroup("The green"),
        sim.user("Eve"),
        sim.user("Ann"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    // A first message that is a picture with hardly a word is looked at for that alone.
    for user in [eve, ann] {
        let hello = sim.say(group, user, "Good morning from the allotments");
        judged(&app, group, hello).await;
    }
    let good: Vec<i64> = ["My allotment in May", "", ""]
        .iter()
        .map(|caption| item(&sim, group, ann, "good", caption))
        .collect();
    let before = item(&sim, group, eve, "bad", "");
    // Judged and committed before the next comes: nothing of it is in the same batch.
    assert_eq!(judged(&app, group, before).await.band, "clear");
    let spam = item(&sim, group, eve, "bad", SPAM);
    until("the album", || is_removed(&sim, group, before)).await;
    let after = item(&sim, group, eve, "bad", "");
    until("all of it", || is_removed(&sim, group, after)).await;
    assert!(is_removed(&sim, group, spam));
    for message in [before, after] {
        let verdict = verdict_on(&app, group, message).await.unwrap();
        assert_eq!(
            (verdict.band.as_str(), verdict.removes()),
            ("spam", true),
            "{message}"
        );
        assert_eq!(verdict.reasons[0].code, "album");
    }
    for message in good {
        assert_eq!(judged(&app, group, message).await.band, "clear");
        assert!(!is_removed(&sim, group, message));
    }
    // Each item was removed once, whether alone or in one call with others.
    let removed: Vec<i64> = sim
        .calls()
        .iter()
        .flat_map(|c| match c.method.as_str() {
            "deleteMessage" => vec![c.params["message_id"].as_i64().unwrap()],
            "deleteMessages" => serde_json::from_value(c.params["message_ids"].clone()).unwrap(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(removed.len(), 3, "{removed:?}");
    app.stop().await;
    assert!(sim.call_violations().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_items_in_one_batch_and_a_caption_edited_into_spam() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    // All of it waits before Beadle starts.
    sim.say(group, sim.user("Ann"), "hello");
    let bad: Vec<i64> = ["", SPAM, ""]
        .iter()
        .map(|caption| item(&sim, group, eve, "bad", caption))
        .collect();
    let app = house(&sim, dir.path()).await;
    within(10, "the batch", || {
        bad.iter().all(|m| is_removed(&sim, group, *m))
    })
    .await;
    let mal = sim.user("Mal");
    let hello = sim.say(group, mal, "Good morning from the allotments");
    judged(&app, group, hello).await;
    let turned: Vec<i64> = ["Our cat", "", ""]
        .iter()
        .map(|caption| item(&sim, group, mal, "turned", caption))
        .collect();
    for message in &turned {
        assert_eq!(judged(&app, group, *message).await.band, "clear");
    }
    sim.edit(group, turned[0], SPAM);
    within(10, "the edited one", || {
        turned.iter().all(|m| is_removed(&sim, group, *m))
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_album_stays_and_suggest_only_says_what_it_would_do() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let would: Vec<i64> = ["", SPAM, ""]
        .iter()
        .map(|caption| item(&sim, group, eve, "bad", caption))
        .collect();
    let owner = sim.owner(group);
    let own: Vec<i64> = [SPAM, ""]
        .iter()
        .map(|caption| item(&sim, group, owner, "own", caption))
        .collect();
    let last = sim.say(group, eve, "bye");
    judged(&app, group, last).await;
    for message in would {
        let verdict = judged(&app, group, message).await;
        assert_eq!(verdict.decision, "would_delete", "{message}");
    }
    for message in own {
        assert_eq!(
            judged(&app, group, message).await.band,
            "clear",
            "{message}"
        );
    }
    app.stop().await;
    assert!(sim.deleted(group).is_empty());
}
