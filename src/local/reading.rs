//! From the bytes of a local model's answer to what it says: OpenAI's stream, Ollama's lines, or one JSON document where
//! a server does not stream. Sans-io; knows the servers' habits and forgives them.
//!
//! ```text
//! : ping                                                                      comments
//! data: {"choices":[{"delta":{"role":"assistant","content":null}}]}           content null, role or none
//! data: {"choices":[{"delta":{"reasoning_content":"…"}}]}                     thoughts: not shown
//! data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}
//! data: {"choices":[{"delta":{},"finish_reason":"stop"}]}
//! data: {"choices":[],"usage":{"prompt_tokens":12}}                           no choices
//! data: {"error":{"type":"server_error"}}                                     an error inside a 200
//! data: [DONE]                                                                or nothing
//! ```

use serde_json::Value;

use super::{LocalError, think::Think};
use crate::{
    site::Finish,
    wire::{Limits, ndjson::NdjsonReader, sse::SseReader},
};

/// Bytes of an answer that is one document.
const DOCUMENT_MAX: usize = 2 << 20;

/// What a piece of the answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Text for the reader; may be empty while the model thinks.
    Text(String),
    /// The model has stopped, and why.
    Finished(Finish),
    /// Tokens of the question, as the server counted them.
    Counted(u64),
    /// Nothing more will come.
    Done,
    /// The server reports an error of this type.
    Failed(String),
}

/// How the answer is framed.
#[derive(Debug)]
pub(super) enum Framing {
    /// Server-sent events.
    Events(SseReader),
    /// A JSON document a line.
    Lines(NdjsonReader),
    /// One document, complete at the end.
    Document(Vec<u8>),
}

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reading {
    framing: Framing,
    think: Think,
}

impl Reading {
    /// By the response's content type; events when it does not say.
    pub(super) fn new(content_type: &str) -> Self {
        let limits = Limits::default();
        let framing = match content_type.split(';').next().unwrap_or_default().trim() {
            "application/x-ndjson" | "application/jsonl" => Framing::Lines(NdjsonReader::new(&limits)),
            "application/json" => Framing::Document(Vec::new()),
            _ => Framing::Events(SseReader::new(&limits)),
        };
        Self { framing, think: Think::default() }
    }

    /// Takes in bytes and appends what they say.
    ///
    /// # Errors
    /// When an event is larger than any answer needs.
    pub(super) fn push(&mut self, bytes: &[u8], said: &mut Vec<Said>) -> Result<(), LocalError> {
        let think = &mut self.think;
        let result = match &mut self.framing {
            Framing::Events(events) => events.push(bytes, &mut |event| data(&event.data, think, said)),
            Framing::Lines(lines) => lines.push(bytes, &mut |line| data(line.data, think, said)),
            Framing::Document(document) => {
                document.extend_from_slice(bytes);
                if document.len() > DOCUMENT_MAX {
                    return Err(LocalError::Broken { why: format!("it is larger than {DOCUMENT_MAX} bytes") });
                }
                Ok(())
            }
        };
        result.map_err(|error| LocalError::Broken { why: error.to_string() })
    }

    /// The stream is over: a last event without its end, and text that was held.
    pub(super) fn finish(&mut self, said: &mut Vec<Said>) {
        let think = &mut self.think;
        match &mut self.framing {
            Framing::Events(events) => events.finish(&mut |event| data(&event.data, think, said)),
            Framing::Lines(lines) => lines.finish(&mut |line| data(line.data, think, said)),
            Framing::Document(document) => data(&std::mem::take(document), think, said),
        }
        let held = self.think.finish();
        if !held.is_empty() {
            said.push(Said::Text(held));
        }
    }
}

fn data(bytes: &[u8], think: &mut Think, said: &mut Vec<Said>) {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return;
    }
    if bytes == b"[DONE]" {
        return said.push(Said::Done);
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => document(&value, think, said),
        Err(_) => said.push(Said::Failed("data that is no JSON".to_owned())),
    }
}

fn document(value: &Value, think: &mut Think, said: &mut Vec<Said>) {
    if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
        let named = error["type"].as_str().or_else(|| error["code"].as_str()).unwrap_or("error");
        return said.push(Said::Failed(short_name(named)));
    }
    let choice = &value["choices"][0];
    let content = [&choice["delta"]["content"], &choice["message"]["content"], &value["message"]["content"]]
        .into_iter()
        .find_map(Value::as_str);
    said.push(Said::Text(content.map(|text| think.push(text)).unwrap_or_default()));
    let reason = choice["finish_reason"].as_str().or_else(|| value["done_reason"].as_str());
    let over = value["done"].as_bool() == Some(true);
    if reason.is_some() || over {
        said.push(Said::Finished(if reason == Some("length") { Finish::Length } else { Finish::Stop }));
    }
    if let Some(tokens) = value["usage"]["prompt_tokens"].as_u64() {
        said.push(Said::Counted(tokens));
    }
    if over {
        said.push(Said::Done);
    }
}

/// An error's type is a name; prose could repeat the prompt.
pub(super) fn short_name(name: &str) -> String {
    let is_name =
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if is_name { name.to_owned() } else { "error".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reader sees, how it ended, and what else was said; the same however the bytes are cut.
    fn read(content_type: &str, bytes: &[u8]) -> (String, Vec<Said>) {
        let at = |step: usize| {
            let mut reading = Reading::new(content_type);
            let mut said = Vec::new();
            bytes.chunks(step).for_each(|chunk| reading.push(chunk, &mut said).unwrap());
            reading.finish(&mut said);
            let text: String =
                said.iter().filter_map(|s| if let Said::Text(text) = s { Some(text.as_str()) } else { None }).collect();
            said.retain(|s| !matches!(s, Said::Text(_)));
            (text, said)
        };
        let whole = at(bytes.len().max(1));
        for step in 1..bytes.len().min(40) {
            assert_eq!(at(step), whole, "pieces of {step}");
        }
        whole
    }

    #[test]
    fn llama_cpp_streams_are_read_with_null_content_and_usage_without_choices() {
        let stream = b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"Gr\"}}]}\n\n: ping\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"\xc3\xbc\xc3\x9fe\"},\"finish_reason\":null}]}\n\n\
            data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n\
            data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12}}\n\ndata: [DONE]\n\n";
        let (text, said) = read("text/event-stream; charset=utf-8", stream);
        assert_eq!(text, "Grüße");
        assert_eq!(said, [Said::Finished(Finish::Length), Said::Counted(12), Said::Done]);
    }

    #[test]
    fn crlf_missing_done_and_a_cut_last_event_are_forgiven() {
        let stream = b"data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"!\"},\"finish_reason\":\"stop\"}]}";
        assert_eq!(read("", stream), ("Hi!".to_owned(), vec![Said::Finished(Finish::Stop)]));
    }

    #[test]
    fn thoughts_are_not_shown() {
        let stream = b"data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"<think>hm\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"</think>Yes\"}}]}\n\n";
        assert_eq!(read("text/event-stream", stream).0, "Yes");
    }

    #[test]
    fn errors_inside_a_stream_are_errors_and_their_prose_is_dropped() {
        let stream =
            b"event: error\ndata: {\"error\":{\"message\":\"bad prompt: hunter2\",\"type\":\"server_error\"}}\n\n";
        assert_eq!(read("text/event-stream", stream).1, [Said::Failed("server_error".to_owned())]);
        let line = b"{\"error\":\"model 'hunter2' broke\"}\n";
        assert_eq!(read("application/x-ndjson", line).1, [Said::Failed("error".to_owned())]);
        assert_eq!(read("", b"data: <html>\n\n").1, [Said::Failed("data that is no JSON".to_owned())]);
    }

    #[test]
    fn ollamas_lines_are_read() {
        let stream = b"{\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n\
            {\"message\":{\"content\":\"Hi\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n";
        assert_eq!(
            read("application/x-ndjson", stream),
            ("Hi".to_owned(), vec![Said::Finished(Finish::Stop), Said::Done])
        );
    }

    #[test]
    fn a_server_that_does_not_stream_is_read_too() {
        let document = b"{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3}}";
        assert_eq!(
            read("application/json", document),
            ("Hi".to_owned(), vec![Said::Finished(Finish::Stop), Said::Counted(3)])
        );
    }
}
