//! The company's own model: answers what must not leave. Finds a server, keeps an eye on its health, fits the
//! conversation into its context and streams its answer as text. Does not speak any site's format: `site` does.
//!
//! Where an answer cannot be had, the caller gets an error to phrase as a refusal; the prompt goes nowhere else.

// where a server is, and whether it may be used
mod target;
mod listener;
mod http;
// what it is and whether it is ready
mod probe;
mod find;
mod status;
// one answer
mod fit;
mod ask;
mod think;
mod reading;
mod answering;
mod error;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

pub use answering::{Answering, Piece};
pub use error::LocalError;
pub use status::{Kind, ModelName, State, Status};

use self::{ask::Request, probe::Candidate};
use crate::{config, site::Turn};

/// What the local model is asked.
#[derive(Debug, Clone, Default)]
pub struct LocalPrompt {
    /// The conversation, oldest turn first; the last is the one to answer.
    pub turns: Vec<Turn>,
    /// Tokens of the answer at most; `[local] max_tokens` caps it.
    pub max_tokens: Option<u32>,
}

/// The company's models, in order of preference.
#[derive(Debug)]
pub struct Local {
    settings: config::local::Local,
    ca_files: Vec<PathBuf>,
    /// What the last look found. Written by [`refresh`](Self::refresh) and by failing answers.
    candidates: RwLock<Vec<Arc<Candidate>>>,
    /// One look at a time.
    looking: tokio::sync::Mutex<()>,
    /// `[local] concurrency` answers at one time.
    slots: Arc<Semaphore>,
}

impl Local {
    /// Nothing is looked for before [`refresh`](Self::refresh) or the first question.
    #[must_use]
    pub fn new(settings: &config::local::Local) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(settings.concurrency.max(1))),
            settings: settings.clone(),
            ca_files: Vec::new(),
            candidates: RwLock::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// More certificates to trust for `https` endpoints: `[upstream] ca_files`.
    #[must_use]
    pub fn with_ca_files(mut self, ca_files: Vec<PathBuf>) -> Self {
        self.ca_files = ca_files;
        self
    }

    /// The model that would answer now, as far as is known. Costs nothing.
    #[must_use]
    pub fn available(&self) -> Option<ModelName> {
        self.ready().first().and_then(|candidate| candidate.model.clone())
    }

    /// Everything that was looked at, for `scrim doctor` and `scrim local list`.
    #[must_use]
    pub fn status(&self) -> Vec<Status> {
        self.candidates().iter().map(|candidate| candidate.status()).collect()
    }

    /// Looks again: which servers are there, which models they have, and (once per model) whether they answer.
    pub async fn refresh(&self) {
        let _one_at_a_time = self.looking.lock().await;
        self.look().await;
    }

    /// Asks the first model that is ready; another one when it fails before its first word. Returns with that word in
    /// hand, so that an error can still become a refusal.
    ///
    /// # Errors
    /// When no model is ready, all slots stay taken, or none of them answers.
    pub async fn answer(&self, prompt: LocalPrompt) -> Result<Answering, LocalError> {
        if self.ready().is_empty() {
            self.refresh().await;
        }
        let wait = Duration::from_secs(self.settings.timeout_secs);
        let slot = tokio::time::timeout(wait, self.slots.clone().acquire_owned()).await;
        let Ok(Ok(slot)) = slot else { return Err(LocalError::Busy { waited_secs: self.settings.timeout_secs }) };
        let max_tokens = prompt.max_tokens.unwrap_or(u32::MAX).clamp(1, self.settings.max_tokens.max(1));
        let request = Request {
            turns: &prompt.turns,
            max_tokens,
            asked: Instant::now(),
            first: wait,
            idle: Duration::from_secs(self.settings.idle_secs),
        };
        let mut last = LocalError::NoModel { looked_at: self.status().iter().map(ToString::to_string).collect() };
        for candidate in self.ready() {
            match ask::ask(&candidate, &request).await {
                Ok(answering) => return Ok(answering.holding(slot)),
                Err(error) => {
                    if !error.leaves_health_alone() {
                        candidate.mark_failed();
                    }
                    last = error;
                }
            }
        }
        Err(last)
    }

    async fn look(&self) {
        let known = self.candidates();
        let found = if self.settings.endpoints.is_empty() {
            if self.settings.autodetect { find::on_loopback(&known, &self.settings).await } else { Vec::new() }
        } else {
            probe::configured(&known, &self.settings, &self.ca_files).await
        };
        *self.candidates.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn candidates(&self) -> Vec<Arc<Candidate>> {
        self.candidates.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ready(&self) -> Vec<Arc<Candidate>> {
        self.candidates().into_iter().filter(|candidate| candidate.is_usable()).collect()
    }
}

#[cfg(test)]
mod tests;
