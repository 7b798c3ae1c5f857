//! Text → token ids as BERT's uncased and cased models were taught: cleaned, split at spaces and punctuation, then cut
//! greedily into the longest pieces of the vocabulary (Wu et al. 2016). Reads the rules from `tokenizer.json`; every
//! token knows the bytes it stands for. Does not take special tokens from a text: `[SEP]` in a prompt is a word.

use std::{collections::HashMap, ops::Range};

use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::ModelError;

/// Characters of a text looked at for each token of the budget: a text of spaces or of endless words makes no tokens.
const CHARACTERS_A_TOKEN: usize = 128;

/// One token and the bytes it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number in the vocabulary.
    pub id: u32,
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Tokens of one word have one number; words ascend.
    pub word: usize,
    /// Stands for what is not shown to the network.
    pub hidden: bool,
}

/// The tokens of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// In the order of the text.
    pub tokens: Vec<Token>,
    /// The text has more of them than were asked for.
    pub cut: bool,
}

/// A WordPiece tokenizer.
#[derive(Debug)]
pub struct Wordpiece {
    starts: HashMap<String, u32>,
    /// Pieces within a word, without their prefix.
    inside: HashMap<String, u32>,
    /// Bytes of the longest piece.
    longest: usize,
    word_max: usize,
    cleaning: Cleaning,
    marks: Regex,
    punctuation: Regex,
    /// Id of what is in no vocabulary.
    pub(super) unknown: u32,
    /// Id of the mark at the beginning.
    pub(super) begin: u32,
    /// Id of the mark at the end.
    pub(super) end: u32,
}

/// `tokenizer.json`, as far as it matters.
#[derive(Deserialize)]
struct File {
    normalizer: Cleaning,
    pre_tokenizer: Typed,
    model: Pieces,
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

/// `BertNormalizer`
#[derive(Debug, Clone, Deserialize)]
struct Cleaning {
    r#type: String,
    clean_text: bool,
    handle_chinese_chars: bool,
    /// Left open: as `lowercase`.
    strip_accents: Option<bool>,
    lowercase: bool,
}

#[derive(Deserialize)]
struct Pieces {
    r#type: String,
    vocab: HashMap<String, u32>,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
}

/// A cleaned character and the bytes it comes from.
#[derive(Debug, Clone)]
struct Letter {
    character: char,
    from: Range<usize>,
}

impl Wordpiece {
    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// When it is none, or of another kind than BERT's.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let wrong = ModelError::Tokenizer;
        let file: File = serde_json::from_slice(bytes)
            .map_err(|error| wrong(format!("not a WordPiece tokenizer of the shape of BERT's ({error})")))?;
        for (field, found, expected) in [
            ("normalizer", &file.normalizer.r#type, "BertNormalizer"),
            ("pre_tokenizer", &file.pre_tokenizer.r#type, "BertPreTokenizer"),
            ("model", &file.model.r#type, "WordPiece"),
        ] {
            if found != expected {
                return Err(wrong(format!("`{field}` is `{found}`, and only `{expected}` is understood")));
            }
        }
        Self::new(file.model, file.normalizer).map_err(wrong)
    }

    fn new(pieces: Pieces, cleaning: Cleaning) -> Result<Self, String> {
        let id = |token: &str| pieces.vocab.get(token).copied().ok_or_else(|| format!("`{token}` is not in `vocab`"));
        let (unknown, begin, end) = (id(&pieces.unk_token)?, id("[CLS]")?, id("[SEP]")?);
        let prefix = &pieces.continuing_subword_prefix;
        if prefix.is_empty() {
            return Err("`continuing_subword_prefix` is empty".to_owned());
        }
        let (mut starts, mut inside) = (HashMap::new(), HashMap::new());
        for (piece, id) in &pieces.vocab {
            match piece.strip_prefix(prefix) {
                Some(rest) => inside.insert(rest.to_owned(), *id),
                None => starts.insert(piece.clone(), *id),
            };
        }
        let longest = pieces.vocab.keys().map(String::len).max().unwrap_or(0);
        let class = |pattern: &str| Regex::new(pattern).map_err(|error| error.to_string());
        Ok(Self {
            starts,
            inside,
            longest,
            word_max: pieces.max_input_chars_per_word,
            cleaning,
            marks: class(r"^\p{Mn}$")?,
            punctuation: class(r"^\p{P}$")?,
            unknown,
            begin,
            end,
        })
    }

    /// At most `limit` tokens. Each range of `covered` (ascending, disjoint) is one hidden token.
    #[must_use]
    pub fn tokens(&self, text: &str, covered: &[Range<usize>], limit: usize) -> Tokens {
        let mut reading = Reading { pieces: self, tokens: Vec::new(), word: Vec::new(), n_words: 0 };
        let mut covered = covered.iter().peekable();
        let mut hidden_until = 0;
        let characters = text.char_indices().take(limit.saturating_mul(CHARACTERS_A_TOKEN));
        let mut read_until = 0;
        for (at, character) in characters {
            if reading.tokens.len() > limit {
                break;
            }
            read_until = at + character.len_utf8();
            if at < hidden_until {
                continue;
            }
            if let Some(range) = covered.next_if(|range| range.start <= at) {
                reading.hide(range.clone());
                hidden_until = range.end.max(hidden_until);
            }
            if at >= hidden_until {
                reading.take(character, at..read_until);
            }
        }
        reading.end_word();
        let mut tokens = reading.tokens;
        let cut = tokens.len() > limit || read_until < text.trim_end().len();
        tokens.truncate(limit);
        Tokens { tokens, cut }
    }

    fn is_punctuation(&self, character: char) -> bool {
        if character.is_ascii() {
            return character.is_ascii_punctuation();
        }
        !character.is_alphanumeric() && self.punctuation.is_match(character.encode_utf8(&mut [0; 4]))
    }

    fn is_mark(&self, character: char) -> bool {
        !character.is_ascii() && self.marks.is_match(character.encode_utf8(&mut [0; 4]))
    }

    /// The longest piece of the vocabulary that `rest` begins with: id, bytes.
    fn piece(&self, rest: &str, begins: bool) -> Option<(u32, usize)> {
        let vocabulary = if begins { &self.starts } else { &self.inside };
        let mut end = rest.len().min(self.longest);
        while end > 0 {
            if let Some(id) = rest.get(..end).and_then(|piece| vocabulary.get(piece)) {
                return Some((*id, end));
            }
            end -= 1;
        }
        None
    }
}

/// Tokens in the making.
struct Reading<'a> {
    pieces: &'a Wordpiece,
    tokens: Vec<Token>,
    word: Vec<Letter>,
    n_words: usize,
}

impl Reading<'_> {
    fn hide(&mut self, range: Range<usize>) {
        self.end_word();
        self.push(self.pieces.unknown, range, true);
        self.n_words += 1;
    }

    fn take(&mut self, character: char, from: Range<usize>) {
        let cleaning = &self.pieces.cleaning;
        if cleaning.clean_text && is_cleaned_away(character) {
            return;
        }
        if character.is_whitespace() {
            self.end_word();
        } else if cleaning.handle_chinese_chars && is_ideograph(character) {
            self.alone(character, from);
        } else if character.is_ascii() {
            let lower = if cleaning.lowercase { character.to_ascii_lowercase() } else { character };
            self.add(lower, from);
        } else {
            self.take_accented(character, &from);
        }
    }

    /// Lower case and without accents, as the model was taught. One character may become several.
    fn take_accented(&mut self, character: char, from: &Range<usize>) {
        let cleaning = &self.pieces.cleaning;
        let lowercase = cleaning.lowercase;
        let plain: Vec<char> = if cleaning.strip_accents.unwrap_or(lowercase) {
            std::iter::once(character).nfd().filter(|part| !self.pieces.is_mark(*part)).collect()
        } else {
            vec![character]
        };
        for part in plain {
            if lowercase {
                part.to_lowercase().for_each(|lower| self.add(lower, from.clone()));
            } else {
                self.add(part, from.clone());
            }
        }
    }

    fn add(&mut self, character: char, from: Range<usize>) {
        if self.pieces.is_punctuation(character) {
            self.alone(character, from);
        } else {
            self.word.push(Letter { character, from });
        }
    }

    fn alone(&mut self, character: char, from: Range<usize>) {
        self.end_word();
        self.word.push(Letter { character, from });
        self.end_word();
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return };
        let whole = first.from.start..last.from.end;
        let cut = if word.len() > self.pieces.word_max { None } else { self.cut(&word) };
        match cut {
            Some(pieces) => pieces.into_iter().for_each(|(id, range)| self.push(id, range, false)),
            None => self.push(self.pieces.unknown, whole, false),
        }
        self.n_words += 1;
    }

    /// The pieces of a word, or nothing when some part of it is in no vocabulary.
    fn cut(&self, word: &[Letter]) -> Option<Vec<(u32, Range<usize>)>> {
        let spelled: String = word.iter().map(|letter| letter.character).collect();
        let mut found = Vec::new();
        let (mut letters, mut rest) = (word.iter(), spelled.as_str());
        while !rest.is_empty() {
            let (id, bytes) = self.pieces.piece(rest, found.is_empty())?;
            let (piece, behind) = rest.split_at_checked(bytes)?;
            let start = letters.as_slice().first()?.from.start;
            let last = letters.by_ref().take(piece.chars().count()).last()?;
            found.push((id, start..last.from.end));
            rest = behind;
        }
        Some(found)
    }

    fn push(&mut self, id: u32, range: Range<usize>, hidden: bool) {
        self.tokens.push(Token { id, range, word: self.n_words, hidden });
    }
}

/// Controls, formats and U+FFFD, but not the spaces among them.
fn is_cleaned_away(character: char) -> bool {
    let space = matches!(character, '\t' | '\n' | '\r');
    let format = matches!(character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}');
    !space && (character.is_control() || format)
}

/// Ideographs that stand alone: the blocks that BERT names (CJK Unified Ideographs, extensions A to E, compatibility).
fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tokenizer whose vocabulary is this, after the special tokens.
    pub(crate) fn tokenizer(lowercase: bool, pieces: &[&str]) -> Wordpiece {
        let vocab: serde_json::Map<String, serde_json::Value> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
            .iter()
            .chain(pieces)
            .enumerate()
            .map(|(id, piece)| ((*piece).to_owned(), id.into()))
            .collect();
        let file = serde_json::json!({
            "normalizer": {
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
                "lowercase": lowercase,
            },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "model": {
                "type": "WordPiece", "vocab": vocab, "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 20,
            },
        });
        Wordpiece::read(file.to_string().as_bytes()).unwrap()
    }

    const VOCABULARY: [&str; 14] =
        ["mull", "##er", "mu", "##ll", "o", "'", "x", "##x", "京", "都", "un", "##aff", "##able", "한"];

    /// Tokens as `piece[start..end]`.
    fn check(wordpiece: &Wordpiece, text: &str, covered: &[Range<usize>], expected: &[&str]) {
        let name = |id: u32| {
            let named = |(piece, known): (&String, &u32)| (*known == id).then(|| piece.clone());
            let inside = || wordpiece.inside.iter().find_map(named).map(|piece| format!("##{piece}"));
            wordpiece.starts.iter().find_map(named).or_else(inside).unwrap()
        };
        let tokens = wordpiece.tokens(text, covered, 100).tokens;
        let shown: Vec<String> = tokens.iter().map(|token| format!("{} {:?}", name(token.id), token.range)).collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn words_are_cut_into_the_longest_pieces() {
        let uncased = tokenizer(true, &VOCABULARY);
        check(&uncased, "unaffable", &[], &["un 0..2", "##aff 2..5", "##able 5..9"]);
        check(&uncased, "muller mull", &[], &["mull 0..4", "##er 4..6", "mull 7..11"]);
        check(&uncased, "unmuller", &[], &["[UNK] 0..8"]);
        check(&uncased, "o'x", &[], &["o 0..1", "' 1..2", "x 2..3"]);
        check(&uncased, &"x".repeat(21), &[], &["[UNK] 0..21"]);
        check(&uncased, "", &[], &[]);
        check(&uncased, " \t\r\n\u{a0}", &[], &[]);
    }

    #[test]
    fn case_accents_and_invisible_characters_are_gone_and_the_bytes_are_those_of_the_text() {
        let uncased = tokenizer(true, &VOCABULARY);
        check(&uncased, "Müller", &[], &["mull 0..5", "##er 5..7"]);
        check(&uncased, "mu\u{308}ller", &[], &["mull 0..6", "##er 6..8"]);
        check(&uncased, "m\u{ad}u\u{200b}ller", &[], &["mull 0..9", "##er 9..11"]);
        check(&uncased, "京都", &[], &["京 0..3", "都 3..6"]);
        let cased = tokenizer(false, &["Müll", "##er"]);
        check(&cased, "Müller müller", &[], &["Müll 0..5", "##er 5..7", "[UNK] 8..15"]);
    }

    #[test]
    fn special_tokens_in_a_text_are_words() {
        let uncased = tokenizer(true, &["[", "]", "sep"]);
        check(&uncased, "[SEP]", &[], &["[ 0..1", "sep 1..4", "] 4..5"]);
    }

    #[test]
    fn what_is_covered_is_one_hidden_token() {
        let uncased = tokenizer(true, &VOCABULARY);
        check(&uncased, "x muller x", &[2..8], &["x 0..1", "[UNK] 2..8", "x 9..10"]);
        check(&uncased, "muller", &[4..6], &["mull 0..4", "[UNK] 4..6"]);
        let tokens = uncased.tokens("x x", &[0..1, 2..3], 9).tokens;
        assert!(tokens.iter().all(|token| token.hidden));
    }

    #[test]
    fn more_than_the_limit_is_cut_and_said() {
        let uncased = tokenizer(true, &VOCABULARY);
        assert_eq!(uncased.tokens("x x x", &[], 3), Tokens { cut: false, ..uncased.tokens("x x x", &[], 9) });
        let cut = uncased.tokens("x x x x", &[], 3);
        assert_eq!((cut.tokens.len(), cut.cut), (3, true));
        assert!(uncased.tokens(&format!("{}x", " ".repeat(1000)), &[], 3).cut);
    }

    #[test]
    fn another_kind_of_tokenizer_is_told() {
        let told = |text: &str| Wordpiece::read(text.as_bytes()).unwrap_err().to_string();
        assert!(told("{}").starts_with("`tokenizer.json`: not a WordPiece tokenizer"));
        let other = r###"{"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "ByteLevel"}, "model": {"type": "WordPiece",
            "vocab": {}, "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 1}}"###;
        assert_eq!(
            told(other),
            "`tokenizer.json`: `pre_tokenizer` is `ByteLevel`, and only `BertPreTokenizer` is understood"
        );
        let empty = other.replace("ByteLevel", "BertPreTokenizer");
        assert_eq!(told(&empty), "`tokenizer.json`: `[UNK]` is not in `vocab`");
    }

    proptest! {
        #[test]
        fn tokens_ascend_on_character_boundaries(text in "\\PC{0,60}", at in 0_usize..40, length in 1_usize..20) {
            let wordpiece = tokenizer(true, &VOCABULARY);
            let floor = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) { at -= 1; }
                at
            };
            let covered = floor(at)..floor(at + length);
            let covered: Vec<Range<usize>> = Some(covered).filter(|range| !range.is_empty()).into_iter().collect();
            let mut last = (0, 0);
            for token in wordpiece.tokens(&text, &covered, 1000).tokens {
                prop_assert!(text.get(token.range.clone()).is_some_and(|part| !part.is_empty()));
                prop_assert!(token.word >= last.1);
                // Characters that become several tokens share their bytes.
                prop_assert!(token.range.end >= last.0);
                prop_assert_eq!(token.hidden, covered.contains(&token.range));
                last = (token.range.end, token.word);
            }
        }
    }
}
