//! The path language of site files: which values of a body a list means. It only selects: no state, no arithmetic.
//!
//! ```text
//! messages[*].content.parts[*]      keys, any index
//! [0][1]                            fixed indices
//! *.text                            any one key
//! **.signature                      that key at any depth
//! arguments|json|path               JSON inside a JSON string
//! f.req|json|[1]|json|[0][0]        in a form body the part before the first `|` is the field's whole name
//! ```

use std::fmt;

/// Where a value lies: the steps from the body's root to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A value under an object's key or a form's field.
    Key(String),
    /// An element of an array, a line of NDJSON.
    Index(usize),
    /// The document inside a string.
    Json,
}

/// A place as people read it: `messages[0].content`, `arguments|json|path`.
pub(crate) fn describe(places: &[Place]) -> String {
    let mut text = String::new();
    for place in places {
        match place {
            Place::Key(key) => {
                if !text.is_empty() && !text.ends_with('|') {
                    text.push('.');
                }
                text.push_str(key);
            }
            Place::Index(index) => text.push_str(&format!("[{index}]")),
            Place::Json => text.push_str("|json|"),
        }
    }
    text.strip_suffix('|').map(str::to_owned).unwrap_or(text)
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    AnyKey,
    Index(usize),
    AnyIndex,
    /// Any number of places, none included.
    Deep,
    Json,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing between two separators.
    #[error("path `{0}` has an empty step")]
    Empty(String),
    /// `[` without a number or `*` and `]`.
    #[error("path `{0}` has a bracket that is neither `[n]` nor `[*]`")]
    Bracket(String),
    /// An unknown codec between pipes.
    #[error("path `{path}` pipes through `{codec}`; known is `json`")]
    Codec {
        /// The path.
        path: String,
        /// The word between the pipes.
        codec: String,
    },
}

impl Path {
    /// Parses a path into a JSON body.
    ///
    /// # Errors
    /// When a step is empty, a bracket is broken or a codec is unknown.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Self::with_stages(text, text.split('|').collect(), Vec::new())
    }

    /// Parses a path into a form or multipart body: its first stage is a field's name as it stands.
    ///
    /// # Errors
    /// As [`Path::parse`].
    pub fn parse_in_form(text: &str) -> Result<Self, PathError> {
        let mut stages: Vec<&str> = text.split('|').collect();
        let name = stages.remove(0);
        let first = match name {
            "" => return Err(PathError::Empty(text.to_owned())),
            "*" => Step::AnyKey,
            "**" => Step::Deep,
            other => Step::Key(other.to_owned()),
        };
        Self::with_stages(text, stages, vec![first])
    }

    fn with_stages(text: &str, stages: Vec<&str>, mut steps: Vec<Step>) -> Result<Self, PathError> {
        // After a field's name the next stage is a codec; in a JSON body the first stage is a path.
        let mut codec_next = !steps.is_empty();
        for stage in stages {
            match (codec_next, stage) {
                (true, "json") => steps.push(Step::Json),
                (true, other) => {
                    return Err(PathError::Codec { path: text.to_owned(), codec: other.to_owned() });
                }
                (false, inner) => parse_stage(text, inner, &mut steps)?,
            }
            codec_next = !codec_next;
        }
        Ok(Self { steps, text: text.to_owned() })
    }

    /// Whether the path selects the value at this place.
    #[must_use]
    pub fn selects(&self, place: &[Place]) -> bool {
        selects(&self.steps, place)
    }

    /// Whether the path goes on through the document inside the string at this place.
    #[must_use]
    pub fn pipes_from(&self, place: &[Place]) -> bool {
        let pipes = self.steps.iter().enumerate().filter(|(_, step)| **step == Step::Json);
        pipes.filter_map(|(at, _)| self.steps.get(..at)).any(|front| selects(front, place))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parse_stage(whole: &str, stage: &str, steps: &mut Vec<Step>) -> Result<(), PathError> {
    for dotted in stage.split('.') {
        let (key, brackets) = match dotted.find('[') {
            Some(at) => dotted.split_at(at),
            None => (dotted, ""),
        };
        match key {
            "" if brackets.is_empty() => return Err(PathError::Empty(whole.to_owned())),
            "" => {}
            "*" => steps.push(Step::AnyKey),
            "**" => steps.push(Step::Deep),
            name => steps.push(Step::Key(name.to_owned())),
        }
        parse_brackets(whole, brackets, steps)?;
    }
    Ok(())
}

fn parse_brackets(whole: &str, brackets: &str, steps: &mut Vec<Step>) -> Result<(), PathError> {
    let mut rest = brackets;
    while !rest.is_empty() {
        let broken = || PathError::Bracket(whole.to_owned());
        let (inner, after) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(broken)?;
        let step = match inner {
            "*" => Step::AnyIndex,
            number => Step::Index(number.parse().map_err(|_| broken())?),
        };
        steps.push(step);
        rest = after;
    }
    Ok(())
}

fn selects(steps: &[Step], places: &[Place]) -> bool {
    let Some((step, later)) = steps.split_first() else { return places.is_empty() };
    if *step == Step::Deep {
        return (0..=places.len()).any(|skip| places.get(skip..).is_some_and(|rest| selects(later, rest)));
    }
    let Some((place, rest)) = places.split_first() else { return false };
    let fits = match (step, place) {
        (Step::Key(wanted), Place::Key(key)) => wanted == key,
        (Step::Index(wanted), Place::Index(index)) => wanted == index,
        (Step::AnyKey, Place::Key(_)) | (Step::AnyIndex, Place::Index(_)) | (Step::Json, Place::Json) => true,
        (
            Step::Key(_) | Step::AnyKey | Step::Index(_) | Step::AnyIndex | Step::Json | Step::Deep,
            Place::Key(_) | Place::Index(_) | Place::Json,
        ) => false,
    };
    fits && selects(later, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Place {
        Place::Key(name.to_owned())
    }

    #[test]
    fn a_path_selects_what_it_names() {
        let place = [key("messages"), Place::Index(3), key("content"), key("parts"), Place::Index(0)];
        for path in [
            "messages[*].content.parts[*]",
            "messages[3].content.parts[0]",
            "**.parts[*]",
            "messages.**",
            "*[*].*.*[*]",
        ] {
            assert!(Path::parse(path).unwrap().selects(&place), "{path}");
        }
        for path in ["messages[2].content.parts[*]", "messages[*].content", "content.parts[*]", "**.parts", "[0]"] {
            assert!(!Path::parse(path).unwrap().selects(&place), "{path}");
        }
    }

    #[test]
    fn pipes_go_through_strings() {
        let place = [key("f.req"), Place::Json, Place::Index(1), Place::Json, Place::Index(0), Place::Index(0)];
        assert!(Path::parse_in_form("f.req|json|[1]|json|[0][0]").unwrap().selects(&place));
        assert!(!Path::parse_in_form("f.req|json|[1]|json|[0][1]").unwrap().selects(&place));
        assert_eq!(describe(&place), "f.req|json|[1]|json|[0][0]");
    }

    #[test]
    fn what_is_no_path_says_why() {
        for bad in ["", "a..b", "a[x]", "a[1", "a|gzip|b", "a[0]b"] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Path::parse("a|gzip|b").unwrap_err().to_string(),
            "path `a|gzip|b` pipes through `gzip`; known is `json`"
        );
    }
}
