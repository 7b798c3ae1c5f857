//! The CA: made, in date, its root's key offline, trusted by this system.

use crate::app::state::StateFolder;

use super::{super::ca, Check};

/// Days before its end at which a certificate is worth a remark.
const SOON_DAYS: i64 = 30;

/// Everything about the CA of a state folder.
pub(super) fn look(state: &StateFolder, checks: &mut Vec<Check>) {
    if !state.ca().exists() {
        checks.push(Check::note("CA", "not made yet", "`scrim up` or `scrim ca init` makes it"));
        return;
    }
    match ca::certificates(state) {
        Ok(certificates) => certificates.iter().for_each(|certificate| checks.push(dates(certificate))),
        Err(error) => {
            checks.push(Check::failed("CA", &error));
            return;
        }
    }
    checks.push(root_key(state));
    checks.push(trusted(state));
}

fn dates(certificate: &ca::Certificate) -> Check {
    let what = format!("CA, {}", certificate.role);
    let seen = format!("valid until {} ({} days)", certificate.not_after, certificate.days_left);
    let way_out = "`scrim up` renews the issuing CA while the root's key is in its place";
    match certificate.days_left {
        ..0 => Check::wrong(&what, format!("ended on {}", certificate.not_after), way_out),
        0..SOON_DAYS => Check::note(&what, seen, way_out),
        SOON_DAYS.. => Check::ok(&what, seen),
    }
}

fn root_key(state: &StateFolder) -> Check {
    let key = state.path().join("ca/root.key");
    if !key.exists() {
        return Check::ok("root's key", "not on this machine");
    }
    let hint = format!("move `{}` to a place that is not on the network; it is needed once a year", key.display());
    Check::note("root's key", "on this machine: whoever takes it can sign for any site", hint)
}

/// Whether programs that ask the system trust the CA. `SSL_CERT_FILE` of this shell counts, as it does for them.
fn trusted(state: &StateFolder) -> Check {
    let what = "CA in the system's trust store";
    let Ok(ours) = ca::trusted_der(state) else { return Check::note(what, "cannot tell", "`scrim ca show` says why") };
    let loaded = rustls_native_certs::load_native_certs();
    if loaded.certs.contains(&ours) {
        return Check::ok(what, "trusted");
    }
    let hint = format!(
        "browsers need `{}` in the trust store (`certs/README.md` says how); `scrim run` and `scrim env` do not",
        state.ca().display()
    );
    Check::note(what, "not trusted", hint)
}
