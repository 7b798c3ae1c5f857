//! From the text of `scrim.toml` to a resolved `Config`: syntax, then every section in turn, then what two sections
//! must agree on. All problems of a file are told at once. Reads no file but the one named.

use std::path::{Path, PathBuf};

use super::{
    Config, audit, console, detect, local, mask, policy,
    problem::{ConfigError, Place, Problem},
    proxy, rules,
    section::{Entry, Pass, Section},
    sites, telemetry, tls, upstream,
    value::Choice,
};
use crate::policy::Mode;

impl Choice for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("observe", Self::Observe), ("warn", Self::Warn), ("enforce", Self::Enforce)];
}

impl Config {
    /// Reads and resolves a file; `None` gives the defaults.
    ///
    /// # Errors
    /// When the file cannot be read or anything in it is wrong; every problem is in the error.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file).map_err(|why| Problem::unreadable(file, &why))?;
        let mut config = Self::parse(&file.display().to_string(), &text)?;
        config.file = Some(file.to_path_buf());
        config.anchor(file.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Resolves the text of a file. Relative paths stay as they are written.
    ///
    /// # Errors
    /// When anything in it is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let document = toml_edit::Document::parse(text).map_err(|error| syntax(file, text, &error))?;
        let mut pass = Pass::reading(file, text);
        let mut root = pass.root(document.as_table());
        let config = Self::read(&mut root);
        root.finish();
        if pass.problems.is_empty() {
            return Ok(config);
        }
        let mut problems = pass.problems;
        problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.line, place.column)));
        Err(ConfigError { problems })
    }

    fn read(root: &mut Section<'_, '_>) -> Self {
        let config = Self {
            file: None,
            mode: root.get(
                "mode",
                Mode::default(),
                "Cap on what is enforced: `observe` only records, `warn` lets prompts pass and tells people, `enforce` carries verdicts out.",
            ),
            proxy: root.table("proxy", "Where Scrim listens, who may use it, where it may go.", proxy::Proxy::read),
            upstream: root.table("upstream", "How sites are reached and whom to trust there.", upstream::Upstream::read),
            tls: root.table("tls", "A company's own issuing CA instead of the one Scrim makes.", tls::Tls::read),
            rules: root.table("rules", "More rules and sites.", rules::Rules::read),
            detect: root.table("detect", "What the detector leaves out, and what happens to what cannot be read.", detect::Detect::read),
            mask: root.table("mask", "Lifetime of originals, what is never restored, how people are told.", mask::Mask::read),
            policy: root.tables(
                "policy",
                "Who may send what where. In order; the first that matches a finding decides it. The built-in policies come last.",
                policy::read,
            ),
            sites: sites::Sites {
                by_id: root.named("sites", "chatgpt", "Switches for one site; `scrim sites list` shows the ids.", sites::Site::read),
            },
            local: root.table("local", "The company's own models, which answer what must not leave.", local::Local::read),
            audit: root.table("audit", "The log of what was masked, answered locally, refused or unreadable.", audit::Audit::read),
            console: root.table("console", "Health, metrics, PAC file, CA download and the employee's page.", console::Console::read),
            telemetry: root.table("telemetry", "Scrim's own log lines on stderr.", telemetry::Telemetry::read),
        };
        let same = config.proxy.listen == config.console.listen && config.proxy.listen.port() != 0;
        if same {
            root.reject(
                "console",
                format!("proxy and console both listen on `{}`", config.proxy.listen),
                Some("two different ports"),
                Some("the defaults are 8877 and 8878"),
            );
        }
        config
    }

    /// Makes relative paths relative to the file's directory.
    fn anchor(&mut self, directory: &Path) {
        let anchored = |path: &mut PathBuf| *path = directory.join(&*path);
        self.rules.dirs.iter_mut().for_each(anchored);
        self.detect.model.path.iter_mut().for_each(anchored);
        self.detect.dictionaries.iter_mut().map(|dictionary| &mut dictionary.file).for_each(anchored);
        self.upstream.ca_files.iter_mut().for_each(anchored);
        self.tls.ca_cert.iter_mut().chain(&mut self.tls.ca_key).for_each(anchored);
        self.local.endpoints.iter_mut().filter_map(|endpoint| endpoint.api_key_file.as_mut()).for_each(anchored);
    }
}

/// Every section and option, in the order of the file.
pub(super) fn entries() -> Vec<Entry> {
    let nothing = toml_edit::Table::new();
    let mut pass = Pass::describing();
    let mut root = pass.root(&nothing);
    Config::read(&mut root);
    root.finish();
    pass.entries
}

fn syntax(file: &str, text: &str, error: &toml_edit::TomlError) -> Problem {
    let message = error.message();
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected.to_owned())),
        None => (message, None),
    };
    Problem {
        message: format!("this is not TOML: {what}"),
        place: error.span().map(|span| Place::of(file, text, &span)),
        expected,
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match Config::parse("scrim.toml", text) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn a_wrong_word_is_told_with_its_place_and_the_nearest_right_one() {
        insta::assert_snapshot!(told("mode = \"enforced\"\n\n[audit]\non_failure = \"refuze\"\n"));
    }

    #[test]
    fn unknown_options_and_sections_are_errors() {
        insta::assert_snapshot!(told(
            "[proxy]\nlisten_on = 1\nlistn = \"127.0.0.1:1\"\n\n[prxy]\n\n[proxy.limits]\nbody_mb = 2\n"
        ));
    }

    #[test]
    fn values_of_the_wrong_form_are_told_with_what_was_expected() {
        insta::assert_snapshot!(told(
            "[proxy]\nlisten = 8877\nconnect_ports = [443, 70000]\nallow_private = [\"10.0.0.0/33\"]\n[proxy.limits]\nbody_mib = 0\n[detect]\nmin_confidence = 2\n[rules]\ndirs = \"rules\"\n[upstream.resolve]\n\"x\" = \"1.2.3.4:5\"\n"
        ));
    }

    #[test]
    fn a_policy_is_told_where_it_is_wrong() {
        insta::assert_snapshot!(told(
            "[[policy]]\ncategories = [\"EMAIL\"]\naction = \"masc\"\n[[policy]]\nclasses = [\"promt\"]\naction = \"block\"\n\
             [[policy]]\nusers = [\"alice\"]\n[[policy]]\ncategories = [\"email\"]\naction = \"allow\"\nmin_count = 0\nuser = \"x\"\n"
        ));
    }

    #[test]
    fn broken_syntax_names_the_line() {
        insta::assert_snapshot!(told("[proxy]\nlisten = \n"));
        insta::assert_snapshot!(told("[proxy]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n"));
    }

    #[test]
    fn listening_wider_than_loopback_needs_to_say_for_whom() {
        insta::assert_snapshot!(told("[proxy]\nlisten = \"0.0.0.0:8877\"\n[console]\nlisten = \"0.0.0.0:8878\"\n"));
        assert_eq!(
            told("[proxy]\nlisten = \"0.0.0.0:8877\"\nallow_sources = [\"10.0.0.0/8\", \"192.0.2.7\"]\n"),
            "accepted"
        );
    }

    #[test]
    fn what_two_options_must_agree_on_is_checked() {
        insta::assert_snapshot!(told(
            "[tls]\nca_cert = \"a.pem\"\n[console]\nlisten = \"127.0.0.1:8877\"\n[[local.endpoint]]\nmodel = \"x\"\n[[proxy.user]]\nname = \"alice\"\ntoken_sha256 = \"abc\"\n"
        ));
    }

    #[test]
    fn a_full_file_is_resolved() {
        let text = "mode = \"observe\"\n[proxy]\nlisten = \"127.0.0.1:0\"\n[proxy.limits]\nbody_mib = 1\n\
                    [upstream]\nresolve = { \"ChatGPT.com:443\" = \"127.0.0.1:9443\" }\n[sites.chatgpt]\nenabled = false\n\
                    [[local.endpoint]]\nurl = \"http://127.0.0.1:11434\"\n[[local.endpoint]]\nurl = \"https://models.corp.example\"\n";
        let config = Config::parse("scrim.toml", text).unwrap();
        assert_eq!(config.mode, Mode::Observe);
        assert_eq!(config.proxy.limits.body_mib, 1);
        assert_eq!(
            config.upstream.resolve.get("chatgpt.com:443").map(ToString::to_string).as_deref(),
            Some("127.0.0.1:9443")
        );
        assert_eq!(config.sites.by_id.get("chatgpt").map(|site| site.enabled), Some(false));
        assert_eq!(config.local.endpoints.len(), 2);
    }

    #[test]
    fn relative_paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scrim.toml");
        std::fs::write(&file, "[rules]\ndirs = [\"more\", \"/abs\"]\n[upstream]\nca_files = [\"ca.pem\"]\n").unwrap();
        let config = Config::load(Some(&file)).unwrap();
        assert_eq!(config.rules.dirs, [folder.path().join("more"), PathBuf::from("/abs")]);
        assert_eq!(config.upstream.ca_files, [folder.path().join("ca.pem")]);
        let missing = Config::load(Some(&folder.path().join("none.toml"))).unwrap_err().to_string();
        assert!(missing.contains("no such file or directory"), "{missing}");
    }
}
