//! Reads messages, streamed or whole. One running text per content block. claude.ai's stream is the same dialect.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    site::{
        Channel, Delivery, Reader, Surface, View,
        answer::fields::{Open, Viewer, elements, text_at},
    },
    wire::{
        json::{Doc, Node},
        sse,
    },
};

/// Blocks remembered in one answer.
const BLOCKS_MAX: usize = 4096;
/// Channel for what is said after the last block: it gets a block of its own.
const AFTERWORD: &str = "afterword";

/// Channels: `text/{index}`, `json/{index}`, `completion` and `afterword`.
#[derive(Default)]
pub(in crate::site::answer) struct MessagesReader {
    open: Open,
    /// Name of the tool by block.
    tools: BTreeMap<u64, String>,
    /// Index that the next block would have.
    next_index: u64,
    /// Time of the last block's end, where the dialect tells it (claude.ai).
    stamp: Option<String>,
}

impl Reader for MessagesReader {
    fn view(&mut self, _name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let Some(doc) = document else {
            let mut view = View::default();
            self.open.close_below("", &mut view);
            return view;
        };
        let mut viewer = Viewer::new(doc);
        if !self.event(doc, &mut viewer) {
            viewer.leaves(Some(doc.root()), &Surface::Prose);
        }
        viewer.finish()
    }

    fn deliver(&mut self, channel: &Channel, text: &str, _document: Option<&Doc<'_>>) -> Option<Delivery> {
        let mut out = Vec::new();
        match channel.split_once('/') {
            Some(("text", index)) => piece(index.parse().ok()?, &json!({"type": "text_delta", "text": text}), &mut out),
            Some(("json", index)) => {
                piece(index.parse().ok()?, &json!({"type": "input_json_delta", "partial_json": text}), &mut out);
            }
            Some(_) => return None,
            None if channel == AFTERWORD => self.afterword(text, &mut out),
            None => {
                let event = json!({"type": "completion", "completion": text, "stop_reason": null});
                sse::write(Some("completion"), event.to_string().as_bytes(), &mut out);
            }
        }
        Some(Delivery::Before(out))
    }
}

fn piece(index: u64, delta: &serde_json::Value, out: &mut Vec<u8>) {
    let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
    sse::write(Some("content_block_delta"), event.to_string().as_bytes(), out);
}

impl MessagesReader {
    /// Reads an event or document of this dialect; false for any other.
    pub(in crate::site::answer) fn event(&mut self, doc: &Doc<'_>, viewer: &mut Viewer<'_>) -> bool {
        let root = doc.root();
        let Some(kind) = text_at(doc, root, "type") else { return false };
        let index = doc.get(root, "index").and_then(|node| doc.as_u64(node)).unwrap_or(0);
        match kind.as_str() {
            "message_start" => {
                if let Some(message) = doc.get(root, "message") {
                    blocks(doc, message, viewer);
                }
            }
            "content_block_start" => self.start(doc, index, viewer),
            "content_block_delta" => self.delta(doc, index, viewer),
            "content_block_stop" => {
                self.stamp = text_at(doc, root, "stop_timestamp").or_else(|| self.stamp.take());
                self.open.close(&format!("text/{index}"), viewer.view());
                self.open.close(&format!("json/{index}"), viewer.view());
            }
            "message_delta" => self.message_delta(doc, viewer.view()),
            "message_stop" => self.open.close_below("", viewer.view()),
            "message" => blocks(doc, root, viewer),
            "completion" => self.completion(doc, viewer),
            "ping" => {}
            _ => return false,
        }
        true
    }

    fn start(&mut self, doc: &Doc<'_>, index: u64, viewer: &mut Viewer<'_>) {
        self.next_index = self.next_index.max(index.saturating_add(1));
        let Some(block) = doc.get(doc.root(), "content_block") else { return };
        match text_at(doc, block, "type").as_deref() {
            // Its text is the beginning of the running text, if it has any.
            Some("text") => {
                let channel = format!("text/{index}");
                if viewer.delta(doc.get(block, "text"), &channel, Surface::Prose) {
                    self.open.add(&channel);
                }
            }
            Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
                let name = text_at(doc, block, "name").filter(|_| self.tools.len() < BLOCKS_MAX);
                self.tools.extend(name.map(|name| (index, name)));
                block_fields(doc, block, viewer);
            }
            Some(_) | None => block_fields(doc, block, viewer),
        }
    }

    fn delta(&mut self, doc: &Doc<'_>, index: u64, viewer: &mut Viewer<'_>) {
        let Some(delta) = doc.get(doc.root(), "delta") else { return };
        let kind = text_at(doc, delta, "type").unwrap_or_default();
        let (key, channel, surface) = match kind.as_str() {
            "text_delta" => ("text", format!("text/{index}"), Surface::Prose),
            "input_json_delta" => {
                let tool = self.tools.get(&index).cloned();
                ("partial_json", format!("json/{index}"), Surface::ToolJson { tool })
            }
            "thinking_delta" | "signature_delta" | "compaction_delta" => return,
            // `citations_delta`, and what is not known yet: texts that stand alone.
            _ => return viewer.leaves(Some(delta), &Surface::Prose),
        };
        if viewer.delta(doc.get(delta, key), &channel, surface) {
            self.open.add(&channel);
        }
    }

    /// The reason for the end is known after the last block has ended, so what is added gets a block of its own.
    fn message_delta(&mut self, doc: &Doc<'_>, view: &mut View) {
        let reason = doc.get(doc.root(), "delta").and_then(|delta| text_at(doc, delta, "stop_reason"));
        if reason.is_some_and(|reason| matches!(reason.as_str(), "end_turn" | "max_tokens" | "stop_sequence")) {
            view.closes.push(AFTERWORD.to_owned());
            view.last_words = Some(AFTERWORD.to_owned());
        }
    }

    fn afterword(&mut self, text: &str, out: &mut Vec<u8>) {
        let index = self.next_index;
        self.next_index = index.saturating_add(1);
        let mut block = json!({"type": "text", "text": ""});
        let mut stop = json!({"type": "content_block_stop", "index": index});
        if let Some(stamp) = &self.stamp {
            block =
                json!({"start_timestamp": stamp, "stop_timestamp": null, "type": "text", "text": "", "citations": []});
            stop = json!({"type": "content_block_stop", "index": index, "stop_timestamp": stamp});
        }
        let start = json!({"type": "content_block_start", "index": index, "content_block": block});
        sse::write(Some("content_block_start"), start.to_string().as_bytes(), out);
        piece(index, &json!({"type": "text_delta", "text": text}), out);
        sse::write(Some("content_block_stop"), stop.to_string().as_bytes(), out);
    }

    /// The older stream of `/v1/complete` and of claude.ai's raw mode; a whole answer looks like its last event.
    fn completion(&mut self, doc: &Doc<'_>, viewer: &mut Viewer<'_>) {
        if viewer.delta(doc.get(doc.root(), "completion"), "completion", Surface::Prose) {
            self.open.add("completion");
        }
        if text_at(doc, doc.root(), "stop_reason").is_some() {
            self.open.add("completion");
            self.open.close("completion", viewer.view());
            viewer.view().last_words = Some("completion".to_owned());
        }
    }
}

fn blocks(doc: &Doc<'_>, message: Node, viewer: &mut Viewer<'_>) {
    for block in elements(doc, message, "content") {
        block_fields(doc, block, viewer);
    }
}

/// A block that is there at once.
fn block_fields(doc: &Doc<'_>, block: Node, viewer: &mut Viewer<'_>) {
    match text_at(doc, block, "type").as_deref() {
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            // An object: its strings are not JSON inside JSON.
            let tool = text_at(doc, block, "name");
            viewer.arguments(doc.get(block, "input"), &Surface::ToolText { tool });
        }
        Some(_) | None => viewer.leaves(Some(block), &Surface::Prose),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::{check_stream, check_whole, events};

    fn reader() -> Box<dyn Reader> {
        Box::new(MessagesReader::default())
    }

    const STREAM: &str = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[]}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hidden\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"Write\",\"input\":{}}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\"\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );

    #[test]
    fn blocks_are_running_texts_and_thinking_is_none() {
        check_stream(reader(), STREAM, &[("json/2", "json Write", "{\"a\""), ("text/1", "prose", "hi")]);
    }

    #[test]
    fn what_is_added_at_the_end_gets_a_block_of_its_own() {
        let mut reader = MessagesReader::default();
        let mut places = Vec::new();
        events(&mut reader, STREAM.as_bytes(), &mut |_, view| places.extend(view.last_words));
        assert_eq!(places, ["afterword"]);
        let Some(Delivery::Before(bytes)) = reader.deliver(&places[0], "by the way", None) else { panic!("a block") };
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches("\"index\":3").count(), 3, "{text}");
        check_stream(Box::new(MessagesReader::default()), &text, &[("text/3", "prose", "by the way")]);
    }

    #[test]
    fn a_whole_message_gives_text_and_arguments() {
        let body = r#"{"id":"msg_1","type":"message","role":"assistant","content":[
            {"type":"thinking","thinking":"no","signature":"x"},{"type":"text","text":"hi"},
            {"type":"tool_use","id":"toolu_1","name":"Write","input":{"type":"x","id":"EMAIL"}}],"stop_reason":"tool_use"}"#;
        check_whole(reader(), body, &[("prose", "hi"), ("text Write", "x"), ("text Write", "EMAIL")]);
    }

    #[test]
    fn held_text_is_delivered_before_the_block_ends() {
        let mut reader = MessagesReader::default();
        let Some(Delivery::Before(bytes)) = reader.deliver(&"json/2".to_owned(), "\"x\"}", None) else {
            panic!("a delta")
        };
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\\\"x\\\"}\"}}\n\n"
        );
    }
}
