//! What Telegram says: the token, privacy mode, webhook or polling, and what time it is there.
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Findings, State};
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::{Delivery, Settings};
use crate::telegram::api::{Api, ApiOptions, CallError};
use crate::telegram::sender::Method;

const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds that clocks may differ before times in messages look wrong …
const SKEW: i64 = 5;
/// … and before deadlines, mutes with an end and signed links go wrong.
const BAD_SKEW: i64 = 60;

/// Asks everything; changes nothing at Telegram.
pub(super) async fn look(settings: &Settings, running: bool, found: &mut Findings) {
    clock(&settings.api_url, found).await;
    let options = ApiOptions {
        api_url: settings.api_url.parse().ok(),
        call_timeout: PATIENCE,
        connect_timeout: PATIENCE,
        ..ApiOptions::default()
    };
    let api = match Api::new(SecretString::from(settings.token.expose()), options) {
        Ok(api) => api,
        Err(e) => {
            return found.add(
                "Telegram",
                State::Fail,
                e.to_string(),
                "look at telegram.api_url",
            );
        }
    };
    match timely(api.call(Method::GetMe, &json!({}))).await {
        Ok(me) => bot(&me, found),
        Err(e) => return refused(&e, found),
    }
    match timely(api.call(Method::GetWebhookInfo, &json!({}))).await {
        Ok(hook) => delivery(&hook, settings, running, found),
        Err(e) => found.skip("updates by", e.to_string()),
    }
}

async fn timely(call: impl Future<Output = Result<Value, CallError>>) -> Result<Value, CallError> {
    // The library sleeps for 10 s on a 5xx, on top of the call's own time.
    let answer = tokio::time::timeout(PATIENCE * 2, call).await;
    answer.unwrap_or_else(|_| {
        Err(CallError::Network {
            text: format!("no answer within {} s", PATIENCE.as_secs() * 2),
            maybe_done: false,
        })
    })
}

fn bot(me: &Value, found: &mut Findings) {
    let name = me["username"].as_str().unwrap_or("?");
    found.ok("token", format!("accepted: @{name}"));
    if me["can_read_all_group_messages"] == true {
        found.ok(
            "privacy mode",
            "off: Beadle sees all messages of its groups",
        );
    } else {
        found.add(
            "privacy mode",
            State::Warn,
            "on: where Beadle is no admin it sees commands only",
            "make it an admin in each group, or switch it off at @BotFather: /setprivacy, then add it anew",
        );
    }
    if me["can_join_groups"] == false {
        found.add(
            "token",
            State::Warn,
            "the bot cannot be added to groups",
            "at @BotFather: /setjoingroups, Enable",
        );
    }
}

fn refused(e: &CallError, found: &mut Findings) {
    match e {
        CallError::Api {
            code: 401 | 404, ..
        } => found.add(
            "token",
            State::Fail,
            "Telegram does not accept it",
            "copy it again from @BotFather: /mybots, your bot, API Token",
        ),
        e => found.add(
            "Telegram",
            State::Fail,
            e.to_string(),
            "look at the network, a firewall, a proxy: Beadle calls api.telegram.org by https, or the server \
             that telegram.api_url names",
        ),
    }
}

fn delivery(hook: &Value, settings: &Settings, running: bool, found: &mut Findings) {
    const NAME: &str = "updates by";
    let set = hook["url"].as_str().unwrap_or_default();
    let waiting = hook["pending_update_count"].as_i64().unwrap_or(0);
    match (&settings.delivery, set.is_empty()) {
        (Delivery::Polling, true) => {
            found.ok(NAME, format!("polling, {waiting} waiting at Telegram"))
        }
        (Delivery::Polling, false) => found.add(
            NAME,
            State::Warn,
            "polling, but a webhook is set for this bot",
            "`beadle run` removes it; when another program set it, give that one its own bot",
        ),
        (Delivery::Webhook { .. }, false) => {
            found.ok(NAME, format!("webhook, {waiting} waiting at Telegram"));
        }
        (Delivery::Webhook { .. }, true) if running => found.add(
            NAME,
            State::Fail,
            "webhook, but Telegram has none for this bot",
            "the log of `beadle run` says why Telegram did not take it",
        ),
        (Delivery::Webhook { .. }, true) => found.ok(NAME, "webhook, which `beadle run` will set"),
    }
    if let Some(error) = hook["last_error_message"].as_str() {
        let error: String = error.chars().take(200).collect();
        found.add(
            NAME,
            State::Warn,
            format!("Telegram could not call lately: {error}"),
            "look at the proxy, its certificate, and that it passes the path on to Beadle",
        );
    }
}

/// Compares the clocks by the date of an answer; asks without the token.
async fn clock(api_url: &str, found: &mut Findings) {
    match offset(api_url).await {
        Ok(offset) => {
            let text = format!("{} s from Telegram's", offset.abs());
            let remedy = "set it by network time: timedatectl set-ntp true";
            if offset.abs() > BAD_SKEW {
                found.add("clock", State::Fail, text, remedy);
            } else if offset.abs() > SKEW {
                found.add("clock", State::Warn, text, remedy);
            } else {
                found.ok("clock", "agrees with Telegram's");
            }
        }
        Err(why) => found.skip("clock", why),
    }
}

/// Seconds that this clock is ahead.
async fn offset(api_url: &str) -> Result<i64, &'static str> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| "no client")?;
    let before = SystemClock.now();
    let response = client.get(api_url).send().await;
    let response = response.map_err(|_| "no answer to compare with")?;
    // Half of the way there and back.
    let now = before.midpoint(SystemClock.now());
    let date = response
        .headers()
        .get(reqwest::header::DATE)
        .and_then(|d| d.to_str().ok())
        .ok_or("the answer carries no date")?;
    let there =
        jiff::fmt::rfc2822::parse(date).map_err(|_| "the date of the answer is unreadable")?;
    Ok(now / 1000 - there.timestamp().as_second())
}
