//! What follows for what a newcomer sent: the group's rules by kind. Pure: facts and rules in, a rule out.
use serde_json::Value;

use super::topics::{TOPICS, Topic};
use crate::community::settings;
use crate::features::moderation::facts::Facts;
use crate::features::moderation::rules::{Band, Decision, Reason, Settings, Verdict};
use crate::features::moderation::signals;

/// What happens to a message of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Nothing beside the verdict.
    Allow,
    /// A person looks at it.
    Review,
    /// It goes.
    Delete,
}

impl Rule {
    /// As a default of the table.
    pub(super) const fn json(self) -> &'static str {
        match self {
            Self::Allow => "\"allow\"",
            Self::Review => "\"review\"",
            Self::Delete => "\"delete\"",
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "allow" => Some(Self::Allow),
            "review" => Some(Self::Review),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A group's rules for newcomers.
#[derive(Debug, Clone, Default)]
pub struct Policy(Option<Value>);

/// The rule that holds for a message.
#[derive(Debug, Clone, Copy)]
pub struct Ruled {
    /// For what.
    pub topic: &'static Topic,
    /// Which.
    pub rule: Rule,
    /// Whether an admin chose it: such a rule acts in every mode.
    pub written: bool,
}

impl Policy {
    /// Of a group's settings as JSON; what cannot be read is not chosen.
    pub fn read(json: &str) -> Self {
        // Nearly every group: nothing chosen, nothing to parse.
        if !json.contains("\"newcomers\"") {
            return Self(None);
        }
        let tree: Option<Value> = serde_json::from_str(json).ok();
        Self(tree.and_then(|mut tree| tree.get_mut("newcomers").map(Value::take)))
    }

    /// The rule of a topic, and whether it was chosen.
    pub fn rule(&self, topic: &Topic) -> (Rule, bool) {
        let own = self
            .0
            .as_ref()
            .and_then(|own| settings::at(own, topic.name));
        match own.and_then(Rule::read) {
            Some(rule) => (rule, true),
            None => (topic.usual, false),
        }
    }

    /// Whether a reaction by a newcomer whose profile advertises goes; `acts` is whether the group is in mode *act*.
    pub fn removes_reactions(&self, acts: bool) -> bool {
        let own = self.0.as_ref().and_then(|own| own.get("reaction"));
        match own.and_then(Value::as_str) {
            Some("allow") => false,
            Some("delete") => true,
            _ => acts,
        }
    }

    /// The strictest rule for these facts; None where it is to allow, and for everybody but newcomers. Who speaks for
    /// the group is never a newcomer.
    pub fn find(&self, facts: &Facts) -> Option<Ruled> {
        if facts.who.is_exempt() || !signals::is_newcomer(facts) {
            return None;
        }
        let found = TOPICS.iter().filter(|t| (t.test)(facts)).map(|topic| {
            let (rule, written) = self.rule(topic);
            Ruled {
                topic,
                rule,
                written,
            }
        });
        let mut strictest: Option<Ruled> = None;
        for ruled in found.filter(|r| r.rule != Rule::Allow) {
            // Of equals the first, but what an admin wrote before what nobody chose.
            let rank = |r: &Ruled| (r.rule, r.written);
            if strictest.is_none_or(|s| rank(&ruled) > rank(&s)) {
                strictest = Some(ruled);
            }
        }
        strictest
    }
}

impl Ruled {
    /// Puts the rule into the verdict. Gives whether the message goes by this rule alone: then it is no spam for that,
    /// nobody is treated for it, and nothing is learned.
    pub fn apply(&self, verdict: &mut Verdict, settings: &Settings) -> bool {
        let removes = self.rule == Rule::Delete && verdict.decision != Decision::Delete;
        let lifts = verdict.band == Band::Clear;
        if !(removes || lifts) {
            return false;
        }
        let odds = |p: f32| {
            let p = p.clamp(0.001, 0.999);
            (p / (1.0 - p)).ln()
        };
        let score = verdict
            .score
            .max(settings.thresholds().0.clamp(0.001, 0.999));
        let reason = Reason {
            code: self.topic.code.to_owned(),
            // A rule is named among the reasons even where the score was high enough without it.
            weight: (odds(score) - odds(verdict.score)).max(0.01),
            text: self.topic.sentence.to_owned(),
        };
        verdict.reasons.insert(0, reason);
        verdict.score = score;
        verdict.band = verdict.band.max(Band::Review);
        "newcomers".clone_into(&mut verdict.stage);
        verdict.decision = if removes {
            Decision::Delete
        } else {
            Decision::Review
        };
        removes
    }
}
