//! What other settings, or today's weights, would have made of what was judged: from stored facts, changing nothing.
//!
//! `rules` judges one stored verdict again, `store` reads them newest first, `count` adds up what changed.
mod count;
mod rules;
mod store;

use std::collections::HashMap;

use serde_json::Value;

pub use count::{Changed, Counts, Summary};
pub use rules::Change;

use super::settings::GroupSettings;
use super::store::removals;
use crate::base::clock::Millis;
use crate::community::group_on_disk;
use crate::community::settings::{Kind, Setting};
use crate::config;
use crate::store::{Connection, Store, StoreError};
use count::Count;

/// The settings that decide about a message, and so can be tried: others of a file are not looked at by the rules.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "mode",
        kind: Kind::Choice(&["observe", "suggest", "act"]),
        default: "\"suggest\"",
        doc: "What verdicts lead to",
    },
    Setting {
        path: "moderation.review_at",
        kind: Kind::Share,
        default: "0.5",
        doc: "Score from which a person should look",
    },
    Setting {
        path: "moderation.spam_at",
        kind: Kind::Share,
        default: "0.9",
        doc: "Score from which a message is spam",
    },
    Setting {
        path: "moderation.other_groups",
        kind: Kind::Switch,
        default: "true",
        doc: "Whether what is posted in other groups counts here",
    },
];

/// Verdicts read in one go: a few milliseconds of a reader.
const PORTION: i64 = 2_000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Verdicts since then.
    pub since: Millis,
    /// Of this group, or of all.
    pub group: Option<i64>,
    /// What would be otherwise; nothing, when only today's weights are tried.
    pub change: Change,
    /// So many changed verdicts are listed; the rest is counted.
    pub most: usize,
}

/// Judges all verdicts that are asked for again.
///
/// # Errors
/// The database's.
pub async fn replay(store: &Store, ask: Ask) -> Result<(Vec<Changed>, Summary), StoreError> {
    let mut count = Count::new(ask.most);
    let mut groups: HashMap<i64, rules::Group> = HashMap::new();
    let mut before = i64::MAX;
    loop {
        let (since, group) = (ask.since, ask.group);
        let rows = store
            .read(move |conn| store::portion(conn, before, group, PORTION))
            .await?;
        let Some(last) = rows.last() else { break };
        before = last.id;
        // Rows come in the order of time, but for clocks that were set: a whole portion must be too old.
        if rows.iter().all(|row| row.at < since) {
            break;
        }
        for row in rows.into_iter().filter(|row| row.at >= since) {
            if !groups.contains_key(&row.chat) {
                let (chat, change) = (row.chat, ask.change.clone());
                let found = store.read(move |conn| settings(conn, (chat, since), &change));
                groups.insert(row.chat, found.await?);
            }
            count.add(&row, &groups[&row.chat]);
        }
        tokio::task::yield_now().await;
    }
    Ok(count.end())
}

/// The settings of a group with what would be otherwise; those of a group that is gone are the usual ones.
///
/// A group for which nobody chose a mode has the appliance's, which the database does not know: where something was
/// removed, it acts.
fn settings(
    conn: &Connection,
    (chat, since): (i64, Millis),
    change: &Change,
) -> Result<rules::Group, StoreError> {
    let mode = if removals(conn, chat, since)?.is_empty() {
        config::Mode::default()
    } else {
        config::Mode::Act
    };
    let found = group_on_disk(conn, chat, mode)?;
    Ok(match found {
        Some(group) => {
            let own = GroupSettings::of(&group);
            let settings = super::asked::settings(&group, &own);
            rules::Group::new(settings, own.other_groups, group.username, change)
        }
        None => rules::Group::new(super::rules::Settings::default(), true, None, change),
    })
}

impl Change {
    /// Of values by their paths, each checked before.
    pub fn of<'v>(values: impl IntoIterator<Item = (&'v str, &'v Value)>) -> Self {
        let mut change = Self::default();
        for (path, value) in values {
            match path {
                "mode" => change.mode = serde_json::from_value(value.clone()).ok(),
                "moderation.review_at" => change.review_at = value.as_f64(),
                "moderation.spam_at" => change.spam_at = value.as_f64(),
                "moderation.other_groups" => change.other_groups = value.as_bool(),
                _ => {}
            }
        }
        change
    }
}
