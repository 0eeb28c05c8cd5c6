//! How good the classifier is at least: on texts of our own that no template makes, and on the collections where they lie.
use std::path::PathBuf;

use beadle::base::fold::fold;
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::disguise::Disguise;
use beadle::features::moderation::evaluate::{
    Measures, Scored, cross_validate, leave_one_part_out, read, shipped,
};
use beadle::features::moderation::fit::Hyper;

const OWN: &str = include_str!("../fixtures/spam/own.tsv");

fn own(score: impl Fn(&str) -> f32) -> Vec<Scored> {
    OWN.lines()
        .map(|line| {
            let (label, text) = line.split_once('\t').expect("a label, a tab, a text");
            (score(text), label == "spam")
        })
        .collect()
}

#[test]
fn the_shipped_model_tells_our_own_texts_apart() {
    let measures = Measures::of(&own(|text| SpamModel::shipped().score(&fold(text))));
    println!("own texts: {measures:?}");
    assert!(measures.spam >= 30 && measures.ham >= 40);
    assert!(measures.f1 >= 0.93, "{measures:?}");
    assert!(measures.precision >= 0.93, "{measures:?}");
}

fn data(name: &str) -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|dir| dir.join("../shared/data/spam").join(name))
        .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: no ../shared/data/spam/{name} beside the source tree");
    }
    found
}

/// Floors are a point or two under the published figures: one seed, and room for other words of ours.
#[test]
fn the_collections_are_told_apart_by_folds() {
    let plain = [Disguise::None];
    for (name, by_part, floor) in [
        ("tg-spam-samples-umputun", false, 0.94),
        ("youtube-tubespam", true, 0.94),
    ] {
        let Some(path) = data(name) else { return };
        let sets = read(&[path]).expect("read");
        let rows = match by_part {
            true => leave_one_part_out(&sets[0], &Hyper::default(), &[1], &plain),
            false => cross_validate(&sets[0], &Hyper::default(), &[1], &plain),
        };
        println!("{name}: {:?}", rows[0].measures);
        assert!(rows[0].measures.f1 >= floor, "{name}: {:?}", rows[0]);
    }
}

#[test]
fn the_shipped_model_remembers_what_it_learned_from() {
    for name in [
        "sms-spam-collection/SMSSpamCollection",
        "youtube-tubespam",
        "tg-spam-samples-umputun",
    ] {
        let Some(path) = data(name) else { return };
        let sets = read(&[path]).expect("read");
        let rows = shipped(&sets[0], &[Disguise::None]);
        println!("{name}: {:?}", rows[0].measures);
        assert!(rows[0].measures.f1 >= 0.97, "{name}: {:?}", rows[0]);
    }
}
