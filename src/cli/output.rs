//! Writing to stdout and stderr: a reader that went away is no failure, and text that came from prompts cannot steer
//! the terminal.

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;

use super::CliError;

/// How a program or a person reads the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Buffered stdout. Nothing is guaranteed to be seen before `flush` or `finish`.
pub(super) struct Stdout {
    inner: BufWriter<StdoutLock<'static>>,
}

impl Stdout {
    /// Takes stdout.
    pub(super) fn open() -> Self {
        Self { inner: BufWriter::new(io::stdout().lock()) }
    }

    /// Writes bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.inner.write_all(bytes).map_err(gone)
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), CliError> {
        self.bytes(line.as_bytes())?;
        self.bytes(b"\n")
    }

    /// Writes a value as one line of JSON.
    pub(super) fn json<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        serde_json::to_writer(&mut self.inner, value).map_err(|error| gone(error.into()))?;
        self.bytes(b"\n")
    }

    /// Writes a value as JSON over several lines.
    pub(super) fn pretty<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        serde_json::to_writer_pretty(&mut self.inner, value).map_err(|error| gone(error.into()))?;
        self.bytes(b"\n")
    }

    /// For whoever writes pieces of its own.
    pub(super) fn writer(&mut self) -> &mut impl Write {
        &mut self.inner
    }

    /// Makes everything so far visible.
    pub(super) fn flush(&mut self) -> Result<(), CliError> {
        self.inner.flush().map_err(gone)
    }
}

fn gone(error: io::Error) -> CliError {
    if error.kind() == io::ErrorKind::BrokenPipe { CliError::ReaderGone } else { CliError::Output(error) }
}

/// Says something on stderr. Talk that nobody can read is no failure.
pub(super) fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// `text` without anything that moves the cursor, changes colours or reorders characters.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let steers = letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

/// `1 finding`, `2 findings`.
pub(super) fn counted(number: usize, singular: &str, plural: &str) -> String {
    if number == 1 { format!("1 {singular}") } else { format!("{number} {plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_prompts_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\r\nd"), "a\\u{1b}[31mb\\u{202e}c\\u{d}\\u{a}d");
        assert_eq!(printable("grün … 你好"), "grün … 你好");
    }
}
