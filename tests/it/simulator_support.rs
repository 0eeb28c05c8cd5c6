//! A plain client of the simulator, for the tests about the simulator itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::sync::Arc;
use std::time::Duration;

use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::{SimOptions, Simulator};
use serde_json::{Value, json};

/// A simulator, its clock, and an HTTP client.
pub(crate) struct Rig {
    pub(crate) sim: Simulator,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) http: reqwest::Client,
}

/// What came back: status, body, the header `Retry-After`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after: Option<String>,
}

impl Answer {
    /// `result` of an answer that must be a good one.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.body["ok"], json!(true), "{self:?}");
        assert_eq!(self.status, 200);
        self.body["result"].clone()
    }

    /// Code and description of an answer that must be a refusal.
    #[track_caller]
    pub(crate) fn bad(self) -> (i64, String) {
        assert_eq!(self.body["ok"], json!(false), "{self:?}");
        let code = self.body["error_code"].as_i64().unwrap();
        assert_eq!(code, i64::from(self.status));
        (code, self.body["description"].as_str().unwrap().to_owned())
    }

    /// The description alone.
    #[track_caller]
    pub(crate) fn words(self) -> String {
        self.bad().1
    }
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A rig without the guard against tight polling, which would only slow tests down.
    pub(crate) fn quick() -> Self {
        Self::with(|options| options.poll_guard = false)
    }

    pub(crate) fn with(change: impl FnOnce(&mut SimOptions)) -> Self {
        let clock = Arc::new(ShiftedClock::default());
        let mut options = SimOptions {
            clock: clock.clone(),
            ..SimOptions::default()
        };
        change(&mut options);
        let sim = Simulator::start(options).unwrap();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { sim, clock, http }
    }

    pub(crate) fn method_url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sim.url(), self.sim.token())
    }

    /// Calls with a JSON body.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Answer {
        self.try_call(method, params).await.unwrap()
    }

    pub(crate) async fn try_call(&self, method: &str, params: Value) -> reqwest::Result<Answer> {
        let response = self
            .http
            .post(self.method_url(method))
            .json(&params)
            .send()
            .await?;
        let status = response.status().as_u16();
        let header = response.headers().get("retry-after");
        let retry_after = header.map(|v| v.to_str().unwrap().to_owned());
        Ok(Answer {
            status,
            body: response.json().await?,
            retry_after,
        })
    }

    /// All updates there are, confirmed.
    pub(crate) async fn updates(&self) -> Vec<Value> {
        let list = self.call("getUpdates", json!({"limit": 100})).await.good();
        let list = list.as_array().unwrap().clone();
        if let Some(last) = list.last() {
            let next = last["update_id"].as_i64().unwrap() + 1;
            self.call("getUpdates", json!({"offset": next, "limit": 1}))
                .await
                .good();
        }
        list
    }

    /// Asks for every kind of update and throws away what waits.
    pub(crate) async fn listen(&self) {
        let kinds = json!([
            "message",
            "edited_message",
            "channel_post",
            "edited_channel_post",
            "callback_query",
            "my_chat_member",
            "chat_member",
            "chat_join_request",
            "message_reaction",
        ]);
        self.call(
            "getUpdates",
            json!({"offset": -1, "allowed_updates": kinds}),
        )
        .await
        .good();
        self.updates().await;
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.shift(seconds * 1000);
    }

    #[track_caller]
    pub(crate) fn clean(&self) {
        assert_eq!(self.sim.violations(), vec![]);
    }
}
