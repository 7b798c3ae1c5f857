//! Plays the recorded exchanges of `tests/sites/` against the site files and the families' readers, with a restorer of
//! a few lines in place of the real one. Also what ties the tree together: each site file has its cases.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Catalogue, Delivery, Head, Host, Mode, Reader, Role, Surface, View, chain};
use crate::wire::{
    Limits,
    json::{Doc, escape_into},
    sse::{self, SseReader},
};

/// Writes `prompt.json` and `expected.*` anew when it is set.
const WRITE: &str = "SCRIM_WRITE_CASES";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites")
}

fn folders(under: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(under).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn request(case: &Path) -> (Head, Vec<u8>) {
    let text = fs::read_to_string(case.join("request.http")).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.to_owned(), value.into()));
    let head =
        Head { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers: headers.collect() };
    (head, body.strip_suffix('\n').unwrap_or(body).as_bytes().to_vec())
}

/// Compares with a file of the case, or writes it.
fn compare(file: &Path, actual: &str) {
    if std::env::var_os(WRITE).is_some() {
        fs::write(file, actual).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(actual, expected, "{}", file.display());
}

fn check_prompt(catalogue: &Catalogue, case: &Path, site_id: &str) {
    let (head, body) = request(case);
    let site = catalogue.site_of(&Host::parse(head.header("host").unwrap()).unwrap()).unwrap();
    assert_eq!(site.id, site_id, "{}", case.display());
    let endpoint = catalogue.endpoint(site, &head);
    let prompt = chain::read(site, endpoint, &head, &body, &Limits::default()).unwrap();
    let spans = prompt.spans.iter().map(|span| {
        let role = match span.role {
            Role::Text => "text",
            Role::Opaque => "opaque",
            Role::Media => "media",
        };
        format!("  {}", json!({"path": span.path, "role": role, "text": span.text}))
    });
    let lines: Vec<String> = spans.collect();
    compare(&case.join("prompt.json"), &format!("[\n{}\n]\n", lines.join(",\n")));
    for kind in ["sse", "json"] {
        let recorded = case.join(format!("answer.{kind}"));
        if recorded.exists() {
            let (upstream, live) = expand(&fs::read_to_string(recorded).unwrap());
            let mut player = Player { reader: endpoint.answer.reader(), live, held: BTreeMap::new() };
            let seen =
                if kind == "sse" { player.stream(upstream.as_bytes()) } else { player.whole(upstream.as_bytes()) };
            compare(&case.join(format!("expected.{kind}")), &String::from_utf8(seen).unwrap());
        }
    }
}

/// Puts placeholders for the marks; gives them with their originals.
fn expand(text: &str) -> (String, Vec<(String, String)>) {
    let mark = regex::Regex::new(r"(?s)\{\{([A-Z]+):(.*?)(?:\|(\d*)\.\.(\d*))?\}\}").unwrap();
    let mut live: Vec<(String, String)> = Vec::new();
    let replaced = mark.replace_all(text, |found: &regex::Captures<'_>| {
        let (category, original) = (&found[1], &found[2]);
        let known = live.iter().find(|(_, value)| value == original).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            let name = format!("{category}_7K2QX4M9T{}_R4", live.len());
            live.push((name.clone(), original.to_owned()));
            name
        });
        let bound =
            |group: usize, default: usize| found.get(group).map_or(default, |m| m.as_str().parse().unwrap_or(default));
        name[bound(3, 0)..bound(4, name.len())].to_owned()
    });
    (replaced.into_owned(), live)
}

/// Restores an answer as DESIGN.md says, without the rules on where never to restore.
struct Player {
    reader: Box<dyn Reader>,
    live: Vec<(String, String)>,
    held: BTreeMap<String, String>,
}

impl Player {
    fn stream(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut raws: Vec<(Vec<u8>, Option<String>, Vec<u8>)> = Vec::new();
        let mut reader = SseReader::new(&Limits::default());
        let mut keep = |event: sse::Event<'_>| {
            raws.push((event.raw.to_vec(), event.name.map(str::to_owned), event.data.to_vec()));
        };
        reader.push(bytes, &mut keep).unwrap();
        reader.finish(&mut keep);
        let mut out = Vec::new();
        for (raw, name, data) in raws {
            let (before, changed) = self.event(name.as_deref(), &data);
            out.extend(before);
            if changed == data {
                out.extend(raw);
            } else {
                sse::rewrite(&raw, &changed, &mut out);
            }
        }
        for (channel, text) in std::mem::take(&mut self.held) {
            if let Some(Delivery::Before(bytes)) =
                self.reader.deliver(&channel, &self.literal(&text, &Surface::Prose), None)
            {
                out.extend(bytes);
            }
        }
        out
    }

    fn whole(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (before, changed) = self.event(None, bytes);
        assert!(before.is_empty(), "nothing can be put before a document");
        changed
    }

    /// What to send before the event, and its data.
    fn event(&mut self, name: Option<&str>, data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let doc = Doc::parse(data, &Limits::default());
        let View { fields, closes, drops, inserts, .. } = self.reader.view(name, doc.as_ref().ok());
        let mut edits: Vec<(std::ops::Range<usize>, Vec<u8>)> = Vec::new();
        edits.extend(drops.into_iter().map(|range| (range, b"[]".to_vec())));
        edits.extend(inserts.into_iter().map(|(at, bytes)| (at..at, bytes)));
        for field in &fields {
            let piece = crate::wire::json::unescape(&data[field.range.clone()]).unwrap().0;
            let ends = field.mode == Mode::Whole || closes.contains(&field.channel);
            let mut held =
                if field.mode == Mode::Delta { self.held.remove(&field.channel) } else { None }.unwrap_or_default();
            held.push_str(&piece);
            let (mut text, rest) = self.restore(&held, &field.surface);
            if ends {
                text.push_str(&self.literal(&rest, &field.surface));
            } else if !rest.is_empty() {
                self.held.insert(field.channel.clone(), rest);
            }
            if text != piece {
                let mut escaped = Vec::new();
                escape_into(&text, &mut escaped);
                edits.push((field.range.clone(), escaped));
            }
        }
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut changed = data.to_vec();
        edits.into_iter().for_each(|(range, bytes)| drop(changed.splice(range, bytes)));
        let mut before = Vec::new();
        for channel in closes {
            let Some(rest) = self.held.remove(&channel) else { continue };
            let surface = if channel.contains("json") { Surface::ToolJson { tool: None } } else { Surface::Prose };
            let text = self.literal(&rest, &surface);
            let current = changed.clone();
            let doc = Doc::parse(&current, &Limits::default()).ok();
            match self.reader.deliver(&channel, &text, doc.as_ref()) {
                Some(Delivery::Before(bytes)) => before.extend(bytes),
                Some(Delivery::Within(document)) => changed = document,
                None => panic!("`{channel}` cannot be delivered"),
            }
        }
        (before, changed)
    }

    /// The restored text, and what may still become a placeholder.
    fn restore(&self, text: &str, surface: &Surface) -> (String, String) {
        let (mut out, mut rest, mut inside_word) = (String::new(), text, false);
        while let Some(first) = rest.chars().next() {
            let starts = self.live.iter().filter(|_| !inside_word);
            if starts.clone().any(|(name, _)| name.starts_with(rest)) {
                return (out, rest.to_owned());
            }
            if let Some((name, original)) = starts.clone().find(|(name, _)| rest.starts_with(name.as_str())) {
                out.push_str(&escaped(original, surface));
                rest = &rest[name.len()..];
                inside_word = true;
                continue;
            }
            inside_word = first.is_alphanumeric() || first == '_';
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
        (out, String::new())
    }

    /// The end of a channel: a whole placeholder is restored, a part of one is text.
    fn literal(&self, rest: &str, surface: &Surface) -> String {
        self.live
            .iter()
            .find(|(name, _)| name == rest)
            .map_or_else(|| rest.to_owned(), |(_, original)| escaped(original, surface))
    }
}

fn escaped(original: &str, surface: &Surface) -> String {
    match surface {
        Surface::Prose | Surface::ToolText { .. } => original.to_owned(),
        Surface::Quoted | Surface::ToolJson { .. } => {
            let mut bytes = Vec::new();
            escape_into(original, &mut bytes);
            String::from_utf8(bytes).unwrap()
        }
    }
}

#[test]
fn every_recorded_exchange_is_read_as_recorded() {
    let catalogue = Catalogue::built_in().unwrap();
    for site in folders(&root()) {
        let id = site.file_name().unwrap().to_str().unwrap().to_owned();
        for case in folders(&site) {
            check_prompt(&catalogue, &case, &id);
        }
    }
}

#[test]
fn every_site_file_has_recorded_exchanges_and_no_folder_is_without_a_site() {
    let catalogue = Catalogue::built_in().unwrap();
    let mut ids: Vec<String> = catalogue.sites().map(|site| site.id.clone()).collect();
    ids.sort();
    let have: Vec<String> =
        folders(&root()).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(ids, have);
    for site in catalogue.sites() {
        assert_eq!(site.source, format!("rules/sites/{}.toml", site.id));
        let mut endpoints: Vec<&str> = site.endpoints().iter().map(|endpoint| endpoint.id.as_str()).collect();
        endpoints.sort_unstable();
        let n_endpoints = endpoints.len();
        endpoints.dedup();
        assert_eq!(endpoints.len(), n_endpoints, "an endpoint id of `{}` is used twice", site.id);
        assert!(folders(&root().join(&site.id)).len() >= 3, "`{}` has fewer than 3 cases", site.id);
    }
}

#[test]
fn streams_keep_their_number_of_events_where_the_page_counts_them() {
    for case in folders(&root().join("chatgpt-web")).iter().filter(|case| case.join("answer.sse").exists()) {
        let count = |name: &str| fs::read_to_string(case.join(name)).unwrap().matches("data: ").count();
        assert_eq!(count("answer.sse"), count("expected.sse"), "{}", case.display());
    }
}

#[test]
fn expected_answers_are_valid_and_hold_no_placeholder_that_a_person_reads() {
    for case in folders(&root()).iter().flat_map(|site| folders(site)) {
        for name in ["prompt.json", "expected.json"] {
            let Ok(text) = fs::read_to_string(case.join(name)) else { continue };
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", case.display());
        }
        let Ok(text) = fs::read_to_string(case.join("expected.sse")) else { continue };
        // Signed reasoning stays as it is; nothing else does.
        for line in text.lines().filter(|line| !line.contains("thinking") && !line.contains("reasoning")) {
            assert!(!line.contains("_7K2QX4M9T") && !line.contains(":\"IL_7"), "{}: {line}", case.display());
        }
    }
}
