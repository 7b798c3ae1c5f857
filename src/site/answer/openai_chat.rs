//! Speaks OpenAI chat completions (and legacy completions), the dialect of most API hosts. Documented by the vendor;
//! checked against openai-py 3.57, 2026-11. Signed or hidden reasoning is left alone; unknown fields pass.
//!
//! ```text
//! data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}
//!
//! data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
//!
//! data: [DONE]
//! ```

mod reader;
mod writer;

use serde_json::Value;

use super::{reply, request};
use crate::site::{Answer, Conversation, Head, Reader, Reply, Speaker, Turn, Writer};

/// The family `openai_chat`.
pub(super) struct OpenaiChat;

impl Answer for OpenaiChat {
    fn name(&self) -> &'static str {
        "openai_chat"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(reader::ChatReader::default())
    }

    fn conversation(&self, _head: &Head, body: &[u8]) -> Conversation {
        let body = request::json(body);
        Conversation {
            turns: turns(&body),
            id: None,
            max_tokens: request::limit(&body, &["max_completion_tokens", "max_tokens"]),
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    fn writer(&self, _head: &Head, body: &[u8], seed: [u8; 16], now: u64) -> Box<dyn Writer> {
        writer::writer(&request::json(body), &seed, now)
    }

    fn error(&self, message: &str) -> Reply {
        reply::openai_error(message)
    }

    fn history(&self, _head: &Head, _id: &str, _turns: &[Turn], _now: u64) -> Option<Reply> {
        None
    }
}

fn turns(body: &Value) -> Vec<Turn> {
    let mut turns = Vec::new();
    for message in body.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let speaker = request::speaker(request::string(message, "/role").unwrap_or("user"));
        request::push(&mut turns, speaker, message.get("content").map(request::text).unwrap_or_default());
        for called in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let arguments = ["/function/arguments", "/custom/input"].iter().find_map(|at| request::string(called, at));
            let name = called.pointer("/function/name").or_else(|| called.pointer("/custom/name"));
            request::push(&mut turns, speaker, request::call(name, arguments.unwrap_or_default()));
        }
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
    fn turns_are_read_with_tool_results_as_what_the_user_says() {
        let body = br#"{"model":"m","stream":true,"max_tokens":7,"messages":[
            {"role":"developer","content":"be brief"},
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"text","text":"b"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"t","content":"42"}]}"#;
        let read = OpenaiChat.conversation(&Head::default(), body);
        let said: Vec<(Speaker, &str)> = read.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Speaker::System, "be brief"),
                (Speaker::User, "a\nb"),
                (Speaker::Assistant, "[called f with {}]"),
                (Speaker::User, "42")
            ]
        );
        assert_eq!((read.max_tokens, read.stream, read.id), (Some(7), true, None));
    }

    #[test]
    fn an_error_is_a_400_that_nobody_retries() {
        let reply = OpenaiChat.error("no");
        assert_eq!(reply.status, 400);
        assert!(reply.headers.contains(&("x-should-retry".to_owned(), "false".to_owned())));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["error"]["message"], "no");
    }
}
