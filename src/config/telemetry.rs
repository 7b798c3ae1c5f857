//! `[telemetry]`: Scrim's own log lines.

/// `[telemetry]`
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// Filter in `tracing`'s syntax; `RUST_LOG` overrides it. Default `info`.
    pub filter: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { filter: "info".to_owned() }
    }
}
