//! Speaks OpenAI responses: the API's and, with a ChatGPT login, Codex's. Documented by the vendor; checked against
//! openai-py 3.57 and Codex 0.169, 2026-11. Reasoning comes back signed, so it is left alone; unknown events pass.
//!
//! ```text
//! event: response.output_text.delta
//! data: {"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"hi","logprobs":[]}
//! ```
//! The same text returns up to four times: `delta`, `.done`, `content_part.done` / `output_item.done`,
//! `response.completed`. All of them are read, since clients differ in which one they keep.

mod reader;
mod writer;

use serde_json::Value;

use super::{reply, request};
use crate::site::{Answer, Conversation, Head, Reader, Reply, Speaker, Turn, Writer};

/// The family `openai_responses`.
pub(super) struct OpenaiResponses;

impl Answer for OpenaiResponses {
    fn name(&self) -> &'static str {
        "openai_responses"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(reader::ResponsesReader::default())
    }

    fn conversation(&self, head: &Head, body: &[u8]) -> Conversation {
        let body = request::json(body);
        let named = ["/previous_response_id", "/conversation/id", "/conversation"];
        let id = named.iter().find_map(|at| request::string(&body, at));
        Conversation {
            turns: turns(&body),
            id: id.or_else(|| request::id_after(&head.path, "responses")).map(str::to_owned),
            max_tokens: request::limit(&body, &["max_output_tokens"]),
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    fn writer(&self, _head: &Head, body: &[u8], seed: [u8; 16], now: u64) -> Box<dyn Writer> {
        writer::writer(&request::json(body), &seed, now)
    }

    fn error(&self, message: &str) -> Reply {
        reply::openai_error(message)
    }

    /// `{"type":"error","status":400,"error":{…}}`: shown once, and not tried again.
    fn error_message(&self, error: &Reply) -> Option<Vec<u8>> {
        let members = error.body.strip_prefix(b"{")?;
        Some([br#"{"type":"error","status":400,"#, members].concat())
    }

    fn history(&self, _head: &Head, _id: &str, _turns: &[Turn], _now: u64) -> Option<Reply> {
        None
    }
}

fn turns(body: &Value) -> Vec<Turn> {
    let mut turns = Vec::new();
    request::push(&mut turns, Speaker::System, body.get("instructions").map(request::text).unwrap_or_default());
    match body.get("input") {
        Some(Value::Array(items)) => items.iter().for_each(|item| push_item(&mut turns, item)),
        Some(input) => request::push(&mut turns, Speaker::User, request::text(input)),
        None => {}
    }
    turns
}

fn push_item(turns: &mut Vec<Turn>, item: &Value) {
    let kind = request::string(item, "/type").unwrap_or("message");
    let of = |key: &str| item.get(key).map(request::text).unwrap_or_default();
    match kind {
        "message" => {
            let speaker = request::speaker(request::string(item, "/role").unwrap_or("user"));
            request::push(turns, speaker, of("content"));
        }
        "function_call" => request::push(turns, Speaker::Assistant, request::call(item.get("name"), &of("arguments"))),
        "custom_tool_call" => request::push(turns, Speaker::Assistant, request::call(item.get("name"), &of("input"))),
        // A tool's result; everything else (reasoning, references) has no text for another model.
        other if other.ends_with("_output") => request::push(turns, Speaker::User, of("output")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_and_the_previous_response_are_read() {
        let body = br#"{"model":"m","instructions":"be brief","previous_response_id":"resp_scrim_1","max_output_tokens":9,"stream":true,"input":[
            {"role":"user","content":[{"type":"input_text","text":"a"}]},
            {"type":"reasoning","summary":[],"encrypted_content":"x"},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":"42"}]}"#;
        let read = OpenaiResponses.conversation(&Head::default(), body);
        let said: Vec<(Speaker, &str)> = read.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Speaker::System, "be brief"),
                (Speaker::User, "a"),
                (Speaker::Assistant, "[called f with {}]"),
                (Speaker::User, "42")
            ]
        );
        assert_eq!((read.id.as_deref(), read.max_tokens, read.stream), (Some("resp_scrim_1"), Some(9), true));
        assert_eq!(OpenaiResponses.conversation(&Head::default(), br#"{"input":"hi"}"#).turns.len(), 1);
    }
}
