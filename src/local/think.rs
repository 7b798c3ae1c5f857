//! Leaves out what a reasoning model thinks aloud: `<think>…</think>` at the beginning of its answer. Does not touch
//! the word anywhere else.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// One answer's text on its way to the reader.
#[derive(Debug, Default)]
pub(super) struct Think {
    state: State,
    /// What may still become a mark; shorter than the longest.
    held: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Only white space so far.
    #[default]
    Beginning,
    Thinking,
    /// After the thoughts: white space before the answer is left out too.
    Thought,
    Speaking,
}

impl Think {
    /// Takes in a piece and gives what the reader sees of it.
    pub(super) fn push(&mut self, piece: &str) -> String {
        if self.state == State::Speaking {
            return piece.to_owned();
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        loop {
            match self.state {
                State::Beginning => {
                    let begun = text.trim_start();
                    if let Some(thoughts) = begun.strip_prefix(OPEN) {
                        text = thoughts.to_owned();
                        self.state = State::Thinking;
                    } else if OPEN.starts_with(begun) {
                        self.held = text;
                        return String::new();
                    } else {
                        self.state = State::Speaking;
                    }
                }
                State::Thinking => match text.split_once(CLOSE) {
                    Some((_, after)) => {
                        text = after.to_owned();
                        self.state = State::Thought;
                    }
                    None => {
                        self.held = beginning_of_close(&text).to_owned();
                        return String::new();
                    }
                },
                State::Thought => {
                    let answer = text.trim_start();
                    if answer.is_empty() {
                        return String::new();
                    }
                    text = answer.to_owned();
                    self.state = State::Speaking;
                }
                State::Speaking => return text,
            }
        }
    }

    /// The answer is over: what was held after all.
    pub(super) fn finish(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        match self.state {
            State::Beginning if !held.trim().is_empty() => held,
            State::Beginning | State::Thinking | State::Thought | State::Speaking => String::new(),
        }
    }
}

/// The end of `text` that may be the beginning of `</think>`.
fn beginning_of_close(text: &str) -> &str {
    let starts = text.char_indices().map(|(at, _)| at).filter(|at| text.len() - at < CLOSE.len());
    starts.filter_map(|at| text.get(at..)).find(|end| CLOSE.starts_with(end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        for step in 1..=text.len() {
            let mut think = Think::default();
            let chars: Vec<char> = text.chars().collect();
            let mut seen: String =
                chars.chunks(step).map(|chunk| think.push(&chunk.iter().collect::<String>())).collect();
            seen.push_str(&think.finish());
            assert_eq!(seen, expect, "{step}: {text}");
        }
    }

    #[test]
    fn thoughts_at_the_beginning_are_left_out_however_they_are_cut() {
        check("<think>hm</think>\n\nHello", "Hello");
        check("\n<think>a < b </thin </think>x", "x");
        check("Hello <think>x</think>", "Hello <think>x</think>");
        check(" <thing>", " <thing>");
        check("<think>never ends", "");
        check("<thi", "<thi");
        check("  indented", "  indented");
    }
}
