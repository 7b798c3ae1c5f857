//! Parameters of header values such as `multipart/form-data; boundary=x` and `form-data; name="a"` (RFC 9110 §5.6.6).
//! Does not judge types; whoever asks knows which parameter it needs.

use std::ops::Range;

/// One `name=value` of a header value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Lower case.
    pub name: String,
    /// Between the quotes, or the token; with its backslashes.
    pub raw: &'a str,
    /// Place of `raw` in the header value.
    pub range: Range<usize>,
}

/// All parameters in order; `None` when the value does not follow the grammar, so that nobody can hide one parameter
/// from us and show it to the site. Semicolons within quotes separate nothing.
#[must_use]
pub fn parameters(value: &str) -> Option<Vec<Parameter<'_>>> {
    let mut found = Vec::new();
    let mut at = value.find(';').unwrap_or(value.len());
    while value.as_bytes().get(at) == Some(&b';') {
        at += 1 + blanks(value, at + 1);
        let rest = value.get(at..)?;
        let name_length = rest.find(['=', ';']).unwrap_or(rest.len());
        let name = rest.get(..name_length)?.trim_end_matches([' ', '\t']);
        at += name_length;
        if name.is_empty() && !rest.get(name_length..)?.starts_with('=') {
            continue;
        }
        let in_grammar = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if name.is_empty() || !in_grammar || value.as_bytes().get(at) != Some(&b'=') {
            return None;
        }
        at += 1 + blanks(value, at + 1);
        let (range, end) = parameter_value(value, at)?;
        let raw = value.get(range.clone())?;
        found.push(Parameter { name: name.to_ascii_lowercase(), raw, range });
        at = end + blanks(value, end);
    }
    (at == value.len()).then_some(found)
}

/// The decoded value of one parameter. `None` when it is absent, repeated, or the header breaks the grammar.
#[must_use]
pub fn parameter(value: &str, name: &str) -> Option<String> {
    let found = parameters(value)?;
    let mut named = found.iter().filter(|parameter| parameter.name == name);
    let first = named.next()?;
    named.next().is_none().then(|| unquoted(first.raw))
}

/// Type and sub-type in lower case, without parameters.
#[must_use]
pub fn essence(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Takes `\"` and `\\` apart. Other backslashes stay: old browsers send `C:\dir\file` as a file name.
#[must_use]
pub fn unquoted(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(c) = characters.next() {
        let escaped = if c == '\\' { characters.next_if(|next| matches!(next, '"' | '\\')) } else { None };
        text.push(escaped.unwrap_or(c));
    }
    text
}

/// Where the value that starts at `at` lies, and where it ends with its quotes.
fn parameter_value(value: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let rest = value.get(at..)?;
    let Some(quoted) = rest.strip_prefix('"') else {
        let length = rest.find(';').unwrap_or(rest.len());
        let token = rest.get(..length)?.trim_end_matches([' ', '\t']);
        return (!token.contains('"')).then_some((at..at + token.len(), at + token.len()));
    };
    let start = at + 1;
    let mut bytes = quoted.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'\\' => bytes.next().map(|_| ())?,
            b'"' => return Some((start..start + index, start + index + 1)),
            _ => {}
        }
    }
    None
}

fn blanks(value: &str, at: usize) -> usize {
    let rest = value.as_bytes().get(at..).unwrap_or_default();
    rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Option<&[(&str, &str)]>) {
        let found = parameters(value);
        let pairs: Option<Vec<(&str, &str)>> =
            found.as_ref().map(|all| all.iter().map(|one| (one.name.as_str(), one.raw)).collect());
        assert_eq!(pairs.as_deref(), expected, "{value}");
        for parameter in found.into_iter().flatten() {
            assert_eq!(value.get(parameter.range), Some(parameter.raw), "{value}");
        }
    }

    #[test]
    fn parameters_are_read_with_their_places() {
        check("text/plain", Some(&[]));
        check("text/plain;", Some(&[]));
        check("text/plain; ;charset=utf-8", Some(&[("charset", "utf-8")]));
        check("text/plain; Charset = \"utf-8\" ; a=b", Some(&[("charset", "utf-8"), ("a", "b")]));
        check(
            "form-data; name=\"a;b=\\\"c\"; filename*=UTF-8''x",
            Some(&[("name", "a;b=\\\"c"), ("filename*", "UTF-8''x")]),
        );
        check("form-data; name=\"\"", Some(&[("name", "")]));
    }

    #[test]
    fn a_value_out_of_the_grammar_has_no_parameters() {
        for value in ["a; name=\"x", "a; name=\"x\"y", "a; name", "a; =x", "a; na me=x", "a; name=x\"y\"", "a; b=\"\\"]
        {
            check(value, None);
        }
    }

    #[test]
    fn a_repeated_parameter_counts_as_absent() {
        assert_eq!(parameter("a; b=1; B=2", "b"), None);
        assert_eq!(parameter("a; b=\"1\\\"\"", "b").as_deref(), Some("1\""));
        assert_eq!(essence(" Text/Plain ;x=y"), "text/plain");
        assert_eq!(unquoted(r"C:\dir\\x"), r"C:\dir\x");
    }
}
