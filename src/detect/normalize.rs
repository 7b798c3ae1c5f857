//! Sees through disguises: views of a text in which escapes are decoded, invisible characters dropped, look-alikes
//! folded, split values joined, encoded tokens opened and spelled-out ones read, layer by layer, each with the way back to
//! the original bytes. Runs no rule; a text without anything to normalise yields no view.

// what a disguise is made of, and the way back
mod edit;
mod view;
// looking for it
mod around;
mod markers;
mod walk;
// other characters
mod characters;
mod confusables;
mod forms;
// other encodings
mod codes;
mod encoded;
mod entities;
mod escapes;
mod percent;
// pieces
mod calls;
mod groups;
mod lines;
mod literals;
mod markup;
mod spaced;
// words
mod address;
mod spelled;
mod tops;
mod turned;

use super::proof::Proof;
use edit::{Edit, Sign, windows};
use std::rc::Rc;
use view::{Back, View};

/// Layers undone, one inside the other: base64 of a percent-encoded text whose digits are spaced out is three.
const LAYERS: usize = 4;
/// Bytes of all views for each byte of text: ordinary texts need less than 1.
const BYTES_A_BYTE: usize = 4;
/// … and so many whatever the text's length: compressed tokens grow.
const BYTES_FREE: usize = 512 << 10;

/// All views of a text.
pub(super) struct Views {
    /// The views, outer layers first.
    pub(super) list: Vec<View>,
    /// A bound was reached: something may not have been seen through.
    pub(super) cut: bool,
}

/// All views of a text.
pub(super) fn views(text: &str) -> Views {
    let mut budget = text.len().saturating_mul(BYTES_A_BYTE).saturating_add(BYTES_FREE);
    let mut views = Views { list: Vec::new(), cut: false };
    layer(text, Proof::Guess, None, &mut budget, &mut views);
    let mut from = 0;
    for _ in 1..LAYERS {
        let to = views.list.len();
        let mut inner = Views { list: Vec::new(), cut: false };
        for view in views.list.get(from..to).unwrap_or_default() {
            layer(&view.text, view.least, Some(&view.back), &mut budget, &mut inner);
        }
        from = to;
        views.cut |= inner.cut;
        views.list.extend(inner.list);
    }
    views
}

/// The views of a text or of a view, one for each kind of disguise in it.
fn layer(text: &str, least: Proof, outer: Option<&Rc<Back>>, budget: &mut usize, out: &mut Views) {
    let mut signs = walk::signs(text);
    markers::read(text, &mut signs);
    let walk::Signs { plain, mut sound } = signs;
    let mut coded = Vec::new();
    encoded::edits(text, &mut coded);
    spelled::edits(text, &mut sound);
    spaced::edits(text, &mut sound);
    groups::edits(text, &mut sound);
    codes::arrays(text, &mut sound);
    if sound.iter().any(|edit| edit.sign == Sign::Strong) {
        // What is written another way within a joined value is undone with it.
        sound.extend(plain.iter().cloned().map(|edit| Edit { sign: Sign::Weak, ..edit }));
    }
    for (mut edits, least) in [(plain, least), (coded, least), (sound, Proof::Sound)] {
        add(text, &mut edits, least, outer, budget, out);
    }
}

fn add(text: &str, edits: &mut [Edit], least: Proof, outer: Option<&Rc<Back>>, budget: &mut usize, out: &mut Views) {
    let windows = windows(text, edits);
    if windows.is_empty() {
        return;
    }
    let view = View::new(text, &windows, least, outer.cloned());
    match budget.checked_sub(view.text.len()) {
        Some(left) => {
            *budget = left;
            out.list.push(view);
        }
        None => out.cut = true,
    }
}

#[cfg(test)]
mod tests;
