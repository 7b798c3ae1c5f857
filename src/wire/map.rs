//! The way back from a decoded text to the bytes it came from, through any number of layers.
//! Does not decode anything itself: codecs record what they did here.

use std::ops::Range;

/// Piecewise linear map from offsets in a decoded text to offsets in the bytes it was decoded from.
///
/// A *run* says: from this text offset on, text and source advance byte by byte, until the next run. An escape
/// (`\u00e9`, `%C3%A9`, `\n`) is a run of its own followed by the run after it. Offsets are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffsetMap {
    runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    text: usize,
    source: usize,
}

impl OffsetMap {
    /// Text that is its source, shifted: text offset 0 is source offset `source`.
    #[must_use]
    pub fn shifted(source: usize) -> Self {
        Self { runs: vec![Run { text: 0, source }] }
    }

    /// States that text offset `text` comes from source offset `source`. Must be called in ascending order of `text`;
    /// a second call for the same text offset replaces the first. Adjacent linear runs are merged.
    pub fn push(&mut self, text: usize, source: usize) {
        if let Some(last) = self.runs.last_mut() {
            if last.text == text {
                last.source = source;
                return;
            }
            let continues =
                source.checked_sub(last.source).is_some_and(|step| text.checked_sub(last.text) == Some(step));
            if continues {
                return;
            }
        }
        self.runs.push(Run { text, source });
    }

    /// States that from text offset `text` on another text follows, which `inner` leads back to the same source.
    pub fn append(&mut self, text: usize, inner: &OffsetMap) {
        if inner.runs.first().is_none_or(|run| run.text > 0) {
            self.push(text, 0);
        }
        for run in &inner.runs {
            self.push(text + run.text, run.source);
        }
    }

    /// Source offset of text offset `text`. Offsets inside an escape give the escape's start plus the distance.
    #[must_use]
    pub fn source(&self, text: usize) -> usize {
        let after = self.runs.partition_point(|run| run.text <= text);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) => run.source + (text - run.text),
            None => text,
        }
    }

    /// Source bytes of the text range: from the first byte of its first character's encoding to the last byte of its
    /// last character's. `range` must lie on character boundaries of the text.
    #[must_use]
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        self.source(range.start)..self.source(range.end)
    }

    /// `self` maps inner text → middle text, `outer` maps middle text → source; the result maps inner → source.
    #[must_use]
    pub fn then(&self, outer: &OffsetMap) -> OffsetMap {
        let mut composed = OffsetMap::default();
        // A map without a run at 0 starts out as the identity.
        let implied = self.runs.first().is_none_or(|run| run.text > 0).then_some(Run { text: 0, source: 0 });
        let mut runs = implied.iter().chain(&self.runs).peekable();
        while let Some(run) = runs.next() {
            composed.push(run.text, outer.source(run.source));
            let length = runs.peek().map_or(usize::MAX, |next| next.text - run.text);
            let first = outer.runs.partition_point(|step| step.text <= run.source);
            for step in outer.runs.iter().skip(first) {
                let distance = step.text - run.source;
                if distance >= length {
                    break;
                }
                composed.push(run.text + distance, step.source);
            }
        }
        composed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_maps_to_all_of_its_bytes() {
        // text `a"b` from source `xx"a\"b"`, content starting at 3
        let mut map = OffsetMap::shifted(3);
        map.push(1, 4);
        map.push(2, 6);
        assert_eq!(map.source_range(0..1), 3..4);
        assert_eq!(map.source_range(1..2), 4..6);
        assert_eq!(map.source_range(1..3), 4..7);
    }

    #[test]
    fn a_decoded_text_can_stand_within_another() {
        // `k: "a\"b" end` with the string decoded in place
        let mut string = OffsetMap::shifted(4);
        string.push(1, 5);
        string.push(2, 7);
        let mut map = OffsetMap::shifted(0);
        map.append(4, &string);
        map.push(7, 8);
        assert_eq!(map.source_range(0..4), 0..4);
        assert_eq!(map.source_range(5..6), 5..7);
        assert_eq!(map.source_range(7..9), 8..10);
    }

    #[test]
    fn two_layers_compose() {
        let mut inner = OffsetMap::shifted(2);
        inner.push(3, 6);
        let mut outer = OffsetMap::shifted(10);
        outer.push(5, 20);
        let both = inner.then(&outer);
        for text in 0..12 {
            assert_eq!(both.source(text), outer.source(inner.source(text)), "at {text}");
        }
    }

    #[test]
    fn an_empty_map_is_the_identity_in_a_composition_too() {
        let mut outer = OffsetMap::shifted(10);
        outer.push(5, 20);
        assert_eq!(OffsetMap::default().then(&outer), outer);
        assert_eq!(outer.then(&OffsetMap::default()), outer);
    }
}
