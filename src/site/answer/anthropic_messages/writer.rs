//! Writes a message: the events in the order that the SDKs demand, or one document. Also claude.ai's stream, which has
//! ids and times of its own.

use serde_json::{Map, Value, json};

use crate::{
    site::{
        Finish, Reply, Writer,
        answer::{reply, stamp},
    },
    wire::sse,
};

/// What claude.ai's stream says beyond the API's.
pub(in crate::site::answer) struct Web {
    /// Conversation in the path.
    pub(in crate::site::answer) conversation: Option<String>,
    /// `uuid` of the answer, as the request wishes.
    pub(in crate::site::answer) uuid: String,
    /// `parent_uuid`: the person's message.
    pub(in crate::site::answer) parent: String,
    /// Time in RFC 3339.
    pub(in crate::site::answer) time: String,
}

/// A writer for the API.
pub(in crate::site::answer) fn api_writer(request: &Value, seed: &[u8; 16]) -> Box<dyn Writer> {
    let id = format!("msg_scrim_{}", stamp::hex(seed, "message"));
    let model = model(request);
    if request.get("stream").and_then(Value::as_bool).unwrap_or(false) {
        Box::new(StreamWriter { id, model, web: None })
    } else {
        Box::new(WholeWriter { id, model, text: String::new() })
    }
}

/// A writer for claude.ai, which always streams.
pub(in crate::site::answer) fn web_writer(request: &Value, seed: &[u8; 16], web: Web) -> Box<dyn Writer> {
    let id = format!("chatcompl_scrim_{}", stamp::hex(seed, "message"));
    Box::new(StreamWriter { id, model: model(request), web: Some(web) })
}

fn model(request: &Value) -> String {
    request.get("model").and_then(Value::as_str).unwrap_or("local").to_owned()
}

fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
    }
}

fn usage() -> Value {
    json!({"input_tokens": 0, "output_tokens": 0})
}

fn message(id: &str, model: &str) -> Map<String, Value> {
    let mut message = Map::new();
    message.insert("id".to_owned(), json!(id));
    message.insert("type".to_owned(), json!("message"));
    message.insert("role".to_owned(), json!("assistant"));
    message.insert("model".to_owned(), json!(model));
    message
}

struct StreamWriter {
    id: String,
    model: String,
    web: Option<Web>,
}

fn send(event: &Value, out: &mut Vec<u8>) {
    let name = event.get("type").and_then(Value::as_str);
    sse::write(name, event.to_string().as_bytes(), out);
}

impl Writer for StreamWriter {
    fn head(&self) -> Reply {
        reply::stream_head()
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let mut message = message(&self.id, &self.model);
        let mut block = json!({"type": "text", "text": ""});
        if let Some(web) = &self.web {
            message.insert("parent_uuid".to_owned(), json!(web.parent));
            message.insert("uuid".to_owned(), json!(web.uuid));
            block = json!({
                "start_timestamp": web.time, "stop_timestamp": null, "type": "text", "text": "", "citations": []
            });
        }
        message.insert("content".to_owned(), json!([]));
        message.insert("stop_reason".to_owned(), Value::Null);
        message.insert("stop_sequence".to_owned(), Value::Null);
        if self.web.is_none() {
            message.insert("usage".to_owned(), usage());
        }
        send(&json!({"type": "message_start", "message": message}), out);
        send(&json!({"type": "content_block_start", "index": 0, "content_block": block}), out);
    }

    fn text(&mut self, piece: &str, out: &mut Vec<u8>) {
        let delta = json!({"type": "text_delta", "text": piece});
        send(&json!({"type": "content_block_delta", "index": 0, "delta": delta}), out);
    }

    fn keepalive(&mut self, out: &mut Vec<u8>) {
        send(&json!({"type": "ping"}), out);
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        let mut stop = json!({"type": "content_block_stop", "index": 0});
        let mut ended = json!({
            "type": "message_delta", "delta": {"stop_reason": reason(finish), "stop_sequence": null}
        });
        match &self.web {
            Some(web) => insert(&mut stop, "stop_timestamp", json!(web.time)),
            None => insert(&mut ended, "usage", json!({"output_tokens": 0})),
        }
        send(&stop, out);
        send(&ended, out);
        send(&json!({"type": "message_stop"}), out);
    }

    fn conversation(&self) -> Option<String> {
        self.web.as_ref().and_then(|web| web.conversation.clone())
    }
}

fn insert(event: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = event {
        members.insert(key.to_owned(), value);
    }
}

struct WholeWriter {
    id: String,
    model: String,
    text: String,
}

impl Writer for WholeWriter {
    fn head(&self) -> Reply {
        reply::whole_head()
    }

    fn begin(&mut self, _out: &mut Vec<u8>) {}

    fn text(&mut self, piece: &str, _out: &mut Vec<u8>) {
        self.text.push_str(piece);
    }

    /// White space before a document means nothing and keeps the connection.
    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.push(b'\n');
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        let mut message = message(&self.id, &self.model);
        message.insert("content".to_owned(), json!([{"type": "text", "text": self.text}]));
        message.insert("stop_reason".to_owned(), json!(reason(finish)));
        message.insert("stop_sequence".to_owned(), Value::Null);
        message.insert("usage".to_owned(), usage());
        out.extend_from_slice(Value::Object(message).to_string().as_bytes());
    }

    fn conversation(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::site::answer::testing::check_written;

    #[test]
    fn what_is_written_reads_back_as_the_same_text() {
        check_written("anthropic_messages", "/v1/messages", r#"{"model":"m","messages":[]}"#);
        let written =
            check_written("anthropic_messages", "/v1/messages", r#"{"model":"m","stream":true,"messages":[]}"#);
        insta::assert_snapshot!(written);
    }
}
