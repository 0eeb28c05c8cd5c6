//! Groups and their settings, as files and one by one.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::app::group_settings;
use crate::community::audit::Actor;
use crate::community::settings::{self, Fault, Listed, Outcome, at};
use crate::features::moderation::stats::{SPANS, figures};

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
    Ok(vec![
        json!({ "group": chat, "toml": settings::export(&group_settings(), &own) }),
    ])
}

fn faults(all: &[Fault]) -> Vec<Value> {
    let told = all.iter().map(ToString::to_string);
    vec![json!({ "faults": told.collect::<Vec<_>>() })]
}

/// Takes in a file of settings: all of it, or none and every mistake.
pub(super) async fn import(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let Some(text) = args.value("toml").as_str() else {
        return Err(Refusal::bad("`toml` must be a text"));
    };
    let table = group_settings();
    let mut values: Vec<(&'static str, Option<Value>)> = match settings::import(&table, text) {
        Ok(found) => {
            let values = found.values.into_iter();
            values.map(|(path, value)| (path, Some(value))).collect()
        }
        Err(all) => return Ok(faults(&all)),
    };
    if args.value("replace") == &json!(true) {
        let own = tree(desk, chat).await?;
        let missing: Vec<_> = table
            .all()
            .filter(|s| at(&own, s.path).is_some() && !values.iter().any(|(p, _)| *p == s.path))
            .map(|s| (s.path, None))
            .collect();
        values.extend(missing);
    }
    put(desk, chat, values, args.value("dry_run") == &json!(true)).await
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
        Ok(one) => put(desk, chat, vec![one], args.value("dry_run") == &json!(true)).await,
        Err(fault) => Ok(faults(&[fault])),
    }
}

async fn put(
    desk: &Desk,
    chat: i64,
    values: Vec<(&'static str, Option<Value>)>,
    dry: bool,
) -> Result<Vec<Value>, Refusal> {
    let (table, now) = (group_settings(), desk.now());
    let outcome = if dry {
        let look = desk
            .store
            .read(move |conn| settings::plan(conn, &table, chat, &values));
        look.await?
    } else {
        let uid = rustix::process::geteuid().as_raw();
        let by = (Actor::Cli { uid }, now);
        let write = desk
            .store
            .write(move |tx| settings::change(tx, &table, chat, &values, by));
        write.await?
    };
    match outcome {
        Outcome::Missing => Err(unknown(chat)),
        Outcome::Refused(all) => Ok(faults(&all)),
        Outcome::Done(altered) => {
            if let (Some(community), false) = (&desk.community, dry) {
                community.refresh(chat).await?;
            }
            Ok(vec![
                json!({ "group": chat, "altered": altered, "dry_run": dry }),
            ])
        }
    }
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
