//! Site files as they are written (`rules/sites/*.toml`, `rules/ai-hosts.toml`), and the errors that point into them.
//! Gives nothing a meaning: [`super::catalogue`] compiles what is read here.

use std::{collections::BTreeMap, fmt, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::Class;
use crate::rules::Source;

/// What is wrong with a site file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecError {
    /// The file as people name it.
    pub path: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong, naming the field.
    pub problem: String,
    /// A way out, when one is known.
    pub hint: Option<String>,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  --> {}:{}", self.problem, self.path, self.line)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SpecError {}

impl SpecError {
    pub(crate) fn at(source: &Source, span: Range<usize>, problem: String, hint: Option<String>) -> Self {
        let before = source.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Self { path: source.path.clone(), line, problem, hint }
    }

    fn of_toml(source: &Source, error: &toml::de::Error) -> Self {
        let problem = error.message().lines().collect::<Vec<_>>().join("; ");
        let mut located = Self::at(source, error.span().unwrap_or(0..0), problem, None);
        if error.span().is_none() {
            located.line = 0;
        }
        located
    }
}

/// A site file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFile {
    /// Id in policies, settings and the log: `chatgpt-web`.
    pub id: Spanned<String>,
    /// Name for people: `ChatGPT`.
    pub title: String,
    /// Placeholder scope that the site shares with others of the same vendor: `openai`.
    pub family: String,
    /// A masked prompt's answer ends with a line that says so. For web chats; default false.
    #[serde(default)]
    pub notice: bool,
    /// The site's hosts.
    pub hosts: Hosts,
    /// Paths that pass unread whatever the method: sign-in, challenges, static files.
    #[serde(default)]
    pub never: Vec<Spanned<String>>,
    /// Request headers that are set to this value when the client sends them: `{"x-…-compression" = "identity"}`.
    #[serde(default)]
    pub replace_headers: BTreeMap<String, String>,
    /// What endpoints that no `[[endpoint]]` describes get as an answer family. Default `generic`.
    #[serde(default = "generic")]
    pub answer: Spanned<String>,
    /// In order; the first that fits counts.
    #[serde(default, rename = "endpoint")]
    pub endpoints: Vec<EndpointFile>,
}

fn generic() -> Spanned<String> {
    Spanned::new(0..0, "generic".to_owned())
}

/// `[hosts]` of a site file: exact names or `*.name`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Pages and their back end.
    #[serde(default)]
    pub chat: Vec<Spanned<String>>,
    /// Programs' interfaces.
    #[serde(default)]
    pub api: Vec<Spanned<String>>,
    /// Where files are put.
    #[serde(default)]
    pub upload: Vec<Spanned<String>>,
    /// Where analytics go.
    #[serde(default)]
    pub telemetry: Vec<Spanned<String>>,
}

/// One `[[endpoint]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointFile {
    /// Id within the site: `chat`.
    pub id: String,
    /// HTTP methods. Empty: any.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Path patterns: `/v1/files/{id}`, `*` for one segment, `**` for the rest.
    pub paths: Vec<Spanned<String>>,
    /// What the endpoint is for.
    pub class: Class,
    /// How its bodies are read.
    #[serde(default)]
    pub body: Codec,
    /// Values that are text whatever they look like.
    #[serde(default)]
    pub text: Vec<Spanned<String>>,
    /// Values that are base64 media.
    #[serde(default)]
    pub media: Vec<Spanned<String>>,
    /// Values that must reach the site byte for byte.
    #[serde(default)]
    pub opaque: Vec<Spanned<String>>,
    /// Values that are not even scanned. For counters and tokens that would only cost time.
    #[serde(default)]
    pub skip: Vec<Spanned<String>>,
    /// Answer family. Default: the site's.
    pub answer: Option<Spanned<String>>,
    /// How the answer is cut into events.
    #[serde(default)]
    pub framing: Framing,
    /// What a refused request gets. Default `error`.
    #[serde(default)]
    pub on_refuse: OnRefuse,
    /// What happens to a websocket upgrade.
    #[serde(default)]
    pub upgrade: Upgrade,
}

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// By its bytes and content type: JSON, NDJSON, form, multipart, text.
    #[default]
    Auto,
    /// One JSON document.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// Plain text.
    Text,
    /// Not read.
    None,
}

/// How an answer is cut into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// By its content type.
    #[default]
    Auto,
    /// Server-sent events.
    Sse,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Ndjson,
}

/// What happens to a websocket upgrade at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Upgrade {
    /// It passes and its messages are inspected.
    #[default]
    Pass,
    /// It is answered 426, upon which the client falls back to plain requests.
    Refuse,
}

/// What a refused request gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OnRefuse {
    /// A normal answer whose text is the refusal.
    Answer,
    /// The family's error, status 400.
    #[default]
    Error,
    /// This status and body, for calls whose failure nobody shows: drafts, beacons.
    Fixed {
        /// HTTP status.
        status: u16,
        /// Body, JSON unless it is empty.
        body: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedFile {
    status: u16,
    #[serde(default)]
    body: String,
}

impl<'de> Deserialize<'de> for OnRefuse {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnRefuseVisitor)
    }
}

struct OnRefuseVisitor;

impl<'de> serde::de::Visitor<'de> for OnRefuseVisitor {
    type Value = OnRefuse;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`answer`, `error` or `{ status = …, body = \"…\" }`")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<OnRefuse, E> {
        match word {
            "answer" => Ok(OnRefuse::Answer),
            "error" => Ok(OnRefuse::Error),
            other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<OnRefuse, A::Error> {
        let fixed = FixedFile::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        if !(200..600).contains(&fixed.status) {
            return Err(serde::de::Error::custom(format!("`status` {} is no final HTTP status", fixed.status)));
        }
        Ok(OnRefuse::Fixed { status: fixed.status, body: fixed.body })
    }
}

/// The catalogue of AI hosts, `ai-hosts.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiHostsFile {
    /// Names that no wildcard of a site may claim: sign-in, payment, updates. Exact names or `*.name`.
    #[serde(default)]
    pub never_intercept: Vec<Spanned<String>>,
    /// Groups of hosts.
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupFile>,
}

/// One `[[group]]` of the catalogue of AI hosts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupFile {
    /// `chat`, `api`, `coding`, `image`, `voice`, `writing`, `upload`.
    pub category: String,
    /// Exact names or `*.name`.
    pub hosts: Vec<Spanned<String>>,
}

impl SiteFile {
    /// Reads a site file.
    ///
    /// # Errors
    /// When it is no TOML, or a field is unknown, missing or of the wrong kind.
    pub fn parse(source: &Source) -> Result<Self, SpecError> {
        toml::from_str(&source.text).map_err(|error| SpecError::of_toml(source, &error))
    }
}

impl AiHostsFile {
    /// Reads the catalogue of AI hosts.
    ///
    /// # Errors
    /// As [`SiteFile::parse`].
    pub fn parse(source: &Source) -> Result<Self, SpecError> {
        toml::from_str(&source.text).map_err(|error| SpecError::of_toml(source, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"a\"\ntitle = \"A\"\nfamily = \"a\"\n[hosts]\nchat = [\"a.test\"]\n";

    fn error(tail: &str) -> SpecError {
        SiteFile::parse(&Source { path: "a.toml".to_owned(), text: format!("{HEAD}{tail}") }).unwrap_err()
    }

    #[test]
    fn a_refusal_is_a_word_or_a_fixed_answer() {
        let endpoint = "[[endpoint]]\nid = \"x\"\npaths = [\"/x\"]\nclass = \"draft\"\n";
        let parse = |refuse: &str| {
            let text = format!("{HEAD}{endpoint}on_refuse = {refuse}\n");
            SiteFile::parse(&Source { path: "a.toml".to_owned(), text }).map(|file| file.endpoints[0].on_refuse.clone())
        };
        assert_eq!(parse("\"answer\"").unwrap(), OnRefuse::Answer);
        assert_eq!(parse("{ status = 204 }").unwrap(), OnRefuse::Fixed { status: 204, body: String::new() });
        assert!(parse("\"no\"").unwrap_err().problem.contains("expected `answer`, `error`"));
        assert!(parse("{ status = 42 }").is_err());
        assert!(parse("{ status = 204, boddy = \"\" }").is_err());
    }

    #[test]
    fn an_error_names_the_line() {
        let unknown = error("[[endpoint]]\nid = \"x\"\npaths = [\"/x\"]\nclass = \"prompts\"\n");
        assert_eq!(unknown.line, 9);
        assert!(unknown.problem.contains("prompts"), "{unknown}");
        assert!(error("[[endpoint]]\nid = \"x\"\npath = \"/x\"\n").to_string().contains("a.toml:"), "misspelt field");
    }
}
