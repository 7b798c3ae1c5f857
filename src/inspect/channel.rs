//! Messages both ways (websockets): each message of the client is inspected like a small request, each of the site is
//! restored. Frames and sockets are the business of `wire` and `proxy`.

use std::sync::Arc;

use crate::{
    mask::{Names, Original, Placeholder},
    policy::Subject,
    site::{Authority, Head},
    wire::sse::SseReader,
};

use super::{
    answer::TextSide,
    exchange::{Action, Exchange, Known},
    inspector::Inspector,
    report::Report,
};

/// One open channel.
pub struct Channel {
    inspector: Arc<Inspector>,
    authority: Authority,
    head: Head,
    subject: Subject,
    /// Restores the site's messages; holds the names of this scope. `None` when the authority is no enabled site.
    text: Option<TextSide>,
}

/// What becomes of a client's message.
pub enum Passage {
    /// Send these bytes on; `None`: the message as it came.
    Forward(Option<Vec<u8>>),
    /// Close the channel with code 1008.
    Close {
        /// Sent to the client first, where the family has a message for it.
        message: Option<Vec<u8>>,
        /// At most 123 bytes.
        reason: String,
    },
}

/// The decision on one message of the client.
pub struct Judged {
    /// What becomes of it.
    pub passage: Passage,
    /// Vault entries to persist before the message leaves.
    pub persist: Vec<(Placeholder, Original)>,
    /// For the log.
    pub report: Report,
}

impl Channel {
    /// Opens a channel on the head of its upgrade request.
    #[must_use]
    pub fn open(inspector: Arc<Inspector>, authority: Authority, head: Head, subject: Subject, names: Names) -> Self {
        let head = Head {
            method: "POST".to_owned(),
            headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
            ..head
        };
        let text = inspector.catalogue.site_of(&authority.host).map(|site| {
            let reader = inspector.catalogue.endpoint(site, &head).answer.reader();
            TextSide::new(&inspector.settings, reader, names, None)
        });
        Self { inspector, authority, head, subject, text }
    }

    /// A whole message from the client. `None` when the authority is no enabled site any more: pass it on.
    pub fn client(&mut self, message: &[u8], seed: [u8; 16], now: u64) -> Option<Judged> {
        let mut exchange =
            Exchange::open(Arc::clone(&self.inspector), &self.authority, self.head.clone(), self.subject.clone())?;
        exchange.read(message);
        let text = self.text.as_mut()?;
        let names = text.names.clone();
        let outcome = exchange.decide(Known { names, local_turns: None, local_available: false, seed, now });
        for (placeholder, original) in &outcome.persist {
            text.names.insert(placeholder.clone(), Original::new(original.expose().to_owned()));
        }
        let passage = match outcome.action {
            Action::Forward { body, .. } => Passage::Forward(body),
            Action::Reply(reply) => {
                Passage::Close { message: exchange.error_message(&reply), reason: reason(&outcome.report) }
            }
            Action::Local(_) => Passage::Close { message: None, reason: reason(&outcome.report) },
        };
        Some(Judged { passage, persist: outcome.persist, report: outcome.report })
    }

    /// Whether [`Channel::client`] may ask a model, and so take a second.
    #[must_use]
    pub fn asks_model(&self) -> bool {
        self.inspector.detector.model().is_some()
    }

    /// A whole message from the site: the messages to hand to the client in its place, or `None` to pass it as it is.
    pub fn site(&mut self, message: &[u8]) -> Option<Vec<Vec<u8>>> {
        let text = self.text.as_mut().filter(|text| !text.names.is_empty())?;
        let changed = text.document(None, message)?;
        let mut messages = Vec::new();
        let mut events = SseReader::new(&self.inspector.settings.limits);
        // The family phrases synthetic events as SSE; on a channel their data are messages.
        events.push(&changed.before, &mut |event| messages.push(event.data.to_vec())).ok()?;
        messages.push(changed.data.unwrap_or_else(|| message.to_vec()));
        Some(messages)
    }
}

fn reason(report: &Report) -> String {
    format!("Scrim: this message must not leave the company (ref {})", report.reference)
}
