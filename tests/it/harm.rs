//! A failed check harms nobody: whatever Telegram says when it is asked who the admins are, a message whose
//! author may be one stays, and so does the author.
use std::time::Duration;

use beadle::telegram::rights::Rights;
use beadle::telegram::simulator::{Fault, Simulator};
use serde_json::json;

use crate::sender_fake::{Bench, Fake, Reply, fast};
use crate::support::house::{SPAM, house, is_removed, judged, simulator, within};

/// Calls that take something from a person.
const HARM: [&str; 6] = [
    "deleteMessage",
    "deleteMessages",
    "banChatMember",
    "banChatSenderChat",
    "restrictChatMember",
    "declineChatJoinRequest",
];

fn harmed(sim: &Simulator) -> Vec<&'static str> {
    let done = |method: &&str| !sim.calls_of(method).is_empty();
    HARM.into_iter().filter(done).collect()
}

/// Every way in which the question can fail.
fn failures() -> Vec<(&'static str, Fault)> {
    vec![
        (
            "a refusal",
            Fault::error(400, "Bad Request: chat not found"),
        ),
        (
            "no right",
            Fault::error(403, "Forbidden: bot was kicked from the supergroup chat"),
        ),
        ("an unknown code", Fault::error(418, "I'm a teapot")),
        ("a flood", Fault::flood(3_600)),
        ("a broken proxy", Fault::Status502),
        ("no answer", Fault::Drop),
        ("a lost answer", Fault::LoseAnswer),
        ("rubbish", Fault::NotJson),
        ("a late answer", Fault::Delay(Duration::from_secs(30))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_telegram_answers_a_possible_admin_is_left_alone() {
    let tries = failures().into_iter().map(|(what, fault)| async move {
        let sim = simulator();
        let group = sim.supergroup("The green");
        sim.add_bot_admin(group);
        sim.fail_always(Some("getChatAdministrators"), None, fault);
        let dir = tempfile::tempdir().unwrap();
        let app = house(&sim, dir.path()).await;
        // The owner writes what would be removed, and so does somebody nobody knows.
        for author in [sim.owner(group), sim.user("Eve")] {
            let said = sim.say(group, author, SPAM);
            let verdict = judged(&app, group, said).await;
            assert_eq!(verdict.decision, "review", "{what}");
            assert!(!is_removed(&sim, group, said), "{what}");
        }
        app.stop().await;
        assert_eq!(harmed(&sim), Vec::<&str>::new(), "{what}");
    });
    futures_util::future::join_all(tries).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_telegram_answers_the_same_message_goes() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let owners = sim.say(group, sim.owner(group), SPAM);
    let eves = sim.say(group, sim.user("Eve"), SPAM);
    within(10, "removed", || is_removed(&sim, group, eves)).await;
    assert!(!is_removed(&sim, group, owners));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raid_of_joins_does_not_make_beadle_ask_for_the_admins_each_time() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    for i in 0..8 {
        let eve = sim.user(&format!("Eve {i}"));
        sim.join(group, eve);
        let said = sim.say(group, eve, SPAM);
        within(10, "removed", || is_removed(&sim, group, said)).await;
    }
    assert!(sim.calls_of("getChatAdministrators").len() <= 2);
    // Somebody who becomes an admin is one at once.
    let ann = sim.user("Ann");
    sim.join(group, ann);
    sim.promote(group, ann, &["can_delete_messages"]);
    let said = sim.say(group, ann, SPAM);
    judged(&app, group, said).await;
    assert!(!is_removed(&sim, group, said));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_before_a_change_is_not_remembered() {
    const ANN: i64 = 7;
    // Asked while Ann is an admin; the answer is slow, and the next shows that she is none any more.
    let fake = Fake::start(move |_, number| {
        let ann = json!([{ "status": "administrator", "user": { "id": ANN, "is_bot": false } }]);
        match number {
            0 => Reply::After(Duration::from_millis(800), Box::new(Reply::Result(ann))),
            _ => Reply::Result(json!([])),
        }
    })
    .await;
    let bench = Bench::new(fake.api(), fast());
    let rights = Rights::new(bench.sender.clone(), 1 << 20);
    let asking = rights.clone();
    let first = tokio::spawn(async move { asking.is_admin(-1, ANN).await });
    within(10, "asked", || fake.seen().len() == 1).await;
    rights.forget(-1);
    assert!(first.await.unwrap().unwrap());
    assert!(!rights.is_admin(-1, ANN).await.unwrap());
}
