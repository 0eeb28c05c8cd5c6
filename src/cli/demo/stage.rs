//! The made-up group, its people, and the appliance that serves it.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Mutex;

use crate::app::{App, Ground};
use crate::base::clock::SystemClock;
use crate::base::random::{Random as _, SystemRandom};
use crate::community::Community;
use crate::config::{Env, Flags, Settings};
use crate::features::moderation::{KeptVerdict, verdict};
use crate::store::Store;
use crate::telegram::simulator::{ChatId, SimOptions, Simulator, UserId};

/// The longest a verdict may take before the demo calls it a fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// The people of the group.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub(super) owner: UserId,
    pub(super) regulars: Vec<(UserId, &'static str)>,
    pub(super) strangers: Vec<(UserId, &'static str)>,
}

/// Simulator, appliance and cast. Cheap to clone.
#[derive(Clone)]
pub(super) struct Theatre {
    pub(super) sim: Simulator,
    pub(super) group: ChatId,
    pub(super) title: &'static str,
    pub(super) cast: Arc<Cast>,
    pub(super) store: Store,
    pub(super) community: Community,
    app: Arc<Mutex<Option<App>>>,
    dir: PathBuf,
}

impl Theatre {
    /// Sets the stage: a group of people who talk, one that is in *act*, and Beadle as its admin.
    pub(super) async fn open() -> anyhow::Result<Self> {
        let sim = Simulator::start(SimOptions {
            clock: Arc::new(SystemClock),
            bot_username: "beadle_demo_bot".to_owned(),
            read_all_messages: true,
            ..SimOptions::default()
        })?;
        let title = "Allotment gardeners";
        let group = sim.supergroup(title);
        let owner = sim.owner(group);
        sim.set_user(
            owner,
            &serde_json::json!({ "first_name": "Olga", "username": "olga_green" }),
        );
        let person = |name: &'static str| (sim.user(name), name);
        let cast = Cast {
            owner,
            regulars: ["Ben", "Marta", "Илья", "Priya"].map(person).to_vec(),
            strangers: ["Kevin", "Алина", "Profit Pat", "Lucky Lena", "Tom"]
                .map(person)
                .to_vec(),
        };
        sim.add_bot_admin(group);
        for (user, _) in &cast.regulars {
            sim.join(group, *user);
        }
        let dir = scratch()?;
        let env = Env::of(&[
            ("TELEGRAM_BOT_TOKEN", sim.token()),
            ("BEADLE_TELEGRAM_API_URL", &sim.url()),
            ("BEADLE_DATA_DIR", &dir.to_string_lossy()),
            ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
            // Real groups begin with *suggest*; here Beadle shall be seen at work.
            ("BEADLE_MODERATION_MODE", "act"),
        ]);
        let (settings, _) = Settings::load(&Flags::default(), &env)?;
        let ground = Ground::real(&settings);
        let app = App::start(settings, ground).await?;
        let (store, community) = (app.store.clone(), app.community.clone());
        Ok(Self {
            sim,
            group,
            title,
            cast: Arc::new(cast),
            store,
            community,
            app: Arc::new(Mutex::new(Some(app))),
            dir,
        })
    }

    /// What Beadle decided about a message after `edits` changes of it, once it has.
    pub(super) async fn verdict(&self, message: i64, edit: bool) -> anyhow::Result<KeptVerdict> {
        let chat = self.group;
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let kept = self
                    .store
                    .read(move |conn| verdict(conn, chat, message))
                    .await?;
                match kept {
                    Some(kept) if kept.edit == edit => return Ok::<_, anyhow::Error>(kept),
                    _ => tokio::time::sleep(Duration::from_millis(4)).await,
                }
            }
        });
        found.await.context("Beadle did not decide within 10 s")?
    }

    /// Whether a message disappears from the group soon.
    pub(super) async fn disappears(&self, message: i64) -> bool {
        let group = self.group;
        let gone =
            move |sim: &Simulator| sim.deleted(group).iter().any(|m| m.message_id == message);
        self.sim.wait_until(gone, PATIENCE).await
    }

    /// The name of a person of the cast.
    pub(super) fn name(&self, user: UserId) -> Option<&'static str> {
        let all = self.cast.regulars.iter().chain(&self.cast.strangers);
        all.into_iter()
            .find(|(id, _)| *id == user)
            .map(|(_, name)| *name)
            .or_else(|| (user == self.cast.owner).then_some("Olga"))
    }

    /// Ends the appliance and the simulator, and sweeps up.
    pub(super) async fn close(&self) {
        if let Some(app) = self.app.lock().await.take() {
            app.stop().await;
        }
        self.sim.stop();
        if let Err(e) = std::fs::remove_dir_all(&self.dir) {
            tracing::warn!(error = %e, dir = %self.dir.display(), "the demo's folder could not be removed");
        }
    }
}

/// A fresh folder for the demo's database.
fn scratch() -> anyhow::Result<PathBuf> {
    let mut chance = [0_u8; 8];
    SystemRandom.fill(&mut chance);
    let name = format!("beadle-demo-{:016x}", u64::from_le_bytes(chance));
    let dir = std::env::temp_dir().join(name);
    std::fs::create_dir(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    Ok(dir)
}
