//! First pass of folding: what cannot be seen goes, what only looks special becomes plain.
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::letters::{is_folding_letter, small_capital};
use super::{Folded, MAX_CHARS};

/// Whether nobody sees `c` (`Default_Ignorable_Code_Point`, Unicode 16, and the controls but line breaks and
/// tabs).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that can sit on any letter; those of one script (Arabic vowels, Indic signs) are part of its words.
fn is_generic_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Forms of letters that no keyboard types. Full-width letters are ordinary in East Asian text and not here.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7cb}' | '\u{249c}'..='\u{24e9}' | '\u{1f110}'..='\u{1f189}'
        | '\u{1d2c}'..='\u{1d6a}' | '\u{2b0}'..='\u{2b8}')
        || (!c.is_ascii() && small_capital(c).is_some())
}

/// Regional indicator A.
const REGIONAL_A: u32 = 0x1_f1e6;

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Regions that have a flag: ISO 3166-1 and the exceptional reservations of Unicode's emoji-sequences.
static COUNTRIES: std::sync::LazyLock<Vec<&'static [u8]>> = std::sync::LazyLock::new(|| {
    const ALL: &str = "ACADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM\
        CNCOCPCRCUCVCWCXCYCZDEDGDJDKDMDODZEAECEEEGEHERESETEUFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHK\
        HMHNHRHTHUICIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMM\
        MNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESG\
        SHSISJSKSLSMSNSOSRSSSTSVSXSYSZTATCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUNUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZA\
        ZMZW";
    let mut all: Vec<&[u8]> = ALL.as_bytes().chunks(2).collect();
    all.sort_unstable();
    all
});

/// Puts the letters between U+202E and its end into the order in which they are seen.
fn undo_overrides(text: &str, folded: &mut Folded) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    let mut run: Option<usize> = None;
    let flip = |out: &mut Vec<char>, run: &mut Option<usize>| {
        if let Some(start) = run.take()
            && let Some(part) = out.get_mut(start..)
            // Letters that are written from right to left anyway are already in order.
            && !part.iter().any(|c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}'))
        {
            part.reverse();
        }
    };
    for c in text.chars().take(MAX_CHARS) {
        match c {
            '\u{202e}' => {
                flip(&mut out, &mut run);
                out.push(c);
                run = Some(out.len());
            }
            '\u{202c}' | '\u{202d}' | '\n' | '\u{2029}' => {
                flip(&mut out, &mut run);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    flip(&mut out, &mut run);
    folded.bidi_overrides = u32::try_from(
        out.iter()
            .filter(|c| matches!(c, '\u{202d}' | '\u{202e}'))
            .count(),
    )
    .unwrap_or(u32::MAX);
    out
}

struct Cleaner<'a> {
    out: Vec<char>,
    /// Whether something must be composed again.
    compose: bool,
    /// Invisible characters since the last visible one.
    pending: u32,
    /// Regional indicators since the last other character: a flag, or letters.
    flags: Vec<char>,
    folded: &'a mut Folded,
}

impl Cleaner<'_> {
    fn plain(&mut self, c: char) {
        let (letter, upper) = match c {
            _ if c.is_ascii() => (c.is_ascii_alphabetic(), c.is_ascii_uppercase()),
            'А'..='я' => (true, c < 'а'),
            _ => (c.is_alphabetic(), c.is_uppercase()),
        };
        self.folded.letters += u32::from(letter);
        self.folded.upper += u32::from(upper);
        if self.pending > 0 {
            if is_folding_letter(c) && self.out.last().is_some_and(|p| is_folding_letter(*p)) {
                self.folded.invisible_in_words += self.pending;
            }
            self.pending = 0;
        }
        self.out.push(c);
    }

    fn mark(&mut self, mark: char) {
        let composed = match (self.out.last(), mark) {
            (Some('и'), '\u{306}') => 'й',
            (Some('И'), '\u{306}') => 'Й',
            (Some('у'), '\u{306}') => 'ў',
            (Some('У'), '\u{306}') => 'Ў',
            (Some('і'), '\u{308}') => 'ї',
            (Some('І'), '\u{308}') => 'Ї',
            _ => return,
        };
        if let Some(last) = self.out.last_mut() {
            *last = composed;
        }
    }

    fn rare(&mut self, c: char) {
        if is_styled(c) {
            self.folded.styled_letters += 1;
        }
        match c {
            'Ё' => return self.plain('Е'),
            'ё' => return self.plain('е'),
            // The compatibility form of these would put Latin letters beside Cyrillic ones.
            '№' => return self.plain('#'),
            '™' | '℠' | '\u{2800}' => return self.plain(' '),
            '\u{85}' | '\u{2028}' | '\u{2029}' => return self.plain('\n'),
            // Letters in black circles and squares have no compatibility form.
            '\u{1f150}'..='\u{1f169}' => return self.alphabet(c, 0x1_f150),
            '\u{1f170}'..='\u{1f189}' => return self.alphabet(c, 0x1_f170),
            _ => {}
        }
        let mut parts = 0;
        decompose_compatible(c, |d| {
            parts += 1;
            if is_generic_mark(d) {
                self.mark(d);
            } else if !is_invisible(d) {
                self.compose |= parts > 1 || is_combining_mark(d);
                self.plain(d);
            }
        });
    }

    /// Pairs of regional indicators that are flags stay; others are letters in disguise, as is the whole run.
    fn end_flags(&mut self) {
        let run = std::mem::take(&mut self.flags);
        let letters: Vec<u8> = run
            .iter()
            .map(|c| {
                b'A' + u8::try_from(u32::from(*c) - REGIONAL_A)
                    .unwrap_or(0)
                    .min(25)
            })
            .collect();
        let flags = letters
            .chunks(2)
            .all(|pair| COUNTRIES.binary_search(&pair).is_ok());
        for (sign, letter) in run.into_iter().zip(letters) {
            if flags {
                self.plain(sign);
            } else {
                self.folded.styled_letters += 1;
                self.plain(char::from(letter));
            }
        }
    }

    fn alphabet(&mut self, c: char, first: u32) {
        let offset = u8::try_from(u32::from(c) - first).unwrap_or(0);
        self.plain(char::from(b'A' + offset.min(25)));
    }
}

/// The visible text of `text` in plain letters, case kept.
pub(super) fn clean(text: &str, folded: &mut Folded) -> Vec<char> {
    let turned = text
        .contains(['\u{202d}', '\u{202e}'])
        .then(|| undo_overrides(text, folded));
    let mut cleaner = Cleaner {
        out: Vec::with_capacity(text.len()),
        compose: false,
        pending: 0,
        flags: Vec::new(),
        folded,
    };
    let mut marks = 0_u32;
    let mut one = |c: char| {
        cleaner.folded.chars += 1;
        if !cleaner.flags.is_empty() && !is_regional(c) {
            cleaner.end_flags();
        }
        if is_generic_mark(c) {
            marks += 1;
            if marks > 2 {
                cleaner.folded.stacked_marks += 1;
            }
            cleaner.mark(c);
            return;
        }
        marks = 0;
        if is_invisible(c) {
            cleaner.folded.removed_invisible += 1;
            cleaner.pending += 1;
        } else if c.is_ascii() || matches!(c, 'А'..='я') {
            cleaner.plain(c);
        } else if is_regional(c) {
            cleaner.flags.push(c);
        } else {
            cleaner.rare(c);
        }
    };
    match turned {
        Some(chars) => chars.into_iter().for_each(&mut one),
        None => text.chars().take(MAX_CHARS).for_each(&mut one),
    }
    cleaner.end_flags();
    let Cleaner {
        out,
        compose,
        folded,
        ..
    } = cleaner;
    folded.truncated = text.len() > MAX_CHARS && text.chars().nth(MAX_CHARS).is_some();
    if compose {
        out.into_iter().nfc().collect()
    } else {
        out
    }
}
