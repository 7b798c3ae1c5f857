//! A text as it would read without its disguise, with the way back to the bytes it was made from, through any number
//! of layers. Does not know how disguises look.

use super::{
    edit::{Disguise, Window, With},
    tops,
};
use crate::detect::{Severity, overlap::Claim, proof::Proof, test::COUNTS_FROM};
use std::{ops::Range, rc::Rc};

/// Bytes before a finding within which a disguised keyword counts.
const NEAR: usize = 80;

/// Confidence of an address read from words at most.
const SPELLED_ADDRESS: f32 = 0.79;
/// … when its local part is in words too.
const SPELLED_WHOLLY: f32 = 0.85;
/// Confidence at least of what codes or a turned token hold: no number that happens to stand in them displaces it.
const OPENED: f32 = 0.96;

/// A text without its disguise.
#[derive(Debug)]
pub(in crate::detect) struct View {
    /// The text that rules see.
    pub(in crate::detect) text: String,
    /// What a rule must be able to prove here: joined texts say many things that nobody wrote.
    pub(in crate::detect) least: Proof,
    pub(super) back: Rc<Back>,
}

/// The way back from a view to the text it was made from, and from there on.
#[derive(Debug)]
pub(super) struct Back {
    /// Ascending in the view.
    pieces: Vec<Piece>,
    outer: Option<Rc<Back>>,
}

/// A stretch of a view and the bytes it stands for.
#[derive(Debug)]
struct Piece {
    view: Range<usize>,
    source: Range<usize>,
    form: Form,
    seam: Seam,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Byte by byte.
    Same,
    /// Another spelling: all of it or nothing.
    Changed(Disguise),
}

/// What lies between a piece and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seam {
    Touching,
    /// Bytes that belong to the value around them.
    Dropped(Disguise),
    /// Bytes that do not: the `" + "` between literals.
    Gap(Disguise),
    /// Another part of the text begins.
    Break,
}

/// Stands between parts of the text that are not neighbours.
const BREAK: &str = "\n\n\n";

impl View {
    /// Applies the edits in the windows.
    pub(super) fn new(text: &str, windows: &[Window<'_>], least: Proof, outer: Option<Rc<Back>>) -> Self {
        let length: usize = windows.iter().map(|window| window.span.len() + BREAK.len()).sum();
        let mut draft = Draft { text: String::with_capacity(length), pieces: Vec::new(), seam: Seam::Break };
        for window in windows {
            draft.window(text, window);
        }
        Self { text: draft.text, least, back: Rc::new(Back { pieces: draft.pieces, outer }) }
    }

    /// The claim in terms of the original text; `None` when it is not about what was disguised here.
    pub(in crate::detect) fn lead_back(&self, claim: Claim) -> Option<Claim> {
        let Claim { mut finding, mut severity } = claim;
        let hull = finding.hull();
        let proven = self.least == Proof::Sound;
        let disguise = self.back.disguise_in(&hull).or_else(|| {
            let near = hull.start.saturating_sub(NEAR)..hull.start + 1;
            (!proven).then(|| self.back.disguise_in(&near)).flatten()
        })?;
        let whole_token = matches!(disguise, Disguise::Encoded(_) | Disguise::Numbers | Disguise::Turned(_));
        if (proven || whole_token) && finding.confidence < COUNTS_FROM {
            return None;
        }
        if proven && whole_token {
            finding.confidence = finding.confidence.max(OPENED);
            severity = Severity::Critical;
        }
        let value = self.text.get(hull.clone()).unwrap_or_default();
        if proven && finding.category.as_str() == "EMAIL" && !tops::ends_in_known(value) {
            return None;
        }
        let ranges = self.source_of(hull.clone())?;
        if disguise == Disguise::Address {
            // The rules for spelled-out addresses come first where both see one.
            let local = hull.start..hull.start + value.find('@').unwrap_or(0);
            let whole = self.back.disguise_in(&local).is_some();
            finding.confidence = finding.confidence.min(if whole { SPELLED_WHOLLY } else { SPELLED_ADDRESS });
        }
        finding.reasons.push(format!("seen through a disguise: {}", disguise.reason()));
        if ranges.len() > 1 {
            finding.reasons.push(format!("written in {} pieces", ranges.len()));
        }
        finding.ranges = ranges;
        Some(Claim { finding, severity })
    }
}

impl View {
    /// Where a range of the view stands in the original text. `None` when it spans parts that are not neighbours.
    pub(in crate::detect) fn source_of(&self, range: Range<usize>) -> Option<Vec<Range<usize>>> {
        let mut ranges = vec![range];
        let mut level = Some(&self.back);
        while let Some(back) = level {
            ranges = back.lead(&ranges)?;
            level = back.outer.as_ref();
        }
        Some(ranges)
    }
}

impl Back {
    fn over(&self, range: &Range<usize>) -> impl Iterator<Item = &Piece> {
        let first = self.pieces.partition_point(|piece| piece.view.end <= range.start);
        let end = range.end;
        self.pieces.iter().skip(first).take_while(move |piece| piece.view.start < end)
    }

    /// The first disguise within the range of the view.
    fn disguise_in(&self, range: &Range<usize>) -> Option<Disguise> {
        self.over(range).find_map(|piece| match (piece.form, piece.seam) {
            (Form::Changed(disguise), _) => Some(disguise),
            (Form::Same, Seam::Dropped(disguise) | Seam::Gap(disguise)) if piece.view.start > range.start => {
                Some(disguise)
            }
            (Form::Same, Seam::Dropped(_) | Seam::Gap(_) | Seam::Touching | Seam::Break) => None,
        })
    }

    /// Ranges of the view in terms of the text it was made from. `None` when one spans parts that are not neighbours.
    fn lead(&self, ranges: &[Range<usize>]) -> Option<Vec<Range<usize>>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            for (index, piece) in self.over(range).enumerate() {
                let source = piece.source_of(range);
                if index > 0 && piece.seam == Seam::Break {
                    return None;
                }
                let apart = index == 0 || matches!(piece.seam, Seam::Gap(_));
                match out.last_mut() {
                    Some(last) if !apart || source.start <= last.end => last.end = last.end.max(source.end),
                    _ => out.push(source),
                }
            }
        }
        out.retain(|range| !range.is_empty());
        (!out.is_empty()).then_some(out)
    }
}

impl Piece {
    fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        match self.form {
            Form::Changed(_) => self.source.clone(),
            Form::Same => {
                let start = range.start.max(self.view.start) - self.view.start;
                let end = range.end.min(self.view.end) - self.view.start;
                self.source.start + start..self.source.start + end
            }
        }
    }
}

/// A view while it is written.
struct Draft {
    text: String,
    pieces: Vec<Piece>,
    seam: Seam,
}

impl Draft {
    fn window(&mut self, text: &str, window: &Window<'_>) {
        if !self.text.is_empty() {
            self.text.push_str(BREAK);
        }
        self.seam = Seam::Break;
        let mut at = window.span.start;
        for edit in window.edits.iter() {
            if edit.range.start < at {
                continue;
            }
            self.same(text, at..edit.range.start);
            at = edit.range.end;
            match &edit.with {
                With::One(character) => self.changed(&edit.range, edit.disguise, |text| text.push(*character)),
                With::Two(first, second) => {
                    self.changed(&edit.range, edit.disguise, |text| text.extend([*first, *second]));
                }
                With::Text(content) => self.changed(&edit.range, edit.disguise, |text| text.push_str(content)),
                With::Nothing if self.seam == Seam::Touching => self.seam = Seam::Dropped(edit.disguise),
                With::Gap if self.seam != Seam::Break => self.seam = Seam::Gap(edit.disguise),
                With::Nothing | With::Gap => {}
            }
        }
        self.same(text, at..window.span.end);
    }

    fn same(&mut self, text: &str, source: Range<usize>) {
        if source.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text.get(source.clone()).unwrap_or_default());
        self.piece(start, source, Form::Same);
    }

    fn changed(&mut self, source: &Range<usize>, disguise: Disguise, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        self.piece(start, source.clone(), Form::Changed(disguise));
    }

    fn piece(&mut self, start: usize, source: Range<usize>, form: Form) {
        let view = start..self.text.len();
        if !view.is_empty() {
            self.pieces.push(Piece { view, source, form, seam: self.seam });
            self.seam = Seam::Touching;
        }
    }
}
