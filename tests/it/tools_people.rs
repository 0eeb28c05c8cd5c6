//! What moderators' commands do to people at the door, behind Beadle's back, and under another's name.
use beadle::telegram::simulator::Status;
use serde_json::json;

use crate::arbiter::is_muted;
use crate::captcha::choose;
use crate::support::green::Green;
use crate::support::house::{answer, judged, value, within};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

/// A command, and what is answered to it.
async fn says(green: &Green, by: i64, words: &str) -> String {
    let id = green.sim.say(green.group, by, words);
    let said = || answer(&green.sim, green.group, id).is_some();
    until(words, said).await;
    answer(&green.sim, green.group, id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderators_word_ends_a_hold_at_the_door() {
    let (green, clock) = Green::clocked().await;
    let sim = &green.sim;
    green.says("Ann", TALK).await;
    let chosen = [
        ("captcha.kind", json!("sum")),
        ("captcha.time", json!(120_000)),
    ];
    choose(&green.app, green.group, &chosen).await;
    for (n, command) in ["unmute", "approve"].into_iter().enumerate() {
        let eve = sim.user("Eve");
        sim.join(green.group, eve);
        within(10, "held", || is_muted(sim, green.group, eve)).await;
        sim.say(green.group, green.owner, &format!("/{command} {eve}"));
        within(10, "free", || !is_muted(sim, green.group, eve)).await;
        let admitted = "SELECT count(*) FROM admissions WHERE outcome = 'admitted'
             AND user NOT IN (SELECT id FROM users WHERE first_name <> 'Eve')";
        for _ in 0..500 {
            if value::<i64>(&green.app, admitted).await > i64::try_from(n).unwrap() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        clock.shift(130_000);
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(
            sim.member(green.group, eve).status,
            Status::Member,
            "{command}"
        );
        // They come back, and are not asked.
        sim.leave(green.group, eve);
        sim.join(green.group, eve);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert!(!is_muted(sim, green.group, eve), "{command}");
    }
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_let_somebody_write_is_not_to_let_them_in() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, _) = green.says("Eve", TALK).await;
    sim.ban(green.group, eve);
    let known = "SELECT count(*) FROM restrictions WHERE state = 0";
    for _ in 0..500 {
        if value::<i64>(&green.app, known).await == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // As if it had been before Beadle came.
    let forget = green.app.store.write(|tx| {
        tx.execute("DELETE FROM held", [])?;
        tx.execute("DELETE FROM restrictions", [])?;
        Ok(())
    });
    forget.await.unwrap();
    let said = says(&green, green.owner, &format!("/unmute {eve}")).await;
    assert!(said.contains("not muted but banned"), "{said}");
    assert_eq!(sim.member(green.group, eve).status, Status::Kicked);
    let calls = |method| sim.calls_of(method).len();
    assert_eq!(
        (calls("unbanChatMember"), calls("restrictChatMember")),
        (0, 0)
    );
    says(&green, green.owner, &format!("/unban {eve}")).await;
    within(10, "free", || {
        sim.member(green.group, eve).status != Status::Kicked
    })
    .await;
    assert_eq!(
        (calls("unbanChatMember"), calls("restrictChatMember")),
        (1, 0)
    );
    sim.join(green.group, eve);
    says(&green, green.owner, &format!("/unmute {eve}")).await;
    within(10, "asked", || calls("restrictChatMember") == 1).await;
    assert_eq!(calls("unbanChatMember"), 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_changed_hands_hits_nobody_who_had_it() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let named = |user: i64, name: &str| sim.set_user(user, &json!({ "username": name }));
    let (mal, ann) = (sim.user("Mal"), sim.user("Ann"));
    named(mal, "rosa_green");
    for user in [mal, ann] {
        sim.join(green.group, user);
    }
    let first = sim.say(green.group, mal, TALK);
    judged(&green.app, green.group, first).await;
    // Beadle sees neither that one gives the name up nor that the other takes it.
    named(mal, "mal_of_old");
    named(ann, "ROSA_green");
    for command in ["/ban @rosa_green", "/approve @rosa_green"] {
        let said = says(&green, green.owner, command).await;
        assert!(said.contains("not the name of the one I knew"), "{said}");
    }
    let said = says(&green, green.owner, "/rights @rosa_green +delete").await;
    assert!(said.contains("not seen that person"), "{said}");
    let given: i64 = value(&green.app, "SELECT count(*) FROM allowances").await;
    assert_eq!(given, 0);
    assert!(sim.member(green.group, mal).present && sim.member(green.group, ann).present);
    // Once it is seen with another, it is theirs alone.
    let second = sim.say(green.group, ann, "Good morning from the roses");
    judged(&green.app, green.group, second).await;
    let owners = "SELECT count(*) FROM users WHERE lower(username) = 'rosa_green'";
    assert_eq!(value::<i64>(&green.app, owners).await, 1);
    let said = says(&green, green.owner, "/ban @Rosa_Green").await;
    assert!(said.contains("is banned"), "{said}");
    within(10, "out", || !sim.member(green.group, ann).present).await;
    assert!(sim.member(green.group, mal).present);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_from_other_groups_are_not_told() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    green.says("Ann", TALK).await;
    let other = sim.supergroup("The other place");
    sim.add_bot_admin(other);
    let zed = sim.user("Zedekiah");
    sim.set_user(zed, &json!({ "username": "zed_elsewhere" }));
    sim.join(other, zed);
    let message = sim.say(other, zed, TALK);
    judged(&green.app, other, message).await;
    let said = says(&green, green.owner, &format!("/warns {zed}")).await;
    assert!(
        said.contains(&zed.to_string()) && !said.contains("Zedekiah"),
        "{said}"
    );
    let said = says(&green, green.owner, "/warns @zed_elsewhere").await;
    assert!(!said.contains("Zedekiah"), "{said}");
    sim.join(green.group, zed);
    let message = sim.say(green.group, zed, "Good morning to all of you");
    judged(&green.app, green.group, message).await;
    let said = says(&green, green.owner, &format!("/warns {zed}")).await;
    assert!(said.contains("Zedekiah"), "{said}");
    green.app.stop().await;
}
