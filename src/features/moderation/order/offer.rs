//! Mode *act* is offered, on a card, to a group whose people decided as Beadle would have.
use super::desk::{self, Desk};
use super::store::NewCard;
use super::store::upkeep::{self, Record};
use crate::base::clock::Millis;
use crate::base::crash::crash_point;
use crate::config::Mode;
use crate::store::StoreError;
use crate::texts::Lang;

const DAY: Millis = 86_400_000;
/// The first card must be so old.
const WATCHED: Millis = 7 * DAY;
/// Cards that people must have decided.
const DECIDED: i64 = 50;
/// Of what would have been removed, at most so many in a hundred may have been wrong.
const WRONG_PERCENT: i64 = 2;
/// An offer that was turned down is not repeated for so long.
const AGAIN: Millis = 30 * DAY;
/// Groups asked about in one go.
const GROUPS: i64 = 500;
/// Messages that the offer lists.
const LISTED: i64 = 10;

/// Whether *act* should be offered.
pub fn is_due(record: &Record, now: Millis) -> bool {
    record.since > 0
        && now - record.since >= WATCHED
        && record.decided >= DECIDED
        && record.would > 0
        && record.wrong * 100 <= record.would * WRONG_PERCENT
        && (record.offered == 0 || now - record.offered >= AGAIN)
}

/// Offers it where it is due.
pub(super) async fn all(desk: &Desk, now: Millis) -> Result<(), StoreError> {
    let groups = desk
        .store
        .read(|conn| upkeep::groups_in_suggest(conn, GROUPS))
        .await?;
    for chat in groups {
        let record = desk
            .store
            .read(move |conn| upkeep::record(conn, chat))
            .await?;
        if !is_due(&record, now) {
            continue;
        }
        let Some(group) = desk.group(chat).await?.filter(|g| g.mode == Mode::Suggest) else {
            continue;
        };
        let Some(place) = desk.place(&group).await? else {
            continue;
        };
        let seal = desk.seal.clone();
        let lang = Lang::from_tag(group.language.as_deref());
        desk.store
            .write(move |tx| {
                let listed = upkeep::would_remove(tx, chat, LISTED)?;
                let card = NewCard {
                    chat,
                    message: None,
                    user: None,
                    sender_chat: None,
                    lang: lang.tag(),
                    place: Some(place),
                    treatment: None,
                    kind: "offer",
                    shows: Some(serde_json::to_string(&listed)?),
                    campaign: None,
                };
                desk::open(tx, &seal, &card, now, None)
            })
            .await?;
        crash_point("offers.made");
    }
    Ok(())
}
