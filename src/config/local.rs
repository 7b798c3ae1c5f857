//! `[local]` and `[[local.endpoint]]`: the company's own models.

use super::section::Section;

/// `[local]`
#[derive(Debug, Clone)]
pub struct Local {
    /// In order of preference.
    pub endpoints: Vec<Endpoint>,
    /// Look for a model on loopback when no endpoint is configured. Default true.
    pub autodetect: bool,
    /// Seconds until the first piece of an answer. Default 120.
    pub timeout_secs: u64,
    /// Seconds between two pieces. Default 60.
    pub idle_secs: u64,
    /// Answers at one time. Default 4.
    pub concurrency: usize,
    /// Tokens of an answer at most. Default 1024.
    pub max_tokens: u32,
}

/// `[[local.endpoint]]`
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Base URL without `/v1`: `http://127.0.0.1:11434`.
    pub url: String,
    /// Model name; `None`: the first that the server lists.
    pub model: Option<String>,
    /// Bearer key, read from this file.
    pub api_key_file: Option<std::path::PathBuf>,
    /// The endpoint may have a public address. Default false.
    pub allow_remote: bool,
}

impl Default for Local {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            autodetect: true,
            timeout_secs: 120,
            idle_secs: 60,
            concurrency: 4,
            max_tokens: 1024,
        }
    }
}

impl Local {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            autodetect: section.get(
                "autodetect",
                default.autodetect,
                "Use a model server found on a usual loopback port when no endpoint is configured, if it runs as Scrim's user or as root.",
            ),
            timeout_secs: section.count(
                "timeout_secs",
                default.timeout_secs,
                1..=3600,
                "Seconds until the first piece of an answer. Small machines take a while to read a long prompt.",
            ),
            idle_secs: section.count("idle_secs", default.idle_secs, 1..=3600, "Seconds between two pieces of an answer."),
            concurrency: section.count("concurrency", default.concurrency, 1..=1024, "Answers at one time; more wait."),
            max_tokens: section.count("max_tokens", default.max_tokens, 1..=1 << 20, "Tokens of an answer at most."),
            endpoints: section.tables(
                "endpoint",
                "A model server that speaks the OpenAI dialect (Ollama, llama.cpp, LM Studio, vLLM), in order of preference.",
                Endpoint::read,
            ),
        }
    }
}

impl Endpoint {
    fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let url: Option<String> = section.required("url", "\"http://127.0.0.1:11434\"", "Base URL without `/v1`.");
        if url.as_deref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            section.reject("url", "`url` is no web address".to_owned(), Some("`http://…` or `https://…`"), None);
        }
        Some(Self {
            model: section.optional(
                "model",
                "\"gemma3:4b\"",
                "Name of the model; unset: the first that the server lists.",
            ),
            api_key_file: section.optional(
                "api_key_file",
                "\"/etc/scrim/model.key\"",
                "File that holds the server's bearer key.",
            ),
            allow_remote: section.get(
                "allow_remote",
                false,
                "The server may have a public address. Prompts that must not leave the company would go there.",
            ),
            url: url?,
        })
    }
}
