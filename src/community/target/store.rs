//! The SQL of names: whose a user name is, and who wrote a message.
use rusqlite::{OptionalExtension as _, params};

use crate::store::{Connection, StoreError};

/// A person, and the channel or group in whose name they wrote.
pub(super) type Author = (Option<i64>, Option<i64>);

/// The person who has the user name `name`, without `@`: a member of `chat` before others, and who was seen with it
/// last, for names change hands.
pub(super) fn by_name(
    conn: &Connection,
    name: &str,
    chat: Option<i64>,
) -> Result<Option<(i64, String)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT u.id, u.first_name || coalesce(' ' || u.last_name, '') FROM users u
             LEFT JOIN members m ON m.chat = ?2 AND m.user = u.id
             WHERE lower(u.username) = lower(?1) AND u.username IS NOT NULL
             ORDER BY m.user IS NULL, u.updated_at DESC LIMIT 1",
        )?
        .query_row(params![name, chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// First and last name of a person.
pub(super) fn name(conn: &Connection, user: i64) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT first_name || coalesce(' ' || last_name, '') FROM users WHERE id = ?1",
        )?
        .query_row([user], |r| r.get(0))
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
