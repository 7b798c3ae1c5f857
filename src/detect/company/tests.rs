//! The company's lists through the whole detector, and the promise of the fingerprints.

use super::*;
use crate::detect::Detector;
use document::DocumentsBuilder;
use proptest::prelude::*;
use std::sync::LazyLock;

fn key() -> Key {
    Key::new([9; 32])
}

/// Words without meaning that no public text holds.
fn prose(seed: u64, words: usize) -> String {
    let sip = Key::new([1; 32]).sip(seed);
    let syllables = ["ka", "lo", "mir", "te", "sun", "vel", "dor", "pi", "ran", "gu", "shi", "ne"];
    let word = |n: usize| {
        let hash = sip.hash([n as u64]) as usize;
        let word: String = (0..2 + hash % 3).map(|i| syllables[(hash >> (8 * i)) % syllables.len()]).collect();
        let end = if n % 11 == 10 { ".\n" } else { " " };
        format!("{word}{end}")
    };
    (0..words).map(word).collect()
}

fn collection(documents: &[(&str, &str)]) -> Documents {
    let mut builder = DocumentsBuilder::new(&key(), "plans", winnow::WINDOW_DEFAULT);
    for (name, text) in documents {
        builder.add(name, name, text);
    }
    builder.finish()
}

fn index(parts: Vec<Part>) -> Index {
    let parts = parts.into_iter().map(|part| Arc::new(Part::from_bytes(&key(), &part.to_bytes(&key())).unwrap()));
    Index::new(&key(), Settings::default(), Vec::new(), parts.collect(), &[])
}

/// Passages of a text, each with confidence and first reason.
fn passages(index: &Index, text: &str) -> Vec<(String, f32, String)> {
    let shown = |claim: Claim| {
        let finding = claim.finding;
        (text[finding.hull()].to_owned(), finding.confidence, finding.reasons[0].clone())
    };
    index.search(text).passages.into_iter().map(shown).collect()
}

static PLAN: LazyLock<String> = LazyLock::new(|| prose(7, 400));
static PLANS: LazyLock<Index> =
    LazyLock::new(|| index(vec![Part::Documents(collection(&[("plan-2027.docx", &PLAN)]))]));

#[test]
fn a_copied_passage_is_found_with_its_document_and_share() {
    let passage = &PLAN[200..900];
    let text = format!("Please make this shorter:\n{passage}\nThank you very much for it.");
    let found = passages(&PLANS, &text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.len() >= 660 && found[0].1 > 0.9, "{found:?}");
    assert!(!found[0].0.contains("shorter") && !found[0].0.contains("Thank"), "{found:?}");
    assert!(found[0].2.ends_with(" % of `plan-2027.docx`"), "{found:?}");
}

#[test]
fn a_sentence_is_a_quote_and_other_text_is_nothing() {
    let quote: String = PLAN.chars().skip(300).take(110).collect();
    let found = passages(&PLANS, &format!("what does “{quote}” mean?"));
    assert!(found.len() == 1 && found[0].1 < 0.7, "{found:?}");
    assert!(passages(&PLANS, &prose(8, 3000)).is_empty());
    assert!(passages(&PLANS, include_str!("../../../tests/bench/text_1MiB.txt")).is_empty());
}

#[test]
fn case_lines_and_signs_do_not_hide_a_passage() {
    let passage = &PLAN[100..700];
    for changed in [
        passage.to_uppercase(),
        passage.replace(' ', "\n> "),
        passage.replace(' ', " * "),
        passage.replace('.', "").replace('\n', " "),
        passage.replace(' ', "\\n"),
        passage.replace('i', "ı\u{300}"),
    ] {
        let found = passages(&PLANS, &changed);
        assert_eq!(found.iter().filter(|(_, confidence, _)| *confidence > 0.9).count(), 1, "{changed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_run_of_sixty_nine_letters_is_found(start in 0_usize..1500, before in 0_usize..300, after in 0_usize..300, wrap in 3_usize..9) {
        let letters: Vec<char> = PLAN.chars().filter(|c| c.is_alphabetic()).collect();
        let run: String = letters[start..start + 69].iter().collect();
        let wrapped: String = run.chars().enumerate().flat_map(|(n, c)| [Some(c.to_ascii_uppercase()), (n % wrap == 0).then_some(' ')]).flatten().collect();
        let text = format!("{}\n{wrapped}\n{}", &prose(20, 90)[..before], &prose(21, 90)[..after]);
        let found = passages(&PLANS, &text);
        prop_assert!(!found.is_empty(), "{text}");
    }

    #[test]
    fn a_passage_is_covered_but_for_a_few_letters(start in 0_usize..900, length in 300_usize..600) {
        let passage = PLAN[start..start + length].trim();
        let text = format!("{}\n{passage}\n{}", prose(30, 40), prose(31, 40));
        let at = text.find(passage).unwrap();
        let seen = PLANS.search(&text).passages;
        let start = seen.iter().map(|claim| claim.finding.hull().start).min().unwrap();
        let end = seen.iter().map(|claim| claim.finding.hull().end).max().unwrap();
        prop_assert!(start <= at + 24 && end + 24 >= at + passage.len(), "{start}..{end} of {at}..{}", at + passage.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_bytes_and_no_text_make_a_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..300), text in "[ -~\n\\\\\"<>&;=:,äöé€]{0,200}") {
        for kind in Kind::ALL {
            let sealed = format::seal(&key(), kind, &body);
            if let Ok(part) = Part::from_bytes(&key(), &sealed) {
                drop(index(vec![part]).search(&text));
            }
            prop_assert!(Part::from_bytes(&key(), &body).is_err());
        }
        drop(entries::read(&text).map(|entries| entries.iter().map(entries::judge).collect::<Vec<_>>()));
        drop(table::ldif(&text));
        table::Csv::new(&text).for_each(drop);
        drop(markup::text(&text));
        drop(PLANS.search(&text));
    }
}

#[test]
fn a_dictionary_takes_few_bytes_an_entry() {
    let entries: Vec<String> = (0..50_000_u64).map(|number| format!("customer {number:x}")).collect();
    let about = dictionary::About {
        name: "customers".to_owned(),
        title: "Customer".to_owned(),
        category: Category::company(),
        severity: Severity::Medium,
        matching: dictionary::Matching::Word,
        ignore_case: true,
        endings: 0,
        source: String::new(),
    };
    let dictionary = Dictionary::new(&key(), about, entries.len(), &entries);
    assert_eq!(dictionary.entries(), 50_000);
    assert!(dictionary.memory() < 50_000 * 30 + (5 << 20), "{}", dictionary.memory());
}

#[test]
fn boilerplate_and_public_text_are_no_passages() {
    let common = prose(40, 60);
    let documents: Vec<(String, String)> =
        (0..12).map(|n| (format!("d{n}"), format!("{common}\n{}", prose(50 + n, 80)))).collect();
    let named: Vec<(&str, &str)> = documents.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let twelve = index(vec![Part::Documents(collection(&named))]);
    assert!(passages(&twelve, &common).is_empty(), "in more than ten documents");
    assert_eq!(passages(&twelve, &prose(51, 80)).len(), 1);
    let nine = index(vec![Part::Documents(collection(&named[..9]))]);
    assert!(!passages(&nine, &common).is_empty());

    let licence = include_str!("../../../LICENSE-APACHE");
    let with_licence = index(vec![Part::Documents(collection(&[("a.rs", licence), ("b.txt", &PLAN)]))]);
    assert!(passages(&with_licence, licence).is_empty());
    let public = Part::Public(collection(&[("press.txt", &PLAN)]));
    let subtracted = index(vec![Part::Documents(collection(&[("plan", &PLAN)])), public]);
    assert!(passages(&subtracted, &PLAN).is_empty());
}

#[test]
fn adding_a_document_again_replaces_it() {
    let mut builder = DocumentsBuilder::going_on(&key(), collection(&[("a", &PLAN), ("b", &prose(60, 100))]));
    let added = builder.add("a", "a", &prose(61, 100));
    assert!(added.replaced && added.fingerprints > 10);
    let documents = builder.finish();
    assert_eq!(documents.documents().iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let changed = index(vec![Part::Documents(documents)]);
    assert!(passages(&changed, &PLAN).is_empty());
    assert!(passages(&changed, &prose(61, 100))[0].2.ends_with("9 % of `a`"));
    assert!(passages(&changed, &prose(60, 100))[0].2.ends_with(" % of `b`"));
}

#[test]
fn a_key_inside_a_passage_and_the_passage_are_both_found() {
    let mail = "anna.schmidt@acme-corp.de";
    let text = format!("{} {mail} {}", &PLAN[..400], &PLAN[400..800]);
    let detector = Detector::built_in()
        .unwrap()
        .with_company(Arc::new(index(vec![Part::Documents(collection(&[("plan", &PLAN)]))])));
    let findings = detector.scan(&text).findings;
    let rules: Vec<&str> = findings.iter().map(|finding| &*finding.rule).collect();
    assert!(rules.contains(&"company.document.plans") && rules.iter().any(|rule| rule.contains("email")), "{rules:?}");
    let covered: usize = findings.iter().flat_map(|finding| &finding.ranges).map(ExactSizeIterator::len).sum();
    assert!(covered + 60 > text.len() && covered <= text.len(), "{covered} of {}", text.len());
}

#[test]
fn what_is_found_in_a_disguise_leads_back_to_it() {
    let mut builder = known::SecretsBuilder::new(&key(), "prod");
    builder.add("API", "prod.env", &Category::parse("APIKEY").unwrap(), "q8Zr2Lm0-Vx7Tn4Kp");
    let detector = Detector::built_in().unwrap().with_company(Arc::new(index(vec![Part::Secrets(builder.finish())])));
    for (text, hidden) in [
        ("k = q8Zr2Lm0-Vx7Tn4Kp;", "q8Zr2Lm0-Vx7Tn4Kp"),
        ("see cGFzc3dvcmQgaXMgcThacjJMbTAtVng3VG40S3Ah there", "cGFzc3dvcmQgaXMgcThacjJMbTAtVng3VG40S3Ah"),
        ("k=q8Zr2Lm0%2DVx7Tn4Kp&x", "q8Zr2Lm0%2DVx7Tn4Kp"),
        ("q8Zr\u{200b}2Lm0-Vx7Tn4Kp", "q8Zr\u{200b}2Lm0-Vx7Tn4Kp"),
    ] {
        let findings = detector.scan(text).findings;
        let own = findings.iter().find(|finding| &*finding.rule == "company.secret.prod");
        assert_eq!(own.map(|finding| &text[finding.hull()]), Some(hidden), "{text}: {findings:?}");
        assert!(own.unwrap().reasons[0] == "value of `API` in `prod.env`");
    }
}

#[test]
fn no_part_holds_a_value_and_every_part_is_read_back() {
    let canaries = ["Falkenhorst-Übernahme 2027", "q8Zr2Lm0Vx7Tn4Kp", "DE-4711-0815-AX"];
    let mut secrets = known::SecretsBuilder::new(&key(), "prod");
    let mut data = exact::DataBuilder::new(
        &key(),
        "customers",
        Category::company(),
        vec![exact::Column { name: "account".to_owned(), unique: true }],
        3,
    );
    for canary in canaries {
        secrets.add("KEY", "prod.env", &Category::company(), canary);
        data.add([(0, canary)]);
    }
    let documents = collection(&[("memo.txt", &canaries.join(" is the name of the secret project which "))]);
    for part in [Part::Secrets(secrets.finish()), Part::Data(data.finish()), Part::Documents(documents)] {
        let bytes = part.to_bytes(&key());
        for canary in canaries {
            let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let folded: Vec<u8> = Letters::of(canary).codes.iter().flat_map(|code| code.to_le_bytes()).collect();
            let hex = data_encoding::HEXLOWER.encode(canary.as_bytes()).into_bytes();
            let base64 = data_encoding::BASE64.encode(canary.as_bytes()).into_bytes();
            for form in [canary.as_bytes(), &utf16, &folded, &hex, &base64, &canary.as_bytes()[..8]] {
                assert!(!bytes.windows(form.len()).any(|window| window == form), "{canary} in {:?}", part.kind());
            }
        }
        assert_eq!(Part::from_bytes(&key(), &bytes).unwrap().summary(), part.summary());
    }
}

#[test]
fn a_long_text_is_searched_to_its_end_and_over_its_pieces() {
    let mut builder = known::SecretsBuilder::new(&key(), "prod");
    builder.add("API", "prod.env", &Category::parse("APIKEY").unwrap(), "q8Zr2Lm0-Vx7Tn4Kp");
    let parts = vec![Part::Secrets(builder.finish()), Part::Documents(collection(&[("plan", &PLAN)]))];
    let detector = Detector::compile(&[], &[]).unwrap().with_company(Arc::new(index(parts)));
    for before in [PIECE - 8, PIECE - OVERLAP, 2 * PIECE - OVERLAP - 9] {
        let filler = &"größer als das ".repeat(PIECE / 8)[..];
        let filler = &filler[crate::detect::matcher::to_characters(filler, 0..before - 400)];
        let text = format!("{filler}\n{} q8Zr2Lm0-Vx7Tn4Kp. {}", &PLAN[..600], &filler[..100_000]);
        let findings = detector.scan(&text).findings;
        let secrets = findings.iter().filter(|finding| &*finding.rule == "company.secret.prod");
        assert_eq!(secrets.map(|finding| &text[finding.hull()]).collect::<Vec<_>>(), ["q8Zr2Lm0-Vx7Tn4Kp"]);
        let passages = findings.iter().filter(|finding| &*finding.rule == "company.document.plans");
        let covered: usize = passages.flat_map(|finding| &finding.ranges).map(ExactSizeIterator::len).sum();
        assert!((560..640).contains(&covered), "{covered} at {before}");
    }
}

#[test]
fn hostile_texts_stay_linear() {
    let mut parts = vec![Part::Documents(collection(&[("plan", &PLAN)]))];
    let mut data = exact::DataBuilder::new(
        &key(),
        "c",
        Category::company(),
        vec![exact::Column { name: "a".to_owned(), unique: true }],
        9,
    );
    for value in ["aaaaaaaa", "a a a a a a a a", "11111111"] {
        data.add([(0, value)]);
    }
    parts.push(Part::Data(data.finish()));
    let index = index(parts);
    for unit in ["a", "a ", "1 ", "é", "\u{300}", "\\n", "aaaaaaaa "] {
        let seen = index.search(&unit.repeat((1 << 17) / unit.len()));
        assert!(seen.claims.len() <= 1 << 16, "{unit}: {}", seen.claims.len());
    }
}
