//! Runs of characters, as the detectors read them. Every detector works on ASCII bytes, which never lie inside another
//! character of UTF-8, so that what it cuts out lies on boundaries.

/// Letters, digits, `_` and `-`: what keys are made of.
pub(super) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// The end of the run of bytes from `at` on for which `f` holds.
pub(super) fn run(bytes: &[u8], at: usize, f: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| !f(*b)).unwrap_or(rest.len())
}

/// The words of the text, one after another: start and end of each run of [`is_word`].
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = run(bytes, at, |b| !is_word(b));
        if start >= bytes.len() {
            return None;
        }
        at = run(bytes, start, is_word);
        Some((start, at))
    })
}
