//! Collects the strings of one answer event that may hold placeholders. Shared by the readers; knows no dialect.

use std::collections::BTreeSet;

use crate::{
    site::{
        Channel, Field, Mode, Role, Surface, View,
        leaf::{self, Leaf},
    },
    wire::json::{Doc, Kind, Node, Step},
};

/// Channels of one answer that are followed at a time. A stream that opens more gets no early delivery for the rest.
const OPEN_MAX: usize = 1024;

/// Channel of texts that stand alone.
const ALONE: &str = "alone";

/// Channels that have had text and not ended.
#[derive(Debug, Default)]
pub(super) struct Open(BTreeSet<Channel>);

impl Open {
    pub(super) fn add(&mut self, channel: &str) {
        if self.0.len() < OPEN_MAX && !self.0.contains(channel) {
            self.0.insert(channel.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the channel, if it is open.
    pub(super) fn close(&mut self, channel: &str, view: &mut View) {
        if let Some(channel) = self.0.take(channel) {
            view.closes.push(channel);
        }
    }

    /// Ends all channels whose names start so.
    pub(super) fn close_below(&mut self, prefix: &str, view: &mut View) {
        let ended: Vec<Channel> = self.0.iter().filter(|channel| channel.starts_with(prefix)).cloned().collect();
        for channel in ended {
            self.close(&channel, view);
        }
    }
}

/// Builds the view of one event.
pub(super) struct Viewer<'d> {
    doc: &'d Doc<'d>,
    view: View,
}

impl<'d> Viewer<'d> {
    pub(super) fn new(doc: &'d Doc<'d>) -> Self {
        Self { doc, view: View::default() }
    }

    pub(super) fn view(&mut self) -> &mut View {
        &mut self.view
    }

    pub(super) fn finish(mut self) -> View {
        self.view.fields.sort_by_key(|field| field.range.start);
        self.view.drops.sort_by_key(|range| range.start);
        self.view
    }

    /// A piece of running text. False when the member is no string.
    pub(super) fn delta(&mut self, node: Option<Node>, channel: &str, surface: Surface) -> bool {
        self.field(node, channel, Mode::Delta, surface)
    }

    /// A text that stands alone.
    pub(super) fn whole(&mut self, node: Option<Node>, surface: Surface) {
        self.field(node, ALONE, Mode::Whole, surface);
    }

    fn field(&mut self, node: Option<Node>, channel: &str, mode: Mode, surface: Surface) -> bool {
        let Some(node) = node.filter(|node| self.doc.kind(*node) == Kind::String) else { return false };
        let range = self.doc.content(node);
        self.view.fields.push(Field { range, channel: channel.to_owned(), mode, surface });
        true
    }

    /// Every array below `node` that repeats text token by token, `node` included.
    pub(super) fn drop_arrays(&mut self, node: Option<Node>) {
        let Some(node) = node else { return };
        match self.doc.kind(node) {
            Kind::Array => self.view.drops.push(self.doc.raw(node)),
            Kind::Object => {
                let children: Vec<Node> = self.doc.children(node).map(|(_, child)| child).collect();
                children.into_iter().for_each(|child| self.drop_arrays(Some(child)));
            }
            Kind::String | Kind::Number | Kind::Bool | Kind::Null => {}
        }
    }

    /// Every text below `node` by the generic rules, each standing alone. `surface` is where they end up; arguments
    /// of tools are told by their keys.
    pub(super) fn leaves(&mut self, node: Option<Node>, surface: &Surface) {
        if let Some(node) = node {
            self.leaf_walk(node, None, None, surface);
        }
    }

    /// The same for a value that is known by its key only.
    pub(super) fn leaves_at(&mut self, node: Option<Node>, key: &str, surface: &Surface) {
        if let Some(node) = node.filter(|_| !leaf::is_sealed_key(key)) {
            self.leaf_walk(node, None, Some(key), surface);
        }
    }

    /// Whether a string under this key is text by the generic rules.
    pub(super) fn is_text(&self, node: Node, key: &str) -> bool {
        let text = self.doc.str(node).unwrap_or_default();
        !leaf::is_sealed_key(key) && leaf::judge(self.doc, None, Some(key), &text) == Leaf::Is(Role::Text)
    }

    /// Takes back what was said of a string.
    pub(super) fn forget(&mut self, node: Node) {
        let range = self.doc.content(node);
        self.view.fields.retain(|field| field.range != range);
    }

    /// Every string below `node`, whatever its key: a tool's own arguments.
    pub(super) fn arguments(&mut self, node: Option<Node>, surface: &Surface) {
        let Some(node) = node else { return };
        if self.doc.kind(node) == Kind::String {
            return self.whole(Some(node), surface.clone());
        }
        let children: Vec<Node> = self.doc.children(node).map(|(_, child)| child).collect();
        children.into_iter().for_each(|child| self.arguments(Some(child), surface));
    }

    fn leaf_walk(&mut self, node: Node, parent: Option<Node>, key: Option<&str>, surface: &Surface) {
        match self.doc.kind(node) {
            Kind::Object if leaf::is_sealed_object(self.doc, node) => {}
            Kind::Object | Kind::Array => {
                let holder = if self.doc.kind(node) == Kind::Object { Some(node) } else { parent };
                let children: Vec<_> = self.doc.children(node).collect();
                for (step, child) in children {
                    match step {
                        Step::Key(name) if leaf::is_sealed_key(&name) => {}
                        Step::Key(name) => self.leaf_walk(child, holder, Some(&name), surface),
                        Step::Index(_) => self.leaf_walk(child, holder, key, surface),
                    }
                }
            }
            Kind::String => self.leaf(node, parent, key, surface),
            Kind::Number | Kind::Bool | Kind::Null => {}
        }
    }

    fn leaf(&mut self, node: Node, parent: Option<Node>, key: Option<&str>, surface: &Surface) {
        let Some(text) = self.doc.str(node).filter(|text| !text.is_empty()) else { return };
        // Places that load what they name are never restored into, and `mask` sees only the string itself.
        if leaf::judge(self.doc, parent, key, &text) != Leaf::Is(Role::Text) {
            return;
        }
        let arguments = key.is_some_and(|key| matches!(key, "arguments" | "partial_json"));
        let surface = if arguments { Surface::ToolJson { tool: None } } else { surface.clone() };
        self.whole(Some(node), surface);
    }
}

/// The string under a key, decoded.
pub(super) fn text_at(doc: &Doc<'_>, node: Node, key: &str) -> Option<String> {
    doc.get(node, key).and_then(|value| doc.str(value)).map(std::borrow::Cow::into_owned)
}

/// Elements of an array under a key.
pub(super) fn elements(doc: &Doc<'_>, node: Node, key: &str) -> Vec<Node> {
    match doc.get(node, key) {
        Some(array) if doc.kind(array) == Kind::Array => doc.children(array).map(|(_, child)| child).collect(),
        Some(_) | None => Vec::new(),
    }
}
