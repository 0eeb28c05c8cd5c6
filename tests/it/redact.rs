//! The one detector of secrets and personal data: what it finds, what it leaves, and that rubbish does not slow it.
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use beadle::base::redact::{Kind, Look, find, redact};
use beadle::observe::Redacted;
use proptest::prelude::*;
use tracing_subscriber::fmt::MakeWriter as _;

/// Made up, each in the form of its kind.
const SAMPLES: &[(Kind, &str)] = &[
    (
        Kind::BotToken,
        "7012345678:AAHnobodysnobodysnobodysnobodys0-_x",
    ),
    (
        Kind::Jwt,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiIsIm5hbWUiOiJBIn0.bm90LWEtc2lnbmF0dXJl",
    ),
    (Kind::ApiKey, "sk-nobody0nobody1nobody2nobody3"),
    (Kind::ApiKey, "ghp_0123456789abcdefghijklmnopqrstuvwxyz"),
    (Kind::ApiKey, "AKIA0123456789ABCDEF"),
    (
        Kind::PrivateKey,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIBnobody\nAAAA\n-----END RSA PRIVATE KEY-----",
    ),
    (Kind::Email, "ann.green+club@mail.parish.example"),
    (Kind::Email, "анна@почта.пример"),
    (Kind::Phone, "+44 20 7946 0958"),
    (Kind::Phone, "+7 (912) 345-67-89"),
    (Kind::Phone, "8 (912) 345-67-89"),
    (Kind::Card, "4242 4242 4242 4242"),
    (Kind::Card, "5555-5555-5555-4444"),
    (Kind::Card, "378282246310005"),
    (Kind::Iban, "GB33BUKB20201555555555"),
    (Kind::Iban, "DE75 5121 0800 1245 1261 99"),
    (Kind::Ip, "203.0.113.7"),
    (Kind::Ip, "2001:db8::7"),
];

#[test]
fn each_kind_is_found_whole_wherever_it_stands() {
    for (kind, sample) in SAMPLES {
        for (before, after) in [
            ("", ""),
            ("write to ", " please"),
            ("(", ")."),
            ("«", "», да"),
            ("🙂 ", "\n"),
            ("<b>", "</b>"),
        ] {
            let text = format!("{before}{sample}{after}");
            let found = find(&text, Look::All);
            let [one] = found[..] else {
                panic!("{text:?}: {found:?}");
            };
            assert_eq!(
                (one.kind, &text[one.start..one.end]),
                (*kind, *sample),
                "{text:?}"
            );
            let clean = redact(&text, Look::All);
            assert_eq!(clean, format!("{before}[{}]{after}", kind.name()));
        }
    }
}

#[test]
fn secrets_in_their_usual_places_are_found() {
    for (text, clean) in [
        (
            "postgres://ann:hunter22@db.example/x",
            "postgres://[credentials]@db.example/x",
        ),
        (
            "GET https://api.telegram.org/bot7012345678:AAHnobodysnobodysnobodysnobodys0-_x/getMe",
            "GET https://api.telegram.org/bot[bot token]/getMe",
        ),
        ("DB_PASSWORD=gooseberry", "DB_PASSWORD=[secret]"),
        (
            "{\"access_token\": \"gooseberry-1\"}",
            "{\"access_token\": \"[secret]\"}",
        ),
        (
            "Authorization: Bearer abcdefghijklmnop.qrst",
            "Authorization: Bearer [secret]",
        ),
        (
            "?secret=heliotrope&chat=-1001234567890",
            "?secret=[secret]&chat=-1001234567890",
        ),
        ("client_secret: 'turpentine'", "client_secret: '[secret]'"),
        (
            "-----BEGIN PRIVATE KEY-----\ncut off in the",
            "[private key]",
        ),
    ] {
        assert_eq!(redact(text, Look::Secrets), clean);
        assert_eq!(redact(text, Look::Logs), clean);
    }
}

#[test]
fn what_only_looks_alike_is_left() {
    for text in [
        "chat -1001234567890 message 4242424242424242 of user 7012345678",
        "at 12:30:45 on 2026-11-20, version 1.2.3",
        "a token of thanks: none",
        "password: yes",
        "the secret is kept",
        "7012345678:short",
        "AKIA is a word",
        "4242 4242 4242 4243",
        "DE75 5121 0800 1245 1261 98",
        "listen on 127.0.0.1:8080 and [::1]:8080 and 0.0.0.0",
        "ann@green",
        "@ann_green and a@b",
        "+1 2 3",
        "http://example.org/a:b@c",
        "beadle::store::open",
        "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
    ] {
        let looked = if text.contains("4242424242424242") {
            Look::Logs
        } else {
            Look::All
        };
        assert_eq!(redact(text, looked), text, "{:?}", find(text, looked));
    }
}

proptest! {
    #[test]
    fn what_is_found_lies_in_order_on_boundaries(text in "\\PC{0,300}") {
        let mut end = 0;
        for found in find(&text, Look::All) {
            prop_assert!(found.start >= end && found.end > found.start);
            prop_assert!(text.get(found.start..found.end).is_some());
            end = found.end;
        }
        prop_assert!(redact(&text, Look::All).len() <= text.len() * 4 + 16);
    }

    #[test]
    fn a_planted_secret_is_found_among_anything(before in "\\PC{0,80}", after in "\\PC{0,80}", which in 0..SAMPLES.len()) {
        let (kind, sample) = SAMPLES[which];
        // A number goes on over a blank.
        let text = format!("{before} | {sample} | {after}");
        let clean = redact(&text, Look::All);
        prop_assert!(!clean.contains(sample), "{kind:?}: {clean}");
    }

    #[test]
    fn cards_with_a_wrong_digit_are_no_cards(digits in proptest::collection::vec(0..10_u8, 12), by in 1..10_u8) {
        // A card of 13 digits with a right last digit, and the same with a wrong one.
        let head: String = std::iter::once('4').chain(digits[1..].iter().map(|d| char::from(b'0' + d))).collect();
        let right = (b'0'..=b'9').map(char::from).filter(|d| {
            let text = format!("{head}{d}");
            find(&text, Look::All).iter().any(|f| f.kind == Kind::Card)
        }).collect::<Vec<_>>();
        prop_assert_eq!(right.len(), 1);
        let wrong = char::from(b'0' + (right[0] as u8 - b'0' + by) % 10);
        let text = format!("{head}{wrong}");
        prop_assert!(find(&text, Look::All).iter().all(|f| f.kind != Kind::Card));
    }
}

#[test]
fn rubbish_made_to_be_slow_is_not() {
    for seed in [
        "@",
        "a@",
        "a.",
        "+1",
        "+1 ",
        "8 ",
        "4 ",
        "4-",
        "eyJ.",
        "eyJaaaaaaa.eyJ",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY----- ",
        "a://",
        "a://b:c@",
        "token=",
        "Bearer ",
        "123456:",
        "1.1.",
        "1:",
        ":",
        "DE00 ",
        "DE75",
        "ü",
        "🙂+",
        "пароль@",
        "password=\"",
    ] {
        let text = seed.repeat((512 << 10) / seed.len());
        let began = Instant::now();
        let found = find(&text, Look::All).len();
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(4),
            "{seed:?}: {took:?}, {found} found in 512 KiB"
        );
    }
}

#[test]
fn no_secret_reaches_the_log() {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // Half of it at a time, as a pipe may do.
            let n = bytes.len().div_ceil(2);
            self.0.lock().unwrap().extend(&bytes[..n]);
            Ok(n)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let kept = Kept::default();
    let there = kept.clone();
    let writer = Redacted(move || there.clone());
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(writer)
        .finish();
    tracing::subscriber::with_default(log, || {
        for (_, sample) in SAMPLES {
            tracing::warn!(error = sample, "could not call {sample}");
        }
        tracing::info!(
            chat = -1_001_234_567_890_i64,
            user = 7_012_345_678_i64,
            "ids stay"
        );
    });
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    for (kind, sample) in SAMPLES {
        let first = sample.lines().next().unwrap();
        let hidden = kind.is_secret() || *kind == Kind::Email;
        assert_eq!(!said.contains(first), hidden, "{sample}: {said}");
    }
    assert!(said.contains("-1001234567890") && said.contains("7012345678"));
    let mut line = Redacted(std::io::sink).make_writer();
    assert_eq!(
        line.write(b"\xff\xfe rubbish").unwrap(),
        10,
        "rubbish is written, too"
    );
}
