//! `scrim sites`: which AI sites are inspected, by which file, and what each endpoint is.

use serde::Serialize;

use crate::{
    config::Config,
    site::{
        catalogue::{Catalogue, Site},
        endpoint::Endpoint,
    },
    tls::{names, profile::Profile},
};

use super::{
    CliError, Outcome,
    output::{Format, Stdout, counted, say},
    setup::{Setup, catalogue},
};

/// List, show and test the AI sites that Scrim knows
#[derive(Debug, clap::Args)]
pub(super) struct Sites {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every site with its hosts
    List {
        /// Form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One site with its endpoints
    Show {
        /// Id, as `sites list` prints it
        site: String,
        /// Form of the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Read every site file and check what the authority would sign for
    Test,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    family: &'a str,
    enabled: bool,
    hosts: Vec<String>,
    file: &'a str,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    notice: bool,
    endpoints: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Way<'a> {
    id: &'a str,
    class: &'static str,
    methods: &'a [String],
    paths: Vec<&'a str>,
    answer: &'static str,
}

impl Sites {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let catalogue = catalogue(&config)?;
        match self.action {
            Action::List { format } => list(&catalogue, format),
            Action::Show { site, format } => show(&catalogue, &site, format),
            Action::Test => test(&config, &catalogue),
        }
    }
}

fn list(catalogue: &Catalogue, format: Format) -> Result<Outcome, CliError> {
    let sites: Vec<Listed<'_>> = catalogue.all_sites().map(|(site, enabled)| listed(site, enabled)).collect();
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&sites)?,
        Format::Text => {
            let width = sites.iter().map(|site| site.id.len()).max().unwrap_or(0);
            sites.iter().try_for_each(|site| {
                let enabled = if site.enabled { "inspected" } else { "disabled " };
                out.line(&format!("{:width$}  {enabled}  {}  {}", site.id, site.title, site.hosts.join(" ")))
            })?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn show(catalogue: &Catalogue, id: &str, format: Format) -> Result<Outcome, CliError> {
    let found = catalogue.all_sites().find(|(site, _)| site.id == id);
    let Some((site, enabled)) = found else {
        let ids: Vec<&str> = catalogue.all_sites().map(|(site, _)| site.id.as_str()).collect();
        return Err(CliError::unknown("site", id, &ids, "scrim sites list"));
    };
    let endpoints = site.endpoints().iter().map(|endpoint| way(endpoint)).collect();
    let shown = Shown { listed: listed(site, enabled), notice: site.notice, endpoints };
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&shown)?,
        Format::Text => {
            let listed = &shown.listed;
            out.line(&format!("{}: {} ({})", listed.id, listed.title, if enabled { "inspected" } else { "disabled" }))?;
            out.line(&format!("file {}, placeholder scope {}", listed.file, listed.family))?;
            out.line(&format!("hosts {}", listed.hosts.join(" ")))?;
            shown.endpoints.iter().try_for_each(|way| {
                let methods = if way.methods.is_empty() { "any".to_owned() } else { way.methods.join(",") };
                out.line(&format!("  {:9}  {:16}  {methods}  {}", way.class, way.id, way.paths.join(" ")))
            })?;
            out.line("  any other path: every string is walked")?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn test(config: &Config, catalogue: &Catalogue) -> Result<Outcome, CliError> {
    let known: Vec<&str> = catalogue.all_sites().map(|(site, _)| site.id.as_str()).collect();
    for id in config.sites.by_id.keys() {
        if !known.contains(&id.as_str()) {
            return Err(CliError::unknown("site", id, &known, "scrim sites list"));
        }
    }
    let constrained = names::constrain(&catalogue.constraint_names(), &Profile::built_in()?.issuing)?;
    let n_sites = catalogue.sites().count();
    say(&format!(
        "{}: fine; the authority signs for {}",
        counted(n_sites, "site", "sites"),
        counted(constrained.len(), "name", "names")
    ));
    Ok(Outcome::Fine)
}

fn listed(site: &Site, enabled: bool) -> Listed<'_> {
    Listed {
        id: &site.id,
        title: &site.title,
        family: &site.family,
        enabled,
        hosts: site.hosts.iter().map(|(pattern, _)| pattern.to_string()).collect(),
        file: &site.source,
    }
}

fn way(endpoint: &Endpoint) -> Way<'_> {
    Way {
        id: &endpoint.id,
        class: endpoint.class.as_str(),
        methods: endpoint.methods(),
        paths: endpoint.paths().collect(),
        answer: endpoint.answer.name(),
    }
}
