//! Groups and their settings, as files and one by one.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::app::group_settings;
use crate::base::ids::uuid7;
use crate::base::random::SystemRandom;
use crate::community::audit::Actor;
use crate::community::settings::{self, Fault, Listed, Outcome, at};
use crate::features::moderation::house::lists;
use crate::features::moderation::house::store::Item;
use crate::features::moderation::stats::{SPANS, figures};
use crate::store::{Connection, StoreError};

/// Groups looked through for the only one.
const TWO: u32 = 2;

/// Groups that Beadle is in.
pub(super) async fn list(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let limit = args.limit()?;
    let found: Vec<Listed> = desk
        .store
        .read(move |conn| settings::groups(conn, limit))
        .await?;
    items(found)
}

/// The group that is meant: the one that is named, else the only one.
pub(super) async fn named(desk: &Desk, args: &Args) -> Result<i64, Refusal> {
    if !args.value("number").is_null() {
        return args.number();
    }
    let found = desk.store.read(|conn| settings::groups(conn, TWO)).await?;
    match &found[..] {
        [only] => Ok(only.id),
        [] => Err(Refusal::missing(
            "Beadle is in no group yet: add it to one, and make it an admin",
        )),
        _ => Err(Refusal::bad(
            "Beadle is in several groups: say which one with --group ID; `beadle group list` shows them",
        )),
    }
}

pub(super) fn unknown(chat: i64) -> Refusal {
    Refusal::missing(format!(
        "Beadle knows no group {chat}; `beadle group list` shows those it is in"
    ))
}

async fn tree(desk: &Desk, chat: i64) -> Result<Value, Refusal> {
    let own = desk.store.read(move |conn| settings::tree(conn, chat));
    own.await?.ok_or_else(|| unknown(chat))
}

/// All settings of a group, each with what holds.
pub(super) async fn show(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let own = tree(desk, chat).await?;
    let table = group_settings();
    let all = table.holds(&own).into_iter().map(|(setting, value, chosen)| {
        json!({ "path": setting.path, "shown": setting.kind.show(&value), "value": value, "chosen": chosen,
                "doc": setting.doc, "shape": setting.kind.shape() })
    });
    Ok(all.collect())
}

/// A group's settings as TOML.
pub(super) async fn export(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let own = tree(desk, chat).await?;
    let mut toml = settings::export(&group_settings(), &own);
    let lists = desk.store.read(move |conn| lists::export(conn, chat));
    let lists = lists.await?;
    if !lists.is_empty() {
        toml.push_str("\n# The lists of the house rules: what follows a word, what notes, keywords and the group say.\n");
        toml.push_str(&lists);
    }
    Ok(vec![json!({ "group": chat, "toml": toml })])
}

fn faults(all: &[Fault]) -> Vec<Value> {
    refused(all.iter().map(ToString::to_string).collect())
}

fn refused(faults: Vec<String>) -> Vec<Value> {
    vec![json!({ "faults": faults })]
}

/// Takes in a file of settings and lists: all of it, or none and every mistake.
pub(super) async fn import(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let Some(text) = args.value("toml").as_str() else {
        return Err(Refusal::bad("`toml` must be a text"));
    };
    let table = group_settings();
    let replace = args.value("replace") == &json!(true);
    let (found, items) = match (settings::import(&table, text), lists::read(text)) {
        (Ok(found), Ok(items)) => (found, items),
        (found, items) => {
            let all = found.err().into_iter().flatten();
            let mut all: Vec<String> = all.map(|fault| fault.to_string()).collect();
            all.extend(items.err().into_iter().flatten());
            return Ok(refused(all));
        }
    };
    let values = found.values.into_iter();
    let mut values: Vec<(&'static str, Option<Value>)> =
        values.map(|(path, value)| (path, Some(value))).collect();
    if replace {
        let own = tree(desk, chat).await?;
        let missing: Vec<_> = table
            .all()
            .filter(|s| at(&own, s.path).is_some() && !values.iter().any(|(p, _)| *p == s.path))
            .map(|s| (s.path, None))
            .collect();
        values.extend(missing);
    }
    let lists = Lists { items, replace };
    put(
        desk,
        chat,
        (values, lists),
        args.value("dry_run") == &json!(true),
    )
    .await
}

/// What a file says of a group's lists.
#[derive(Default)]
struct Lists {
    items: Vec<Item>,
    /// What it does not name goes.
    replace: bool,
}

/// Sets one setting from words; `default` takes it back.
pub(super) async fn set(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let (Some(path), Some(words)) = (args.value("path").as_str(), args.value("words").as_str())
    else {
        return Err(Refusal::bad("`path` and `words` must be texts"));
    };
    let table = group_settings();
    let chosen = match words.trim() {
        "default" => table.find(path).map(|s| (s.path, None)),
        words => table
            .parse(path, words)
            .map(|(s, value)| (s.path, Some(value))),
    };
    match chosen {
        Ok(one) => {
            let dry = args.value("dry_run") == &json!(true);
            put(desk, chat, (vec![one], Lists::default()), dry).await
        }
        Err(fault) => Ok(faults(&[fault])),
    }
}

/// What became of a change of settings and lists: those of the lists, when there is nothing against either.
type Both = (Outcome, Result<Vec<lists::Altered>, Vec<String>>);

async fn put(
    desk: &Desk,
    chat: i64,
    (values, lists): (Vec<(&'static str, Option<Value>)>, Lists),
    dry: bool,
) -> Result<Vec<Value>, Refusal> {
    let (table, now) = (group_settings(), desk.now());
    let look = move |conn: &Connection| -> Result<Both, StoreError> {
        let settings = settings::plan(conn, &table, chat, &values)?;
        Ok((
            settings,
            lists::plan(conn, chat, &lists.items, lists.replace)?,
        ))
    };
    let (outcome, lists) = if dry {
        desk.store.read(look).await?
    } else {
        let uid = rustix::process::geteuid().as_raw();
        let by = Actor::Cli { uid };
        let write = desk.store.write(move |tx| {
            let (outcome, planned) = look(tx)?;
            if let (Outcome::Done(altered), Ok(items)) = (&outcome, &planned) {
                let values: Vec<_> = altered.iter().map(|a| (a.path, a.after.clone())).collect();
                settings::change(tx, &group_settings(), chat, &values, (by, now))?;
                let fresh = || *uuid7(&SystemRandom, now).as_bytes();
                lists::apply(tx, chat, items, by, fresh, now)?;
            }
            Ok((outcome, planned))
        });
        write.await?
    };
    let altered = match (outcome, lists) {
        (Outcome::Missing, _) => return Err(unknown(chat)),
        (Outcome::Refused(all), lists) => {
            let mut all: Vec<String> = all.iter().map(ToString::to_string).collect();
            all.extend(lists.err().into_iter().flatten());
            return Ok(refused(all));
        }
        (Outcome::Done(_), Err(all)) => return Ok(refused(all)),
        (Outcome::Done(altered), Ok(items)) => {
            let settings = altered.iter().map(|a| json!(a));
            let items = items.iter().map(lists::Altered::told);
            settings.chain(items).collect::<Vec<_>>()
        }
    };
    if !dry {
        if let Some(shelf) = &desk.shelf {
            shelf.changed(chat);
        }
        if let Some(community) = &desk.community {
            community.refresh(chat).await?;
        }
    }
    Ok(vec![
        json!({ "group": chat, "altered": altered, "dry_run": dry }),
    ])
}

/// What moderation did in a group, and how right it was.
pub(super) async fn stats(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    tree(desk, chat).await?;
    let days = match args.value("days") {
        Value::Null => Some(SPANS[0]),
        given => given.as_i64().filter(|days| (1..=365).contains(days)),
    };
    let days = days.ok_or_else(|| Refusal::bad("`days` must be 1 to 365"))?;
    let now = desk.now();
    let found = desk
        .store
        .read(move |conn| figures(conn, chat, days, now))
        .await?;
    let mut item = json!({ "group": chat, "days": days, "precision": found.precision(), "recall": found.recall() });
    if let (Some(item), Ok(Value::Object(rest))) =
        (item.as_object_mut(), serde_json::to_value(found))
    {
        item.extend(rest);
    }
    Ok(vec![item])
}
