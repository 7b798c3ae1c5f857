//! Addresses as the checks see them; whole sentences are in `tests/detect/addresses.toml`.

use super::super::Validator;
use super::*;

fn found<'t>(validator: Validator, text: &'t str, word: &str) -> Option<&'t str> {
    let start = text.find(word)?;
    let range = start..start + word.len();
    match validator(&Subject { value: word, text, range }) {
        Judgement::Stretch { range, .. } => text.get(range),
        Judgement::Holds | Judgement::Fails | Judgement::First { .. } | Judgement::Scored { .. } => None,
    }
}

#[test]
fn an_address_ends_where_the_sentence_goes_on() {
    let text = "He lives at 12 Main Street, Springfield, IL 62704. My phone is new";
    assert_eq!(found(number_first, text, "Street"), Some("12 Main Street, Springfield, IL 62704"));
    let text = "wohnt in der Hauptstraße 12, 10115 Berlin und arbeitet";
    assert_eq!(found(name_first, text, "straße"), Some("Hauptstraße 12, 10115 Berlin"));
}

#[test]
fn lines_belong_as_far_as_a_postal_code_follows() {
    let text = "Kralupská 72\n252 28 Nová Paka\nPhone: 123";
    assert_eq!(found(code, text, "252 28"), Some("Kralupská 72\n252 28 Nová Paka"));
}
