//! Secrets with their names out of the files they are kept in: `.env` and properties files, JSON and simple YAML, CSV
//! and JSON exports of password managers, KeePass XML. Which of them are rare enough to be looked for says `judge`. Opens
//! no file.

mod judge;

pub use judge::{Judgement, judge};

use super::{
    markup,
    table::{Csv, Row, TableError},
};
use serde_json::Value;

/// A named value.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// `DB_PASSWORD`, `database.password`, `GitHub password`.
    pub key: String,
    /// The value.
    pub value: String,
}

/// Why a file of secrets cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EntriesError {
    /// It begins like JSON and is none.
    #[error("line {line}: this is not JSON: {why}")]
    Json {
        /// Where.
        line: usize,
        /// The parser's words, without content.
        why: &'static str,
    },
    /// It is a table and has no column for secrets.
    #[error("line 1: no column holds secrets: expected `password`, `secret`, `token` or `key` among {0}")]
    NoColumn(String),
    /// Its table is broken.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Nothing in it has a name and a value.
    #[error("nothing in it has the form `NAME=value`, `name: value`, JSON or CSV")]
    Nothing,
}

/// Entries of a file.
///
/// # Errors
/// When it is none of the known forms.
pub fn read(text: &str) -> Result<Vec<Entry>, EntriesError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let begun = text.trim_start();
    let mut entries = if begun.starts_with(['{', '[']) && !begun.starts_with("[default") && !is_section(begun) {
        json(text)?
    } else if begun.starts_with('<') {
        keepass(text)
    } else if let Some(columns) = columns(text) {
        table(text, &columns)?
    } else {
        lines(text)
    };
    if entries.is_empty() {
        return Err(EntriesError::Nothing);
    }
    let within: Vec<Entry> = entries.iter().flat_map(inside).collect();
    entries.extend(within);
    Ok(entries)
}

/// An ini file begins with `[section]` alone on its line.
fn is_section(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let inside = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|name| !name.is_empty() && !name.contains(['"', '{', '[', ',']))
}

/// The password within a connection string, and the long lines of a value of several lines.
fn inside(entry: &Entry) -> Vec<Entry> {
    if let Some(password) = url_password(&entry.value) {
        return vec![Entry { key: format!("password in {}", entry.key), value: password.to_owned() }];
    }
    let lines =
        entry.value.lines().map(str::trim).filter(|line| line.len() >= LINE_LEAST && !line.starts_with("-----"));
    let part = |line: &str| Entry { key: format!("line of {}", entry.key), value: line.to_owned() };
    if entry.value.contains('\n') { lines.map(part).collect() } else { Vec::new() }
}

/// Bytes of a line of a key at least that is looked for by itself.
const LINE_LEAST: usize = 32;

/// `scheme://user:PASSWORD@host…`
fn url_password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (userinfo, _) = authority.rsplit_once('@')?;
    userinfo.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

// === forms ===

fn lines(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim();
        if line.starts_with(['#', ';', '[']) || line.starts_with("//") || line.starts_with("---") {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let line = line.strip_prefix("- ").unwrap_or(line);
        let Some((key, value)) = parted(line) else { continue };
        let value = value.trim();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'));
        let value = match quote {
            None => value.split(" #").next().unwrap_or(value).trim_end().to_owned(),
            Some(quote) => match value.get(1..).and_then(|inner| inner.rsplit_once(quote)) {
                Some((inside, _)) => unquoted(inside, quote),
                None => {
                    // A value of several lines: up to the closing quote.
                    let (more, after) = rest.split_once(quote).unwrap_or((rest, ""));
                    rest = after;
                    unquoted(&format!("{}\n{more}", value.get(1..).unwrap_or_default()), quote)
                }
            },
        };
        entries.push(Entry { key: key.trim_matches(['"', '\'', ' ']).to_owned(), value });
    }
    entries
}

/// Name and value of `NAME=value` or `name: value`; a name has no blanks.
fn parted(line: &str) -> Option<(&str, &str)> {
    let at = line.find(['=', ':'])?;
    let (key, rest) = line.split_at_checked(at)?;
    let (key, value) = (key.trim_end(), rest.get(1..)?);
    let named = !key.is_empty() && key.len() <= 128 && !key.trim_matches(['"', '\'']).contains(char::is_whitespace);
    (named && !value.starts_with("//")).then_some((key, value))
}

fn unquoted(inside: &str, quote: char) -> String {
    if quote != '"' {
        return inside.to_owned();
    }
    inside.replace("\\n", "\n").replace("\\\"", "\"").replace("\\$", "$").replace("\\\\", "\\")
}

fn json(text: &str) -> Result<Vec<Entry>, EntriesError> {
    let document: Value = serde_json::from_str(text).map_err(|error| EntriesError::Json {
        line: error.line(),
        why: match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Syntax => "a sign is out of place",
            serde_json::error::Category::Data | serde_json::error::Category::Io => "a value is out of place",
        },
    })?;
    let mut entries = Vec::new();
    walk(&document, "", DEPTH_MAX, &mut entries);
    Ok(entries)
}

/// Members of an entry that name it.
const NO_SECRETS: [&str; 9] = ["name", "title", "username", "user", "url", "uri", "uris", "id", "category"];

/// Levels of JSON that are walked.
const DEPTH_MAX: usize = 32;

fn walk(value: &Value, path: &str, depth: usize, entries: &mut Vec<Entry>) {
    match value {
        Value::Object(members) if depth > 0 => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            let title = text("name").or_else(|| text("title")).filter(|title| title.len() <= 64);
            // `{"name": "DB_PASSWORD", "value": "…"}`, as fields of vaults and of deployments are written.
            let path = title.map_or_else(|| path.to_owned(), ToOwned::to_owned);
            for (name, member) in members.iter().filter(|(name, _)| !NO_SECRETS.contains(&name.as_str())) {
                let named = title.is_some() && matches!(name.as_str(), "value" | "login");
                let inner = if named || path.is_empty() {
                    format!("{path}{}", if named { "" } else { name })
                } else {
                    format!("{path} {name}")
                };
                walk(member, &inner, depth - 1, entries);
            }
        }
        Value::Array(items) if depth > 0 => items.iter().for_each(|item| walk(item, path, depth - 1, entries)),
        Value::String(text) => entries.push(Entry { key: path.to_owned(), value: text.clone() }),
        Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// KeePass XML 2: `<String><Key>Password</Key><Value>…</Value></String>`; the entry's title names it.
fn keepass(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for entry in text.split("<Entry>").skip(1) {
        let field = |piece: &str| {
            let key = between(piece, "<Key>", "</Key>")?;
            let value = between(piece.split_once("<Value")?.1, ">", "</Value>")?;
            Some((markup::text(key), markup::text(value)))
        };
        let fields: Vec<(String, String)> = entry.split("<String>").skip(1).filter_map(field).collect();
        let title = fields.iter().find(|(key, _)| key == "Title").map_or("entry", |(_, title)| title.as_str());
        let others = fields.iter().filter(|(key, _)| !matches!(key.as_str(), "Title" | "UserName" | "URL"));
        entries.extend(others.map(|(key, value)| Entry { key: format!("{title} {key}"), value: value.clone() }));
    }
    entries
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

/// The columns of a table that hold names and secrets; `None` when the first line is no header of a table.
struct Columns {
    title: Option<usize>,
    secrets: Vec<(usize, String)>,
    all: String,
}

/// Words of column names in exports of password managers.
const SECRET_COLUMNS: [&str; 10] =
    ["password", "secret", "token", "key", "totp", "otpauth", "otp", "notes", "credential", "value"];
const TITLE_COLUMNS: [&str; 5] = ["name", "title", "account", "item", "key"];

fn columns(text: &str) -> Option<Columns> {
    let header = Csv::new(text).next()?.ok()?.fields;
    let words = |field: &str| !field.is_empty() && field.len() <= 40 && !field.contains(['=', '/', '"']);
    if header.len() < 2 || !header.iter().all(|field| words(field)) || header.iter().any(|field| field.contains(": ")) {
        return None;
    }
    let names: Vec<String> = header.iter().map(|field| field.trim().to_ascii_lowercase()).collect();
    let title = TITLE_COLUMNS.iter().find_map(|title| names.iter().position(|name| name == title));
    let is_secret = |(index, name): &(usize, &String)| {
        Some(*index) != title && SECRET_COLUMNS.iter().any(|word| name.split(['_', ' ', '-']).any(|part| part == *word))
    };
    let secrets = names.iter().enumerate().filter(is_secret).map(|(index, name)| (index, name.clone())).collect();
    let all = header.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    Some(Columns { title, secrets, all })
}

fn table(text: &str, columns: &Columns) -> Result<Vec<Entry>, EntriesError> {
    if columns.secrets.is_empty() {
        return Err(EntriesError::NoColumn(columns.all.clone()));
    }
    let mut entries = Vec::new();
    for row in Csv::new(text).skip(1) {
        let Row { line, fields } = row?;
        let title = columns.title.and_then(|at| fields.get(at)).filter(|title| !title.is_empty());
        let title = title.map_or_else(|| format!("row of line {line}"), ToString::to_string);
        for (at, column) in &columns.secrets {
            if let Some(value) = fields.get(*at).filter(|value| !value.is_empty()) {
                entries.push(Entry { key: format!("{title} {column}"), value: value.to_string() });
            }
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Vec<(String, String, &'static str)> {
        let judged = |entry: Entry| match judge(&entry) {
            Judgement::Taken(category) => Some((entry.key, entry.value, category)),
            Judgement::Length | Judgement::Ordinary => None,
        };
        read(text).unwrap().into_iter().filter_map(judged).collect()
    }

    fn row(key: &str, value: &str, category: &'static str) -> (String, String, &'static str) {
        (key.to_owned(), value.to_owned(), category)
    }

    #[test]
    fn an_env_file_gives_its_secrets_and_leaves_the_rest() {
        let text = "# app\nNODE_ENV=production\nPORT=5432\nexport DB_PASSWORD=\"corr;ect #horse 7\" # main\nDB_HOST=db.corp.example\nAPI_KEY=q8Zr2Lm0Vx7Tn4Kp # x\nLOG_PATH=/var/log/app/out.log\nDATABASE_URL=postgres://svc:Wint3r!x9@db/crm\nSESSION=Zx81kLm29qPw77Ty\nADMIN_PASSWORD=changeme\nTOKEN=${TOKEN}\nMAIL=it@corp.example\nIMAGE=node-18.2.0-alpine\n";
        assert_eq!(
            taken(text),
            [
                row("DB_PASSWORD", "corr;ect #horse 7", "PASSWORD"),
                row("API_KEY", "q8Zr2Lm0Vx7Tn4Kp", "APIKEY"),
                row("DATABASE_URL", "postgres://svc:Wint3r!x9@db/crm", "CONNECTION"),
                row("SESSION", "Zx81kLm29qPw77Ty", "APIKEY"),
                row("password in DATABASE_URL", "Wint3r!x9", "PASSWORD"),
            ]
        );
    }

    #[test]
    fn words_are_left_and_rare_values_are_taken_where_the_name_says_so() {
        assert_eq!(
            taken("AUTHOR=Anna Schmidt\nJWT_SECRET=supersecretjwt\nDB_PASS=production\n"),
            [row("JWT_SECRET", "supersecretjwt", "APIKEY")]
        );
    }

    #[test]
    fn yaml_and_ini_lines_are_read() {
        let yaml = "---\ndatabase:\n  password: 'S0mmer-Regen'\n  user: app\n- token: q8Zr2Lm0Vx7Tn4Kp\n";
        assert_eq!(
            taken(yaml),
            [row("password", "S0mmer-Regen", "PASSWORD"), row("token", "q8Zr2Lm0Vx7Tn4Kp", "APIKEY")]
        );
        let ini = "[default]\naws_secret_access_key = q8Zr2Lm0Vx7Tn4KpQQ12\n";
        assert_eq!(taken(ini), [row("aws_secret_access_key", "q8Zr2Lm0Vx7Tn4KpQQ12", "APIKEY")]);
    }

    #[test]
    fn exports_of_password_managers_are_read_by_column() {
        let keepass = "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\"\n\"Root\",\"Router\",\"admin\",\"gh7#kk,w2\",\"http://r\",\"\"\n";
        assert_eq!(taken(keepass), [row("Router password", "gh7#kk,w2", "PASSWORD")]);
        let bitwarden = "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n,,login,GitHub,,,0,https://github.com,me,aB3dE6gH9jK2,JBSWY3DPEHPK3PXP\n";
        assert_eq!(
            taken(bitwarden),
            [
                row("GitHub login_password", "aB3dE6gH9jK2", "PASSWORD"),
                row("GitHub login_totp", "JBSWY3DPEHPK3PXP", "APIKEY")
            ]
        );
        let error = read("name,city\nx,y\n").err().unwrap().to_string();
        assert!(error.starts_with("line 1: no column holds secrets"), "{error}");
    }

    #[test]
    fn json_exports_are_named_by_their_titles() {
        let text = r#"{"items":[{"name":"VPN","login":{"username":"x","password":"t7!Kq-29ws"},"fields":[{"name":"PIN code key","value":"zz91-kk20-aa"}]}]}"#;
        assert_eq!(
            taken(text),
            [row("VPN password", "t7!Kq-29ws", "PASSWORD"), row("PIN code key", "zz91-kk20-aa", "APIKEY")]
        );
        assert_eq!(taken(r#"{"db":{"password":"t7!Kq-29ws"}}"#), [row("db password", "t7!Kq-29ws", "PASSWORD")]);
        assert_eq!(
            read("{\"a\": \n oops}").err().unwrap().to_string(),
            "line 2: this is not JSON: a sign is out of place"
        );
    }

    #[test]
    fn keepass_xml_and_keys_of_several_lines_are_read() {
        let xml = "<KeePassFile><Entry><String><Key>Title</Key><Value>Mail</Value></String><String><Key>Password</Key><Value ProtectInMemory=\"True\">a&amp;b7-Kw92</Value></String></Entry></KeePassFile>";
        assert_eq!(taken(xml), [row("Mail Password", "a&b7-Kw92", "PASSWORD")]);
        let line = "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEA";
        let text = format!("SIGNING=\"-----BEGIN {0} KEY-----\n{line}\n-----END {0} KEY-----\"\nX=1\n", "PRIVATE");
        let all = taken(&text);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1], row("line of SIGNING", line, "PRIVATEKEY"));
        assert_eq!(read("just words").err().unwrap().to_string(), EntriesError::Nothing.to_string());
    }
}
