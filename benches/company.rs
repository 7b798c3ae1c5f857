//! Cost of the company's own lists for one prompt: a dictionary of a million entries, a table of a hundred thousand
//! rows, two thousand documents, a thousand secrets; and of loading them.
//! `cargo bench --bench company --no-default-features`.

#![expect(clippy::expect_used, reason = "a bench without its lists measures nothing")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scrim::detect::{
    Category, Detector, Severity,
    company::{
        Dictionary, Index, Key, Part, Settings,
        dictionary::{About, Matching},
        document::DocumentsBuilder,
        exact::{Column, DataBuilder},
        known::SecretsBuilder,
    },
};
use std::{hint::black_box, sync::Arc};

const PROMPT: &str = include_str!("../tests/bench/prompt_2KiB.txt");
const TEXT: &str = include_str!("../tests/bench/text_1MiB.txt");

/// A stream of numbers that is the same in every run.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed | 1), |last| {
        let mut next = last ^ (last << 13);
        next ^= next >> 7;
        Some(next ^ (next << 17))
    })
}

/// Words of two to four syllables.
fn words(seed: u64) -> impl Iterator<Item = String> {
    const SYLLABLES: [&str; 16] =
        ["ka", "lo", "mir", "te", "sun", "vel", "dor", "pi", "ran", "gu", "shi", "ne", "bau", "tor", "wen", "ilk"];
    numbers(seed).map(|number| {
        let pick = |place: u64| SYLLABLES[usize::try_from(number >> (8 + 4 * place) & 15).unwrap_or(0)];
        (0..2 + number % 3).map(pick).collect()
    })
}

fn prose(seed: u64, n_words: usize) -> String {
    words(seed).take(n_words).collect::<Vec<_>>().join(" ")
}

fn key() -> Key {
    Key::new([7; 32])
}

fn million() -> Vec<String> {
    let pairs = words(1).zip(words(2)).enumerate();
    pairs.take(1_000_000).map(|(number, (one, two))| format!("{one} {two}{number}")).collect()
}

fn dictionary(entries: &[String]) -> Dictionary {
    let about = About {
        name: "customers".to_owned(),
        title: "Customer".to_owned(),
        category: Category::company(),
        severity: Severity::Medium,
        matching: Matching::Word,
        ignore_case: true,
        endings: 0,
        source: String::new(),
    };
    Dictionary::new(&key(), about, entries.len(), entries)
}

fn documents() -> Part {
    let mut builder = DocumentsBuilder::new(&key(), "plans", 40);
    for number in 0..2_000 {
        let name = format!("plan-{number}.txt");
        builder.add(&name, &name, &prose(number + 10, 3_000));
    }
    Part::Documents(builder.finish())
}

fn table() -> Part {
    let columns = ["name", "account"].map(|name| Column { name: name.to_owned(), unique: name == "account" });
    let mut builder = DataBuilder::new(&key(), "customers", Category::company(), columns.to_vec(), 100_000);
    for ((one, two), number) in words(3).zip(words(4)).zip(10_000_000_u64..10_100_000) {
        builder.add([(0, format!("{one} {two}")), (1, (number * 7_919 % 100_000_000).to_string())]);
    }
    Part::Data(builder.finish())
}

fn secrets() -> Part {
    let mut builder = SecretsBuilder::new(&key(), "prod");
    for (index, number) in numbers(5).take(1_000).enumerate() {
        builder.add(&format!("KEY_{index}"), "prod.env", &Category::company(), &format!("{number:016x}Zq"));
    }
    Part::Secrets(builder.finish())
}

fn detector(dictionaries: Vec<Dictionary>, parts: Vec<Part>) -> Detector {
    let dictionaries = dictionaries.into_iter().map(Arc::new).collect();
    let parts = parts.into_iter().map(Arc::new).collect();
    let index = Index::new(&key(), Settings::default(), dictionaries, parts, &[]);
    Detector::compile(&[], &[]).expect("no rule is wrong").with_company(Arc::new(index))
}

fn scan(criterion: &mut Criterion) {
    let copied = format!("Please shorten this: {} Thanks.", prose(787, 300).get(..2_000).expect("prose is ASCII"));
    let entries = million();
    let all = || detector(vec![dictionary(&entries)], vec![documents(), table(), secrets()]);
    let detectors = [
        ("nothing", detector(Vec::new(), Vec::new())),
        ("dictionary_100", detector(vec![dictionary(&entries[..100])], Vec::new())),
        ("dictionary_1M", detector(vec![dictionary(&entries)], Vec::new())),
        ("rows_100k", detector(Vec::new(), vec![table()])),
        ("secrets_1k", detector(Vec::new(), vec![secrets()])),
        ("documents_2k", detector(Vec::new(), vec![documents()])),
        ("all", all()),
    ];
    let mut group = criterion.benchmark_group("company");
    for (text_name, text) in [("prompt_2KiB", PROMPT), ("copied_2KiB", &copied), ("text_1MiB", TEXT)] {
        group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap_or(u64::MAX)));
        for (name, detector) in &detectors {
            group.bench_function(format!("{text_name}/{name}"), |bencher| {
                bencher.iter(|| detector.scan(black_box(text)))
            });
        }
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let entries = million();
    let bytes = documents().to_bytes(&key());
    let text = prose(9, 100_000);
    let mut group = criterion.benchmark_group("company_load");
    group.sample_size(10);
    group.bench_function("dictionary_1M", |bencher| bencher.iter(|| dictionary(&entries)));
    group.bench_function("documents_2k", |bencher| bencher.iter(|| Part::from_bytes(&key(), &bytes)));
    group.throughput(Throughput::Bytes(u64::try_from(text.len()).unwrap_or(u64::MAX)));
    group.bench_function("index_text", |bencher| {
        bencher.iter(|| DocumentsBuilder::new(&key(), "x", 40).add("a", "a", black_box(&text)));
    });
    group.finish();
}

criterion_group!(benches, scan, load);
criterion_main!(benches);
