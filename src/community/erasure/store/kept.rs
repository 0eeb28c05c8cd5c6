//! What the house's own tables show a person of themselves: SQL that names no one else.
use super::super::Kept;
use super::super::own;

/// Calls that went to the person. Not their words: what a moderator is told in private names others.
pub(in crate::community::erasure) const OUTBOX: &[Kept] = &[Kept::new(
    "outbox",
    "SELECT id, method, state, created_at, settled_at FROM outbox
     WHERE chat = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
)];

/// What the person sent, as Telegram told it, while it is kept.
pub(in crate::community::erasure) const INBOX: &[Kept] = &[Kept::new(
    "inbox",
    "SELECT seq, kind, state, received_at, handled_at, raw AS update_json FROM inbox
     WHERE raw GLOB '*[^0-9]' || ?1 || '[^0-9]*' AND seq > ?2 ORDER BY seq LIMIT ?3",
)
.cleaned(own::update)];

/// Messages, edits, media. Of the words only the person's own: not what was quoted or forwarded along.
pub(in crate::community::erasure) const MESSAGES: &[Kept] = &[
    Kept::new(
        "messages",
        "SELECT seq, chat, message, date, topic, album, reply_to, content,
                CAST(substr(CAST(text AS BLOB), 1, own) AS TEXT) AS text, links,
                edits, edited_at, removed_at, created_at
         FROM messages WHERE user = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )
    .cleaned(own::message),
    Kept::new(
        "message_edits",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY m.seq, e.edit) AS position, e.chat, e.message, e.edit,
                CAST(substr(CAST(e.text AS BLOB), 1, e.own) AS TEXT) AS text, e.edited_at
         FROM messages m JOIN message_edits e ON e.chat = m.chat AND e.message = m.message
         WHERE m.user = ?1) WHERE position > ?2 ORDER BY position LIMIT ?3",
    ),
    Kept::new(
        "media_assets",
        "SELECT a.id, a.chat, a.message, a.kind, a.file_id, a.unique_id, a.size, a.mime, a.sha256, a.phash,
                a.created_at
         FROM media_assets a JOIN messages m ON m.chat = a.chat AND m.message = a.message
         WHERE m.user = ?1 AND a.id > ?2 ORDER BY a.id LIMIT ?3",
    ),
    Kept::new(
        "router_results",
        "SELECT r.id, r.chat, r.message, r.intent, r.confidence, r.model, r.created_at
         FROM router_results r JOIN messages m ON m.chat = r.chat AND m.message = r.message
         WHERE m.user = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3",
    ),
];

/// What stands or stood against the person. Not who imposed it.
pub(in crate::community::erasure) const RESTRICTIONS: &[Kept] = &[
    Kept::new(
        "restrictions",
        "SELECT id, chat, imposer, measure, permissions, until_at, reason, imposed_at, state, ended_at
         FROM restrictions WHERE subject = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "held",
        "SELECT chat, chat, measure, permissions, until_at, state, told_at
         FROM held WHERE subject = ?1 AND chat > ?2 ORDER BY chat LIMIT ?3",
    ),
];

/// The doors the person came to.
pub(in crate::community::erasure) const ADMISSIONS: &[Kept] = &[Kept::new(
    "admissions",
    "SELECT * FROM (SELECT row_number() OVER (ORDER BY id) AS position, chat, door, user_chat, step, held_until,
            vouched, notes, outcome, reason, started_at, decided_at
     FROM admissions WHERE user = ?1) WHERE position > ?2 ORDER BY position LIMIT ?3",
)];

/// What moved the person's reputation, and whether the person objects to having one.
pub(in crate::community::erasure) const REPUTATION: &[Kept] = &[
    Kept::new(
        "reputation",
        "SELECT id, chat, evidence, delta, at, undone_at
         FROM reputation WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "objections",
        "SELECT user, objected_at FROM objections WHERE user = ?1 AND user > ?2 LIMIT ?3",
    ),
];

/// What the person did and what was done to them, by number; and what the record holds of theirs in words. Not who
/// did it, nor to whom: the details may name others.
pub(in crate::community::erasure) const AUDIT: &[Kept] = &[
    Kept::new(
        "audit",
        "SELECT id, at, CASE WHEN actor = 'user:' || ?1 THEN 'by you' ELSE 'about you' END AS what, action,
                tenant AS chat
         FROM audit WHERE (actor = 'user:' || ?1 OR subject = 'user:' || ?1) AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "audit_personal",
        "SELECT audit, audit, body, created_at FROM audit_personal
         WHERE person = ?1 AND audit > ?2 ORDER BY audit LIMIT ?3",
    ),
    Kept::new(
        "events",
        "SELECT id, at, kind, tenant AS chat FROM events WHERE subject = 'user:' || ?1 AND id > ?2
         ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "erasures",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY asked_at) AS position, reason, state, asked_at
         FROM erasures WHERE person = ?1) WHERE position > ?2 ORDER BY position LIMIT ?3",
    ),
];

/// Profile, memberships, rights.
pub(in crate::community::erasure) const PROFILE: &[Kept] = &[
    Kept::new(
        "users",
        "SELECT id, id, is_bot, first_name, last_name, username, language, reputation, reputation_at, created_at,
                updated_at, deleted_at
         FROM users WHERE id = ?1 AND id > ?2 LIMIT ?3",
    ),
    Kept::new(
        "members",
        "SELECT m.chat, m.chat, g.title AS group_title, m.status, m.messages, m.removed, m.reputation,
                m.reputation_at, m.joined_at, m.first_seen, m.last_seen
         FROM members m LEFT JOIN groups g ON g.id = m.chat
         WHERE m.user = ?1 AND m.chat > ?2 ORDER BY m.chat LIMIT ?3",
    ),
    Kept::new(
        "owners",
        "SELECT user_id, username, created_at, updated_at FROM owners WHERE user_id = ?1 AND user_id > ?2 LIMIT ?3",
    ),
    Kept::new(
        "protected_groups",
        "SELECT group_id, group_id, title, enabled, created_at, updated_at FROM protected_groups
         WHERE owner_id = ?1 AND group_id > ?2 ORDER BY group_id LIMIT ?3",
    ),
    Kept::new(
        "principals",
        "SELECT telegram, name, created_at, updated_at, deleted_at FROM principals
         WHERE telegram = ?1 AND telegram > ?2 LIMIT ?3",
    ),
    Kept::new(
        "grants",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY g.tenant, g.role) AS position, g.tenant, g.role, g.source,
                g.created_at, g.expires_at
         FROM grants g JOIN principals p ON p.id = g.principal WHERE p.telegram = ?1)
         WHERE position > ?2 ORDER BY position LIMIT ?3",
    ),
];

/// What owners of groups let the person do, or not do, and which settings of groups the person changed.
pub(in crate::community::erasure) const ALLOWANCES: &[Kept] = &[
    Kept::new(
        "allowances",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY chat, ability) AS position, chat, ability, allowed,
                created_at
         FROM allowances WHERE user = ?1) WHERE position > ?2 ORDER BY position LIMIT ?3",
    ),
    Kept::new(
        "settings_versions",
        "SELECT * FROM (SELECT row_number() OVER (ORDER BY chat, rev) AS position, chat, rev, at
         FROM settings_versions WHERE by = 'user:' || ?1) WHERE position > ?2 ORDER BY position LIMIT ?3",
    ),
];
