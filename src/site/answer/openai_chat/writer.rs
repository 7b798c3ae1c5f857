//! Writes chat completions: a stream, or one document when the request did not ask for a stream.

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
    let legacy = request.get("prompt").is_some() && request.get("messages").is_none();
    let dialect = if legacy { Dialect::Completion } else { Dialect::Chat };
    let frame = Frame {
        dialect,
        id: format!("{}-scrim{}", if legacy { "cmpl" } else { "chatcmpl" }, stamp::hex(seed, "answer")),
        created: now,
        model: request.get("model").and_then(Value::as_str).unwrap_or("local").to_owned(),
    };
    let usage = request.pointer("/stream_options/include_usage").and_then(Value::as_bool).unwrap_or(false);
    if request.get("stream").and_then(Value::as_bool).unwrap_or(false) {
        Box::new(StreamWriter { frame, usage })
    } else {
        Box::new(WholeWriter { frame, text: String::new() })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Chat,
    /// `/v1/completions`.
    Completion,
}

/// What every chunk of one answer says.
struct Frame {
    dialect: Dialect,
    id: String,
    created: u64,
    model: String,
}

impl Frame {
    fn document(&self, object: &str, choices: Value) -> Map<String, Value> {
        let mut document = Map::new();
        document.insert("id".to_owned(), json!(self.id));
        document.insert("object".to_owned(), json!(object));
        document.insert("created".to_owned(), json!(self.created));
        document.insert("model".to_owned(), json!(self.model));
        document.insert("choices".to_owned(), choices);
        document
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        match self.dialect {
            Dialect::Chat => {
                let choice = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
                Value::Object(self.document("chat.completion.chunk", choice))
            }
            Dialect::Completion => {
                let text = delta.get("content").cloned().unwrap_or_else(|| json!(""));
                let choice = json!([{"index": 0, "text": text, "logprobs": null, "finish_reason": finish}]);
                Value::Object(self.document("text_completion", choice))
            }
        }
    }
}

fn usage() -> Value {
    json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})
}

fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

struct StreamWriter {
    frame: Frame,
    /// The client asked for a last chunk with usage.
    usage: bool,
}

impl StreamWriter {
    fn send(&self, delta: &Value, finish: Option<&str>, out: &mut Vec<u8>) {
        sse::write(None, self.frame.chunk(delta, finish).to_string().as_bytes(), out);
    }
}

impl Writer for StreamWriter {
    fn head(&self) -> Reply {
        reply::stream_head()
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        self.send(&json!({"role": "assistant", "content": ""}), None, out);
    }

    fn text(&mut self, piece: &str, out: &mut Vec<u8>) {
        self.send(&json!({"content": piece}), None, out);
    }

    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keepalive\n\n");
    }

    fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        self.send(&json!({}), Some(reason(finish)), out);
        if self.usage {
            let object = match self.frame.dialect {
                Dialect::Chat => "chat.completion.chunk",
                Dialect::Completion => "text_completion",
            };
            let mut last = self.frame.document(object, json!([]));
            last.insert("usage".to_owned(), usage());
            sse::write(None, Value::Object(last).to_string().as_bytes(), out);
        }
        sse::write(None, b"[DONE]", out);
    }

    fn conversation(&self) -> Option<String> {
        None
    }
}

struct WholeWriter {
    frame: Frame,
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
        let reason = reason(finish);
        let mut document = match self.frame.dialect {
            Dialect::Chat => {
                let message = json!({"role": "assistant", "content": self.text, "refusal": null, "annotations": []});
                let choices = json!([{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}]);
                self.frame.document("chat.completion", choices)
            }
            Dialect::Completion => {
                let choices = json!([{"index": 0, "text": self.text, "logprobs": null, "finish_reason": reason}]);
                self.frame.document("text_completion", choices)
            }
        };
        document.insert("usage".to_owned(), usage());
        out.extend_from_slice(Value::Object(document).to_string().as_bytes());
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
        for body in [
            r#"{"model":"m","stream":true,"messages":[]}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#,
            r#"{"model":"m","messages":[]}"#,
            r#"{"model":"m","prompt":"x","stream":true}"#,
            r#"{"model":"m","prompt":"x"}"#,
        ] {
            check_written("openai_chat", "/v1/chat/completions", body);
        }
    }

    #[test]
    fn a_stream_is_written_as_the_sdk_reads_it() {
        let written =
            check_written("openai_chat", "/v1/chat/completions", r#"{"model":"m","stream":true,"messages":[]}"#);
        insta::assert_snapshot!(written);
    }
}
