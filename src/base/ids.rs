//! Ids that Beadle makes itself: UUIDv7 (RFC 9562), which sort by the time they were made.
use uuid::Uuid;

use super::clock::Millis;
use super::random::Random;

/// A UUIDv7 of `now`; 74 of its bits are chance.
pub fn uuid7(random: &dyn Random, now: Millis) -> Uuid {
    let mut chance = [0_u8; 10];
    random.fill(&mut chance);
    let millis = u64::try_from(now).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
}
