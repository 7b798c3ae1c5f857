//! Speed of the detector: one thread, all built-in rules, normalising included. Inputs are files under `tests/bench/`;
//! hostile inputs are made here. `cargo bench --bench detect --no-default-features`.

#![expect(clippy::expect_used, reason = "a bench without rules measures nothing")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scrim::detect::Detector;
use std::hint::black_box;

const PROMPT: &str = include_str!("../tests/bench/prompt_2KiB.txt");
const MIXED: &str = include_str!("../tests/bench/mixed_8KiB.txt");
const TEXT: &str = include_str!("../tests/bench/text_1MiB.txt");

fn throughput(text: &str) -> Throughput {
    Throughput::Bytes(u64::try_from(text.len()).unwrap_or(u64::MAX))
}

fn ordinary(criterion: &mut Criterion) {
    let detector = Detector::built_in().expect("the built-in rules compile");
    let mut group = criterion.benchmark_group("detect");
    for (name, text) in [("prompt_2KiB", PROMPT), ("mixed_8KiB", MIXED), ("text_1MiB", TEXT)] {
        group.throughput(throughput(text));
        group.bench_function(name, |bencher| bencher.iter(|| detector.scan(black_box(text))));
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let detector = Detector::built_in().expect("the built-in rules compile");
    let mut group = criterion.benchmark_group("detect_hostile_1MiB");
    group.sample_size(10);
    for unit in [
        "a",
        "1",
        "1 ",
        "@",
        "=",
        "\"",
        "\\",
        "password=",
        "password = \"",
        "eyJ",
        "4111 ",
        "%41",
        "my name is ",
        "1.1.1.1.",
        "-----BEGIN ",
        "a@b.de ",
        "9f86d081884c7d659a2feaa0c55ad015 ",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        group.throughput(throughput(&text));
        group.bench_function(format!("{unit:?}"), |bencher| bencher.iter(|| detector.scan(black_box(&text))));
    }
    let words = every_word(&detector);
    group.throughput(throughput(&words));
    group.bench_function("every anchor and context word", |bencher| bencher.iter(|| detector.scan(black_box(&words))));
    group.finish();
}

/// All anchors and context words of all rules, over and over.
fn every_word(detector: &Detector) -> String {
    let words = detector.rules().flat_map(|rule| {
        let context = rule.context.iter().flat_map(|context| context.all_words());
        rule.anchor.literals.iter().map(String::as_str).chain(context)
    });
    let line = words.collect::<Vec<_>>().join(" ");
    line.repeat((1 << 20) / line.len().max(1) + 1)
}

fn start(criterion: &mut Criterion) {
    criterion.bench_function("detect/compile_all_rules", |bencher| bencher.iter(Detector::built_in));
}

criterion_group!(benches, ordinary, hostile, start);
criterion_main!(benches);
