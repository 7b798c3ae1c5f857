//! Speaks Anthropic messages: SDKs and Claude Code. Documented by the vendor; checked against anthropic-py 2.13 and
//! Claude Code 2.1, 2026-11. Signed blocks (thinking, compaction) are left alone; unknown blocks and deltas pass.
//!
//! ```text
//! event: content_block_delta
//! data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}
//! ```
//! The SDKs dispatch on the `event:` line and drop events without one.

pub(super) mod reader;
pub(super) mod writer;

use serde_json::{Value, json};

use super::{reply, request};
use crate::site::{Answer, Conversation, Head, Reader, Reply, Speaker, Turn, Writer};

/// The family `anthropic_messages`.
pub(super) struct AnthropicMessages;

impl Answer for AnthropicMessages {
    fn name(&self) -> &'static str {
        "anthropic_messages"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(reader::MessagesReader::default())
    }

    fn conversation(&self, _head: &Head, body: &[u8]) -> Conversation {
        let body = request::json(body);
        Conversation {
            turns: turns(&body),
            id: None,
            max_tokens: request::limit(&body, &["max_tokens", "max_tokens_to_sample"]),
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    fn writer(&self, _head: &Head, body: &[u8], seed: [u8; 16], _now: u64) -> Box<dyn Writer> {
        writer::api_writer(&request::json(body), &seed)
    }

    fn error(&self, message: &str) -> Reply {
        reply::program_error(&error(message))
    }

    fn history(&self, _head: &Head, _id: &str, _turns: &[Turn], _now: u64) -> Option<Reply> {
        None
    }
}

/// The error document of the API and of claude.ai.
pub(super) fn error(message: &str) -> Value {
    json!({
        "type": "error",
        "error": {"type": "invalid_request_error", "message": message},
        "request_id": "req_scrim_blocked"
    })
}

fn turns(body: &Value) -> Vec<Turn> {
    let mut turns = Vec::new();
    request::push(&mut turns, Speaker::System, body.get("system").map(request::text).unwrap_or_default());
    for message in body.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let speaker = request::speaker(request::string(message, "/role").unwrap_or("user"));
        request::push(&mut turns, speaker, message.get("content").map(request::text).unwrap_or_default());
    }
    if let Some(prompt) = body.get("prompt") {
        request::push(&mut turns, Speaker::User, request::text(prompt));
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_read_without_signed_blocks() {
        let body = br#"{"model":"m","max_tokens":5,"system":[{"type":"text","text":"sys"}],"messages":[
            {"role":"user","content":"a"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"no","signature":"x"},{"type":"text","text":"b"},
              {"type":"tool_use","id":"t","name":"f","input":{"k":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"42"}]},
              {"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"}}]}]}"#;
        let read = AnthropicMessages.conversation(&Head::default(), body);
        let said: Vec<(Speaker, &str)> = read.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Speaker::System, "sys"),
                (Speaker::User, "a"),
                (Speaker::Assistant, "b\n[called f with {\"k\":1}]"),
                (Speaker::User, "42\ndoc")
            ]
        );
        assert!(!read.stream);
    }

    #[test]
    fn an_error_has_the_vendors_shape() {
        let body: Value = serde_json::from_slice(&AnthropicMessages.error("no").body).unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(body["error"]["message"], "no");
    }
}
