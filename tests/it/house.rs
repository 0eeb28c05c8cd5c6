//! House rules in a group: what admins wrote is done as written, in every mode, to members only, and said.
use std::time::Duration;

use crate::support::green::Green;
use crate::support::house::{answer, is_removed, judged, value, within};
use crate::support::until;

impl Green {
    /// Somebody who is in the group already says something; gives the message once it is judged.
    async fn says_on(&self, user: i64, words: &str) -> i64 {
        let message = self.sim.say(self.group, user, words);
        judged(&self.app, self.group, message).await;
        message
    }

    async fn is_left(&self, message: i64) -> bool {
        tokio::time::sleep(Duration::from_millis(150)).await;
        !is_removed(&self.sim, self.group, message)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_blacklist_removes_what_it_says_in_every_mode_and_spares_admins() {
    let green = Green::in_mode("observe").await;
    let (sim, group) = (&green.sim, green.group);
    let (eve, first) = green.says("Eve", "the casino is open").await;
    assert!(green.is_left(first).await);
    let told = green.asks(eve, "/blacklist add casino*").await;
    assert!(told.contains("Only admins"), "{told}");
    let told = green
        .asks(green.owner, "/blacklist add mute 2h casino*")
        .await;
    assert!(
        told.contains("casino*") && told.contains("mute 2h"),
        "{told}"
    );

    let message = green.says_on(eve, "the best C A S I N O S of all").await;
    until("removed", || is_removed(sim, group, message)).await;
    within(10, "muted", || {
        !sim.member(group, eve).may("can_send_messages")
    })
    .await;
    let (kind, reasons): (String, String) = (
        value(&green.app, "SELECT kind FROM treatments").await,
        value(&green.app, "SELECT reasons FROM treatments").await,
    );
    assert_eq!(
        (kind.as_str(), reasons.as_str()),
        ("mute", r#"["house_word"]"#)
    );
    let said = green.said(green.group, "on this group's blacklist").await;
    assert!(said.text().contains("2 hours"), "{}", said.text());
    // It is no spam: nothing is learned of it, and no card asks.
    let learned: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    let cards: i64 = value(&green.app, "SELECT count(*) FROM cards").await;
    assert_eq!((learned, cards), (0, 0));

    let own = green.says_on(green.owner, "no casinos here please").await;
    assert!(green.is_left(own).await);
    let told = green.asks(green.owner, "/blacklist").await;
    assert!(told.contains("casino*"), "{told}");
    let told = green.asks(green.owner, "/blacklist remove CASINO*").await;
    assert!(told.contains("off the blacklist"), "{told}");
    let (ann, message) = green.says("Ann", "casino again").await;
    assert!(green.is_left(message).await, "{ann}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_remove_kinds_edits_and_albums_and_say_why_for_a_while() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    let (ben, _) = green.says("Ben", "good morning").await;
    let told = green
        .asks(green.owner, "/lock link, sticker warn, hologram")
        .await;
    assert!(told.contains("hologram"), "{told}");
    let told = green
        .asks(green.owner, "/lock link, poll warn, photo")
        .await;
    assert!(told.contains("link, poll warn, photo"), "{told}");

    let link = sim.say(group, ben, "see https://example.org/page");
    until("removed", || is_removed(sim, group, link)).await;
    let said = green.said(group, "not wanted here (link)").await;
    let row: i64 = value(
        &green.app,
        "SELECT count(*) FROM jobs WHERE kind = 'community.sweep'",
    )
    .await;
    assert!(row > 0, "{} goes again", said.text());
    assert!(sim.member(group, ben).may("can_send_messages"));

    let fine = green.says_on(ben, "no address here").await;
    assert!(green.is_left(fine).await);
    sim.edit(group, fine, "now see https://example.org/page");
    until("the edit is removed", || is_removed(sim, group, fine)).await;

    let why = sim.say(group, ben, "just words");
    judged(&green.app, group, why).await;
    let told = green.asks(ben, "/locks").await;
    assert!(told.contains("poll warn"), "{told}");
    let told = green.asks(green.owner, "/unlock all").await;
    assert!(told.contains("Nothing is locked"), "{told}");
    let link = sim.say(group, ben, "see https://example.org/page");
    judged(&green.app, group, link).await;
    assert!(green.is_left(link).await);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_stopped_and_a_restart_remembers_it() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    let (kim, _) = green.says("Kim", "one").await;
    let told = green.asks(green.owner, "/flood 3 1h mute 1h").await;
    assert!(told.contains("3 1h mute 1h"), "{told}");
    for words in ["two", "three"] {
        let message = green.says_on(kim, words).await;
        assert!(green.is_left(message).await, "{words}");
    }
    let (sim_2, dir) = {
        let message = sim.say(group, kim, "four");
        until("removed", || is_removed(sim, group, message)).await;
        within(10, "muted", || {
            !sim.member(group, kim).may("can_send_messages")
        })
        .await;
        green.stop().await
    };
    // Somebody whose messages came before the restart.
    let app = crate::support::house::house_with(&sim_2, dir.path(), "suggest", |_| {}).await;
    let lee = sim_2.user("Lee");
    sim_2.join(group, lee);
    for words in ["a", "b", "c"] {
        let message = sim_2.say(group, lee, words);
        judged(&app, group, message).await;
    }
    app.stop().await;
    let app = crate::support::house::house_with(&sim_2, dir.path(), "suggest", |_| {}).await;
    let message = sim_2.say(group, lee, "d");
    until("removed after a restart", || {
        is_removed(&sim_2, group, message)
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_mode_removes_what_comes_too_soon_and_says_so_once() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    let (max, _) = green.says("Max", "good morning").await;
    let told = green.asks(green.owner, "/slowmode 30m").await;
    assert!(told.contains("30m"), "{told}");
    let soon = sim.say(group, max, "and good day");
    until("removed", || is_removed(sim, group, soon)).await;
    let soon = sim.say(group, max, "and good evening");
    until("removed again", || is_removed(sim, group, soon)).await;
    let said = || {
        let all = sim.bot_messages(group);
        all.iter()
            .filter(|m| m.text().contains("Slow mode is on"))
            .count()
    };
    until("told", || said() == 1).await;
    let own = green.says_on(green.owner, "I may").await;
    let own_2 = green.says_on(green.owner, "and may again").await;
    assert!(green.is_left(own).await && green.is_left(own_2).await);
    assert_eq!(said(), 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn night_closes_the_group_and_the_morning_opens_it_as_it_was() {
    let (green, clock) = Green::clocked().await;
    let (sim, group) = (&green.sim, green.group);
    green.says("Wes", "Good evening").await;
    sim.set_permissions(group, &["can_send_messages", "can_send_photos"]);
    let before = sim.permissions(group);
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let hour = now.hour();
    let told = green
        .asks(
            green.owner,
            &format!("/nightmode {hour:02}:00-{:02}:00", (hour + 2) % 24),
        )
        .await;
    assert!(told.contains("members cannot write"), "{told}");
    clock.shift(31_000);
    green.wake().await;
    within(10, "closed", || {
        !sim.permissions(group).contains(&"can_send_messages")
    })
    .await;
    green.said(group, "Good night").await;
    clock.shift(3 * 3_600_000);
    green.wake().await;
    within(20, "open", || sim.permissions(group) == before).await;
    green.app.stop().await;
}

impl Green {
    /// The queue sleeps by the wall; news wake it.
    async fn wake(&self) {
        use beadle::community::fleeting::Fleeting as _;
        let group = self.group;
        let write = self
            .app
            .store
            .write(move |tx| tx.sweep(i64::MAX, group, 0, 0));
        write.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_keywords_answer_and_rules_are_read_in_private() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    let (ann, _) = green.says("Ann", "good morning").await;
    assert!(green.asks(ann, "/notes").await.contains("no notes yet"));
    assert!(
        green
            .asks(ann, "/save faq <b>Read</b> it")
            .await
            .contains("Only admins")
    );
    assert!(
        green
            .asks(green.owner, "/save FAQ <b>Read</b> it & smile")
            .await
            .contains("#faq")
    );
    assert_eq!(green.asks(ann, "/note faq").await, "<b>Read</b> it & smile");
    assert_eq!(
        green.asks(ann, "please see #FAQ, thanks").await,
        "<b>Read</b> it & smile"
    );
    assert!(
        green
            .asks(green.owner, "/filter \"opening hours\" From nine to five")
            .await
            .contains("opening hours")
    );
    assert_eq!(
        green.asks(ann, "what are the OPENING hours?").await,
        "From nine to five"
    );
    let told = green.asks(green.owner, "/stop \"opening hours\"").await;
    assert!(told.contains("do not answer"), "{told}");
    let quiet = green.says_on(ann, "opening hours once more").await;
    assert!(green.is_left(quiet).await && answer(sim, group, quiet).is_none());
    assert!(
        green
            .asks(green.owner, "/clear faq")
            .await
            .contains("is gone")
    );

    assert!(
        green
            .asks(green.owner, "/rules set Be <i>kind</i>.")
            .await
            .contains("/rules shows")
    );
    let asked = sim.say(group, ann, "/rules");
    until("a button", || answer(sim, group, asked).is_some()).await;
    let all = sim.bot_messages(group);
    let shown = all.iter().find(|m| m.reply_to() == Some(asked)).unwrap();
    let url = shown.buttons()[0].url.clone().unwrap();
    let payload = url.split("start=").nth(1).unwrap().to_owned();
    let asked = sim.private(ann, &format!("/start {payload}"));
    until("the rules", || answer(sim, ann, asked).is_some()).await;
    assert!(answer(sim, ann, asked).unwrap().contains("Be <i>kind</i>."));
    // Who was never there is told nothing.
    let mal = sim.user("Mal");
    let asked = sim.private(mal, &format!("/start {payload}"));
    until("nothing", || answer(sim, mal, asked).is_some()).await;
    assert!(
        answer(sim, mal, asked)
            .unwrap()
            .contains("no rules of that group")
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn newcomers_are_greeted_by_name_only_when_their_profile_was_checked() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    green.says("Wes", "Good evening").await;
    let told = green
        .asks(
            green.owner,
            "/welcome set Hello {name}, this is {group} {x}",
        )
        .await;
    assert!(told.contains("greeted"), "{told}");
    assert!(
        green
            .asks(green.owner, "/clean joins")
            .await
            .contains("joins")
    );
    let ann = sim.user("Ann <b>{group}</b>");
    sim.join(group, ann);
    let said = green.said(group, "Hello").await;
    assert_eq!(
        said.text(),
        "Hello Ann <b>{group}</b>, this is The green {x}"
    );
    until("the notice goes", || {
        sim.deleted(group)
            .iter()
            .any(|m| m.value["new_chat_members"].is_array())
    })
    .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_advertises_is_not_printed() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    green.says("Wes", "Good evening").await;
    green.asks(green.owner, "/welcome set Hello {name}!").await;
    let spam = sim.user("Earn at t.me/evil");
    sim.join(group, spam);
    let said = green.said(group, "Hello").await;
    assert_eq!(said.text(), "Hello there!");
    green.app.stop().await;
}

/// Each is answered in the language of the group, and with few words.
async fn answered_kindly(lang: &str, rows: &[String]) {
    let green = Green::in_mode("suggest").await;
    green.says("Wes", "Good evening").await;
    green.set_language(lang).await;
    for words in rows {
        let told = green.asks(green.owner, words).await;
        let cyrillic = told.chars().any(|c| ('а'..='я').contains(&c));
        assert_eq!(cyrillic, lang == "ru", "{words}: {told}");
        assert!(told.chars().count() < 1_200, "{words}: {told}");
    }
    let violations = green.sim.call_violations();
    assert!(violations.is_empty(), "{violations:?}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_arguments_get_a_friendly_answer_in_both_languages() {
    let large = "a".repeat(3_900);
    let rows = [
        "/blacklist add /(((/".to_owned(),
        "/blacklist add /\\w{900}/".to_owned(),
        "/blacklist add ban 99999999999y x".to_owned(),
        format!("/blacklist add /{large}/"),
        "/blacklist add \u{202e}<b>x".to_owned(),
        "/blacklist zzz".to_owned(),
        "/blacklist remove nothing".to_owned(),
        "/lock \u{202e}<b>".to_owned(),
        "/lock link mute 99999999999y".to_owned(),
        "/unlock hologram".to_owned(),
        "/flood -1 1s".to_owned(),
        "/flood 99999999999999999999 1s ban".to_owned(),
        "/slowmode 99999999999y".to_owned(),
        "/nightmode 99:99-00:00".to_owned(),
        "/clean <script>".to_owned(),
        "/note \u{202e}".to_owned(),
        format!("/save {large} x"),
        "/save <b>x</b> y".to_owned(),
        "/clear".to_owned(),
        "/filter \"\" x".to_owned(),
        "/stop nothing".to_owned(),
        "/rules set".to_owned(),
        "/welcome set".to_owned(),
    ];
    // A bot may say 20 messages a minute in one group.
    let parts = ["en", "ru"].into_iter().flat_map(|lang| {
        let parts = rows.chunks(8);
        parts.map(move |rows| answered_kindly(lang, rows))
    });
    futures_util::future::join_all(parts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rules_at_once_are_none_and_three_hundred_are_fine() {
    let green = Green::in_mode("suggest").await;
    let (_, first) = green.says("Wes", "Good evening").await;
    let many: Vec<String> = (0..1_000).map(|n| format!("w{n}")).collect();
    let told = green
        .asks(
            green.owner,
            &format!("/blacklist add {}", many[..600].join("\n")),
        )
        .await;
    assert!(told.contains("300"), "{told}");
    let count = "SELECT count(*) FROM house_items WHERE kind = 'word'";
    assert_eq!(value::<i64>(&green.app, count).await, 0);
    let told = green
        .asks(
            green.owner,
            &format!("/blacklist add {}", many[..300].join("\n")),
        )
        .await;
    assert!(told.contains("300 entries"), "{told}");
    let told = green.asks(green.owner, "/blacklist add w301").await;
    assert!(told.contains("room for 300"), "{told}");
    let (_, message) = green.says("Ann", "this is w299, you see").await;
    until("removed", || is_removed(&green.sim, green.group, message)).await;
    assert!(green.is_left(first).await);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_keeps_its_lists() {
    let green = Green::in_mode("suggest").await;
    green.says("Wes", "Good evening").await;
    green.asks(green.owner, "/save faq Read it").await;
    let (old, new) = (green.group, green.group - 7);
    let write = green.app.store.write(move |tx| {
        Ok(tx.execute(
            "UPDATE groups SET migrated_to = ?2 WHERE id = ?1",
            [old, new],
        )?)
    });
    write.await.unwrap();
    let chat: i64 = value(&green.app, "SELECT chat FROM house_items").await;
    assert_eq!(chat, new);
    green.app.stop().await;
}
