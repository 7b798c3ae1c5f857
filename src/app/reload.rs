//! Puts a changed configuration in force: everything is built first and swapped at once, so that a wrong one changes
//! nothing. What sockets, log and vault were opened with waits for the next start.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::{build, files::RuleFiles, state::StateFolder};
use crate::{
    config::Config,
    console::{NotReloaded, Reloaded, instance::Reload},
    inspect::Inspector,
    proxy::services::Services,
    tls::Authority,
};

/// `62 rules, 4 sites`, and `2 lists of the company's own`, `model rampart` where there are some.
#[must_use]
pub fn summary(inspector: &Inspector) -> String {
    let own = match inspector.detector.company().map_or(0, |index| index.rules().count()) {
        0 => String::new(),
        1 => ", 1 list of the company's own".to_owned(),
        n_lists => format!(", {n_lists} lists of the company's own"),
    };
    let model = inspector.detector.model().map_or_else(String::new, |model| format!(", model {}", model.name()));
    format!("{} rules, {} sites{own}{model}", inspector.detector.rule_count(), inspector.catalogue.sites().count())
}

/// A reload of the file that `config` came from.
#[must_use]
pub fn prepare(config: Config, state: StateFolder, services: Arc<Services>, console: SocketAddr) -> Arc<Reload> {
    let in_force = Mutex::new(config);
    Arc::new(move || {
        let mut old = in_force.lock().unwrap_or_else(PoisonError::into_inner);
        let new = Config::load(old.file.as_deref()).map_err(|error| told(&error))?;
        let files = RuleFiles::read(&new.rules).map_err(|error| told(&error))?;
        let inspector = build::inspector(&new, &files, Some(state.path()), console).map_err(|error| told(&error))?;
        let authority = authority(&old, &new, &inspector, &state, &services)?;
        let summary = summary(&inspector);
        services.reload(&new, Arc::new(inspector), authority).map_err(|error| told(&error))?;
        let at_next_start = changed(&old, &new);
        // Ports of a private instance are not the file's.
        let (proxy, console) = (old.proxy.listen, old.console.listen);
        *old = new;
        (old.proxy.listen, old.console.listen) = (proxy, console);
        Ok(Reloaded { summary, at_next_start })
    })
}

/// The present one, unless it must sign for other names.
fn authority(
    old: &Config,
    new: &Config,
    inspector: &Inspector,
    state: &StateFolder,
    services: &Services,
) -> Result<Arc<Authority>, NotReloaded> {
    let names = inspector.catalogue.constraint_names();
    let same_names = names == services.inspector().catalogue.constraint_names();
    let same_settings = format!("{:?}", old.tls) == format!("{:?}", new.tls);
    if same_names && same_settings {
        return Ok(services.authority());
    }
    Authority::open_or_create(state.path(), &new.tls, &names).map(Arc::new).map_err(|error| told(&error))
}

/// Sections that were read at the start only.
fn changed(old: &Config, new: &Config) -> Vec<&'static str> {
    let differs = |left: &dyn std::fmt::Debug, right: &dyn std::fmt::Debug| format!("{left:?}") != format!("{right:?}");
    let upstream = |config: &Config| (config.upstream.proxy.clone(), config.upstream.resolve.clone());
    let sections = [
        ("[proxy]", differs(&old.proxy, &new.proxy)),
        ("[upstream]", upstream(old) != upstream(new)),
        ("[mask] lifetime_days", old.mask.lifetime_days != new.mask.lifetime_days),
        ("[local]", differs(&old.local, &new.local)),
        ("[audit]", differs(&old.audit, &new.audit)),
        ("[console]", differs(&old.console, &new.console)),
        ("[telemetry]", differs(&old.telemetry, &new.telemetry)),
    ];
    sections.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

fn told(error: &impl std::fmt::Display) -> NotReloaded {
    NotReloaded(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_that_wait_for_the_next_start_are_named() {
        let old = Config::default();
        let mut new = Config::default();
        new.detect.min_confidence = 0.9;
        assert!(changed(&old, &new).is_empty());
        new.proxy.limits.body_mib = 1;
        new.audit.queue = 1;
        assert_eq!(changed(&old, &new), ["[proxy]", "[audit]"]);
    }
}
