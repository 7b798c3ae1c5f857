//! The detector as a whole: rules by their own examples, the cases of `tests/detect/`, bounds on work, and what must
//! never be found.

use super::*;
use crate::rules::Source;
use std::sync::LazyLock;

pub(super) static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::built_in().unwrap());

/// Findings that count, as `rule: text` with `|` between pieces.
fn found(text: &str) -> Vec<String> {
    let scan = DETECTOR.scan(text);
    let counts = scan.findings.iter().filter(|finding| finding.confidence >= test::COUNTS_FROM);
    counts
        .map(|finding| {
            let pieces: Vec<&str> = finding.ranges.iter().map(|range| text.get(range.clone()).unwrap()).collect();
            format!("{}: {}", finding.rule, pieces.join("|"))
        })
        .collect()
}

#[test]
fn a_colour_of_a_terminal_is_no_part_of_what_it_colours() {
    let key = ["ghp", "_q8ZkP3xWv9Lt2Rj7Bn4MQ8ZkP3xWv9Lt2Rj7"].concat();
    for colour in ["\u{1b}[32m", "\\u001b[1;32m", "\\x1b[0m", "\\033[m"] {
        let text = format!("token {colour}{key}\u{1b}[0m done");
        let found = DETECTOR.scan(&text).findings;
        assert!(
            found.iter().any(|finding| finding.category.as_str() == "APIKEY" && text.get(finding.hull()) == Some(&key)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn every_built_in_pattern_compiles() {
    let failures: Vec<String> =
        DETECTOR.rules().filter_map(|rule| load::prove(rule).err()).map(|error| error.to_string()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(Detector::built_in_sources().iter().all(rules::is_built_in));
}

#[test]
fn every_built_in_rule_does_what_its_examples_say() {
    let failures: Vec<String> = test::run(&DETECTOR).iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    case: Vec<Case>,
}

/// One case of `tests/detect/*.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Pieces of the text, joined: secrets do not stand whole in a file.
    text: Vec<String>,
    #[serde(default)]
    findings: Vec<CaseFinding>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFinding {
    category: String,
    /// The bytes found, `|` between pieces.
    value: Vec<String>,
}

fn check_case(file: &str, case: &Case) -> Option<String> {
    let text = case.text.concat();
    let scan = DETECTOR.scan(&text);
    let counts = scan.findings.iter().filter(|finding| finding.confidence >= test::COUNTS_FROM);
    let got: Vec<(String, String)> = counts
        .map(|finding| {
            let pieces: Vec<&str> = finding.ranges.iter().map(|range| text.get(range.clone()).unwrap()).collect();
            (finding.category.to_string(), pieces.join("|"))
        })
        .collect();
    let expected: Vec<(String, String)> =
        case.findings.iter().map(|finding| (finding.category.clone(), finding.value.concat())).collect();
    let rules: Vec<String> =
        scan.findings.iter().map(|f| format!("{} {:.2} {:?}", f.rule, f.confidence, f.reasons)).collect();
    (got != expected)
        .then(|| format!("{file}: {}\n  expected {expected:?}\n  got      {got:?}\n  rules {rules:?}", case.name))
}

#[test]
fn the_cases_of_the_case_files_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/detect");
    let mut failures = Vec::new();
    let mut n_cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let cases: CaseFile =
            toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        n_cases += cases.case.len();
        failures.extend(cases.case.iter().filter_map(|case| check_case(&name, case)));
    }
    assert!(n_cases >= 40, "{n_cases} cases");
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_rule_matches_a_placeholder_of_scrim() {
    const BASE32: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut state: u64 = 0x5EED;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(BASE32[usize::try_from(state >> 59).unwrap()])
    };
    let categories: std::collections::BTreeSet<String> =
        DETECTOR.rules().map(|rule| rule.category.to_string()).collect();
    for category in &categories {
        for round in 0..120 {
            let tag: String = (0..10).map(|_| next()).collect();
            let check: String = (0..2).map(|_| next()).collect();
            let separator = if round % 3 == 0 { "" } else { "_" };
            let placeholder = format!("{category}_{tag}{separator}{check}");
            let text = format!(
                "password = \"{placeholder}\" my name is {placeholder}, tel {placeholder} token={placeholder} https://x/{placeholder}"
            );
            assert_eq!(found(&text), Vec::<String>::new(), "{text}");
        }
    }
}

/// `unit` over and over, 16 KiB of it: the counters grow with the length, so that this shows what a megabyte costs.
fn repeated(unit: &str) -> String {
    unit.repeat((16 << 10) / unit.len())
}

/// What hostile texts are made of: anchors, cues and separators, alone and in twos.
const HOSTILE: &[&str] = &[
    "a",
    "1",
    "1 ",
    "12 ",
    "1-",
    "=",
    "@",
    "a@",
    "\"",
    "'\"",
    "eyJ",
    "eyJa.",
    "password=",
    "password = \"",
    "token: ",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "://",
    "a://b:",
    "sk-",
    "ghp_",
    "+1",
    "name: A ",
    "my name is ",
    "%41",
    "&#64;",
    "\\u0040",
    "\u{200b}",
    "４",
    "\" + \"",
    "1.1.1.1.",
    "4111 ",
    "4111 1111 1111 1111 ",
    "::",
    "2001:",
    "x at y dot ",
    ".G",
    ":AA",
    "SG.",
    "xoxb-",
    "AKIAAKIA",
    "secret_",
    "AccountKey=",
    "dear Anna,\n",
    "00491234567 ",
    "{\"a\":",
    "A",
    "/",
    "aGVsbG8gd29ybGQ",
    "\\",
    "\\\"",
    "'a' + 'b' + ",
    "1.1.1.1 ",
    "a@b.de ",
    "9f86d081884c7d659a2feaa0c55ad015 ",
    "tax id 12345678 ",
];

#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    for unit in HOSTILE {
        check_work(&repeated(unit), unit);
    }
}

fn check_work(text: &str, name: &str) {
    let (_, work) = DETECTOR.scan_counted(text);
    assert!(work.tries <= 4 * text.len(), "{name:?}: {work:?}");
    assert!(work.failed_bytes <= 64 * text.len() + (1 << 20) + (16 << 10), "{name:?}: {work:?}");
}

#[test]
fn a_text_of_all_keywords_costs_no_more_than_its_length() {
    let words: Vec<&str> = DETECTOR
        .rules()
        .flat_map(|rule| {
            let context = rule.context.iter().flat_map(|context| context.all_words());
            rule.anchor.literals.iter().map(String::as_str).chain(context)
        })
        .collect();
    for part in words.chunks(words.len().div_ceil(4)) {
        check_work(&part.join(" "), "all keywords");
        check_work(&part.concat(), "all keywords, glued");
        check_work(&part.join(" 123-45-6789 "), "all keywords between numbers");
    }
}

#[test]
fn a_text_that_exhausts_the_budget_is_unreadable_not_clean() {
    let source = Source {
        path: "rules/test/slow.toml".to_owned(),
        text: r#"
[[rule]]
id = "test.slow"
title = "t"
description = "d"
category = "APIKEY"
severity = "low"
source = "s"
confidence = 0.9
anchor = { literals = ["a"], left = "any", after = 16000 }
pattern = '''a+b'''
finds = ["ab"]
near_misses = []
"#
        .to_owned(),
    };
    let detector = Detector::compile(&[source], &[]).unwrap();
    let scan = detector.scan(&"a".repeat(1 << 18));
    assert!(scan.unreadable && scan.findings.is_empty());
    assert!(!detector.scan("an ab and a").unreadable);
}

/// A detector of one rule, `extra` being its anchor, pattern and context, and of a word list `animals`.
fn one_rule(extra: &str) -> Result<Detector, RuleError> {
    let text = format!(
        "[[rule]]\nid = \"x.y\"\ntitle = \"t\"\ndescription = \"d\"\ncategory = \"APIKEY\"\nseverity = \"low\"\nsource = \"s\"\nconfidence = 0.9\nfinds = []\nnear_misses = []\n{extra}\n"
    );
    let rule = Source { path: "rules/test/x.toml".to_owned(), text };
    let list = Source { path: "rules/words/animals.txt".to_owned(), text: "# some\nzebra\nox*\n".to_owned() };
    Detector::compile(&[rule, list], &[])
}

#[test]
fn a_word_list_counts_as_words_of_the_rule() {
    let rule =
        "anchor = { digits = [4, 4] }\npattern = '[0-9]{4}'\ncontext = { lists = [\"animals\"], words = [\"mule\"] }";
    let detector = one_rule(rule).unwrap();
    for (text, found) in [("zebra 1234", true), ("oxen: 1234", true), ("mule 1234", true), ("horse 1234", false)] {
        assert_eq!(!detector.scan(text).findings.is_empty(), found, "{text}");
    }
    let error = one_rule(&rule.replace("animals", "plants")).unwrap_err().to_string();
    assert!(error.contains("unknown word list `plants`") && error.contains("animals"), "{error}");
}

#[test]
fn a_token_rule_fires_at_random_runs_of_its_length() {
    let detector = one_rule("anchor = { token = [16, 32] }\npattern = '[A-Za-z0-9_+/=-]+'").unwrap();
    let found = |text: &str| detector.scan(text).findings.first().map(|finding| text[finding.hull()].to_owned());
    assert_eq!(found("call(\"q8zkp3xwv9lt2rj7m4yb\")").as_deref(), Some("q8zkp3xwv9lt2rj7m4yb"));
    assert_eq!(found("/v1/q8zkp3xwv9lt2rj7m4yb/x").as_deref(), Some("q8zkp3xwv9lt2rj7m4yb/x"));
    assert_eq!(found("a_long_identifier_of_words and q8zkp3xwv9lt2rj7m4ybq8zkp3xwv9lt2rj7m4yb"), None);
    assert!(one_rule("anchor = { token = [4, 32] }\npattern = 'a'").is_err());
}

#[test]
fn broken_rules_are_named_with_their_line_and_a_way_out() {
    let rule = |extra: &str| {
        format!(
            "\n[[rule]]\nid = \"x.y\"\ntitle = \"t\"\ndescription = \"d\"\ncategory = \"APIKEY\"\nseverity = \"low\"\nsource = \"s\"\nconfidence = 0.9\nfinds = [\"abc\"]\nnear_misses = []\n{extra}\n"
        )
    };
    let check = |text: String, expected: &str| {
        let source = Source { path: "rules/x.toml".to_owned(), text };
        let error = Detector::compile(&[source], &[]).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("rules/x.toml:") && error.contains("hint:"), "{error}");
    };
    let good = "anchor = { literals = [\"ab\"] }\npattern = 'abc'";
    check(rule("anchor = { literals = [\"zz\"] }\npattern = 'abc'"), "cannot fire");
    check(rule("anchor = { literals = [\"ab\"] }\npattern = 'a(bc'"), "does not compile");
    check(rule("anchor = {}\npattern = 'abc'"), "nothing anchors");
    check(rule(&format!("{good}\ncheck = {{ validate = \"lunh\" }}")), "unknown check `lunh`");
    check(rule(&format!("{good}\nfoo = 1")), "unknown field `foo`");
    check(rule(good) + &rule(good), "described twice");
    check(rule(good).replace("APIKEY", "api key"), "upper-case");
}

#[test]
fn a_rule_of_another_folder_replaces_a_built_in_one() {
    let mut sources = Detector::built_in_sources();
    let text = "[[rule]]\nid = \"github.token\"\ntitle = \"ours\"\ndescription = \"d\"\ncategory = \"APIKEY\"\nseverity = \"low\"\nsource = \"s\"\nconfidence = 0.9\nanchor = { literals = [\"ghx_\"] }\npattern = 'ghx_[a-z]+'\nfinds = [\"ghx_a\"]\nnear_misses = []\n";
    sources.push(Source { path: "/etc/scrim/rules/github.toml".to_owned(), text: text.to_owned() });
    let detector = Detector::compile(&sources, &["email.spelled".to_owned()]).unwrap();
    assert_eq!(detector.rule("github.token").unwrap().title, "ours");
    assert!(detector.rule("email.spelled").is_none());
    assert_eq!(detector.rule_count() + 1, DETECTOR.rule_count());
    assert_ne!(detector.version(), DETECTOR.version());
    assert!(Detector::compile(&sources, &["no.such".to_owned()]).is_err());
}

#[test]
fn findings_do_not_overlap_and_lie_on_characters() {
    let text = include_str!("../../tests/bench/prompt_2KiB.txt");
    let scan = DETECTOR.scan(text);
    assert!(!scan.unreadable);
    for pair in scan.findings.windows(2) {
        assert!(pair[0].hull().end <= pair[1].hull().start);
    }
}
