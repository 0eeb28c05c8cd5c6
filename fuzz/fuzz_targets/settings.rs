//! Any text as the settings of a group: damaged ones become the defaults, and what is read can be written and read.
#![no_main]

use beadle::features::moderation::settings::GroupSettings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let settings = GroupSettings::read(&String::from_utf8_lossy(data));
    let _word = settings.sensitivity();
    let text = format!("{settings:?}");
    assert!(text.len() < 64 * 1024 + 8 * data.len());
});
