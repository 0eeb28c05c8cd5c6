//! Cards: what a moderator is shown, and what a tap does.
use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn in_suggest_the_owner_gets_a_card_and_one_tap_removes() {
    let green = Green::in_mode("suggest").await;
    let (eve, spam) = green.says("Eve & <Co>", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    assert!(
        !is_removed(&green.sim, green.group, spam),
        "suggest changes nothing"
    );
    assert!(
        card.text().contains("The green") && card.text().contains("Eve & <Co>"),
        "{}",
        card.text()
    );
    assert!(
        card.text().contains("easy_income_now") && card.text().contains("Because "),
        "{}",
        card.text()
    );
    assert_eq!(labels(&card), ["Spam", "Not spam", "Ban"]);

    let (said, alert) = green.press(&card, green.owner, "spam").await;
    assert!(said.contains("goes") && !alert, "{said}");
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    green.until_text(&card, "Olga decided").await;
    assert_eq!(labels(&green.now(&card)), ["Take it back"]);
    let label: String = value(
        &green.app,
        "SELECT label FROM spam_results WHERE label IS NOT NULL",
    )
    .await;
    assert_eq!(label, "spam");
    assert!(
        green.sim.member(green.group, eve).present,
        "nobody was banned"
    );
    green.app.stop().await;
    assert!(
        green.sim.call_violations().is_empty(),
        "{:?}",
        green.sim.call_violations()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_without_the_right_is_refused_politely() {
    let green = Green::in_mode("suggest").await;
    let (_, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let ben = green.sim.user("Ben");
    green.sim.join(green.group, ben);
    let data = card.buttons()[0].data.clone().unwrap();
    let (said, alert) = green.press_data(&card, ben, &data).await;
    assert!(said.contains("Only admins") && alert, "{said}");
    // The same data under another message, in another chat.
    green.sim.private(ben, "/start");
    until("greeted", || !green.sim.bot_messages(ben).is_empty()).await;
    let other = green.sim.bot_messages(ben)[0].clone();
    let (said, alert) = green.press_data(&other, green.owner, &data).await;
    assert!(said.contains("no longer know") && alert, "{said}");
    assert!(!is_removed(&green.sim, green.group, spam));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_removes_the_person_and_can_be_taken_back() {
    let green = Green::in_mode("suggest").await;
    let (eve, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let (said, _) = green.press(&card, green.owner, "ban").await;
    assert!(said.contains("banned"), "{said}");
    until("banned", || !green.sim.member(green.group, eve).present).await;
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    green.until_text(&card, "banned").await;
    let (said, _) = green.press(&green.now(&card), green.owner, "reopen").await;
    assert!(said.contains("Taken back"), "{said}");
    until("unbanned", || {
        green.sim.member(green.group, eve).status == beadle::telegram::simulator::Status::Left
    })
    .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_author_is_one_card() {
    let green = Green::in_mode("suggest").await;
    let (eve, first) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let more: Vec<i64> = (0..3)
        .map(|i| {
            green
                .sim
                .say(green.group, eve, &format!("{SPAM} Offer {i}"))
        })
        .collect();
    green.until_text(&card, "3 more messages").await;
    assert_eq!(green.cards(green.owner, "looks like spam").count(), 1);
    green.press(&card, green.owner, "spam").await;
    until("all gone", || {
        more.iter()
            .chain([&first])
            .all(|m| is_removed(&green.sim, green.group, *m))
    })
    .await;
    green.app.stop().await;
}
