//! Phrases that offers are made of, found in folded text: calls to write in private, promises of money.
//!
//! Words are matched by their beginnings, so that endings do not matter; a phrase is words near each other.
//! None of them is spam by itself.

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// A call to write in private, to a name, or to send a plus.
    pub contact_bait: bool,
    /// An amount of money, a period and a word of earning.
    pub money_promise: bool,
    /// Different phrases of easy terms.
    pub easy_terms: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Handle,
    Plus,
    Currency,
}

/// Words of writing to somebody. A trailing `*` allows any ending.
const WRITE: &[&str] = &[
    "write",
    "message",
    "msg",
    "contact*",
    "dm",
    "pm",
    "inbox",
    "whatsapp",
    "пиш*",
    "напиш*",
    "отпиш*",
    "обращ*",
    "писать",
    "жду",
    "стуч*",
    "отправ*",
    "ставь*",
    "кидай*",
];
/// Places that are private.
const PRIVATE: &[&str] = &[
    "dm",
    "dms",
    "pm",
    "inbox",
    "private*",
    "лс",
    "личк*",
    "личн*",
    "директ*",
    "whatsapp",
];
/// Words of earning.
const EARN: &[&str] = &[
    "earn*",
    "income",
    "profit*",
    "payout*",
    "payment*",
    "pays",
    "salary",
    "withdraw*",
    "заработ*",
    "зарабат*",
    "доход*",
    "прибыл*",
    "выплат*",
    "оплат*",
    "профит*",
    "зп",
    "платим",
];
/// Names of money, beside the signs.
const MONEY: &[&str] = &[
    "dollar*",
    "usd",
    "usdt",
    "eur",
    "euro*",
    "btc",
    "eth",
    "ton",
    "bucks",
    "k",
    "руб*",
    "р",
    "долл*",
    "бакс*",
    "тыс*",
    "к",
    "евро",
    "грн",
    "тенге",
];
/// Spans in which pay is counted.
const PERIOD: &[&str] = &[
    "day",
    "days",
    "daily",
    "week",
    "weekly",
    "hour*",
    "month*",
    "shift",
    "день",
    "дня",
    "сутки",
    "недел*",
    "месяц*",
    "час",
    "смен*",
    "ежедневн*",
    "еженедельн*",
];
/// Phrases of easy terms, word by word; each is counted once.
const TERMS: &[&[&str]] = &[
    &["no", "experience"],
    &["without", "experience"],
    &["free", "training"],
    &["training", "is", "free"],
    &["passive", "income"],
    &["guaranteed", "profit*"],
    &["guaranteed", "income*"],
    &["no", "risk*"],
    &["from", "your", "phone"],
    &["connect", "your", "wallet"],
    &["claim", "your"],
    &["claim", "now"],
    &["double", "your"],
    &["flexible", "schedule"],
    &["flexible", "hours"],
    &["no", "investment*"],
    &["без", "опыта"],
    &["опыт", "не"],
    &["обуч*", "бесплатн*"],
    &["бесплатн*", "обуч*"],
    &["обуч*", "с", "нуля"],
    &["обучим"],
    &["без", "вложений"],
    &["без", "риск*"],
    &["гибк*", "график*"],
    &["свободн*", "график*"],
    &["пассивн*", "доход*"],
    &["с", "телефона"],
    &["мест*", "ограничен*"],
    &["все", "легальн*"],
    &["фриспин*"],
];

fn is(word: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == pattern,
    }
}

fn any(token: Token<'_>, list: &[&str]) -> bool {
    matches!(token, Token::Word(word) if list.iter().any(|p| is(word, p)))
}

/// Words and numbers of the text; a number and the letters at it are two tokens (`100k`).
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    // A plus that stands by itself is an answer asked for; `c++`, `18+` and `+7` are not.
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let length = |part: fn(char) -> bool| rest.find(|c| !part(c)).unwrap_or(rest.len());
        let end = if c.is_numeric() {
            let end = length(char::is_numeric);
            out.push(Token::Number(&rest[..end]));
            end
        } else if c.is_alphabetic() {
            let end = length(char::is_alphabetic);
            out.push(Token::Word(&rest[..end]));
            end
        } else {
            match c {
                '@' => {
                    let name = rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
                    let end = name.map_or(rest.len(), |n| n + 1);
                    if end > 3 {
                        out.push(Token::Handle);
                    }
                    before = 'a';
                    rest = &rest[end..];
                    continue;
                }
                '+' => {
                    let after = rest[1..].chars().next();
                    let part = |c: char| c == '+' || c.is_alphanumeric();
                    if !part(before) && !after.is_some_and(|c| c == '+' || c.is_numeric()) {
                        out.push(Token::Plus);
                    }
                }
                '➕' => out.push(Token::Plus),
                '$' | '€' | '₽' | '£' | '₴' | '₸' => out.push(Token::Currency),
                _ => {}
            }
            c.len_utf8()
        };
        before = rest[..end].chars().next_back().unwrap_or(' ');
        rest = &rest[end..];
    }
    out
}

/// Whether within `reach` tokens of one that passes `first` there is one that passes `second`.
fn near(
    tokens: &[Token<'_>],
    reach: usize,
    first: impl Fn(Token<'_>) -> bool,
    second: impl Fn(Token<'_>) -> bool,
) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        first(*token)
            && tokens
                .iter()
                .enumerate()
                .skip(at.saturating_sub(reach))
                .take_while(|(i, _)| *i <= at + reach)
                .any(|(i, other)| i != at && second(*other))
    })
}

fn follows(tokens: &[Token<'_>], phrase: &[&str]) -> bool {
    tokens.windows(phrase.len()).any(|window| {
        window
            .iter()
            .zip(phrase)
            .all(|(token, pattern)| matches!(token, Token::Word(word) if is(word, pattern)))
    })
}

/// Reads a folded text; time grows with its length alone.
pub fn read(folded: &str) -> Said {
    let tokens = tokens(folded);
    let write = |t: Token<'_>| any(t, WRITE);
    let contact_bait = near(&tokens, 5, write, |t| {
        any(t, PRIVATE) || matches!(t, Token::Handle | Token::Plus)
    }) || [
        ["dm", "me"],
        ["pm", "me"],
        ["inbox", "me"],
        ["my", "bio"],
        ["my", "profile"],
        ["описани*", "профил*"],
    ]
    .iter()
    .any(|phrase| follows(&tokens, phrase))
        || near(
            &tokens,
            3,
            |t| matches!(t, Token::Plus),
            |t| any(t, PRIVATE),
        );
    let number = |t: Token<'_>| matches!(t, Token::Number(_));
    let money = |t: Token<'_>| t == Token::Currency || any(t, MONEY);
    let money_promise = near(&tokens, 2, number, money)
        && near(&tokens, 6, number, |t| any(t, PERIOD))
        && tokens.iter().any(|t| any(*t, EARN));
    let adults_only = folded
        .match_indices("18+")
        .any(|(at, _)| !folded[..at].ends_with(char::is_numeric));
    let terms = TERMS
        .iter()
        .filter(|phrase| follows(&tokens, phrase))
        .count();
    Said {
        contact_bait,
        money_promise,
        easy_terms: u32::try_from(terms).unwrap_or(0) + u32::from(adults_only),
    }
}
