//! Counts over members and groups; reads the whole table of members, so ask seldom.
use rusqlite::{Connection, params};

use crate::base::clock::Millis;
use crate::store::StoreError;

const DAY: Millis = 86_400_000;
/// Upper bounds of the ranges in which reputations are counted; what is above the last is a range too.
pub const REPUTATION_BOUNDS: [f64; 6] = [-5.0, -1.0, 0.0, 1.0, 5.0, 20.0];

/// What goes on in the groups.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    /// Groups that Beadle knows and has not left.
    pub groups: i64,
    /// Groups with somebody seen within a day.
    pub active_groups: i64,
    /// People seen within a day.
    pub day: i64,
    /// People seen within 30 days.
    pub month: i64,
    /// Members by reputation: up to each of [`REPUTATION_BOUNDS`], then above.
    pub reputation: [i64; 7],
}

/// Counts everything at `now`.
pub fn measure(conn: &Connection, now: Millis) -> Result<Activity, StoreError> {
    let (groups,) = conn.query_row(
        "SELECT count(*) FROM groups WHERE deleted_at IS NULL AND migrated_to IS NULL",
        [],
        |r| Ok((r.get(0)?,)),
    )?;
    let (active_groups, day, month) = conn.query_row(
        "SELECT count(DISTINCT iif(last_seen >= ?1, chat, NULL)),
                count(DISTINCT iif(last_seen >= ?1, user, NULL)),
                count(DISTINCT user)
         FROM members WHERE last_seen >= ?2",
        params![now - DAY, now - 30 * DAY],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )?;
    let [a, b, c, d, e, f] = REPUTATION_BOUNDS;
    let mut reputation = [0; 7];
    let mut counted = conn.prepare(
        "SELECT CASE WHEN reputation <= ?1 THEN 0 WHEN reputation <= ?2 THEN 1 WHEN reputation <= ?3 THEN 2
                     WHEN reputation <= ?4 THEN 3 WHEN reputation <= ?5 THEN 4 WHEN reputation <= ?6 THEN 5
                     ELSE 6 END AS range, count(*)
         FROM members GROUP BY range",
    )?;
    let mut rows = counted.query(params![a, b, c, d, e, f])?;
    while let Some(row) = rows.next()? {
        let range: i64 = row.get(0)?;
        // The statement gives no other range.
        if let Some(cell) = usize::try_from(range)
            .ok()
            .and_then(|r| reputation.get_mut(r))
        {
            *cell = row.get(1)?;
        }
    }
    Ok(Activity {
        groups,
        active_groups,
        day,
        month,
        reputation,
    })
}

/// A group and what Beadle may do in it, as Telegram said last.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Standing {
    /// The group.
    pub chat: i64,
    /// Its title.
    pub title: Option<String>,
    /// `administrator`, `member` …; None until Telegram says.
    pub status: Option<String>,
    /// Whether it may delete messages.
    pub deletes: bool,
    /// Whether it may mute and ban.
    pub restricts: bool,
    /// A basic group, in which nobody can be muted.
    pub basic: bool,
}

/// The groups that Beadle is in, at most `limit`.
pub fn standings(conn: &Connection, limit: u32) -> Result<Vec<Standing>, StoreError> {
    let mut groups = conn.prepare(
        "SELECT id, title, bot_status, ifnull(json_extract(bot_rights, '$.can_delete_messages'), 0),
                ifnull(json_extract(bot_rights, '$.can_restrict_members'), 0), kind = 'group'
         FROM groups WHERE deleted_at IS NULL AND migrated_to IS NULL ORDER BY id LIMIT ?1",
    )?;
    let rows = groups.query_map([limit], |r| {
        Ok(Standing {
            chat: r.get(0)?,
            title: r.get(1)?,
            status: r.get(2)?,
            deletes: r.get(3)?,
            restricts: r.get(4)?,
            basic: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
