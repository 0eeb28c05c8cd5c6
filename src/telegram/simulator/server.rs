//! The HTTP face: paths, bodies, answers, and connections that break on order.
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, Form, FromRequest, Multipart, Query, Request, State,
};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::errors::{ApiError, Outcome};
use super::faults::{self, Fault};
use super::params::{Params, Upload};
use super::{Shared, control, execute, poll, webhook};

/// Telegram takes uploads of 50 MB; the rest is room for the form around it.
const LARGEST_BODY: usize = 52 * 1024 * 1024;

/// A connection that can be cut.
pub(crate) struct Wire {
    inner: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Wire {
    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Relaxed) {
            Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "cut on order",
            ))
        } else {
            Ok(())
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

struct Door(TcpListener);

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            if let Ok((inner, addr)) = self.0.accept().await {
                // Without it small answers wait for the client's acknowledgement.
                let _ = inner.set_nodelay(true);
                return (
                    Wire {
                        inner,
                        cut: Arc::default(),
                    },
                    addr,
                );
            }
            // Out of descriptors, most likely: give the others time to close theirs.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Cuts the connection that a request came by.
#[derive(Clone)]
struct Scissors(Arc<AtomicBool>);

impl Connected<IncomingStream<'_, Door>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().cut))
    }
}

/// Serves until stopped.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let app = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::clone(&shared))
        .into_make_service_with_connect_info::<Scissors>();
    let hook = tokio::spawn(webhook::deliver(shared));
    tokio::select! {
        _ = axum::serve(Door(listener), app) => {}
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    hook.abort();
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return file(&shared, rest);
    }
    if shared.control
        && let Some(action) = path.strip_prefix("/sim/")
    {
        return control::answer(&shared, action, request).await;
    }
    let Some((token, method)) = path
        .strip_prefix("/bot")
        .and_then(|rest| rest.split_once('/'))
    else {
        return refuse(&ApiError::new(404, "Not Found"));
    };
    if token.replace("%3A", ":") != shared.token {
        return refuse(&ApiError::new(401, "Unauthorized"));
    }
    let method = method.to_owned();
    match read(request).await {
        Ok(params) => call(&shared, &scissors, &method, params).await,
        Err(error) => refuse(&error),
    }
}

async fn call(
    shared: &Arc<Shared>,
    scissors: &Scissors,
    method: &str,
    mut params: Params,
) -> Response {
    let at = shared.lock().now();
    let fault = {
        let mut world = shared.lock();
        let chat = world
            .chat_id(&params, "chat_id")
            .or_else(|| params.text("chat_id").and_then(|text| text.parse().ok()));
        faults::strike(&mut world.rules, method, chat)
    };
    let cut = || {
        scissors.0.store(true, Ordering::Relaxed);
        Response::new(Body::empty())
    };
    match &fault {
        Some(Fault::Error {
            code,
            text,
            retry_after,
        }) => {
            let error = ApiError {
                retry_after: *retry_after,
                ..ApiError::new(*code, text)
            };
            return shared.write(|world| {
                // A refused call is still held against the table.
                let _ = execute::check(world, method, &mut params);
                execute::note(world, method, params, at, &Err(error.clone()));
                refuse(&error)
            });
        }
        Some(Fault::Drop) => {
            let lost = Err(ApiError::new(0, "dropped on order"));
            shared.write(|world| execute::note(world, method, params, at, &lost));
            return cut();
        }
        Some(Fault::Status502) => {
            let lost = Err(ApiError::new(502, "Bad Gateway"));
            shared.write(|world| execute::note(world, method, params, at, &lost));
            return page(
                StatusCode::BAD_GATEWAY,
                "<html><h1>502 Bad Gateway</h1></html>",
            );
        }
        Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
        Some(Fault::LoseAnswer | Fault::NotJson) | None => {}
    }
    let response = if method.eq_ignore_ascii_case("getUpdates") {
        updates(shared, method, params).await
    } else {
        match shared.write(|world| execute::call(world, method, params)) {
            Ok(result) => accept(&result),
            Err(error) => refuse(&error),
        }
    };
    match fault {
        Some(Fault::LoseAnswer) => cut(),
        Some(Fault::NotJson) => page(StatusCode::OK, "<html>not what you expect</html>"),
        _ => response,
    }
}

async fn updates(shared: &Arc<Shared>, method: &str, mut params: Params) -> Response {
    let at = shared.lock().now();
    let checked = execute::check(&mut shared.lock(), method, &mut params);
    let outcome = match checked {
        Ok(()) => poll::get_updates(shared, &params).await,
        Err(error) => Err(error),
    };
    // Not `write`: an empty poll changes nothing that anybody waits for.
    let mut world = shared.lock();
    match outcome {
        Ok((body, count)) => {
            execute::note(&mut world, method, params, at, &Ok(Value::from(count)));
            json_response(StatusCode::OK, body)
        }
        Err(error) => {
            execute::note(
                &mut world,
                method,
                params,
                at,
                &Err(error.clone()) as &Outcome,
            );
            refuse(&error)
        }
    }
}

/// Parameters from the query and the body; the body wins.
async fn read(request: Request) -> Result<Params, ApiError> {
    let mut params = Params::default();
    if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
        params
            .map
            .extend(pairs.into_iter().map(|(k, v)| (k, Value::String(v))));
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    // Whatever the form, the body is read to its end: else the connection would have to close.
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| ApiError::new(413, "Request Entity Too Large"))?;
    let request = |bytes: Bytes| Request::from_parts(head, Body::from(bytes));
    let broken = |what: &str| ApiError::bad(format!("can't parse the request: {what}"));
    if kind.starts_with("multipart/form-data") {
        let mut form = Multipart::from_request(request(bytes), &())
            .await
            .map_err(|_| broken("multipart"))?;
        while let Some(part) = form.next_field().await.map_err(|_| broken("multipart"))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let mime = part.content_type().map(str::to_owned);
            let bytes = part
                .bytes()
                .await
                .map_err(|_| ApiError::new(413, "Request Entity Too Large"))?;
            match file {
                Some(file) => {
                    params.files.insert(
                        name,
                        Upload {
                            name: file,
                            mime,
                            bytes: bytes.to_vec(),
                        },
                    );
                }
                None => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    // teloxide sends files without a name; what nobody attached is a field.
                    if mime
                        .as_deref()
                        .is_some_and(|m| m.starts_with("application/octet"))
                    {
                        let upload = Upload {
                            name: "file".into(),
                            mime,
                            bytes: bytes.to_vec(),
                        };
                        params.files.insert(name.clone(), upload);
                    } else {
                        params.map.insert(name, Value::String(text));
                    }
                }
            }
        }
    } else if kind.starts_with("application/json") {
        if !bytes.is_empty() {
            match serde_json::from_slice(&bytes) {
                Ok(Value::Object(map)) => params.map.extend(map),
                _ => return Err(broken("can't parse JSON object")),
            }
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request(bytes), &())
            .await
            .map_err(|_| broken("form"))?;
        params
            .map
            .extend(pairs.into_iter().map(|(k, v)| (k, Value::String(v))));
    }
    Ok(params)
}

fn file(shared: &Arc<Shared>, rest: &str) -> Response {
    let Some((token, path)) = rest.split_once('/') else {
        return refuse(&ApiError::new(404, "Not Found"));
    };
    if token != shared.token {
        return refuse(&ApiError::new(401, "Unauthorized"));
    }
    let world = shared.lock();
    match world.files.values().find(|file| file.path == path) {
        Some(file) => {
            let mut response = Response::new(Body::from(file.bytes.clone()));
            let kind = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        None => refuse(&ApiError::new(404, "Not Found")),
    }
}

fn accept(result: &Value) -> Response {
    json_response(
        StatusCode::OK,
        json!({"ok": true, "result": result}).to_string(),
    )
}

fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.code).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = json_response(status, error.body().to_string());
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(crate) fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn page(status: StatusCode, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}
