//! One thing that happened, as the log keeps it and other programs read it: flat, versioned JSON. Not for internals:
//! what happened is converted into an event at the border, and an event never holds a raw value.
//!
//! ```json
//! {"v":1,"id":"01KAVQ…","seq":7,"time":1795562314000,"kind":"exchange","subject":"alice","site":"chatgpt",
//!  "decided":"mask","enforced":"mask","findings":[{"rule":"pii.email","category":"EMAIL","count":2,…}],…}
//! ```
//!
//! Fields are only added; `v` changes when one changes its meaning. A reader ignores fields it does not know.

use serde::{Deserialize, Serialize};

use super::inert::inert;
use crate::{
    policy::{Mode, Verdict},
    site::Class,
    store::{self, StoreError},
};

/// Version of the layout below.
pub const VERSION: u16 = 1;

/// Bytes of an event's JSON; a record stays below [`store::VALUE_MAX`].
pub const PAYLOAD_MAX: usize = store::VALUE_MAX - 128;

/// Groups of findings that an event keeps; the rest is counted in `findings_left_out`.
const GROUPS_MAX: usize = 32;

/// Previews and fingerprints that a group keeps.
const EXAMPLES_MAX: usize = 4;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request to an AI site that was masked, rerouted, blocked or unreadable.
    #[default]
    Exchange,
    /// A connection that was refused or failed before there was a request.
    Connection,
    /// Scrim started.
    Start,
    /// Scrim stops in order.
    Stop,
    /// Configuration or rules were read again.
    Reload,
    /// The store was damaged or rolled back and set aside; this event begins a new chain and says what was known.
    LogRestarted,
    /// The checkpoint was missing or is not ours; what the store held is kept and continued.
    CheckpointMissing,
    /// The wall clock moved against the monotonic one.
    ClockStep,
    /// Somebody changed something: CA, keys, erasure, export.
    Administration,
}

/// How the subject was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectSource {
    /// Nobody logged in: the source address.
    #[default]
    Address,
    /// A log-in at the proxy.
    Token,
}

/// Findings of one rule in one exchange.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Id of the rule.
    pub rule: String,
    /// Kind of data.
    pub category: String,
    /// How many.
    pub count: u32,
    /// Highest confidence among them, 0–1.
    pub confidence: f32,
    /// What `detect::finding::preview` shows of the first few.
    pub previews: Vec<String>,
    /// What `Vault::fingerprint` says of the first few.
    pub fingerprints: Vec<String>,
    /// Of the company's own lists: which document, table or secret it is of. Never a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// An event. Fill in what is known: `Event { subject, site, ..Event::default() }`. `v`, `seq`, `time`,
/// `monotonic`, `boot` and `node` are set by the log, and `id` where it is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    // ── set by the log ──
    /// Version of the layout.
    pub v: u16,
    /// 26 characters, ascending with time (ULID).
    pub id: String,
    /// Number in the chain.
    pub seq: u64,
    /// Unix time in milliseconds.
    pub time: u64,
    /// Milliseconds since Scrim started.
    pub monotonic: u64,
    /// One run of Scrim.
    pub boot: String,
    /// The machine.
    pub node: String,

    // ── who ──
    /// What it is about.
    pub kind: Kind,
    /// Canonical name, or the address.
    pub subject: String,
    /// How it was learnt.
    pub subject_source: SubjectSource,
    /// Source address of the connection.
    pub address: String,
    /// The client's `user-agent`, shortened.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agent: String,

    // ── where ──
    /// Id of the site.
    pub site: String,
    /// Id of the endpoint.
    pub endpoint: String,
    /// What the endpoint is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// `POST`.
    pub method: String,
    /// Path without query. The caller masks findings in it.
    pub path: String,
    /// Keyed fingerprint of the conversation, where the site keeps one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub conversation: String,

    // ── what ──
    /// What the policies say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Verdict>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<Verdict>,
    /// Global cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Ids of the policies that decided.
    pub policies: Vec<String>,
    /// By rule.
    pub findings: Vec<Group>,
    /// Groups of findings beyond those kept.
    #[serde(skip_serializing_if = "is_zero")]
    pub findings_left_out: u32,
    /// Why the request could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// Why the model did not look at all of it; rules did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// The local model that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_model: Option<String>,

    // ── how much ──
    /// Bytes of the request's body as received.
    pub bytes_in: u64,
    /// Microseconds that inspection took.
    pub latency_us: u64,
    /// Status of the site's answer, where it was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,

    // ── by which rules ──
    /// Version of the configuration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config_version: String,
    /// Version of the rules.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rules_version: String,
    /// The short name that a refusal shows, `7F3A…`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// Words for other kinds than exchanges.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

// serde hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Whether previews are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Previews {
    /// As they come.
    Keep,
    /// `[audit] previews = false`.
    Drop,
}

impl Event {
    /// An event of a kind, with words.
    #[must_use]
    pub fn note(kind: Kind, note: impl Into<String>) -> Self {
        Self { kind, note: note.into(), ..Self::default() }
    }

    /// Brings text that came from outside into a form that no terminal, page or spreadsheet obeys, and lists to the
    /// size that a record may have.
    pub(crate) fn settle(&mut self, previews: Previews) {
        self.v = VERSION;
        for (text, limit) in [
            (&mut self.subject, 128),
            (&mut self.address, 64),
            (&mut self.agent, 160),
            (&mut self.site, 64),
            (&mut self.endpoint, 96),
            (&mut self.method, 16),
            (&mut self.path, 256),
            (&mut self.conversation, 64),
            (&mut self.config_version, 64),
            (&mut self.rules_version, 64),
            (&mut self.reference, 32),
            (&mut self.note, 512),
            (&mut self.node, 64),
        ] {
            *text = inert(text, limit);
        }
        for text in [&mut self.unreadable, &mut self.skipped, &mut self.local_model].into_iter().flatten() {
            *text = inert(text, 200);
        }
        settle_list(&mut self.policies, 16, 64);
        self.keep_groups(GROUPS_MAX);
        for group in &mut self.findings {
            group.settle(previews);
        }
    }

    fn keep_groups(&mut self, limit: usize) {
        let more = self.findings.len().saturating_sub(limit);
        self.findings.truncate(limit);
        self.findings_left_out = self.findings_left_out.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
    }

    /// The bytes that are stored and hashed, at most [`PAYLOAD_MAX`] of them.
    pub(crate) fn payload(&mut self) -> Result<Vec<u8>, serde_json::Error> {
        loop {
            let bytes = serde_json::to_vec(self)?;
            if bytes.len() <= PAYLOAD_MAX || self.findings.is_empty() {
                return Ok(bytes);
            }
            self.keep_groups(self.findings.len() / 2);
        }
    }
}

impl Group {
    fn settle(&mut self, previews: Previews) {
        self.rule = inert(&self.rule, 96);
        self.category = inert(&self.category, 16);
        if previews == Previews::Drop {
            self.previews.clear();
        }
        settle_list(&mut self.previews, EXAMPLES_MAX, 40);
        settle_list(&mut self.fingerprints, EXAMPLES_MAX, 32);
        settle_list(&mut self.reasons, EXAMPLES_MAX, 120);
    }
}

fn settle_list(list: &mut Vec<String>, items: usize, characters: usize) {
    list.truncate(items);
    for text in list {
        *text = inert(text, characters);
    }
}

/// A new event id: 48 bits of time, 80 random bits, in Crockford's base32 (a ULID).
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_id(time_ms: u64) -> Result<String, StoreError> {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let noise = store::random::<10>()?;
    let mut value = u128::from(time_ms & 0xFFFF_FFFF_FFFF);
    for byte in noise {
        value = (value << 8) | u128::from(byte);
    }
    let digit = |n: u32| {
        let index = usize::try_from((value >> (5 * n)) & 31).unwrap_or(0);
        char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
    };
    Ok((0..26).rev().map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_event_fits_a_record() {
        let group = Group {
            rule: "r".repeat(500),
            category: "C".repeat(50),
            count: 9,
            confidence: 0.9,
            previews: vec!["\u{1b}".repeat(90); 9],
            fingerprints: vec!["f".repeat(90); 9],
            reasons: vec!["r".repeat(300); 9],
        };
        for wide in ["\u{202e}", "\"", "😀", "a"].map(|piece| piece.repeat(5000)) {
            check_largest(&wide, &group);
        }
    }

    fn check_largest(wide: &str, group: &Group) {
        let wide = wide.to_owned();
        let mut event = Event {
            subject: wide.clone(),
            agent: wide.clone(),
            path: wide.clone(),
            note: wide.clone(),
            unreadable: Some(wide.clone()),
            policies: vec![wide.clone(); 90],
            site: wide.clone(),
            endpoint: wide.clone(),
            reference: wide.clone(),
            local_model: Some(wide.clone()),
            findings: vec![group.clone(); 70],
            ..Event::default()
        };
        event.settle(Previews::Keep);
        let bytes = event.payload().unwrap();
        assert!(bytes.len() <= PAYLOAD_MAX, "{}", bytes.len());
        assert_eq!(event.findings.len() + event.findings_left_out as usize, 70);
    }

    #[test]
    fn an_event_reads_back_as_it_was_and_skips_what_it_does_not_know() {
        let mut event = Event {
            subject: "alice".to_owned(),
            decided: Some(Verdict::Block),
            class: Some(Class::Prompt),
            findings: vec![Group { rule: "a.b".to_owned(), confidence: 0.85, ..Group::default() }],
            ..Event::default()
        };
        event.settle(Previews::Keep);
        let text = String::from_utf8(event.payload().unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        let newer = text.replacen('{', "{\"colour\":\"red\",", 1);
        assert_eq!(serde_json::from_str::<Event>(&newer).unwrap(), event);
        assert!(text.contains("\"decided\":\"block\"") && text.contains("\"confidence\":0.85"), "{text}");
    }

    #[test]
    fn previews_can_be_switched_off() {
        let group = Group { previews: vec!["AKIA… (20 characters)".to_owned()], ..Group::default() };
        let mut event = Event { findings: vec![group], ..Event::default() };
        event.settle(Previews::Drop);
        assert!(event.findings[0].previews.is_empty());
    }

    #[test]
    fn ids_ascend_with_time() {
        let (early, late) = (new_id(1_795_562_314_000).unwrap(), new_id(1_795_562_314_001).unwrap());
        assert!(early < late && early.len() == 26, "{early} {late}");
    }
}
