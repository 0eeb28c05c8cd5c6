//! Incidents: each is told once when it began and once when it is over, however often a rule flaps. Pure.
use super::{Limits, RULES, Rule, Signs};
use crate::base::clock::Millis;

/// An incident of a rule whose last one was told less long ago is shown and not told, until this has passed.
const QUIET: Millis = 30 * 60_000;

/// Beginning or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It has begun.
    Began,
    /// It is over.
    Over,
}

/// Something the operator should be told, until [`Book::told`] says that this was done.
#[derive(Debug, Clone)]
pub struct News {
    /// Place of its rule in the table.
    pub rule: usize,
    /// Which.
    pub turn: Turn,
    /// When the incident began.
    pub since: Millis,
    /// What the text names.
    pub figure: String,
}

/// An incident that stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// Name of its rule.
    pub alert: &'static str,
    /// When it began.
    pub since: Millis,
    /// What its text names.
    pub figure: String,
    /// Whether somebody was told.
    pub told: bool,
}

/// What is kept of a rule across restarts: when the incident began of which somebody was told and which is not over
/// (0 for none), and when somebody was last told of one.
pub type Kept = (Millis, Millis);

#[derive(Debug, Clone, Default)]
struct Incident {
    /// The rule holds since.
    holds_since: Option<Millis>,
    /// It does not hold any more since.
    calm_since: Option<Millis>,
    /// It has held long enough: an incident, since.
    standing: Option<Millis>,
    /// Somebody was told that it began.
    told: bool,
    /// It is over, and whoever was told should hear that.
    over: bool,
    last_told: Option<Millis>,
    figure: String,
}

/// The incidents of all rules.
#[derive(Debug, Clone)]
pub struct Book(Vec<Incident>);

impl Default for Book {
    fn default() -> Self {
        Self(vec![Incident::default(); RULES.len()])
    }
}

impl Book {
    /// Takes up what was kept, in the order of the rules.
    pub fn resume(kept: &[Kept]) -> Self {
        let mut book = Self::default();
        for (incident, (since, last)) in book.0.iter_mut().zip(kept) {
            incident.last_told = (*last > 0).then_some(*last);
            if *since > 0 {
                incident.standing = Some(*since);
                incident.told = true;
            }
        }
        book
    }

    /// What is to be kept of each rule.
    pub fn kept(&self) -> Vec<Kept> {
        let one = |i: &Incident| {
            let since = i.standing.filter(|_| i.told);
            (since.unwrap_or(0), i.last_told.unwrap_or(0))
        };
        self.0.iter().map(one).collect()
    }

    /// Looks at `signs`; gives all that is to be told and was not yet.
    pub fn look(&mut self, signs: &Signs, limits: &Limits, now: Millis) -> Vec<News> {
        let mut news = Vec::new();
        for (place, (rule, incident)) in RULES.iter().zip(&mut self.0).enumerate() {
            incident.step(rule, (rule.holds)(signs, limits), now);
            if incident.holds_since.is_some() {
                incident.figure = (rule.figure)(signs);
            }
            let silent = limits.silent.iter().any(|name| name == rule.name);
            if let Some((turn, since)) = incident.due(silent, now) {
                news.push(News {
                    rule: place,
                    turn,
                    since,
                    figure: incident.figure.clone(),
                });
            }
        }
        news
    }

    /// Somebody was told.
    pub fn told(&mut self, news: &News, now: Millis) {
        let Some(incident) = self.0.get_mut(news.rule) else {
            return;
        };
        match news.turn {
            Turn::Began => {
                incident.told = true;
                incident.last_told = Some(now);
            }
            Turn::Over => incident.close(),
        }
    }

    /// Incidents that stand.
    pub fn standing(&self) -> Vec<Standing> {
        let all = RULES.iter().zip(&self.0);
        all.filter_map(|(rule, i)| {
            Some(Standing {
                alert: rule.name,
                since: i.standing.filter(|_| !i.over)?,
                figure: i.figure.clone(),
                told: i.told,
            })
        })
        .collect()
    }
}

impl Incident {
    fn step(&mut self, rule: &Rule, holds: Option<bool>, now: Millis) {
        // A clock that was set back begins to count anew.
        for at in [&mut self.holds_since, &mut self.calm_since] {
            *at = at.map(|at| at.min(now));
        }
        match holds {
            None => {}
            Some(true) => {
                self.calm_since = None;
                let since = *self.holds_since.get_or_insert(now);
                if now - since >= rule.hold && self.standing.is_none() {
                    self.standing = Some(since);
                }
                // It came back before anybody heard that it was over: it is the same incident.
                self.over = false;
            }
            Some(false) => {
                self.holds_since = None;
                let calm = *self.calm_since.get_or_insert(now);
                if now - calm >= rule.calm && self.standing.is_some() {
                    if self.told {
                        self.over = true;
                    } else {
                        self.close();
                    }
                }
            }
        }
    }

    fn due(&self, silent: bool, now: Millis) -> Option<(Turn, Millis)> {
        let since = self.standing?;
        if self.over {
            return Some((Turn::Over, since));
        }
        let lately = self
            .last_told
            .is_some_and(|at| (0..QUIET).contains(&(now - at)));
        (!self.told && !silent && !lately).then_some((Turn::Began, since))
    }

    fn close(&mut self) {
        self.standing = None;
        self.told = false;
        self.over = false;
    }
}
