//! What a string in a site's JSON is, judged by its key, its siblings and its shape: text, machine value, media, or
//! part of a signed block. The generic rules that hold wherever a site file says nothing; knows no site.
//!
//! The rules fail towards safety: a string that no rule knows is text.

use data_encoding::BASE64;

use super::Role;
use crate::wire::json::{Doc, Kind, Node};

/// Characters from which on a run of base64 is looked at as media.
const MEDIA_MIN: usize = 512;
/// Characters of base64 decoded to tell text from media.
const PROBE: usize = 256;
/// Longest name taken for an identifier, in characters.
const NAME_MAX: usize = 32;
/// Longest value taken for a machine value, in characters.
const MACHINE_MAX: usize = 200;

/// Values under these keys reach their reader byte for byte, with all below them: signatures, ciphertexts.
const SEALED_KEYS: &[&str] = &[
    "signature",
    "encrypted_content",
    "encrypted_index",
    "encrypted_stdout",
    "reasoning_opaque",
    "reasoning_details",
    "reasoningContent",
    "redactedContent",
    "thoughtSignature",
    "thought_signature",
    "cache_control",
    "cachePoint",
];

/// Objects of these types are signed, with the members that the signature vouches for.
const SEALED_TYPES: &[(&str, &[&str])] =
    &[("thinking", &["thinking"]), ("redacted_thinking", &["data"]), ("compaction", &["content"])];

/// What a reasoning item with ciphertext repeats in plain text.
const REASONING_MEMBERS: &[&str] = &["summary", "content"];

/// First words of the machine string in the first system block of Claude Code.
const BILLING_PREFIX: &str = "x-anthropic-billing-header:";

/// Session tokens of the page itself. Masking one logs the person out; a finding in one is a false alarm.
const SESSION_KEYS: &[&str] = &[
    "token",
    "csrf",
    "csrf_token",
    "xsrf",
    "at",
    "nonce",
    "proof",
    "turnstile",
    "cookie",
    "conduit_token",
    "session_token",
    "resume_token",
];

/// Keys whose values are ids, enums and names of machines, when they look like it.
const MACHINE_KEYS: &[&str] = &[
    "action",
    "channel",
    "children",
    "container",
    "content_type",
    "conversation",
    "current_node",
    "effort",
    "encoding",
    "etag",
    "event",
    "fingerprint",
    "finish_reason",
    "format",
    "hash",
    "id",
    "kind",
    "lang",
    "language",
    "locale",
    "media_type",
    "mime_type",
    "mimeType",
    "mode",
    "model",
    "model_slug",
    "object",
    "op",
    "parent",
    "pattern",
    "prompt_cache_key",
    "purpose",
    "recipient",
    "rendering_mode",
    "required",
    "role",
    "safety_identifier",
    "sender",
    "service_tier",
    "size",
    "status",
    "stop",
    "stop_reason",
    "timezone",
    "tool",
    "type",
    "use_case",
    "user",
    "uuid",
    "verbosity",
    "version",
    "voice",
];

/// Keys whose values are addresses.
const URL_KEYS: &[&str] =
    &["url", "uri", "href", "file_url", "image_url", "asset_pointer", "upload_url", "download_url"];

/// Keys under which base64 stands for media.
const MEDIA_KEYS: &[&str] =
    &["data", "bytes", "b64_json", "partial_image_b64", "image_url", "url", "file_data", "audio", "images"];

/// Keys of tool arguments: an object below one is the tool's own, and its keys mean nothing here.
const ARGUMENT_KEYS: &[&str] = &["input", "args", "arguments", "tool_input"];

/// What a string is by the generic rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// Holds nothing: a session's token, an id or enum that no rule could mean.
    Unread,
    /// An address. In an answer nothing is restored in it, since a page might load it; in a request it is text, since
    /// an address that fails is better than one that tells.
    Url,
    /// As the role says.
    Is(Role),
}

/// Judges a string of a site's own document. `key` is the nearest object key above it, `parent` its object.
pub(crate) fn judge(doc: &Doc<'_>, parent: Option<Node>, key: Option<&str>, text: &str) -> Leaf {
    if let Some(role) = media(doc, parent, key, text) {
        return Leaf::Is(role);
    }
    let Some(key) = key else { return Leaf::Is(Role::Text) };
    if SESSION_KEYS.contains(&key) && is_token(text) {
        return Leaf::Unread;
    }
    let machine = is_machine_key(key) || (key == "name" && names_a_tool(doc, parent));
    if machine && is_plain(text) {
        return Leaf::Unread;
    }
    if machine && is_machine_value(text) {
        return Leaf::Is(Role::Opaque);
    }
    match URL_KEYS.contains(&key) && is_url(text) {
        true if is_pointer(text) => Leaf::Is(Role::Opaque),
        true => Leaf::Url,
        false => Leaf::Is(Role::Text),
    }
}

/// Whether a key seals what is below it.
pub(crate) fn is_sealed_key(key: &str) -> bool {
    SEALED_KEYS.contains(&key)
}

/// Whether an object of a request is signed in such a way that its member under `key` must stay as it is. Narrow: what a
/// request calls signed costs nothing to claim, so a message never is, and only members that the signer writes are.
pub(crate) fn seals(doc: &Doc<'_>, node: Node, key: &str) -> bool {
    let is_message = ["role", "author"].iter().any(|name| doc.get(node, name).is_some());
    if is_message || doc.kind(node) != Kind::Object {
        return false;
    }
    let sealed = SEALED_TYPES.iter().any(|(name, members)| members.contains(&key) && type_of(doc, node, name));
    sealed || REASONING_MEMBERS.contains(&key) && has_ciphertext(doc, node)
}

/// Whether nothing may be restored in an object of an answer, since it is signed.
pub(crate) fn is_sealed_object(doc: &Doc<'_>, node: Node) -> bool {
    if doc.kind(node) != Kind::Object {
        return false;
    }
    filled(doc, node, "signature")
        || has_ciphertext(doc, node)
        || SEALED_TYPES.iter().any(|(name, _)| type_of(doc, node, name))
}

fn has_ciphertext(doc: &Doc<'_>, node: Node) -> bool {
    filled(doc, node, "encrypted_content") && type_of(doc, node, "reasoning")
}

fn filled(doc: &Doc<'_>, node: Node, key: &str) -> bool {
    doc.get(node, key).is_some_and(|value| doc.str(value).is_some_and(|text| !text.is_empty()))
}

/// Whether an object below this key holds a tool's own arguments.
pub(crate) fn is_argument_key(key: &str) -> bool {
    ARGUMENT_KEYS.contains(&key)
}

/// Whether a machine value is not worth a scan: a UUID, whose digits now and then look like a number of somebody, or a
/// word of an enum.
pub(crate) fn is_plain(text: &str) -> bool {
    is_uuid(text) || text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Whether the name of a field or member is more than an identifier, an id or a hash.
pub(crate) fn is_telling_name(name: &str) -> bool {
    let identifier =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'$' | b'/' | b'[' | b']');
    let hash = |name: &str| name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    !name.bytes().all(identifier) || name.len() > NAME_MAX && !hash(name)
}

/// What no key can make text of: media, and the first system block of Claude Code, which holds a checksum of the request.
pub(crate) fn by_shape(text: &str) -> Option<Role> {
    if is_billing_header(text) { Some(Role::Opaque) } else { media_by_shape(text) }
}

/// `x-anthropic-billing-header: cc_version=2.1.37.abc; cc_entrypoint=cli; cch=00000;` and nothing behind it.
fn is_billing_header(text: &str) -> bool {
    let Some(items) = text.strip_prefix(BILLING_PREFIX) else { return false };
    let value = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    items.trim_end_matches(';').split(';').all(|item| match item.trim().split_once('=') {
        Some((name, text)) => name.starts_with("cc") && text.len() <= 40 && text.bytes().all(value),
        None => false,
    })
}

/// Media in any document, the person's own included: a `data:` URL that is base64 to its end, or a long run of base64
/// of a known kind.
pub(crate) fn media_by_shape(text: &str) -> Option<Role> {
    if let Some(url) = text.strip_prefix("data:") {
        let (kind, payload) = url.split_once(',')?;
        let encoded = kind.ends_with(";base64") && is_base64(payload);
        return encoded.then(|| role_of_encoded(kind, payload));
    }
    let long = text.len() >= MEDIA_MIN && is_base64(text);
    (long && has_media_magic(text)).then_some(Role::Media)
}

fn media(doc: &Doc<'_>, parent: Option<Node>, key: Option<&str>, text: &str) -> Option<Role> {
    if let Some(role) = by_shape(text) {
        return Some(role);
    }
    let key = key.filter(|key| MEDIA_KEYS.contains(key))?;
    let sibling = |name: &str| parent.and_then(|parent| doc.get(parent, name)).and_then(|node| doc.str(node));
    let declared = ["media_type", "mimeType", "mime_type"].iter().find_map(|name| sibling(name));
    let says_base64 = sibling("type").as_deref() == Some("base64") || declared.is_some() || key.contains("b64");
    let long = text.len() >= MEDIA_MIN;
    if text.is_empty() || !(says_base64 || long) || !is_base64(text) {
        return None;
    }
    Some(role_of_encoded(declared.as_deref().unwrap_or_default(), text))
}

/// Encoded text is text: the detector looks through base64, and a body that the site rejects is better than a leak.
fn role_of_encoded(kind: &str, payload: &str) -> Role {
    let textual = ["text/", "application/json", "application/xml", "csv"].iter().any(|part| kind.contains(part));
    if textual || holds_text(payload) { Role::Text } else { Role::Media }
}

/// Whether base64 begins with text, whatever it is declared to be. All media begin with bytes that text has not.
fn holds_text(payload: &str) -> bool {
    let start: String = payload
        .chars()
        .take(PROBE)
        .map(|c| {
            if c == '-' {
                '+'
            } else if c == '_' {
                '/'
            } else {
                c
            }
        })
        .collect();
    let whole = start.trim_end_matches('=');
    let whole = whole.get(..whole.len() / 4 * 4).unwrap_or_default();
    let Ok(bytes) = BASE64.decode(whole.as_bytes()) else { return false };
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // A character may be cut at the end.
    let all = text.len() + 3 >= bytes.len();
    all && !text.is_empty()
        && !text.starts_with("%PDF")
        && !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace())
}

fn type_of(doc: &Doc<'_>, node: Node, wanted: &str) -> bool {
    doc.get(node, "type").and_then(|value| doc.str(value)).is_some_and(|text| text == wanted)
}

/// `name` is a tool's where its siblings are a tool's; elsewhere it may be a person's.
fn names_a_tool(doc: &Doc<'_>, parent: Option<Node>) -> bool {
    let Some(parent) = parent else { return false };
    ["parameters", "input_schema", "arguments", "input", "call_id", "strict"]
        .iter()
        .any(|key| doc.get(parent, key).is_some())
}

fn is_machine_key(key: &str) -> bool {
    let suffixes = ["_id", "Id", "_ids", "_uuid", "_slug", "_type", "_node", "_at", "timestamp"];
    MACHINE_KEYS.contains(&key) || suffixes.iter().any(|suffix| key.ends_with(suffix))
}

fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, u8)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// One word of letters, digits and the punctuation of ids, paths of models, MIME types and time zones.
fn is_machine_value(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b'+' | b'=');
    !text.is_empty() && text.len() <= MACHINE_MAX && text.bytes().all(inner)
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'@')
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let named =
        scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    named && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The site's own pointers, `sediment://file_…`: no address that anybody else could read.
fn is_pointer(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    !scheme.starts_with("http") && rest.len() <= MACHINE_MAX && !rest.contains(['@', ',', '%', ';'])
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
}

fn has_media_magic(text: &str) -> bool {
    let start = text.as_bytes().get(..24).unwrap_or_default();
    let Ok(bytes) = BASE64.decode(start) else { return false };
    let magics: &[&[u8]] = &[
        b"\x89PNG",
        b"\xFF\xD8\xFF",
        b"GIF8",
        b"RIFF",
        b"%PDF",
        b"PK\x03\x04",
        b"OggS",
        b"ID3",
        b"\xFF\xFB",
        b"BM",
        b"\x1A\x45\xDF\xA3",
        b"fLaC",
    ];
    magics.iter().any(|magic| bytes.starts_with(magic)) || bytes.get(4..8) == Some(b"ftyp")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Limits;

    /// Judges the string at `pointer` of a document.
    fn check(body: &str, pointer: &[&str], expected: Leaf) {
        let doc = Doc::parse(body.as_bytes(), &Limits::default()).unwrap();
        let node = doc.pointer(pointer).unwrap();
        let parent = doc.pointer(&pointer[..pointer.len() - 1]);
        let key = pointer.iter().rev().find(|step| step.parse::<usize>().is_err()).copied();
        assert_eq!(judge(&doc, parent, key, &doc.str(node).unwrap()), expected, "{body}");
    }

    #[test]
    fn a_string_that_no_rule_knows_is_text() {
        check(r#"{"anything":"x"}"#, &["anything"], Leaf::Is(Role::Text));
        check(r#"{"id":"Alice Smith"}"#, &["id"], Leaf::Is(Role::Text));
        check(r#"{"model":"mail alice@corp.test"}"#, &["model"], Leaf::Is(Role::Text));
        check(r#"{"name":"alice"}"#, &["name"], Leaf::Is(Role::Text));
    }

    #[test]
    fn machine_values_at_machine_keys_stay() {
        check(r#"{"id":"msg_01AbC"}"#, &["id"], Leaf::Is(Role::Opaque));
        let uuid = r#"{"parent_message_id":"5e3f9a70-0000-4000-8000-000000000000"}"#;
        check(uuid, &["parent_message_id"], Leaf::Unread);
        check(r#"{"role":"user"}"#, &["role"], Leaf::Unread);
        check(r#"{"name":"getWeather","parameters":{}}"#, &["name"], Leaf::Is(Role::Opaque));
        check(r#"{"stop":["END"]}"#, &["stop", "0"], Leaf::Is(Role::Opaque));
        check(r#"{"url":"https://corp.test/a"}"#, &["url"], Leaf::Url);
        check(r#"{"conduit_token":"eyJhbGciOi.x.y"}"#, &["conduit_token"], Leaf::Unread);
    }

    #[test]
    fn media_is_no_text_but_encoded_text_is_scanned() {
        check(
            r#"{"image_url":{"url":"data:image/png;base64,iVBORw0K"}}"#,
            &["image_url", "url"],
            Leaf::Is(Role::Media),
        );
        check(r#"{"file_data":"data:text/csv;base64,bWFpbA=="}"#, &["file_data"], Leaf::Is(Role::Text));
        check(r#"{"type":"base64","media_type":"image/png","data":"iVBORw0K"}"#, &["data"], Leaf::Is(Role::Media));
        check(r#"{"type":"text","media_type":"text/plain","data":"my text"}"#, &["data"], Leaf::Is(Role::Text));
        check(
            r#"{"image_url":"data:image/png;base64,bWFpbCBhbGljZSBhdCBjb3Jw"}"#,
            &["image_url"],
            Leaf::Is(Role::Text),
        );
        check(r#"{"image_url":"data:image/png;base64,x my text"}"#, &["image_url"], Leaf::Is(Role::Text));
        check(r#"{"image_url":"data:text/plain,my%20text"}"#, &["image_url"], Leaf::Url);
        check(r#"{"url":"mailto:a@b.test"}"#, &["url"], Leaf::Url);
        check(r#"{"asset_pointer":"sediment://file_01?a=b"}"#, &["asset_pointer"], Leaf::Is(Role::Opaque));
        let png = format!(r#"{{"x":"iVBORw0KGgoAAAANSUhEUgAA{}"}}"#, "A".repeat(600));
        check(&png, &["x"], Leaf::Is(Role::Media));
        let text = format!(r#"{{"x":"{}"}}"#, "bWFpbCBhbGljZSBtYWls".repeat(40));
        check(&text, &["x"], Leaf::Is(Role::Text));
    }

    #[test]
    fn signed_objects_are_sealed() {
        let sealed = |body: &str| {
            let doc = Doc::parse(body.as_bytes(), &Limits::default()).unwrap();
            is_sealed_object(&doc, doc.root())
        };
        assert!(sealed(r#"{"type":"thinking","thinking":"x"}"#));
        assert!(sealed(r#"{"type":"redacted_thinking","data":"x"}"#));
        assert!(sealed(r#"{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}"#));
        assert!(sealed(r#"{"text":"x","signature":"EqQB"}"#));
        assert!(!sealed(r#"{"type":"reasoning","summary":[],"encrypted_content":null}"#));
        assert!(!sealed(r#"{"type":"text","text":"x","signature":""}"#));
    }

    #[test]
    fn a_request_seals_only_what_a_signer_writes() {
        let sealed = |body: &str, key: &str| {
            let doc = Doc::parse(body.as_bytes(), &Limits::default()).unwrap();
            seals(&doc, doc.root(), key)
        };
        assert!(sealed(r#"{"type":"thinking","thinking":"x","signature":"EqQB"}"#, "thinking"));
        assert!(sealed(r#"{"type":"compaction","content":"x"}"#, "content"));
        assert!(sealed(r#"{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}"#, "summary"));
        assert!(!sealed(r#"{"type":"thinking","text":"x"}"#, "text"));
        assert!(!sealed(r#"{"role":"user","type":"compaction","content":"x"}"#, "content"));
        assert!(!sealed(r#"{"type":"text","text":"x","signature":"EqQB"}"#, "text"));
    }

    #[test]
    fn only_the_machine_string_itself_is_a_billing_header() {
        let of = |tail: &str| by_shape(&format!("x-anthropic-billing-header:{tail}"));
        assert_eq!(of(" cc_version=2.1.37.abc; cc_entrypoint=cli; cch=00000;"), Some(Role::Opaque));
        for tail in [" my password is x", " cc_version=1; note me", " cc_version=a@b.test", "\ncc=1\nmail a"] {
            assert_eq!(of(tail), None, "{tail}");
        }
    }
}
