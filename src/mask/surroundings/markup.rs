//! HTML and SVG: are we inside the value of an attribute, and does that attribute load something? Also inside
//! `<script>` and `<style>`. Not a parser: `a < b` and `Vec<T>` are text because no tag looks like that.

/// Bytes kept of a tag's or attribute's name: longer than any that matters.
const NAME_MAX: usize = 32;
/// Attributes that load, follow or run their value; besides those that end in `src`, `href` or `url`, or begin with `on`.
const LOADING: &[&str] = &[
    "srcset",
    "imagesrcset",
    "srcdoc",
    "style",
    "action",
    "formaction",
    "poster",
    "background",
    "cite",
    "ping",
    "longdesc",
    "manifest",
    "codebase",
];
/// Attributes by which an SVG animation sets another one, such as `href`.
const ANIMATED: &[&str] = &["from", "to", "by", "values"];
/// Tags all of whose attributes end up in a request.
const SENT: &[&str] =
    &["input", "button", "param", "object", "embed", "applet", "meta", "link", "iframe", "base", "frame"];

/// What we are inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Text,
    /// The value of an attribute that loads nothing.
    Attribute,
    /// The value of an attribute that loads or runs it.
    Loading,
    /// A `<script>` or `<style>` element.
    Script,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Markup {
    state: State,
    /// Lower-case name of the tag.
    tag: String,
    /// Lower-case name of the attribute.
    attribute: String,
    /// The element whose content is no markup.
    raw: Option<Raw>,
    /// How the tag stands in its line.
    stands: Stands,
    line: Line,
}

/// How a tag stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stands {
    /// After nothing but white space: a block, which only its closing tag ends.
    #[default]
    First,
    /// After other text: a blank line ends it too.
    Within,
    /// After a backtick: a word about the tag, such as `` `<script>` ``.
    Quoted,
}

/// What the present line holds so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Line {
    #[default]
    Blank,
    Text,
    /// Text that ends with a backtick.
    Backtick,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    Script,
    Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// After `<`.
    Opened,
    /// In the tag's name; `closing` after `</`.
    Name {
        closing: bool,
    },
    /// Between attributes.
    Between,
    AttributeName,
    AfterName,
    /// After `=`.
    BeforeValue,
    /// Unquoted, or until this quote.
    Value(Option<char>),
}

impl Markup {
    pub(super) fn push(&mut self, c: char) {
        self.state = match self.state {
            State::Text if c == '<' => self.begin(),
            State::Text => State::Text,
            State::Opened => self.opened(c),
            State::Name { closing } => self.name(c, closing),
            State::Between => self.between(c),
            State::AttributeName => self.attribute_name(c),
            State::AfterName if c == '=' => State::BeforeValue,
            State::AfterName => self.between(c),
            State::BeforeValue if c.is_whitespace() => State::BeforeValue,
            State::BeforeValue if c == '"' || c == '\'' => State::Value(Some(c)),
            State::BeforeValue if c == '>' => self.end(),
            State::BeforeValue => State::Value(None),
            State::Value(Some(quote)) if c == quote => State::Between,
            State::Value(Some(quote)) => State::Value(Some(quote)),
            State::Value(None) if c == '>' => self.end(),
            State::Value(None) if c.is_whitespace() => State::Between,
            State::Value(None) => State::Value(None),
        };
        if c == '\n' && self.line == Line::Blank && self.stands == Stands::Within {
            self.raw = None;
        }
        self.line = match (c, self.line) {
            ('\n', _) => Line::Blank,
            ('`', _) => Line::Backtick,
            (c, Line::Blank) if c.is_whitespace() => Line::Blank,
            _ => Line::Text,
        };
    }

    pub(super) fn place(&self) -> Inside {
        let in_value = matches!(self.state, State::BeforeValue | State::Value(_));
        match (in_value, self.raw) {
            (true, _) if self.attribute_loads() => Inside::Loading,
            (_, Some(_)) => Inside::Script,
            (true, None) => Inside::Attribute,
            (false, None) => Inside::Text,
        }
    }

    fn begin(&mut self) -> State {
        if self.raw.is_none() {
            self.stands = match self.line {
                Line::Blank => Stands::First,
                Line::Text => Stands::Within,
                Line::Backtick => Stands::Quoted,
            };
        }
        State::Opened
    }

    fn opened(&mut self, c: char) -> State {
        self.tag.clear();
        if c == '/' {
            return State::Name { closing: true };
        }
        if c.is_ascii_alphabetic() && self.raw.is_none() {
            keep(&mut self.tag, c);
            return State::Name { closing: false };
        }
        if c == '<' { State::Opened } else { State::Text }
    }

    fn name(&mut self, c: char, closing: bool) -> State {
        if c.is_ascii_alphanumeric() || matches!(c, ':' | '-') {
            keep(&mut self.tag, c);
            return State::Name { closing };
        }
        let ends_name = c == '>' || c == '/' || c.is_whitespace();
        if closing {
            let ends_raw = ends_name && self.raw.is_some_and(|raw| self.tag == raw.tag());
            if ends_raw {
                self.raw = None;
            }
            return if c == '<' { State::Opened } else { State::Text };
        }
        match c {
            '>' => self.end(),
            '<' => State::Opened,
            _ if ends_name => State::Between,
            _ => State::Text,
        }
    }

    fn between(&mut self, c: char) -> State {
        match c {
            '>' => self.end(),
            '<' => State::Opened,
            '/' => State::Between,
            _ if c.is_whitespace() => State::Between,
            _ => {
                self.attribute.clear();
                keep(&mut self.attribute, c);
                State::AttributeName
            }
        }
    }

    fn attribute_name(&mut self, c: char) -> State {
        match c {
            '=' => State::BeforeValue,
            '>' => self.end(),
            '<' => State::Opened,
            '/' => State::Between,
            _ if c.is_whitespace() => State::AfterName,
            _ => {
                keep(&mut self.attribute, c);
                State::AttributeName
            }
        }
    }

    /// The tag is over: its content follows.
    fn end(&mut self) -> State {
        self.raw = match self.tag.as_str() {
            _ if self.stands == Stands::Quoted => None,
            "script" => Some(Raw::Script),
            "style" => Some(Raw::Style),
            _ => None,
        };
        State::Text
    }

    fn attribute_loads(&self) -> bool {
        let name = self.attribute.as_str();
        let by_form = ["src", "href", "url"].iter().any(|end| name.ends_with(end)) || name.starts_with("on");
        let animation = self.tag == "set" || self.tag.starts_with("animate");
        by_form
            || LOADING.contains(&name)
            || SENT.contains(&self.tag.as_str())
            || (animation && ANIMATED.contains(&name))
    }
}

impl Raw {
    fn tag(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Style => "style",
        }
    }
}

fn keep(name: &mut String, c: char) {
    if name.len() < NAME_MAX {
        name.push(c.to_ascii_lowercase());
    }
}
