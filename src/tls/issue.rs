//! The three kinds of certificate, as rcgen parameters: root, issuing CA with its name constraint, leaf.
//! Touches no file and keeps no key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, SerialNumber, SigningKey,
    string::Ia5String,
};

use super::{Error, profile::Profile};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// From when to when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second, Unix time.
    pub from: u64,
    /// Last second, Unix time.
    pub until: u64,
}

impl Validity {
    /// `days` in all, `back` of them before `now`, within `outer`.
    #[must_use]
    pub fn around(now: SystemTime, days: u64, back: u64, outer: Option<Self>) -> Self {
        let now = unix(now);
        let from = now.saturating_sub(back * DAY.as_secs());
        let until = from + days * DAY.as_secs();
        outer.map_or(Self { from, until }, |outer| Self { from: from.max(outer.from), until: until.min(outer.until) })
    }

    /// Seconds left at `now`; 0 when it is over.
    #[must_use]
    pub fn left(self, now: SystemTime) -> u64 {
        self.until.saturating_sub(unix(now))
    }
}

/// Seconds since 1970; a clock before that counts as 1970.
#[must_use]
pub fn unix(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The root: signs issuing CAs, nothing else.
///
/// # Errors
/// When generation fails.
pub fn root(profile: &Profile, key: &KeyPair, now: SystemTime) -> Result<(CertificateParams, Certificate), Error> {
    let mut params = authority(&profile.root.common_name, profile.root.path_length)?;
    set_validity(&mut params, Validity::around(now, profile.root.days, 2, None));
    let certificate = params.self_signed(key).map_err(|cause| failed("the root", cause))?;
    Ok((params, certificate))
}

/// The issuing CA, allowed to sign for `hosts`, their subdomains, and no address.
///
/// # Errors
/// When `hosts` is empty or generation fails.
pub fn issuing(
    profile: &Profile,
    key: &KeyPair,
    hosts: &[String],
    root: &Issuer<'_, KeyPair>,
    within: Validity,
    now: SystemTime,
) -> Result<Certificate, Error> {
    if hosts.is_empty() {
        return Err(Error::NoNames);
    }
    let mut params = authority(&profile.issuing.common_name, profile.issuing.path_length)?;
    set_validity(&mut params, Validity::around(now, profile.issuing.days, 1, Some(within)));
    params.use_authority_key_identifier_extension = true;
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: hosts.iter().cloned().map(GeneralSubtree::DnsName).collect(),
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
            GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
        ],
    });
    params.signed_by(key, root).map_err(|cause| failed("the issuing CA", cause))
}

/// A leaf for one host.
///
/// # Errors
/// When generation fails.
pub fn leaf(
    host: &str,
    key: &KeyPair,
    issuer: &Issuer<'_, impl SigningKey>,
    validity: Validity,
) -> Result<Certificate, Error> {
    let failed = |cause| failed(host, cause);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names = vec![SanType::DnsName(Ia5String::try_from(host).map_err(failed)?)];
    params.serial_number = Some(serial()?);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, validity);
    params.signed_by(key, issuer).map_err(failed)
}

fn authority(common_name: &str, path_length: u8) -> Result<CertificateParams, Error> {
    let mut mark = [0; 4];
    getrandom::fill(&mut mark).map_err(Error::Random)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = format!("{common_name} {:08x}", u32::from_be_bytes(mark));
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Scrim");
    params.serial_number = Some(serial()?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// 16 random bytes, positive and never shortened by a leading zero.
fn serial() -> Result<SerialNumber, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}

fn set_validity(params: &mut CertificateParams, validity: Validity) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(validity.from);
    params.not_after = epoch + Duration::from_secs(validity.until);
}

fn failed(subject: &str, cause: rcgen::Error) -> Error {
    Error::Generate { subject: subject.to_owned(), cause }
}
