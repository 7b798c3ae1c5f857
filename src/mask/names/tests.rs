//! Behaviour of the snapshot of live names.

use super::*;

fn category(name: &str) -> Category {
    Category::parse(name).unwrap()
}

fn with(originals: &[(&str, &str)]) -> Names {
    let mut names = Names::new(ScopeKey::new([3; 32]));
    for (kind, original) in originals {
        let placeholder = names.name(&category(kind), original);
        assert!(names.insert(placeholder, Original::new((*original).to_owned())));
    }
    names
}

fn swept(names: &Names, text: &str) -> Vec<String> {
    names.sweep(text).into_iter().map(|(range, _)| text.get(range).unwrap().to_owned()).collect()
}

#[test]
fn an_insertion_changes_this_copy_only() {
    let shared = with(&[("EMAIL", "alice@corp.example")]);
    let mut mine = shared.clone();
    let bob = mine.name(&category("EMAIL"), "bob@corp.example");
    mine.insert(bob.clone(), Original::new("bob@corp.example".to_owned()));
    assert!(shared.original(bob.as_str()).is_none());
    assert_eq!(mine.original(bob.as_str()).unwrap().expose(), "bob@corp.example");
    assert_eq!((shared.len(), mine.len()), (1, 2));
}

#[test]
fn many_turns_need_few_layers() {
    let mut names = with(&[]);
    for turn in 0..300 {
        let snapshot = names.clone();
        let original = format!("user{turn}@corp.example");
        names.insert(names.name(&category("EMAIL"), &original), Original::new(original));
        assert_eq!(snapshot.len(), turn);
    }
    assert_eq!(names.len(), 300);
    assert!(names.layers.len() <= 12, "{} layers", names.layers.len());
    let last = names.name(&category("EMAIL"), "user0@corp.example");
    assert!(names.original(last.as_str()).is_some());
}

#[test]
fn a_collision_keeps_the_first_original() {
    let mut names = with(&[("EMAIL", "alice@corp.example")]);
    let alice = names.name(&category("EMAIL"), "alice@corp.example");
    assert!(!names.insert(alice.clone(), Original::new("mallory@evil.example".to_owned())));
    assert!(names.insert(alice.clone(), Original::new("alice@corp.example".to_owned())));
    assert_eq!(names.original(alice.as_str()).unwrap().expose(), "alice@corp.example");
}

#[test]
fn the_spelling_without_the_last_underscore_is_known() {
    let names = with(&[("EMAIL", "alice@corp.example")]);
    let full = names.name(&category("EMAIL"), "alice@corp.example");
    let mut short = full.as_str().to_owned();
    short.remove(short.len() - 3);
    assert!(names.original(&short).is_some());
    for length in 1..short.len() {
        assert!(matches!(names.progress(short.get(..length).unwrap()), Progress::Growing), "{length}");
        assert!(matches!(names.progress(full.as_str().get(..length).unwrap()), Progress::Growing), "{length}");
    }
    assert!(matches!(names.progress(&short), Progress::Complete(_)));
    assert!(matches!(names.progress("EMAIL__"), Progress::Dead));
    assert!(matches!(names.progress("EMAIL_7K2QX4M9TDR44444444444444444444444"), Progress::Dead));
}

#[test]
fn only_placeholders_of_this_scope_are_cut_out() {
    let names = with(&[]);
    let ours = names.name(&category("EMAIL"), "alice@corp.example");
    let theirs = ScopeKey::new([4; 32]).name(&category("EMAIL"), "alice@corp.example");
    let text = format!("{theirs} and {ours}.");
    let issued: Vec<_> = names.issued(&text).into_iter().map(|range| text.get(range).unwrap().to_owned()).collect();
    assert_eq!(issued, [ours.as_str()]);
}

#[test]
fn live_originals_are_found_where_the_page_sends_them_back() {
    let names =
        with(&[("EMAIL", "alice@corp.example"), ("PERSON", "Alice Ng"), ("PHONE", "12345"), ("PERSON", "张三丰")]);
    assert_eq!(swept(&names, "Alice Ng <alice@corp.example>"), ["Alice Ng", "alice@corp.example"]);
    assert_eq!(swept(&names, "12345"), [""; 0], "shorter than 6 bytes");
    assert_eq!(swept(&names, "Alice Ngo, MAlice Ng"), [""; 0], "short originals count as whole words only");
    assert_eq!(swept(&names, "xalice@corp.exampley"), ["alice@corp.example"], "long ones anywhere");
    assert_eq!(swept(&names, "请问张三丰在吗"), ["张三丰"], "no spaces, no words");
}

#[test]
fn a_longer_original_wins_over_one_inside_it_across_layers() {
    let shared = with(&[("EMAIL", "alice@corp.example")]);
    let mut names = shared.clone();
    let long = "postgres://alice@corp.example/db";
    names.insert(names.name(&category("CONNECTION"), long), Original::new(long.to_owned()));
    let found = names.sweep("use postgres://alice@corp.example/db now");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.category().as_str(), "CONNECTION");
}

#[test]
fn raw_bytes_are_swept_for_secrets_and_long_originals_only() {
    let long = "alice.meyer-lindqvist@research.north.corp.example";
    let names =
        with(&[("PASSWORD", "hunter2-x"), ("PERSON", "Alice Ng"), ("EMAIL", "alice@corp.example"), ("EMAIL", long)]);
    assert!(names.sweep_bytes(b"q=hunter2-x"));
    assert!(names.sweep_bytes(long.replace('@', "%40").as_bytes()));
    assert!(names.sweep_bytes(format!("\0{long}\0").as_bytes()));
    assert!(!names.sweep_bytes(b"name=Alice Ng"));
    assert!(!names.sweep_bytes(b"login=alice@corp.example"), "a page sends its user's own address in log-ins");
    assert!(!names.sweep_bytes(b"100%"));
}

#[test]
fn debug_output_shows_numbers_only() {
    let names = with(&[("PASSWORD", "hunter2-hunter2")]);
    assert_eq!(format!("{names:?}"), "Names(1 live)");
}
