//! The captcha at the door: who is asked, how, and what follows right, wrong, late and advertising answers.
use std::sync::Arc;

use beadle::app::App;
use beadle::base::clock::{Clock as _, Millis, ShiftedClock, SystemClock};
use beadle::base::random::SeededRandom;
use beadle::community::settings;
use beadle::features::moderation::newcomers::settings::{CaptchaKind, CaptchaSettings, SETTINGS};
use beadle::features::moderation::newcomers::task::{Question, Task, plain};
use beadle::telegram::simulator::{SimMessage, SimOptions, Simulator, Status};
use serde_json::{Value, json};

use crate::arbiter::is_muted;
use crate::support::house::{SPAM, house, house_with, judged, simulator_with, value, within};

/// Chooses settings for a group, as `/set` would.
pub(crate) async fn choose(app: &App, chat: i64, values: &[(&'static str, Value)]) {
    let table = settings::Table::new(&[SETTINGS]);
    let values: Vec<(&'static str, Option<Value>)> = values
        .iter()
        .map(|(path, value)| {
            let (setting, value) = table.check(path, value).unwrap();
            (setting.path, Some(value))
        })
        .collect();
    app.store
        .write(move |tx| settings::put(tx, chat, &values, SystemClock.now()))
        .await
        .unwrap();
    app.community.refresh(chat).await.unwrap();
}

struct Door {
    sim: Simulator,
    app: App,
    clock: Arc<ShiftedClock>,
    group: i64,
    eve: i64,
    dir: tempfile::TempDir,
}

async fn door(options: impl FnOnce(&mut SimOptions), chosen: &[(&'static str, Value)]) -> Door {
    let sim = simulator_with(options);
    let (group, ann, eve) = (
        sim.supergroup("The green"),
        sim.user("Ann"),
        sim.user("Eve"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    choose(&app, group, chosen).await;
    Door {
        sim,
        app,
        clock,
        group,
        eve,
        dir,
    }
}

/// The question that stands in `chat`.
async fn asked(sim: &Simulator, chat: i64) -> SimMessage {
    let find = || {
        let all = sim.bot_messages(chat);
        all.into_iter().find(|m| !buttons(m).is_empty())
    };
    within(10, "asked", || find().is_some()).await;
    find().unwrap()
}

/// Labels and data of a message's buttons.
fn buttons(message: &SimMessage) -> Vec<(String, String)> {
    let rows = message.value["reply_markup"]["inline_keyboard"].as_array();
    let buttons = rows.into_iter().flatten().filter_map(Value::as_array);
    buttons
        .flatten()
        .filter_map(|b| {
            let data = b["callback_data"].as_str()?;
            Some((b["text"].as_str()?.to_owned(), data.to_owned()))
        })
        .collect()
}

/// The sum in a question.
fn sum(message: &SimMessage) -> u32 {
    let words = message.text();
    let numbers: Vec<u32> = words
        .lines()
        .last()
        .unwrap()
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect();
    assert_eq!(numbers.len(), 2, "{words}");
    numbers[0] + numbers[1]
}

fn press(sim: &Simulator, chat: i64, message: &SimMessage, user: i64, label: &str) -> String {
    let found = buttons(message);
    let (_, data) = found
        .iter()
        .find(|(l, _)| l == label)
        .unwrap_or_else(|| panic!("{label} is not among {found:?}"));
    sim.press(chat, message.message_id, user, data)
}

async fn told(sim: &Simulator, press: &str) -> String {
    within(10, "answered", || sim.callback_answer(press).is_some()).await;
    sim.callback_answer(press).unwrap().text
}

fn wrong(message: &SimMessage) -> String {
    let right = sum(message).to_string();
    let found = buttons(message).into_iter().map(|(label, _)| label);
    found
        .filter(|l| l.parse::<u32>().is_ok())
        .find(|l| *l != right)
        .unwrap()
}

fn is_free(d: &Door) -> bool {
    d.sim.member(d.group, d.eve).status == Status::Member
}

fn kicked(d: &Door) -> bool {
    d.sim.member(d.group, d.eve).status == Status::Kicked
}

const OUTCOME: &str =
    "SELECT coalesce(max(outcome || ' ' || coalesce(reason, '')), '') FROM admissions";

#[tokio::test(flavor = "multi_thread")]
async fn a_press_frees_and_only_the_persons_own() {
    for whispers in [true, false] {
        let d = door(
            |o| o.ephemeral_messages = whispers,
            &[("captcha.kind", json!("button"))],
        )
        .await;
        d.sim.join(d.group, d.eve);
        within(10, "muted", || is_muted(&d.sim, d.group, d.eve)).await;
        // A server without messages for one shows it to all; then the group's own takes its place.
        if !whispers {
            within(10, "the question for all", || {
                d.sim
                    .deleted(d.group)
                    .iter()
                    .any(|m| !buttons(m).is_empty())
            })
            .await;
        }
        let question = asked(&d.sim, d.group).await;
        assert_eq!(question.message_id < 0, whispers);
        let bob = d.sim.user("Bob");
        let other = press(&d.sim, d.group, &question, bob, "I am a person");
        assert!(told(&d.sim, &other).await.contains("somebody else"));
        assert!(is_muted(&d.sim, d.group, d.eve));
        let own = press(&d.sim, d.group, &question, d.eve, "I am a person");
        assert!(told(&d.sim, &own).await.contains("welcome"));
        within(10, "free", || is_free(&d)).await;
        let again = press(&d.sim, d.group, &question, d.eve, "I am a person");
        assert!(told(&d.sim, &again).await.contains("nothing to answer"));
        if !whispers {
            within(10, "gone", || {
                d.sim
                    .bot_messages(d.group)
                    .iter()
                    .all(|m| buttons(m).is_empty())
            })
            .await;
        }
        // Whoever was asked once is not asked again.
        d.sim.leave(d.group, d.eve);
        d.sim.join(d.group, d.eve);
        for _ in 0..200 {
            let over: i64 = value(
                &d.app,
                "SELECT count(*) FROM admissions WHERE outcome = 'admitted'",
            )
            .await;
            if over == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(is_free(&d));
        assert_eq!(d.sim.call_violations(), []);
        d.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_is_offered_with_every_kind_and_three_wrong_ones_are_the_end() {
    for kind in ["button", "sum", "question"] {
        let chosen = [
            ("captcha.kind", json!(kind)),
            (
                "captcha.questions",
                json!(["What do we grow here? = roses | Rose"]),
            ),
        ];
        let d = door(|_| {}, &chosen).await;
        d.sim.join(d.group, d.eve);
        let question = asked(&d.sim, d.group).await;
        let right = sum(&question).to_string();
        let wrong = wrong(&question);
        if kind == "sum" {
            for left in ["2", "1", "no tries"] {
                let said = press(&d.sim, d.group, &question, d.eve, &wrong);
                let said = told(&d.sim, &said).await;
                assert!(said.contains(left), "{said}");
            }
            within(10, "out", || kicked(&d)).await;
            assert_eq!(
                value::<String>(&d.app, OUTCOME).await,
                "refused captcha_failed"
            );
        } else {
            let said = press(&d.sim, d.group, &question, d.eve, &wrong);
            assert!(told(&d.sim, &said).await.contains('2'));
            let said = press(&d.sim, d.group, &question, d.eve, &right);
            assert!(told(&d.sim, &said).await.contains("welcome"));
            within(10, "free", || is_free(&d)).await;
        }
        d.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_questions_are_answered_in_private_and_advertising_ends_it() {
    let chosen = [
        ("captcha.kind", json!("question")),
        (
            "captcha.questions",
            json!(["What do we grow here? = roses | Rose"]),
        ),
    ];
    for (answer, free) in [("  RОSES! ", true), (SPAM, false)] {
        let d = door(|_| {}, &chosen).await;
        d.sim.join(d.group, d.eve);
        let question = asked(&d.sim, d.group).await;
        let url = question.value["reply_markup"]["inline_keyboard"][0][0]["url"].clone();
        let (_, start) = url.as_str().unwrap().split_once("?start=").unwrap();
        d.sim.private(d.eve, &format!("/start {start}"));
        let letter = asked(&d.sim, d.eve).await;
        assert!(
            letter.text().contains("What do we grow here?"),
            "{}",
            letter.text()
        );
        d.sim.private(d.eve, answer);
        within(
            10,
            "decided",
            || if free { is_free(&d) } else { kicked(&d) },
        )
        .await;
        if !free {
            assert_eq!(
                value::<String>(&d.app, OUTCOME).await,
                "refused captcha_spam"
            );
        }
        d.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_in_links_and_buttons_changes_nothing() {
    let d = door(|_| {}, &[("captcha.kind", json!("button"))]).await;
    d.sim.join(d.group, d.eve);
    let question = asked(&d.sim, d.group).await;
    let (_, data) = buttons(&question).remove(0);
    let forged = data.replace(":ok", ":17");
    for rubbish in [
        "captcha:",
        "captcha:::::",
        "captcha:9999999999999999999999:1:ok.x",
        &forged,
    ] {
        let said = d.sim.press(d.group, question.message_id, d.eve, rubbish);
        assert!(
            told(&d.sim, &said).await.contains("nothing to answer"),
            "{rubbish}"
        );
    }
    for rubbish in [
        "captcha-",
        "captcha-x",
        "captcha-99999999999999999999999999",
        "captcha-1",
    ] {
        let before = d.sim.bot_messages(d.eve).len();
        d.sim.private(d.eve, &format!("/start {rubbish}"));
        within(10, "told", || d.sim.bot_messages(d.eve).len() > before).await;
        let last = d.sim.bot_messages(d.eve).pop().unwrap();
        assert!(
            last.text().contains("nothing to answer"),
            "{rubbish}: {}",
            last.text()
        );
    }
    assert!(is_muted(&d.sim, d.group, d.eve));
    d.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_survives_a_restart() {
    let d = door(
        |_| {},
        &[
            ("captcha.kind", json!("sum")),
            ("captcha.time", json!(120_000)),
        ],
    )
    .await;
    d.sim.join(d.group, d.eve);
    asked(&d.sim, d.group).await;
    within(10, "muted", || is_muted(&d.sim, d.group, d.eve)).await;
    let until = d.sim.member(d.group, d.eve).until;
    assert!(until > 0, "a Beadle that is gone leaves nobody muted");
    d.app.stop().await;
    d.clock.shift(121_000);
    let shared = d.clock.clone();
    let app = house_with(&d.sim, d.dir.path(), "act", move |ground| {
        ground.clock = shared
    })
    .await;
    within(20, "out", || {
        d.sim.member(d.group, d.eve).status == Status::Kicked
    })
    .await;
    let left = d.sim.member(d.group, d.eve).until * 1_000 - d.clock.now();
    assert!(
        (30_000..=61_000).contains(&left),
        "out only now, not for good: {left} ms"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_stay_silent_does_until_an_answer_comes() {
    let chosen = [
        ("captcha.kind", json!("sum")),
        ("captcha.time", json!(60_000)),
        ("captcha.then", json!("keep")),
    ];
    let d = door(|_| {}, &chosen).await;
    d.sim.join(d.group, d.eve);
    let question = asked(&d.sim, d.group).await;
    within(10, "muted", || is_muted(&d.sim, d.group, d.eve)).await;
    d.clock.shift(600_000);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(is_muted(&d.sim, d.group, d.eve));
    press(
        &d.sim,
        d.group,
        &question,
        d.eve,
        &sum(&question).to_string(),
    );
    within(10, "free", || is_free(&d)).await;
    d.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_queries_are_asked_by_letter_and_answered() {
    for queries in [false, true] {
        for (right, late) in [(true, false), (false, false), (false, true)] {
            let d = door(
                |o| o.join_queries = queries,
                &[
                    ("captcha.kind", json!("button")),
                    ("captcha.time", json!(120_000)),
                ],
            )
            .await;
            d.sim.request_join(d.group, d.eve);
            let letter = asked(&d.sim, d.eve).await;
            if queries {
                within(10, "queued", || {
                    !d.sim.calls_of("answerChatJoinRequestQuery").is_empty()
                })
                .await;
                assert_eq!(
                    d.sim.calls_of("answerChatJoinRequestQuery")[0].params["result"],
                    "queue"
                );
            }
            if late {
                d.clock.shift(121_000);
            } else if right {
                press(&d.sim, d.eve, &letter, d.eve, "I am a person");
            } else {
                for _ in 0..3 {
                    let said = press(&d.sim, d.eve, &letter, d.eve, &wrong(&letter));
                    told(&d.sim, &said).await;
                }
            }
            within(20, "answered", || d.sim.join_requests(d.group).is_empty()).await;
            within(10, "settled", || {
                d.sim.member(d.group, d.eve).present == right
            })
            .await;
            assert_eq!(d.sim.call_violations(), []);
            d.app.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_by_an_admin_is_not_asked_and_without_the_setting_nobody_is() {
    let d = door(|_| {}, &[("captcha.kind", json!("button"))]).await;
    let (owner, bob) = (d.sim.owner(d.group), d.sim.user("Bob"));
    d.sim.invite(d.group, owner, bob);
    d.sim.join(d.group, d.eve);
    asked(&d.sim, d.group).await;
    let asked: i64 = value(&d.app, "SELECT count(*) FROM captchas").await;
    assert_eq!(asked, 1);
    assert_eq!(d.sim.member(d.group, bob).status, Status::Member);
    d.app.stop().await;

    let sim = simulator_with(|_| {});
    let (group, eve) = (sim.supergroup("The pond"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, sim.owner(group), "hello")).await;
    sim.join(group, eve);
    crate::arbiter::until_value(
        &app,
        "SELECT count(*) FROM admissions WHERE outcome = 'admitted'",
        1,
    )
    .await;
    assert!(sim.calls_of("restrictChatMember").is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_asked_by_one_message() {
    let d = door(
        |o| o.ephemeral_messages = true,
        &[("captcha.kind", json!("button")), ("raid.joins", json!(0))],
    )
    .await;
    let people: Vec<i64> = (0..25).map(|i| d.sim.user(&format!("P{i}"))).collect();
    for user in &people {
        d.sim.join(d.group, *user);
    }
    crate::arbiter::until_value(
        &d.app,
        "SELECT count(*) FROM captchas WHERE user > 0 AND state = 'open'",
        25,
    )
    .await;
    within(20, "all muted", || {
        people.iter().all(|p| is_muted(&d.sim, d.group, *p))
    })
    .await;
    let find = || {
        let all = d.sim.messages(d.group);
        all.into_iter().find(|m| m.text().contains("just joined"))
    };
    within(20, "the common one", || find().is_some()).await;
    let common = find().unwrap();
    let sent = d.sim.calls_of("sendMessage").len();
    assert!(sent <= 9, "{sent} messages");
    let url = common.value["reply_markup"]["inline_keyboard"][0][0]["url"]
        .as_str()
        .unwrap();
    let last: i64 = value(
        &d.app,
        "SELECT user FROM captchas WHERE prompt IS NULL LIMIT 1",
    )
    .await;
    d.sim.private(
        last,
        &format!("/start {}", url.split_once("?start=").unwrap().1),
    );
    let letter = asked(&d.sim, last).await;
    press(&d.sim, last, &letter, last, "I am a person");
    within(10, "free", || {
        d.sim.member(d.group, last).status == Status::Member
    })
    .await;
    d.app.stop().await;
}

#[test]
fn questions_are_read_and_answers_compared_as_people_mean_them() {
    let question = Question::read("2 + 2 = ? = 4 | four | Четыре!").unwrap();
    assert_eq!(question.question, "2 + 2 = ?");
    assert_eq!(question.answers, ["4", "four", "четыре"]);
    for line in [
        "",
        "=",
        "no answer =",
        "= no question",
        "nothing",
        "x = | !",
    ] {
        assert_eq!(Question::read(line), None, "{line}");
    }
    assert_eq!(plain(" ЧЕТЫРЕ…  "), plain("четыре"));
    assert_eq!(plain(&"x".repeat(1 << 20)).len(), 200);
    let settings = CaptchaSettings {
        kind: CaptchaKind::Question,
        questions: vec!["How? = so".to_owned(), "rubbish".to_owned()],
        ..CaptchaSettings::default()
    };
    for seed in 0..500 {
        let task = Task::new(&settings, &SeededRandom::new(seed));
        let right = task.sum.a + task.sum.b;
        assert_eq!(task.sum.options.iter().filter(|n| **n == right).count(), 1);
        assert_eq!(task.sum.options.len(), 4);
        assert!(task.takes(&format!(" {right}. ")) && task.takes("SO!") && !task.takes("no"));
        assert!(task.takes_number(right) && !task.takes_number(right + 1));
    }
    let table = settings::Table::new(&[SETTINGS]);
    assert!(table.parse("captcha.questions", "a = b\nc = d | e").is_ok());
    for rubbish in [
        "a",
        "a =",
        &"a = b\n".repeat(21),
        &format!("{} = b", "a".repeat(400)),
    ] {
        assert!(
            table.parse("captcha.questions", rubbish).is_err(),
            "{rubbish}"
        );
    }
    let _: Millis = CaptchaSettings::default().time;
}
