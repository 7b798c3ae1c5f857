//! The two options nearly every command has: which configuration, which state folder. Loads what they name.

use std::path::{Path, PathBuf};

use crate::{
    app::{
        build,
        files::RuleFiles,
        state::{StateError, StateFolder},
    },
    config::Config,
    detect::Detector,
    site::catalogue::Catalogue,
};

use super::CliError;

/// Which installation a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Setup {
    /// Configuration file; defaults apply without one
    #[arg(long, value_name = "FILE", global = true, display_order = 900)]
    pub(super) config: Option<PathBuf>,
    /// State folder: the CA, the log, the vault, the control socket
    #[arg(long, value_name = "DIR", global = true, display_order = 901)]
    pub(super) state: Option<PathBuf>,
}

impl Setup {
    /// The configuration file in force, if any.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let variable = || std::env::var_os("SCRIM_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from);
        self.config.clone().or_else(variable)
    }

    /// The configuration.
    pub(super) fn load(&self) -> Result<Config, CliError> {
        Ok(Config::load(self.file().as_deref())?)
    }

    /// Where state is kept; nothing is touched.
    pub(super) fn locate(&self) -> Result<PathBuf, CliError> {
        Ok(StateFolder::locate(self.state.as_deref())?)
    }

    /// Where state is kept, if there is such a folder: for commands that work without one. Nothing is touched.
    pub(super) fn state_if_any(&self) -> Result<Option<PathBuf>, CliError> {
        match StateFolder::locate(self.state.as_deref()) {
            Ok(path) if path.is_dir() => Ok(Some(path)),
            Ok(_) | Err(StateError::Nowhere) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The state folder, made when it is missing.
    pub(super) fn open_state(&self) -> Result<StateFolder, CliError> {
        Ok(StateFolder::open(&self.locate()?)?)
    }

    /// The state folder, if it is there.
    pub(super) fn existing_state(&self) -> Result<StateFolder, CliError> {
        Ok(StateFolder::existing(&self.locate()?)?)
    }
}

/// The detector that a configuration describes, with the index of the state folder, if any.
pub(super) fn detector(config: &Config, state: Option<&Path>) -> Result<Detector, CliError> {
    Ok(build::detector(config, &RuleFiles::read(&config.rules)?, state)?)
}

/// … and the model that it names.
pub(super) fn with_model(detector: Detector, config: &Config) -> Result<Detector, CliError> {
    if config.detect.model.path.is_none() {
        return Err(CliError::Argument {
            what: "`--model` without a model".to_owned(),
            hint: "`[detect.model] path` in the configuration names one (docs/model.md)".to_owned(),
        });
    }
    Ok(build::with_model(detector, config).map_err(build::BuildError::from)?)
}

/// The sites that a configuration describes, disabled ones marked.
pub(super) fn catalogue(config: &Config) -> Result<Catalogue, CliError> {
    Ok(build::catalogue(config, &RuleFiles::read(&config.rules)?)?)
}

/// Waits for something on a runtime of this thread alone: enough for asking the running instance.
pub(super) fn wait<F: Future>(what: F) -> Result<F::Output, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Runtime)?;
    Ok(runtime.block_on(what))
}

/// A runtime for serving: on all cores.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CliError::Runtime)
}
