//! Puts originals back into an answer as it streams. However the text is cut into pieces, the result is the same, and
//! nothing is delayed but what may still become a live placeholder. Does not know events or sites: one restorer
//! follows one running text.
//!
//! How it treats the text follows from where the text ends up ([`Surface`]): prose is restored piece by piece, a file
//! tool's arguments too (at their depth of JSON escaping), any other tool's are held until they are complete and
//! judged as a whole, a network tool's never. [`surroundings`](super::surroundings) has the places where an original
//! is never put.

mod held;
mod json;
mod scanner;

use self::{
    held::Held,
    json::JsonText,
    scanner::{Scanner, Spelling},
};
use super::{
    Names,
    surroundings::Audience,
    tools::{Treatment, treatment},
};
use crate::site::Surface;

/// Restores one running text: a channel of an answer.
#[derive(Debug)]
pub struct Restorer {
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Text as it is.
    Text(Scanner),
    /// JSON text, restored inside its strings.
    Json(JsonText),
    /// Complete arguments are needed for a judgement.
    Held(Held),
    /// As it came.
    Verbatim,
}

impl Restorer {
    /// For a text that ends up at `surface`. `restore_tools` is `[mask] restore_tools`: with a list, only those tools'
    /// arguments are restored.
    #[must_use]
    pub fn new(surface: &Surface, restore_tools: Option<&[String]>) -> Self {
        let (tool, json) = match surface {
            Surface::Prose => return Self { way: Way::Text(Scanner::new(Audience::Page, Spelling::Plain)) },
            Surface::Quoted => return Self { way: Way::Text(Scanner::new(Audience::Page, Spelling::Json)) },
            Surface::ToolJson { tool } => (tool.as_deref(), true),
            Surface::ToolText { tool } => (tool.as_deref(), false),
        };
        let way = match (treatment(tool, restore_tools), json) {
            (Treatment::Never, _) => Way::Verbatim,
            (Treatment::Hold, json) => Way::Held(Held::new(json)),
            (Treatment::Stream, true) => Way::Json(JsonText::default()),
            (Treatment::Stream, false) => Way::Text(Scanner::new(Audience::File, Spelling::Plain)),
        };
        Self { way }
    }

    /// Takes in a piece and appends what can be delivered. `names` may have grown since the last piece.
    pub fn push(&mut self, piece: &str, names: &Names, out: &mut String) {
        let overflow = match &mut self.way {
            Way::Text(scanner) => {
                scanner.push(piece, names, out);
                None
            }
            Way::Json(text) => {
                text.push(piece, names, out);
                None
            }
            Way::Held(held) => held.push(piece),
            Way::Verbatim => {
                out.push_str(piece);
                None
            }
        };
        if let Some(unrestored) = overflow {
            out.push_str(&unrestored);
            self.way = Way::Verbatim;
        }
    }

    /// The text is over: appends whatever is still held. May be called again without effect.
    pub fn finish(&mut self, names: &Names, out: &mut String) {
        match &mut self.way {
            Way::Text(scanner) => scanner.finish(names, out),
            Way::Json(text) => text.finish(names, out),
            Way::Held(held) => held.finish(names, out),
            Way::Verbatim => {}
        }
    }

    /// True while some text has come in that has not been delivered.
    #[must_use]
    pub fn holds(&self) -> bool {
        match &self.way {
            Way::Text(scanner) => scanner.holds(),
            Way::Json(text) => text.holds(),
            Way::Held(held) => held.holds(),
            Way::Verbatim => false,
        }
    }

    /// Originals put in so far.
    #[must_use]
    pub fn restored(&self) -> usize {
        match &self.way {
            Way::Text(scanner) => scanner.restored(),
            Way::Json(text) => text.restored(),
            Way::Held(held) => held.restored(),
            Way::Verbatim => 0,
        }
    }

    /// Well-formed placeholders so far that were never issued in this scope: the model made them up, or somebody
    /// tries whether they mean anything.
    #[must_use]
    pub fn forged(&self) -> usize {
        match &self.way {
            Way::Text(scanner) => scanner.forged(),
            Way::Json(text) => text.forged(),
            Way::Held(held) => held.forged(),
            Way::Verbatim => 0,
        }
    }

    /// Restores a finished text that stands alone; also gives how many originals were put in.
    #[must_use]
    pub fn whole(text: &str, surface: &Surface, names: &Names) -> (String, usize) {
        Self::whole_for(text, surface, None, names)
    }

    /// The same with `[mask] restore_tools`.
    #[must_use]
    pub fn whole_for(
        text: &str,
        surface: &Surface,
        restore_tools: Option<&[String]>,
        names: &Names,
    ) -> (String, usize) {
        // Every placeholder has a `_`; in JSON text it may be written as an escape.
        if matches!(surface, Surface::Prose) && memchr::memchr(b'_', text.as_bytes()).is_none() {
            return (text.to_owned(), 0);
        }
        let mut restorer = Self::new(surface, restore_tools);
        let mut out = String::with_capacity(text.len());
        restorer.push(text, names, &mut out);
        restorer.finish(names, &mut out);
        (out, restorer.restored())
    }
}

#[cfg(test)]
mod tests;
