//! Reads what chatgpt.com sends over its websocket: the same stream, event by event, each inside a string of a message.
//! Frames are not its business.
//!
//! ```text
//! [{"type":"message","topic_id":"conversation-turn-…","payload":{"type":"conversation-turn-stream","payload":
//!   {"type":"stream-item","stream_item_id":"…","encoded_item":"event: delta\ndata: {\"v\":\"locally.\"}\n\n"}}}]
//! ```
//! Seen 2026-11. One reader a turn; a replay (`catchups`) begins it anew. Other messages are read like any document.

use std::{collections::BTreeMap, ops::Range};

use super::reader::ChatgptReader;
use crate::{
    site::{Channel, Delivery, Field, Mode, Reader, Surface, View},
    wire::{
        Limits, OffsetMap,
        json::{Doc, Kind, Node, Step, escape_into, unescape},
    },
};

/// Turns followed at a time on one socket.
const TURNS_MAX: usize = 64;
/// Between the turn's name and the channel within it.
const SEPARATOR: char = '\u{1F}';
/// Depth at which items are looked for.
const DEPTH_MAX: usize = 12;

/// Reads an event stream, or a socket that carries several.
#[derive(Default)]
pub(super) struct PageReader {
    stream: ChatgptReader,
    turns: BTreeMap<String, ChatgptReader>,
}

impl Reader for PageReader {
    fn view(&mut self, name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let items = document.map(items).unwrap_or_default();
        let Some(doc) = document.filter(|_| !items.is_empty()) else { return self.stream.view(name, document) };
        let mut view = View::default();
        for item in &items {
            self.item(doc, item, &mut view);
        }
        view
    }

    fn deliver(&mut self, channel: &Channel, text: &str, document: Option<&Doc<'_>>) -> Option<Delivery> {
        let Some((turn, inner)) = channel.split_once(SEPARATOR) else {
            return self.stream.deliver(channel, text, document);
        };
        // Without a message to put it into there is no place: ids of items are chained.
        let doc = document?;
        let item = items(doc).into_iter().rev().find(|item| item.turn == turn)?;
        let event = Event::read(doc, item.node)?;
        // The running text is the content of a JSON string, so its rest is escaped; a notice is not.
        let plain = unescape(text.as_bytes()).map_or_else(|| text.to_owned(), |(plain, _)| plain);
        let parsed = Doc::parse(event.data().as_bytes(), &Limits::default()).ok();
        let delivery = self.turns.get_mut(turn)?.deliver(&inner.to_owned(), &plain, parsed.as_ref())?;
        let rewritten = match delivery {
            Delivery::Within(data) => event.with_data(std::str::from_utf8(&data).ok()?),
            Delivery::Before(events) => format!("{}{}", std::str::from_utf8(&events).ok()?, event.text),
        };
        let mut escaped = Vec::new();
        escape_into(&rewritten, &mut escaped);
        let content = doc.content(item.node);
        let (front, back) = (doc.bytes().get(..content.start)?, doc.bytes().get(content.end..)?);
        Some(Delivery::Within([front, &escaped, back].concat()))
    }
}

impl PageReader {
    fn item(&mut self, doc: &Doc<'_>, item: &Item, view: &mut View) {
        let Some(event) = Event::read(doc, item.node) else { return };
        if item.begins {
            self.turns.remove(&item.turn);
        }
        if self.turns.len() >= TURNS_MAX && !self.turns.contains_key(&item.turn) {
            return;
        }
        let reader = self.turns.entry(item.turn.clone()).or_default();
        let parsed = Doc::parse(event.data().as_bytes(), &Limits::default()).ok();
        let inner = reader.view(event.name(), parsed.as_ref());
        let outward = |channel: &Channel| format!("{}{SEPARATOR}{channel}", item.turn);
        for field in inner.fields.iter().filter(|field| field.surface == Surface::Prose) {
            let range = event.outward(&field.range);
            let channel = if field.mode == Mode::Delta { outward(&field.channel) } else { field.channel.clone() };
            view.fields.push(Field { range, channel, mode: field.mode, surface: Surface::Quoted });
        }
        view.closes.extend(inner.closes.iter().map(&outward));
        view.last_words = inner.last_words.as_ref().map(&outward).or(view.last_words.take());
        for (at, bytes) in inner.inserts {
            let mut escaped = Vec::new();
            escape_into(&String::from_utf8_lossy(&bytes), &mut escaped);
            view.inserts.push((event.outward(&(at..at)).start, escaped));
        }
    }
}

/// A string that holds an event.
struct Item {
    node: Node,
    turn: String,
    /// The first of a replay.
    begins: bool,
}

fn items(doc: &Doc<'_>) -> Vec<Item> {
    let mut found = Vec::new();
    if memchr::memmem::find(doc.bytes(), b"\"encoded_item\"").is_some() {
        collect(doc, doc.root(), ("", false), DEPTH_MAX, &mut found);
    }
    found
}

/// Items below `node`, which belongs to a turn and may lie in a replay.
fn collect(doc: &Doc<'_>, node: Node, (turn, replay): (&str, bool), depth: usize, found: &mut Vec<Item>) {
    if depth == 0 {
        return;
    }
    let named = doc.get(node, "topic_id").and_then(|topic| doc.str(topic));
    let turn = named.as_deref().unwrap_or(turn);
    for (step, child) in doc.children(node) {
        match step {
            Step::Key(key) if key == "encoded_item" && doc.kind(child) == Kind::String => {
                let turn = if replay { format!("{turn} replay") } else { turn.to_owned() };
                let begins = replay && !found.iter().any(|item: &Item| item.turn == turn);
                found.push(Item { node: child, turn, begins });
            }
            Step::Key(key) => collect(doc, child, (turn, replay || key == "catchups"), depth - 1, found),
            Step::Index(_) => collect(doc, child, (turn, replay), depth - 1, found),
        }
    }
}

/// An event inside a string: its text, and the way back to the message.
struct Event {
    text: String,
    map: OffsetMap,
    data: Range<usize>,
}

impl Event {
    /// `None` when the string has not exactly one `data` line.
    fn read(doc: &Doc<'_>, node: Node) -> Option<Self> {
        let (text, map) = doc.text(node)?;
        let mut at = 0;
        let mut found = None;
        for line in text.split_inclusive('\n') {
            if let Some(data) = line.strip_prefix("data:") {
                let trimmed = data.trim_start_matches(' ');
                let start = at + line.len() - trimmed.len();
                let range = start..start + trimmed.trim_end_matches(['\r', '\n']).len();
                if found.replace(range).is_some() {
                    return None;
                }
            }
            at += line.len();
        }
        Some(Self { text, map, data: found? })
    }

    fn data(&self) -> &str {
        self.text.get(self.data.clone()).unwrap_or_default()
    }

    fn name(&self) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("event:")).map(str::trim_start)
    }

    fn with_data(&self, data: &str) -> String {
        let mut text = self.text.clone();
        text.replace_range(self.data.clone(), data);
        text
    }

    /// Bytes of the message that a range of the event's document comes from.
    fn outward(&self, range: &Range<usize>) -> Range<usize> {
        self.map.source_range(self.data.start + range.start..self.data.start + range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str, event: &str) -> serde_json::Value {
        serde_json::json!({"type": "message", "topic_id": topic, "offset": "1", "payload": {
            "type": "conversation-turn-stream", "payload": {"type": "stream-item", "stream_item_id": "i", "encoded_item": event}}})
    }

    fn delta(document: &str) -> String {
        format!("event: delta\ndata: {document}\n\n")
    }

    /// Feeds messages; gives each field as channel, decoded text.
    fn read(reader: &mut PageReader, messages: &serde_json::Value) -> (Vec<(String, String)>, View) {
        let bytes = messages.to_string().into_bytes();
        let doc = Doc::parse(&bytes, &Limits::default()).unwrap();
        let view = reader.view(None, Some(&doc));
        let text = |field: &Field| {
            let once = unescape(&bytes[field.range.clone()]).unwrap().0;
            unescape(once.as_bytes()).unwrap().0
        };
        (view.fields.iter().map(|field| (field.channel.clone(), text(field))).collect(), view)
    }

    const APPEND: &str = r#"{"p":"/message/content/parts/0","o":"append","v":"say \"a\" "}"#;

    #[test]
    fn turns_on_one_socket_are_separate_running_texts() {
        let mut reader = PageReader::default();
        let first = serde_json::json!([message("t1", &delta(APPEND)), message("t2", &delta(APPEND))]);
        let (fields, view) = read(&mut reader, &first);
        assert_eq!(fields.len(), 2);
        assert_ne!(fields[0].0, fields[1].0);
        assert_eq!(fields[0].1, "say \"a\" ");
        assert!(view.fields.iter().all(|field| field.surface == Surface::Quoted));
        let (fields, _) = read(&mut reader, &serde_json::json!([message("t1", &delta(r#"{"v":"on"}"#))]));
        assert_eq!(fields, [(format!("t1{SEPARATOR}0/message/content/parts/0"), "on".to_owned())]);
    }

    #[test]
    fn held_text_goes_into_the_item_that_ends_it() {
        let mut reader = PageReader::default();
        let status = delta(r#"{"p":"/message/status","o":"replace","v":"finished_successfully"}"#);
        read(&mut reader, &serde_json::json!([message("t1", &delta(APPEND))]));
        let last = serde_json::json!([message("t1", &status)]);
        let (_, view) = read(&mut reader, &last);
        let bytes = last.to_string().into_bytes();
        let doc = Doc::parse(&bytes, &Limits::default()).unwrap();
        let Some(Delivery::Within(rewritten)) = reader.deliver(&view.closes[0], r#"b\"c"#, Some(&doc)) else {
            panic!("within")
        };
        let rewritten: serde_json::Value = serde_json::from_slice(&rewritten).unwrap();
        assert_eq!(
            rewritten[0]["payload"]["payload"]["encoded_item"],
            delta(
                r#"{"p":"","o":"patch","v":[{"p":"/message/content/parts/0","o":"append","v":"b\"c"},{"p":"/message/status","o":"replace","v":"finished_successfully"}]}"#
            )
        );
    }

    #[test]
    fn a_replay_does_not_disturb_the_turn_it_repeats() {
        let mut reader = PageReader::default();
        read(&mut reader, &serde_json::json!([message("t1", &delta(APPEND))]));
        let replay = serde_json::json!([{"type": "reply", "reply": {"catchups": [message("t1", &delta(APPEND))]}}]);
        for _ in 0..2 {
            let (fields, _) = read(&mut reader, &replay);
            assert_eq!(fields[0].0, format!("t1 replay{SEPARATOR}0/message/content/parts/0"));
        }
        let (fields, _) = read(&mut reader, &serde_json::json!([message("t1", &delta(r#"{"v":"on"}"#))]));
        assert_eq!(fields[0].0, format!("t1{SEPARATOR}0/message/content/parts/0"));
    }

    #[test]
    fn other_messages_are_read_like_any_document() {
        let mut reader = PageReader::default();
        let update = serde_json::json!([{"type": "message", "topic_id": "conversations", "payload":
            {"type": "conversation-update", "payload": {"title": "About EMAIL"}}}]);
        let bytes = update.to_string().into_bytes();
        let doc = Doc::parse(&bytes, &Limits::default()).unwrap();
        let view = reader.view(None, Some(&doc));
        assert!(
            view.fields
                .iter()
                .any(|field| bytes[field.range.clone()] == *b"About EMAIL" && field.surface == Surface::Prose)
        );
    }
}
