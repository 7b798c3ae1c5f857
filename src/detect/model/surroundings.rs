//! Whether a name stands in running text or is a piece of a path, an identifier or a link, which masking would break
//! and which names nobody. Looks at what touches it; does not know the network.

use std::ops::Range;

use super::kinds::Form;

/// Whether what touches the range is what touches words.
pub(super) fn is_prose(text: &str, range: &Range<usize>, form: Form) -> bool {
    match form {
        Form::Name | Form::Words => {}
        Form::Address | Form::Number | Form::Mail => return true,
    }
    let mut before = text.get(..range.start).unwrap_or_default().chars().rev();
    let mut after = text.get(range.end..).unwrap_or_default().chars();
    let (left, before_left) = (before.next(), before.next());
    let (right, after_right) = (after.next(), after.next());
    let glued = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric());
    let binds = |character: Option<char>| character.is_some_and(|c| "_@\\/$#~=".contains(c));
    let dotted = |mark: Option<char>, beyond: Option<char>| matches!(mark, Some('.' | ':' | '-')) && glued(beyond);
    let called = right == Some('(') || right == Some('[') || right == Some(':') && after_right == Some(':');
    let written = text.get(range.clone()).unwrap_or_default();
    let quoted = matches!((left, right), (Some('"'), Some('"')) | (Some('\''), Some('\'')) | (Some('`'), Some('`')));
    let literal = quoted && !written.contains(char::is_uppercase);
    let touched =
        binds(left) || binds(right) || dotted(left, before_left) || dotted(right, after_right) || called || literal;
    !touched && !is_identifier(written) && !is_acronym_and_word(written)
}

/// `JSON floats`: neither shouted nor typed carelessly.
fn is_acronym_and_word(written: &str) -> bool {
    let words = || written.split(' ').filter(|word| word.len() > 2);
    words().any(|word| word.chars().all(char::is_uppercase)) && words().any(|word| word.chars().all(char::is_lowercase))
}

/// `userName` and `XMLParser`, but not `McDonald` or `DeLuca`.
fn is_identifier(written: &str) -> bool {
    written.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let letters: Vec<char> = word.chars().collect();
        let humps = letters.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_lowercase() && b.is_uppercase()));
        let first_hump = letters.iter().skip(1).position(|c| c.is_uppercase()).map_or(0, |at| at + 1);
        let opens_small = letters.first().is_some_and(|c| c.is_lowercase());
        let has_digit = letters.iter().any(char::is_ascii_digit) && letters.iter().any(|c| c.is_alphabetic());
        let n_humps = humps.count();
        has_digit || n_humps > 1 || n_humps == 1 && (opens_small || first_hump > 3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the first `Anna` in the text is one.
    fn prose(text: &str) -> bool {
        let at = text.find("Anna").unwrap();
        is_prose(text, &(at..at + 4), Form::Name)
    }

    #[test]
    fn names_stand_between_words_and_marks_of_sentences() {
        for text in
            ["Anna", "ask Anna.", "(Anna)", "\"Anna\"", "Anna's", "to: Anna", "<b>Anna</b>", "Anna:\nhello", "Anna, hi"]
        {
            assert!(prose(text), "{text}");
        }
        for text in [
            "/home/Anna/x",
            "user_Anna",
            "@Anna",
            "Anna@x.org",
            "my.Anna",
            "Anna.txt",
            "Anna::new",
            "Anna(1)",
            "x=Anna",
            "C:\\Anna",
            "fix-Anna",
            "$Anna",
        ] {
            assert!(!prose(text), "{text}");
        }
    }

    #[test]
    fn small_words_in_quotes_are_literals_and_acronyms_name_nobody() {
        for (text, name, expected) in [
            ("name = \"anna\"", "anna", false),
            ("'anna'", "anna", false),
            ("he said \"anna, come\"", "anna", true),
            ("of JSON floats.", "JSON floats", false),
            ("of ANNA SCHMIDT.", "ANNA SCHMIDT", true),
            ("of Anna von Schmidt.", "Anna von Schmidt", true),
        ] {
            let at = text.find(name).unwrap();
            assert_eq!(is_prose(text, &(at..at + name.len()), Form::Name), expected, "{text}");
        }
    }

    #[test]
    fn humps_are_those_of_identifiers() {
        for name in ["Anna", "McDonald", "DeLuca", "MacLeod", "O'Neill", "ANNA", "anna", "Jean-Luc"] {
            assert!(!is_identifier(name), "{name}");
        }
        for name in ["userName", "getUserName", "ReactDom", "anna2"] {
            assert!(is_identifier(name), "{name}");
        }
    }
}
