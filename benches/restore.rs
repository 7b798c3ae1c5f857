//! Restoring an answer as it streams: MB/s of masked text, in pieces of the size that models send. `cargo bench --bench restore`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scrim::{
    detect::Category,
    mask::{Names, Original, Restorer, ScopeKey},
    site::Surface,
};

/// A scope with as many live names as a busy user has.
fn names(n: usize) -> Names {
    let mut names = Names::new(ScopeKey::new([7; 32]));
    let Ok(category) = Category::parse("EMAIL") else { return names };
    for index in 0..n {
        let original = format!("user{index}@corp.example");
        names.insert(names.name(&category, &original), Original::new(original));
    }
    names
}

/// 8 KiB of an answer, with a placeholder in every `every` sentences.
fn answer(names: &Names, every: usize) -> String {
    let Ok(category) = Category::parse("EMAIL") else { return String::new() };
    let placeholder = names.name(&category, "user0@corp.example");
    let mut text = String::new();
    for sentence in 0.. {
        text.push_str("The quick brown fox jumps over THE LAZY DOG. ");
        if sentence % every == 0 {
            text.push_str(&format!("Write to {placeholder}, see `src/main.rs` (line 12).\n"));
        }
        if text.len() >= 8 << 10 {
            break;
        }
    }
    text
}

fn stream(text: &str, surface: &Surface, names: &Names, piece_bytes: usize) -> String {
    let mut restorer = Restorer::new(surface, None);
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((piece, after)) = rest.split_at_checked(piece_bytes) {
        restorer.push(piece, names, &mut out);
        rest = after;
    }
    restorer.push(rest, names, &mut out);
    restorer.finish(names, &mut out);
    out
}

fn restore(criterion: &mut Criterion) {
    let names = names(10_000);
    let tool = Surface::ToolJson { tool: Some("Write".to_owned()) };
    let mut group = criterion.benchmark_group("restore");
    for (input, every, surface) in [
        ("prose_8KiB_no_placeholder", usize::MAX, &Surface::Prose),
        ("prose_8KiB_placeholder_each_4_sentences", 4, &Surface::Prose),
        ("tool_json_8KiB_placeholder_each_4_sentences", 4, &tool),
    ] {
        let mut text = answer(&names, every);
        if every == usize::MAX {
            text = text.replace('_', " ");
        }
        if matches!(surface, Surface::ToolJson { .. }) {
            text = format!("{{\"content\":\"{}\"}}", text.replace('\n', "\\n"));
        }
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(input, |bencher| bencher.iter(|| stream(black_box(&text), surface, &names, 5)));
    }
    group.finish();
}

criterion_group!(benches, restore);
criterion_main!(benches);
