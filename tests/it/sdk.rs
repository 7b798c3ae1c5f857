//! The vendors' own Python SDKs behind Scrim, started by `scrim run`: their parsers are the judges of every stream.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{
    model::{Model, answer_to},
    origin::Plan,
    programs::{python, report, repository},
    samples::{CLOUD_KEY, EMAIL, private_key, two_values},
    scrim::command,
    settings::Settings,
    world::World,
};

/// Scripts in `tests/sdk/`, one an API.
const SCRIPTS: [&str; 3] = ["openai_chat", "openai_responses", "anthropic_messages"];

/// Runs a script behind the running instance; it prints what the SDK handed to it, for each way it was asked to go.
async fn sdk(world: &World, script: &str, ways: [&str; 2], prompt: &str) -> Vec<(String, Value)> {
    let mut command: Command = command(&world.config(), world.scrim.state());
    command.args(["run", "--"]).arg(python()).arg(repository(&format!("tests/sdk/{script}.py"))).args(ways);
    command.env("SCRIM_TEST_PROMPT", prompt).env("PYTHONDONTWRITEBYTECODE", "1");
    let heard = report(command).await;
    ways.iter().map(|way| (format!("{script} {way}"), heard[way].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_restored_streamed_and_whole() {
    let world = World::start().await;
    for script in SCRIPTS {
        for (way, heard) in sdk(&world, script, ["stream", "whole"], &two_values()).await {
            assert_eq!(heard["text"], format!("You said: {}", two_values()), "{way}");
        }
    }
    assert_eq!(world.origin.prompts().len(), 6);
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_with_the_values_and_its_result_is_masked_again() {
    let world = World::start().await;
    for script in SCRIPTS {
        for (way, heard) in sdk(&world, script, ["tool-stream", "tool-whole"], &two_values()).await {
            let expected =
                json!({"path": "notes/answer.txt", "content": format!("He said \"{}\"\n\tand left.", two_values())});
            assert_eq!(heard["arguments"], expected, "{way}");
            // The script sends the tool's result, with the values in it, as the next turn.
            assert_eq!(heard["text"], format!("You said: wrote {}", two_values()), "{way}");
        }
    }
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_raised_once_with_its_words() {
    let world = World::start().await;
    for script in SCRIPTS {
        for (way, heard) in sdk(&world, script, ["stream", "whole"], &format!("Look:\n{}", private_key())).await {
            assert_eq!(heard["error"]["status"], 400, "{way}: {heard}");
            assert!(heard["error"]["message"].as_str().unwrap().contains("Scrim"), "{way}: {heard}");
        }
    }
    assert!(world.origin.prompts().is_empty());
    assert_eq!(world.log().len(), 6, "no SDK tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_answer_is_an_ordinary_one() {
    let model = Model::start().await;
    let world = World::with(Plan::default(), Settings::with_model(&model.url())).await;
    for script in SCRIPTS {
        for (way, heard) in sdk(&world, script, ["stream", "whole"], &format!("Look:\n{}", private_key())).await {
            assert!(heard["text"].as_str().is_some_and(|text| text.contains(&answer_to(1))), "{way}: {heard}");
        }
    }
    assert!(world.origin.prompts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_model_answers_the_openai_sdk() {
    let url = crate::harness::programs::local_model();
    let world = World::with(Plan::default(), Settings::with_real_model(url)).await;
    assert_eq!(world.scrim(&["local", "list"]).code, Some(0), "the model is found");
    for (way, heard) in sdk(&world, "openai_chat", ["stream", "whole"], &format!("Look:\n{}", private_key())).await {
        let text = heard["text"].as_str().unwrap_or_else(|| panic!("{way}: {heard}"));
        assert!(text.contains("inside the company, because"), "{way}: {text}");
    }
    assert!(world.origin.prompts().is_empty());
}
