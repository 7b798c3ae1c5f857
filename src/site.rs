//! The format engine: which site and endpoint a request belongs to, where its text lies, and how the site answers.
//! Sites are data (`rules/sites/*.toml`); this module never sees a finding or a placeholder.

// which request this is
pub mod class;
pub mod host;
pub mod spec;
pub mod endpoint;
pub mod catalogue;
// where its text lies
pub mod path;
pub mod chain;
mod walk;
mod leaf;
// how it is answered
pub mod delta;
pub mod answer;
// recorded exchanges
#[cfg(test)]
mod cases;

pub use catalogue::{Catalogue, Site};
pub use class::Class;
pub use endpoint::Endpoint;
pub use host::{Authority, Host, HostError, HostPattern};

use std::ops::Range;

use crate::wire::OffsetMap;

/// Head of a request as inspection sees it. Header names are lower case; values are bytes as received.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// `GET`, `POST` …
    pub method: String,
    /// Path without query, as received (percent-encoded).
    pub path: String,
    /// Query without `?`, as received; empty when there is none.
    pub query: String,
    /// In the order received.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// First header of that lower-case name, when it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).and_then(|(_, v)| std::str::from_utf8(v).ok())
    }

    /// All headers of that lower-case name as one list, as RFC 9110 §5.2 joins them. Bytes that are no text become
    /// U+FFFD, which stands in no known value.
    #[must_use]
    pub fn header_list(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(n, _)| n == name);
        let texts: Vec<_> = values.map(|(_, value)| String::from_utf8_lossy(value)).collect();
        texts.join(", ")
    }
}

/// Part of a request that a span lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The decoded body.
    Body,
    /// `Head::path`.
    Path,
    /// `Head::query`.
    Query,
    /// The header at this index of `Head::headers`.
    Header(usize),
}

/// What may be done with a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// People's or tools' text: scanned and masked.
    Text,
    /// Machine-like values (ids, model names, enums): scanned, never edited, because the request would break. A finding
    /// that could be masked elsewhere is recorded only; one that must not leave, or a live secret, stops the request.
    Opaque,
    /// Base64 media: not text. Scanned only as far as its type allows.
    Media,
}

/// A run of text in a request, with the way back to its bytes.
#[derive(Debug, Clone)]
pub struct Span {
    /// Where it lies.
    pub part: Part,
    /// Fully decoded text: no JSON escapes, no percent-encoding.
    pub text: String,
    /// From offsets in `text` to offsets in the bytes of `part`.
    pub map: OffsetMap,
    /// What may be done with it.
    pub role: Role,
    /// Path for people: `messages[0].content`, `query.q`, `header x-title`.
    pub path: String,
}

/// Everything of a request that can be scanned.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// In the order of the bytes, part by part.
    pub spans: Vec<Span>,
}

/// Who said a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// Instructions.
    System,
    /// The person or program.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation, for the local model.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said. Original text: never logged.
    pub text: String,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Turn({:?}, {} bytes)", self.speaker, self.text.len())
    }
}

/// What a family reads out of a request so that the local model can answer it.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The turns that the request itself carries, oldest first.
    pub turns: Vec<Turn>,
    /// The conversation the turn belongs to, when the site keeps state: `conversation_id`, the uuid in the path,
    /// `previous_response_id`. `None` for a new conversation and for stateless APIs.
    pub id: Option<String>,
    /// Limit the client asked for.
    pub max_tokens: Option<u32>,
    /// The client wants a stream.
    pub stream: bool,
}

/// A whole response that Scrim makes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Lower-case names. `content-length` is added by whoever sends it.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Vec<u8>,
}

/// How a string in an answer relates to what the person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A piece to be appended to what came before in its channel.
    Delta,
    /// The whole text so far or a finished text: stands alone.
    Whole,
}

/// Where a restored text would end up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surface {
    /// Read by a person.
    Prose,
    /// Read by a person, but the string holds a document that holds the text: restored values need one more level of
    /// JSON escaping.
    Quoted,
    /// JSON text of a tool's arguments: restored values need one more level of JSON escaping.
    ToolJson {
        /// Name of the tool, when it is known.
        tool: Option<String>,
    },
    /// Plain text handed to a tool (no JSON inside).
    ToolText {
        /// Name of the tool, when it is known.
        tool: Option<String>,
    },
}

/// Name of a text channel within one answer: choice, block, item, tool index and field. Opaque outside the reader.
pub type Channel = String;

/// A string in an answer event that may hold placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The JSON string's content between its quotes, as byte range of the event's document.
    pub range: Range<usize>,
    /// Which running text it continues or repeats.
    pub channel: Channel,
    /// Piece or whole.
    pub mode: Mode,
    /// Where it ends up.
    pub surface: Surface,
}

/// What one event of an answer says about text channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Strings to restore, in byte order.
    pub fields: Vec<Field>,
    /// Channels that get no more text after this event. Text still held for them must be delivered by `deliver`,
    /// or inside a `Delta` field of this very event.
    pub closes: Vec<Channel>,
    /// The channel whose closing ends what the person reads: the place for the notice. At most one in an answer;
    /// it is among `closes` too, and may be a channel that has had no text.
    pub last_words: Option<Channel>,
    /// Arrays that repeat the text token by token (`logprobs`): each is replaced by `[]` in an answer in which
    /// something may be restored, or the original's absence would show what was restored.
    pub drops: Vec<Range<usize>>,
    /// Bytes to put into the document at these offsets whatever else happens, in ascending order: what the event
    /// inherited from an earlier one that `deliver` has rewritten.
    pub inserts: Vec<(usize, Vec<u8>)>,
}

/// How held text reaches the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Complete framed events to send before the present one.
    Before(Vec<u8>),
    /// The present event's document, rewritten so that it delivers the text first. Keeps the number of events.
    Within(Vec<u8>),
}

/// Reads one answer, event by event. One instance an answer; holds the state of the site's delta dialect.
pub trait Reader: Send {
    /// Looks at one event. `name` is the SSE event name, if any; `document` its data. Data that is no JSON (`[DONE]`)
    /// is passed too, with `None`.
    fn view(&mut self, name: Option<&str>, document: Option<&crate::wire::json::Doc<'_>>) -> View;

    /// Delivers `text` (decoded) in `channel`, which `view` has just closed or the stream's end has cut off
    /// (`document` is `None` then, and only `Before` is possible). `document` is the event that `view` saw last, its
    /// fields already restored and its `inserts` made. A delivery that is `Some` must be sent: the reader remembers
    /// what the client has been told.
    fn deliver(
        &mut self,
        channel: &Channel,
        text: &str,
        document: Option<&crate::wire::json::Doc<'_>>,
    ) -> Option<Delivery>;
}

/// Why a local answer or refusal text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model said all it had to say.
    Stop,
    /// The token limit.
    Length,
}

/// Speaks as the site answers: local answers and refusals in words. One instance an answer.
pub trait Writer: Send {
    /// Status and headers of the response. Body empty.
    fn head(&self) -> Reply;
    /// What comes before the first text.
    fn begin(&mut self, out: &mut Vec<u8>);
    /// A piece of text.
    fn text(&mut self, piece: &str, out: &mut Vec<u8>);
    /// Something that keeps the client waiting, where the format has it.
    fn keepalive(&mut self, out: &mut Vec<u8>);
    /// The regular end.
    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>);
    /// The conversation's id as the client will name it in its next turn.
    fn conversation(&self) -> Option<String>;
}

/// An answer family: how one group of sites phrases requests, answers and errors. Stateless; registered in
/// [`answer::FAMILIES`].
pub trait Answer: Send + Sync {
    /// Name in site files.
    fn name(&self) -> &'static str;
    /// A reader for one answer, streamed or not.
    fn reader(&self) -> Box<dyn Reader>;
    /// What the local model needs to know of a request. `head` for ids in paths; `body` decoded.
    fn conversation(&self, head: &Head, body: &[u8]) -> Conversation;
    /// A writer for an answer to this request. `seed` (16 random bytes) makes ids; `now` is Unix seconds.
    fn writer(&self, head: &Head, body: &[u8], seed: [u8; 16], now: u64) -> Box<dyn Writer>;
    /// A refusal as the site's own error, status 400.
    fn error(&self, message: &str) -> Reply;
    /// The same on a channel: the message that the client gets before it is closed. `None`: it is closed with a reason.
    fn error_message(&self, _error: &Reply) -> Option<Vec<u8>> {
        None
    }
    /// The conversation as the site's history read-out shows it, for a GET that upstream cannot answer because the
    /// conversation exists only here. `None` where the family has no such read-out.
    fn history(&self, head: &Head, id: &str, turns: &[Turn], now: u64) -> Option<Reply>;
}
