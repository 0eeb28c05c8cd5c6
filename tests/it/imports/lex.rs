//! Just enough of Rust's grammar to tell code from comments and from strings.

/// A source file taken apart.
pub(super) struct Parts {
    /// The code, with comments and the insides of strings blanked; lines and columns stay.
    pub(super) code: String,
    /// Each string literal with the line it begins on, from 1.
    pub(super) strings: Vec<(usize, String)>,
}

/// Takes `text` apart.
pub(super) fn split(text: &str) -> Parts {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Parts {
        code: String::with_capacity(text.len()),
        strings: Vec::new(),
    };
    let mut line = 1;
    let mut i = 0;
    while i < chars.len() {
        let end = match token(&chars, i) {
            Token::Code => {
                out.code.push(chars[i]);
                i + 1
            }
            Token::Comment(end) => {
                blank(&mut out.code, &chars[i..end]);
                end
            }
            Token::Text { open, close, end } => {
                out.strings
                    .push((line, chars[open..close].iter().collect()));
                blank(&mut out.code, &chars[i..end]);
                end
            }
        };
        line += chars[i..end].iter().filter(|c| **c == '\n').count();
        i = end;
    }
    out
}

enum Token {
    Code,
    /// Up to here.
    Comment(usize),
    /// A string or character literal; what is inside, and where it ends.
    Text {
        open: usize,
        close: usize,
        end: usize,
    },
}

fn token(chars: &[char], i: usize) -> Token {
    let at = |j: usize| chars.get(j).copied().unwrap_or('\0');
    match (at(i), at(i + 1)) {
        ('/', '/') => Token::Comment(
            chars[i..]
                .iter()
                .position(|c| *c == '\n')
                .map_or(chars.len(), |n| i + n),
        ),
        ('/', '*') => Token::Comment(block_end(chars, i)),
        ('"', _) => quoted(chars, i + 1),
        ('r', '"' | '#') if !in_word(chars, i) => raw(chars, i),
        // A character, and not a lifetime: 'a' or '\n'.
        ('\'', '\\') => {
            let close = (i + 3..chars.len())
                .find(|j| chars[*j] == '\'')
                .unwrap_or(chars.len());
            Token::Text {
                open: close,
                close,
                end: (close + 1).min(chars.len()),
            }
        }
        ('\'', _) if at(i + 2) == '\'' => Token::Text {
            open: i,
            close: i,
            end: i + 3,
        },
        _ => Token::Code,
    }
}

/// Whether the letter at `i` only ends a word: the `r` of `for`. The `b` of `br"…"` does not count.
fn in_word(chars: &[char], i: usize) -> bool {
    let word = |j: usize| chars[j].is_alphanumeric() || chars[j] == '_';
    let i = if i > 0 && matches!(chars[i - 1], 'b' | 'c') {
        i - 1
    } else {
        i
    };
    i > 0 && word(i - 1)
}

fn block_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut i = from;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 1 => return i + 2,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
    }
    chars.len()
}

fn quoted(chars: &[char], open: usize) -> Token {
    let mut i = open;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    let close = i.min(chars.len());
    Token::Text {
        open,
        close,
        end: (close + 1).min(chars.len()),
    }
}

fn raw(chars: &[char], from: usize) -> Token {
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    let open = from + 2 + hashes;
    if chars.get(open - 1) != Some(&'"') {
        // r#name, a word that is spelled like a keyword.
        return Token::Code;
    }
    let closes = |i: usize| {
        chars[i] == '"'
            && chars[i + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes
    };
    let close = (open..chars.len())
        .find(|i| closes(*i))
        .unwrap_or(chars.len());
    Token::Text {
        open,
        close,
        end: (close + 1 + hashes).min(chars.len()),
    }
}

fn blank(out: &mut String, chars: &[char]) {
    out.extend(chars.iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
}
