//! For sites and endpoints that no family describes: every text of an answer stands alone, and a refusal is one JSON
//! body in which the common clients find its message. Speaks no site's answers in words.

use serde_json::{Value, json};

use super::{fields::Viewer, reply, request};
use crate::{
    site::{
        Answer, Channel, Conversation, Delivery, Finish, Head, Reader, Reply, Speaker, Surface, Turn, View, Writer,
    },
    wire::json::Doc,
};

/// Keys under which prompts are found, most telling first.
const PROMPT_KEYS: &[&str] =
    &["prompt", "query", "q", "input", "inputs", "message", "text", "content", "question", "messages", "parts", "body"];

/// Values deeper than this are not looked at for a prompt.
const DEPTH_MAX: usize = 32;

/// The family `generic`.
pub(super) struct Generic;

impl Answer for Generic {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(GenericReader)
    }

    fn conversation(&self, _head: &Head, body: &[u8]) -> Conversation {
        let mut turns = Vec::new();
        request::push(&mut turns, Speaker::User, prompt(&request::json(body), DEPTH_MAX).unwrap_or_default());
        Conversation { turns, ..Conversation::default() }
    }

    fn writer(&self, _head: &Head, _body: &[u8], _seed: [u8; 16], _now: u64) -> Box<dyn Writer> {
        Box::new(GenericWriter { text: String::new() })
    }

    fn error(&self, message: &str) -> Reply {
        reply::program_error(&error(message))
    }

    fn history(&self, _head: &Head, _id: &str, _turns: &[Turn], _now: u64) -> Option<Reply> {
        None
    }
}

/// Message at the three places where clients look.
fn error(message: &str) -> Value {
    json!({
        "error": {"message": message, "type": "scrim_blocked", "code": "scrim_blocked"},
        "detail": message,
        "message": message
    })
}

/// The text under the most telling key, at the least depth.
fn prompt(value: &Value, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(members) => {
            let keyed = PROMPT_KEYS.iter().filter_map(|key| members.get(*key));
            let mut texts = keyed.map(request::text).filter(|text| !text.is_empty());
            texts.next().or_else(|| members.values().find_map(|member| prompt(member, depth - 1)))
        }
        Value::Array(elements) => elements.iter().rev().find_map(|element| prompt(element, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Reads JSON documents, lines and events without knowing what they mean.
pub(super) struct GenericReader;

impl Reader for GenericReader {
    fn view(&mut self, _name: Option<&str>, document: Option<&Doc<'_>>) -> View {
        let Some(doc) = document else { return View::default() };
        let mut viewer = Viewer::new(doc);
        viewer.leaves(Some(doc.root()), &Surface::Prose);
        viewer.finish()
    }

    fn deliver(&mut self, _channel: &Channel, _text: &str, _document: Option<&Doc<'_>>) -> Option<Delivery> {
        None
    }
}

/// A refusal where no answer can be made: the error, with the text as its message.
struct GenericWriter {
    text: String,
}

impl Writer for GenericWriter {
    fn head(&self) -> Reply {
        Reply { body: Vec::new(), ..reply::program_error(&Value::Null) }
    }

    fn begin(&mut self, _out: &mut Vec<u8>) {}

    fn text(&mut self, piece: &str, _out: &mut Vec<u8>) {
        self.text.push_str(piece);
    }

    fn keepalive(&mut self, out: &mut Vec<u8>) {
        out.push(b'\n');
    }

    fn finish(&mut self, _finish: Finish, out: &mut Vec<u8>) {
        out.extend_from_slice(error(&self.text).to_string().as_bytes());
    }

    fn conversation(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::answer::testing::check_whole;

    #[test]
    fn texts_are_read_and_machine_values_are_not() {
        let body = r#"{"id":"a1","items":[{"title":"Plan for EMAIL","url":"https://x.test/"},{"text":"no","signature":"EqQ"}],
            "message":{"type":"thinking","thinking":"no"},"call":{"arguments":"{\"a\":1}"}}"#;
        check_whole(Box::new(GenericReader), body, &[("prose", "Plan for EMAIL"), ("json ?", "{\"a\":1}")]);
    }

    #[test]
    fn an_error_is_found_where_clients_look() {
        let body: Value = serde_json::from_slice(&Generic.error("no").body).unwrap();
        for place in ["/error/message", "/detail", "/message"] {
            assert_eq!(body.pointer(place).and_then(Value::as_str), Some("no"), "{place}");
        }
    }

    #[test]
    fn a_prompt_is_guessed_by_its_key() {
        let said = |body: &str| {
            let turns = Generic.conversation(&Head::default(), body.as_bytes()).turns;
            turns.first().map(|turn| turn.text.clone())
        };
        assert_eq!(said(r#"{"model":"m","params":{"query":"why"}}"#).as_deref(), Some("why"));
        assert_eq!(said(r#"{"a":[1,2]}"#), None);
    }
}
