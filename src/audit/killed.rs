//! A log whose process is killed with −9 while it writes, and whose file then loses its end: nothing acknowledged goes
//! missing without a word.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{Event, Log, Settings};
use crate::{config, store::clock::Clock};

/// Names the state folder for the child.
const STATE: &str = "SCRIM_TEST_KILLED_STATE";

fn open(state: &Path) -> Log {
    let settings = Settings::new(&config::audit::Audit { min_free_mib: 1, ..Default::default() });
    Log::open(state, settings, Clock::system()).unwrap()
}

/// The child: records for ever and prints each number once it is acknowledged. Ends at once in an ordinary test run.
#[test]
fn a_child_records_until_it_is_killed() {
    let Ok(state) = std::env::var(STATE) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let log = open(Path::new(&state));
    runtime.block_on(async {
        loop {
            let wide = Event { path: "x".repeat(250), note: "y".repeat(500), ..Event::default() };
            let seq = log.record(wide).await.unwrap();
            say(seq);
        }
    });
}

fn say(seq: u64) {
    use std::io::Write;
    // Past the test harness, which captures `println`.
    let mut out = std::io::stderr().lock();
    writeln!(out, "acknowledged {seq}").unwrap();
}

fn start(state: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "audit::killed::a_child_records_until_it_is_killed", "--nocapture"]);
    command.env(STATE, state).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Lets a child record `n` events, kills it, and returns the last number it had acknowledged.
fn record_and_kill(state: &Path, n: usize) -> u64 {
    let mut child = start(state);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut acknowledged = |limit: usize| {
        let numbers = lines.by_ref().map_while(Result::ok);
        let numbers = numbers.filter_map(|line| line.strip_prefix("acknowledged ").and_then(|seq| seq.parse().ok()));
        numbers.take(limit).last()
    };
    let before: Option<u64> = acknowledged(n);
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged(usize::MAX).or(before).unwrap()
}

#[test]
fn a_kill_at_any_moment_loses_nothing_acknowledged() {
    let state = tempfile::tempdir().unwrap();
    for n in [1, 40, 300, 7, 150] {
        let last = record_and_kill(state.path(), n);
        let log = open(state.path());
        assert_eq!(log.alarm(), None);
        assert!(log.reader().last().unwrap() >= last, "record {last} was acknowledged");
        assert!(log.reader().verify().unwrap().is_sound());
    }
}

#[test]
fn a_file_that_loses_its_end_after_a_kill_is_never_continued_as_if_nothing_had_been() {
    let state = tempfile::tempdir().unwrap();
    // More than 512 KiB, sled's segment, so that whole segments can go.
    let last = record_and_kill(state.path(), 2500);
    let head = fs::read_to_string(state.path().join("log.head")).unwrap();
    let whole = fs::read(state.path().join("log/db")).unwrap();
    let mut set_aside = 0;
    for permille in [999, 900, 700, 500, 300, 100, 1] {
        let cut = tempfile::tempdir().unwrap();
        copy(state.path(), cut.path());
        let kept = whole.get(..whole.len() * permille / 1000).unwrap();
        fs::write(cut.path().join("log/db"), kept).unwrap();
        let log = open(cut.path());
        if log.alarm().is_none() {
            let seen: super::Head = serde_json::from_str(head.lines().next().unwrap()).unwrap();
            assert!(log.reader().last().unwrap() >= seen.seq, "what the checkpoint names is there ({last} were)");
            continue;
        }
        set_aside += 1;
        let entries = fs::read_dir(cut.path()).unwrap().map(|entry| entry.unwrap().path());
        let damaged = entries.filter(|path| path.to_string_lossy().contains("log.damaged-")).last().unwrap();
        assert_eq!(fs::read(damaged.join("db")).unwrap(), kept, "kept byte for byte");
    }
    assert!(set_aside >= 5, "{set_aside}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
