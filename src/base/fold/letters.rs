//! Which letters look alike: tables after UTS 39 confusables, kept to what people and spammers really write.
use unicode_script::{Script, UnicodeScript as _};

/// The alphabets that are mixed with each other, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    Latin,
    Cyrillic,
    Greek,
    /// Rare scripts with letters that look Latin; never a living neighbour of Latin in one word.
    Exotic,
    /// Everything else: not looked at.
    Other,
}

/// Which alphabet `c` is of; the common letters without a table.
#[inline]
pub(super) fn alphabet(c: char) -> Alphabet {
    match c {
        'a'..='z' | 'A'..='Z' => Alphabet::Latin,
        '\0'..='\u{7f}' => Alphabet::Other,
        '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' => Alphabet::Cyrillic,
        _ => rare_alphabet(c),
    }
}

/// `char::is_alphanumeric`, the common letters without a table.
#[inline]
pub(super) fn is_alphanumeric(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        'А'..='я' => true,
        _ => c.is_alphanumeric(),
    }
}

fn rare_alphabet(c: char) -> Alphabet {
    if !c.is_alphabetic() {
        return Alphabet::Other;
    }
    match c.script() {
        Script::Latin => Alphabet::Latin,
        Script::Cyrillic => Alphabet::Cyrillic,
        Script::Greek => Alphabet::Greek,
        Script::Armenian
        | Script::Cherokee
        | Script::Lisu
        | Script::Coptic
        | Script::Canadian_Aboriginal
        | Script::Deseret
        | Script::Osage
        | Script::Tifinagh
        | Script::Old_Italic
        | Script::Gothic
        | Script::Lycian
        | Script::Carian
        | Script::Lydian
        | Script::Runic
        | Script::Warang_Citi
        | Script::Elbasan => Alphabet::Exotic,
        _ => Alphabet::Other,
    }
}

/// Whether `c` is a letter of one of the three alphabets that are folded into each other.
pub(super) fn is_folding_letter(c: char) -> bool {
    matches!(
        alphabet(c),
        Alphabet::Latin | Alphabet::Cyrillic | Alphabet::Greek
    )
}

/// A look-alike, and whether both look the same in lower case (`exact`) or only in capitals or at a glance.
pub(super) struct Twin {
    pub(super) letter: char,
    pub(super) exact: bool,
}

const fn exact(letter: char) -> Option<Twin> {
    Some(Twin {
        letter,
        exact: true,
    })
}

const fn close(letter: char) -> Option<Twin> {
    Some(Twin {
        letter,
        exact: false,
    })
}

/// The Latin letter that `c` (any case) looks like; the answer is lower case.
pub(super) fn latin_twin(c: char) -> Option<Twin> {
    match c {
        'а' | 'А' => exact('a'),
        'е' | 'Е' | 'ҽ' | 'Ҽ' => exact('e'),
        'о' | 'О' => exact('o'),
        'р' | 'Р' => exact('p'),
        'с' | 'С' => exact('c'),
        'у' | 'У' | 'ү' | 'Ү' => exact('y'),
        'х' | 'Х' => exact('x'),
        'і' | 'І' => exact('i'),
        'ј' | 'Ј' => exact('j'),
        'ѕ' | 'Ѕ' => exact('s'),
        'һ' | 'Һ' => exact('h'),
        'ԁ' | 'Ԁ' => exact('d'),
        'ԛ' | 'Ԛ' => exact('q'),
        'ԝ' | 'Ԝ' | 'ѡ' | 'Ѡ' => exact('w'),
        'ӏ' | 'Ӏ' => exact('l'),
        'ѵ' | 'Ѵ' => exact('v'),
        'к' | 'К' => close('k'),
        'м' | 'М' => close('m'),
        'т' | 'Т' => close('t'),
        'в' | 'В' | 'ь' | 'Ь' => close('b'),
        'н' | 'Н' => close('h'),
        'п' | 'П' => close('n'),
        'и' | 'И' => close('u'),
        'г' | 'Г' => close('r'),
        'α' | 'Α' => exact('a'),
        'ο' | 'Ο' | 'σ' => exact('o'),
        'ρ' | 'Ρ' => exact('p'),
        'ν' => exact('v'),
        'ι' | 'Ι' => exact('i'),
        'κ' | 'Κ' => exact('k'),
        'χ' | 'Χ' => exact('x'),
        'β' | 'Β' => close('b'),
        'γ' | 'Υ' => close('y'),
        'ε' | 'Ε' | 'Σ' => close('e'),
        'η' | 'Ν' => close('n'),
        'Η' => close('h'),
        'Μ' => close('m'),
        'Ζ' | 'ζ' => close('z'),
        'τ' | 'Τ' => close('t'),
        'υ' | 'μ' => close('u'),
        'ω' | 'Ω' => close('w'),
        'ς' => close('s'),
        _ => None,
    }
}

/// The Cyrillic letter that `c` (any case) looks like; the answer is lower case.
pub(super) fn cyrillic_twin(c: char) -> Option<Twin> {
    match c.to_ascii_lowercase() {
        'a' => exact('а'),
        'e' => exact('е'),
        'o' => exact('о'),
        'p' => exact('р'),
        'c' => exact('с'),
        'y' => exact('у'),
        'x' => exact('х'),
        'i' => exact('і'),
        'k' => close('к'),
        'm' => close('м'),
        't' => close('т'),
        'b' => close('в'),
        'h' => close('н'),
        'n' => close('п'),
        'u' => close('и'),
        'α' | 'Α' => exact('а'),
        'ο' | 'Ο' => exact('о'),
        'ρ' | 'Ρ' => exact('р'),
        'κ' | 'Κ' => exact('к'),
        'χ' | 'Χ' => exact('х'),
        'γ' | 'υ' | 'Υ' => close('у'),
        'ε' | 'Ε' => close('е'),
        'τ' | 'Τ' => close('т'),
        'π' | 'Π' => close('п'),
        'φ' | 'Φ' => close('ф'),
        'Γ' => close('г'),
        'λ' | 'Λ' => close('л'),
        'Η' => close('н'),
        'Μ' | 'μ' => close('м'),
        'Β' | 'β' => close('в'),
        _ => None,
    }
}

/// The Greek letter that `c` (any case) looks like; the answer is lower case.
pub(super) fn greek_twin(c: char) -> Option<Twin> {
    match c.to_ascii_lowercase() {
        'a' | 'а' | 'А' => exact('α'),
        'o' | 'о' | 'О' => exact('ο'),
        'p' | 'р' | 'Р' => exact('ρ'),
        'v' => exact('ν'),
        'i' | 'і' | 'І' => exact('ι'),
        'k' | 'к' | 'К' => exact('κ'),
        'x' | 'х' | 'Х' => exact('χ'),
        'n' | 'п' | 'П' => close('η'),
        't' | 'т' | 'Т' => close('τ'),
        'u' => close('υ'),
        'y' | 'у' | 'У' => close('γ'),
        'e' | 'е' | 'Е' => close('ε'),
        'b' => close('β'),
        'm' | 'м' | 'М' => close('μ'),
        _ => None,
    }
}

/// Plain letters for small capitals, which have no compatibility form.
pub(super) fn small_capital(c: char) -> Option<char> {
    const SMALL: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ";
    const PLAIN: &str = "abcdefghijklmnopqrstuvwyz";
    if c.is_ascii() {
        return None;
    }
    SMALL
        .chars()
        .zip(PLAIN.chars())
        .find(|(small, _)| *small == c)
        .map(|(_, plain)| plain)
}

/// The ASCII letter that a rare letter looks like by UTS 39, when it is exactly one; lower case.
pub(super) fn ascii_skeleton(c: char) -> Option<char> {
    if let Some(plain) = small_capital(c) {
        return Some(plain);
    }
    let mut buffer = [0_u8; 4];
    let mut skeleton = unicode_security::confusable_detection::skeleton(c.encode_utf8(&mut buffer));
    let first = skeleton.next()?;
    (skeleton.next().is_none() && first.is_ascii_alphabetic()).then(|| first.to_ascii_lowercase())
}

/// The letter that a digit stands for among Latin or Cyrillic letters.
pub(super) fn digit_letter(c: char, in_cyrillic: bool) -> Option<char> {
    Some(match (c, in_cyrillic) {
        ('0', true) => 'о',
        ('3', true) => 'з',
        ('4', true) => 'ч',
        ('6', true) => 'б',
        ('0', false) => 'o',
        ('1', false) => 'i',
        ('3', false) => 'e',
        ('4', false) => 'a',
        ('5', false) => 's',
        _ => return None,
    })
}
