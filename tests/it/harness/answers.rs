//! What the stand-in sites answer: the text they were asked, said back, in each site's format and cut at random places,
//! so that placeholders arrive in pieces. Knows nothing of placeholders itself.

use serde_json::{Value, json};

use super::dialect::{Delivery, Dialect, is_tool_result};

/// An answer before it is sent.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Events of a stream, or one document.
    pub(crate) pieces: Vec<Vec<u8>>,
}

/// Random places to cut at: the same ones for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Cuts(u64);

impl Cuts {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 1 to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap() + 1
    }

    /// A text in pieces of at most six characters.
    pub(crate) fn text(&mut self, text: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        let mut rest = text.chars().peekable();
        while rest.peek().is_some() {
            let length = self.up_to(6);
            pieces.push(rest.by_ref().take(length).collect());
        }
        pieces
    }

    /// Bytes in pieces of at most `most`.
    pub(crate) fn bytes(&mut self, bytes: &[u8], most: usize) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(self.up_to(most).min(rest.len()));
            pieces.push(piece.to_vec());
            rest = after;
        }
        pieces
    }
}

/// The answer to a prompt.
pub(crate) fn answer(dialect: Dialect, body: &Value, cuts: &mut Cuts) -> Answer {
    let asked = dialect.asked(body);
    let delivery = if body["stream"] == json!(true) { Delivery::Streamed } else { Delivery::Whole };
    if body["tools"].as_array().is_some_and(|tools| !tools.is_empty()) && !is_tool_result(body) {
        return tool_call(dialect, &arguments(&asked), delivery, cuts);
    }
    let text = format!("You said: {asked}");
    match (dialect, delivery) {
        (Dialect::OpenAiChat, Delivery::Streamed) => events(chat_stream(&text, cuts)),
        (Dialect::OpenAiResponses, Delivery::Streamed) => events(responses_stream(&text, cuts)),
        (Dialect::Anthropic, Delivery::Streamed) => events(anthropic_stream(&text, cuts)),
        (Dialect::ChatGpt, _) => events(chatgpt_stream(&asked, &text, body, cuts)),
        (Dialect::Claude, _) => events(claude_stream(&text, body, cuts)),
        (Dialect::OpenAiChat, Delivery::Whole) => document(&json!({
            "id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-test",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null},
                         "finish_reason": "stop", "logprobs": null}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        })),
        (Dialect::OpenAiResponses, Delivery::Whole) => document(&response(&[message_item(&text, "completed")])),
        (Dialect::Anthropic, Delivery::Whole) => {
            document(&anthropic_message(json!([{"type": "text", "text": text}]), "end_turn"))
        }
    }
}

/// Arguments as JSON text: what was asked, to be written into a file.
fn arguments(asked: &str) -> String {
    json!({"path": "notes/answer.txt", "content": format!("He said \"{asked}\"\n\tand left.")}).to_string()
}

fn tool_call(dialect: Dialect, arguments: &str, delivery: Delivery, cuts: &mut Cuts) -> Answer {
    match (dialect, delivery) {
        (Dialect::OpenAiChat, Delivery::Streamed) => events(chat_tool_stream(arguments, cuts)),
        (Dialect::OpenAiResponses, Delivery::Streamed) => events(responses_tool_stream(arguments, cuts)),
        (Dialect::Anthropic, Delivery::Streamed) => events(anthropic_tool_stream(arguments, cuts)),
        (Dialect::OpenAiChat, Delivery::Whole) => document(&json!({
            "id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-test",
            "choices": [{"index": 0, "finish_reason": "tool_calls", "logprobs": null, "message": {
                "role": "assistant", "content": null, "refusal": null,
                "tool_calls": [{"id": "call_1", "type": "function",
                                "function": {"name": "write_file", "arguments": arguments}}]}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        })),
        (Dialect::OpenAiResponses, Delivery::Whole) => document(&response(&[call_item(arguments, "completed")])),
        (Dialect::Anthropic, Delivery::Whole) => {
            let input: Value = serde_json::from_str(arguments).unwrap();
            let block = json!({"type": "tool_use", "id": "toolu_1", "name": "write_file", "input": input});
            document(&anthropic_message(json!([block]), "tool_use"))
        }
        (Dialect::ChatGpt | Dialect::Claude, _) => panic!("{dialect:?} has no tools of the client"),
    }
}

fn events(pieces: Vec<Vec<u8>>) -> Answer {
    Answer { status: 200, content_type: "text/event-stream; charset=utf-8", pieces }
}

fn document(value: &Value) -> Answer {
    Answer { status: 200, content_type: "application/json", pieces: vec![value.to_string().into_bytes()] }
}

fn data(value: &Value) -> Vec<u8> {
    format!("data: {value}\n\n").into_bytes()
}

fn named(name: &str, value: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {value}\n\n").into_bytes()
}

/// An event named as its `type` says.
fn typed(value: &Value) -> Vec<u8> {
    named(value["type"].as_str().unwrap(), value)
}

// ── OpenAI chat completions ──

fn chunk(delta: &Value, finish: &Value) -> Vec<u8> {
    data(&json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }))
}

fn chat_stream(text: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let mut out = vec![chunk(&json!({"role": "assistant", "content": ""}), &Value::Null)];
    out.extend(cuts.text(text).iter().map(|piece| chunk(&json!({"content": piece}), &Value::Null)));
    out.push(chunk(&json!({}), &json!("stop")));
    out.push(b"data: [DONE]\n\n".to_vec());
    out
}

fn chat_tool_stream(arguments: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let call =
        json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "write_file", "arguments": ""}});
    let mut out = vec![chunk(&json!({"role": "assistant", "content": null, "tool_calls": [call]}), &Value::Null)];
    for piece in cuts.text(arguments) {
        out.push(chunk(&json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}), &Value::Null));
    }
    out.push(chunk(&json!({}), &json!("tool_calls")));
    out.push(b"data: [DONE]\n\n".to_vec());
    out
}

// ── OpenAI responses ──

fn response(output: &[Value]) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "gpt-test",
        "output": output, "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "error": null,
        "incomplete_details": null, "instructions": null, "metadata": {}, "temperature": 1.0, "top_p": 1.0,
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
                  "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}},
    })
}

fn message_item(text: &str, status: &str) -> Value {
    let content = if status == "completed" { json!([output_text(text)]) } else { json!([]) };
    json!({"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content})
}

fn call_item(arguments: &str, status: &str) -> Value {
    json!({"id": "fc_1", "type": "function_call", "status": status, "call_id": "call_1", "name": "write_file",
           "arguments": arguments})
}

fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

/// Gives every event its number, frames it, and puts `created` before and `completed` behind.
fn numbered(middle: Vec<Value>, item: &Value) -> Vec<Vec<u8>> {
    let mut begun = response(&[]);
    begun["status"] = json!("in_progress");
    let mut all = vec![json!({"type": "response.created", "response": begun})];
    all.extend(middle);
    all.push(json!({"type": "response.output_item.done", "output_index": 0, "item": item}));
    all.push(json!({"type": "response.completed", "response": response(std::slice::from_ref(item))}));
    for (number, event) in all.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    all.iter().map(typed).collect()
}

fn responses_stream(text: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let place = |mut event: Value| {
        event["item_id"] = json!("msg_1");
        event["output_index"] = json!(0);
        event["content_index"] = json!(0);
        event
    };
    let mut middle = vec![
        json!({"type": "response.output_item.added", "output_index": 0, "item": message_item("", "in_progress")}),
        place(json!({"type": "response.content_part.added", "part": output_text("")})),
    ];
    for piece in cuts.text(text) {
        middle.push(place(json!({"type": "response.output_text.delta", "delta": piece, "logprobs": []})));
    }
    middle.push(place(json!({"type": "response.output_text.done", "text": text, "logprobs": []})));
    middle.push(place(json!({"type": "response.content_part.done", "part": output_text(text)})));
    numbered(middle, &message_item(text, "completed"))
}

fn responses_tool_stream(arguments: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let place = |mut event: Value| {
        event["item_id"] = json!("fc_1");
        event["output_index"] = json!(0);
        event
    };
    let mut middle =
        vec![json!({"type": "response.output_item.added", "output_index": 0, "item": call_item("", "in_progress")})];
    for piece in cuts.text(arguments) {
        middle.push(place(json!({"type": "response.function_call_arguments.delta", "delta": piece})));
    }
    middle.push(place(
        json!({"type": "response.function_call_arguments.done", "name": "write_file", "arguments": arguments}),
    ));
    numbered(middle, &call_item(arguments, "completed"))
}

// ── Anthropic messages ──

fn anthropic_message(content: Value, stop: &str) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test", "content": content,
           "stop_reason": stop, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}})
}

/// One block between the start and the end of a message.
fn anthropic_block(block: &Value, deltas: Vec<Value>, stop: &str) -> Vec<Vec<u8>> {
    let mut begun = anthropic_message(json!([]), "");
    begun["stop_reason"] = Value::Null;
    let mut out = vec![
        typed(&json!({"type": "message_start", "message": begun})),
        typed(&json!({"type": "content_block_start", "index": 0, "content_block": block})),
        typed(&json!({"type": "ping"})),
    ];
    for delta in deltas {
        out.push(typed(&json!({"type": "content_block_delta", "index": 0, "delta": delta})));
    }
    out.push(typed(&json!({"type": "content_block_stop", "index": 0})));
    out.push(typed(&json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
                           "usage": {"output_tokens": 1}})));
    out.push(typed(&json!({"type": "message_stop"})));
    out
}

fn anthropic_stream(text: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let deltas = cuts.text(text).iter().map(|piece| json!({"type": "text_delta", "text": piece})).collect();
    anthropic_block(&json!({"type": "text", "text": ""}), deltas, "end_turn")
}

fn anthropic_tool_stream(arguments: &str, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let deltas =
        cuts.text(arguments).iter().map(|piece| json!({"type": "input_json_delta", "partial_json": piece})).collect();
    let block = json!({"type": "tool_use", "id": "toolu_1", "name": "write_file", "input": {}});
    anthropic_block(&block, deltas, "tool_use")
}

// ── chatgpt.com, encoding v1 ──

/// Conversation that the stand-in chatgpt.com opens for whoever starts one.
pub(crate) const CHATGPT_CONVERSATION: &str = "68f1c0de-0000-8000-8000-00000000c0de";

fn chatgpt_stream(asked: &str, text: &str, body: &Value, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let conversation = body["conversation_id"].as_str().unwrap_or(CHATGPT_CONVERSATION);
    let mut echo = body["messages"][0].clone();
    echo["content"]["parts"][0] = json!(asked);
    let message = json!({
        "id": "5a0c8d5e-55d2-4f3e-8b6b-1f6c0d0a0001",
        "author": {"role": "assistant", "name": null, "metadata": {}}, "create_time": 1.0, "update_time": null,
        "content": {"content_type": "text", "parts": [""]}, "status": "in_progress", "end_turn": null, "weight": 1.0,
        "metadata": {"message_type": "next", "model_slug": "auto", "parent_id": body["messages"][0]["id"]},
        "recipient": "all", "channel": "final",
    });
    let mut out = vec![
        b"event: delta_encoding\ndata: \"v1\"\n\n".to_vec(),
        data(&json!({"type": "input_message", "input_message": echo, "conversation_id": conversation})),
        named(
            "delta",
            &json!({"p": "", "o": "add", "c": 0,
            "v": {"message": message, "conversation_id": conversation, "error": null}}),
        ),
    ];
    let mut pieces = cuts.text(text);
    let last = pieces.pop().unwrap_or_default();
    for (number, piece) in pieces.iter().enumerate() {
        // The path and the operation are inherited from the second piece on.
        let delta = if number == 0 {
            json!({"p": "/message/content/parts/0", "o": "append", "v": piece})
        } else {
            json!({"v": piece})
        };
        out.push(named("delta", &delta));
    }
    out.push(named(
        "delta",
        &json!({"p": "", "o": "patch", "v": [
            {"p": "/message/content/parts/0", "o": "append", "v": last},
            {"p": "/message/status", "o": "replace", "v": "finished_successfully"},
            {"p": "/message/end_turn", "o": "replace", "v": true},
            {"p": "/message/metadata", "o": "append", "v": {"is_complete": true, "finish_details": {"type": "stop"}}},
        ]}),
    ));
    out.push(data(&json!({"type": "message_stream_complete", "conversation_id": conversation})));
    out.push(b"data: [DONE]\n\n".to_vec());
    out
}

/// A message of chatgpt.com's socket: an event of a turn's stream inside a JSON string.
pub(crate) fn chatgpt_message(text: &str) -> Value {
    let delta = json!({"p": "/message/content/parts/0", "o": "append", "v": format!("{text}.")});
    json!([{"type": "message", "topic_id": "conversation-turn-1", "offset": "1", "payload": {
        "type": "conversation-turn-stream", "payload": {
            "type": "stream-item", "stream_item_id": "s2", "parent_stream_item_id": "s1",
            "encoded_item": format!("event: delta\ndata: {delta}\n\n")}}}])
}

/// What reading a conversation of chatgpt.com gives.
pub(crate) fn chatgpt_history(id: &str, asked: &str) -> Answer {
    let node = |id: &str, role: &str, text: &str| {
        json!({"id": id, "message": {"id": id, "author": {"role": role}, "content": {"content_type": "text", "parts": [text]}},
               "parent": null, "children": []})
    };
    document(&json!({
        "title": format!("About {asked}"), "conversation_id": id, "current_node": "a2",
        "mapping": {"a1": node("a1", "user", asked), "a2": node("a2", "assistant", &format!("You said: {asked}"))},
    }))
}

// ── claude.ai ──

fn claude_stream(text: &str, body: &Value, cuts: &mut Cuts) -> Vec<Vec<u8>> {
    let ids = &body["turn_message_uuids"];
    let mut out = vec![
        typed(&json!({"type": "message_start", "message": {
            "id": "chatcompl_1", "type": "message", "role": "assistant", "model": "claude-test",
            "parent_uuid": ids["human_message_uuid"], "uuid": ids["assistant_message_uuid"], "content": [],
            "stop_reason": null, "stop_sequence": null}})),
        typed(&json!({"type": "content_block_start", "index": 0, "content_block": {
            "start_timestamp": "2026-01-01T00:00:00Z", "stop_timestamp": null, "type": "text", "text": "",
            "citations": []}})),
    ];
    for piece in cuts.text(text) {
        out.push(typed(
            &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}),
        ));
    }
    out.push(typed(&json!({"type": "content_block_stop", "index": 0, "stop_timestamp": "2026-01-01T00:00:01Z"})));
    out.push(typed(&json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}})));
    out.push(typed(&json!({"type": "message_limit", "message_limit": {"type": "within_limit"}})));
    out.push(typed(&json!({"type": "message_stop"})));
    out
}
