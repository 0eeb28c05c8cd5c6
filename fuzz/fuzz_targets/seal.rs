//! Any data of a button: only what was signed for the place comes back, whatever is around it.
#![no_main]

use beadle::base::secretbox::Keyring;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let keys = Keyring::new("a secret that is long enough for anybody", &[]).expect("it is long enough");
    let signer = keys.signer("callback");
    // Nobody guesses eight bytes of HMAC.
    assert!(signer.open(b"here", &text).is_none());
    let sealed = signer.seal(b"here", &text);
    assert_eq!(signer.open(b"here", &sealed), Some(&*text));
    assert!(signer.open(b"there", &sealed).is_none());
    assert!(keys.open("purpose", b"place", data).is_err());
});
