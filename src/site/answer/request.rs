//! What families read out of a request to answer it themselves: its JSON, its turns, its ids. No wire format of answers.

use serde_json::Value;

use crate::site::{Speaker, Turn};

/// The request's JSON; `Null` when it is none, so that every look-up finds nothing.
pub(super) fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

/// The string under a pointer (`/messages/0/id`), when there is one and it is not empty.
pub(super) fn string<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A number that fits, under the first of these keys that has one.
pub(super) fn limit(value: &Value, keys: &[&str]) -> Option<u32> {
    keys.iter().find_map(|key| value.get(key)?.as_u64()).and_then(|number| u32::try_from(number).ok())
}

/// Text of a message's content: a string, or the texts of its parts, one a line. Media and signed parts are left out.
pub(super) fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<String> = parts.iter().map(part).filter(|text| !text.is_empty()).collect();
            texts.join("\n")
        }
        Value::Object(_) => part(content),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

fn part(part: &Value) -> String {
    let object = match part {
        Value::String(text) => return text.clone(),
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return String::new(),
    };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "thinking" | "redacted_thinking" | "compaction" | "reasoning" => String::new(),
        "tool_use" | "server_tool_use" | "mcp_tool_use" => {
            call(object.get("name"), object.get("input").map(Value::to_string).unwrap_or_default().as_str())
        }
        "document" => object.get("source").map(document).unwrap_or_default(),
        _ => ["text", "refusal", "content", "output", "transcript"]
            .iter()
            .find_map(|key| object.get(*key))
            .map(text)
            .unwrap_or_default(),
    }
}

fn document(source: &Value) -> String {
    let plain = source.get("type").and_then(Value::as_str) == Some("text");
    if plain {
        source.get("data").map(text).unwrap_or_default()
    } else {
        source.get("content").map(text).unwrap_or_default()
    }
}

/// A tool call in words, for a model that has no tools.
pub(super) fn call(name: Option<&Value>, arguments: &str) -> String {
    let name = name.and_then(Value::as_str).unwrap_or("tool");
    format!("[called {name} with {arguments}]")
}

/// Adds a turn, unless it is empty. Neighbouring turns of one speaker become one, as models expect.
pub(super) fn push(turns: &mut Vec<Turn>, speaker: Speaker, text: String) {
    if text.is_empty() {
        return;
    }
    match turns.last_mut() {
        Some(last) if last.speaker == speaker => {
            last.text.push_str("\n\n");
            last.text.push_str(&text);
        }
        Some(_) | None => turns.push(Turn { speaker, text }),
    }
}

/// The speaker of a message's `role`. Tools and functions report to the model like a user.
pub(super) fn speaker(role: &str) -> Speaker {
    match role {
        "system" | "developer" => Speaker::System,
        "assistant" | "model" => Speaker::Assistant,
        _ => Speaker::User,
    }
}

/// The segment of a path after the one of that name: `id_after("/a/conversation/1b", "conversation")` is `1b`.
pub(super) fn id_after<'p>(path: &'p str, segment: &str) -> Option<&'p str> {
    let mut parts = path.split('/').skip_while(|part| *part != segment);
    parts.next();
    parts.next().filter(|id| !id.is_empty())
}
