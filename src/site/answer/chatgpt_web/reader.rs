//! Reads chatgpt.com's stream: running texts are the strings that patches append to, one channel a message and path.

use crate::{
    site::{
        Channel, Delivery, Reader, Surface, View,
        answer::fields::{Open, Viewer, elements, text_at},
        delta::{Change, DeltaState, Said, Verb},
    },
    wire::{
        json::{Doc, Kind, Node},
        sse,
    },
};

/// Where the answer's text lies.
const TEXT_PATH: &str = "/message/content/parts/0";

/// Channels: `{number of the message}{path}`, as in `2/message/content/parts/0`.
#[derive(Default)]
pub(super) struct ChatgptReader {
    delta: DeltaState,
    open: Open,
    /// Messages added so far.
    number: u64,
    message: Message,
    /// The last event added a message, so text for the one before cannot go into it.
    adding: bool,
    /// The place for the notice has been told.
    ended: bool,
}

/// What the stream has said of the message that patches go to.
#[derive(Debug, Default)]
struct Message {
    /// Shown as the answer: by the assistant, to everybody, in the final channel.
    answers: bool,
    /// Whom it is for when it is a call of a tool.
    tool: Option<String>,
}

impl Reader for ChatgptReader {
    fn view(&mut self, name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let Some(doc) = document else {
            let mut view = View::default();
            self.open.close_below("", &mut view);
            return view;
        };
        let mut viewer = Viewer::new(doc);
        self.adding = false;
        match self.delta.read(doc) {
            Some(said) => self.changes(doc, said, &mut viewer),
            None if name == Some("delta_encoding") => {}
            None => self.other(doc, &mut viewer),
        }
        viewer.finish()
    }

    fn deliver(&mut self, channel: &Channel, text: &str, document: Option<&Doc<'_>>) -> Option<Delivery> {
        let path = channel.find('/').and_then(|at| channel.get(at..)).unwrap_or(TEXT_PATH);
        let patch = document.filter(|doc| !self.adding && is_patch(doc));
        if let Some(doc) = patch {
            return self.delta.append_within(doc, path, text).map(Delivery::Within);
        }
        let mut out = Vec::new();
        sse::write(Some("delta"), &self.delta.append_alone(path, text), &mut out);
        Some(Delivery::Before(out))
    }
}

fn is_patch(doc: &Doc<'_>) -> bool {
    let has = |key: &str| doc.get(doc.root(), key).is_some();
    has("v") || has("p") && has("o")
}

impl ChatgptReader {
    fn changes(&mut self, doc: &Doc<'_>, said: Said, viewer: &mut Viewer<'_>) {
        let mut must_name = said.must_name;
        for change in &said.changes {
            if change.path.is_empty() && change.verb == Verb::Add {
                self.adding = true;
                must_name |= !self.open.is_empty();
                self.open.close_below("", viewer.view());
                self.add(doc, change.value, viewer);
            } else {
                self.change(doc, change, viewer);
            }
        }
        viewer.view().inserts.extend(said.explicit.filter(|_| must_name));
    }

    /// A new message; its first text is the beginning of the running one while it is in progress.
    fn add(&mut self, doc: &Doc<'_>, value: Option<Node>, viewer: &mut Viewer<'_>) {
        self.number += 1;
        self.message = Message::default();
        let Some(value) = value else { return };
        let Some(message) = doc.get(value, "message").filter(|node| doc.kind(*node) == Kind::Object) else {
            return viewer.leaves(Some(value), &Surface::Prose);
        };
        self.message = describe(doc, message);
        let running = text_at(doc, message, "status").as_deref() == Some("in_progress");
        let content = doc.get(message, "content");
        let parts = content.map(|content| elements(doc, content, "parts")).unwrap_or_default();
        let surface = self.surface();
        viewer.leaves(Some(value), &surface);
        if !running {
            return;
        }
        for (index, part) in parts.into_iter().enumerate() {
            let channel = format!("{}/message/content/parts/{index}", self.number);
            self.piece(part, &channel, surface.clone(), viewer);
        }
        if let Some(text) = content.and_then(|content| doc.get(content, "text")) {
            self.piece(text, &format!("{}/message/content/text", self.number), surface, viewer);
        }
    }

    /// A piece of running text, in place of the same string as a text of its own.
    fn piece(&mut self, node: Node, channel: &str, surface: Surface, viewer: &mut Viewer<'_>) {
        viewer.forget(node);
        if viewer.delta(Some(node), channel, surface) {
            self.open.add(channel);
        }
    }

    fn change(&mut self, doc: &Doc<'_>, change: &Change, viewer: &mut Viewer<'_>) {
        let channel = format!("{}{}", self.number, change.path);
        let key = change.path.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default();
        let text = change.value.filter(|node| doc.kind(*node) == Kind::String);
        match (change.verb, text) {
            // Without a first event there is nothing to inherit: a stream taken up in its middle goes on with text.
            (Verb::Append, Some(text)) if viewer.is_text(text, key) => {
                self.piece(text, &channel, self.surface(), viewer);
            }
            (Verb::Other, Some(text)) if change.path.is_empty() => {
                self.piece(text, &format!("{}{TEXT_PATH}", self.number), Surface::Prose, viewer);
            }
            (Verb::Add | Verb::Replace | Verb::Remove, _) => {
                self.open.close(&channel, viewer.view());
                self.status(doc, change, viewer.view());
                viewer.leaves_at(change.value, key, &self.surface());
            }
            (Verb::Append | Verb::Other, _) => viewer.leaves_at(change.value, key, &self.surface()),
        }
    }

    fn status(&mut self, doc: &Doc<'_>, change: &Change, view: &mut View) {
        let Some(value) = change.value else { return };
        match change.path.as_str() {
            "/message/status" if doc.str(value).is_some_and(|status| status != "in_progress") => {
                self.open.close_below("", view);
            }
            "/message/end_turn" if doc.as_bool(value) == Some(true) && self.message.answers && !self.ended => {
                self.ended = true;
                let channel = format!("{}{TEXT_PATH}", self.number);
                if !view.closes.contains(&channel) {
                    self.open.add(&channel);
                    self.open.close(&channel, view);
                }
                view.last_words = Some(channel);
            }
            _ => {}
        }
    }

    /// Everything that is no patch: echoes, titles, snapshots of the older form, read-outs.
    fn other(&mut self, doc: &Doc<'_>, viewer: &mut Viewer<'_>) {
        let kind = text_at(doc, doc.root(), "type");
        if kind.as_deref() == Some("message_stream_complete") {
            self.open.close_below("", viewer.view());
        }
        viewer.leaves(Some(doc.root()), &Surface::Prose);
    }

    /// A message to a tool is an argument: it may reach others.
    fn surface(&self) -> Surface {
        match &self.message.tool {
            Some(tool) => Surface::ToolText { tool: Some(tool.clone()) },
            None => Surface::Prose,
        }
    }
}

fn describe(doc: &Doc<'_>, message: Node) -> Message {
    let recipient = text_at(doc, message, "recipient").unwrap_or_else(|| "all".to_owned());
    let role = doc.get(message, "author").and_then(|author| text_at(doc, author, "role"));
    let kind = doc.get(message, "content").and_then(|content| text_at(doc, content, "content_type"));
    let channel = text_at(doc, message, "channel");
    let textual = kind.is_none_or(|kind| matches!(kind.as_str(), "text" | "multimodal_text"));
    let shown = channel.is_none_or(|channel| channel == "final");
    Message {
        answers: role.as_deref() == Some("assistant") && recipient == "all" && textual && shown,
        tool: Some(recipient).filter(|recipient| recipient != "all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::{check_stream, check_whole, events};

    fn reader() -> Box<dyn Reader> {
        Box::new(ChatgptReader::default())
    }

    /// As in the site's own stream: an echo of the user, then the answer.
    const STREAM: &str = concat!(
        "event: delta_encoding\ndata: \"v1\"\n\n",
        "data: {\"type\":\"resume_conversation_token\",\"kind\":\"topic\",\"token\":\"eyJ.x.y\"}\n\n",
        "event: delta\ndata: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"id\":\"u\",\"author\":{\"role\":\"user\"},\"content\":{\"content_type\":\"text\",\"parts\":[\"my text\"]},\"status\":\"finished_successfully\",\"recipient\":\"all\"},\"conversation_id\":\"C\"},\"c\":0}\n\n",
        "event: delta\ndata: {\"v\":{\"message\":{\"id\":\"a\",\"author\":{\"role\":\"assistant\"},\"content\":{\"content_type\":\"text\",\"parts\":[\"\"]},\"status\":\"in_progress\",\"end_turn\":null,\"recipient\":\"all\",\"channel\":\"final\"},\"conversation_id\":\"C\"},\"c\":1}\n\n",
        "event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"Answered \"}\n\n",
        "event: delta\ndata: {\"v\":\"locally.\"}\n\n",
        "event: delta\ndata: {\"p\":\"\",\"o\":\"patch\",\"v\":[{\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\" Bye.\"},{\"p\":\"/message/status\",\"o\":\"replace\",\"v\":\"finished_successfully\"},{\"p\":\"/message/end_turn\",\"o\":\"replace\",\"v\":true},{\"p\":\"/message/metadata\",\"o\":\"append\",\"v\":{\"is_complete\":true}}]}\n\n",
        "data: {\"type\":\"message_stream_complete\",\"conversation_id\":\"C\"}\n\n",
        "data: [DONE]\n\n",
    );

    #[test]
    fn patches_are_one_running_text() {
        check_stream(reader(), STREAM, &[("2/message/content/parts/0", "prose", "Answered locally. Bye.")]);
    }

    #[test]
    fn the_echo_is_a_whole_text_and_the_last_words_are_found_once() {
        let (mut wholes, mut ends) = (Vec::new(), Vec::new());
        events(&mut ChatgptReader::default(), STREAM.as_bytes(), &mut |data, view| {
            let of = view.fields.iter().filter(|field| field.channel == "alone");
            wholes.extend(of.map(|field| String::from_utf8(data[field.range.clone()].to_vec()).unwrap()));
            ends.extend(view.last_words);
            assert!(view.inserts.is_empty(), "nothing was rewritten");
        });
        assert_eq!(wholes, ["my text"]);
        assert_eq!(ends, ["2/message/content/parts/0"]);
    }

    /// Feeds documents; gives the reader after the last and its view.
    fn after(documents: &[&str]) -> (ChatgptReader, View) {
        let (mut reader, mut view) = (ChatgptReader::default(), View::default());
        for document in documents {
            let doc = Doc::parse(document.as_bytes(), &crate::wire::Limits::default()).unwrap();
            view = reader.view(Some("delta"), Some(&doc));
        }
        (reader, view)
    }

    #[test]
    fn held_text_goes_into_the_event_that_ends_it_and_the_next_names_what_it_inherits() {
        let status = r#"{"p":"/message/status","o":"replace","v":"finished_successfully"}"#;
        let (mut reader, view) = after(&[r#"{"p":"/message/content/parts/0","o":"append","v":"a"}"#, status]);
        assert_eq!(view.closes, ["0/message/content/parts/0"]);
        let doc = Doc::parse(status.as_bytes(), &crate::wire::Limits::default()).unwrap();
        let Some(Delivery::Within(bytes)) = reader.deliver(&view.closes[0], "tail", Some(&doc)) else {
            panic!("within")
        };
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            format!(
                r#"{{"p":"","o":"patch","v":[{{"p":"/message/content/parts/0","o":"append","v":"tail"}},{status}]}}"#
            )
        );
        let next = br#"{"v":"x"}"#;
        let doc = Doc::parse(next, &crate::wire::Limits::default()).unwrap();
        let view = reader.view(Some("delta"), Some(&doc));
        assert_eq!(view.inserts, [(1, br#""p":"/message/status","o":"replace","#.to_vec())]);
    }

    #[test]
    fn held_text_of_the_message_before_goes_in_front_of_a_new_one() {
        let add = r#"{"v":{"message":{"id":"b","author":{"role":"assistant"},"content":{"parts":[""]},"status":"in_progress"}}}"#;
        let first = r#"{"p":"","o":"add","v":{"message":{"id":"a","author":{"role":"assistant"},"content":{"parts":["te"]},"status":"in_progress"}}}"#;
        let (mut reader, view) = after(&[first, add]);
        assert_eq!(view.closes, ["1/message/content/parts/0"]);
        assert_eq!(view.inserts, [(1, br#""p":"","o":"add","#.to_vec())], "it no longer inherits the right thing");
        let doc = Doc::parse(add.as_bytes(), &crate::wire::Limits::default()).unwrap();
        let Some(Delivery::Before(bytes)) = reader.deliver(&view.closes[0], "xt", Some(&doc)) else { panic!("before") };
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"xt\"}\n\n"
        );
    }

    #[test]
    fn a_call_of_a_tool_is_no_prose() {
        let add = r#"{"p":"","o":"add","v":{"message":{"id":"a","author":{"role":"assistant"},"content":{"content_type":"code","language":"unknown","text":""},"status":"in_progress","recipient":"web.run"}}}"#;
        let (_, view) = after(&[add, r#"{"p":"/message/content/text","o":"append","v":"search"}"#]);
        assert_eq!(view.fields[0].surface, Surface::ToolText { tool: Some("web.run".to_owned()) });
    }

    #[test]
    fn snapshots_titles_and_history_are_whole_texts() {
        check_whole(
            reader(),
            r#"{"message":{"id":"a","author":{"role":"assistant"},"content":{"content_type":"text","parts":["hi"]},"status":"in_progress"},"conversation_id":"C","error":null}"#,
            &[("prose", "hi")],
        );
        check_whole(
            reader(),
            r#"{"type":"title_generation","title":"About EMAIL","conversation_id":"C"}"#,
            &[("prose", "About EMAIL")],
        );
        check_whole(
            reader(),
            r#"{"title":"T","mapping":{"n":{"id":"n","message":{"id":"n","content":{"content_type":"text","parts":["one"]}},"parent":"r","children":["m"]}}}"#,
            &[("prose", "T"), ("prose", "one")],
        );
    }
}
