//! Telegram keeps updates for a day: after a longer absence some are gone, and people should know.
use super::inbox;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};

/// How long Telegram keeps an update that nobody fetches (Bot API, "Getting updates").
pub const KEPT: Millis = 24 * 3_600_000;
/// How long an absence is worth mentioning after its end.
pub(super) const TOLD: Millis = 48 * 3_600_000;

const LAST_CONTACT: &str = "last_contact";
pub(super) const FROM: &str = "absent_from";
pub(super) const UNTIL: &str = "absent_until";

/// A time without Telegram that was longer than [`KEPT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// The last contact before it.
    pub from: Millis,
    /// When it ended.
    pub until: Millis,
}

impl std::fmt::Display for Absence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hours = (self.until - self.from) / 3_600_000;
        write!(
            f,
            "Beadle was away for {hours} h; Telegram keeps updates for 24 h, so some may be missing"
        )
    }
}

/// Notes that there is contact, or that it begins anew, at `now`; gives the absence that this ended.
/// The first time, and after a database without a note, the newest update tells of the last contact.
pub fn contact(tx: &Tx<'_>, now: Millis) -> Result<Option<Absence>, StoreError> {
    let mut last = meta::number(tx, LAST_CONTACT)?;
    if last == 0 {
        last = inbox::newest(tx)?.unwrap_or(now);
    }
    meta::put_number(tx, LAST_CONTACT, now)?;
    if now - last <= KEPT {
        return Ok(None);
    }
    meta::put_number(tx, FROM, last)?;
    meta::put_number(tx, UNTIL, now)?;
    Ok(Some(Absence {
        from: last,
        until: now,
    }))
}
