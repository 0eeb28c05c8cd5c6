//! Any text: what is found lies in order on boundaries, nothing panics, and a planted secret never comes through.
#![no_main]

use beadle::base::redact::{Look, find, redact};
use libfuzzer_sys::fuzz_target;

const PLANTED: &str = "123456789:AAHplantedplantedplantedplanted1234";

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut end = 0;
    for found in find(&text, Look::All) {
        assert!(found.start >= end && found.end > found.start);
        assert!(text.get(found.start..found.end).is_some());
        end = found.end;
    }
    let _whole = redact(&text, Look::All);
    for look in [Look::Secrets, Look::Logs, Look::All] {
        let planted = format!("{text} {PLANTED} {text}");
        assert!(!redact(&planted, look).contains(PLANTED));
    }
});
