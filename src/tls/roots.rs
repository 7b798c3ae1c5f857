//! The roots that sites are verified with: the system's and `[upstream] ca_files`, without those past their date and
//! without Scrim's own. Verifies nothing itself.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{Error, files, read};

/// Collects the roots.
///
/// # Errors
/// When a `ca_files` entry cannot be read or holds no certificate, or no root is left at all.
pub fn load<'a>(
    ca_files: &[PathBuf],
    own: impl Iterator<Item = &'a CertificateDer<'static>>,
    now: SystemTime,
) -> Result<RootCertStore, Error> {
    let mut candidates = rustls_native_certs::load_native_certs().certs;
    for path in ca_files {
        candidates.extend(from_file(path)?);
    }
    let own: Vec<&CertificateDer<'static>> = own.collect();
    // A client that trusts an expired root is one that the company forgot; rustls itself does not look at a root's dates.
    let live = |der: &CertificateDer<'_>| read::validity_of(der).is_some_and(|validity| validity.left(now) > 0);
    let usable = candidates.into_iter().filter(|der| live(der) && !own.contains(&der));
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(usable);
    if store.is_empty() { Err(Error::NoRoots) } else { Ok(store) }
}

/// The system's roots and `root_pem` in one PEM text, for programs that can only replace their roots.
#[must_use]
pub fn bundle(root_pem: &str) -> String {
    let mut text = String::with_capacity(256 << 10);
    for der in rustls_native_certs::load_native_certs().certs {
        text.push_str(&pem(&der));
    }
    text.push_str(root_pem);
    text
}

/// A certificate as PEM.
#[must_use]
pub fn pem(der: &CertificateDer<'_>) -> String {
    let base64 = data_encoding::BASE64.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = base64.as_str();
    while let Some((line, after)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn from_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let broken = |why: String| Error::Content { path: path.to_owned(), what: "certificate", why };
    let found: Vec<_> = CertificateDer::pem_slice_iter(files::read(path)?.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|cause| broken(cause.to_string()))?;
    if found.is_empty() { Err(broken("no `BEGIN CERTIFICATE` in it".to_owned())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_lines_are_64_characters_and_read_back() {
        for length in [0, 47, 48, 49, 96, 1000] {
            let der = CertificateDer::from(vec![7_u8; length]);
            let text = pem(&der);
            assert!(text.lines().all(|line| line.len() <= 64));
            if length > 0 {
                assert_eq!(CertificateDer::from_pem_slice(text.as_bytes()).unwrap(), der);
            }
        }
    }
}
