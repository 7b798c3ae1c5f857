//! The order of the modules: inspection knows nothing of the world, and each of its parts only those before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::programs::repository;

/// The inspection half in reading order. A part may use those before it.
const INSPECTION: [&str; 7] = ["rules", "wire", "detect", "site", "policy", "mask", "inspect"];

/// Crates that wait, open, store or listen.
const WORLDLY: [&str; 12] = [
    "tokio",
    "tokio_rustls",
    "rustls",
    "hyper",
    "hyper_util",
    "axum",
    "sled",
    "getrandom",
    "jiff",
    "rcgen",
    "rustix",
    "tracing",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Test code may read files and clocks.
        let tests = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "cases" || stem == "testing");
        if tests && path.starts_with(repository("src")) {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The module of `src/` that a file belongs to.
fn module(file: &Path) -> String {
    let inside = file.strip_prefix(repository("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The file without its tests and comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Modules of this crate that the code names: `crate::x` and `crate::{x, y::Z}`.
fn used(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            names.extend(first_names(list));
        } else {
            names.push(word(rest));
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// First name of each entry of a use list, up to its closing brace.
fn first_names(list: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut entries = vec![String::new()];
    for character in list.chars() {
        match character {
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            '{' => depth += 1,
            ',' if depth == 0 => entries.push(String::new()),
            other if depth == 0 => entries.last_mut().unwrap().push(other),
            _ => {}
        }
    }
    entries.iter().map(|entry| word(entry.trim())).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

#[test]
fn each_part_of_inspection_uses_only_those_before_it() {
    let mut broken = Vec::new();
    for file in sources(&repository("src")) {
        let own = module(&file);
        let Some(place) = INSPECTION.iter().position(|name| *name == own) else { continue };
        for name in used(&code(&file)) {
            let allowed = INSPECTION.iter().take(place + 1).any(|before| *before == name);
            let is_macro_or_item = !repository(&format!("src/{name}.rs")).exists();
            if !allowed && !is_macro_or_item {
                broken.push(format!("{} uses `{name}`, which does not come before `{own}`", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn inspection_uses_no_crate_that_waits_opens_stores_or_listens() {
    let mut broken = Vec::new();
    for file in sources(&repository("src")) {
        if !INSPECTION.contains(&module(&file).as_str()) {
            continue;
        }
        let code = code(&file);
        for name in WORLDLY {
            let named = [format!("use {name}::"), format!(" {name}::"), format!("({name}::")];
            if named.iter().any(|form| code.contains(form.as_str())) {
                broken.push(format!("{} uses `{name}`", file.display()));
            }
        }
        for name in
            ["std::fs", "std::net::Tcp", "std::time::SystemTime", "std::time::Instant", "std::thread", "std::env"]
        {
            if code.contains(name) {
                broken.push(format!("{} uses `{name}`", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_source_file_says_first_what_it_is_for() {
    for folder in ["src", "tests/it", "benches"] {
        for file in sources(&repository(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//!"), "{} does not open with `//!`", file.display());
        }
    }
}

#[test]
fn features_are_chosen_in_one_place() {
    for file in sources(&repository("src")) {
        let place = file.strip_prefix(repository("src")).unwrap();
        if place != Path::new("lib.rs") {
            assert!(!code(&file).contains("cfg(feature"), "{} has a `cfg(feature …)`", file.display());
        }
    }
}
