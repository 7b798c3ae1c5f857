//! Walks one section of `scrim.toml`: every option is named, typed, defaulted and documented in one call, so that the
//! parser, `scrim check --defaults` and `docs/configuration.md` cannot disagree. Does not know any option.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
};

use toml_edit::{Item, TableLike};

use super::{
    problem::{self, Place, Problem},
    value::{Value, Wrong},
};

/// Longest time that an option can name.
const MONTH_SECS: u64 = 30 * 24 * 60 * 60;

/// Tables of one array, each with its place; no table when the pass describes.
type Tables<'a> = Vec<(Option<&'a dyn TableLike>, Option<Range<usize>>)>;

/// A line of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A section begins.
    Section {
        /// With its brackets: `[proxy.limits]`, `[[policy]]`.
        header: String,
        /// May be written any number of times, and stands for nothing by itself.
        repeated: bool,
        /// What it is for.
        doc: &'static str,
    },
    /// An option of the last section.
    Option {
        /// Its key.
        key: &'static str,
        /// TOML of the default, or of an example when there is no default.
        value: String,
        /// There is a default.
        has_default: bool,
        /// What it does, unit, reason.
        doc: &'static str,
    },
}

/// One pass over a file, or over nothing in order to describe what could stand in it.
pub(crate) struct Pass<'a> {
    file: &'a str,
    text: &'a str,
    describes: bool,
    /// What is wrong so far.
    pub(crate) problems: Vec<Problem>,
    /// The reference, when the pass describes.
    pub(crate) entries: Vec<Entry>,
}

impl<'a> Pass<'a> {
    /// Reads `text` of `file`.
    pub(crate) fn reading(file: &'a str, text: &'a str) -> Self {
        Self { file, text, describes: false, problems: Vec::new(), entries: Vec::new() }
    }

    /// Describes every option.
    pub(crate) fn describing() -> Self {
        Self { file: "", text: "", describes: true, problems: Vec::new(), entries: Vec::new() }
    }

    /// The root section.
    pub(crate) fn root<'p>(&'p mut self, table: &'a dyn TableLike) -> Section<'p, 'a> {
        Section {
            pass: self,
            header: String::new(),
            path: String::new(),
            table: Some(table),
            span: None,
            known: Vec::new(),
        }
    }

    /// Adds a problem at a place.
    pub(crate) fn report(
        &mut self,
        span: Option<&Range<usize>>,
        message: String,
        expected: Option<String>,
        hint: Option<String>,
    ) {
        let place = span.map(|span| Place::of(self.file, self.text, span));
        self.problems.push(Problem { message, place, expected, hint });
    }
}

/// One table of the file, or its absence.
pub(crate) struct Section<'p, 'a> {
    pass: &'p mut Pass<'a>,
    header: String,
    path: String,
    table: Option<&'a dyn TableLike>,
    span: Option<Range<usize>>,
    known: Vec<&'static str>,
}

impl<'a> Section<'_, 'a> {
    /// An option with a default.
    pub(crate) fn get<T: Value>(&mut self, key: &'static str, default: T, doc: &'static str) -> T {
        self.describe(key, default.show(), true, doc);
        self.value(key).unwrap_or(default)
    }

    /// A count with bounds.
    pub(crate) fn count<N>(&mut self, key: &'static str, default: N, bounds: RangeInclusive<N>, doc: &'static str) -> N
    where
        N: Copy + PartialOrd + std::fmt::Display + TryFrom<i64>,
    {
        self.describe(key, default.to_string(), true, doc);
        let Some(item) = self.item(key) else { return default };
        let number = item.as_integer().and_then(|number| N::try_from(number).ok()).filter(|n| bounds.contains(n));
        number.unwrap_or_else(|| {
            let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            self.wrong_form(key, item, expected);
            default
        })
    }

    /// A time in seconds, up to a month.
    pub(crate) fn secs(&mut self, key: &'static str, default: u64, doc: &'static str) -> u64 {
        self.count(key, default, 1..=MONTH_SECS, doc)
    }

    /// A count that may stay unset.
    pub(crate) fn optional_count(
        &mut self,
        key: &'static str,
        example: &str,
        bounds: RangeInclusive<usize>,
        doc: &'static str,
    ) -> Option<usize> {
        self.describe(key, example.to_owned(), false, doc);
        let item = self.item(key)?;
        let number = item.as_integer().and_then(|number| usize::try_from(number).ok()).filter(|n| bounds.contains(n));
        if number.is_none() {
            self.wrong_form(key, item, format!("a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// An option that may stay unset. `example` is TOML.
    pub(crate) fn optional<T: Value>(&mut self, key: &'static str, example: &str, doc: &'static str) -> Option<T> {
        self.describe(key, example.to_owned(), false, doc);
        self.value(key)
    }

    /// An option without which the section means nothing. `None` after a problem was reported. `example` is TOML.
    pub(crate) fn required<T: Value>(&mut self, key: &'static str, example: &str, doc: &'static str) -> Option<T> {
        self.describe(key, example.to_owned(), false, doc);
        if self.item(key).is_none() && !self.pass.describes {
            let message = format!("`{key}` is missing in `{}`", self.header);
            let span = self.span.clone();
            self.pass.report(span.as_ref(), message, Some(format!("`{key} = {example}`")), None);
        }
        self.value(key)
    }

    /// A sub-section.
    pub(crate) fn table<T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        read: impl FnOnce(&mut Section<'_, 'a>) -> T,
    ) -> T {
        self.known.push(key);
        let path = self.join(key);
        let header = format!("[{path}]");
        self.begin(header.clone(), false, doc);
        let item = self.table.and_then(|table| table.get(key));
        let table = item.and_then(Item::as_table_like);
        if let (Some(item), None) = (item, table) {
            self.wrong_form(key, item, format!("a section `{header}`"));
        }
        let span = item.and_then(Item::span);
        let mut section = Section { pass: self.pass, header, path, table, span, known: Vec::new() };
        let value = read(&mut section);
        section.finish();
        value
    }

    /// A section that may be repeated: `[[proxy.user]]`. `read` gives `None` after it reported a problem.
    pub(crate) fn tables<T>(
        &mut self,
        key: &'static str,
        doc: &'static str,
        mut read: impl FnMut(&mut Section<'_, 'a>) -> Option<T>,
    ) -> Vec<T> {
        self.known.push(key);
        let path = self.join(key);
        let header = format!("[[{path}]]");
        self.begin(header.clone(), true, doc);
        let item = self.table.and_then(|table| table.get(key));
        let mut tables: Tables<'a> = Vec::new();
        match item {
            Some(Item::ArrayOfTables(array)) => {
                tables.extend(array.iter().map(|table| (Some(table as &dyn TableLike), table.span())));
            }
            Some(other) => self.wrong_form(key, other, format!("sections `{header}`")),
            None if self.pass.describes => tables.push((None, None)),
            None => {}
        }
        let mut values = Vec::new();
        for (table, span) in tables {
            let mut section =
                Section { pass: self.pass, header: header.clone(), path: path.clone(), table, span, known: Vec::new() };
            values.extend(read(&mut section));
            section.finish();
        }
        values
    }

    /// Sections named by the person: `[sites.chatgpt]`. `example` is a name for the reference.
    pub(crate) fn named<T>(
        &mut self,
        key: &'static str,
        example: &str,
        doc: &'static str,
        mut read: impl FnMut(&mut Section<'_, 'a>) -> T,
    ) -> BTreeMap<String, T> {
        self.known.push(key);
        let path = self.join(key);
        self.begin(format!("[{path}.{example}]"), true, doc);
        let item = self.table.and_then(|table| table.get(key));
        let mut tables: Vec<(String, Option<&'a Item>)> = Vec::new();
        match (item, item.and_then(Item::as_table_like)) {
            (_, Some(table)) => tables.extend(table.iter().map(|(name, item)| (name.to_owned(), Some(item)))),
            (Some(other), None) => self.wrong_form(key, other, format!("sections `[{path}.…]`")),
            (None, None) if self.pass.describes => tables.push((example.to_owned(), None)),
            (None, None) => {}
        }
        let mut values = BTreeMap::new();
        for (name, item) in tables {
            let inner = format!("{path}.{name}");
            let header = format!("[{inner}]");
            let table = item.and_then(Item::as_table_like);
            if let (Some(item), None) = (item, table) {
                self.wrong_form(key, item, format!("a section `{header}`"));
            }
            let span = item.and_then(Item::span);
            let mut section = Section { pass: self.pass, path: inner, header, table, span, known: Vec::new() };
            values.insert(name, read(&mut section));
            section.finish();
        }
        values
    }

    /// Says that the value of `key` cannot be: it has the right form, but not this one.
    pub(crate) fn reject(&mut self, key: &str, message: String, expected: Option<&str>, hint: Option<&str>) {
        if self.pass.describes {
            return;
        }
        let span = self.span_of(key).or_else(|| self.span.clone());
        self.pass.report(span.as_ref(), message, expected.map(str::to_owned), hint.map(str::to_owned));
    }

    /// Reports every key that no option claimed.
    pub(crate) fn finish(self) {
        let Some(table) = self.table else { return };
        for (key, item) in table.iter() {
            if self.known.contains(&key) {
                continue;
            }
            let inside = if self.header.is_empty() { String::new() } else { format!(" in `{}`", self.header) };
            let kind = if item.is_value() { "option" } else { "section" };
            let hint = problem::nearest(key, &self.known).map(|name| format!("did you mean `{name}`?"));
            let span = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let message = format!("unknown {kind} `{key}`{inside}");
            let expected = Some(problem::either(&self.known));
            self.pass.report(span.as_ref(), message, expected, hint);
        }
    }

    fn value<T: Value>(&mut self, key: &'static str) -> Option<T> {
        let item = self.item(key)?;
        // `[upstream.resolve]` and `resolve = { … }` mean the same.
        let value = match item {
            Item::Value(value) => value.clone(),
            Item::Table(table) => toml_edit::Value::InlineTable(table.clone().into_inline_table()),
            Item::ArrayOfTables(_) | Item::None => {
                self.wrong_form(key, item, T::expected());
                return None;
            }
        };
        match T::read(&value) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(key, item.span(), wrong, T::expected());
                None
            }
        }
    }

    fn wrong(&mut self, key: &str, span: Option<Range<usize>>, wrong: Wrong, expected: String) {
        let inside = self.inside();
        match wrong {
            Wrong::Element(at, inner) => self.wrong(key, Some(at), *inner, expected),
            Wrong::Form => {
                let written = span.clone().and_then(|span| self.pass.text.get(span)).unwrap_or_default();
                let message = format!("`{key}` cannot be `{}`{inside}", shortened(written));
                self.pass.report(span.as_ref(), message, Some(expected), None);
            }
            Wrong::Word { word, nearest } => {
                let hint = nearest.map(|name| format!("did you mean `{name}`?"));
                let message = format!("unknown {key} `{}`{inside}", shortened(&word));
                self.pass.report(span.as_ref(), message, Some(expected), hint);
            }
            Wrong::Reason(reason) => {
                self.pass.report(span.as_ref(), format!("{reason} in `{key}`{inside}"), Some(expected), None);
            }
        }
    }

    fn wrong_form(&mut self, key: &str, item: &Item, expected: String) {
        self.wrong(key, item.span(), Wrong::Form, expected);
    }

    fn inside(&self) -> String {
        if self.header.is_empty() { String::new() } else { format!(" in `{}`", self.header) }
    }

    fn item(&self, key: &str) -> Option<&'a Item> {
        self.table?.get(key)
    }

    fn span_of(&self, key: &str) -> Option<Range<usize>> {
        self.item(key)?.span()
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn begin(&mut self, header: String, repeated: bool, doc: &'static str) {
        if self.pass.describes {
            self.pass.entries.push(Entry::Section { header, repeated, doc });
        }
    }

    fn describe(&mut self, key: &'static str, value: String, has_default: bool, doc: &'static str) {
        self.known.push(key);
        if self.pass.describes {
            self.pass.entries.push(Entry::Option { key, value, has_default, doc });
        }
    }
}

/// The first line of what was written, at most 40 characters of it.
fn shortened(written: &str) -> String {
    let line = written.lines().next().unwrap_or_default();
    let mut short: String = line.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.len() < written.len() {
        short.push('…');
    }
    short
}
