//! Hosts that are no AI site: their bytes pass and are never decrypted. Which host it is follows from the CONNECT name
//! and from the server name in the ClientHello.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpListener,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use crate::harness::{
    client::{Client, Http, roots},
    origin::{PLAIN, Plan},
    samples::two_values,
    settings::Settings,
    within,
    world::World,
};

/// A client that trusts the sites themselves and not Scrim: what an interception would break.
fn trusting_the_sites(world: &World) -> Client {
    let mut store = RootCertStore::empty();
    store.add(world.authority.der()).unwrap();
    Client::new(world.scrim.proxy, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_host_shows_its_own_certificate() {
    let world = World::start().await;
    let client = trusting_the_sites(&world);
    let tls = client.tls(&format!("{PLAIN}:443"), PLAIN, &[b"h2"]).await.unwrap();
    let shown = tls.get_ref().1.peer_certificates().unwrap();
    assert_eq!(shown.first().unwrap().as_ref(), world.origin.leaf());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_an_unlisted_host_is_not_changed() {
    let world = World::start().await;
    let mut connection = trusting_the_sites(&world).open(PLAIN, Http::Two).await;
    let reply = connection.post("/form", &[], two_values().into_bytes()).await;
    assert_eq!(reply.json()["said"], two_values());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_host_shows_a_certificate_of_scrim() {
    let world = World::start().await;
    for host in ["chatgpt.com", "claude.ai", "api.openai.com", "api.anthropic.com", "ChatGPT.com"] {
        let tls = world.client().tls(&format!("{host}:443"), host, &[b"h2", b"http/1.1"]).await.unwrap();
        assert_ne!(tls.get_ref().1.peer_certificates().unwrap().first().unwrap().as_ref(), world.origin.leaf());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_server_name_inside_an_unlisted_connect_is_intercepted() {
    let world = World::start().await;
    let shown = world.client().tls(&format!("{PLAIN}:443"), "chatgpt.com", &[b"http/1.1"]).await;
    match shown {
        Ok(tls) => {
            let leaf = tls.get_ref().1.peer_certificates().unwrap().first().unwrap().clone();
            assert_ne!(leaf.as_ref(), world.origin.leaf(), "the site's own certificate came through");
        }
        Err(error) => panic!("Scrim should answer for chatgpt.com itself: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_in_many_segments_is_understood() {
    let world = World::start().await;
    for (host, store) in [
        ("chatgpt.com", roots(&world.ca())),
        (PLAIN, {
            let mut store = RootCertStore::empty();
            store.add(world.authority.der()).unwrap();
            store
        }),
    ] {
        let stream = world.client().tunnel(&format!("{host}:443")).await.unwrap();
        let config = ClientConfig::builder().with_root_certificates(store).with_no_client_auth();
        let connector = TlsConnector::from(std::sync::Arc::new(config));
        let name = ServerName::try_from(host).unwrap();
        let tls =
            within("a handshake byte by byte", connector.connect(name, Dribble { inner: stream, ready: false })).await;
        assert!(tls.is_ok(), "{host}: {:?}", tls.err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_first_is_heard_through_a_tunnel() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let greeter = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 ready\r\n").await.unwrap();
        let mut line = [0; 6];
        stream.read_exact(&mut line).await.unwrap();
        line
    });
    let resolve = vec![("mail.scrim-test.com:443".to_owned(), address)];
    let world = World::with(Plan::default(), Settings { resolve, ..Settings::default() }).await;
    let mut stream = world.client().tunnel("mail.scrim-test.com:443").await.unwrap();
    let mut greeting = [0; 11];
    within("the greeting", stream.read_exact(&mut greeting)).await.unwrap();
    assert_eq!(&greeting, b"220 ready\r\n");
    stream.write_all(b"HELO\r\n").await.unwrap();
    assert_eq!(&within("the server", greeter).await.unwrap(), b"HELO\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_cannot_be_reached_is_told_with_its_name() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let resolve = vec![("gone.scrim-test.com:443".to_owned(), gone)];
    let world = World::with(Plan::default(), Settings { resolve, ..Settings::default() }).await;
    let refusal = world.client().tunnel("gone.scrim-test.com:443").await.unwrap_err();
    assert!((500..600).contains(&refusal.status), "{}", refusal.text);
    assert!(refusal.text.contains("gone.scrim-test.com"), "{}", refusal.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_that_ends_after_the_handshake_harms_nobody() {
    let world = World::start().await;
    for _ in 0..5 {
        drop(world.client().tls("chatgpt.com:443", "chatgpt.com", &[b"h2"]).await.unwrap());
    }
    let reply = world.client().open("chatgpt.com", Http::Two).await.get("/hello").await;
    assert_eq!(reply.status, 200);
}

/// A stream that sends one byte at a time.
struct Dribble<S> {
    inner: S,
    ready: bool,
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Dribble<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.ready = !self.ready;
        if self.ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let one = bytes.first().map(std::slice::from_ref).unwrap_or_default();
        Pin::new(&mut self.inner).poll_write(context, one)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Dribble<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}
