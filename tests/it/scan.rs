//! `scrim scan` over files as a person, a hook and a CI job use it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::harness::{
    samples::{CLOUD_KEY, EMAIL, HARMLESS, two_values},
    scrim::{Said, command},
};

/// Runs `scrim scan ARGS` inside a folder.
fn scan(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = command(&folder.join("none.toml"), &folder.join("state"));
    command.env_remove("SCRIM_CONFIG").current_dir(folder).arg("scan").args(arguments);
    crate::harness::scrim::run(command)
}

fn rows(said: &Said) -> Vec<Value> {
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        git.env_remove(name);
    }
    let done = git.current_dir(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(done.expect("this test needs git").success(), "git {arguments:?}");
}

#[test]
fn many_files_and_one_large_one_are_reported_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let filler = "The river flows through the town and then on to the next one.\n".repeat(100_000);
    fs::write(folder.path().join("a-large.log"), format!("{filler}{EMAIL}\n{filler}{CLOUD_KEY}\n")).unwrap();
    for number in 0..300 {
        fs::write(folder.path().join(format!("b-{number:03}.txt")), two_values()).unwrap();
    }
    let said = scan(folder.path(), &["--format", "jsonl", "--jobs", "4", "."]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let rows = rows(&said);
    assert_eq!(rows.len(), 602);
    let files: Vec<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert!(files.is_sorted(), "{files:?}");
    let large: Vec<(u64, u64)> =
        rows[..2].iter().map(|row| (row["start"].as_u64().unwrap(), row["line"].as_u64().unwrap())).collect();
    let first = filler.len() as u64;
    assert_eq!(large, [(first, 100_001), (2 * first + EMAIL.len() as u64 + 1, 200_002)]);
}

#[test]
fn wide_text_is_read_and_binary_files_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("\u{feff}Grüße 😀\r\nan {EMAIL}\r\n");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("wide.txt"), &wide).unwrap();
    fs::write(folder.path().join("program.bin"), format!("\u{7f}ELF\0{EMAIL}")).unwrap();
    let rows = rows(&scan(folder.path(), &["--format", "jsonl", "."]));
    assert_eq!(rows.len(), 1, "{rows:?}");
    let range = rows[0]["start"].as_u64().unwrap() as usize..rows[0]["end"].as_u64().unwrap() as usize;
    let found: Vec<u16> = wide[range].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&found).unwrap(), EMAIL);
    assert_eq!((&rows[0]["line"], &rows[0]["column"]), (&Value::from(2), &Value::from(4)));
}

#[test]
fn what_is_staged_is_read_from_the_index_alone() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    fs::write(folder.path().join("staged.txt"), two_values()).unwrap();
    fs::create_dir(folder.path().join("vendor")).unwrap();
    fs::write(folder.path().join("vendor/copy.txt"), two_values()).unwrap();
    git(folder.path(), &["add", "staged.txt", "vendor/copy.txt"]);
    fs::write(folder.path().join("staged.txt"), HARMLESS).unwrap();
    fs::write(folder.path().join("unstaged.txt"), two_values()).unwrap();
    let said = scan(folder.path(), &["--staged", "--exclude", "vendor/", "--format", "jsonl"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let files: Vec<Value> = rows(&said).iter().map(|row| row["file"].clone()).collect();
    assert_eq!(files, ["staged.txt", "staged.txt"]);
    git(folder.path(), &["rm", "-q", "--cached", "-r", "-f", "."]);
    assert_eq!(scan(folder.path(), &["--staged"]).code, Some(0), "nothing is staged");
}

#[test]
fn outside_a_repository_staged_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = scan(folder.path(), &["--staged"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("not a git repository"), "{}", said.stderr);
}

#[test]
fn sarif_names_rules_severities_and_regions_and_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("my docs")).unwrap();
    fs::write(folder.path().join("my docs/a.txt"), format!("one\n{}", two_values())).unwrap();
    let said = scan(folder.path(), &["--format", "sarif", "./my docs"]);
    let log: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(!said.stdout.contains(EMAIL) && !said.stdout.contains(CLOUD_KEY));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["shortDescription"]["text"].is_string()
        && rule["properties"]["security-severity"].is_string()
        && rule["defaultConfiguration"]["level"].is_string()));
    assert!(
        rules.iter().any(|rule| rule["helpUri"].as_str().is_some_and(|uri| uri.starts_with("https://"))),
        "{rules:?}"
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20docs/a.txt");
        assert_eq!(place["region"]["startLine"], 2);
        let (start, end) = (&place["region"]["startColumn"], &place["region"]["endColumn"]);
        assert!(start.as_u64() < end.as_u64() && place["region"]["byteLength"].as_u64() > Some(10), "{place}");
    }
}

#[test]
fn a_baseline_silences_what_is_known_and_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.txt"), two_values()).unwrap();
    assert_eq!(scan(folder.path(), &["--write-baseline", "known.json", "old.txt"]).code, Some(0));
    let known = fs::read_to_string(folder.path().join("known.json")).unwrap();
    assert!(!known.contains(EMAIL) && !known.contains(CLOUD_KEY), "{known}");
    let said = scan(folder.path(), &["--baseline", "known.json", "old.txt"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{}", said.stderr);
    fs::write(folder.path().join("new.txt"), "mail to someone.else@northwind-freight.com").unwrap();
    let said = scan(folder.path(), &["--baseline", "known.json", "old.txt", "new.txt"]);
    assert_eq!((said.code, said.stdout.lines().count()), (Some(1), 1), "{}", said.stdout);
    fs::write(folder.path().join("known.json"), "{}").unwrap();
    let said = scan(folder.path(), &["--baseline", "known.json", "old.txt"]);
    assert!(said.code == Some(2) && said.stderr.contains("known.json"), "{}", said.stderr);
}

#[test]
fn explain_tells_the_rule_the_reasons_and_the_disguise() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), EMAIL.replacen('a', "\\u0061", 1)).unwrap();
    let said = scan(folder.path(), &["--explain", "a.txt"]);
    for told in ["a.txt:1:1: ", "rules/pii/email.toml:", "severity medium", "seen through a disguise: escapes decoded"]
    {
        assert!(said.stdout.contains(told), "no `{told}` in {}", said.stdout);
    }
}

#[test]
fn patterns_and_numbers_that_make_no_sense_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), two_values()).unwrap();
    let said = scan(folder.path(), &["a.txt", "--exclude", "[z-a]"]);
    assert!(said.code == Some(2) && said.stderr.contains("--exclude"), "{}", said.stderr);
    assert_eq!(scan(folder.path(), &["--exclude", "*.txt", "."]).code, Some(0));
    assert_eq!(scan(folder.path(), &["--jobs", "0", "."]).code, Some(2));
}
