//! A stand-in for the company's own model.

use std::{convert::Infallible, net::SocketAddr};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::harness::whole;

/// Lists one model and answers every prompt with the same words.
pub(super) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let service = service_fn(|request: Request<Incoming>| async move {
                let (parts, body) = request.into_parts();
                let streamed = String::from_utf8_lossy(&whole(body).await).contains("\"stream\":true");
                Ok::<_, Infallible>(answer(&parts.method, parts.uri.path(), streamed))
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
        }
    });
    address
}

fn answer(method: &Method, path: &str, streamed: bool) -> Response<Full<Bytes>> {
    let (content_type, body) = match (method, path, streamed) {
        (&Method::GET, "/v1/models", _) => {
            ("application/json", r#"{"object":"list","data":[{"id":"house-model","object":"model"}]}"#)
        }
        (&Method::POST, "/v1/chat/completions", false) => (
            "application/json",
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}"#,
        ),
        (&Method::POST, "/v1/chat/completions", true) => (
            "text/event-stream",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Answered \"}}]}\n\n\
             data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"at home.\"},\"finish_reason\":\"stop\"}]}\n\n\
             data: [DONE]\n\n",
        ),
        _ => return Response::builder().status(404).body(Full::default()).unwrap(),
    };
    Response::builder().header("content-type", content_type).body(Full::new(Bytes::from(body))).unwrap()
}
