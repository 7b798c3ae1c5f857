//! Makes parts of the index: documents of files, rows of a table or a directory export, secrets of a file. Adding
//! again replaces what came from the same place. Prints nothing: the caller is told of each step.

use std::path::{Path, PathBuf};

use super::{
    CompanyError, Folder,
    extract::{self, Extracted},
};
use crate::detect::{
    Category,
    company::{
        Documents, Kind, Part,
        document::DocumentsBuilder,
        entries::{self, Judgement},
        exact::{COLUMNS_MAX, Column, DataBuilder, ROWS_MAX},
        known::SecretsBuilder,
        table::{self, Csv, TableError},
        winnow::WINDOW_DEFAULT,
    },
};

/// A document to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// What people see of it.
    pub name: String,
}

/// What happened with a file.
#[derive(Debug)]
pub enum Step<'s> {
    /// It was taken in.
    Added {
        /// The document.
        source: &'s Source,
        /// Bytes of its text.
        bytes: usize,
    },
    /// It was not, and why.
    Skipped {
        /// The document.
        source: &'s Source,
        /// Why.
        why: String,
    },
}

/// What adding came to.
#[derive(Debug)]
pub struct Outcome {
    /// The part as it is now.
    pub part: Part,
    /// Things that people should know.
    pub remarks: Vec<String>,
}

/// Adds documents to a collection. Files that cannot be read are skipped and told.
///
/// # Errors
/// When none could be read, the collection has another window, or the index cannot be used.
pub fn documents(
    folder: &Folder,
    kind: Kind,
    name: &str,
    window: Option<usize>,
    sources: &[Source],
    mut step: impl FnMut(Step<'_>),
) -> Result<Outcome, CompanyError> {
    let mut builder = builder(folder, kind, name, window)?;
    let (mut n_added, mut n_short) = (0_usize, 0_usize);
    for source in sources {
        match extract::text(&source.path) {
            Ok(Extracted::Text(text)) => {
                let place = std::fs::canonicalize(&source.path).unwrap_or_else(|_| source.path.clone());
                let added = builder.add(&shown(&source.name), &place.to_string_lossy(), &text);
                n_added += 1;
                n_short += usize::from(added.fingerprints == 0);
                step(Step::Added { source, bytes: text.len() });
            }
            Ok(Extracted::Skipped(why)) => step(Step::Skipped { source, why: why.to_owned() }),
            Err(error) => step(Step::Skipped { source, why: error.to_string() }),
        }
    }
    if n_added == 0 {
        let path = sources.first().map(|source| source.path.clone()).unwrap_or_default();
        return Err(CompanyError::Nothing { path, why: "there is no file in it whose text can be read".to_owned() });
    }
    let mut remarks = Vec::new();
    if n_short > 0 {
        remarks.push(format!("{n_short} documents are too short to be recognised (fewer than 30 letters)"));
    }
    let part = match kind {
        Kind::Public => Part::Public(builder.finish()),
        Kind::Documents | Kind::Data | Kind::Secrets => Part::Documents(builder.finish()),
    };
    Ok(Outcome { part, remarks })
}

fn builder(folder: &Folder, kind: Kind, name: &str, window: Option<usize>) -> Result<DocumentsBuilder, CompanyError> {
    let old: Option<Documents> = match folder.part(kind, name)? {
        Some(Part::Documents(documents) | Part::Public(documents)) => Some(documents),
        Some(Part::Data(_) | Part::Secrets(_)) | None => None,
    };
    let Some(old) = old else {
        return Ok(DocumentsBuilder::new(folder.key(), name, window.unwrap_or(WINDOW_DEFAULT)));
    };
    match window.filter(|window| *window != old.window()) {
        Some(window) => Err(CompanyError::Option {
            what: format!("`{name}` was made with --window {}, not {window}", old.window()),
            hint: format!("leave the option out, or `scrim index remove {name}` first"),
        }),
        None => Ok(DocumentsBuilder::going_on(folder.key(), old)),
    }
}

/// A file's name without what could steer a terminal or a log.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || c == '`' { '?' } else { c }).collect()
}

/// What is taken of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<'t> {
    /// Name of the part.
    pub name: &'t str,
    /// Kind of data.
    pub category: Category,
    /// Columns taken; empty: all of them.
    pub columns: &'t [String],
    /// Those of them whose values stand for one row each.
    pub unique: &'t [String],
}

/// Takes rows from a CSV, TSV or LDIF file; a table of the same name is replaced.
///
/// # Errors
/// When the file is broken, lacks a column, or holds no row; the message names file, line and column.
pub fn table(folder: &Folder, path: &Path, wanted: &Table<'_>) -> Result<Outcome, CompanyError> {
    let text = extract::plain(path)?;
    let is_ldif = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("ldif") || e.eq_ignore_ascii_case("ldf"));
    let builder = if is_ldif || text.trim_start().starts_with("dn:") {
        directory(folder, path, &text, wanted)?
    } else {
        rows(folder, path, &text, wanted)?
    };
    let ordinary = builder.ordinary().filter(|(column, ordinary)| column.unique && *ordinary > 0);
    let remark = |(column, ordinary): (&Column, u64)| {
        let column = &column.name;
        format!(
            "column `{column}`: {ordinary} values are too short or too ordinary to be found alone; they count beside another field of their row"
        )
    };
    let remarks = ordinary.map(remark).collect();
    let data = builder.finish();
    if data.fields() == 0 {
        return Err(CompanyError::Nothing {
            path: path.to_owned(),
            why: "no field has four letters or digits".to_owned(),
        });
    }
    Ok(Outcome { part: Part::Data(data), remarks })
}

fn is_unique(wanted: &Table<'_>, column: &str) -> bool {
    wanted.unique.iter().any(|unique| unique.trim().eq_ignore_ascii_case(column.trim()))
}

/// Columns and unique columns, each once.
fn wanted_columns(wanted: &Table<'_>) -> Vec<String> {
    let mut columns: Vec<String> = wanted.columns.to_vec();
    let more = wanted.unique.iter().filter(|unique| !columns.iter().any(|column| column.eq_ignore_ascii_case(unique)));
    let more: Vec<String> = more.cloned().collect();
    columns.extend(more);
    columns
}

fn maker(folder: &Folder, wanted: &Table<'_>, columns: &[String], number: usize) -> Result<DataBuilder, CompanyError> {
    if columns.len() > COLUMNS_MAX {
        return Err(CompanyError::Option {
            what: format!("{} columns are more than {COLUMNS_MAX}", columns.len()),
            hint: "name those that matter with `--columns`".to_owned(),
        });
    }
    let column = |name: &String| Column { name: name.trim().to_owned(), unique: is_unique(wanted, name) };
    let columns = columns.iter().map(column).collect();
    Ok(DataBuilder::new(folder.key(), wanted.name, wanted.category.clone(), columns, number))
}

fn rows(folder: &Folder, path: &Path, text: &str, wanted: &Table<'_>) -> Result<DataBuilder, CompanyError> {
    let broken = |why| CompanyError::Table { path: path.to_owned(), why };
    let mut rows = Csv::new(text);
    let header = rows.next().ok_or_else(|| broken(TableError::Empty))?.map_err(broken)?.fields;
    let mut columns = wanted_columns(wanted);
    if wanted.columns.is_empty() {
        columns = header.iter().map(ToString::to_string).collect();
        table::choose(&header, wanted.unique).map_err(broken)?;
    }
    let places = table::choose(&header, &columns).map_err(broken)?;
    let mut builder = maker(folder, wanted, &columns, text.len() / 64)?;
    for row in rows {
        let row = row.map_err(broken)?;
        let mut fields = Vec::with_capacity(places.len());
        for (number, place) in places.iter().enumerate() {
            let short = || TableError::Short {
                line: row.line,
                column: columns.get(number).cloned().unwrap_or_default(),
                fields: row.fields.len(),
                expected: header.len(),
            };
            fields.push((number, row.fields.get(*place).ok_or_else(|| broken(short()))?));
        }
        take(&mut builder, path, fields)?;
    }
    Ok(builder)
}

fn take<F: AsRef<str>>(builder: &mut DataBuilder, path: &Path, fields: Vec<(usize, F)>) -> Result<(), CompanyError> {
    let full = || CompanyError::Nothing { path: path.to_owned(), why: format!("it has more than {ROWS_MAX} rows") };
    if builder.add(fields) { Ok(()) } else { Err(full()) }
}

/// Attributes of people in directories, when no column is named.
const ATTRIBUTES: [&str; 8] =
    ["cn", "mail", "employeenumber", "telephonenumber", "mobile", "uid", "samaccountname", "displayname"];

fn directory(folder: &Folder, path: &Path, text: &str, wanted: &Table<'_>) -> Result<DataBuilder, CompanyError> {
    let entries = table::ldif(text);
    let has = |name: &str| entries.iter().any(|entry| entry.attributes.iter().any(|(attribute, _)| attribute == name));
    let mut columns = wanted_columns(wanted);
    if wanted.columns.is_empty() {
        let known = ATTRIBUTES.iter().filter(|name| has(name) && !is_unique(wanted, name));
        columns.extend(known.map(|name| (*name).to_owned()));
    }
    for column in &mut columns {
        column.make_ascii_lowercase();
        if !has(column) {
            let mut known: Vec<&str> =
                entries.iter().flat_map(|entry| &entry.attributes).map(|(name, _)| name.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let why = TableError::Column { column: column.clone(), known };
            return Err(CompanyError::Table { path: path.to_owned(), why });
        }
    }
    let mut builder = maker(folder, wanted, &columns, entries.len())?;
    for entry in &entries {
        let number = |attribute: &str| columns.iter().position(|column| column == attribute);
        let fields = entry.attributes.iter().filter_map(|(name, value)| Some((number(name)?, value))).collect();
        take(&mut builder, path, fields)?;
    }
    Ok(builder)
}

/// Takes secrets from a file; those that came from a file of the same name are replaced.
///
/// # Errors
/// When the file is of no known form, or holds nothing that is rare enough.
pub fn secrets(folder: &Folder, name: &str, path: &Path) -> Result<Outcome, CompanyError> {
    let text = extract::plain(path)?;
    let entries = entries::read(&text).map_err(|why| CompanyError::Secrets { path: path.to_owned(), why })?;
    let file = shown(&path.file_name().unwrap_or_default().to_string_lossy());
    let mut builder = match folder.part(Kind::Secrets, name)? {
        Some(Part::Secrets(old)) => SecretsBuilder::going_on(folder.key(), old, &file),
        Some(Part::Documents(_) | Part::Data(_) | Part::Public(_)) | None => SecretsBuilder::new(folder.key(), name),
    };
    let (mut n_taken, mut short, mut ordinary) = (0_usize, Vec::new(), Vec::new());
    for entry in &entries {
        match entries::judge(entry) {
            Judgement::Taken(category) => {
                let category = Category::parse(category).unwrap_or_else(|_| Category::company());
                n_taken += usize::from(builder.add(&shown(&entry.key), &file, &category, entry.value.trim()));
            }
            Judgement::Length => short.push(shown(&entry.key)),
            Judgement::Ordinary => ordinary.push(shown(&entry.key)),
        }
    }
    let mut remarks = vec![format!("{n_taken} values of `{file}` are looked for")];
    remarks.extend(left_out(&short, "shorter than 8 characters"));
    remarks.extend(left_out(&ordinary, "too ordinary: a word, number, path, host or placeholder"));
    if n_taken == 0 {
        return Err(CompanyError::Nothing { path: path.to_owned(), why: remarks.join("; ") });
    }
    Ok(Outcome { part: Part::Secrets(builder.finish()), remarks })
}

/// Names shown of values that were left out.
const NAMES_MAX: usize = 12;

fn left_out(names: &[String], why: &str) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let shown: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("left out ({why}): {}{more}", shown.join(", ")))
}
