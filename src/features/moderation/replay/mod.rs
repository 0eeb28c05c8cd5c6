//! What other settings, or today's weights, would have made of what was judged: from stored facts, changing nothing.
//!
//! `rules` judges one stored verdict again, `store` reads them newest first, `count` adds up what changed.
mod count;
mod rules;
mod store;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

pub use count::{Changed, Counts, Summary};
pub use rules::Change;

use super::carriers::Policy;
use super::settings::GroupSettings;
use super::store::removals;
use crate::base::clock::Millis;
use crate::community::group_on_disk;
use crate::config;
use crate::store::{Connection, Store, StoreError};
use count::Count;

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
            if let Entry::Vacant(place) = groups.entry(row.chat) {
                let (chat, change) = (row.chat, ask.change.clone());
                let found = store.read(move |conn| settings(conn, (chat, since), &change));
                place.insert(found.await?);
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
        Some(mut group) => {
            group.settings = change.in_place_of(&group.settings).into();
            let own = GroupSettings::of(&group);
            let mut settings = super::asked::settings(&group, &own);
            settings.mode = change.mode.unwrap_or(settings.mode);
            rules::Group {
                settings,
                other_groups: own.other_groups,
                policy: Policy::read(&group.settings),
                name: group.username,
            }
        }
        None => rules::Group {
            settings: super::rules::Settings::default(),
            other_groups: true,
            policy: Policy::read("{}"),
            name: None,
        },
    })
}

impl Change {
    /// Of values by their paths, each checked before.
    pub fn of<'v>(values: impl IntoIterator<Item = (&'v str, &'v Value)>) -> Self {
        let mut change = Self::default();
        for (path, value) in values {
            if path == "mode" {
                change.mode = serde_json::from_value(value.clone()).ok();
            } else {
                change.values.push((path.to_owned(), value.clone()));
            }
        }
        change
    }

    /// A group's settings as JSON, with the values that are tried in their places.
    fn in_place_of(&self, json: &str) -> String {
        let mut tree: Value = serde_json::from_str(json).unwrap_or_default();
        for (path, value) in &self.values {
            let mut place = &mut tree;
            for part in path.split('.') {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                place = &mut place[part];
            }
            *place = value.clone();
        }
        match tree {
            Value::Object(_) => tree.to_string(),
            _ => "{}".to_owned(),
        }
    }
}
