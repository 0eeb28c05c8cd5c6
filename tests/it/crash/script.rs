//! What people do in a round, made up from a seed, and what must come of it.
use beadle::base::random::{Random as _, SeededRandom};

/// Groups of a world.
pub(super) const GROUPS: usize = 3;
/// People who talk in every group, and to the bot in private.
pub(super) const REGULARS: usize = 4;
/// Replies asked for in one group: Telegram takes one message a second there.
const REPLIES: usize = 2;

/// What somebody does. `of` is the place in the script of the message it is about.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Ordinary talk of a regular.
    Talk {
        group: usize,
        who: usize,
        text: String,
    },
    /// A stranger joins and says something.
    Stranger { group: usize, text: String },
    /// Its author changes a message.
    Edit { of: usize, text: String },
    /// A command that is answered, in a group or in private.
    Command {
        group: Option<usize>,
        who: usize,
        text: &'static str,
    },
    /// `/why` as an answer to a message.
    Why { of: usize, who: usize },
    /// The button under a note about a message.
    Press { of: usize, who: usize },
    /// Somebody comes in and says nothing.
    Join { group: usize },
    /// A reaction, which changes nothing.
    React { of: usize, who: usize },
}

/// A round's acts, and which of them end in a removed message.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) acts: Vec<Act>,
    /// Places of messages that must be gone at the end.
    pub(super) doomed: Vec<usize>,
}

/// Where a message of the script stands.
struct Said {
    at: usize,
    group: usize,
    by_stranger: bool,
    final_form: bool,
}

/// About `length` acts.
pub(super) fn write(seed: u64, length: usize) -> Script {
    let chance = SeededRandom::new(seed);
    let roll = |n: usize| usize::try_from(chance.below(n as u64)).unwrap();
    let mut acts = Vec::new();
    let mut doomed = Vec::new();
    let mut said: Vec<Said> = Vec::new();
    let mut replies = [0; GROUPS];
    // Each group has a removal, whatever the dice say.
    let mut spam_due: Vec<usize> = (0..GROUPS).collect();
    while acts.len() < length || !spam_due.is_empty() {
        let at = acts.len();
        let (group, who) = (roll(GROUPS), roll(REGULARS));
        let open: Vec<usize> = (0..said.len())
            .filter(|&i| !said[i].final_form && said[i].group == group)
            .collect();
        let some = (!open.is_empty()).then(|| open[roll(open.len().max(1))]);
        let dice = if acts.len() >= length { 60 } else { roll(100) };
        let act = match (dice, some) {
            (0..=41, _) => {
                said.push(Said {
                    at,
                    group,
                    by_stranger: false,
                    final_form: false,
                });
                Act::Talk {
                    group,
                    who,
                    text: talk(group, roll(8), at),
                }
            }
            (42..=51, _) => {
                said.push(Said {
                    at,
                    group,
                    by_stranger: true,
                    final_form: false,
                });
                Act::Stranger {
                    group,
                    text: format!("Lovely tomatoes on plot {at}, Marta! {}", TAILS[group]),
                }
            }
            (52..=65, _) => {
                let group = spam_due.pop().unwrap_or(group);
                said.push(Said {
                    at,
                    group,
                    by_stranger: true,
                    final_form: true,
                });
                doomed.push(at);
                Act::Stranger {
                    group,
                    text: spam(group, at),
                }
            }
            (66..=71, Some(i)) if said[i].by_stranger => {
                said[i].final_form = true;
                doomed.push(said[i].at);
                let text = edited_in(group, at);
                Act::Edit {
                    of: said[i].at,
                    text,
                }
            }
            (66..=75, Some(i)) => Act::Edit {
                of: said[i].at,
                text: format!("{} (meant for plot {at})", talk(group, roll(8), at)),
            },
            (76..=80, _) if replies[group] < REPLIES => {
                replies[group] += 1;
                Act::Command {
                    group: Some(group),
                    who,
                    text: ["/help", "/start"][roll(2)],
                }
            }
            (76..=84, _) => Act::Command {
                group: None,
                who,
                text: ["/start", "/help"][roll(2)],
            },
            (85..=87, Some(i)) if replies[group] < REPLIES => {
                replies[group] += 1;
                Act::Why {
                    of: said[i].at,
                    who,
                }
            }
            (85..=92, _) if !said.is_empty() => Act::Press {
                of: said[roll(said.len())].at,
                who,
            },
            (93..=95, Some(i)) => Act::React {
                of: said[i].at,
                who,
            },
            _ => Act::Join { group },
        };
        acts.push(act);
    }
    Script { acts, doomed }
}

/// Each group has its own way to talk: what goes round in several groups counts too, and which of them is first is
/// nobody's promise.
const TAILS: [&str; GROUPS] = [
    "On the east side, where the old pear trees and the green pump stand, nobody minds a short walk before supper.",
    "У нас за колодцем, возле старого сарая и длинных грядок с капустой, всё по-прежнему тихо и спокойно.",
    "Jonas sweeps the glass roof again this afternoon; bring gloves, mugs and that ladder which Olga mended in spring.",
];

fn talk(group: usize, kind: usize, at: usize) -> String {
    let said = match kind {
        0 => format!("Morning all! First frost on plot {at}, did anyone cover the beans?"),
        1 => format!("I paid {at} euros for fleece at the market, well worth it."),
        2 => format!("Кто-нибудь знает, когда привезут компост на участок {at}?"),
        3 => format!("The key of shed {at} hangs behind the door again."),
        4 => format!("ok {at}"),
        5 => format!("The town page says Thursday: https://example.org/compost/{at}"),
        // The same words again and again: what counts as repeated must not depend on crashes.
        _ => "Does anybody know whether the water will be turned on tomorrow?".to_owned(),
    };
    match kind {
        4 => said,
        _ => format!("{said} {}", TAILS[group]),
    }
}

/// Each group has its own: what was spam in another group counts too, and which of two groups is first is
/// nobody's promise.
fn spam(group: usize, at: usize) -> String {
    match group {
        0 => format!(
            "Earn ${at}50 a day from home! No experience needed, only 2 hours daily. \
             Write me in private: @easy_income_{at}"
        ),
        1 => format!(
            "Ищу людей на удалённую работу! Доход от {at}50$ в день, 1-2 часа, опыт не нужен. \
             Пишите + в личные сообщения"
        ),
        _ => format!(
            "Earn money fast with crypto signals, guaranteed profit 300% a week, join now: \
             t.me/+fastprofit{at}"
        ),
    }
}

/// What a harmless message becomes; each group has its own, as above.
fn edited_in(group: usize, at: usize) -> String {
    match group {
        0 => format!(
            "Crypto giveaway today only! Send 0.{at} ETH and get twice as much back, \
             guaranteed profit: https://t.me/+doubleyourcoins{at}"
        ),
        1 => format!(
            "Заработок без вложений! {at}00 рублей за два часа в день, опыт не нужен, пишите в личные \
             сообщения: https://t.me/+legkiydohod{at}"
        ),
        _ => format!(
            "Need money now? Work from home, ${at}0 an hour, no experience needed, everybody is paid daily. \
             Write me in private: https://t.me/+workandcash{at}"
        ),
    }
}
