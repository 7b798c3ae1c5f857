//! JSON with positions: every value knows its bytes, so that a changed string is spliced in and nothing else moves.
//! Does not build or re-serialise documents, and gives numbers no meaning beyond small integers.
//!
//! ```text
//! {"messages":[{"content":"Gr\u00fc\u00dfe"}]}      pointer(["messages","0","content"]) → a `Node`
//!                          ^^^^^^^^^^^^^^^^          content(node): the bytes between the quotes
//!                                                    text(node): `Grüße` and the map back to those bytes
//! ```

mod escape;
mod parse;

use std::borrow::Cow;
use std::ops::Range;

pub use escape::{escape_into, quote, unescape};

use crate::wire::{Limits, OffsetMap, Unreadable};
use parse::Entry;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// Kept as its text: `1e400` and `12345678901234567890` survive.
    Number,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
}

/// A value of one [`Doc`]. Means nothing in another document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node(u32);

/// How a child is reached from its container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// Member of an object, by decoded key.
    Key(Cow<'a, str>),
    /// Element of an array.
    Index(usize),
}

/// A parsed document: an arena of positions over the bytes it was read from, in the order of the bytes.
pub struct Doc<'a> {
    text: &'a str,
    entries: Vec<Entry>,
}

impl std::fmt::Debug for Doc<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doc({} values in {} bytes)", self.entries.len(), self.text.len())
    }
}

impl<'a> Doc<'a> {
    /// Reads one document by the strict grammar of RFC 8259, with or without a byte order mark. Time and memory are
    /// linear in `bytes`, depth and number of values capped by `limits`.
    ///
    /// # Errors
    /// [`Unreadable::Charset`] for bytes that are not UTF-8, [`Unreadable::Ambiguous`] for a repeated key (compared
    /// decoded), [`Unreadable::TooLarge`] over a limit, [`Unreadable::Syntax`] for everything else.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Unreadable> {
        let (text, entries) = parse::parse(bytes, limits)?;
        Ok(Self { text, entries })
    }

    /// The bytes it was read from; all ranges are offsets into them.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node {
        Node(0)
    }

    /// What `node` is. A node of another document is `Null` when this one has no such value.
    #[must_use]
    pub fn kind(&self, node: Node) -> Kind {
        self.entry(node).map_or(Kind::Null, |entry| entry.kind)
    }

    /// Member of an object.
    #[must_use]
    pub fn get(&self, node: Node, key: &str) -> Option<Node> {
        self.entry(node).filter(|entry| entry.kind == Kind::Object)?;
        self.nodes_of(node).find(|child| self.entry(*child).is_some_and(|entry| entry.key(self.text) == key))
    }

    /// Element of an array. Steps over those before it: to visit all, use [`Doc::children`].
    #[must_use]
    pub fn at(&self, node: Node, index: usize) -> Option<Node> {
        self.entry(node).filter(|entry| entry.kind == Kind::Array)?;
        self.nodes_of(node).nth(index)
    }

    /// The value at a path from the root; steps into arrays are decimal numbers.
    #[must_use]
    pub fn pointer(&self, path: &[&str]) -> Option<Node> {
        path.iter().try_fold(self.root(), |node, step| match self.kind(node) {
            Kind::Object => self.get(node, step),
            Kind::Array => self.at(node, step.parse().ok()?),
            Kind::String | Kind::Number | Kind::Bool | Kind::Null => None,
        })
    }

    /// Members or elements in the order of the bytes; nothing for a scalar.
    pub fn children(&self, node: Node) -> impl Iterator<Item = (Step<'a>, Node)> + '_ {
        let in_object = self.kind(node) == Kind::Object;
        self.nodes_of(node).enumerate().map(move |(index, child)| match self.entry(child) {
            Some(entry) if in_object => (Step::Key(entry.key(self.text)), child),
            Some(_) | None => (Step::Index(index), child),
        })
    }

    /// The bytes that an edit replaces: between the quotes for a string, the whole value otherwise.
    #[must_use]
    pub fn content(&self, node: Node) -> Range<usize> {
        match self.entry(node) {
            Some(entry) if entry.kind == Kind::String => entry.content(),
            Some(entry) => entry.range(),
            None => 0..0,
        }
    }

    /// All bytes of the value, with quotes or brackets.
    #[must_use]
    pub fn raw(&self, node: Node) -> Range<usize> {
        self.entry(node).map_or(0..0, Entry::range)
    }

    /// A string, decoded; borrowed when it has no escapes. A lone surrogate decodes as U+FFFD.
    #[must_use]
    pub fn str(&self, node: Node) -> Option<Cow<'a, str>> {
        let entry = self.entry(node).filter(|entry| entry.kind == Kind::String)?;
        Some(entry.string(self.text))
    }

    /// A string, decoded, with the way back from its offsets to offsets in [`Doc::bytes`].
    #[must_use]
    pub fn text(&self, node: Node) -> Option<(String, OffsetMap)> {
        let entry = self.entry(node).filter(|entry| entry.kind == Kind::String)?;
        let content = self.text.get(entry.content())?;
        escape::decode(content, entry.content().start)
    }

    /// The key of a member, decoded, with the way back to [`Doc::bytes`]. Empty for an element and the root.
    #[must_use]
    pub fn key_text(&self, member: Node) -> Option<(String, OffsetMap)> {
        let content = self.entry(member)?.key_content();
        escape::decode(self.text.get(content.clone())?, content.start)
    }

    /// A whole number from 0 to 2⁶⁴−1 written without fraction and exponent.
    #[must_use]
    pub fn as_u64(&self, node: Node) -> Option<u64> {
        let entry = self.entry(node).filter(|entry| entry.kind == Kind::Number)?;
        self.text.get(entry.range())?.parse().ok()
    }

    /// `true` or `false`.
    #[must_use]
    pub fn as_bool(&self, node: Node) -> Option<bool> {
        let entry = self.entry(node).filter(|entry| entry.kind == Kind::Bool)?;
        self.text.get(entry.range())?.parse().ok()
    }

    fn entry(&self, node: Node) -> Option<&Entry> {
        self.entries.get(node.0 as usize)
    }

    /// Children in order. The arena is in pre-order: the first child follows its container at once, and `after` names
    /// the entry behind a value's whole sub-tree.
    fn nodes_of(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        let end = self.entry(node).map_or(0, |entry| entry.after);
        parse::siblings(&self.entries, node.0.saturating_add(1), end).map(Node)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn doc(bytes: &[u8]) -> Result<Doc<'_>, Unreadable> {
        Doc::parse(bytes, &Limits::default())
    }

    /// Rebuilds what serde_json would have read.
    fn value(doc: &Doc<'_>, node: Node) -> Value {
        match doc.kind(node) {
            Kind::Object => {
                let members = doc.children(node).map(|(step, child)| match step {
                    Step::Key(key) => (key.into_owned(), value(doc, child)),
                    Step::Index(index) => panic!("index {index} in an object"),
                });
                Value::Object(members.collect())
            }
            Kind::Array => Value::Array(doc.children(node).map(|(_, child)| value(doc, child)).collect()),
            Kind::String => Value::String(doc.str(node).unwrap().into_owned()),
            Kind::Number | Kind::Bool | Kind::Null => {
                serde_json::from_slice(&doc.bytes()[doc.raw(node)]).expect("a scalar")
            }
        }
    }

    fn strings(doc: &Doc<'_>, node: Node, out: &mut Vec<Node>) {
        if doc.kind(node) == Kind::String {
            out.push(node);
        }
        for (_, child) in doc.children(node) {
            strings(doc, child, out);
        }
    }

    /// Writes a value as some client would: `style` picks escapes and white space.
    fn write(value: &Value, style: u8) -> String {
        let plain = if style & 1 == 0 { value.to_string() } else { serde_json::to_string_pretty(value).unwrap() };
        if style & 2 == 0 {
            return plain;
        }
        let mut units = [0; 2];
        plain.chars().fold(String::new(), |mut out, c| {
            if c.is_ascii() {
                out.push(c);
            } else {
                c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04X}")));
            }
            out
        })
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            proptest::collection::vec(any::<char>(), 0..8)
                .prop_map(|chars| Value::from(chars.into_iter().collect::<String>())),
        ];
        scalar.prop_recursive(4, 40, 10, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..10).prop_map(Value::from),
                proptest::collection::btree_map("\\PC{0,5}", inner, 0..14)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_document_reads_as_serde_json_reads_it(expected in any_value(), style in 0_u8..4) {
            let bytes = write(&expected, style).into_bytes();
            let doc = doc(&bytes).unwrap();
            prop_assert_eq!(value(&doc, doc.root()), expected);
        }

        #[test]
        fn any_bytes_are_read_as_serde_json_reads_them_or_refused(bytes in "[\\[\\]{}:,\"\\\\ue0-9.+ tfn-]{0,24}") {
            let ours = doc(bytes.as_bytes()).map(|doc| value(&doc, doc.root()));
            let theirs = serde_json::from_str::<Value>(&bytes);
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
                // Lone surrogates and numbers beyond f64 are read here and refused there.
                (Ok(_), Err(_)) => prop_assert!(bytes.contains("\\u") || bytes.contains(['e', 'E'])),
                (Err(Unreadable::Ambiguous { .. }), _) | (Err(_), Err(_)) => {}
                (Err(error), Ok(_)) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn every_character_maps_to_the_bytes_that_encode_it(expected in any_value(), style in 0_u8..4) {
            let bytes = write(&expected, style).into_bytes();
            let doc = doc(&bytes).unwrap();
            let mut found = Vec::new();
            strings(&doc, doc.root(), &mut found);
            for node in found {
                let (text, map) = doc.text(node).unwrap();
                prop_assert_eq!(map.source_range(0..text.len()), doc.content(node));
                for (at, c) in text.char_indices() {
                    let source = map.source_range(at..at + c.len_utf8());
                    let (decoded, _) = unescape(&bytes[source]).unwrap();
                    prop_assert_eq!(decoded, c.to_string());
                }
            }
        }

        #[test]
        fn a_splice_at_mapped_offsets_changes_that_text_alone(
            expected in any_value(), style in 0_u8..4, word in "[A-Z0-9_]{1,8}", pick: prop::sample::Index,
            from: prop::sample::Index, to: prop::sample::Index,
        ) {
            let bytes = write(&expected, style).into_bytes();
            let before = doc(&bytes).unwrap();
            let mut found = Vec::new();
            strings(&before, before.root(), &mut found);
            prop_assume!(!found.is_empty());
            let node = found[pick.index(found.len())];
            let (text, map) = before.text(node).unwrap();
            let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (a, b) = (borders[from.index(borders.len())], borders[to.index(borders.len())]);
            let range = a.min(b)..a.max(b);

            let mut spliced = bytes.clone();
            spliced.splice(map.source_range(range.clone()), word.bytes());
            let after = doc(&spliced).unwrap();
            let mut wanted = text;
            wanted.replace_range(range, &word);
            prop_assert_eq!(after.str(node).unwrap(), wanted);
            for other in found.into_iter().filter(|other| *other != node) {
                prop_assert_eq!(after.str(other), before.str(other));
            }
        }
    }

    #[test]
    fn values_are_reached_by_key_index_and_pointer() {
        let bytes = br#" {"a":[1,{"b\u0021":"x\ny"},true],"n":18446744073709551615,"e":1e3,"z":null} "#;
        let doc = doc(bytes).unwrap();
        let inner = doc.pointer(&["a", "1", "b!"]).unwrap();
        assert_eq!(doc.str(inner).unwrap(), "x\ny");
        assert_eq!(&bytes[doc.content(inner)], br"x\ny");
        assert_eq!(&bytes[doc.raw(inner)], br#""x\ny""#);
        assert_eq!(doc.as_bool(doc.pointer(&["a", "2"]).unwrap()), Some(true));
        assert_eq!(doc.as_u64(doc.pointer(&["n"]).unwrap()), Some(u64::MAX));
        assert_eq!(doc.as_u64(doc.pointer(&["e"]).unwrap()), None);
        assert_eq!(doc.kind(doc.pointer(&["z"]).unwrap()), Kind::Null);
        assert_eq!(&bytes[doc.raw(doc.pointer(&["a", "1"]).unwrap())], br#"{"b\u0021":"x\ny"}"#);
        for absent in [&["q"][..], &["a", "3"], &["a", "b"], &["a", "0", "x"], &["z", "0"]] {
            assert_eq!(doc.pointer(absent), None, "{absent:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_offsets_still_count_it() {
        let bytes = b"\xEF\xBB\xBF[\"a\"]";
        let doc = doc(bytes).unwrap();
        assert_eq!(doc.content(doc.pointer(&["0"]).unwrap()), 5..6);
    }

    #[test]
    fn a_repeated_key_is_ambiguous_however_it_is_written() {
        for (body, at) in [
            (r#"{"a":1,"b":2,"a":3}"#, 13),
            (r#"{"a":1,"\u0061":2}"#, 7),
            (r#"[{"x":{"":1,"":2}}]"#, 12),
            (r#"{"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"\u0030":1}"#, 61),
        ] {
            assert_eq!(doc(body.as_bytes()).unwrap_err(), Unreadable::Ambiguous { at }, "{body}");
        }
        assert!(doc(br#"{"a":{"a":{"a":1}},"A":2}"#).is_ok(), "the same key at other levels is none");
    }

    #[test]
    fn lone_surrogates_read_as_replacement_characters() {
        for (body, text) in [
            (r#""\ud800""#, "\u{FFFD}"),
            (r#""\ud83d\ude00""#, "\u{1F600}"),
            (r#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (r#""\ud83dx\ud83d\n""#, "\u{FFFD}x\u{FFFD}\n"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
        ] {
            let doc = doc(body.as_bytes()).unwrap();
            assert_eq!(doc.str(doc.root()).unwrap(), text, "{body}");
        }
    }

    #[test]
    fn broken_documents_are_refused() {
        for body in [
            "",
            " ",
            "{",
            "[",
            "[1,]",
            "[,1]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "{1:1}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "0x1",
            "NaN",
            "nul",
            "nulll",
            "tru",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "\"\t\"",
            "'a'",
            "[1]]",
            "{}{}",
            "1 1",
            "[1}",
            "{\"a\":1]",
            "// c\n1",
            "\u{FEFF}\u{FEFF}1",
        ] {
            assert!(matches!(doc(body.as_bytes()), Err(Unreadable::Syntax { .. })), "{body:?}");
        }
        assert_eq!(doc(b"[\"a\xFF\"]").unwrap_err(), Unreadable::Charset { at: 3 });
    }

    #[test]
    fn depth_and_number_of_values_are_capped() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let limits = Limits { depth: 4, nodes: 6, body_bytes: 40, decoded_bytes: 40, ..Limits::default() };
        let read = |body: &str| Doc::parse(body.as_bytes(), &limits).map(|_| ());
        assert_eq!(read(&nested(4)), Ok(()));
        assert_eq!(read(&nested(5)), Err(Unreadable::TooLarge { what: "JSON nesting", limit: 4 }));
        assert_eq!(read("[1,2,3,4,5]"), Ok(()));
        assert_eq!(read("[1,2,3,4,5,6]"), Err(Unreadable::TooLarge { what: "number of JSON values", limit: 6 }));
        assert_eq!(read(&" ".repeat(41)), Err(Unreadable::TooLarge { what: "JSON document", limit: 40 }));
        assert!(doc("[".repeat(1 << 20).as_bytes()).is_err(), "a million brackets end at the depth limit");
    }

    #[test]
    fn a_foreign_node_finds_nothing() {
        let (wide, narrow) = (doc(b"[1,2,3]").unwrap(), doc(b"\"x\"").unwrap());
        let foreign = wide.at(wide.root(), 2).unwrap();
        assert_eq!((narrow.kind(foreign), narrow.raw(foreign)), (Kind::Null, 0..0));
        assert_eq!((narrow.str(foreign), narrow.children(foreign).count()), (None, 0));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", doc(br#"["hunter2"]"#).unwrap()), "Doc(2 values in 11 bytes)");
    }
}
