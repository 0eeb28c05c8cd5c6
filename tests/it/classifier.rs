//! The classifier: what the shipped model says, that it can be made again, and that damaged files are refused.
use std::path::PathBuf;
use std::time::{Duration, Instant};

use beadle::base::fold::fold;
use beadle::features::moderation::classifier::{ModelError, ModelFile, SpamModel};
use beadle::features::moderation::data::{self, Sample, Source};
use beadle::features::moderation::fit::Hyper;
use beadle::features::moderation::grams::{BUCKETS, Grams};
use beadle::features::moderation::train;
use proptest::prelude::*;

const SHIPPED: &[u8] = include_bytes!("../../models/spam/spam.bin");

/// The public collections, where they lie beside the source tree.
fn spam_data() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|dir| dir.join("../shared/data/spam"))
        .find(|dir| dir.is_dir());
    if found.is_none() {
        println!("skipped: no ../shared/data/spam beside the source tree");
    }
    found
}

fn shipped_score(text: &str) -> f32 {
    SpamModel::shipped().score(&fold(text))
}

#[test]
fn campaigns_and_talk_about_the_same_things_are_told_apart() {
    let pairs = [
        (
            "We are opening ten places for remote assistants, $140 a day, training is free, 18+. Write \"job\" to me in private",
            "I was offered a place as a remote assistant, $140 a day before tax, does that sound fair to you?",
        ),
        (
            "My coach doubled my bitcoin in four days! Guaranteed profit, message her on Telegram now @coach_lena",
            "My brother lost half of his bitcoin in four days and still checks the chart every hour",
        ),
        (
            "Набираем людей на удалёнку, от 90$ в день, обучение бесплатно, пишите + в личные сообщения",
            "Третий месяц на удалёнке, в день выходит часов девять, а премию так и не дали",
        ),
        (
            "Связка на бирже, доход 8% в сутки, деньги на вашем счёте, осталось три места, пиши в лс",
            "Биржа опять лежит, не могу вывести свои восемь процентов, поддержка молчит вторые сутки",
        ),
    ];
    for (spam, talk) in pairs {
        let (high, low) = (shipped_score(spam), shipped_score(talk));
        assert!(high > 2.0, "{high} {spam}");
        assert!(low < 1.0, "{low} {talk}");
    }
}

#[test]
fn disguise_does_not_help() {
    let plain =
        "Набираем людей на удаленку, доход от 90$ в день, обучение бесплатно, пишите в личку";
    let disguised = plain
        .replace('а', "a")
        .replace('о', "o\u{200b}")
        .replace('е', "e");
    assert_ne!(plain, disguised);
    // The words are the same, and the disguise itself tells.
    assert!(shipped_score(&disguised) > shipped_score(plain) - 0.1);
}

#[test]
fn no_text_is_no_evidence() {
    assert_eq!(shipped_score("").to_bits(), 0.0_f32.to_bits());
    assert_eq!(shipped_score(" \n ").to_bits(), 0.0_f32.to_bits());
}

#[test]
fn the_score_is_the_documented_sum() {
    // Every weight 2 and every factor a half: bias + scale · 2n / √(n / 4).
    let model = SpamModel::load(&SpamModel::encode(&ModelFile {
        weights: &[2; BUCKETS],
        factors: &[32; BUCKETS],
        common: &[40],
        scale: 0.5,
        bias: -1.0,
        data: &[7; 32],
        params: "{}",
    }))
    .expect("a model");
    // " ab ": 2-grams " a", "ab", "b ", 3-grams " ab", "ab ", 4-gram " ab "; and the shapes.
    let grams = Grams::of(&fold("ab"));
    assert_eq!(grams.buckets.len(), 6);
    // The word, and the word after the beginning.
    assert_eq!(grams.words.len(), 2);
    let n = 8.0 + f32::from(u8::try_from(grams.shapes.len()).unwrap());
    let wanted = -1.0 + 0.5 * 2.0 * n / (n / 4.0).sqrt();
    assert!((model.score(&fold("ab")) - wanted).abs() < 1e-4);
    assert_eq!(
        Grams::of(&fold("a1")).buckets,
        Grams::of(&fold("a9")).buckets,
        "digits are alike"
    );
    assert!((model.commonness(0) - (-1.0_f32).exp()).abs() < 1e-5);
    assert_eq!(model.commonness(1).to_bits(), 1.0_f32.to_bits());
    for part in [1.0, 0.4, 0.02, 0.0018] {
        let byte = SpamModel::common_byte(part);
        let back = (-f64::from(byte) / 40.0).exp();
        assert!(back <= part * 1.0001 && back > part * 0.97, "{part} {back}");
    }
    assert_eq!(SpamModel::common_byte(0.0), 255);
    assert_eq!(model.params(), "{}");
    assert_eq!(model.data_digest(), "07".repeat(32));
}

#[test]
fn rubbish_is_refused_by_name() {
    let err = |bytes: &[u8]| SpamModel::load(bytes).expect_err("refused");
    assert_eq!(err(b""), ModelError::Magic);
    assert_eq!(err(b"PNG file, not a model"), ModelError::Magic);
    let mut other = SHIPPED.to_vec();
    other[7] = 9;
    assert_eq!(err(&other), ModelError::Version(9));
    assert!(matches!(
        err(&SHIPPED[..SHIPPED.len() - 1]),
        ModelError::Length { .. }
    ));
    assert!(matches!(err(&SHIPPED[..20]), ModelError::Length { .. }));
    let mut bent = SHIPPED.to_vec();
    let last = bent.len() - 40;
    bent[last] ^= 1;
    assert_eq!(err(&bent), ModelError::Checksum);
    assert!(matches!(
        err(&SpamModel::encode(&ModelFile {
            weights: &[],
            factors: &[],
            common: &[],
            scale: f32::NAN,
            bias: 0.0,
            data: &[0; 32],
            params: "",
        })),
        ModelError::Header(_)
    ));
    assert!(err(&bent).to_string().contains("damaged"));
}

#[test]
fn training_is_repeatable_and_depends_on_its_input() {
    let hyper = Hyper {
        epochs: 3,
        ..Hyper::default()
    };
    let sample = |text: &str, spam| Sample {
        folded: fold(text),
        spam,
        source: Source::Telegram,
    };
    let samples: Vec<_> = (0..40)
        .map(|i| {
            if i % 2 == 0 {
                sample(&format!("earn money now, offer {i}, write to me"), true)
            } else {
                sample(
                    &format!("the train leaves at {i}, see you at the station"),
                    false,
                )
            }
        })
        .collect();
    let first = train::train(&samples, &hyper);
    assert_eq!(first, train::train(&samples, &hyper));
    let other_seed = Hyper { seed: 5, ..hyper };
    assert_ne!(first, train::train(&samples, &other_seed));
    let model = SpamModel::load(&first).expect("a model");
    assert!(model.score(&fold("earn money, write to me")) > 0.0);
    assert!(model.score(&fold("see you at the train station")) < 0.0);
    // The labels decide, nothing else.
    let turned: Vec<_> = samples
        .iter()
        .map(|s| Sample {
            spam: !s.spam,
            ..s.clone()
        })
        .collect();
    let model = SpamModel::load(&train::train(&turned, &hyper)).expect("a model");
    assert!(model.score(&fold("earn money, write to me")) < 0.0);
}

#[test]
fn duplicates_and_contradictions_leave_the_data() {
    let sample = |text: &str, spam| Sample {
        folded: fold(text),
        spam,
        source: Source::Sms,
    };
    let kept = data::deduplicated(vec![
        sample("win 100", true),
        sample("win 200", true),
        sample("hello", false),
        sample("maybe", true),
        sample("maybe", false),
        sample("123 !", false),
    ]);
    assert_eq!(kept, [sample("win 100", true), sample("hello", false)]);
}

#[test]
fn the_shipped_model_can_be_made_again_byte_for_byte() {
    let Some(dir) = spam_data() else { return };
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().join("spam.bin");
    let summary = train::run(&dir, &path).expect("trained");
    let made = std::fs::read(&path).expect("written");
    assert!(
        made == SHIPPED,
        "models/spam/spam.bin is not what the recipe makes: train it again"
    );
    assert_eq!(summary.bytes, SHIPPED.len());
    assert_eq!(SpamModel::shipped().data_digest(), summary.data);
    let missing = train::run(out.path(), &path).expect_err("no data there");
    assert!(
        missing.to_string().contains("SMSSpamCollection"),
        "{missing}"
    );
}

#[test]
fn scoring_is_fast() {
    let text =
        fold(&"Ищу партнёров в команду, работа удалённо, оплата от 200$ each day, ok? ".repeat(9))
            .text;
    let text = fold(&text.chars().take(300).collect::<String>());
    let model = SpamModel::shipped();
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..500 {
                std::hint::black_box(model.score(std::hint::black_box(&text)));
            }
            start.elapsed() / 500
        })
        .min()
        .expect("five rounds");
    println!("classifier: 300 characters {best:?}");
    // An unoptimised build on a busy machine; `beadle bench judge` holds the real bound.
    assert!(best < Duration::from_millis(2), "{best:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_models_never_load(at in 0..SHIPPED.len(), bit in 0..8_u32) {
        let mut bytes = SHIPPED.to_vec();
        bytes[at] ^= 1 << bit;
        prop_assert!(SpamModel::load(&bytes).is_err());
    }

    #[test]
    fn random_bytes_never_load(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(SpamModel::load(&bytes).is_err());
        let mut named = b"BDLSPAM\x03\0\0\x01\0".to_vec();
        named.extend(bytes);
        prop_assert!(SpamModel::load(&named).is_err());
    }

    #[test]
    fn every_text_has_a_finite_score(text in any::<String>()) {
        prop_assert!(SpamModel::shipped().score(&fold(&text)).is_finite());
    }
}
