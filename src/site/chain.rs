//! Reads a whole request into a `Prompt`: body by the endpoint's codec, then query, path and the headers that carry
//! text. Body bytes come content-decoded. Judges nothing that is found.

mod bytes;

use super::{Class, Endpoint, Head, Part, Prompt, Role, Site, leaf, path::Place, spec::Codec, walk::Walk};
use crate::wire::{Limits, OffsetMap, Unreadable, form, media_type, multipart};

/// Shortest run of printable characters in binary data that is worth a scan, in bytes. Below, noise prevails: at 12
/// a megabyte of random bytes has about five.
const BINARY_RUN_MIN: usize = 12;

/// Headers whose JSON value holds text of the person's machine (paths, remotes): masked like a body.
const JSON_HEADERS: &[&str] = &["x-codex-turn-metadata"];
/// Headers that hold an address: its query is masked like the request's own.
const URL_HEADERS: &[&str] = &["referer", "http-referer"];
/// Headers that hold a name or title.
const TEXT_HEADERS: &[&str] = &["x-title", "x-goog-upload-file-name", "content-disposition", "baggage"];

/// Reads all that can be scanned of a request. `body` is content-decoded. Sign-in and the like give no spans.
///
/// # Errors
/// When the body is not what the endpoint demands, or breaks a limit.
pub fn read(
    _site: &Site,
    endpoint: &Endpoint,
    head: &Head,
    body: &[u8],
    limits: &Limits,
) -> Result<Prompt, Unreadable> {
    if endpoint.class == Class::Account {
        return Ok(Prompt::default());
    }
    let mut walk = Walk::new(&endpoint.selectors, limits);
    if !body.is_empty() {
        read_body(endpoint, head, body, limits, &mut walk)?;
    }
    read_path(head, &mut walk);
    read_query(&Query { text: &head.query, part: Part::Query, start: 0, label: "query" }, limits, &mut walk);
    read_headers(head, limits, &mut walk);
    Ok(Prompt { spans: walk.finish()? })
}

fn read_body(
    endpoint: &Endpoint,
    head: &Head,
    body: &[u8],
    limits: &Limits,
    walk: &mut Walk<'_>,
) -> Result<(), Unreadable> {
    match endpoint.codec {
        Codec::None => Ok(()),
        Codec::Json => walk.site_document(body, None),
        Codec::Form => read_form(body, limits, walk),
        Codec::Multipart => read_multipart(head, body, limits, walk),
        Codec::Text => read_text(body, walk),
        Codec::Auto if is_file(endpoint, head) => read_file(body, walk),
        Codec::Auto => read_unknown(head, body, limits, walk),
    }
}

/// Whether the body is somebody's file as it is, not a site's document about one.
fn is_file(endpoint: &Endpoint, head: &Head) -> bool {
    let essence = media_type::essence(head.header("content-type").unwrap_or_default());
    let framed = essence.starts_with("multipart/") || essence == "application/x-www-form-urlencoded";
    endpoint.class == Class::Upload && !framed && (head.method == "PUT" || !essence.contains("json"))
}

/// By the bytes first, since a declared type costs nothing to get wrong.
fn read_unknown(head: &Head, body: &[u8], limits: &Limits, walk: &mut Walk<'_>) -> Result<(), Unreadable> {
    let content_type = head.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("multipart/") {
        return read_multipart(head, body, limits, walk);
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return read_form(body, limits, walk);
    }
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let looks_json = first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"' | 0xEF));
    if looks_json {
        match walk.site_document(body, None) {
            Ok(()) => return Ok(()),
            // Broken syntax may be another format; a limit or an ambiguity is not mended by reading it otherwise.
            Err(Unreadable::Syntax { .. } | Unreadable::Charset { .. }) => {}
            Err(
                error @ (Unreadable::Coding(_)
                | Unreadable::CodingStack
                | Unreadable::Damaged { .. }
                | Unreadable::Expanded { .. }
                | Unreadable::TooLarge { .. }
                | Unreadable::Ambiguous { .. }),
            ) => return Err(error),
        }
        if read_lines(body, limits, walk) {
            return Ok(());
        }
    }
    read_file(body, walk)
}

/// Text is its owner's, even when it is JSON: what a site's keys would mean, they do not mean in it.
fn read_file(body: &[u8], walk: &mut Walk<'_>) -> Result<(), Unreadable> {
    walk.enter(Part::Body, Vec::new());
    match bytes::text(body, 0)? {
        Some((text, map)) => walk.own_text(&text, map, 0),
        None => read_binary(body, 0, walk),
    }
    Ok(())
}

/// NDJSON: every line a document of its own, or none is.
fn read_lines(body: &[u8], limits: &Limits, walk: &mut Walk<'_>) -> bool {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in body.split(|byte| *byte == b'\n') {
        if !line.iter().all(u8::is_ascii_whitespace) {
            lines.push((at, line));
        }
        at += line.len() + 1;
    }
    let all_parse = lines.iter().all(|(_, line)| crate::wire::json::Doc::parse(line, limits).is_ok());
    if lines.len() < 2 || !all_parse {
        return false;
    }
    for (index, (start, line)) in lines.into_iter().enumerate() {
        walk.enter(Part::Body, vec![Place::Index(index)]);
        // Parsed above, so this cannot fail; if it did, nothing would be lost but this line's spans.
        if walk.site_document(line, Some(&OffsetMap::shifted(start))).is_err() {
            return false;
        }
    }
    true
}

fn read_form(body: &[u8], limits: &Limits, walk: &mut Walk<'_>) -> Result<(), Unreadable> {
    for pair in form::parse(body, limits)? {
        walk.enter(Part::Body, Vec::new());
        read_pair(pair, &OffsetMap::shifted(0), Vec::new(), walk);
    }
    Ok(())
}

/// A field of a form or query. One without `=` is all name, and what somebody wrote may stand there.
fn read_pair(pair: form::Pair, base: &OffsetMap, mut places: Vec<Place>, walk: &mut Walk<'_>) {
    if leaf::is_telling_name(&pair.name) {
        walk.place(places.clone());
        walk.own_text(&pair.name, pair.name_map.then(base), 0);
    }
    places.push(Place::Key(pair.name));
    walk.place(places);
    walk.named_value(pair.value, pair.map.then(base));
}

fn read_multipart(head: &Head, body: &[u8], limits: &Limits, walk: &mut Walk<'_>) -> Result<(), Unreadable> {
    let broken = |why| Unreadable::Syntax { format: "multipart", at: 0, why };
    let content_type = head.header("content-type").ok_or_else(|| broken("there is no content type"))?;
    let boundary = multipart::boundary(content_type).ok_or_else(|| broken("the content type names no boundary"))?;
    for (index, piece) in multipart::parse(body, &boundary, limits)?.into_iter().enumerate() {
        let name = piece.name.unwrap_or_else(|| format!("part {index}"));
        let is_file = piece.filename.is_some();
        let is_file = is_file || piece.filename_extended.is_some();
        for (filename, range) in piece.filename.into_iter().chain(piece.filename_extended) {
            walk.enter(Part::Body, vec![Place::Key(format!("{name} filename"))]);
            walk.push(filename, OffsetMap::shifted(range.start), Role::Text);
        }
        let telling = leaf::is_telling_name(&name);
        walk.enter(Part::Body, vec![Place::Key(name.clone())]);
        if telling {
            walk.push(name, OffsetMap::shifted(piece.body.start), Role::Opaque);
        }
        let bytes = body.get(piece.body.clone()).unwrap_or_default();
        match bytes::text(bytes, piece.body.start)? {
            Some((text, map)) if is_file => walk.own_text(&text, map, 0),
            Some((text, map)) => walk.named_value(text, map),
            None => read_binary(bytes, piece.body.start, walk),
        }
    }
    Ok(())
}

fn read_text(body: &[u8], walk: &mut Walk<'_>) -> Result<(), Unreadable> {
    let text = std::str::from_utf8(body).map_err(|error| Unreadable::Charset { at: error.valid_up_to() })?;
    walk.enter(Part::Body, Vec::new());
    walk.own_text(text, OffsetMap::shifted(0), 0);
    Ok(())
}

/// Binary data: its printable runs are scanned, none can be changed. `start` is where it lies in the body.
fn read_binary(bytes: &[u8], start: usize, walk: &mut Walk<'_>) {
    let mut from = 0;
    for run in bytes.split(|byte| !(byte.is_ascii_graphic() || *byte == b' ' || *byte >= 0x80)) {
        let at = start + from;
        from += run.len() + 1;
        if run.len() >= BINARY_RUN_MIN {
            read_run(run, at, walk);
        }
    }
}

/// Bytes above ASCII count only where they are UTF-8.
fn read_run(run: &[u8], at: usize, walk: &mut Walk<'_>) {
    let mut from = at;
    for chunk in run.utf8_chunks() {
        let text = chunk.valid();
        if text.len() >= BINARY_RUN_MIN {
            walk.push(text.to_owned(), OffsetMap::shifted(from), Role::Opaque);
        }
        from += text.len() + chunk.invalid().len();
    }
}

/// A path names things; masked it would name others. Segments are decoded one by one.
fn read_path(head: &Head, walk: &mut Walk<'_>) {
    let mut at = 0;
    for segment in head.path.split('/') {
        let (text, map) = unescape_percent(segment, at);
        at += segment.len() + 1;
        // Words and ids of a path are not worth a scan each; what a person may have typed has more to it.
        let telling = text.contains(['@', ' ', '=', ':', '+']) || text.len() > 24;
        if telling && !leaf::is_plain(&text) {
            walk.enter(Part::Path, vec![Place::Key("path".to_owned())]);
            walk.push(text, map, Role::Opaque);
        }
    }
}

/// Percent-decoding of a path segment: no `+`, and what is not UTF-8 stays as it is written.
fn unescape_percent(segment: &str, start: usize) -> (String, OffsetMap) {
    let mut bytes = Vec::new();
    let mut map = OffsetMap::shifted(start);
    let mut rest = segment.as_bytes();
    let mut at = start;
    while let Some((first, after)) = rest.split_first() {
        map.push(bytes.len(), at);
        let escaped = (*first == b'%').then(|| after.get(..2).and_then(hex_byte)).flatten();
        let (byte, width) = escaped.map_or((*first, 1), |byte| (byte, 3));
        bytes.push(byte);
        at += width;
        rest = rest.get(width..).unwrap_or_default();
    }
    map.push(bytes.len(), at);
    match String::from_utf8(bytes) {
        Ok(text) => (text, map),
        Err(_) => (segment.to_owned(), OffsetMap::shifted(start)),
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A query: the request's own, or that of an address in a header.
struct Query<'a> {
    text: &'a str,
    part: Part,
    /// Where it lies in its part.
    start: usize,
    /// How its values are called for people.
    label: &'static str,
}

/// A query that does not parse is scanned as it is written.
fn read_query(query: &Query<'_>, limits: &Limits, walk: &mut Walk<'_>) {
    if query.text.is_empty() {
        return;
    }
    let base = OffsetMap::shifted(query.start);
    let label = Place::Key(query.label.to_owned());
    let Ok(pairs) = form::parse(query.text.as_bytes(), limits) else {
        walk.enter(query.part.clone(), vec![label]);
        return walk.push(query.text.to_owned(), base, Role::Opaque);
    };
    for pair in pairs {
        walk.enter(query.part.clone(), Vec::new());
        read_pair(pair, &base, vec![label.clone()], walk);
    }
}

fn read_headers(head: &Head, limits: &Limits, walk: &mut Walk<'_>) {
    for (index, (name, value)) in head.headers.iter().enumerate() {
        let name = name.as_str();
        let Ok(text) = std::str::from_utf8(value) else { continue };
        let part = Part::Header(index);
        walk.enter(part.clone(), vec![Place::Key(format!("header {name}"))]);
        if JSON_HEADERS.contains(&name) {
            walk.named_value(text.to_owned(), OffsetMap::shifted(0));
        } else if TEXT_HEADERS.contains(&name) {
            walk.push(text.to_owned(), OffsetMap::shifted(0), Role::Text);
        } else if let Some((front, query)) = text.split_once('?').filter(|_| URL_HEADERS.contains(&name)) {
            read_query(&Query { text: query, part, start: front.len() + 1, label: "header referer" }, limits, walk);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::site::{Catalogue, Host, Span};

    fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> Head {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        Head { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers }
    }

    fn prompt(host: &str, head: &Head, body: &[u8]) -> Result<Prompt, Unreadable> {
        static CATALOGUE: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
        let catalogue = CATALOGUE.get_or_init(|| Catalogue::built_in().unwrap());
        let site = catalogue.site_of(&Host::parse(host).unwrap()).unwrap();
        read(site, catalogue.endpoint(site, head), head, body, &Limits::default())
    }

    /// Spans of one role as `path: text`.
    fn spans(prompt: &Prompt, role: Role) -> Vec<String> {
        let of_role = prompt.spans.iter().filter(|span| span.role == role);
        of_role.map(|span| format!("{}: {}", span.path, span.text)).collect()
    }

    /// Puts `word` over the first occurrence of `old` in a text span and gives the part's new bytes.
    fn replace(prompt: &Prompt, bytes: &[u8], old: &str, word: &str) -> String {
        let hit = |span: &&Span| span.role == Role::Text && span.text.contains(old);
        let span = prompt.spans.iter().find(hit).expect("a text span has it");
        let at = span.text.find(old).unwrap();
        let mut out = bytes.to_vec();
        out.splice(span.map.source_range(at..at + old.len()), word.bytes());
        String::from_utf8(out).unwrap()
    }

    fn anthropic(body: &str) -> Prompt {
        prompt("api.anthropic.com", &head("POST", "/v1/messages", &[]), body.as_bytes()).unwrap()
    }

    #[test]
    fn text_is_found_and_ids_are_left() {
        let body = r#"{"model":"claude-x","messages":[{"role":"user","content":[{"type":"text","text":"mail a\u0040b.test"}]}]}"#;
        let prompt = anthropic(body);
        assert_eq!(spans(&prompt, Role::Text), ["messages[0].content[0].text: mail a@b.test"]);
        assert_eq!(
            replace(&prompt, body.as_bytes(), "a@b.test", "X"),
            r#"{"model":"claude-x","messages":[{"role":"user","content":[{"type":"text","text":"mail X"}]}]}"#
        );
    }

    #[test]
    fn signed_blocks_are_opaque_and_tool_input_is_text() {
        let body = r#"{"messages":[{"role":"assistant","content":[
            {"type":"thinking","thinking":"about a@b.test","signature":"EqQB"},
            {"type":"tool_use","id":"toolu_1","name":"Write","input":{"id":"a@b.test","type":"note","n":1}}]}]}"#;
        let prompt = anthropic(body);
        assert!(spans(&prompt, Role::Opaque).contains(&"messages[0].content[0].thinking: about a@b.test".to_owned()));
        let text = spans(&prompt, Role::Text);
        assert_eq!(text, ["messages[0].content[1].input.id: a@b.test", "messages[0].content[1].input.type: note"]);
    }

    #[test]
    fn json_in_a_string_is_covered_with_keys_numbers_and_unescaped_values() {
        let body = r#"{"messages":[{"role":"user","content":"{\"k@b.test\":4111,\"password\":\"hunter2\",\"key\":\"l1\\nl2 \\u0040x\"}"}]}"#;
        let prompt = anthropic(body);
        let text = spans(&prompt, Role::Text);
        assert!(text.iter().any(|span| span.contains("k@b.test")
            && span.contains("4111")
            && span.contains("\"password\":\"hunter2\"")));
        assert!(text.iter().any(|span| span.contains("\"key\":\"l1\nl2 @x\"")), "{text:?}");
        let changed = replace(&prompt, body.as_bytes(), "@x", "P");
        assert!(changed.contains(r#"l1\\nl2 P\"}"#), "{changed}");
        let changed = replace(&prompt, body.as_bytes(), "hunter2", "P");
        assert!(changed.contains(r#"\"password\":\"P\""#), "{changed}");
    }

    #[test]
    fn json_nested_deeper_than_six_is_still_scanned_as_it_stands() {
        let mut text = "secret\\n".to_owned();
        for _ in 0..8 {
            text = serde_json::to_string(&serde_json::json!({ "a": text })).unwrap();
        }
        let body = serde_json::to_string(&serde_json::json!({"messages":[{"role":"user","content":text}]})).unwrap();
        assert!(anthropic(&body).spans.iter().any(|span| span.role == Role::Text && span.text.contains("secret")));
    }

    #[test]
    fn a_form_value_is_read_through_its_json() {
        let state = r#"{"messages":[{"id":"a1b2","content":"mail a@b.test"}]}"#;
        let encoded: String = state.bytes().map(|b| format!("%{b:02X}")).collect();
        let body = format!("prompt=my+text&conversationState={encoded}&csrf=abc");
        let prompt = prompt(
            "chatgpt.com",
            &head("POST", "/unauth-mweb/conversation/updates?operationId=1", &[]),
            body.as_bytes(),
        )
        .unwrap();
        let text = spans(&prompt, Role::Text);
        assert_eq!(text[..2], ["prompt: my text", "conversationState|json|messages[0].content: mail a@b.test"]);
        assert!(replace(&prompt, body.as_bytes(), "my", "your").starts_with("prompt=your+text&"));
    }

    #[test]
    fn multipart_gives_filenames_and_text_files_and_marks_binary() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n\
            --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"alice.txt\"\r\nContent-Type: text/plain\r\n\r\nmail a@b.test\r\n\
            --B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"x.bin\"\r\n\r\n\0\u{1}author a@b.test here\0\r\n--B--\r\n";
        let head = head("POST", "/v1/files", &[("content-type", "multipart/form-data; boundary=B")]);
        let prompt = prompt("api.openai.com", &head, body.as_bytes()).unwrap();
        let text = spans(&prompt, Role::Text);
        assert!(text.contains(&"file filename: alice.txt".to_owned()), "{text:?}");
        assert!(text.contains(&"file: mail a@b.test".to_owned()));
        assert_eq!(spans(&prompt, Role::Opaque), ["image: author a@b.test here"]);
        assert!(replace(&prompt, body.as_bytes(), "a@b.test", "X").contains("\r\n\r\nmail X\r\n"));
    }

    #[test]
    fn ndjson_lines_and_plain_text_are_read_without_a_description() {
        let lines = b"{\"custom_id\":\"r1\",\"body\":{\"content\":\"a@b.test\"}}\n{\"content\":\"two\"}\n";
        let unknown = head("POST", "/v1/new", &[]);
        let read = prompt("api.openai.com", &unknown, lines).unwrap();
        assert_eq!(spans(&read, Role::Text), ["[0].body.content: a@b.test", "[1].content: two"]);
        assert!(replace(&read, lines, "two", "X").ends_with("{\"content\":\"X\"}\n"));
        let read = prompt("api.openai.com", &unknown, "Grüße an a@b.test".as_bytes()).unwrap();
        assert_eq!(spans(&read, Role::Text), [": Grüße an a@b.test"]);
    }

    #[test]
    fn query_referer_and_metadata_are_read_but_cookies_never() {
        let head = head(
            "GET",
            "/?q=mail+a%40b.test&model=gpt-x",
            &[
                ("cookie", "session=a@b.test"),
                ("authorization", "Bearer a@b.test"),
                ("referer", "https://chatgpt.com/?q=mail+c%40d.test"),
                ("x-codex-turn-metadata", r#"{"remote":"git@e.test"}"#),
            ],
        );
        let prompt = prompt("chatgpt.com", &head, b"").unwrap();
        assert_eq!(
            spans(&prompt, Role::Text),
            [
                "query.q: mail a@b.test",
                "header referer.q: mail c@d.test",
                "header x-codex-turn-metadata|json|remote: git@e.test"
            ]
        );
        assert!(prompt.spans.iter().all(|span| span.part != Part::Header(0) && span.part != Part::Header(1)));
    }

    #[test]
    fn sign_in_is_not_read_and_a_broken_prompt_is_unreadable() {
        let sign_in = head("POST", "/api/auth/signin", &[]);
        assert!(prompt("chatgpt.com", &sign_in, br#"{"email":"a@b.test"}"#).unwrap().spans.is_empty());
        let chat = head("POST", "/backend-api/f/conversation", &[]);
        for broken in [&b"{\"messages\":["[..], b"prompt=x", br#"{"a":1,"a":2}"#, b"\xFF"] {
            assert!(prompt("chatgpt.com", &chat, broken).is_err(), "{broken:?}");
        }
        let unknown = head("POST", "/backend-api/new", &[]);
        assert!(prompt("chatgpt.com", &unknown, br#"{"a":1,"a":2}"#).is_err(), "ambiguous wherever it is");
        assert!(prompt("chatgpt.com", &unknown, b"{not json").is_ok(), "text then");
    }

    /// Values of JSON with documents inside strings, to any depth, with characters that need escapes.
    fn any_body() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<u32>().prop_map(serde_json::Value::from),
            "[a-zA-Z \"\\\\\n\u{e9}\u{1F600}/<]{0,12}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                proptest::collection::hash_map("(text|input|arguments|name|k[a-c\"])", inner.clone(), 0..5)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
                inner.prop_map(|value| serde_json::Value::from(value.to_string())),
            ]
        })
    }

    proptest! {
        /// Masking any part of any text leaves a document that reads as before with that part replaced.
        #[test]
        fn a_splice_at_any_span_changes_that_text_alone(
            body in any_body(), pick: prop::sample::Index, from: prop::sample::Index, to: prop::sample::Index,
        ) {
            let bytes = serde_json::json!({ "x": body }).to_string().into_bytes();
            let head = head("POST", "/v1/unknown", &[]);
            let before = prompt("api.openai.com", &head, &bytes).unwrap();
            let texts: Vec<&Span> = before.spans.iter().filter(|span| span.role == Role::Text).collect();
            prop_assume!(!texts.is_empty());
            let span = texts[pick.index(texts.len())];
            // A cut through the quotes and brackets between the values of a person's own document is no masking.
            let inside: Vec<usize> = span.text.char_indices().filter(|(_, c)| c.is_alphanumeric()).map(|(at, _)| at).collect();
            prop_assume!(!inside.is_empty());
            let (a, b) = (inside[from.index(inside.len())], inside[to.index(inside.len())]);
            let range = a.min(b)..a.min(b) + span.text[a.min(b)..].chars().next().map_or(0, char::len_utf8);
            let mut spliced = bytes.clone();
            spliced.splice(span.map.source_range(range.clone()), *b"EMAIL_7K");
            let mut wanted = span.text.clone();
            wanted.replace_range(range, "EMAIL_7K");
            let text = String::from_utf8(spliced.clone()).expect("still UTF-8");
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            let after = prompt("api.openai.com", &head, &spliced).unwrap();
            prop_assert!(after.spans.iter().any(|other| other.text.contains("EMAIL_7K")), "{wanted} in {text}");
        }
    }
}
