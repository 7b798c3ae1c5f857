//! Reads tables: CSV with any usual delimiter (RFC 4180 and what spreadsheets make of it) and LDIF directory exports
//! (RFC 2849). Text in, rows out, each with its line. Does not know what a column is for.

use std::borrow::Cow;

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It has no line.
    #[error("the table is empty")]
    Empty,
    /// A quoted field has no end.
    #[error("line {line}: a field in quotes never ends")]
    Quote {
        /// Where it begins.
        line: usize,
    },
    /// A row has fewer fields than a column that is needed.
    #[error(
        "line {line}: there is no field for column `{column}`: the row has {fields}, the first line has {expected}"
    )]
    Short {
        /// The row's line.
        line: usize,
        /// The column.
        column: String,
        /// Fields there are.
        fields: usize,
        /// Fields of the first line.
        expected: usize,
    },
    /// A column that was asked for is not there.
    #[error("line 1: there is no column `{column}`: the columns are {known}")]
    Column {
        /// As it was asked for.
        column: String,
        /// Those there are.
        known: String,
    },
}

/// A row with the line it begins on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'t> {
    /// Line of the file.
    pub line: usize,
    /// Its fields.
    pub fields: Vec<Cow<'t, str>>,
}

/// Rows of a CSV text.
#[derive(Debug)]
pub struct Csv<'t> {
    rest: &'t str,
    line: usize,
    delimiter: char,
}

/// Characters that may part fields.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl<'t> Csv<'t> {
    /// Rows of a text. The delimiter is the one that the first line has most of.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().next().unwrap_or_default();
        let often = |delimiter: &char| first.matches(*delimiter).count();
        let most = DELIMITERS.into_iter().rev().max_by_key(often).unwrap_or(',');
        Self { rest: text, line: 1, delimiter: most }
    }

    fn field(&mut self) -> Result<(Cow<'t, str>, End), TableError> {
        let Some(quoted) = self.rest.strip_prefix('"') else { return Ok(self.plain()) };
        let (begun, mut value, mut rest) = (self.line, String::new(), quoted);
        loop {
            let Some((inside, after)) = rest.split_once('"') else { return Err(TableError::Quote { line: begun }) };
            self.line += inside.matches('\n').count();
            value.push_str(inside);
            rest = after;
            match after.strip_prefix('"') {
                Some(more) => {
                    value.push('"');
                    rest = more;
                }
                None => break,
            }
        }
        self.rest = rest;
        // Whatever stands between the closing quote and the delimiter belongs to the field too.
        let (tail, end) = self.plain();
        value.push_str(&tail);
        Ok((value.into(), end))
    }

    fn plain(&mut self) -> (Cow<'t, str>, End) {
        let delimiter = self.delimiter;
        let at = self.rest.find([delimiter, '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        let end = match rest.chars().next() {
            Some('\n') => End::Row,
            Some(_) => End::Field,
            None => End::Text,
        };
        self.line += usize::from(end == End::Row);
        self.rest = rest.get(1..).unwrap_or_default();
        (field.strip_suffix('\r').filter(|_| end != End::Field).unwrap_or(field).into(), end)
    }
}

/// What ended a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Field,
    Row,
    Text,
}

impl<'t> Iterator for Csv<'t> {
    type Item = Result<Row<'t>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.rest.strip_prefix('\n').or_else(|| self.rest.strip_prefix("\r\n")) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return None;
        }
        let mut row = Row { line: self.line, fields: Vec::new() };
        loop {
            match self.field() {
                Ok((field, end)) => {
                    row.fields.push(field);
                    if end != End::Field {
                        return Some(Ok(row));
                    }
                }
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            }
        }
    }
}

/// Places of the columns in the first line, case and blanks aside.
///
/// # Errors
/// When one is not there.
pub fn choose<S: AsRef<str>>(header: &[S], wanted: &[String]) -> Result<Vec<usize>, TableError> {
    let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
    wanted
        .iter()
        .map(|column| {
            header.iter().position(|name| same(name.as_ref(), column)).ok_or_else(|| {
                let known: Vec<String> = header.iter().map(|name| format!("`{}`", name.as_ref().trim())).collect();
                TableError::Column { column: column.clone(), known: known.join(", ") }
            })
        })
        .collect()
}

/// One entry of a directory: attributes with their values, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Line it begins on, from 1.
    pub line: usize,
    /// Lower-case attribute without options, and value. Several of one name are several values.
    pub attributes: Vec<(String, String)>,
}

/// Entries of an LDIF text; comments, the version line, binary values and values behind URLs are left out.
#[must_use]
pub fn ldif(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut entry = Entry { line: 1, attributes: Vec::new() };
    for (number, line) in unfolded(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        if line.is_empty() {
            if !entry.attributes.is_empty() {
                entries.push(std::mem::replace(&mut entry, Entry { line: number, attributes: Vec::new() }));
            }
            continue;
        }
        if entry.attributes.is_empty() {
            entry.line = number;
        }
        entry.attributes.extend(attribute(&line));
    }
    if !entry.attributes.is_empty() {
        entries.push(entry);
    }
    entries
}

fn attribute(line: &str) -> Option<(String, String)> {
    if line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once(':')?;
    let name = name.split(';').next().unwrap_or(name).trim().to_ascii_lowercase();
    let value = match (value.strip_prefix(':'), value.strip_prefix('<')) {
        (Some(encoded), _) => {
            let bytes = data_encoding::BASE64.decode(encoded.trim().as_bytes()).ok()?;
            String::from_utf8(bytes).ok()?
        }
        (None, Some(_)) => return None,
        (None, None) => value.trim().to_owned(),
    };
    (name != "version").then_some((name, value))
}

/// Lines with those that go on (a blank first) joined.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some((_, last))) => last.push_str(more),
            _ => lines.push((number, line.to_owned())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Csv::new(text).map(|row| row.unwrap().fields.into_iter().map(Cow::into_owned).collect()).collect()
    }

    #[test]
    fn fields_are_read_as_spreadsheets_write_them() {
        assert_eq!(rows("a,b\r\n1,2\r\n\r\n3,\n"), [["a", "b"], ["1", "2"], ["3", ""]]);
        assert_eq!(
            rows("\u{feff}name;city\n\"Müller; \"\"Söhne\"\"\";\"Bad\nBergzabern\""),
            [["name", "city"], ["Müller; \"Söhne\"", "Bad\nBergzabern"]]
        );
        assert_eq!(rows("a\tb\nx, y\tz"), [["a", "b"], ["x, y", "z"]]);
        assert!(rows("").is_empty());
    }

    #[test]
    fn lines_are_counted_over_quoted_breaks_and_an_open_quote_is_told() {
        let lines: Vec<usize> = Csv::new("a,b\n\"x\ny\",1\nz,2").map(|row| row.unwrap().line).collect();
        assert_eq!(lines, [1, 2, 4]);
        let error = Csv::new("a,b\n1,2\n\"x,3\n4,5").last().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "line 3: a field in quotes never ends");
    }

    #[test]
    fn a_column_that_is_not_there_is_told_with_those_that_are() {
        let wanted = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(choose(&["Name", " E-Mail "], &wanted(&["e-mail", "name"])).unwrap(), [1, 0]);
        let error = choose(&["Name", "City"], &wanted(&["account"])).unwrap_err();
        assert_eq!(error.to_string(), "line 1: there is no column `account`: the columns are `Name`, `City`");
    }

    #[test]
    fn a_directory_is_read_with_folded_and_encoded_values() {
        let text = "version: 1\n# people\ndn: cn=Anna\n Schmidt,dc=acme\ncn;lang-de: Anna\nmail: a@acme.example\nmail: as@acme.example\nsn:: TcO8bGxlcg==\njpegPhoto:< file:///x\n\n\ndn: cn=B\ncn: B\n";
        let entries = ldif(text);
        assert_eq!(entries.len(), 2);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            entries[0].attributes,
            [
                pair("dn", "cn=AnnaSchmidt,dc=acme"),
                pair("cn", "Anna"),
                pair("mail", "a@acme.example"),
                pair("mail", "as@acme.example"),
                pair("sn", "Müller")
            ]
        );
        assert_eq!((entries[0].line, entries[1].line), (3, 12));
    }
}
