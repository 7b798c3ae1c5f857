//! ChatGPT's delta dialect `v1`: patches that inherit path and operation from the event before. Reads them, and rewrites
//! events so that later ones, which inherit from what the client has been told, still mean the same.
//! Does not know which paths hold text.
//!
//! ```text
//! {"p":"/message/content/parts/0","o":"append","v":"Answered "}
//! {"v":"locally."}                                                   p and o as before
//! {"p":"","o":"patch","v":[{"p":"/message/status","o":"replace","v":"finished_successfully"}]}
//! ```
//! `p` is a JSON pointer; `o` one of add, replace, append, remove, patch, truncate; operations inside a `patch` do not
//! change what is inherited. Seen 2026-11 in public readers; unknown operations pass.

use crate::wire::json::{Doc, Kind, Node, escape_into, quote};

/// What a change does to the value at its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Puts a value there.
    Add,
    /// Puts another value there.
    Replace,
    /// Joins strings, pushes to lists, merges objects.
    Append,
    /// Takes away (also a part of it: `truncate`).
    Remove,
    /// Anything else.
    Other,
}

/// One change that an event makes; a `patch` makes several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// JSON pointer.
    pub path: String,
    /// What is done there.
    pub verb: Verb,
    /// With which value.
    pub value: Option<Node>,
}

/// What an event says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// In order.
    pub changes: Vec<Change>,
    /// Offset and bytes that name what the event inherits; `None` when it names all itself.
    pub explicit: Option<(usize, Vec<u8>)>,
    /// The client would inherit something else than the site meant: `explicit` must be put in.
    pub must_name: bool,
}

/// Path and operation for events that name none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Inherited {
    path: String,
    operation: String,
}

/// Both ends of a stream: what the site has said last, and what the client has been told last.
#[derive(Debug, Default)]
pub struct DeltaState {
    heard: Inherited,
    told: Inherited,
}

impl DeltaState {
    /// Reads an event; `None` when it is none of this dialect.
    pub fn read(&mut self, doc: &Doc<'_>) -> Option<Said> {
        let root = doc.root();
        let member = |key: &str| doc.get(root, key).and_then(|node| doc.str(node)).map(std::borrow::Cow::into_owned);
        let (path, operation) = (member("p"), member("o"));
        let value = doc.get(root, "v");
        if value.is_none() && (path.is_none() || operation.is_none()) {
            return None;
        }
        let mut names = Vec::new();
        let mut must_name = false;
        match path {
            Some(path) => self.heard.path = path,
            None => {
                name(&mut names, "p", &self.heard.path);
                must_name |= self.told.path != self.heard.path;
            }
        }
        match operation {
            Some(operation) => self.heard.operation = operation,
            None => {
                name(&mut names, "o", &self.heard.operation);
                must_name |= self.told.operation != self.heard.operation;
            }
        }
        self.told = self.heard.clone();
        let explicit = (!names.is_empty()).then(|| (doc.raw(root).start + 1, names));
        Some(Said { changes: self.changes(doc, value), explicit, must_name })
    }

    fn changes(&self, doc: &Doc<'_>, value: Option<Node>) -> Vec<Change> {
        let list = value.filter(|node| self.heard.operation == "patch" && doc.kind(*node) == Kind::Array);
        let Some(list) = list else {
            return vec![Change { path: self.heard.path.clone(), verb: verb(&self.heard.operation), value }];
        };
        let member = |node: Node, key: &str| doc.get(node, key).and_then(|node| doc.str(node)).unwrap_or_default();
        doc.children(list)
            .map(|(_, inner)| Change {
                path: format!("{}{}", self.heard.path, member(inner, "p")),
                verb: verb(&member(inner, "o")),
                value: doc.get(inner, "v"),
            })
            .collect()
    }

    /// The present event, rewritten so that it first appends `text` at `path`. Keeps the number of events.
    pub fn append_within(&mut self, doc: &Doc<'_>, path: &str, text: &str) -> Option<Vec<u8>> {
        let value = doc.get(doc.root(), "v");
        let raw = |node: Node| doc.bytes().get(doc.raw(node));
        if self.heard.operation == "patch" && self.heard.path.is_empty() {
            let list = value.filter(|node| doc.kind(*node) == Kind::Array)?;
            let start = doc.raw(list).start + 1;
            let comma: &[u8] = if doc.at(list, 0).is_some() { b"," } else { b"" };
            let (front, back) = (doc.bytes().get(..start)?, doc.bytes().get(start..)?);
            return Some([front, &append(path, text), comma, back].concat());
        }
        let mut out = b"{\"p\":\"\",\"o\":\"patch\",\"v\":[".to_vec();
        out.extend(append(path, text));
        out.extend_from_slice(b",{");
        name(&mut out, "p", &self.heard.path);
        name(&mut out, "o", &self.heard.operation);
        match value {
            Some(value) => {
                out.extend_from_slice(b"\"v\":");
                out.extend_from_slice(raw(value)?);
            }
            // The comma after `o`.
            None => drop(out.pop()),
        }
        out.extend_from_slice(b"}]");
        for (step, child) in doc.children(doc.root()) {
            let crate::wire::json::Step::Key(key) = step else { return None };
            if !matches!(&*key, "p" | "o" | "v") {
                out.push(b',');
                out.extend(quote(&key));
                out.push(b':');
                out.extend_from_slice(raw(child)?);
            }
        }
        out.push(b'}');
        self.told = Inherited { path: String::new(), operation: "patch".to_owned() };
        Some(out)
    }

    /// An event of its own that appends `text` at `path`.
    pub fn append_alone(&mut self, path: &str, text: &str) -> Vec<u8> {
        self.told = Inherited { path: path.to_owned(), operation: "append".to_owned() };
        append(path, text)
    }
}

fn append(path: &str, text: &str) -> Vec<u8> {
    let mut out = b"{".to_vec();
    name(&mut out, "p", path);
    out.extend_from_slice(b"\"o\":\"append\",\"v\":\"");
    escape_into(text, &mut out);
    out.extend_from_slice(b"\"}");
    out
}

/// `"key":"value",`
fn name(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend(quote(key));
    out.push(b':');
    out.extend(quote(value));
    out.push(b',');
}

fn verb(operation: &str) -> Verb {
    match operation {
        "add" => Verb::Add,
        "replace" => Verb::Replace,
        "append" => Verb::Append,
        "remove" | "truncate" => Verb::Remove,
        _ => Verb::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::wire::Limits;

    const TEXT: &str = "/message/content/parts/0";

    /// A client of the dialect: applies events and knows what it inherits.
    #[derive(Default)]
    struct Client {
        path: String,
        operation: String,
        text: String,
        status: String,
    }

    impl Client {
        fn apply(&mut self, event: &[u8]) {
            let event: Value = serde_json::from_slice(event).unwrap();
            for (key, slot) in [("p", &mut self.path), ("o", &mut self.operation)] {
                if let Some(named) = event[key].as_str() {
                    *slot = named.to_owned();
                }
            }
            let (path, operation) = (self.path.clone(), self.operation.clone());
            self.change(&path, &operation, &event["v"]);
        }

        fn change(&mut self, path: &str, operation: &str, value: &Value) {
            if operation == "patch" {
                for inner in value.as_array().unwrap() {
                    self.change(inner["p"].as_str().unwrap(), inner["o"].as_str().unwrap(), &inner["v"]);
                }
                return;
            }
            let target = if path == TEXT { &mut self.text } else { &mut self.status };
            if operation == "replace" {
                target.clear();
            }
            target.push_str(value.as_str().unwrap());
        }
    }

    /// Plays events; before those at `rewrite`, "+" is delivered within the event. Gives what the client has in the end.
    fn play(events: &[&str], rewrite: &[usize]) -> (String, String) {
        let (mut state, mut client) = (DeltaState::default(), Client::default());
        for (index, event) in events.iter().enumerate() {
            let doc = Doc::parse(event.as_bytes(), &Limits::default()).unwrap();
            let said = state.read(&doc).unwrap();
            let mut bytes = event.as_bytes().to_vec();
            if let Some((at, names)) = said.explicit.filter(|_| said.must_name) {
                bytes.splice(at..at, names);
            }
            if rewrite.contains(&index) {
                let doc = Doc::parse(&bytes, &Limits::default()).unwrap();
                let rewritten = state.append_within(&doc, TEXT, "+").unwrap();
                bytes = rewritten;
            }
            client.apply(&bytes);
        }
        (client.text, client.status)
    }

    #[test]
    fn an_event_rewritten_leaves_the_meaning_of_all_later_ones() {
        let events = [
            r#"{"p":"/message/content/parts/0","o":"append","v":"a"}"#,
            r#"{"v":"b"}"#,
            r#"{"v":"c"}"#,
            r#"{"p":"/message/status","o":"replace","v":"x","c":3}"#,
            r#"{"v":"y"}"#,
            r#"{"o":"append","v":"z"}"#,
            r#"{"p":"","o":"patch","v":[{"p":"/message/content/parts/0","o":"append","v":"d"},{"p":"/message/status","o":"replace","v":"done"}]}"#,
            r#"{"v":[{"p":"/message/content/parts/0","o":"append","v":"e"}]}"#,
        ];
        assert_eq!(play(&events, &[]), ("abcde".to_owned(), "done".to_owned()));
        for set in 0_u32..256 {
            let rewrite: Vec<usize> = (0..8).filter(|bit| set & (1 << bit) != 0).collect();
            let (text, status) = play(&events, &rewrite);
            assert_eq!(text.replace('+', ""), "abcde", "{rewrite:?}");
            assert_eq!(text.matches('+').count(), rewrite.len());
            assert_eq!(status, "done");
        }
    }

    #[test]
    fn unknown_members_of_a_rewritten_event_stay() {
        let event = br#"{"p":"/message/status","o":"replace","v":"x","c":3,"z":{"k":[1]}}"#;
        let doc = Doc::parse(event, &Limits::default()).unwrap();
        let mut state = DeltaState::default();
        state.read(&doc).unwrap();
        assert_eq!(
            String::from_utf8(state.append_within(&doc, TEXT, "a\"b").unwrap()).unwrap(),
            r#"{"p":"","o":"patch","v":[{"p":"/message/content/parts/0","o":"append","v":"a\"b"},{"p":"/message/status","o":"replace","v":"x"}],"c":3,"z":{"k":[1]}}"#
        );
    }

    #[test]
    fn other_events_are_none_of_the_dialect() {
        for other in [r#"{"type":"message_stream_complete"}"#, r#""v1""#, r#"{"p":"/x"}"#, "[]"] {
            let doc = Doc::parse(other.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(DeltaState::default().read(&doc), None, "{other}");
        }
    }
}
