//! `application/x-www-form-urlencoded` bodies and URL queries (WHATWG URL, §5.1), with the way back from each value.
//! Does not interpret values: what is JSON inside a field is the next codec's work.
//!
//! ```text
//! f.req=%5Bnull%2C%22Gr%C3%BC%C3%9Fe%22%5D&at=x+y      two pairs: `f.req` = `[null,"Grüße"]`, `at` = `x y`
//! ```

use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::wire::{Limits, OffsetMap, Unreadable};

/// One `name=value`.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    /// Decoded.
    pub name: String,
    /// Decoded.
    pub value: String,
    /// From offsets in `name` to offsets in the input.
    pub name_map: OffsetMap,
    /// From offsets in `value` to offsets in the input.
    pub map: OffsetMap,
    /// The encoded value in the input; empty, after the name, when there is no `=`.
    pub range: Range<usize>,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pair({} bytes at {:?})", self.value.len(), self.range)
    }
}

/// Reads a body or a query without its `?`. A `%` that is no escape stands for itself, as in browsers; empty pieces
/// between `&` are skipped.
///
/// # Errors
/// [`Unreadable::Charset`] when a name or value decodes to bytes that are not UTF-8; [`Unreadable::TooLarge`] for more
/// pairs than `limits.nodes`.
pub fn parse(input: &[u8], limits: &Limits) -> Result<Vec<Pair>, Unreadable> {
    let mut pairs = Vec::new();
    let mut start = 0;
    while let Some(rest) = input.get(start..).filter(|rest| !rest.is_empty()) {
        let length = memchr(b'&', rest).unwrap_or(rest.len());
        if length > 0 {
            if pairs.len() == limits.nodes {
                return Err(Unreadable::TooLarge { what: "number of form fields", limit: limits.nodes });
            }
            pairs.push(pair(input, start..start + length)?);
        }
        start += length + 1;
    }
    Ok(pairs)
}

/// Appends `text` as a name or value: letters, digits and `*-._` as they are, a space as `+`, all else escaped.
pub fn encode_into(text: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => {
                let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
                out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

fn pair(input: &[u8], range: Range<usize>) -> Result<Pair, Unreadable> {
    let piece = input.get(range.clone()).unwrap_or_default();
    let (name_end, value_start) = match memchr(b'=', piece) {
        Some(at) => (range.start + at, range.start + at + 1),
        None => (range.end, range.end),
    };
    let (name, name_map) = decode(input, range.start..name_end)?;
    let (value, map) = decode(input, value_start..range.end)?;
    Ok(Pair { name, value, name_map, map, range: value_start..range.end })
}

/// Percent-decodes one name or value.
fn decode(input: &[u8], range: Range<usize>) -> Result<(String, OffsetMap), Unreadable> {
    let encoded = input.get(range.clone()).unwrap_or_default();
    let mut map = OffsetMap::shifted(range.start);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(rest) = encoded.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = memchr3(b'%', b'+', b'&', rest).unwrap_or(rest.len());
        bytes.extend_from_slice(rest.get(..plain).unwrap_or_default());
        at += plain;
        let Some(special) = encoded.get(at) else { break };
        if let Some(byte) = escaped(encoded, at) {
            map.push(bytes.len(), range.start + at);
            bytes.push(byte);
            at += 3;
            map.push(bytes.len(), range.start + at);
        } else {
            bytes.push(if *special == b'+' { b' ' } else { *special });
            at += 1;
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, map)),
        Err(error) => Err(Unreadable::Charset { at: map.source(error.utf8_error().valid_up_to()) }),
    }
}

/// The byte that `%XX` at `at` stands for.
fn escaped(encoded: &[u8], at: usize) -> Option<u8> {
    let &[b'%', high, low] = encoded.get(at..at + 3)? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(input: &[u8]) -> Vec<Pair> {
        parse(input, &Limits::default()).unwrap()
    }

    fn check(input: &str, expected: &[(&str, &str)]) {
        let pairs = read(input.as_bytes());
        let found: Vec<(&str, &str)> = pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
        assert_eq!(found, expected, "{input}");
    }

    #[test]
    fn pairs_are_read_as_browsers_read_them() {
        check("", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("&&a=1&&", &[("a", "1")]);
        check("a", &[("a", "")]);
        check("=x", &[("", "x")]);
        check("a=b=c", &[("a", "b=c")]);
        check("a=x+y%20z%2B", &[("a", "x y z+")]);
        check("100%=%zz%4&q=%", &[("100%", "%zz%4"), ("q", "%")]);
        check("gr%C3%BC=%c3%9F\u{e9}", &[("grü", "ßé")]);
        check("a=1&a=2", &[("a", "1"), ("a", "2")]);
    }

    #[test]
    fn a_value_that_is_no_utf8_is_refused_at_its_place() {
        assert_eq!(parse(b"a=1&b=x%E9y", &Limits::default()), Err(Unreadable::Charset { at: 7 }));
        assert_eq!(parse(b"%FF=1", &Limits::default()), Err(Unreadable::Charset { at: 0 }));
    }

    #[test]
    fn the_number_of_pairs_is_capped() {
        let limits = Limits { nodes: 2, ..Limits::default() };
        assert!(parse(b"a&b", &limits).is_ok());
        assert_eq!(parse(b"a&b&c", &limits), Err(Unreadable::TooLarge { what: "number of form fields", limit: 2 }));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", read(b"password=hunter2")), "[Pair(7 bytes at 9..16)]");
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(fields in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,20}"), 0..6)) {
            let mut input = Vec::new();
            for (name, value) in &fields {
                encode_into(name, &mut input);
                input.push(b'=');
                encode_into(value, &mut input);
                input.push(b'&');
            }
            let found: Vec<(String, String)> = read(&input).into_iter().map(|pair| (pair.name, pair.value)).collect();
            prop_assert_eq!(found, fields);
        }

        #[test]
        fn every_character_maps_to_the_bytes_that_encode_it(input in "[a-c%0-9A-F=&+é]{0,40}") {
            let Ok(pairs) = parse(input.as_bytes(), &Limits::default()) else { return Ok(()) };
            for pair in pairs {
                prop_assert_eq!(pair.map.source_range(0..pair.value.len()), pair.range.clone());
                for (at, c) in pair.value.char_indices() {
                    let (decoded, _) = decode(input.as_bytes(), pair.map.source_range(at..at + c.len_utf8())).unwrap();
                    prop_assert_eq!(decoded, c.to_string());
                }
            }
        }

        #[test]
        fn a_splice_at_mapped_offsets_changes_that_text_alone(
            value in "\\PC{1,20}", word in "[A-Z0-9_]{1,8}", from: prop::sample::Index, to: prop::sample::Index,
        ) {
            let mut input = b"a=1&q=".to_vec();
            encode_into(&value, &mut input);
            input.extend_from_slice(b"&z=2");
            let pair = read(&input).swap_remove(1);
            let borders: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
            let (a, b) = (borders[from.index(borders.len())], borders[to.index(borders.len())]);
            input.splice(pair.map.source_range(a.min(b)..a.max(b)), word.bytes());
            let mut wanted = value;
            wanted.replace_range(a.min(b)..a.max(b), &word);
            let after = read(&input);
            prop_assert_eq!(&after[1].value, &wanted);
            prop_assert_eq!((&*after[0].value, &*after[2].value), ("1", "2"));
        }
    }
}
