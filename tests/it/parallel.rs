//! Many people at once: nothing is mixed between them, nothing is lost, and the log can be read meanwhile.

use std::collections::HashMap;

use crate::harness::{
    dialect::{Delivery, Dialect},
    origin::Plan,
    samples::email_of,
    settings::Settings,
    world::World,
};

const USERS: usize = 50;
const TURNS: usize = 4;

fn name(user: usize) -> String {
    format!("person{user:02}")
}

fn token(user: usize) -> String {
    format!("a long token of person {user:02}")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_prompts_of_fifty_people_are_kept_apart_while_the_log_is_read() {
    let users = (0..USERS).map(|user| (name(user), token(user))).collect();
    let world = World::with(Plan::default(), Settings { users, ..Settings::default() }).await;
    let mut asking = Vec::new();
    for user in 0..USERS {
        let client = world.client().named(&name(user), &token(user));
        asking.push(tokio::spawn(async move {
            for turn in 0..TURNS {
                let dialect = Dialect::ALL[(user + turn) % Dialect::ALL.len()];
                let text = format!("I am {}, turn {turn}. Answer me.", email_of(user, turn));
                let reading = client.ask(dialect, Delivery::Streamed, &text).await.stream(dialect);
                assert!(reading.text.starts_with(&format!("You said: {text}")), "{dialect:?}: {}", reading.text);
                let others = reading.text.matches('@').count();
                assert_eq!(others, 1, "somebody else's address: {}", reading.text);
            }
        }));
    }
    while asking.iter().any(|task| !task.is_finished()) {
        let said = world.scrim(&["log", "list"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    for task in asking {
        task.await.unwrap();
    }
    check_sites_and_log(&world);
}

fn check_sites_and_log(world: &World) {
    let prompts = world.origin.prompts();
    assert_eq!(prompts.len(), USERS * TURNS);
    assert!(prompts.iter().all(|seen| !seen.asked().contains('@')), "an address arrived");
    let mut names: Vec<String> =
        prompts.iter().flat_map(|seen| crate::harness::samples::placeholders(&seen.asked())).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), USERS * TURNS, "every address has a placeholder of its own");
    let mut by_user: HashMap<String, usize> = HashMap::new();
    for row in world.log() {
        let row = row.to_string();
        let user = (0..USERS).map(name).find(|name| row.contains(&format!("\"{name}\"")));
        *by_user.entry(user.unwrap_or_else(|| panic!("no person in {row}"))).or_default() += 1;
    }
    assert_eq!(by_user.len(), USERS);
    assert!(by_user.values().all(|n| *n == TURNS), "{by_user:?}");
    let verified = world.scrim(&["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
}
