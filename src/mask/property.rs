//! What must hold for any text: masked and restored it is what it was, and masked it holds no original. Called by the
//! fuzz target and by a property test; not part of the way of an exchange.

use std::ops::Range;

use super::{Edit, Names, Original, Placeholder, Restorer, ScopeKey, splice};
use crate::{detect::Category, site::Surface};

/// Cuts findings out of arbitrary bytes, masks them, restores the masked text in pieces, and compares.
///
/// The first 8 bytes say where findings lie and how the pieces are cut; the rest is the text.
///
/// # Panics
/// When a property does not hold.
pub fn mask_and_restore(bytes: &[u8]) {
    let Some((plan, text)) = bytes.split_at_checked(8) else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(category) = Category::parse("EMAIL") else { return };
    let mut names = Names::new(ScopeKey::new([42; 32]));
    let mut edits = Vec::new();
    let findings = findings(plan, text);
    for range in &findings {
        let original = text.get(range.clone()).unwrap_or_default();
        let placeholder = names.name(&category, original);
        edits.push(Edit { range: range.clone(), bytes: placeholder.as_str().as_bytes().to_vec() });
        names.insert(placeholder, Original::new(original.to_owned()));
    }
    let masked = splice(text.as_bytes(), &mut edits);
    let masked = std::str::from_utf8(&masked).unwrap_or_default();

    let step = usize::from(plan.last().copied().unwrap_or_default() % 7) + 1;
    let mut restorer = Restorer::new(&Surface::Prose, None);
    let mut restored = String::new();
    let mut piece = String::new();
    for c in masked.chars() {
        piece.push(c);
        if piece.len() >= step {
            restorer.push(&piece, &names, &mut restored);
            piece.clear();
        }
    }
    restorer.push(&piece, &names, &mut restored);
    restorer.finish(&names, &mut restored);
    assert_eq!(Restorer::whole(masked, &Surface::Prose, &names).0, restored, "cutting into pieces changed the text");
    nothing_is_left(masked, text, &findings, &names);
    if restorer.restored() == findings.len() {
        assert_eq!(restored, text, "restoring did not give the text back");
    }
}

/// Once what stands elsewhere has been swept too, no original of 12 bytes or more is in the text. One that looks like a
/// part of a placeholder is no test.
fn nothing_is_left(masked: &str, text: &str, findings: &[Range<usize>], names: &Names) {
    let edit = |(range, name): (Range<usize>, Placeholder)| Edit { range, bytes: name.as_str().as_bytes().to_vec() };
    let mut edits: Vec<Edit> = names.sweep(masked).into_iter().map(edit).collect();
    let sent = splice(masked.as_bytes(), &mut edits);
    for original in findings.iter().filter_map(|range| text.get(range.clone())) {
        let alike = original.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let left = memchr::memmem::find(&sent, original.as_bytes()).is_some();
        assert!(alike || original.len() < 12 || !left, "an original is left in the masked text");
    }
}

/// Up to 7 ranges between ends where a placeholder can begin and end.
fn findings(plan: &[u8], text: &str) -> Vec<Range<usize>> {
    let outside = |c: Option<char>| c.is_none_or(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit()));
    let mut ranges = Vec::new();
    let mut from = 0;
    for step in plan.iter().take(7) {
        let (skip, length) = (usize::from(step >> 4), usize::from(step & 15) + 1);
        let range = from + skip..from + skip + length;
        let (Some(before), Some(_), Some(after)) =
            (text.get(..range.start), text.get(range.clone()), text.get(range.end..))
        else {
            continue;
        };
        from = range.end;
        if outside(before.chars().next_back()) && outside(after.chars().next()) {
            ranges.push(range);
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masked_and_restored_text_is_what_it_was(plan in any::<[u8; 8]>(), text in "[ -~\n]{0,120}|\\PC{0,60}") {
            let mut bytes = plan.to_vec();
            bytes.extend_from_slice(text.as_bytes());
            super::mask_and_restore(&bytes);
        }
    }
}
