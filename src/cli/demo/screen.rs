//! The tour in the terminal.
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::scenes::Scene;
use super::stage::Theatre;
use super::view;
use crate::config::Env;
use crate::features::moderation::KeptVerdict;
use crate::telegram::simulator::{SimMessage, UserId};

/// Prints in colour at a terminal that wants it (no-color.org), plainly elsewhere.
pub(super) struct Screen {
    colour: bool,
    pause: Duration,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

impl Screen {
    pub(super) fn new(env: &Env) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let pause = if terminal {
            Duration::from_millis(350)
        } else {
            Duration::ZERO
        };
        Self {
            colour: terminal && env.get("NO_COLOR").is_none(),
            pause,
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn opening(&self, theatre: &Theatre) {
        println!("{}", self.paint(BOLD, "Beadle demo"));
        println!(
            "A group called “{}” on a Bot API simulator; nothing leaves this machine.",
            theatre.title
        );
        let names: Vec<_> = theatre
            .cast
            .regulars
            .iter()
            .map(|(_, name)| *name)
            .collect();
        println!(
            "In it: Olga (owner), {}, and @beadle_demo_bot as an admin, polling.",
            names.join(", ")
        );
        println!(
            "The group is in act mode, so that you see removals. Real groups begin with suggest,"
        );
        println!("in which Beadle changes nothing.");
    }

    pub(super) fn scene(&self, scene: &Scene) {
        println!(
            "\n{} {}",
            self.paint(BOLD, scene.title),
            self.paint(DIM, &format!("({})", scene.name))
        );
    }

    /// What happens, told from outside.
    pub(super) fn aside(&self, words: &str) {
        println!("  {words}");
    }

    /// A message of Beadle's, with its buttons. When it was decided is left out, for it differs each time.
    pub(super) fn card(&self, title: &str, card: &SimMessage) {
        println!("  {}", self.paint(DIM, title));
        for line in card.text().lines() {
            println!("    │ {line}");
        }
        let buttons: Vec<String> = card
            .buttons()
            .iter()
            .map(|b| format!("[{}]", b.text))
            .collect();
        if !buttons.is_empty() {
            println!("    │ {}", self.paint(BOLD, &buttons.join(" ")));
        }
    }

    /// Somebody presses a button; what is answered.
    pub(super) fn tap(&self, who: &str, label: &str, answer: &str) {
        // The moment of a decision differs from show to show.
        let said = answer.split(", 20").next().unwrap_or(answer);
        println!("  {who} taps [{label}]: {}", self.paint(DIM, said));
    }

    pub(super) async fn line(
        &self,
        theatre: &Theatre,
        user: UserId,
        message: i64,
        kept: &KeptVerdict,
        gone: bool,
    ) {
        let name = theatre.name(user).unwrap_or("?");
        let said = theatre
            .sim
            .messages(theatre.group)
            .into_iter()
            .chain(theatre.sim.deleted(theatre.group));
        let said = said.into_iter().find(|m| m.message_id == message);
        let (text, extras) =
            said.map_or_else(Default::default, |m| (view::shown(&m), view::extras(&m)));
        let changed = if kept.edit { " (edited)" } else { "" };
        println!("  {}{changed}: {text}", self.paint(BOLD, name));
        for extra in extras {
            println!("      {}", self.paint(DIM, &extra));
        }
        let (colour, word) = match (kept.band.as_str(), gone) {
            (_, true) => (RED, "removed"),
            ("spam", false) => (RED, "spam"),
            ("review", false) => (YELLOW, "unsure, kept"),
            _ => (GREEN, "fine"),
        };
        let reasons: Vec<_> = kept
            .reasons
            .iter()
            .map(|r| format!("{} ({:+.1})", r.text.trim_end_matches('.'), r.weight))
            .collect();
        let why = if reasons.is_empty() {
            "nothing speaks against it".to_owned()
        } else {
            reasons.join("; ")
        };
        println!(
            "    → {} {} {why}",
            self.paint(colour, word),
            self.paint(DIM, &format!("score {:.2}:", kept.score))
        );
        tokio::time::sleep(self.pause).await;
    }

    pub(super) async fn closing(&self, theatre: &Theatre) -> anyhow::Result<()> {
        let removed = theatre.sim.deleted(theatre.group).len();
        let here = theatre.sim.messages(theatre.group);
        let notes: Vec<_> = here.iter().filter(|m| m.by_bot).collect();
        println!();
        for note in notes.iter().filter(|m| m.receiver.is_none()) {
            println!(
                "  {} says in the group: {}",
                self.paint(BOLD, "Beadle"),
                note.text()
            );
        }
        // One is enough to see what they look like.
        if let Some(whisper) = notes.iter().find(|m| m.receiver.is_some()) {
            println!(
                "  {} tells each author, in the group and seen by nobody else: {}",
                self.paint(BOLD, "Beadle"),
                whisper.text()
            );
        }
        let kept = here.iter().filter(|m| !m.by_bot && !m.text().is_empty());
        println!("{removed} messages removed, {} kept.", kept.count());
        Ok(())
    }

    pub(super) fn invitation(&self, addr: SocketAddr) {
        println!(
            "\nNow you: open {} in a browser and write into the group as anybody.",
            self.paint(BOLD, &format!("http://{addr}/demo"))
        );
        println!("Ctrl-C ends the demo and leaves nothing behind.");
    }
}
