//! `/privacy` says what holds: the times that the deleting goes by, who answers for it, and where nothing leaves.
use beadle::app::{App, Ground};
use beadle::community::privacy::{PrivacyFacts, privacy_notice, privacy_text};
use beadle::config::{Env, Flags, Retention, Settings, Token};
use beadle::telegram::simulator::Simulator;
use beadle::texts::Lang;

use crate::support::house::{answer, simulator, value, within};

async fn house_of(sim: &Simulator, dir: &std::path::Path, more: &[(&str, &str)]) -> App {
    let url = sim.url();
    let mut vars = vec![
        ("TELEGRAM_BOT_TOKEN", sim.token()),
        ("BEADLE_TELEGRAM_API_URL", &url),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
    ];
    vars.extend(more);
    let (mut settings, _) = Settings::load(&Flags::default(), &Env::of(&vars)).unwrap();
    settings.token = Token::parse(sim.token()).unwrap();
    let ground = Ground::real(&settings);
    App::start(settings, ground).await.unwrap()
}

async fn asked(sim: &Simulator, chat: i64, person: i64) -> String {
    let message = sim.say(chat, person, "/privacy");
    within(10, "an answer", || answer(sim, chat, message).is_some()).await;
    answer(sim, chat, message).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_hears_what_is_kept_and_who_answers_for_it() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_of(
        &sim,
        dir.path(),
        &[("BEADLE_OPERATOR", "the <vestry>, vestry@green.example")],
    )
    .await;
    let said = asked(&sim, group, ann).await;
    for words in [
        "30 days",
        "7 days",
        "2 days",
        "14 days",
        "90 days",
        "No outside service",
        "vestry@green.example",
        "<vestry>",
        "in private",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        sim.bot_messages(group)
            .iter()
            .all(|m| m.value.get("reply_markup").is_none())
    );
    app.stop().await;

    // Without an address the operators are named; they are those of the list.
    let app = house_of(&sim, dir.path(), &[("ALLOWED_USER_IDS", "4242, 4243")]).await;
    let said = asked(&sim, group, ann).await;
    assert!(said.contains("4242") && !said.contains("vestry"), "{said}");
    let operators: i64 = value(
        &app,
        "SELECT count(*) FROM grants WHERE role = 'operator' AND tenant = '*'",
    )
    .await;
    assert_eq!(operators, 2);
    app.stop().await;
    let app = house_of(&sim, dir.path(), &[]).await;
    let said = asked(&sim, group, ann).await;
    assert!(said.contains("ask the admins"), "{said}");
    let operators: i64 = value(&app, "SELECT count(*) FROM grants").await;
    assert_eq!(operators, 0, "empty means nobody");
    app.stop().await;
}

#[test]
fn the_text_follows_the_settings() {
    const DAY: i64 = 86_400_000;
    let facts = PrivacyFacts {
        kept: Retention {
            words: 5 * DAY,
            removed: 11 * DAY,
            ..Retention::default()
        },
        remote: vec!["a judge far away".to_owned()],
        ..PrivacyFacts::default()
    };
    for (lang, words, removed) in [
        (Lang::En, "5 days", "11 days"),
        (Lang::Ru, "5 дней", "11 дней"),
    ] {
        for private in [true, false] {
            let text = privacy_text(lang, &facts, private);
            assert!(text.contains(words) && text.contains(removed), "{text}");
            assert!(text.contains("a judge far away"), "{text}");
            assert!(
                !text.contains('{') && text.chars().count() < 4_096,
                "{text}"
            );
        }
        assert!(privacy_notice(lang, &facts).contains(words));
    }
}
