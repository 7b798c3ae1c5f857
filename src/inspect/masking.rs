//! Applies verdicts to a request: placeholders into body, query and path, each at the bytes its span says.
//! Does not decide what is masked.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    detect::Category,
    mask::{Edit, Names, Original, Placeholder, splice},
    policy::Verdict,
    site::{Head, Part, Prompt, Role},
};

use super::{inspector::Settings, scan::Located};

/// A request after masking.
#[derive(Debug)]
pub struct Masked {
    /// Head with masked path, query and headers.
    pub head: Head,
    /// The decoded body, masked; `None` when no body byte changed.
    pub body: Option<Vec<u8>>,
}

/// A placeholder to be written over a range of a span's text.
pub type Replacement = (usize, Range<usize>, Placeholder);

/// What the vault must hold before the placeholders leave: each entry once.
pub type Entries = Vec<(Placeholder, Original)>;

/// Names every finding that is to be masked, and adds it to `names`; never-restorable ones get a placeholder only.
pub fn name_findings(
    settings: &Settings,
    prompt: &Prompt,
    located: &[Located],
    each: &[Verdict],
    names: &mut Names,
    persist: &mut Entries,
) -> Vec<Replacement> {
    let mut replacements = Vec::new();
    for (found, verdict) in located.iter().zip(each) {
        let Some(span) = prompt.spans.get(found.span) else { continue };
        if *verdict == Verdict::Allow || span.role != Role::Text {
            continue;
        }
        // A value written in pieces keeps its shape: each piece has a placeholder of its own, so that each goes back
        // to exactly what stood there.
        for range in &found.finding.ranges {
            let Some(value) = span.text.get(range.clone()) else { continue };
            let placeholder = issue(settings, &found.finding.category, value, names, persist);
            replacements.push((found.span, range.clone(), placeholder));
        }
    }
    replacements
}

fn issue(
    settings: &Settings,
    category: &Category,
    value: &str,
    names: &mut Names,
    persist: &mut Entries,
) -> Placeholder {
    let placeholder = names.name(category, value);
    let known = persist.iter().any(|(issued, _)| *issued == placeholder);
    if known {
        return placeholder;
    }
    if settings.restorable(category.as_str()) {
        names.insert(placeholder.clone(), Original::new(value.to_owned()));
        persist.push((placeholder.clone(), Original::new(value.to_owned())));
    }
    placeholder
}

/// Live originals that stand in text spans and are not covered by `replacements` yet.
#[must_use]
pub fn swept(prompt: &Prompt, names: &Names, replacements: &[Replacement]) -> Vec<Replacement> {
    let mut more = Vec::new();
    for (index, span) in prompt.spans.iter().enumerate() {
        if span.role != Role::Text {
            continue;
        }
        for (range, placeholder) in names.sweep(&span.text) {
            let covered = replacements
                .iter()
                .any(|(other, taken, _)| *other == index && taken.start < range.end && range.start < taken.end);
            if !covered {
                more.push((index, range, placeholder));
            }
        }
    }
    more
}

/// Writes the placeholders into head and body.
#[must_use]
pub fn apply(head: &Head, body: &[u8], prompt: &Prompt, replacements: &[Replacement]) -> Masked {
    let mut in_body = Vec::new();
    let mut in_path = Vec::new();
    let mut in_query = Vec::new();
    let mut in_headers: BTreeMap<usize, Vec<Edit>> = BTreeMap::new();
    for (index, range, placeholder) in replacements {
        let Some(span) = prompt.spans.get(*index) else { continue };
        let edit = Edit { range: span.map.source_range(range.clone()), bytes: placeholder.as_str().into() };
        match span.part {
            Part::Body => in_body.push(edit),
            Part::Path => in_path.push(edit),
            Part::Query => in_query.push(edit),
            Part::Header(at) => in_headers.entry(at).or_default().push(edit),
        }
    }
    let mut masked = Masked { head: head.clone(), body: None };
    masked.head.path = spliced_text(&head.path, &mut in_path);
    masked.head.query = spliced_text(&head.query, &mut in_query);
    for (at, mut edits) in in_headers {
        if let Some((_, value)) = masked.head.headers.get_mut(at) {
            *value = splice(value, &mut edits);
        }
    }
    if !in_body.is_empty() {
        masked.body = Some(splice(body, &mut in_body));
    }
    masked
}

/// Placeholders are ASCII and spans begin and end between characters, so the result is text again.
fn spliced_text(source: &str, edits: &mut Vec<Edit>) -> String {
    if edits.is_empty() {
        return source.to_owned();
    }
    String::from_utf8(splice(source.as_bytes(), edits)).unwrap_or_default()
}

/// One text with its findings replaced, for a refusal that offers a version to send instead.
#[must_use]
pub fn mask_text(text: &str, located: &[(Range<usize>, Placeholder)]) -> String {
    let mut edits: Vec<Edit> = located
        .iter()
        .map(|(range, placeholder)| Edit { range: range.clone(), bytes: placeholder.as_str().into() })
        .collect();
    spliced_text(text, &mut edits)
}
