//! A day of a large group, played in a minute: what Beadle removed, what it showed to people, what it said.
mod desk;
mod script;
mod tactics;
mod town;
mod words;

use std::time::{Duration, Instant};

use serde_json::json;

use super::DayArgs;
use super::intake::Scratch;
use super::report::{Report, percentile};
use crate::base::clock::Millis;
use crate::base::random::SeededRandom;
use desk::Desk;
use script::{DAY, Deed, Size};
use tactics::Trace;
use town::Town;

/// What happens within so long is told to Beadle at once.
const STEP: Millis = 20_000;
/// How often a moderator looks at the cards.
const LOOK: Millis = 600_000;
/// What Beadle says and need not stay is gone after this.
const FADED: Millis = 2 * 3_600_000;
/// How long is waited for that, in real time.
const FADING: Duration = Duration::from_secs(20);

pub(super) async fn run(args: &DayArgs, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new(args.dir.as_deref())?;
    let began = Instant::now();
    let size = Size::of(args.messages);
    let day = script::write(args.seed, size);
    let chance = SeededRandom::new(args.seed ^ 0x5eed);
    let town = Town::settle_down(&scratch.dir("day"), size, &chance).await?;
    let mut desk = Desk::default();
    let mut traces = vec![Trace::default(); tactics::ALL.len()];
    // What the days before brought is not counted.
    desk.clear(&town, &traces).await?;
    let before = lasting(&town);
    let (mut said, mut held) = (0_usize, 0_usize);
    let (mut now, mut looked) = (0, 0);
    for (at, deed) in day {
        if at - now >= STEP {
            town.rest().await?;
            desk.look(&town, &traces, false);
            town.clock.shift(at - now);
            now = at;
        }
        if at - looked >= LOOK {
            town.rest().await?;
            desk.look(&town, &traces, false);
            desk.work(&town, &traces).await?;
            desk.look(&town, &traces, true);
            looked = at;
        }
        match deed {
            Deed::Say(who, words) => {
                let sent = town.sim.say(town.group, town.user(who), &words) != 0;
                said += usize::from(sent);
                held += usize::from(!sent);
            }
            Deed::Join(n) => {
                town.sim
                    .join(town.group, town.user(script::Who::Newcomer(n)));
            }
            Deed::Giveaway => give_away(&town),
            Deed::Spam(n, step) => tactics::ALL[n].play(&town, &mut traces[n], step),
        }
    }
    town.rest().await?;
    desk.look(&town, &traces, false);
    town.clock.shift((DAY - now).max(0) + FADED);
    faded(&town).await?;
    desk.work(&town, &traces).await?;
    desk.look(&town, &traces, true);
    let lasting = lasting(&town).saturating_sub(before);
    tell(report, &town, &desk, &traces, (said, held, lasting));
    report.row("time it took", began.elapsed().as_secs_f64(), "s", None);
    town.app.stop().await;
    town.sim.stop();
    Ok(())
}

/// An admin gives something away: what newcomers may not do.
fn give_away(town: &Town) {
    let chat = json!([{ "id": town.channel, "type": "channel", "title": "Our town, news" }]);
    town.sim.post(town.group, town.owner, json!({ "text":
        "Giveaway! Answer with a + until tonight and win one of 10 tickets for the museum, free of charge. 🎁" }));
    town.sim.post(town.group, town.owner, json!({
        "giveaway": { "chats": chat, "winners_selection_date": 1_800_000_000, "winner_count": 10, "prize_description": "tickets for the museum" },
    }));
}

fn lasting(town: &Town) -> usize {
    let all = town.sim.bot_messages(town.group);
    all.iter().filter(|m| m.receiver.is_none()).count()
}

/// Waits until Beadle has taken back what need not stay.
async fn faded(town: &Town) -> anyhow::Result<()> {
    let (start, mut left, mut since) = (Instant::now(), lasting(town), Instant::now());
    while start.elapsed() < FADING && since.elapsed() < FADING / 4 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = lasting(town);
        if now != left {
            (left, since) = (now, Instant::now());
        }
    }
    town.rest().await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn tell(
    report: &mut Report,
    town: &Town,
    desk: &Desk,
    traces: &[Trace],
    (said, held, lasting): (usize, usize, usize),
) {
    let at_most = |n: f64| Some((true, n));
    report.row(
        "messages of people who are no spammers",
        said as f64,
        "",
        None,
    );
    report.row(
        "of those that Telegram did not let them say",
        held as f64,
        "",
        None,
    );
    report.row("people who joined", town.newcomers.len() as f64, "", None);
    report.row("of those greeted by name", town.greeted() as f64, "", None);
    let spam: Vec<i64> = traces.iter().flat_map(|t| t.messages.clone()).collect();
    report.row("messages of spammers", spam.len() as f64, "", None);
    for (tactic, trace) in tactics::ALL.iter().zip(traces) {
        let how = desk.caught(town, trace);
        report.outcome(&format!("tactic: {}", tactic.name), how);
    }
    let spammers: Vec<i64> = traces.iter().flat_map(|t| t.people.clone()).collect();
    let author = |id: &i64| {
        town.sim
            .deleted(town.group)
            .iter()
            .find(|m| m.message_id == *id)
            .and_then(|m| m.from())
    };
    let by_regulars = desk
        .removed
        .keys()
        .filter_map(author)
        .filter(|u| town.regulars.contains(u));
    let regulars = desk
        .treated
        .keys()
        .filter(|u| town.regulars.contains(u))
        .count()
        + by_regulars.count();
    report.row("regulars treated", regulars as f64, "", at_most(0.0));
    report.row(
        "lasting messages by Beadle in the group",
        lasting as f64,
        "",
        at_most(10.0),
    );
    report.row("cards", desk.cards.len() as f64, "", at_most(30.0));
    let wrong = desk
        .cards
        .values()
        .filter(|c| !traces.iter().any(|t| desk::is_about(c, t)));
    report.row(
        "cards about what is no spam",
        wrong.count() as f64,
        "",
        None,
    );
    let mut taps: Vec<f64> = desk.taps.iter().map(|n| *n as f64).collect();
    taps.sort_by(f64::total_cmp);
    report.row("decisions on cards", taps.len() as f64, "", None);
    report.row(
        "taps per decision, median",
        percentile(&taps, 0.5),
        "",
        at_most(2.0),
    );
    let alone = |tapped: &&bool| !**tapped;
    let all =
        desk.removed.values().filter(alone).count() + desk.treated.values().filter(alone).count();
    let right = desk
        .removed
        .iter()
        .filter(|(id, tapped)| !**tapped && spam.contains(id))
        .count()
        + desk
            .treated
            .iter()
            .filter(|(user, tapped)| !**tapped && spammers.contains(user))
            .count();
    report.row("treatments without a tap", all as f64, "", None);
    let precision = if all == 0 {
        f64::NAN
    } else {
        right as f64 * 100.0 / all as f64
    };
    report.row(
        "precision of treatments without a tap",
        precision,
        "%",
        Some((false, 99.0)),
    );
}
