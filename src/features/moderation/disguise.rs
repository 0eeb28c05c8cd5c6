//! Disguises of spam for measuring: what a text is turned into before the judge sees it, the same for the same seed.
use crate::base::random::{Random as _, SeededRandom};

/// A transform of test texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Disguise {
    /// As it is.
    None,
    /// Four in ten of the letters a, e, o, p, c, y, x, u, k become their twins of the other alphabet, Latin or
    /// Cyrillic; after 3 in 100 characters comes one of zero width.
    Twins,
    /// Each text takes two of six styles (mathematical alphabets, full width, combining marks, spaced
    /// letters, leet, emoji letters), and half of its words of four letters and more wear one of the two.
    /// Frozen before it was first run: changing it would make the measured figures worthless.
    Styles,
}

impl Disguise {
    /// All, in the order of reports.
    pub const ALL: [Self; 3] = [Self::None, Self::Twins, Self::Styles];

    /// The text in this disguise.
    pub fn wear(self, text: &str, random: &SeededRandom) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Twins => twins(text, random),
            Self::Styles => styles(text, random),
        }
    }
}

/// Letters that look alike, Latin and Cyrillic.
const TWINS: [(char, char); 16] = [
    ('a', 'а'),
    ('e', 'е'),
    ('o', 'о'),
    ('p', 'р'),
    ('c', 'с'),
    ('y', 'у'),
    ('x', 'х'),
    ('k', 'к'),
    ('A', 'А'),
    ('E', 'Е'),
    ('O', 'О'),
    ('P', 'Р'),
    ('C', 'С'),
    ('Y', 'У'),
    ('X', 'Х'),
    ('K', 'К'),
];

fn twin(c: char) -> Option<char> {
    // A Cyrillic и becomes u, as in лuчка; the way back does not look alike.
    if c == 'и' {
        return Some('u');
    }
    TWINS.iter().find_map(|(latin, cyrillic)| match c {
        _ if c == *latin => Some(*cyrillic),
        _ if c == *cyrillic => Some(*latin),
        _ => None,
    })
}

fn twins(text: &str, random: &SeededRandom) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let changed = twin(c).filter(|_| random.below(100) < 40);
        out.push(changed.unwrap_or(c));
        if random.below(100) < 3 {
            out.push(['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}'][pick(random, 4)]);
        }
    }
    out
}

fn pick(random: &SeededRandom, of: u64) -> usize {
    usize::try_from(random.below(of)).unwrap_or(0)
}

/// First capitals of mathematical alphabets without holes: bold, bold italic, bold script, bold fraktur,
/// sans-serif, sans-serif bold, monospace.
const MATHEMATICAL: [u32; 7] = [
    0x1d400, 0x1d468, 0x1d4d0, 0x1d56c, 0x1d5a0, 0x1d5d4, 0x1d670,
];

fn styles(text: &str, random: &SeededRandom) -> String {
    let pair = [pick(random, 6), pick(random, 6)];
    let alphabet = MATHEMATICAL[pick(random, 7)];
    let mut out = String::with_capacity(text.len() * 3);
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_alphabetic() {
            word.push(c);
            continue;
        }
        if word.chars().count() >= 4 && random.below(2) == 0 {
            out.push_str(&style(&word, pair[pick(random, 2)], alphabet, random));
        } else {
            out.push_str(&word);
        }
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// The word in a style; letters that have no such form stay.
fn style(word: &str, style: usize, alphabet: u32, random: &SeededRandom) -> String {
    let mut out = String::with_capacity(word.len() * 4);
    for (at, c) in word.chars().enumerate() {
        // Cyrillic has none of these alphabets; its letters that look Latin take the Latin form.
        let latin = match c {
            _ if c.is_ascii_alphabetic() => Some(c),
            _ => twin(c).filter(char::is_ascii_alphabetic),
        };
        let capital = latin.is_some_and(|l| l.is_ascii_uppercase());
        let place = latin.map_or(0, |l| u32::from(l.to_ascii_lowercase()) - u32::from('a'));
        let form = |code: u32| latin.and_then(|_| char::from_u32(code));
        let styled = match style {
            0 => form(alphabet + place + if capital { 0 } else { 26 }),
            1 => form(if capital { 0xff21 } else { 0xff41 } + place),
            5 => form(
                if random.below(2) == 0 {
                    0x1f170
                } else {
                    0x1f150
                } + place,
            ),
            4 => leet(c),
            _ => None,
        };
        if style == 3 && at > 0 {
            out.push(' ');
        }
        out.push(styled.unwrap_or(c));
        if style == 2 && random.below(2) == 0 {
            out.push(['\u{301}', '\u{308}', '\u{336}', '\u{35f}'][pick(random, 4)]);
        }
    }
    out
}

/// The digit that stands for a letter.
fn leet(c: char) -> Option<char> {
    Some(match c.to_lowercase().next()? {
        'o' | 'о' => '0',
        'i' | 'l' => '1',
        'e' | 'з' => '3',
        'a' | 'ч' => '4',
        's' => '5',
        'б' => '6',
        _ => return None,
    })
}
