//! Second pass of folding: white space collapsed, words written letter by letter joined.
use super::Folded;
use super::letters::{is_alphanumeric, is_folding_letter};

/// Letters in a row that make a spaced word; three (`a b c`, Russian `и я в`) are ordinary.
const MIN_RUN: usize = 4;

fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '.' | '-' | '_' | '*' | '·' | '•' | '|' | '~' | '+' | ','
    )
}

fn collapse(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut space: Option<char> = None;
    for &c in text {
        if c.is_whitespace() {
            let line = c == '\n' || c == '\r';
            space = Some(if line || space == Some('\n') {
                '\n'
            } else {
                ' '
            });
        } else {
            if let Some(space) = space.take()
                && !out.is_empty()
            {
                out.push(space);
            }
            out.push(c);
        }
    }
    out
}

/// Whether a letter stands alone at `at`: no letter or digit beside it.
fn stands_alone(text: &[char], at: usize) -> bool {
    let beside = |c: Option<&char>| c.is_some_and(|c| is_alphanumeric(*c));
    let before = at.checked_sub(1).and_then(|b| text.get(b));
    !beside(text.get(at + 1))
        && !beside(before)
        && text.get(at).is_some_and(|c| is_folding_letter(*c))
}

/// Collapses white space and joins runs of at least [`MIN_RUN`] single letters with one kind of gap.
pub(super) fn join(text: &[char], folded: &mut Folded) -> Vec<char> {
    let text = collapse(text);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if stands_alone(&text, at)
            && let Some(&gap) = text.get(at + 1)
            && is_gap(gap)
        {
            let mut run = 1;
            while text.get(at + 2 * run - 1) == Some(&gap) && stands_alone(&text, at + 2 * run) {
                run += 1;
            }
            if run >= MIN_RUN {
                out.extend(text.iter().skip(at).step_by(2).take(run));
                folded.spaced_words += 1;
                at += 2 * run - 1;
                continue;
            }
        }
        out.push(text[at]);
        at += 1;
    }
    out
}
