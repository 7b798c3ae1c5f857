//! What a model's kinds are worth: category, title, and whether one alone says anything. Does not know labels' numbers.

use std::{collections::BTreeMap, sync::Arc};

use super::{super::Category, ModelError};

/// How entities of a kind are written: what may stand between their words, and what must be in them, so that an odd
/// guess about a word or a count is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Of a person: letters; spaces, hyphens, apostrophes and initials' dots between.
    Name,
    /// Letters or digits, over several lines.
    Address,
    /// Five digits or more; spaces, dots, hyphens, slashes and brackets between.
    Number,
    /// With an `@` and without a space.
    Mail,
    /// Anything else: letters; spaces and hyphens between.
    Words,
}

/// How much one kind says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Enough.
    Alone,
    /// Part of an address, and nothing without another part: towns and states are in every newspaper.
    Place,
    /// Part of an address, and nothing without another part: a number of a house or district.
    PlaceNumber,
}

/// One kind of entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// As the labels name it.
    pub name: String,
    /// Id of findings: `model.given-name`.
    pub rule: Arc<str>,
    /// Id of findings that are joined from several kinds of the category: `model.person`.
    pub joined: Arc<str>,
    /// Shown to people: `given name`.
    pub title: String,
    /// `None`: not looked for.
    pub category: Option<Category>,
    /// What must be in it.
    pub form: Form,
    /// What it says by itself.
    pub weight: Weight,
}

/// The kinds of a model, in the order of its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds {
    list: Vec<Kind>,
    joined: Vec<(Arc<str>, String)>,
}

/// Names of kinds that models use, with the category of each. The first 17 are Rampart's; the others are those of
/// CoNLL 2003 and its kin. An empty category is not looked for: organisations and links are no personal data.
pub const DEFAULTS: &[(&str, &str)] = &[
    ("GIVEN_NAME", "PERSON"),
    ("SURNAME", "PERSON"),
    ("BUILDING_NUMBER", "ADDRESS"),
    ("STREET_NAME", "ADDRESS"),
    ("SECONDARY_ADDRESS", "ADDRESS"),
    ("CITY", "ADDRESS"),
    ("STATE", "ADDRESS"),
    ("ZIP_CODE", "ADDRESS"),
    ("EMAIL", "EMAIL"),
    ("PHONE", "PHONE"),
    ("TAX_ID", "NATIONALID"),
    ("GOVERNMENT_ID", "NATIONALID"),
    ("BANK_ACCOUNT", "ACCOUNT"),
    ("ROUTING_NUMBER", "ACCOUNT"),
    ("PASSPORT", "PASSPORT"),
    ("DRIVERS_LICENSE", "LICENCE"),
    ("URL", ""),
    ("PER", "PERSON"),
    ("PERSON", "PERSON"),
    ("NAME", "PERSON"),
    ("ADDRESS", "ADDRESS"),
    ("LOC", ""),
    ("ORG", ""),
    ("MISC", ""),
];

impl Kinds {
    /// Gives each kind of a model its category: the one that is written, else the usual one, else none.
    ///
    /// # Errors
    /// When `written` names a kind that the model does not have, or no kind has a category.
    pub fn new(names: &[String], written: &BTreeMap<String, Option<Category>>) -> Result<Self, ModelError> {
        let listed = || names.join(", ");
        if let Some(kind) = written.keys().find(|kind| !names.contains(*kind)) {
            return Err(ModelError::UnknownKind { kind: kind.clone(), kinds: listed() });
        }
        let category = |name: &String| written.get(name).cloned().unwrap_or_else(|| usual(name));
        let list: Vec<Kind> = names.iter().map(|name| Kind::new(name, category(name))).collect();
        if list.iter().all(|kind| kind.category.is_none()) {
            return Err(ModelError::NoKinds { kinds: listed() });
        }
        let mut joined: Vec<(Arc<str>, String)> = Vec::new();
        for kind in &list {
            let Some(category) = &kind.category else { continue };
            if !joined.iter().any(|(id, _)| *id == kind.joined) {
                joined.push((kind.joined.clone(), format!("{} by the model", category.as_str().to_lowercase())));
            }
        }
        Ok(Self { list, joined })
    }

    /// One kind.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Kind> {
        self.list.get(index)
    }

    /// Kinds that are looked for.
    pub fn used(&self) -> impl Iterator<Item = &Kind> {
        self.list.iter().filter(|kind| kind.category.is_some())
    }

    pub(super) fn title(&self, rule: &str) -> Option<&str> {
        let single = self.used().find(|kind| *kind.rule == *rule).map(|kind| kind.title.as_str());
        single.or_else(|| self.joined.iter().find(|(id, _)| **id == *rule).map(|(_, title)| title.as_str()))
    }
}

impl Kind {
    fn new(name: &str, category: Option<Category>) -> Self {
        let words = name.to_lowercase().replace(['_', ' '], "-");
        let of_category = category.as_ref().map_or("none", Category::as_str).to_lowercase();
        let form = match category.as_ref().map(Category::as_str) {
            Some("EMAIL") => Form::Mail,
            Some("PHONE" | "NATIONALID" | "ACCOUNT" | "PASSPORT" | "LICENCE" | "CARD" | "IBAN" | "SSN") => Form::Number,
            Some("PERSON") => Form::Name,
            Some("ADDRESS") => Form::Address,
            Some(_) | None => Form::Words,
        };
        let weight = match name {
            "CITY" | "STATE" => Weight::Place,
            "ZIP_CODE" | "BUILDING_NUMBER" => Weight::PlaceNumber,
            _ => Weight::Alone,
        };
        Self {
            name: name.to_owned(),
            rule: format!("model.{words}").into(),
            joined: format!("model.{of_category}").into(),
            title: words.replace('-', " "),
            category,
            form,
            weight,
        }
    }
}

/// The usual category of a kind.
fn usual(name: &str) -> Option<Category> {
    let (_, category) = DEFAULTS.iter().find(|(known, _)| *known == name)?;
    Category::parse(category).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn kinds_have_their_usual_category_unless_another_is_written() {
        let written = BTreeMap::from([("ORG".to_owned(), Category::parse("COMPANY").ok()), ("CITY".to_owned(), None)]);
        let kinds = Kinds::new(&names(&["GIVEN_NAME", "CITY", "ORG", "URL", "PLANET"]), &written).unwrap();
        let used: Vec<String> = kinds
            .used()
            .map(|kind| format!("{} {} {}", kind.rule, kind.category.as_ref().unwrap(), kind.joined))
            .collect();
        assert_eq!(used, ["model.given-name PERSON model.person", "model.org COMPANY model.company"]);
        assert_eq!(kinds.title("model.given-name"), Some("given name"));
        assert_eq!(kinds.title("model.person"), Some("person by the model"));
        assert_eq!(kinds.title("model.city"), None);
    }

    #[test]
    fn a_kind_that_the_model_does_not_have_is_told() {
        let written = BTreeMap::from([("GIVENNAME".to_owned(), Category::parse("PERSON").ok())]);
        let error = Kinds::new(&names(&["GIVEN_NAME"]), &written).unwrap_err().to_string();
        assert_eq!(error, "`kinds` names `GIVENNAME`, and the model knows GIVEN_NAME");
        let error = Kinds::new(&names(&["LABEL_0", "LABEL_1"]), &BTreeMap::new()).unwrap_err().to_string();
        assert_eq!(error, "none of the model's kinds (LABEL_0, LABEL_1) has a category");
    }

    #[test]
    fn every_usual_category_is_one_or_none() {
        for (kind, category) in DEFAULTS {
            assert!(category.is_empty() || Category::parse(category).is_ok(), "{kind}");
        }
    }
}
