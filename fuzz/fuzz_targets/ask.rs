//! Any line at the admin socket: it is refused, or read as what it says.
#![no_main]

use beadle::app::admin::Ask;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| match Ask::parse(data) {
    Ok(ask) => {
        assert!(!ask.id.is_empty() && ask.id.len() <= 64 && ask.verb.len() <= 64);
        assert_eq!(Ask::parse(ask.line().as_bytes()), Ok(ask));
    }
    Err(refusal) => assert_eq!(refusal.code, "bad_request"),
});
