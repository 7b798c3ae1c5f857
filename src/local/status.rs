//! What is known about a server of local models, as people and other modules see it.

use std::fmt;

/// Name of a model as its server calls it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelName(String);

impl ModelName {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Models that Ollama lists but runs in its maker's cloud: `gpt-oss:120b-cloud`, `x:cloud`.
    pub(super) fn runs_in_a_cloud(&self) -> bool {
        let tag = self.0.rsplit(':').next().unwrap_or_default();
        self.0.contains(':') && (tag == "cloud" || tag.ends_with("-cloud"))
    }

    /// Names that are no chat models.
    pub(super) fn only_embeds(&self) -> bool {
        let lower = self.0.to_lowercase();
        ["embed", "bge-", "rerank", "whisper", "clip-"].iter().any(|part| lower.contains(part))
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A server's word for its model is shown to people: no control characters.
        self.0.chars().filter(|c| !c.is_control()).take(80).try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// Program that serves the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asked by its own protocol, because the OpenAI route cuts long prompts silently.
    Ollama,
    /// `llama-server` and what embeds it.
    LlamaCpp,
    /// LM Studio.
    LmStudio,
    /// vLLM.
    Vllm,
    /// Anything else that speaks `/v1/chat/completions`.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ollama => "Ollama",
            Self::LlamaCpp => "llama.cpp",
            Self::LmStudio => "LM Studio",
            Self::Vllm => "vLLM",
            Self::Other => "OpenAI-compatible server",
        })
    }
}

/// Whether it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Prompts go there.
    Ready,
    /// Found, but not used until somebody configures it.
    Proposed {
        /// Why not.
        why: String,
    },
    /// Cannot be used.
    Down {
        /// Why not.
        why: String,
    },
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it is.
    pub kind: Kind,
    /// Base URL.
    pub url: String,
    /// The model that would be asked.
    pub model: Option<ModelName>,
    /// Tokens of question and answer together, when the server says.
    pub n_ctx: Option<u32>,
    /// Ready or why not.
    pub state: State,
    /// Named in the configuration; else found on loopback.
    pub configured: bool,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at `{}`", self.kind, self.url)?;
        if let Some(model) = &self.model {
            write!(f, ", model `{model}`")?;
        }
        if let Some(n_ctx) = self.n_ctx {
            write!(f, ", context {n_ctx}")?;
        }
        match &self.state {
            State::Ready => f.write_str(": ready"),
            State::Proposed { why } => write!(f, ": not used: {why}"),
            State::Down { why } => write!(f, ": down: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_that_run_elsewhere_are_known_by_their_tag() {
        for cloud in ["gpt-oss:120b-cloud", "qwen3-coder:480b-cloud", "kimi-k2:cloud"] {
            assert!(ModelName::new(cloud).runs_in_a_cloud(), "{cloud}");
        }
        for local in ["gemma3:4b", "nimbus-cloud", "cloud:7b", "cumulus"] {
            assert!(!ModelName::new(local).runs_in_a_cloud(), "{local}");
        }
    }
}
