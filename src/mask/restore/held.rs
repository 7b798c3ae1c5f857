//! Arguments of a tool that is no known file tool: kept until they are complete, then restored if nothing in them
//! reaches for the network, else delivered as they came.

use std::fmt;

use super::{json, scanner::Scanner, scanner::Spelling};
use crate::mask::{Names, surroundings::Audience, tools::reaches_network};

/// Bytes of arguments held at most; longer ones are delivered unrestored.
pub(super) const HELD_MAX: usize = 1 << 20;

pub(super) struct Held {
    /// The text is JSON.
    json: bool,
    text: String,
    restored: usize,
    forged: usize,
}

impl Held {
    pub(super) fn new(json: bool) -> Self {
        Self { json, text: String::new(), restored: 0, forged: 0 }
    }

    /// Keeps the piece. When that is more than may be held, gives everything back, to be delivered unrestored.
    pub(super) fn push(&mut self, piece: &str) -> Option<String> {
        self.text.push_str(piece);
        (self.text.len() > HELD_MAX).then(|| std::mem::take(&mut self.text))
    }

    pub(super) fn finish(&mut self, names: &Names, out: &mut String) {
        let text = std::mem::take(&mut self.text);
        let sent = if self.json { reaches_network(&json::strings(&text)) } else { reaches_network(&text) };
        if sent {
            out.push_str(&text);
        } else if self.json {
            let mut strings = json::JsonText::default();
            strings.push(&text, names, out);
            strings.finish(names, out);
            self.restored += strings.restored();
            self.forged += strings.forged();
        } else {
            let mut scanner = Scanner::new(Audience::File, Spelling::Plain);
            scanner.push(&text, names, out);
            scanner.finish(names, out);
            self.restored += scanner.restored();
            self.forged += scanner.forged();
        }
    }

    pub(super) fn holds(&self) -> bool {
        !self.text.is_empty()
    }

    pub(super) fn restored(&self) -> usize {
        self.restored
    }

    pub(super) fn forged(&self) -> usize {
        self.forged
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({} bytes)", self.text.len())
    }
}
