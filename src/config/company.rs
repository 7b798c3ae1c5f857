//! `[detect.company]` and `[[detect.dictionary]]`: when what the company keeps a list of counts, and its dictionaries.

use std::path::PathBuf;

use super::{section::Section, value::Choice};
use crate::detect::{
    Category, Severity,
    company::{Settings, Thresholds, dictionary::Matching},
};

/// `[detect.company]`
#[derive(Debug, Clone)]
pub struct Company {
    /// Use what `scrim index` put in the state folder. Default true.
    pub index: bool,
    /// Thresholds.
    pub settings: Settings,
}

impl Default for Company {
    fn default() -> Self {
        Self { index: true, settings: Settings::default() }
    }
}

/// `[[detect.dictionary]]`
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// Last part of the rule's id.
    pub name: String,
    /// Text with one entry a line, or a table.
    pub file: PathBuf,
    /// Column of a table; `None`: the first.
    pub column: Option<String>,
    /// Shown to people.
    pub title: Option<String>,
    /// Kind of data. Default `COMPANY`.
    pub category: Category,
    /// Default `medium`.
    pub severity: Severity,
    /// Default `word`.
    pub matching: Matching,
    /// Default true.
    pub ignore_case: bool,
    /// Letters that may follow an entry. Default 0.
    pub endings: u32,
}

impl Choice for Severity {
    const WORDS: &'static [(&'static str, Self)] =
        &[("low", Self::Low), ("medium", Self::Medium), ("high", Self::High), ("critical", Self::Critical)];
}

impl Choice for Matching {
    const WORDS: &'static [(&'static str, Self)] = &[("word", Self::Word), ("substring", Self::Substring)];
}

impl Company {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Settings::default();
        Self {
            index: section.get("index", true, "Use what `scrim index add` put in the state folder."),
            settings: Settings {
                documents: Thresholds {
                    letters: section.count(
                        "document_letters",
                        default.documents.letters,
                        1..=1 << 20,
                        "Letters and digits shared with one document from which a passage counts in full (confidence 0.95). Less, down to 69, is a quote (0.6).",
                    ),
                    fingerprints: section.count(
                        "document_fingerprints",
                        default.documents.fingerprints,
                        1..=1 << 20,
                        "… or fingerprints shared with it, about one in 20 letters.",
                    ),
                    boilerplate: section.count(
                        "boilerplate_documents",
                        default.documents.boilerplate,
                        1..=1 << 20,
                        "A fingerprint in more documents of a collection than this is boilerplate and says nothing.",
                    ),
                },
                row_bytes: section.count(
                    "row_bytes",
                    default.row_bytes,
                    1..=1 << 20,
                    "Bytes between two fields of one row at most, where two are needed.",
                ),
            },
        }
    }
}

/// Reads a section; `None` after a problem was reported.
pub(super) fn dictionary(section: &mut Section<'_, '_>) -> Option<Dictionary> {
    let name: Option<String> =
        section.required("name", "\"code-names\"", "Name in the rule's id: `company.dictionary.code-names`.");
    let file = section.required("file", "\"code-names.txt\"", "Text with one entry a line (`#` begins a comment), or a table (`.csv`). Relative to this file. Read again by `scrim reload`.");
    let column = section.optional("column", "\"project\"", "Column of a table; unset: the first.");
    let title = section.optional("title", "\"Code name of a project\"", "Shown to people.");
    let category: String =
        section.get("category", "COMPANY".to_owned(), "Kind of data, for policies and placeholders.");
    let severity = section.get(
        "severity",
        Severity::Medium,
        "How bad it is when an entry leaves the company: `low`, `medium`, `high`, `critical`.",
    );
    let matching = section.get("match", Matching::Word, "`word`: whole words, whatever stands between them; `substring`: also inside longer words (four letters at least, costs more).");
    let ignore_case = section.get("ignore_case", true, "Case and accents are the same.");
    let endings = section.count(
        "endings",
        0,
        0..=4,
        "Letters that may follow an entry in its last word: 2 finds `Falken` and `Falkes` for `Falke`.",
    );
    let well_named = name.as_deref().is_none_or(is_name);
    if !well_named {
        section.reject(
            "name",
            "`name` cannot be part of a rule's id".to_owned(),
            Some("1 to 64 lower-case letters, digits and `-`"),
            None,
        );
    }
    let category = Category::parse(&category);
    if let Err(error) = &category {
        section.reject("category", error.to_string(), None, None);
    }
    Some(Dictionary {
        name: name.filter(|_| well_named)?,
        file: file?,
        column,
        title,
        category: category.ok()?,
        severity,
        matching,
        ignore_case,
        endings,
    })
}

/// Whether a name can be the last part of a rule's id: 1 to 64 lower-case letters, digits and `-`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(form) && !name.starts_with('-')
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_dictionary_is_read_with_its_defaults() {
        let config =
            Config::parse("scrim.toml", "[[detect.dictionary]]\nname = \"code-names\"\nfile = \"names.txt\"\n")
                .unwrap();
        let dictionary = &config.detect.dictionaries[0];
        assert_eq!((dictionary.category.as_str(), dictionary.endings, dictionary.ignore_case), ("COMPANY", 0, true));
        assert!(config.detect.company.index);
    }

    #[test]
    fn what_cannot_be_a_dictionary_is_told() {
        for (line, told) in [
            ("name = \"Code Names\"\nfile = \"x\"", "cannot be part of a rule's id"),
            ("name = \"a\"", "`file` is missing"),
            ("name = \"a\"\nfile = \"x\"\ncategory = \"code names\"", "category `code names`"),
            ("name = \"a\"\nfile = \"x\"\nmatch = \"words\"", "did you mean `word`?"),
        ] {
            let error =
                Config::parse("scrim.toml", &format!("[[detect.dictionary]]\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        let twice = "[[detect.dictionary]]\nname = \"a\"\nfile = \"x\"\n".repeat(2);
        let error = Config::parse("scrim.toml", &twice).unwrap_err().to_string();
        assert!(error.contains("two dictionaries are called `a`"), "{error}");
    }
}
