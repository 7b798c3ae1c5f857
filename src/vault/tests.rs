//! The vault as a whole, on disk and in memory: lifetimes, erasure, tampering, damage, and what stands in its files.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use super::{Settings, Vault, VaultError, keys::Keys, ledger, rows};
use crate::{
    audit,
    detect::Category,
    mask::{Names, Original, Placeholder},
    site::{Speaker, Turn},
    store::{
        MapStore, StoreError,
        clock::{Clock, DAY_MS},
        keyfile::SecretKey,
        memory::Memory,
        sled_store::{Sled, Tuning},
    },
};

const START_MS: u64 = 1_795_562_314_000;

fn settings() -> Settings {
    Settings { lifetime_days: 30, never_restore: vec!["CARD".to_owned()] }
}

fn on_disk(state: &Path, clock: &Clock) -> Result<Vault, VaultError> {
    Vault::open(state, settings(), clock.clone())
}

fn in_memory(clock: &Clock) -> (Vault, Arc<Memory>) {
    let map = Arc::new(Memory::default());
    let keys = Keys::new(SecretKey::new([1; 32])).unwrap();
    (Vault::over(Box::new(Arc::clone(&map)), keys, settings(), clock.clone(), None), map)
}

fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

fn entry(names: &Names, kind: &str, text: &str) -> (Placeholder, Original) {
    (names.name(&category(kind), text), Original::new(text.to_owned()))
}

/// Masks a value as a turn would.
async fn mask(vault: &Vault, subject: &str, text: &str) -> Placeholder {
    let names = vault.names(subject, "openai").await.unwrap();
    let entry = entry(&names, "EMAIL", text);
    let placeholder = entry.0.clone();
    assert!(vault.persist(subject, "openai", vec![entry]).await.unwrap().is_empty());
    placeholder
}

async fn restored(vault: &Vault, subject: &str, placeholder: &Placeholder) -> Option<String> {
    let names = vault.names(subject, "openai").await.unwrap();
    names.original(placeholder.as_str()).map(|original| original.expose().to_owned())
}

#[tokio::test]
async fn an_original_is_restored_in_its_scope_only_and_after_a_restart() {
    let (state, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START_MS));
    let vault = on_disk(state.path(), &clock).unwrap();
    let long = "x".repeat(30_000);
    let placeholder = mask(&vault, "alice", "alice@corp.example").await;
    let second = mask(&vault, "alice", &long).await;
    assert_eq!(restored(&vault, "alice", &placeholder).await.as_deref(), Some("alice@corp.example"));
    assert_eq!(restored(&vault, "bob", &placeholder).await, None);
    drop(vault);

    let vault = on_disk(state.path(), &clock).unwrap();
    assert_eq!(restored(&vault, "alice", &placeholder).await.as_deref(), Some("alice@corp.example"));
    assert_eq!(restored(&vault, "alice", &second).await, Some(long));
    assert_eq!(mask(&vault, "alice", "alice@corp.example").await, placeholder, "one spelling, one placeholder");
    assert!(vault.alarm().is_none());
}

#[tokio::test]
async fn a_category_that_is_never_restored_never_enters() {
    let (vault, map) = in_memory(&Clock::manual(START_MS));
    let names = vault.names("alice", "openai").await.unwrap();
    let card = entry(&names, "CARD", "4111111111111111");
    let placeholder = card.0.clone();
    assert_eq!(vault.persist("alice", "openai", vec![card]).await.unwrap(), std::slice::from_ref(&placeholder));
    assert_eq!(restored(&vault, "alice", &placeholder).await, None);
    assert!(map.scan_prefix(b"N", None, 9).unwrap().is_empty());
}

#[tokio::test]
async fn an_original_outlives_its_day_only_while_it_is_used() {
    let clock = Clock::manual(START_MS);
    let (vault, map) = in_memory(&clock);
    let used = mask(&vault, "alice", "used@corp.example").await;
    let left = mask(&vault, "alice", "left@corp.example").await;
    clock.advance(20 * DAY_MS);
    mask(&vault, "alice", "used@corp.example").await;
    assert!(restored(&vault, "alice", &left).await.is_some());

    clock.advance(11 * DAY_MS);
    assert_eq!(restored(&vault, "alice", &used).await.as_deref(), Some("used@corp.example"));
    assert_eq!(restored(&vault, "alice", &left).await, None, "its time is over, swept or not");
    assert_eq!(vault.expire().await.unwrap(), 1);
    assert_eq!(map.scan_prefix(b"E", None, 9).unwrap().len(), 1, "the key of the first day is gone");
    assert_eq!(mask(&vault, "alice", "left@corp.example").await, left, "and its placeholder is the same again");

    clock.advance(100 * DAY_MS);
    assert_eq!(vault.expire().await.unwrap(), 2);
    assert!(map.scan_prefix(b"E", None, 9).unwrap().is_empty());
}

#[tokio::test]
async fn two_originals_under_one_placeholder_are_both_masked_and_neither_is_restored() {
    let clock = Clock::manual(START_MS);
    let (vault, _map) = in_memory(&clock);
    let placeholder = mask(&vault, "alice", "first@corp.example").await;
    for text in ["second@corp.example", "first@corp.example"] {
        let twin = (placeholder.clone(), Original::new(text.to_owned()));
        assert_eq!(vault.persist("alice", "openai", vec![twin]).await.unwrap(), std::slice::from_ref(&placeholder));
        assert_eq!(restored(&vault, "alice", &placeholder).await, None);
    }
}

#[tokio::test]
async fn erasing_a_person_takes_values_turns_and_the_way_placeholders_are_made() {
    let clock = Clock::manual(START_MS);
    let (vault, map) = in_memory(&clock);
    let placeholder = mask(&vault, "alice", "alice@corp.example").await;
    let others = mask(&vault, "bob", "bob@corp.example").await;
    mask(&vault, "alice", &"y".repeat(20_000)).await;
    vault.remember("alice", "openai", "c1", vec![turn("hello")]).await.unwrap();
    let rows = map.scan_prefix(b"", None, 99).unwrap().len();
    let erased = vault.erase("alice").await.unwrap();
    assert_eq!(map.scan_prefix(b"", None, 99).unwrap().len(), rows - usize::try_from(erased).unwrap());
    assert_eq!(map.scan_prefix(b"", None, 99).unwrap().len(), 3, "bob's salt, epoch key and value");
    assert_eq!(restored(&vault, "alice", &placeholder).await, None);
    assert_eq!(vault.local_turns("alice", "openai", "c1").await.unwrap(), None);
    assert!(restored(&vault, "bob", &others).await.is_some());
    assert_ne!(mask(&vault, "alice", "alice@corp.example").await, placeholder);
}

#[tokio::test]
async fn a_row_moved_to_another_user_or_placeholder_does_not_open() {
    let clock = Clock::manual(START_MS);
    let (vault, map) = in_memory(&clock);
    let alices = mask(&vault, "alice", "alice@corp.example").await;
    let bobs = mask(&vault, "bob", "bob@corp.example").await;
    let [of_alice, of_bob] = ["alice", "bob"].map(|subject| vault.core_scope(subject, "openai"));
    let key = |scope, name: &Placeholder| rows::key(rows::Kind::Name, scope, name.as_str().as_bytes());
    let row = map.get(&key(of_alice, &alices)).unwrap().unwrap();
    map.put(&key(of_bob, &bobs), &row).unwrap();
    map.put(&key(of_bob, &alices), &row).unwrap();
    clock.advance(DAY_MS);
    assert_eq!(restored(&vault, "bob", &bobs).await, None);
    assert_eq!(restored(&vault, "bob", &alices).await, None);
    assert_eq!(restored(&vault, "alice", &alices).await.as_deref(), Some("alice@corp.example"));
}

#[tokio::test]
async fn many_turns_of_one_scope_at_once_lose_nothing() {
    let clock = Clock::manual(START_MS);
    let vault = Arc::new(in_memory(&clock).0);
    let tasks: Vec<_> = (0..60)
        .map(|n| {
            let vault = Arc::clone(&vault);
            tokio::spawn(async move { mask(&vault, "alice", &format!("user{n}@corp.example")).await })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let placeholder = task.await.unwrap();
        assert_eq!(restored(&vault, "alice", &placeholder).await, Some(format!("user{n}@corp.example")));
    }
}

#[tokio::test]
async fn a_store_that_refuses_is_an_error_and_nothing_is_believed_kept() {
    let clock = Clock::manual(START_MS);
    let (vault, map) = in_memory(&clock);
    let names = vault.names("alice", "openai").await.unwrap();
    map.faults.full.store(true, std::sync::atomic::Ordering::SeqCst);
    let refused = vault.persist("alice", "openai", vec![entry(&names, "EMAIL", "a@corp.example")]).await;
    assert!(matches!(refused, Err(VaultError::Store(StoreError::Full { .. }))));
    map.faults.full.store(false, std::sync::atomic::Ordering::SeqCst);
    let placeholder = names.name(&category("EMAIL"), "a@corp.example");
    assert_eq!(restored(&vault, "alice", &placeholder).await, None);
}

// === local turns ===

fn turn(text: &str) -> Turn {
    Turn { speaker: Speaker::User, text: text.to_owned() }
}

#[tokio::test]
async fn turns_of_a_conversation_are_kept_in_order_and_bounded() {
    let clock = Clock::manual(START_MS);
    let (vault, map) = in_memory(&clock);
    assert_eq!(vault.local_turns("alice", "openai", "c1").await.unwrap(), None);
    for n in 0..50 {
        let turns = vec![turn(&format!("question {n}")), turn(&format!("answer {n} {}", "z".repeat(9000)))];
        vault.remember("alice", "openai", "c1", turns).await.unwrap();
    }
    let held = vault.local_turns("alice", "openai", "c1").await.unwrap().unwrap();
    assert_eq!(held.len(), ledger::TURNS_MAX);
    assert_eq!((held[0].text.as_str(), held[62].text.as_str()), ("question 18", "question 49"));
    assert_eq!(map.scan_prefix(b"P", None, 999).unwrap().len(), 32, "parts of dropped turns are gone too");
    for (subject, family, conversation) in [("bob", "openai", "c1"), ("alice", "x", "c1"), ("alice", "openai", "c2")] {
        assert_eq!(vault.local_turns(subject, family, conversation).await.unwrap(), None);
    }
    let endless = vec![turn(&"ä".repeat(ledger::TURN_BYTES))];
    vault.remember("alice", "openai", "c3", endless).await.unwrap();
    let held = vault.local_turns("alice", "openai", "c3").await.unwrap().unwrap();
    assert_eq!(held[0].text.len(), ledger::TURN_BYTES);
    clock.advance(31 * DAY_MS);
    assert_eq!(vault.local_turns("alice", "openai", "c1").await.unwrap(), None);
}

// === files ===

#[tokio::test]
async fn a_missing_wrong_or_open_key_is_told_with_the_way_out() {
    let (state, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START_MS));
    drop(on_disk(state.path(), &clock).unwrap());
    let key = state.path().join("keys/vault.key");
    let kept = std::fs::read(&key).unwrap();
    let told = || on_disk(state.path(), &clock).unwrap_err().to_string();

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(told().contains("chmod 600"), "{}", told());
    std::fs::remove_file(&key).unwrap();
    assert!(told().contains("is gone") && told().contains("backup"), "{}", told());
    assert!(!key.exists(), "no new key is made over an old vault");
    crate::store::private::write_atomic(&key, &[9; 32]).unwrap();
    assert!(told().contains("is not the key"), "{}", told());
    crate::store::private::write_atomic(&key, &kept).unwrap();
    assert!(on_disk(state.path(), &clock).is_ok());
}

#[tokio::test]
async fn an_emptied_vault_is_set_aside_and_said() {
    let (state, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START_MS));
    let vault = on_disk(state.path(), &clock).unwrap();
    let placeholder = mask(&vault, "alice", "alice@corp.example").await;
    drop(vault);
    std::fs::remove_dir_all(state.path().join("vault")).unwrap();
    drop(Sled::open(&state.path().join("vault"), Tuning::Vault, &|_| Ok(())).unwrap());
    let vault = on_disk(state.path(), &clock).unwrap();
    assert!(vault.alarm().unwrap().contains("vault.damaged-20261124T"), "{:?}", vault.alarm());
    assert_eq!(restored(&vault, "alice", &placeholder).await, None);
    drop(vault);
    assert!(on_disk(state.path(), &clock).unwrap().alarm().is_none());
}

/// Every spelling in which a canary could stand in a file.
fn spellings(canary: &str) -> Vec<Vec<u8>> {
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    let bytes = canary.as_bytes();
    let escaped: String = canary.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![bytes.to_vec(), utf16, escaped.into_bytes(), HEXLOWER.encode(bytes).into_bytes()];
    all.push(HEXUPPER.encode(bytes).into_bytes());
    // Base64 of the middle, at each of the three alignments it can have.
    for shift in 0..3 {
        for encoding in [&BASE64, &BASE64URL_NOPAD] {
            let text = encoding.encode(&[&b"xx"[..shift], bytes].concat());
            all.push(text.as_bytes()[4..text.len() - 5].to_vec());
        }
    }
    all
}

#[test]
fn a_canary_is_known_in_every_spelling() {
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
    let canary = "canary-9f86d081-SECRET/üß";
    let json: String = canary.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let around = format!("…prefix {canary} suffix");
    let texts = [
        around.clone().into_bytes(),
        json.into_bytes(),
        utf16,
        HEXLOWER.encode(around.as_bytes()).into_bytes(),
        BASE64.encode(around.as_bytes()).into_bytes(),
        BASE64URL_NOPAD.encode(format!("y{around}").as_bytes()).into_bytes(),
        BASE64.encode(format!("yy{around}").as_bytes()).into_bytes(),
    ];
    for text in texts {
        let known = spellings(canary).iter().any(|spelling| memchr::memmem::find(&text, spelling).is_some());
        assert!(known, "{}", String::from_utf8_lossy(&text));
    }
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path(), found),
            false => found.push(entry.path()),
        }
    }
}

#[tokio::test]
async fn no_file_of_the_state_folder_holds_a_value_or_the_vault_a_name() {
    const SECRET: &str = "canary-9f86d081-SECRET/üß";
    const SUBJECT: &str = "subject-canary-77aa12";
    let (state, clock) = (tempfile::tempdir().unwrap(), Clock::system());
    let vault = on_disk(state.path(), &clock).unwrap();
    let log_settings = audit::Settings::new(&crate::config::audit::Audit { min_free_mib: 1, ..Default::default() });
    let log = audit::Log::open(state.path(), log_settings, clock.clone()).unwrap();
    let placeholder = mask(&vault, SUBJECT, SECRET).await;
    vault.remember(SUBJECT, "openai", "conversation-1", vec![turn(SECRET)]).await.unwrap();
    let group = audit::Group {
        rule: "test.canary".to_owned(),
        previews: vec![crate::detect::finding::preview(SECRET)],
        fingerprints: vec![vault.fingerprint(SECRET)],
        ..audit::Group::default()
    };
    log.record(audit::Event { subject: SUBJECT.to_owned(), findings: vec![group], ..Default::default() })
        .await
        .unwrap();
    for closed in [false, true] {
        if closed {
            log.close();
        }
        let mut found = Vec::new();
        files(state.path(), &mut found);
        assert!(found.len() >= 8, "{found:?}");
        for file in &found {
            let bytes = std::fs::read(file).unwrap();
            for spelling in spellings(SECRET) {
                assert!(memchr::memmem::find(&bytes, &spelling).is_none(), "{}", file.display());
            }
            let in_vault = file.starts_with(state.path().join("vault"));
            assert!(!in_vault || memchr::memmem::find(&bytes, SUBJECT.as_bytes()).is_none(), "{}", file.display());
        }
    }
    assert_eq!(restored(&vault, SUBJECT, &placeholder).await.as_deref(), Some(SECRET));
}
