//! The text of a rule file, made from examples of what the rule is to find. The file does what `scrim rules test` asks for,
//! and holds nothing of the examples. Writes no file.

use super::form::{Form, PREFIX_LEAST, escaped};

/// Bytes behind an anchor beyond the longest value.
const AFTER: usize = 16;
/// Least bytes of a token that shows whether it is random.
const TOKEN_LEAST: usize = 12;
/// Most bytes of a token.
const TOKEN_MOST: usize = 128;
/// Least digits of a number that starts a rule.
const DIGITS_LEAST: usize = 5;
/// Bytes within which the provider's name must stand where the form says too little.
const DISTANCE: usize = 48;

// What a page to fill in says of each field.
const ID: &str =
    "Whose it is and what it is: `provider.kind`, lower case. A rule replaces a built-in one of the same id.";
const TITLE: &str = "What people are shown.";
const DESCRIPTION: &str = "What it is and what it opens, in a sentence.";
const CATEGORY: &str = "\
EMAIL PHONE CARD IBAN NATIONALID PERSON IP APIKEY PASSWORD PRIVATEKEY JWT CONNECTION, or one of your own:
2–16 capitals and digits. Policies and placeholders are called by it.";
const SEVERITY: &str = "low | medium | high | critical: decides when several rules claim the same bytes.";
const SOURCE: &str = "The document that the form is taken from.";
const CONFIDENCE: &str = "0–1. Below 0.5 nothing is masked by default.";
const ANCHOR: &str = "\
What starts the rule: a text without it costs nothing. `literals` (any of them), `digits = [least, most]`,
`token = [least, most]` for random runs. `after`: bytes behind it that the pattern may see. `shapes`: how the
value begins, `d` a digit, `h` hexadecimal, `l` a letter, `t` a letter, digit, `_` or `-`.";
const PATTERN: &str = "\
Begins at the anchor. Blanks mean nothing: write `\\x20`, and `\\#` for `#`. A group `(?P<value> …)` is the finding
where the pattern sees more than it. `\\b{end-half}`: no letter or digit may follow.";
const CHECK: &str = "\
A checksum, least entropy (bits a character), values that are never found; all three may be left out.
check = { validate = \"luhn\", entropy = 3.0, allow = ['acme_test_.*'] }";
const CONTEXT: &str = "\
Words near it, lower case, `word*` matches longer ones. With `raise` they add confidence; without it there is no
finding but beside one of them. `lists = [\"identity\"]` adds those of `words/identity.txt`.";

/// What is wanted.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    /// `provider.kind`.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) category: &'a str,
    pub(super) severity: &'a str,
    /// Every field is explained.
    pub(super) explained: bool,
}

/// What starts the rule.
enum Start {
    /// The values' beginning.
    Prefix,
    Digits(usize, usize),
    Token(usize, usize),
}

/// The file for values of this form; an error says what is missing.
pub(super) fn file(wish: &Wish<'_>, form: &Form) -> Result<String, &'static str> {
    let start = start(form)?;
    let mut out = String::from(
        "# Begun by `scrim rules new`. The values in it are made up; nothing of a real one is kept here.\n\
         # `scrim rules test FILE` runs its examples; `rules/README.md` describes every field.\n\n[[rule]]\n",
    );
    for (note, line) in [
        (ID, format!("id = {}", quoted(wish.id))),
        (TITLE, format!("title = {}", quoted(wish.title))),
        (DESCRIPTION, format!("description = {}", quoted(&format!("{}: say here what it opens.", wish.title)))),
        (CATEGORY, format!("category = {}", quoted(wish.category))),
        (SEVERITY, format!("severity = {}", quoted(wish.severity))),
        (SOURCE, format!("source = {}", quoted("the form of examples; name the document here"))),
        (CONFIDENCE, format!("confidence = {}", confidence(&start))),
        (ANCHOR, anchor(&start, form)),
        (PATTERN, pattern(form)),
    ] {
        explain(&mut out, wish, note);
        out.push_str(&line);
        out.push('\n');
    }
    explain(&mut out, wish, CHECK);
    context(&mut out, wish, &start);
    finds(&mut out, wish, form);
    near_misses(&mut out, wish, form, &start);
    Ok(out)
}

/// A comment, where comments are wanted.
fn explain(out: &mut String, wish: &Wish<'_>, note: &str) {
    if wish.explained {
        note.lines().for_each(|line| out.push_str(&format!("# {line}\n")));
    }
}

fn start(form: &Form) -> Result<Start, &'static str> {
    let (least, most) = form.length();
    if form.prefix.len() >= PREFIX_LEAST && form.digits().is_none() {
        return Ok(Start::Prefix);
    }
    match form.digits() {
        Some((least, most)) if least >= DIGITS_LEAST => Ok(Start::Digits(least, most)),
        _ if least >= TOKEN_LEAST && most <= TOKEN_MOST && form.is_token() => Ok(Start::Token(least, most)),
        Some(_) | None => Err("the examples have no beginning in common and are too short to be told from other text"),
    }
}

fn confidence(start: &Start) -> &'static str {
    match start {
        Start::Prefix => "0.9",
        Start::Digits(..) | Start::Token(..) => "0.8",
    }
}

fn anchor(start: &Start, form: &Form) -> String {
    let after = form.length().1 + AFTER;
    match start {
        Start::Prefix => {
            let (literal, shape) = (quoted(&form.prefix), quoted(&form.shape()));
            format!("anchor = {{ literals = [{literal}], after = {after}, shapes = [{shape}] }}")
        }
        Start::Digits(least, most) => format!("anchor = {{ digits = [{least}, {most}] }}"),
        Start::Token(least, most) => format!("anchor = {{ token = [{least}, {most}] }}"),
    }
}

fn pattern(form: &Form) -> String {
    let whole = format!("{} {}", escaped(&form.prefix), form.pattern());
    format!("pattern = '''\n  {} \\b{{end-half}}\n'''", whole.trim())
}

fn context(out: &mut String, wish: &Wish<'_>, start: &Start) {
    let word = quoted(&format!("{}*", name_word(wish)));
    explain(out, wish, CONTEXT);
    match start {
        Start::Prefix => {
            explain(out, wish, &format!("context = {{ words = [{word}], distance = {DISTANCE}, raise = 0.05 }}"));
        }
        Start::Digits(..) | Start::Token(..) => {
            out.push_str("# Its form says too little: it counts only near one of these words.\n");
            out.push_str(&format!("context = {{ words = [{word}], distance = {DISTANCE} }}\n"));
        }
    }
}

/// The longest word of the provider's name.
fn name_word<'a>(wish: &Wish<'a>) -> &'a str {
    provider(wish).split('-').max_by_key(|word| word.len()).unwrap_or_default()
}

fn provider<'a>(wish: &Wish<'a>) -> &'a str {
    wish.id.split('.').next().unwrap_or_default()
}

fn finds(out: &mut String, wish: &Wish<'_>, form: &Form) {
    explain(out, wish, "Three texts at least in which it must be found. `join` keeps a secret's form out of the file.");
    out.push_str("finds = [\n");
    let name = provider(wish);
    let kind = wish.id.get(name.len() + 1..).unwrap_or("value").replace(['.', '-'], " ");
    let variable = format!("{name}_{kind}").replace([' ', '-'], "_").to_uppercase();
    let around = [
        (format!("{variable}="), "\nRETRIES=3\n".to_owned()),
        (format!("{{\"{name}\": {{\"value\": \""), "\"}}".to_owned()),
        (format!("the {name} {kind} is "), ", can you tell why it is refused?".to_owned()),
    ];
    for (number, (before, behind)) in around.into_iter().enumerate() {
        let value = form.made_up(&format!("{} {number}", wish.id));
        out.push_str(&format!("  {{ join = [{}] }},\n", joined(&before, &value, form.prefix.len(), &behind)));
    }
    out.push_str("]\n");
}

/// A text with a value in it, cut inside the value's beginning and in its middle.
fn joined(before: &str, value: &str, prefix: usize, behind: &str) -> String {
    let middle = prefix + (value.len() - prefix) / 2;
    let cuts = if prefix > 1 { (prefix / 2, middle) } else { (middle / 2, middle) };
    let (head, rest) = value.split_at_checked(cuts.0).unwrap_or((value, ""));
    let (body, tail) = rest.split_at_checked(cuts.1 - cuts.0).unwrap_or((rest, ""));
    [format!("{before}{head}"), body.to_owned(), format!("{tail}{behind}")].map(|part| quoted(&part)).join(", ")
}

fn near_misses(out: &mut String, wish: &Wish<'_>, form: &Form, start: &Start) {
    explain(out, wish, "Three texts at least in which it must not be found, and why.");
    out.push_str("near_misses = [\n");
    let name = provider(wish);
    let value = form.made_up(&format!("{} near miss", wish.id));
    let short = value.get(..form.prefix.len() + (form.length().0 - form.prefix.len()) / 2).unwrap_or_default();
    let mut miss = |text: String, reason: &str| {
        out.push_str(&format!("  {{ text = {}, reason = {} }},\n", quoted(&text), quoted(reason)));
    };
    miss(format!("{name} {short}"), "too short");
    miss(format!("{name} {value}4821"), "longer than it can be");
    match start {
        Start::Prefix => miss(format!("keys of {name} begin with {}", form.prefix), "the beginning alone"),
        Start::Digits(..) | Start::Token(..) => {
            miss(format!("the parcel {value} has left the house"), "nothing near it says what it is");
        }
    }
    out.push_str("]\n");
}

/// A TOML string.
fn quoted(text: &str) -> String {
    // Every escape of JSON is one of TOML.
    serde_json::Value::from(text).to_string()
}
