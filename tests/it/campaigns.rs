//! Repeats of one campaign: one card for all who post it, two taps for all of them, and the way back for all.
use beadle::telegram::simulator::Status;

use crate::support::green::{Green, labels};
use crate::support::house::{is_removed, other_spam, value};
use crate::support::until;

/// Nearly the same text, as a campaign varies it.
fn advert(n: usize) -> String {
    format!(
        "Looking for three people for remote work with documents, from $300 a day, no experience needed, two hours. \
         Write me in private: @maria_documents {n}"
    )
}

async fn campaign(green: &Green, from: usize, to: usize) -> Vec<(i64, i64)> {
    let mut all = Vec::new();
    for n in from..to {
        all.push(green.says(&format!("Seller {n}"), &advert(n)).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_several_people_post_is_one_card_and_two_taps_ban_them_all() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let all = campaign(&green, 0, 4).await;
    // Somebody else's other words get a card of their own.
    let (_, other) = green.says("Kim", &other_spam(3)).await;
    let card = green.card(green.owner, "remote work with documents").await;
    green
        .until_text(
            &card,
            "3 more messages say nearly the same; they are of 4 people",
        )
        .await;
    let cards = green
        .cards(green.owner, "remote work with documents")
        .count();
    assert_eq!(cards, 1, "one campaign, one card");
    let card = green.now(&card);

    let (said, _) = green.press(&card, green.owner, "ban").await;
    assert!(said.contains("4 people"), "{said}");
    green.until_label(&card, "Yes, ban all 4").await;
    for (user, message) in &all {
        assert!(
            !is_removed(sim, green.group, *message),
            "one tap does nothing yet"
        );
        assert_eq!(sim.member(green.group, *user).status, Status::Member);
    }
    let asking = green.now(&card);
    assert_eq!(
        labels(&asking),
        ["Yes, ban all 4", "Only remove the messages"]
    );
    let (said, _) = green.press(&asking, green.owner, "all").await;
    assert!(said.contains("all who sent them are banned"), "{said}");
    for (user, message) in &all {
        until("removed", || is_removed(sim, green.group, *message)).await;
        until("banned", || {
            sim.member(green.group, *user).status == Status::Kicked
        })
        .await;
    }
    assert!(
        !is_removed(sim, green.group, other),
        "it was not on that card"
    );
    green.until_text(&card, "all who sent it are banned").await;

    // The way back reaches everybody, too.
    let decided = green.now(&card);
    let (said, _) = green.press(&decided, green.owner, "reopen").await;
    assert!(!said.contains("banned"), "{said}");
    for (user, _) in &all {
        until("free", || {
            sim.member(green.group, *user).status != Status::Kicked
        })
        .await;
    }
    let left: i64 = value(
        &green.app,
        "SELECT count(*) FROM learned_samples WHERE teacher IS NOT NULL",
    )
    .await;
    assert_eq!(left, 0, "what it taught is taken back");
    let held: i64 = value(
        &green.app,
        "SELECT count(*) FROM treatments WHERE undone_at IS NULL",
    )
    .await;
    assert_eq!(held, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decided_campaign_begins_a_new_card_and_removing_bans_nobody() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let all = campaign(&green, 0, 3).await;
    let card = green.card(green.owner, "remote work with documents").await;
    green.until_text(&card, "of 3 people").await;
    let card = green.now(&card);
    let (said, _) = green.press(&card, green.owner, "ham").await;
    assert!(!said.is_empty());
    for (user, message) in &all {
        assert!(!is_removed(sim, green.group, *message));
        assert_eq!(sim.member(green.group, *user).status, Status::Member);
    }
    let (said, _) = green.press_label(&card, green.owner, "Take it back").await;
    assert!(!said.is_empty());
    let card = green.now(&card);
    green.press(&card, green.owner, "spam").await;
    for (user, message) in &all {
        until("removed", || is_removed(sim, green.group, *message)).await;
        assert_eq!(sim.member(green.group, *user).status, Status::Member);
    }
    // The next one is a new matter: the old card is decided.
    let (_, late) = green.says("Seller 9", &advert(9)).await;
    until("another card", || {
        green
            .cards(green.owner, "remote work with documents")
            .count()
            == 2
    })
    .await;
    let cards: i64 = value(
        &green.app,
        "SELECT count(*) FROM cards WHERE state = 'open'",
    )
    .await;
    assert_eq!(cards, 1);
    assert!(!is_removed(sim, green.group, late));
    green.app.stop().await;
}
