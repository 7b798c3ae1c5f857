//! Writes an answer as chatgpt.com streams it: a message, appended to, then finished.

use serde_json::{Value, json};

use crate::{
    site::{
        Finish, Reply, Writer,
        answer::{reply, request, stamp},
    },
    wire::sse,
};

/// One answer. Ids are in the form of the site's own, since the page sends them back.
pub(super) struct ChatgptWriter {
    conversation: String,
    message: String,
    /// The person's message.
    parent: Option<String>,
    model: String,
    now: u64,
    /// The first text names its path, later ones inherit it.
    begun: bool,
}

impl ChatgptWriter {
    pub(super) fn new(request: &Value, seed: &[u8; 16], now: u64) -> Self {
        let messages = request.get("messages").and_then(Value::as_array);
        let last = messages.and_then(|messages| messages.last()).and_then(|last| request::string(last, "/id"));
        let parent = last.or_else(|| request::string(request, "/parent_message_id")).map(str::to_owned);
        let conversation = request::string(request, "/conversation_id").map(str::to_owned);
        Self {
            conversation: conversation.unwrap_or_else(|| stamp::uuid(seed, "conversation")),
            message: stamp::uuid(seed, "message"),
            parent,
            model: request::string(request, "/model").unwrap_or("auto").to_owned(),
            now,
            begun: false,
        }
    }

    fn message(&self) -> Value {
        json!({
            "id": self.message,
            "author": {"role": "assistant", "name": null, "metadata": {}},
            "create_time": self.now,
            "update_time": null,
            "content": {"content_type": "text", "parts": [""]},
            "status": "in_progress",
            "end_turn": null,
            "weight": 1.0,
            "metadata": {"message_type": "next", "model_slug": self.model, "parent_id": self.parent},
            "recipient": "all",
            "channel": "final"
        })
    }
}

fn delta(event: &Value, out: &mut Vec<u8>) {
    sse::write(Some("delta"), event.to_string().as_bytes(), out);
}

impl Writer for ChatgptWriter {
    fn head(&self) -> Reply {
        reply::stream_head()
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        sse::write(Some("delta_encoding"), b"\"v1\"", out);
        let value = json!({"message": self.message(), "conversation_id": self.conversation, "error": null});
        delta(&json!({"p": "", "o": "add", "v": value, "c": 0}), out);
    }

    fn text(&mut self, piece: &str, out: &mut Vec<u8>) {
        let event = if self.begun {
            json!({"v": piece})
        } else {
            json!({"p": "/message/content/parts/0", "o": "append", "v": piece})
        };
        self.begun = true;
        delta(&event, out);
    }

    /// A comment: the page counts events, and a comment is none.
    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keepalive\n\n");
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        let kind = match finish {
            Finish::Stop => "stop",
            Finish::Length => "max_tokens",
        };
        let metadata = json!({"is_complete": true, "finish_details": {"type": kind}});
        delta(
            &json!({"p": "", "o": "patch", "v": [
                {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
                {"p": "/message/end_turn", "o": "replace", "v": true},
                {"p": "/message/metadata", "o": "append", "v": metadata}
            ]}),
            out,
        );
        let complete = json!({"type": "message_stream_complete", "conversation_id": self.conversation});
        sse::write(None, complete.to_string().as_bytes(), out);
        sse::write(None, b"[DONE]", out);
    }

    fn conversation(&self) -> Option<String> {
        Some(self.conversation.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::check_written;

    const BODY: &str = r#"{"action":"next","messages":[{"id":"11111111-1111-4111-8111-111111111111","author":{"role":"user"},
        "content":{"content_type":"text","parts":["x"]}}],"parent_message_id":"P","model":"auto"}"#;

    #[test]
    fn what_is_written_reads_back_as_the_same_text() {
        insta::assert_snapshot!(check_written("chatgpt_web", "/backend-api/f/conversation", BODY));
    }

    #[test]
    fn the_conversation_is_the_requests_or_a_new_one() {
        let writer = |body: &str| ChatgptWriter::new(&request::json(body.as_bytes()), &[7; 16], 0);
        assert_eq!(writer(r#"{"conversation_id":"C"}"#).conversation().as_deref(), Some("C"));
        assert_eq!(writer("{}").conversation().map(|id| id.len()), Some(36));
    }
}
