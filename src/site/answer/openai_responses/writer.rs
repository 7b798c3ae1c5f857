//! Writes a response: the full ladder of events that the SDKs' stream helpers demand, or one document.

use serde_json::{Map, Value, json};

use crate::{
    site::{
        Finish, Reply, Writer,
        answer::{reply, stamp},
    },
    wire::sse,
};

/// A writer for an answer to this request.
pub(super) fn writer(request: &Value, seed: &[u8; 16], now: u64) -> Box<dyn Writer> {
    let draft = Draft {
        response: format!("resp_scrim_{}", stamp::hex(seed, "response")),
        message: format!("msg_scrim_{}", stamp::hex(seed, "message")),
        created: now,
        model: request.get("model").and_then(Value::as_str).unwrap_or("local").to_owned(),
        previous: request.get("previous_response_id").cloned().unwrap_or(Value::Null),
        text: String::new(),
    };
    if request.get("stream").and_then(Value::as_bool).unwrap_or(false) {
        Box::new(StreamWriter { draft, sequence: 0 })
    } else {
        Box::new(WholeWriter { draft })
    }
}

/// The response while it is written.
struct Draft {
    response: String,
    message: String,
    created: u64,
    model: String,
    previous: Value,
    text: String,
}

impl Draft {
    fn part(&self) -> Value {
        json!({"type": "output_text", "text": self.text, "annotations": [], "logprobs": []})
    }

    fn item(&self, status: &str) -> Value {
        let content = if status == "completed" { json!([self.part()]) } else { json!([]) };
        json!({"id": self.message, "type": "message", "status": status, "role": "assistant", "content": content})
    }

    fn response(&self, status: &str) -> Value {
        let ended = status != "in_progress";
        let output = if ended { json!([self.item("completed")]) } else { json!([]) };
        let usage = json!({
            "input_tokens": 0, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 0
        });
        json!({
            "id": self.response, "object": "response", "created_at": self.created, "status": status, "error": null,
            "incomplete_details": if status == "incomplete" { json!({"reason": "max_output_tokens"}) } else { Value::Null },
            "instructions": null, "metadata": {}, "model": self.model, "output": output, "parallel_tool_calls": true,
            "previous_response_id": self.previous, "temperature": null, "tool_choice": "auto", "tools": [],
            "top_p": null, "usage": if ended { usage } else { Value::Null }
        })
    }
}

fn status(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "completed",
        Finish::Length => "incomplete",
    }
}

struct StreamWriter {
    draft: Draft,
    sequence: u64,
}

impl StreamWriter {
    fn send(&mut self, kind: &str, members: Value, out: &mut Vec<u8>) {
        self.write(kind, Map::new(), members, out);
    }

    /// An event about the one content part.
    fn send_part(&mut self, kind: &str, members: Value, out: &mut Vec<u8>) {
        let mut place = Map::new();
        place.insert("item_id".to_owned(), json!(self.draft.message));
        place.insert("output_index".to_owned(), json!(0));
        place.insert("content_index".to_owned(), json!(0));
        self.write(kind, place, members, out);
    }

    fn write(&mut self, kind: &str, place: Map<String, Value>, members: Value, out: &mut Vec<u8>) {
        let mut event = Map::new();
        event.insert("type".to_owned(), json!(kind));
        event.insert("sequence_number".to_owned(), json!(self.sequence));
        event.extend(place);
        if let Value::Object(members) = members {
            event.extend(members);
        }
        self.sequence += 1;
        sse::write(Some(kind), Value::Object(event).to_string().as_bytes(), out);
    }
}

impl Writer for StreamWriter {
    fn head(&self) -> Reply {
        reply::stream_head()
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let response = self.draft.response("in_progress");
        self.send("response.created", json!({"response": response}), out);
        self.send("response.in_progress", json!({"response": response}), out);
        let item = self.draft.item("in_progress");
        self.send("response.output_item.added", json!({"output_index": 0, "item": item}), out);
        let part = self.draft.part();
        self.send_part("response.content_part.added", json!({"part": part}), out);
    }

    fn text(&mut self, piece: &str, out: &mut Vec<u8>) {
        self.draft.text.push_str(piece);
        self.send_part("response.output_text.delta", json!({"delta": piece, "logprobs": []}), out);
    }

    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keepalive\n\n");
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        let text = json!({"text": self.draft.text, "logprobs": []});
        self.send_part("response.output_text.done", text, out);
        let part = self.draft.part();
        self.send_part("response.content_part.done", json!({"part": part}), out);
        let item = self.draft.item("completed");
        self.send("response.output_item.done", json!({"output_index": 0, "item": item}), out);
        let response = self.draft.response(status(finish));
        self.send(&format!("response.{}", status(finish)), json!({"response": response}), out);
    }

    fn conversation(&self) -> Option<String> {
        Some(self.draft.response.clone())
    }
}

struct WholeWriter {
    draft: Draft,
}

impl Writer for WholeWriter {
    fn head(&self) -> Reply {
        reply::whole_head()
    }

    fn begin(&mut self, _out: &mut Vec<u8>) {}

    fn text(&mut self, piece: &str, _out: &mut Vec<u8>) {
        self.draft.text.push_str(piece);
    }

    /// White space before a document means nothing and keeps the connection.
    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.push(b'\n');
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        out.extend_from_slice(self.draft.response(status(finish)).to_string().as_bytes());
    }

    fn conversation(&self) -> Option<String> {
        Some(self.draft.response.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::site::answer::testing::check_written;

    #[test]
    fn what_is_written_reads_back_as_the_same_text() {
        check_written("openai_responses", "/v1/responses", r#"{"model":"m","input":"x"}"#);
        let written = check_written("openai_responses", "/v1/responses", r#"{"model":"m","input":"x","stream":true}"#);
        insta::assert_snapshot!(written);
    }
}
