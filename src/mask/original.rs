//! The text that a placeholder stands for: wiped when dropped, never printed. Does not know its placeholder.

use std::fmt;

use zeroize::Zeroizing;

/// A person's or company's own text. No `Display`, no `Clone`, no serialisation: whoever needs the text says
/// [`expose`](Self::expose), which can be searched for.
pub struct Original(Zeroizing<String>);

impl Original {
    /// Takes the text over; it is wiped when the value is dropped.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Must not reach a log, an error or a page other than the owner's.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Original {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Original({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_the_length_only() {
        let printed = format!("{:?}", Original::new("hunter2-hunter2".to_owned()));
        assert_eq!(printed, "Original(15 bytes)");
    }
}
