//! People are muted, banned and freed by several at once while the program dies: what Telegram holds in the
//! end is what was ordered, and the ledger says the same.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beadle::base::random::{Random as _, SeededRandom};
use beadle::community::LaneView;
use beadle::community::arbiter::{Arbitrate as _, Imposer, Lift, Measure, Order, Subject, Whose};
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use beadle::telegram::simulator::{Fault, Status};
use futures_util::future::BoxFuture;

use super::child::{Child, last_words};
use super::guest::{self, number};
use super::promise::open;
use super::world::World;

const HOUR: i64 = 3_600_000;

/// Does what messages say: `mute 42 1` in the name of moderator 1.
struct Bailiff;

impl Stage for Bailiff {
    fn name(&self) -> &'static str {
        "bailiff"
    }

    fn position(&self) -> Position {
        Position::Reply
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let text = walk.event.texts.first().map_or("", |t| t.text.as_str());
            let words: Vec<&str> = text.split(' ').collect();
            let chat = walk.event.chat.as_ref().map(|c| c.id);
            let (Some(chat), &[verb, user, by]) = (chat, words.as_slice()) else {
                return Ok(Flow::On);
            };
            let (Ok(user), Ok(by)) = (user.parse(), by.parse()) else {
                return Ok(Flow::On);
            };
            let (subject, by) = (Subject::User(user), Imposer::Moderator(by));
            let (now, seq) = (walk.now, Some(walk.seq));
            let what = match verb {
                "mute" => Some(Measure::Mute),
                "ban" => Some(Measure::Ban),
                _ => None,
            };
            walk.write(move |tx| {
                match what {
                    Some(what) => {
                        let order = Order {
                            chat,
                            subject,
                            by,
                            what,
                            until: Some(now + HOUR),
                            reason: "test".to_owned(),
                            verdict: None,
                            revoke_messages: false,
                            asked: true,
                        };
                        tx.impose(&order, now, seq)?;
                    }
                    None => {
                        let lift = Lift {
                            chat,
                            subject,
                            by,
                            whose: Whose::Own,
                        };
                        tx.lift(&lift, now, seq)?;
                    }
                }
                Ok(())
            });
            Ok(Flow::On)
        })
    }
}

/// What a child does; without a parent, nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of the test beside it"]
async fn child_of_the_restraint_test() {
    if guest::task().is_some() {
        guest::serve(|ground| ground.stages.push(Arc::new(Bailiff))).await;
    }
}

fn start(world: &World, crash_at: Option<&str>) -> Child {
    let name = "crash::restrained::child_of_the_restraint_test";
    guest::start(world, name, "serve", crash_at)
}

/// The calls about somebody, for the message of a failed test.
fn calls(world: &World, group: i64, user: i64) -> String {
    let conn = open(world.dir.path()).unwrap();
    let mut find = conn
        .prepare(
            "SELECT id || ' ' || method || ' state ' || state || ' attempts ' || attempts || ' '
                 || coalesce(error, '') FROM outbox
             WHERE chat = ?1 AND json_extract(params, '$.user_id') = ?2 ORDER BY id",
        )
        .unwrap();
    let rows = find.query_map([group, user], |r| r.get(0)).unwrap();
    let rows: Vec<String> = rows.collect::<Result<_, _>>().unwrap();
    let made = world.sim.calls();
    let made: Vec<String> = made
        .iter()
        .filter(|c| c.params["chat_id"] == group && c.params["user_id"] == user)
        .map(|c| format!("{} {} {:?}", c.at, c.method, c.outcome))
        .collect();
    let mut find = conn
        .prepare(
            "SELECT id || ' ' || by || ' ' || measure || ' state ' || state || ' at ' || imposed_at || ' '
                 || coalesce(ended_by, '') FROM restrictions
             WHERE chat = ?1 AND subject = ?2 ORDER BY id",
        )
        .unwrap();
    let entries = find.query_map([group, user], |r| r.get(0)).unwrap();
    let entries: Vec<String> = entries.collect::<Result<_, _>>().unwrap();
    let mut find = conn
        .prepare("SELECT i.seq || ' ' || i.state || ' ' || json_extract(raw, '$.message.text') FROM inbox i WHERE raw GLOB '*' || ?1 || '*' ORDER BY seq")
        .unwrap();
    let said = find.query_map([user], |r| r.get(0)).unwrap();
    let said: Vec<Option<String>> = said.collect::<Result<_, _>>().unwrap();
    let said: Vec<String> = said.into_iter().flatten().collect();
    [rows, made, entries, said]
        .map(|part| part.join("\n"))
        .join("\n")
}

#[test]
fn after_any_deaths_telegram_holds_what_was_ordered() {
    let world = guest::world(77);
    let (sim, groups) = (&world.sim, &world.groups);
    let chance = SeededRandom::new(77);
    let people: Vec<i64> = (0..8).map(|i| sim.user(&format!("Person {i}"))).collect();
    for &group in groups {
        for &user in &people {
            sim.join(group, user);
        }
    }
    for method in ["restrictChatMember", "banChatMember"] {
        sim.fail_next(Some(method), None, Fault::LoseAnswer);
        sim.fail_next(Some(method), None, Fault::flood(1));
    }
    // By group, person and moderator: whether it is a ban. Nothing is nothing.
    let mut ordered: BTreeMap<(i64, i64), BTreeMap<u64, bool>> = BTreeMap::new();
    let deaths: [Option<&str>; 8] = [
        None,
        Some("walk.committed:2"),
        Some("outbox.called:2"),
        None,
        Some("outbox.settled"),
        Some("store.before_commit:4"),
        Some("walk.decided:2"),
        None,
    ];
    for death in deaths {
        for _ in 0..10 {
            let group = groups[usize::try_from(chance.below(groups.len() as u64)).unwrap()];
            let user = people[usize::try_from(chance.below(people.len() as u64)).unwrap()];
            let by = 1 + chance.below(2);
            let verb = ["mute", "mute", "ban", "free"][usize::try_from(chance.below(4)).unwrap()];
            let said = sim.say(group, world.regulars[0], &format!("{verb} {user} {by}"));
            assert_ne!(said, 0);
            let standing = ordered.entry((group, user)).or_default();
            match verb {
                "free" => drop(standing.remove(&by)),
                verb => drop(standing.insert(by, verb == "ban")),
            }
        }
        let mut child = start(&world, death);
        match death {
            Some(_) => drop(child.ended(Duration::from_secs(3))),
            None => std::thread::sleep(Duration::from_millis(150 + chance.below(400))),
        }
        child.kill();
    }
    let child = start(&world, None);
    let deadline = Instant::now() + Duration::from_secs(60);
    let quiet = || {
        sim.pending_updates() == 0
            && number(&world, "SELECT count(*) FROM inbox WHERE state = 0") == 0
            && number(&world, "SELECT count(*) FROM outbox WHERE state IN (0, 1)") == 0
            && number(&world, "SELECT count(*) FROM held WHERE state = 0") == 0
    };
    while !quiet() {
        assert!(
            Instant::now() < deadline,
            "{}",
            last_words(world.dir.path())
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(child.stop(Duration::from_secs(20)).unwrap().success());

    let mut seen = [0; 3];
    for ((group, user), standing) in &ordered {
        let member = sim.member(*group, *user);
        let muted = member.status == Status::Restricted && !member.may("can_send_messages");
        let (expected, which) = match standing.values().max() {
            Some(true) => (member.status == Status::Kicked, 2),
            Some(false) => (muted, 1),
            None => {
                let free = !matches!(member.status, Status::Kicked | Status::Restricted);
                (free, 0)
            }
        };
        seen[which] += 1;
        assert!(
            expected,
            "{user} in {group}: ordered {standing:?}, is {member:?}\n{}",
            calls(&world, *group, *user)
        );
        let sql = format!(
            "SELECT count(*) FROM restrictions WHERE chat = {group} AND subject = {user} AND state = 0"
        );
        assert_eq!(number(&world, &sql), standing.len() as i64);
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
    assert_eq!(
        number(&world, "SELECT count(*) FROM outbox WHERE state > 2"),
        0
    );
    // Everybody who came was let in once.
    let open = "SELECT count(*) FROM admissions WHERE outcome IS NULL";
    assert_eq!(number(&world, open), 0);
}
