//! `scrim ca`: makes, shows and exports the authority that signs for AI sites. Installs it nowhere.

use std::path::{Path, PathBuf};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::Serialize;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::{app::state::StateFolder, tls::Authority};

use super::{
    CliError, Outcome,
    output::{Format, Stdout, counted, say},
    setup::{Setup, catalogue},
};

/// Columns of a list of names.
const WIDTH: usize = 110;

/// Make, show and export the CA that browsers and programs must trust
#[derive(Debug, clap::Args)]
pub(super) struct Ca {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make the root and the issuing CA if they are missing
    Init,
    /// Names, dates and fingerprints
    Show {
        /// Form of the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Write the certificate to trust to standard output
    Export {
        /// Encoding
        #[arg(long, value_enum, default_value_t)]
        form: Encoding,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Encoding {
    /// PEM, for Linux, macOS, Firefox, programs
    #[default]
    Pem,
    /// DER, for Windows and browser policies
    Der,
}

/// A certificate as people compare it.
#[derive(Debug, Serialize)]
pub(super) struct Certificate {
    /// What it is for.
    pub(super) role: &'static str,
    /// Where it is.
    pub(super) file: PathBuf,
    /// Distinguished name.
    pub(super) subject: String,
    /// RFC 3339.
    pub(super) not_before: String,
    /// RFC 3339.
    pub(super) not_after: String,
    /// Days until it ends; negative when it has ended.
    pub(super) days_left: i64,
    /// Of the DER, in hex.
    pub(super) sha256: String,
    /// Names it may sign for; none for any.
    pub(super) permitted_names: Vec<String>,
}

impl Ca {
    pub(super) fn run(self, setup: &Setup) -> Result<Outcome, CliError> {
        match self.action {
            Action::Init => init(setup),
            Action::Show { format } => show(&setup.existing_state()?, format),
            Action::Export { form } => export(&setup.existing_state()?, form),
        }
    }
}

fn init(setup: &Setup) -> Result<Outcome, CliError> {
    crate::app::process::harden();
    let config = setup.load()?;
    let names = catalogue(&config)?.constraint_names();
    let state = setup.open_state()?;
    let existed = state.ca().exists();
    let authority = Authority::open_or_create(state.path(), &config.tls, &names)?;
    let done = if existed { "is there already" } else { "made" };
    say(&format!("CA {done}: {}", state.ca().display()));
    authority.remarks().iter().for_each(|remark| say(&format!("note: {remark}")));
    say("trust it once: `certs/README.md` says how for each system; `scrim run` and `scrim env` need no trust store");
    Ok(Outcome::Fine)
}

fn show(state: &StateFolder, format: Format) -> Result<Outcome, CliError> {
    let certificates = certificates(state)?;
    let mut out = Stdout::open();
    match format {
        Format::Json => out.pretty(&certificates)?,
        Format::Text => {
            for certificate in &certificates {
                out.line(&format!("{}: {}", certificate.role, certificate.subject))?;
                out.line(&format!("  file         {}", certificate.file.display()))?;
                out.line(&format!(
                    "  valid        {} to {} ({} days left)",
                    certificate.not_before, certificate.not_after, certificate.days_left
                ))?;
                out.line(&format!("  sha256       {}", certificate.sha256))?;
                signs_for(&certificate.permitted_names).iter().try_for_each(|line| out.line(line))?;
            }
        }
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

fn export(state: &StateFolder, form: Encoding) -> Result<Outcome, CliError> {
    let pem = read(&state.ca())?;
    let mut out = Stdout::open();
    match form {
        Encoding::Pem => out.bytes(pem.as_bytes())?,
        Encoding::Der => out.bytes(&der(&state.ca(), &pem)?)?,
    }
    out.flush()?;
    Ok(Outcome::Fine)
}

/// How many names, then the names, several a line.
fn signs_for(names: &[String]) -> Vec<String> {
    if names.is_empty() {
        return vec!["  may sign for any name".to_owned()];
    }
    let mut lines = vec![format!("  may sign for {} and nothing else:", counted(names.len(), "AI host", "AI hosts"))];
    let mut line = String::from("   ");
    for name in names {
        if line.len() + 1 + name.len() > WIDTH {
            lines.push(std::mem::replace(&mut line, String::from("   ")));
        }
        line.push(' ');
        line.push_str(name);
    }
    lines.push(line);
    lines
}

/// The root, then the issuing CA where Scrim made its own.
pub(super) fn certificates(state: &StateFolder) -> Result<Vec<Certificate>, CliError> {
    let mut certificates = vec![certificate("root, to be trusted", &state.ca())?];
    let issuing = state.path().join("ca/issuing.pem");
    if issuing.exists() {
        certificates.push(certificate("issuing CA", &issuing)?);
    }
    Ok(certificates)
}

/// DER of the certificate to trust.
pub(super) fn trusted_der(state: &StateFolder) -> Result<CertificateDer<'static>, CliError> {
    der(&state.ca(), &read(&state.ca())?)
}

fn certificate(role: &'static str, path: &Path) -> Result<Certificate, CliError> {
    let der = der(path, &read(path)?)?;
    let broken = |why: String| CliError::Argument {
        what: format!("`{}` holds no usable certificate: {why}", path.display()),
        hint: "`scrim ca init` makes a new one when the file is gone".to_owned(),
    };
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|error| broken(error.to_string()))?;
    let constraints = parsed.name_constraints().map_err(|error| broken(error.to_string()))?;
    let permitted = constraints.and_then(|found| found.value.permitted_subtrees.as_deref()).unwrap_or_default();
    let names = permitted.iter().filter_map(|subtree| {
        let GeneralName::DNSName(name) = &subtree.base else { return None };
        Some((*name).to_owned())
    });
    let validity = parsed.validity();
    let time =
        |seconds: i64| jiff::Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |time| time.to_string());
    let left = validity.not_after.timestamp() - jiff::Timestamp::now().as_second();
    Ok(Certificate {
        role,
        file: path.to_path_buf(),
        subject: parsed.subject().to_string(),
        not_before: time(validity.not_before.timestamp()),
        not_after: time(validity.not_after.timestamp()),
        days_left: left.div_euclid(86_400),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(&der)),
        permitted_names: names.collect(),
    })
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|cause| {
        if cause.kind() != std::io::ErrorKind::NotFound {
            return CliError::File { path: path.to_path_buf(), cause };
        }
        CliError::Argument {
            what: format!("there is no CA in `{}` yet", path.parent().unwrap_or(path).display()),
            hint: "`scrim ca init` or `scrim up` makes it".to_owned(),
        }
    })
}

fn der(path: &Path, pem: &str) -> Result<CertificateDer<'static>, CliError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| CliError::Argument {
        what: format!("`{}` holds no certificate: {error}", path.display()),
        hint: "`scrim ca init` makes a new one when the file is gone".to_owned(),
    })
}
