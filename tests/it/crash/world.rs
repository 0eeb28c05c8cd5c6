//! A simulated Telegram with groups and people in it, who play a script.
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use beadle::base::random::{Random as _, SeededRandom};
use beadle::telegram::simulator::{ChatId, MessageId, SimOptions, Simulator, UserId};
use serde_json::json;

use super::script::{Act, GROUPS, REGULARS, Script};

/// What was done so far, by place in the script.
#[derive(Default, Clone)]
pub(super) struct Done {
    /// Messages: chat and id.
    pub(super) messages: BTreeMap<usize, (ChatId, MessageId)>,
    /// Edits of each message.
    pub(super) edits: BTreeMap<usize, i64>,
    /// Messages that ask for an answer.
    pub(super) asked: Vec<usize>,
    /// Pressed buttons.
    pub(super) pressed: BTreeMap<usize, String>,
    /// Ids of the first and the last update.
    pub(super) updates: (i64, i64),
    /// All is done.
    pub(super) over: bool,
}

pub(super) struct World {
    pub(super) seed: u64,
    pub(super) sim: Simulator,
    pub(super) dir: tempfile::TempDir,
    pub(super) groups: Vec<ChatId>,
    pub(super) regulars: Vec<UserId>,
    pub(super) script: Script,
    done: Mutex<Done>,
}

impl World {
    /// Groups with a bot that is an admin, and their regulars; nothing has happened yet.
    pub(super) fn new(seed: u64, script: Script) -> Self {
        let sim = Simulator::start(SimOptions {
            seed,
            read_all_messages: true,
            poll_guard: false,
            ..SimOptions::default()
        })
        .unwrap();
        let groups: Vec<_> = (0..GROUPS)
            .map(|i| sim.supergroup(&format!("Garden {i}")))
            .collect();
        let regulars: Vec<_> = (0..REGULARS)
            .map(|i| sim.user(&format!("Regular {i}")))
            .collect();
        for &group in &groups {
            for &user in &regulars {
                sim.join(group, user);
            }
            sim.add_bot_admin(group);
        }
        Self {
            seed,
            sim,
            dir: tempfile::tempdir().unwrap(),
            groups,
            regulars,
            script,
            done: Mutex::default(),
        }
    }

    pub(super) fn done(&self) -> Done {
        self.done.lock().unwrap().clone()
    }

    /// Something about nobody, whose id is told.
    fn mark(&self) -> i64 {
        let poll = json!({ "poll": {
            "id": "1", "question": "Rain?", "options": [], "total_voter_count": 0,
            "is_closed": false, "is_anonymous": true, "type": "regular",
            "allows_multiple_answers": false,
        } });
        self.sim.push_update(poll).unwrap()
    }

    /// Asks for all kinds of updates as the bot does, so that from now on Telegram keeps them for it.
    pub(super) fn open(&self) {
        let wanted = beadle::telegram::intake::ALLOWED_UPDATES;
        let options = beadle::telegram::api::ApiOptions {
            api_url: Some(self.sim.url().parse().unwrap()),
            ..Default::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let api = beadle::telegram::api::Api::new(self.sim.token().into(), options).unwrap();
            // What happened while the world was made is thrown away.
            api.get_updates(Some(-1), 1, 0, wanted).await.unwrap();
            let left = api.get_updates(None, 1, 0, wanted).await.unwrap();
            if let Some(last) = left.first() {
                let last: serde_json::Value = serde_json::from_str(last.get()).unwrap();
                let next = last["update_id"].as_i64().unwrap() + 1;
                api.get_updates(Some(next), 1, 0, wanted).await.unwrap();
            }
        });
        self.done.lock().unwrap().updates.0 = self.mark();
    }

    /// Plays the script; pauses between acts are up to `pause`.
    pub(super) fn play(&self, pause: Duration) {
        let chance = SeededRandom::new(self.seed ^ 0x5eed);
        for (at, act) in self.script.acts.iter().enumerate() {
            self.act(at, act);
            std::thread::sleep(Duration::from_micros(
                chance.below(pause.as_micros() as u64 + 1),
            ));
        }
        let mut done = self.done.lock().unwrap();
        done.updates.1 = self.mark();
        done.over = true;
    }

    fn place(&self, of: usize) -> (ChatId, MessageId) {
        self.done.lock().unwrap().messages[&of]
    }

    fn act(&self, at: usize, act: &Act) {
        let sim = &self.sim;
        let said = |chat, message| {
            assert_ne!(message, 0, "act {at} was not let through: {act:?}");
            self.done
                .lock()
                .unwrap()
                .messages
                .insert(at, (chat, message));
        };
        let asked = || self.done.lock().unwrap().asked.push(at);
        match act {
            Act::Talk { group, who, text } => {
                let chat = self.groups[*group];
                said(chat, sim.say(chat, self.regulars[*who], text));
            }
            Act::Stranger { group, text } => {
                let (chat, user) = (self.groups[*group], sim.user(&format!("Stranger {at}")));
                sim.join(chat, user);
                said(chat, sim.say(chat, user, text));
            }
            Act::Edit { of, text } => {
                let (chat, message) = self.place(*of);
                sim.edit(chat, message, text);
                *self.done.lock().unwrap().edits.entry(*of).or_default() += 1;
            }
            Act::Command { group, who, text } => {
                let user = self.regulars[*who];
                let chat = group.map_or(user, |g| self.groups[g]);
                said(chat, sim.say(chat, user, text));
                asked();
            }
            Act::Why { of, who } => {
                let (chat, message) = self.place(*of);
                said(chat, sim.reply(chat, self.regulars[*who], message, "/why"));
                asked();
            }
            Act::Press { of, who } => {
                let (chat, message) = self.place(*of);
                let data = format!("why:{message}");
                let id = sim.press(chat, message, self.regulars[*who], &data);
                self.done.lock().unwrap().pressed.insert(at, id);
            }
            Act::Join { group } => {
                let user = sim.user(&format!("Guest {at}"));
                sim.join(self.groups[*group], user);
            }
            Act::React { of, who } => {
                let (chat, message) = self.place(*of);
                sim.react(chat, message, self.regulars[*who], "🌱");
            }
        }
    }
}
