//! `scrim policy explain`: a prompt on stdin, a person and a site: the verdict, and for each finding the policy that
//! decided it. Sends nothing anywhere.

use std::{
    io::Read,
    net::{IpAddr, Ipv4Addr},
};

use serde::Serialize;

use crate::{
    app::{build, files::RuleFiles},
    detect::preview,
    inspect::Inspector,
    policy::{
        Mode, Subject, Verdict,
        decide::{Ground, Situation, decide},
    },
    site::Class,
};

use super::{
    CliError, Outcome,
    output::{Format, Stdout},
    setup::Setup,
};

/// Bytes of a prompt at most.
const PROMPT_MAX: u64 = 64 << 20;

/// Explain what would happen to a prompt, and why
#[derive(Debug, clap::Args)]
pub(super) struct Policy {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Read a prompt from standard input; print the verdict and the policy behind each finding
    Explain(Explain),
}

#[derive(Debug, clap::Args)]
struct Explain {
    /// Who sends it; by default the source address
    #[arg(long)]
    user: Option<String>,
    /// A group of that person; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Address that the connection comes from
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    source: IpAddr,
    /// Id of the site, as `sites list` prints it
    #[arg(long)]
    site: Option<String>,
    /// What the endpoint is for: prompt, draft, side, upload, history, telemetry, account, other
    #[arg(long, default_value = "prompt", value_parser = class)]
    class: Class,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Explained {
    decided: Verdict,
    enforced: Verdict,
    mode: Mode,
    subject: String,
    site: String,
    class: &'static str,
    findings: Vec<Judged>,
    /// A pattern gave up: the prompt counts as unreadable.
    unreadable: bool,
}

#[derive(Debug, Serialize)]
struct Judged {
    rule: String,
    category: String,
    start: usize,
    end: usize,
    confidence: f32,
    preview: String,
    verdict: Verdict,
    policy: String,
}

impl Policy {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        let config = setup.load()?;
        let inspector = build::inspector(
            &config,
            &RuleFiles::read(&config.rules)?,
            setup.state_if_any()?.as_deref(),
            config.console.listen,
        )?;
        let Action::Explain(asked) = self.action;
        let mut prompt = String::new();
        std::io::stdin().lock().take(PROMPT_MAX).read_to_string(&mut prompt).map_err(CliError::Input)?;
        let explained = explain(&inspector, &asked, &prompt)?;
        let mut out = Stdout::open();
        match asked.format {
            Format::Json => out.pretty(&explained)?,
            Format::Text => lines(&explained).iter().try_for_each(|line| out.line(line))?,
        }
        out.flush()?;
        Ok(Outcome::Fine)
    }
}

fn explain(inspector: &Inspector, asked: &Explain, prompt: &str) -> Result<Explained, CliError> {
    let known: Vec<&str> = inspector.catalogue.all_sites().map(|(site, _)| site.id.as_str()).collect();
    let site = asked.site.as_deref().or(known.first().copied()).unwrap_or("");
    if !known.contains(&site) {
        return Err(CliError::unknown("site", site, &known, "scrim sites list"));
    }
    let mut subject = match &asked.user {
        Some(user) => Subject::named(user, Vec::new(), asked.source),
        None => Subject::address(asked.source),
    };
    subject.groups.clone_from(&asked.groups);
    let scan = inspector.detector.scan(prompt);
    let sure = inspector.settings.min_confidence;
    let findings: Vec<_> = scan.findings.iter().filter(|finding| finding.confidence >= sure).collect();
    let grounds: Vec<Ground<'_>> = findings
        .iter()
        .map(|finding| Ground { rule: &finding.rule, category: &finding.category, confidence: finding.confidence })
        .collect();
    let decision = decide(&inspector.policies, &Situation { subject: &subject, site, class: asked.class }, &grounds);
    let judged = findings.iter().zip(&decision.by).map(|(finding, (verdict, policy))| {
        let value: String = finding.ranges.iter().filter_map(|range| prompt.get(range.clone())).collect();
        Judged {
            rule: finding.rule.to_string(),
            category: finding.category.to_string(),
            start: finding.hull().start,
            end: finding.hull().end,
            confidence: finding.confidence,
            preview: preview(&value),
            verdict: *verdict,
            policy: policy.clone(),
        }
    });
    let mode = inspector.settings.mode;
    let enforced = match mode {
        Mode::Observe | Mode::Warn => Verdict::Allow,
        Mode::Enforce => decision.verdict,
    };
    Ok(Explained {
        decided: decision.verdict,
        enforced,
        mode,
        subject: subject.id().to_owned(),
        site: site.to_owned(),
        class: asked.class.as_str(),
        findings: judged.collect(),
        unreadable: scan.unreadable,
    })
}

fn lines(explained: &Explained) -> Vec<String> {
    let Explained { decided, enforced, subject, site, class, .. } = explained;
    let held = if decided == enforced { String::new() } else { format!(" (the mode lets it pass: {enforced})") };
    let mut lines = vec![format!("{decided}{held}: {subject} at {site}, {class}")];
    if explained.unreadable {
        lines.push("  a pattern reached its step limit: the prompt counts as unreadable".to_owned());
    }
    lines.extend(explained.findings.iter().map(|found| {
        let Judged { rule, category, preview, verdict, policy, confidence, .. } = found;
        format!("  {verdict:8} by {policy}: {category} {preview} [{rule}, {confidence:.2}]")
    }));
    if explained.findings.is_empty() {
        lines.push("  nothing was found".to_owned());
    }
    lines
}

fn class(text: &str) -> Result<Class, String> {
    use crate::config::policy::CLASSES;
    let found = CLASSES.iter().find(|(word, _)| *word == text).map(|(_, class)| *class);
    found.ok_or_else(|| "expected prompt, draft, side, upload, history, telemetry, account or other".to_owned())
}
