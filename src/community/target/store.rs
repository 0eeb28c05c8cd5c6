//! The SQL of names: whose a user name is, and who wrote a message.
use rusqlite::{OptionalExtension as _, params};

use crate::store::{Connection, StoreError};

/// A person, and the channel or group in whose name they wrote.
pub(super) type Author = (Option<i64>, Option<i64>);

/// The person who has the user name `name`, without `@`: who was seen last, for names change hands. The name of somebody
/// who was never in `chat` is not given: those of another group are nobody's business there.
pub(super) fn by_name(
    conn: &Connection,
    name: &str,
    chat: Option<i64>,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT u.id, CASE WHEN m.user IS NOT NULL OR ?2 IS NULL
                 THEN u.first_name || coalesce(' ' || u.last_name, '') END
             FROM users u LEFT JOIN members m ON m.chat = ?2 AND m.user = u.id
             WHERE lower(u.username) = lower(?1) AND u.username IS NOT NULL
             ORDER BY max(u.updated_at, coalesce((SELECT max(last_seen) FROM members WHERE user = u.id), 0)) DESC,
                 u.id DESC LIMIT 1",
        )?
        .query_row(params![name, chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// First and last name of a person who is or was in `chat`; anywhere without one.
pub(super) fn name(
    conn: &Connection,
    user: i64,
    chat: Option<i64>,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT first_name || coalesce(' ' || last_name, '') FROM users WHERE id = ?1
                 AND (?2 IS NULL OR EXISTS (SELECT 1 FROM members WHERE chat = ?2 AND user = ?1))",
        )?
        .query_row(params![user, chat], |r| r.get(0))
        .optional()?)
}

/// Who wrote a message.
pub(super) fn author(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Author>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT user, sender_chat FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}
