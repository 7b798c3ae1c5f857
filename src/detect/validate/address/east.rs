//! Addresses of China, Japan and Korea, from the large to the small: `北京市朝阳区建国路12号`, `東京都千代田区神田1-2-3`,
//! `서울특별시 강남구 테헤란로 12`. Administrative divisions: GB/T 2260 (China), JIS X 0401 and 0402 (Japan), the road name
//! addresses of Korea (Road Name Address Act). Reads in both directions from a division or a street sign.

use super::super::{Judgement, Subject};
use std::ops::Range;

/// Bytes looked at on either side.
const REACH: usize = 150;
/// Signs that end a division, a street or a number: at least two kinds make an address.
const SIGNS: &[&str] = &[
    "省",
    "市",
    "区",
    "區",
    "县",
    "縣",
    "镇",
    "鎮",
    "乡",
    "鄉",
    "村",
    "路",
    "街",
    "巷",
    "弄",
    "号",
    "號",
    "道",
    "都",
    "府",
    "町",
    "丁目",
    "番地",
    "番",
    "段",
    "楼",
    "樓",
    "座",
    "室",
    "자치도",
    "거리",
    "광역시",
    "특별시",
    "시",
    "군",
    "구",
    "동",
    "로",
    "길",
    "가",
    "번지",
];
/// What people say before an address; it is no part of it.
const LEADS: &[&str] = &[
    "我住在",
    "住在",
    "地址是",
    "地址为",
    "地址",
    "位于",
    "寄到",
    "送到",
    "寄往",
    "送至",
    "家在",
    "住所は",
    "住所",
    "自宅は",
    "住所は",
    "は",
    "が",
    "に",
    "收货",
    "居住在",
    "现居",
    "我家",
    "주소는",
    "주소",
];

/// Check `address-eastern`: a run of these letters and digits with two signs and a number. The value is one of the signs.
pub(in super::super) fn eastern(subject: &Subject<'_>) -> Judgement {
    let start = begin(subject.text, subject.range.start);
    let end = finish(subject.text, subject.range.end);
    let (start, end) = trim(subject.text, start..end);
    let Some(written) = subject.text.get(start..end) else { return Judgement::Fails };
    let n_signs = SIGNS.iter().filter(|sign| written.contains(**sign)).count();
    let numbered = written.chars().any(char::is_numeric) || written.contains(['座', '室']);
    let letters = written.chars().filter(|character| is_letter(*character)).count();
    if n_signs < 2 || !numbered || letters < 4 {
        return Judgement::Fails;
    }
    let confidence = if n_signs > 2 { 0.8 } else { 0.6 };
    Judgement::Stretch { range: start..end, confidence, reason: "divisions, street and number".to_owned() }
}

fn is_letter(character: char) -> bool {
    matches!(character, '\u{3005}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}')
}

/// Letters, digits, and what stands between them in an address.
fn belongs(character: char) -> bool {
    is_letter(character)
        || character.is_numeric()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '\u{3000}')
}

fn begin(text: &str, from: usize) -> usize {
    let window = super::super::super::matcher::to_characters(text, from.saturating_sub(REACH)..from);
    let before = text.get(window).unwrap_or_default();
    let mut start = from;
    let mut blanks = 0;
    for (back, character) in before.char_indices().rev() {
        let at = from - before.len() + back;
        match character {
            ' ' if blanks < 5
                && before.get(..back).and_then(|rest| rest.chars().next_back()).is_some_and(is_divider) =>
            {
                blanks += 1
            }
            character if belongs(character) => start = at,
            _ => break,
        }
    }
    start
}

/// A letter or digit that may stand before a blank within an address.
fn is_divider(character: char) -> bool {
    matches!(character, '\u{AC00}'..='\u{D7A3}' | '0'..='9') || is_letter(character)
}

fn finish(text: &str, from: usize) -> usize {
    let window = super::super::super::matcher::to_characters(text, from..from.saturating_add(REACH));
    let after = text.get(window).unwrap_or_default();
    let mut end = from;
    for (at, character) in after.char_indices() {
        let next = after.get(at + character.len_utf8()..).unwrap_or_default();
        let part = next.strip_prefix(' ').filter(|_| matches!(character, ',' | '，')).unwrap_or(next);
        let joins = matches!(character, ' ' | ',' | '(' | ')' | '，' | '之')
            && part.starts_with(|next: char| belongs(next) || next == '(');
        let floor = character.is_ascii_alphabetic() && next.starts_with(['座', '栋', '棟', '室', '楼']);
        if belongs(character) || character == ')' || floor {
            end = from + at + character.len_utf8();
        } else if !joins {
            break;
        }
    }
    end
}

/// Without what leads up to the address, and without the particle or verb that follows it.
fn trim(text: &str, range: Range<usize>) -> (usize, usize) {
    let Range { mut start, mut end } = range;
    for lead in LEADS {
        let written = text.get(start..end).unwrap_or_default();
        let head = written.char_indices().nth(14).map_or(written.len(), |(at, _)| at);
        if let Some(at) = written.get(..head).and_then(|head| head.rfind(lead)) {
            start += at + lead.len();
        }
    }
    let written = text.get(start..end).unwrap_or_default();
    let last = written
        .char_indices()
        .rev()
        .find(|(_, character)| character.is_numeric() || ENDS.contains(character) || *character == ')');
    if let Some((at, character)) = last {
        let kept = start + at + character.len_utf8();
        let verb = text.get(kept..end).is_some_and(|rest| VERBS.iter().any(|verb| rest.contains(verb)));
        end = if verb { kept } else { end };
    }
    (start, end)
}

/// Characters that an address ends with.
const ENDS: [char; 12] = ['号', '號', '室', '座', '楼', '樓', '地', '호', '길', '로', '층', '동'];
/// Words that follow an address in a sentence.
const VERBS: [&str; 12] = ["です", "に", "まで", "へ", "で", "吧", "谢", "的", "입니다", "에", "으로", "住"];
