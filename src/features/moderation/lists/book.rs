//! What is known of each list: when it was fetched, what went wrong, when to look again. Pure.
use serde::{Deserialize, Serialize};

use super::fetch::Version;
use crate::base::clock::Millis;

const MINUTE: Millis = 60_000;
/// The pause after the first failure; it doubles with each further one.
const PAUSE: Millis = 15 * MINUTE;
/// Failures in a row after which a source is left alone but for one look a day.
const BREAKS_AFTER: u32 = 5;
/// The pause of a source that is left alone.
const BROKEN: Millis = 24 * 60 * MINUTE;
/// Ids from which a list that has shrunk by half is suspicious: a handful is kept by hand.
const LARGE: u64 = 20;
/// Characters of an error that are kept.
const ERROR: usize = 300;

/// One list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The file or address, as the operator named it.
    pub source: String,
    /// Ids on the copy that is used.
    pub ids: u64,
    /// When the copy was last found to be as the source is.
    pub fetched_at: Option<Millis>,
    /// When the source was last looked at.
    pub tried_at: Option<Millis>,
    /// When it is looked at next.
    pub next_at: Millis,
    /// Failures since the last success.
    pub failures: u32,
    /// What went wrong last, until it goes well.
    pub error: Option<String>,
    /// What the server said of the copy's version.
    pub version: Version,
    /// Whether the operator asked for what comes next to be taken even when it has shrunk.
    pub force: bool,
}

impl Entry {
    /// A list that has never been looked at.
    pub fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            ..Self::default()
        }
    }

    /// Whether it is time for a look.
    pub fn is_due(&self, now: Millis) -> bool {
        // A last try in the future was noted by a clock that was wrong.
        self.next_at <= now || self.tried_at.is_some_and(|at| at > now + BROKEN)
    }

    /// Whether it failed so often that it is tried but once a day.
    pub fn is_broken(&self) -> bool {
        self.failures >= BREAKS_AFTER
    }

    /// Why a list of `count` ids is not believed; None when it is.
    pub fn doubt(&self, count: u64) -> Option<String> {
        let shrunk = self.ids > LARGE && count.saturating_mul(2) < self.ids;
        (shrunk && !self.force).then(|| {
            format!(
                "it holds {count} ids where it held {}: less than half, which looks like a mistake at its source. The \
                 copy at hand stays in use; `beadle banlist refresh --force` takes the new one",
                self.ids
            )
        })
    }

    /// It was looked at, and went well; `taken` is what was new.
    pub fn went_well(&mut self, taken: Option<(u64, Version)>, every: Millis, now: Millis) {
        if let Some((ids, version)) = taken {
            (self.ids, self.version) = (ids, version);
        }
        (self.fetched_at, self.tried_at) = (Some(now), Some(now));
        (self.failures, self.error, self.force) = (0, None, false);
        self.next_at = now + every;
    }

    /// It was looked at in vain.
    pub fn failed(&mut self, why: &str, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        self.tried_at = Some(now);
        self.error = Some(why.chars().take(ERROR).collect());
        self.force = false;
        self.next_at = now + self.pause();
    }

    fn pause(&self) -> Millis {
        if self.is_broken() {
            return BROKEN;
        }
        PAUSE << self.failures.saturating_sub(1).min(BREAKS_AFTER)
    }

    /// The operator wants it looked at now.
    pub fn hurry(&mut self, force: bool) {
        (self.next_at, self.force) = (0, force);
        if force {
            self.version = Version::default();
        }
    }

    /// The source for logs and people: without what an address may hold of secrets.
    pub fn shown(&self) -> String {
        shown(&self.source)
    }
}

/// A source without user, password, query and fragment.
pub fn shown(source: &str) -> String {
    let Ok(mut url) = reqwest::Url::parse(source) else {
        return source.to_owned();
    };
    if !url.has_host() {
        return source.to_owned();
    }
    let hidden = url.query().is_some();
    url.set_query(None);
    url.set_fragment(None);
    // Refused only for addresses without a host.
    let _has_host = (url.set_username(""), url.set_password(None));
    if hidden {
        format!("{url}?…")
    } else {
        url.to_string()
    }
}

/// All lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Book(pub Vec<Entry>);

impl Book {
    /// With an entry for each of these sources, and for no other.
    #[must_use]
    pub fn of(self, sources: &[String]) -> Self {
        let mut known = self.0;
        let entry = |source: &String| {
            let found = known.iter().position(|e| e.source == *source);
            found.map_or_else(|| Entry::new(source), |at| known.swap_remove(at))
        };
        Self(sources.iter().map(entry).collect())
    }
}
