//! Raids, mended: only who is held counts and is treated, and the end of a raid tells the truth.
use beadle::community::erasure::Portion;
use beadle::features::moderation::forgetful_rooms;
use beadle::telegram::simulator::Status;
use serde_json::json;

use crate::arbiter::{is_muted, until_value};
use crate::raid::siege;
use crate::support::house::{value, within};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_no_more_is_neither_counted_nor_put_out_nor_kept() {
    let s = siege(&[("raid.joins", json!(5))]).await;
    let people = s.storm(6);
    within(20, "held", || s.muted(&people)).await;
    let noted = "SELECT count(*) FROM raiders WHERE state = 'held'";
    until_value(&s.app, noted, 6).await;
    // The first and the last are freed by hand: they are members like others now.
    let (freed, held) = ([people[0], people[5]], &people[1..5]);
    for user in freed {
        s.sim.promote(s.group, user, &["can_delete_messages"]);
    }
    let standing = "SELECT count(*) FROM restrictions WHERE state = 0 AND imposer = 'raid'";
    until_value(&s.app, standing, 4).await;
    for user in freed {
        s.sim.demote(s.group, user);
    }
    s.clock.shift(31_000);
    let card = s.card("Held: 4").await;
    s.press(&card, "Put all", s.owner);
    within(20, "out", || s.all(held, Status::Kicked)).await;
    s.card("Put out: 4").await;
    assert!(s.all(&freed, Status::Member));
    // Nor does the note of it outlive their wish to be forgotten.
    let rooms = forgetful_rooms();
    let room = rooms
        .iter()
        .find(|r| r.name() == "newcomers")
        .unwrap()
        .clone();
    let portion = Portion {
        person: freed[0],
        until: i64::MAX,
        position: 0,
        rows: 100,
        now: 0,
    };
    let forget = s.app.store.write(move |tx| room.forget(tx, portion));
    forget.await.unwrap();
    assert_eq!(value::<i64>(&s.app, noted).await, 1, "{people:?}");
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_says_who_is_held_and_goes_on_with_what_was_decided() {
    let s = siege(&[("raid.joins", json!(0))]).await;
    assert!(s.said(s.owner, "/raid on").await.contains("is on"));
    let people = s.storm(1);
    within(20, "held", || s.muted(&people)).await;
    let told = s.said(s.owner, "/raid off").await;
    assert!(told.contains("Still held: 1"), "{told}");
    assert!(is_muted(&s.sim, s.group, people[0]));
    assert!(s.said(s.owner, "/raid on").await.contains("is on"));
    let people = s.storm(2);
    within(20, "held", || s.muted(&people)).await;
    let open = "SELECT count(*) FROM raiders WHERE state = 'held'";
    until_value(&s.app, open, 3).await;
    s.clock.shift(31_000);
    let card = s.card("Held: 2").await;
    s.press(&card, "Put all", s.owner);
    within(20, "out", || s.all(&people, Status::Kicked)).await;
    // Who comes after the tap meets the same fate when the raid is over.
    let late = s.storm(1);
    within(20, "held", || s.muted(&late)).await;
    let told = s.said(s.owner, "/raid off").await;
    assert!(told.contains("I am on it"), "{told}");
    within(20, "out", || s.all(&late, Status::Kicked)).await;
    s.app.stop().await;
}
