//! Restores inside the strings of JSON text that arrives in pieces, which may end anywhere: inside an escape, between
//! the halves of a surrogate pair. Every byte but the placeholders passes as it came. Does not check the JSON.

use super::scanner::{Scanner, Spelling};
use crate::mask::{Names, surroundings::Audience};

#[derive(Debug)]
pub(super) struct JsonText {
    state: State,
    scanner: Scanner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between strings.
    Outside,
    Inside,
    /// After a backslash.
    Escape,
    /// After `\u` and this many hexadecimal digits.
    Unicode {
        digits: u8,
        code: u32,
    },
}

impl Default for JsonText {
    fn default() -> Self {
        Self { state: State::Outside, scanner: Scanner::new(Audience::File, Spelling::Json) }
    }
}

impl JsonText {
    pub(super) fn push(&mut self, piece: &str, names: &Names, out: &mut String) {
        for c in piece.chars() {
            self.state = self.step(c, names, out);
        }
    }

    pub(super) fn finish(&mut self, names: &Names, out: &mut String) {
        self.scanner.finish(names, out);
    }

    pub(super) fn holds(&self) -> bool {
        self.scanner.holds()
    }

    pub(super) fn restored(&self) -> usize {
        self.scanner.restored()
    }

    pub(super) fn forged(&self) -> usize {
        self.scanner.forged()
    }

    fn step(&mut self, c: char, names: &Names, out: &mut String) -> State {
        match (self.state, c) {
            (State::Outside, _) => {
                out.push(c);
                if c == '"' { State::Inside } else { State::Outside }
            }
            (State::Inside, '"') => {
                self.scanner.finish(names, out);
                out.push(c);
                State::Outside
            }
            (State::Inside, '\\') => {
                self.scanner.end(names, out);
                out.push(c);
                State::Escape
            }
            (State::Inside, _) => {
                self.scanner.take(c, names, out);
                State::Inside
            }
            (State::Escape, 'u') => {
                out.push(c);
                State::Unicode { digits: 0, code: 0 }
            }
            (State::Escape, _) => {
                out.push(c);
                self.scanner.pass(unescaped(c), names);
                State::Inside
            }
            (State::Unicode { digits, code }, _) => self.digit(c, digits, code, names, out),
        }
    }

    fn digit(&mut self, c: char, digits: u8, code: u32, names: &Names, out: &mut String) -> State {
        out.push(c);
        let code = code * 16 + c.to_digit(16).unwrap_or_default();
        if digits < 3 {
            return State::Unicode { digits: digits + 1, code };
        }
        // Halves of surrogate pairs are no placeholder and no address: any other character will do.
        self.scanner.pass(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), names);
        State::Inside
    }
}

/// The character that `\c` stands for.
fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

/// Appends `text` as the content of a JSON string.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                let code = u32::from(c);
                out.push_str("\\u00");
                out.extend(char::from_digit(code / 16, 16));
                out.extend(char::from_digit(code % 16, 16));
            }
            _ => out.push(c),
        }
    }
}

/// The text of all strings in `json`, one a line.
pub(super) fn strings(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut state = State::Outside;
    for c in json.chars() {
        state = match (state, c) {
            (State::Outside, '"') => State::Inside,
            (State::Outside, _) => State::Outside,
            (State::Inside, '"') => {
                text.push('\n');
                State::Outside
            }
            (State::Inside, '\\') => State::Escape,
            (State::Escape, 'u') => State::Unicode { digits: 0, code: 0 },
            (State::Inside, _) => {
                text.push(c);
                State::Inside
            }
            (State::Escape, _) => {
                text.push(unescaped(c));
                State::Inside
            }
            (State::Unicode { digits, code }, _) => {
                let code = code * 16 + c.to_digit(16).unwrap_or_default();
                if digits == 3 {
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    State::Inside
                } else {
                    State::Unicode { digits: digits + 1, code }
                }
            }
        };
    }
    text
}
