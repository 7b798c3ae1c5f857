//! The five formats of the first sites, from the asking side: where a prompt goes, what its body looks like, and where
//! a stand-in site finds the text in it. What comes back is in `answers` and `readers`.

use serde_json::{Value, json};

/// Organisation in claude.ai's paths.
const ORGANISATION: &str = "3f0c1de2-58a7-4f0b-9a43-0c9f1b1d2e10";

/// A format, each with the host that speaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `api.openai.com`, chat completions.
    OpenAiChat,
    /// `api.openai.com`, responses.
    OpenAiResponses,
    /// `api.anthropic.com`, messages.
    Anthropic,
    /// `chatgpt.com`, the page's own endpoint.
    ChatGpt,
    /// `claude.ai`, the page's own endpoint.
    Claude,
}

/// How the client wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As a stream of events.
    Streamed,
    /// As one JSON document.
    Whole,
}

impl Dialect {
    /// Every format.
    pub(crate) const ALL: [Self; 5] =
        [Self::OpenAiChat, Self::OpenAiResponses, Self::Anthropic, Self::ChatGpt, Self::Claude];

    /// Those of programs, which also answer in one piece and call tools.
    pub(crate) const APIS: [Self; 3] = [Self::OpenAiChat, Self::OpenAiResponses, Self::Anthropic];

    /// Each format with each way of delivery that it has.
    pub(crate) fn deliveries() -> Vec<(Self, Delivery)> {
        let mut all: Vec<(Self, Delivery)> = Self::ALL.iter().map(|dialect| (*dialect, Delivery::Streamed)).collect();
        all.extend(Self::APIS.iter().map(|dialect| (*dialect, Delivery::Whole)));
        all
    }

    /// The host that speaks it.
    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => "api.openai.com",
            Self::Anthropic => "api.anthropic.com",
            Self::ChatGpt => "chatgpt.com",
            Self::Claude => "claude.ai",
        }
    }

    /// Site id in `rules/sites/` and in the log.
    pub(crate) fn site(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => "openai-api",
            Self::Anthropic => "anthropic-api",
            Self::ChatGpt => "chatgpt-web",
            Self::Claude => "claude-web",
        }
    }

    /// Where a prompt is posted. `conversation` matters only where the path names it.
    pub(crate) fn path(self, conversation: &str) -> String {
        match self {
            Self::OpenAiChat => "/v1/chat/completions".to_owned(),
            Self::OpenAiResponses => "/v1/responses".to_owned(),
            Self::Anthropic => "/v1/messages".to_owned(),
            Self::ChatGpt => "/backend-api/f/conversation".to_owned(),
            Self::Claude => {
                format!("/api/organizations/{ORGANISATION}/chat_conversations/{conversation}/completion")
            }
        }
    }

    /// The format that a request of this host and path speaks, if it is a prompt.
    pub(crate) fn of(host: &str, path: &str) -> Option<Self> {
        match (host, path) {
            ("api.openai.com", "/v1/chat/completions") => Some(Self::OpenAiChat),
            ("api.openai.com", "/v1/responses") => Some(Self::OpenAiResponses),
            ("api.anthropic.com", "/v1/messages") => Some(Self::Anthropic),
            ("chatgpt.com", "/backend-api/f/conversation") => Some(Self::ChatGpt),
            ("claude.ai", path) if path.ends_with("/completion") => Some(Self::Claude),
            _ => None,
        }
    }

    /// A prompt's body.
    pub(crate) fn body(self, text: &str, delivery: Delivery) -> Value {
        let stream = delivery == Delivery::Streamed;
        match self {
            Self::OpenAiChat => json!({
                "model": "gpt-test", "stream": stream,
                "messages": [{"role": "system", "content": "You are terse."}, {"role": "user", "content": text}],
            }),
            Self::OpenAiResponses => json!({"model": "gpt-test", "stream": stream, "input": text}),
            Self::Anthropic => json!({
                "model": "claude-test", "max_tokens": 256, "stream": stream,
                "messages": [{"role": "user", "content": text}],
            }),
            Self::ChatGpt => chatgpt_body(text, None, "client-created-root"),
            Self::Claude => claude_body(text, "00000000-0000-4000-8000-000000000000"),
        }
    }

    /// A prompt's body that offers one tool, named `write_file`. Only the formats of programs have tools.
    pub(crate) fn body_with_tool(self, text: &str, delivery: Delivery) -> Value {
        let schema =
            json!({"type": "object", "properties": {"path": {"type": "string"}, "content": {"type": "string"}}});
        let mut body = self.body(text, delivery);
        body["tools"] = match self {
            Self::OpenAiChat => json!([{"type": "function", "function": {"name": "write_file", "parameters": schema}}]),
            Self::OpenAiResponses => json!([{"type": "function", "name": "write_file", "parameters": schema}]),
            Self::Anthropic => json!([{"name": "write_file", "description": "Writes a file.", "input_schema": schema}]),
            Self::ChatGpt | Self::Claude => panic!("{self:?} has no tools of the client"),
        };
        body
    }

    /// The last text of the person in a prompt's body, as a site would read it.
    pub(crate) fn asked(self, body: &Value) -> String {
        match self {
            Self::OpenAiChat | Self::Anthropic => last_said(&body["messages"]),
            Self::OpenAiResponses if body["input"].is_string() => plain(&body["input"]),
            Self::OpenAiResponses => last_said(&body["input"]),
            Self::ChatGpt => plain(&body["messages"][0]["content"]["parts"][0]),
            Self::Claude => plain(&body["prompt"]),
        }
    }
}

/// chatgpt.com's body: the second turn names the conversation and its parent.
pub(crate) fn chatgpt_body(text: &str, conversation: Option<&str>, parent: &str) -> Value {
    let mut body = json!({
        "action": "next",
        "messages": [{
            "id": "6b7f61f2-6d0a-4c62-8d5b-0f4c7a0e9a01", "author": {"role": "user"}, "create_time": 1.7e9,
            "content": {"content_type": "text", "parts": [text]},
            "metadata": {"serialization_metadata": {"custom_symbol_offsets": []}},
        }],
        "parent_message_id": parent, "model": "auto", "timezone_offset_min": -60,
        "supported_encodings": ["v1"], "supports_buffering": true, "history_and_training_disabled": false,
    });
    if let Some(conversation) = conversation {
        body["conversation_id"] = json!(conversation);
    }
    body
}

/// claude.ai's body.
pub(crate) fn claude_body(text: &str, parent: &str) -> Value {
    json!({
        "prompt": text, "model": "claude-test", "timezone": "Europe/Berlin", "locale": "en-US",
        "rendering_mode": "messages", "parent_message_uuid": parent, "attachments": [], "files": [],
        "sync_sources": [], "tools": [], "personalized_styles": [],
        "turn_message_uuids": {
            "human_message_uuid": "0f7e0e5e-6a6b-4a2b-9e0a-4f6f6a1f0b01",
            "assistant_message_uuid": "0f7e0e5e-6a6b-4a2b-9e0a-4f6f6a1f0b02",
        },
    })
}

/// Text of the last message in a list, whether plain or in parts.
fn last_said(messages: &Value) -> String {
    let Some(last) = messages.as_array().and_then(|all| all.last()) else { return String::new() };
    let content = if last["content"].is_null() { &last["output"] } else { &last["content"] };
    content.as_array().map_or_else(|| plain(content), |parts| parts.iter().map(part_text).collect())
}

/// Text of one part; a tool's result has parts of its own.
fn part_text(part: &Value) -> String {
    let inner = &part["content"];
    if let Some(parts) = inner.as_array() {
        return parts.iter().map(|part| plain(&part["text"])).collect();
    }
    inner.as_str().map_or_else(|| plain(&part["text"]), str::to_owned)
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether the body's last item is a tool's result.
pub(crate) fn is_tool_result(body: &Value) -> bool {
    let list = if body["messages"].is_array() { &body["messages"] } else { &body["input"] };
    let Some(last) = list.as_array().and_then(|all| all.last()) else { return false };
    last["role"] == "tool" || last["type"] == "function_call_output" || last["content"][0]["type"] == "tool_result"
}
