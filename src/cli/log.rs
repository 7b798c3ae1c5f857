//! `scrim log`: the block log on the command line, through the running instance or, when none runs, from the state
//! folder. Changes nothing.

mod source;
mod text;

use std::{io::BufReader, path::PathBuf, time::Duration};

use serde_json::Value;

use crate::{
    audit::{Kind, export},
    console::records::{self, Query},
    policy::Verdict,
};

use super::{
    CliError, Outcome,
    output::{Format, Stdout, say},
    setup::{Setup, wait},
};
use source::Source;

/// Time between two looks of `log tail --follow`.
const FOLLOW_TIME: Duration = Duration::from_millis(500);

/// Read, verify and export the block log
#[derive(Debug, clap::Args)]
pub(super) struct Log {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Events, newest first
    List {
        #[command(flatten)]
        wanted: Wanted,
        /// Form of the events
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One event in full
    Show {
        /// Its number, or the reference that a refusal shows
        event: String,
    },
    /// The last events, oldest first
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
        /// Go on with those that come
        #[arg(short, long)]
        follow: bool,
        /// Form of the events: json is one object a line
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Whether the log is complete and untouched; exit code 1 when it is not
    Verify {
        /// An export instead of the log itself
        export: Option<PathBuf>,
        /// Form of the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Every record as JSON lines, with what is needed to verify them elsewhere
    Export,
    /// How many exchanges each site and verdict had
    Stats {
        /// Form of the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Which events are wanted.
#[derive(Debug, Clone, clap::Args)]
struct Wanted {
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    /// Only below this number: the next page
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
    /// Not older: a time (2026-11-24T08:00:00Z) or an age (90m, 24h, 7d)
    #[arg(long, value_name = "TIME", value_parser = text::time)]
    since: Option<u64>,
    /// Not newer
    #[arg(long, value_name = "TIME", value_parser = text::time)]
    until: Option<u64>,
    /// Of this person or address
    #[arg(long)]
    subject: Option<String>,
    /// At this site
    #[arg(long)]
    site: Option<String>,
    /// What was done: allow, mask, reroute, block
    #[arg(long, value_parser = text::verdict)]
    verdict: Option<Verdict>,
    /// With a finding of this category
    #[arg(long)]
    category: Option<String>,
    /// With a finding of this rule
    #[arg(long)]
    rule: Option<String>,
    /// Anywhere in the event
    #[arg(long)]
    text: Option<String>,
    /// Also starts, stops, reloads and other events that are no exchanges
    #[arg(long)]
    all: bool,
}

impl Log {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        if let Action::Verify { export: Some(file), format } = &self.action {
            return verify_export(setup, file, *format);
        }
        let state = setup.existing_state()?;
        wait(async {
            let source = Source::open(&state).await?;
            match self.action {
                Action::List { wanted, format } => list(&source, wanted.query(), format).await,
                Action::Show { event } => show(&source, &event).await,
                Action::Tail { lines, follow, format } => tail(&source, lines, follow, format).await,
                Action::Verify { format, .. } => verified(&source.verify().await?, format),
                Action::Export => source.export(&mut Stdout::open()).await.map(|()| Outcome::Fine),
                Action::Stats { format } => stats(&source.stats().await?, format),
            }
        })?
    }
}

impl Wanted {
    fn query(self) -> Query {
        Query {
            after: None,
            before: self.before,
            limit: Some(self.limit),
            since: self.since,
            until: self.until,
            kind: (!self.all).then_some(Kind::Exchange),
            subject: self.subject,
            site: self.site,
            category: self.category,
            rule: self.rule,
            verdict: self.verdict,
            reference: None,
            text: self.text,
        }
    }
}

async fn list(source: &Source, query: Query, format: Format) -> Result<Outcome, CliError> {
    let events = source.list(&query).await?;
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&events)?,
        Format::Text => events.iter().try_for_each(|event| out.line(&text::line(event)))?,
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

async fn show(source: &Source, name: &str) -> Result<Outcome, CliError> {
    let by_number = match name.parse() {
        Ok(seq) => source.get(seq).await?,
        Err(_) => None,
    };
    let event = match by_number {
        Some(event) => event,
        None => {
            let query = Query { reference: Some(name.to_owned()), limit: Some(1), ..Query::default() };
            source.list(&query).await?.into_iter().next().ok_or_else(|| CliError::Argument {
                what: format!("no event has the number or reference `{name}`"),
                hint: "`scrim log list` shows them".to_owned(),
            })?
        }
    };
    let mut out = Stdout::open();
    out.pretty(&event)?;
    out.flush()?;
    Ok(Outcome::Fine)
}

async fn tail(source: &Source, lines: usize, follow: bool, format: Format) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    let mut events = source.list(&Query { limit: Some(lines.max(1)), ..Query::default() }).await?;
    events.reverse();
    events.truncate(lines);
    let mut last = events.last().and_then(seq).unwrap_or(0);
    loop {
        for event in &events {
            match format {
                Format::Json => out.json(event)?,
                Format::Text => out.line(&text::line(event))?,
            }
        }
        out.flush()?;
        if !follow {
            return Ok(Outcome::Fine);
        }
        tokio::time::sleep(FOLLOW_TIME).await;
        events = source.list(&Query { after: Some(last), ..Query::default() }).await?;
        last = events.last().and_then(seq).unwrap_or(last);
    }
}

fn seq(event: &Value) -> Option<u64> {
    event.get("seq").and_then(Value::as_u64)
}

fn verify_export(setup: &Setup, file: &PathBuf, format: Format) -> Result<Outcome, CliError> {
    let unreadable = |cause| CliError::File { path: file.clone(), cause };
    let lines = BufReader::new(std::fs::File::open(file).map_err(unreadable)?);
    let key = setup.existing_state().ok().and_then(|state| source::log_key(&state));
    if key.is_none() {
        say("note: without the log's key only the chain is checked, not the checkpoint's seal");
    }
    verified(&records::report(&export::verify(lines, key.as_ref())?), format)
}

fn verified(report: &Value, format: Format) -> Result<Outcome, CliError> {
    let sound = report.get("sound").and_then(Value::as_bool) == Some(true);
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(report)?,
        Format::Text => text::report(report).iter().try_for_each(|line| out.line(line))?,
    }
    out.flush()?;
    Ok(if sound { Outcome::Fine } else { Outcome::Found })
}

fn stats(stats: &Value, format: Format) -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(stats)?,
        Format::Text => {
            let rows = stats.get("exchanges").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            rows.iter().try_for_each(|row| {
                let field = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or("?");
                let number = row.get("exchanges").and_then(Value::as_u64).unwrap_or(0);
                out.line(&format!("{:20} {:8} {number:>10}", field("site"), field("verdict")))
            })?;
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}
