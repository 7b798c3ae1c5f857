//! Calls that load their argument in languages that chat pages render: CSS `url(…)`, LaTeX `\href{…}`, and the `click`
//! lines of mermaid diagrams. Does not look at what the argument is.

/// Bytes of a command's name that are kept: longer than any that matters.
const WORD_MAX: usize = 24;
/// Bytes of a line that are kept to recognise a mermaid `click`.
const LINE_MAX: usize = 128;
/// LaTeX commands that follow or load their first argument (KaTeX and MathJax know some of them).
const LATEX: &[&str] = &[
    "\\href",
    "\\url",
    "\\nolinkurl",
    "\\includegraphics",
    "\\includesvg",
    "\\input",
    "\\include",
    "\\hyperimage",
    "\\htmldata",
    "\\htmlstyle",
    "\\style",
    "\\cssid",
    "\\class",
    "\\unicode",
    "\\require",
    "\\lstinputlisting",
    "\\verbatiminput",
    "\\import",
    "\\write",
];

#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    state: State,
    /// The last identifier, lower case, with the backslash before it.
    word: String,
    /// The line so far.
    line: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// In `[…]` between a LaTeX command and its argument.
    Options,
    /// In the argument, until the bracket that closes it.
    Argument { close: char, depth: u16 },
}

impl Call {
    pub(super) fn push(&mut self, c: char) {
        let paragraph_ends = c == '\n' && self.line.chars().all(char::is_whitespace);
        self.state = match self.state {
            _ if paragraph_ends => State::Text,
            State::Text => self.text(c),
            State::Options if c == ']' => State::Text,
            State::Options => State::Options,
            State::Argument { close, depth } => argument(c, close, depth),
        };
        if c == '\n' {
            self.line.clear();
        } else if self.line.len() < LINE_MAX {
            self.line.push(c);
        }
    }

    pub(super) fn loads(&self) -> bool {
        matches!(self.state, State::Argument { .. })
    }

    fn text(&mut self, c: char) -> State {
        let latex = || LATEX.contains(&self.word.as_str());
        let after_space = self.line.ends_with(char::is_whitespace);
        match c {
            '(' if self.word == "url" && !after_space => return self.enter(')'),
            '{' if latex() => return self.enter('}'),
            '"' if click(&self.line) => return self.enter('"'),
            '[' if latex() => return State::Options,
            _ => {}
        }
        let goes_on = c.is_ascii_alphanumeric() || c == '_' || c == '-';
        // White space and `*` may stand between a LaTeX command and its argument, but not inside a name.
        let between = c.is_whitespace() || c == '*';
        if c == '\\' || !(goes_on || between) || (goes_on && after_space) {
            self.word.clear();
        }
        if (goes_on || c == '\\') && self.word.len() < WORD_MAX {
            self.word.push(c.to_ascii_lowercase());
        }
        State::Text
    }

    fn enter(&mut self, close: char) -> State {
        self.word.clear();
        State::Argument { close, depth: 0 }
    }
}

fn argument(c: char, close: char, depth: u16) -> State {
    let open = match close {
        ')' => '(',
        '}' => '{',
        _ => '\n',
    };
    if close == '"' && c == '\n' {
        return State::Text;
    }
    match (c == close, depth) {
        (true, 0) => State::Text,
        (true, _) => State::Argument { close, depth: depth - 1 },
        (false, _) if c == open => State::Argument { close, depth: depth.saturating_add(1) },
        (false, _) => State::Argument { close, depth },
    }
}

/// `click node "` or `click node href "` at the start of a line.
fn click(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let begins = words.next() == Some("click") && words.next().is_some();
    begins && line.ends_with(char::is_whitespace) && matches!((words.next(), words.next()), (None | Some("href"), None))
}
