//! All SQL of groups, people, members and messages.
use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension, params};

use super::keeping;
use super::reputation::Reputation;
use super::view::{GroupFacts, MemberFacts, RECENT, Recent, digest_of_words};
use crate::base::clock::Millis;
use crate::config::Mode;
use crate::store::{StoreError, Tx};
use crate::telegram::event::{Attachment, User};

/// A group as kept; `default` is the mode of one whose mode nobody has chosen.
pub fn group(conn: &Connection, id: i64, default: Mode) -> Result<Option<GroupFacts>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT kind, title, username, mode, settings_rev, language,
                    CASE WHEN migrated_to IS NULL THEN deleted_at END, bot_status,
                    json_extract(bot_rights, '$.can_delete_messages'), settings
             FROM groups WHERE id = ?1",
        )?
        .query_row([id], |r| {
            let mode: Option<String> = r.get(3)?;
            Ok(GroupFacts {
                id,
                kind: r.get(0)?,
                title: r.get(1)?,
                username: r.get(2)?,
                mode: mode.map_or(default, |m| Mode::from_name(&m).unwrap_or(Mode::Observe)),
                settings_rev: r.get(4)?,
                language: r.get(5)?,
                away_since: r.get(6)?,
                may_delete: r
                    .get::<_, Option<String>>(7)?
                    .map(|status| may_delete(&status, r.get(8).ok().flatten())),
                settings: r.get::<_, String>(9)?.into(),
            })
        })
        .optional()?)
}

/// Whether a bot of this status may delete the messages of others. `right` is what Telegram tells of
/// administrators.
pub(super) fn may_delete(status: &str, right: Option<bool>) -> bool {
    match status {
        "creator" => true,
        "administrator" => right.unwrap_or(false),
        _ => false,
    }
}

/// Notes that Telegram does not let the bot into a group; false when there is nothing new in that.
pub(super) fn lose(tx: &Tx<'_>, chat: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE groups SET bot_status = 'left', bot_rights = NULL, deleted_at = ?2, updated_at = ?2
         WHERE id = ?1 AND deleted_at IS NULL",
        params![chat, now],
    )?;
    Ok(changed == 1)
}

/// Notes that the bot may not delete in a group; false when there is nothing new in that.
pub(super) fn disarm(tx: &Tx<'_>, chat: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE groups SET bot_status = 'member', bot_rights = NULL, updated_at = ?2
         WHERE id = ?1 AND (bot_status IS NULL OR json_extract(bot_rights, '$.can_delete_messages'))",
        params![chat, now],
    )?;
    Ok(changed == 1)
}

/// A message came from a group that the bot was thought to have left.
pub(super) fn found_again(tx: &Tx<'_>, chat: i64, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE groups SET bot_status = NULL, bot_rights = NULL, deleted_at = NULL, updated_at = ?2
         WHERE id = ?1 AND migrated_to IS NULL",
        params![chat, now],
    )?;
    Ok(())
}

/// Forgets what is known of the bot's own standing in all groups.
pub(super) fn forget_standing(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE groups SET bot_status = NULL, bot_rights = NULL,
             deleted_at = CASE WHEN migrated_to IS NOT NULL THEN deleted_at END",
        [],
    )?;
    Ok(())
}

/// Somebody in a group, as on disk. The profile digest stays 0, so that the first message after a cache miss writes
/// the profile again.
///
/// # Errors
/// The database's.
pub fn member(conn: &Connection, chat: i64, user: i64) -> Result<Option<MemberFacts>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT messages, removed, first_seen, reputation, reputation_at FROM members
             WHERE chat = ?1 AND user = ?2",
        )?
        .query_row(params![chat, user], |r| {
            Ok(MemberFacts {
                messages: r.get(0)?,
                removed: r.get(1)?,
                first_seen: r.get(2)?,
                profile: 0,
                reputation: Reputation {
                    value: r.get(3)?,
                    at: r.get(4)?,
                },
                history: VecDeque::new(),
            })
        })
        .optional()?)
}

/// The last messages of a group that say enough to be repeated, oldest first, with the words they were
/// first sent with.
pub(super) fn recent(
    conn: &Connection,
    chat: i64,
    now: Millis,
) -> Result<VecDeque<Recent>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT m.message, m.user, m.created_at,
                coalesce((SELECT e.text FROM message_edits e
                          WHERE e.chat = m.chat AND e.message = m.message AND e.edit = 0), m.text)
         FROM messages m WHERE m.chat = ?1 ORDER BY m.message DESC LIMIT ?2",
    )?;
    let mut rows = find.query(params![chat, RECENT_SEARCHED])?;
    let mut list = VecDeque::with_capacity(RECENT);
    while let Some(row) = rows.next()? {
        let at: Millis = row.get(2)?;
        // What was said long ago is repeated by nobody.
        if at < now - RECENT_SPAN || list.len() == RECENT {
            break;
        }
        let text: Option<String> = row.get(3)?;
        if let Some(words) = text.as_deref().and_then(digest_of_words) {
            list.push_front(Recent {
                message: row.get(0)?,
                user: row.get::<_, Option<i64>>(1)?.unwrap_or(0),
                words,
                at,
            });
        }
    }
    Ok(list)
}

/// Messages looked through at most for those that the cache would hold: many say too little to count.
const RECENT_SEARCHED: i64 = 1_000;
/// Messages older than this are left out, as the cache forgets them.
const RECENT_SPAN: Millis = 600_000;

/// Stores a group as last seen; its mode and settings stay as they are.
pub(super) fn put_group(tx: &Tx<'_>, group: &GroupFacts, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO groups (id, kind, title, username, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title,
             username = excluded.username, updated_at = excluded.updated_at",
    )?
    .execute(params![
        group.id,
        group.kind,
        group.title,
        group.username,
        now
    ])?;
    Ok(())
}

/// Chooses a group's mode; false when there is no such group.
pub fn set_mode(tx: &Tx<'_>, chat: i64, mode: Mode) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE groups SET mode = ?2, settings_rev = settings_rev + 1 WHERE id = ?1",
        params![chat, mode.name()],
    )?;
    Ok(changed == 1)
}

/// Stores what the bot may do in a group; `gone` when it is not in it any more.
pub(super) fn put_bot_status(
    tx: &Tx<'_>,
    chat: i64,
    status: &str,
    rights: &str,
    gone: bool,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE groups SET bot_status = ?2, bot_rights = ?3, updated_at = ?5,
             deleted_at = CASE WHEN ?4 THEN ?5 END WHERE id = ?1",
    )?
    .execute(params![chat, status, rights, gone, now])?;
    Ok(())
}

pub(super) fn put_user(
    tx: &Tx<'_>,
    user: &User,
    uid: &[u8; 16],
    now: Millis,
) -> Result<(), StoreError> {
    // A public name is one account's: whoever had it before has it no more.
    if let Some(username) = &user.username {
        tx.prepare_cached(
            "UPDATE users SET username = NULL
             WHERE lower(username) = lower(?1) AND username IS NOT NULL AND id <> ?2",
        )?
        .execute(params![username, user.id])?;
    }
    tx.prepare_cached(
        "INSERT INTO users (id, uid, is_bot, first_name, last_name, username, language, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
         ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
             username = excluded.username, language = coalesce(excluded.language, language),
             updated_at = excluded.updated_at
         WHERE first_name <> excluded.first_name OR last_name IS NOT excluded.last_name
            OR username IS NOT excluded.username",
    )?
    .execute(params![
        user.id,
        uid,
        user.is_bot,
        user.first_name,
        user.last_name,
        user.username,
        user.language,
        now
    ])?;
    Ok(())
}

/// Counts a message of a member.
pub(super) fn count_message(
    tx: &Tx<'_>,
    chat: i64,
    user: i64,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO members (chat, user, messages, first_seen, last_seen) VALUES (?1, ?2, 1, ?3, ?3)
         ON CONFLICT (chat, user) DO UPDATE SET messages = messages + 1, last_seen = excluded.last_seen",
    )?
    .execute(params![chat, user, now])?;
    Ok(())
}

/// Counts a removed message of a member.
pub(super) fn count_removed(tx: &Tx<'_>, chat: i64, user: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE members SET removed = removed + 1 WHERE chat = ?1 AND user = ?2")?
        .execute(params![chat, user])?;
    Ok(())
}

/// Stores a member's status after a change.
pub(super) fn put_status(
    tx: &Tx<'_>,
    chat: i64,
    user: i64,
    status: &str,
    joined: Option<Millis>,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO members (chat, user, status, joined_at, first_seen, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (chat, user) DO UPDATE SET status = excluded.status,
             joined_at = coalesce(excluded.joined_at, joined_at), last_seen = excluded.last_seen",
    )?
    .execute(params![chat, user, status, joined, now])?;
    Ok(())
}

/// Notes of people known in a group that a message says they came, or went: all that Beadle hears of it in basic
/// groups and where it is no admin. What Telegram tells of the membership itself goes before it.
pub(super) fn put_presence(
    tx: &Tx<'_>,
    chat: i64,
    user: i64,
    came: bool,
    now: Millis,
) -> Result<(), StoreError> {
    let sql = if came {
        "UPDATE members SET status = 'member', joined_at = ?3, last_seen = ?3
         WHERE chat = ?1 AND user = ?2 AND status = 'left'"
    } else {
        "UPDATE members SET status = 'left', last_seen = ?3
         WHERE chat = ?1 AND user = ?2 AND status NOT IN ('left', 'kicked')"
    };
    tx.prepare_cached(sql)?.execute(params![chat, user, now])?;
    Ok(())
}

/// What is still known of a message's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The sender's words.
    pub text: String,
    /// Targets of its links.
    pub links: Vec<String>,
}

/// A message to keep.
pub(super) struct MessageRow {
    pub chat: i64,
    pub message: i64,
    pub user: Option<i64>,
    pub sender_chat: Option<i64>,
    pub date: Millis,
    pub topic: Option<i64>,
    pub album: Option<String>,
    pub reply_to: Option<i64>,
    pub content: String,
    pub text: Option<String>,
    /// Bytes of `text`, from its beginning, that the sender wrote.
    pub own: usize,
    pub links: Option<String>,
    pub attachments: Vec<Attachment>,
}

/// Stores a new message; one that is there already stays.
pub(super) fn put_message(tx: &Tx<'_>, m: &MessageRow, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO messages (chat, message, user, sender_chat, date, topic, album, reply_to, content,
             text, links, created_at, own)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        m.chat, m.message, m.user, m.sender_chat, m.date, m.topic, m.album, m.reply_to, m.content, m.text, m.links, now,
        m.own as i64
    ])?;
    put_files(tx, m, now)
}

/// Notes the files of a message that are not noted yet: an edit may put another in the place of one.
fn put_files(tx: &Tx<'_>, m: &MessageRow, now: Millis) -> Result<(), StoreError> {
    for a in &m.attachments {
        tx.prepare_cached(
            "INSERT INTO media_assets (chat, message, kind, file_id, unique_id, size, mime, name,
                 created_at, updated_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 WHERE NOT EXISTS (
                 SELECT 1 FROM media_assets WHERE chat = ?1 AND message = ?2 AND unique_id = ?5)",
        )?
        .execute(params![
            m.chat,
            m.message,
            a.kind,
            a.file_id,
            a.unique_id,
            a.size,
            a.mime,
            a.name,
            now
        ])?;
    }
    Ok(())
}

/// Stores an edit: the words before it move to the history.
pub(super) fn put_edit(
    tx: &Tx<'_>,
    m: &MessageRow,
    edited_at: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    type Before = (i64, i64, Option<String>, Option<i64>, Option<String>, bool);
    let before: Option<Before> = tx
        .prepare_cached(
            "SELECT seq, edits, text, own, links, emptied FROM messages WHERE chat = ?1 AND message = ?2",
        )?
        .query_row(params![m.chat, m.message], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
        })
        .optional()?;
    // An edit does not bring back words whose time is over: nothing would come to forget them again.
    let seq = before.as_ref().map(|(seq, ..)| *seq);
    let emptied = before.as_ref().is_some_and(|(.., emptied)| *emptied);
    if emptied || keeping::are_forgotten(tx, (m.chat, m.message), seq)? {
        return Ok(());
    }
    let Some((_, edits, text, own, links, _)) = before else {
        // Written before Beadle was here: the edit is all there is.
        return put_message(tx, m, now);
    };
    put_files(tx, m, now)?;
    if text == m.text && links == m.links {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT OR IGNORE INTO message_edits (chat, message, edit, text, edited_at, own)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![m.chat, m.message, edits, text, edited_at, own])?;
    tx.prepare_cached(
        "UPDATE messages SET text = ?3, edits = edits + 1, edited_at = ?4, content = ?5, links = ?6, own = ?7
         WHERE chat = ?1 AND message = ?2",
    )?
    .execute(params![
        m.chat, m.message, m.text, edited_at, m.content, m.links, m.own as i64
    ])?;
    Ok(())
}

/// Marks a message as removed by Beadle.
pub(super) fn mark_removed(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE messages SET removed_at = ?3 WHERE chat = ?1 AND message = ?2")?
        .execute(params![chat, message, now])?;
    Ok(())
}

/// Marks a message as removed, and counts it against its author; false when it was removed before.
pub fn take_down(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    user: Option<i64>,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE messages SET removed_at = ?3 WHERE chat = ?1 AND message = ?2 AND removed_at IS NULL",
        )?
        .execute(params![chat, message, now])?;
    if let (1, Some(user)) = (changed, user) {
        count_removed(tx, chat, user)?;
    }
    Ok(changed == 1)
}

/// Takes [`take_down`] back: the removal was a mistake.
pub fn put_back(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    user: Option<i64>,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE messages SET removed_at = NULL WHERE chat = ?1 AND message = ?2 AND removed_at IS NOT NULL",
        )?
        .execute(params![chat, message])?;
    if let (1, Some(user)) = (changed, user) {
        tx.prepare_cached(
            "UPDATE members SET removed = max(0, removed - 1) WHERE chat = ?1 AND user = ?2",
        )?
        .execute(params![chat, user])?;
    }
    Ok(changed == 1)
}

/// Words and link targets of a message as last kept.
pub(super) fn kept(conn: &Connection, chat: i64, message: i64) -> Result<Option<Kept>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT text, links FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row(params![chat, message], |r| {
            let links: Option<String> = r.get(1)?;
            Ok(Kept {
                text: r.get::<_, Option<String>>(0)?.unwrap_or_default(),
                links: links
                    .unwrap_or_default()
                    .lines()
                    .map(str::to_owned)
                    .collect(),
            })
        })
        .optional()?)
}

/// A basic group became a supergroup: settings and members move to the new id, once; false when they
/// have moved already.
pub(super) fn migrate(tx: &Tx<'_>, old: i64, new: i64, now: Millis) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE groups SET migrated_to = ?2, deleted_at = ?3, updated_at = ?3
         WHERE id = ?1 AND migrated_to IS NULL",
        params![old, new, now],
    )?;
    if moved == 0 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO groups (id, kind, title, username, language, mode, settings, settings_rev, created_at, updated_at)
         SELECT ?2, 'supergroup', title, username, language, mode, settings, settings_rev + 1, created_at, ?3
         FROM groups WHERE id = ?1
         ON CONFLICT (id) DO UPDATE SET mode = excluded.mode, settings = excluded.settings,
             settings_rev = max(settings_rev + 1, excluded.settings_rev), language = excluded.language, created_at = excluded.created_at",
        params![old, new, now],
    )?;
    for sql in [
        "UPDATE OR REPLACE settings_versions SET chat = ?2 WHERE chat = ?1",
        "UPDATE OR REPLACE allowances SET chat = ?2 WHERE chat = ?1",
    ] {
        tx.execute(sql, params![old, new])?;
    }
    // Somebody may have been seen under both ids by now.
    tx.execute(
        "INSERT INTO members (chat, user, status, messages, removed, reputation, reputation_at, joined_at,
             first_seen, last_seen)
         SELECT ?2, user, status, messages, removed, reputation, reputation_at, joined_at, first_seen, last_seen
         FROM members WHERE chat = ?1
         ON CONFLICT (chat, user) DO UPDATE SET messages = messages + excluded.messages,
             removed = removed + excluded.removed, reputation = reputation + excluded.reputation,
             reputation_at = max(reputation_at, excluded.reputation_at),
             joined_at = coalesce(excluded.joined_at, joined_at),
             first_seen = min(first_seen, excluded.first_seen),
             last_seen = max(last_seen, excluded.last_seen)",
        params![old, new],
    )?;
    tx.execute("DELETE FROM members WHERE chat = ?1", [old])?;
    // What is there under both ids stays as the new group has it.
    for table in ["reputation", "admissions", "kept_bans"] {
        tx.execute(
            &format!("UPDATE OR IGNORE {table} SET chat = ?2 WHERE chat = ?1"),
            params![old, new],
        )?;
        tx.execute(&format!("DELETE FROM {table} WHERE chat = ?1"), [old])?;
    }
    let tenants = [format!("group:{old}"), format!("group:{new}")];
    tx.execute(
        "UPDATE OR IGNORE grants SET tenant = ?2 WHERE tenant = ?1",
        params![tenants[0], tenants[1]],
    )?;
    tx.execute("DELETE FROM grants WHERE tenant = ?1", [&tenants[0]])?;
    // The door's rows are few; their references are checked when the transaction ends.
    tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    tx.execute(
        "UPDATE protected_groups SET group_id = ?2 WHERE group_id = ?1",
        params![old, new],
    )?;
    tx.execute(
        "UPDATE group_channel_links SET group_id = ?2 WHERE group_id = ?1",
        params![old, new],
    )?;
    Ok(true)
}
