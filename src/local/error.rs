//! Why a local model gave no answer, in words for the person who waits for it and for IT. Never holds what a server
//! said in prose: it may repeat the prompt.

/// No answer from a local model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// Nothing is there to ask.
    #[error("no local model is ready{}\n  hint: `scrim local test` shows what each server says", list(.looked_at))]
    NoModel {
        /// One line a server that was looked at.
        looked_at: Vec<String>,
    },
    /// All slots stayed taken.
    #[error(
        "the local model is busy: no slot within {waited_secs} s\n  hint: `[local] concurrency` sets how many answers run at one time"
    )]
    Busy {
        /// How long was waited.
        waited_secs: u64,
    },
    /// An address that cannot be used.
    #[error("`{url}` is no usable address of a local model: {why}")]
    Address {
        /// As configured.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server has a public address.
    #[error(
        "`{host}` has the public address {address}: prompts would leave the company\n  hint: `allow_remote = true` in `[[local.endpoint]]` permits it"
    )]
    Public {
        /// Host of the endpoint.
        host: String,
        /// What it resolves to.
        address: std::net::IpAddr,
    },
    /// No connection, or it broke.
    #[error("cannot speak to the local model at `{url}`: {why}")]
    Unreachable {
        /// Base URL.
        url: String,
        /// What the connection says.
        why: String,
    },
    /// The server is there and says no.
    #[error("the local model at `{url}` answered {status}{}", named(.kind))]
    Refused {
        /// Base URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// The error's type, as the server names it.
        kind: Option<String>,
    },
    /// It wants to send us elsewhere.
    #[error(
        "the local model at `{url}` redirects; redirects are not followed\n  hint: put the final address into `[[local.endpoint]] url`"
    )]
    Redirect {
        /// Base URL.
        url: String,
    },
    /// Too slow.
    #[error(
        "the local model at `{url}` said nothing for {secs} s\n  hint: `[local] timeout_secs` and `idle_secs` set the limits"
    )]
    TimedOut {
        /// Base URL.
        url: String,
        /// The limit that passed.
        secs: u64,
    },
    /// The answer has no text.
    #[error("the local model `{model}` gave no answer")]
    Empty {
        /// Its name.
        model: String,
    },
    /// The question does not fit, even alone.
    #[error("the message is too long for the local model `{model}`{}", context(.n_ctx))]
    TooLong {
        /// Its name.
        model: String,
        /// Tokens it can take in all.
        n_ctx: Option<u32>,
    },
    /// The server cut the question without saying so.
    #[error(
        "the local model `{model}` saw only a part of the message: its server cut it\n  hint: give the model a larger context"
    )]
    Truncated {
        /// Its name.
        model: String,
    },
    /// The stream is not what it should be, or an error came inside it.
    #[error("the local model's answer broke off: {why}")]
    Broken {
        /// In words, without content.
        why: String,
    },
}

impl LocalError {
    /// True when the server works and this question was the trouble.
    pub(super) fn leaves_health_alone(&self) -> bool {
        matches!(self, Self::TooLong { .. } | Self::Busy { .. } | Self::Truncated { .. } | Self::Empty { .. })
    }
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n  {line}")).collect()
}

fn named(kind: &Option<String>) -> String {
    kind.as_ref().map_or_else(String::new, |kind| format!(" (`{kind}`)"))
}

fn context(n_ctx: &Option<u32>) -> String {
    n_ctx.map_or_else(String::new, |tokens| format!(", which takes {tokens} tokens in all"))
}
