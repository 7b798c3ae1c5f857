//! The small model that looks for names: without an engine it is refused with the way out; with one, real weights find
//! what no rule knows, it is masked and comes back, and what was left out is in the log.

use crate::harness::{settings::Settings, world::World};

#[cfg(not(feature = "model"))]
mod without_an_engine {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_model_is_refused_with_the_way_to_a_build_that_has_one() {
        let world = World::with(crate::harness::origin::Plan::default(), Settings::default()).await;
        let folder = world.folder().join("rampart");
        std::fs::create_dir_all(&folder).unwrap();
        let tokenizer = r###"{"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {
            "type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}, "unk_token": "[UNK]",
            "continuing_subword_prefix": "##", "max_input_chars_per_word": 9}}"###;
        for (name, text) in [("a.onnx", "x"), ("tokenizer.json", tokenizer), ("labels.json", r#"["O", "PERSON"]"#)] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let file = world.folder().join("model.toml");
        std::fs::write(&file, "[detect.model]\npath = \"rampart\"\n").unwrap();
        let said = world.scrim(&["--config", file.to_str().unwrap(), "check"]);
        assert_eq!(said.code, Some(2), "{}", said.stderr);
        assert!(said.stderr.contains("built without the feature `model`"), "{}", said.stderr);
        assert!(said.stderr.contains("cargo build --release --features model"), "{}", said.stderr);
    }
}

#[cfg(feature = "model")]
mod with_real_weights {
    use super::*;
    use crate::harness::{
        dialect::{Delivery, Dialect},
        origin::Plan,
        programs::rampart,
        samples::placeholders,
    };

    /// Names that no list of given names has, and no cue stands before them.
    const NAMES: [&str; 2] = ["siobhan mcgillicuddy", "yorick trenkwalder"];

    /// An instance with the model. Patient: the machine of the tests is busy.
    async fn world(options: &str) -> World {
        let path = rampart();
        let sections = format!("[detect.model]\npath = \"{}\"\nbudget_ms = 120000\n{options}\n", path.display());
        World::with(Plan::default(), Settings { sections, ..Settings::default() }).await
    }

    /// Asks, and returns what the site was asked. The answer, which says it back, must be as if nothing had happened.
    async fn ask(world: &World, text: &str) -> String {
        let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Streamed, text).await;
        assert_eq!(reply.stream(Dialect::OpenAiChat).text, format!("You said: {text}"));
        world.origin.prompts().pop().unwrap().asked()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn names_that_no_rule_knows_and_a_german_address_are_masked_and_come_back() {
        let world = world("").await;
        let text = format!(
            "{} wants a refund, and {} signed the contract. The parcel goes to Lindenweg 14a, 10115 Berlin.",
            NAMES[0], NAMES[1]
        );
        let asked = ask(&world, &text).await;
        for value in ["siobhan", "mcgillicuddy", "yorick", "trenkwalder", "Lindenweg", "10115"] {
            assert!(!world.origin.received(value), "`{value}` leaked: {asked}");
        }
        assert_eq!(placeholders(&asked).iter().filter(|name| name.starts_with("PERSON_")).count(), 2, "{asked}");
        let again = ask(&world, &text).await;
        assert_eq!(placeholders(&again), placeholders(&asked), "the same text is masked alike");

        let log = world.log();
        let findings = log.last().unwrap()["findings"].as_array().unwrap().clone();
        let by_model = findings.iter().find(|finding| finding["rule"] == "model.person").unwrap();
        assert!(by_model["confidence"].as_f64().unwrap() <= 0.75, "{by_model}");
        assert!(world.scrim(&["status"]).stdout.contains("rampart"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_model_did_not_look_at_is_passed_on_by_the_rules_and_recorded() {
        let world = world("budget_tokens = 16").await;
        let text = format!("{}and then {}", "the weather is fine, ".repeat(20), NAMES[0]);
        assert!(ask(&world, &text).await.contains(NAMES[0]));
        assert_eq!(world.log().last().unwrap()["skipped"], "the text is longer than the model's budget");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn code_passes_unchanged() {
        let world = world("").await;
        let code = "fn user_name(user: &User) -> String { user.name.clone() }\nname = \"askama\"\n\
                    checksum = \"a680398c10c7bc0488067c4612226ea905a85f607134b69f3068d505d58c4214\"\n";
        assert_eq!(ask(&world, code).await, code);
    }
}
