//! The scene with cards: a group in *suggest*, where nothing goes without a tap, and the way back.
use std::time::Duration;

use anyhow::ensure;

use super::screen::Screen;
use super::stage::Theatre;
use crate::config::Mode;
use crate::telegram::simulator::{ChatId, SimMessage, Simulator, UserId};

/// The longest a card or an answer may take before the demo calls it a fault.
const PATIENCE: Duration = Duration::from_secs(30);
const SPAM: &str = "Earn $700 a day from home! No experience needed, only 2 hours daily. Write me in private: @easy_income_now";

/// A group, its log chat, and two who look after both.
pub(super) struct Club {
    pub(super) group: ChatId,
    pub(super) log: ChatId,
    pub(super) nora: UserId,
    pub(super) vera: UserId,
}

/// A group called so, in *suggest*, with its log chat.
pub(super) async fn found(theatre: &Theatre, title: &'static str) -> anyhow::Result<Club> {
    let sim = &theatre.sim;
    let (group, log) = (
        sim.supergroup(title),
        sim.supergroup(&format!("{title} moderators")),
    );
    let (nora, vera) = (sim.owner(group), sim.user("Vera"));
    sim.set_user(nora, &serde_json::json!({ "first_name": "Nora" }));
    sim.add_bot_admin(group);
    sim.promote(
        group,
        vera,
        &["can_delete_messages", "can_restrict_members"],
    );
    sim.add_bot_admin(log);
    for user in [nora, vera] {
        sim.join(log, user);
    }
    sim.promote(log, nora, &["can_change_info"]);
    // The group is known once the bot's arrival there is on disk.
    let known = async {
        while !theatre.community.set_mode(group, Mode::Suggest).await? {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, known).await??;
    sim.say(log, nora, "/log");
    let ready = move |s: &Simulator| s.bot_messages(log).iter().any(|m| m.text().contains(title));
    ensure!(sim.wait_until(ready, PATIENCE).await, "no log chat");
    Ok(Club {
        group,
        log,
        nora,
        vera,
    })
}

/// The newest message of the bot in `chat` that holds `words`.
pub(super) async fn wait(
    sim: &Simulator,
    chat: ChatId,
    words: &'static str,
) -> anyhow::Result<SimMessage> {
    let has = move |m: &SimMessage| m.text().contains(words);
    let there = move |s: &Simulator| s.bot_messages(chat).iter().any(has);
    ensure!(
        sim.wait_until(there, PATIENCE).await,
        "no “{words}” within 30 s"
    );
    let mut all = sim.bot_messages(chat).into_iter().filter(has);
    all.next_back()
        .ok_or_else(|| anyhow::anyhow!("“{words}” is gone again"))
}

/// Presses the button of that label, and shows what is answered.
pub(super) async fn tap(
    (sim, screen): (&Simulator, &Screen),
    card: &SimMessage,
    (user, who): (UserId, &str),
    label: &str,
) -> anyhow::Result<()> {
    let button = card.buttons().into_iter().find(|b| b.text == label);
    let data = button.and_then(|b| b.data).unwrap_or_default();
    let id = sim.press(card.chat_id, card.message_id, user, &data);
    let asked = id.clone();
    let answered = move |s: &Simulator| s.callback_answer(&asked).is_some();
    ensure!(
        sim.wait_until(answered, PATIENCE).await,
        "no answer to [{label}]"
    );
    let said = sim.callback_answer(&id).map(|a| a.text).unwrap_or_default();
    screen.tap(who, label, &said);
    Ok(())
}

/// Plays it; true when everything went as it should.
pub(super) async fn play(theatre: &Theatre, screen: &Screen) -> anyhow::Result<bool> {
    let sim = &theatre.sim;
    let club = found(theatre, "Book club").await?;
    screen.aside(
        "“Book club” is in mode suggest. Nora owns it; she sent /log in “Book club moderators”.",
    );
    let kevin = sim.user("Kevin");
    sim.join(club.group, kevin);
    let spam = sim.say(club.group, kevin, SPAM);
    screen.aside(&format!("Kevin writes into the group: {SPAM}"));
    let card = wait(sim, club.log, "This looks like spam").await?;
    let gone = move |s: &Simulator| s.deleted(club.group).iter().any(|m| m.message_id == spam);
    let stood = !gone(sim);
    screen.card(
        "Beadle shows a card to the moderators; nothing changed in the group:",
        &card,
    );
    tap((sim, screen), &card, (kevin, "Kevin"), "Spam").await?;
    tap((sim, screen), &card, (club.vera, "Vera"), "Spam").await?;
    let removed = sim.wait_until(gone, PATIENCE).await;
    let decided = wait(sim, club.log, "Vera decided").await?;
    screen.aside("The message is gone. The card now ends with who decided and when.");
    tap((sim, screen), &card, (club.nora, "Nora"), "Not spam").await?;
    tap((sim, screen), &decided, (club.nora, "Nora"), "Take it back").await?;
    let apology = wait(sim, club.group, "by mistake").await?;
    screen.card("Beadle says in the group:", &apology);
    Ok(stood && removed)
}
