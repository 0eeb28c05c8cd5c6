//! What a group's admins say changes verdicts there, in a few taps, not by a few mistakes, and can be taken back.
use beadle::app::App;
use beadle::base::fold::fold;
use beadle::community::erasure::Portion;
use beadle::features::moderation::KeptVerdict;
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::grams::Grams;
use beadle::features::moderation::learning::{
    self, GroupModel, Label, Lesson, Lessons, MOST, REMOVED_KEPT, Taught,
};
use beadle::telegram::simulator::Simulator;
use proptest::prelude::*;

use crate::support::house::{SPAM, house_with, judged, simulator, value};

/// A local nuisance that the shipped model does not know.
const CAMPAIGN: [&str; 5] = [
    "Puppies from our kennel in Marrow Lane, chocolate and black, vaccinated, come and choose yours this weekend",
    "Our kennel in Marrow Lane has chocolate puppies again, vaccinated and chipped, choose yours before the weekend",
    "Black and chocolate puppies, all vaccinated, Marrow Lane kennel, come on Saturday and choose",
    "This weekend at the Marrow Lane kennel: vaccinated puppies, black or chocolate, come and choose one",
    "Chocolate puppies ready for new homes, vaccinated, see them at our kennel, Marrow Lane",
];

/// What is said in any group.
const TALK: [&str; 24] = [
    "good morning everyone, is the bakery open on Monday?",
    "I left the keys with Tom, ask him when he is back from work",
    "does anybody know a good dentist near the station?",
    "the meeting moved to seven, same place as last time",
    "thanks, that fixed it for me, the cable was loose",
    "my train is late again, start without me please",
    "who wants to walk to the lake on Sunday if it stays dry?",
    "I think the second version reads better than the first one",
    "can somebody send me the photos from the school party?",
    "the heating in our house has been off since yesterday",
    "we watched that film too, the end was rather slow",
    "happy birthday! have a lovely day with the children",
    "is there still a free seat in the car to the market?",
    "the doctor says it is only a cold, nothing to worry about",
    "please do not park in front of the gate this evening",
    "my sister starts her new job next week, she is nervous",
    "how do you make the soup so thick, flour or potatoes?",
    "it has been raining all day, the cellar is wet again",
    "the library has the book, I put my name on the list",
    "does the bus stop at the hospital after ten at night?",
    "he scored twice in the last ten minutes, what a match",
    "you can borrow our ladder, it stands behind the shed",
    "we should write to the council about the broken lamp",
    "see you tomorrow then, I will bring cake and the chairs",
];

fn grams(text: &str) -> Grams {
    Grams::of(&fold(text))
}

fn taught(lessons: &[(&str, Label)]) -> GroupModel {
    let mut all = Lessons::default();
    for (text, label) in lessons {
        all.learn(grams(text).lesson(), *label);
    }
    all.model(SpamModel::shipped())
}

#[test]
fn three_taps_matter_for_the_campaign_and_for_nothing_else() {
    let model = taught(&[
        (CAMPAIGN[0], Label::Spam),
        (CAMPAIGN[1], Label::Spam),
        (CAMPAIGN[2], Label::Spam),
    ]);
    for text in &CAMPAIGN[3..] {
        let score = model.score(&grams(text));
        assert!(score > 1.0, "{score} {text}");
    }
    for text in TALK {
        let score = model.score(&grams(text));
        assert!(score < 0.2, "{score} {text}");
    }
    let allowed = taught(&[(CAMPAIGN[0], Label::Ham), (CAMPAIGN[1], Label::Ham)]);
    assert!(allowed.score(&grams(CAMPAIGN[2])) < -0.5);
}

#[test]
fn twenty_wrong_labels_do_not_turn_ordinary_talk_into_spam() {
    let wrong: Vec<_> = TALK[..20].iter().map(|t| (*t, Label::Spam)).collect();
    let model = taught(&wrong);
    for text in &TALK[20..] {
        let score = model.score(&grams(text));
        assert!(score < 1.0, "{score} {text}");
    }
    // Whatever is taught, a newcomer's ordinary words stay below review: -4 for nothing, +1 for being new.
    let most = taught(&[(TALK[0], Label::Spam); 200].map(|(t, l)| (t, l)));
    assert!(most.score(&grams(TALK[0])) <= MOST);
    const { assert!(-4.0 + 1.0 + MOST < 0.0) };
}

#[test]
fn nothing_taught_says_nothing() {
    assert_eq!(
        GroupModel::default().score(&grams(CAMPAIGN[0])).to_bits(),
        0
    );
    let model = taught(&[(CAMPAIGN[0], Label::Spam)]);
    assert_eq!(model.score(&grams("")).to_bits(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_unlearned_leaves_no_trace(
        kept in proptest::collection::vec(("[a-zа-я ]{0,60}", any::<bool>()), 0..6),
        mut gone in proptest::collection::vec(("[a-zа-я ]{0,60}", any::<bool>()), 0..6),
    ) {
        let label = |spam: bool| if spam { Label::Spam } else { Label::Ham };
        let mut lessons = Lessons::default();
        for (text, spam) in gone.iter().chain(&kept) {
            lessons.learn(grams(text).lesson(), label(*spam));
        }
        gone.reverse();
        for (text, spam) in &gone {
            lessons.unlearn(grams(text).lesson(), label(*spam));
        }
        let mut only = Lessons::default();
        for (text, spam) in &kept {
            only.learn(grams(text).lesson(), label(*spam));
        }
        prop_assert!(lessons == only);
    }
}

async fn say(app: &App, sim: &Simulator, chat: i64, user: i64, text: &str) -> (i64, KeptVerdict) {
    let message = sim.say(chat, user, text);
    (message, judged(app, chat, message).await)
}

async fn teach(app: &App, chat: i64, message: i64, label: Label) -> Taught {
    let lesson = Lesson {
        chat,
        message,
        label,
        teacher: 1,
    };
    let taught = app
        .store
        .write(move |tx| learning::teach(tx, &lesson, 1))
        .await
        .unwrap();
    app.learner.refresh().await.unwrap();
    taught
}

fn weight(verdict: &KeptVerdict, code: &str) -> f64 {
    let found = verdict.reasons.iter().find(|r| r.code == code);
    found.map_or(0.0, |r| r.weight)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_changes_the_next_verdict_in_its_group_only_and_is_taken_back() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let (group, other) = (
        sim.supergroup("Kennel watch"),
        sim.supergroup("Somewhere else"),
    );
    let (ann, bob) = (sim.user("Ann"), sim.user("Bob"));
    for chat in [group, other] {
        sim.add_bot_admin(chat);
        sim.join(chat, ann);
        sim.join(chat, bob);
    }
    let (first, before) = say(&app, &sim, group, ann, CAMPAIGN[0]).await;
    assert_eq!(before.band, "clear");
    assert_eq!(
        teach(&app, group, first, Label::Spam).await,
        Taught::Learned
    );
    assert_eq!(
        teach(&app, group, first, Label::Spam).await,
        Taught::Already
    );

    let (second, like) = say(&app, &sim, group, bob, CAMPAIGN[1]).await;
    assert!(weight(&like, "learned_spam") > 0.3, "{like:?}");
    let (_, same) = say(&app, &sim, group, bob, &CAMPAIGN[0].to_uppercase()).await;
    assert!(weight(&same, "known_spam") > 3.0, "{same:?}");
    assert_ne!(same.band, "clear");
    let (_, elsewhere) = say(&app, &sim, other, bob, CAMPAIGN[0]).await;
    assert_eq!(weight(&elsewhere, "learned_spam"), 0.0);
    assert!(weight(&elsewhere, "known_elsewhere") > 1.0, "{elsewhere:?}");
    assert_eq!(elsewhere.band, "clear");

    assert_eq!(
        teach(&app, group, second, Label::Ham).await,
        Taught::Learned
    );
    let (_, allowed) = say(&app, &sim, group, bob, CAMPAIGN[1]).await;
    assert!(weight(&allowed, "known_ham") < -3.0, "{allowed:?}");

    app.store
        .write(move |tx| {
            assert!(learning::untaught(tx, group, first)?);
            assert!(learning::untaught(tx, group, second)?);
            assert!(!learning::untaught(tx, group, second)?);
            Ok(())
        })
        .await
        .unwrap();
    app.learner.refresh().await.unwrap();
    let (_, after) = say(&app, &sim, group, bob, CAMPAIGN[1]).await;
    for code in ["learned_spam", "learned_ham", "known_spam", "known_ham"] {
        assert_eq!(weight(&after, code), 0.0, "{code}: {after:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lessons_outlive_a_restart_and_a_move_and_go_with_their_author() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let group = sim.group("Kennel watch");
    sim.add_bot_admin(group);
    let (ann, bob) = (sim.user("Ann"), sim.user("Bob"));
    sim.join(group, ann);
    sim.join(group, bob);
    let (first, _) = say(&app, &sim, group, ann, CAMPAIGN[0]).await;
    teach(&app, group, first, Label::Spam).await;
    app.stop().await;

    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let (_, like) = say(&app, &sim, group, bob, CAMPAIGN[0]).await;
    assert!(weight(&like, "known_spam") > 3.0, "{like:?}");
    let moved = sim.migrate(group).unwrap();
    // The first message may have been judged in one go with the move.
    say(&app, &sim, moved, bob, TALK[0]).await;
    app.learner.refresh().await.unwrap();
    let (_, there) = say(&app, &sim, moved, bob, CAMPAIGN[1]).await;
    assert!(weight(&there, "learned_spam") > 0.3, "{there:?}");

    let forgotten = app
        .store
        .write(move |tx| {
            let mut position = Some(0);
            let mut gone = 0;
            while let Some(from) = position {
                let portion = Portion {
                    person: ann,
                    until: i64::MAX,
                    position: from,
                    rows: 1,
                    now: 1,
                };
                let progress = learning::forget(tx, portion)?;
                (position, gone) = (progress.next, gone + progress.gone);
            }
            Ok(gone)
        })
        .await
        .unwrap();
    assert_eq!(forgotten, 1);
    app.learner.refresh().await.unwrap();
    let (_, after) = say(&app, &sim, moved, bob, CAMPAIGN[1]).await;
    for code in ["learned_spam", "known_spam"] {
        assert_eq!(weight(&after, code), 0.0, "{code}: {after:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_is_recognised_for_a_month_and_teaches_nothing() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let (eve, mallory) = (sim.user("Eve"), sim.user("Mallory"));
    sim.join(group, eve);
    sim.join(group, mallory);
    let (_, first) = say(&app, &sim, group, eve, SPAM).await;
    assert_eq!(first.decision, "delete");
    app.learner.refresh().await.unwrap();
    let (_, again) = say(&app, &sim, group, mallory, &SPAM.replace("500", "700")).await;
    assert!(weight(&again, "known_removed") > 1.0, "{again:?}");
    assert_eq!(weight(&again, "learned_spam"), 0.0);
    let rows = "SELECT count(*) FROM learned_samples";
    assert_eq!(value::<i64>(&app, rows).await, 2);
    let later = app
        .store
        .read(|c| {
            Ok(
                c.query_row("SELECT max(created_at) FROM learned_samples", [], |r| {
                    r.get::<_, i64>(0)
                })?,
            )
        })
        .await
        .unwrap()
        + REMOVED_KEPT
        + 1;
    let gone = app
        .store
        .write(move |tx| learning::expire(tx, later, 500))
        .await
        .unwrap();
    assert_eq!((gone, value::<i64>(&app, rows).await), (2, 0));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removals_push_out_no_lesson_and_change_none() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    sim.join(group, ann);
    judged(&app, group, sim.say(group, ann, TALK[0])).await;
    let write = app.store.write(move |tx| {
        learning::teach_words(tx, group, CAMPAIGN[0], Label::Spam, 7, 1)?;
        // A raid: ten thousand removals, most of them of an earlier day.
        tx.execute(
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
             INSERT INTO learned_samples (chat, author, label, digest, print, grams_v, created_at)
             SELECT ?1, 5, 'spam', randomblob(16), randomblob(64), 1, 1 FROM n",
            [group],
        )?;
        for n in 0..200 {
            let eve = 1_000_000 + n;
            tx.execute(
                "INSERT INTO messages (chat, message, user, date, content, text, created_at)
                 VALUES (?1, ?2, 5, 1, 'text', ?3, 1)",
                rusqlite::params![group, eve, format!("{SPAM} Offer number {n}")],
            )?;
            learning::removed(tx, group, eve, 2)?;
        }
        Ok(())
    });
    write.await.unwrap();
    let taught: i64 = value(
        &app,
        "SELECT count(*) FROM learned_samples WHERE teacher = 7",
    )
    .await;
    assert_eq!(taught, 1);
    let removed: i64 = value(
        &app,
        "SELECT count(*) FROM learned_samples WHERE teacher IS NULL",
    )
    .await;
    assert!((9_900..=10_100).contains(&removed), "{removed}");
    // One more removal is a change, and none of lessons.
    let before: i64 = value(&app, "SELECT lessons FROM learned_groups").await;
    let eve = sim.user("Eve");
    sim.join(group, eve);
    let spam = sim.say(group, eve, SPAM);
    judged(&app, group, spam).await;
    let (rev, lessons): (i64, i64) = app
        .store
        .read(|conn| {
            Ok(
                conn.query_row("SELECT rev, lessons FROM learned_groups", [], |r| {
                    Ok((r.get(0)?, r.get(1)?))
                })?,
            )
        })
        .await
        .unwrap();
    assert!(
        rev > lessons && lessons >= before,
        "{rev} {lessons} {before}"
    );
    app.stop().await;
}
