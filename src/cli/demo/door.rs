//! The scene of the door: a group for members of a channel only.
use std::time::Duration;

use anyhow::ensure;

use super::cards::{tap, wait};
use super::screen::Screen;
use super::stage::Theatre;
use crate::telegram::simulator::{Simulator, Status, UserId};

/// The longest a step may take before the demo calls it a fault.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays it; true when everything went as it should.
pub(super) async fn play(theatre: &Theatre, screen: &Screen) -> anyhow::Result<bool> {
    let sim = &theatre.sim;
    let (group, channel) = (sim.supergroup("Choir"), sim.channel("Choir news"));
    sim.set_chat(channel, &serde_json::json!({ "username": "choirnews" }));
    let olga = sim.owner(group);
    sim.add_bot_admin(group);
    sim.add_bot_admin(channel);
    sim.say(group, olga, "/protect @choirnews");
    screen.aside("Olga owns “Choir” and sends /protect @choirnews there.");
    let on = wait(sim, group, "Protection activated!").await?;
    screen.card("Beadle answers:", &on);
    let held = |user: UserId| {
        move |s: &Simulator| {
            let member = s.member(group, user);
            member.status == Status::Restricted && !member.may("can_send_messages")
        }
    };
    let free = |user: UserId| move |s: &Simulator| s.member(group, user).status == Status::Member;
    let (pavel, nina) = (sim.user("Pavel"), sim.user("Nina"));
    sim.join(group, pavel);
    sim.join(group, nina);
    for user in [pavel, nina] {
        ensure!(sim.wait_until(held(user), PATIENCE).await, "not held");
    }
    let prompt = wait(sim, group, "please join").await?;
    screen.card(
        "Pavel and Nina join. They may read, and see one prompt:",
        &prompt,
    );
    let button = "I have joined";
    tap((sim, screen), &prompt, (pavel, "Pavel"), button).await?;
    sim.join(channel, pavel);
    let first = sim.wait_until(free(pavel), PATIENCE).await;
    screen
        .aside("Pavel joins the channel: Telegram tells, and he may write without another press.");
    sim.join_in_silence(channel, nina);
    screen.aside("Nina joins it too, but that word is lost on the way. She presses:");
    tap((sim, screen), &prompt, (nina, "Nina"), button).await?;
    let second = sim.wait_until(free(nina), PATIENCE).await;
    tap((sim, screen), &prompt, (olga, "Olga"), button).await?;
    let hello = sim.say(group, nina, "Hello! I sing alto, when do you rehearse?");
    sim.leave(channel, pavel);
    screen.aside("Nina writes, and it stands. Pavel leaves the channel.");
    // Which of two chats Beadle hears first is not known; once it has heard, his words go.
    let mut gone = false;
    for n in 0..20 {
        if held(pavel)(sim) {
            gone = true;
            break;
        }
        sim.say(
            group,
            pavel,
            &format!("What did I miss at rehearsal number {n}?"),
        );
        gone = sim.wait_until(held(pavel), Duration::from_secs(1)).await;
        if gone {
            break;
        }
    }
    screen.aside("His next message goes, and he is asked again.");
    let stands = !sim.deleted(group).iter().any(|m| m.message_id == hello);
    Ok(first && second && gone && stands)
}
