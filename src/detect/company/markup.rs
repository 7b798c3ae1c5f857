//! The text of marked-up documents: HTML pages, and the XML inside office files. Keeps what people read; tags, scripts
//! and field codes go. Does not open archives.

/// Elements that end a line; all others stand within a word.
const BREAKS: [&str; 28] = [
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "table",
    "h",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "header",
    "footer",
    "title",
    "pre",
    "blockquote",
    "tab",
    "si",
    "row",
    "table-cell",
];

/// Elements whose content nobody reads.
const UNREAD: [&str; 4] = ["script", "style", "instrText", "template"];

/// The text of an HTML or XML document. Breaks between paragraphs, cells and lines become line breaks.
#[must_use]
pub fn text(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len() / 2);
    let mut rest = markup;
    while let Some((before, tag)) = rest.split_once('<') {
        unescape(before, &mut out);
        rest = after_tag(tag, &mut out);
    }
    unescape(rest, &mut out);
    out
}

/// What follows the tag (or comment) whose `<` was just read.
fn after_tag<'m>(tag: &'m str, out: &mut String) -> &'m str {
    if let Some(comment) = tag.strip_prefix("!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    if let Some(literal) = tag.strip_prefix("![CDATA[") {
        let (inside, rest) = literal.split_once("]]>").unwrap_or((literal, ""));
        out.push_str(inside);
        return rest;
    }
    let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    if !is_tag {
        out.push('<');
        return tag;
    }
    let Some((inside, rest)) = tag.split_once('>') else { return "" };
    let name = local_name(inside);
    if BREAKS.iter().any(|breaks| name.eq_ignore_ascii_case(breaks)) {
        out.push('\n');
    }
    let opens_unread = !inside.starts_with('/') && !inside.ends_with('/') && UNREAD.contains(&name);
    if opens_unread { after_element(rest, name) } else { rest }
}

/// The name of a tag without namespace: `w:p w:rsid="…"` is `p`.
fn local_name(inside: &str) -> &str {
    let name = inside.trim_start_matches('/').split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or(name)
}

fn after_element<'m>(content: &'m str, name: &str) -> &'m str {
    let mut rest = content;
    while let Some((_, tag)) = rest.split_once("</") {
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        if local_name(inside).eq_ignore_ascii_case(name) {
            return after;
        }
        rest = tag;
    }
    ""
}

/// Bytes of an entity at most.
const ENTITY_MAX: usize = 10;

const ENTITIES: [(&str, char); 16] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("shy", '\u{ad}'),
];

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match entity(after) {
            Some((character, length)) => {
                out.push(character);
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

/// The character and the bytes after `&` it takes.
fn entity(after: &str) -> Option<(char, usize)> {
    let length = after.bytes().take(ENTITY_MAX).position(|byte| byte == b';')?;
    let name = after.get(..length)?;
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let character = match (name.strip_prefix("#x"), name.strip_prefix('#')) {
        (Some(digits), _) => number(digits, 16)?,
        (None, Some(digits)) => number(digits, 10)?,
        (None, None) => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((character, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read_stays() {
        for (markup, expected) in [
            ("<p>Gr&ouml;&szlig;e &amp; <b>Ge</b>wicht</p>", "\nGröße & Gewicht\n"),
            ("<w:p><w:r><w:t>Pro</w:t></w:r><w:r><w:t xml:space=\"preserve\">jekt </w:t></w:r></w:p>", "\nProjekt \n"),
            ("a<script>if (1 < 2) { x('</b>') }</script>b<style>p{}</style>c", "abc"),
            ("x <!-- hidden <p> --> y", "x  y"),
            ("<![CDATA[a < b]]>", "a < b"),
            ("1 < 2 &unknown; &#65;&#x42; & c", "1 < 2 &unknown; AB & c"),
            ("<w:instrText>HYPERLINK x</w:instrText>z", "z"),
            ("open <p", "open "),
            ("", ""),
        ] {
            assert_eq!(text(markup), expected, "{markup}");
        }
    }
}
