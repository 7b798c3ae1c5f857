//! Reads the dictionaries that `[[detect.dictionary]]` names: a text with one entry a line, or a column of a table.

use std::{path::Path, sync::Arc};

use super::{CompanyError, extract};
use crate::{
    config::company as config,
    detect::company::{
        Dictionary, Key,
        dictionary::About,
        table::{self, Csv},
    },
};

/// Reads a dictionary's file.
///
/// # Errors
/// When it cannot be read, lacks the column, or holds no entry.
pub fn read(key: &Key, dictionary: &config::Dictionary) -> Result<Arc<Dictionary>, CompanyError> {
    let path = dictionary.file.as_path();
    let text = extract::plain(path)?;
    let about = About {
        name: dictionary.name.clone(),
        title: dictionary.title.clone().unwrap_or_else(|| format!("Entry of `{}`", dictionary.name)),
        category: dictionary.category.clone(),
        severity: dictionary.severity,
        matching: dictionary.matching,
        ignore_case: dictionary.ignore_case,
        endings: dictionary.endings,
        source: path.display().to_string(),
    };
    let number = text.bytes().filter(|byte| *byte == b'\n').count();
    let is_table = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"));
    let read = if is_table || dictionary.column.is_some() {
        let column = column(path, &text, dictionary.column.as_deref())?;
        Dictionary::new(key, about, number, column)
    } else {
        let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().map(str::trim);
        Dictionary::new(key, about, number, lines.filter(|line| !line.is_empty() && !line.starts_with('#')))
    };
    if read.entries() == 0 {
        return Err(CompanyError::Nothing {
            path: path.to_owned(),
            why: "it holds no entry of two letters or more".to_owned(),
        });
    }
    Ok(Arc::new(read))
}

/// One column of a table: the named one, else the first.
fn column(path: &Path, text: &str, name: Option<&str>) -> Result<Vec<String>, CompanyError> {
    let broken = |why| CompanyError::Table { path: path.to_owned(), why };
    let mut rows = Csv::new(text);
    let header = rows.next().ok_or_else(|| broken(table::TableError::Empty))?.map_err(broken)?;
    let at = match name {
        Some(name) => table::choose(&header.fields, &[name.to_owned()]).map_err(broken)?.first().copied().unwrap_or(0),
        None => 0,
    };
    let mut values = Vec::new();
    for row in rows {
        values.extend(row.map_err(broken)?.fields.into_iter().nth(at).map(String::from));
    }
    Ok(values)
}
