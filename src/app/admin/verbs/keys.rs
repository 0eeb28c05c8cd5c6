//! The secret.
use serde_json::{Value, json};

use super::{Args, Desk, items};
use crate::app::admin::Refusal;
use crate::base::random::SystemRandom;
use crate::base::secretbox::{GRACE, Keyring};
use crate::community::audit::{Actor, Audit as _, AuditEntry};

/// Puts a new secret in the place of the file's. A running Beadle takes it at its next start.
pub(super) async fn rotate(desk: &Desk, _: Args) -> Result<Vec<Value>, Refusal> {
    if desk.secret_given {
        return Err(Refusal::new(
            "not_ours",
            "the secret is yours",
            "SECRET_KEY is given from outside: put a new value there (`openssl rand -hex 32`), name the old one in \
             SECRET_KEY_PREVIOUS, and restart",
        ));
    }
    let (dir, now) = (desk.store.dir().to_owned(), desk.now());
    let rotated = tokio::task::spawn_blocking(move || Keyring::rotate(&dir, &SystemRandom, now));
    let failed = |e: String| Refusal::new("internal", "the secret stays as it was", e);
    let kept = rotated
        .await
        .map_err(|e| failed(e.to_string()))?
        .map_err(failed)?;
    let uid = rustix::process::geteuid().as_raw();
    let entry = AuditEntry::new(Actor::Cli { uid }, "secret.rotate", "house");
    desk.store.write(move |tx| tx.audit(&entry, now)).await?;
    items([json!({ "earlier": kept, "grace_days": GRACE / 86_400_000 })])
}
