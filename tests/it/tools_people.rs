//! What moderators' commands do to people at the door, behind Beadle's back, and under another's name.
use beadle::telegram::simulator::Status;
use serde_json::json;

use crate::arbiter::is_muted;
use crate::captcha::choose;
use crate::support::green::Green;
use crate::support::house::{answer, value, within};
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
