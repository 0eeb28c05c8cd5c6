//! Each disguise that spam in groups is known to wear comes off: letter twins in four of ten, zero width,
//! alphabets, marks, gaps, digits, emoji letters; and what only looks like one stays.
use beadle::base::fold::fold;
use beadle::base::random::SeededRandom;
use beadle::features::moderation::disguise::Disguise;

const TEXTS: [&str; 4] = [
    "Приглашаем ответственных людей на подработку, оплата каждую неделю, пишите в личные сообщения",
    "Закрытый канал про арбитраж, доход с первого дня, обучение покажем, мест осталось мало",
    "Our private channel shows you how to earn every week without leaving your home, message me",
    "Claim your bonus before the pool closes, connect the wallet and double your coins today",
];

/// Words of the plain text that are found in the disguised one, of a hundred.
fn found(disguise: Disguise, text: &str, seed: u64) -> usize {
    let worn = disguise.wear(text, &SeededRandom::new(seed));
    let folded = fold(&worn).text;
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        parts.filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let plain = words(&fold(text).text);
    let seen = words(&folded);
    let same = plain.iter().filter(|w| seen.contains(w)).count();
    same * 100 / plain.len()
}

#[test]
fn twins_and_zero_width_come_off_whole_texts() {
    let mut all = Vec::new();
    for text in TEXTS {
        for seed in 0..40 {
            let found = found(Disguise::Twins, text, seed);
            // A short word made of twins alone may stay in the other alphabet.
            assert!(found >= 70, "{found} % with seed {seed}: {text}");
            all.push(found);
        }
    }
    let mean = all.iter().sum::<usize>() / all.len();
    assert!(mean >= 95, "{mean} % of the words");
}

#[test]
fn twins_are_counted() {
    for text in TEXTS {
        let worn = Disguise::Twins.wear(text, &SeededRandom::new(3));
        let folded = fold(&worn);
        assert_ne!(worn, text);
        assert!(folded.mixed_script_words >= 3, "{folded:?}");
        assert!(folded.removed_invisible >= 1, "{folded:?}");
        assert_eq!(fold(text).mixed_script_words, 0);
    }
}

#[test]
fn each_zero_width_character_comes_out_of_a_word() {
    for invisible in [
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2060}',
        '\u{feff}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{202a}',
        '\u{202c}',
        '\u{2066}',
        '\u{2069}',
        '\u{fe0f}',
        '\u{e0061}',
    ] {
        let folded = fold(&format!("зара{invisible}боток"));
        assert_eq!(folded.text, "заработок", "{:x}", u32::from(invisible));
        assert_eq!(folded.removed_invisible, 1, "{:x}", u32::from(invisible));
    }
}

#[test]
fn every_mathematical_and_circled_alphabet_is_plain_letters() {
    // First capitals and small letters of the alphabets; holes (ℎ, ℬ …) are other code points.
    let starts = [
        0x1d400, 0x1d41a, 0x1d434, 0x1d468, 0x1d482, 0x1d4d0, 0x1d4ea, 0x1d56c, 0x1d586, 0x1d5a0,
        0x1d5ba, 0x1d5d4, 0x1d5ee, 0x1d608, 0x1d622, 0x1d63c, 0x1d656, 0x1d670, 0x1d68a, 0xff21,
        0xff41, 0x24b6, 0x24d0, 0x1f130, 0x1f150, 0x1f170,
    ];
    for start in starts {
        let word: String = "profit"
            .bytes()
            .filter_map(|b| char::from_u32(start + u32::from(b - b'a')))
            .collect();
        assert_eq!(fold(&word).text, "profit", "{start:x}: {word}");
    }
}

#[test]
fn marks_gaps_and_digits_come_off() {
    let table = [
        ("p\u{336}r\u{336}o\u{336}f\u{336}i\u{336}t", "profit"),
        ("д\u{301}о\u{308}х\u{35f}о\u{301}д", "доход"),
        ("д о х о д", "доход"),
        ("д-о-х-о-д", "доход"),
        ("p_r_o_f_i_t", "profit"),
        ("p*r*o*f*i*t", "profit"),
        ("з4р4б0т0к", "зчрчботок"),
        ("д0х0д", "доход"),
        ("m0n3y and pr0f1t", "money and profit"),
    ];
    for (given, wanted) in table {
        assert_eq!(fold(given).text, wanted, "{given:?}");
    }
}

fn regional(word: &str) -> String {
    word.bytes()
        .filter_map(|b| char::from_u32(0x1f1e6 + u32::from(b - b'a')))
        .collect()
}

#[test]
fn words_of_regional_indicators_are_letters() {
    let folded = fold(&format!("{} from home", regional("work")));
    assert_eq!(folded.text, "work from home");
    assert_eq!(folded.styled_letters, 4);
    let spaced: String = "money"
        .chars()
        .map(|c| format!("{} ", regional(&c.to_string())))
        .collect();
    assert_eq!(fold(&spaced).text, "money");
    let hidden: String = "bonus"
        .chars()
        .map(|c| format!("{}\u{200b}", regional(&c.to_string())))
        .collect();
    assert_eq!(fold(&hidden).text, "bonus");
}

#[test]
fn flags_stay_flags() {
    for flags in ["🇷🇺", "go 🇺🇸🇩🇪 go", "🇫🇷 🇮🇹", "match 🇧🇷-🇦🇷 2:1", "🇪🇺🇺🇳"]
    {
        let folded = fold(flags);
        assert_eq!(folded.text, flags);
        assert_eq!(folded.styled_letters, 0, "{flags}");
    }
}
