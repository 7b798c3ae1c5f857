//! What a server is, which of its models is asked, how much it takes in, and whether it answers. Sends no prompt of
//! anybody: the readiness question is fixed.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    Kind, LocalError, ModelName, State, Status, http,
    target::{Target, Transport},
};
use crate::config::local;

/// Bytes of a server's answer about itself.
pub(super) const DOCUMENT_MAX: usize = 4 << 20;
/// How long a configured server may take to say what it has.
const CONFIGURED: Duration = Duration::from_secs(5);
/// A server that failed is left alone for this long, unless a new look finds it well.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// Context that is asked of Ollama at most: its memory grows with it.
const OLLAMA_CONTEXT_MAX: u64 = 32_768;

/// A server and what is known about it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) target: Arc<Target>,
    pub(super) kind: Kind,
    pub(super) model: Option<ModelName>,
    /// Tokens of question and answer together.
    pub(super) n_ctx: Option<u32>,
    pub(super) state: State,
    pub(super) configured: bool,
    failed: Mutex<Option<Instant>>,
}

/// How a server is looked at.
pub(super) struct Look<'a> {
    pub(super) known: &'a [Arc<Candidate>],
    /// For each question about the server.
    pub(super) within: Duration,
    /// For the readiness question: a model may have to be loaded first.
    pub(super) ready_within: Duration,
    pub(super) configured: bool,
}

impl Candidate {
    fn down(target: Arc<Target>, configured: bool, why: impl ToString) -> Self {
        let state = State::Down { why: why.to_string() };
        Self { target, kind: Kind::Other, model: None, n_ctx: None, state, configured, failed: Mutex::default() }
    }

    /// Found, but not to be used.
    pub(super) fn proposed(target: Arc<Target>, why: String) -> Self {
        Self { state: State::Proposed { why }, ..Self::down(target, false, "") }
    }

    pub(super) fn status(&self) -> Status {
        Status {
            kind: self.kind,
            url: self.target.url.clone(),
            model: self.model.clone(),
            n_ctx: self.n_ctx,
            state: self.state.clone(),
            configured: self.configured,
        }
    }

    /// Ready, and has not failed just now.
    pub(super) fn is_usable(&self) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        self.state == State::Ready && failed.is_none_or(|at| at.elapsed() > COOL_DOWN)
    }

    /// An answer failed for a reason that lies with the server.
    pub(super) fn mark_failed(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// Looks at all configured servers at once; keeps their order.
pub(super) async fn configured(
    known: &[Arc<Candidate>],
    settings: &local::Local,
    ca_files: &[PathBuf],
) -> Vec<Arc<Candidate>> {
    let look =
        Look { known, within: CONFIGURED, ready_within: Duration::from_secs(settings.timeout_secs), configured: true };
    let mut found = Vec::new();
    for endpoint in &settings.endpoints {
        let candidate = match Target::configured(endpoint, || http::tls(ca_files)).await {
            Ok(target) => examine(Arc::new(target), endpoint.model.as_deref(), &look).await,
            Err(error) => Candidate::down(Arc::new(unusable(&endpoint.url)), true, error),
        };
        found.push(Arc::new(candidate));
    }
    found
}

/// Stands in the list for an address that could not be read.
fn unusable(url: &str) -> Target {
    let mut target = Target::loopback(0);
    target.url = url.to_owned();
    target.tls = Transport::Plain;
    target
}

/// Looks at one server.
pub(super) async fn examine(target: Arc<Target>, wanted: Option<&str>, look: &Look<'_>) -> Candidate {
    let models = match http::get_json(&target, "/v1/models", look.within).await {
        Ok(Some(models)) => models,
        Ok(None) => return Candidate::down(target, look.configured, "it has no `/v1/models`"),
        Err(error) => return Candidate::down(target, look.configured, error),
    };
    let kind = recognise(&target, &models, look.within).await;
    let cloud = if kind == Kind::Ollama { remote_models(&target, look.within).await } else { Vec::new() };
    let model = match choose(&models.value, wanted, kind, &cloud) {
        Ok(model) => model,
        Err(why) => return Candidate { kind, ..Candidate::down(target, look.configured, why) },
    };
    let n_ctx = context(&target, kind, &model, &models.value, look.within).await;
    let was_ready = look
        .known
        .iter()
        .any(|known| known.target.url == target.url && known.model.as_ref() == Some(&model) && known.is_usable());
    let mut candidate = Candidate {
        target,
        kind,
        model: Some(model),
        n_ctx,
        state: State::Ready,
        configured: look.configured,
        failed: Mutex::default(),
    };
    if !was_ready && let Err(error) = answers(&candidate, look.ready_within).await {
        candidate.state = State::Down { why: error.to_string() };
    }
    candidate
}

async fn recognise(target: &Target, models: &http::Json, within: Duration) -> Kind {
    let owned_by = |name: &str| entries(&models.value).iter().any(|entry| entry["owned_by"] == name);
    if models.server.contains("llama.cpp") || owned_by("llamacpp") {
        return Kind::LlamaCpp;
    }
    if owned_by("vllm") {
        return Kind::Vllm;
    }
    let has = |document: Result<Option<http::Json>, LocalError>, field: &str| {
        document.ok().flatten().is_some_and(|json| !json.value[field].is_null())
    };
    if has(http::get_json(target, "/api/version", within).await, "version") {
        return Kind::Ollama;
    }
    if has(http::get_json(target, "/api/v0/models", within).await, "data") {
        return Kind::LmStudio;
    }
    if has(http::get_json(target, "/version", within).await, "version") {
        return Kind::Vllm;
    }
    Kind::Other
}

fn entries(models: &Value) -> &[Value] {
    models["data"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Names of models that Ollama passes on to another machine.
async fn remote_models(target: &Target, within: Duration) -> Vec<String> {
    let tags = http::get_json(target, "/api/tags", within).await.ok().flatten();
    let models = tags.as_ref().and_then(|json| json.value["models"].as_array()).map(Vec::as_slice).unwrap_or_default();
    let remote = models.iter().filter(|model| !model["remote_host"].is_null() || !model["remote_model"].is_null());
    remote.filter_map(|model| model["name"].as_str().map(str::to_owned)).collect()
}

/// The wanted model, or the first that is listed, chats and runs here.
fn choose(models: &Value, wanted: Option<&str>, kind: Kind, cloud: &[String]) -> Result<ModelName, String> {
    let runs_here = |model: &ModelName| {
        kind != Kind::Ollama || !(model.runs_in_a_cloud() || cloud.iter().any(|name| name == model.as_str()))
    };
    let listed: Vec<ModelName> =
        entries(models).iter().filter_map(|entry| entry["id"].as_str()).map(ModelName::new).collect();
    if let Some(wanted) = wanted {
        let latest = format!("{wanted}:latest");
        let found = listed.iter().find(|model| model.as_str() == wanted || model.as_str() == latest);
        // llama.cpp serves the file it was started with under any name.
        let model = match (found, kind) {
            (Some(found), _) => found.clone(),
            (None, Kind::LlamaCpp) => ModelName::new(wanted),
            (None, _) => return Err(format!("it has no model `{wanted}`")),
        };
        return if runs_here(&model) { Ok(model) } else { Err(format!("`{model}` runs in Ollama's cloud, not here")) };
    }
    if listed.is_empty() {
        return Err("it lists no model".to_owned());
    }
    let usable = listed.into_iter().find(|model| runs_here(model) && !model.only_embeds());
    usable.ok_or_else(|| "none of its models chats and runs on this machine".to_owned())
}

async fn context(target: &Target, kind: Kind, model: &ModelName, models: &Value, within: Duration) -> Option<u32> {
    let entry = entries(models).iter().find(|entry| entry["id"] == model.as_str()).or_else(|| entries(models).first());
    let listed = || {
        let entry = entry?;
        entry["max_model_len"].as_u64().or_else(|| entry["meta"]["n_ctx"].as_u64())
    };
    let tokens = match kind {
        Kind::LlamaCpp => {
            // The list names the context of all slots together; a request gets one slot.
            let props = http::get_json(target, "/props", within).await.ok().flatten();
            props.and_then(|json| json.value["default_generation_settings"]["n_ctx"].as_u64()).or_else(listed)
        }
        Kind::LmStudio => {
            let own = http::get_json(target, "/api/v0/models", within).await.ok().flatten()?;
            let own = entries(&own.value).iter().find(|entry| entry["id"] == model.as_str())?;
            own["loaded_context_length"].as_u64().or_else(|| own["max_context_length"].as_u64())
        }
        Kind::Ollama => Some(ollama_context(target, model, within).await.map_or(4096, |n| n.min(OLLAMA_CONTEXT_MAX))),
        Kind::Vllm | Kind::Other => listed(),
    };
    tokens.filter(|tokens| *tokens > 0).map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX))
}

async fn ollama_context(target: &Target, model: &ModelName, within: Duration) -> Option<u64> {
    let question = json!({ "model": model.as_str() }).to_string().into_bytes();
    let response = http::send(target, "/api/show", Some(question), within).await.ok()?;
    let document: Value = serde_json::from_slice(&response.read(DOCUMENT_MAX, within).await.ok()?).ok()?;
    let facts = document["model_info"].as_object()?;
    facts.iter().find(|(name, _)| name.ends_with(".context_length")).and_then(|(_, value)| value.as_u64())
}

/// One token of an answer, to see that the model is loaded and works.
async fn answers(candidate: &Candidate, within: Duration) -> Result<(), LocalError> {
    let Some(model) = &candidate.model else { return Err(LocalError::NoModel { looked_at: Vec::new() }) };
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    let (path, body) = if candidate.kind == Kind::Ollama {
        let options = json!({ "num_predict": 1 });
        ("/api/chat", json!({ "model": model.as_str(), "messages": messages, "stream": false, "options": options }))
    } else {
        let body = json!({ "model": model.as_str(), "messages": messages, "stream": false, "max_tokens": 1 });
        ("/v1/chat/completions", body)
    };
    let response = http::send(&candidate.target, path, Some(body.to_string().into_bytes()), within).await?;
    let status = response.status.as_u16();
    let body = response.read(DOCUMENT_MAX, within).await?;
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answered = status == 200 && document["error"].is_null() && document.is_object();
    if answered {
        return Ok(());
    }
    let kind = document["error"]["type"].as_str().map(str::to_owned);
    Err(LocalError::Refused { url: candidate.target.url.clone(), status, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(names: &[&str]) -> Value {
        json!({ "data": names.iter().map(|name| json!({ "id": name })).collect::<Vec<_>>() })
    }

    #[test]
    fn a_model_that_runs_elsewhere_is_never_chosen() {
        let list = models(&["gpt-oss:120b-cloud", "renamed:latest", "nomic-embed-text:latest", "gemma3:4b"]);
        let cloud = ["renamed:latest".to_owned()];
        assert_eq!(choose(&list, None, Kind::Ollama, &cloud).unwrap().as_str(), "gemma3:4b");
        assert!(choose(&list, Some("gpt-oss:120b-cloud"), Kind::Ollama, &cloud).is_err());
        assert!(choose(&list, Some("renamed"), Kind::Ollama, &cloud).is_err());
        assert!(choose(&models(&["a:cloud"]), None, Kind::Ollama, &[]).is_err());
    }

    #[test]
    fn a_wanted_model_must_be_there() {
        let list = models(&["a", "b:latest"]);
        assert_eq!(choose(&list, Some("b"), Kind::Other, &[]).unwrap().as_str(), "b:latest");
        assert_eq!(choose(&list, Some("c"), Kind::Vllm, &[]).unwrap_err(), "it has no model `c`");
        assert_eq!(choose(&list, Some("c"), Kind::LlamaCpp, &[]).unwrap().as_str(), "c");
        assert_eq!(choose(&models(&[]), None, Kind::Other, &[]).unwrap_err(), "it lists no model");
    }
}
