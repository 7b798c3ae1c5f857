//! The block log: what people see of it, that it is complete and untampered, and that it holds no value.

use std::{fs, path::Path};

use serde_json::Value;

use crate::harness::{
    dialect::{Delivery, Dialect},
    holds,
    samples::{CARD, CLOUD_KEY, EMAIL, PASSWORD, PASSWORD_LINE, key_lines, private_key, two_values},
    world::World,
};

/// A masked and a refused prompt on every site.
async fn busy() -> (World, String) {
    let world = World::start().await;
    let key = private_key();
    for dialect in Dialect::ALL {
        world.client().ask(dialect, Delivery::Streamed, &two_values()).await;
        world.client().ask(dialect, Delivery::Streamed, &format!("{PASSWORD_LINE} {CARD}\n{key}")).await;
    }
    (world, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn list_show_and_export_tell_the_same() {
    let (world, _) = busy().await;
    let log = world.log();
    assert_eq!(log.len(), 10);
    let list = world.scrim(&["log", "list"]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    for dialect in Dialect::ALL {
        assert!(list.stdout.contains(dialect.site()), "{dialect:?} is not in\n{}", list.stdout);
    }
    for word in ["mask", "block"] {
        assert!(list.stdout.contains(word), "{}", list.stdout);
    }
    let show = world.scrim(&["log", "show", &sequence(&log[1])]);
    assert_eq!(show.code, Some(0), "{}", show.stderr);
    assert!(show.stdout.contains("PRIVATEKEY"), "{}", show.stdout);
    let none = world.scrim(&["log", "show", "999999"]);
    assert_ne!(none.code, Some(0));
    assert!(none.stderr.contains("999999"), "{}", none.stderr);
}

/// The row's number, as `log show` takes it.
fn sequence(row: &Value) -> String {
    row["seq"].as_u64().unwrap_or_else(|| panic!("no `seq` in {row}")).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_in_order_without_gaps() {
    let (world, _) = busy().await;
    let numbers: Vec<u64> = world.records().iter().map(|row| sequence(row).parse().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_verifies_and_a_tampered_one_does_not() {
    let (mut world, _) = busy().await;
    let running = world.scrim(&["log", "verify"]);
    assert_eq!(running.code, Some(0), "{}{}", running.stdout, running.stderr);
    // An orderly end seals the last record.
    world.scrim.terminate();
    world.scrim.ended().await;
    let export = world.scrim(&["log", "export"]).stdout;
    let lines: Vec<&str> = export.lines().collect();
    let file = world.folder().join("export.jsonl");
    let path = file.display().to_string();
    let verify = |text: &str| {
        fs::write(&file, text).unwrap();
        world.scrim(&["log", "verify", &path])
    };
    let good = verify(&export);
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    let changed = export.replacen("\"block\"", "\"allow\"", 1);
    let mut missing = lines.clone();
    missing.remove(4);
    let cut = lines.get(..lines.len() - 2).unwrap().join("\n") + "\n" + lines.last().unwrap() + "\n";
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    let mut doubled = lines.clone();
    doubled.insert(5, lines[4]);
    for (what, text) in [
        ("a changed record", changed),
        ("a missing record", missing.join("\n") + "\n"),
        ("two records in the wrong order", swapped.join("\n") + "\n"),
        ("the last record cut off", cut),
        ("a record twice", doubled.join("\n") + "\n"),
    ] {
        let said = verify(&text);
        assert_ne!(said.code, Some(0), "{what} verifies: {}", said.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_lies_in_the_state_folder_or_in_scrims_words() {
    let (mut world, key) = busy().await;
    let export = world.scrim(&["log", "export"]).stdout;
    let list = world.scrim(&["log", "list"]).stdout;
    world.scrim.terminate();
    world.scrim.ended().await;
    let mut canaries = vec![EMAIL.to_owned(), CLOUD_KEY.to_owned(), CARD.to_owned(), PASSWORD.to_owned()];
    canaries.extend(key_lines(&key));
    let said = world.scrim.said().join("\n");
    for canary in &canaries {
        for form in forms(canary) {
            search(world.scrim.state(), canary, &form);
            for (what, text) in [("the export", &export), ("the list", &list), ("stderr", &said)] {
                assert!(!holds(text.as_bytes(), &form), "{canary} is in {what}");
            }
        }
    }
}

/// A value in the forms in which it could lie on a disk.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let quoted = serde_json::to_string(value).unwrap();
    vec![
        value.as_bytes().to_vec(),
        quoted.trim_matches('"').as_bytes().to_vec(),
        data_encoding::BASE64_NOPAD.encode(value.as_bytes()).into_bytes(),
        data_encoding::HEXLOWER.encode(value.as_bytes()).into_bytes(),
        utf16,
    ]
}

fn search(folder: &Path, canary: &str, form: &[u8]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, canary, form);
        } else if path.is_file() {
            assert!(!holds(&fs::read(&path).unwrap(), form), "{canary} lies in {}", path.display());
        }
    }
}
