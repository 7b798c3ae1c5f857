//! What lies in the repository and what must not.

use std::{fs, path::Path, process::Command};

use crate::harness::programs::repository;

/// Files that are or would be committed.
fn tracked() -> Vec<String> {
    let list = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository(""))
        .output();
    let text = String::from_utf8(list.expect("this test needs git").stdout).unwrap();
    let files: Vec<String> = text.lines().map(str::to_owned).filter(|file| repository(file).is_file()).collect();
    assert!(!files.is_empty(), "git lists no file");
    files
}

#[test]
fn no_private_key_lies_in_the_repository() {
    // Rules and tests may name the first line of a key; a key has lines of base64 behind it.
    let key = regex::bytes::Regex::new(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\r?\n)[A-Za-z0-9+/=]{60,}").unwrap();
    for file in tracked() {
        let bytes = fs::read(repository(&file)).unwrap();
        assert!(!key.is_match(&bytes) || is_example(&file), "{file} holds a private key");
        let extension = Path::new(&file).extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let suspicious = extension.is_some_and(|extension| ["key", "p12", "pfx", "jks"].contains(&extension.as_str()));
        assert!(!suspicious, "{file} looks like a key file");
    }
}

/// Rules prove themselves on invented keys, which the detector must see whole.
fn is_example(file: &str) -> bool {
    file.starts_with("rules/")
        || file.starts_with("tests/detect/")
        || file.starts_with("src/detect")
        || file.starts_with("eval/")
}

#[test]
fn every_site_has_hosts_and_recorded_exchanges() {
    let mut n_sites = 0;
    for entry in fs::read_dir(repository("rules/sites")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        n_sites += 1;
        let site = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{site}: {error}"));
        assert!(table.contains_key("hosts"), "{site} has no hosts");
        let recorded = repository(&format!("tests/sites/{site}"));
        let n_cases = fs::read_dir(&recorded).map(Iterator::count).unwrap_or(0);
        assert!(n_cases > 0, "{} has no recorded exchange", recorded.display());
    }
    assert!(n_sites >= 4, "{n_sites} sites");
}

#[test]
fn no_generated_file_is_tracked() {
    for file in tracked() {
        for folder in ["target/", "artefacts/", "node_modules/", "tests/.cache/"] {
            assert!(!file.contains(folder), "{file}");
        }
        let n_bytes = fs::metadata(repository(&file)).unwrap().len();
        assert!(n_bytes < 2 << 20, "{file} has {n_bytes} bytes");
    }
}

#[test]
fn people_find_what_they_look_for() {
    for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "certs/README.md", "rules/README.md", "tests/README.md"]
    {
        assert!(repository(file).is_file(), "{file} is missing");
    }
}
