//! The ways to hide a value, as functions: every way alone, and random pairs of them, must be seen through, and what is
//! masked must be all of it. Cases with their exact bytes are in `tests/detect/disguises.toml`.

mod ways;

use super::*;
use std::{collections::BTreeMap, ops::Range, sync::LazyLock};
use ways::{Kind, Layer, WAYS, Way};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::built_in().unwrap());

/// Values as people write them, by kind. Made up; keys in two halves so that none stands whole in this file.
fn values(kind: Kind) -> Vec<String> {
    let joined = |parts: &[(&str, &str)]| parts.iter().map(|(left, right)| format!("{left}{right}")).collect();
    let plain = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match kind {
        Kind::Card => plain(&["4111111111111111", "5555555555554444", "4012 8888 8888 1881", "5105-1051-0510-5100", "4916338506082832"]),
        Kind::Email => plain(&["alice@corp.io", "bob.smith@mail.acme.com", "c_jones77@firma.de", "dora-k@uni.ac.uk", "ed+x@posteo.net"]),
        Kind::Key => joined(&[
            ("AKIA", "Z2J4N7Q5W3E6R4T7"),
            ("ghp", "_0a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTu4v5W"),
            ("sk_live", "_4eC39HqLyjWDarjtT1zdp7dc"),
            ("glpat", "-Zx8Qv2Lm9Tr4Wk7Hb3Nc"),
            ("xoxb", "-201948573610-294857361094-aB3dE6gH9jK2mN5pQ8sT1vW4"),
        ]),
        Kind::Iban => plain(&["DE89370400440532013000", "GB29NWBK60161331926819", "NL91ABNA0417164300", "DE89 3704 0044 0532 0130 00", "FR1420041010050500013M02606"]),
        Kind::Phone => plain(&["+49 30 901820", "+14155552671", "+44 20 7946 0958", "+33 6 12 34 56 78", "+43 664 1234567"]),
    }
}

const SENTENCES: [(&str, &str); 5] =
    [("Use ", " for the test."), ("value: ", "\n"), ("He sent me ", " yesterday"), ("{\"v\": \"", "\"}"), ("12:00:01 INFO got ", " from client\n")];

/// The text with the value in it, and where the value stands. A way may bring its own quotes and calls: the value is
/// what is between `⟦` and `⟧`.
fn placed(written: &str, sentence: (&str, &str)) -> (String, Vec<Range<usize>>) {
    let marked = if written.contains('⟦') { written.to_owned() } else { format!("⟦{written}⟧") };
    let mut text = format!("{}{marked}{}", sentence.0, sentence.1);
    let mut places = Vec::new();
    while let Some(start) = text.find('⟦') {
        text = text.replacen('⟦', "", 1);
        let end = text.find('⟧').unwrap();
        text = text.replacen('⟧', "", 1);
        places.push(start..end);
    }
    (text, places)
}

/// Whether every letter and digit of the value is in a finding that counts.
fn is_covered(text: &str, value: &[Range<usize>]) -> bool {
    let scan = DETECTOR.scan(text);
    let counts = scan.findings.iter().filter(|finding| finding.confidence >= test::COUNTS_FROM);
    let ranges: Vec<Range<usize>> = counts.flat_map(|finding| finding.ranges.clone()).collect();
    let is_masked = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let says = |at: &usize| text[*at..].starts_with(char::is_alphanumeric);
    let mut hidden = value.iter().flat_map(Range::clone).filter(|at| text.is_char_boundary(*at));
    hidden.all(|at| is_masked(at) || !says(&at))
}

/// Values found, of values hidden, with the first text missed.
fn score(way: &Way, kind: Kind) -> (usize, usize, Option<String>) {
    let (mut found, mut total, mut missed) = (0, 0, None);
    for value in values(kind) {
        for sentence in SENTENCES {
            let (text, place) = placed(&(way.write)(&value), sentence);
            total += 1;
            if is_covered(&text, &place) {
                found += 1;
            } else {
                missed = missed.or(Some(text));
            }
        }
    }
    (found, total, missed)
}

#[test]
fn every_way_is_seen_through_for_every_kind_it_makes_sense_for() {
    let mut failures = Vec::new();
    for way in WAYS {
        for kind in way.kinds {
            let (found, total, missed) = score(way, *kind);
            if found < total {
                failures.push(format!("{} / {kind:?}: {found} of {total}, such as {:?}", way.name, missed.unwrap_or_default()));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Random values of a kind, check digits right.
fn made_up(kind: Kind, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut pick = |alphabet: &str, n: usize| -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut one = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters[usize::try_from(state >> 33).unwrap() % letters.len()]
        };
        (0..n).map(|_| one()).collect()
    };
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    const DIGITS: &str = "0123456789";
    const MIXED: &str = "a0B1c2D3e4F5g6H7i8J9kLmNpQrStUvWxYz";
    match kind {
        Kind::Card => {
            let body = format!("4{}", pick(DIGITS, 14));
            (0..10).map(|check| format!("{body}{check}")).find(|number| luhn(number)).unwrap()
        }
        Kind::Email => format!("{}.{}@{}.com", pick(LETTERS, 5), pick(LETTERS, 6), pick(LETTERS, 8)),
        Kind::Key => format!("ghp_{}", pick(MIXED, 36)),
        Kind::Iban => {
            let account = pick(DIGITS, 18);
            let sum = format!("{account}131400").bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
            format!("DE{:02}{account}", 98 - sum)
        }
        Kind::Phone => format!("+49 171 {}", pick("123456789", 7)),
    }
}

fn luhn(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    validate::digits::luhn_holds(&digits)
}

/// Share of pairs of ways that are seen through, of a hundred.
const PAIRS_LEAST: usize = 97;

#[test]
fn two_ways_one_inside_the_other_are_seen_through() {
    let mut missed = Vec::new();
    let (mut found, mut total) = (0, 0);
    let characters = Layer::Characters;
    let fits = |inner: &Way, outer: &Way| inner.layer < outer.layer || inner.layer == characters && outer.layer == characters;
    for (i, inner) in WAYS.iter().enumerate() {
        for (j, outer) in WAYS.iter().enumerate().filter(|(j, outer)| (i * 7 + j * 3) % 13 == 0 && fits(inner, outer)) {
            for kind in inner.kinds.iter().filter(|kind| outer.kinds.contains(kind)) {
                let value = made_up(*kind, u64::try_from(i * 1000 + j).unwrap());
                let written = (inner.write)(&value).replace(['⟦', '⟧'], "");
                // Escapes of line breaks stay as they are: they would cut a line in two.
                if outer.layer == Layer::Escapes && written.contains('\n') {
                    continue;
                }
                let (text, place) = placed(&(outer.write)(&written), SENTENCES[(i + j) % SENTENCES.len()]);
                total += 1;
                if is_covered(&text, &place) {
                    found += 1;
                } else {
                    missed.push(format!("{} in {} / {kind:?}: {text:?}", inner.name, outer.name));
                }
            }
        }
    }
    assert!(found * 100 >= total * PAIRS_LEAST, "{found} of {total}\n{}", missed.join("\n"));
}

#[test]
fn timing() {
    let russian = "Ваш заказ будет доставлен завтра утром, пожалуйста, оставайтесь на связи. ".repeat(15);
    let chinese = "今天天气很好，我们去公园散步吧。他说：“没问题！”然后我们一起出发了。".repeat(20);
    let german = "Die größte Schwierigkeit lag darin, dass die Prüfung für alle Schüler gleich war – trotz „Ausnahmen“. ".repeat(20);
    let json = "{\"name\":\"M\\u00fcller\",\"url\":\"https:\\/\\/example.org\\/a\",\"text\":\"line\\nnext \\\"quoted\\\"\"},".repeat(22);
    let code = "    throw new Error(\"Could not open \" + name + \": \" +\n        \"the file is missing or not readable\");\n    const a = [1, 2, 3, 4, 5];\n".repeat(16);
    let html = "<tr><td class=\"a\">Hello&nbsp;world &amp; more</td><td><b>12</b> &lt;x&gt;</td></tr>\n".repeat(24);
    let csv = "2024-01-02,12345,67.89,Foo Bar,0044 20 1234,ok\n".repeat(43);
    let log = "2024-01-02T03:04:05.678Z INFO [worker-12] request id=8f3a2b1c9d took 12.5 ms status=200 path=/api/v1/items/42\n".repeat(18);
    let hash = "da39a3ee5e6b4b0d3255bfef95601890afd80709  ./src/main_module_with_long_name.rs\n".repeat(26);
    for (name, text) in [
        ("prompt", include_str!("../../tests/bench/prompt_2KiB.txt")), ("mixed8k", include_str!("../../tests/bench/mixed_8KiB.txt")),
        ("russian", &russian), ("chinese", &chinese), ("german", &german), ("json", &json), ("code", &code), ("html", &html), ("csv", &csv), ("log", &log), ("hash", &hash),
        ("1MiB", include_str!("../../tests/bench/text_1MiB.txt")),
    ] {
        let n = if text.len() > 100_000 { 5 } else { 300 };
        let start = std::time::Instant::now();
        let mut bytes = 0;
        for _ in 0..n { bytes = normalize::views(text).list.iter().map(|v| v.text.len()).sum(); }
        let each = start.elapsed() / n;
        let start = std::time::Instant::now();
        let mut pass = scan::Pass::new(&DETECTOR.rules, &DETECTOR.prefilter, text.len());
        for _ in 0..n { std::hint::black_box(pass.claims(text, Proof::Guess)); }
        let plain = start.elapsed() / n;
        let start = std::time::Instant::now();
        for _ in 0..n { std::hint::black_box(DETECTOR.scan(text)); }
        println!("{name:10} {:8} bytes: views {each:?} ({bytes} bytes), plain {plain:?}, whole {:?}", text.len(), start.elapsed() / n);
    }
    for (name, text) in [("german", german.as_str()), ("code", &code), ("log", &log), ("mixed", include_str!("../../tests/bench/mixed_8KiB.txt")), ("1M", include_str!("../../tests/bench/text_1MiB.txt"))] {
        let text = &text.repeat((1 << 20) / text.len());
        let time = |what: &str, run: &dyn Fn() -> usize| { run(); let start = std::time::Instant::now(); let n = run(); println!("{name} {what}: {:?} per 2 KiB, {n}", start.elapsed() / 512); };
        normalize::parts(text, &time);
    }
    for unit in ["%25", "%2525", "&amp;amp;", "\\u0041", "\u{200b}", "4 1 1 ", "4 1 ", "a\u{335}", "\u{335}", "one two ", "four ", "[52,", "52, ", "34 31 ", "aGVsbG8g", "\" + \"", "\"a\"+", "a@b at ", "dot ", "x at y dot ", "(at)", "=40", "=\n", "\\\n", "1\n", "a1b2\n", "AIKA", "NXVN", "chr(52)+", ".join(", ".join([\"a\",", "<b>", "1<b>1", "{}", "a{}", "**", "\u{202e}a", "１", "аa", "аб", "@ ", " @ a", "a.b@c", "DE89 ", "4_1_", "4111_1111_", "+AEA-", "\\41 ", "\\x41", "@", "a@", "eJx", "H4sI", "\u{e0041}", "一", "\u{1d7d2}", "`${\"a\"}", "0x41,"] {
        let text = unit.repeat((1 << 19) / unit.len());
        let start = std::time::Instant::now();
        let views = normalize::views(&text);
        let bytes: usize = views.list.iter().map(|v| v.text.len()).sum();
        let took = start.elapsed();
        let start = std::time::Instant::now();
        let scan = DETECTOR.scan(&text);
        println!("{unit:?}: views {took:?} x{:.2} cut {} whole {:?} unreadable {}", bytes as f64 / text.len() as f64, views.cut, start.elapsed(), scan.unreadable);
    }
}

#[test]
fn corpora() {
    let mut files = Vec::new();
    let mut walk = vec![std::path::PathBuf::from("/usr/lib/python3"), "/usr/share/doc".into(), "/usr/share/perl".into(), "/root/.cargo/registry/src".into(), "/work/main/src".into(), "/work/main/docs".into(), "/usr/lib/python3.11".into(), "/usr/share/perl5".into(), "/usr/share/i18n/locales".into(), "/usr/include".into()];
    if let Ok(home) = std::env::var("HOME") { walk.push(format!("{home}/.cargo/registry/src").into()); }
    while let Some(dir) = walk.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() { walk.push(entry.path()); } else if kind.is_file() { files.push(entry.path()); }
        }
    }
    files.sort();
    let (mut bytes, mut alarms, mut view_bytes) = (0, BTreeMap::<String, Vec<String>>::new(), 0);
    let (mut t_views, mut t_scan) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    let step = (files.len() / 2500).max(1);
    for file in files.iter().step_by(step) {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        if text.len() > 400_000 || text.is_empty() { continue; }
        bytes += text.len();
        let start = std::time::Instant::now();
        view_bytes += normalize::views(&text).list.iter().map(|v| v.text.len()).sum::<usize>();
        t_views += start.elapsed();
        let start = std::time::Instant::now();
        let scan = DETECTOR.scan(&text);
        t_scan += start.elapsed();
        for finding in scan.findings.iter().filter(|f| f.confidence >= 0.5) {
            let disguise = finding.reasons.iter().find(|r| ["joined", "decoded", "dropped", "folded", "read ", "inside a"].iter().any(|w| r.contains(w)));
            if let Some(reason) = disguise {
                let value = text.get(finding.hull()).unwrap_or_default();
                alarms.entry(format!("{} / {reason}", finding.rule)).or_default().push(format!("{}: {value:?}", file.display()));
            }
        }
    }
    println!("{bytes} bytes of {} files, views {view_bytes} bytes {t_views:?}, scan {t_scan:?}", files.len());
    for (rule, found) in &alarms { println!("ALARM {} {rule}: {}", found.len(), found.iter().take(3).map(|s| s.chars().take(160).collect::<String>()).collect::<Vec<_>>().join(" || ")); }
}
