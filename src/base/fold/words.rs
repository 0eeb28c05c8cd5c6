//! Third pass of folding: each word gets one script, digits that stand for letters become letters.
use super::Folded;
use super::letters::{
    Alphabet, Twin, alphabet, ascii_skeleton, cyrillic_twin, digit_letter, greek_twin,
    is_alphanumeric, latin_twin,
};

/// Words resolved towards one alphabet before words made of look-alikes alone are taken along.
const CONTEXT_WORDS: u32 = 2;

/// A run of letters and digits, and what is to be done with it.
struct Word {
    start: usize,
    end: usize,
    /// The alphabet to write it in; `None` leaves the letters as they are.
    to: Option<Alphabet>,
    digits: bool,
    /// Whether it is written in one alphabet and each letter has an exact twin in the other.
    ambiguous: Option<Alphabet>,
}

#[derive(Default)]
struct Counts {
    latin: u32,
    cyrillic: u32,
    greek: u32,
    exotic: u32,
    digits: u32,
}

impl Counts {
    fn of(word: &[char]) -> Self {
        let mut counts = Self::default();
        for &c in word {
            match alphabet(c) {
                Alphabet::Latin => counts.latin += 1,
                Alphabet::Cyrillic => counts.cyrillic += 1,
                Alphabet::Greek => counts.greek += 1,
                Alphabet::Exotic => counts.exotic += 1,
                Alphabet::Other => counts.digits += 1,
            }
        }
        counts
    }

    fn letters(&self) -> u32 {
        self.latin + self.cyrillic + self.greek + self.exotic
    }

    fn get(&self, alphabet: Alphabet) -> u32 {
        match alphabet {
            Alphabet::Latin => self.latin,
            Alphabet::Cyrillic => self.cyrillic,
            Alphabet::Greek => self.greek,
            Alphabet::Exotic => self.exotic,
            Alphabet::Other => self.digits,
        }
    }

    /// The only alphabet of the word, if there is only one.
    fn only(&self) -> Option<Alphabet> {
        [
            Alphabet::Latin,
            Alphabet::Cyrillic,
            Alphabet::Greek,
            Alphabet::Exotic,
        ]
        .into_iter()
        .find(|a| self.get(*a) == self.letters())
    }
}

fn twin(c: char, to: Alphabet) -> Option<Twin> {
    let c = match alphabet(c) {
        Alphabet::Exotic => ascii_skeleton(c)?,
        Alphabet::Latin if !c.is_ascii() => ascii_skeleton(lower(c)).unwrap_or(c),
        _ => c,
    };
    match to {
        Alphabet::Latin if c.is_ascii_alphabetic() => Some(Twin {
            letter: c.to_ascii_lowercase(),
            exact: true,
        }),
        Alphabet::Latin => latin_twin(c),
        Alphabet::Cyrillic => cyrillic_twin(c),
        Alphabet::Greek => greek_twin(c),
        Alphabet::Exotic | Alphabet::Other => None,
    }
}

/// Lower case; the one letter whose lower case is two (`İ`) never comes here, its dot is a mark.
fn lower(c: char) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        'а'..='я' => c,
        'А'..='Я' => char::from_u32(u32::from(c) + 0x20).unwrap_or(c),
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Whether every letter that is not of `to` has a twin there. Asked of the lower case, so that folding twice
/// decides alike.
fn fits(word: &[char], to: Alphabet) -> bool {
    word.iter().all(|&c| {
        matches!(alphabet(c), a if a == to || a == Alphabet::Other) || twin(lower(c), to).is_some()
    })
}

/// Letters of `of` that do not look exactly like one of the other big alphabet: they say what the word is.
fn anchors(word: &[char], of: Alphabet) -> u32 {
    let other = if of == Alphabet::Latin {
        Alphabet::Cyrillic
    } else {
        Alphabet::Latin
    };
    let count = word
        .iter()
        .filter(|&&c| alphabet(c) == of && !twin(lower(c), other).is_some_and(|t| t.exact))
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether the word is an honest blend: a Latin name with a Russian ending (`httpшный`, `гитом` written
/// `gitом`), one change of script, Latin first.
fn is_blend(word: &[char]) -> bool {
    let letters: Vec<char> = word
        .iter()
        .copied()
        .filter(|c| alphabet(*c) != Alphabet::Other)
        .map(lower)
        .collect();
    let head = letters
        .iter()
        .take_while(|c| alphabet(**c) == Alphabet::Latin)
        .count();
    let (stem, ending) = letters.split_at(head);
    if head < 2 || ending.is_empty() || !ending.iter().all(|c| alphabet(*c) == Alphabet::Cyrillic) {
        return false;
    }
    let ending: String = ending.iter().collect();
    if head >= 3
        && matches!(
            ending.as_str(),
            "а" | "у" | "е" | "ы" | "ом" | "ем" | "ов" | "ам" | "ах" | "ами"
        )
    {
        return anchors(stem, Alphabet::Latin) > 0;
    }
    // A consonant that only resembles and a vowel that equals a Cyrillic letter are a syllable: `haчать`.
    let syllable = head == 2
        && matches!(
            stem,
            [
                'h' | 'k' | 'm' | 't' | 'b' | 'n',
                'a' | 'e' | 'o' | 'y' | 'u'
            ]
        );
    !syllable && anchors(stem, Alphabet::Latin) > 0
}

/// The alphabet that a word of several is meant in; `None` when it is an honest blend.
fn meant(word: &[char], counts: &Counts, message: Alphabet) -> Option<Alphabet> {
    // A Greek letter beside one other is a unit (`μs`), not a disguise.
    if counts.exotic * 2 > counts.letters() || (counts.greek > 0 && counts.letters() < 3) {
        return None;
    }
    let mut best: Option<(Alphabet, (bool, u32, u32))> = None;
    for to in [Alphabet::Latin, Alphabet::Cyrillic, Alphabet::Greek] {
        if counts.get(to) > 0 && fits(word, to) {
            let rank = (to == message, anchors(word, to), counts.get(to));
            if best.is_none_or(|(_, r)| rank > r) {
                best = Some((to, rank));
            }
        }
    }
    let (to, _) = best?;
    (!is_blend(word)).then_some(to)
}

/// Whether digits in the word stand for letters: each between two letters, in a word of at least three. In
/// Latin, where names such as `log4j` are common, only zeros, or at least two.
fn has_letter_digits(word: &[char], counts: &Counts, cyrillic: bool) -> bool {
    if counts.digits == 0 || counts.letters() < 3 || counts.letters() <= counts.digits {
        return false;
    }
    let (mut zeros, mut all) = (0, 0);
    for three in word.windows(3) {
        if let [a, d, b] = three
            && a.is_alphabetic()
            && b.is_alphabetic()
            && digit_letter(*d, cyrillic).is_some()
        {
            all += 1;
            zeros += u32::from(*d == '0');
        }
    }
    if cyrillic {
        all > 0
    } else {
        all >= 2 || (zeros == 1 && all == 1)
    }
}

/// The alphabet that most letters are of, Latin or Cyrillic, by those that cannot be taken for others.
fn majority(text: &[char]) -> Alphabet {
    if anchors(text, Alphabet::Cyrillic) > anchors(text, Alphabet::Latin) {
        Alphabet::Cyrillic
    } else {
        Alphabet::Latin
    }
}

/// The words of the text, each with its treatment.
fn study(text: &[char], folded: &mut Folded) -> Vec<Word> {
    let mut message = None;
    let mut words = Vec::new();
    let mut is_address = false;
    let mut at = 0;
    let (mut to_latin, mut to_cyrillic) = (0, 0);
    while let Some(&c) = text.get(at) {
        if at == 0 || text[at - 1].is_whitespace() {
            // Addresses and names keep their digits.
            is_address = text[at..]
                .iter()
                .take_while(|c| !c.is_whitespace())
                .any(|c| matches!(c, '/' | '@'));
        }
        let part = |c: char| c.is_ascii_digit() || alphabet(c) != Alphabet::Other;
        if !part(c) {
            at += 1;
            continue;
        }
        let end = at + text[at..].iter().take_while(|c| part(**c)).count();
        let word = &text[at..end];
        let counts = Counts::of(word);
        let only = counts.only();
        let to = if only.is_none() {
            meant(
                word,
                &counts,
                *message.get_or_insert_with(|| majority(text)),
            )
        } else {
            None
        };
        match to {
            Some(Alphabet::Cyrillic) => to_cyrillic += 1,
            Some(Alphabet::Latin) => to_latin += 1,
            _ => {}
        }
        folded.mixed_script_words += u32::from(to.is_some());
        let written = to.or(only);
        let digits = !is_address
            && matches!(written, Some(Alphabet::Latin | Alphabet::Cyrillic))
            && has_letter_digits(word, &counts, written == Some(Alphabet::Cyrillic));
        folded.digit_words += u32::from(digits);
        let ambiguous = only.filter(|a| {
            !is_address
                && counts.digits == 0
                && match a {
                    Alphabet::Latin => fits(word, Alphabet::Cyrillic),
                    Alphabet::Cyrillic => {
                        anchors(word, Alphabet::Cyrillic) == 0 && fits(word, Alphabet::Latin)
                    }
                    _ => false,
                }
        });
        words.push(Word {
            start: at,
            end,
            to,
            digits,
            ambiguous,
        });
        at = end;
    }
    // In a text with disguised words, words made of look-alikes alone are disguised too.
    for word in &mut words {
        let to = match word.ambiguous {
            Some(Alphabet::Latin) if to_cyrillic >= CONTEXT_WORDS && to_cyrillic > to_latin => {
                Alphabet::Cyrillic
            }
            Some(Alphabet::Cyrillic) if to_latin >= CONTEXT_WORDS && to_latin > to_cyrillic => {
                Alphabet::Latin
            }
            _ => continue,
        };
        word.to = Some(to);
        folded.mixed_script_words += 1;
    }
    words
}

/// The final text.
pub(super) fn resolve(text: &[char], folded: &mut Folded) -> String {
    let words = study(text, folded);
    let mut out = String::with_capacity(text.len() * 2);
    let mut next = words.iter().peekable();
    let mut in_word = false;
    for (at, &c) in text.iter().enumerate() {
        let is_part = is_alphanumeric(c);
        folded.words += u32::from(is_part && !in_word);
        in_word = is_part;
        while next.peek().is_some_and(|w| w.end <= at) {
            next.next();
        }
        let word = next.peek().filter(|w| w.start <= at);
        out.push(letter(c, at, text, word.copied()));
    }
    out
}

/// What stands in the folded text for the letter at `at`.
fn letter(c: char, at: usize, text: &[char], word: Option<&Word>) -> char {
    let Some(word) = word else {
        return lower(c);
    };
    if word.to.is_none() && !word.digits && c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let of = alphabet(c);
    if let Some(to) = word.to
        && of != to
        && let Some(twin) = twin(c, to).or_else(|| twin(lower(c), to))
    {
        return twin.letter;
    }
    let cyrillic = |c: Option<&char>| c.is_some_and(|c| alphabet(*c) == Alphabet::Cyrillic);
    if word.digits && c.is_ascii_digit() && at > word.start && at + 1 < word.end {
        let in_cyrillic = match word.to {
            Some(to) => to == Alphabet::Cyrillic,
            None => cyrillic(text.get(at + 1)),
        };
        let beside = |c: Option<&char>| c.is_some_and(|c| c.is_alphabetic());
        if beside(text.get(at + 1))
            && beside(text.get(at - 1))
            && let Some(letter) = digit_letter(c, in_cyrillic)
        {
            return letter;
        }
    }
    if of == Alphabet::Latin
        && !c.is_ascii()
        && let Some(plain) = ascii_skeleton(lower(c))
    {
        return plain;
    }
    lower(c)
}
