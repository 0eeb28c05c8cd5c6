//! The door: nobody writes before they belong, and nobody is locked out who does.
use std::sync::Arc;

use beadle::app::App;
use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::{Fault, SimMessage, Simulator, Status};
use serde_json::json;

use crate::arbiter::is_muted;
use crate::support::house::{answer, house_with, is_removed, judged, simulator, value, within};

struct Door {
    sim: Simulator,
    app: App,
    clock: Arc<ShiftedClock>,
    group: i64,
    channel: i64,
    owner: i64,
    _dir: tempfile::TempDir,
}

impl Door {
    /// A group with one member, Ann, and a channel in which nobody is; Beadle is an admin of both.
    async fn open() -> (Self, i64) {
        let sim = simulator();
        let (group, channel) = (sim.supergroup("The green"), sim.channel("Our news"));
        sim.set_chat(channel, &json!({ "username": "ournews" }));
        let owner = sim.owner(group);
        sim.add_bot_admin(group);
        sim.add_bot_admin(channel);
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let shared = clock.clone();
        let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
        let ann = sim.user("Ann");
        judged(&app, group, sim.say(group, ann, "hello")).await;
        let door = Self {
            sim,
            app,
            clock,
            group,
            channel,
            owner,
            _dir: dir,
        };
        (door, ann)
    }

    /// The same, closed.
    async fn closed() -> (Self, i64) {
        let (door, ann) = Self::open().await;
        let said = door.command("/protect @ournews").await;
        assert!(said.contains("Protection activated!"), "{said}");
        (door, ann)
    }

    async fn command(&self, words: &str) -> String {
        self.command_of(self.owner, words).await
    }

    async fn command_of(&self, who: i64, words: &str) -> String {
        let asked = self.sim.say(self.group, who, words);
        within(10, words, || answer(&self.sim, self.group, asked).is_some()).await;
        answer(&self.sim, self.group, asked).unwrap()
    }

    async fn newcomer(&self, name: &str) -> i64 {
        let user = self.sim.user(name);
        self.sim.join(self.group, user);
        user
    }

    fn prompts(&self) -> Vec<SimMessage> {
        let all = self.sim.bot_messages(self.group).into_iter();
        all.filter(|m| m.text().contains("please join")).collect()
    }

    async fn press(&self, user: i64) -> String {
        within(10, "prompted", || !self.prompts().is_empty()).await;
        let prompt = self.prompts().pop().unwrap();
        let data = prompt.buttons().into_iter().find_map(|b| b.data).unwrap();
        let press = self.sim.press(self.group, prompt.message_id, user, &data);
        within(10, "answered", || {
            self.sim.callback_answer(&press).is_some()
        })
        .await;
        self.sim.callback_answer(&press).unwrap().text
    }

    async fn muted(&self, user: i64) {
        within(10, "muted", || is_muted(&self.sim, self.group, user)).await;
    }

    async fn free(&self, user: i64) {
        let free = || self.sim.member(self.group, user).status == Status::Member;
        within(10, "free", free).await;
    }

    /// Everything said so far has been handled, and nothing came of it for `user`.
    async fn untouched(&self, user: i64, message: i64) {
        judged(&self.app, self.group, message).await;
        let judged_all = "SELECT count(*) FROM outbox WHERE state IN (0, 1)";
        for _ in 0..500 {
            if value::<i64>(&self.app, judged_all).await == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(!is_muted(&self.sim, self.group, user));
        assert!(!is_removed(&self.sim, self.group, message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_is_held_until_they_have_joined_and_pressed() {
    let (door, ann) = Door::closed().await;
    let eve = door.newcomer("Eve").await;
    door.muted(eve).await;
    let said = door.press(eve).await;
    assert!(said.contains("cannot see you in @ournews"), "{said}");
    assert!(is_muted(&door.sim, door.group, eve));
    // Somebody else's press is refused politely and frees nobody.
    let said = door.press(ann).await;
    assert!(said.contains("may write already"), "{said}");
    assert!(is_muted(&door.sim, door.group, eve));
    let prompt = door.prompts().pop().unwrap();
    let join = &prompt.value["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!(join["url"], "https://t.me/ournews");
    door.sim.join(door.channel, eve);
    // Whichever comes first, the word of the channel or the press: she is free.
    door.free(eve).await;
    let message = door.sim.say(door.group, eve, "Good morning, everybody");
    door.untouched(eve, message).await;
    let status = door.command("/status").await;
    assert!(
        status.contains("1 held, 1 pressed the button, 1 let in. Held now: 0"),
        "{status}"
    );
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_looked_up_afresh_when_the_word_of_the_channel_is_lost() {
    let (door, _) = Door::closed().await;
    let eve = door.newcomer("Eve").await;
    door.muted(eve).await;
    assert!(door.press(eve).await.contains("cannot see you"));
    // Nothing is told of it: as if the update were lost.
    let next = door.sim.pending_updates();
    assert_eq!(next, 0);
    door.sim.join_in_silence(door.channel, eve);
    let said = door.press(eve).await;
    assert!(said.contains("You can write now"), "{said}");
    door.free(eve).await;
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_channel_is_held_by_their_next_message_and_moderators_mutes_stand() {
    let (door, _) = Door::closed().await;
    let eve = door.sim.user("Eve");
    door.sim.join(door.channel, eve);
    door.sim.join(door.group, eve);
    let admitted = "SELECT count(*) FROM admissions WHERE outcome = 'admitted'";
    crate::arbiter::until_value(&door.app, admitted, 1).await;
    let message = door.sim.say(door.group, eve, "Hello, I like it here");
    door.untouched(eve, message).await;
    door.sim.leave(door.channel, eve);
    // The two chats are in lanes of their own: which word is handled first is not known otherwise.
    let gone = "SELECT count(*) FROM channel_members WHERE is_member = 0";
    crate::arbiter::until_value(&door.app, gone, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let second = door.sim.say(door.group, eve, "And what about lunch?");
    within(10, "removed", || is_removed(&door.sim, door.group, second)).await;
    door.muted(eve).await;
    // A moderator mutes her too: joining lifts what the door imposed, and nothing else.
    door.sim.say(
        door.group,
        door.owner,
        &format!("/mute {eve} 2h for shouting"),
    );
    let both = "SELECT count(DISTINCT imposer) FROM restrictions WHERE ended_at IS NULL";
    crate::arbiter::until_value(&door.app, both, 2).await;
    door.sim.join(door.channel, eve);
    let left = "SELECT count(*) FROM gate_holds WHERE state = 'held'";
    crate::arbiter::until_value(&door.app, left, 0).await;
    door.command("/status").await;
    assert!(is_muted(&door.sim, door.group, eve));
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_there_before_admins_and_channels_are_not_asked() {
    let (door, ann) = Door::closed().await;
    let message = door.sim.say(door.group, ann, "I have been here for years");
    door.untouched(ann, message).await;
    let mod_ = door.newcomer("Mod").await;
    door.sim.promote(door.group, mod_, &["can_delete_messages"]);
    let message = door.sim.say(door.group, mod_, "I look after this place");
    door.untouched(mod_, message).await;
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_telegram_does_not_say_holds_nobody() {
    let (door, _) = Door::closed().await;
    let fault = || Fault::error(400, "Bad Request: CHAT_ADMIN_REQUIRED");
    door.sim
        .fail_always(Some("getChatMember"), Some(door.channel), fault());
    let eve = door.newcomer("Eve").await;
    let message = door
        .sim
        .say(door.group, eve, "Hello there, nice to meet you");
    door.untouched(eve, message).await;
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_door_frees_everybody_and_it_closes_again() {
    let (door, _) = Door::closed().await;
    let (eve, mal) = (door.newcomer("Eve").await, door.newcomer("Mal").await);
    door.muted(eve).await;
    door.muted(mal).await;
    // One prompt for both.
    within(10, "prompted", || !door.prompts().is_empty()).await;
    assert_eq!(door.prompts().len(), 1);
    let said = door.command("/protect @ournews").await;
    assert!(said.contains("Already protected by @ournews"), "{said}");
    let said = door.command("/unprotect").await;
    assert!(said.contains("The door is open"), "{said}");
    door.free(eve).await;
    door.free(mal).await;
    let message = door.sim.say(door.group, eve, "At last, hello to you all");
    door.untouched(eve, message).await;
    assert!(
        door.command("/unprotect")
            .await
            .contains("no protection here")
    );
    // The channels are still known.
    let said = door.command("/protect").await;
    assert!(
        said.contains("Protection activated!") && said.contains("@ournews"),
        "{said}"
    );
    door.clock.shift(61_000);
    let dan = door.newcomer("Dan").await;
    door.muted(dan).await;
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_by_letter_and_approved_when_they_belong() {
    let (door, _) = Door::closed().await;
    let (eve, dan) = (door.sim.user("Eve"), door.sim.user("Dan"));
    door.sim.join(door.channel, dan);
    assert!(door.sim.request_join(door.group, dan));
    within(10, "let in", || {
        door.sim.member(door.group, dan).status == Status::Member
    })
    .await;
    assert!(door.sim.request_join(door.group, eve));
    within(10, "a letter", || !door.sim.bot_messages(eve).is_empty()).await;
    let letter = door.sim.bot_messages(eve).pop().unwrap();
    assert!(letter.text().contains("please join"), "{}", letter.text());
    assert_eq!(door.sim.join_requests(door.group), [eve]);
    door.sim.join(door.channel, eve);
    within(10, "let in", || {
        door.sim.member(door.group, eve).status == Status::Member
    })
    .await;
    door.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_and_rubbish_is_answered() {
    let (door, ann) = Door::open().await;
    let refused = door.command_of(ann, "/protect @ournews").await;
    assert!(!refused.contains("activated"), "{refused}");
    let elsewhere = door.sim.channel("Elsewhere");
    door.sim
        .set_chat(elsewhere, &json!({ "username": "elsewhere" }));
    for (words, said) in [
        ("/protect", "Which channel"),
        ("/protect @elsewhere", "I need admin rights in Elsewhere"),
        ("/protect @nobody_knows_it", "I cannot find"),
        ("/protect <b>", "I cannot find"),
        ("/protect 99999999999999999999", "I cannot find"),
        ("/protect https://example.org/x", "I cannot find"),
        ("/unprotect", "no protection here"),
        ("/status", "No protection is on here"),
    ] {
        let answer = door.command(words).await;
        assert!(answer.contains(said), "{words}: {answer}");
    }
    door.sim
        .set_bot_rights(door.group, &["can_delete_messages"]);
    let said = door.command("/protect @ournews").await;
    assert!(said.contains("I need admin rights in The green"), "{said}");
    door.app.stop().await;
}

mod laws {
    use beadle::features::gate::rules::{Decision, GateParams, Known, Need, decide};
    use proptest::prelude::*;

    fn known() -> impl Strategy<Value = Known> {
        prop_oneof![
            (0_i64..100).prop_map(Known::Member),
            Just(Known::Absent),
            Just(Known::Unknown)
        ]
    }

    fn need() -> impl Strategy<Value = Need> {
        prop_oneof![
            Just(Need::All),
            Just(Need::Any),
            (0_usize..6).prop_map(Need::AtLeast)
        ]
    }

    proptest! {
        /// Whoever is held would be held whatever Telegram had not said, and what they lack is named.
        #[test]
        fn nobody_is_held_for_what_is_not_known(
            need in need(),
            all in prop::collection::vec(known(), 0..6),
        ) {
            let lucky: Vec<Known> = all
                .iter()
                .map(|k| if *k == Known::Unknown { Known::Member(0) } else { *k })
                .collect();
            match decide(need, &all) {
                Decision::Hold(missing) => {
                    prop_assert!(matches!(decide(need, &lucky), Decision::Hold(_)));
                    prop_assert!(!missing.is_empty());
                    prop_assert!(missing.iter().all(|n| all[*n] == Known::Absent));
                }
                Decision::Let => prop_assert_eq!(decide(need, &lucky), Decision::Let),
                Decision::Unsure => prop_assert!(all.contains(&Known::Unknown)),
            }
        }

        /// To join one more channel never makes it worse.
        #[test]
        fn joining_never_hurts(
            need in need(),
            all in prop::collection::vec(known(), 1..6),
            number in 0_usize..6,
        ) {
            let mut more = all.clone();
            let number = number % more.len();
            more[number] = Known::Member(0);
            if decide(need, &all) == Decision::Let {
                prop_assert_eq!(decide(need, &more), Decision::Let);
            }
            if decide(need, &all) == Decision::Unsure {
                prop_assert!(!matches!(decide(need, &more), Decision::Hold(_)));
            }
        }
    }

    #[test]
    fn what_a_newer_version_added_is_kept() {
        let read: GateParams = serde_json::from_str(r#"{"since": 5, "topics": [1, 2]}"#).unwrap();
        assert_eq!((read.since, read.everybody), (5, false));
        assert!(!read.asks(None) && !read.asks(Some(4)) && read.asks(Some(5)));
        let kept = serde_json::to_value(&read).unwrap();
        assert_eq!(kept["topics"], serde_json::json!([1, 2]));
    }
}
