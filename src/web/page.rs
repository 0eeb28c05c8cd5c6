//! `/`: in a few words, whether all is well; the same as JSON for programs.
use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;

use super::{Face, Parts};
use crate::texts::{Lang, text};

const STYLE: &str = include_str!("style.css");

pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

pub(super) async fn root(State(face): State<Face>, headers: HeaderMap) -> Response {
    let wanted = |name| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    let accept = wanted(header::ACCEPT);
    if accept.contains("text/html") || !accept.contains("application/json") {
        let lang = Lang::from_tag(wanted(header::ACCEPT_LANGUAGE).split([',', ';']).next());
        return Html(page(&face, lang)).into_response();
    }
    let healthy = face.0.vitals.health().ok();
    Json(json!({
        "v": 1,
        "service": "beadle",
        "version": env!("CARGO_PKG_VERSION"),
        "status": if healthy { "healthy" } else { "degraded" },
    }))
    .into_response()
}

fn page(face: &Face, lang: Lang) -> String {
    let say = |key: &str| escape(&text(lang, key, &[]));
    let Parts { vitals, link, .. } = &*face.0;
    let health = vitals.health();
    let (class, state) = match (face.not_ready(), health.ok()) {
        (None, true) => ("state", "page-well"),
        (Some(_), true) => ("state", "page-starting"),
        (_, false) => ("state bad", "page-unwell"),
    };
    let mut parts = String::new();
    for part in &health.components {
        let (class, mark) = if part.ok { ("", "✓") } else { ("bad", "✕") };
        // Writing to a String cannot fail.
        let _infallible = write!(
            parts,
            "<li class=\"{class}\"><span class=\"mark\">{mark}</span><span class=\"name\">{}</span>\
             <span class=\"detail\">{}</span></li>",
            part_name(part.name).map_or_else(|| escape(part.name), say),
            escape(&part.detail),
        );
    }
    let who = link.bot().map_or_else(String::new, |bot| {
        let bot = escape(&bot);
        format!(" · <a href=\"https://t.me/{bot}\">@{bot}</a>")
    });
    let minutes = (face.0.clock.now() - face.0.started).max(0) / 60_000;
    let up = text(
        lang,
        "page-up",
        &[
            ("days", (minutes / 1440).into()),
            ("hours", (minutes / 60 % 24).into()),
            ("minutes", (minutes % 60).into()),
        ],
    );
    format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Beadle</title>\
         <link rel=\"stylesheet\" href=\"/style.css\">\
         <main><h1>Beadle</h1><div class=\"version\">{} {}{who} · {}</div>\
         <p class=\"{class}\">{}</p><ul>{parts}</ul>\
         <nav><a href=\"/health\">{}</a><a href=\"/ready\">{}</a><a href=\"/metrics\">{}</a></nav>\
         <footer>{}</footer></main></html>",
        tag(lang),
        say("page-version"),
        env!("CARGO_PKG_VERSION"),
        escape(&up),
        say(state),
        say("page-health"),
        say("page-ready"),
        say("page-metrics"),
        say("page-foot"),
    )
}

/// The key of what people call a part; a new part has its own name until somebody gives it one.
fn part_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "database" => "page-part-database",
        "telegram" => "page-part-telegram",
        "inbox" => "page-part-inbox",
        "outbox" => "page-part-outbox",
        "jobs" => "page-part-jobs",
        "disk" => "page-part-disk",
        _ => return None,
    })
}

fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ru => "ru",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
