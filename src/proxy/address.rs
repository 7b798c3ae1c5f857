//! Which addresses a target may have. Names are no protection (any name can point anywhere), so it is the resolved
//! address that is judged. Pure; resolves nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Why an address is not one of the public internet; `None` when it is.
#[must_use]
pub fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    }
}

/// Whether `[proxy] allow_private` names it.
#[must_use]
pub fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    let plain = address.to_canonical();
    allowed.iter().any(|range| range.contains(&plain) || range.contains(&address))
}

/// Whether the target is one of Scrim's own listeners. A listener on all addresses is met at every address that this
/// machine may have.
#[must_use]
pub fn is_own(target: SocketAddr, listeners: &[SocketAddr]) -> bool {
    let address = target.ip().to_canonical();
    listeners.iter().filter(|own| own.port() == target.port()).any(|own| {
        let bound = own.ip().to_canonical();
        bound == address || address.is_unspecified() || (bound.is_unspecified() && special(address).is_some())
    })
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("an address of this network (0.0.0.0/8)"),
        [127, ..] => Some("a loopback address"),
        [169, 254, ..] => Some("a link-local address"),
        [10, ..] | [172, 16..32, ..] | [192, 168, ..] => Some("a private address"),
        [100, 64..128, ..] => Some("a shared address of a carrier (100.64.0.0/10)"),
        [192, 0, 0, _] => Some("a protocol assignment (192.0.0.0/24)"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("an address for documentation"),
        [198, 18..20, ..] => Some("a benchmarking address (198.18.0.0/15)"),
        [224..240, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a reserved address (240.0.0.0/4)"),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(v4) = address.to_ipv4_mapped() {
        return special_v4(v4);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0, 0, 0, 0, 0, 0, ..] => Some("an unspecified or IPv4-compatible address"),
        [0x64, 0xff9b, ..] => Some("a NAT64 address"),
        [0x100, 0, 0, 0, ..] => Some("a discard address (100::/64)"),
        [0x2001, 0x0000..0x0200, ..] => Some("a Teredo or protocol address (2001::/23)"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0x0000..0x1000, ..] => Some("an address for documentation"),
        [0x2002, ..] => Some("a 6to4 address"),
        [0x5f00, ..] => Some("a segment-routing address"),
        [0xfc00..0xfe00, ..] => Some("a private address (fc00::/7)"),
        [0xfe80..0xff00, ..] => Some("a link-local address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_is_known_at_both_ends() {
        let special_ones = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.0",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "ff02::1",
        ];
        for text in special_ones {
            assert!(special(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn neighbours_of_special_ranges_are_public() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
        ];
        for text in public {
            assert_eq!(special(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn a_mapped_address_is_allowed_by_the_range_of_its_plain_form() {
        let ranges = ["10.0.0.0/8".parse().unwrap()];
        assert!(is_allowed("::ffff:10.1.2.3".parse().unwrap(), &ranges));
        assert!(!is_allowed("192.168.0.1".parse().unwrap(), &ranges));
    }

    #[test]
    fn scrims_own_listeners_are_known_under_every_address_of_the_machine() {
        let own = ["127.0.0.1:8877".parse().unwrap(), "0.0.0.0:8878".parse().unwrap()];
        for target in ["127.0.0.1:8877", "[::ffff:127.0.0.1]:8877", "0.0.0.0:8877", "192.168.1.5:8878", "[::1]:8878"] {
            assert!(is_own(target.parse().unwrap(), &own), "{target}");
        }
        for target in ["127.0.0.1:8876", "127.0.0.2:8877", "93.184.216.34:8878"] {
            assert!(!is_own(target.parse().unwrap(), &own), "{target}");
        }
    }
}
