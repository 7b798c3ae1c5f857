//! What an administrator, a disk or a crash can do to a log, done for real to one on disk; and what a writer does when
//! its store fails.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use super::{
    AuditError, Event, Fault, Filter, Group, Health, Kind, Log, Reader, Report, Settings,
    chain::{Body, Record, START},
    event::Previews,
    export,
    opening::{self, Opened},
};
use crate::{
    policy::Verdict,
    store::{
        LogStore, MapStore,
        clock::Clock,
        keyfile::{self, SecretKey},
        memory::Memory,
        sled_store::{Sled, Tuning},
    },
};

fn settings() -> Settings {
    Settings { queue: 64, min_free_mib: 1, previews: Previews::Keep, node: "test".to_owned() }
}

fn open(state: &Path) -> Log {
    Log::open(state, settings(), Clock::system()).unwrap()
}

fn event(n: u64) -> Event {
    let group = Group { rule: "pii.email".to_owned(), category: "EMAIL".to_owned(), count: 1, ..Group::default() };
    Event {
        subject: if n.is_multiple_of(2) { "alice" } else { "bob" }.to_owned(),
        site: "chatgpt".to_owned(),
        enforced: Some(if n.is_multiple_of(3) { Verdict::Block } else { Verdict::Mask }),
        reference: format!("REF{n}"),
        findings: vec![group],
        ..Event::default()
    }
}

async fn fill(log: &Log, from: u64, to: u64) {
    for n in from..=to {
        assert_eq!(log.record(event(n)).await.unwrap(), n);
    }
}

/// A state folder with ten records, closed in order.
async fn ten() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    fill(&open(state.path()), 1, 10).await;
    state
}

fn verify(state: &Path) -> Report {
    Reader::open(state).unwrap().verify().unwrap()
}

/// Opens the store of a state folder behind the log's back.
fn behind(state: &Path) -> Sled {
    Sled::open(&opening::directory(state), Tuning::Log, &|_| Ok(())).unwrap()
}

fn record(store: &Sled, seq: u64) -> Record {
    Record::decode(&LogStore::get(store, seq).unwrap().unwrap()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn an_untouched_log_is_sound_while_it_runs_and_after() {
    let state = tempfile::tempdir().unwrap();
    let log = open(state.path());
    assert!(log.verify().await.unwrap().is_sound());
    fill(&log, 1, 10).await;
    assert!(log.verify().await.unwrap().is_sound());
    assert!(matches!(Reader::open(state.path()), Err(AuditError::Store(_))), "it has one owner");
    drop(log);
    let report = verify(state.path());
    assert_eq!((report.records, report.first, report.last, report.is_sound()), (10, 1, 10, true), "{report}");
    fill(&open(state.path()), 11, 12).await;
    assert_eq!(verify(state.path()).to_string(), "sound: 12 records, 1 to 12");
}

#[tokio::test]
async fn a_changed_record_is_named() {
    let state = ten().await;
    let store = behind(state.path());
    let mut changed = record(&store, 4);
    let body = changed.body.as_mut().unwrap();
    body.payload = String::from_utf8(body.payload.clone()).unwrap().replace("alice", "carol").into_bytes();
    assert!(store.replace(4, changed.encode()).unwrap());
    drop(store);
    let report = verify(state.path());
    assert_eq!((report.faults, report.more_faults), (vec![Fault::Changed { seq: 4 }], 0));
}

#[tokio::test]
async fn a_changed_record_with_hashes_made_to_fit_is_named_by_the_next_one() {
    let state = ten().await;
    let store = behind(state.path());
    let body = Body { salt: [0; 16], payload: b"{\"seq\":4}".to_vec() };
    let before = record(&store, 3).link;
    store.replace(4, Record::chained(4, &before, body).encode()).unwrap();
    drop(store);
    assert_eq!(verify(state.path()).faults, [Fault::Changed { seq: 5 }]);
}

#[tokio::test]
async fn records_missing_in_the_middle_or_at_the_start_are_named() {
    let state = ten().await;
    let store = behind(state.path());
    for seq in [1_u64, 5, 6] {
        store.delete(&seq.to_be_bytes()).unwrap();
    }
    drop(store);
    let report = verify(state.path());
    assert_eq!(report.faults, [Fault::Missing { from: 1, to: 1 }, Fault::Missing { from: 5, to: 6 }]);
    assert_eq!(report.first_bad(), Some(1));
}

#[tokio::test]
async fn swapped_and_doubled_records_are_told_apart() {
    let state = ten().await;
    let store = behind(state.path());
    let (third, fourth, seventh) = (record(&store, 3), record(&store, 4), record(&store, 7));
    store.replace(3, fourth.encode()).unwrap();
    store.replace(4, third.encode()).unwrap();
    store.replace(8, seventh.encode()).unwrap();
    drop(store);
    let faults = verify(state.path()).faults;
    assert!(faults.contains(&Fault::Reordered { seq: 3 }) && faults.contains(&Fault::Reordered { seq: 4 }));
    assert!(faults.contains(&Fault::Duplicated { seq: 7 }), "{faults:?}");
}

#[tokio::test]
async fn a_cut_end_is_told_from_an_older_copy() {
    let state = ten().await;
    let older = tempfile::tempdir().unwrap();
    copy(state.path(), older.path());
    fill(&open(state.path()), 11, 20).await;

    let store = behind(state.path());
    for seq in 18..=20_u64 {
        store.delete(&seq.to_be_bytes()).unwrap();
    }
    drop(store);
    assert_eq!(verify(state.path()).faults, [Fault::Truncated { last: 17, expected: 20 }]);

    std::fs::remove_dir_all(state.path().join("log")).unwrap();
    copy(&older.path().join("log"), &state.path().join("log"));
    std::fs::copy(older.path().join("log.head"), state.path().join("log.head")).unwrap();
    let report = verify(state.path());
    assert_eq!(report.faults, [Fault::RolledBack { last: 10, expected: 20 }]);
    assert!(report.to_string().starts_with("not sound from record 11 on"), "{report}");
}

#[tokio::test]
async fn an_emptied_or_removed_store_is_told() {
    let state = ten().await;
    std::fs::remove_dir_all(state.path().join("log")).unwrap();
    assert_eq!(verify(state.path()).faults, [Fault::Empty { expected: 10 }]);
    drop(behind(state.path()));
    assert_eq!(verify(state.path()).faults, [Fault::Empty { expected: 10 }]);
}

#[tokio::test]
async fn a_chain_that_fits_itself_but_not_the_checkpoint_is_told() {
    let state = ten().await;
    let store = behind(state.path());
    let mut before = START;
    for seq in 1..=10 {
        let body = Body { salt: [9; 16], payload: format!("{{\"seq\":{seq}}}").into_bytes() };
        let forged = Record::chained(seq, &before, body);
        before = forged.link;
        store.replace(seq, forged.encode()).unwrap();
    }
    drop(store);
    assert_eq!(verify(state.path()).faults, [Fault::Replaced { seq: 10 }]);
}

#[tokio::test]
async fn a_forged_checkpoint_proves_nothing_and_the_records_are_kept() {
    let state = ten().await;
    for file in super::checkpoint::files(state.path()) {
        std::fs::write(file, "{\"v\":1,\"seq\":0,\"link\":\"\",\"first\":1,\"time\":0}\n00\n").unwrap();
    }
    assert!(matches!(verify(state.path()).faults.as_slice(), [Fault::Checkpoint { .. }, ..]));
    let log = open(state.path());
    assert!(log.alarm().unwrap().contains("was not written with this log's key"));
    let told = log.get(11).await.unwrap().unwrap().event.unwrap();
    assert_eq!(told.kind, Kind::CheckpointMissing);
    assert!(log.verify().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_retired_payload_leaves_a_sound_chain() {
    let state = ten().await;
    let store = behind(state.path());
    let retired = record(&store, 6).retired();
    store.replace(6, retired.encode()).unwrap();
    drop(store);
    let report = verify(state.path());
    assert_eq!((report.is_sound(), report.retired), (true, 1), "{report}");
    let mut out = Vec::new();
    Reader::open(state.path()).unwrap().export(&mut out).unwrap();
    assert!(export::verify(out.as_slice(), None).unwrap().is_sound());
}

#[tokio::test]
async fn a_damaged_store_is_set_aside_and_the_new_chain_names_what_was_known() {
    let state = ten().await;
    let store = behind(state.path());
    store.delete(&10_u64.to_be_bytes()).unwrap();
    drop(store);
    let log = open(state.path());
    let told = log.get(11).await.unwrap().unwrap().event.unwrap();
    assert_eq!(told.kind, Kind::LogRestarted);
    assert!(told.note.contains("ends at record 9") && told.note.contains("last known record 10"), "{}", told.note);
    assert_eq!(log.alarm().as_deref(), Some(told.note.as_str()));
    fill(&log, 12, 13).await;
    assert!(log.verify().await.unwrap().is_sound());
    drop(log);

    let names = std::fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let aside: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("log.damaged-")).collect();
    let [aside] = aside.as_slice() else { panic!("{aside:?}") };
    let salvaged = Reader::open_aside(state.path(), &state.path().join(aside)).unwrap();
    assert_eq!(salvaged.verify().unwrap().faults, [Fault::Truncated { last: 9, expected: 10 }]);
    let mut out = Vec::new();
    assert_eq!(salvaged.export(&mut out).unwrap(), 9);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let state = tempfile::tempdir().unwrap();
    let log = open(state.path());
    for round in 1..=5_u64 {
        fill(&log, round * 20 - 19, round * 20).await;
        // A copy of the folder while it is in use is what a power cut leaves.
        let killed = tempfile::tempdir().unwrap();
        copy(state.path(), killed.path());
        let again = open(killed.path());
        assert_eq!(again.alarm(), None);
        assert_eq!(again.reader().last().unwrap(), round * 20);
        assert!(again.verify().await.unwrap().is_sound());
    }
}

// === exports ===

async fn exported() -> Vec<String> {
    let state = ten().await;
    let mut out = Vec::new();
    assert_eq!(Reader::open(state.path()).unwrap().export(&mut out).unwrap(), 10);
    let key = keyfile::load(&state.path().join("keys/log.key")).unwrap();
    assert!(export::verify(out.as_slice(), Some(&key)).unwrap().is_sound());
    assert!(matches!(
        export::verify(out.as_slice(), Some(&SecretKey::new([0; 32]))).unwrap().faults.as_slice(),
        [Fault::Checkpoint { .. }]
    ));
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn faults(lines: &[String]) -> Vec<Fault> {
    export::verify(lines.join("\n").as_bytes(), None).unwrap().faults
}

#[tokio::test]
async fn an_export_proves_itself_without_the_state_folder() {
    let lines = exported().await;
    assert!(faults(&lines).is_empty());
    let parsed: serde_json::Value = serde_json::from_str(&lines[3]).unwrap();
    assert_eq!((parsed["seq"].as_u64(), parsed["event"]["subject"].as_str()), (Some(4), Some("alice")));

    let edit = |work: &dyn Fn(&mut Vec<String>)| {
        let mut edited = lines.clone();
        work(&mut edited);
        faults(&edited)
    };
    assert_eq!(edit(&|l| l[3] = l[3].replace("alice", "carol")), [Fault::Changed { seq: 4 }]);
    assert_eq!(edit(&|l| drop(l.drain(4..6))), [Fault::Missing { from: 5, to: 6 }]);
    assert_eq!(edit(&|l| drop(l.drain(0..2))), [Fault::Missing { from: 1, to: 2 }]);
    assert_eq!(edit(&|l| l.swap(2, 3)), [Fault::Reordered { seq: 3 }]);
    assert_eq!(edit(&|l| l.insert(5, l[2].clone())), [Fault::Duplicated { seq: 3 }]);
    assert_eq!(edit(&|l| drop(l.drain(8..10))), [Fault::Truncated { last: 8, expected: 10 }]);
    assert_eq!(edit(&|l| drop(l.drain(0..10))), [Fault::Empty { expected: 10 }]);
    assert_eq!(
        edit(&|l| l[7].truncate(40)),
        [Fault::Unreadable { place: "line 8".to_owned() }, Fault::Missing { from: 8, to: 8 }]
    );
    assert!(matches!(edit(&|l| drop(l.pop())).as_slice(), [Fault::Checkpoint { .. }]));
}

// === queries ===

#[tokio::test]
async fn filters_find_what_they_name_newest_first_page_by_page() {
    let state = tempfile::tempdir().unwrap();
    let log = open(state.path());
    fill(&log, 1, 30).await;
    let numbers = async |filter: Filter| -> Vec<u64> {
        log.list(filter).await.unwrap().into_iter().map(|entry| entry.seq).collect()
    };
    let alice = || Some("Alice".to_owned());
    assert_eq!(numbers(Filter { limit: 3, ..Filter::default() }).await, [30, 29, 28]);
    assert_eq!(
        numbers(Filter { limit: 3, before: Some(28), subject: alice(), ..Filter::default() }).await,
        [26, 24, 22]
    );
    assert_eq!(
        numbers(Filter { subject: alice(), verdict: Some(Verdict::Block), ..Filter::default() }).await,
        [30, 24, 18, 12, 6]
    );
    assert_eq!(numbers(Filter { reference: Some("ref17".to_owned()), ..Filter::default() }).await, [17]);
    assert_eq!(numbers(Filter { category: Some("email".to_owned()), ..Filter::default() }).await.len(), 30);
    assert!(numbers(Filter { rule: Some("pii.phone".to_owned()), ..Filter::default() }).await.is_empty());
    let tail: Vec<u64> = log.reader().follow(27, 9).unwrap().into_iter().map(|entry| entry.seq).collect();
    assert_eq!(tail, [28, 29, 30]);
}

// === a writer whose store fails ===

fn on_memory(state: &Path, store: &Arc<Memory>, queue: usize, clock: Clock) -> Log {
    let held = Arc::clone(store);
    let opener = Box::new(move || {
        let last = LogStore::last(held.as_ref())?;
        let link = last.as_ref().and_then(|(_, bytes)| Record::decode(bytes)).map_or(START, |record| record.link);
        let store: Arc<dyn LogStore> = Arc::<Memory>::clone(&held);
        Ok(Opened { store, first: 1, seq: last.map_or(0, |(seq, _)| seq), link, due: None })
    });
    std::fs::create_dir_all(state.join("keys")).unwrap();
    let opened = opener().unwrap();
    let key = Arc::new(SecretKey::new([1; 32]));
    Log::start(state, Settings { queue, ..settings() }, clock, key, opener, opened).unwrap()
}

#[tokio::test]
async fn a_full_or_panicking_store_fails_the_event_and_is_opened_again() {
    let state = tempfile::tempdir().unwrap();
    let (store, clock) = (Arc::new(Memory::default()), Clock::manual(1_795_562_314_000));
    let log = on_memory(state.path(), &store, 8, clock.clone());
    fill(&log, 1, 3).await;
    for fault in [&store.faults.full, &store.faults.panics] {
        fault.store(true, Ordering::SeqCst);
        assert!(matches!(log.record(event(4)).await, Err(AuditError::NotWritten(_))));
        assert!(matches!(log.health(), Health::Failing { .. }));
        fault.store(false, Ordering::SeqCst);
        clock.advance(6000);
        let next = log.record(event(4)).await.unwrap();
        assert_eq!(log.health(), Health::Good);
        assert_eq!(log.reader().last().unwrap(), next);
    }
    assert!(log.verify().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_queue_that_stays_full_refuses_and_loses_nothing_it_took() {
    let state = tempfile::tempdir().unwrap();
    let store = Arc::new(Memory::default());
    let log = Arc::new(on_memory(state.path(), &store, 2, Clock::system()));
    store.faults.slow.store(true, Ordering::SeqCst);
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let log = Arc::clone(&log);
            tokio::spawn(async move { log.record(event(n)).await })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    log.close();
    assert!(matches!(log.record(event(1)).await, Err(AuditError::Closed)));
}

#[tokio::test]
async fn a_clock_that_steps_is_recorded_before_the_next_event() {
    let state = tempfile::tempdir().unwrap();
    let (store, clock) = (Arc::new(Memory::default()), Clock::manual(1_795_562_314_000));
    let log = on_memory(state.path(), &store, 8, clock.clone());
    fill(&log, 1, 1).await;
    clock.advance(60_000);
    fill(&log, 2, 2).await;
    clock.set_wall(1_795_500_000_000);
    assert_eq!(log.record(event(4)).await.unwrap(), 4);
    let step = log.get(3).await.unwrap().unwrap().event.unwrap();
    assert!(step.kind == Kind::ClockStep && step.note.contains("moved by -62374000 ms"), "{}", step.note);
}

#[tokio::test]
async fn a_disk_with_too_little_space_refuses_before_it_is_full() {
    let state = tempfile::tempdir().unwrap();
    let tight = Settings { min_free_mib: u64::MAX, ..settings() };
    let log = Log::open(state.path(), tight, Clock::system()).unwrap();
    let told = log.record(event(1)).await.unwrap_err().to_string();
    assert!(told.contains("MiB left"), "{told}");
    assert!(matches!(log.health(), Health::LowSpace { .. }));
}
