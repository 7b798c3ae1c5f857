//! One whole exchange in memory: request read, scanned, judged and masked, and a streamed answer restored.
//! `cargo bench --bench inspect --no-default-features`

#![expect(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]

use std::{hint::black_box, net::IpAddr, sync::Arc};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use scrim::{
    detect::Detector,
    inspect::{Exchange, Inspector, Known, Settings},
    mask::{Names, ScopeKey},
    policy::{Policies, Subject},
    site::{Authority, Catalogue, Head},
};

/// The 2 KiB prompt that the detector's bench uses.
const PROMPT: &str = include_str!("../tests/bench/prompt_2KiB.txt");

fn inspector() -> Arc<Inspector> {
    Arc::new(Inspector {
        detector: Detector::built_in().expect("built-in rules compile"),
        catalogue: Catalogue::built_in().expect("built-in sites compile"),
        policies: Policies::built_in().expect("built-in policies compile"),
        settings: Settings::default(),
    })
}

fn head() -> Head {
    Head {
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        query: String::new(),
        headers: vec![
            ("host".to_owned(), b"api.openai.com".to_vec()),
            ("content-type".to_owned(), b"application/json".to_vec()),
        ],
    }
}

fn known() -> Known {
    Known {
        names: Names::new(ScopeKey::new([7; 32])),
        local_turns: None,
        local_available: false,
        seed: [1; 16],
        now: 1_800_000_000,
    }
}

fn exchange(inspector: &Arc<Inspector>) -> Exchange {
    let authority = Authority::parse("api.openai.com:443").expect("an authority");
    let subject = Subject::address(IpAddr::from([127, 0, 0, 1]));
    Exchange::open(Arc::clone(inspector), &authority, head(), subject).expect("a known site")
}

fn request(c: &mut Criterion) {
    let inspector = inspector();
    let body = serde_json::json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": PROMPT}]});
    let body = body.to_string().into_bytes();
    let mut group = c.benchmark_group("inspect");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("request_2KiB", |b| {
        b.iter_batched(
            || exchange(&inspector),
            |mut exchange| {
                exchange.read(black_box(&body));
                exchange.decide(known())
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn answer(c: &mut Criterion) {
    let inspector = inspector();
    let body =
        br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"mail alice.meyer@corp-example.org"}]}"#;
    let mut stream = Vec::new();
    let events = 2_000;
    for _ in 0..events {
        stream.extend_from_slice(
            br#"data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" Word and"},"finish_reason":null}]}"#,
        );
        stream.extend_from_slice(b"\n\n");
    }
    let headers = vec![("content-type".to_owned(), b"text/event-stream".to_vec())];
    let mut group = c.benchmark_group("inspect");
    group.throughput(Throughput::Elements(events));
    group.bench_function("answer_events_restoring", |b| {
        b.iter_batched(
            || {
                let mut exchange = exchange(&inspector);
                exchange.read(body);
                exchange.decide(known());
                exchange.answer_head(200, &headers);
                exchange
            },
            |mut exchange| {
                let mut out = Vec::with_capacity(stream.len());
                exchange.answer(black_box(&stream), &mut out).expect("an answer");
                out
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, request, answer);
criterion_main!(benches);
