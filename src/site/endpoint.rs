//! One endpoint of a site: which requests it means, how its body is read and who speaks its answers.
//! Compiled from a site file; reads no body itself.

use std::fmt;

use super::{
    Answer, Class, Head,
    path::{Path, PathError, Place},
    spec::{Codec, Framing, OnRefuse, Upgrade},
};

/// What requests to one group of paths are.
#[derive(Clone)]
pub struct Endpoint {
    /// Id within the site; `other` for paths that no file describes.
    pub id: String,
    /// What it is for.
    pub class: Class,
    /// How its bodies are read.
    pub codec: Codec,
    /// What its values are.
    pub selectors: Selectors,
    /// Who reads and writes its answers.
    pub answer: &'static dyn Answer,
    /// How its answers are cut into events.
    pub framing: Framing,
    /// What a refused request gets.
    pub on_refuse: OnRefuse,
    /// What happens to a websocket upgrade.
    pub upgrade: Upgrade,
    pub(crate) methods: Vec<String>,
    pub(crate) paths: Vec<UrlPattern>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}, {}, {})", self.id, self.class.as_str(), self.answer.name())
    }
}

impl Endpoint {
    pub(crate) fn fits(&self, head: &Head) -> bool {
        let method_fits = self.methods.is_empty() || self.methods.contains(&head.method);
        method_fits && self.paths.iter().any(|pattern| pattern.matches(&head.path))
    }

    /// The paths it means, as the site file writes them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(|pattern| pattern.text.as_str())
    }

    /// Its methods; empty for any.
    #[must_use]
    pub fn methods(&self) -> &[String] {
        &self.methods
    }
}

/// What a site file says about values of a body. Values that no list names go by the generic rules of `walk`.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    /// Not even scanned.
    pub skip: Vec<Path>,
    /// Byte for byte.
    pub opaque: Vec<Path>,
    /// Base64 media.
    pub media: Vec<Path>,
    /// Text, whatever it looks like.
    pub text: Vec<Path>,
}

/// What a selector says about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Not even scanned.
    Skip,
    /// Byte for byte.
    Opaque,
    /// Base64 media.
    Media,
    /// Text.
    Text,
}

impl Selectors {
    pub(crate) fn said(&self, place: &[Place]) -> Option<Said> {
        let lists = [
            (&self.skip, Said::Skip),
            (&self.opaque, Said::Opaque),
            (&self.media, Said::Media),
            (&self.text, Said::Text),
        ];
        lists.into_iter().find(|(paths, _)| paths.iter().any(|path| path.selects(place))).map(|(_, said)| said)
    }

    /// Whether a list names values inside the document that the string at this place holds.
    pub(crate) fn pipe_from(&self, place: &[Place]) -> bool {
        let lists = [&self.skip, &self.opaque, &self.media, &self.text];
        lists.into_iter().flatten().any(|path| path.pipes_from(place))
    }

    /// Parses one list; the codec says how its first stage reads.
    pub(crate) fn parse_path(text: &str, codec: Codec) -> Result<Path, PathError> {
        match codec {
            Codec::Form | Codec::Multipart => Path::parse_in_form(text),
            Codec::Auto | Codec::Json | Codec::Text | Codec::None => Path::parse(text),
        }
    }
}

/// A pattern for URL paths: literal segments, `{name}` or `*` for one segment or a part of one, `**` at the end for
/// any rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlPattern {
    segments: Vec<Segment>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// At least one character between the two.
    Any {
        before: String,
        after: String,
    },
    Rest,
}

/// Why a text is no URL pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlPatternError {
    /// No leading `/`.
    #[error("path pattern `{0}` does not start with `/`")]
    Relative(String),
    /// `**` before the end.
    #[error("path pattern `{0}` has `**` before its end")]
    Rest(String),
    /// `{` without `}`, or two wildcards in one segment.
    #[error("path pattern `{0}` has a segment that is neither literal nor one `{{name}}` or `*`")]
    Segment(String),
}

impl UrlPattern {
    /// Parses `/v1/files/{id}/content`.
    ///
    /// # Errors
    /// When it is not absolute or a segment is malformed.
    pub fn parse(text: &str) -> Result<Self, UrlPatternError> {
        let inner = text.strip_prefix('/').ok_or_else(|| UrlPatternError::Relative(text.to_owned()))?;
        let segments: Vec<Segment> = inner
            .split('/')
            .map(|part| segment(part).ok_or_else(|| UrlPatternError::Segment(text.to_owned())))
            .collect::<Result<_, _>>()?;
        let front = segments.split_last().map_or(&[][..], |(_, front)| front);
        if front.contains(&Segment::Rest) {
            return Err(UrlPatternError::Rest(text.to_owned()));
        }
        Ok(Self { segments, text: text.to_owned() })
    }

    /// Whether a request's path, as received, is meant. A trailing slash makes no difference.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let Some(inner) = path.strip_prefix('/') else { return false };
        let trimmed = inner.strip_suffix('/').unwrap_or(inner);
        let mut parts = trimmed.split('/');
        for segment in &self.segments {
            if *segment == Segment::Rest {
                return true;
            }
            if !parts.next().is_some_and(|part| segment.matches(part)) {
                return false;
            }
        }
        parts.next().is_none()
    }
}

impl Segment {
    fn matches(&self, part: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == part,
            Self::Any { before, after } => {
                part.len() > before.len() + after.len()
                    && part.starts_with(before.as_str())
                    && part.ends_with(after.as_str())
            }
            Self::Rest => true,
        }
    }
}

fn segment(part: &str) -> Option<Segment> {
    if part == "**" {
        return Some(Segment::Rest);
    }
    let split = match part.split_once('{') {
        Some((before, rest)) => rest.split_once('}').map(|(_, after)| (before, after)),
        None => part.split_once('*'),
    };
    let wild = |text: &str| text.contains(['*', '{', '}']);
    match split {
        Some((before, after)) if !wild(before) && !wild(after) => {
            Some(Segment::Any { before: before.to_owned(), after: after.to_owned() })
        }
        None if !wild(part) => Some(Segment::Literal(part.to_owned())),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_paths() {
        let check = |pattern: &str, path: &str, expected: bool| {
            assert_eq!(UrlPattern::parse(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        };
        check("/v1/files", "/v1/files", true);
        check("/v1/files", "/v1/files/", true);
        check("/v1/files", "/v1/files/f", false);
        check("/v1/files/{id}", "/v1/files/f", true);
        check("/v1/files/{id}", "/v1/files/", false);
        check("/v1/models/{m}:generate", "/v1/models/x:generate", true);
        check("/v1/models/{m}:generate", "/v1/models/:generate", false);
        check("/api/**", "/api/a/b", true);
        check("/api/**", "/api", true);
        check("/api/**", "/apix", false);
        check("/a/*/c", "/a/b/c", true);
        check("/", "/", true);
    }

    #[test]
    fn a_malformed_pattern_says_why() {
        for bad in ["v1", "/a/**/b", "/{a", "/a*b*c", "/{a}{b}"] {
            assert!(UrlPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
