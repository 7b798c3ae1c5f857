//! One request and its answer, as a state machine: head → body → decision → answer bytes. Owns the order, waits for
//! nothing.

use std::sync::Arc;

use crate::{
    mask::{Names, Original, Placeholder},
    policy::Subject,
    site::{Authority, Class, Conversation, Endpoint, Head, Prompt, Reply, Site, Turn, chain, spec::Codec},
    wire::{Unreadable, encoding, media_type},
};

use super::{
    answer::{AnswerPlan, AnswerStream, Told},
    deciding::Deciding,
    inspector::Inspector,
    local_turn::LocalTurn,
    refusal::{self, Shape},
    report::Report,
    scan::{self, Depth},
};

/// Whether the body must be read before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Pass the body on as it comes; `decide` is called with an empty one.
    Stream,
    /// Read the whole body, up to the limit, before anything goes upstream.
    Read,
}

/// What the world knows and inspection needs.
pub struct Known {
    /// Live names of this subject and family.
    pub names: Names,
    /// Turns of this conversation that a local model answered.
    pub local_turns: Option<Vec<Turn>>,
    /// A local model is up.
    pub local_available: bool,
    /// Random bytes, for ids and the reference.
    pub seed: [u8; 16],
    /// Unix seconds.
    pub now: u64,
}

/// What to do with the request.
pub enum Action {
    /// Send it upstream.
    Forward {
        /// Head to send: masked where needed, codings dropped when the body changed.
        head: Head,
        /// The body to send; `None`: the very bytes that came in.
        body: Option<Vec<u8>>,
    },
    /// Answer with this.
    Reply(Reply),
    /// Let the local model answer.
    Local(Box<LocalTurn>),
}

/// The decision on a request.
pub struct Outcome {
    /// What to do.
    pub action: Action,
    /// Vault entries to persist before the first upstream byte (or before the reply that shows placeholders).
    pub persist: Vec<(Placeholder, Original)>,
    /// For the log.
    pub report: Report,
}

/// One request and its answer.
pub struct Exchange {
    pub(super) inspector: Arc<Inspector>,
    pub(super) site: Arc<Site>,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) head: Head,
    pub(super) subject: Subject,
    pub(super) raw_bytes: usize,
    pub(super) body: Vec<u8>,
    /// The body was converted from another charset: it must be sent as converted once anything changes.
    pub(super) converted: bool,
    pub(super) prompt: Prompt,
    pub(super) unreadable: Option<Unreadable>,
    pub(super) conversation: Conversation,
    answer: Option<AnswerStream>,
    told: Option<Told>,
    instead: Option<Reply>,
    names: Option<Names>,
}

impl Exchange {
    /// Starts with the head. `None` when the authority is no enabled site.
    #[must_use]
    pub fn open(inspector: Arc<Inspector>, authority: &Authority, head: Head, subject: Subject) -> Option<Self> {
        let site = Arc::clone(inspector.catalogue.site_of(&authority.host)?);
        let endpoint = Arc::clone(inspector.catalogue.endpoint(&site, &head));
        Some(Self {
            inspector,
            site,
            endpoint,
            head,
            subject,
            raw_bytes: 0,
            body: Vec::new(),
            converted: false,
            prompt: Prompt::default(),
            unreadable: None,
            conversation: Conversation::default(),
            answer: None,
            told: None,
            instead: None,
            names: None,
        })
    }

    /// Whether the body must be read first.
    #[must_use]
    pub fn interest(&self) -> Interest {
        match self.endpoint.class {
            Class::Account => Interest::Stream,
            Class::Prompt
            | Class::Draft
            | Class::Side
            | Class::Upload
            | Class::History
            | Class::Telemetry
            | Class::Other => Interest::Read,
        }
    }

    /// The placeholder scope's family.
    #[must_use]
    pub fn scope_family(&self) -> &str {
        &self.site.family
    }

    /// Site id.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site.id
    }

    /// The head as it came in.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Who asks.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Takes the raw body and finds its text. Heavy for large bodies; never fails: what cannot be read is decided on.
    pub fn read(&mut self, raw: &[u8]) {
        self.raw_bytes = raw.len();
        if self.endpoint.class == Class::Account {
            return;
        }
        match self.decode(raw) {
            Ok(body) => self.body = body,
            Err(unreadable) => self.unreadable = Some(unreadable),
        }
        match chain::read(&self.site, &self.endpoint, &self.head, &self.body, &self.inspector.settings.limits) {
            Ok(prompt) => self.prompt = prompt,
            Err(unreadable) => {
                self.unreadable.get_or_insert(unreadable);
            }
        }
        if self.unreadable.is_some() && self.body.is_empty() {
            // Live originals are looked for in what came, whatever it means.
            self.body = raw.to_vec();
        }
        if matches!(self.endpoint.class, Class::Prompt | Class::Side | Class::History | Class::Draft) {
            self.conversation = self.endpoint.answer.conversation(&self.head, &self.body);
        }
    }

    fn decode(&mut self, raw: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let limits = &self.inspector.settings.limits;
        let codings = encoding::codings(&self.head.header_list("content-encoding"))?;
        let decoded = encoding::decode(raw, &codings, limits)?;
        let content_type = self.content_type(&decoded)?;
        // Parts have charsets of their own.
        if media_type::essence(content_type).starts_with("multipart/") {
            return Ok(decoded);
        }
        let converted = match encoding::charset(&decoded, Some(content_type)) {
            Ok(encoding::Text::Utf8(_)) => None,
            Ok(encoding::Text::Converted(text)) => Some(text),
            Err(_) if self.may_be_binary(content_type) => None,
            Err(error) => return Err(error),
        };
        self.converted = converted.is_some();
        Ok(converted.unwrap_or(decoded))
    }

    /// One type for the body: of two, the site may believe the other one.
    fn content_type(&self, body: &[u8]) -> Result<&str, Unreadable> {
        let mut all = self.head.headers.iter().filter(|(name, _)| name == "content-type").map(|(_, value)| value);
        let first = all.next();
        let alike = all.all(|other| Some(other) == first);
        let text = first.map_or(Ok(""), |value| std::str::from_utf8(value));
        match text {
            Ok(text) if alike || body.is_empty() => Ok(text),
            Ok(_) | Err(_) => Err(Unreadable::Syntax { format: "content type", at: 0, why: "there must be one" }),
        }
    }

    /// Files and the bodies of undescribed endpoints, when nothing says that they are text.
    fn may_be_binary(&self, content_type: &str) -> bool {
        self.endpoint.codec == Codec::Auto && media_type::parameter(content_type, "charset").is_none()
    }

    /// The conversation the request belongs to, for the look-up of local turns.
    #[must_use]
    pub fn conversation(&self) -> Option<&str> {
        self.conversation.id.as_deref()
    }

    /// Whether [`Exchange::decide`] asks a model, and so may take a second.
    #[must_use]
    pub fn asks_model(&self) -> bool {
        let looks = self.inspector.detector.model().is_some() && self.depth() == Depth::Model;
        looks && self.prompt.spans.iter().any(scan::is_running_text)
    }

    /// What people write and upload is worth a model's time; what pages and programs say of themselves is not.
    pub(super) fn depth(&self) -> Depth {
        match self.endpoint.class {
            Class::Prompt | Class::Draft | Class::Side | Class::Upload => Depth::Model,
            Class::History | Class::Telemetry | Class::Account | Class::Other => Depth::Rules,
        }
    }

    /// Decides. Call once, after `read`.
    pub fn decide(&mut self, known: Known) -> Outcome {
        let decided = Deciding::new(self, known).run();
        self.told = decided.told;
        self.instead = decided.instead;
        self.names = Some(decided.names);
        Outcome { action: decided.action, persist: decided.persist, report: decided.report }
    }

    /// The site's answer has this status: what to answer in its place, because the conversation exists only here.
    pub fn instead(&mut self, status: u16) -> Option<Reply> {
        self.instead.take().filter(|_| status == 404)
    }

    /// The answer's head has come: whether its body goes through `answer` or passes as it is.
    pub fn answer_head(&mut self, status: u16, headers: &[(String, Vec<u8>)]) -> AnswerPlan {
        let names = self.names.take().filter(|_| self.endpoint.class != Class::Account);
        let told = self.told.take().filter(|_| (200..300).contains(&status));
        let restoring = names.as_ref().is_some_and(|names| !names.is_empty()) || told.is_some();
        let Some(names) = names.filter(|_| restoring) else { return AnswerPlan::Pass };
        match AnswerStream::new(&self.inspector.settings, &self.endpoint, names, told, headers) {
            Some(stream) => {
                self.answer = Some(stream);
                AnswerPlan::Restore
            }
            None => AnswerPlan::Pass,
        }
    }

    /// Answer bytes in, answer bytes out.
    ///
    /// # Errors
    /// When a content-encoded answer does not decode; what was decoded before is in `out`.
    pub fn answer(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        match &mut self.answer {
            Some(stream) => stream.push(bytes, out),
            None => {
                out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// The answer has ended, well or badly: delivers what was held back.
    ///
    /// # Errors
    /// When a content-encoded answer is cut off; what could be delivered is in `out`.
    pub fn answer_end(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        match self.answer.take() {
            Some(stream) => stream.finish(out),
            None => Ok(()),
        }
    }

    /// A refusal for what happens outside inspection (log, vault, limits), in this endpoint's shape.
    #[must_use]
    pub fn refusal(&self, what: &str, seed: [u8; 16], now: u64) -> Reply {
        let settings = &self.inspector.settings;
        self.shape(seed, now).reply(&refusal::failed(settings, what, &reference(seed)), "")
    }

    pub(super) fn error_message(&self, refusal: &Reply) -> Option<Vec<u8>> {
        self.endpoint.answer.error_message(refusal)
    }

    pub(super) fn shape(&self, seed: [u8; 16], now: u64) -> Shape<'_> {
        let in_words = self.inspector.settings.refuse_in_words.iter();
        Shape {
            endpoint: &self.endpoint,
            in_words: in_words.clone().find(|(id, _)| *id == self.site.id).map(|(_, words)| *words),
            head: &self.head,
            body: &self.body,
            seed,
            now,
        }
    }
}

/// Eight hex digits that people can read out.
pub(super) fn reference(seed: [u8; 16]) -> String {
    let [a, b, c, d, ..] = seed;
    format!("{a:02X}{b:02X}{c:02X}{d:02X}")
}
