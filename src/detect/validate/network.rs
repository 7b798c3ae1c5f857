//! Network addresses: which ones say something about somebody. Private, loopback and documentation ranges do not
//! (RFC 1918, 5737, 6890, 3849): they are kept as informational.

use super::{Judgement, Subject};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Confidence of an address that identifies nobody outside of its own network.
const INFORMATIONAL: f32 = 0.2;

/// Words that make four numbers a version.
const VERSION_WORDS: [&str; 14] = [
    "oid ",
    "oid_",
    "objectidentifier",
    "object identifier",
    "version",
    " ver.",
    " ver ",
    "release",
    "build",
    "upgrade",
    "firmware",
    "chrome/",
    "safari/",
    "assembly",
];

/// Check `ipv4`: four octets, and no version number (a word or a `v` before, or a further dotted part).
pub(super) fn ipv4(subject: &Subject<'_>) -> Judgement {
    let Ok(address) = subject.value.parse::<Ipv4Addr>() else { return Judgement::Fails };
    let after = subject.after(2);
    let continues = after.starts_with('.') && after.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
        || after.starts_with(['-', '_', '+'])
        || after.starts_with('/') && subject.value.ends_with(".0");
    let before = subject.before(2).as_bytes();
    let continued = matches!(before, [digit, b'.'] if digit.is_ascii_digit());
    if continues || continued || is_version(subject) || is_in_row(subject) {
        return Judgement::Fails;
    }
    if is_nobodys(address) {
        return Judgement::scored(INFORMATIONAL, "address of a private, reserved or documentation range");
    }
    Judgement::Holds
}

/// Check `ipv4-local`: an address of a private or documentation range, for a rule that asks for a word near it.
pub(super) fn ipv4_local(subject: &Subject<'_>) -> Judgement {
    let Ok(address) = subject.value.parse::<Ipv4Addr>() else { return Judgement::Fails };
    let octets = address.octets();
    let documentation = matches!(octets, [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]);
    let goes_on = subject.after(1).starts_with(['-', '_', '+', '/']) || subject.before(2).ends_with(['.', '-', '_']);
    Judgement::holds(
        (documentation || address.is_private() || octets.first() > Some(&223)) && octets != [255; 4] && !goes_on,
    )
}

fn is_nobodys(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let documentation = matches!(octets, [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]);
    let small = octets.iter().all(|octet| *octet < 20);
    let resolver = matches!(octets, [8, 8, 8, 8] | [8, 8, 4, 4] | [1, 1, 1, 1] | [9, 9, 9, 9]);
    documentation
        || small
        || resolver
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_unspecified()
        || address.is_broadcast()
        || matches!(octets, [0 | 240.., ..] | [100, 64..=127, _, _])
}

/// `4.01 3.51.98.32 2.03`: numbers of a drawing.
fn is_in_row(subject: &Subject<'_>) -> bool {
    let before = matches!(subject.before(2).as_bytes(), [digit, b' '] if digit.is_ascii_digit());
    let after = matches!(subject.after(4).as_bytes(), [b' ', digit, ..] if digit.is_ascii_digit() || matches!(digit, b'-' | b'.'));
    before && after
}

/// A word for a version before it, or a sign that ties it to a name.
fn is_version(subject: &Subject<'_>) -> bool {
    let before = subject.before(24);
    let before = before.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    let tied = before.ends_with(['v', '=', '~', '^', '-', '/', '@', '_']) && !before.ends_with("//");
    tied && !says_address(&before) || VERSION_WORDS.iter().any(|word| before.contains(word))
}

fn says_address(before: &str) -> bool {
    before.contains("ip") || before.contains("host") || before.contains("addr") || before.contains("server")
}

/// Check `ipv6`: an address (RFC 4291) written as RFC 5952 allows. Eight groups are found whatever their range; a shorter
/// form outside of global unicast is informational, as is code with double colons.
pub(super) fn ipv6(subject: &Subject<'_>) -> Judgement {
    let Ok(address) = subject.value.parse::<Ipv6Addr>() else { return Judgement::Fails };
    let tied = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_');
    let after = subject.after(2);
    let whole = !subject.value.contains("::");
    let port = whole
        && matches!(after.as_bytes(), [b':', digit] if digit.is_ascii_digit())
        && !subject.after(7).get(1..).is_some_and(|rest| rest.contains(':'));
    let network = subject.value.ends_with("::") && after.starts_with('/');
    let goes_on =
        network || after.as_bytes().first().is_some_and(tied) && !after.starts_with(": ") && after != ":" && !port;
    if goes_on || subject.before(1).as_bytes().first().is_some_and(tied) {
        return Judgement::Fails;
    }
    let [first, second, ..] = address.segments();
    let documentation = first == 0x2001 && second == 0x0DB8 || first == 0x3FFF && second < 0x1000;
    let resolver = matches!(subject.value, "2001:4860:4860::8888" | "2001:4860:4860::8844" | "2606:4700:4700::1111");
    let bytes = whole && subject.value.split(':').all(|group| group.len() < 3);
    let digits = subject.value.bytes().filter(u8::is_ascii_digit).count();
    let global = first & 0xE000 == 0x2000 && !documentation && !resolver;
    match (bytes, whole, global) {
        (true, _, _) => Judgement::Fails,
        (_, true, _) if !documentation => Judgement::Holds,
        (_, _, true) if digits > 2 => Judgement::Holds,
        _ => Judgement::scored(INFORMATIONAL, "address of a local, reserved or documentation range"),
    }
}

/// Check `mac`: six bytes of a network card (IEEE 802); no group address, no example of RFC 7042, no part of a longer row.
pub(super) fn mac(subject: &Subject<'_>) -> Judgement {
    let digits: String = subject.value.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    let tied = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-');
    let longer =
        subject.after(1).as_bytes().first().is_some_and(tied) || subject.before(1).as_bytes().first().is_some_and(tied);
    let nobody =
        digits.starts_with("00005e0053") || digits.bytes().all(|b| b == b'0') || digits.bytes().all(|b| b == b'f');
    let counted = matches!(
        digits.as_str(),
        "001122334455" | "010203040506" | "112233445566" | "aabbccddeeff" | "0123456789ab" | "123456789abc"
    );
    Judgement::holds(digits.len() == 12 && !longer && !nobody && !counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str, value: &str) -> Judgement {
        let start = text.find(value).unwrap();
        ipv4(&Subject { value, text, range: start..start + value.len() })
    }

    #[test]
    fn versions_are_no_addresses() {
        for text in
            ["Chrome/91.0.44.124", "version 84.17.3.9", "v84.17.3.9", "pkg==84.17.3.9", "84.17.3.9.1", "lib-84.17.3.9"]
        {
            let value = if text.contains("91.") { "91.0.44.124" } else { "84.17.3.9" };
            assert_eq!(judge(text, value), Judgement::Fails, "{text}");
        }
        assert_eq!(judge("from 84.17.33.9 port", "84.17.33.9"), Judgement::Holds);
    }

    #[test]
    fn private_ranges_are_informational() {
        for value in ["10.1.2.3", "192.168.0.1", "127.0.0.1", "203.0.113.7", "8.8.8.8"] {
            assert!(matches!(judge(value, value), Judgement::Scored { confidence, .. } if confidence < 0.5), "{value}");
        }
    }
}
