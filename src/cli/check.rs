//! `scrim check`: validates a configuration and every rule it names without running anything; prints all options.

use crate::{
    app::{build, files::RuleFiles, reload::summary},
    config::{Config, reference},
};

use super::{
    CliError, Outcome,
    output::{Stdout, say},
    setup::Setup,
};

/// Validate the configuration, rules and sites without running
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Print every option with its default instead
    #[arg(long)]
    defaults: bool,
    /// Form of the printed options
    #[arg(long, value_enum, default_value_t, requires = "defaults")]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Form {
    /// A commented scrim.toml
    #[default]
    Toml,
    /// The page docs/configuration.md
    Markdown,
}

impl Check {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        if self.defaults {
            let printed = match self.format {
                Form::Toml => reference::toml(),
                Form::Markdown => reference::markdown(),
            };
            let mut out = Stdout::open();
            out.bytes(printed.as_bytes())?;
            out.flush()?;
            return Ok(Outcome::Fine);
        }
        let file = setup.file();
        let config = Config::load(file.as_deref())?;
        let files = RuleFiles::read(&config.rules)?;
        let inspector = build::inspector(&config, &files, None, config.console.listen)?;
        let name = file.map_or_else(|| "the defaults".to_owned(), |file| format!("`{}`", file.display()));
        say(&format!("{name}: fine ({})", summary(&inspector)));
        Ok(Outcome::Fine)
    }
}
