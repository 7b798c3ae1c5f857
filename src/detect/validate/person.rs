//! Names of people: a cue («my name is», «Herr», a greeting) and what follows it; the list of given names where the cue
//! alone says little. A list alone is never enough.

use super::{Judgement, Subject};
use crate::detect::names;

/// Words after a cue that are no name.
const NO_NAME: [&str; 96] = [
    "Sir",
    "Madam",
    "Team",
    "All",
    "Customer",
    "Customers",
    "Support",
    "Hiring",
    "Manager",
    "Colleague",
    "Colleagues",
    "Friend",
    "Friends",
    "Everyone",
    "Recruiter",
    "Committee",
    "User",
    "Users",
    "Reader",
    "Readers",
    "Professor",
    "Doctor",
    "Chair",
    "Editor",
    "Santa",
    "Diary",
    "Lord",
    "God",
    "Student",
    "Students",
    "Parents",
    "Guest",
    "Guests",
    "Client",
    "Clients",
    "Member",
    "Members",
    "Partner",
    "Partners",
    "Administrator",
    "Admin",
    "Sales",
    "Service",
    "President",
    "Minister",
    "Damen",
    "Herren",
    "Kunde",
    "Kundin",
    "Kunden",
    "Doktor",
    "Professorin",
    "Kolleginnen",
    "Kollegen",
    "Madame",
    "Monsieur",
    "Messieurs",
    "Señor",
    "Señora",
    "Cliente",
    "Not",
    "None",
    "Null",
    "True",
    "False",
    "The",
    "This",
    "That",
    "Here",
    "There",
    "Now",
    "Ok",
    "Okay",
    "Yes",
    "No",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "March",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Universe",
    "World",
    "Python",
    "Java",
    "Windows",
    "Linux",
];

fn words(value: &str) -> Vec<&str> {
    value.split([' ', '\t', '\u{a0}', '.']).filter(|word| !word.is_empty()).collect()
}

/// Particles stand in lower case between the words of a name: `von der`, `de la`.
const PARTICLE_MAX: usize = 3;

fn is_nobody(words: &[&str]) -> bool {
    let lower = |word: &&&str| word.chars().next().is_some_and(char::is_lowercase);
    if words.iter().filter(lower).any(|word| word.chars().count() > PARTICLE_MAX) || words.first().iter().any(lower) {
        return true;
    }
    words.iter().any(|word| NO_NAME.contains(word))
        || words.iter().any(|word| word.len() > 2 && word.chars().all(char::is_uppercase))
}

/// «David M. Gay»: what looks like the French title is a middle initial, when a name stands before it.
fn follows_initial(subject: &Subject<'_>) -> bool {
    const GREETINGS: [&str; 6] = ["Bonjour", "Cher", "Avec", "Pour", "De", "Et"];
    let Some(before) = subject.before(32).strip_suffix("M. ") else { return false };
    let mut signs =
        before.trim_end_matches(' ').rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '\'')));
    let word = signs.next().unwrap_or_default();
    word.starts_with(char::is_uppercase) && !GREETINGS.contains(&word)
}

/// Check `person-cued`: after a cue that only stands before names, any capitalised words that are no role or common word.
pub(super) fn cued(subject: &Subject<'_>) -> Judgement {
    let words = words(subject.value);
    if words.is_empty() || is_nobody(&words) || follows_initial(subject) {
        return Judgement::Fails;
    }
    if words.iter().any(|word| names::is_given(word)) {
        return Judgement::scored(0.9, "given name on the list after a cue");
    }
    Judgement::Holds
}

/// Check `person-listed`: the first word is a common given name.
pub(super) fn listed(subject: &Subject<'_>) -> Judgement {
    let words = words(subject.value);
    Judgement::holds(!is_nobody(&words) && words.first().is_some_and(|first| names::is_given(first)))
}
