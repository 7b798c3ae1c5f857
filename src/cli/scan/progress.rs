//! One line on a terminal that says how far a scan is. Writes to stderr alone, and nothing where nobody watches.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Between two drawings.
const EVERY: Duration = Duration::from_millis(100);

/// Scans shorter than this draw nothing.
const PATIENCE: Duration = Duration::from_millis(400);

/// How far a scan is.
pub(super) struct Progress {
    counts: Counts,
    begun: Instant,
    drawn: Instant,
    visible: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    bytes: u64,
    all_bytes: u64,
    files: usize,
    all_files: usize,
    findings: usize,
}

impl Progress {
    /// For so many files of so many bytes together; `None` where stderr is no terminal.
    pub(super) fn new(all_files: usize, all_bytes: u64) -> Option<Self> {
        let now = Instant::now();
        let counts = Counts { all_bytes, all_files, ..Counts::default() };
        io::stderr().is_terminal().then_some(Self { counts, begun: now, drawn: now, visible: false })
    }

    /// Counts what was done and draws now and then.
    pub(super) fn note(&mut self, bytes: usize, files: usize, findings: usize) {
        self.counts.bytes += bytes as u64;
        self.counts.files += files;
        self.counts.findings += findings;
        let now = Instant::now();
        if now - self.begun >= PATIENCE && now - self.drawn >= EVERY {
            self.drawn = now;
            self.visible = true;
            write(&format!("\r{}\x1b[K", self.counts.line(now - self.begun)));
        }
    }

    /// Takes the line away, for something else to be written there.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.visible) {
            write("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Counts {
    fn line(&self, passed: Duration) -> String {
        let mib = |bytes: u64| bytes >> 20;
        let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX).max(1);
        let speed = self.bytes.saturating_mul(1000) / millis;
        let left = self.all_bytes.saturating_sub(self.bytes).checked_div(speed).unwrap_or(0);
        format!(
            "{:3} %  {} of {} MiB, {} of {} files, {} MiB/s, {}:{:02} left, {} found",
            (self.bytes * 100).checked_div(self.all_bytes).unwrap_or(0).min(100),
            mib(self.bytes),
            mib(self.all_bytes),
            self.files,
            self.all_files,
            mib(speed),
            left / 60,
            left % 60,
            self.findings,
        )
    }
}

/// A terminal that went away is no failure.
fn write(text: &str) {
    let mut err = io::stderr().lock();
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_how_fast_and_how_long() {
        let counts = Counts { bytes: 256 << 20, all_bytes: 1 << 30, files: 4000, all_files: 20_000, findings: 3 };
        let line = counts.line(Duration::from_secs(4));
        assert_eq!(line, " 25 %  256 of 1024 MiB, 4000 of 20000 files, 64 MiB/s, 0:12 left, 3 found");
        assert!(Counts::default().line(Duration::ZERO).starts_with("  0 %"));
    }
}
