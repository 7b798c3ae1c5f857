//! How a telephone number is written: its digits, the groups they stand in, what stands between them, an extension.
//! Follows ITU-T E.123 loosely, as people do. Knows no plan.

/// Most digits read: E.164 allows 15, exit codes and extensions come on top.
pub(super) const DIGITS_MAX: usize = 24;
/// Most groups read.
const GROUPS_MAX: usize = 10;

/// Most bytes between two groups: ` - `, `) (`.
const SEPARATORS_MAX: usize = 3;

/// Digits that stand together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Group {
    /// Index of its first digit among the digits.
    pub(super) first: usize,
    /// Digits in it.
    pub(super) n_digits: usize,
    /// Where it ends in the value, in bytes; a closing bracket counts in.
    pub(super) end: usize,
    /// The byte before it: `b'('`, a separator, `b'+'`; 0 at the beginning.
    pub(super) before: u8,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    digits: [u8; DIGITS_MAX],
    n_digits: usize,
    groups: [Group; GROUPS_MAX],
    n_groups: usize,
}

impl Written {
    /// Reads digits and what may stand between them; stops at anything else. A trunk prefix in brackets, `(0)`, is left out.
    pub(super) fn read(value: &str) -> Self {
        let mut written =
            Self { digits: [0; DIGITS_MAX], n_digits: 0, groups: [Group::default(); GROUPS_MAX], n_groups: 0 };
        let bytes = value.as_bytes();
        let mut at = 0;
        let (mut before, mut separators) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'0'..=b'9' => {
                    let Some(next) = written.group(bytes, at, before) else { break };
                    (at, separators) = (next, 0);
                    before = bytes.get(at - 1).copied().filter(|byte| *byte == b')').unwrap_or(0);
                }
                b'(' if bytes.get(at..at + 3) == Some(b"(0)") && written.n_digits > 0 => {
                    (at, before) = (at + 3, b')');
                }
                b'+' if written.n_digits > 0 => break,
                b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' if separators < SEPARATORS_MAX => {
                    if *byte == b'.' && bytes.get(at + 1) == Some(&b' ') {
                        break;
                    }
                    before = if *byte == b' ' && before != 0 { before } else { *byte };
                    (at, separators) = (at + 1, separators + 1);
                }
                _ => break,
            }
        }
        written
    }

    /// Takes the group at `at`; returns where it ends. `None` when it does not fit any more.
    fn group(&mut self, bytes: &[u8], at: usize, before: u8) -> Option<usize> {
        let run = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let first = self.n_digits;
        let slots = self.digits.get_mut(first..first + run)?;
        let slot = self.groups.get_mut(self.n_groups)?;
        for (slot, digit) in slots.iter_mut().zip(bytes.get(at..)?) {
            *slot = *digit;
        }
        let closes = usize::from(bytes.get(at + run) == Some(&b')'));
        *slot = Group { first, n_digits: run, end: at + run + closes, before };
        self.n_digits += run;
        self.n_groups += 1;
        Some(at + run + closes)
    }

    /// All groups.
    pub(super) fn groups(&self) -> &[Group] {
        self.groups.get(..self.n_groups).unwrap_or_default()
    }

    /// The digits up to the end of a group.
    pub(super) fn digits_to(&self, group: &Group) -> &str {
        let digits = self.digits.get(..group.first + group.n_digits).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// The digits of one group.
    pub(super) fn digits_of(&self, group: &Group) -> &str {
        let digits = self.digits.get(group.first..group.first + group.n_digits).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// One digit for every digit.
    pub(super) fn is_one_digit(digits: &str) -> bool {
        digits.bytes().zip(digits.bytes().skip(1)).all(|(a, b)| a == b)
    }
}

/// Words that introduce an extension, lower case, longest first where one begins another.
const EXTENSIONS: [&str; 19] = [
    "extension",
    "extensión",
    "extens",
    "ext.",
    "ext",
    "durchwahl",
    "dw.",
    "dw",
    "poste",
    "interno",
    "int.",
    "anexo",
    "ramal",
    "доб.",
    "доб",
    "wew.",
    "klapka",
    "tlw",
    "x",
];

/// Bytes of an extension at the beginning of `rest`: ` ext. 123`, `x4567`, ` #12`. 0 when there is none.
pub(super) fn extension(rest: &str) -> usize {
    let blank = rest.bytes().take(3).take_while(|byte| matches!(byte, b' ' | b',' | b';')).count();
    let Some(word) = rest.get(blank..) else { return 0 };
    let word_bytes = EXTENSIONS
        .iter()
        .find(|known| word.get(..known.len()).is_some_and(|start| start.to_lowercase() == **known))
        .map_or_else(|| usize::from(word.starts_with('#')), |known| known.len());
    if word_bytes == 0 {
        return 0;
    }
    let Some(number) = word.get(word_bytes..) else { return 0 };
    let gap = number.bytes().take(2).take_while(|byte| matches!(byte, b' ' | b'.' | b':' | b'-')).count();
    let digits = number.bytes().skip(gap).take_while(u8::is_ascii_digit).count();
    let ends = !number.as_bytes().get(gap + digits).is_some_and(u8::is_ascii_alphanumeric);
    if (1..=6).contains(&digits) && ends { blank + word_bytes + gap + digits } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_groups_are_read_and_the_trunk_in_brackets_is_left_out() {
        let written = Written::read("+43 (0) 664 123-45");
        let groups: Vec<&str> = written.groups().iter().map(|group| written.digits_of(group)).collect();
        assert_eq!(groups, ["43", "664", "123", "45"]);
        assert_eq!(written.groups().last().map(|group| written.digits_to(group)), Some("4366412345"));
    }

    #[test]
    fn extensions_are_measured() {
        for (rest, bytes) in
            [("x123 y", 4), (" ext. 45", 8), (" DW 12", 6), (", доб. 7", 11), (" next", 0), ("x12a", 0)]
        {
            assert_eq!(extension(rest), bytes, "{rest}");
        }
    }
}
