//! From the bytes of a job to rows of a report: decodes, detects, and names file offsets, lines and columns. Reads and
//! prints nothing.

use crate::detect::{Detector, Finding, model::Effort, preview};

use super::{
    Row,
    baseline::Salt,
    decode::{Encoding, Offsets, sniff},
    pieces::{Found, Joint, OVERLAP, Piece, pieces},
    source::{Content, Job},
};

/// Columns are counted in lines up to this many bytes; what lies further in is in no line that a person reads.
const COLUMN_MAX: usize = 16 << 10;

/// What a scan needs.
pub(super) struct Scanner {
    pub(super) detector: Detector,
    /// Ask the detector's model.
    pub(super) deeply: bool,
    pub(super) min_confidence: f32,
    pub(super) explain: bool,
    /// For marks of findings, where a baseline is used.
    pub(super) salt: Option<Salt>,
}

impl Scanner {
    /// Findings of a text that are sure enough, and why they may not be all.
    pub(super) fn findings(&self, text: &str) -> (Vec<Finding>, Option<String>) {
        let mut effort = Effort::unhurried();
        let scan = if self.deeply { self.detector.scan_deeply(text, &mut effort) } else { self.detector.scan(text) };
        let mut findings = scan.findings;
        findings.retain(|finding| finding.confidence >= self.min_confidence);
        let limit = || "a pattern reached its step limit; part of it was not scanned".to_owned();
        let skipped = || Some(format!("only rules looked at all of it: {}", effort.skipped()?));
        (findings, scan.unreadable.then(limit).or_else(skipped))
    }

    /// Carries out a job.
    pub(super) fn job(&self, job: &Job) -> Found {
        let is_first = job.piece.as_ref().is_none_or(|piece| piece.core.start == 0);
        let is_last = job.piece.as_ref().is_none_or(|piece| piece.is_last);
        let found = match job.read() {
            Ok(content) => self.content(&job.target.name, &content, job.piece.as_ref()),
            Err(error) => Found { trouble: Some(error.to_string()), ..Found::default() },
        };
        Found { is_first, is_last, ..found }
    }

    fn content(&self, name: &str, content: &Content, piece: Option<&Piece>) -> Found {
        let Some(encoding) = sniff(&content.head) else {
            let n_bytes = piece.map_or(content.window.len(), |piece| piece.core.len());
            return Found { n_bytes, is_binary: true, ..Found::default() };
        };
        if let Some(piece) = piece {
            return self.window(name, encoding, &content.window, piece);
        }
        let mut joint = Joint::default();
        let mut all = Found::default();
        for piece in pieces(content.window.len()) {
            let window = content.window.get(piece.window.clone()).unwrap_or_default();
            let mut found = self.window(name, encoding, window, &piece);
            joint.join(&mut found);
            all.rows.append(&mut found.rows);
            all.n_breaks += found.n_breaks;
            all.n_bytes += found.n_bytes;
            all.trouble = all.trouble.or(found.trouble);
        }
        all
    }

    fn window(&self, name: &str, encoding: Encoding, bytes: &[u8], piece: &Piece) -> Found {
        let inside = |at: usize| (at - piece.window.start).min(bytes.len());
        let (text, from, to) = encoding.decode(bytes, inside(piece.core.start), inside(piece.core.end));
        let (findings, partly) = self.findings(&text);
        let mut offsets = Offsets::new(&text, encoding);
        let mut lines = Lines::new(&text, from, piece.window.start == 0);
        let mut rows = Vec::new();
        for finding in &findings {
            let hull = finding.hull();
            let start = piece.window.start + offsets.file(hull.start);
            if !piece.reports().contains(&start) || hull.start < from {
                continue;
            }
            let end = piece.window.start + offsets.file(hull.end);
            let (line, column) = lines.place(hull.start);
            let (end_line, end_column) = lines.place(hull.end);
            rows.push(Row { start, end, line, column, end_line, end_column, ..self.row(name, &text, finding) });
        }
        let core = text.as_bytes().get(from..to).unwrap_or_default();
        let trouble = partly.map(|why| format!("`{name}`: {why}"));
        let n_breaks = memchr::memchr_iter(b'\n', core).count();
        Found { rows, n_breaks, n_bytes: piece.core.len(), trouble, ..Found::default() }
    }

    fn row(&self, file: &str, text: &str, finding: &Finding) -> Row {
        let value = value(text, finding);
        Row {
            file: file.to_owned(),
            rule: finding.rule.to_string(),
            category: finding.category.to_string(),
            confidence: finding.confidence,
            preview: preview(&value),
            reasons: self.explain.then(|| finding.reasons.clone()),
            mark: self.salt.as_ref().map(|salt| salt.mark(&finding.rule, &value)),
            ..Row::default()
        }
    }
}

/// The found value, pieces joined.
pub(super) fn value(text: &str, finding: &Finding) -> String {
    finding.ranges.iter().filter_map(|range| text.get(range.clone())).collect()
}

/// Lines and columns for ascending offsets, in one pass over the text.
struct Lines<'t> {
    text: &'t str,
    /// Where counting begins.
    from: usize,
    at: usize,
    line: usize,
    /// The text begins where a line does.
    begins_line: bool,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str, from: usize, begins_line: bool) -> Self {
        Self { text, from, at: from, line: 0, begins_line }
    }

    /// Line from 0 behind the place where counting begins; column in characters from 1, where it can be told.
    fn place(&mut self, offset: usize) -> (usize, Option<usize>) {
        if offset < self.at {
            (self.at, self.line) = (self.from, 0);
        }
        let bytes = self.text.as_bytes();
        self.line += memchr::memchr_iter(b'\n', bytes.get(self.at..offset).unwrap_or_default()).count();
        self.at = offset;
        let nearest = offset.saturating_sub(COLUMN_MAX);
        let before = bytes.get(nearest..offset).unwrap_or_default();
        let begin = match memchr::memrchr(b'\n', before) {
            Some(at) => Some(nearest + at + 1),
            None => (nearest == 0 && self.begins_line).then_some(0),
        };
        let column = begin.and_then(|begin| self.text.get(begin..offset)).map(|line| line.chars().count() + 1);
        (self.line, column)
    }
}

const _: () = assert!(COLUMN_MAX < OVERLAP, "a piece sees the beginning of the line it begins in");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::scan::{pieces::PIECE, source::Target};

    fn scanner() -> Scanner {
        let detector = Detector::built_in().unwrap();
        Scanner { detector, deeply: false, min_confidence: 0.5, explain: false, salt: None }
    }

    #[test]
    fn line_numbers_count_from_zero_in_any_order_of_offsets() {
        let mut lines = Lines::new("a\nbb\n\nc", 0, true);
        assert_eq!([0, 2, 3, 5, 6, 0].map(|offset| lines.place(offset).0), [0, 1, 1, 2, 3, 0]);
        assert_eq!(lines.place(3), (1, Some(2)));
        assert_eq!(Lines::new("é key", 0, true).place(3), (0, Some(3)));
        assert_eq!(Lines::new("no beginning", 0, false).place(3), (0, None));
    }

    /// A file in which an address stands at every kind of place round the seams of pieces, whole or piece by piece.
    #[test]
    fn a_large_file_gives_the_same_findings_in_pieces() {
        let address = "katarzyna.wrona@northwind-freight.com";
        let mut text = String::new();
        let size = 2 * PIECE + OVERLAP * 2;
        let mut expected = Vec::new();
        for seam in [PIECE, 2 * PIECE] {
            for at in [seam - 50_000, seam - 200, seam - 20, seam + 30, seam + 6000] {
                while text.len() + 64 < at {
                    text.push_str("The river flows through the town and then on to the next one.\n");
                }
                text.push_str(&" ".repeat(at - text.len()));
                expected.push((at, at + address.len()));
                text.push_str(address);
                text.push('\n');
            }
        }
        while text.len() < size {
            text.push_str("The river flows through the town and then on to the next one.\n");
        }
        let scanner = scanner();
        let whole_lines: Vec<usize> =
            expected.iter().map(|(at, _)| text.get(..*at).unwrap().matches('\n').count()).collect();
        let target = Target {
            name: "-".to_owned(),
            size: Some(text.len() as u64),
            place: crate::cli::scan::source::Place::Memory(text.into_bytes()),
        };
        let mut joint = Joint::default();
        let mut rows = Vec::new();
        for job in target.jobs() {
            let mut found = scanner.job(&job);
            joint.join(&mut found);
            rows.append(&mut found.rows);
        }
        assert_eq!(rows.iter().map(|row| (row.start, row.end)).collect::<Vec<_>>(), expected);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), whole_lines);
        assert!(rows.iter().all(|row| row.column.is_some()));
    }
}
