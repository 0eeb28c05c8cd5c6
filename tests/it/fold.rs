//! Folding: disguises come off, ordinary text stays itself.

use beadle::base::fold::{MAX_CHARS, fold};
use proptest::prelude::*;

#[test]
fn disguises_come_off() {
    let table = [
        // Look-alikes of another script.
        ("Пpивeт, ищeм пapтнёpoв", "привет, ищем партнеров"),
        (
            "Зaрaбoтoк нa дoму, Bac нayчaт",
            "заработок на дому, вас научат",
        ),
        (
            "Hoвoe нaпpaвлeниe, Haчaть лeгкo",
            "новое направление, начать легко",
        ),
        ("PAБOTA ДЛЯ BCEX, OПЛATA", "работа для всех, оплата"),
        ("в лuчные сообщенuя", "в личные сообщения"),
        (
            "Еаrn mоnеу with сrурtо tоdау",
            "earn money with crypto today",
        ),
        ("Εαrn рrоfιt", "earn profit"),
        ("wօrk frоm hоmе", "work from home"),
        // Invisible characters.
        ("wo\u{200b}rk\u{200d}ing", "working"),
        ("ра\u{ad}бо\u{2060}та", "работа"),
        ("cl\u{fe0f}ick\u{e0041} here", "click here"),
        // Styled letters.
        ("𝐄𝐚𝐫𝐧 𝓂𝑜𝓃𝑒𝓎 𝕗𝕒𝕤𝕥", "earn money fast"),
        ("ｅａｒｎ　ｍｏｎｅｙ", "earn money"),
        ("ⓔⓐⓡⓝ 🅼🅾🅽🅴🆈", "earn money"),
        ("ᴇᴀʀɴ ᴍᴏɴᴇʏ", "earn money"),
        // Stacks and accents.
        ("e\u{301}\u{302}\u{303}\u{304}a\u{336}rn", "earn"),
        ("ёлка, йод", "елка, йод"),
        ("и\u{306}од", "йод"),
        // Spaced letters.
        ("w o r k from home", "work from home"),
        ("р а б о т а", "работа"),
        ("w.o.r.k and p-r-o-f-i-t", "work and profit"),
        ("з\u{200b} а р а б о т о к", "заработок"),
        // Digits for letters.
        ("m0ney and pr0f1t", "money and profit"),
        ("pa6oтa, п0дра6отка", "работа, подработка"),
        // Right-to-left override: what the eye sees.
        ("\u{202e}gnikrow\u{202c} now", "working now"),
    ];
    for (given, wanted) in table {
        assert_eq!(fold(given).text, wanted, "{given:?}");
    }
}

#[test]
fn ordinary_text_stays_itself() {
    let table = [
        "modern morning memo",
        "мама мыла раму, съешь ещё",
        "log4j, web3js, h264, k8s, m3u8, utf8",
        "https://t.me/abc0def?x=1",
        "я и ты и он",
        "plan a b c",
        "httpшный запрос, dockerом и gitом собрал, it-отдел",
        "iosник пишет на c++",
        "你好,世界 telegram机器人",
        "مرحبا بالعالم",
        "שלום עולם",
        "ελληνικα και αγγλικα",
        "50 μs, 3 kω",
        "привіт, як справи? її їжа",
        "flags 🇺🇸 and 👍🏽",
    ];
    for text in table {
        let folded = fold(text);
        assert_eq!(folded.text, text.replace('ё', "е"), "{text:?}");
        assert_eq!(folded.mixed_script_words, 0, "{text:?}");
        assert_eq!(folded.invisible_in_words, 0, "{text:?}");
        assert_eq!(folded.styled_letters, 0, "{text:?}");
    }
}

#[test]
fn one_word_in_all_homoglyphs_folds_to_one_form() {
    // Every choice of look-alikes for the letters of one word, as long as one true letter remains.
    let latin: [&[char]; 6] = [
        &['p', 'р'],
        &['r'],
        &['o', 'о', 'ο'],
        &['f'],
        &['i', 'і', 'ι'],
        &['t'],
    ];
    let cyrillic: [&[char]; 6] = [
        &['р', 'p'],
        &['а', 'a', 'α'],
        &['б'],
        &['о', 'o', 'ο'],
        &['т', 't'],
        &['а', 'a'],
    ];
    for (word, letters) in [("profit", latin), ("работа", cyrillic)] {
        let mut forms = vec![String::new()];
        for choices in letters {
            forms = forms
                .iter()
                .flat_map(|f| choices.iter().map(move |c| format!("{f}{c}")))
                .collect();
        }
        for form in forms {
            assert_eq!(fold(&form).text, word, "{form:?}");
        }
    }
}

#[test]
fn the_counts_are_of_the_input() {
    let f = fold("Пpивeт wo\u{200b}rk 𝐚𝐛 r a i n xx\u{301}\u{301}\u{301}\u{301} п0дъем\u{202d}");
    assert_eq!(f.mixed_script_words, 1);
    assert_eq!(f.invisible_in_words, 1);
    assert_eq!(f.removed_invisible, 2);
    assert_eq!(f.styled_letters, 2);
    assert_eq!(f.spaced_words, 1);
    assert_eq!(f.stacked_marks, 2);
    assert_eq!(f.digit_words, 1);
    assert_eq!(f.bidi_overrides, 1);
    assert_eq!(f.words, 6);
    let f = fold("HELLO всем 👨‍👩‍👧 ❤️");
    assert_eq!((f.letters, f.upper), (9, 5));
    assert_eq!(
        (f.removed_invisible, f.invisible_in_words),
        (3, 0),
        "emoji joiners hide nothing"
    );
}

#[test]
fn persian_joiners_and_cyrillic_alone_are_no_disguise() {
    let f = fold("می\u{200c}خواهم کتاب\u{200c}ها را بخوانم");
    assert_eq!(f.removed_invisible, 2);
    assert_eq!(f.invisible_in_words, 0);
}

#[test]
fn long_input_is_cut_and_said_so() {
    let f = fold(&"ж".repeat(MAX_CHARS + 5));
    assert!(f.truncated);
    assert_eq!(f.text.chars().count(), MAX_CHARS);
    assert!(!fold(&"ж".repeat(MAX_CHARS)).truncated);
}

#[test]
fn every_single_character_folds_to_a_fixed_point() {
    for c in '\0'..=char::MAX {
        for text in [c.to_string(), format!("ab{c}de"), format!("бж{c}дл")] {
            let once = fold(&text).text;
            assert_eq!(fold(&once).text, once, "U+{:04X} in {text:?}", u32::from(c));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,60}|[a-eopxyhkmtраеоухнктмбжαορΣ0136 .\u{200b}\u{202e}\u{301}\u{308}\u{306}\\n-]{0,40}") {
        let once = fold(&text).text;
        let twice = fold(&once);
        prop_assert_eq!(&twice.text, &once);
        prop_assert_eq!(twice.removed_invisible, 0);
        prop_assert_eq!(twice.mixed_script_words, 0);
    }

    #[test]
    fn rubbish_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folded = fold(&String::from_utf8_lossy(&bytes));
        prop_assert!(folded.chars <= 400);
    }

    #[test]
    fn one_script_is_never_a_disguise(text in "[а-яА-ЯёЁіїєґ ,.!?0-9]{0,80}|[a-zA-Z ,.!?0-9]{0,80}|[一-龥ぁ-ん，。 ]{0,60}|[ا-ي ،]{0,60}|[א-ת ]{0,60}") {
        let folded = fold(&text);
        prop_assert_eq!(folded.mixed_script_words, 0);
        prop_assert_eq!(folded.invisible_in_words, 0);
    }
}

#[test]
fn spam_behind_the_filler_of_a_rich_message_is_read() {
    let text = format!("{}earn money", "nice weather today. ".repeat(1_600));
    assert!(text.len() > 32_000);
    let folded = fold(&text);
    assert!(!folded.truncated && folded.text.ends_with("earn money"));
}
