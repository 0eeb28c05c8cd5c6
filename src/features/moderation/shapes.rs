//! The shape of a text beside its words: how long, how loud, how many numbers, links and signs. Each shape is a kind
//! and a small number, hashed like an n-gram.
use crate::base::fold::Folded;

/// Shapes of each text.
pub(super) const SHAPES: usize = 17;

/// What one pass over the folded text counts.
#[derive(Default)]
struct Seen {
    chars: u32,
    words: u32,
    digits: u32,
    longest_number: u32,
    emoji: u32,
    /// Emoji and the signs that people use like them (`‼`, `⬇`).
    signs: u32,
    at: u32,
    money: u32,
    exclamations: u32,
    questions: u32,
    lines: u32,
    links: u32,
    domains: u32,
}

fn look(text: &str) -> Seen {
    let mut seen = Seen {
        lines: u32::from(!text.is_empty()),
        ..Seen::default()
    };
    let mut number = 0;
    let mut space = true;
    for c in text.chars() {
        seen.chars += 1;
        if c.is_ascii_digit() {
            seen.digits += 1;
            number += 1;
            seen.longest_number = seen.longest_number.max(number);
        } else {
            number = 0;
        }
        let is_space = c == ' ' || c == '\n';
        seen.words += u32::from(space && !is_space);
        space = is_space;
        match c {
            '\n' => seen.lines += 1,
            '@' => seen.at += 1,
            '$' | '£' | '€' | '₽' => seen.money += 1,
            '!' => seen.exclamations += 1,
            '?' => seen.questions += 1,
            '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}' => {
                seen.emoji += 1;
                seen.signs += 1;
            }
            '\u{203c}' | '\u{2049}' | '\u{2b00}'..='\u{2bff}' => seen.signs += 1,
            _ => {}
        }
    }
    for word in text.split(ends_word) {
        if word.contains('.') {
            seen.links += u32::from(word.starts_with("www.") || word == "t.me");
            seen.domains += u32::from(is_domain(word));
        }
        seen.links += u32::from(word == "http:" || word == "https:");
    }
    seen
}

fn ends_word(c: char) -> bool {
    matches!(
        c,
        ' ' | '\n' | '/' | '\\' | ',' | '"' | '<' | '>' | '(' | ')'
    )
}

/// Whether a word in lower case looks like a host: `name.end`, the end of two to four letters.
fn is_domain(word: &str) -> bool {
    word.trim_end_matches('.')
        .rsplit_once('.')
        .is_some_and(|(name, end)| {
            name.len() >= 2
                && name.ends_with(|c: char| c.is_ascii_alphanumeric())
                && (2..=4).contains(&end.len())
                && end.bytes().all(|b| b.is_ascii_lowercase())
        })
}

/// Two steps for each doubling; 0 for 0.
fn steps(count: u32) -> u32 {
    let doublings = (count + 1).ilog2();
    let half = u32::from(u64::from(count + 1) * 2 >= 3 << doublings);
    doublings * 2 + half
}

/// Hashes of the shapes of a text.
pub(super) fn shapes(folded: &Folded) -> [u32; SHAPES] {
    let seen = look(&folded.text);
    let loud = match folded.letters {
        0..=3 => 0,
        letters => 1 + (folded.upper * 10 / letters).min(6),
    };
    let digits = match seen.digits {
        0 => 0,
        1..=2 => 1,
        3..=4 => 2,
        5..=9 => 3,
        _ => 4,
    };
    let domains = seen.domains.min(3);
    let length_by_domain = match domains {
        0 => 0,
        _ => 1 + folded.letters.min(120) / 30,
    };
    let all = [
        loud,
        (seen.chars + 1).ilog2(),
        digits,
        folded.mixed_script_words.min(4),
        seen.emoji.min(6),
        seen.links.min(3),
        seen.at.min(2),
        seen.money.min(3),
        seen.exclamations.min(4),
        seen.questions.min(2),
        seen.lines.min(4),
        seen.longest_number.min(11),
        steps(seen.words),
        domains,
        length_by_domain,
        // How thick they stand: one in a long text says less than one in three words.
        seen.signs * 40 / (folded.words + 5),
        steps(seen.signs),
    ];
    let mut kind = 0_u32;
    all.map(|value| {
        kind += 1;
        let mixed = kind.wrapping_mul(0x1234_5677) ^ value.wrapping_mul(0x9E37_79B1);
        mixed.wrapping_mul(0xC2B2_AE35).wrapping_mul(0x85EB_CA6B)
    })
}
