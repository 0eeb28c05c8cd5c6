//! Settings: which of flag, environment, file and default wins, and what is said of mistakes.
use std::path::Path;
use std::process::Output;

use beadle::config::{
    ALL, Delivery, Env, FOREIGN, Flags, LogFormat, LogSettings, Mode, Settings, Values, generate,
};
use secrecy::ExposeSecret as _;

use crate::cli::command;
use crate::support::TOKEN;

fn write(dir: &Path, text: &str) {
    std::fs::write(dir.join("beadle.toml"), text).unwrap();
}

fn flags(given: &[(&'static str, &str)]) -> Flags {
    let mut flags = Flags::default();
    for (flag, value) in given {
        flags.set(flag, (*value).to_owned());
    }
    flags
}

/// Loads with a token, the data directory and `vars`.
fn load(
    dir: &Path,
    given: &[(&'static str, &str)],
    vars: &[(&str, &str)],
) -> Result<Settings, Vec<String>> {
    let mut all = vec![
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap()),
    ];
    all.extend_from_slice(vars);
    Settings::load(&flags(given), &Env::of(&all))
        .map(|(settings, _)| settings)
        .map_err(|e| e.0)
}

fn faults(dir: &Path, file: &str) -> Vec<String> {
    write(dir, file);
    load(dir, &[], &[]).map(|_| ()).unwrap_err()
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
    let dir = tempfile::tempdir().unwrap();
    let mode = |given: &[(&'static str, &str)], vars: &[(&str, &str)]| {
        load(dir.path(), given, vars).unwrap().mode
    };
    assert_eq!(mode(&[], &[]), Mode::Suggest);
    write(dir.path(), "[moderation]\nmode = \"observe\"\n");
    assert_eq!(mode(&[], &[]), Mode::Observe);
    let env = [("BEADLE_MODERATION_MODE", "act")];
    assert_eq!(mode(&[], &env), Mode::Act);
    assert_eq!(mode(&[("mode", "suggest")], &env), Mode::Suggest);
    // What says nothing lets the next one speak.
    write(dir.path(), "[moderation]\nmode = \"\"\n");
    assert_eq!(mode(&[], &[("BEADLE_MODERATION_MODE", " ")]), Mode::Suggest);
}

#[test]
fn every_setting_of_the_file_reaches_its_place() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "environment = \"production\"\n\
         [telegram]\napi_url = \"http://127.0.0.1:9/\"\nwebhook_url = \"https://bot.example.org\"\n\
         [operator]\nids = [42, 4_3, \"44\"]\ncontact = \"@warden\"\n\
         [moderation]\nmode = \"act\"\n\
         [http]\nlisten = \"[::1]:9090\"\nhosts = [\"Beadle.example.org\"]\n\
         [store]\nreaders = 7\n\
         [cache]\nmax_bytes = \"96 MiB\"\n\
         [log]\nlevel = \"beadle::telegram=debug\"\nformat = \"json\"\n",
    );
    let settings = load(dir.path(), &[], &[]).unwrap();
    assert_eq!(settings.api_url, "http://127.0.0.1:9");
    let url = "https://bot.example.org".to_owned();
    assert_eq!(settings.delivery, Delivery::Webhook { url });
    assert_eq!(settings.operators, [42, 43, 44]);
    assert_eq!(settings.contact.as_deref(), Some("@warden"));
    assert_eq!(settings.mode, Mode::Act);
    assert_eq!(settings.listen.to_string(), "[::1]:9090");
    assert_eq!(settings.hosts, ["beadle.example.org"]);
    assert_eq!(settings.readers, 7);
    assert_eq!(settings.cache_bytes, 96 << 20);
    let env = Env::of(&[("BEADLE_DATA_DIR", dir.path().to_str().unwrap())]);
    let log = LogSettings::of(&Values::read(&Flags::default(), &env));
    assert_eq!(
        (log.level.as_str(), log.format),
        ("beadle::telegram=debug", LogFormat::Json)
    );
}

#[test]
fn names_of_other_designs_mean_what_they_meant() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let url = format!(
        "sqlite:///{}/gmbot.db",
        home.display().to_string().trim_start_matches('/')
    );
    let vars = [
        ("BOT_TOKEN", TOKEN),
        ("PORT", "8443"),
        ("DB_POOL_SIZE", "20"),
        ("ALLOWED_USER_IDS", "12, 34,12"),
        ("SECRET_KEY", "0123456789abcdef"),
    ];
    let settings = Settings::load(&Flags::default(), &Env::of(&vars))
        .unwrap()
        .0;
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8443");
    assert_eq!(settings.readers, 20);
    assert_eq!(settings.operators, [12, 34]);
    assert_eq!(
        settings.secret_keys.present.unwrap().expose_secret(),
        "0123456789abcdef"
    );
    assert_eq!(settings.data_dir, Path::new("beadle-data"));
    // sqlite:////abs/file and sqlite:///./file, both as SQLAlchemy writes them.
    let of = |vars: &[(&str, &str)]| Values::read(&Flags::default(), &Env::of(vars)).folder();
    assert_eq!(
        of(&[("DATABASE_URL", "sqlite:///./data/gmbot.db")]),
        Path::new("./data")
    );
    assert_eq!(
        of(&[("DATABASE_URL", &url), ("BEADLE_DATA_DIR", "x")]),
        Path::new("x")
    );
    let level = |vars: &[(&str, &str)]| {
        LogSettings::of(&Values::read(&Flags::default(), &Env::of(vars))).level
    };
    assert_eq!(level(&[("LOG_LEVEL", "WARNING")]), "warn");
    assert_eq!(level(&[("DEBUG", "True")]), "debug");
    assert_eq!(level(&[("DEBUG", "false")]), "info");
    assert_eq!(level(&[("DEBUG", "1"), ("BEADLE_LOG", "error")]), "error");
}

#[test]
fn names_that_are_not_used_are_mentioned_and_sound() {
    let (_, notices) = Settings::load(
        &Flags::default(),
        &Env::of(&[
            ("TELEGRAM_BOT_TOKEN", TOKEN),
            ("REDIS_URL", "redis://:hunter2@cache"),
            ("OPENAI_API_KEY", "sk-hunter2"),
            ("ENABLE_AI", "TRUE"),
            ("BEADLE_MODERATION_MDOE", "act"),
        ]),
    )
    .unwrap();
    let all = notices.join("\n");
    assert!(all.contains("REDIS_URL is ignored"), "{all}");
    assert!(
        all.contains("OPENAI_API_KEY is known, not used yet"),
        "{all}"
    );
    assert!(
        all.contains("did you mean BEADLE_MODERATION_MODE?"),
        "{all}"
    );
    assert!(!all.contains("hunter2"), "{all}");
    let err = Settings::load(
        &Flags::default(),
        &Env::of(&[("TELEGRAM_BOT_TOKEN", TOKEN), ("ENABLE_FINANCE", "maybe")]),
    )
    .unwrap_err();
    assert!(err.0[0].starts_with("ENABLE_FINANCE: `maybe`"), "{err}");
}

#[test]
fn all_mistakes_of_a_file_are_told_with_their_lines() {
    let dir = tempfile::tempdir().unwrap();
    let found = faults(
        dir.path(),
        "mode = \"act\"\n\n[moderation]\nmdoe = \"act\"\nmode = \"strict\"\n[htpp]\nlisten = \"x\"\n\
         [telegram]\nbot_token = \"4242:hunter2\"\n[store]\nreaders = [1]\n[http]\nlisten = 8080\n",
    );
    let at = |line: usize, words: &str| {
        let place = format!("beadle.toml:{line}: ");
        assert!(
            found
                .iter()
                .any(|f| f.contains(&place) && f.contains(words)),
            "{words} in line {line} is missing: {found:#?}"
        );
    };
    at(1, "no setting `mode`: did you mean `moderation.mode`?");
    at(
        4,
        "no setting `moderation.mdoe`: did you mean `moderation.mode`?",
    );
    at(5, "`strict` is none of observe, suggest, act");
    at(6, "no setting `htpp`");
    at(9, "TELEGRAM_BOT_TOKEN_FILE");
    at(11, "a number is wanted");
    at(13, "is not an address like");
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(!found.join("").contains("hunter2"), "{found:#?}");
}

#[test]
fn rubbish_in_the_place_of_the_file_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("beadle.toml");
    std::fs::write(&path, vec![0xff_u8; 300]).unwrap();
    assert!(load(dir.path(), &[], &[]).unwrap_err()[0].contains("is not UTF-8"));
    std::fs::write(&path, "#".repeat(300 << 10)).unwrap();
    assert!(load(dir.path(), &[], &[]).unwrap_err()[0].contains("larger than 256 KiB"));
    for rubbish in [
        "[[[[".repeat(20_000),
        format!("x = {}", "[".repeat(100_000)),
        "a.".repeat(50_000),
        "= = =\n".repeat(1_000),
        "mode = \"\\u{0}".to_owned(),
    ] {
        let found = faults(dir.path(), &rubbish);
        assert!(!found.is_empty() && found.len() <= 51, "{}", found.len());
        assert!(
            found.iter().all(|f| f.len() < 1_000),
            "a fault of {} letters",
            found[0].len()
        );
    }
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(load(dir.path(), &[], &[]).unwrap_err()[0].contains("cannot be read"));
}

#[test]
fn a_named_file_must_be_there_and_may_name_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("elsewhere.toml");
    let given = [("config", path.to_str().unwrap())];
    let env = Env::of(&[("TELEGRAM_BOT_TOKEN", TOKEN)]);
    let err = Settings::load(&flags(&given), &env).unwrap_err();
    assert!(
        err.0[0].contains("no such file") && err.0[0].contains("config generate"),
        "{err}"
    );
    std::fs::write(&path, "data_dir = \"/srv/beadle\"\n").unwrap();
    let settings = Settings::load(&flags(&given), &env).unwrap().0;
    assert_eq!(settings.data_dir, Path::new("/srv/beadle"));
    // In the data directory itself it would name another place than it lies in.
    let found = faults(dir.path(), "data_dir = \"/srv/beadle\"\n");
    assert!(found[0].contains("--data-dir"), "{found:?}");
}

#[test]
fn a_secret_comes_from_a_credential_a_file_or_a_variable() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let other = "5555555555:AAEotherotherotherotherotherother000";
    std::fs::write(&file, format!("{other}\n")).unwrap();
    let id = |vars: &[(&str, &str)]| {
        Settings::load(&Flags::default(), &Env::of(vars))
            .map(|(s, _)| s.token.bot_id())
            .map_err(|e| e.to_string())
    };
    let named = ("TELEGRAM_BOT_TOKEN_FILE", file.to_str().unwrap());
    assert_eq!(id(&[named]), Ok(5_555_555_555));
    let both = id(&[named, ("TELEGRAM_BOT_TOKEN", TOKEN)]).unwrap_err();
    assert!(both.contains("both set") && !both.contains(other), "{both}");
    std::fs::write(dir.path().join("telegram-bot-token"), other).unwrap();
    let credentials = ("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap());
    assert_eq!(
        id(&[credentials, ("TELEGRAM_BOT_TOKEN", TOKEN)]),
        Ok(5_555_555_555)
    );
    std::fs::write(&file, vec![b'x'; 70 << 10]).unwrap();
    assert!(id(&[named]).unwrap_err().contains("larger than 64 KiB"));
    let gone = id(&[("TELEGRAM_BOT_TOKEN_FILE", "/nowhere/token")]).unwrap_err();
    assert!(gone.contains("cannot read /nowhere/token"), "{gone}");
}

fn run(args: &[&str], vars: &[(&str, &str)]) -> (Output, String, String) {
    let out = command(args).envs(vars.iter().copied()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&out.stdout), text(&out.stderr));
    (out, stdout, stderr)
}

#[test]
fn show_says_what_holds_and_why_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "[http]\nlisten = \"127.0.0.1:9000\"\n");
    let vars = [
        ("BEADLE_DATA_DIR", dir.path().to_str().unwrap()),
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("SECRET_KEY", "a-key-that-nobody-may-see"),
        ("LOG_LEVEL", "DEBUG"),
    ];
    let (out, shown, _) = run(&["config", "show", "--origin", "--mode", "act"], &vars);
    assert!(out.status.success());
    let line = |key: &str| {
        shown
            .lines()
            .find(|l| l.starts_with(key))
            .unwrap()
            .to_owned()
    };
    assert!(line("http.listen").ends_with("beadle.toml:2"), "{shown}");
    assert!(
        line("moderation.mode").ends_with("act") || line("moderation.mode").contains(" act "),
        "{shown}"
    );
    assert!(line("moderation.mode").ends_with("--mode"), "{shown}");
    assert!(
        line("log.level").contains("debug") && line("log.level").ends_with("LOG_LEVEL"),
        "{shown}"
    );
    assert!(line("store.readers").ends_with("default"), "{shown}");
    assert!(
        !shown.contains("nobody-may-see") && !shown.contains(TOKEN),
        "{shown}"
    );
    let (_, json, _) = run(&["config", "show", "--json"], &vars);
    let rows: Vec<serde_json::Value> = json
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), ALL.len());
    assert!(rows.iter().all(|r| r["v"] == 1));
    assert!(
        !json.contains("nobody-may-see") && !json.contains(TOKEN),
        "{json}"
    );
}

#[test]
fn check_names_all_mistakes_and_exits_78() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "[moderation]\nmode = \"strict\"\n");
    let home = ("BEADLE_DATA_DIR", dir.path().to_str().unwrap());
    let (out, _, err) = run(&["config", "check"], &[home, ("PORT", "0")]);
    assert_eq!(out.status.code(), Some(78));
    assert!(
        err.contains("PORT") && err.contains("beadle.toml:2") && err.contains("No bot token"),
        "{err}"
    );
    assert!(err.contains("3 mistakes"), "{err}");
    write(dir.path(), "");
    let (out, said, _) = run(&["config", "check"], &[home, ("TELEGRAM_BOT_TOKEN", TOKEN)]);
    assert!(out.status.success() && said.contains("sound"), "{said}");
}

#[test]
fn the_generated_file_says_everything_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let plain = format!("{:?}", load(dir.path(), &[], &[]).unwrap());
    write(dir.path(), &generate());
    assert_eq!(format!("{:?}", load(dir.path(), &[], &[]).unwrap()), plain);
    // With every line switched on it is sound as well, but for its own place.
    let on: String = generate()
        .lines()
        .map(|l| {
            let code = l
                .strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(l);
            if code.starts_with("data_dir") {
                String::new()
            } else {
                format!("{code}\n")
            }
        })
        .collect();
    assert!(on.contains("\nmode = \"suggest\"\n"), "{on}");
    write(dir.path(), &on);
    assert_eq!(format!("{:?}", load(dir.path(), &[], &[]).unwrap()), plain);
    for about in ALL.iter().map(|s| s.about()) {
        let name = about.key.rsplit('.').next().unwrap();
        assert!(
            about.secret || on.contains(&format!("\n{name} = ")) || name == "data_dir",
            "{name}"
        );
    }
}

#[test]
fn every_setting_is_declared_well() {
    let mut seen = std::collections::BTreeSet::new();
    for setting in ALL {
        let about = setting.about();
        assert!(
            !about.doc.is_empty() && !about.doc.ends_with('.') && !about.shape.is_empty(),
            "{}",
            about.key
        );
        assert!(
            !about.without().is_empty(),
            "{}: what happens without it?",
            about.key
        );
        assert!(
            about.default.is_empty() || setting.check(about.default).is_ok(),
            "{}",
            about.key
        );
        assert!(
            !about.secret || about.flags().next().is_none(),
            "{}: a secret with a flag",
            about.key
        );
        for name in about.env_names().chain(about.flags()).chain([about.key]) {
            assert!(seen.insert(name), "{name} is declared twice");
        }
    }
    for foreign in FOREIGN {
        assert!(
            seen.insert(foreign.env),
            "{} is declared twice",
            foreign.env
        );
    }
}
