//! The words that begin a disguise, all looked for at once: «dot» and «at», functions that join or make strings,
//! prefixes of keys read backwards or turned by thirteen. What each means is for the files named beside it.

use super::{
    address, calls, codes,
    turned::{self, Turn},
    walk::Signs,
};
use aho_corasick::{
    AhoCorasick,
    packed::{Config, Searcher},
};
use std::{ops::Range, sync::LazyLock};

/// What a word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// `address`: a word for the dot of an address.
    Dot,
    /// `address`: a word for its `@`, so many bytes into the mark, of so many bytes.
    At(usize, usize),
    /// `codes`: a function that makes characters; the mark ends with `(`.
    Characters,
    /// `calls`: a function that joins strings; the mark ends with `(`.
    Joining,
    /// `turned`.
    Turned(Turn),
}

const MARKS: [(&str, Begins); 61] = [
    ("dot", Begins::Dot),
    ("Dot", Begins::Dot),
    ("DOT", Begins::Dot),
    ("punkt", Begins::Dot),
    ("Punkt", Begins::Dot),
    ("PUNKT", Begins::Dot),
    ("punto", Begins::Dot),
    ("PUNTO", Begins::Dot),
    ("ponto", Begins::Dot),
    (" point ", Begins::Dot),
    (" punt ", Begins::Dot),
    ("kropka", Begins::Dot),
    ("(at", Begins::At(1, 2)),
    ("[at", Begins::At(1, 2)),
    ("{at", Begins::At(1, 2)),
    ("<at>", Begins::At(1, 2)),
    ("*at*", Begins::At(1, 2)),
    ("(AT", Begins::At(1, 2)),
    ("[AT", Begins::At(1, 2)),
    ("( at", Begins::At(2, 2)),
    ("[ at", Begins::At(2, 2)),
    ("(ät", Begins::At(1, 3)),
    ("[ät", Begins::At(1, 3)),
    ("-at-", Begins::At(1, 2)),
    ("_at_", Begins::At(1, 2)),
    (" AT ", Begins::At(1, 2)),
    ("arobase", Begins::At(0, 7)),
    ("arroba", Begins::At(0, 6)),
    ("chiocciola", Begins::At(0, 10)),
    ("lammeraffe", Begins::Dot),
    ("apenstaartje", Begins::At(0, 12)),
    ("chr(", Begins::Characters),
    ("Chr(", Begins::Characters),
    ("CHR(", Begins::Characters),
    ("CHAR(", Begins::Characters),
    ("char(", Begins::Characters),
    ("ChrW(", Begins::Characters),
    ("CharCode(", Begins::Characters),
    ("CodePoint(", Begins::Characters),
    (".join(", Begins::Joining),
    (".Join(", Begins::Joining),
    ("mplode(", Begins::Joining),
    ("oncat(", Begins::Joining),
    ("oncat!(", Begins::Joining),
    ("CONCAT(", Begins::Joining),
    ("paste0(", Begins::Joining),
    ("ppend(", Begins::Joining),
    ("NXVN", Begins::Turned(Turn::Rotated)),
    ("tuc_", Begins::Turned(Turn::Rotated)),
    ("tvguho_cng_", Begins::Turned(Turn::Rotated)),
    ("kbko-", Begins::Turned(Turn::Rotated)),
    ("NVmn", Begins::Turned(Turn::Rotated)),
    ("fx-nag-", Begins::Turned(Turn::Rotated)),
    ("fx-cebw-", Begins::Turned(Turn::Rotated)),
    ("-----ORTVA ", Begins::Turned(Turn::RotatedFile)),
    ("AIKA", Begins::Turned(Turn::Reversed)),
    ("_phg", Begins::Turned(Turn::Reversed)),
    ("_tap_buhtig", Begins::Turned(Turn::Reversed)),
    ("-bxox", Begins::Turned(Turn::Reversed)),
    ("-tna-ks", Begins::Turned(Turn::Reversed)),
    ("\u{202E}", Begins::Turned(Turn::Overridden)),
];

/// One pass over all marks: vectors where the processor has them.
enum Search {
    Packed(Searcher),
    Automaton(AhoCorasick),
    /// The automaton could not be built: never, with these marks.
    Nothing,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let words = MARKS.iter().map(|(word, _)| word);
    match Config::new().builder().extend(words.clone()).build() {
        Some(searcher) => Search::Packed(searcher),
        None => AhoCorasick::new(words).map_or(Search::Nothing, Search::Automaton),
    }
});

/// Reads what stands at each mark.
pub(super) fn read(text: &str, signs: &mut Signs) {
    match &*SEARCH {
        Search::Packed(searcher) => read_all(text, searcher.find_iter(text), signs),
        Search::Automaton(automaton) => read_all(text, automaton.find_iter(text), signs),
        Search::Nothing => {}
    }
}

fn read_all(text: &str, marks: impl Iterator<Item = aho_corasick::Match>, signs: &mut Signs) {
    let mut done = 0;
    for mark in marks.filter(|mark| !mark.is_empty()) {
        if mark.start() < done {
            continue;
        }
        let Some((_, begins)) = MARKS.get(mark.pattern().as_usize()) else { continue };
        if let Some(end) = read_one(text, mark.range(), *begins, signs) {
            done = end;
        }
    }
}

/// Returns where what was read ends.
fn read_one(text: &str, mark: Range<usize>, begins: Begins, signs: &mut Signs) -> Option<usize> {
    match begins {
        Begins::Dot => address::dot_word(text, mark.start, signs),
        Begins::At(offset, length) => {
            let start = mark.start + offset;
            address::at_word(text, start..start + length, signs)
        }
        Begins::Characters => codes::calls(text, mark.end - 1, signs),
        Begins::Joining => calls::read(text, mark.end - 1, signs),
        Begins::Turned(turn) => turned::token(text, mark, turn, signs),
    }
}
