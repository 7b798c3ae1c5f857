//! What a string in a site's JSON is, judged by its key, its siblings and its shape: text, machine value, media, or
//! part of a signed block. The generic rules that hold wherever a site file says nothing; knows no site.
//!
//! The rules fail towards safety: a string that no rule knows is text.

use data_encoding::BASE64;

use super::Role;
use crate::wire::json::{Doc, Kind, Node};

/// Characters from which on a run of base64 is looked at as media.
const MEDIA_MIN: usize = 512;
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

/// Objects of these types are signed as a whole.
const SEALED_TYPES: &[&str] = &["thinking", "redacted_thinking", "compaction"];

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
    "const",
    "container",
    "content_type",
    "conversation",
    "current_node",
    "effort",
    "encoding",
    "enum",
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
        true if text.starts_with("http") => Leaf::Url,
        // The site's own pointers: `sediment://file_…`.
        true => Leaf::Is(Role::Opaque),
        false => Leaf::Is(Role::Text),
    }
}

/// Whether a key seals what is below it.
pub(crate) fn is_sealed_key(key: &str) -> bool {
    SEALED_KEYS.contains(&key)
}

/// Whether an object is signed as a whole.
pub(crate) fn is_sealed_object(doc: &Doc<'_>, node: Node) -> bool {
    if doc.kind(node) != Kind::Object {
        return false;
    }
    let filled =
        |key: &str| doc.get(node, key).is_some_and(|value| doc.str(value).is_some_and(|text| !text.is_empty()));
    if filled("signature") || filled("encrypted_content") && type_of(doc, node, "reasoning") {
        return true;
    }
    SEALED_TYPES.iter().any(|sealed| type_of(doc, node, sealed))
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

/// What no key can make text of: media, and the first system block of Claude Code, which holds a checksum of the request.
pub(crate) fn by_shape(text: &str) -> Option<Role> {
    if text.starts_with("x-anthropic-billing-header:") { Some(Role::Opaque) } else { media_by_shape(text) }
}

/// Media in any document, the person's own included: a `data:` URL or a long run of base64 of a known kind.
pub(crate) fn media_by_shape(text: &str) -> Option<Role> {
    if let Some(url) = text.strip_prefix("data:") {
        let (kind, _) = url.split_once(',')?;
        let encoded = kind.ends_with(";base64");
        return encoded.then(|| role_of_media_type(kind));
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
    Some(declared.map_or(Role::Media, |kind| role_of_media_type(&kind)))
}

/// Encoded text is text: the detector looks through base64, and a body that the site rejects is better than a leak.
fn role_of_media_type(kind: &str) -> Role {
    let textual = ["text/", "application/json", "application/xml", "csv"].iter().any(|part| kind.contains(part));
    if textual { Role::Text } else { Role::Media }
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
}
