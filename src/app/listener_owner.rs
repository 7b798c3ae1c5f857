//! Which process listens on a port of this machine, from `/proc`. For messages to people only; nothing is decided by it.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// State of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// `nginx (process 412)`, or the user when the process is not ours to see; `None` when nobody is found.
#[must_use]
pub fn describe(address: SocketAddr) -> Option<String> {
    let socket = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| listening(&table, address))?;
    process(&socket.inode).or_else(|| Some(format!("a process of user {}", socket.user)))
}

#[derive(Debug, PartialEq, Eq)]
struct Socket {
    user: String,
    inode: String,
}

/// The row of the table that listens on the address, or on all addresses with that port.
fn listening(table: &str, address: SocketAddr) -> Option<Socket> {
    table.lines().skip(1).find_map(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let (local, state) = (*fields.get(1)?, *fields.get(3)?);
        let bound = parse_address(local)?;
        let same = bound.port() == address.port() && (bound.ip() == address.ip() || bound.ip().is_unspecified());
        let found = state == LISTEN && same;
        found.then(|| Some(Socket { user: (*fields.get(7)?).to_owned(), inode: (*fields.get(9)?).to_owned() }))?
    })
}

/// `0100007F:22AD`: groups of four bytes in host order, which is little-endian on every platform we build for.
fn parse_address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let bytes = data_encoding::HEXUPPER.decode(ip.as_bytes()).ok()?;
    let ordered: Vec<u8> = bytes.chunks(4).flat_map(|group| group.iter().rev().copied()).collect();
    let ip = match <[u8; 4]>::try_from(ordered.as_slice()) {
        Ok(four) => IpAddr::V4(Ipv4Addr::from(four)),
        Err(_) => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(ordered.as_slice()).ok()?)),
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}

fn process(inode: &str) -> Option<String> {
    let wanted = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let mut open = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        let holds =
            open.any(|file| fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str()));
        let name = fs::read_to_string(entry.path().join("comm")).ok()?;
        holds.then(|| format!("{} (process {id})", name.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listening_row_is_found_by_address_or_by_all_addresses() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     \x20  0: 0100007F:22AD 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 11 1\n\
                     \x20  1: 0100007F:22AD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22 1\n\
                     \x20  2: 00000000:22AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33 1\n";
        let inode = |address: &str| listening(table, address.parse().unwrap()).map(|socket| socket.inode);
        assert_eq!(inode("127.0.0.1:8877").as_deref(), Some("22"));
        assert_eq!(inode("127.0.0.1:8878").as_deref(), Some("33"));
        assert_eq!(inode("127.0.0.1:8879"), None);
        assert_eq!(parse_address("00000000000000000000000001000000:22AD"), Some("[::1]:8877".parse().unwrap()));
    }

    #[test]
    fn our_own_listener_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let told = describe(listener.local_addr().unwrap());
        if std::path::Path::new("/proc/net/tcp").exists() {
            assert!(told.unwrap().contains(&format!("process {}", std::process::id())));
        }
    }
}
