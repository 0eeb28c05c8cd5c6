//! One person at one door: what comes next. Pure; time is passed in.
use crate::base::clock::Millis;

/// A hold never lasts longer without being looked at again.
pub const LONGEST_HOLD: Millis = 24 * 3_600_000;
/// Telegram takes the answer to a join query for ten seconds (Bot API 10.3, ChatJoinRequest.query_id);
/// what is left of them when the steps are cut short.
pub const QUERY_LIFE: Millis = 10_000;
/// When steps that are still at work are cut short: the answer needs a way and a commit.
pub const QUERY_CUT: Millis = 7_000;

/// How somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// Is inside already.
    Join,
    /// Asks to be let in, and can wait.
    Request,
    /// Asks to be let in, and Telegram takes an answer for ten seconds.
    Query,
}

/// What happens when nobody ends a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Then {
    /// As if the step had found nothing.
    Admit,
    /// As if it had refused.
    Refuse,
}

/// What a step found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing against the person, and nothing for them.
    Pass,
    /// Nothing against them, but a later step may want to know this (a short code).
    Noted(&'static str),
    /// They have shown that they may come in: a captcha solved, a membership found.
    Vouched,
    /// To be decided later: they must do something first.
    Hold {
        /// Until when, at most [`LONGEST_HOLD`] from now.
        until: Millis,
        /// And then.
        then: Then,
    },
    /// They may not come in.
    Refuse {
        /// Why, as a short code.
        reason: &'static str,
        /// How long they stay out; None is only this time.
        out_for: Option<Millis>,
    },
    /// The step could not tell: a check that failed harms nobody.
    Failed,
}

/// Where the machine stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The step of this number is at work.
    At(usize),
    /// The step of this number waits for the person.
    Held {
        /// Which.
        step: usize,
        /// Until when.
        until: Millis,
        /// And then.
        then: Then,
    },
    /// Over.
    Over(Outcome),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Let in, or left inside.
    Admitted,
    /// No step speaks for them or against them: the group's admins decide, as without Beadle.
    LeftToAdmins,
    /// Turned away.
    Refused,
    /// They went away, or took their request back.
    Gone,
}

impl Outcome {
    /// The word kept on disk.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::LeftToAdmins => "left_to_admins",
            Self::Refused => "refused",
            Self::Gone => "gone",
        }
    }
}

/// What happens to a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The step of this number found something.
    Found(usize, Finding),
    /// A timer went off at this moment.
    Time(Millis),
    /// The query will not wait longer.
    Cut,
    /// They left.
    Left,
}

/// What must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// The step of this number goes to work.
    Examine(usize),
    /// Who is inside is muted by the step of this number.
    Mute(usize),
    /// The mute of the step of this number is lifted.
    Unmute(usize),
    /// The request is granted.
    Approve,
    /// The request is turned down.
    Decline,
    /// The query becomes an ordinary request, which waits.
    Queue,
    /// Who is inside is put out for so long (None: only now), in the name of the step of this number. A mute of that
    /// step gives way to it, and not before: nobody whom it takes time to put out writes meanwhile.
    PutOut(usize, Option<Millis>),
    /// Look again at this moment.
    Wake(Millis),
}

/// The machine of one person at one door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Which door; a query that was answered with "later" has become a request.
    pub door: Door,
    /// How many steps there are.
    pub steps: usize,
    /// Where it stands.
    pub state: State,
    /// Whether a step has spoken for them.
    pub vouched: bool,
}

impl Machine {
    /// Somebody has come.
    pub fn begin(door: Door, steps: usize) -> (Self, Vec<Act>) {
        let mut machine = Self {
            door,
            steps,
            state: State::At(0),
            vouched: false,
        };
        let mut acts = Vec::new();
        machine.go_to(0, &mut acts);
        (machine, acts)
    }

    /// Takes in what happened at `now`; gives what must be done. What comes too late, or twice, changes
    /// nothing.
    pub fn take(&mut self, input: &Input, now: Millis) -> Vec<Act> {
        let mut acts = Vec::new();
        match (self.state.clone(), input) {
            (State::Over(_), _) => {}
            (_, Input::Left) => self.state = State::Over(Outcome::Gone),
            (State::At(step), Input::Found(found, finding)) if step == *found => {
                self.found(step, finding, now, &mut acts);
            }
            (State::Held { step, .. }, Input::Found(found, finding)) if step == *found => {
                match finding {
                    // It goes on waiting; only an answer ends a hold.
                    Finding::Failed => {}
                    Finding::Hold { .. } | Finding::Refuse { .. } => {
                        self.found(step, finding, now, &mut acts);
                    }
                    _ => {
                        self.released(step, &mut acts);
                        self.found(step, finding, now, &mut acts);
                    }
                }
            }
            (State::Held { step, until, then }, Input::Time(at)) if *at >= until => match then {
                Then::Admit => {
                    self.released(step, &mut acts);
                    self.go_to(step + 1, &mut acts);
                }
                Then::Refuse => self.refuse(step, None, &mut acts),
            },
            (State::Held { until, .. }, Input::Time(_)) => acts.push(Act::Wake(until)),
            (State::At(_), Input::Cut) if self.door == Door::Query => {
                acts.push(Act::Queue);
                self.door = Door::Request;
            }
            _ => {}
        }
        acts
    }

    fn found(&mut self, step: usize, finding: &Finding, now: Millis, acts: &mut Vec<Act>) {
        match finding {
            Finding::Pass | Finding::Noted(_) | Finding::Failed => self.go_to(step + 1, acts),
            Finding::Vouched => {
                self.vouched = true;
                self.go_to(step + 1, acts);
            }
            Finding::Hold { until, then } => {
                let first = !matches!(self.state, State::Held { .. });
                let until = (*until).clamp(now, now.saturating_add(LONGEST_HOLD));
                self.state = State::Held {
                    step,
                    until,
                    then: *then,
                };
                match self.door {
                    Door::Join if first => acts.push(Act::Mute(step)),
                    Door::Query => {
                        acts.push(Act::Queue);
                        self.door = Door::Request;
                    }
                    _ => {}
                }
                acts.push(Act::Wake(until));
            }
            Finding::Refuse { out_for, .. } => self.refuse(step, *out_for, acts),
        }
    }

    fn released(&mut self, step: usize, acts: &mut Vec<Act>) {
        if self.door == Door::Join {
            acts.push(Act::Unmute(step));
        }
    }

    fn refuse(&mut self, step: usize, out_for: Option<Millis>, acts: &mut Vec<Act>) {
        acts.push(match self.door {
            Door::Join => Act::PutOut(step, out_for),
            Door::Request | Door::Query => Act::Decline,
        });
        self.state = State::Over(Outcome::Refused);
    }

    fn go_to(&mut self, step: usize, acts: &mut Vec<Act>) {
        if step < self.steps {
            self.state = State::At(step);
            acts.push(Act::Examine(step));
            return;
        }
        let (outcome, act) = match (self.door, self.vouched) {
            (Door::Join, _) => (Outcome::Admitted, None),
            (_, true) => (Outcome::Admitted, Some(Act::Approve)),
            (Door::Query, false) => (Outcome::LeftToAdmins, Some(Act::Queue)),
            (Door::Request, false) => (Outcome::LeftToAdmins, None),
        };
        self.state = State::Over(outcome);
        acts.extend(act);
    }
}
