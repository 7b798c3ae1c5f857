//! Speaks as chatgpt.com answers its page: the `v1` delta stream, errors, and the read-out of a conversation.
//! Private format; facts from public readers, seen 2026-11. Unknown events pass, their texts restored one by one.
//!
//! ```text
//! event: delta
//! data: {"p":"/message/content/parts/0","o":"append","v":"Answered "}
//!
//! event: delta
//! data: {"v":"locally."}
//!
//! data: {"type":"message_stream_complete","conversation_id":"C"}
//!
//! data: [DONE]
//! ```
//! The page counts events when it resumes a stream, so text is delivered inside them wherever that is possible.

mod history;
mod reader;
mod socket;
mod writer;

pub(super) use history::title;

use serde_json::{Value, json};

use super::{reply, request};
use crate::site::{Answer, Conversation, Head, Reader, Reply, Turn, Writer};

/// The family `chatgpt_web`.
pub(super) struct ChatgptWeb;

impl Answer for ChatgptWeb {
    fn name(&self) -> &'static str {
        "chatgpt_web"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(socket::PageReader::default())
    }

    fn conversation(&self, head: &Head, body: &[u8]) -> Conversation {
        let body = request::json(body);
        let id = request::string(&body, "/conversation_id").or_else(|| conversation_in_path(&head.path));
        Conversation { turns: turns(&body), id: id.map(str::to_owned), max_tokens: None, stream: true }
    }

    fn writer(&self, _head: &Head, body: &[u8], seed: [u8; 16], now: u64) -> Box<dyn Writer> {
        Box::new(writer::ChatgptWriter::new(&request::json(body), &seed, now))
    }

    /// Pages show `detail`. 403 would be read as a challenge and 429 be retried.
    fn error(&self, message: &str) -> Reply {
        reply::document(400, &json!({"detail": message, "code": "scrim_blocked"}))
    }

    fn history(&self, head: &Head, id: &str, turns: &[Turn], now: u64) -> Option<Reply> {
        history::history(head, id, turns, now)
    }
}

/// The id of `/backend-api/conversation/{id}` and of calls below it.
fn conversation_in_path(path: &str) -> Option<&str> {
    let after = |segment: &str| request::id_after(path, segment);
    let id = after("gen_title").or_else(|| after("conversation"))?;
    // `…/conversation/prepare` and the like are calls, not conversations.
    id.bytes().any(|byte| byte == b'-' || byte.is_ascii_digit()).then_some(id)
}

fn turns(body: &Value) -> Vec<Turn> {
    let mut turns = Vec::new();
    for message in body.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let speaker = request::speaker(request::string(message, "/author/role").unwrap_or("user"));
        let content = message.pointer("/content/parts").or_else(|| message.pointer("/content/text"));
        request::push(&mut turns, speaker, content.map(request::text).unwrap_or_default());
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Speaker;

    #[test]
    fn the_new_turn_and_the_conversation_are_read() {
        let body = br#"{"action":"next","messages":[{"id":"u","author":{"role":"user"},"content":{"content_type":"multimodal_text",
            "parts":[{"content_type":"image_asset_pointer","asset_pointer":"sediment://x"},"my text"]}}],"conversation_id":"C","parent_message_id":"P"}"#;
        let read = ChatgptWeb.conversation(&Head::default(), body);
        assert_eq!(read.id.as_deref(), Some("C"));
        assert_eq!(read.turns, [Turn { speaker: Speaker::User, text: "my text".to_owned() }]);
    }

    #[test]
    fn the_conversation_is_found_in_paths_of_read_outs_only() {
        let id = |path: &str| ChatgptWeb.conversation(&Head { path: path.to_owned(), ..Head::default() }, b"").id;
        assert_eq!(id("/backend-api/conversation/6650-1b").as_deref(), Some("6650-1b"));
        assert_eq!(id("/backend-api/conversation/6650-1b/stream_status").as_deref(), Some("6650-1b"));
        assert_eq!(id("/backend-api/conversation/gen_title/6650-1b").as_deref(), Some("6650-1b"));
        assert_eq!(id("/backend-api/f/conversation"), None);
        assert_eq!(id("/backend-api/f/conversation/prepare"), None);
    }
}
