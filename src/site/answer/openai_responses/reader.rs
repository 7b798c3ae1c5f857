//! Reads responses, streamed or whole, from SSE or from the frames of a websocket.

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

/// Channels: `{event stem}/{output index}/{content index}/{item id}`, where the stem is the delta event's type without
/// `response.` and `.delta`.
#[derive(Default)]
pub(super) struct ResponsesReader {
    open: Open,
    /// Name of the tool by output index.
    tools: BTreeMap<u64, String>,
}

/// Members of the finishing event that repeat the text of the deltas, by stem, and where the text ends up.
const STEMS: &[(&str, &str, Kindred)] = &[
    ("output_text", "text", Kindred::Prose),
    ("refusal", "refusal", Kindred::Prose),
    ("function_call_arguments", "arguments", Kindred::Json),
    ("mcp_call_arguments", "arguments", Kindred::Json),
    ("custom_tool_call_input", "input", Kindred::Text),
    ("code_interpreter_call_code", "code", Kindred::Text),
    ("shell_call_command", "command", Kindred::Text),
    ("audio.transcript", "transcript", Kindred::Prose),
    ("output_audio_transcript", "transcript", Kindred::Prose),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kindred {
    Prose,
    Json,
    Text,
}

impl Reader for ResponsesReader {
    fn view(&mut self, _name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let Some(doc) = document else {
            let mut view = View::default();
            self.open.close_below("", &mut view);
            return view;
        };
        let mut viewer = Viewer::new(doc);
        let root = doc.root();
        match text_at(doc, root, "type") {
            Some(kind) if kind.starts_with("response.") || kind.starts_with("conversation.") => {
                self.event(doc, &kind, &mut viewer);
            }
            Some(kind) if kind == "error" => viewer.leaves(Some(root), &Surface::Prose),
            Some(_) | None => self.document(doc, root, &mut viewer),
        }
        viewer.finish()
    }

    fn deliver(&mut self, channel: &Channel, text: &str, document: Option<&Doc<'_>>) -> Option<Delivery> {
        let mut parts = channel.splitn(4, '/');
        let (stem, output, content) = (parts.next()?, parts.next()?, parts.next()?);
        let item = parts.next()?;
        let kind = format!("response.{stem}.delta");
        let sequence =
            document.and_then(|doc| doc.get(doc.root(), "sequence_number").and_then(|node| doc.as_u64(node)));
        let mut event =
            json!({"type": kind, "item_id": item, "output_index": output.parse::<u64>().ok()?, "delta": text});
        if let Value::Object(members) = &mut event {
            if let Some(number) = sequence {
                members.insert("sequence_number".to_owned(), json!(number));
            }
            if let Ok(index) = content.parse::<u64>() {
                members.insert("content_index".to_owned(), json!(index));
            }
            if stem == "output_text" {
                members.insert("logprobs".to_owned(), json!([]));
            }
        }
        let mut out = Vec::new();
        sse::write(Some(&kind), event.to_string().as_bytes(), &mut out);
        Some(Delivery::Before(out))
    }
}

impl ResponsesReader {
    fn event(&mut self, doc: &Doc<'_>, kind: &str, viewer: &mut Viewer<'_>) {
        let root = doc.root();
        let inner = kind.strip_prefix("response.").unwrap_or(kind);
        let (stem, phase) = inner.rsplit_once('.').unwrap_or_default();
        if let Some((_, done, kindred)) = STEMS.iter().find(|(known, _, _)| *known == stem) {
            return self.running(doc, (stem, phase), done, *kindred, viewer);
        }
        match inner {
            "content_part.added" | "content_part.done" => part(doc, doc.get(root, "part"), viewer),
            "output_item.added" | "output_item.done" => {
                if let Some(item) = doc.get(root, "item") {
                    self.learn_tool(doc, item);
                    read_item(doc, item, viewer);
                }
            }
            "output_text.annotation.added" => viewer.leaves(doc.get(root, "annotation"), &Surface::Prose),
            "shell_call_output_content.delta" => {
                let delta = doc.get(root, "delta");
                for stream in ["stdout", "stderr"] {
                    viewer.whole(delta.and_then(|delta| doc.get(delta, stream)), Surface::Prose);
                }
            }
            "shell_call_output_content.done" => viewer.leaves(doc.get(root, "output"), &Surface::Prose),
            // Readable reasoning belongs to an item that comes back signed.
            other if other.starts_with("reasoning") => {}
            "conversation.item.input_audio_transcription.completed" => {
                viewer.whole(doc.get(root, "transcript"), Surface::Prose);
            }
            _ => self.carrier(doc, kind, viewer),
        }
    }

    /// Events that carry the whole response, and those that nobody has described.
    fn carrier(&mut self, doc: &Doc<'_>, kind: &str, viewer: &mut Viewer<'_>) {
        let root = doc.root();
        match doc.get(root, "response").filter(|node| doc.kind(*node) == Kind::Object) {
            Some(response) => response_fields(doc, response, viewer),
            None => viewer.leaves(Some(root), &Surface::Prose),
        }
        if matches!(kind, "response.completed" | "response.incomplete" | "response.failed" | "response.done") {
            self.open.close_below("", viewer.view());
        }
    }

    /// A running text: `delta` continues it, `done` repeats it whole and ends it, `added` may begin it.
    fn running(
        &mut self,
        doc: &Doc<'_>,
        (stem, phase): (&str, &str),
        done: &str,
        kindred: Kindred,
        viewer: &mut Viewer<'_>,
    ) {
        let root = doc.root();
        let number = |key: &str| doc.get(root, key).and_then(|node| doc.as_u64(node));
        let output = number("output_index").unwrap_or(0);
        let content = ["content_index", "command_index"].iter().find_map(|key| number(key));
        let content = content.map(|index| index.to_string()).unwrap_or_default();
        let item = text_at(doc, root, "item_id").unwrap_or_default();
        let channel = format!("{stem}/{output}/{content}/{item}");
        let tool = self.tools.get(&output).cloned();
        let surface = match kindred {
            Kindred::Prose => Surface::Prose,
            Kindred::Json => Surface::ToolJson { tool },
            Kindred::Text => {
                Surface::ToolText { tool: tool.or_else(|| Some(stem.trim_end_matches("_code").to_owned())) }
            }
        };
        viewer.drop_arrays(doc.get(root, "logprobs"));
        match phase {
            "delta" | "added" => {
                let key = if phase == "delta" { "delta" } else { done };
                if viewer.delta(doc.get(root, key), &channel, surface) {
                    self.open.add(&channel);
                }
            }
            _ => {
                viewer.whole(doc.get(root, done), surface);
                self.open.close(&channel, viewer.view());
            }
        }
    }

    fn learn_tool(&mut self, doc: &Doc<'_>, item: Node) {
        let output = doc.get(doc.root(), "output_index").and_then(|node| doc.as_u64(node));
        let (Some(output), Some(name)) = (output, tool_name(doc, item)) else { return };
        if self.tools.len() < TOOLS_MAX {
            self.tools.insert(output, name);
        }
    }

    /// An answer that is no event: a response, a list of items, an error.
    fn document(&self, doc: &Doc<'_>, root: Node, viewer: &mut Viewer<'_>) {
        match text_at(doc, root, "object").as_deref() {
            Some("response" | "response.compaction") => response_fields(doc, root, viewer),
            Some("list") if doc.get(root, "data").is_some() => {
                elements(doc, root, "data").into_iter().for_each(|item| read_item(doc, item, viewer));
            }
            Some(_) | None => viewer.leaves(Some(root), &Surface::Prose),
        }
    }
}

fn response_fields(doc: &Doc<'_>, response: Node, viewer: &mut Viewer<'_>) {
    // The server repeats what the client sent; clients compare it.
    viewer.whole(doc.get(response, "instructions"), Surface::Prose);
    for item in elements(doc, response, "output") {
        read_item(doc, item, viewer);
    }
    viewer.leaves(doc.get(response, "error"), &Surface::Prose);
}

fn tool_name(doc: &Doc<'_>, item: Node) -> Option<String> {
    let kind = text_at(doc, item, "type")?;
    if kind == "message" {
        return None;
    }
    text_at(doc, item, "name").or_else(|| kind.strip_suffix("_call").map(str::to_owned))
}

/// An item of `output` or of a list.
fn read_item(doc: &Doc<'_>, item: Node, viewer: &mut Viewer<'_>) {
    let kind = text_at(doc, item, "type").unwrap_or_default();
    let tool = tool_name(doc, item);
    let child = |key: &str| doc.get(item, key);
    match kind.as_str() {
        "message" => elements(doc, item, "content").into_iter().for_each(|node| part(doc, Some(node), viewer)),
        "function_call" | "mcp_call" => {
            viewer.whole(child("arguments"), Surface::ToolJson { tool });
            viewer.leaves(child("output"), &Surface::Prose);
            viewer.leaves(child("error"), &Surface::Prose);
        }
        "custom_tool_call" => viewer.whole(child("input"), Surface::ToolText { tool }),
        "code_interpreter_call" => {
            viewer.whole(child("code"), Surface::ToolText { tool });
            viewer.leaves(child("outputs"), &Surface::Prose);
        }
        "local_shell_call" | "shell_call" | "computer_call" => {
            viewer.leaves(child("action"), &Surface::ToolText { tool })
        }
        "apply_patch_call" => viewer.leaves(child("operation"), &Surface::ToolText { tool }),
        "reasoning" | "compaction" | "image_generation_call" => {}
        _ => viewer.leaves(Some(item), &Surface::Prose),
    }
}

/// A content part of a message.
fn part(doc: &Doc<'_>, part: Option<Node>, viewer: &mut Viewer<'_>) {
    let Some(part) = part else { return };
    if text_at(doc, part, "type").is_some_and(|kind| kind.starts_with("reasoning") || kind.starts_with("summary")) {
        return;
    }
    for key in ["text", "refusal", "transcript"] {
        viewer.whole(doc.get(part, key), Surface::Prose);
    }
    viewer.leaves(doc.get(part, "annotations"), &Surface::Prose);
    viewer.drop_arrays(doc.get(part, "logprobs"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::{check_stream, check_whole, events};

    fn reader() -> Box<dyn Reader> {
        Box::new(ResponsesReader::default())
    }

    const STREAM: &str = concat!(
        "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"id\":\"fc\",\"type\":\"function_call\",\"name\":\"write\",\"arguments\":\"\"}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":3,\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":\"h\",\"logprobs\":[{\"token\":\"h\"}]}\n\n",
        "event: response.function_call_arguments.delta\ndata: {\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"fc\",\"output_index\":1,\"delta\":\"{\\\"a\\\"\"}\n\n",
        "event: response.reasoning_summary_text.delta\ndata: {\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":\"r\",\"output_index\":2,\"delta\":\"hidden\"}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":\"i\",\"logprobs\":[]}\n\n",
        "event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"text\":\"hi\",\"logprobs\":[]}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"output\":[{\"id\":\"m\",\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"hi\",\"annotations\":[],\"logprobs\":[{\"token\":\"hi\"}]}]}]}}\n\n",
    );

    #[test]
    fn deltas_are_running_texts_and_reasoning_is_none() {
        check_stream(
            reader(),
            STREAM,
            &[("function_call_arguments/1//fc", "json write", "{\"a\""), ("output_text/0/0/m", "prose", "hi")],
        );
    }

    #[test]
    fn repetitions_are_read_and_logprobs_dropped() {
        let mut seen = Vec::new();
        events(&mut ResponsesReader::default(), STREAM.as_bytes(), &mut |_, view| {
            seen.push((view.fields.len(), view.drops.len()))
        });
        assert_eq!(seen, [(1, 0), (1, 1), (1, 0), (0, 0), (1, 1), (1, 1), (1, 1)]);
    }

    #[test]
    fn a_whole_response_gives_every_item() {
        let body = r#"{"id":"resp_1","object":"response","instructions":"sys","output":[
            {"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"no"}],"encrypted_content":"x"},
            {"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]},
            {"type":"custom_tool_call","call_id":"c","name":"apply_patch","input":"*** Begin"},
            {"type":"function_call","call_id":"d","name":"f","arguments":"{}"}]}"#;
        check_whole(
            reader(),
            body,
            &[("prose", "sys"), ("prose", "hi"), ("text apply_patch", "*** Begin"), ("json f", "{}")],
        );
    }

    #[test]
    fn held_text_is_delivered_as_a_delta_of_the_same_item() {
        let mut reader = ResponsesReader::default();
        let Some(Delivery::Before(bytes)) = reader.deliver(&"output_text/0/0/m".to_owned(), "x", None) else {
            panic!("a delta event")
        };
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,\"delta\":\"x\",\"content_index\":0,\"logprobs\":[]}\n\n"
        );
    }
}
