//! Heads and errors that several families share. A 400 is the one status that no known client retries and that all show.

use serde_json::{Value, json};

use crate::site::Reply;

/// Head of an event stream.
pub(super) fn stream_head() -> Reply {
    head("text/event-stream; charset=utf-8")
}

/// Head of a JSON document.
pub(super) fn whole_head() -> Reply {
    head("application/json")
}

fn head(content_type: &str) -> Reply {
    let headers =
        vec![("content-type".to_owned(), content_type.to_owned()), ("cache-control".to_owned(), "no-store".to_owned())];
    Reply { status: 200, headers, body: Vec::new() }
}

/// A JSON document with this status.
pub(super) fn document(status: u16, body: &Value) -> Reply {
    Reply { status, body: body.to_string().into_bytes(), ..whole_head() }
}

/// A 400 for programs: SDKs that would try again are told not to.
pub(super) fn program_error(body: &Value) -> Reply {
    let mut reply = document(400, body);
    reply.headers.push(("x-should-retry".to_owned(), "false".to_owned()));
    reply
}

/// The error of all OpenAI dialects.
pub(super) fn openai_error(message: &str) -> Reply {
    program_error(&json!({"error": {
        "message": message, "type": "invalid_request_error", "param": null, "code": "scrim_blocked"
    }}))
}
