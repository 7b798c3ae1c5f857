//! SIGTERM: what is being answered is answered to its end, then Scrim goes.

use crate::harness::{
    client::{Http, next_bytes},
    dialect::{Delivery, Dialect},
    readers,
    samples::two_values,
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_stream_is_finished_before_scrim_ends() {
    for http in [Http::One, Http::Two] {
        let mut world = World::start().await;
        world.origin.hold_streams();
        let mut connection = world.client().open("chatgpt.com", http).await;
        let body = Dialect::ChatGpt.body(&two_values(), Delivery::Streamed).to_string().into_bytes();
        let response = connection.begin("POST", "/backend-api/f/conversation", &[], body).await.unwrap();
        let mut incoming = response.into_body();
        let mut got = next_bytes(&mut incoming).await.unwrap().to_vec();
        world.scrim.terminate();
        let proxy = world.scrim.proxy;
        crate::harness::eventually("the end of listening", || {
            std::net::TcpStream::connect(proxy).is_err().then_some(())
        })
        .await;
        world.origin.release_one();
        while let Some(bytes) = next_bytes(&mut incoming).await {
            got.extend_from_slice(&bytes);
        }
        let reading = readers::read(Dialect::ChatGpt, Delivery::Streamed, &got);
        assert!(reading.ended && reading.text.starts_with(&format!("You said: {}", two_values())), "{}", reading.text);
        drop(connection);
        assert_eq!(world.scrim.ended().await.code(), Some(0), "{http:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_to_finish_scrim_ends_at_once() {
    let mut world = World::start().await;
    let idle = world.client().tls("chatgpt.com:443", "chatgpt.com", &[b"http/1.1"]).await.unwrap();
    world.scrim.terminate();
    assert_eq!(world.scrim.ended().await.code(), Some(0));
    drop(idle);
}
