//! Raids: a surge is noticed, newcomers are held, links ask for approval, one card says so, and all of it is returned.
use std::sync::Arc;

use beadle::app::App;
use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::{SimMessage, Simulator, Status};
use serde_json::{Value, json};

use crate::arbiter::{is_muted, until_value};
use crate::captcha::choose;
use crate::support::house::{answer, house_with, judged, simulator, value, within};

pub(crate) struct Siege {
    pub(crate) sim: Simulator,
    pub(crate) app: App,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) group: i64,
    pub(crate) owner: i64,
    pub(crate) ann: i64,
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) async fn siege(chosen: &[(&'static str, Value)]) -> Siege {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let owner = sim.owner(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    sim.private(owner, "/start");
    judged(&app, group, sim.say(group, ann, "hello")).await;
    choose(&app, group, chosen).await;
    Siege {
        sim,
        app,
        clock,
        group,
        owner,
        ann,
        dir,
    }
}

impl Siege {
    pub(crate) fn storm(&self, n: usize) -> Vec<i64> {
        let people: Vec<i64> = (0..n).map(|i| self.sim.user(&format!("P{i}"))).collect();
        for user in &people {
            self.sim.join(self.group, *user);
        }
        people
    }

    pub(crate) fn cards(&self) -> Vec<SimMessage> {
        let all = self.sim.bot_messages(self.owner);
        all.into_iter()
            .filter(|m| m.text().to_lowercase().contains("raid"))
            .collect()
    }

    pub(crate) async fn card(&self, words: &str) -> SimMessage {
        let find = || self.cards().into_iter().find(|m| m.text().contains(words));
        for _ in 0..600 {
            if let Some(found) = find() {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let cards: Vec<String> = self.cards().iter().map(|m| m.text().to_owned()).collect();
        panic!("{words} stands on none of {cards:?}");
    }

    pub(crate) fn press(&self, card: &SimMessage, label: &str, by: i64) -> String {
        let rows = card.value["reply_markup"]["inline_keyboard"]
            .as_array()
            .unwrap();
        let mut buttons = rows.iter().flat_map(|r| r.as_array().unwrap());
        let button = buttons.find(|b| b["text"].as_str().unwrap().contains(label));
        let data =
            button.unwrap_or_else(|| panic!("no {label}: {rows:?}"))["callback_data"].clone();
        self.sim
            .press(self.owner, card.message_id, by, data.as_str().unwrap())
    }

    pub(crate) async fn said(&self, by: i64, words: &str) -> String {
        let asked = self.sim.say(self.group, by, words);
        within(10, words, || answer(&self.sim, self.group, asked).is_some()).await;
        answer(&self.sim, self.group, asked).unwrap()
    }

    pub(crate) fn all(&self, people: &[i64], status: Status) -> bool {
        people
            .iter()
            .all(|p| self.sim.member(self.group, *p).status == status)
    }

    pub(crate) fn muted(&self, people: &[i64]) -> bool {
        people.iter().all(|p| is_muted(&self.sim, self.group, *p))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surge_is_held_shown_once_put_out_and_taken_back() {
    let s = siege(&[("raid.joins", json!(5))]).await;
    let people = s.storm(12);
    within(20, "all held, the first too", || s.muted(&people)).await;
    for p in &people {
        assert!(
            s.sim.member(s.group, *p).until > 0,
            "held for a day at most"
        );
    }
    assert_eq!(
        s.sim.member(s.group, s.ann).status,
        Status::Member,
        "in before"
    );
    until_value(
        &s.app,
        "SELECT count(*) FROM raiders WHERE state = 'held'",
        12,
    )
    .await;
    s.clock.shift(31_000);
    let card = s.card("12 newcomers").await;
    assert_eq!(s.cards().len(), 1);
    // Somebody without the right decides nothing.
    let tap = s.press(&card, "Put all", s.ann);
    within(10, "refused", || s.sim.callback_answer(&tap).is_some()).await;
    assert!(s.muted(&people));
    s.press(&card, "Put all", s.owner);
    within(20, "out", || s.all(&people, Status::Kicked)).await;
    let card = s.card("Put out: 12").await;
    s.press(&card, "Undo", s.owner);
    within(20, "may come back", || s.all(&people, Status::Left)).await;
    s.card("Let in: 12").await;
    assert_eq!(s.cards().len(), 1);
    assert_eq!(s.sim.call_violations(), []);
    let sent = s.sim.calls_of("sendMessage").len();
    assert!(sent <= 4, "{sent} messages, with the answer to /start");
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calm_ends_it_and_links_are_as_they_were() {
    let s = siege(&[("raid.joins", json!(5)), ("raid.then", json!("free"))]).await;
    let told = s.sim.say(s.group, s.owner, "/invite");
    within(10, "a link", || answer(&s.sim, s.group, told).is_some()).await;
    let words = answer(&s.sim, s.group, told).unwrap();
    let start = words.find("https://t.me/+").unwrap();
    let link: String = words[start..]
        .chars()
        .take_while(|c| !c.is_whitespace() && *c != '"' && *c != '<')
        .collect();
    let people = s.storm(6);
    within(20, "held", || s.muted(&people)).await;
    let edits = |s: &Siege| -> Vec<bool> {
        let calls = s.sim.calls_of("editChatInviteLink");
        calls
            .iter()
            .map(|c| c.params["creates_join_request"] == true)
            .collect()
    };
    within(10, "the link asks", || edits(&s) == [true]).await;
    s.card("need approval: 1").await;
    // Who comes by the link now asks, and waits.
    let eve = s.sim.user("Eve");
    s.sim.join_by_link(s.group, eve, &link);
    within(10, "asks", || s.sim.join_requests(s.group) == [eve]).await;
    until_value(
        &s.app,
        "SELECT count(*) FROM raiders WHERE state = 'held'",
        7,
    )
    .await;
    s.clock.shift(601_000);
    within(20, "free", || s.all(&people, Status::Member)).await;
    within(10, "the link is as it was", || edits(&s) == [true, false]).await;
    let card = s.card("is over").await;
    assert!(card.text().contains("as they were: 1"), "{}", card.text());
    // With nothing more to ask, her request is the admins' again.
    until_value(
        &s.app,
        "SELECT count(*) FROM admissions WHERE outcome = 'left_to_admins'",
        1,
    )
    .await;
    assert_eq!(s.sim.join_requests(s.group), [eve]);
    assert_eq!(s.sim.call_violations(), []);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_hand_and_across_a_restart() {
    let s = siege(&[("raid.joins", json!(0)), ("raid.then", json!("remove"))]).await;
    assert!(s.said(s.owner, "/raid").await.contains("no raid"));
    assert!(s.said(s.owner, "/raid sideways").await.contains("/raid on"));
    assert!(s.said(s.ann, "/raid on").await.contains("admins"));
    assert!(s.said(s.owner, "/raid on").await.contains("is on"));
    assert!(s.said(s.owner, "/raid on").await.contains("already"));
    let people = s.storm(2);
    within(20, "held", || s.muted(&people)).await;
    s.card("switched on at").await;
    s.app.stop().await;
    let shared = s.clock.clone();
    let app = house_with(&s.sim, s.dir.path(), "act", move |ground| {
        ground.clock = shared
    })
    .await;
    let s = Siege { app, ..s };
    let late = s.storm(1);
    within(20, "held", || s.muted(&late)).await;
    assert!(s.said(s.owner, "/raid status").await.contains("held: 3"));
    assert!(s.said(s.owner, "/raid off").await.contains("off"));
    within(20, "out", || s.all(&people, Status::Kicked)).await;
    let eve = s.sim.user("Eve");
    s.sim.join(s.group, eve);
    until_value(
        &s.app,
        "SELECT count(*) FROM admissions WHERE outcome = 'admitted'",
        1,
    )
    .await;
    assert_eq!(s.sim.member(s.group, eve).status, Status::Member);
    let open: i64 = value(&s.app, "SELECT count(*) FROM raids WHERE ended_at IS NULL").await;
    assert_eq!(open, 0);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_raid_its_people_go_on_to_the_captcha() {
    let s = siege(&[
        ("raid.joins", json!(3)),
        ("raid.then", json!("free")),
        ("captcha.kind", json!("button")),
    ])
    .await;
    let people = s.storm(6);
    within(20, "held", || s.muted(&people)).await;
    until_value(&s.app, "SELECT count(*) FROM raids", 1).await;
    let asked: i64 = value(&s.app, "SELECT count(*) FROM captchas WHERE user > 0").await;
    assert!(asked <= 2, "{asked} were asked in the raid");
    assert!(s.said(s.owner, "/raid off").await.contains("off"));
    until_value(
        &s.app,
        "SELECT count(*) FROM captchas WHERE user > 0 AND state = 'open'",
        6,
    )
    .await;
    within(10, "asked, and held until they answer", || s.muted(&people)).await;
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rights_the_card_says_so_and_nothing_is_promised() {
    let s = siege(&[("raid.joins", json!(3))]).await;
    s.sim.set_bot_rights(s.group, &["can_delete_messages"]);
    s.storm(4);
    s.clock.shift(31_000);
    let card = s.card("cannot hold anybody").await;
    assert!(
        card.text().contains("no invite links of mine"),
        "{}",
        card.text()
    );
    s.app.stop().await;
}
