//! A text as its letters and digits alone, folded: NFKC, lower case, without accents; with the words they form and the
//! way back to the bytes. So that `12 345-678` is `12345678`, and a passage is the same however its lines are wrapped.
//!
//! ```text
//! text     Größe:  12 345-678
//! letters  grosse  12 345 678      (one list, without the blanks)
//! begins   ^       ^  ^   ^        words begin
//! finishes      ^   ^   ^   ^      words finish
//! ```

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// The letters of one text. Reused from text to text by its builder.
#[derive(Debug, Default)]
pub(super) struct Letters {
    /// Folded letters and digits, as code points.
    pub(super) codes: Vec<u32>,
    /// Offset in the text of the character each came from.
    from: Vec<u32>,
    begins: Bits,
    finishes: Bits,
    /// Letters before which a phrase may not be continued.
    breaks: Bits,
    gap: Gap,
}

/// One bit a letter.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, index: usize) {
        if self.0.len() <= index / 64 {
            self.0.resize(index / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// The 64 bits from `index` on, the first one lowest.
    fn window(&self, index: usize) -> u64 {
        let word = |at: usize| self.0.get(at).copied().unwrap_or(0);
        let (at, shift) = (index / 64, index % 64);
        let high = if shift == 0 { 0 } else { word(at + 1) << (64 - shift) };
        word(at) >> shift | high
    }
}

/// What stands between two letters.
#[derive(Debug, Default, Clone, Copy)]
struct Gap {
    characters: u32,
    lines: u32,
    /// The only character of it may stand within a number.
    joins_digits: bool,
}

/// Characters between two words of one phrase at most.
const GAP_MAX: u32 = 6;

impl Gap {
    fn take(&mut self, character: char) {
        self.characters = self.characters.saturating_add(1);
        self.lines += u32::from(character == '\n');
        self.joins_digits = self.characters == 1
            && matches!(character, ' ' | '-' | '.' | '/' | '\'' | '_' | '\u{a0}' | '\u{202f}' | '’');
    }

    /// Whether a phrase may go on over it.
    fn parts(&self, between_digits: bool) -> bool {
        self.characters > GAP_MAX || self.lines > 1 || between_digits && !self.joins_digits
    }
}

/// For each byte the folded ASCII letter, or 0.
static ASCII: [u8; 256] = ascii();

const fn ascii() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
}

impl Letters {
    /// The letters of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut letters = Self::default();
        letters.codes.reserve(text.len());
        letters.from.reserve(text.len());
        letters.read(text);
        letters
    }

    /// Forgets everything and reads another text.
    pub(super) fn read(&mut self, text: &str) {
        self.codes.clear();
        self.from.clear();
        for bits in [&mut self.begins, &mut self.finishes, &mut self.breaks] {
            bits.0.clear();
        }
        self.gap = Gap { characters: 1, ..Gap::default() };
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            at += match ASCII[usize::from(*byte)] {
                0 if *byte < 0x80 => self.sign(bytes, at),
                0 => self.character(text, at),
                folded => self.word(u32::from(folded), bytes, at),
            };
        }
        self.finish_word();
    }

    /// A run of ASCII letters and digits, of which the first is folded already; bytes it takes.
    fn word(&mut self, first: u32, bytes: &[u8], at: usize) -> usize {
        self.push(first, at);
        let before = self.codes.len();
        let rest = bytes.get(at + 1..).unwrap_or_default();
        self.codes
            .extend(rest.iter().map(|byte| u32::from(ASCII[usize::from(*byte)])).take_while(|folded| *folded != 0));
        let more = self.codes.len() - before;
        let from = u32::try_from(at).unwrap_or(u32::MAX);
        self.from.extend((1..).take(more).map(|step| from.saturating_add(step)));
        more + 1
    }

    /// A sign that is no letter; bytes it takes. An escaped line break of source code is one, unless it is a folder whose
    /// name begins with that letter.
    fn sign(&mut self, bytes: &[u8], at: usize) -> usize {
        let (sign, length) = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\\'), Some(b'\\')) => ('\\', 2),
            (Some(b'\\'), Some(b'n')) if !in_path(bytes, at) => ('\n', 2),
            (Some(b'\\'), Some(b'r' | b't')) if !in_path(bytes, at) => (' ', 2),
            (Some(byte), _) => (char::from(*byte), 1),
            (None, _) => (' ', 1),
        };
        self.separate(sign);
        length
    }

    fn separate(&mut self, sign: char) {
        if self.gap.characters == 0 {
            self.finish_word();
        }
        self.gap.take(sign);
    }

    fn finish_word(&mut self) {
        if let Some(last) = self.codes.len().checked_sub(1) {
            self.finishes.set(last);
        }
    }

    fn push(&mut self, code: u32, at: usize) {
        if self.gap.characters > 0 {
            let index = self.codes.len();
            self.begins.set(index);
            let between_digits = is_digit(code) && self.codes.last().is_some_and(|last| is_digit(*last));
            if self.gap.parts(between_digits) {
                self.breaks.set(index);
            }
            self.gap = Gap::default();
        }
        self.codes.push(code);
        self.from.push(u32::try_from(at).unwrap_or(u32::MAX));
    }

    /// A character beyond ASCII; bytes it takes.
    fn character(&mut self, text: &str, at: usize) -> usize {
        let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { return 1 };
        if is_unseen(character) {
            return character.len_utf8();
        }
        let alone = is_word_alone(character);
        if alone && self.gap.characters == 0 {
            self.finish_word();
            self.gap = Gap { characters: 1, lines: 0, joins_digits: true };
        }
        let before = self.codes.len();
        fold(character, |code| self.push(code, at));
        if self.codes.len() == before {
            self.separate(character);
        } else if alone {
            self.finish_word();
            self.gap = Gap { characters: 1, lines: 0, joins_digits: true };
        }
        character.len_utf8()
    }

    /// Letters at which a word begins, ascending.
    pub(super) fn word_begins(&self) -> impl Iterator<Item = usize> {
        self.begins.0.iter().enumerate().flat_map(|(index, word)| ones(*word).map(move |bit| index * 64 + bit))
    }

    /// Lengths at which a phrase that begins with letter `first` may end, of those in `lengths`: bit 0 is one letter.
    /// Where `endings` letters may follow a phrase in its last word, so much sooner too.
    pub(super) fn ends(&self, first: usize, lengths: u64, endings: u32) -> u64 {
        let mut ends = self.finishes.window(first);
        for shift in 1..=endings {
            ends |= self.finishes.window(first + shift as usize);
        }
        ends & lengths & self.reach(first)
    }

    /// Lengths at which a phrase that begins with letter `first` may end anywhere within a word.
    pub(super) fn reach(&self, first: usize) -> u64 {
        let breaks = self.breaks.window(first + 1);
        if breaks == 0 { u64::MAX } else { u64::MAX >> (63 - breaks.trailing_zeros()) }
    }

    /// Bytes of the text that letters came from.
    pub(super) fn bytes(&self, text: &str, letters: Range<usize>) -> Range<usize> {
        let at = |letter: usize| self.from.get(letter).map_or(text.len(), |from| *from as usize);
        let start = at(letters.start);
        let last = at(letters.end.saturating_sub(1));
        let tail = text.get(last..).unwrap_or_default();
        let mut end = last;
        for (index, character) in tail.chars().enumerate() {
            if index > 0 && !is_unseen(character) {
                break;
            }
            end += character.len_utf8();
        }
        start..end.max(start)
    }

    /// The first letter of the word that `letter` is part of.
    pub(super) fn word_start(&self, letter: usize) -> usize {
        (0..=letter).rev().take(PART_MAX).find(|at| self.begins.has(*at)).unwrap_or(letter)
    }

    /// The end of the word that `letter` is part of.
    pub(super) fn word_end(&self, letter: usize) -> usize {
        (letter..self.codes.len()).take(PART_MAX).find(|at| self.finishes.has(*at)).map_or(letter + 1, |at| at + 1)
    }
}

/// Letters of a word looked at for its border.
const PART_MAX: usize = 40;

/// Bytes looked back for the beginning of a path.
const PATH_MAX: usize = 128;

/// Whether the backslash at `at` stands in a path: `C:\new`, `\\server\new`.
fn in_path(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(PATH_MAX)..=at).unwrap_or_default();
    let is_edge = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'(');
    let begun = before.iter().rposition(is_edge).map_or(0, |edge| edge + 1);
    let word = before.get(begun..).unwrap_or_default();
    word.starts_with(b"\\\\") || word.get(1..3) == Some(b":\\")
}

/// Places of the bits that are set, ascending.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let bit = word.trailing_zeros();
        word &= word - 1;
        usize::try_from(bit).ok()
    })
}

/// ASCII digit.
pub(super) fn is_digit(code: u32) -> bool {
    (0x30..=0x39).contains(&code)
}

/// Combining accents and default-ignorable characters: part of whatever they stand in.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters of scripts that put no blanks between words: each counts as a word.
fn is_word_alone(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Scripts whose letters must not be taken apart: kana and Hangul syllables.
fn stays_whole(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The letters and digits a character stands for, folded.
fn fold(character: char, mut push: impl FnMut(u32)) {
    for compatible in std::iter::once(character).nfkc() {
        if stays_whole(compatible) {
            push(u32::from(compatible));
            continue;
        }
        for part in std::iter::once(compatible).nfd().flat_map(char::to_lowercase) {
            match part {
                'ß' => "ss".chars().for_each(|letter| push(u32::from(letter))),
                'æ' => "ae".chars().for_each(|letter| push(u32::from(letter))),
                'œ' => "oe".chars().for_each(|letter| push(u32::from(letter))),
                'ø' => push(u32::from('o')),
                'ł' => push(u32::from('l')),
                'đ' => push(u32::from('d')),
                'ı' => push(u32::from('i')),
                part if is_unseen(part) => {}
                part => folded(part).into_iter().for_each(&mut push),
            }
        }
    }
}

fn folded(part: char) -> Option<u32> {
    match part.to_digit(10) {
        Some(digit) => Some(0x30 + digit),
        None => part.is_alphanumeric().then_some(u32::from(part)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folded text, with a blank before each word but the first.
    fn shown(text: &str) -> String {
        let letters = Letters::of(text);
        let mut out = String::new();
        for (index, code) in letters.codes.iter().enumerate() {
            if index > 0 && letters.begins.has(index) {
                out.push(if letters.breaks.has(index) { '|' } else { ' ' });
            }
            out.push(char::from_u32(*code).unwrap());
        }
        out
    }

    #[test]
    fn a_text_is_folded_to_its_letters_and_words() {
        for (text, expected) in [
            ("Größe: 12 345-678", "grosse 12 345 678"),
            ("Société Générale", "societe generale"),
            ("Socie\u{301}te\u{301}", "societe"),
            ("ＦＵＬＬ width ﬁne", "full width fine"),
            ("Fal\u{ad}ke so\u{200b}ft", "falke soft"),
            ("a\n\nb", "a|b"),
            ("12, 13", "12|13"),
            ("x, y; z", "x y z"),
            ("one\\ntwo\\tthree", "one two three"),
            (r"see C:\new\notes, \\srv\team; D:\\new", "see c new notes srv team d new"),
            ("東京 ab", "東 京 ab"),
            ("がか 한국", "が か 한국"),
            ("йод ёж", "иод еж"),
            ("", ""),
            ("…!", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn letters_lead_back_to_their_bytes() {
        let text = "x Mu\u{308}ller-Ｌtd. y";
        let letters = Letters::of(text);
        assert_eq!(&text[letters.bytes(text, 1..7)], "Mu\u{308}ller");
        assert_eq!(&text[letters.bytes(text, 7..10)], "Ｌtd");
        assert_eq!(&text[letters.bytes(text, 1..10)], "Mu\u{308}ller-Ｌtd");
        assert_eq!((letters.word_start(5), letters.word_end(5)), (1, 7));
    }

    #[test]
    fn ends_of_phrases_are_ends_of_words_before_a_break() {
        let letters = Letters::of("ab cde\n\nf");
        assert_eq!(letters.ends(0, u64::MAX, 0), 1 << 1 | 1 << 4);
        assert_eq!(letters.ends(0, u64::MAX, 1), 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4);
        assert_eq!(letters.ends(0, 1 << 4, 0), 1 << 4);
        assert_eq!(letters.word_begins().collect::<Vec<_>>(), [0, 2, 5]);
        let long = Letters::of(&"abc ".repeat(40));
        assert_eq!(long.ends(60, 1 << 2 | 1 << 5, 0), 1 << 2 | 1 << 5);
    }
}
