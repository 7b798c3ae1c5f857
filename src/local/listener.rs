//! Whose process listens on a loopback port: any program of any user could sit on the port of a model server and read
//! prompts. Linux only, from `/proc/net`; elsewhere nobody is trusted and servers are only proposed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of a table that are read at most. A longer one is treated as unreadable.
const TABLE_MAX: usize = 8 << 20;
/// Socket state "listening" in the kernel's tables.
const LISTENING: &str = "0A";

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The user Scrim runs as, or root.
    Trusted,
    /// Another user.
    Other(u32),
    /// The system does not say.
    Unknown,
}

/// Who listens on this port of 127.0.0.1.
pub(super) async fn owner(port: u16) -> Owner {
    let mut uids = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = tokio::fs::read_to_string(table).await.unwrap_or_default();
        if text.len() <= TABLE_MAX {
            uids.extend(text.lines().filter_map(|line| listening_uid(line, port)));
        }
    }
    judge(&uids, rustix::process::geteuid().as_raw())
}

fn judge(uids: &[u32], own: u32) -> Owner {
    match uids.iter().find(|uid| **uid != 0 && **uid != own) {
        Some(other) => Owner::Other(*other),
        None if uids.is_empty() => Owner::Unknown,
        None => Owner::Trusted,
    }
}

/// The user of a listening socket that takes connections to 127.0.0.1:`port`.
///
/// ```text
///   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid …
///    0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 …
/// ```
fn listening_uid(line: &str, port: u16) -> Option<u32> {
    let mut fields = line.split_ascii_whitespace();
    let (address, local_port) = fields.nth(1)?.split_once(':')?;
    let state = fields.nth(1)?;
    let uid = fields.nth(3)?.parse().ok()?;
    let ours = u16::from_str_radix(local_port, 16).ok()? == port && state == LISTENING && takes_loopback(address)?;
    ours.then_some(uid)
}

fn takes_loopback(hex: &str) -> Option<bool> {
    let mut bytes = Vec::with_capacity(16);
    for word in hex.as_bytes().chunks(8) {
        // The kernel prints network order as a number of the machine's own order.
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let address = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.as_slice()).ok()?)),
        _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.as_slice()).ok()?)),
    };
    let address = address.to_canonical();
    Some(address == IpAddr::V4(Ipv4Addr::LOCALHOST) || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_are_read_from_the_kernels_table() {
        let line = "   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1456 1";
        assert_eq!(listening_uid(line, 11434), Some(1000));
        assert_eq!(listening_uid(line, 8080), None);
        assert_eq!(listening_uid(&line.replace(" 0A ", " 01 "), 11434), None, "a connection, not a listener");
        assert_eq!(listening_uid(&line.replace("0100007F", "0100A8C0"), 11434), None, "another interface");
        assert_eq!(listening_uid(&line.replace("0100007F", "00000000"), 11434), Some(1000), "all interfaces");
        let v6 = line.replace("0100007F", "00000000000000000000000000000000");
        assert_eq!(listening_uid(&v6, 11434), Some(1000), "all interfaces of both protocols");
        assert_eq!(listening_uid("  sl  local_address rem_address   st", 11434), None);
    }

    #[test]
    fn only_our_user_and_root_are_trusted() {
        assert_eq!(judge(&[0, 1000], 1000), Owner::Trusted);
        assert_eq!(judge(&[1000, 1001], 1000), Owner::Other(1001));
        assert_eq!(judge(&[], 1000), Owner::Unknown);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_socket_of_this_process_is_trusted() {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(owner(socket.local_addr().unwrap().port()).await, Owner::Trusted);
    }
}
