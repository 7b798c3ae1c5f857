//! The first message of a TLS client, whose parser is [`wire::client_hello`](crate::wire::client_hello): proved here
//! against what real clients send. Reads nothing itself.

pub use crate::wire::client_hello::{Hello, HelloState, MAX_BYTES, sni};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::ServerName};

    use super::*;

    /// What a current rustls client sends (with an X25519MLKEM768 key share).
    fn real_hello(host: &'static str, alpn: &[&[u8]]) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let mut client = ClientConnection::new(Arc::new(config), ServerName::try_from(host).unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    /// The same handshake message in records of `size` bytes.
    fn in_records_of(hello: &[u8], size: usize) -> Vec<u8> {
        let message = &hello[5..];
        let record = |part: &[u8]| [&[22, 3, 1][..], &u16::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
        message.chunks(size).flat_map(record).collect()
    }

    #[test]
    fn name_and_protocols_of_a_real_hello_are_read() {
        let HelloState::Hello(hello) = sni(&real_hello("ChatGPT.com", &[b"h2", b"http/1.1"])) else { panic!() };
        assert_eq!(hello.sni.as_deref(), Some("chatgpt.com"));
        assert!(hello.offers_http2() && hello.alpn.len() == 2);
    }

    #[test]
    fn every_prefix_of_a_hello_is_incomplete() {
        let bytes = real_hello("chatgpt.com", &[b"h2"]);
        assert!(bytes.len() > 1200, "a post-quantum hello");
        for cut in 0..bytes.len() {
            assert_eq!(sni(&bytes[..cut]), HelloState::Incomplete, "{cut}");
        }
    }

    #[test]
    fn a_hello_cut_into_many_records_is_joined() {
        let bytes = real_hello("chatgpt.com", &[b"h2"]);
        for size in [1, 2, 3, 100, 1000] {
            let HelloState::Hello(hello) = sni(&in_records_of(&bytes, size)) else { panic!("{size}") };
            assert_eq!(hello.sni.as_deref(), Some("chatgpt.com"));
        }
    }

    #[test]
    fn bytes_after_the_hello_do_not_matter() {
        let mut bytes = real_hello("chatgpt.com", &[]);
        bytes.extend_from_slice(b"\x17\x03\x03whatever");
        assert!(matches!(sni(&bytes), HelloState::Hello(_)));
    }

    #[test]
    fn a_hello_that_never_ends_is_oversized() {
        let announced = b"\x16\x03\x01\x40\x00\x01\x00\xff\xff";
        assert_eq!(sni(announced), HelloState::Oversized);
        let in_bytes = in_records_of(&[&b"\0\0\0\0\0\x01\x00\x3f\xff"[..], &[0; 8000]].concat(), 1);
        assert_eq!(sni(&in_bytes[..MAX_BYTES]), HelloState::Oversized);
    }
}
