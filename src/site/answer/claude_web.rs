//! Speaks as claude.ai answers its page: Anthropic's events with ids and times of the web, errors as toasts, and the
//! read-out of a conversation. Private format; facts from public clients, seen 2026-11. Unknown events pass.
//!
//! ```text
//! event: message_start
//! data: {"type":"message_start","message":{"id":"chatcompl_x","type":"message","role":"assistant","model":"claude-…","parent_uuid":"H","uuid":"M","content":[],"stop_reason":null,"stop_sequence":null}}
//! ```

use serde_json::{Value, json};

use super::{
    anthropic_messages::{self, reader::MessagesReader, writer},
    chatgpt_web, reply, request, stamp,
};
use crate::site::{Answer, Conversation, Head, Reader, Reply, Speaker, Turn, Writer};

/// Parent of the first message of every conversation.
const ROOT: &str = "00000000-0000-4000-8000-000000000000";

/// The family `claude_web`.
pub(super) struct ClaudeWeb;

impl Answer for ClaudeWeb {
    fn name(&self) -> &'static str {
        "claude_web"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(MessagesReader::default())
    }

    fn conversation(&self, head: &Head, body: &[u8]) -> Conversation {
        let id = request::id_after(&head.path, "chat_conversations").map(str::to_owned);
        Conversation { turns: turns(&request::json(body)), id, max_tokens: None, stream: true }
    }

    fn writer(&self, head: &Head, body: &[u8], seed: [u8; 16], now: u64) -> Box<dyn Writer> {
        let body = request::json(body);
        let wished =
            |at: &str, label: &str| request::string(&body, at).map_or_else(|| stamp::uuid(&seed, label), str::to_owned);
        let web = writer::Web {
            conversation: request::id_after(&head.path, "chat_conversations").map(str::to_owned),
            uuid: wished("/turn_message_uuids/assistant_message_uuid", "assistant"),
            parent: wished("/turn_message_uuids/human_message_uuid", "human"),
            time: stamp::rfc3339(now),
        };
        writer::web_writer(&body, &seed, web)
    }

    fn error(&self, message: &str) -> Reply {
        reply::document(400, &anthropic_messages::error(message))
    }

    fn history(&self, head: &Head, id: &str, turns: &[Turn], now: u64) -> Option<Reply> {
        let (_, below) = head.path.split_once(id)?;
        let body = match (head.method.as_str(), below.trim_end_matches('/')) {
            ("GET", "") => read_out(id, turns, now),
            ("POST", "/title") => json!({"title": chatgpt_web::title(turns)}),
            ("POST", "/stop_response") => json!({}),
            _ => return None,
        };
        Some(reply::document(200, &body))
    }
}

fn turns(body: &Value) -> Vec<Turn> {
    let mut turns = Vec::new();
    let texts = |list: &str, key: &str| -> Vec<String> {
        let elements = body.get(list).and_then(Value::as_array).into_iter().flatten();
        elements.filter_map(|element| element.get(key)).map(request::text).collect()
    };
    for style in texts("personalized_styles", "prompt") {
        request::push(&mut turns, Speaker::System, style);
    }
    for attachment in texts("attachments", "extracted_content") {
        request::push(&mut turns, Speaker::User, attachment);
    }
    request::push(&mut turns, Speaker::User, body.get("prompt").map(request::text).unwrap_or_default());
    turns
}

fn read_out(id: &str, turns: &[Turn], now: u64) -> Value {
    let time = stamp::rfc3339(now);
    let spoken = turns.iter().filter(|turn| turn.speaker != Speaker::System);
    let mut parent = ROOT.to_owned();
    let mut messages = Vec::new();
    for (index, turn) in spoken.enumerate() {
        let uuid = stamp::uuid(id.as_bytes(), &format!("turn {index}"));
        let sender = if turn.speaker == Speaker::Assistant { "assistant" } else { "human" };
        messages.push(json!({
            "uuid": uuid,
            "text": "",
            "content": [{
                "start_timestamp": time, "stop_timestamp": time, "type": "text", "text": turn.text, "citations": []
            }],
            "sender": sender,
            "index": index,
            "created_at": time,
            "updated_at": time,
            "truncated": false,
            "attachments": [],
            "files": [],
            "files_v2": [],
            "sync_sources": [],
            "parent_message_uuid": parent
        }));
        parent = uuid;
    }
    json!({
        "uuid": id,
        "name": chatgpt_web::title(turns),
        "summary": "",
        "created_at": time,
        "updated_at": time,
        "settings": {},
        "is_starred": false,
        "is_temporary": false,
        "current_leaf_message_uuid": parent,
        "chat_messages": messages
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::{check_whole, check_written};

    const PATH: &str = "/api/organizations/o/chat_conversations/6650-1b/completion";
    const BODY: &str = r#"{"prompt":"my text","model":"claude-x","attachments":[{"file_name":"a.txt","extracted_content":"pasted"}],
        "turn_message_uuids":{"human_message_uuid":"H","assistant_message_uuid":"M"}}"#;

    #[test]
    fn the_turn_is_read_with_what_was_pasted() {
        let head = Head { path: PATH.to_owned(), ..Head::default() };
        let read = ClaudeWeb.conversation(&head, BODY.as_bytes());
        assert_eq!(read.id.as_deref(), Some("6650-1b"));
        assert_eq!(read.turns, [Turn { speaker: Speaker::User, text: "pasted\n\nmy text".to_owned() }]);
    }

    #[test]
    fn what_is_written_has_the_wished_ids_and_reads_back() {
        let written = check_written("claude_web", PATH, BODY);
        assert!(written.contains(r#""parent_uuid":"H","uuid":"M""#), "{written}");
        insta::assert_snapshot!(written);
    }

    #[test]
    fn a_conversation_reads_as_messages_in_a_chain() {
        let turns = [
            Turn { speaker: Speaker::User, text: "one".to_owned() },
            Turn { speaker: Speaker::Assistant, text: "two".to_owned() },
        ];
        let head = |method: &str, tail: &str| Head {
            method: method.to_owned(),
            path: format!("/api/organizations/o/chat_conversations/6650-1b{tail}"),
            ..Head::default()
        };
        let reply = ClaudeWeb.history(&head("GET", ""), "6650-1b", &turns, 9).unwrap();
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["chat_messages"][1]["parent_message_uuid"], body["chat_messages"][0]["uuid"]);
        assert_eq!(body["chat_messages"][0]["parent_message_uuid"], ROOT);
        let text = String::from_utf8(reply.body).unwrap();
        check_whole(ClaudeWeb.reader(), &text, &[("prose", "one"), ("prose", "one"), ("prose", "two")]);
        assert!(ClaudeWeb.history(&head("POST", "/title"), "6650-1b", &turns, 9).is_some());
        assert!(ClaudeWeb.history(&head("GET", "/other"), "6650-1b", &turns, 9).is_none());
    }
}
