//! Walks a JSON document and gives every string a role and a way back to its bytes, through JSON inside strings.
//! Knows no site: what a site file says comes in as selectors, the rest is judged by `leaf`.
//!
//! Numbers of a site's own document are no spans, and keys only where they are no identifiers. Text that happens to be
//! JSON (a pasted file, a tool's arguments) is covered whole: it stays one text in which strings are unescaped in their
//! place, so that keys and numbers are scanned and rules see `"password": "…"` in one piece. Only a document inside a
//! string, and media, become spans of their own.

use std::ops::Range;

use super::{
    Part, Role, Span,
    endpoint::{Said, Selectors},
    leaf::{self, Leaf},
    path::{Place, describe},
};
use crate::wire::{
    Limits, OffsetMap, Unreadable,
    json::{Doc, Kind, Node, Step},
};

/// Layers of JSON inside JSON strings that are opened.
const NESTING_MAX: usize = 6;
/// Spans in one request: beyond it a body is unreadable, since every span costs a scan.
const SPANS_MAX: usize = 200_000;

/// Whose rules hold for strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The site's: keys tell what a value is.
    Site,
    /// The person's or a tool's own document: every string is text.
    Own,
    /// A signed block: nothing may change.
    Sealed,
}

/// What is known on the way down.
#[derive(Debug, Clone, Copy)]
struct Level<'m> {
    reading: Reading,
    /// From the document's bytes to the part's, when the document lies inside a string.
    outer: Option<&'m OffsetMap>,
    /// Strings opened so far.
    nesting: usize,
}

/// The string that is looked at.
struct Found<'d> {
    doc: &'d Doc<'d>,
    node: Node,
    parent: Option<Node>,
}

/// Collects the spans of one request, part by part.
pub(crate) struct Walk<'a> {
    selectors: &'a Selectors,
    limits: &'a Limits,
    part: Part,
    places: Vec<Place>,
    spans: Vec<Span>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(selectors: &'a Selectors, limits: &'a Limits) -> Self {
        Self { selectors, limits, part: Part::Body, places: Vec::new(), spans: Vec::new() }
    }

    /// The spans that follow lie in `part`, below `places`.
    pub(crate) fn enter(&mut self, part: Part, places: Vec<Place>) {
        self.part = part;
        self.places = places;
    }

    /// The spans that follow lie below `places` of the same part.
    pub(crate) fn place(&mut self, places: Vec<Place>) {
        self.places = places;
    }

    pub(crate) fn finish(self) -> Result<Vec<Span>, Unreadable> {
        if self.spans.len() > SPANS_MAX {
            return Err(Unreadable::TooLarge { what: "number of texts", limit: SPANS_MAX });
        }
        Ok(self.spans)
    }

    /// A document in the site's own format. `outer` leads from its bytes to the part's.
    pub(crate) fn site_document(&mut self, bytes: &[u8], outer: Option<&OffsetMap>) -> Result<(), Unreadable> {
        let doc = Doc::parse(bytes, self.limits)?;
        self.value(&doc, doc.root(), None, Level { reading: Reading::Site, outer, nesting: 0 });
        Ok(())
    }

    /// A value of a form, a query or a header: a site's document when it is JSON and no selector calls it text.
    pub(crate) fn named_value(&mut self, text: String, map: OffsetMap) {
        let said = self.selectors.said(&self.places);
        let structured = said.is_none() || self.selectors.pipe_from(&self.places);
        if structured && opens_document(&text) {
            let inner = self.nested_site(&text, &map, 1);
            if inner.is_ok() {
                return;
            }
        }
        let name = match self.places.last() {
            Some(Place::Key(name)) => Some(name.clone()),
            Some(Place::Index(_) | Place::Json) | None => None,
        };
        let judged =
            || Doc::parse(b"null", self.limits).map(|doc| leaf::judge(&doc, None, name.as_deref(), &text)).ok();
        match said.map_or_else(|| judged().unwrap_or(Leaf::Is(Role::Text)), |said| leaf_of(said, &text)) {
            Leaf::Unread => {}
            Leaf::Url | Leaf::Is(Role::Text) => self.own_text(&text, map, 0),
            Leaf::Is(role @ (Role::Opaque | Role::Media)) => self.push(text, map, role),
        }
    }

    /// Text of a person or tool, opened where it is JSON.
    pub(crate) fn own_text(&mut self, text: &str, map: OffsetMap, nesting: usize) {
        let parsed = (nesting < NESTING_MAX && opens_document(text)).then(|| Doc::parse(text.as_bytes(), self.limits));
        let Some(Ok(doc)) = parsed else { return self.push(text.to_owned(), map, Role::Text) };
        let mut cuts = Vec::new();
        cut(&doc, doc.root(), &mut cuts);
        let mut done = 0;
        let mut run = Run::default();
        for cut in cuts {
            run.raw(text, done..cut.content.start);
            done = cut.content.end;
            if cut.media.is_none() && !self.holds_document(&cut.text) {
                run.decoded(&cut);
                continue;
            }
            self.between(std::mem::take(&mut run), &map);
            let back = cut.map.then(&map);
            self.places.push(Place::Json);
            let depth = self.places.len();
            self.places.extend(cut.places);
            match cut.media {
                Some(role) => self.push(cut.text, back, role),
                None => self.own_text(&cut.text, back, nesting + 1),
            }
            self.places.truncate(depth);
            self.places.pop();
        }
        run.raw(text, done..text.len());
        self.between(run, &map);
    }

    /// A run of text with a known role.
    pub(crate) fn push(&mut self, text: String, map: OffsetMap, role: Role) {
        // One over the limit is enough for `finish` to see it.
        if text.is_empty() || self.spans.len() > SPANS_MAX {
            return;
        }
        self.spans.push(Span { part: self.part.clone(), text, map, role, path: describe(&self.places) });
    }

    fn value(&mut self, doc: &Doc<'_>, node: Node, parent: Option<Node>, level: Level<'_>) {
        match doc.kind(node) {
            Kind::Object => {
                for (step, child) in doc.children(node) {
                    let below = self.below(doc, node, &step, child, level);
                    self.key(doc, child, level);
                    self.places.push(place(step));
                    self.value(doc, child, Some(node), below);
                    self.places.pop();
                }
            }
            Kind::Array => {
                for (step, child) in doc.children(node) {
                    self.places.push(place(step));
                    self.value(doc, child, parent, level);
                    self.places.pop();
                }
            }
            Kind::String => self.string(&Found { doc, node, parent }, level),
            Kind::Number | Kind::Bool | Kind::Null => {}
        }
    }

    /// How a member of an object is read.
    fn below<'m>(&self, doc: &Doc<'_>, object: Node, step: &Step<'_>, child: Node, level: Level<'m>) -> Level<'m> {
        let Step::Key(key) = step else { return level };
        let reading = match level.reading {
            Reading::Site if leaf::is_sealed_key(key) || leaf::seals(doc, object, key) => Reading::Sealed,
            Reading::Site if leaf::is_argument_key(key) && doc.kind(child) == Kind::Object => Reading::Own,
            same @ (Reading::Site | Reading::Own | Reading::Sealed) => same,
        };
        Level { reading, ..level }
    }

    /// A key that is no identifier may be what somebody wrote.
    fn key(&mut self, doc: &Doc<'_>, member: Node, level: Level<'_>) {
        let Some((text, inner)) = doc.key_text(member).filter(|(text, _)| leaf::is_telling_name(text)) else { return };
        let map = match level.outer {
            Some(outer) => inner.then(outer),
            None => inner,
        };
        self.push(text, map, Role::Text);
    }

    fn string(&mut self, found: &Found<'_>, level: Level<'_>) {
        let Some((text, inner)) = found.doc.text(found.node) else { return };
        let map = match level.outer {
            Some(outer) => inner.then(outer),
            None => inner,
        };
        let judged = match level.reading {
            Reading::Sealed => Leaf::Is(Role::Opaque),
            Reading::Own => Leaf::Is(leaf::media_by_shape(&text).unwrap_or(Role::Text)),
            Reading::Site => self.judge(found, &text),
        };
        match judged {
            Leaf::Unread => {}
            Leaf::Is(Role::Text) if level.reading == Reading::Site && self.selectors.pipe_from(&self.places) => {
                if self.nested_site(&text, &map, level.nesting + 1).is_err() {
                    self.own_text(&text, map, level.nesting);
                }
            }
            Leaf::Url | Leaf::Is(Role::Text) => self.own_text(&text, map, level.nesting),
            Leaf::Is(role @ (Role::Opaque | Role::Media)) => self.push(text, map, role),
        }
    }

    fn judge(&self, found: &Found<'_>, text: &str) -> Leaf {
        if let Some(said) = self.selectors.said(&self.places) {
            // A listed text may still be an image: `content[*].image_url` and the like are not worth a selector each.
            let shape = if said == Said::Text { leaf::by_shape(text) } else { None };
            return shape.map_or_else(|| leaf_of(said, text), Leaf::Is);
        }
        let key = self.places.iter().rev().find_map(|place| match place {
            Place::Key(key) => Some(key.as_str()),
            Place::Index(_) | Place::Json => None,
        });
        leaf::judge(found.doc, found.parent, key, text)
    }

    /// A site's document inside a string.
    fn nested_site(&mut self, text: &str, map: &OffsetMap, nesting: usize) -> Result<(), Unreadable> {
        if nesting > NESTING_MAX {
            return Err(Unreadable::TooLarge { what: "nesting of JSON in strings", limit: NESTING_MAX });
        }
        let doc = Doc::parse(text.as_bytes(), self.limits)?;
        self.places.push(Place::Json);
        self.value(&doc, doc.root(), None, Level { reading: Reading::Site, outer: Some(map), nesting });
        self.places.pop();
        Ok(())
    }

    /// The text between two cuts.
    fn between(&mut self, run: Run, map: &OffsetMap) {
        // Brackets, commas and quotes alone are worth no scan.
        if run.text.bytes().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii()) {
            self.push(run.text, run.map.then(map), Role::Text);
        }
    }

    fn holds_document(&self, text: &str) -> bool {
        opens_document(text) && Doc::parse(text.as_bytes(), self.limits).is_ok()
    }
}

/// A run of a person's own document: as it stands, but for the strings with escapes, which are decoded in their place,
/// so that a rule sees them beside their keys.
#[derive(Default)]
struct Run {
    text: String,
    map: OffsetMap,
}

impl Run {
    fn raw(&mut self, text: &str, range: Range<usize>) {
        self.map.push(self.text.len(), range.start);
        self.text.push_str(text.get(range).unwrap_or_default());
    }

    fn decoded(&mut self, cut: &Cut) {
        self.map.append(self.text.len(), &cut.map);
        self.text.push_str(&cut.text);
    }
}

/// A string inside a person's own document that gets a span of its own.
struct Cut {
    content: Range<usize>,
    text: String,
    map: OffsetMap,
    media: Option<Role>,
    places: Vec<Place>,
}

/// Collects the strings of a person's own document that need a span of their own, in the order of the bytes.
fn cut(doc: &Doc<'_>, node: Node, cuts: &mut Vec<Cut>) {
    let mut stack = vec![(node, Vec::new())];
    while let Some((node, places)) = stack.pop() {
        let children: Vec<_> = doc.children(node).collect();
        for (step, child) in children.into_iter().rev() {
            let mut below: Vec<Place> = places.clone();
            below.push(place(step));
            stack.push((child, below));
        }
        let content = doc.content(node);
        let raw = doc.bytes().get(content.clone()).unwrap_or_default();
        let Some((text, map)) = doc.text(node) else { continue };
        let media = leaf::media_by_shape(&text);
        if media.is_some() || raw.contains(&b'\\') {
            cuts.push(Cut { content, text, map, media, places });
        }
    }
}

fn leaf_of(said: Said, text: &str) -> Leaf {
    match said {
        Said::Skip => Leaf::Unread,
        Said::Opaque if leaf::is_plain(text) => Leaf::Unread,
        // No id or token has blanks in it.
        Said::Opaque if text.contains(char::is_whitespace) => Leaf::Is(Role::Text),
        Said::Opaque => Leaf::Is(Role::Opaque),
        Said::Media => Leaf::Is(Role::Media),
        Said::Text => Leaf::Is(Role::Text),
    }
}

fn place(step: Step<'_>) -> Place {
    match step {
        Step::Key(key) => Place::Key(key.into_owned()),
        Step::Index(index) => Place::Index(index),
    }
}

/// Whether a string may hold a JSON document: a container, or a string that was encoded twice.
fn opens_document(text: &str) -> bool {
    text.len() >= 2 && text.trim_start().starts_with(['{', '[', '"'])
}
