//! Follows decoded text character by character, holds back what may become a live placeholder, and puts originals in
//! where that is safe. Does not know JSON: `json` feeds it the text of one string after another.

use std::{fmt, sync::Arc};

use crate::mask::{
    Names, Original, Placeholder,
    names::{Progress, letter_bit},
    placeholder::{LENGTH_MAX, glues},
    surroundings::{Audience, Place, Surroundings},
};

/// How originals are written into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As they are.
    Plain,
    /// As the content of a JSON string.
    Json,
}

pub(super) struct Scanner {
    audience: Audience,
    spelling: Spelling,
    surroundings: Surroundings,
    /// The beginning of a live placeholder, at most [`LENGTH_MAX`] bytes; its full length when `complete`.
    held: String,
    /// What `held` stands for, when one more character will tell whether it has ended.
    complete: Option<Arc<Original>>,
    /// The last character before `held` may not stand before a placeholder.
    glued: bool,
    /// The run of placeholder characters before the present position, to count forged ones. A longer run is none.
    run: String,
    restored: usize,
    forged: usize,
}

impl Scanner {
    pub(super) fn new(audience: Audience, spelling: Spelling) -> Self {
        Self {
            audience,
            spelling,
            surroundings: Surroundings::new(audience),
            held: String::new(),
            complete: None,
            glued: false,
            run: String::new(),
            restored: 0,
            forged: 0,
        }
    }

    /// Takes in text that is spelled as it is.
    pub(super) fn push(&mut self, piece: &str, names: &Names, out: &mut String) {
        let letters = names.first_letters();
        let mut rest = piece;
        while !rest.is_empty() {
            if self.held.is_empty() {
                let quiet = self.quiet_length(rest, letters);
                let (before, after) = rest.split_at_checked(quiet).unwrap_or((rest, ""));
                self.deliver(before, names, out);
                rest = after;
            }
            let mut chars = rest.chars();
            if let Some(c) = chars.next() {
                self.take(c, names, out);
            }
            rest = chars.as_str();
        }
    }

    /// One character that is spelled as it is.
    pub(super) fn take(&mut self, c: char, names: &Names, out: &mut String) {
        let byte = u8::try_from(c).unwrap_or_default();
        match self.complete.take() {
            Some(original) if !glues(byte) => {
                self.resolve(&original, names, out);
                self.begin(c, names, out);
            }
            Some(_) => self.release(c, names, out),
            None if self.held.is_empty() => self.begin(c, names, out),
            None => self.extend(c, names, out),
        }
    }

    /// A character that was written as an escape and has been delivered by the caller, after [`end`](Self::end).
    pub(super) fn pass(&mut self, c: char, names: &Names) {
        self.follow(c, names);
    }

    /// No placeholder goes on from here: delivers what is held.
    pub(super) fn end(&mut self, names: &Names, out: &mut String) {
        match self.complete.take() {
            Some(original) => self.resolve(&original, names, out),
            None => {
                let held = std::mem::take(&mut self.held);
                self.deliver(&held, names, out);
            }
        }
    }

    /// The text is over; what comes next is another one.
    pub(super) fn finish(&mut self, names: &Names, out: &mut String) {
        self.end(names, out);
        self.end_run(names);
        self.glued = false;
        self.surroundings = Surroundings::new(self.audience);
    }

    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn restored(&self) -> usize {
        self.restored
    }

    pub(super) fn forged(&self) -> usize {
        self.forged
    }

    /// Bytes of `text` before the first place where a live placeholder could begin.
    fn quiet_length(&self, text: &str, letters: u32) -> usize {
        if letters == 0 {
            return text.len();
        }
        let mut glued = self.glued;
        let begins = text.bytes().position(|byte| {
            let begins = !glued && letter_bit(byte) & letters != 0;
            glued = glues(byte);
            begins
        });
        begins.unwrap_or(text.len())
    }

    /// Nothing is held: `c` begins a placeholder or is delivered.
    fn begin(&mut self, c: char, names: &Names, out: &mut String) {
        let begins = !self.glued && u8::try_from(c).is_ok_and(|byte| letter_bit(byte) & names.first_letters() != 0);
        if begins {
            self.extend(c, names, out);
        } else {
            self.deliver(c.encode_utf8(&mut [0; 4]), names, out);
        }
    }

    /// Adds `c` to what is held, as long as a live placeholder goes on like this.
    fn extend(&mut self, c: char, names: &Names, out: &mut String) {
        self.held.push(c);
        match names.progress(&self.held) {
            Progress::Growing => {}
            Progress::Complete(original) => self.complete = Some(original),
            Progress::Dead => {
                self.held.pop();
                self.release(c, names, out);
            }
        }
    }

    /// What is held is no placeholder: delivers its first character and looks at the rest and `c` anew, because a
    /// placeholder may begin after an `_` in it.
    fn release(&mut self, c: char, names: &Names, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        let mut chars = held.chars();
        match chars.next() {
            Some(first) => self.deliver(first.encode_utf8(&mut [0; 4]), names, out),
            None => return self.deliver(c.encode_utf8(&mut [0; 4]), names, out),
        }
        for again in chars.chain(std::iter::once(c)) {
            self.take(again, names, out);
        }
    }

    /// A live placeholder has ended: delivers the original, or the placeholder where the original must not stand.
    fn resolve(&mut self, original: &Original, names: &Names, out: &mut String) {
        let placeholder = std::mem::take(&mut self.held);
        let text = original.expose();
        let may_stand = match self.surroundings.place() {
            Place::Open => true,
            Place::Attribute => !text.contains(['"', '\'', '<', '>', '&', '`', '\n', '\r']),
            Place::Loads => false,
        };
        match (may_stand, self.spelling) {
            (false, _) => out.push_str(&placeholder),
            (true, Spelling::Plain) => out.push_str(text),
            (true, Spelling::Json) => super::json::escape(text, out),
        }
        self.restored += usize::from(may_stand);
        // The surroundings of what follows are judged by the masked text, whatever stands there now.
        placeholder.chars().for_each(|c| self.follow(c, names));
    }

    fn deliver(&mut self, text: &str, names: &Names, out: &mut String) {
        out.push_str(text);
        text.chars().for_each(|c| self.follow(c, names));
    }

    fn follow(&mut self, c: char, names: &Names) {
        self.surroundings.push(c);
        self.glued = u8::try_from(c).is_ok_and(glues);
        if self.glued || c == '_' {
            if self.run.len() <= LENGTH_MAX {
                self.run.push(c);
            }
        } else if !self.run.is_empty() {
            self.end_run(names);
        }
    }

    fn end_run(&mut self, names: &Names) {
        let forged = Placeholder::parse(&self.run).is_some_and(|placeholder| !names.key().verifies(&placeholder));
        self.forged += usize::from(forged);
        self.run.clear();
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scanner({} bytes held, {} restored)", self.held.len(), self.restored)
    }
}
