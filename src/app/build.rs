//! From a configuration and its rule files to what inspects: rules, sites, policies, settings. Opens nothing.

use std::{net::SocketAddr, path::Path, sync::Arc};

use super::{
    files::{FilesError, RuleFiles},
    model::{self, OpenError},
};
use crate::{
    company::{self, CompanyError, Folder},
    config::{Config, detect::OnUnreadable, problem, sites::Refuse},
    detect::{
        Detector, RuleError,
        company::{Index, Key, key::KEY_BYTES},
    },
    inspect::{Inspector, Settings},
    policy::rule::{Policies, PolicyError},
    site::{catalogue::Catalogue, spec::SpecError},
    wire::Limits,
};

/// Rules, sites or policies that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A folder of `[rules] dirs`.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The company's own lists.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// The model.
    #[error(transparent)]
    Model(#[from] OpenError),
    /// A detection rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A site file.
    #[error(transparent)]
    Site(#[from] SpecError),
    /// A policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// `[sites.<id>]` for a site that is not there.
    #[error("`[sites.{id}]` names no site\n  hint: {hint}")]
    UnknownSite {
        /// As it is written.
        id: String,
        /// What may have been meant.
        hint: String,
    },
}

/// Everything that a configuration says about inspection. `state` is the folder whose index is used, `console` where
/// notices link to.
///
/// # Errors
/// The first thing that is wrong with a rule, site, policy or list, with its place.
pub fn inspector(
    config: &Config,
    files: &RuleFiles,
    state: Option<&Path>,
    console: SocketAddr,
) -> Result<Inspector, BuildError> {
    Ok(Inspector {
        detector: with_model(detector(config, files, state)?, config)?,
        catalogue: catalogue(config, files)?,
        policies: policies(config, files)?,
        settings: settings(config, console),
    })
}

/// The rules, with the company's dictionaries and, where there is a state folder, its index.
///
/// # Errors
/// When a rule is wrong, or a list cannot be read: a detector that would miss what it should know is none.
pub fn detector(config: &Config, files: &RuleFiles, state: Option<&Path>) -> Result<Detector, BuildError> {
    let (own, rules): (Vec<String>, Vec<String>) =
        config.detect.disable.iter().cloned().partition(|id| id.starts_with("company."));
    let detector = Detector::compile(&files.detection, &rules)?;
    Ok(detector.with_company(Arc::new(index(config, state, &own)?)))
}

/// … and the model, if one is configured.
///
/// # Errors
/// When it cannot be opened: a detector that would miss what it should see is none.
pub fn with_model(detector: Detector, config: &Config) -> Result<Detector, OpenError> {
    Ok(match model::open(&config.detect.model)? {
        Some(model) => detector.with_model(Arc::new(model)),
        None => detector,
    })
}

fn index(config: &Config, state: Option<&Path>, disable: &[String]) -> Result<Index, CompanyError> {
    let state = state.filter(|_| config.detect.company.index);
    let folder = state.map(Folder::existing).transpose()?.flatten();
    // Dictionaries are hashed in memory only; without an index there is no key, and none is needed.
    let key = folder.as_ref().map_or_else(|| Key::new([0; KEY_BYTES]), |folder| folder.key().clone());
    let parts = folder.as_ref().map_or_else(|| Ok(Vec::new()), Folder::parts)?;
    let read = |dictionary| company::dictionary::read(&key, dictionary);
    let dictionaries = config.detect.dictionaries.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Index::new(&key, config.detect.company.settings, dictionaries, parts, disable))
}

/// The sites, those that are switched off marked.
///
/// # Errors
/// When a site file is wrong, or a section names no site.
pub fn catalogue(config: &Config, files: &RuleFiles) -> Result<Catalogue, BuildError> {
    let catalogue = Catalogue::compile(&files.sites, &files.hosts)?;
    for id in config.sites.by_id.keys() {
        if catalogue.site(id).is_none() {
            let known: Vec<&str> = catalogue.all_sites().map(|(site, _)| site.id.as_str()).collect();
            let hint = match problem::nearest(id, &known) {
                Some(near) => format!("did you mean `{near}`? `scrim sites list` shows all"),
                None => "`scrim sites list` shows all".to_owned(),
            };
            return Err(BuildError::UnknownSite { id: id.clone(), hint });
        }
    }
    let off = config.sites.by_id.iter().filter(|(_, site)| !site.enabled).map(|(id, _)| id.clone());
    Ok(catalogue.with_disabled(&off.collect::<Vec<_>>()))
}

/// The configuration's policies, then those of the rule folders, then the built-in ones; an earlier one replaces a
/// later one of the same id.
///
/// # Errors
/// When one of them means nothing.
pub fn policies(config: &Config, files: &RuleFiles) -> Result<Policies, BuildError> {
    let mut of_folders = Vec::new();
    for source in &files.policies {
        of_folders.extend(Policies::read(source)?);
    }
    let own = Policies::new(config.policy.clone())?;
    Ok(own.before(Policies::new(of_folders)?).before(Policies::built_in()?))
}

/// Bounds for every codec.
#[must_use]
pub fn limits(config: &Config) -> Limits {
    let limits = &config.proxy.limits;
    Limits { body_bytes: limits.body_mib << 20, decoded_bytes: limits.decoded_mib << 20, ..Limits::default() }
}

fn settings(config: &Config, console: SocketAddr) -> Settings {
    let by_id = &config.sites.by_id;
    let notice = by_id.iter().filter_map(|(id, site)| Some((id.clone(), site.notice?)));
    let refuse = by_id.iter().filter_map(|(id, site)| Some((id.clone(), site.refuse? == Refuse::Answer)));
    let base = config.console.public_url.clone().unwrap_or_else(|| format!("http://{console}"));
    Settings {
        mode: config.mode,
        limits: limits(config),
        min_confidence: config.detect.min_confidence,
        pass_unreadable: config.detect.on_unreadable == OnUnreadable::Allow,
        never_restore: config.mask.never_restore.clone(),
        notice: config.mask.notice,
        notice_by_site: notice.collect(),
        refuse_in_words: refuse.collect(),
        restore_tools: config.mask.restore_tools.clone(),
        employee_page: Some(format!("{}/me", base.trim_end_matches('/'))),
        contact: config.console.contact.clone(),
        previews: config.audit.previews,
    }
}
