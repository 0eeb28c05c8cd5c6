//! Who may ask for pages: names of this machine only, so that a foreign page in somebody's browser cannot
//! read them by pointing its own name at this address (DNS rebinding).
use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Face;

/// Lets a request pass when the name it asks for, and the page it comes from, are ours.
pub(super) async fn ours_only(State(face): State<Face>, request: Request, next: Next) -> Response {
    let (headers, uri) = (request.headers(), request.uri());
    if is_ours(headers, uri, &face.0.hosts) {
        return with_care(next.run(request).await);
    }
    let text = "This name is not one of Beadle's. Ask for 127.0.0.1 or localhost, or list the name in http.hosts \
                (BEADLE_HTTP_HOSTS).\n";
    with_care((StatusCode::FORBIDDEN, text).into_response())
}

/// No scripts, no frames, nothing from elsewhere, nothing kept.
fn with_care(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether host and origin are names of this machine or of its operator. A request without a host comes
/// from no browser.
pub fn is_ours(headers: &HeaderMap, uri: &Uri, hosts: &[String]) -> bool {
    let named = uri.host().map(str::to_owned);
    let told = match headers.get(header::HOST) {
        None => None,
        Some(host) => match host.to_str() {
            Ok(host) => Some(without_port(host).to_owned()),
            Err(_) => return false,
        },
    };
    let origin = match headers.get(header::ORIGIN) {
        None => None,
        Some(origin) => {
            let host = origin.to_str().ok().and_then(|o| o.split_once("://"));
            match host {
                Some((_, host)) => Some(without_port(host).to_owned()),
                None => return false,
            }
        }
    };
    [named, told, origin]
        .into_iter()
        .flatten()
        .all(|host| is_known(&host, hosts))
}

fn without_port(host: &str) -> &str {
    let port = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    match host.rsplit_once(':') {
        Some((host, p)) if port(p) && (!host.contains(':') || host.ends_with(']')) => host,
        _ => host,
    }
}

/// Addresses in numbers cannot be pointed elsewhere by anybody's name server.
fn is_known(host: &str, hosts: &[String]) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok() || hosts.contains(&host)
}
