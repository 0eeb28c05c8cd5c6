//! All SQL of cards.
pub(in crate::features::moderation) mod quiet;
pub(in crate::features::moderation) mod treatments;
pub(in crate::features::moderation) mod upkeep;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::base::clock::Millis;
use crate::community::versions::zone_of;
use crate::features::moderation::campaigns::Root;
use crate::features::moderation::kept::KeptVerdict;
use crate::features::moderation::tools::report;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::OutboxId;
use crate::texts::when::Zone;

/// A card to open.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct NewCard {
    /// The group it is about.
    pub chat: i64,
    /// The message it is about.
    pub message: Option<i64>,
    /// Its author.
    pub user: Option<i64>,
    /// The channel it was written as.
    pub sender_chat: Option<i64>,
    /// Language of its words, as an IETF tag.
    pub lang: &'static str,
    /// Where it stands; None while there is nobody to show it to.
    pub place: Option<i64>,
    /// What was done already, or what is appealed.
    pub treatment: Option<i64>,
    /// `verdict`, `appeal`, `offer`.
    pub kind: &'static str,
    /// Messages that an offer rests on.
    pub shows: Option<String>,
    /// The card that stands for nearly the same words, if there is one.
    pub campaign: Option<Root>,
}

/// A card as kept.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::features::moderation) struct Card {
    pub id: i64,
    pub kind: String,
    pub chat: i64,
    pub message: Option<i64>,
    pub user: Option<i64>,
    pub sender_chat: Option<i64>,
    pub treatment: Option<i64>,
    pub also: i64,
    pub lang: String,
    pub place: Option<i64>,
    pub place_message: Option<i64>,
    pub outbox: Option<OutboxId>,
    pub picture: Option<OutboxId>,
    pub state: String,
    pub choice: Option<String>,
    pub decided_by: Option<i64>,
    pub decided_name: Option<String>,
    pub decided_at: Option<Millis>,
    pub created_at: Millis,
}

const COLUMNS: &str = "id, kind, chat, message, user, sender_chat, treatment, also, lang, place, place_message, \
     outbox, state, choice, decided_by, decided_name, decided_at, created_at, picture";

fn read(r: &Row<'_>) -> rusqlite::Result<Card> {
    Ok(Card {
        id: r.get(0)?,
        kind: r.get(1)?,
        chat: r.get(2)?,
        message: r.get(3)?,
        user: r.get(4)?,
        sender_chat: r.get(5)?,
        treatment: r.get(6)?,
        also: r.get(7)?,
        lang: r.get(8)?,
        place: r.get(9)?,
        place_message: r.get(10)?,
        outbox: r.get(11)?,
        state: r.get(12)?,
        choice: r.get(13)?,
        decided_by: r.get(14)?,
        decided_name: r.get(15)?,
        decided_at: r.get(16)?,
        created_at: r.get(17)?,
        picture: r.get(18)?,
    })
}

/// What a card shows of the message it is about.
#[derive(Debug, Clone, Default)]
pub(in crate::features::moderation) struct Shown {
    pub title: Option<String>,
    /// The group's public name.
    pub group_name: Option<String>,
    pub author: Option<String>,
    pub author_name: Option<String>,
    /// What is still kept of its words.
    pub text: Option<String>,
    /// Telegram's names of its content, with commas.
    pub content: String,
    pub removed: bool,
    /// Messages seen from the author in the group.
    pub messages: i64,
    /// Different authors of all its messages.
    pub authors: usize,
    pub verdict: Option<KeptVerdict>,
    /// What was done to the author, and until when.
    pub treated: Option<(String, Option<Millis>)>,
    /// How many members reported it.
    pub reports: i64,
    /// Words of messages that an offer rests on.
    pub would: Vec<String>,
    /// Where the group's clock is.
    pub zone: Zone,
}

/// Opens a card; gives its id.
pub(in crate::features::moderation) fn open(
    tx: &Tx<'_>,
    card: &NewCard,
    now: Millis,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO cards (kind, chat, message, user, sender_chat, treatment, lang, place, shows, created_at)
         VALUES (?9, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?10, ?8)",
    )?
    .execute(params![
        card.chat,
        card.message,
        card.user,
        card.sender_chat,
        card.treatment,
        card.lang,
        card.place,
        now,
        card.kind,
        card.shows
    ])?;
    Ok(tx.last_insert_rowid())
}

/// The card.
pub(in crate::features::moderation) fn get(
    conn: &Connection,
    id: i64,
) -> Result<Option<Card>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM cards WHERE id = ?1"))?
        .query_row([id], read)
        .optional()?)
}

/// The last card on a message itself; an appeal about it is another matter.
pub(in crate::features::moderation) fn verdict_of(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Card>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM cards WHERE chat = ?1 AND message = ?2 AND kind = 'verdict'
             ORDER BY id DESC LIMIT 1"
        ))?
        .query_row([chat, message], read)
        .optional()?)
}

/// The open card on the same message, or on the same author and opened after `since`. A card about
/// something that was treated and one about something that was not stay apart.
pub(in crate::features::moderation) fn open_of(
    conn: &Connection,
    new: &NewCard,
    since: Millis,
) -> Result<Option<Card>, StoreError> {
    // One question for each index: together they would read all open cards of the group, which in a flood
    // are many, for each message of it.
    let on_message = conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM cards WHERE chat = ?1 AND message = ?2 AND state = 'open'
                 AND kind = 'verdict' ORDER BY id DESC LIMIT 1"
        ))?
        .query_row(params![new.chat, new.message], read)
        .optional()?;
    if on_message.is_some() || (new.user.is_none() && new.sender_chat.is_none()) {
        return Ok(on_message);
    }
    // A channel has no user: of the group's cards those without one are looked through.
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM cards
             WHERE state = 'open' AND chat = ?1 AND user IS ?2 AND sender_chat IS ?3 AND kind = 'verdict'
                 AND created_at > ?4 AND (treatment IS NULL) = (?5 IS NULL) ORDER BY id DESC LIMIT 1"
        ))?
        .query_row(
            params![
                new.chat,
                new.user,
                new.sender_chat,
                since,
                new.treatment
            ],
            read,
        )
        .optional()?)
}

/// Adds a message to a card; false when it is there already.
pub(in crate::features::moderation) fn add(
    tx: &Tx<'_>,
    card: i64,
    new: &NewCard,
) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached("INSERT OR IGNORE INTO card_messages (card, message) VALUES (?1, ?2)")?
        .execute(params![card, new.message])?;
    tx.prepare_cached("UPDATE cards SET also = also + ?2 WHERE id = ?1")?
        .execute(params![card, i64::try_from(added).unwrap_or(0)])?;
    Ok(added == 1)
}

/// All messages of a card, its first one first.
pub(in crate::features::moderation) fn messages(
    conn: &Connection,
    card: &Card,
) -> Result<Vec<i64>, StoreError> {
    let mut find =
        conn.prepare_cached("SELECT message FROM card_messages WHERE card = ?1 ORDER BY message")?;
    let also = find.query_map([card.id], |r| r.get(0))?;
    let mut all: Vec<i64> = card.message.into_iter().collect();
    for message in also {
        all.push(message?);
    }
    Ok(all)
}

/// Notes the row of the outbox that carries the card to its place.
pub(in crate::features::moderation) fn put_outbox(
    tx: &Tx<'_>,
    id: i64,
    place: i64,
    outbox: OutboxId,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE cards SET place = ?2, outbox = ?3, place_message = NULL WHERE id = ?1",
    )?
    .execute(params![id, place, outbox])?;
    Ok(())
}

/// Notes the row of the outbox that carries a card's picture; None when it has none any more.
pub(in crate::features::moderation) fn put_picture(
    tx: &Tx<'_>,
    id: i64,
    outbox: Option<OutboxId>,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE cards SET picture = ?2 WHERE id = ?1")?
        .execute(params![id, outbox])?;
    Ok(())
}

/// The first picture, video or animation of a message: its kind and Telegram's handle.
pub(in crate::features::moderation) fn picture(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<(String, String)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT kind, file_id FROM media_assets WHERE chat = ?1 AND message = ?2
                 AND kind IN ('photo', 'video', 'animation') ORDER BY id LIMIT 1",
        )?
        .query_row([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Notes the message that is the card.
pub(in crate::features::moderation) fn put_place_message(
    tx: &Tx<'_>,
    id: i64,
    message: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE cards SET place_message = ?2 WHERE id = ?1")?
        .execute(params![id, message])?;
    Ok(())
}

/// Decides an open card; false when somebody was faster.
pub(in crate::features::moderation) fn decide(
    tx: &Tx<'_>,
    id: i64,
    choice: &str,
    (by, name): (i64, &str),
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE cards SET state = 'decided', choice = ?2, decided_by = ?3, decided_name = ?4, decided_at = ?5
             WHERE id = ?1 AND state = 'open'",
        )?
        .execute(params![id, choice, by, name, now])?;
    Ok(changed == 1)
}

/// Writes another choice on a decided card: what was chosen could not be done.
pub(in crate::features::moderation) fn choose(
    tx: &Tx<'_>,
    id: i64,
    choice: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE cards SET choice = ?2 WHERE id = ?1 AND state = 'decided'",
        params![id, choice],
    )?;
    Ok(())
}

/// An appeal decided about a message: its own open cards are decided by that; gives them.
pub(in crate::features::moderation) fn decide_on(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    (by, name): (i64, &str),
    now: Millis,
) -> Result<Vec<i64>, StoreError> {
    let mut decide = tx.prepare_cached(
        "UPDATE cards SET state = 'decided', choice = 'ham', decided_by = ?3, decided_name = ?4, decided_at = ?5
         WHERE chat = ?1 AND message = ?2 AND kind = 'verdict' AND state = 'open' RETURNING id",
    )?;
    let rows = decide.query_map(params![chat, message, by, name, now], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Opens a decided card again; false when it is not decided.
pub(in crate::features::moderation) fn reopen(tx: &Tx<'_>, id: i64) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE cards SET state = 'open', choice = NULL, decided_by = NULL, decided_name = NULL,
                 decided_at = NULL
             WHERE id = ?1 AND state = 'decided'",
        )?
        .execute([id])?;
    Ok(changed == 1)
}

/// What a card shows.
pub(in crate::features::moderation) fn shown(
    conn: &Connection,
    card: &Card,
) -> Result<Shown, StoreError> {
    let mut shown = Shown {
        zone: zone_of(conn, card.chat)?,
        ..Shown::default()
    };
    if let Some((title, name)) = conn
        .prepare_cached("SELECT title, username FROM groups WHERE id = ?1")?
        .query_row([card.chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?
    {
        (shown.title, shown.group_name) = (title, name);
    }
    if let Some(user) = card.user {
        let found: Option<(String, Option<String>, Option<String>)> = conn
            .prepare_cached("SELECT first_name, last_name, username FROM users WHERE id = ?1")?
            .query_row([user], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
            .optional()?;
        if let Some((first, last, name)) = found {
            shown.author = Some(last.map_or(first.clone(), |last| format!("{first} {last}")));
            shown.author_name = name;
        }
        shown.messages = conn
            .prepare_cached("SELECT messages FROM members WHERE chat = ?1 AND user = ?2")?
            .query_row([card.chat, user], |r| r.get(0))
            .optional()?
            .unwrap_or(0);
    }
    if let Some(id) = card.treatment {
        let treated = treatments::get(conn, id)?;
        shown.treated = treated.filter(|t| !t.undone).map(|t| (t.kind, t.until));
    }
    if card.kind == "offer" {
        shown.would = would(conn, card)?;
    }
    if card.also > 0 {
        shown.authors = authors(conn, card)?.len();
    }
    let Some(message) = card.message else {
        return Ok(shown);
    };
    let kept: Option<(Option<String>, String, bool)> = conn
        .prepare_cached(
            "SELECT text, content, removed_at IS NOT NULL FROM messages WHERE chat = ?1 AND message = ?2",
        )?
        .query_row([card.chat, message], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    if let Some((text, content, removed)) = kept {
        (shown.text, shown.content, shown.removed) = (text, content, removed);
    }
    for message in messages(conn, card)? {
        shown.reports += report::count(conn, card.chat, message)?;
    }
    shown.verdict = crate::features::moderation::store::verdict(conn, card.chat, message)?;
    Ok(shown)
}

/// Words of the messages that an offer rests on, as far as they are still kept.
fn would(conn: &Connection, card: &Card) -> Result<Vec<String>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT m.text FROM cards c, json_each(c.shows) AS s
         JOIN messages m ON m.chat = c.chat AND m.message = s.value
         WHERE c.id = ?1 AND m.text IS NOT NULL",
    )?;
    let found = find.query_map([card.id], |r| r.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A person, and the channel or group in whose name they wrote.
pub(in crate::features::moderation) type Author = (Option<i64>, Option<i64>);

/// Who wrote a message: a person, or a channel or the group itself; None for one that is not kept.
pub(in crate::features::moderation) fn author(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Author>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT user, sender_chat FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Who wrote a message of a card. A channel has no user beside it.
pub(in crate::features::moderation) fn author_of(
    conn: &Connection,
    card: &Card,
    message: i64,
) -> Result<Author, StoreError> {
    let own = (card.user, card.sender_chat);
    if card.message == Some(message) {
        return Ok(own);
    }
    Ok(match author(conn, card.chat, message)? {
        Some((_, Some(channel))) => (None, Some(channel)),
        Some((Some(user), None)) => (Some(user), None),
        _ => own,
    })
}

/// The different authors of a card's messages, that of its first one first.
pub(in crate::features::moderation) fn authors(
    conn: &Connection,
    card: &Card,
) -> Result<Vec<Author>, StoreError> {
    let mut all: Vec<Author> = Vec::new();
    for message in messages(conn, card)? {
        let author = author_of(conn, card, message)?;
        if !all.contains(&author) {
            all.push(author);
        }
    }
    Ok(all)
}

/// The open card of a campaign, if it still is that card and was opened after `since`; what was treated and what was
/// not stay apart.
pub(in crate::features::moderation) fn campaign(
    conn: &Connection,
    new: &NewCard,
    since: Millis,
) -> Result<Option<Card>, StoreError> {
    let Some(root) = new.campaign else {
        return Ok(None);
    };
    let found = get(conn, root.card)?.filter(|card| {
        card.kind == "verdict"
            && card.state == "open"
            && (card.chat, card.message) == (new.chat, Some(root.message))
            && card.created_at > since
            && card.treatment.is_none() == new.treatment.is_none()
    });
    Ok(found)
}

/// Whether a message is known and not removed.
pub(in crate::features::moderation) fn stands(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE chat = ?1 AND message = ?2 AND removed_at IS NULL)",
        )?
        .query_row([chat, message], |r| r.get(0))?)
}

/// Removes a card and the list of its messages.
pub(in crate::features::moderation) fn drop_card(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM cards WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}
