//! What people read of cards, in both languages, as snapshots.
use beadle::telegram::simulator::SimMessage;

use crate::support::green::{Green, labels};
use crate::support::house::SPAM;
use crate::support::until;

/// A message as people see it, without what differs from run to run.
fn seen(m: &SimMessage) -> String {
    let text = m.text().lines().map(|line| match line.find(" UTC") {
        // `2026-11-20 14:32 UTC`
        Some(at) => format!("{}DATE{}", &line[..at - 16], &line[at + 4..]),
        None => line.to_owned(),
    });
    let mut all: Vec<String> = text.collect();
    let buttons: Vec<String> = labels(m).into_iter().map(|l| format!("[{l}]")).collect();
    all.push(buttons.join(" "));
    all.join("\n")
}

/// Mode *act* from the first card to the end of an appeal, in one language.
async fn story(tag: &str) -> String {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    green.set_steps(&["mute 24h"]).await;
    green.set_language(tag).await;
    sim.set_user(green.owner, &serde_json::json!({ "language_code": tag }));
    let eve = sim.user("Eve");
    sim.set_user(eve, &serde_json::json!({ "language_code": tag }));
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(green.group, eve);
    sim.say(green.group, eve, SPAM);
    let whispers = || {
        let all = sim.bot_messages(green.group).into_iter();
        // The newest last; their numbers count down.
        let mut all: Vec<SimMessage> = all.filter(|m| m.receiver == Some(eve)).collect();
        all.sort_by_key(|m| -m.message_id);
        all
    };
    until("told", || whispers().len() == 1).await;
    let letter = whispers()[0].clone();
    until("a card", || sim.bot_messages(green.owner).len() == 2).await;
    let card = sim.bot_messages(green.owner)[1].clone();
    let mut said = vec![seen(&card), seen(&letter)];
    let data = letter.buttons()[0].data.clone().unwrap();
    said.push(green.press_data(&letter, eve, &data).await.0);
    until("an appeal", || sim.bot_messages(green.owner).len() == 3).await;
    let appeal = sim.bot_messages(green.owner)[2].clone();
    said.push(seen(&appeal));
    said.push(green.press(&appeal, green.owner, "grant").await.0);
    until("told again", || whispers().len() == 2).await;
    said.push(seen(&whispers()[1]));
    until("decided", || green.now(&appeal).edits > 0).await;
    said.push(seen(&green.now(&appeal)));
    sim.private(green.owner, &format!("/start settings-{}", green.group));
    until("settings", || sim.bot_messages(green.owner).len() == 4).await;
    said.push(seen(&sim.bot_messages(green.owner)[3]));
    let here = sim.bot_messages(green.group).len();
    sim.say(green.group, green.owner, "/init_group");
    until("init", || sim.bot_messages(green.group).len() > here).await;
    said.push(seen(sim.bot_messages(green.group).last().unwrap()));
    green.app.stop().await;
    said.join("\n\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn in_english() {
    insta::assert_snapshot!("story_en", story("en").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_russian() {
    insta::assert_snapshot!("story_ru", story("ru").await);
}
