//! Ways to write a value so that a pattern does not see it and a reader, a browser or a program still does.

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use std::io::Write;

/// Kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Card,
    Email,
    Key,
    Iban,
    Phone,
}

/// What a way does to a text. One is put inside another of a later layer, or two that change characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// Changes or adds characters.
    Characters,
    /// Cuts the text in pieces, or reads it out.
    Pieces,
    /// Writes each character another way.
    Escapes,
    /// Packs the whole.
    Packed,
}

/// One way.
pub(super) struct Way {
    pub(super) name: &'static str,
    /// What it makes sense for.
    pub(super) kinds: &'static [Kind],
    pub(super) write: fn(&str) -> String,
    /// What it does, for putting one inside another.
    pub(super) layer: Layer,
}

use Kind::{Card, Email, Iban, Key, Phone};

const ALL: &[Kind] = &[Card, Email, Key, Iban, Phone];
const TOKENS: &[Kind] = &[Card, Email, Key, Iban];
const NUMBERS: &[Kind] = &[Card, Iban];
const LATIN: &[Kind] = &[Email, Key];

const fn way(name: &'static str, kinds: &'static [Kind], write: fn(&str) -> String) -> Way {
    Way { name, kinds, write, layer: Layer::Characters }
}

const fn cut(name: &'static str, kinds: &'static [Kind], write: fn(&str) -> String) -> Way {
    Way { name, kinds, write, layer: Layer::Pieces }
}

const fn escaped(name: &'static str, kinds: &'static [Kind], write: fn(&str) -> String) -> Way {
    Way { name, kinds, write, layer: Layer::Escapes }
}

const fn packed(name: &'static str, kinds: &'static [Kind], write: fn(&str) -> String) -> Way {
    Way { name, kinds, write, layer: Layer::Packed }
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn code(character: char) -> u32 {
    u32::from(character)
}

fn every(text: &str, n: usize, mark: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(n).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(mark)
}

fn halves(text: &str) -> (String, String) {
    let characters: Vec<char> = text.chars().collect();
    let (left, right) = characters.split_at(characters.len() / 2);
    (left.iter().collect(), right.iter().collect())
}

fn thirds(text: &str) -> [String; 3] {
    let characters: Vec<char> = text.chars().collect();
    let third = characters.len() / 3;
    [&characters[..third], &characters[third..2 * third], &characters[2 * third..]].map(|part| part.iter().collect())
}

fn digits_from(text: &str, zero: u32) -> String {
    each(text, |c| c.to_digit(10).map_or(c, |digit| char::from_u32(zero + digit).unwrap()).to_string())
}

fn letters_from(text: &str, small: u32, capital: u32) -> String {
    each(text, |c| {
        let moved = match c {
            'a'..='z' => char::from_u32(small + code(c) - code('a')),
            'A'..='Z' => char::from_u32(capital + code(c) - code('A')),
            _ => None,
        };
        moved.unwrap_or(c).to_string()
    })
}

fn alike(text: &str, from: &str, to: &str) -> String {
    each(text, |c| from.chars().position(|known| known == c).and_then(|at| to.chars().nth(at)).unwrap_or(c).to_string())
}

fn wide(text: &str) -> String {
    each(text, |c| if ('!'..='~').contains(&c) { char::from_u32(code(c) + 0xFEE0).unwrap() } else { c }.to_string())
}

fn spoken(text: &str, words: [&str; 10]) -> String {
    let spoken: Vec<&str> =
        text.chars().filter_map(|c| c.to_digit(10)).map(|digit| words[usize::try_from(digit).unwrap()]).collect();
    spoken.join(" ")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn joined_by(text: &str, joint: &str) -> String {
    let [first, second, third] = thirds(text);
    format!("\"⟦{first}\"{joint}\"{second}\"{joint}\"{third}⟧\"")
}

fn codes(text: &str, separator: &str) -> String {
    text.chars().map(|c| code(c).to_string()).collect::<Vec<_>>().join(separator)
}

fn rotate(text: &str) -> String {
    each(text, |c| {
        let base = if c.is_ascii_lowercase() { 'a' } else { 'A' };
        let turned = if c.is_ascii_alphabetic() {
            char::from_u32((code(c) - code(base) + 13) % 26 + code(base)).unwrap()
        } else {
            c
        };
        turned.to_string()
    })
}

fn lined(text: &str, mark: &str) -> String {
    let (left, right) = halves(text);
    format!("{left}\n{mark}{right}")
}

const ENGLISH: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

pub(super) const WAYS: &[Way] = &[
    // invisible characters
    way("zero-width space", ALL, |v| every(v, 4, "\u{200b}")),
    way("zero-width joiner", ALL, |v| every(v, 3, "\u{200d}")),
    way("zero-width non-joiner everywhere", ALL, |v| every(v, 1, "\u{200c}")),
    way("soft hyphen", ALL, |v| every(v, 4, "\u{ad}")),
    way("word joiner", ALL, |v| every(v, 5, "\u{2060}")),
    way("byte order mark", ALL, |v| every(v, 2, "\u{feff}")),
    way("bidi marks", ALL, |v| every(v, 3, "\u{200e}")),
    way("bidi isolates", ALL, |v| every(v, 4, "\u{2066}\u{2069}")),
    way("variation selectors", ALL, |v| every(v, 1, "\u{fe0f}")),
    way("variation selector 17", ALL, |v| every(v, 2, "\u{e0100}")),
    way("tag characters", ALL, |v| every(v, 3, "\u{e0041}")),
    way("combining grapheme joiner", ALL, |v| every(v, 1, "\u{34f}")),
    way("hangul filler", ALL, |v| every(v, 4, "\u{3164}")),
    way("invisible separator", ALL, |v| every(v, 4, "\u{2063}")),
    way("mongolian vowel separator", ALL, |v| every(v, 4, "\u{180e}")),
    way("struck through", ALL, |v| each(v, |c| format!("{c}\u{336}"))),
    way("short strokes", ALL, |v| each(v, |c| format!("{c}\u{335}"))),
    way("zalgo", ALL, |v| each(v, |c| format!("{c}\u{317}\u{301}\u{346}"))),
    way("underlined", ALL, |v| each(v, |c| format!("{c}\u{332}"))),
    packed("NUL between", ALL, |v| every(v, 1, "\0")),
    packed("terminal colours", ALL, |v| every(v, 4, "\u{1b}[1m")),
    way("smuggled in tags", ALL, |v| each(v, |c| char::from_u32(0xE0000 + code(c)).unwrap().to_string())),
    // other characters
    way("full-width", ALL, wide),
    way("mathematical digits", NUMBERS, |v| digits_from(v, 0x1D7CE)),
    way("monospace digits", NUMBERS, |v| digits_from(v, 0x1D7F6)),
    way("mathematical letters", LATIN, |v| letters_from(v, 0x1D41A, 0x1D400)),
    way("script letters", LATIN, |v| letters_from(v, 0x1D4EA, 0x1D4D0)),
    way("monospace letters", LATIN, |v| letters_from(v, 0x1D68A, 0x1D670)),
    way("sans-serif letters", LATIN, |v| letters_from(v, 0x1D5BA, 0x1D5A0)),
    way("circled letters", LATIN, |v| letters_from(v, 0x24D0, 0x24B6)),
    way("Arabic digits", &[Card, Iban, Phone], |v| digits_from(v, 0x660)),
    way("Persian digits", &[Card, Iban, Phone], |v| digits_from(v, 0x6F0)),
    way("Devanagari digits", &[Card, Iban, Phone], |v| digits_from(v, 0x966)),
    way("Bengali digits", NUMBERS, |v| digits_from(v, 0x9E6)),
    way("Thai digits", NUMBERS, |v| digits_from(v, 0xE50)),
    way("Tibetan digits", NUMBERS, |v| digits_from(v, 0xF20)),
    way("Khmer digits", NUMBERS, |v| digits_from(v, 0x17E0)),
    way("Adlam digits", NUMBERS, |v| digits_from(v, 0x1E950)),
    way("segmented digits", NUMBERS, |v| digits_from(v, 0x1FBF0)),
    way("circled digits", &[Card], |v| alike(v, "0123456789", "⓪①②③④⑤⑥⑦⑧⑨")),
    way("negative circled digits", &[Card], |v| alike(v, "0123456789", "⓿❶❷❸❹❺❻❼❽❾")),
    way("superscript", &[Card, Phone], |v| alike(v, "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    way("subscript", &[Card], |v| alike(v, "0123456789", "₀₁₂₃₄₅₆₇₈₉")),
    cut("keycaps", &[Card], |v| {
        each(v, |c| if c.is_ascii_digit() { format!("{c}\u{fe0f}\u{20e3}") } else { c.to_string() })
    }),
    way("Chinese numerals", &[Card], |v| alike(&v.replace([' ', '-'], ""), "0123456789", "〇一二三四五六七八九")),
    way("Cyrillic letters", LATIN, |v| alike(v, "aceopxyiABCEHKMOPTXS", "асеорхуіАВСЕНКМОРТХЅ")),
    way("some Cyrillic letters", LATIN, |v| alike(v, "ceopP", "сеорР")),
    way("Greek letters", LATIN, |v| alike(v, "oavuiABEHIKMNOPTXYZ", "οανυιΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")),
    way("Armenian letters", LATIN, |v| alike(v, "onhugL", "օոհսցԼ")),
    way("Cherokee letters", &[Key], |v| alike(v, "ABCDEGHJKLMPRSTVWYZ", "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᎽᏃ")),
    way("Lisu letters", &[Key], |v| alike(v, "ABCDEFGHIJKLMNOPRSTUVWXYZ", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ")),
    way("small capitals", &[Email], |v| alike(v, "abcdegijkmoptuvwz", "ᴀʙᴄᴅᴇɢɪᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢ")),
    cut("non-breaking hyphens", &[Key, Card], |v| v.replace('-', "\u{2011}")),
    way("full-width at and dot", &[Email], |v| v.replace('@', "＠").replace('.', "．")),
    way("small at, ideographic stop", &[Email], |v| v.replace('@', "﹫").replace('.', "。")),
    cut("no-break spaces", &[Card, Iban, Phone], |v| every(&v.replace([' ', '-'], ""), 4, "\u{a0}")),
    cut("thin spaces", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "\u{2009}")),
    cut("ideographic spaces", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "\u{3000}")),
    cut("en dashes", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "–")),
    cut("minus signs", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "−")),
    cut("middle dots", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "·")),
    cut("bullets", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "•")),
    cut("division slashes", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "∕")),
    // separators
    cut("spaced out", TOKENS, |v| every(&v.replace(' ', ""), 1, " ")),
    cut("spaced out twice", TOKENS, |v| every(&v.replace(' ', ""), 1, "  ")),
    cut("hyphens between all", &[Card, Email], |v| every(&v.replace([' ', '-'], ""), 1, "-")),
    cut("dots between all", &[Card], |v| every(&v.replace([' ', '-'], ""), 1, ".")),
    cut("underscores between all", &[Card, Iban], |v| every(&v.replace([' ', '-'], ""), 1, "_")),
    cut("commas between all", &[Card, Iban], |v| every(&v.replace([' ', '-'], ""), 1, ", ")),
    cut("bars between all", TOKENS, |v| every(&v.replace(' ', ""), 1, "|")),
    cut("dots between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, ".")),
    cut("underscores between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "_")),
    cut("slashes between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "/")),
    cut("stars between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "*")),
    cut("colons between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, ":")),
    cut("bars between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, " | ")),
    cut("tildes between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "~")),
    cut("plus between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "+")),
    cut("long dashes between groups", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, " - ")),
    cut("lines of four", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "\n")),
    // lines
    cut("split over lines", TOKENS, |v| lined(&v.replace(' ', ""), "")),
    cut("split over lines, indented", TOKENS, |v| lined(&v.replace(' ', ""), "    ")),
    cut("split over lines, quoted", TOKENS, |v| lined(&v.replace(' ', ""), "> ")),
    cut("split over lines, commented", TOKENS, |v| lined(&v.replace(' ', ""), "# ")),
    cut("split over lines, slashes", TOKENS, |v| lined(&v.replace(' ', ""), "// ")),
    cut("split over lines, block comment", TOKENS, |v| lined(&v.replace(' ', ""), " * ")),
    cut("split over lines, numbered", TOKENS, |v| lined(&v.replace(' ', ""), " 12 | ")),
    cut("split over lines, continued", TOKENS, |v| lined(&v.replace(' ', ""), "").replace('\n', "\\\n")),
    cut("split over lines, quoted-printable", TOKENS, |v| lined(&v.replace(' ', ""), "").replace('\n', "=\n")),
    // literals
    cut("literals with +", TOKENS, |v| joined_by(v, " + ")),
    cut("literals with .", TOKENS, |v| joined_by(v, " . ")),
    cut("literals with ..", TOKENS, |v| joined_by(v, " .. ")),
    cut("literals with &", TOKENS, |v| joined_by(v, " & ")),
    cut("literals with ||", TOKENS, |v| joined_by(v, " || ")),
    cut("literals with ++", TOKENS, |v| joined_by(v, " ++ ")),
    cut("literals with <>", TOKENS, |v| joined_by(v, " <> ")),
    cut("literals with <<", TOKENS, |v| joined_by(v, " << ")),
    cut("literals side by side", TOKENS, |v| joined_by(v, " ")),
    cut("literals on lines", TOKENS, |v| joined_by(v, "\n        ")),
    cut("literals with + on lines", TOKENS, |v| joined_by(v, " +\n    ")),
    cut("literals with + first on lines", TOKENS, |v| joined_by(v, "\n    + ")),
    cut("literals continued", TOKENS, |v| joined_by(v, " \\\n    ")),
    cut("literals in single quotes", TOKENS, |v| joined_by(v, " + ").replace('"', "'")),
    cut("join of a list", TOKENS, |v| format!("\"\".join([{}])", joined_by(v, ", "))),
    cut("list joined", TOKENS, |v| format!("[{}].join('')", joined_by(v, ", "))),
    cut("concat call", TOKENS, |v| format!("CONCAT({})", joined_by(v, ", ")).replace('"', "'")),
    cut("concat macro", TOKENS, |v| format!("concat!({})", joined_by(v, ", "))),
    cut("append calls", TOKENS, |v| format!("b.append({})", joined_by(v, "@").replace("\"@\"", "⟧\").append(\"⟦"))),
    cut("implode", TOKENS, |v| format!("implode('', [{}])", joined_by(v, ", "))),
    cut("template literal", &[Card, Key, Iban], |v| {
        let (left, right) = halves(v);
        format!("`${{\"⟦{left}\"}}{right}⟧`")
    }),
    cut("f-string", &[Card, Key, Iban], |v| {
        let (left, right) = halves(v);
        format!("f\"{{'⟦{left}'}}{{'{right}⟧'}}\"")
    }),
    // escapes
    escaped("\\u escapes", ALL, |v| v.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()),
    escaped("\\u{} escapes", ALL, |v| each(v, |c| format!("\\u{{{:x}}}", code(c)))),
    escaped("\\U escapes", ALL, |v| each(v, |c| format!("\\U{:08X}", code(c)))),
    escaped("\\x escapes", ALL, |v| v.bytes().map(|byte| format!("\\x{byte:02x}")).collect()),
    escaped("octal escapes", TOKENS, |v| {
        each(v, |c| {
            if c == ' ' {
                c.to_string()
            } else {
                if c.is_ascii() { format!("\\{:03o}", code(c)) } else { c.to_string() }
            }
        })
    }),
    escaped("doubled \\u escapes", ALL, |v| v.encode_utf16().map(|unit| format!("\\\\u{unit:04x}")).collect()),
    cut("CSS escapes", TOKENS, |v| each(&v.replace(' ', ""), |c| format!("\\{:x} ", code(c)))),
    cut("at and dot escaped", &[Email], |v| v.replace('@', "\\u0040").replace('.', "\\u002e")),
    cut("Markdown escapes", LATIN, |v| v.replace('_', "\\_").replace('@', "\\@").replace('.', "\\.")),
    escaped("decimal entities", ALL, |v| each(v, |c| format!("&#{};", code(c)))),
    escaped("hexadecimal entities", ALL, |v| each(v, |c| format!("&#x{:x};", code(c)))),
    escaped("padded entities", ALL, |v| each(v, |c| format!("&#{:05};", code(c)))),
    escaped("entities without semicolon", ALL, |v| each(v, |c| format!("&#{}", code(c)))),
    escaped("double entities", ALL, |v| each(v, |c| format!("&amp;#{};", code(c)))),
    cut("named entities", &[Email], |v| v.replace('@', "&commat;").replace('.', "&period;")),
    cut("shy entities", TOKENS, |v| every(v, 4, "&shy;")),
    cut("zero-width entities", TOKENS, |v| every(v, 4, "&#8203;")),
    cut("no-break space entities", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "&nbsp;")),
    escaped("percent", ALL, percent),
    escaped("percent twice", ALL, |v| percent(v).replace('%', "%25")),
    escaped("percent three times", ALL, |v| percent(v).replace('%', "%2525")),
    cut("percent of signs only", &[Email], |v| v.replace('@', "%40").replace('+', "%2B")),
    cut("percent-encoded blanks", NUMBERS, |v| every(&v.replace([' ', '-'], ""), 4, "%20")),
    cut("plus for blanks", &[Card], |v| every(&v.replace([' ', '-'], ""), 4, "+")),
    escaped("quoted-printable", TOKENS, |v| v.bytes().map(|byte| format!("={byte:02X}")).collect()),
    cut("quoted-printable at", &[Email], |v| v.replace('@', "=40")),
    cut("UTF-7", &[Email], |v| v.replace('@', "+AEA-")),
    // encodings
    packed("base64", ALL, |v| BASE64.encode(format!("value {v} end").as_bytes())),
    packed("base64 alone", TOKENS, |v| BASE64.encode(v.as_bytes())),
    packed("base64url", ALL, |v| BASE64URL_NOPAD.encode(format!("value={v}").as_bytes())),
    packed("base64 twice", ALL, |v| BASE64.encode(BASE64.encode(format!("value {v} end").as_bytes()).as_bytes())),
    packed("base64 of UTF-16", ALL, |v| BASE64.encode(&utf16(&format!("value {v} end")))),
    packed("base64 wrapped", ALL, |v| {
        every(&BASE64.encode(format!("{0} value {v} end {0}", "lorem ipsum dolor ".repeat(5)).as_bytes()), 76, "\n")
    }),
    packed("gzip in base64", ALL, |v| BASE64.encode(&gzip(&format!("value {v} end")))),
    packed("zlib in base64", ALL, |v| BASE64.encode(&zlib(&format!("value {v} end")))),
    packed("data URI", ALL, |v| {
        format!("data:text/plain;base64,⟦{}⟧", BASE64.encode(format!("value {v} end").as_bytes()))
    }),
    packed("base32", ALL, |v| BASE32.encode(format!("value {v} end").as_bytes())),
    packed("hexadecimal", ALL, |v| HEXLOWER.encode(v.as_bytes())),
    packed("upper hexadecimal", ALL, |v| HEXUPPER.encode(v.as_bytes())),
    packed("hexadecimal with 0x", ALL, |v| format!("0x{}", HEXLOWER.encode(v.as_bytes()))),
    packed("spaced hexadecimal", TOKENS, |v| every(&HEXLOWER.encode(v.as_bytes()), 2, " ")),
    packed("colons in hexadecimal", TOKENS, |v| every(&HEXUPPER.encode(v.as_bytes()), 2, ":")),
    packed("binary", TOKENS, |v| v.bytes().map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().join(" ")),
    packed("byte array", TOKENS, |v| format!("[⟦{}⟧]", codes(v, ", "))),
    packed("tight byte array", TOKENS, |v| format!("[⟦{}⟧]", codes(v, ","))),
    packed("hexadecimal array", TOKENS, |v| {
        format!("{{⟦{}⟧}}", v.bytes().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(", "))
    }),
    packed("decimal codes", TOKENS, |v| codes(v, " ")),
    packed("fromCharCode", TOKENS, |v| format!("String.fromCharCode(⟦{}⟧)", codes(v, ","))),
    packed("chr calls", TOKENS, |v| v.chars().map(|c| format!("chr({})", code(c))).collect::<Vec<_>>().join(" + ")),
    packed("chr calls with dots", TOKENS, |v| {
        v.chars().map(|c| format!("chr({})", code(c))).collect::<Vec<_>>().join(".")
    }),
    packed("Chr calls with &", TOKENS, |v| {
        v.chars().map(|c| format!("Chr({})", code(c))).collect::<Vec<_>>().join(" & ")
    }),
    packed("CHAR calls", TOKENS, |v| format!("CHAR(⟦{}⟧)", codes(v, ","))),
    packed("turned by thirteen", LATIN, |v| {
        if v.contains("_live") || v.contains("tycng") || v.contains("glpat") { v.to_owned() } else { rotate(v) }
    }),
    packed("reversed", LATIN, |v| {
        if v.contains("_live") || v.contains("glpat") { v.to_owned() } else { v.chars().rev().collect() }
    }),
    // markup
    cut("bold tags", TOKENS, |v| {
        let (left, right) = halves(v);
        format!("⟦{left}<b>{right}⟧</b>")
    }),
    cut("span tags", TOKENS, |v| {
        let [first, second, third] = thirds(v);
        format!("{first}<span class=\"x\">{second}</span>{third}")
    }),
    cut("word break tags", TOKENS, |v| every(v, 4, "<wbr>")),
    cut("comments", TOKENS, |v| every(v, 5, "<!-- x -->")),
    cut("Markdown bold", &[Email, Key], |v| {
        let [first, second, third] = thirds(v);
        format!("{first}**{second}**{third}")
    }),
    cut("LaTeX braces", &[Card, Key], |v| every(v, 6, "{}")),
    // words
    cut("spelled out", &[Card], |v| spoken(v, ENGLISH)),
    cut("spelled out with commas", &[Card], |v| spoken(v, ENGLISH).replace(' ', ", ")),
    cut("spelled out with hyphens", &[Card], |v| spoken(v, ENGLISH).replace(' ', "-")),
    cut("spelled out in capitals", &[Card], |v| spoken(v, ENGLISH).to_uppercase()),
    cut("spelled out with oh", &[Card], |v| spoken(v, ENGLISH).replace("zero", "oh")),
    cut("spelled out with double", &[Card], |v| {
        spoken(v, ENGLISH).replace("one one", "double one").replace("eight eight", "double eight")
    }),
    cut("spelled out, German", &[Card], |v| {
        spoken(v, ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"])
    }),
    cut("spelled out, French", &[Card], |v| {
        spoken(v, ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"])
    }),
    cut("spelled out, Spanish", &[Card], |v| {
        spoken(v, ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"])
    }),
    cut("spelled out, Italian", &[Card], |v| {
        spoken(v, ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"])
    }),
    cut("spelled out, Portuguese", &[Card], |v| {
        spoken(v, ["zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"])
    }),
    cut("spelled out, Dutch", &[Card], |v| {
        spoken(v, ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"])
    }),
    cut("telephone spelled out", &[Phone], |v| format!("plus {}", spoken(v, ENGLISH))),
    cut("at and dot", &[Email], |v| v.replace('@', " at ").replace('.', " dot ")),
    cut("AT and DOT", &[Email], |v| v.replace('@', " AT ").replace('.', " DOT ")),
    cut("(at) and (dot)", &[Email], |v| v.replace('@', " (at) ").replace('.', " (dot) ")),
    cut("[at] and [dot]", &[Email], |v| v.replace('@', " [at] ").replace('.', " [dot] ")),
    cut("[at] tight", &[Email], |v| v.replace('@', "[at]").replace('.', "[dot]")),
    cut("{at}", &[Email], |v| v.replace('@', "{at}")),
    cut("(at) alone", &[Email], |v| v.replace('@', "(at)")),
    cut("(@)", &[Email], |v| v.replace('@', " (@) ")),
    cut("_at_ and _dot_", &[Email], |v| v.replace('@', "_at_").replace('.', "_dot_")),
    cut("-at- and -dot-", &[Email], |v| v.replace('@', "-at-").replace('.', "-dot-")),
    cut("ät and Punkt", &[Email], |v| v.replace('@', " ät ").replace('.', " Punkt ")),
    cut("arobase point", &[Email], |v| v.replace('@', " arobase ").replace('.', " point ")),
    cut("arroba punto", &[Email], |v| v.replace('@', " arroba ").replace('.', " punto ")),
    cut("chiocciola punto", &[Email], |v| v.replace('@', " chiocciola ").replace('.', " punto ")),
    cut("arroba ponto", &[Email], |v| v.replace('@', " arroba ").replace('.', " ponto ")),
    cut("apenstaartje punt", &[Email], |v| v.replace('@', " apenstaartje ").replace('.', " punt ")),
    cut("blanks around at and dot", &[Email], |v| v.replace('@', " @ ").replace('.', " . ")),
    cut("blanks around at", &[Email], |v| v.replace('@', " @ ")),
];
