//! `[telemetry]`: Scrim's own log lines.

use super::section::Section;

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

impl Telemetry {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            filter: section.get(
                "filter",
                Self::default().filter,
                "Which of Scrim's own log lines go to stderr: `error`, `warn`, `info`, `debug`, `trace`, or `info,scrim::proxy=debug`. `RUST_LOG` overrides it.",
            ),
        }
    }
}
