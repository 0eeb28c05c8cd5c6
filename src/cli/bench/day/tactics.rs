//! How spam comes to large groups: one act, or a few, for each known tactic, in words of our own.
use serde_json::{Value, json};

use super::town::Town;
use crate::telegram::simulator::{SpeakAs, UserId};

/// One way in which spam comes.
pub(super) struct Tactic {
    pub(super) name: &'static str,
    /// Times it acts, and minutes between two of them.
    pub(super) steps: u8,
    pub(super) apart: i64,
    act: fn(&Town, &mut Trace, u8),
}

/// What a tactic did: by this it is known whether it was caught.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub(super) messages: Vec<i64>,
    pub(super) people: Vec<UserId>,
    /// Words by which a card about it is known where it names no person.
    pub(super) words: Vec<String>,
    /// Reactions it left.
    pub(super) reactions: usize,
    /// Whose name is the advertisement.
    pub(super) name: Option<(UserId, &'static str)>,
}

impl Trace {
    /// Somebody who joins and posts something.
    fn newcomer(&mut self, town: &Town, name: &str, fields: Value) -> UserId {
        let user = self.joins(town, name);
        self.posts(town, user, fields);
        user
    }

    fn joins(&mut self, town: &Town, name: &str) -> UserId {
        let user = self.arrives(town, name);
        town.sim.join(town.group, user);
        user
    }

    fn arrives(&mut self, town: &Town, name: &str) -> UserId {
        let user = town.sim.user(name);
        self.people.push(user);
        user
    }

    fn posts(&mut self, town: &Town, user: UserId, fields: Value) {
        self.words
            .extend(fields["text"].as_str().map(str::to_owned));
        self.words
            .extend(fields["caption"].as_str().map(str::to_owned));
        // 0: Telegram does not let them.
        let message = town.sim.post(town.group, user, fields);
        self.messages.extend((message != 0).then_some(message));
    }
}

impl Tactic {
    pub(super) fn play(&self, town: &Town, trace: &mut Trace, step: u8) {
        (self.act)(town, trace, step);
    }
}

const fn once(name: &'static str, act: fn(&Town, &mut Trace, u8)) -> Tactic {
    Tactic {
        name,
        steps: 1,
        apart: 0,
        act,
    }
}

const fn in_steps(
    name: &'static str,
    (steps, apart): (u8, i64),
    act: fn(&Town, &mut Trace, u8),
) -> Tactic {
    Tactic {
        name,
        steps,
        apart,
        act,
    }
}

/// All of them, in the order in which they come over the day.
pub(super) static ALL: &[Tactic] = &[
    once("naked ad", |town, trace, _| {
        trace.newcomer(town, "Monica", json!({ "text":
            "We hire 3 people for remote work! From $180 a day, two hours, no experience needed, 18+. Write me in private: @monica_hires" }));
    }),
    once("look-alike letters", |town, trace, _| {
        trace.newcomer(town, "Артём", json!({ "text":
            "Зap\u{430}6o\u{442}o\u{43a} \u{200b}нa кp\u{438}пт\u{43e}\u{200b}вaлюте, д\u{43e}x\u{43e}д oт 2\u{200b}00$ в день, oпыт нe нyжeн, пишитe в лс @artem_profit" }));
    }),
    once("short answer, advertising name", |town, trace, _| {
        let user = trace.arrives(town, "💰 Crypto signals t.me/+fastmoneyclub");
        town.sim.set_user(
            user,
            &json!({ "bio": "Earn 300% a week with my free signals: t.me/+fastmoneyclub" }),
        );
        town.sim.join(town.group, user);
        trace.posts(town, user, json!({ "text": "+" }));
    }),
    once("short answer, payload in the profile", |town, trace, _| {
        let user = trace.arrives(town, "Kristina");
        town.sim.set_user(
            user,
            &json!({ "bio": "My private photos and videos 18+ 👉 t.me/+kristinahot" }),
        );
        town.sim.join(town.group, user);
        trace.posts(town, user, json!({ "text": "interesting" }));
    }),
    in_steps("harmless, then edited", (2, 12), |town, trace, step| {
        if step == 0 {
            trace.newcomer(
                town,
                "Denis",
                json!({ "text": "Good morning, what a lovely day it is" }),
            );
        } else if let Some(message) = trace.messages.first() {
            let ad = "USDT giveaway today only! Send 50 and get 100 back, guaranteed profit: https://t.me/+doubleusdt";
            town.sim.edit(town.group, *message, ad);
            trace.words.push(ad.to_owned());
        }
    }),
    once("quoted from another chat", |town, trace, _| {
        let ad = "Casino bonus 400% for everybody! Register with the promo code SPRING and withdraw today: https://spring-casino.example/bonus";
        let chat = json!({ "id": -1_008_765_432_109_i64, "type": "channel", "title": "CASINO SPRING BONUS" });
        trace.newcomer(town, "Paul", json!({
            "text": "what do you think of this?",
            "external_reply": { "origin": { "type": "channel", "date": 1_790_000_000, "message_id": 12, "chat": chat }, "chat": chat, "message_id": 12 },
            "quote": { "text": ad, "position": 0 },
        }));
    }),
    once("forwarded from a hidden account", |town, trace, _| {
        trace.newcomer(town, "Vika", json!({
            "text": "Набираю команду! Пассивный доход от 5000 рублей в день, всё легально, подробности в личку @vika_team",
            "forward_origin": { "type": "hidden_user", "date": 1_790_000_000, "sender_user_name": "Лёгкие деньги" },
        }));
    }),
    once("buttons of an inline bot", |town, trace, _| {
        trace.newcomer(town, "Lena", json!({
            "text": "Hi everybody!",
            "via_bot": { "id": 8_000_000_321_i64, "is_bot": true, "first_name": "Poster", "username": "quick_poster_bot" },
            "reply_markup": { "inline_keyboard": [[{ "text": "🎁 Get $200 now, no deposit", "url": "https://t.me/+bonus200now" }]] },
        }));
    }),
    once("contact card", |town, trace, _| {
        trace.newcomer(town, "Igor", json!({
            "contact": { "phone_number": "+79990001122", "first_name": "Работа от 8000 в день", "last_name": "пиши в WhatsApp" },
        }));
    }),
    once("giveaway", |town, trace, _| {
        let user = trace.joins(town, "Max");
        let chats =
            json!([{ "id": -1_007_000_000_123_i64, "type": "channel", "title": "TON AIRDROP 🚀" }]);
        trace.posts(town, user, json!({
            "giveaway": { "chats": chats, "winners_selection_date": 1_800_000_000, "winner_count": 500, "prize_description": "1000 TON, join and send 1 TON to take part" },
        }));
    }),
    once("story of a channel", |town, trace, _| {
        trace.newcomer(town, "Rita", json!({
            "story": { "id": 4, "chat": { "id": -1_007_000_000_321_i64, "type": "channel", "title": "Invest with Rita: +300% in 7 days", "username": "rita_invest_x3" } },
        }));
    }),
    once("picture without words", |town, trace, _| {
        let user = trace.joins(town, "Sveta");
        let file = town.sim.file("ad.jpg", b"a picture");
        trace.posts(
            town,
            user,
            json!({ "photo": town.sim.media("photo", &file) }),
        );
    }),
    once("picture with a short caption", |town, trace, _| {
        let user = trace.joins(town, "Tim");
        let file = town.sim.file("offer.jpg", b"another picture");
        trace.posts(town, user, json!({ "photo": town.sim.media("photo", &file), "caption": "PM me 👉 @tim_easy_cash 💵" }));
    }),
    once("letters of custom emoji", |town, trace, _| {
        let words = "🅴🅰🆁🅽 💵💵💵 🅵🅰🆂🆃 👉👉";
        let mut entities = Vec::new();
        let mut at = 0;
        for c in words.chars() {
            if c != ' ' {
                entities.push(json!({ "type": "custom_emoji", "offset": at, "length": c.len_utf16(), "custom_emoji_id": format!("53{at:017}") }));
            }
            at += c.len_utf16();
        }
        trace.newcomer(town, "Yana", json!({ "text": words, "entities": entities }));
    }),
    in_steps("reactions only", (8, 2), |town, trace, step| {
        if step == 0 {
            let user = trace.arrives(town, "Hot Milana 18+ t.me/+milanavip");
            town.sim.set_user(
                user,
                &json!({ "bio": "Private channel 18+ 👉 t.me/+milanavip" }),
            );
            town.sim.join(town.group, user);
        }
        if let (Some(user), Some(message)) = (trace.people.first(), town.last_message()) {
            town.sim.react(town.group, message, *user, "🔥");
            trace.reactions += 1;
        }
    }),
    once("channel as the sender", |town, trace, _| {
        let channel = town.sim.channel("CRYPTO PUMP SIGNALS");
        let user = trace.joins(town, "Pump");
        let text = "Next pump in 30 minutes! Last time +420%, guaranteed profit, join now: https://t.me/+pumpnow";
        let message = town
            .sim
            .say_as(town.group, SpeakAs::Channel { user, channel }, text);
        trace.words.push(text.to_owned());
        trace.messages.extend((message != 0).then_some(message));
    }),
    once("first comment after a post", |town, trace, _| {
        let (_, copy) = town.sim.channel_post(
            town.channel,
            "The new timetable of the buses is out. What do you think?",
        );
        // Nobody joins to comment.
        let user = trace.arrives(town, "Julia 🔞");
        town.sim
            .set_user(user, &json!({ "bio": "My videos 🔞 t.me/+juliavideos" }));
        trace.posts(town, user, json!({ "reply_to": copy, "text": "Мои видео без цензуры в профиле 🔞 заходи, пока бесплатно" }));
    }),
    once("copied from another member", |town, trace, _| {
        let user = trace.arrives(town, "Alex");
        town.sim.set_user(
            user,
            &json!({ "bio": "Free crypto signals, +300% weekly 👉 t.me/+alexsignals" }),
        );
        town.sim.join(town.group, user);
        let said = town
            .last_words(60)
            .unwrap_or_else(|| "I would not buy that one, it lasts a week at best.".to_owned());
        trace.posts(town, user, json!({ "text": said }));
    }),
    once("on topic, written by a machine", |town, trace, _| {
        trace.newcomer(town, "Emily Carter", json!({ "text":
            "Great point about the timetable! I used to struggle with my commute too, until I found a mentor who taught me to earn from home with crypto trading. In three weeks I made $4,200. Her channel is t.me/+mentor_anna, she helps everybody for free." }));
    }),
    in_steps(
        "theatre of several accounts",
        (3, 1),
        |town, trace, step| {
            const LINES: [(&str, &str); 3] = [
                (
                    "Sergey",
                    "Who can recommend an honest exchange for USDT? I lost 300$ with the last one",
                ),
                (
                    "Nadia",
                    "I always change with @honest_escrow_bob, guaranteed deal, best rate, 2 years without any problem!",
                ),
                (
                    "Viktor",
                    "Confirm, @honest_escrow_bob is the best, got my 5000$ in ten minutes, write him in private",
                ),
            ];
            let (name, words) = LINES[usize::from(step).min(2)];
            trace.newcomer(town, name, json!({ "text": words }));
        },
    ),
    in_steps(
        "advertising name, joins and leaves",
        (2, 1),
        |town, trace, step| {
            if step == 0 {
                let name = "Work from home $300/day @easy_job_hr";
                let user = trace.joins(town, name);
                trace.name = Some((user, name));
            } else if let Some(user) = trace.people.first() {
                town.sim.leave(town.group, *user);
            }
        },
    ),
];
