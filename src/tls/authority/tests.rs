//! The authority on a real folder, its certificates read back from their DER.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

use super::*;

fn hosts() -> Vec<String> {
    ["chatgpt.com", "api.openai.com", "claude.ai"].map(str::to_owned).to_vec()
}

fn open(state: &Path) -> Result<Authority, Error> {
    Authority::open_or_create(state, &config::tls::Tls::default(), &hosts())
}

fn parsed<'a>(der: &'a CertificateDer<'static>) -> X509Certificate<'a> {
    X509Certificate::from_der(der).unwrap().1
}

#[test]
fn a_first_run_makes_a_root_and_an_issuing_ca_that_the_owner_alone_can_read() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let mode = |name: &str| fs::metadata(state.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca"), mode("ca/root.key"), mode("ca/issuing.key")), (0o700, 0o600, 0o600));
    assert_eq!(fs::read_to_string(state.path().join("ca.pem")).unwrap(), authority.root_pem());
    assert!(fs::read_to_string(state.path().join("ca.bundle.pem")).unwrap().ends_with(authority.root_pem()));
    let root = parsed(authority.root());
    assert_eq!(root.basic_constraints().unwrap().unwrap().value.path_len_constraint, Some(1));
    assert!(root.key_usage().unwrap().unwrap().value.key_cert_sign());
}

#[test]
fn the_issuing_ca_permits_exactly_the_listed_hosts_and_excludes_every_address() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let issuing = parsed(authority.signer.chain().first().unwrap());
    assert_eq!(issuing.basic_constraints().unwrap().unwrap().value.path_len_constraint, Some(0));
    let constraints = issuing.name_constraints().unwrap().unwrap();
    assert!(constraints.critical);
    let permitted: Vec<_> = constraints.value.permitted_subtrees.as_ref().unwrap().iter().map(|t| &t.base).collect();
    let expected = ["api.openai.com", "chatgpt.com", "claude.ai"];
    assert_eq!(
        permitted,
        expected.iter().map(|host| GeneralName::DNSName(host)).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    let excluded: Vec<_> =
        constraints.value.excluded_subtrees.as_ref().unwrap().iter().map(|t| t.base.clone()).collect();
    assert_eq!(excluded, [GeneralName::IPAddress(&[0; 8]), GeneralName::IPAddress(&[0; 32])]);
    let days = authority.signer.validity().until - authority.signer.validity().from;
    assert!(days <= 365 * DAY_SECS);
}

#[test]
fn a_leaf_holds_one_name_and_what_browsers_ask_for() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let leaf = authority.leaf("ws.chatgpt.com").unwrap();
    assert_eq!(leaf.cert.len(), 2, "leaf and issuing CA, not the root");
    let certificate = parsed(leaf.cert.first().unwrap());
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName("ws.chatgpt.com")]);
    let usage = certificate.extended_key_usage().unwrap().unwrap();
    assert!(usage.value.server_auth && !usage.value.client_auth && !usage.value.any);
    let key_usage = certificate.key_usage().unwrap().unwrap();
    assert!(key_usage.value.digital_signature() && !key_usage.value.key_cert_sign());
    let oids: Vec<String> = certificate.extensions().iter().map(|e| e.oid.to_id_string()).collect();
    assert!(oids.contains(&"2.5.29.35".to_owned()) && oids.contains(&"2.5.29.14".to_owned()), "AKI and SKI: {oids:?}");
    let validity = certificate.validity();
    assert!(validity.not_after.timestamp() - validity.not_before.timestamp() <= 30 * 24 * 3600);
    assert!(certificate.raw_serial().len() <= 20 && certificate.raw_serial().len() >= 16);
}

#[test]
fn rustls_accepts_the_chain_for_a_listed_host() {
    use rustls::{
        client::WebPkiServerVerifier,
        pki_types::{ServerName, UnixTime},
    };
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.root().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let leaf = authority.leaf("claude.ai").unwrap();
    let check = |name: &'static str| {
        let name = ServerName::try_from(name).unwrap();
        rustls::client::danger::ServerCertVerifier::verify_server_cert(
            verifier.as_ref(),
            &leaf.cert[0],
            &leaf.cert[1..],
            &name,
            &[],
            UnixTime::now(),
        )
    };
    check("claude.ai").unwrap();
    check("chatgpt.com").unwrap_err();
}

#[test]
fn what_the_issuing_ca_may_not_sign_is_refused_before_minting() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    for host in ["bank.example", "notchatgpt.com", "192.0.2.1", "::1"] {
        assert!(matches!(authority.leaf(host), Err(Error::NotPermitted { .. })), "{host}");
    }
}

#[test]
fn a_leaf_is_minted_once_and_leaves_the_cache_before_it_ends() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let now = SystemTime::now();
    let first = authority.signer.leaf("claude.ai", now).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(Arc::ptr_eq(&first, &authority.leaf("claude.ai").unwrap())));
        }
    });
    let later = now + Duration::from_secs(28 * DAY_SECS);
    let second = authority.signer.leaf("claude.ai", later).unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    let second_end = parsed(second.cert.first().unwrap()).validity().not_after.timestamp();
    assert!(second_end > i64::try_from(issue::unix(later)).unwrap());
}

#[test]
fn a_second_start_keeps_the_root_and_the_issuing_ca() {
    let state = tempfile::tempdir().unwrap();
    let (first, second) = (open(state.path()).unwrap(), open(state.path()).unwrap());
    assert_eq!(first.root(), second.root());
    assert_eq!(first.signer.chain(), second.signer.chain());
}

#[test]
fn a_new_host_has_the_issuing_ca_signed_again_under_the_same_root() {
    let state = tempfile::tempdir().unwrap();
    let first = open(state.path()).unwrap();
    let mut more = hosts();
    more.push("gemini.google.com".to_owned());
    let second = Authority::open_or_create(state.path(), &config::tls::Tls::default(), &more).unwrap();
    assert_eq!(first.root(), second.root());
    assert_ne!(first.signer.chain(), second.signer.chain());
    second.leaf("gemini.google.com").unwrap();
}

#[test]
fn with_the_root_key_offline_known_hosts_go_on_and_new_ones_are_named() {
    let state = tempfile::tempdir().unwrap();
    open(state.path()).unwrap();
    fs::remove_file(state.path().join("ca/root.key")).unwrap();
    let mut more = hosts();
    more.push("gemini.google.com".to_owned());
    let authority = Authority::open_or_create(state.path(), &config::tls::Tls::default(), &more).unwrap();
    assert_eq!(authority.root_key(), &RootKey::Away);
    assert!(authority.remarks().iter().any(|remark| remark.contains("gemini.google.com")), "{:?}", authority.remarks());
    authority.leaf("claude.ai").unwrap();
    assert!(!authority.may_sign("gemini.google.com"));
}

#[test]
fn a_world_readable_key_stops_the_start() {
    let state = tempfile::tempdir().unwrap();
    open(state.path()).unwrap();
    let key = state.path().join("ca/issuing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let message = open(state.path()).unwrap_err().to_string();
    assert!(message.contains("issuing.key") && message.contains("chmod 600"), "{message}");
}

#[test]
fn a_companys_own_issuing_ca_signs_what_it_permits() {
    let (company, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(company.path()).unwrap();
    let dir = company.path().join("ca");
    let chain = dir.join("chain.pem");
    let text =
        fs::read_to_string(dir.join("issuing.pem")).unwrap() + &fs::read_to_string(dir.join("root.pem")).unwrap();
    fs::write(&chain, text).unwrap();
    let settings = config::tls::Tls { ca_cert: Some(chain), ca_key: Some(dir.join("issuing.key")) };
    let authority = Authority::open_or_create(state.path(), &settings, &hosts()).unwrap();
    assert_eq!(authority.leaf("claude.ai").unwrap().cert.len(), 2);
    assert!(authority.leaf("bank.example").is_err());
    assert_eq!(authority.root_pem(), fs::read_to_string(company.path().join("ca.pem")).unwrap());
    let half = config::tls::Tls { ca_key: None, ..settings };
    assert!(matches!(Authority::open_or_create(state.path(), &half, &hosts()), Err(Error::HalfConfigured { .. })));
}

#[test]
fn no_key_shows_in_debug_output() {
    let state = tempfile::tempdir().unwrap();
    let authority = open(state.path()).unwrap();
    let text = format!("{authority:?}");
    let key = fs::read_to_string(state.path().join("ca/issuing.key")).unwrap();
    assert!(!text.contains(key.lines().nth(1).unwrap()));
}
