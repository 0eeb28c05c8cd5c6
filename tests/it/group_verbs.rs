//! `beadle group`: settings as files over a running Beadle and without one; figures; samples.
use crate::cli::command;
use crate::support::green::Green;
use crate::support::house::{SPAM, other_spam, value};
use crate::support::until;

/// What the program prints, and whether it was content.
async fn beadle(dir: &std::path::Path, args: &[&str]) -> (bool, String) {
    let mut all: Vec<String> = vec!["group".to_owned()];
    all.extend(args.iter().map(|a| (*a).to_owned()));
    all.extend(["--data-dir".to_owned(), dir.to_str().unwrap().to_owned()]);
    let ran = tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = all.iter().map(String::as_str).collect();
        command(&args).output().unwrap()
    });
    let out = ran.await.unwrap();
    let said = [out.stdout, out.stderr].concat();
    (
        out.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_go_out_and_in_as_a_file() {
    let green = Green::in_mode("suggest").await;
    green.says("Ann", "Good morning").await;
    let dir = green.dir().to_owned();
    let (good, said) = beadle(&dir, &["list"]).await;
    assert!(good && said.contains("The green"), "{said}");
    let (good, said) = beadle(&dir, &["set", "moderation.notes", "off"]).await;
    assert!(
        good && said.contains("moderation.notes: default -> false"),
        "{said}"
    );
    let (good, said) = beadle(&dir, &["set", "moderation.note", "off"]).await;
    assert!(
        !good && said.contains("did you mean moderation.notes?"),
        "{said}"
    );
    let (good, toml) = beadle(&dir, &["export"]).await;
    assert!(
        good && toml.contains("notes = false") && toml.contains("# spam_at = 0.9"),
        "{toml}"
    );
    // All mistakes at once, and nothing half done.
    let file = dir.join("bad.toml");
    std::fs::write(
        &file,
        "mode = \"fast\"\n[moderation]\nnotes = true\nsteps = [\"kick\"]\nlog_chat = -5\n",
    )
    .unwrap();
    let path = file.to_str().unwrap().to_owned();
    let (good, said) = beadle(&dir, &["import", &path]).await;
    assert!(!good && said.contains("Nothing was changed"), "{said}");
    for what in [
        "mode:",
        "moderation.steps:",
        "moderation.log_chat: there is no such setting",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    std::fs::write(&file, "[moderation]\nreview_at = 0.95\n").unwrap();
    let (good, said) = beadle(&dir, &["import", &path]).await;
    assert!(!good && said.contains("must be below"), "{said}");
    std::fs::write(
        &file,
        "mode = \"act\"\nlanguage = \"ru\"\n[moderation]\nspam_at = 0.8\n",
    )
    .unwrap();
    let (good, said) = beadle(&dir, &["import", &path, "--dry-run", "--replace"]).await;
    assert!(good && said.contains("mode: default -> \"act\""), "{said}");
    let now: String = value(&green.app, "SELECT settings FROM groups").await;
    assert_eq!(now, "{\"moderation\":{\"notes\":false}}");
    let (good, said) = beadle(&dir, &["import", &path, "--replace", "--json"]).await;
    assert!(good && said.contains("\"v\":1"), "{said}");
    let now: String = value(
        &green.app,
        "SELECT settings || mode || language FROM groups",
    )
    .await;
    assert_eq!(now, "{\"moderation\":{\"spam_at\":0.8}}actru");
    // The running Beadle acts by it at once.
    let (_, message) = green.says("Eve", SPAM).await;
    until("removed", || {
        crate::support::house::is_removed(&green.sim, green.group, message)
    })
    .await;
    let signed: i64 = value(
        &green.app,
        "SELECT count(*) FROM settings_versions WHERE by LIKE 'cli:%'",
    )
    .await;
    assert_eq!(signed, 2);
    let (sim, kept) = green.stop().await;
    // Without a running one.
    let (good, said) = beadle(kept.path(), &["show"]).await;
    assert!(good && said.contains("* moderation.spam_at"), "{said}");
    drop(sim);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_out_and_in_with_the_settings_and_hold_at_once() {
    let green = Green::in_mode("observe").await;
    green.says("Ann", "Good morning").await;
    let dir = green.dir().to_owned();
    for words in [
        "/blacklist add warn /a\"b\\w/",
        "/blacklist add Casino*",
        "/save faq Read\nit \"all\" ]",
        "/filter \"opening hours\" From nine to five",
        "/rules set Be kind",
        "/lock link",
    ] {
        green.asks(green.owner, words).await;
    }
    let (good, toml) = beadle(&dir, &["export"]).await;
    assert!(good && toml.contains("[house.words]"), "{toml}");
    let file = dir.join("green.toml");
    std::fs::write(&file, &toml).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let (good, said) = beadle(&dir, &["import", &path, "--replace"]).await;
    assert!(good && said.contains("Nothing differs"), "{said}");
    // The lists are in memory by now, and the change is there at once.
    let (_, casino) = green.says("Eve", "the casino is open").await;
    until("removed", || {
        crate::support::house::is_removed(&green.sim, green.group, casino)
    })
    .await;
    std::fs::write(
        &file,
        "[house.words]\nMarmalade = \"delete\"\n[house.notes]\nfaq = \"Ask Olga\"\n",
    )
    .unwrap();
    let (good, said) = beadle(&dir, &["import", &path, "--replace", "--dry-run"]).await;
    assert!(
        good && said.contains("house.words.marmalade: default -> \"delete\""),
        "{said}"
    );
    for gone in [
        "house.words.casino*",
        "house.filters.opening hours",
        "house.texts.rules",
    ] {
        assert!(said.contains(gone), "{gone}: {said}");
    }
    let (_, same) = beadle(&dir, &["export"]).await;
    assert_eq!(same, toml, "a dry run changes nothing");
    let (good, said) = beadle(&dir, &["import", &path, "--replace"]).await;
    assert!(good && said.contains("Done."), "{said}");
    let (_, message) = green.says("Mal", "fresh marmalade for all").await;
    until("removed", || {
        crate::support::house::is_removed(&green.sim, green.group, message)
    })
    .await;
    let told = green.asks(green.owner, "/note faq").await;
    assert_eq!(told, "Ask Olga");
    let noted: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'house.import' AND actor LIKE 'cli:%'",
    )
    .await;
    assert_eq!(noted, 1);
    // Into another house, which does not run.
    let (_sim, kept) = green.stop().await;
    std::fs::write(&file, &toml).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let (good, said) = beadle(kept.path(), &["import", &path, "--replace"]).await;
    assert!(good, "{said}");
    let (_, again) = beadle(kept.path(), &["export"]).await;
    assert_eq!(again, toml);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_are_refused_with_every_mistake_named() {
    let green = Green::in_mode("observe").await;
    green.says("Ann", "Good morning").await;
    green.asks(green.owner, "/save faq Read it").await;
    let dir = green.dir().to_owned();
    let (_, before) = beadle(&dir, &["export"]).await;
    let file = dir.join("bad.toml");
    let path = file.to_str().unwrap().to_owned();
    let note = |n: usize| format!("note{n} = \"x\"\n");
    let pattern = |n: usize| format!("'/p{n}/' = \"delete\"\n");
    let many = |count, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let cases: Vec<(String, Vec<&str>)> = vec![
        (
            "[house.words]\n\"/(/\" = \"delete\"\nx = \"fly\"\ny = 3\n[house.texts]\nz = \"a\"\n\
             [house.notes]\n\"two words\" = \"a\"\nempty = \" \"\n[house.filters]\n\"!!\" = \"a\"\n\
             [house.nots]\nfaq = \"a\"\n[moderation]\nnotes = 7\n"
                .to_owned(),
            vec![
                "house.words./(/:",
                "house.words.x:",
                "house.words.y: it must be text",
                "house.texts.z: there are rules",
                "house.notes.two words: a name is",
                "house.notes.empty:",
                "house.filters.!!:",
                "house.nots.faq: there is no such setting",
                "moderation.notes:",
            ],
        ),
        (
            "[house]\nwords = 3\nnotes = [\"a\"]\n".to_owned(),
            vec!["house.words: it must be a table", "house.notes: it"],
        ),
        (
            format!("[house.notes]\n{}", many(201, &note)),
            vec!["house.notes: more than 200"],
        ),
        // With the one that is there.
        (
            format!("[house.notes]\n{}", many(200, &note)),
            vec!["house.notes: there would be 201"],
        ),
        (
            format!("[house.words]\n{}", many(51, &pattern)),
            vec!["house.words: there would be 51 patterns"],
        ),
        (
            format!("[house.notes]\na = \"{}\"\n", "x".repeat(5_000)),
            vec!["house.notes.a: its text must be"],
        ),
        ("house = [[[".to_owned(), vec!["line 1:"]),
        (
            many(5_000, &|n| format!("[house.{n}]\nx = 1\n")),
            vec!["house.0.x:"],
        ),
    ];
    for (toml, told) in cases {
        std::fs::write(&file, &toml).unwrap();
        let (good, said) = beadle(&dir, &["import", &path]).await;
        let shown: String = toml.chars().take(60).collect();
        assert!(
            !good && said.contains("Nothing was changed"),
            "{shown}: {said}"
        );
        for what in told {
            assert!(said.contains(what), "{shown}: {what}: {said}");
        }
    }
    std::fs::write(&file, "#".repeat((4 << 20) + 1)).unwrap();
    let (good, said) = beadle(&dir, &["import", &path]).await;
    assert!(!good && said.contains("is longer than 4096 KiB"), "{said}");
    let (_, after) = beadle(&dir, &["export"]).await;
    assert_eq!(after, before);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_come_from_what_moderators_decided() {
    let green = Green::in_mode("act").await;
    let dir = green.dir().to_owned();
    let (eve, _) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "I removed this as spam").await;
    green.press(&card, green.owner, "ham").await;
    let (_, missed) = green
        .says(
            "Mia",
            "Does anybody know whether the water comes back tomorrow, neighbours?",
        )
        .await;
    green.sim.reply(green.group, green.owner, missed, "/spam");
    until("removed", || {
        crate::support::house::is_removed(&green.sim, green.group, missed)
    })
    .await;
    let said = green.asks(eve, "/stats").await;
    assert!(said.contains("Only admins"), "{said}");
    let said = green.asks(green.owner, "/stats 30").await;
    assert!(said.contains("Precision 0 %, recall 0 %"), "{said}");
    assert!(
        said.contains("1 taken back, 1 missed") && said.contains("Taken back:"),
        "{said}"
    );
    let said = green
        .asks(green.owner, "/stats 99999999999999999999y")
        .await;
    assert!(said.contains("/stats 30"), "{said}");
    let (good, said) = beadle(&dir, &["stats", "--json"]).await;
    assert!(
        good && said.contains("\"wrong\":1") && said.contains("\"missed\":1"),
        "{said}"
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_go_out_and_in_one_a_line() {
    let green = Green::in_mode("observe").await;
    let dir = green.dir().to_owned();
    let (_, message) = green
        .says(
            "Eve",
            "Sell your old phones to me\nbest prices in the whole town",
        )
        .await;
    green.sim.reply(green.group, green.owner, message, "/spam");
    until("removed", || {
        crate::support::house::is_removed(&green.sim, green.group, message)
    })
    .await;
    let (spam, ham) = (dir.join("spam.txt"), dir.join("ham.txt"));
    let (spam, ham) = (spam.to_str().unwrap(), ham.to_str().unwrap());
    let (good, said) = beadle(&dir, &["samples", "export", "--spam", spam]).await;
    assert!(good, "{said}");
    let words = std::fs::read_to_string(spam).unwrap();
    assert_eq!(
        words,
        "Sell your old phones to me best prices in the whole town\n"
    );
    let (good, said) = beadle(&dir, &["samples", "export", "--spam", spam]).await;
    assert!(!good && said.contains("does not exist"), "{said}");
    let mut lines: String = (0..450)
        .map(|i| format!("a welcome message of the neighbours, number {i}\n"))
        .collect();
    lines.push_str("\nok\n\u{202E}\u{0}\n");
    std::fs::write(ham, &lines).unwrap();
    let import = ["samples", "import", "--spam", spam, "--ham", ham];
    let (good, said) = beadle(&dir, &import).await;
    assert!(
        good && said.contains("spam: 0 learned, 1 known before"),
        "{said}"
    );
    assert!(
        said.contains("ham: 450 learned, 0 known before, 2 with too few"),
        "{said}"
    );
    let (_, said) = beadle(&dir, &import).await;
    assert!(said.contains("ham: 0 learned, 450 known before"), "{said}");
    let taught: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(taught, 451);
    let (good, said) = beadle(&dir, &["samples", "import"]).await;
    assert!(!good && said.contains("--spam"), "{said}");
    std::fs::write(ham, [0xff, 0xfe, 0x00]).unwrap();
    let (good, said) = beadle(&dir, &["samples", "import", "--ham", ham]).await;
    assert!(!good && said.contains("UTF-8"), "{said}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_in_private_make_no_sound_in_quiet_hours() {
    let green = Green::in_mode("suggest").await;
    green.says("Ann", "Good morning").await;
    // Two spans that hold every moment but one between them: one of them is quiet now.
    let said = green.asks(green.owner, "/quiet 25-8").await;
    assert!(said.contains("two different times of day"), "{said}");
    let mut quiet = Vec::new();
    // Nearly the same words would be one campaign on one card.
    for (n, (name, hours)) in [("Eve", "0-12"), ("Mal", "12-0")].into_iter().enumerate() {
        let said = green.asks(green.owner, &format!("/quiet {hours}")).await;
        assert!(said.contains("cards.quiet"), "{said}");
        green.says(name, &other_spam(n)).await;
        green.card(green.owner, name).await;
        let calls = green.sim.calls_of("sendMessage").into_iter();
        let card = calls.rev().find(|c| c.params["chat_id"] == green.owner);
        quiet.push(card.unwrap().params["disable_notification"] == true);
    }
    assert_ne!(quiet[0], quiet[1], "{quiet:?}");
    green.app.stop().await;
}
