//! Exact data match: rows of a company's own table, kept as keyed hashes of their fields. A value that is unique to a
//! row is found alone; others only when two columns of the same row stand near each other. Holds no value.

use super::{
    dictionary::{phrase_length, phrases},
    format::{FormatError, Reader, Writer},
    key::{Key, Sip, first_u64},
    letters::{Letters, is_digit, ones},
    lookup::{Buckets, Filter, OPENING, Openings},
};
use crate::detect::Category;
use hmac::Mac;
use std::{ops::Range, sync::Arc};

/// Columns of a table at most: a column is four bits of a place.
pub const COLUMNS_MAX: usize = 16;
/// Rows of a table at most.
pub const ROWS_MAX: usize = 1 << 28;
/// A value that stands in more rows than this is common: it is never a finding alone.
const UNIQUE_ROWS_MAX: usize = 3;
/// A value in more rows than this (a city, a first name) says nothing about any row.
const SHARED_ROWS_MAX: usize = 256;
/// Digits of a number at least that is a finding alone: shorter ones are found by chance.
const LONE_DIGITS_LEAST: usize = 7;
/// Letters of a word at least that is a finding alone.
const LONE_LETTERS_LEAST: usize = 12;

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As the table's first line calls it.
    pub name: String,
    /// Its values stand for one row each: an account number, an e-mail address.
    pub unique: bool,
}

/// A table, as keyed hashes.
#[derive(Debug)]
pub struct Data {
    pub(super) name: Arc<str>,
    pub(super) category: Category,
    columns: Vec<Column>,
    rows: u32,
    openings: Openings,
    filter: Filter,
    /// HMAC-SHA256 of each field, cut to 8 bytes. Sorted; `places` is parallel.
    tags: Vec<u64>,
    /// Row and, in the lowest four bits, column.
    places: Vec<u32>,
    buckets: Buckets,
}

/// A field of some row, seen in a text.
struct Seen {
    letters: Range<usize>,
    /// Indices in `tags` and `places`.
    fields: Range<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    pub(super) letters: Range<usize>,
    pub(super) reason: String,
}

impl Data {
    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Number of fields kept.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.tags.len()
    }

    /// Hash of all it keeps.
    pub(super) fn digest(&self, sip: &Sip) -> u64 {
        sip.hash(self.tags.iter().copied())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.text(&self.name);
        writer.text(self.category.as_str());
        writer.length(self.columns.len());
        for column in &self.columns {
            writer.text(&column.name);
            writer.u8(u8::from(column.unique));
        }
        writer.u32(self.rows);
        let (slots, short) = self.openings.parts();
        writer.u64s(slots);
        writer.u64(short);
        writer.u64s(self.filter.words());
        writer.u64s(&self.tags);
        writer.u32s(&self.places);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let damaged = FormatError::Damaged("its lists do not fit together");
        let name = reader.text()?;
        let category = Category::parse(&reader.text()?).map_err(|_| FormatError::Damaged("its category is none"))?;
        let mut columns = Vec::new();
        for _ in 0..reader.length(5)? {
            columns.push(Column { name: reader.text()?, unique: reader.u8()? != 0 });
        }
        let rows = reader.u32()?;
        let openings = Openings::from_parts(reader.u64s()?, reader.u64()?).ok_or(damaged.clone())?;
        let filter = Filter::from_words(reader.u64s()?).ok_or(damaged.clone())?;
        let (tags, places) = (reader.u64s()?, reader.u32s()?);
        let fits = tags.len() == places.len()
            && tags.is_sorted()
            && u32::try_from(tags.len()).is_ok()
            && places.iter().all(|place| column_of(*place) < columns.len());
        if !fits {
            return Err(damaged);
        }
        let buckets = Buckets::over(&tags);
        Ok(Self { name: name.into(), category, columns, rows, openings, filter, tags, places, buckets })
    }

    /// What stands in the text. `distance` is the bytes between two fields of one row at most.
    pub(super) fn find(&self, key: &Key, sip: &Sip, page: &Page<'_>, distance: usize) -> Vec<Match> {
        let seen = self.seen(key, sip, page);
        let mut matches: Vec<Match> = seen.iter().filter_map(|seen| self.alone(page, seen)).collect();
        matches.extend(self.together(page, &seen, distance));
        matches
    }

    fn seen(&self, key: &Key, sip: &Sip, page: &Page<'_>) -> Vec<Seen> {
        let mut seen = Vec::new();
        for (first, opening) in page.openings {
            let lengths = self.openings.lengths(*opening);
            if lengths == 0 {
                continue;
            }
            for bit in ones(page.letters.ends(*first, lengths, 0)) {
                let letters = *first..first + bit + 1;
                let Some(codes) = page.letters.codes.get(letters.clone()) else { continue };
                if !self.filter.may_hold(sip.letters(codes)) {
                    continue;
                }
                let fields = self.buckets.find(&self.tags, tag(key, &self.name, codes));
                if !fields.is_empty() {
                    seen.push(Seen { letters, fields });
                }
            }
        }
        seen
    }

    /// A value that is a finding by itself: of a column declared unique, and neither common nor short.
    fn alone(&self, page: &Page<'_>, seen: &Seen) -> Option<Match> {
        let codes = page.letters.codes.get(seen.letters.clone())?;
        if seen.fields.len() > UNIQUE_ROWS_MAX || !is_rare(codes) {
            return None;
        }
        let places = self.places.get(seen.fields.clone())?;
        let column =
            places.iter().filter_map(|place| self.columns.get(column_of(*place))).find(|column| column.unique)?;
        let reason = format!("`{}` of one row of `{}`", column.name, self.name);
        Some(Match { letters: seen.letters.clone(), reason })
    }

    /// Fields of two columns of one row near each other.
    fn together(&self, page: &Page<'_>, seen: &[Seen], distance: usize) -> Vec<Match> {
        let mut fields: Vec<(u32, usize, usize)> = Vec::new();
        for (index, seen) in seen.iter().enumerate().filter(|(_, seen)| seen.fields.len() <= SHARED_ROWS_MAX) {
            let places = self.places.get(seen.fields.clone()).unwrap_or_default();
            fields.extend(places.iter().map(|place| (place >> 4, index, column_of(*place))));
        }
        fields.sort_unstable();
        let mut partners: Vec<Option<(usize, usize)>> = vec![None; seen.len()];
        for pair in fields.windows(2) {
            let [(row, one, left), (other_row, other, right)] = pair else { continue };
            let (Some(first), Some(second)) = (seen.get(*one), seen.get(*other)) else { continue };
            let apart = first.letters.end <= second.letters.start;
            if row != other_row || left == right || !apart || page.bytes_between(first, second) > distance {
                continue;
            }
            let pair = Some((*left, *right));
            if let Some(partner) = partners.get_mut(*one) {
                *partner = pair;
            }
            if let Some(partner) = partners.get_mut(*other) {
                *partner = pair;
            }
        }
        let name = |column: usize| self.columns.get(column).map_or("", |column| column.name.as_str());
        let told = |(seen, partner): (&Seen, Option<(usize, usize)>)| {
            let (left, right) = partner?;
            let reason = format!("`{}` and `{}` of one row of `{}`", name(left), name(right), self.name);
            Some(Match { letters: seen.letters.clone(), reason })
        };
        seen.iter().zip(partners).filter_map(told).collect()
    }
}

/// A text with the openings of its words.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) letters: &'t Letters,
    /// First letter of each word, and the hash of what begins there.
    pub(super) openings: &'t [(usize, Option<u64>)],
}

impl Page<'_> {
    fn bytes_between(&self, first: &Seen, second: &Seen) -> usize {
        let end = self.letters.bytes(self.text, first.letters.clone()).end;
        self.letters.bytes(self.text, second.letters.clone()).start.saturating_sub(end)
    }
}

fn column_of(place: u32) -> usize {
    (place & 15) as usize
}

/// Whether nobody writes this by chance.
fn is_rare(codes: &[u32]) -> bool {
    let digits = codes.iter().filter(|code| is_digit(**code)).count();
    match digits {
        0 => codes.len() >= LONE_LETTERS_LEAST,
        all if all == codes.len() => all >= LONE_DIGITS_LEAST,
        _ => codes.len() >= LONE_DIGITS_LEAST,
    }
}

fn tag(key: &Key, table: &str, codes: &[u32]) -> u64 {
    let mut mac = key.mac("scrim/company/data/1").chain_update(table.as_bytes()).chain_update([0]);
    codes.iter().for_each(|code| mac.update(&code.to_le_bytes()));
    first_u64(&mac.finalize().into_bytes())
}

/// Makes a table, row by row.
#[derive(Debug)]
pub struct DataBuilder {
    key: Key,
    sip: Sip,
    name: Arc<str>,
    category: Category,
    columns: Vec<Column>,
    rows: u32,
    openings: Openings,
    phrases: Vec<u64>,
    fields: Vec<(u64, u32)>,
    letters: Letters,
    lone: Vec<u64>,
}

impl DataBuilder {
    /// A table of so many rows, about. Columns beyond [`COLUMNS_MAX`] are not looked at.
    #[must_use]
    pub fn new(key: &Key, name: &str, category: Category, columns: Vec<Column>, number: usize) -> Self {
        Self {
            key: key.clone(),
            sip: phrases(key),
            name: name.into(),
            category,
            rows: 0,
            openings: Openings::for_number(number.saturating_mul(columns.len())),
            phrases: Vec::new(),
            fields: Vec::new(),
            letters: Letters::default(),
            lone: vec![0; columns.len()],
            columns,
        }
    }

    /// Takes in a row: fields with the numbers of their columns. A column may have several values. False when the
    /// table is full.
    pub fn add<F: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = (usize, F)>) -> bool {
        if self.rows as usize >= ROWS_MAX {
            return false;
        }
        for (column, field) in fields.into_iter().filter(|(column, _)| *column < COLUMNS_MAX.min(self.columns.len())) {
            self.letters.read(field.as_ref());
            let codes = self.letters.codes.get(..phrase_length(&self.letters)).unwrap_or_default();
            if codes.len() < OPENING {
                continue;
            }
            if !is_rare(codes)
                && let Some(lone) = self.lone.get_mut(column)
            {
                *lone += 1;
            }
            self.openings.insert(&self.sip, codes);
            self.phrases.push(self.sip.letters(codes));
            let place = self.rows << 4 | u32::try_from(column).unwrap_or(0);
            self.fields.push((tag(&self.key, &self.name, codes), place));
        }
        self.rows += 1;
        true
    }

    /// Each column with how many of its values are too short or too ordinary to be a finding alone.
    pub fn ordinary(&self) -> impl Iterator<Item = (&Column, u64)> {
        self.columns.iter().zip(self.lone.iter().copied())
    }

    /// The table.
    #[must_use]
    pub fn finish(mut self) -> Data {
        self.fields.sort_unstable();
        self.fields.dedup();
        let filter = Filter::of(self.phrases.into_iter());
        let (tags, places): (Vec<u64>, Vec<u32>) = self.fields.into_iter().unzip();
        let buckets = Buckets::over(&tags);
        Data {
            name: self.name,
            category: self.category,
            columns: self.columns,
            rows: self.rows,
            openings: self.openings,
            filter,
            tags,
            places,
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::company::lookup::opening;

    const ROWS: [[&str; 4]; 5] = [
        ["Anna Schmidt", "12345678", "anna.schmidt@acme.example", "Berlin"],
        ["Boris Müller", "87654321", "b.mueller@acme.example", "Berlin"],
        ["Chloé Dubois", "DE-4711-A", "chloe@acme.example", "Lyon"],
        ["Anna Schmidt", "55512", "as2@acme.example", "Graz"],
        ["Rose", "11112222", "rose@acme.example", "York"],
    ];

    fn data(key: &Key) -> Data {
        let column = |name: &str, unique| Column { name: name.to_owned(), unique };
        let columns =
            vec![column("name", false), column("account", true), column("email", true), column("city", false)];
        let mut builder = DataBuilder::new(key, "customers", Category::parse("COMPANY").unwrap(), columns, ROWS.len());
        assert!(ROWS.iter().all(|row| builder.add(row.iter().enumerate())));
        let mut writer = Writer::default();
        builder.finish().write(&mut writer);
        Data::read(&mut Reader::new(&writer.finish())).unwrap()
    }

    fn found(text: &str) -> Vec<(String, String)> {
        let key = Key::new([9; 32]);
        let (sip, letters) = (phrases(&key), Letters::of(text));
        let openings: Vec<_> = letters.word_begins().map(|at| (at, opening(&sip, &letters.codes[at..]))).collect();
        let page = Page { text, letters: &letters, openings: &openings };
        let matches = data(&key).find(&key, &sip, &page, 200);
        matches.into_iter().map(|found| (text[letters.bytes(text, found.letters)].to_owned(), found.reason)).collect()
    }

    fn values(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn a_unique_value_is_found_alone_however_it_is_written() {
        for (text, expected) in [
            ("account 12345678", vec!["12345678"]),
            ("account 12 345-678!", vec!["12 345-678"]),
            ("write to Anna.Schmidt@ACME.example", vec!["Anna.Schmidt@ACME.example"]),
            ("de 4711 a", vec!["de 4711 a"]),
            ("1234567, 123456789, 12345679", vec![]),
            ("rows 12\n345\n678", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
        assert_eq!(found("12345678")[0].1, "`account` of one row of `customers`");
    }

    #[test]
    fn other_values_need_a_second_column_of_their_row() {
        assert_eq!(values("Anna Schmidt lives in Berlin"), ["Anna Schmidt", "Berlin"]);
        assert_eq!(found("Anna Schmidt lives in Berlin")[0].1, "`name` and `city` of one row of `customers`");
        assert_eq!(values("Berlin: boris mu\u{308}ller"), ["Berlin", "boris mu\u{308}ller"]);
        assert_eq!(values("no. 55512 of Anna Schmidt"), ["55512", "Anna Schmidt"]);
        for text in ["Anna Schmidt", "Berlin", "no. 55512", "Boris Müller in Lyon", "a Rose in Graz"] {
            assert!(values(text).is_empty(), "{text}: {:?}", found(text));
        }
        let far = format!("Boris Müller {} Berlin", "and then ".repeat(40));
        assert!(values(&far).is_empty());
    }

    #[test]
    fn no_value_stands_in_what_is_written() {
        let mut writer = Writer::default();
        data(&Key::new([9; 32])).write(&mut writer);
        let bytes = writer.finish();
        for value in ROWS.as_flattened().iter().filter(|value| value.len() > 4) {
            let folded: Vec<u8> = Letters::of(value).codes.iter().flat_map(|code| code.to_le_bytes()).collect();
            for form in [value.as_bytes(), &folded] {
                assert!(!bytes.windows(form.len()).any(|window| window == form), "{value}");
            }
        }
    }
}
