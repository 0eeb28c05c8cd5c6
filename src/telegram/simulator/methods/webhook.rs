//! setWebhook and its sisters.
use serde_json::json;

use super::yes;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::webhook::Hook;
use crate::telegram::simulator::world::World;

/// Ports Telegram calls.
const PORTS: [u16; 4] = [443, 80, 88, 8443];

fn check_url(w: &World, url: &str) -> Result<(), ApiError> {
    let invalid = || ApiError::bad("invalid webhook URL specified");
    let bad = |why: &str| ApiError::bad(format!("bad webhook: {why}"));
    let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(invalid());
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| invalid())?)),
        None => (authority, None),
    };
    let loopback = matches!(host, "127.0.0.1" | "localhost");
    if w.options.loopback_webhook && loopback {
        return Ok(());
    }
    if scheme != "https" {
        return Err(bad("An HTTPS URL must be provided for webhook"));
    }
    if port.is_some_and(|port| !PORTS.contains(&port)) {
        return Err(bad(
            "Webhook can be set up only on ports 80, 88, 443 or 8443",
        ));
    }
    if loopback {
        return Err(bad(&format!("IP address {host} is reserved")));
    }
    Ok(())
}

pub(super) fn set(w: &mut World, p: &Params) -> Outcome {
    let now = w.now();
    if now >= w.hook_set_at && now - w.hook_set_at < 1000 {
        return Err(ApiError::flood(1));
    }
    let url = p.text("url").unwrap_or_default().to_owned();
    if url.is_empty() {
        return delete(w, p);
    }
    check_url(w, &url)?;
    let secret = p.text("secret_token").map(str::to_owned);
    if let Some(secret) = &secret {
        if secret.len() > 256 {
            return Err(ApiError::bad("secret token is too long"));
        }
        if !secret
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        {
            return Err(ApiError::bad("secret token contains unallowed characters"));
        }
    }
    let connections = p.int("max_connections").unwrap_or(40).clamp(1, 100);
    if let Some(list) = p.list("allowed_updates") {
        w.queue.allow(list);
    }
    if p.flag("drop_pending_updates") {
        w.queue.items.clear();
    }
    w.hook_set_at = now;
    w.queue.generation += 1;
    w.queue.ended_by_webhook = true;
    let serial = w.queue.generation;
    w.hook = Some(Hook::new(
        url,
        secret,
        usize::try_from(connections).unwrap_or(40),
        serial,
    ));
    yes()
}

pub(super) fn delete(w: &mut World, p: &Params) -> Outcome {
    w.hook = None;
    if p.flag("drop_pending_updates") {
        w.queue.items.clear();
    }
    yes()
}

pub(super) fn info(w: &mut World) -> Outcome {
    let now = w.now();
    w.queue.expire(now);
    let mut info = json!({
        "url": w.hook.as_ref().map_or("", |hook| &hook.url),
        "has_custom_certificate": false,
        "pending_update_count": w.queue.items.len(),
    });
    if let Some(hook) = &w.hook {
        info["max_connections"] = json!(hook.connections);
        info["ip_address"] = json!("127.0.0.1");
        if let Some((date, text)) = &hook.last_error {
            info["last_error_date"] = json!(date);
            info["last_error_message"] = json!(text);
        }
    }
    if let Some(kinds) = &w.queue.allowed {
        info["allowed_updates"] = json!(kinds);
    }
    Ok(info)
}
