//! Markdown link and image targets, titles included: `](…)`, and reference definitions: `[label]: …`. Does not look at
//! what the target is: relative ones are loaded too.

/// Where in a Markdown text we are, as far as links are concerned.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    state: State,
    /// `[` that are open in this paragraph.
    open: u16,
    /// The last `[` began its line: its label may be a definition.
    label_begins_line: bool,
    /// Only indentation, quote and list marks so far in this line.
    at_line_start: bool,
    /// Nothing but white space so far in this line.
    line_is_blank: bool,
    /// A backslash came just before.
    escaped: bool,
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// Just after `[`.
    LabelBegins,
    /// Just after `]`; `matched` when a `[` was open.
    LabelEnded { matched: bool },
    /// Inside `](…`.
    Target { matched: bool, depth: u16, part: Part },
    /// After `[label]:`.
    Definition(Part),
}

/// Part of a link target or definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// White space before the destination.
    Before,
    /// `<…>`
    Angle,
    /// The destination.
    Destination,
    /// White space after the destination.
    After,
    /// A title that this character ends.
    Title(char),
}

impl Link {
    /// True when this character ends an inline link that really is one: the next character is plain text again.
    pub(super) fn push(&mut self, c: char) -> bool {
        if !self.begun {
            self.begun = true;
            self.at_line_start = true;
            self.line_is_blank = true;
        }
        if self.line_is_blank && c == '\n' {
            self.end_paragraph();
        }
        let escaped = self.escaped;
        self.escaped = c == '\\' && !escaped;
        let finished = !escaped && c != '\\' && self.step(c);
        if (escaped || c == '\\') && matches!(self.state, State::LabelBegins | State::LabelEnded { .. }) {
            self.state = State::Text;
        }
        self.track_line(c);
        finished
    }

    pub(super) fn loads(&self) -> bool {
        match self.state {
            State::Text | State::LabelBegins | State::LabelEnded { .. } | State::Definition(Part::After) => false,
            State::Target { .. } | State::Definition(_) => true,
        }
    }

    /// A blank line ends every link.
    fn end_paragraph(&mut self) {
        self.state = State::Text;
        self.open = 0;
    }

    fn track_line(&mut self, c: char) {
        if c == '\n' {
            self.at_line_start = true;
            self.line_is_blank = true;
        } else {
            self.at_line_start &= c.is_whitespace() || c.is_ascii_digit() || matches!(c, '>' | '*' | '-' | '+' | '.');
            self.line_is_blank &= c.is_whitespace();
        }
    }

    fn step(&mut self, c: char) -> bool {
        match self.state {
            State::Text => self.text(c),
            State::LabelBegins => {
                // `[^1]: …` is a footnote: text.
                self.label_begins_line &= c != '^';
                self.text(c);
            }
            State::LabelEnded { matched } => self.label_ended(c, matched),
            State::Target { matched, depth, part } => return self.target(c, matched, depth, part),
            State::Definition(part) => {
                self.state = definition(c, part);
            }
        }
        false
    }

    fn text(&mut self, c: char) {
        self.state = match c {
            '[' => {
                self.label_begins_line = self.at_line_start;
                self.open = self.open.saturating_add(1);
                State::LabelBegins
            }
            ']' => {
                let matched = self.open > 0;
                self.open = self.open.saturating_sub(1);
                State::LabelEnded { matched }
            }
            // A bracket inside a code span opens nothing.
            '`' => {
                self.open = 0;
                State::Text
            }
            _ => State::Text,
        };
    }

    fn label_ended(&mut self, c: char, matched: bool) {
        match c {
            '(' => self.state = State::Target { matched, depth: 0, part: Part::Before },
            ':' if self.label_begins_line => self.state = State::Definition(Part::Before),
            _ => self.text(c),
        }
    }

    fn target(&mut self, c: char, matched: bool, depth: u16, part: Part) -> bool {
        let mut depth = depth;
        let part = match (part, c) {
            (Part::Before, '<') => Part::Angle,
            (Part::Angle, '>') | (Part::Destination, _) if c.is_whitespace() || c == '>' => Part::After,
            (Part::After | Part::Before, '"' | '\'') => Part::Title(c),
            (Part::Title(end), c) if c == end => Part::After,
            (Part::Angle | Part::Title(_), _) => part,
            (Part::Before | Part::Destination | Part::After, '(') => {
                depth = depth.saturating_add(1);
                part
            }
            (Part::Before | Part::Destination | Part::After, ')') if depth == 0 => {
                self.state = State::Text;
                return matched;
            }
            (Part::Before | Part::Destination | Part::After, ')') => {
                depth -= 1;
                part
            }
            (Part::Before, c) if !c.is_whitespace() => Part::Destination,
            (Part::Before | Part::Destination | Part::After, _) => part,
        };
        self.state = State::Target { matched, depth, part };
        false
    }
}

/// The next state inside a definition, which ends with its line. Words after the destination that are no title mean
/// that it was none.
fn definition(c: char, part: Part) -> State {
    let part = match part {
        Part::Before if c.is_whitespace() => Part::Before,
        Part::Before if c == '<' => Part::Angle,
        Part::Before | Part::Destination if !c.is_whitespace() => Part::Destination,
        Part::Before | Part::Destination if c != '\n' => Part::After,
        Part::Angle if c == '>' => Part::After,
        Part::Angle | Part::Title(_) if c != '\n' => part,
        Part::After if c.is_whitespace() && c != '\n' => Part::After,
        Part::After if matches!(c, '"' | '\'' | '(') => Part::Title(c),
        Part::Before | Part::Destination | Part::Angle | Part::Title(_) | Part::After => return State::Text,
    };
    State::Definition(part)
}
