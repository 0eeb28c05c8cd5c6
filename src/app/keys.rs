//! Keys from SECRET_KEY, or from a secret that is made once and kept in the data directory.
use secrecy::ExposeSecret as _;

use crate::base::clock::Millis;
use crate::base::random::Random;
use crate::base::secretbox::{Keyring, Origin};
use crate::config::Settings;

/// The keys of this data directory; says so when their secret was made just now.
pub(super) fn load(
    settings: &Settings,
    random: &dyn Random,
    now: Millis,
) -> anyhow::Result<Keyring> {
    let given = &settings.secret_keys;
    let present = given.present.as_ref().map(|s| s.expose_secret());
    let earlier: Vec<_> = given.earlier.iter().map(|s| s.expose_secret()).collect();
    let (keys, origin) =
        Keyring::load(&settings.data_dir, present, &earlier, random).map_err(anyhow::Error::msg)?;
    if let Origin::Made(path) = origin {
        tracing::info!(
            file = %path.display(),
            "SECRET_KEY is not set: a secret was made; keep a copy of the file, what is sealed with it cannot be \
             read without"
        );
    }
    Ok(keys.lapse(now))
}
