//! Ways past inspection that were tried: each is a request that carries a value somewhere unusual, and must not leave
//! with it. Beside each the ordinary request that looks like it and must still pass.

use std::sync::{Arc, OnceLock};

use super::{head, inspector, known, names, open};
use crate::{
    inspect::{Action, Inspector, Outcome, Settings},
    policy::Verdict,
    site::Head,
};

const EMAIL: &str = "alice.meyer@corp-example.org";

fn decided(head: Head, body: &[u8]) -> Outcome {
    static INSPECTOR: OnceLock<Arc<Inspector>> = OnceLock::new();
    let inspector = INSPECTOR.get_or_init(|| inspector(Settings::default()));
    let mut exchange = open(inspector, head);
    exchange.read(body);
    exchange.decide(known(names()))
}

/// The value does not leave: it is masked, or the request is refused.
fn stays(head: Head, body: impl AsRef<[u8]>) -> Outcome {
    let body = body.as_ref();
    let outcome = decided(head, body);
    if let Action::Forward { head, body: sent } = &outcome.action {
        let sent = sent.as_deref().unwrap_or(body);
        let headers = head.headers.iter().flat_map(|(_, value)| value.iter().copied());
        let all: Vec<u8> = sent.iter().copied().chain(head.query.bytes()).chain(headers).collect();
        let text = String::from_utf8_lossy(&all).into_owned();
        for form in [EMAIL, "alice.meyer%40corp", "alice.meyer\\u0040corp", &encoded(EMAIL)] {
            assert!(!text.contains(form), "left with {form}: {text}");
        }
        assert_eq!(outcome.report.enforced, Verdict::Mask, "{text}");
    }
    outcome
}

fn passes(head: Head, body: impl AsRef<[u8]>) {
    let body = body.as_ref();
    let outcome = decided(head, body);
    let Action::Forward { body: None, .. } = outcome.action else {
        panic!("changed or refused: {} {:?}", body.escape_ascii(), outcome.report)
    };
}

fn encoded(text: &str) -> String {
    data_encoding::BASE64.encode(text.as_bytes())
}

fn with(mut head: Head, name: &str, value: &str) -> Head {
    head.headers.retain(|(other, _)| other != name || name == "content-encoding");
    head.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    head
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn openai() -> Head {
    head("POST", "api.openai.com", "/v1/chat/completions")
}

fn chatgpt() -> Head {
    head("POST", "chatgpt.com", "/backend-api/f/conversation")
}

fn claude() -> Head {
    head("POST", "api.anthropic.com", "/v1/messages")
}

fn unknown() -> Head {
    head("POST", "chatgpt.com", "/backend-api/something-new")
}

fn message(content: &str) -> String {
    let content = serde_json::to_string(content).unwrap();
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":{content}}}]}}"#)
}

#[test]
fn text_behind_the_beginning_of_a_data_url_is_text() {
    stays(openai(), message(&format!("data:image/png;base64,x {EMAIL}")));
    stays(openai(), message(&format!("data:;base64,{EMAIL}")));
    stays(openai(), message(&format!("data:text/plain,{EMAIL}")));
    let image = |url: &str| {
        format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"{url}"}}}}]}}]}}"#
        )
    };
    stays(openai(), image(&format!("data:text/plain,{EMAIL}")));
    stays(openai(), image(&format!("data:image/png;base64,{}", encoded(&format!("my mail is {EMAIL} ok")))));
    stays(openai(), image(&format!("x:{EMAIL}")));
    passes(
        openai(),
        image(
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        ),
    );
}

#[test]
fn what_only_calls_itself_signed_is_text() {
    let root = format!(r#"{{"signature":"x","type":"thinking","messages":[{{"role":"user","content":"{EMAIL}"}}]}}"#);
    stays(openai(), &root);
    stays(chatgpt(), &root);
    let inner =
        format!(r#"{{"messages":[{{"role":"user","type":"compaction","signature":"x","content":"{EMAIL}"}}]}}"#);
    stays(openai(), &inner);
    let block =
        format!(r#"{{"messages":[{{"role":"user","content":[{{"type":"text","signature":"x","text":"{EMAIL}"}}]}}]}}"#);
    stays(claude(), &block);
    passes(
        claude(),
        r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"EqQB"}]}]}"#,
    );
}

#[test]
fn the_machine_string_of_a_client_shields_no_text() {
    stays(claude(), message(&format!("x-anthropic-billing-header: cc_version=1; {EMAIL}")));
    passes(
        claude(),
        r#"{"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.37.abc; cc_entrypoint=cli;"}],"messages":[]}"#,
    );
}

#[test]
fn keys_that_are_no_identifiers_are_read() {
    stays(
        openai(),
        format!(r#"{{"messages":[],"tools":[{{"function":{{"parameters":{{"properties":{{"{EMAIL}":{{}}}}}}}}}}]}}"#),
    );
    stays(
        claude(),
        format!(
            r#"{{"messages":[{{"role":"assistant","content":[{{"type":"tool_use","name":"f","input":{{"{EMAIL}":1}}}}]}}]}}"#
        ),
    );
    stays(
        openai(),
        format!(r#"{{"messages":[],"tools":[{{"function":{{"parameters":{{"enum":["x","{EMAIL}"]}}}}}}]}}"#),
    );
    stays(openai(), r#"{"messages":[],"tools":[{"function":{"parameters":{"enum":["DE89370400440532013000"]}}}]}"#);
}

#[test]
fn a_form_without_equals_signs_hides_nothing() {
    let form = |path| with(head("POST", "chatgpt.com", path), "content-type", "application/x-www-form-urlencoded");
    for path in ["/unauth-mweb/conversation/updates", "/backend-api/something-new"] {
        stays(form(path), format!(r#"{{"prompt":"{EMAIL}"}}"#));
        stays(form(path), "alice.meyer%40corp-example.org");
        stays(form(path), "a=b&alice.meyer%40corp-example.org=c");
    }
    let query = |query: &str| Head { query: query.to_owned(), ..head("GET", "chatgpt.com", "/") };
    stays(query("q=alice.meyer%40corp-example.org"), "");
    stays(query("alice.meyer%40corp-example.org"), "");
    passes(query("model=gpt-x&hints=search"), "");
}

#[test]
fn a_second_header_does_not_hide_the_coding_or_the_type() {
    let body = gzip(format!(r#"{{"content":"{EMAIL}"}}"#).as_bytes());
    for header in [&["gzip"][..], &["identity", "gzip"], &["identity, gzip"], &["x-gzip"]] {
        let head = header.iter().fold(unknown(), |head, value| with(head, "content-encoding", value));
        stays(head, &body);
    }
    let mut latin = unknown();
    latin.headers.push(("content-encoding".to_owned(), b"gzip\xFF".to_vec()));
    assert_eq!(decided(latin, &body).report.enforced, Verdict::Block);
    let mut two = chatgpt();
    two.headers.push(("content-type".to_owned(), b"multipart/form-data; boundary=B".to_vec()));
    assert_eq!(decided(two, b"{}").report.enforced, Verdict::Block);
}

#[test]
fn what_cannot_be_read_does_not_pass_on_a_path_in_disguise() {
    let twice = format!(r#"{{"messages":"x","messages":"{EMAIL}"}}"#);
    for path in ["/backend-api//f/conversation", "/backend-api/f/conversatio%6e", "/x/../backend-api/f/conversation"] {
        assert_eq!(
            decided(head("POST", "chatgpt.com", path), twice.as_bytes()).report.enforced,
            Verdict::Block,
            "{path}"
        );
        stays(head("POST", "chatgpt.com", path), message(EMAIL));
    }
    for method in ["post", "PUT", "QUERY", "GET"] {
        stays(head(method, "chatgpt.com", "/backend-api/f/conversation"), message(EMAIL));
    }
    stays(head("POST", "chatgpt.com.", "/backend-api/f/conversation"), message(EMAIL));
}

#[test]
fn a_text_file_is_read_in_any_western_charset_and_with_stray_bytes() {
    let put = |kind: &str| with(head("PUT", "x.oaiusercontent.com", "/file"), "content-type", kind);
    let western = [b"Gr\xFC\xDFe an ".as_slice(), EMAIL.as_bytes(), b" und alle"].concat();
    stays(put("text/csv"), &western);
    stays(put("application/octet-stream"), &western);
    stays(put("text/csv; charset=iso-8859-1"), &western);
    stays(put("text/plain"), format!("{EMAIL}\0 {}", "and then some words more ".repeat(9)));
    let wide: Vec<u8> = format!("\u{FEFF}mail {EMAIL}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    stays(put("text/csv"), &wide);

    let part = |content: &[u8]| {
        [b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n", content, b"\r\n--B--\r\n"]
            .concat()
    };
    let upload = with(head("POST", "api.openai.com", "/v1/files"), "content-type", "multipart/form-data; boundary=B");
    stays(upload.clone(), part(&western));
    stays(upload.clone(), part(&wide));
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    passes(upload, part(png));
    passes(put("image/png"), png);
    passes(put(""), [&b"RIFF\x24\x08\0\0WAVEfmt "[..], &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0].repeat(40)].concat());
}

#[test]
fn file_names_and_field_names_are_read_in_every_spelling() {
    let upload = with(head("POST", "api.openai.com", "/v1/files"), "content-type", "multipart/form-data; boundary=B");
    for disposition in [
        format!("name=\"file\"; filename=\"{EMAIL}.txt\""),
        "name=\"file\"; filename=\"a.txt\"; filename*=UTF-8''alice.meyer%40corp-example.org%20x".to_owned(),
        "name=\"file\"; filename*=UTF-8''alice.meyer%40corp-example.org%20x".to_owned(),
    ] {
        stays(upload.clone(), format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\nx\r\n--B--\r\n"));
    }
}

#[test]
fn a_value_in_many_parts_is_found() {
    let parts: Vec<String> = EMAIL.chars().map(|c| format!(r#"{{"type":"text","text":"{c}"}}"#)).collect();
    let body = format!(r#"{{"messages":[{{"role":"user","content":[{}]}}]}}"#, parts.join(","));
    let outcome = decided(openai(), body.as_bytes());
    let Action::Forward { body: Some(sent), .. } = outcome.action else { panic!("left as it came") };
    let sent = String::from_utf8(sent).unwrap();
    assert!(!sent.contains(r#""text":"@""#), "{sent}");
    let thirds =
        ["alice.me", "yer@corp-ex", "ample.org ok"].map(|t| format!(r#"{{"type":"text","text":"{t}"}}"#)).join(",");
    let outcome = decided(openai(), format!(r#"{{"messages":[{{"role":"user","content":[{thirds}]}}]}}"#).as_bytes());
    let Action::Forward { body: Some(sent), .. } = outcome.action else { panic!("left as it came") };
    let sent = String::from_utf8(sent).unwrap();
    assert!(!sent.contains("alice.me") && !sent.contains("yer@corp") && !sent.contains("ample.org"), "{sent}");
}

#[test]
fn a_pasted_password_with_an_escape_is_seen_beside_its_key() {
    let pasted = r#"{"db":{"password":"Tr0ub4dor\u00263-horse","note":"a\nb"}}"#;
    let outcome = decided(openai(), message(pasted).as_bytes());
    assert!(outcome.report.findings.iter().any(|found| found.category == "PASSWORD"), "{:?}", outcome.report);
}

#[test]
fn sentences_do_not_pass_as_ids() {
    stays(chatgpt(), format!(r#"{{"messages":[],"conversation_id":"see {EMAIL}","parent_message_id":"x"}}"#));
    passes(
        chatgpt(),
        r#"{"messages":[],"conversation_id":"5e3f9a70-0000-4000-8000-000000000000","parent_message_id":"client-created-root"}"#,
    );
}

#[test]
fn an_uploaded_document_is_its_owners_not_the_sites() {
    let file = r#"{"id":"DE89370400440532013000","user":{"card":4111111111111111}}"#;
    for kind in ["application/json", "", "application/octet-stream"] {
        let put = with(head("PUT", "x.oaiusercontent.com", "/file"), "content-type", kind);
        let Action::Forward { body: Some(sent), .. } = decided(put, file.as_bytes()).action else { panic!("{kind}") };
        let sent = String::from_utf8(sent).unwrap();
        assert!(!sent.contains("DE8937") && !sent.contains("411111"), "{sent}");
    }
    let about = r#"{"file_name":"a.txt","file_size":4111111111,"use_case":"my_files"}"#;
    passes(head("POST", "chatgpt.com", "/backend-api/files"), about);
}

#[test]
fn requests_of_real_clients_pass_as_they_came() {
    passes(
        chatgpt(),
        r#"{"action":"next","messages":[{"id":"aaa2f3c1-3f0e-4b55-9a53-1f6f4b1c0d11","author":{"role":"user"},"create_time":1764025200.123,"content":{"content_type":"text","parts":["How do I sort a list in Rust?"]},"metadata":{"serialization_metadata":{"custom_symbol_offsets":[]}}}],"parent_message_id":"client-created-root","model":"auto","timezone_offset_min":-60,"timezone":"Europe/Berlin","conversation_mode":{"kind":"primary_assistant"},"supported_encodings":["v1"],"client_contextual_info":{"page_height":900,"app_name":"chatgpt.com"}}"#,
    );
    passes(
        openai(),
        r#"{"model":"gpt-x","temperature":0.2,"tools":[{"type":"function","function":{"name":"get_weather","strict":true,"parameters":{"type":"object","properties":{"city_name":{"type":"string","enum":["Berlin","Paris"]}},"required":["city_name"],"additionalProperties":false}}}],"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"What is in this image?"},{"type":"image_url","image_url":{"url":"https://upload.example.org/a/b.jpg"}}]}]}"#,
    );
    passes(
        claude(),
        r#"{"model":"claude-x","max_tokens":1024,"metadata":{"user_id":"user_0f3a_account_5e3f9a70-0000-4000-8000-000000000000_session_1"},"system":[{"type":"text","text":"You are helpful.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Explain lifetimes."},{"role":"assistant","content":[{"type":"thinking","thinking":"The user asks.","signature":"EqQBCkYIBxgC"},{"type":"tool_use","id":"toolu_01","name":"Read","input":{"file_path":"src/main.rs","limit":200}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":"fn main() {}"}]}]}"#,
    );
    let statsig = r#"{"events":[{"eventName":"page_view","time":1764025200123,"metadata":{"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08":"1","gate:1234567890":true}}]}"#;
    passes(head("POST", "ab.chatgpt.com", "/v1/rgstr"), statsig);
}
