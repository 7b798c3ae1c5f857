//! The authority on disk: made on first run, opened later, its issuing CA signed again when it nears its end or the list
//! of hosts has changed. Mints no leaves itself (`leaf`) and never prints a key.
//!
//! ```text
//! <state>/ca.pem                what clients trust
//! <state>/ca.bundle.pem         the system's roots and ca.pem
//! <state>/ca/root.{pem,key}     the key may be taken offline
//! <state>/ca/issuing.{pem,key}
//! ```

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use rcgen::{Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{
    Error, Offer,
    files::{self, Secrecy},
    issue::{self, Validity},
    leaf::Signer,
    names,
    profile::Profile,
    read::{self, Facts},
    roots,
    server::Configs,
};
use crate::config;

const DAY_SECS: u64 = 24 * 60 * 60;

/// Root and issuing CA of this installation, or a company's own issuing CA.
#[derive(Debug)]
pub struct Authority {
    root_pem: String,
    root: CertificateDer<'static>,
    signer: Arc<Signer>,
    configs: Configs,
    root_key: RootKey,
    remarks: Vec<String>,
}

/// Where the root's key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootKey {
    /// On this machine: whoever takes the machine can sign for any name.
    Here(PathBuf),
    /// Not on this machine.
    Away,
}

impl Authority {
    /// Opens the authority of a state folder, making what is missing. `names` are the hosts it may sign for.
    ///
    /// # Errors
    /// When a key is readable by others, a file is broken, the names break the rules of [`names::constrain`], or the
    /// issuing CA has ended while the root's key is away.
    pub fn open_or_create(state: &Path, settings: &config::tls::Tls, names: &[String]) -> Result<Self, Error> {
        files::private_dir(state)?;
        let authority = match (&settings.ca_cert, &settings.ca_key) {
            (Some(certificate), Some(key)) => Self::company(certificate, key)?,
            (None, None) => Self::own(&state.join("ca"), names, SystemTime::now())?,
            (Some(_), None) => return Err(Error::HalfConfigured { given: "ca_cert", missing: "ca_key" }),
            (None, Some(_)) => return Err(Error::HalfConfigured { given: "ca_key", missing: "ca_cert" }),
        };
        let trusted = state.join("ca.pem");
        if files::read(&trusted).ok().as_deref() != Some(authority.root_pem.as_str()) {
            files::write(&trusted, &authority.root_pem, Secrecy::Public)?;
        }
        files::write(&state.join("ca.bundle.pem"), &roots::bundle(&authority.root_pem), Secrecy::Public)?;
        for remark in &authority.remarks {
            tracing::debug!("{remark}");
        }
        Ok(authority)
    }

    /// PEM of the certificate that clients must trust.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// DER of the same.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// Every CA certificate of this authority: never accepted from a site.
    pub fn certificates(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        std::iter::once(&self.root).chain(self.signer.chain())
    }

    /// What somebody should look at: many names, an end that is near, hosts that are not covered.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Where the root's key is.
    #[must_use]
    pub fn root_key(&self) -> &RootKey {
        &self.root_key
    }

    /// Seconds until the issuing CA ends.
    #[must_use]
    pub fn seconds_left(&self) -> u64 {
        self.signer.validity().left(SystemTime::now())
    }

    /// Whether a leaf for this lower-case host would be accepted.
    #[must_use]
    pub fn may_sign(&self, host: &str) -> bool {
        self.signer.permitted().covers(host)
    }

    /// Leaf and key for a lower-case host.
    ///
    /// # Errors
    /// When the issuing CA may not sign for the host, or generation fails.
    pub fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>, Error> {
        self.signer.leaf(host, SystemTime::now())
    }

    /// Whether a leaf for a lower-case host is at hand, so that none has to be minted.
    #[must_use]
    pub fn holds(&self, host: &str) -> bool {
        self.signer.holds(host, SystemTime::now())
    }

    /// New leaves that one client may cause in a minute.
    #[must_use]
    pub fn minted_per_minute(&self) -> u32 {
        self.signer.minted_per_minute()
    }

    /// TLS configuration towards a client that sent SNI; the leaf follows its name.
    #[must_use]
    pub fn server_config(&self, offer: Offer) -> Arc<ServerConfig> {
        self.configs.by_sni(offer)
    }

    /// TLS configuration towards a client that sent no SNI.
    ///
    /// # Errors
    /// When no leaf can be minted for the host.
    pub fn server_config_for(&self, offer: Offer, host: &str) -> Result<Arc<ServerConfig>, Error> {
        self.configs.for_host(offer, host)
    }

    fn own(dir: &Path, names: &[String], now: SystemTime) -> Result<Self, Error> {
        let profile = Profile::built_in()?;
        files::private_dir(dir)?;
        let hosts = names::constrain(names, &profile.issuing)?;
        let root = Root::open_or_create(dir, profile, now)?;
        let issuing = Issuing::open_or_sign(dir, profile, &root, &hosts, now)?;
        let mut remarks = issuing.remarks(&hosts, profile, now);
        if root.key.is_some() && !issuing.fresh {
            remarks
                .push(format!("the root's key is on this machine: move `{}` offline", dir.join("root.key").display()));
        }
        let root_key = if root.key.is_some() { RootKey::Here(dir.join("root.key")) } else { RootKey::Away };
        let chain = vec![issuing.certificate];
        let issuer = issuer(&chain, issuing.key, &dir.join("issuing.pem"))?;
        let facts = issuing.facts;
        let signer = Signer::new(issuer, chain, facts.validity, facts.permitted, profile.leaf.clone());
        within_bounds(&signer, hosts.first().map_or("", String::as_str), hosts.len(), profile, now)?;
        Self::assemble(root.pem, root.certificate, signer, root_key, remarks)
    }

    fn company(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let profile = Profile::built_in()?;
        let mut chain = certificates(certificate)?;
        let pair = key_pair(key)?;
        let broken = || content(certificate, "certificate", "no certificate in it");
        let facts =
            read::facts(chain.first().ok_or_else(broken)?).map_err(|why| content(certificate, "certificate", &why))?;
        if !facts.belongs_to(&pair) {
            return Err(Error::Mismatch { key: key.to_owned(), certificate: certificate.to_owned() });
        }
        if facts.validity.left(SystemTime::now()) == 0 {
            return Err(Error::Ended { certificate: certificate.to_owned(), root_key: key.to_owned() });
        }
        let mut remarks = Vec::new();
        if facts.permitted == names::Permitted::Any {
            remarks.push(format!("`{}` has no name constraint: its key can sign for any site", certificate.display()));
        }
        let root = chain.last().cloned().ok_or_else(broken)?;
        let issuer = issuer(&chain, pair, certificate)?;
        let root_is_sent = chain.len() > 1 && read::is_self_issued(&root);
        if root_is_sent {
            chain.pop();
        }
        let signer = Signer::new(issuer, chain, facts.validity, facts.permitted, profile.leaf.clone());
        Self::assemble(roots::pem(&root), root, signer, RootKey::Away, remarks)
    }

    fn assemble(
        root_pem: String,
        root: CertificateDer<'static>,
        signer: Signer,
        root_key: RootKey,
        remarks: Vec<String>,
    ) -> Result<Self, Error> {
        let signer = Arc::new(signer);
        let configs = Configs::new(Arc::clone(&signer))?;
        Ok(Self { root_pem, root, signer, configs, root_key, remarks })
    }
}

struct Root {
    pem: String,
    certificate: CertificateDer<'static>,
    validity: Validity,
    key: Option<KeyPair>,
}

impl Root {
    fn open_or_create(dir: &Path, profile: &Profile, now: SystemTime) -> Result<Self, Error> {
        let (pem_path, key_path) = (dir.join("root.pem"), dir.join("root.key"));
        if !pem_path.exists() {
            let key = generate("the root")?;
            let (_, certificate) = issue::root(profile, &key, now)?;
            // The key first: a certificate without its key would look like a root that was taken offline.
            files::write(&key_path, &key.serialize_pem(), Secrecy::Private)?;
            files::write(&pem_path, &certificate.pem(), Secrecy::Public)?;
        }
        let certificate = first_certificate(&pem_path)?;
        let facts = read::facts(&certificate).map_err(|why| content(&pem_path, "certificate", &why))?;
        let key = if key_path.exists() { Some(key_pair(&key_path)?) } else { None };
        if key.as_ref().is_some_and(|key| !facts.belongs_to(key)) {
            return Err(Error::Mismatch { key: key_path, certificate: pem_path });
        }
        Ok(Self { pem: roots::pem(&certificate), certificate, validity: facts.validity, key })
    }
}

struct Issuing {
    certificate: CertificateDer<'static>,
    facts: Facts,
    key: KeyPair,
    /// Signed in this very start.
    fresh: bool,
}

impl Issuing {
    fn open_or_sign(
        dir: &Path,
        profile: &Profile,
        root: &Root,
        hosts: &[String],
        now: SystemTime,
    ) -> Result<Self, Error> {
        let found = Self::open(dir)?;
        let Some(root_key) = &root.key else {
            let ended = || Error::Ended { certificate: dir.join("issuing.pem"), root_key: dir.join("root.key") };
            return found.filter(|found| found.facts.validity.left(now) > 0).ok_or_else(ended);
        };
        let renew_secs = profile.issuing.renew_days * DAY_SECS;
        let good = |found: &Self| found.facts.validity.left(now) > renew_secs && found.facts.permits_exactly(hosts);
        match found.filter(good) {
            Some(found) => Ok(found),
            None => Self::sign(dir, profile, root, root_key, hosts, now),
        }
    }

    /// `None` when there is none, or when a crash left a key and a certificate that do not belong together.
    fn open(dir: &Path) -> Result<Option<Self>, Error> {
        let (pem_path, key_path) = (dir.join("issuing.pem"), dir.join("issuing.key"));
        if !pem_path.exists() || !key_path.exists() {
            return Ok(None);
        }
        let key = key_pair(&key_path)?;
        let certificate = first_certificate(&pem_path)?;
        let facts = read::facts(&certificate).map_err(|why| content(&pem_path, "certificate", &why))?;
        Ok(facts.belongs_to(&key).then_some(Self { certificate, facts, key, fresh: false }))
    }

    fn sign(
        dir: &Path,
        profile: &Profile,
        root: &Root,
        root_key: &KeyPair,
        hosts: &[String],
        now: SystemTime,
    ) -> Result<Self, Error> {
        let key = generate("the issuing CA")?;
        // rcgen's `Issuer` owns its key, so the root's key is read into a second pair for this signature.
        let copy = KeyPair::try_from(root_key.serialized_der()).map_err(|cause| generating("the issuing CA", cause))?;
        let parent = issuer(std::slice::from_ref(&root.certificate), copy, &dir.join("root.pem"))?;
        let certificate = issue::issuing(profile, &key, hosts, &parent, root.validity, now)?;
        files::write(&dir.join("issuing.key"), &key.serialize_pem(), Secrecy::Private)?;
        files::write(&dir.join("issuing.pem"), &certificate.pem(), Secrecy::Public)?;
        let certificate = CertificateDer::from(certificate);
        let facts = read::facts(&certificate).map_err(|why| content(&dir.join("issuing.pem"), "certificate", &why))?;
        Ok(Self { certificate, facts, key, fresh: true })
    }

    fn remarks(&self, hosts: &[String], profile: &Profile, now: SystemTime) -> Vec<String> {
        let mut remarks = Vec::new();
        let missing: Vec<&str> =
            hosts.iter().map(String::as_str).filter(|host| !self.facts.permitted.covers(host)).collect();
        if !missing.is_empty() {
            remarks.push(format!(
                "the issuing CA may not sign for {}: put the root's key back for one start",
                missing.join(", ")
            ));
        }
        let days = self.facts.validity.left(now) / DAY_SECS;
        if days < profile.issuing.renew_days {
            remarks.push(format!("the issuing CA ends in {days} days: put the root's key back for one start"));
        }
        if hosts.len() > profile.issuing.names_warn {
            remarks.push(format!("the issuing CA names {} hosts, which slows every handshake", hosts.len()));
        }
        remarks
    }
}

/// Mints one leaf to see that the chain is one that clients take.
fn within_bounds(signer: &Signer, host: &str, n_names: usize, profile: &Profile, now: SystemTime) -> Result<(), Error> {
    if !signer.permitted().covers(host) {
        return Ok(());
    }
    let n_bytes = signer.leaf(host, now)?.cert.iter().map(|der| der.len()).sum();
    let (max_names, max_bytes) = (profile.issuing.names_max, profile.issuing.chain_max_bytes);
    if n_bytes > max_bytes {
        return Err(Error::TooManyNames { n_names, n_bytes, max_names, max_bytes });
    }
    Ok(())
}

fn issuer(chain: &[CertificateDer<'static>], key: KeyPair, path: &Path) -> Result<Issuer<'static, KeyPair>, Error> {
    let first = chain.first().ok_or_else(|| content(path, "certificate", "no certificate in it"))?;
    Issuer::from_ca_cert_der(first, key).map_err(|cause| content(path, "certificate", &cause.to_string()))
}

fn generate(subject: &str) -> Result<KeyPair, Error> {
    KeyPair::generate().map_err(|cause| generating(subject, cause))
}

fn generating(subject: &str, cause: rcgen::Error) -> Error {
    Error::Generate { subject: subject.to_owned(), cause }
}

fn key_pair(path: &Path) -> Result<KeyPair, Error> {
    KeyPair::from_pem(&files::read_key(path)?).map_err(|cause| content(path, "private key", &cause.to_string()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_slice_iter(files::read(path)?.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|cause| content(path, "certificate", &cause.to_string()))
}

fn first_certificate(path: &Path) -> Result<CertificateDer<'static>, Error> {
    certificates(path)?.into_iter().next().ok_or_else(|| content(path, "certificate", "no certificate in it"))
}

fn content(path: &Path, what: &'static str, why: &str) -> Error {
    Error::Content { path: path.to_owned(), what, why: why.to_owned() }
}

#[cfg(test)]
mod tests;
