//! The whole model with a network that knows a few words by heart: what reaches it, what comes of it, what is remembered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;

use super::*;
use crate::detect::{Detector, company::key::KEY_BYTES, model::wordpiece::tests::tokenizer};

const LABELS: &str =
    r#"["O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-SURNAME", "I-SURNAME", "STREET_NAME", "ZIP_CODE", "CITY"]"#;

/// After the four special tokens; those with a label are what the network knows by heart.
const WORDS: [(&str, usize); 14] = [
    ("xiulan", 1),
    ("okon", 3),
    ("##kwo", 4),
    ("zandhoop", 5),
    ("10115", 6),
    ("berlin", 7),
    ("ask", 0),
    ("about", 0),
    ("the", 0),
    ("report", 0),
    ("in", 0),
    (",", 0),
    (".", 0),
    ("a", 0),
];

/// Says of each word what it knows by heart, and counts how often it is asked.
struct ByHeart {
    asked: Arc<Mutex<Vec<Vec<u32>>>>,
    took: Duration,
}

impl Network for ByHeart {
    fn run(&self, ids: &[u32]) -> Result<Answer, ModelError> {
        self.asked.lock().unwrap().push(ids.to_vec());
        let label = |id: u32| usize::try_from(id).unwrap().checked_sub(4).map_or(0, |word| WORDS[word].1);
        let row = |id: &u32| (0..8).map(|place| if place == label(*id) { 9.0 } else { 0.0 }).collect::<Vec<f32>>();
        Ok(Answer { logits: ids.iter().flat_map(row).collect(), took: self.took })
    }
}

/// The token ids of every window that the network was asked about.
type Asked = Arc<Mutex<Vec<Vec<u32>>>>;

/// A model, and what its network was asked.
fn model(tokens: usize, took: Duration) -> (Arc<Model>, Asked) {
    let asked = Arc::default();
    let labels = Labels::read("labels.json", LABELS.as_bytes()).unwrap();
    let model = Model::new(Parts {
        name: "heart".to_owned(),
        version: "1".to_owned(),
        pieces: tokenizer(true, &WORDS.map(|(word, _)| word)),
        kinds: Kinds::new(labels.kinds(), &BTreeMap::new()).unwrap(),
        labels,
        network: Box::new(ByHeart { asked: Arc::clone(&asked), took }),
        bounds: Bounds { min_score: 0.7, tokens, time: Duration::from_secs(1) },
        key: Key::new([7; KEY_BYTES]),
    });
    asked.lock().unwrap().clear();
    (Arc::new(model.unwrap()), asked)
}

/// Findings as `rule text`, with rules and model together.
fn found(detector: &Detector, text: &str, effort: &mut Effort) -> Vec<String> {
    let findings = detector.scan_deeply(text, effort).findings;
    findings.iter().map(|finding| format!("{} {}", finding.rule, &text[finding.hull()])).collect()
}

fn detector(model: &Arc<Model>) -> Detector {
    Detector::built_in().unwrap().with_model(Arc::clone(model))
}

#[test]
fn names_and_addresses_are_found_beside_what_rules_find() {
    let (model, asked) = model(1000, Duration::ZERO);
    let detector = detector(&model);
    let text = "the report, a xiulan okonkwo in Zandhoop, 10115 Berlin about xiulan@corp-mail.net.";
    let mut effort = Effort::default();
    let all = found(&detector, text, &mut effort);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all[0], "model.person xiulan okonkwo");
    assert_eq!(all[1], "model.address Zandhoop, 10115 Berlin");
    assert!(all[2].ends_with(" xiulan@corp-mail.net"), "{all:?}");
    assert_eq!(effort.skipped(), None);
    // The address is hidden from the network: `about`, one unknown token, the full stop.
    let seen = asked.lock().unwrap()[0].clone();
    assert!(seen.windows(3).any(|ids| ids == [11, 1, 16]), "{seen:?}");
    let finding = &detector.scan_deeply(text, &mut effort).findings[0];
    assert!(finding.confidence > 0.6 && finding.confidence <= 0.75, "{finding:?}");
    assert_eq!(detector.title("model.person"), Some("person by the model"));
}

#[test]
fn a_window_that_was_seen_is_not_asked_about_again() {
    let (model, asked) = model(1000, Duration::ZERO);
    let detector = detector(&model);
    for _ in 0..3 {
        assert_eq!(found(&detector, "ask Xiulan", &mut Effort::default()), ["model.given-name Xiulan"]);
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn texts_without_letters_or_wholly_covered_are_not_shown() {
    let (model, asked) = model(1000, Duration::ZERO);
    let detector = detector(&model);
    for text in ["", "12 + 30 = 42 ...", "anna.schmidt@corp-mail.net"] {
        found(&detector, text, &mut Effort::default());
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn more_than_the_budget_is_skipped_and_said_and_the_rest_is_found() {
    let (model, _) = model(4, Duration::ZERO);
    let mut effort = Effort::default();
    let all = found(&detector(&model), "ask Xiulan about the report in Berlin, Xiulan", &mut effort);
    assert_eq!(all, ["model.given-name Xiulan"]);
    assert_eq!(effort.skipped(), Some(Skipped::Tokens));
}

#[test]
fn when_the_time_of_a_prompt_is_over_the_rest_is_skipped_and_known_windows_are_not() {
    let (model, asked) = model(1000, Duration::from_secs(2));
    let detector = detector(&model);
    let mut effort = Effort::default();
    assert_eq!(found(&detector, "ask Xiulan", &mut effort).len(), 1);
    assert_eq!(effort.skipped(), None);
    assert_eq!(found(&detector, "about Xiulan", &mut effort).len(), 0);
    assert_eq!(effort.skipped(), Some(Skipped::Time));
    assert_eq!(found(&detector, "ask Xiulan", &mut effort).len(), 1);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn a_network_of_another_shape_is_told() {
    struct Odd(usize);
    impl Network for Odd {
        fn run(&self, ids: &[u32]) -> Result<Answer, ModelError> {
            Ok(Answer { logits: vec![0.0; ids.len() * self.0], took: Duration::ZERO })
        }
    }
    let labels = Labels::read("labels.json", LABELS.as_bytes()).unwrap();
    let wrong = Model::new(Parts {
        name: String::new(),
        version: String::new(),
        pieces: tokenizer(true, &[]),
        kinds: Kinds::new(labels.kinds(), &BTreeMap::new()).unwrap(),
        labels,
        network: Box::new(Odd(5)),
        bounds: Bounds { min_score: 0.7, tokens: 10, time: Duration::ZERO },
        key: Key::new([7; KEY_BYTES]),
    });
    assert_eq!(wrong.err(), Some(ModelError::Shape { found: 5, expected: 8 }));
}

proptest! {
    #[test]
    fn names_are_found_wherever_windows_are_cut(before in 0_usize..700, after in 0_usize..400) {
        let (model, _) = model(4000, Duration::ZERO);
        let text = format!("{}Xiulan Okonkwo. {}", "the report ".repeat(before / 2), "a, ".repeat(after));
        let claims = model.claims(&text, &[], &mut Effort::default());
        let shown: Vec<&str> = claims.iter().map(|claim| &text[claim.finding.hull()]).collect();
        prop_assert_eq!(shown, ["Xiulan Okonkwo"]);
    }

    #[test]
    fn claims_are_ascending_whole_words_and_nothing_that_is_covered(
        words in prop::collection::vec((0_usize..14, prop::bool::ANY), 1..60), covered in 0_usize..60
    ) {
        let (model, _) = model(4000, Duration::ZERO);
        let mut text = String::new();
        let mut spans = Vec::new();
        for (word, capital) in words {
            let start = text.len();
            let plain = WORDS[word].0.trim_start_matches("##");
            if capital { text.push_str(&plain.to_uppercase()) } else { text.push_str(plain) }
            spans.push(start..text.len());
            text.push(' ');
        }
        let hidden = spans[covered % spans.len()].clone();
        let claims = model.claims(&text, std::slice::from_ref(&hidden), &mut Effort::default());
        let mut last = 0;
        for claim in claims {
            let hull = claim.finding.hull();
            prop_assert!(hull.start >= last && hull.start < hull.end);
            prop_assert!(hull.end <= hidden.start || hull.start >= hidden.end, "{hull:?} {hidden:?}");
            prop_assert!(spans.iter().any(|span| span.start == hull.start));
            prop_assert!(spans.iter().any(|span| span.end == hull.end));
            last = hull.end;
        }
    }
}
