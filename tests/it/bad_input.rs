//! What is wrong is told at the place where it is wrong, with the way out; nothing is lost and nothing hangs.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use crate::harness::{
    authority::Validity,
    client::Http,
    dialect::{Delivery, Dialect},
    origin::Plan,
    samples::{EMAIL, two_values},
    scrim::{Said, Scrim},
    settings::Settings,
    world::World,
};

/// A folder with a configuration that Scrim cannot start with.
struct Broken {
    folder: TempDir,
}

impl Broken {
    fn new(settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("sites-ca.pem");
        fs::write(&roots, crate::harness::authority::Authority::mint().pem()).unwrap();
        fs::write(folder.path().join("scrim.toml"), settings.toml(None, &roots)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What `scrim up` says before it ends.
    async fn refused(&self) -> Said {
        let up = Scrim::try_up(&self.path("scrim.toml"), &self.path("state")).await;
        let said = up.err().expect("Scrim must not come up");
        assert_ne!(said.code, Some(0), "{}", said.stderr);
        said
    }
}

/// Checks that the words name everything that a person needs.
fn check(said: &Said, needed: &[&str]) {
    for word in needed {
        assert!(said.stderr.contains(word), "`{word}` is not in:\n{}", said.stderr);
    }
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_option_is_named_with_its_line_and_the_right_word() {
    let broken = Broken::new(&Settings { top: "mode = \"enforc\"".to_owned(), ..Settings::default() });
    check(&broken.refused().await, &["error:", "scrim.toml:1", "enforc", "`enforce`"]);
    let broken = Broken::new(&Settings { proxy: "listn = 3".to_owned(), ..Settings::default() });
    check(&broken.refused().await, &["error:", "scrim.toml:4", "listn", "listen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_policy_is_named_with_its_line_and_the_right_word() {
    let top = "[[policy]]\nid = \"x\"\naction = \"masc\"\n".to_owned();
    let broken = Broken::new(&Settings { top, ..Settings::default() });
    check(&broken.refused().await, &["error:", "scrim.toml:3", "masc", "`mask`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_configuration_is_named() {
    let broken = Broken::new(&Settings::default());
    fs::remove_file(broken.path("scrim.toml")).unwrap();
    check(&broken.refused().await, &["error:", "scrim.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_named_with_its_file() {
    let sections = "[rules]\ndirs = [\"more\"]\n".to_owned();
    let broken = Broken::new(&Settings { sections, ..Settings::default() });
    fs::create_dir_all(broken.path("more/secrets")).unwrap();
    let rule = "[[rule]]\nid = \"corp.ticket\"\ntitle = \"A ticket\"\ncategory = \"TICKET\"\npattern = '(unclosed'\n";
    fs::write(broken.path("more/secrets/ours.toml"), rule).unwrap();
    check(&broken.refused().await, &["error:", "ours.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named_with_the_option_that_sets_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let broken = Broken::new(&Settings::default());
    let config = fs::read_to_string(broken.path("scrim.toml")).unwrap();
    fs::write(broken.path("scrim.toml"), config.replacen("127.0.0.1:0", &address, 1)).unwrap();
    check(&broken.refused().await, &["error:", "cannot listen on", &address, "hint:", "[proxy] listen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_that_is_a_file_is_named() {
    let broken = Broken::new(&Settings::default());
    fs::write(broken.path("state"), "not a folder").unwrap();
    let state = broken.path("state").display().to_string();
    check(&broken.refused().await, &["error:", &state]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_with_a_damaged_store_is_set_aside_or_named_and_never_emptied() {
    let mut world = World::start().await;
    world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    world.scrim.terminate();
    world.scrim.ended().await;
    let n_damaged = damage(world.scrim.state());
    assert!(n_damaged > 0, "no store was found in the state folder");
    match Scrim::try_up(&world.config(), world.scrim.state()).await {
        Ok(scrim) => {
            let said = scrim.said().join("\n");
            assert!(said.to_lowercase().contains("damaged"), "nobody is told: {said}");
        }
        Err(said) => check(&said, &["error:", &world.scrim.state().display().to_string()]),
    }
}

/// Overwrites the store's files; returns how many there were.
fn damage(folder: &Path) -> usize {
    let mut n_damaged = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            n_damaged += damage(&path);
        } else if path.file_name().is_some_and(|name| name == "db") {
            fs::write(&path, "this is not what sled wrote").unwrap();
            n_damaged += 1;
        }
    }
    n_damaged
}

/// Key files in the state folder.
fn keys(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(keys(&path));
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains("key")) {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_their_owners_alone_and_others_are_refused() {
    let mut world = World::start().await;
    let keys = keys(world.scrim.state());
    assert!(keys.len() >= 2, "the authority's and the vault's keys: {keys:?}");
    for key in &keys {
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o077, 0, "{}", key.display());
    }
    world.scrim.terminate();
    world.scrim.ended().await;
    let issuing = keys.iter().find(|key| key.to_string_lossy().contains("issuing")).unwrap_or(&keys[0]);
    fs::set_permissions(issuing, fs::Permissions::from_mode(0o644)).unwrap();
    let said = Scrim::try_up(&world.config(), world.scrim.state()).await.err().expect("a readable key is refused");
    check(&said, &["error:", &issuing.display().to_string(), "chmod"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_of_a_site_is_named_and_nothing_is_sent() {
    let world = World::with(Plan { validity: Validity::Expired, ..Plan::default() }, Settings::default()).await;
    let opened = world.client().try_open("chatgpt.com", Http::One).await;
    if let Ok(mut connection) = opened {
        let body = Dialect::ChatGpt.body("hello", Delivery::Streamed).to_string().into_bytes();
        let reply = connection.post("/backend-api/f/conversation", &[], body).await;
        assert!(reply.status >= 500, "{}", reply.text());
        assert!(reply.text().contains("chatgpt.com") && reply.text().contains("expired"), "{}", reply.text());
    }
    assert!(world.origin.seen().is_empty());
    crate::harness::eventually("a line that names the site and the reason", || {
        let said = world.scrim.said();
        said.iter().any(|line| line.contains("chatgpt.com") && line.contains("expired")).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_with_the_limit() {
    let limits = "body_mib = 1".to_owned();
    let world = World::with(Plan::default(), Settings { limits, ..Settings::default() }).await;
    for http in [Http::One, Http::Two] {
        let mut connection = world.client().open("api.openai.com", http).await;
        let body = Dialect::OpenAiChat.body(&"word ".repeat(300_000), Delivery::Whole).to_string().into_bytes();
        let reply = connection.post("/v1/chat/completions", &[], body).await;
        assert!((400..500).contains(&reply.status), "{http:?}: {}", reply.text());
        assert!(reply.text().contains("1 MiB") && reply.text().contains("body_mib"), "{http:?}: {}", reply.text());
        let next = connection.post("/v1/chat/completions", &[], b"{\"messages\": []}".to_vec()).await;
        assert_eq!(next.status, 200, "{http:?}: the connection goes on: {}", next.text());
    }
    assert_eq!(world.origin.prompts().len(), 2, "only the small ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_that_cannot_be_read_are_refused_with_the_reason() {
    let world = World::start().await;
    let json = Dialect::OpenAiChat.body(&two_values(), Delivery::Whole).to_string();
    let mut torn = crate::harness::origin::encode("gzip", json.as_bytes());
    torn.truncate(torn.len() / 2);
    let bomb = crate::harness::origin::encode("br", &vec![b' '; 256 << 20]);
    let (half, _) = json.as_bytes().split_at(json.len() / 2);
    let twice = json.replacen('{', "{\"messages\":[],", 1);
    let cases = [
        ("half of a JSON document", "identity", half.to_vec()),
        ("half of a gzip stream", "gzip", torn),
        ("no gzip at all", "gzip", json.clone().into_bytes()),
        ("a bomb", "br", bomb),
        ("a coding that nobody knows", "lzma", json.into_bytes()),
        ("a key twice", "identity", twice.into_bytes()),
    ];
    for (what, coding, body) in cases {
        let mut connection = world.client().open("api.openai.com", Http::Two).await;
        let reply = connection.post("/v1/chat/completions", &[("content-encoding", coding)], body).await;
        assert_eq!(reply.status, 400, "{what}: {}", reply.text());
        let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("Scrim"), "{what}: {message}");
        assert!(world.origin.prompts().is_empty(), "{what} reached the site");
        assert!(!world.origin.received(EMAIL));
    }
    assert_eq!(world.log().len(), 6, "each is an event");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_that_cannot_be_read_pass_where_it_says_so_and_are_recorded() {
    let sections = "[detect]\non_unreadable = \"allow\"\n".to_owned();
    let world = World::with(Plan::default(), Settings { sections, ..Settings::default() }).await;
    let mut connection = world.client().open("api.openai.com", Http::Two).await;
    let reply = connection.post("/v1/chat/completions", &[], b"{\"messages\": [".to_vec()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(world.origin.only_prompt().body, b"{\"messages\": [");
    assert_eq!(world.log().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_on_reload_is_told_and_the_old_one_stays() {
    let world = World::start().await;
    let good = fs::read_to_string(world.config()).unwrap();
    fs::write(world.config(), format!("mode = \"enforc\"\n{good}")).unwrap();
    let said = world.scrim(&["reload"]);
    assert_ne!(said.code, Some(0));
    check(&said, &["enforc", "scrim.toml"]);
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    assert_eq!(reply.status, 200);
    assert!(!world.origin.received(EMAIL), "the old configuration masks");
    fs::write(world.config(), format!("mode = \"observe\"\n{good}")).unwrap();
    let said = world.scrim(&["reload"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    world.client().ask(Dialect::OpenAiChat, Delivery::Whole, &two_values()).await;
    assert!(world.origin.received(EMAIL), "the new configuration only observes");
}
