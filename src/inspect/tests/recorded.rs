//! Every recorded exchange of `tests/sites/` through the real machine, cut at every byte.

use std::{fs, path::Path};

use super::{head, inspector, known, names, open};
use crate::{
    detect::Category,
    inspect::{AnswerPlan, Exchange, Settings},
    mask::{Names, Original},
    site::Head,
};

struct Case {
    name: String,
    head: Head,
    body: Vec<u8>,
    answer: Vec<u8>,
    expected: String,
    content_type: &'static str,
    names: Names,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    let mut cases = Vec::new();
    for site in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for case in fs::read_dir(site).unwrap().map(|entry| entry.unwrap().path()) {
            for (ending, content_type) in [("sse", "text/event-stream; charset=utf-8"), ("json", "application/json")] {
                let answer = case.join(format!("answer.{ending}"));
                if answer.exists() {
                    cases.push(read(&case, &answer, &case.join(format!("expected.{ending}")), content_type));
                }
            }
        }
    }
    assert!(cases.len() >= 8, "the recorded exchanges are there");
    cases
}

fn read(case: &Path, answer: &Path, expected: &Path, content_type: &'static str) -> Case {
    let request = fs::read_to_string(case.join("request.http")).unwrap();
    let (lines, body) = request.split_once("\n\n").unwrap();
    let mut lines = lines.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let mut head = Head { headers: Vec::new(), ..head(method, "h", target.split('?').next().unwrap()) };
    head.headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.to_owned(), v.into())).collect();
    let mut names = names();
    let answer = expand(&fs::read_to_string(answer).unwrap(), &mut names);
    Case {
        name: case.display().to_string(),
        head,
        body: body.strip_suffix('\n').unwrap_or(body).into(),
        answer: answer.into_bytes(),
        expected: without_tags(&fs::read(expected).unwrap()),
        content_type,
        names,
    }
}

/// Replaces `{{CATEGORY:value}}` and `{{CATEGORY:value|from..to}}` by placeholders and makes them live.
fn expand(text: &str, names: &mut Names) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (mark, next) = after.split_once("}}").unwrap();
        out.push_str(before);
        let (category, value) = mark.split_once(':').unwrap();
        let (value, part) = value.split_once('|').unwrap_or((value, ".."));
        let placeholder = names.name(&Category::parse(category).unwrap(), value);
        names.insert(placeholder.clone(), Original::new(value.to_owned()));
        let (from, to) = part.split_once("..").unwrap();
        let whole = placeholder.as_str();
        out.push_str(&whole[from.parse().unwrap_or(0)..to.parse().unwrap_or(whole.len())]);
        rest = next;
    }
    out.push_str(rest);
    out
}

fn answering(case: &Case) -> Exchange {
    let settings = Settings { notice: false, ..Settings::default() };
    let mut exchange = open(&inspector_once(settings), case.head.clone());
    exchange.read(&case.body);
    exchange.decide(known(case.names.clone()));
    let headers = vec![("content-type".to_owned(), case.content_type.as_bytes().to_vec())];
    assert_eq!(exchange.answer_head(200, &headers), AnswerPlan::Restore, "{}", case.name);
    exchange
}

fn inspector_once(settings: Settings) -> std::sync::Arc<crate::inspect::Inspector> {
    static ONCE: std::sync::OnceLock<std::sync::Arc<crate::inspect::Inspector>> = std::sync::OnceLock::new();
    std::sync::Arc::clone(ONCE.get_or_init(|| inspector(settings)))
}

/// The recorded files were written with placeholders of another key: only where they stand counts.
fn without_tags(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut out = String::new();
    let mut done = 0;
    for range in crate::mask::placeholder::candidates(&text) {
        out.push_str(&text[done..range.start]);
        out.push_str("(placeholder)");
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}

fn play(case: &Case, pieces: &[&[u8]]) -> String {
    let mut exchange = answering(case);
    let mut out = Vec::new();
    for piece in pieces {
        exchange.answer(piece, &mut out).unwrap();
    }
    exchange.answer_end(&mut out).unwrap();
    without_tags(&out)
}

#[test]
fn every_recorded_answer_is_restored_as_expected() {
    for case in cases() {
        let out = play(&case, &[&case.answer]);
        assert_eq!(out, case.expected, "{}", case.name);
    }
}

#[test]
fn an_answer_cut_at_any_byte_is_restored_the_same() {
    for case in cases() {
        for cut in 0..=case.answer.len() {
            let (left, right) = case.answer.split_at(cut);
            assert!(play(&case, &[left, right]) == case.expected, "{} cut at {cut}", case.name);
        }
        let bytes: Vec<&[u8]> = case.answer.chunks(1).collect();
        assert!(play(&case, &bytes) == case.expected, "{} byte by byte", case.name);
    }
}
