//! Takes up changed settings without a restart: those that the table marks as live.
use super::App;
use super::rooms::{self, privacy_facts};
use crate::config::Settings;

impl App {
    /// Takes up what may change while Beadle runs: the operators, how they are reached, how long things are kept,
    /// what they are told of.
    /// The next run of whatever deletes goes by it, and so does the next `/privacy`.
    ///
    /// # Errors
    /// The database's; then the operators are those of before.
    pub async fn take_up(&self, settings: &Settings) -> anyhow::Result<()> {
        self.facts.set(privacy_facts(settings));
        self.limits.set(settings.alerts.clone());
        rooms::appoint(settings, &*self.random, self.clock.now(), &self.store).await
    }
}
