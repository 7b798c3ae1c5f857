//! Finds model servers on this machine's usual ports when none is configured. One whose process belongs to somebody
//! else is proposed, not used: it could be anything that sits on that port to read prompts.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{
    http,
    listener::{Owner, owner},
    probe::{Candidate, Look, examine},
    target::Target,
};
use crate::config::local;

/// Usual ports in order of preference: Ollama, llama.cpp (and LocalAI), LM Studio (and mistral.rs), vLLM.
pub(super) const PORTS: &[u16] = &[11434, 8080, 1234, 8000];
/// How long a port may take to say what it is.
const WITHIN: Duration = Duration::from_millis(300);

/// Everything on the usual ports that lists models.
pub(super) async fn on_loopback(known: &[Arc<Candidate>], settings: &local::Local) -> Vec<Arc<Candidate>> {
    on_ports(PORTS, known, settings).await
}

/// The same for given ports.
pub(super) async fn on_ports(ports: &[u16], known: &[Arc<Candidate>], settings: &local::Local) -> Vec<Arc<Candidate>> {
    let known: Arc<[Arc<Candidate>]> = known.into();
    let ready_within = Duration::from_secs(settings.timeout_secs);
    let mut looks = JoinSet::new();
    for (rank, port) in ports.iter().copied().enumerate() {
        let known = known.clone();
        looks.spawn(async move { (rank, on_port(port, &known, ready_within).await) });
    }
    let mut found: Vec<(usize, Candidate)> = Vec::new();
    while let Some(look) = looks.join_next().await {
        if let Ok((rank, Some(candidate))) = look {
            found.push((rank, candidate));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, candidate)| Arc::new(candidate)).collect()
}

async fn on_port(port: u16, known: &[Arc<Candidate>], ready_within: Duration) -> Option<Candidate> {
    let target = Arc::new(Target::loopback(port));
    // Most ports have nothing, or a web server of another kind: those are no news.
    http::get_json(&target, "/v1/models", WITHIN).await.ok().flatten()?;
    let refused = match owner(port).await {
        Owner::Trusted => None,
        Owner::Other(uid) => {
            Some(format!("its process belongs to user {uid}; name it in `[[local.endpoint]]` to use it"))
        }
        Owner::Unknown => {
            Some("whose process it is cannot be told; name it in `[[local.endpoint]]` to use it".to_owned())
        }
    };
    if let Some(why) = refused {
        return Some(Candidate::proposed(target, why));
    }
    let look = Look { known, within: WITHIN.saturating_mul(5), ready_within, configured: false };
    Some(examine(target, None, &look).await)
}
