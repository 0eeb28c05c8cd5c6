//! Any text in the variables of other bots, in our own and in beadle.toml: mistakes are named, nothing panics.
#![no_main]

use std::sync::OnceLock;

use beadle::config::{ALL, Env, FOREIGN, Flags, Settings, Values};
use libfuzzer_sys::fuzz_target;

/// Every variable that is read, by name.
fn names() -> &'static [String] {
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let own = ALL.iter().flat_map(|s| s.about().env_names().map(str::to_owned).collect::<Vec<_>>());
        own.chain(FOREIGN.iter().map(|f| f.env.to_owned())).collect()
    })
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // Lines: the number of a variable, then its value; what follows a line of --- is the file.
    let (lines, file) = text.split_once("\n---\n").unwrap_or((&text, ""));
    let names = names();
    let given: Vec<(&str, &str)> = lines
        .lines()
        .take(20)
        .filter_map(|l| {
            let (n, value) = l.split_once(' ')?;
            Some((names[n.bytes().fold(0_usize, |a, b| a.wrapping_mul(10).wrapping_add(usize::from(b))) % names.len()].as_str(), value))
        })
        // Files elsewhere are not the fuzzer's to read.
        .filter(|(name, _)| !name.contains("DIR") && !name.contains("CONFIG") && !name.contains("FILE"))
        .collect();
    let dir = std::env::temp_dir().join(format!("beadle-fuzz-{}", std::process::id()));
    let _there = std::fs::create_dir(&dir);
    std::fs::write(dir.join("beadle.toml"), file).expect("a folder for temporary files can be written");
    let mut vars = given;
    let dir = dir.to_str().expect("temporary folders have plain names").to_owned();
    vars.push(("BEADLE_DATA_DIR", &dir));
    let env = Env::of(&vars);
    let _rows = beadle::config::rows(&Values::read(&Flags::default(), &env));
    if let Err(faults) = Settings::load(&Flags::default(), &env) {
        assert!(!faults.to_string().is_empty());
    }
});
