//! What Scrim need not change it does not change: a prompt without findings arrives bit for bit, a masked one differs in
//! the masked values alone.

use crate::harness::{
    client::Http,
    dialect::{Delivery, Dialect},
    samples::{CLOUD_KEY, EMAIL, HARMLESS, placeholders},
    world::{CONVERSATION, World},
};

/// A body that no serialiser would write: odd white space, escapes, numbers, key order and unknown fields.
fn odd(dialect: Dialect, text: &str) -> String {
    let strange = r#""x_unknown" : {"zeta":1.50e+3, "alpha": 123456789012345678901234567890,"e":[ ]},"slash":"a\/b","u":"\u00e9\ud83d\ude00 \u0041""#;
    match dialect {
        Dialect::OpenAiChat => format!(
            "{{ \"stream\" :false,\n\t{strange},\"messages\":[ {{\"content\":\"{text}\" , \"role\":\"user\"}} ],\"model\":\"gpt-test\" }}\n"
        ),
        Dialect::OpenAiResponses => {
            format!(
                "{{{strange},\"input\":[{{\"role\":\"user\",\"content\":[{{\"text\":\"{text}\",\"type\":\"input_text\"}}]}}],\"model\":\"m\"}}"
            )
        }
        Dialect::Anthropic => format!(
            "{{\"max_tokens\":7.0e1,\r\n{strange} ,\"messages\":[{{\"role\":\"user\",\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}]}}],\"model\":\"m\"}}"
        ),
        Dialect::ChatGpt => format!(
            "{{\"action\":\"next\", {strange}, \"messages\":[{{\"author\":{{\"role\":\"user\"}},\"id\":\"u1\",\"content\":{{\"parts\":[\"{text}\"],\"content_type\":\"text\"}}}}],\"parent_message_id\":\"p\",\"model\":\"auto\"}}"
        ),
        Dialect::Claude => {
            format!("{{{strange},\"prompt\":\"{text}\",\"attachments\":[ ],\"timezone\":\"Europe\\/Berlin\"}}")
        }
    }
}

async fn arrived(world: &World, dialect: Dialect, body: &str) -> String {
    let mut connection = world.client().open(dialect.host(), Http::One).await;
    let reply = connection.post(&dialect.path(CONVERSATION), &[], body.as_bytes().to_vec()).await;
    assert_eq!(reply.status, 200, "{dialect:?}: {}", reply.text());
    let seen = world.origin.prompts().pop().expect("the prompt arrives");
    String::from_utf8(seen.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_prompt_arrives_bit_for_bit() {
    let world = World::start().await;
    for dialect in Dialect::ALL {
        let body = odd(dialect, HARMLESS);
        assert_eq!(arrived(&world, dialect, &body).await, body, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_prompt_differs_in_the_masked_values_alone() {
    let world = World::start().await;
    for dialect in Dialect::ALL {
        let body = odd(dialect, &format!("Mail \\u00e0 {EMAIL},\\n\\\"key\\\": {CLOUD_KEY}\\/ end"));
        let upstream = arrived(&world, dialect, &body).await;
        let names = placeholders(&upstream);
        assert_eq!(names.len(), 2, "{dialect:?}: {upstream}");
        assert_eq!(upstream, body.replacen(EMAIL, &names[0], 1).replacen(CLOUD_KEY, &names[1], 1), "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_harmless_prompt_arrives_as_it_was_compressed() {
    let world = World::start().await;
    let packed = crate::harness::origin::encode("gzip", odd(Dialect::OpenAiChat, HARMLESS).as_bytes());
    let mut connection = world.client().open("api.openai.com", Http::One).await;
    let reply = connection.post("/v1/chat/completions", &[("content-encoding", "gzip")], packed.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(world.origin.only_prompt().body, packed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_a_client_shows_its_own_site_passes() {
    let world = World::start().await;
    let key = concat!("Bearer sk-", "proj-Zt7Q2wXk9mB4vN8cR1yL5pD3hG6jF0aSeUiOqTzWbMxKnVfCgHlPdRyJ");
    let mut connection = world.client().open("api.openai.com", Http::Two).await;
    let body = Dialect::OpenAiChat.body(HARMLESS, Delivery::Whole).to_string().into_bytes();
    let reply = connection.post("/v1/chat/completions", &[("authorization", key)], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(world.origin.only_prompt().headers["authorization"], key);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_harmless_prompt_passes_byte_for_byte() {
    let world = World::start().await;
    for (dialect, delivery) in Dialect::deliveries() {
        let reply = world.client().ask(dialect, delivery, HARMLESS).await;
        let sent = world.origin.prompts().pop().unwrap().answer;
        assert_eq!(reply.text(), String::from_utf8(sent).unwrap(), "{dialect:?} {delivery:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn harmless_prompts_leave_no_event() {
    let world = World::start().await;
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Whole, HARMLESS).await;
    assert_eq!(reply.status, 200);
    assert_eq!(world.log().len(), 0, "{:?}", world.log());
}
