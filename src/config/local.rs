//! `[local]` and `[[local.endpoint]]`: the company's own models.

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
