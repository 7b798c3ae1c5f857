//! A local model's server in Rust, quick and exact: it says how many turns it was shown. The real one is in
//! `programs::local_model`.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// The running server.
pub(crate) struct Model {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Value>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Model {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Model {
    /// Starts a server.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&asked);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let book = Arc::clone(&book);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&book), request));
                    let serving =
                        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    let _closed = serving.await;
                });
            }
        });
        Self { address, asked, accepting }
    }

    /// Base URL for `[[local.endpoint]]`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bodies of the prompts that were shown to it and hold this text.
    pub(crate) fn asked_about(&self, text: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let holds = |body: &&Value| said(body).iter().any(|turn| turn.contains(text));
        asked.iter().filter(holds).cloned().collect()
    }
}

/// Text of every message of a prompt.
fn said(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    messages.iter().map(|message| message["content"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What the model says to a prompt with this many turns of the person.
pub(crate) fn answer_to(n_turns: usize) -> String {
    format!("Local answer number {n_turns}: nothing left the house.")
}

async fn answer(book: Arc<Mutex<Vec<Value>>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(frame)) = incoming.frame().await {
        body.extend_from_slice(frame.data_ref().map_or(&[], AsRef::as_ref));
    }
    let reply = match head.uri.path() {
        "/health" => json_reply(&json!({"status": "ok"})),
        "/v1/models" => json_reply(&json!({"object": "list", "data": [
            {"id": "stand-in-model", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx": 8192}}]})),
        "/v1/chat/completions" => {
            let body: Value = serde_json::from_slice(&body).unwrap();
            let reply = complete(&body);
            book.lock().unwrap().push(body);
            reply
        }
        _ => {
            let mut reply = Response::new(Full::from("not found"));
            *reply.status_mut() = StatusCode::NOT_FOUND;
            reply
        }
    };
    Ok(reply)
}

fn json_reply(value: &Value) -> Response<Full<Bytes>> {
    typed("application/json", value.to_string())
}

fn typed(content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::from(body));
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    reply
}

fn complete(body: &Value) -> Response<Full<Bytes>> {
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let text = answer_to(messages.iter().filter(|message| message["role"] == "user").count());
    if body["stream"] != json!(true) {
        return json_reply(&json!({"id": "l1", "object": "chat.completion", "created": 1, "model": "stand-in-model",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}));
    }
    typed("text/event-stream", stream(&text))
}

/// As llama.cpp streams: `null` content first, a word a chunk, then usage without choices.
fn stream(text: &str) -> String {
    let chunk = |delta: Value, finish: Value| {
        let body = json!({"id": "l1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in-model",
                          "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        format!("data: {body}\n\n")
    };
    let mut out = chunk(json!({"role": "assistant", "content": null}), Value::Null);
    for word in text.split_inclusive(' ') {
        out.push_str(&chunk(json!({"content": word}), Value::Null));
    }
    out.push_str(&chunk(json!({}), json!("stop")));
    let usage = json!({"id": "l1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in-model",
                       "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}});
    out.push_str(&format!("data: {usage}\n\ndata: [DONE]\n\n"));
    out
}
