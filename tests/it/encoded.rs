//! Request bodies that are compressed or wrapped: read, masked, and sent so that the site can still read them.

use serde_json::{Value, json};

use crate::harness::{
    client::{Http, Reply},
    dialect::{Delivery, Dialect},
    origin::{decode, encode},
    samples::{CLOUD_KEY, EMAIL, placeholders, two_values},
    world::World,
};

async fn post(world: &World, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let mut connection = world.client().open("api.openai.com", Http::Two).await;
    connection.post("/v1/chat/completions", headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_prompt_is_masked() {
    for coding in ["gzip", "br", "zstd"] {
        let world = World::start().await;
        let body = Dialect::OpenAiChat.body(&two_values(), Delivery::Streamed).to_string();
        let reply = post(&world, &[("content-encoding", coding)], encode(coding, body.as_bytes())).await;
        let seen = world.origin.only_prompt();
        let sent_as = seen.headers.get("content-encoding").and_then(|value| value.to_str().ok());
        let upstream = String::from_utf8(decode(sent_as, &seen.body).unwrap()).unwrap();
        assert_eq!(placeholders(&upstream).len(), 2, "{coding}: {upstream}");
        assert!(!upstream.contains(EMAIL) && !upstream.contains(CLOUD_KEY), "{coding}");
        assert_eq!(reply.stream(Dialect::OpenAiChat).text, format!("You said: {}", two_values()), "{coding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_inside_a_json_string_is_masked_at_its_depth() {
    let world = World::start().await;
    let inner = json!({"to": EMAIL, "note": format!("said \"{CLOUD_KEY}\"\n")}).to_string();
    let body = json!({"model": "gpt-test", "messages": [
        {"role": "user", "content": "Send it."},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "send_mail", "arguments": inner}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"}]});
    let reply = post(&world, &[], body.to_string().into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = world.origin.only_prompt().json();
    let arguments = seen["messages"][1]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    let inner: Value = serde_json::from_str(arguments).expect("the arguments are still JSON");
    assert_eq!(placeholders(inner["to"].as_str().unwrap()).len(), 1, "{arguments}");
    assert_eq!(placeholders(inner["note"].as_str().unwrap()).len(), 1, "{arguments}");
    assert!(inner["note"].as_str().unwrap().starts_with("said \""), "{arguments}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_masked_in_its_values() {
    let world = World::start().await;
    let mut connection = world.client().open("chatgpt.com", Http::One).await;
    let form = format!("a=1&note=mail+{}+now&key={CLOUD_KEY}&z=%C3%A9", EMAIL.replace('@', "%40"));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = connection.post("/backend-api/some-form", &headers, form.into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = world.origin.seen().pop().unwrap();
    let upstream = String::from_utf8(seen.body).unwrap();
    let names = placeholders(&upstream);
    assert_eq!(names.len(), 2, "{upstream}");
    assert_eq!(upstream, format!("a=1&note=mail+{}+now&key={}&z=%C3%A9", names[0], names[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_part_of_a_multipart_body_is_masked() {
    let world = World::start().await;
    let mut connection = world.client().open("chatgpt.com", Http::One).await;
    let body = format!(
        "--frontier\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nwrite to {EMAIL}\r\n--frontier--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=frontier")];
    let reply = connection.post("/backend-api/some-upload", &headers, body.clone().into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let upstream = String::from_utf8(world.origin.seen().pop().unwrap().body).unwrap();
    let names = placeholders(&upstream);
    assert_eq!(names.len(), 1, "{upstream}");
    assert_eq!(upstream, body.replace(EMAIL, &names[0]));
}
