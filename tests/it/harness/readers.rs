//! Answers as a client of each site reads them: what the person sees, what a tool gets, how many events came.

use serde_json::{Value, json};

use super::dialect::{Delivery, Dialect};

/// An answer as its reader understands it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What the person sees.
    pub(crate) text: String,
    /// A tool call's arguments, as JSON text.
    pub(crate) arguments: String,
    /// What the site said the person had written, where it says so.
    pub(crate) echo: String,
    /// Events of the stream; 1 for a document.
    pub(crate) n_events: usize,
    /// The stream came to the end that its format asks for.
    pub(crate) ended: bool,
    /// Id of the conversation and of the assistant's message, where the site gives them.
    pub(crate) conversation: Option<String>,
    /// Id of the assistant's message.
    pub(crate) message: Option<String>,
}

/// One event of a stream.
pub(crate) struct Event {
    pub(crate) name: Option<String>,
    pub(crate) data: String,
}

/// Events of a stream of server-sent events; comments and pings of the transport are left out.
pub(crate) fn events(body: &[u8]) -> Vec<Event> {
    let text = std::str::from_utf8(body).expect("an event stream is UTF-8").replace("\r\n", "\n");
    text.split("\n\n").filter_map(event).collect()
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let values: Vec<&str> = lines.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect();
        if values.is_empty() { None } else { Some(values.join("\n")) }
    };
    Some(Event { data: field("data")?, name: field("event") })
}

/// Reads a whole answer.
pub(crate) fn read(dialect: Dialect, delivery: Delivery, body: &[u8]) -> Reading {
    match delivery {
        Delivery::Streamed => read_stream(dialect, body),
        Delivery::Whole => read_document(dialect, &document(body)),
    }
}

/// A JSON body, or a failure that shows it.
pub(crate) fn document(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(body)))
}

fn read_stream(dialect: Dialect, body: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut deltas = Deltas::default();
    for event in events(body) {
        reading.n_events += 1;
        if event.data == "[DONE]" {
            reading.ended = true;
            continue;
        }
        let value = document(event.data.as_bytes());
        match dialect {
            Dialect::OpenAiChat => chat_event(&value, &mut reading),
            Dialect::OpenAiResponses => responses_event(&value, &mut reading),
            Dialect::Anthropic | Dialect::Claude => {
                assert_eq!(event.name.as_deref(), value["type"].as_str(), "SDKs dispatch on the event's name");
                anthropic_event(&value, &mut reading);
            }
            Dialect::ChatGpt => deltas.event(event.name.as_deref(), &value, &mut reading),
        }
    }
    reading
}

fn read_document(dialect: Dialect, value: &Value) -> Reading {
    let mut reading = Reading { n_events: 1, ended: true, ..Reading::default() };
    match dialect {
        Dialect::OpenAiChat => {
            let message = &value["choices"][0]["message"];
            push(&mut reading.text, &message["content"]);
            push(&mut reading.arguments, &message["tool_calls"][0]["function"]["arguments"]);
        }
        Dialect::OpenAiResponses => {
            push(&mut reading.text, &value["output"][0]["content"][0]["text"]);
            push(&mut reading.arguments, &value["output"][0]["arguments"]);
        }
        Dialect::Anthropic | Dialect::Claude => {
            push(&mut reading.text, &value["content"][0]["text"]);
            if value["content"][0]["type"] == "tool_use" {
                reading.arguments = value["content"][0]["input"].to_string();
            }
        }
        Dialect::ChatGpt => panic!("chatgpt.com answers in streams"),
    }
    reading
}

fn push(out: &mut String, value: &Value) {
    out.push_str(value.as_str().unwrap_or_default());
}

fn chat_event(value: &Value, reading: &mut Reading) {
    let delta = &value["choices"][0]["delta"];
    push(&mut reading.text, &delta["content"]);
    push(&mut reading.arguments, &delta["tool_calls"][0]["function"]["arguments"]);
}

/// The same text comes several times in this dialect; every time it must be the same.
fn responses_event(value: &Value, reading: &mut Reading) {
    match value["type"].as_str().unwrap_or_default() {
        "response.output_text.delta" => push(&mut reading.text, &value["delta"]),
        "response.function_call_arguments.delta" => push(&mut reading.arguments, &value["delta"]),
        "response.output_text.done" => assert_eq!(value["text"], json!(reading.text)),
        "response.content_part.done" => assert_eq!(value["part"]["text"], json!(reading.text)),
        "response.function_call_arguments.done" => assert_eq!(value["arguments"], json!(reading.arguments)),
        "response.completed" => {
            reading.ended = true;
            let item = &value["response"]["output"][0];
            if item["type"] == "message" {
                assert_eq!(item["content"][0]["text"], json!(reading.text));
            } else {
                assert_eq!(item["arguments"], json!(reading.arguments));
            }
        }
        _ => {}
    }
}

fn anthropic_event(value: &Value, reading: &mut Reading) {
    match value["type"].as_str().unwrap_or_default() {
        "content_block_delta" => {
            push(&mut reading.text, &value["delta"]["text"]);
            push(&mut reading.arguments, &value["delta"]["partial_json"]);
        }
        "message_start" => reading.message = value["message"]["uuid"].as_str().map(str::to_owned),
        "message_stop" => reading.ended = true,
        _ => {}
    }
}

/// chatgpt.com's v1 encoding: patches of one message, with path and operation inherited.
#[derive(Default)]
struct Deltas {
    encoded: bool,
    path: String,
    operation: String,
    root: Value,
}

impl Deltas {
    fn event(&mut self, name: Option<&str>, value: &Value, reading: &mut Reading) {
        if name == Some("delta_encoding") {
            self.encoded = value == "v1";
        } else if name == Some("delta") && self.encoded {
            self.delta(value);
        } else if value["type"] == "input_message" {
            push(&mut reading.echo, &value["input_message"]["content"]["parts"][0]);
        } else if value["message"].is_object() {
            self.root = value.clone();
        }
        let message = &self.root["message"];
        if message["author"]["role"] == "assistant" {
            reading.text = message["content"]["parts"][0].as_str().unwrap_or_default().to_owned();
            reading.message = message["id"].as_str().map(str::to_owned);
            reading.conversation = self.root["conversation_id"].as_str().map(str::to_owned);
        }
    }

    fn delta(&mut self, delta: &Value) {
        if let Some(path) = delta["p"].as_str() {
            path.clone_into(&mut self.path);
        }
        if let Some(operation) = delta["o"].as_str() {
            operation.clone_into(&mut self.operation);
        }
        if self.operation == "patch" {
            for step in delta["v"].as_array().into_iter().flatten() {
                let path = format!("{}{}", self.path, step["p"].as_str().unwrap_or_default());
                self.apply(&path, step["o"].as_str().unwrap_or_default(), &step["v"]);
            }
        } else {
            let (path, operation) = (self.path.clone(), self.operation.clone());
            self.apply(&path, &operation, &delta["v"]);
        }
    }

    fn apply(&mut self, path: &str, operation: &str, value: &Value) {
        if path.is_empty() {
            self.root = value.clone();
            return;
        }
        let Some(target) = self.root.pointer_mut(path) else {
            assert_ne!(operation, "append", "append to `{path}`, which the message does not have");
            return;
        };
        match (operation, &mut *target, value) {
            ("append", Value::String(text), Value::String(more)) => text.push_str(more),
            ("append", Value::Array(list), more) => list.push(more.clone()),
            ("append", Value::Object(fields), Value::Object(more)) => {
                fields.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            ("replace" | "add", target, value) => *target = value.clone(),
            (other, _, _) => panic!("unexpected operation `{other}` on `{path}`"),
        }
    }
}
