//! Views as such: what each disguise reads as, and what its bytes lead back to. Whole findings are tested by the cases
//! of `tests/detect/disguises.toml`.

use super::*;
use crate::detect::{Category, Finding, Severity, overlap::Claim};

fn claim(range: std::ops::Range<usize>) -> Claim {
    let finding = Finding {
        rule: "x.y".into(),
        category: Category::parse("APIKEY").unwrap(),
        ranges: std::iter::once(range).collect(),
        confidence: 0.9,
        reasons: Vec::new(),
    };
    Claim { finding, severity: Severity::Low }
}

/// Some view holds `value`, and its bytes lead back to `expected`.
fn check(text: &str, value: &str, expected: &[&str]) {
    let views = views(text).list;
    let texts: Vec<&str> = views.iter().map(|view| view.text.as_str()).collect();
    let pieces = views.iter().find_map(|view| {
        let start = view.text.find(value)?;
        let claim = view.lead_back(claim(start..start + value.len()))?;
        Some(claim.finding.ranges.iter().map(|range| text.get(range.clone()).unwrap()).collect::<Vec<&str>>())
    });
    assert_eq!(pieces.as_deref(), Some(expected), "{text}: `{value}` in {texts:?}");
}

#[test]
fn plain_text_has_no_view() {
    for text in [
        "",
        "hello, \"world\" & all: 100 % of it",
        "größer, señor, Москва, 日本",
        "a\nb\n\nc \\d",
        "x = \"a\" + b",
        "print(\"hello \" + \"world\")",
        "<p>Hello <b>world</b>, see <a href=\"https://example.org/a?b=1&amp;c=2\">this</a></p>",
        "{\"a\": \"line\\nnext\", \"b\": \"caf\\u00e9\", \"c\": \"x\\/y\"}",
        "2010–2015, 10 000 000 €, it’s “fine” — really…",
        "❤️ 👩‍👩‍👧 1. first ① and ② of x² in m³, room №5 of Foo™",
        "В 2-й раз, 5-го мая, IT-отдел; Ελλάδα 2024",
        "今天是2024年12月31日，天气很好。使用Python。",
        "日本語のテキスト、データ・ベース。",
        "let x = a[1]; // 1, 2, 3\nfor i in 0..10 { sum += i * 2; }",
        "one two three four five six seven eight nine ten",
        "look at this dot on the chart; meet at noon",
        "it was removed at some point in Python 3, disappears at some point in time",
        "matrix: 1 0 1 1 0 1 0 1 1\n0 1 1 0 1 0 0 1 1\n",
        "a b c d e f g h i j k l m n o p",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709\nAuthor: x",
        "sum = a + b; y = x @ w; z = p ** 2; k = 2**10",
        "https://host/path%20with%20blanks?q=a%2Fb",
    ] {
        let texts: Vec<String> = views(text).list.into_iter().map(|view| view.text).collect();
        assert!(texts.is_empty(), "{text}: {texts:?}");
    }
}

#[test]
fn other_characters_lead_back_to_their_own_bytes() {
    check("x 4111\u{200b}1111 y", "41111111", &["4111\u{200b}1111"]);
    check("x ４１１１ y", "4111", &["４１１１"]);
    check("x 𝐚𝐛𝐜 y", "abc", &["𝐚𝐛𝐜"]);
    check("x ٤١١١١١١١ y", "41111111", &["٤١١١١١١١"]);
    check("раssword", "password", &["раssword"]);
    check("x 4\u{335}1\u{335}1 y", "411", &["4\u{335}1\u{335}1"]);
    check("x a\u{fe0f}b@c y", "ab@c", &["a\u{fe0f}b@c"]);
    check("x a\u{0}b\u{0}c y", "abc", &["a\u{0}b\u{0}c"]);
    check("x 4⃣1️⃣1️⃣1️⃣ y", "4111", &["4⃣1️⃣1️⃣1️⃣"]);
    check("x ❹①①①①①①① y", "41111111", &["❹①①①①①①①"]);
    check("x alice＠corp．io y", "alice@corp.io", &["alice＠corp．io"]);
    check("x sk‑abc1def2ghi3jkl4 y", "sk-abc1def2ghi3jkl4", &["sk‑abc1def2ghi3jkl4"]);
}

#[test]
fn escapes_lead_back_to_their_own_bytes() {
    check(r"x a\u0040b.de y", "a@b.de", &[r"a\u0040b.de"]);
    check(r"x a\\u0040b.de y", "a@b.de", &[r"a\\u0040b.de"]);
    check(r"x a\u{40}b.de y", "a@b.de", &[r"a\u{40}b.de"]);
    check(r"x \x34\x31 y", "41", &[r"\x34\x31"]);
    check(r"x \064\061\061 y", "411", &[r"\064\061\061"]);
    check(r"x \34 \31 \31 y", "411", &[r"\34 \31 \31 "]);
    check(r"x a\U00000040b y", "a@b", &[r"a\U00000040b"]);
    check(r"x a\N{COMMERCIAL AT}b y", "a@b", &[r"a\N{COMMERCIAL AT}b"]);
    check("x a%40b.de y", "a@b.de", &["a%40b.de"]);
    check("x a%2540b.de y", "a@b.de", &["a%2540b.de"]);
    check("x a%252540b.de y", "a@b.de", &["a%252540b.de"]);
    check("x a&#64;b.de y", "a@b.de", &["a&#64;b.de"]);
    check("x a&#64b.de y", "a@b.de", &["a&#64b.de"]);
    check("x a&#x40;b&period;de y", "a@b.de", &["a&#x40;b&period;de"]);
    check("x a&amp;#64;b.de y", "a@b.de", &["a&amp;#64;b.de"]);
    check("x alice=40corp.io y", "alice@corp.io", &["alice=40corp.io"]);
    check("x alice+AEA-corp.io y", "alice@corp.io", &["alice+AEA-corp.io"]);
    check("x 4111&shy;1111&shy;1111 y", "411111111111", &["4111&shy;1111&shy;1111"]);
}

#[test]
fn pieces_lead_back_without_what_joins_them() {
    check(r#"k = "sk-" + "abc1" + "def2""#, "sk-abc1def2", &["sk-", "abc1", "def2"]);
    check(r#"k = 'sk-' . 'abc1'"#, "sk-abc1", &["sk-", "abc1"]);
    check("k = 'sk-' +\n    'abc1'", "sk-abc1", &["sk-", "abc1"]);
    check("k = (\"sk-\"\n     \"abc1\")", "sk-abc1", &["sk-", "abc1"]);
    check(r#""".join(["sk-", "abc1", "def2"])"#, "sk-abc1def2", &["sk-", "abc1", "def2"]);
    check(r#"["sk-", "abc1"].join("")"#, "sk-abc1", &["sk-", "abc1"]);
    check(r#"CONCAT('sk-', 'abc1')"#, "sk-abc1", &["sk-", "abc1"]);
    check(r#"b.append("sk-").append("abc1")"#, "sk-abc1", &["sk-", "abc1"]);
    check(r#"`${"sk-"}${"abc1"}`"#, "sk-abc1", &["sk-", "abc1"]);
    check("AKIAZ2J4\nN7Q5W8E3R6T9", "AKIAZ2J4N7Q5W8E3R6T9", &["AKIAZ2J4\nN7Q5W8E3R6T9"]);
    check("// AKIAZ2J4N7\n// Q5W8E3R6T9", "AKIAZ2J4N7Q5W8E3R6T9", &["AKIAZ2J4N7\n// Q5W8E3R6T9"]);
    check("alice@exam\n  ple.com", "alice@example.com", &["alice@exam\n  ple.com"]);
    check("4111<b>1111</b>11111111", "4111111111111111", &["4111<b>1111</b>11111111"]);
    check("al**ice**@corp.io", "alice@corp.io", &["al**ice**@corp.io"]);
    check("a l i c e @ c o r p . i o", "alice@corp.io", &["a l i c e @ c o r p . i o"]);
    check(
        "s-k-|-a".replace('|', "b-c-1-2-3-4-5-6-7-8-9-0-d-e").as_str(),
        "skbc1234567890dea",
        &["s-k-b-c-1-2-3-4-5-6-7-8-9-0-d-e-a"],
    );
    check("4111*1111*1111*1111", "4111111111111111", &["4111*1111*1111*1111"]);
    check("# 4111 1111\n# 1111 1111\n", "4111111111111111", &["4111 1111\n# 1111 1111"]);
    check("DE89_3704_0044_0532_0130_00 ok", "DE89370400440532013000", &["DE89_3704_0044_0532_0130_00"]);
}

#[test]
fn words_lead_back_to_all_of_them() {
    check("it is four one double one two zero nine nine", "41112099", &["four one double one two zero nine nine"]);
    check("vier eins eins eins zwei null neun", "4111209", &["vier eins eins eins zwei null neun"]);
    check("forty-one eleven eleven eleven five", "411111115", &["forty-one eleven eleven eleven five"]);
    check("四一一一二〇九九", "41112099", &["四一一一二〇九九"]);
    check("alice at corp dot io", "alice@corp.io", &["alice at corp dot io"]);
    check("alice (at) corp (dot) io!", "alice@corp.io", &["alice (at) corp (dot) io"]);
    check("alice[at]corp.io", "alice@corp.io", &["alice[at]corp.io"]);
    check("alice AT corp DOT io", "alice@corp.io", &["alice AT corp DOT io"]);
    check("alice arobase corp point fr", "alice@corp.fr", &["alice arobase corp point fr"]);
    check("alice @ corp . io", "alice@corp.io", &["alice @ corp . io"]);
    check("a_smith_at_corp_dot_io", "a_smith@corp.io", &["a_smith_at_corp_dot_io"]);
    check("a dot smith at corp dot co dot uk", "a.smith@corp.co.uk", &["a dot smith at corp dot co dot uk"]);
}

#[test]
fn an_encoded_token_is_found_whole() {
    for (token, value) in [
        ("bWFpbCBhbGljZUBleGFtcGxlLm9yZw==", "alice@example.org"),
        ("6d61696c20616c696365406578616d706c652e6f7267", "alice@example.org"),
        ("YWxpY2VAZXhhbXBsZS5vcmc", "alice@example.org"),
        ("MFWGSY3FIBSXQYLNOBWGKLTPOJTQ====", "alice@example.org"),
        ("YQBsAGkAYwBlAEAAZQB4AGEAbQBwAGwAZQAuAG8AcgBnAA==", "alice@example.org"),
        ("[97, 108, 105, 99, 101, 64, 99, 111, 114, 112, 46, 105, 111]", "alice@corp.io"),
        ("{0x61,0x6c,0x69,0x63,0x65,0x40,0x63,0x6f,0x72,0x70,0x2e,0x69,0x6f}", "alice@corp.io"),
        ("61 6c 69 63 65 40 63 6f 72 70 2e 69 6f", "alice@corp.io"),
        ("61:6c:69:63:65:40:63:6f:72:70:2e:69:6f", "alice@corp.io"),
        ("01100001 01101100 01101001 01100011 01100101 01000000 01100011 01101111", "alice@co"),
        ("chr(97).chr(108).chr(64).chr(99).chr(46).chr(105)", "al@c.i"),
        ("String.fromCharCode(97, 108, 64, 99, 46, 105)", "al@c.i"),
        ("nyvpr@pbec.pbz", "alice@corp.com"),
        ("moc.proc@ecila", "alice@corp.com"),
        ("NXVNM2W4A7D5J8R3E6G9", "AKIAZ2J4N7Q5W8E3R6T9"),
    ] {
        let whole = token.trim_matches(|c| "[]{}".contains(c));
        check(&format!("see {token} there"), value, &[whole]);
    }
}

#[test]
fn layers_compose() {
    let inner = data_encoding::BASE64.encode(b"mail=alice%2540corp.io; ok");
    check(&format!("x {inner} y"), "alice@corp.io", &[inner.as_str()]);
    let twice = data_encoding::BASE64.encode(inner.as_bytes());
    check(&format!("x {twice} y"), "alice@corp.io", &[twice.as_str()]);
    check("ａ ｌ ｉ ｃ ｅ ＠ ｃ ｏ ｒ ｐ ． ｉ ｏ", "alice@corp.io", &["ａ ｌ ｉ ｃ ｅ ＠ ｃ ｏ ｒ ｐ ． ｉ ｏ"]);
    check(
        "a%20l%20i%20c%20e%20%40%20c%20o%20r%20p%20.%20i%20o",
        "alice@corp.io",
        &["a%20l%20i%20c%20e%20%40%20c%20o%20r%20p%20.%20i%20o"],
    );
    check(r#"k = "sk-" + "abc\u0031" + "def2""#, "sk-abc1def2", &["sk-", r"abc\u0031", "def2"]);
}
