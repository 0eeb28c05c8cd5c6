//! Made-up traffic: 100,000 people in 10,000 groups, the n-th busiest group with 1/n of the first's talk.
use crate::base::random::{Random as _, SeededRandom};
use crate::telegram::simulator::Simulator;

pub(super) const GROUPS: usize = 10_000;
pub(super) const USERS: u64 = 100_000;
/// One message in so many is spam: between the 0.1 and 2 % that groups report.
const SPAM: u64 = 200;

const TALK: [&str; 8] = [
    "Does anyone have a spare key for the tool shed? I left mine at home and it is raining.",
    "The meeting moved to Thursday at seven, same room as last time.",
    "Thanks, that fixed it! The cable was loose all along.",
    "Кто завтра идёт на субботник? Можем встретиться у входа в девять.",
    "I would not buy that one, the battery holds two hours at best.",
    "ok",
    "Here is the recipe I promised: two onions, a carrot, half a cabbage, and patience.",
    "Подскажите, пожалуйста, где сейчас можно починить велосипед?",
];
const ADS: [&str; 2] = [
    "Earn $500 a day from home, no experience needed! Write me in private: @easy_income_now",
    "Ищу людей на удалённую работу, доход от 150$ в день, опыт не нужен. Пишите в личные сообщения",
];

/// An endless, repeatable stream of messages.
pub(super) struct Feed {
    chance: SeededRandom,
    /// Cumulative shares of the groups.
    shares: Vec<f64>,
    /// The groups, the busiest first.
    groups: Vec<i64>,
    next: i64,
    base: i64,
}

impl Feed {
    /// Messages numbered from `first` on, in groups that `sim` knows the admins of.
    pub(super) fn new(seed: u64, first: i64, sim: &Simulator) -> Self {
        let mut sum = 0.0;
        #[expect(clippy::cast_precision_loss, reason = "10,000 is exact")]
        let mut shares: Vec<f64> = (1..=GROUPS)
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
            groups: groups(sim),
            next: first,
            base: first,
        }
    }

    /// Updates made so far.
    pub(super) fn made(&self) -> i64 {
        self.next - self.base
    }

    /// The next update: its id and JSON.
    pub(super) fn next(&mut self, now: i64) -> (i64, String) {
        #[expect(clippy::cast_precision_loss, reason = "53 bits of chance")]
        let point = self.chance.below(1 << 53) as f64 / (1_u64 << 53) as f64;
        let group = self.shares.partition_point(|s| *s < point).min(GROUPS - 1);
        let (chat, user) = (self.groups[group], self.user(group));
        let text = match self.chance.below(SPAM) {
            0 => ADS[usize::try_from(self.chance.below(2)).unwrap_or(0)],
            n => TALK[usize::try_from(n % 8).unwrap_or(0)],
        };
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
        (id, update.to_string())
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
fn groups(sim: &Simulator) -> Vec<i64> {
    (0..GROUPS)
        .map(|n| sim.supergroup(&format!("Group {n}")))
        .collect()
}
