//! What is wrong with a configuration file, and how that is told: what, where, what was expected, what may have been
//! meant. Does not read files.

use std::{fmt, ops::Range, path::Path};

/// Why a configuration cannot be used: every problem found, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.joined())]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One problem. `Display` is the whole message without the leading `error:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, in one line.
    pub message: String,
    /// Where; `None` when the file itself cannot be read.
    pub place: Option<Place>,
    /// What would have been right: `expected` is put before it.
    pub expected: Option<String>,
    /// The way out.
    pub hint: Option<String>,
}

/// A position in a file, counted from 1 as editors do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the person named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl ConfigError {
    fn joined(&self) -> String {
        let told: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        told.join("\nerror: ")
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl Problem {
    /// A problem without a place: the file cannot be read at all.
    #[must_use]
    pub fn unreadable(path: &Path, why: &std::io::Error) -> Self {
        Self {
            message: format!("cannot read configuration `{}`: {}", path.display(), plain(why)),
            place: None,
            expected: None,
            hint: Some(
                "`scrim check --defaults` prints a file to start from; without `--config` defaults apply".to_owned(),
            ),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "\n  expected {expected}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Place {
    /// The place where `span` begins in `text`.
    #[must_use]
    pub fn of(file: &str, text: &str, span: &Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |rest| rest.chars().count()) + 1;
        Self { file: file.to_owned(), line, column }
    }
}

/// An operating system's reason as people write it: lower case, without `(os error 13)`.
#[must_use]
pub fn plain(error: &std::io::Error) -> String {
    let told = error.to_string();
    let told = told.split(" (os error").next().unwrap_or(&told);
    let mut letters = told.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// `a`, `b` or `c`, each in backticks.
#[must_use]
pub fn either(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The known name that `wrong` most likely meant: the nearest within a third of its length.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 3).max(1);
    known
        .iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), *name))
        .filter(|(steps, _)| *steps <= allowed)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, name)| name)
}

/// Edits between two words, a swap of neighbours counting as one (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let change = last.get(j).copied().unwrap_or(usize::MAX - 1) + usize::from(a != b);
            let insert = row.get(j).copied().unwrap_or(usize::MAX - 1) + 1;
            let delete = last.get(j + 1).copied().unwrap_or(usize::MAX - 1) + 1;
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            let swap = if swapped { before_last.get(j - 1).map_or(usize::MAX, |steps| steps + 1) } else { usize::MAX };
            row.push(change.min(insert).min(delete).min(swap));
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["allow", "mask", "reroute", "block"];
        assert_eq!(nearest("masc", &known), Some("mask"));
        assert_eq!(nearest("blokc", &known), Some("block"));
        assert_eq!(nearest("Reroute", &known), Some("reroute"));
        assert_eq!(nearest("delete", &known), None);
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "a = 1\nb = \"ö\" # x\nc";
        let at = text.find('#').unwrap();
        assert_eq!(Place::of("f.toml", text, &(at..at + 1)).to_string(), "f.toml:2:9");
        assert_eq!(Place::of("f.toml", text, &(0..1)).to_string(), "f.toml:1:1");
    }
}
