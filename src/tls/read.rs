//! What stands in a CA certificate, read back from its DER: dates, key, and what its name constraint permits.
//! Verifies no signature.

use rcgen::{KeyPair, PublicKeyData};
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, GeneralSubtree},
    prelude::FromDer,
};

use super::{issue::Validity, names::Permitted};

/// The facts about a CA certificate that Scrim acts on.
#[derive(Debug, Clone)]
pub struct Facts {
    /// From when to when.
    pub validity: Validity,
    /// What it may sign.
    pub permitted: Permitted,
    /// Its SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
}

impl Facts {
    /// Whether this key is the certificate's.
    #[must_use]
    pub fn belongs_to(&self, key: &KeyPair) -> bool {
        self.spki == key.subject_public_key_info()
    }

    /// Whether the constraint is these hosts, no more and no less. `hosts` sorted.
    #[must_use]
    pub fn permits_exactly(&self, hosts: &[String]) -> bool {
        self.permitted == Permitted::Hosts(hosts.to_vec())
    }
}

/// Reads a CA certificate.
///
/// # Errors
/// In words, when it does not parse or is no CA.
pub fn facts(der: &[u8]) -> Result<Facts, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|cause| cause.to_string())?;
    if !certificate.is_ca() {
        return Err("it is no CA certificate".to_owned());
    }
    Ok(Facts {
        validity: validity(&certificate),
        permitted: permitted(&certificate)?,
        spki: certificate.tbs_certificate.subject_pki.raw.to_vec(),
    })
}

/// Whether subject and issuer are the same name.
#[must_use]
pub fn is_self_issued(der: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| certificate.subject() == certificate.issuer())
}

/// From when to when any certificate is valid; `None` when it does not parse.
#[must_use]
pub fn validity_of(der: &[u8]) -> Option<Validity> {
    X509Certificate::from_der(der).ok().map(|(_, certificate)| validity(&certificate))
}

fn validity(certificate: &X509Certificate<'_>) -> Validity {
    let second = |at: i64| u64::try_from(at).unwrap_or(0);
    let validity = certificate.validity();
    Validity { from: second(validity.not_before.timestamp()), until: second(validity.not_after.timestamp()) }
}

fn permitted(certificate: &X509Certificate<'_>) -> Result<Permitted, String> {
    let Some(constraints) = certificate.name_constraints().map_err(|cause| cause.to_string())? else {
        return Ok(Permitted::Any);
    };
    let Some(subtrees) = &constraints.value.permitted_subtrees else { return Ok(Permitted::Any) };
    let mut hosts: Vec<String> = subtrees.iter().filter_map(dns_name).collect();
    hosts.sort();
    // Permitted subtrees of other kinds leave DNS names free.
    Ok(if hosts.is_empty() { Permitted::Any } else { Permitted::Hosts(hosts) })
}

fn dns_name(subtree: &GeneralSubtree<'_>) -> Option<String> {
    if let GeneralName::DNSName(name) = &subtree.base {
        Some(name.trim_start_matches('.').to_lowercase())
    } else {
        None
    }
}
