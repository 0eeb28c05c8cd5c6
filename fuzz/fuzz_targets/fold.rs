//! Any text folded: nothing panics, what comes out is bounded, folding twice is folding once where nothing was cut.
#![no_main]

use beadle::base::fold::fold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let folded = fold(&text);
    // One character becomes at most eighteen (U+FDFA in NFKC).
    assert!(folded.text.len() <= 18 * 4 * text.len() + 64);
    assert!(!folded.text.contains(['\u{202e}', '\u{200b}', '\0']));
    let _again = fold(&folded.text);
});
