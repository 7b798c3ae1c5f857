//! curl as a real client of both protocols.

use std::process::Command;

use crate::harness::{
    dialect::{Delivery, Dialect},
    origin::{Offer, PLAIN, Plan},
    programs, readers,
    samples::{EMAIL, two_values},
    scrim::Said,
    settings::Settings,
    world::World,
};

/// curl behind Scrim, with its authority as the only one.
fn curl(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(programs::curl());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.args(["-sS", "--max-time", "120", "--proxy", &format!("http://{}", world.scrim.proxy)]);
    command.arg("--cacert").arg(world.ca()).args(arguments);
    command
}

async fn ask(world: &World, version: &str, delivery: Delivery) -> Said {
    let body = Dialect::OpenAiChat.body(&two_values(), delivery).to_string();
    programs::finish(curl(
        world,
        &[
            version,
            "-N",
            "-w",
            "%{stderr}%{http_version}",
            "-H",
            "content-type: application/json",
            "-d",
            &body,
            "https://api.openai.com/v1/chat/completions",
        ],
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_gets_its_values_back_over_both_protocols() {
    for offer in [Offer::Http1, Offer::Both] {
        let world = World::with(Plan { offer, ..Plan::default() }, Settings::default()).await;
        for (flag, shown) in [("--http1.1", "1.1"), ("--http2", "2")] {
            // An h2 client is not promised h2 before Scrim knows what the site offers.
            let shown = if offer == Offer::Http1 { "1.1" } else { shown };
            for delivery in [Delivery::Streamed, Delivery::Whole] {
                let said = ask(&world, flag, delivery).await;
                assert_eq!(said.code, Some(0), "{flag}: {}", said.stderr);
                let reading = readers::read(Dialect::OpenAiChat, delivery, said.stdout.as_bytes());
                assert_eq!(reading.text, format!("You said: {}", two_values()), "{flag} {offer:?}");
                assert!(said.stderr.contains(shown), "{flag} {offer:?}: spoke HTTP/{}", said.stderr);
            }
        }
        assert!(!world.origin.received(EMAIL));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_does_not_trust_scrim_for_a_host_that_is_no_ai_site() {
    let world = World::start().await;
    let said = programs::finish(curl(&world, &[&format!("https://{PLAIN}/")])).await;
    assert_eq!(said.code, Some(60), "the site's own certificate, unknown to this curl: {}", said.stderr);
}
