//! Long texts in parts, names made safe, HTML stripped.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use beadle::telegram::sender::text::{
    LIMIT, cut, cut_html, escape, name, plain, split_html, units,
};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

/// Whether every tag is closed, in order.
fn balanced(html: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        match tag.strip_prefix('/') {
            Some(closed) if open.pop() != Some(closed) => return false,
            Some(_) => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
        rest = &rest[end + 1..];
    }
    open.is_empty()
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn a_text_that_fits_stays_as_it_is() {
    for html in [
        "<b>hi</b> &amp; <i>you",
        "x",
        &"y".repeat(LIMIT),
        &"&lt;".repeat(LIMIT),
    ] {
        assert_eq!(split_html(html), [html]);
    }
    assert!(split_html("").is_empty());
    assert!(split_html(" <b> </b>\n").is_empty());
}

#[test]
fn cuts_prefer_paragraphs_lines_sentences_words() {
    let long = |sep: &str| format!("{}{sep}{}", "a".repeat(3_000), "b".repeat(3_000));
    for sep in ["\n\n", "\n", ". ", " ", "。"] {
        let parts = split_html(&long(sep));
        let kept = sep.trim_end();
        assert_eq!(
            parts,
            [format!("{}{kept}", "a".repeat(3_000)), "b".repeat(3_000)],
            "{sep:?}"
        );
    }
    // The better kind wins over the later one.
    let text = format!(
        "{}\n\n{}. {}\n{} {}",
        "a".repeat(2_500),
        "b".repeat(500),
        "c".repeat(500),
        "d".repeat(500),
        "e".repeat(500)
    );
    assert_eq!(split_html(&text)[0], "a".repeat(2_500));
    let solid = "x".repeat(10_000);
    let sizes: Vec<usize> = split_html(&solid).iter().map(|p| p.len()).collect();
    assert_eq!(sizes, [4_096, 4_096, 1_808]);
}

#[test]
fn tags_are_closed_and_opened_again() {
    let html = format!(
        "<b>start <a href=\"https://example.org/?a=1&amp;b=2\">{}</a></b> end",
        "word ".repeat(1_000)
    );
    let parts = split_html(&html);
    assert_eq!(parts.len(), 2);
    assert!(parts[0].starts_with("<b>start <a href=") && parts[0].ends_with("word</a></b>"));
    assert!(parts[1].starts_with("<b><a href=\"https://example.org/?a=1&amp;b=2\">word "));
    assert!(parts.iter().all(|p| balanced(p)), "{parts:?}");
    // No empty pair where a tag begins or ends at a cut.
    let edge = format!("<i>{}</i> <u>{}</u>", "a".repeat(4_000), "b".repeat(4_000));
    assert_eq!(
        split_html(&edge),
        [
            format!("<i>{}</i>", "a".repeat(4_000)),
            format!("<u>{}</u>", "b".repeat(4_000))
        ]
    );
}

#[test]
fn entities_surrogates_and_graphemes_stay_whole() {
    let family = "👨‍👩‍👧‍👦";
    let text = family.repeat(1_000);
    for part in split_html(&text) {
        assert!(units(&part) <= LIMIT);
        assert!(part.graphemes(true).all(|g| g == family));
    }
    let amps = "&amp;".repeat(9_000);
    for part in split_html(&amps) {
        assert_eq!(part.len() % 5, 0);
        assert!(plain(&part).chars().all(|c| c == '&'));
    }
    // A mark written as a number belongs to the letter before it.
    let marked = "e&#769;".repeat(5_000);
    for part in split_html(&marked) {
        assert!(part.starts_with('e') && part.ends_with("&#769;"));
    }
    // One grapheme longer than a message can only be cut.
    let zalgo = format!("z{}", "\u{301}".repeat(9_000));
    let parts = split_html(&zalgo);
    assert!(parts.iter().all(|p| units(p) <= LIMIT));
    assert_eq!(parts.concat(), zalgo);
}

#[test]
fn an_edit_is_cut_with_its_tags_closed() {
    let html = format!("<b>{}</b>", "word ".repeat(2_000));
    let cut = cut_html(&html);
    assert!(balanced(&cut) && cut.ends_with('…'));
    assert!(units(&plain(&cut)) <= LIMIT);
}

#[test]
fn html_is_stripped_to_what_a_reader_sees() {
    assert_eq!(
        plain("<b>1 &lt; 2</b> &amp; <a href='x>y'>link</a> &#x41;&#66; &nbsp; a < b"),
        "1 < 2 & link AB &nbsp; a < b"
    );
    assert_eq!(cut("héllo wörld", 7), "héllo …");
    assert_eq!(cut("short", 5), "short");
}

const NASTY: &[&str] = &[
    "<b>bold</b>",
    "</a><a href=\"tg://user?id=1\">",
    "_under_ *star* `tick` [x](y)",
    "a & b &amp; c",
    "\u{202E}evil\u{202C}",
    "\u{2066}\u{2067}x",
    "محمد",
    "שלום <b>",
    "👨‍👩‍👧‍👦",
    "Z̷̢̛̗͓̱̫̮̪a̸̧̡͔̦̮̓͌͠l̷̨̛͖̜̈́g̶̛̹͔̏ö̴̡́",
    "line\nbreak\r\ttab",
    "",
    " ",
    "\u{200B}",
    "\u{3164}",
    "\u{0}\u{7}",
    "ˢᵗʸˡᵉᵈ",
    "𝕯𝖔𝖚𝖇𝖑𝖊",
    "Nguyễn Thị Ngọc Ánh",
    "very long name very long name very long name very long name very long name very long",
];

#[test]
fn nasty_names_are_shown_on_one_line_and_turn_nothing_around() {
    for nasty in NASTY {
        let shown = name(nasty);
        let seen = plain(&shown);
        assert!(
            !shown.contains(['<', '>', '"', '\n', '\r', '\0']),
            "{nasty:?} gave {shown:?}"
        );
        assert!(!seen.trim().is_empty(), "{nasty:?}");
        assert!(!seen.contains([
            '\u{202A}', '\u{202B}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}'
        ]));
        assert_eq!(
            seen.matches('\u{2068}').count(),
            seen.matches('\u{2069}').count()
        );
        assert!(seen.graphemes(true).count() <= 70);
        assert!(units(&seen) < 300, "{nasty:?}");
        let line = format!("<b>{shown}</b> joined");
        assert!(balanced(&line));
        // A name at every place of a long text breaks no part.
        let long = format!("{line}. ").repeat(900);
        let parts = split_html(&long);
        assert!(
            parts
                .iter()
                .all(|p| balanced(p) && units(&plain(p)) <= LIMIT),
            "{nasty:?}"
        );
    }
    assert_eq!(name("Nguyễn Thị Ngọc Ánh"), "Nguyễn Thị Ngọc Ánh");
    assert_eq!(name("👨‍👩‍👧‍👦"), "👨‍👩‍👧‍👦");
    for nothing in [
        "",
        " ",
        "\u{200B}",
        "\u{3164}",
        "\u{202E}",
        "\u{2800}\u{FE0F}",
    ] {
        assert_eq!(name(nothing), "…", "{nothing:?}");
    }
    assert!(name("محمد").starts_with('\u{2068}'));
}

/// Well-formed HTML of about `0..12000` units.
fn html() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => "[a-z]{1,12}",
        2 => Just("&amp;".to_owned()),
        2 => Just("&#128512;".to_owned()),
        2 => Just("👩‍🚀".to_owned()),
        2 => Just("é\u{301}".to_owned()),
        2 => Just("слово".to_owned()),
        2 => Just("漢字。".to_owned()),
        1 => "[a-z]{500,3000}",
        1 => (0..NASTY.len()).prop_map(|i| escape(NASTY[i])),
    ];
    let space = prop_oneof![6 => Just(" "), 1 => Just("\n"), 1 => Just("\n\n"), 1 => Just(". "), 1 => Just("")];
    let text = prop::collection::vec((word, space), 1..80).prop_map(|words| {
        words
            .into_iter()
            .flat_map(|(w, s)| [w, s.to_owned()])
            .collect::<String>()
    });
    let tag = prop_oneof![
        Just(("<b>", "</b>")),
        Just(("<i>", "</i>")),
        Just(("<a href=\"https://example.org/?q=a>b\">", "</a>")),
        Just(("<span class=\"tg-spoiler\">", "</span>")),
        Just(("", "")),
    ];
    prop::collection::vec((tag.clone(), tag, text.clone(), text), 0..12).prop_map(|parts| {
        parts
            .into_iter()
            .map(|(outer, inner, a, b)| {
                format!("{}{a}{}{b}{}{}", outer.0, inner.0, inner.1, outer.1)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_hold_the_whole_text_and_nothing_is_broken(html in html()) {
        let parts = split_html(&html);
        let visible = plain(&html);
        let together: String = parts.iter().map(|p| plain(p)).collect();
        prop_assert_eq!(without_space(&together), without_space(&visible));
        let graphemes: std::collections::HashSet<&str> = visible.graphemes(true).collect();
        for part in &parts {
            let seen = plain(part);
            prop_assert!(units(&seen) <= LIMIT);
            prop_assert!(!seen.trim().is_empty());
            let html = part.replace("?q=a>b", "");
            prop_assert!(balanced(&html), "{}", part);
            for grapheme in seen.graphemes(true) {
                prop_assert!(graphemes.contains(grapheme), "{:?}", grapheme);
            }
        }
    }

    #[test]
    fn any_text_at_all_is_split_and_escaped_without_harm(text in "\\PC{0,3000}", raw in ".{0,400}") {
        prop_assert_eq!(plain(&escape(&text)), text.clone());
        let broken = format!("{raw}{}", raw.repeat(12));
        let parts = split_html(&broken);
        if parts.len() > 1 {
            for part in &parts {
                prop_assert!(units(&plain(part)) <= LIMIT);
            }
        }
        let _shown = name(&text);
    }
}
