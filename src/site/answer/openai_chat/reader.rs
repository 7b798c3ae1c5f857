//! Reads chat completions, streamed or whole. One running text per choice, and per tool call within it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    site::{
        Channel, Delivery, Reader, Surface, View,
        answer::fields::{Open, Viewer, elements, text_at},
    },
    wire::{
        json::{Doc, Kind, Node},
        sse,
    },
};

/// Tool names remembered in one answer.
const TOOLS_MAX: usize = 1024;

/// What all chunks of one answer have in common, in the order in which the vendor writes it.
const FRAME_KEYS: &[&str] = &["id", "object", "created", "model"];

/// Channels: `0/content`, `0/refusal`, `0/transcript`, `0/text`, `0/call`, `0/tool/3`, `0/custom/3`.
#[derive(Default)]
pub(super) struct ChatReader {
    open: Open,
    /// Name of the tool by channel; later chunks of a call have its index only.
    tools: BTreeMap<Channel, String>,
    /// The common members of the last chunk, for chunks of our own.
    frame: BTreeMap<&'static str, Value>,
}

impl Reader for ChatReader {
    fn view(&mut self, _name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let Some(doc) = document else {
            let mut view = View::default();
            self.open.close_below("", &mut view);
            return view;
        };
        let mut viewer = Viewer::new(doc);
        let choices = elements(doc, doc.root(), "choices");
        if choices.is_empty() {
            self.other(doc, &mut viewer);
        }
        for (position, choice) in choices.into_iter().enumerate() {
            self.choice(doc, choice, position, &mut viewer);
        }
        self.remember(doc);
        viewer.finish()
    }

    fn deliver(&mut self, channel: &Channel, text: &str, _document: Option<&Doc<'_>>) -> Option<Delivery> {
        let (choice, field) = channel.split_once('/')?;
        let index: u64 = choice.parse().ok()?;
        let known = FRAME_KEYS.iter().filter_map(|key| Some(((*key).to_owned(), self.frame.get(key)?.clone())));
        let mut chunk: serde_json::Map<String, Value> = known.collect();
        let body = match field.split_once('/') {
            Some(("tool", call)) => {
                json!({"tool_calls": [{"index": call.parse::<u64>().ok()?, "function": {"arguments": text}}]})
            }
            Some(("custom", call)) => {
                json!({"tool_calls": [{"index": call.parse::<u64>().ok()?, "custom": {"input": text}}]})
            }
            Some(_) => return None,
            None if field == "call" => json!({"function_call": {"arguments": text}}),
            None if field == "transcript" => json!({"audio": {"transcript": text}}),
            None => json!({ field: text }),
        };
        let choice = match field {
            "text" => json!({"index": index, "text": text, "logprobs": null, "finish_reason": null}),
            _ => json!({"index": index, "delta": body, "finish_reason": null}),
        };
        chunk.insert("choices".to_owned(), Value::Array(vec![choice]));
        let mut out = Vec::new();
        sse::write(None, Value::Object(chunk).to_string().as_bytes(), &mut out);
        Some(Delivery::Before(out))
    }
}

impl ChatReader {
    /// Errors, lists and whatever else a host of this dialect sends: every text stands alone.
    fn other(&mut self, doc: &Doc<'_>, viewer: &mut Viewer<'_>) {
        // A last chunk with `choices: []` has usage numbers only.
        if doc.get(doc.root(), "choices").is_none() {
            viewer.leaves(Some(doc.root()), &Surface::Prose);
        }
    }

    fn choice(&mut self, doc: &Doc<'_>, choice: Node, position: usize, viewer: &mut Viewer<'_>) {
        let index = doc.get(choice, "index").and_then(|node| doc.as_u64(node)).unwrap_or(position as u64);
        if let Some(delta) = doc.get(choice, "delta") {
            self.message(doc, delta, index, true, viewer);
        }
        if let Some(message) = doc.get(choice, "message") {
            self.message(doc, message, index, false, viewer);
        }
        // Legacy completions look the same streamed and whole: one piece that ends at once is a whole text, too.
        self.piece(doc.get(choice, "text"), &format!("{index}/text"), Surface::Prose, viewer);
        viewer.drop_arrays(doc.get(choice, "logprobs"));
        let finish = text_at(doc, choice, "finish_reason");
        if let Some(reason) = finish {
            self.finish(index, &reason, viewer.view());
        }
    }

    fn finish(&mut self, index: u64, reason: &str, view: &mut View) {
        let content = format!("{index}/content");
        if index == 0 && matches!(reason, "stop" | "length") {
            self.open.add(&content);
            view.last_words = Some(content);
        }
        self.open.close_below(&format!("{index}/"), view);
    }

    fn message(&mut self, doc: &Doc<'_>, message: Node, index: u64, streamed: bool, viewer: &mut Viewer<'_>) {
        let mut texts = vec![("content", doc.get(message, "content")), ("refusal", doc.get(message, "refusal"))];
        let audio = doc.get(message, "audio").and_then(|audio| doc.get(audio, "transcript"));
        texts.push(("transcript", audio));
        let parts = elements(doc, message, "content").into_iter();
        texts.extend(parts.map(|part| ("content", doc.get(part, "text"))));
        for (field, node) in texts {
            if streamed {
                self.piece(node, &format!("{index}/{field}"), Surface::Prose, viewer);
            } else {
                viewer.whole(node, Surface::Prose);
            }
        }
        if let Some(call) = doc.get(message, "function_call") {
            self.call(doc, call, "arguments", &format!("{index}/call"), streamed, viewer);
        }
        for (position, call) in elements(doc, message, "tool_calls").into_iter().enumerate() {
            let number = doc.get(call, "index").and_then(|node| doc.as_u64(node)).unwrap_or(position as u64);
            if let Some(function) = doc.get(call, "function") {
                self.call(doc, function, "arguments", &format!("{index}/tool/{number}"), streamed, viewer);
            }
            if let Some(custom) = doc.get(call, "custom") {
                self.call(doc, custom, "input", &format!("{index}/custom/{number}"), streamed, viewer);
            }
        }
    }

    /// One tool call; `key` tells JSON arguments from a plain input.
    fn call(&mut self, doc: &Doc<'_>, call: Node, key: &str, channel: &str, streamed: bool, viewer: &mut Viewer<'_>) {
        let named = text_at(doc, call, "name").filter(|name| !name.is_empty());
        if let Some(name) = named.clone().filter(|_| self.tools.len() < TOOLS_MAX) {
            self.tools.insert(channel.to_owned(), name);
        }
        let tool = if streamed { self.tools.get(channel).cloned() } else { named };
        let surface = if key == "arguments" { Surface::ToolJson { tool } } else { Surface::ToolText { tool } };
        if streamed {
            self.piece(doc.get(call, key), channel, surface, viewer);
        } else {
            viewer.whole(doc.get(call, key), surface);
        }
    }

    fn piece(&mut self, node: Option<Node>, channel: &str, surface: Surface, viewer: &mut Viewer<'_>) {
        if viewer.delta(node, channel, surface) {
            self.open.add(channel);
        }
    }

    fn remember(&mut self, doc: &Doc<'_>) {
        for key in FRAME_KEYS {
            let Some(node) = doc.get(doc.root(), key) else { continue };
            let raw = doc.bytes().get(doc.raw(node)).unwrap_or_default();
            let scalar = matches!(doc.kind(node), Kind::String | Kind::Number);
            if let Some(value) = serde_json::from_slice(raw).ok().filter(|_| scalar) {
                self.frame.insert(*key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::{check_stream, check_whole};

    fn reader() -> Box<dyn Reader> {
        Box::new(ChatReader::default())
    }

    #[test]
    fn interleaved_choices_and_tools_are_separate_texts() {
        let stream = concat!(
            r#"data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null},{"index":1,"delta":{"content":"b"},"finish_reason":null}]}"#,
            "\n\n",
            r#"data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"write","arguments":""}},{"index":1,"custom":{"name":"sh","input":"x"}}]}}]}"#,
            "\n\n",
            r#"data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}},{"index":1,"delta":{"content":"c"},"finish_reason":"stop"}]}"#,
            "\n\n",
            r#"data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
            "\n\n",
            "data: [DONE]\n\n",
        );
        check_stream(
            reader(),
            stream,
            &[
                ("0/content", "prose", "a"),
                ("0/custom/1", "text sh", "x"),
                ("0/tool/0", "json write", "{\"a\":"),
                ("1/content", "prose", "bc"),
            ],
        );
    }

    #[test]
    fn a_whole_answer_gives_its_texts_and_empties_logprobs() {
        let answer = r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a","refusal":null,
            "reasoning_content":"not this","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},
            "logprobs":{"content":[{"token":"a"}],"refusal":null},"finish_reason":"stop"}]}"#;
        let view = check_whole(reader(), answer, &[("prose", "a"), ("json f", "{}")]);
        assert_eq!(view.drops.len(), 1);
    }

    #[test]
    fn an_error_message_is_text() {
        let body = r#"{"error":{"message":"no such EMAIL","type":"invalid_request_error","param":null}}"#;
        check_whole(reader(), body, &[("prose", "no such EMAIL")]);
    }

    #[test]
    fn held_text_is_delivered_in_a_chunk_of_the_same_answer() {
        let mut reader = ChatReader::default();
        let chunk = br#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":2,"delta":{"content":"a"}}]}"#;
        let doc = Doc::parse(chunk, &crate::wire::Limits::default()).unwrap();
        reader.view(None, Some(&doc));
        let expected = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":2,"delta":{"content":"x\"y"},"finish_reason":null}]}"#;
        assert_eq!(
            reader.deliver(&"2/content".to_owned(), "x\"y", None),
            Some(Delivery::Before(format!("{expected}\n\n").into_bytes()))
        );
    }
}
