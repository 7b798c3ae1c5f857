//! What single characters stand for: digits of every script, full-width, mathematical, circled, squared and raised
//! forms, spaces, dashes and dots of other kinds. Does not know the text around them.

use unicode_normalization::UnicodeNormalization;

/// What a character stands for.
pub(super) enum Form {
    /// A decimal digit of another script.
    Digit(char),
    /// A space, a dash, a dot or another sign between the parts of a value.
    Separator(char),
    /// One ASCII character, drawn differently.
    One(char),
    /// Two of them.
    Two(char, char),
}

/// The ASCII that a character stands for, if any.
pub(super) fn of(character: char) -> Option<Form> {
    separator(character)
        .map(Form::Separator)
        .or_else(|| digit(character).map(Form::Digit))
        .or_else(|| styled(character))
}

fn separator(character: char) -> Option<char> {
    Some(match character {
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        '\u{58A}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2E3A}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}'
        | '\u{2500}'
        | '\u{2E17}'
        | '\u{301C}'
        | '\u{207B}' => '-',
        '\u{B7}' | '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{25CF}' | '\u{3002}'
        | '\u{30FB}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}' | '\u{FF65}' | '\u{6D4}' => '.',
        '\u{FF20}' | '\u{FE6B}' => '@',
        '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{FF0F}' | '\u{2571}' => '/',
        '\u{203F}' | '\u{FF3F}' | '\u{FE4D}'..='\u{FE4F}' => '_',
        '\u{FF0B}' | '\u{FE62}' | '\u{2795}' | '\u{207A}' => '+',
        '\u{FF1A}' | '\u{FE55}' | '\u{A789}' | '\u{2236}' | '\u{2D0}' => ':',
        '\u{FF1D}' | '\u{FE66}' | '\u{A78A}' => '=',
        '\u{2018}'..='\u{201B}' | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{FF02}' => '"',
        _ => return None,
    })
}

/// Zeros of the scripts' decimal digits (`UnicodeData.txt` 16, category Nd), ascending; nine more follow each.
const ZEROS: [u32; 68] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
    0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
    0x1FBF0,
];

fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let zero = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).and_then(|index| ZEROS.get(index))?;
    char::from_digit(code.checked_sub(*zero)?, 10)
}

/// Rows of letters and digits in circles, squares and brackets that have no compatibility mapping to one character:
/// first, last, ASCII of the first.
const ROWS: [(u32, u32, u8); 15] = [
    (0x2474, 0x247C, b'1'),
    (0x2488, 0x2490, b'1'),
    (0x249C, 0x24B5, b'a'),
    (0x24F5, 0x24FD, b'1'),
    (0x24FF, 0x24FF, b'0'),
    (0x2776, 0x277E, b'1'),
    (0x2780, 0x2788, b'1'),
    (0x278A, 0x2792, b'1'),
    (0x1F100, 0x1F100, b'0'),
    (0x1F101, 0x1F10A, b'0'),
    (0x1F10B, 0x1F10C, b'0'),
    (0x1F110, 0x1F129, b'A'),
    (0x1F150, 0x1F169, b'A'),
    (0x1F170, 0x1F189, b'A'),
    (0x1F1E6, 0x1F1FF, b'A'),
];

fn styled(character: char) -> Option<Form> {
    let code = u32::from(character);
    if let Some((first, _, ascii)) = ROWS.iter().find(|(first, last, _)| (*first..=*last).contains(&code)) {
        let offset = u8::try_from(code - first).ok()?;
        return ascii.checked_add(offset).map(|byte| Form::One(char::from(byte)));
    }
    if !has_compatibility_form(character) {
        return None;
    }
    let mut spelled = std::iter::once(character).nfkc();
    match (spelled.next()?, spelled.next(), spelled.next()) {
        (one, None, None) if one.is_ascii() => Some(Form::One(one)),
        (first, Some(second), None) if first.is_ascii() && second.is_ascii() => Some(Form::Two(first, second)),
        _ => None,
    }
}

/// Blocks of compatibility forms of ASCII.
fn has_compatibility_form(character: char) -> bool {
    matches!(character,
        '\u{AA}' | '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{BA}' | '\u{17F}' | '\u{2B0}'..='\u{2B8}' | '\u{2E0}'..='\u{2E4}'
        | '\u{1D2C}'..='\u{1D6A}' | '\u{1D9C}'..='\u{1DBB}' | '\u{2070}'..='\u{209C}' | '\u{2100}'..='\u{214F}'
        | '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{24FF}' | '\u{2C7C}'..='\u{2C7D}' | '\u{A7F2}'..='\u{A7F4}'
        | '\u{FB00}'..='\u{FB06}' | '\u{FE50}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF5E}' | '\u{1D400}'..='\u{1D7FF}'
        | '\u{1CCD6}'..='\u{1CCEF}' | '\u{1F100}'..='\u{1F189}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(character: char) -> Option<String> {
        of(character).map(|form| match form {
            Form::Digit(one) | Form::Separator(one) | Form::One(one) => one.to_string(),
            Form::Two(first, second) => [first, second].iter().collect(),
        })
    }

    #[test]
    fn digits_and_letters_of_every_style_are_read() {
        for (styled, expected) in [
            ('４', "4"),
            ('٤', "4"),
            ('๔', "4"),
            ('𝟒', "4"),
            ('④', "4"),
            ('❹', "4"),
            ('⓸', "4"),
            ('⑷', "4"),
            ('⒋', "4"),
            ('⁴', "4"),
            ('₄', "4"),
            ('⓪', "0"),
            ('⓿', "0"),
            ('𝓪', "a"),
            ('ⓐ', "a"),
            ('⒜', "a"),
            ('🄰', "A"),
            ('🅰', "A"),
            ('🅐', "A"),
            ('🇦', "A"),
            ('ᵃ', "a"),
            ('ａ', "a"),
            ('＠', "@"),
            ('。', "."),
            ('‑', "-"),
            ('⑪', "11"),
        ] {
            assert_eq!(ascii(styled).as_deref(), Some(expected), "{styled}");
        }
        for ordinary in ['é', 'ж', '日', '€', '…', '→'] {
            assert_eq!(ascii(ordinary), None, "{ordinary}");
        }
    }
}
