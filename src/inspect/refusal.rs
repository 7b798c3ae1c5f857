//! The words of a refusal, and which shape it takes on this endpoint. Never contains a found value.

use crate::{
    mask::Names,
    policy::Verdict,
    site::{Class, Conversation, Endpoint, Finish, Head, Part, Prompt, Reply, Role, Span, Speaker, spec::OnRefuse},
    wire::OffsetMap,
};

use super::{
    inspector::{Inspector, Settings},
    masking::{Entries, mask_text, name_findings},
    report::counts,
    scan::{Depth, Located, scan},
    verdict::Judgement,
    words,
};

/// Characters of the masked copy that a refusal offers.
const COPY_MAX: usize = 4000;

/// Why an exchange is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Findings that must not leave.
    Found,
    /// The conversation has a local turn, and no local model is up.
    Sticky,
    /// A live original stands where it cannot be masked.
    Cornered,
    /// The request could not be read, and why.
    Unreadable(String),
}

/// The message: what was found, where, what to do.
#[must_use]
pub fn message(
    settings: &Settings,
    cause: &Cause,
    prompt: &Prompt,
    located: &[Located],
    judgement: &Judgement,
    reference: &str,
) -> String {
    let contact = &settings.contact;
    match cause {
        Cause::Found => {
            let strict = strict_only(located, judgement);
            let place = first_line(prompt, &strict);
            let them = if strict.len() == 1 { "it" } else { "them" };
            let rerouted = if judgement.decided == Verdict::Reroute {
                " No local model is available to answer it instead."
            } else {
                ""
            };
            format!(
                "Scrim kept this message inside the company: it contains {}{}{place}.{rerouted} Remove {them} and send the \
                 message again, or ask {contact} (ref {reference}).",
                words::listed(&counts(&strict)),
                words::sources(&strict),
            )
        }
        Cause::Sticky => format!(
            "Scrim kept this message inside the company: earlier turns of this conversation were answered by a local \
             model, and none is available now. Start a new conversation, or ask {contact} (ref {reference})."
        ),
        Cause::Cornered => format!(
            "Scrim kept this request inside the company: it carries a value that was hidden from this site earlier, in \
             a place where it cannot be hidden. Remove it, or ask {contact} (ref {reference})."
        ),
        Cause::Unreadable(why) => format!(
            "Scrim kept this request inside the company: it could not be read ({why}). Send it in another form, or ask \
             {contact} (ref {reference})."
        ),
    }
}

/// The message when Scrim itself could not do its part (log, vault, limits).
#[must_use]
pub fn failed(settings: &Settings, what: &str, reference: &str) -> String {
    format!(
        "Scrim kept this request inside the company: {what}. Try again, or ask {} (ref {reference}).",
        settings.contact
    )
}

/// The findings that made the verdict, not those that could have been masked.
fn strict_only(located: &[Located], judgement: &Judgement) -> Vec<Located> {
    let worst = judgement.each.iter().copied().max().unwrap_or(Verdict::Allow);
    located.iter().zip(&judgement.each).filter(|(_, each)| **each == worst).map(|(found, _)| found.clone()).collect()
}

/// ` (line 4)` of the first finding when its text has several lines.
fn first_line(prompt: &Prompt, located: &[Located]) -> String {
    let Some(found) = located.first() else { return String::new() };
    let Some(span) = prompt.spans.get(found.span) else { return String::new() };
    if !span.text.contains('\n') {
        return String::new();
    }
    let before = span.text.get(..found.finding.hull().start).unwrap_or("");
    format!(" (line {})", before.matches('\n').count() + 1)
}

/// The last thing the person said, masked, so that it can be copied and sent. Empty when nothing was said.
#[must_use]
pub fn masked_copy(
    inspector: &Inspector,
    conversation: &Conversation,
    names: &mut Names,
    persist: &mut Entries,
) -> String {
    let Some(turn) = conversation.turns.iter().rev().find(|turn| turn.speaker == Speaker::User) else {
        return String::new();
    };
    let prompt = Prompt {
        spans: vec![Span {
            part: Part::Body,
            text: turn.text.clone(),
            map: OffsetMap::shifted(0),
            role: Role::Text,
            path: String::new(),
        }],
    };
    let located = scan(&inspector.detector, Depth::Model, &prompt, names, inspector.settings.min_confidence).located;
    let each = vec![Verdict::Mask; located.len()];
    let replacements = name_findings(&inspector.settings, &prompt, &located, &each, names, persist);
    let pairs: Vec<_> = replacements.into_iter().map(|(_, range, placeholder)| (range, placeholder)).collect();
    let copy = mask_text(&turn.text, &pairs);
    match copy.char_indices().nth(COPY_MAX) {
        Some((cut, _)) => format!("{}…", copy.get(..cut).unwrap_or("")),
        None => copy,
    }
}

/// The reply in the shape this endpoint wants.
pub struct Shape<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Overrides the endpoint's choice between words and error for prompts.
    pub in_words: Option<bool>,
    /// Request head.
    pub head: &'a Head,
    /// Decoded request body.
    pub body: &'a [u8],
    /// Random bytes for ids.
    pub seed: [u8; 16],
    /// Unix seconds.
    pub now: u64,
}

impl Shape<'_> {
    /// Phrases a refusal.
    #[must_use]
    pub fn reply(&self, message: &str, copy: &str) -> Reply {
        let shown = if copy.is_empty() {
            message.to_owned()
        } else {
            format!("{message}\n\nThis version can be sent:\n\n{copy}")
        };
        let in_words = match (&self.endpoint.on_refuse, self.in_words, self.endpoint.class) {
            (_, Some(choice), Class::Prompt) => choice,
            (OnRefuse::Answer, ..) => true,
            (OnRefuse::Error | OnRefuse::Fixed { .. }, ..) => false,
        };
        match &self.endpoint.on_refuse {
            OnRefuse::Fixed { status, body } if !in_words => fixed(*status, body),
            OnRefuse::Answer | OnRefuse::Error | OnRefuse::Fixed { .. } if in_words => self.answer(&shown),
            OnRefuse::Answer | OnRefuse::Error | OnRefuse::Fixed { .. } => self.endpoint.answer.error(&shown),
        }
    }

    fn answer(&self, text: &str) -> Reply {
        let mut writer = self.endpoint.answer.writer(self.head, self.body, self.seed, self.now);
        let mut reply = writer.head();
        writer.begin(&mut reply.body);
        writer.text(text, &mut reply.body);
        writer.finish(Finish::Stop, &mut reply.body);
        reply
    }
}

fn fixed(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}
