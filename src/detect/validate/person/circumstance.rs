//! What stands around a name: words that speak of a person, words that make a street, a school or a prize of it, lines
//! that name people publicly, titles. Does not find names.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

type Words = LazyLock<HashSet<&'static str>>;

fn words(text: &'static str) -> HashSet<&'static str> {
    text.split_whitespace().collect()
}

/// What the words around a name say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    /// A person is meant.
    For,
    /// A person may be meant.
    Maybe,
    /// Nothing.
    Nothing,
    /// Something else is meant, called after a person.
    Against,
}

/// Bytes before and after a name that are looked at.
const NEAR: usize = 40;

/// Words before a name, lower case: a person follows.
static BEFORE: Words = LazyLock::new(|| {
    words(
        "name named called dear hi hello hey contact ask tell call email meet met patient client customer \
     employee colleague coworker manager boss friend wife husband son daughter mother father sister \
     brother uncle aunt mr mrs ms miss dr prof attn cc bcc signed regards sincerely i'm herr herrn frau \
     heißt kollege kollegin kunde kundin monsieur madame mme señor señora sr sra don doña signor signora \
     sig dott pan pani господин г-н assignee reporter applicant tenant",
    )
});

/// Words before a name, lower case, that stand before people and before much else.
static BEFORE_MUCH: Words = LazyLock::new(|| {
    words(
        "with from by to for and or am is was that says said when because if about of mit von bei für an und \
     ist avec par pour et de con por para y da e van och av og til med between zwischen entre tra thanks \
     cheers",
    )
});

/// Words after a name, lower case.
static AFTER: Words = LazyLock::new(|| {
    words(
        "born lives lived works worked said says wrote writes called told asked geboren geb wohnt wohnhaft \
     arbeitet sagt schrieb né née habite travaille nacido nacida vive nato nata abita lavora woont bor \
     mieszka сказал сказала живет живёт",
    )
});

/// Words after a name that make something else of it.
static CALLED_AFTER: Words = LazyLock::new(|| {
    words(
        "Street St Road Rd Avenue Ave Lane Drive Square Place Park Bridge Airport Station Tower Hall House \
     Building Center Centre University College School Institute Academy Library Museum Hospital Clinic \
     Church Foundation Award Prize Medal Cup Trophy Inc Inc. Ltd LLC GmbH AG Corp Company Co Group Bank \
     Press Publishing Books Records Studios Theorem Lemma Algorithm Conjecture Method Distribution Test \
     Model Law Equation Function Transform Matrix Process Effect Disease Syndrome County City Lake River \
     Mountain Island Beach Bay Valley Stadium Arena Theatre Theater License Project",
    )
});

/// Words that are no name though they stand where names stand, capitalised.
static NOBODY: Words = LazyLock::new(|| {
    words(
        "Sir Madam Team All Customer Customers Support Hiring Manager Colleague Colleagues Friend Friends \
     Everyone Everybody Recruiter Committee User Users Reader Readers Professor Doctor Chair Editor \
     Santa Diary Lord God Student Students Parents Guest Guests Client Clients Member Members Partner \
     Partners Administrator Admin Sales Service President Minister Damen Herren Herr Herrn Frau Kunde \
     Kundin Kunden Doktor Professorin Kolleginnen Kollegen Madame Monsieur Messieurs Señor Señora \
     Cliente Not None Null True False The This That These Those Here There Now Ok Okay Yes No Monday \
     Tuesday Wednesday Thursday Friday Saturday Sunday January February March August September October \
     November December Universe World Python Java Windows Linux Dear Hello Hallo Regards Thanks Best \
     Kind Sincerely Cheers Contact Call Ask Meet Please From To With And But When Because If Is Was Are \
     Has Had In On At By For Of My Your His Her Our Their We You They He She It I A An As So Mr Mrs Ms \
     Lake Mount Fort Port Cape New Saint San Los Las Hotel Villa Via Rue Calle",
    )
});

/// Signs of a line that names people publicly.
const PUBLIC_LINES: &[&str] = &[
    "copyright",
    "(c)",
    "©",
    "author",
    "maintainer",
    "signed-off-by",
    "co-authored-by",
    "reviewed-by",
    "contributor",
    "license",
    "isbn",
    "doi:",
    "et al",
    "arxiv",
    "proceedings",
    "journal",
    "rfc",
    "@",
    "written by",
    "contributed by",
    "developed by",
    "designed by",
    "ported by",
    "paper by",
    "patch by",
    "reported by",
    "thanks to",
    "hacked by",
    "modified by",
    "credits",
];

/// People so well known that their names say nothing about anybody in the company.
static FAMOUS: Words = LazyLock::new(|| {
    include_str!("../../../../rules/pii/well-known.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// What the words around the name say.
pub(super) fn speaks(text: &str, name: &Range<usize>) -> Speaks {
    let after = window(text, name.end..name.end + NEAR);
    let next = after.trim_start_matches([' ', ',', '\u{a0}']);
    let next_word = next.split(|c: char| !(c.is_alphanumeric() || c == '\'')).next().unwrap_or_default();
    let touching = after.starts_with(' ') && CALLED_AFTER.contains(next_word);
    if touching || after.starts_with(['(', '_', '=']) || after.starts_with("::") {
        return Speaks::Against;
    }
    let line = window(text, name.start.saturating_sub(NEAR)..name.start);
    let line = line.rsplit(['\n', '.', ';']).next().unwrap_or_default();
    if AFTER.contains(next_word.to_lowercase().as_str()) || last_words(line).any(|word| is_cue(&word)) {
        return Speaks::For;
    }
    if last_words(line).next().is_some_and(|word| BEFORE_MUCH.contains(word.as_str())) {
        Speaks::Maybe
    } else {
        Speaks::Nothing
    }
}

/// The last two words of a line, the last one first, in lower case.
fn last_words(line: &str) -> impl Iterator<Item = String> {
    let words =
        line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-' | '_'))).filter(|word| !word.is_empty());
    words.rev().take(2).map(str::to_lowercase)
}

fn is_cue(word: &str) -> bool {
    BEFORE.contains(word) || word.ends_with("name") && word != "filename" && word != "hostname"
}

/// Whether a word after a name makes a street, a school, a prize of it.
pub(super) fn is_called_after(word: &str) -> bool {
    CALLED_AFTER.contains(word)
}

/// Whether the name is of somebody named publicly, or on a line that names people publicly.
pub(super) fn is_public(text: &str, range: &Range<usize>, name: &str) -> bool {
    let head = window(text, range.start.saturating_sub(120)..range.start);
    let line = head.rsplit('\n').next().unwrap_or_default().to_lowercase();
    FAMOUS.contains(name) || PUBLIC_LINES.iter().any(|sign| line.contains(sign))
}

/// Whether the word is no name: a role, a day, a word that begins sentences.
pub(super) fn is_nobody(word: &str) -> bool {
    NOBODY.contains(word)
}

/// The range with what belongs to the name as titles: before it «Dr. », behind it «, PhD», « Jr.».
pub(super) fn with_titles(text: &str, mut range: Range<usize>) -> Range<usize> {
    const LEADING: &[&str] = &[
        "Dr. ",
        "Dr ",
        "Prof. ",
        "Prof ",
        "Mag. ",
        "Dipl.-Ing. ",
        "Ing. ",
        "DI ",
        "Univ.Prof. ",
        "Sir ",
        "Lic. ",
        "Dott. ",
        "Mgr. ",
        "Bc. ",
    ];
    const TRAILING: &[&str] = &[
        " Jr.", " Jr", " Sr.", " Sr", " MD", " PhD", " DDS", " DVM", " II", " III", " IV", " V", ", PhD", ", MD",
        ", M.D.", ", Ph.D.", " B.Sc.", " B.Eng.", " M.Sc.", " MBA", " LL.M.", " MSc",
    ];
    while let Some(title) = LEADING.iter().find(|title| window(text, 0..range.start).ends_with(**title)) {
        range.start -= title.len();
    }
    let ends = |title: &&&str| {
        let after = window(text, range.end..text.len());
        after.strip_prefix(**title).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    if let Some(title) = TRAILING.iter().filter(ends).max_by_key(|title| title.len()) {
        range.end += title.len();
    }
    range
}

/// A window of the text, cut to whole characters.
fn window(text: &str, range: Range<usize>) -> &str {
    let range = crate::detect::matcher::to_characters(text, range.start..range.end.min(text.len()));
    text.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, name: &str) -> Speaks {
        let start = text.find(name).unwrap();
        speaks(text, &(start..start + name.len()))
    }

    #[test]
    fn words_around_a_name_speak_for_or_against_a_person() {
        assert_eq!(around("a contract with Kelly Gonzalez, born in 1980", "Kelly Gonzalez"), Speaks::For);
        assert_eq!(around("a contract with Kelly Gonzalez", "Kelly Gonzalez"), Speaks::Maybe);
        assert_eq!(around("Kelly Gonzalez lives here", "Kelly Gonzalez"), Speaks::For);
        assert_eq!(around("at Stanley Johnson University", "Stanley Johnson"), Speaks::Against);
        assert_eq!(around("x: Kelly Gonzalez;", "Kelly Gonzalez"), Speaks::Nothing);
    }

    #[test]
    fn titles_belong_to_the_name() {
        let text = "see Prof. Dr. Anna Weiß, PhD today";
        let start = text.find("Anna").unwrap();
        let range = with_titles(text, start..start + "Anna Weiß".len());
        assert_eq!(text.get(range), Some("Prof. Dr. Anna Weiß, PhD"));
    }

    #[test]
    fn authors_and_the_famous_are_public() {
        for (text, name) in [("Copyright 2019 Anna Weiß", "Anna Weiß"), ("ask Albert Einstein", "Albert Einstein")] {
            let start = text.find(name).unwrap();
            assert!(is_public(text, &(start..start + name.len()), name), "{text}");
        }
    }
}
