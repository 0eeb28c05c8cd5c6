//! Where moderators' commands reach: one topic of a forum, the message that is meant, and no further.
use serde_json::json;

use crate::support::green::Green;
use crate::support::house::{answer, is_removed, judged, value, within};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

/// Writes into a topic.
async fn in_topic(green: &Green, user: i64, topic: i64, words: &str) -> i64 {
    let fields = json!({ "text": words, "message_thread_id": topic, "is_topic_message": true });
    let message = green.sim.post(green.group, user, fields);
    judged(&green.app, green.group, message).await;
    message
}

async fn in_general(green: &Green, user: i64, words: &str) -> i64 {
    let message = green.sim.say(green.group, user, words);
    judged(&green.app, green.group, message).await;
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_in_one_topic_leaves_the_others_alone() {
    let green = Green::forum("act").await;
    let sim = &green.sim;
    let (eve, first) = green.says("Eve", TALK).await;
    let topic = sim.topic(green.group, "Roses");
    let mut roses = Vec::new();
    let mut general = vec![first];
    for i in 0..3 {
        roses.push(in_topic(&green, eve, topic, &format!("Rose number {i} is in bloom")).await);
        general.push(in_general(&green, eve, &format!("The bus number {i} is late")).await);
    }
    let gone = |all: &[i64]| {
        all.iter()
            .filter(|id| is_removed(sim, green.group, **id))
            .count()
    };
    // By number in the general topic, in reply there, and by number in the other one.
    let command = sim.say(green.group, green.owner, "/purge 2");
    within(10, "by number", || {
        is_removed(sim, green.group, command) && gone(&general[2..]) == 2
    })
    .await;
    assert_eq!((gone(&roses), gone(&general)), (0, 2));
    let command = sim.reply(green.group, green.owner, first, "/purge");
    within(10, "in reply", || {
        is_removed(sim, green.group, command) && gone(&general) == 4
    })
    .await;
    assert_eq!(gone(&roses), 0);
    let last = in_general(&green, eve, "One more word about the bus").await;
    let fields = json!({
        "text": "/purge 2",
        "entities": [{ "type": "bot_command", "offset": 0, "length": 6 }],
        "message_thread_id": topic,
        "is_topic_message": true,
    });
    let command = sim.post(green.group, green.owner, fields);
    within(10, "in the topic", || {
        is_removed(sim, green.group, command) && gone(&roses) == 2
    })
    .await;
    assert!(!is_removed(sim, green.group, last));
    assert!(!is_removed(sim, green.group, roses[0]));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_answers_for_no_message_of_another() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let mal = sim.user("Mal");
    sim.set_user(mal, &json!({ "username": "mal_sells" }));
    sim.join(green.group, mal);
    in_general(&green, mal, "Good morning to all of you").await;
    let (_, anns) = green.says("Ann", TALK).await;
    let command = sim.reply(green.group, green.owner, anns, "/dban @mal_sells selling");
    until("banned", || !sim.member(green.group, mal).present).await;
    within(10, "tidy", || is_removed(sim, green.group, command)).await;
    assert!(!is_removed(sim, green.group, anns));
    let tied: i64 = value(
        &green.app,
        "SELECT count(*) FROM treatments WHERE kind = 'ban' AND message IS NOT NULL",
    )
    .await;
    assert_eq!(tied, 0, "the ban is about nothing that Ann wrote");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_with_a_warning_counts_as_removed() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (_, message) = green.says("Eve", TALK).await;
    sim.reply(green.group, green.owner, message, "/dwarn noise");
    within(10, "gone", || is_removed(sim, green.group, message)).await;
    let counted: i64 = value(
        &green.app,
        "SELECT coalesce(sum(weight), 0) FROM catch_marks WHERE kind = 'purge'",
    )
    .await;
    assert_eq!(counted, 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_time_is_not_for_good() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", TALK).await;
    for (words, said) in [
        ("/mute 0m", "more than nothing"),
        ("/ban 0h noise", "more than nothing"),
        ("/ban 30", "30"),
    ] {
        let id = sim.reply(green.group, green.owner, message, words);
        until(words, || answer(sim, green.group, id).is_some()).await;
        let told = answer(sim, green.group, id).unwrap();
        assert!(
            told.contains(said) && !told.contains("Eve"),
            "{words}: {told}"
        );
    }
    assert!(sim.calls_of("banChatMember").is_empty());
    assert!(sim.calls_of("restrictChatMember").is_empty());
    sim.reply(green.group, green.owner, message, "/ban 3 links in one day");
    until("a reason", || !sim.member(green.group, eve).present).await;
    green.app.stop().await;
}
