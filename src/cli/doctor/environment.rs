//! The variables of the shell that asks: do its programs go through Scrim.

use serde_json::Value;

use crate::{app::state::StateFolder, config::Config};

use super::{super::env, Check};

/// Compares the shell's variables with those that `scrim env` would print.
pub(super) fn look(config: &Config, state: &StateFolder, running: Option<&Value>, checks: &mut Vec<Check>) {
    let address =
        running.and_then(|status| status.get("proxy")).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let wanted = env::of_instance(state, address.unwrap_or(config.proxy.listen));
    checks.push(compare(&wanted, |name| std::env::var(name).ok()));
}

fn compare(wanted: &[(&'static str, String)], of_shell: impl Fn(&str) -> Option<String>) -> Check {
    let what = "environment of this shell";
    let way_out = "eval \"$(scrim env)\" sets them all; `scrim run -- COMMAND` needs none";
    let proxied = of_shell("HTTPS_PROXY").or_else(|| of_shell("https_proxy"));
    let Some(proxied) = proxied else {
        return Check::note(what, "does not go through Scrim", way_out);
    };
    let differing: Vec<&str> =
        wanted.iter().filter(|(name, value)| of_shell(name).as_deref() != Some(value)).map(|(name, _)| *name).collect();
    match differing.as_slice() {
        [] => Check::ok(what, format!("goes through Scrim at {proxied}")),
        some => Check::note(
            what,
            format!("goes through {proxied}, and these differ from `scrim env`: {}", some.join(" ")),
            way_out,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;

    #[test]
    fn a_shell_that_goes_half_the_way_is_told_what_is_missing() {
        let wanted = [("HTTPS_PROXY", "http://127.0.0.1:1".to_owned()), ("SSL_CERT_FILE", "/b".to_owned())];
        let shell = |name: &str| (name == "HTTPS_PROXY").then(|| "http://127.0.0.1:1".to_owned());
        let check = compare(&wanted, shell);
        assert_eq!(check.state, State::Note);
        assert!(check.seen.ends_with("SSL_CERT_FILE"), "{}", check.seen);
        assert_eq!(compare(&wanted, |_| None).seen, "does not go through Scrim");
        let all = |name: &str| wanted.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        assert_eq!(compare(&wanted, all).state, State::Ok);
    }
}
