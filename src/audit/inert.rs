//! Text from prompts and clients, made harmless for terminals, log viewers and pages. Does not escape for HTML or CSV:
//! whoever writes those does.

use std::fmt::Write;

/// At most `limit` bytes of `text` (and `…` where more was there), with everything escaped that moves a cursor, turns
/// writing around, breaks lines or hides: `\u{1b}`. Stable: text that is inert and short stays as it is.
#[must_use]
pub fn inert(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for character in text.chars() {
        let length = out.len();
        if is_harmful(character) {
            // Writing to a String cannot fail.
            let _written: std::fmt::Result = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            out.push(character);
        }
        if out.len() > limit {
            out.truncate(length);
            out.push('…');
            break;
        }
    }
    out
}

/// Controls, line and paragraph separators, bidi controls, invisible characters, tags, and what is no character.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0xAD | 0x61C
                | 0x180E
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFF9..=0xFFFB
                | 0xFFFE..=0xFFFF
                | 0xE0000..=0xE0FFF
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_is_shown_as_what_it_is() {
        assert_eq!(inert("a\u{1b}[2Jb\r\n", 99), "a\\u{1b}[2Jb\\u{d}\\u{a}");
        assert_eq!(inert("\u{202e}gnp.exe\u{2028}", 99), "\\u{202e}gnp.exe\\u{2028}");
        assert_eq!(inert("grüße, 東京 👍", 99), "grüße, 東京 👍");
    }

    #[test]
    fn text_is_cut_between_characters_and_stays_as_it_is_the_second_time() {
        assert_eq!(inert("ääää", 7), "äää…");
        for text in ["ääää", "a\u{7}b\u{7}c\u{7}", "plain"] {
            let once = inert(text, 12);
            assert_eq!(inert(&once, 99), once);
        }
    }
}
