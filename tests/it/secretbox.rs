//! Sealing, signing and keyed hashes: what was tampered with, moved or meant for another is refused.
use std::os::unix::fs::PermissionsExt as _;

use beadle::base::random::SeededRandom;
use beadle::base::secretbox::{Keyring, Origin, SIGNATURE, SealError};
use beadle::config::{Env, Flags, Settings};
use proptest::prelude::*;

const SECRET: &str = "an old key of the vestry door";
const LATER: &str = "another key, cut after the fire";

fn ring() -> Keyring {
    Keyring::new(SECRET, &[]).unwrap()
}

#[test]
fn what_is_sealed_opens_only_here_and_only_for_its_purpose() {
    let (ring, random) = (ring(), SeededRandom::new(1));
    let sealed = ring
        .seal("feed", b"row 1", b"secret words", &random)
        .unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"secret"));
    assert_eq!(
        ring.open("feed", b"row 1", &sealed).unwrap(),
        b"secret words"
    );
    assert_eq!(ring.open("feed", b"row 2", &sealed), Err(SealError::Broken));
    assert_eq!(ring.open("mail", b"row 1", &sealed), Err(SealError::Broken));
    let other = Keyring::new(LATER, &[]).unwrap();
    assert_eq!(
        other.open("feed", b"row 1", &sealed),
        Err(SealError::UnknownKey(ring.tag()))
    );
    let again = ring
        .seal("feed", b"row 1", b"secret words", &random)
        .unwrap();
    assert_ne!(sealed, again, "the same words look different each time");
}

#[test]
fn a_new_secret_opens_what_lies_under_the_old_one() {
    let random = SeededRandom::new(2);
    let old = ring();
    let sealed = old.seal("feed", b"", b"words", &random).unwrap();
    let new = Keyring::new(LATER, &[SECRET]).unwrap();
    assert_eq!(new.open("feed", b"", &sealed).unwrap(), b"words");
    assert!(new.is_stale(&sealed) && !old.is_stale(&sealed));
    let fresh = new.seal("feed", b"", b"words", &random).unwrap();
    assert!(!new.is_stale(&fresh));
    assert!(old.open("feed", b"", &fresh).is_err());
    // Buttons from before the change still work; those from after do not under the old secret.
    let (a, b) = (old.signer("callback"), new.signer("callback"));
    assert_eq!(b.open(b"42", &a.seal(b"42", "ban:7")), Some("ban:7"));
    assert_eq!(a.open(b"42", &b.seal(b"42", "ban:7")), None);
    assert_eq!(
        new.hash_under(old.tag(), "person", b"42"),
        Some(old.hash("person", b"42"))
    );
}

#[test]
fn a_signature_is_for_one_payload_one_person_and_one_purpose() {
    let ring = ring();
    let signer = ring.signer("callback");
    let sealed = signer.seal(b"user 42", "card:9f3a:undo");
    assert_eq!(sealed.len(), "card:9f3a:undo".len() + 1 + SIGNATURE);
    assert!(sealed.len() <= 64);
    assert_eq!(signer.open(b"user 42", &sealed), Some("card:9f3a:undo"));
    assert_eq!(signer.open(b"user 43", &sealed), None, "another person");
    assert_eq!(
        ring.signer("link").open(b"user 42", &sealed),
        None,
        "another purpose"
    );
    assert_eq!(
        signer.open(b"user 42", &sealed.replace("undo", "none")),
        None
    );
    for rubbish in ["", ".", "card:9f3a:undo", "card:9f3a:undo.", "🙂.🙂"] {
        assert_eq!(signer.open(b"user 42", rubbish), None, "{rubbish}");
    }
}

proptest! {
    #[test]
    fn every_changed_bit_is_noticed(words in proptest::collection::vec(any::<u8>(), 0..200), at: prop::sample::Index, bit in 0..8_u8) {
        let (ring, random) = (ring(), SeededRandom::new(3));
        let mut sealed = ring.seal("feed", b"row", &words, &random).unwrap();
        prop_assert_eq!(ring.open("feed", b"row", &sealed).unwrap(), words);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(ring.open("feed", b"row", &sealed).is_err());
        sealed.truncate(at);
        prop_assert!(ring.open("feed", b"row", &sealed).is_err());
    }

    #[test]
    fn rubbish_is_never_opened(rubbish in proptest::collection::vec(any::<u8>(), 0..100), text in ".{0,80}") {
        prop_assert!(ring().open("feed", b"", &rubbish).is_err());
        prop_assert!(ring().signer("callback").open(b"", &text).is_none());
    }
}

#[test]
fn without_a_secret_one_is_made_once_and_only_its_owner_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let random = SeededRandom::new(4);
    let (made, origin) = Keyring::load(&data, None, &[], &random).unwrap();
    let path = data.join("secret.key");
    assert_eq!(origin, Origin::Made(path.clone()));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (kept, origin) = Keyring::load(&data, None, &[], &random).unwrap();
    assert_eq!(origin, Origin::Kept(path.clone()));
    assert_eq!(made.tag(), kept.tag());
    // A secret that is given later still opens what the made one sealed.
    let sealed = made.seal("feed", b"", b"words", &random).unwrap();
    let (given, origin) = Keyring::load(&data, Some(SECRET), &[], &random).unwrap();
    assert_eq!(origin, Origin::Given);
    assert_eq!(given.open("feed", b"", &sealed).unwrap(), b"words");
    // What is no secret is refused, not replaced.
    std::fs::write(&path, "short").unwrap();
    let e = Keyring::load(&data, None, &[], &random).unwrap_err();
    assert!(e.contains("secret.key") && !e.contains("short"), "{e}");
    std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
    assert!(Keyring::load(&data, None, &[], &random).is_err());
}

#[test]
fn bad_secrets_and_operators_are_told_without_their_values() {
    let load = |vars: &[(&str, &str)]| {
        let mut all = vec![("TELEGRAM_BOT_TOKEN", crate::support::TOKEN)];
        all.extend(vars);
        Settings::load(&Flags::default(), &Env::of(&all))
    };
    let e = load(&[
        ("SECRET_KEY", "hush-hush"),
        ("ALLOWED_USER_IDS", "12, x9, -5, 99999999999999999999"),
    ])
    .unwrap_err()
    .to_string();
    assert!(e.contains("SECRET_KEY") && !e.contains("hush-hush"), "{e}");
    for word in ["`x9`", "`-5`", "`99999999999999999999`"] {
        assert!(e.contains(word), "{word}: {e}");
    }
    let (settings, _) = load(&[
        ("SECRET_KEY", SECRET),
        (
            "SECRET_KEY_PREVIOUS",
            "one-before-the-fire, two-before-the-fire",
        ),
        ("ALLOWED_USER_IDS", "12, 9,12,"),
    ])
    .unwrap();
    assert_eq!(settings.operators, [9, 12]);
    let shown = format!("{settings:?}");
    assert!(
        !shown.contains("vestry") && !shown.contains("fire"),
        "{shown}"
    );
    assert_eq!(load(&[]).unwrap().0.operators, Vec::<i64>::new());
}

#[test]
fn a_rotated_secret_opens_what_was_sealed_and_its_buttons_lapse() {
    use beadle::base::random::SystemRandom;
    use beadle::base::secretbox::GRACE;
    let dir = tempfile::tempdir().unwrap();
    let random = SystemRandom;
    let load = || Keyring::load(dir.path(), None, &[], &random).unwrap().0;
    let old = load();
    let sealed = old.seal("test", b"here", b"beans", &random).unwrap();
    let (button, end) = (
        old.signer("callback").seal(b"ann", "yes"),
        old.lasting_signer("audit end").seal(b"", "7"),
    );
    let forgotten = old.hash("person", b"42");
    let now = 1_790_000_000_000;
    assert_eq!(Keyring::rotate(dir.path(), &random, now), Ok(1));
    assert_eq!(Keyring::rotate(dir.path(), &random, now + 1), Ok(2));
    // What a crash left of a third change is nothing.
    std::fs::write(dir.path().join("secret.key.new"), "half a sec").unwrap();
    for (at, holds) in [(now, true), (now + GRACE, true), (now + GRACE + 2, false)] {
        let new = load().lapse(at);
        assert_ne!(new.tag(), old.tag());
        assert_eq!(new.open("test", b"here", &sealed).unwrap(), b"beans");
        assert!(new.is_stale(&sealed));
        assert_eq!(
            new.signer("callback").open(b"ann", &button).is_some(),
            holds
        );
        assert_eq!(new.lasting_signer("audit end").open(b"", &end), Some("7"));
        assert_eq!(new.hash_under(old.tag(), "person", b"42"), Some(forgotten));
    }
    // SECRET_KEY from outside wins, and the file's still open.
    let given = Keyring::load(dir.path(), Some("0123456789abcdef"), &[], &random)
        .unwrap()
        .0;
    assert!(given.is_given() && given.open("test", b"here", &sealed).is_ok());
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(dir.path().join("secret.key"))
            .unwrap()
            .permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    for _ in 2..32 {
        Keyring::rotate(dir.path(), &random, now).unwrap();
    }
    let full = Keyring::rotate(dir.path(), &random, now).unwrap_err();
    assert!(full.contains("by hand"), "{full}");
    load();
}
