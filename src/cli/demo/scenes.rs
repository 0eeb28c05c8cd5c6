//! The scenes of the tour. Words are made up; the tricks are those of real spam.
use serde_json::{Value, json};

use super::screen::Screen;
use super::stage::Theatre;
use crate::telegram::simulator::UserId;

/// What one line of a scene does.
pub(super) enum Line {
    /// A regular says something ordinary.
    Talk(usize, &'static str),
    /// A stranger says something.
    Stranger(usize, &'static str),
    /// A stranger posts a message with these fields.
    Crafted(usize, fn() -> Value),
    /// A stranger says the first, and later edits it into the second.
    EditedInto(usize, &'static str, &'static str),
}

/// One scene: a few lines, and whether Beadle should remove each.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) lines: &'static [(Line, bool)],
}

/// All scenes, in the order of the tour.
pub(super) const ALL: &[Scene] = &[
    Scene {
        name: "talk",
        title: "Ordinary talk, which nobody should be bothered for",
        lines: &[
            (
                Line::Talk(
                    0,
                    "Morning all! First frost last night, did anyone cover the beans?",
                ),
                false,
            ),
            (
                Line::Talk(
                    1,
                    "Mine are under fleece. I paid 12 euros for ten metres at the market, well worth it.",
                ),
                false,
            ),
            (
                Line::Talk(2, "Кто-нибудь знает, когда в этом году привезут компост?"),
                false,
            ),
            (
                Line::Talk(
                    3,
                    "The town page says Thursday: https://example.org/compost",
                ),
                false,
            ),
            (
                Line::Stranger(
                    4,
                    "Hi, I'm new here. We just got plot 14, what grows well in clay?",
                ),
                false,
            ),
        ],
    },
    Scene {
        name: "plain",
        title: "Spam in plain words, English and Russian",
        lines: &[
            (
                Line::Stranger(
                    0,
                    "Earn $500 a day from home! No experience needed, only 2 hours daily. Write me in private: @easy_income_now",
                ),
                true,
            ),
            (
                Line::Stranger(
                    1,
                    "Ищу людей на удалённую работу! Доход от 150$ в день, 1-2 часа, опыт не нужен. Пишите + в личные сообщения",
                ),
                true,
            ),
        ],
    },
    Scene {
        name: "homoglyph",
        title: "Letters swapped for look-alikes of another script",
        lines: &[(
            Line::Stranger(
                2,
                "\u{0415}arn m\u{043e}ney f\u{0430}st with cryp\u{0442}\u{043e} sign\u{0430}ls, guar\u{0430}nteed pr\u{043e}fit 300% a week, j\u{043e}in n\u{043e}w: t.me/+fastprofit",
            ),
            true,
        )],
    },
    Scene {
        name: "quoted",
        title: "Innocent words, the spam is quoted from another chat",
        lines: &[(Line::Crafted(3, quoted), true)],
    },
    Scene {
        name: "button",
        title: "Hidden in a button under the message",
        lines: &[(Line::Crafted(3, button), true)],
    },
    Scene {
        name: "edited",
        title: "A harmless message, edited into spam later",
        lines: &[(
            Line::EditedInto(
                2,
                "Lovely tomatoes, Marta!",
                "Crypto giveaway today only! Send 0.1 ETH and get 0.2 back, guaranteed profit: https://t.me/+doubleyourcoins",
            ),
            true,
        )],
    },
    Scene {
        name: "cards",
        title: "In suggest nothing goes without a tap: a card, two moderators, the way back",
        // Not lines in the demo's group: `cards` plays it in one of its own.
        lines: &[],
    },
    Scene {
        name: "moderation",
        title: "From the door to the appeal: a card, a raid on one card, a ban taken back",
        // As above: `order` plays it.
        lines: &[],
    },
    Scene {
        name: "gate",
        title: "The door: members of a channel only, and nobody locked out",
        // As above: `door` plays it.
        lines: &[],
    },
];

fn quoted() -> Value {
    json!({
        "text": "look what I found",
        "external_reply": {
            "origin": {
                "type": "channel", "date": 1_790_000_000, "message_id": 77,
                "chat": { "id": -1_009_876_543_210_i64, "type": "channel", "title": "CASINO BONUS 500%" },
            },
            "chat": { "id": -1_009_876_543_210_i64, "type": "channel", "title": "CASINO BONUS 500%" },
            "message_id": 77,
        },
        "quote": {
            "text": "Casino bonus 500% for everybody! Register with promo code LUCKY and withdraw your win today: https://casino-lucky.example/bonus",
            "position": 0,
            "entities": [{ "type": "url", "offset": 91, "length": 35 }],
        },
    })
}

fn button() -> Value {
    json!({
        "text": "Good evening, friends!",
        "via_bot": { "id": 8_000_000_123_i64, "is_bot": true, "first_name": "Poster", "username": "poster_ad_bot" },
        "reply_markup": { "inline_keyboard": [[
            { "text": "🎁 Earn $300 a day, no experience needed", "url": "https://t.me/+easymoneynow" },
        ]] },
    })
}

/// The scene of that name.
pub(super) fn by_name(name: &str) -> Option<&'static Scene> {
    ALL.iter().find(|s| s.name == name)
}

/// Plays a scene; true when Beadle did what the scene expects.
pub(super) async fn play(
    scene: &Scene,
    theatre: &Theatre,
    screen: &Screen,
) -> anyhow::Result<bool> {
    screen.scene(scene);
    if scene.name == "cards" {
        return super::cards::play(theatre, screen).await;
    }
    if scene.name == "moderation" {
        return super::order::play(theatre, screen).await;
    }
    if scene.name == "gate" {
        return super::door::play(theatre, screen).await;
    }
    let mut good = true;
    for (line, removed) in scene.lines {
        good &= act(line, *removed, theatre, screen).await?;
    }
    Ok(good)
}

async fn act(
    line: &Line,
    removed: bool,
    theatre: &Theatre,
    screen: &Screen,
) -> anyhow::Result<bool> {
    let (sim, group) = (&theatre.sim, theatre.group);
    let stranger = |i: usize| -> UserId {
        let user = theatre.cast.strangers[i].0;
        if !sim.member(group, user).present {
            sim.join(group, user);
        }
        user
    };
    let (user, message, edit) = match line {
        Line::Talk(i, text) => {
            let user = theatre.cast.regulars[*i].0;
            (user, sim.say(group, user, text), false)
        }
        Line::Stranger(i, text) => {
            let user = stranger(*i);
            (user, sim.say(group, user, text), false)
        }
        Line::Crafted(i, fields) => {
            let user = stranger(*i);
            (user, sim.post(group, user, fields()), false)
        }
        Line::EditedInto(i, first, then) => {
            let user = stranger(*i);
            let message = sim.say(group, user, first);
            let kept = theatre.verdict(message, false).await?;
            screen.line(theatre, user, message, &kept, false).await;
            sim.edit(group, message, then);
            (user, message, true)
        }
    };
    let kept = theatre.verdict(message, edit).await?;
    let gone = if removed || kept.removes() {
        theatre.disappears(message).await
    } else {
        false
    };
    screen.line(theatre, user, message, &kept, gone).await;
    Ok(gone == removed)
}

/// Scenes as the page offers them: one press plays the first line that is not ordinary talk.
pub(super) async fn try_on(name: &str, theatre: &Theatre) -> bool {
    let Some(scene) = by_name(name) else {
        return false;
    };
    let (sim, group) = (&theatre.sim, theatre.group);
    for (line, _) in scene.lines {
        match line {
            Line::Talk(i, text) => {
                sim.say(group, theatre.cast.regulars[*i].0, text);
            }
            Line::Stranger(_, text) => {
                sim.say(group, newcomer(theatre), text);
            }
            Line::Crafted(_, fields) => {
                sim.post(group, newcomer(theatre), fields());
            }
            Line::EditedInto(_, first, then) => {
                let message = sim.say(group, newcomer(theatre), first);
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
                sim.edit(group, message, then);
            }
        }
    }
    true
}

/// Somebody who joins just now.
pub(super) fn newcomer(theatre: &Theatre) -> UserId {
    const NAMES: [&str; 6] = ["Sam", "Ира", "Alex", "Nina", "Олег", "Kim"];
    let user = theatre.sim.user("…");
    let name = NAMES[usize::try_from(user.rem_euclid(6)).unwrap_or(0)];
    theatre.sim.set_user(user, &json!({ "first_name": name }));
    theatre.sim.join(theatre.group, user);
    user
}
