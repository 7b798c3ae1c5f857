//! The order of the modules: inspection knows nothing of the world, and each of its parts only those before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::programs::repository;

/// The two rows of ARCHITECTURE.md's block `layers`: inspection, then the world. A module may use those before it.
fn rows() -> (Vec<String>, Vec<String>) {
    let page = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let block = page.split("```layers\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block `layers`");
    let mut rows = block.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<String>>());
    (rows.next().unwrap(), rows.next().unwrap())
}

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

/// Source files below a folder, those that only tests compile left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = files(folder);
    let only_tests: Vec<PathBuf> = found.iter().flat_map(|file| test_modules(file)).collect();
    found.retain(|file| !only_tests.iter().any(|module| file.with_extension("").starts_with(module)));
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Test code may read files and clocks.
        let tests = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "cases" || stem == "testing");
        if tests && path.starts_with(repository("src")) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Paths, without extension, of the modules that a file declares for tests alone.
fn test_modules(file: &Path) -> Vec<PathBuf> {
    let declared = regex::Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap();
    let text = fs::read_to_string(file).unwrap();
    let is_root = file.file_stem().is_some_and(|stem| stem == "lib" || stem == "main");
    let folder = if is_root { file.parent().unwrap().to_owned() } else { file.with_extension("") };
    declared.captures_iter(&text).map(|captures| folder.join(&captures[1])).collect()
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
fn each_module_uses_only_those_before_it() {
    let (inspection, world) = rows();
    let order = [inspection.clone(), world].concat();
    let mut broken = Vec::new();
    for file in sources(&repository("src")) {
        let own = module(&file);
        if ["lib", "main"].contains(&own.as_str()) {
            continue;
        }
        let place = order.iter().position(|name| *name == own);
        let place = place.unwrap_or_else(|| panic!("`{own}` is in no row of ARCHITECTURE.md"));
        for name in used(&code(&file)) {
            let is_module = order.contains(&name);
            if is_module && !order.iter().take(place + 1).any(|before| *before == name) {
                broken.push(format!("{} uses `{name}`, which does not come before `{own}`", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn inspection_uses_no_crate_that_waits_opens_stores_or_listens() {
    let (inspection, _) = rows();
    let mut broken = Vec::new();
    for file in sources(&repository("src")) {
        if !inspection.contains(&module(&file)) {
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
        for file in files(&repository(folder)) {
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
