//! Rules of the company's own: begun, tested before they are deployed, taken into force by a running instance.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::{
    client::{Http, next_bytes},
    dialect::{Delivery, Dialect},
    eventually,
    origin::Plan,
    readers,
    samples::placeholders,
    scrim::{Said, command, run},
    settings::Settings,
    world::World,
};

/// Runs `scrim rules ARGS` in a folder.
fn rules(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = command(&folder.join("none.toml"), &folder.join("state"));
    command.env_remove("SCRIM_CONFIG").current_dir(folder).arg("rules").args(arguments);
    run(command)
}

/// A rule that finds `nwf_` and sixteen digits.
fn rule(pattern: &str) -> String {
    format!(
        "[[rule]]\nid = \"northwind.customer\"\ntitle = \"Customer\"\ndescription = \"A customer.\"\n\
         category = \"CUSTOMER\"\nseverity = \"high\"\nsource = \"Northwind\"\nconfidence = 0.9\n\
         anchor = {{ literals = [\"nwf_\"] }}\npattern = ''' {pattern} '''\n\
         finds = [\"nwf_4711228409153067\"]\nnear_misses = [{{ text = \"nwf_\", reason = \"nothing behind it\" }}]\n"
    )
}

const CUSTOMER: &str = "nwf_4711228409153067";

#[test]
fn a_rule_begun_from_examples_passes_its_test_and_finds_its_like() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[&str], &str); 5] = [
        ("northwind.key", &["nwf_live_9f8Qz7LmXp2vK4tRw6YbN1c3"], "nwf_live_Hd5Jg0SaKq9ZtY2mWx7RcJ4n"),
        ("northwind.token", &["nwt_9f8Qz7LmXp2vK4tRw6Yb", "nwt_1Nc3Hd5Jg0SaKq9ZtY2mWx7R"], "nwt_w6Yb1Nc3Hd5Jg0SaKq9Z"),
        ("northwind.contract", &["NWC-4711-228409", "NWC-0815-993167"], "NWC-1234-987061"),
        ("northwind.session", &["9f8Qz7LmXp2vK4tRw6YbN1c3Hd5Jg0Sa"], "northwind: Kq9ZtY2mWx7RcJ5nVd8HsL3gFp6QaE4b"),
        ("northwind.customer", &["4711228409", "8153067112"], "northwind customer 9931670428"),
    ];
    for (id, examples, like) in cases {
        let mut arguments = vec!["new", id, "--dir", "own", "--example"];
        arguments.extend(examples);
        let said = rules(folder.path(), &arguments);
        assert_eq!(said.code, Some(0), "{id}: {}{}", said.stdout, said.stderr);
        let file = format!("own/secrets/{}.toml", id.replace('.', "-"));
        let text = fs::read_to_string(folder.path().join(&file)).unwrap();
        assert!(!examples.iter().any(|example| text.contains(example)), "{text}");
        let said = rules(folder.path(), &["test", &file]);
        assert_eq!(said.code, Some(0), "{id}: {}{}", said.stdout, said.stderr);
        let config = folder.path().join("scrim.toml");
        fs::write(&config, "[rules]\ndirs = [\"own\"]\n").unwrap();
        fs::write(folder.path().join("like.txt"), like).unwrap();
        let mut scan = command(&config, &folder.path().join("state"));
        scan.args(["scan", "--format", "jsonl"]).arg(folder.path().join("like.txt"));
        let found = run(scan);
        assert!(found.stdout.contains(&format!("\"{id}\"")), "{id}: {}{}\n{text}", found.stdout, found.stderr);
    }
    assert_eq!(rules(folder.path(), &["test", "own"]).code, Some(0));
}

#[test]
fn a_page_to_fill_in_passes_its_test_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let said = rules(folder.path(), &["new", "acme-mail.key", "--dir", "own"]);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    let path = folder.path().join("own/secrets/acme-mail-key.toml");
    fs::write(&path, "# mine\n").unwrap();
    let said = rules(folder.path(), &["new", "acme-mail.key", "--dir", "own"]);
    assert!(said.code == Some(2) && said.stderr.contains("is there already"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
}

#[test]
fn what_no_rule_can_be_made_from_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, told) in [
        (&["new", "acme.key"][..], "--dir"),
        (&["new", "Acme", "--dir", "own"], "no id of a rule"),
        (&["new", "aws.access-key-id", "--dir", "own"], "already"),
        (&["new", "acme.key", "--dir", "own", "--category", "a b"], "A B"),
        (&["new", "acme.key", "--dir", "own", "--example", "two words"], "blank"),
        (&["new", "acme.key", "--dir", "own", "--example", "ab12"], "too short"),
    ] {
        let said = rules(folder.path(), arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.stdout);
        assert!(said.stderr.to_lowercase().contains(&told.to_lowercase()), "{arguments:?}: {}", said.stderr);
    }
    assert!(!folder.path().join("own").exists(), "nothing was written");
}

#[test]
fn files_are_tested_before_they_are_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, rule("nwf_ [0-9]{16}")).unwrap();
    let said = rules(folder.path(), &["test", "own.toml"]);
    assert_eq!(said.code, Some(1), "it has one example");
    assert!(said.stdout.contains("own.toml:1") && said.stdout.contains("three"), "{}", said.stdout);
    fs::write(&file, format!("\n\n{}", rule("nwf_ [0-9"))).unwrap();
    let said = rules(folder.path(), &["test", "./own.toml"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stdout.contains("own.toml:3") && said.stdout.contains("pattern"), "{}", said.stdout);
    let said = rules(folder.path(), &["test", "email.address", "aws.access-key-id"]);
    assert!(said.code == Some(0) && said.stderr.contains("2 rules"), "{}{}", said.stdout, said.stderr);
    assert_eq!(rules(folder.path(), &["test", "none.toml"]).code, Some(2));
}

#[test]
fn the_list_can_be_narrowed_and_a_rule_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let all = rules(folder.path(), &["list"]);
    let cards = rules(folder.path(), &["list", "--category", "card"]);
    let n_lines = cards.stdout.lines().count();
    assert!(n_lines > 0 && n_lines < all.stdout.lines().count(), "{}", cards.stdout);
    assert!(cards.stderr.contains(&format!("{n_lines} rule")) && cards.stderr.contains(" of "), "{}", cards.stderr);
    let low = rules(folder.path(), &["list", "E-MAIL", "--severity", "medium"]);
    assert!(low.stdout.lines().any(|line| line.starts_with("email.address")), "{}", low.stdout);
    assert_eq!(rules(folder.path(), &["list", "--severity", "bad"]).code, Some(2));
    let shown = rules(folder.path(), &["show", "email.address"]).stdout;
    for told in ["starts at `@`", "finds", "does not find", "pattern"] {
        assert!(shown.contains(told), "no `{told}` in {shown}");
    }
}

/// A stage with rules of its own, and their folder.
async fn stage() -> (World, PathBuf) {
    let outside = tempfile::tempdir().unwrap().keep();
    fs::create_dir_all(outside.join("secrets")).unwrap();
    fs::create_dir_all(outside.join("words")).unwrap();
    fs::write(outside.join("words/own.txt"), "falcon\n").unwrap();
    fs::write(outside.join("projects.txt"), "Projekt Zitronenfalter\n").unwrap();
    fs::write(outside.join("secrets/own.toml"), rule("nwf_ [0-9]{16}")).unwrap();
    let folder = outside.display();
    let sections = format!(
        "[rules]\ndirs = [\"{folder}\"]\n[[detect.dictionary]]\nname = \"projects\"\nfile = \"{folder}/projects.txt\"\n"
    );
    (World::with(Plan::default(), Settings { sections, ..Settings::default() }).await, outside)
}

async fn asked(world: &World, text: &str) -> String {
    let before = world.origin.prompts().len();
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, text).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    world.origin.prompts()[before].asked()
}

/// A customer that no prompt has named before: known originals stay masked whatever the rules say.
fn customer(number: u32) -> String {
    format!("nwf_47112284{number:08}")
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_rules_words_and_dictionaries_are_taken_into_force() {
    let (world, folder) = stage().await;
    let text = format!("the order of {} for Projekt Zitronenfalter", customer(1));
    let sent = asked(&world, &text).await;
    assert!(!sent.contains("nwf_") && !sent.contains("Zitronenfalter"), "{sent}");
    // The rule now wants a word of a list beside it, and the dictionary has another entry.
    let with_words =
        rule("nwf_ [0-9]{16}").replace("finds = [\"", "context = { lists = [\"own\"] }\nfinds = [\"falcon ");
    fs::write(folder.join("secrets/own.toml"), with_words).unwrap();
    fs::write(folder.join("projects.txt"), "Projekt Apfelwickler\n").unwrap();
    let said = world.scrim(&["reload"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let sent = asked(&world, &format!("the order of {} for Projekt Apfelwickler", customer(2))).await;
    assert!(sent.contains(&customer(2)) && !sent.contains("Apfelwickler"), "{sent}");
    let sent = asked(&world, &format!("the falcon {}", customer(3))).await;
    assert!(!sent.contains("nwf_"), "{sent}");
    // SIGHUP does the same: the list has another word now.
    fs::write(folder.join("words/own.txt"), "osprey\n").unwrap();
    world.scrim.hang_up();
    eventually("the reload", || world.scrim.said().iter().any(|line| line.contains("reloaded")).then_some(())).await;
    let sent = asked(&world, &format!("the falcon {}", customer(4))).await;
    assert!(sent.contains(&customer(4)), "{sent}");
    let sent = asked(&world, &format!("the osprey {}", customer(5))).await;
    assert_eq!(placeholders(&sent).len(), 1, "{sent}");
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_rule_is_told_with_file_and_line_and_the_old_ones_stay() {
    let (world, folder) = stage().await;
    let file = folder.join("secrets/own.toml");
    for (number, (text, line)) in [
        (format!("\n{}", rule("nwf_ [0-9")), "own.toml:2"),
        (format!("{}colour = 1\n", rule("nwf_ [0-9]{16}")), "own.toml:13"),
        (rule("nwf_ [0-9]{16}").replace("nwf_\"]", "fwn_\"]"), "own.toml:1"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(&file, text).unwrap();
        let said = world.scrim(&["reload"]);
        assert!(said.code == Some(2) && said.stderr.contains(line), "{line}: {}", said.stderr);
        let sent = asked(&world, &format!("the order of {}", customer(u32::try_from(number).unwrap()))).await;
        assert!(!sent.contains("nwf_"), "the old rules stay: {sent}");
    }
    fs::write(&file, "\u{0}").unwrap();
    world.scrim.hang_up();
    eventually("the failed reload", || world.scrim.said().iter().any(|line| line.contains("own.toml")).then_some(()))
        .await;
    let sent = asked(&world, &format!("the order of {CUSTOMER}")).await;
    assert!(!sent.contains(CUSTOMER), "{sent}");
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_in_flight_ends_with_the_rules_it_began_with() {
    let (world, folder) = stage().await;
    world.origin.hold_streams();
    let text = format!("the order of {CUSTOMER}, please");
    let mut connection = world.client().open("chatgpt.com", Http::Two).await;
    let body = Dialect::ChatGpt.body(&text, Delivery::Streamed).to_string().into_bytes();
    let response = connection.begin("POST", "/backend-api/f/conversation", &[], body).await.unwrap();
    let mut incoming = response.into_body();
    let mut got = next_bytes(&mut incoming).await.unwrap().to_vec();
    fs::remove_file(folder.join("secrets/own.toml")).unwrap();
    let said = world.scrim(&["reload"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let sent = asked(&world, &format!("the order of {}", customer(1))).await;
    assert!(sent.contains(&customer(1)), "the rule is gone: {sent}");
    world.origin.release_one();
    while let Some(bytes) = next_bytes(&mut incoming).await {
        got.extend_from_slice(&bytes);
    }
    let reading = readers::read(Dialect::ChatGpt, Delivery::Streamed, &got);
    assert!(reading.ended && reading.text.starts_with(&format!("You said: {text}")), "{}", reading.text);
    assert!(!world.origin.prompts()[0].asked().contains(CUSTOMER));
    fs::remove_dir_all(folder).unwrap();
}
