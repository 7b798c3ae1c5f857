//! Named lists of context words, `rules/words/<name>.txt`, that many rules share. Does not look for them in a text.

use super::error::{Place, RuleError};
use crate::rules::Source;
use std::{collections::HashMap, sync::Arc};

/// A list of context words.
#[derive(Debug, PartialEq, Eq)]
pub struct WordList {
    /// File name without `.txt`: what `context.lists` of a rule says.
    pub name: String,
    /// Lower-case words; `word*` also matches longer words, `*word` endings.
    pub words: Vec<String>,
}

/// All lists by name.
#[derive(Debug, Default)]
pub(super) struct WordLists(HashMap<String, Arc<WordList>>);

impl WordLists {
    /// The lists among rule sources. Files of the same name in several folders are one list.
    pub(super) fn read(sources: &[Source]) -> Result<Self, RuleError> {
        let mut words: HashMap<String, Vec<String>> = HashMap::new();
        for source in sources {
            if let Some(name) = name(&source.path) {
                words.entry(name.to_owned()).or_default().extend(parse(source)?);
            }
        }
        let shared = |(name, words): (String, Vec<String>)| (name.clone(), Arc::new(WordList { name, words }));
        Ok(Self(words.into_iter().map(shared).collect()))
    }

    pub(super) fn by_name(&self, name: &str) -> Option<Arc<WordList>> {
        self.0.get(name).cloned()
    }

    /// For messages.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// Name of the list, when the path is one's.
pub(super) fn name(path: &str) -> Option<&str> {
    path.rsplit(['/', '\\']).next().and_then(|file| file.strip_suffix(".txt"))
}

/// One word a line; what follows a `#` is a comment.
fn parse(source: &Source) -> Result<Vec<String>, RuleError> {
    let mut words = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let word = line.split('#').next().unwrap_or_default().trim();
        if word.is_empty() {
            continue;
        }
        if let Some(why) = fault(word) {
            let place = Place { path: source.path.clone(), line: index + 1 };
            return Err(RuleError::Syntax { place, why: format!("context word `{word}` {why}") });
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

/// Longest context word, bytes.
pub(super) const WORD_MAX: usize = 48;

/// What is wrong with a context word.
pub(super) fn fault(word: &str) -> Option<&'static str> {
    if word.trim_matches('*').is_empty() {
        Some("is empty")
    } else if word.chars().any(char::is_uppercase) {
        Some("has capitals: write words in lower case")
    } else if word.len() > WORD_MAX {
        Some("is longer than 48 bytes")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn lists_of_one_name_are_one_list() {
        let lists = WordLists::read(&[
            source("rules/words/identity.txt", "# cards\nid card\n\npassport* # any\n"),
            source("rules/pii/x.toml", "nothing"),
            source("/etc/scrim/words/identity.txt", "ausweis"),
        ])
        .unwrap();
        assert_eq!(lists.by_name("identity").unwrap().words, ["id card", "passport*", "ausweis"]);
        assert_eq!(lists.names(), ["identity"]);
    }

    #[test]
    fn a_faulty_word_is_named_with_its_line() {
        for (text, expected) in
            [("ok\nTel", "`Tel` has capitals"), ("**", "is empty"), (&"a".repeat(49), "longer than")]
        {
            let error = WordLists::read(&[source("rules/words/tel.txt", text)]).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("rules/words/tel.txt:"), "{error}");
        }
    }
}
