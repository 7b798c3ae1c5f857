//! Tool calls of agents: what a tool is to do has the values back, escaped as deep as the arguments are.

use serde_json::Value;

use crate::harness::{
    dialect::{Delivery, Dialect},
    origin::{Plan, Sending},
    samples::{CLOUD_KEY, EMAIL, two_values},
    settings::Settings,
    world::World,
};

/// Asks for a tool call and reads its arguments.
async fn arguments(world: &World, dialect: Dialect, delivery: Delivery) -> Value {
    let reply = world.client().post(dialect, &dialect.body_with_tool(&two_values(), delivery)).await;
    assert!(!world.origin.received(EMAIL) && !world.origin.received(CLOUD_KEY), "{dialect:?} {delivery:?}");
    let reading = reply.reading(dialect, delivery);
    assert!(reading.ended, "{dialect:?} {delivery:?}");
    serde_json::from_str(&reading.arguments)
        .unwrap_or_else(|error| panic!("{dialect:?} {delivery:?}: {error} in `{}`", reading.arguments))
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_have_the_values_back_in_every_format() {
    let world = World::start().await;
    for dialect in Dialect::APIS {
        for delivery in [Delivery::Streamed, Delivery::Whole] {
            let arguments = arguments(&world, dialect, delivery).await;
            assert_eq!(arguments["path"], "notes/answer.txt", "{dialect:?} {delivery:?}");
            let expected = format!("He said \"{}\"\n\tand left.", two_values());
            assert_eq!(arguments["content"], expected, "{dialect:?} {delivery:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_come_in_whole_events_have_the_values_back() {
    let world = World::with(Plan { sending: Sending::Events, ..Plan::default() }, Settings::default()).await;
    for dialect in Dialect::APIS {
        let arguments = arguments(&world, dialect, Delivery::Streamed).await;
        assert!(arguments["content"].as_str().unwrap().contains(EMAIL), "{dialect:?}: {arguments}");
    }
}
