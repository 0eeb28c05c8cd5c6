//! Made-up traffic: 100,000 people in 10,000 groups, the n-th busiest group with 1/n of the first's talk.
use crate::base::random::{Random as _, SeededRandom};
use crate::telegram::simulator::Simulator;

pub(super) const GROUPS: usize = 10_000;
pub(super) const USERS: u64 = 100_000;
/// One message in so many is spam: between the 0.1 and 2 % that groups report.
const SPAM: u64 = 200;

/// What people say, each time with other details: talk that repeats itself is taken for a flood.
const TALK: [&str; 8] = [
    "Does anyone have a spare key for the tool shed? I left mine at {place} and it is raining.",
    "The meeting moved to {day} at {hour}, same room as last time.",
    "Thanks, that fixed it! The cable behind {place} was loose all along, since {day}.",
    "Кто завтра идёт на субботник? Можем встретиться у входа в {hour}, нас уже {number}.",
    "I would not buy that one, the battery holds {number} minutes at best, says {name}.",
    "ok",
    "Here is the recipe I promised {name}: {number} g of onions, a carrot, half a cabbage, and patience.",
    "Подскажите, пожалуйста, где сейчас можно починить велосипед? Был в {hour}, стоило {number} рублей.",
];
const ADS: [&str; 2] = [
    "Earn ${number} a day from home, no experience needed! Write me in private: @easy_income_{number}",
    "Ищу людей на удалённую работу, доход от {number}$ в день, опыт не нужен. Пишите в личные сообщения",
];
const PLACES: [&str; 8] = [
    "home",
    "work",
    "the library",
    "the station",
    "my sister's",
    "the garden",
    "school",
    "the pub",
];
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const NAMES: [&str; 8] = [
    "Ann", "Boris", "Chen", "Dora", "Emil", "Farid", "Greta", "Hugo",
];

/// How the talk is mixed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mix {
    pub(super) groups: usize,
    /// One message in so many is spam.
    pub(super) spam: u64,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            groups: GROUPS,
            spam: SPAM,
        }
    }
}

/// An endless, repeatable stream of messages.
pub(super) struct Feed {
    chance: SeededRandom,
    /// Cumulative shares of the groups.
    shares: Vec<f64>,
    /// The groups, the busiest first.
    groups: Vec<i64>,
    mix: Mix,
    next: i64,
    base: i64,
}

impl Feed {
    /// Messages numbered from `first` on, in groups that `sim` knows the admins of.
    pub(super) fn new(seed: u64, first: i64, sim: &Simulator) -> Self {
        Self::of(seed, first, sim, Mix::default())
    }

    /// The same, mixed otherwise.
    pub(super) fn of(seed: u64, first: i64, sim: &Simulator, mix: Mix) -> Self {
        let mut sum = 0.0;
        #[expect(clippy::cast_precision_loss, reason = "10,000 is exact")]
        let mut shares: Vec<f64> = (1..=mix.groups)
            .map(|n| {
                sum += 1.0 / n as f64;
                sum
            })
            .collect();
        for share in &mut shares {
            *share /= sum;
        }
        Self {
            chance: SeededRandom::new(seed),
            shares,
            groups: groups(sim, mix.groups),
            mix,
            next: first,
            base: first,
        }
    }

    /// Its groups, the busiest first.
    pub(super) fn groups(&self) -> &[i64] {
        &self.groups
    }

    /// Updates made so far.
    pub(super) fn made(&self) -> i64 {
        self.next - self.base
    }

    /// The next update: its id and JSON.
    pub(super) fn next(&mut self, now: i64) -> (i64, String) {
        let (id, json, _spam) = self.next_of(now);
        (id, json)
    }

    /// The same, with whether it is spam.
    pub(super) fn next_of(&mut self, now: i64) -> (i64, String, bool) {
        #[expect(clippy::cast_precision_loss, reason = "53 bits of chance")]
        let point = self.chance.below(1 << 53) as f64 / (1_u64 << 53) as f64;
        let group = self
            .shares
            .partition_point(|s| *s < point)
            .min(self.mix.groups - 1);
        let (chat, user) = (self.groups[group], self.user(group));
        let spam = self.chance.below(self.mix.spam) == 0;
        let text = if spam {
            self.one_of(&ADS)
        } else {
            self.one_of(&TALK)
        };
        let text = self.with_details(text);
        let id = self.next;
        self.next += 1;
        let update = serde_json::json!({
            "update_id": id,
            "message": {
                "message_id": id,
                "date": now / 1000,
                "chat": { "id": chat, "type": "supergroup", "title": format!("Group {group}") },
                "from": { "id": user, "is_bot": false, "first_name": "Ann", "username": format!("u{user}"), "language_code": "en" },
                "text": text,
            }
        });
        (id, update.to_string(), spam)
    }

    fn one_of(&self, all: &[&'static str]) -> &'static str {
        all[usize::try_from(self.chance.below(all.len() as u64)).unwrap_or(0)]
    }

    fn with_details(&self, text: &str) -> String {
        let number = 100 + self.chance.below(900);
        let hour = format!("{}:{:02}", 8 + number % 14, self.chance.below(60));
        text.replace("{place}", self.one_of(&PLACES))
            .replace("{day}", self.one_of(&DAYS))
            .replace("{name}", self.one_of(&NAMES))
            .replace("{number}", &number.to_string())
            .replace("{hour}", &hour)
    }

    /// A tenth of a group's talk comes from anybody, the rest from its own ten to a thousand people.
    fn user(&self, group: usize) -> i64 {
        let own = (1_000 / (group as u64 + 1)).max(10);
        let pick = match self.chance.below(10) {
            0 => self.chance.below(USERS),
            _ => (group as u64 * 10 + self.chance.below(own)) % USERS,
        };
        1_000_000 + i64::try_from(pick).unwrap_or(0)
    }
}

/// The simulator's groups, made at the first call.
fn groups(sim: &Simulator, count: usize) -> Vec<i64> {
    (0..count)
        .map(|n| sim.supergroup(&format!("Group {n}")))
        .collect()
}
