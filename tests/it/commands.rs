//! The commands as scripts and people use them: exit codes, data on stdout, talk on stderr.

use std::{io::Write, process::Stdio};

use serde_json::Value;

use crate::harness::{
    programs,
    samples::{EMAIL, HARMLESS, placeholders, private_key, two_values},
    scrim::{Said, command, run},
    world::World,
};

/// Runs a command with no configuration and a state folder of its own, fed by stdin.
fn scrim(arguments: &[&str], input: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&folder.path().join("none.toml"), &folder.path().join("state"));
    command.env_remove("SCRIM_CONFIG").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn scan_says_by_its_exit_code_whether_anything_was_found() {
    assert_eq!(scrim(&["scan"], HARMLESS).code, Some(0));
    assert_eq!(scrim(&["scan"], &two_values()).code, Some(1));
    assert_eq!(scrim(&["scan", "/no/such/file"], "").code, Some(2));
}

#[test]
fn scan_as_json_lines_names_bytes_and_shows_no_value() {
    let said = scrim(&["scan", "--format", "jsonl"], &two_values());
    assert!(!said.stdout.contains(EMAIL), "{}", said.stdout);
    let rows: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{}", said.stdout);
    let mail = rows.iter().find(|row| row["category"] == "EMAIL").expect("the address");
    let start = two_values().find(EMAIL).unwrap();
    assert_eq!(mail["start"].as_u64(), Some(start as u64));
    assert_eq!(mail["end"].as_u64(), Some((start + EMAIL.len()) as u64));
    for key in ["file", "rule", "line", "confidence", "preview"] {
        assert!(!mail[key].is_null(), "no `{key}` in {mail}");
    }
}

#[test]
fn scan_speaks_json_and_sarif() {
    let json: Value = serde_json::from_str(&scrim(&["scan", "--format", "json"], &two_values()).stdout).unwrap();
    assert!(json.to_string().contains("EMAIL"), "{json}");
    let sarif: Value = serde_json::from_str(&scrim(&["scan", "--format", "sarif"], &two_values()).stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(2));
}

#[test]
fn scan_masks_what_it_found() {
    let said = scrim(&["scan", "--mask"], &two_values());
    assert!(!said.stdout.contains(EMAIL), "{}", said.stdout);
    assert_eq!(placeholders(&said.stdout).len(), 2, "{}", said.stdout);
}

#[test]
fn scan_in_batches_answers_each_line_in_order() {
    let input = format!(
        "{}\n{}\n",
        serde_json::json!({"id": "a", "text": two_values()}),
        serde_json::json!({"id": "b", "text": HARMLESS})
    );
    let said = scrim(&["scan", "--batch"], &input);
    let rows: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{}{}", said.stdout, said.stderr);
    assert_eq!((&rows[0]["id"], rows[0]["findings"].as_array().unwrap().len()), (&Value::from("a"), 2));
    assert_eq!((&rows[1]["id"], rows[1]["findings"].as_array().unwrap().len()), (&Value::from("b"), 0));
}

#[test]
fn every_rule_and_site_proves_its_own_examples() {
    for arguments in [["rules", "test"], ["sites", "test"]] {
        let said = scrim(&arguments, "");
        assert_eq!(said.code, Some(0), "{arguments:?}: {}{}", said.stdout, said.stderr);
    }
    assert!(scrim(&["rules", "list"], "").stdout.lines().count() >= 50);
    let sites = scrim(&["sites", "list"], "").stdout;
    for site in ["openai", "anthropic", "chatgpt", "claude"] {
        assert!(sites.contains(site), "{sites}");
    }
}

#[test]
fn policy_explain_names_the_verdict_and_the_rule_that_decided() {
    let said = scrim(&["policy", "explain", "--site", "chatgpt-web"], &private_key());
    assert!(said.stdout.contains("block") || said.stdout.contains("reroute"), "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("PRIVATEKEY"), "{}", said.stdout);
}

#[test]
fn check_prints_every_option_and_its_own_output_is_a_configuration() {
    let defaults = scrim(&["check", "--defaults"], "").stdout;
    for section in ["[proxy]", "[proxy.limits]", "[upstream]", "[mask]", "[audit]", "[console]"] {
        assert!(defaults.contains(section), "no {section} in\n{defaults}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scrim.toml");
    std::fs::write(&file, defaults).unwrap();
    let said = scrim(&["check", "--config", &file.display().to_string()], "");
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
}

#[test]
fn the_authority_can_be_made_shown_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let with_state = |arguments: &[&str]| {
        let mut command = command(&folder.path().join("none.toml"), &folder.path().join("state"));
        command.env_remove("SCRIM_CONFIG").args(arguments);
        run(command)
    };
    assert_eq!(with_state(&["ca", "init"]).code, Some(0));
    let shown = with_state(&["ca", "show"]);
    assert!(shown.stdout.contains("AI hosts and nothing else"), "what it may sign: {}{}", shown.stdout, shown.stderr);
    let exported = with_state(&["ca", "export"]);
    assert!(exported.stdout.starts_with("-----BEGIN CERTIFICATE-----"), "{}{}", exported.stdout, exported.stderr);
    assert!(!exported.stdout.contains("PRIVATE"), "{}", exported.stdout);
}

#[test]
fn an_unknown_command_is_refused_with_the_nearest_right_one() {
    let said = scrim(&["scn"], "");
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.contains("scan"), "{}", said.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_instance_tells_its_state() {
    let world = World::start().await;
    let status = world.scrim(&["status"]);
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    assert!(status.stdout.contains(&world.scrim.proxy.to_string()), "{}", status.stdout);
    let variables = world.scrim(&["env"]);
    for name in ["HTTPS_PROXY", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        assert!(variables.stdout.contains(name), "no {name} in {}", variables.stdout);
    }
    assert!(variables.stdout.contains(&world.scrim.proxy.to_string()), "{}", variables.stdout);
    let doctor = world.scrim(&["doctor"]);
    assert!(!doctor.stdout.is_empty() && !doctor.stderr.contains("panicked"), "{}{}", doctor.stdout, doctor.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_instance_the_log_can_still_be_read_and_status_says_so() {
    let mut world = World::start().await;
    world
        .client()
        .ask(crate::harness::dialect::Dialect::OpenAiChat, crate::harness::dialect::Delivery::Whole, &two_values())
        .await;
    world.scrim.terminate();
    world.scrim.ended().await;
    assert_eq!(world.log().len(), 1);
    let status = world.scrim(&["status"]);
    assert_ne!(status.code, Some(0), "{}", status.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_puts_a_command_behind_the_running_instance() {
    let world = World::start().await;
    let curl = programs::curl().display().to_string();
    let body = serde_json::json!({"model": "m", "messages": [{"role": "user", "content": two_values()}]}).to_string();
    let said = world.scrim(&[
        "run",
        "--",
        &curl,
        "-sS",
        "-H",
        "content-type: application/json",
        "-d",
        &body,
        "https://api.openai.com/v1/chat/completions",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stdout.contains(EMAIL), "{}", said.stdout);
    assert!(!world.origin.received(EMAIL));
    let failing = world.scrim(&["run", "--", "sh", "-c", "exit 7"]);
    assert_eq!(failing.code, Some(7), "the command's own exit code");
}

#[test]
fn run_starts_an_instance_of_its_own_where_none_runs() {
    let said =
        scrim(&["run", "--", "sh", "-c", "test -n \"$HTTPS_PROXY\" && test -r \"$SSL_CERT_FILE\" && echo ready"], "");
    assert_eq!((said.code, said.stdout.trim()), (Some(0), "ready"), "{}", said.stderr);
}
