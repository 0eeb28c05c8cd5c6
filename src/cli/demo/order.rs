//! The scene of a newcomer's whole way: joins, posts, is judged, a card, a tap, learned; then a raid, and an appeal.
use std::time::Duration;

use anyhow::ensure;

use super::cards::{found, tap, wait};
use super::screen::Screen;
use super::stage::Theatre;
use crate::telegram::simulator::{SimMessage, Simulator, Status, UserId};

/// The longest a step may take before the demo calls it a fault.
const PATIENCE: Duration = Duration::from_secs(20);
const SPAM: &str = "Remote work with documents, from $300 a day, no experience needed, two hours. Write me in private: @documents_team";
/// Who raids.
const RAIDERS: [&str; 4] = ["Anna K", "Boris L", "Clara M", "Denis N"];

/// Plays it; true when everything went as it should.
pub(super) async fn play(theatre: &Theatre, screen: &Screen) -> anyhow::Result<bool> {
    let sim = &theatre.sim;
    let club = found(theatre, "Chess club").await?;
    let (vera, nora) = ((club.vera, "Vera"), (club.nora, "Nora"));
    let stands = |user: UserId, status: Status| {
        let group = club.group;
        move |s: &Simulator| s.member(group, user).status == status
    };
    let kevin = sim.user("Kevin");
    sim.private(kevin, "/start");
    sim.join(club.group, kevin);
    let spam = sim.say(club.group, kevin, SPAM);
    screen.aside(&format!("Kevin joins “Chess club” and writes: {SPAM}"));
    let card = wait(sim, club.log, "This looks like spam").await?;
    screen.card("The moderators are shown a card:", &card);
    tap((sim, screen), &card, vera, "Ban").await?;
    let banned = sim
        .wait_until(stands(kevin, Status::Kicked), PATIENCE)
        .await;
    let group = club.group;
    let gone = move |s: &Simulator| s.deleted(group).iter().any(|m| m.message_id == spam);
    let removed = sim.wait_until(gone, PATIENCE).await;
    screen.aside(
        "Kevin is banned and his message gone. Beadle has learned what was called spam here.",
    );

    let mut raiders = Vec::new();
    for (n, name) in RAIDERS.iter().enumerate() {
        let user = sim.user(name);
        sim.join(club.group, user);
        sim.say(club.group, user, &format!("{SPAM} {n}"));
        raiders.push(user);
    }
    screen.aside("Four accounts join and post nearly the same. They are one card:");
    let raid = wait(sim, club.log, "they are of 4 people").await?;
    screen.card("", &raid);
    tap((sim, screen), &raid, vera, "Ban").await?;
    let sure = labelled(sim, &raid, "Yes, ban all 4").await?;
    tap((sim, screen), &sure, vera, "Yes, ban all 4").await?;
    let mut all = true;
    for user in raiders {
        all &= sim.wait_until(stands(user, Status::Kicked), PATIENCE).await;
    }

    let letter = wait(sim, kevin, "Chess club").await?;
    screen.card("Kevin was told in private:", &letter);
    tap(
        (sim, screen),
        &letter,
        (kevin, "Kevin"),
        "This is a mistake",
    )
    .await?;
    let appeal = wait(sim, club.log, "Somebody appeals").await?;
    screen.card("Whoever did not decide may look again:", &appeal);
    tap((sim, screen), &appeal, vera, "Grant, undo").await?;
    tap((sim, screen), &appeal, nora, "Grant, undo").await?;
    let free = move |s: &Simulator| s.member(group, kevin).status != Status::Kicked;
    let freed = sim.wait_until(free, PATIENCE).await;
    Ok(banned && removed && all && freed)
}

/// The message as it is once it has a button of that label.
async fn labelled(sim: &Simulator, card: &SimMessage, label: &str) -> anyhow::Result<SimMessage> {
    let (chat, id) = (card.chat_id, card.message_id);
    let find = |s: &Simulator| {
        let all = s.bot_messages(chat).into_iter();
        let mut own = all.filter(|m| m.message_id == id);
        own.find(|m| m.buttons().iter().any(|b| b.text == label))
    };
    ensure!(
        sim.wait_until(|s| find(s).is_some(), PATIENCE).await,
        "no button [{label}]"
    );
    find(sim).ok_or_else(|| anyhow::anyhow!("[{label}] is gone again"))
}
