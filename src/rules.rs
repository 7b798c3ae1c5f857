//! The rule, site and policy files compiled into the program. Reads nothing at run time and parses nothing.

use include_dir::{Dir, include_dir};

static RULES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A rule, site or policy file: built in, or read from one of `[rules] dirs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path as people see it in errors: `rules/pii/iban.toml`.
    pub path: String,
    /// The whole file.
    pub text: String,
}

/// One built-in file by its path below `rules/`: `ai-hosts.toml`.
#[must_use]
pub fn file(name: &str) -> Option<Source> {
    let text = RULES.get_file(name)?.contents_utf8()?.to_owned();
    Some(Source { path: format!("rules/{name}"), text })
}

/// Built-in `.toml` files below `rules/<under>`, in path order.
#[must_use]
pub fn built_in(under: &str) -> Vec<Source> {
    files(under, "toml")
}

/// What the detector works by: rules of `pii/` and `secrets/`, word lists of `words/`.
#[must_use]
pub fn detection() -> Vec<Source> {
    [built_in("pii"), built_in("secrets"), files("words", "txt")].concat()
}

/// Whether a source is one of the files compiled in, unchanged.
#[must_use]
pub fn is_built_in(source: &Source) -> bool {
    let file = source.path.strip_prefix("rules/").and_then(|name| RULES.get_file(name));
    file.is_some_and(|file| file.contents() == source.text.as_bytes())
}

/// Built-in `.txt` files below `rules/<under>`, in path order.
#[must_use]
pub fn texts(under: &str) -> Vec<Source> {
    files(under, "txt")
}

fn files(under: &str, extension: &str) -> Vec<Source> {
    let Some(dir) = RULES.get_dir(under) else { return Vec::new() };
    let mut sources: Vec<Source> = dir
        .files()
        .filter(|file| file.path().extension().is_some_and(|e| e == extension))
        .filter_map(|file| {
            Some(Source { path: format!("rules/{}", file.path().display()), text: file.contents_utf8()?.to_owned() })
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}
