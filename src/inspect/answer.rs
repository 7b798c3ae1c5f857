//! The answer side: content-coding → events → text channels → restored text, re-framed event by event. Independent of
//! how the bytes are cut. Knows no site: the family's reader says where text lies.

use std::collections::HashMap;

use crate::{
    mask::{Edit, Names, Restorer, splice},
    site::{Channel, Delivery, Endpoint, Field, Mode, Reader, View, spec::Framing},
    wire::{
        Limits, Unreadable,
        encoding::{self, Decoder},
        json::{self, Doc},
        ndjson::NdjsonReader,
        sse::{self, SseReader},
    },
};

use super::inspector::Settings;

/// The line that tells the person what was hidden, to be put behind the last words of the answer.
#[derive(Debug, Clone)]
pub struct Told(pub String);

/// What happens to an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerPlan {
    /// Passed on frame by frame, untouched, with its headers.
    Pass,
    /// Goes through `Exchange::answer`; `content-length` and `content-encoding` no longer hold.
    Restore,
}

/// One answer being restored.
pub struct AnswerStream {
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    framing: Frames,
    text: TextSide,
}

enum Frames {
    Sse(SseReader),
    Ndjson(NdjsonReader),
    /// One JSON document: read to its end, up to the limit.
    Whole {
        bytes: Vec<u8>,
        limit: usize,
    },
    /// A document larger than the limit: passed on unrestored.
    Overflown,
}

/// Everything that concerns text, apart from framing.
pub(super) struct TextSide {
    reader: Box<dyn Reader>,
    pub(super) names: Names,
    told: Option<Told>,
    running: HashMap<Channel, Restorer>,
    restore_tools: Option<Vec<String>>,
    limits: Limits,
}

impl AnswerStream {
    /// `None` when the answer's type holds no text of a known framing, or its coding is unknown.
    pub(super) fn new(
        settings: &Settings,
        endpoint: &Endpoint,
        names: Names,
        told: Option<Told>,
        headers: &[(String, Vec<u8>)],
    ) -> Option<Self> {
        let header = |wanted: &str| {
            headers.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| std::str::from_utf8(value).ok())
        };
        let limits = settings.limits;
        let framing = match framing(endpoint.framing, header("content-type").unwrap_or(""))? {
            Framing::Sse => Frames::Sse(SseReader::new(&limits)),
            Framing::Ndjson => Frames::Ndjson(NdjsonReader::new(&limits)),
            Framing::Json | Framing::Auto => Frames::Whole { bytes: Vec::new(), limit: limits.decoded_bytes },
        };
        let codings = encoding::codings(header("content-encoding").unwrap_or("")).ok()?;
        let decoder = if codings.is_empty() { None } else { Some(Decoder::new(&codings, &limits)) };
        let text = TextSide::new(settings, endpoint.answer.reader(), names, told);
        Some(Self { decoder, decoded: Vec::new(), framing, text })
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        match &mut self.decoder {
            None => feed(&mut self.framing, &mut self.text, bytes, out),
            Some(decoder) => {
                self.decoded.clear();
                let result = decoder.push(bytes, &mut self.decoded);
                feed(&mut self.framing, &mut self.text, &self.decoded, out)?;
                result
            }
        }
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let mut result = Ok(());
        if let Some(decoder) = self.decoder.take() {
            let mut rest = Vec::new();
            result = decoder.finish(&mut rest);
            feed(&mut self.framing, &mut self.text, &rest, out)?;
        }
        let text = &mut self.text;
        match &mut self.framing {
            Frames::Sse(reader) => reader.finish(&mut |event| text.sse(&event, out)),
            Frames::Ndjson(reader) => reader.finish(&mut |line| text.line(line.raw, line.data, out)),
            Frames::Whole { bytes, .. } => match text.document(None, bytes) {
                Some(event) => {
                    out.extend_from_slice(&event.before);
                    out.extend_from_slice(event.data.as_deref().unwrap_or(bytes));
                }
                None => out.extend_from_slice(bytes),
            },
            Frames::Overflown => {}
        }
        text.flush(out);
        result
    }
}

/// The endpoint's framing, unless the answer says that it is another (an error document in place of a stream).
fn framing(described: Framing, content_type: &str) -> Option<Framing> {
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/event-stream" => Some(Framing::Sse),
        "application/x-ndjson" | "application/jsonl" | "application/ndjson" => Some(Framing::Ndjson),
        "" => Some(described),
        json if json == "application/json" || json.ends_with("+json") => Some(match described {
            Framing::Ndjson => Framing::Ndjson,
            Framing::Sse | Framing::Json | Framing::Auto => Framing::Json,
        }),
        _ => None,
    }
}

fn feed(framing: &mut Frames, text: &mut TextSide, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
    match framing {
        Frames::Sse(reader) => reader.push(bytes, &mut |event| text.sse(&event, out)),
        Frames::Ndjson(reader) => reader.push(bytes, &mut |line| text.line(line.raw, line.data, out)),
        Frames::Whole { bytes: held, limit } => {
            held.extend_from_slice(bytes);
            if held.len() > *limit {
                out.append(held);
                *framing = Frames::Overflown;
            }
            Ok(())
        }
        Frames::Overflown => {
            out.extend_from_slice(bytes);
            Ok(())
        }
    }
}

/// An event after restoring.
#[derive(Default)]
pub(super) struct Changed {
    /// Whole events to send first.
    pub(super) before: Vec<u8>,
    /// The new document; `None` when it stays as it is.
    pub(super) data: Option<Vec<u8>>,
}

impl TextSide {
    pub(super) fn new(settings: &Settings, reader: Box<dyn Reader>, names: Names, told: Option<Told>) -> Self {
        Self {
            reader,
            names,
            told,
            running: HashMap::new(),
            restore_tools: settings.restore_tools.clone(),
            limits: settings.limits,
        }
    }

    fn sse(&mut self, event: &sse::Event<'_>, out: &mut Vec<u8>) {
        match self.document(event.name, &event.data) {
            None => out.extend_from_slice(event.raw),
            Some(changed) => {
                out.extend_from_slice(&changed.before);
                match changed.data {
                    Some(data) => sse::rewrite(event.raw, &data, out),
                    None => out.extend_from_slice(event.raw),
                }
            }
        }
    }

    fn line(&mut self, raw: &[u8], data: &[u8], out: &mut Vec<u8>) {
        match self.document(None, data) {
            None => out.extend_from_slice(raw),
            Some(changed) => {
                out.extend_from_slice(&changed.before);
                match changed.data {
                    Some(new) => {
                        out.extend_from_slice(&new);
                        out.extend_from_slice(raw.get(data.len()..).unwrap_or(b"\n"));
                    }
                    None => out.extend_from_slice(raw),
                }
            }
        }
    }

    /// Restores one event's document. `None` when nothing changes.
    pub(super) fn document(&mut self, name: Option<&str>, data: &[u8]) -> Option<Changed> {
        let doc = Doc::parse(data, &self.limits).ok();
        let view = self.reader.view(name, doc.as_ref());
        let mut pending = self.closing(&view);
        let mut edits = Vec::new();
        for (index, field) in view.fields.iter().enumerate() {
            self.field(data, &view, index, field, &mut pending, &mut edits);
        }
        if !self.names.is_empty() {
            edits.extend(view.drops.iter().map(|range| Edit { range: range.clone(), bytes: b"[]".to_vec() }));
        }
        edits.extend(view.inserts.iter().map(|(at, bytes)| Edit { range: *at..*at, bytes: bytes.clone() }));
        pending.retain(|(_, text)| !text.is_empty());
        if edits.is_empty() && pending.is_empty() {
            return None;
        }
        let mut changed = Changed::default();
        if !edits.is_empty() {
            changed.data = Some(splice(data, &mut edits));
        }
        for (channel, text) in pending {
            self.deliver(&channel, &text, data, &mut changed);
        }
        Some(changed)
    }

    /// Text still to be delivered in channels that close with this event and get no more of it.
    fn closing(&mut self, view: &View) -> Vec<(Channel, String)> {
        let mut pending = Vec::new();
        for channel in &view.closes {
            let continued = view.fields.iter().any(|f| f.mode == Mode::Delta && f.channel == *channel);
            let mut text = String::new();
            if !continued && let Some(mut restorer) = self.running.remove(channel) {
                restorer.finish(&self.names, &mut text);
            }
            pending.push((channel.clone(), text));
        }
        if let Some(channel) = &view.last_words
            && let Some(Told(line)) = self.told.take()
        {
            match pending.iter_mut().find(|(closed, _)| closed == channel) {
                Some((_, text)) => text.push_str(&line),
                None => pending.push((channel.clone(), line)),
            }
        }
        pending
    }

    fn field(
        &mut self,
        data: &[u8],
        view: &View,
        index: usize,
        field: &Field,
        pending: &mut [(Channel, String)],
        edits: &mut Vec<Edit>,
    ) {
        let Some(content) = data.get(field.range.clone()) else { return };
        // A whole text without a `_`, written plainly or as an escape, holds no placeholder.
        if field.mode == Mode::Whole && memchr::memchr2(b'_', b'\\', content).is_none() {
            return;
        }
        let Some((text, _)) = json::unescape(content) else { return };
        let restored = match field.mode {
            Mode::Whole => {
                let (restored, count) =
                    Restorer::whole_for(&text, &field.surface, self.restore_tools.as_deref(), &self.names);
                if count == 0 {
                    return;
                }
                restored
            }
            Mode::Delta => {
                let last =
                    !view.fields.iter().skip(index + 1).any(|f| f.mode == Mode::Delta && f.channel == field.channel);
                let closes = last && view.closes.contains(&field.channel);
                self.delta(&text, field, closes, pending)
            }
        };
        if restored != text {
            let mut bytes = Vec::with_capacity(restored.len());
            json::escape_into(&restored, &mut bytes);
            edits.push(Edit { range: field.range.clone(), bytes });
        }
    }

    fn delta(&mut self, text: &str, field: &Field, closes: bool, pending: &mut [(Channel, String)]) -> String {
        let tools = self.restore_tools.as_deref();
        let restorer =
            self.running.entry(field.channel.clone()).or_insert_with(|| Restorer::new(&field.surface, tools));
        let mut out = String::with_capacity(text.len());
        restorer.push(text, &self.names, &mut out);
        if closes {
            if let Some(mut restorer) = self.running.remove(&field.channel) {
                restorer.finish(&self.names, &mut out);
            }
            if let Some((_, more)) = pending.iter_mut().find(|(channel, _)| *channel == field.channel) {
                out.push_str(&std::mem::take(more));
            }
        }
        out
    }

    /// Puts text that no field of this event takes where the family wants it.
    fn deliver(&mut self, channel: &Channel, text: &str, data: &[u8], changed: &mut Changed) {
        let now = changed.data.clone().unwrap_or_else(|| data.to_vec());
        let doc = Doc::parse(&now, &self.limits).ok();
        match self.reader.deliver(channel, text, doc.as_ref()) {
            Some(Delivery::Before(events)) => changed.before.extend_from_slice(&events),
            Some(Delivery::Within(document)) => changed.data = Some(document),
            None => {}
        }
    }

    /// The stream is over: what is still held goes out in events of the family's own.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let mut running: Vec<(Channel, Restorer)> = self.running.drain().collect();
        running.sort_by(|a, b| a.0.cmp(&b.0));
        for (channel, mut restorer) in running {
            let mut text = String::new();
            restorer.finish(&self.names, &mut text);
            if text.is_empty() {
                continue;
            }
            match self.reader.deliver(&channel, &text, None) {
                Some(Delivery::Before(events) | Delivery::Within(events)) => out.extend_from_slice(&events),
                None => {}
            }
        }
    }
}
