//! What every implementation of the two traits must do, run against each of them.

use std::path::Path;

use super::{
    LogStore, MapStore, StoreError, VALUE_MAX,
    memory::Memory,
    sled_store::{Sled, Tuning},
};

fn sled(directory: &Path) -> Sled {
    Sled::open(directory, Tuning::Log, &|_| Ok(())).unwrap()
}

/// Runs a check against every store.
fn each(check: impl Fn(&Memory), check_sled: impl Fn(&Sled)) {
    check(&Memory::default());
    let state = tempfile::tempdir().unwrap();
    check_sled(&sled(&state.path().join("store")));
}

fn batch(range: std::ops::RangeInclusive<u64>) -> Vec<(u64, Vec<u8>)> {
    range.map(|seq| (seq, format!("record {seq}").into_bytes())).collect()
}

fn log_appends_and_reads_in_order(store: &dyn LogStore) {
    assert_eq!(store.last().unwrap(), None);
    store.append(&batch(1..=300)).unwrap();
    store.append(&batch(301..=301)).unwrap();
    assert_eq!(store.last().unwrap().unwrap(), (301, b"record 301".to_vec()));
    assert_eq!(store.get(17).unwrap().unwrap(), b"record 17");
    assert_eq!(store.get(302).unwrap(), None);
    assert_eq!(store.range(255, 3).unwrap(), batch(255..=257));
    assert_eq!(store.range(300, 10).unwrap(), batch(300..=301));
    assert!(store.range(302, 10).unwrap().is_empty());
}

fn log_refuses_what_does_not_follow(store: &dyn LogStore) {
    store.append(&batch(5..=6)).unwrap();
    for odd in [batch(6..=6), batch(4..=4), vec![(8, vec![]), (8, vec![])]] {
        assert!(matches!(store.append(&odd), Err(StoreError::OutOfOrder { .. })), "{odd:?}");
    }
    assert!(matches!(store.append(&[(9, vec![0; VALUE_MAX + 1])]), Err(StoreError::TooLarge { .. })));
    assert_eq!(store.range(0, 10).unwrap(), batch(5..=6), "nothing of a refused batch stays");
    store.append(&[(9, vec![0; VALUE_MAX])]).unwrap();
}

fn log_replaces_only_what_it_holds(store: &dyn LogStore) {
    store.append(&batch(1..=3)).unwrap();
    assert!(store.replace(2, b"retired".to_vec()).unwrap());
    assert!(!store.replace(4, b"retired".to_vec()).unwrap());
    assert_eq!(store.get(2).unwrap().unwrap(), b"retired");
    assert_eq!(store.range(0, 10).unwrap().len(), 3);
}

fn map_keeps_the_first_value_of_a_race(store: &dyn MapStore) {
    assert_eq!(store.put_if_absent(b"key", b"first").unwrap(), None);
    assert_eq!(store.put_if_absent(b"key", b"second").unwrap(), Some(b"first".to_vec()));
    assert_eq!(store.get(b"key").unwrap().unwrap(), b"first");
    store.put(b"key", b"third").unwrap();
    assert_eq!(store.get(b"key").unwrap().unwrap(), b"third");
    store.delete(b"key").unwrap();
    store.delete(b"key").unwrap();
    assert_eq!(store.get(b"key").unwrap(), None);
    store.flush().unwrap();
}

fn map_scans_a_prefix_page_by_page(store: &dyn MapStore) {
    for key in ["a", "b", "b1", "b2", "b3", "c"] {
        store.put(key.as_bytes(), key.as_bytes()).unwrap();
    }
    let keys = |after: Option<&[u8]>, limit| -> Vec<Vec<u8>> {
        store.scan_prefix(b"b", after, limit).unwrap().into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys(None, 2), [b"b".to_vec(), b"b1".to_vec()]);
    assert_eq!(keys(Some(b"b1"), 2), [b"b2".to_vec(), b"b3".to_vec()]);
    assert!(keys(Some(b"b3"), 2).is_empty());
    assert!(matches!(store.put(b"big", &[0; VALUE_MAX + 1]), Err(StoreError::TooLarge { .. })));
}

#[test]
fn every_log_appends_and_reads_in_order() {
    each(|store| log_appends_and_reads_in_order(store), |store| log_appends_and_reads_in_order(store));
}

#[test]
fn every_log_refuses_what_does_not_follow() {
    each(|store| log_refuses_what_does_not_follow(store), |store| log_refuses_what_does_not_follow(store));
}

#[test]
fn every_log_replaces_only_what_it_holds() {
    each(|store| log_replaces_only_what_it_holds(store), |store| log_replaces_only_what_it_holds(store));
}

#[test]
fn every_map_keeps_the_first_value_of_a_race() {
    each(|store| map_keeps_the_first_value_of_a_race(store), |store| map_keeps_the_first_value_of_a_race(store));
}

#[test]
fn every_map_scans_a_prefix_page_by_page() {
    each(|store| map_scans_a_prefix_page_by_page(store), |store| map_scans_a_prefix_page_by_page(store));
}

#[test]
fn sled_holds_what_it_held_when_it_is_opened_again() {
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    for round in 0..3_u64 {
        let store = sled(&directory);
        let held = LogStore::range(&store, 0, 1000).unwrap();
        assert_eq!(held, batch(1..=round * 50));
        store.append(&batch(round * 50 + 1..=(round + 1) * 50)).unwrap();
    }
}

#[test]
fn sled_has_one_owner_and_private_files() {
    use std::os::unix::fs::MetadataExt;
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    let first = sled(&directory);
    assert!(matches!(Sled::open(&directory, Tuning::Log, &|_| Ok(())), Err(StoreError::Owned { .. })));
    first.append(&batch(1..=50)).unwrap();
    drop(first);
    assert_eq!(std::fs::metadata(&directory).unwrap().mode() & 0o777, 0o700);
    for entry in std::fs::read_dir(&directory).unwrap().chain(std::fs::read_dir(state.path()).unwrap()) {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn values_of_the_largest_size_never_leave_the_synced_file() {
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    let store = sled(&directory);
    for n in 0..30 {
        let values: Vec<_> = (1..=17).map(|seq| (n * 17 + seq, vec![b'x'; VALUE_MAX])).collect();
        store.append(&values).unwrap();
    }
    for n in (1..=510_u64).rev().step_by(3) {
        store.put(&[n.to_be_bytes().as_slice(), &[0; 90]].concat(), &[b'y'; VALUE_MAX]).unwrap();
    }
    MapStore::flush(&store).unwrap();
    assert_eq!(std::fs::read_dir(directory.join("blobs")).unwrap().count(), 0);
}

#[test]
fn an_orderly_stop_needs_no_copy_and_any_other_does() {
    use super::preflight::{Approach, approach};
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    assert_eq!(approach(&directory).unwrap(), Approach::Fresh);
    sled(&directory).append(&batch(1..=9)).unwrap();
    assert_eq!(approach(&directory).unwrap(), Approach::InPlace);
    assert_eq!(approach(&directory).unwrap(), Approach::CopyFirst, "the mark is true once");
    drop(sled(&directory));
    let file = std::fs::OpenOptions::new().append(true).open(directory.join("db")).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
    assert_eq!(approach(&directory).unwrap(), Approach::CopyFirst, "another length");
}

#[test]
fn an_unclean_stop_is_checked_on_a_copy_and_a_refused_store_stays_byte_for_byte() {
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    sled(&directory).append(&batch(1..=500)).unwrap();
    std::fs::remove_file(state.path().join("store.clean")).unwrap();
    let before = std::fs::read(directory.join("db")).unwrap();
    let refused = Sled::open(&directory, Tuning::Log, &|store| match LogStore::last(store) {
        Ok(Some((last, _))) if last < 501 => Err(format!("ends at {last}")),
        Ok(_) | Err(_) => Ok(()),
    });
    assert!(refused.unwrap_err().to_string().ends_with("is damaged: ends at 500"));
    assert_eq!(std::fs::read(directory.join("db")).unwrap(), before);
    assert!(!state.path().join("store.check").exists());
}

#[test]
fn a_file_without_its_end_is_never_opened_in_place() {
    let state = tempfile::tempdir().unwrap();
    let directory = state.path().join("store");
    {
        let store = sled(&directory);
        for n in 0..40 {
            let values: Vec<_> = (1..=50).map(|seq| (n * 50 + seq, vec![b'x'; 2000])).collect();
            store.append(&values).unwrap();
        }
    }
    let file = std::fs::OpenOptions::new().write(true).open(directory.join("db")).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length / 4).unwrap();
    for entry in std::fs::read_dir(&directory).unwrap().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let opened = Sled::open(&directory, Tuning::Log, &|store| match LogStore::last(store) {
        Ok(Some((2000, _))) => Ok(()),
        Ok(held) => Err(format!("ends at {:?}", held.map(|(seq, _)| seq))),
        Err(error) => Err(error.to_string()),
    });
    assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{opened:?}");
    assert_eq!(std::fs::metadata(directory.join("db")).unwrap().len(), length / 4, "the file is as it was found");
}
