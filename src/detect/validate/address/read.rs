//! Reads an address from where it begins to where it ends. Does not look for its beginning.

use super::{
    AFTER,
    token::{self, Kind, Token},
    words,
};
use std::ops::Range;

/// Names in one part (between commas or lines) at most: `San Uriel de los Altos`.
const NAMES_MAX: usize = 9;
/// … in scripts without capitals, where a name and a word of the sentence look alike.
const CASELESS_MAX: usize = 12;
/// Parts at most.
const PARTS_MAX: usize = 8;
/// Parts after the last postal code at most: region, country.
const PARTS_AFTER_CODE: usize = 2;
/// Pieces of a line looked at to decide whether it belongs to the address.
const LINE_PIECES: usize = 10;
/// Lines looked ahead for a postal code.
const LINES_AHEAD: usize = 3;

/// An address as far as it was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// Where its first number begins.
    pub(super) first_number: Option<usize>,
    /// Postal codes, or what looks like one.
    pub(super) n_codes: usize,
    /// Names.
    pub(super) n_words: usize,
    /// Units within a house: `Apt 5`, `кв. 12`.
    pub(super) n_units: usize,
    /// Parts.
    pub(super) n_parts: usize,
}

impl Reading {
    /// Whether a name or number stands right after `at`.
    pub(super) fn named_after(&self, text: &str, at: usize) -> bool {
        let mut at = at;
        for _ in 0..4 {
            let Some(token) = token::next(text, at, self.range.end.max(at)) else { return false };
            match token.kind {
                Kind::Name | Kind::Number | Kind::Code => return true,
                Kind::Small | Kind::Mark('#' | '.' | '"' | '\'' | '№') => at = token.end,
                Kind::Other | Kind::Line | Kind::Mark(_) => return false,
            }
        }
        false
    }

    /// Whether it is enough of an address for a word before it to decide: a postal code, two names, or one of some length.
    pub(super) fn is_worth_a_cue(&self, text: &str) -> bool {
        let written = text.get(self.range.clone()).unwrap_or_default();
        let mut words = written.split(|c: char| !c.is_alphanumeric() && !words::is_mark(c));
        let name = |word: &str| {
            let first = word.chars().next().is_some_and(|first| first.is_alphabetic() && !first.is_ascii_lowercase());
            let cased = !word.is_ascii() || word.chars().any(char::is_lowercase);
            first && cased && word.chars().count() > 2
        };
        let named = words.any(name);
        let letters = written.chars().filter(|c| c.is_alphabetic()).count();
        named && (self.n_words > 1 && (self.n_codes > 0 || letters > 5) || letters > 3)
    }
}

/// `2019`, `1991-2002`: a year rather than a house or a postal code.
pub(super) fn is_year(digits: &str) -> bool {
    let year = |digits: &str| digits.len() == 4 && digits.parse().is_ok_and(|year: u32| (1900..2060).contains(&year));
    digits.split(['-', '\u{2013}', '/']).all(year)
}

/// State while reading.
struct Reader<'t> {
    text: &'t str,
    limit: usize,
    reading: Reading,
    /// The end of what surely belongs.
    end: usize,
    names_here: usize,
    n_parts_after_code: usize,
    open_bracket: bool,
    /// Up to here everything belongs: a line was looked through.
    forced: usize,
    /// Lower-case words of a street's name that may still come.
    n_lenient: usize,
    last: Option<Token<'t>>,
}

/// Reads from `start`; what stands before `least` belongs in any case.
pub(super) fn from(text: &str, start: usize, least: usize) -> Option<Reading> {
    from_street(text, start, least, 0)
}

/// The same, where so many words of the street's name may stand in lower case: `ulica rynek 5`.
pub(super) fn from_street(text: &str, start: usize, least: usize, n_lenient: usize) -> Option<Reading> {
    let mut limit = (least + AFTER).min(text.len());
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let reading = Reading { range: start..least, first_number: None, n_codes: 0, n_words: 0, n_units: 0, n_parts: 1 };
    let mut reader = Reader {
        text,
        limit,
        reading,
        end: least.max(start),
        names_here: 0,
        n_parts_after_code: 0,
        open_bracket: false,
        forced: least,
        n_lenient,
        last: None,
    };
    let mut at = start;
    while let Some(token) = token::next(text, at, limit) {
        if !reader.takes(&token) {
            break;
        }
        at = token.end;
        reader.last = Some(token);
    }
    reader.reading.range.end = reader.end;
    (reader.end > start).then_some(reader.reading)
}

impl<'t> Reader<'t> {
    /// Whether the piece belongs to the address, or may when more follows.
    fn takes(&mut self, token: &Token<'t>) -> bool {
        let forced = token.start < self.forced;
        match token.kind {
            Kind::Number => self.number(token),
            Kind::Code if self.reading.first_number.is_none() && token.text.len() < 7 && self.reading.n_words < 4 => {
                self.number(token)
            }
            Kind::Code => self.code(token),
            Kind::Name => self.name(token) || forced,
            Kind::Small => self.small(token),
            Kind::Other if token.text.starts_with(['º', 'ª']) => self.last.is_some_and(|last| last.text == "."),
            Kind::Other => forced || self.other(token),
            Kind::Line => self.line(token) || forced,
            Kind::Mark(mark) => self.mark(token, mark) || forced,
        }
    }

    fn number(&mut self, token: &Token<'t>) -> bool {
        let version = self
            .text
            .get(token.end..)
            .is_some_and(|after| after.starts_with('.') && after.chars().nth(1).is_some_and(char::is_numeric));
        let clock = self
            .text
            .get(token.end..)
            .is_some_and(|after| after.starts_with(':') && after.chars().nth(1).is_some_and(char::is_numeric));
        if self.is_over() || version || clock {
            return false;
        }
        self.reading.first_number.get_or_insert(token.start);
        if self.last.is_some_and(|last| words::is_unit(&last.text.to_lowercase())) {
            self.reading.n_units += 1;
        }
        self.commit(token.end);
        true
    }

    /// A lower-case word of a street's name: `ulica rynek 5`, `Strossmayerovo šetalište 181`.
    fn other(&mut self, token: &Token<'t>) -> bool {
        let numbered = token::next(self.text, token.end, self.limit)
            .is_some_and(|next| matches!(next.kind, Kind::Number | Kind::Code));
        let street =
            self.reading.n_words > 0 && self.reading.first_number.is_none() && numbered && words::may_name(token.text);
        // `San Uriel los altos`
        let article = self.last.is_some_and(|last| ["los", "las", "la", "el"].contains(&last.text));
        let named = article && self.reading.n_words > 1;
        let lenient = self.n_lenient > 0 && self.reading.first_number.is_none();
        self.n_lenient = self.n_lenient.saturating_sub(1);
        street || lenient || named
    }

    fn code(&mut self, token: &Token<'t>) -> bool {
        if self.reading.n_codes > 5 {
            return false;
        }
        self.reading.first_number.get_or_insert(token.start);
        self.reading.n_codes += usize::from(!is_year(token.text));
        self.n_parts_after_code = 0;
        self.commit(token.end);
        true
    }

    fn name(&mut self, token: &Token<'t>) -> bool {
        let caseless = !token.text.starts_with(char::is_uppercase);
        let stranger = words::is_stranger(token.text) || self.labels(token);
        self.names_here += 1;
        if stranger || self.names_here > if caseless { CASELESS_MAX } else { NAMES_MAX } {
            return false;
        }
        self.reading.n_words += usize::from(!token.text.contains(|c: char| c == '_' || c.is_ascii_digit()));
        self.commit(token.end);
        true
    }

    /// `Phone:`, `Name =`: the name of another field.
    fn labels(&self, token: &Token<'_>) -> bool {
        let after = self.text.get(token.end..).unwrap_or_default().trim_start_matches(' ');
        (after.starts_with(':') || after.starts_with('=')) && !words::is_unit(&token.text.to_lowercase())
    }

    fn small(&mut self, token: &Token<'t>) -> bool {
        if words::is_unit(&token.text.to_lowercase()) && self.reading.first_number.is_some() {
            self.commit(token.end);
        }
        true
    }

    fn mark(&mut self, token: &Token<'t>, mark: char) -> bool {
        match mark {
            ',' | '،' | '、' => self.part(),
            '-' | '\u{2013}' | '/' | '#' | '№' | '&' | '+' | '|' | '।' | '\'' | '\u{2019}' | '"'
                if self.last.is_some() =>
            {
                mark != '"' || self.text.get(token.end..).is_some_and(|after| after.chars().nth(1) == Some('"'))
            }
            'º' | 'ª' | '°' | '.' if self.last_is_number() => {
                let goes_on = mark != '.'
                    || self.is_hungarian()
                    || self.unit_follows(token.end)
                    || self.next_line_is_coded(token.end);
                if goes_on {
                    self.commit(token.end);
                }
                goes_on
            }
            '°' | 'º' | '.' => self.last.is_some_and(|last| last.text.len() <= 3),
            '(' => {
                self.open_bracket = true;
                true
            }
            ')' if self.open_bracket => {
                self.open_bracket = false;
                self.end = token.end;
                true
            }
            ':' => self.last.is_some_and(|last| words::is_unit(&last.text.to_lowercase())),
            _ => false,
        }
    }

    /// House numbers bear a full stop there: `Béke utca 189.`
    fn is_hungarian(&self) -> bool {
        let written = self.text.get(self.reading.range.start..self.end).unwrap_or_default();
        [" utca", " út", " tér", " köz", " u."].iter().any(|word| written.contains(word))
    }

    /// `2. th`, `3.º Esq.`, `4. OG`: the full stop of an ordinal.
    fn unit_follows(&self, at: usize) -> bool {
        token::next(self.text, at, self.limit)
            .is_some_and(|next| next.text.starts_with(['º', 'ª']) || words::is_unit(&next.text.to_lowercase()))
    }

    fn last_is_number(&self) -> bool {
        self.last.is_some_and(|last| matches!(last.kind, Kind::Number | Kind::Code))
    }

    /// A new part begins.
    fn part(&mut self) -> bool {
        self.reading.n_parts += 1;
        self.names_here = 0;
        if self.reading.n_codes > 0 {
            self.n_parts_after_code += 1;
        }
        !self.is_over() && self.reading.n_parts <= PARTS_MAX
    }

    /// Nothing may follow but what was read.
    fn is_over(&self) -> bool {
        self.n_parts_after_code > PARTS_AFTER_CODE
    }

    fn line(&mut self, token: &Token<'t>) -> bool {
        // `3909BO` or `3909 BO` alone on its line: the town is on the next.
        let coded = |last: Token<'_>| match self.names_here {
            0 => last.kind == Kind::Code,
            1 => last.text.len() == 2 && last.text.bytes().all(|byte| byte.is_ascii_uppercase()),
            _ => false,
        };
        let town = self.last.is_some_and(coded);
        if town && self.is_town(token.end) {
            return self.part();
        }
        let Some(coded) = self.line_belongs(token.end, LINES_AHEAD) else { return false };
        self.forced = self.forced.max(coded);
        self.part()
    }

    /// A line of names alone, below a line that is a postal code.
    fn is_town(&self, at: usize) -> bool {
        let line = self.text.get(at..self.limit).unwrap_or_default().split(['\n', '.', ',']).next().unwrap_or_default();
        let first = token::next(self.text, at, self.limit)
            .is_some_and(|first| first.kind == Kind::Name && !words::is_stranger(first.text) && !self.labels(&first));
        first && line.len() < 48 && !line.contains([':', '=', ';'])
    }

    fn next_line_is_coded(&self, at: usize) -> bool {
        token::next(self.text, at, self.limit)
            .is_some_and(|next| next.kind == Kind::Line && self.line_belongs(next.end, LINES_AHEAD).is_some())
    }

    /// Where the line at `at` surely goes on with the address: at a unit, a country, or a postal code on it or on the
    /// next lines. `None` when it does not.
    fn line_belongs(&self, at: usize, lines: usize) -> Option<usize> {
        let (mut at, mut n_names, mut n_others, begin) = (at, 0, 0, at);
        for piece in 0..LINE_PIECES {
            let Some(token) = token::next(self.text, at, self.limit) else { break };
            match token.kind {
                Kind::Code => return Some(token.start),
                Kind::Name if words::is_stranger(token.text) || self.labels(&token) => return None,
                Kind::Name if piece == 0 && words::is_unit(&token.text.to_lowercase()) => return Some(token.start),
                Kind::Name if words::is_region(token.text) && n_names > 0 => return Some(begin),
                Kind::Name => n_names += 1,
                Kind::Other if n_names > 0 && n_others == 0 => n_others += 1,
                Kind::Number
                | Kind::Small
                | Kind::Mark(',' | '-' | '/' | '(' | ')' | '#' | '\'' | '.' | '\u{2013}') => {}
                Kind::Line if self.is_country(begin..token.start) => return Some(begin),
                Kind::Line => {
                    let name = piece > 0 && n_names > 0 && n_others == 0 && lines > 1;
                    return name.then(|| self.line_belongs(token.end, lines - 1)).flatten().map(|_| begin);
                }
                Kind::Other | Kind::Mark(_) => break,
            }
            at = token.end;
        }
        self.is_country(begin..at).then_some(begin)
    }

    fn is_country(&self, line: Range<usize>) -> bool {
        let line = self.text.get(line).unwrap_or_default().trim_end_matches(['.', ',']).trim();
        words::is_country(&line.to_lowercase())
    }

    fn commit(&mut self, end: usize) {
        self.end = self.end.max(end);
    }
}
