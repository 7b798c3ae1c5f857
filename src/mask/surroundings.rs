//! Decides from the text before a placeholder whether a page or a tool could *load* what it becomes part of: then the
//! original must not be put in, or a prompt-injected model could send it anywhere by writing an image. Sees the masked
//! text only, character by character, so that it cannot matter how an answer is cut into pieces.
//!
//! Four small machines run side by side, one a way of writing an address: bare (`address`), Markdown link targets
//! (`link`), HTML and SVG attributes (`markup`), and calls such as `url(…)` and `\href{…}` (`call`). None of
//! them is a parser of its language. Each errs towards "loads": the cost is a placeholder that stays visible.

mod address;
mod call;
mod link;
mod markup;

pub(super) use self::address::any_address;
use self::{address::Address, call::Call, link::Link, markup::Markup};

/// What a restored text could become at the present position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Text, code, a connection string: nothing loads it.
    Open,
    /// The value of an attribute that loads nothing (`title`, `alt`): an original that could end the value must not
    /// be put in.
    Attribute,
    /// Part of something that is loaded or followed.
    Loads,
}

/// Who takes the text in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A page or terminal that may render Markdown and HTML.
    Page,
    /// A file on disk. Scripts and attributes are source code there, and what is not restored is damage.
    File,
}

/// The state after all text so far.
#[derive(Debug, Clone)]
pub struct Surroundings {
    audience: Audience,
    address: Address,
    link: Link,
    markup: Markup,
    call: Call,
}

impl Surroundings {
    /// At the beginning of a text.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            audience,
            address: Address::default(),
            link: Link::default(),
            markup: Markup::default(),
            call: Call::default(),
        }
    }

    /// Takes in one character of the masked text.
    pub fn push(&mut self, c: char) {
        self.address.push(c);
        self.markup.push(c);
        self.call.push(c);
        let finished = self.link.push(c);
        if finished {
            self.address.end();
        }
    }

    /// Takes in several characters.
    pub fn push_str(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    /// What a text put in here would become part of.
    #[must_use]
    pub fn place(&self) -> Place {
        if self.link.loads() || self.call.loads() || self.address.loads() {
            return Place::Loads;
        }
        match (self.markup.place(), self.audience) {
            (markup::Inside::Text, _) | (markup::Inside::Script | markup::Inside::Attribute, Audience::File) => {
                Place::Open
            }
            (markup::Inside::Attribute, Audience::Page) => Place::Attribute,
            (markup::Inside::Script, Audience::Page) | (markup::Inside::Loading, _) => Place::Loads,
        }
    }
}

#[cfg(test)]
mod tests;
