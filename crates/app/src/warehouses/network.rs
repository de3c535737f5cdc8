//! Hosts that nobody outside can mean: this machine, and private networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names that end like this lead into a private network wherever they are looked up.
const INTERNAL_SUFFIXES: [&str; 8] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "corp",
];

/// Whether a host is an internal address or a name that stands for one. Names are not looked up, so a public name that
/// leads to an internal address is found only when a connection is made.
pub(super) fn is_internal(host: &str) -> bool {
    let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&host);
    // An IPv6 zone names an interface of this machine.
    if bare.contains('%') {
        return true;
    }
    if let Ok(address) = bare.parse::<IpAddr>() {
        return is_internal_address(address);
    }
    let last = bare.rsplit('.').next().unwrap_or(bare);
    // Resolvers read `127.1`, `2130706433` and `0x7f.1` as addresses; nothing honest is written like that.
    let is_number =
        last.bytes().all(|digit| digit.is_ascii_digit()) || (last.starts_with("0x") && last.len() > 2);
    // A name without a dot is one of the local network.
    is_number
        || !bare.contains('.')
        || INTERNAL_SUFFIXES
            .iter()
            .any(|suffix| bare.ends_with(&format!(".{suffix}")))
}

fn is_internal_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_internal_v4(address),
        IpAddr::V6(address) => is_internal_v6(address),
    }
}

fn is_internal_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_internal_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, ..] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_internal_v4(Ipv4Addr::new(a, b, c, d))
    };
    let segments = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || (a & 0xfe00) == 0xfc00
        || (a & 0xffc0) == 0xfe80
        || (a & 0xffc0) == 0xfec0
        || (a == 0x2001 && b == 0x0db8)
        // Translated (RFC 6052) and 6to4 (RFC 3056) addresses carry an IPv4 address.
        || (a == 0x64 && b == 0xff9b && c == 0 && d == 0 && embedded(segments[6], segments[7]))
        || (a == 0x64 && b == 0xff9b && c == 1)
        || (a == 0x2002 && embedded(b, c))
        || (a == 0 && b == 0 && c == 0 && d == 0 && segments[4] == 0 && segments[5] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_hosts_are_known_by_their_text() {
        for host in [
            "localhost",
            "LocalHost.",
            "db.localhost",
            "clickhouse",
            "ch.default.svc.cluster.local",
            "metadata.google.internal",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "127.0.0.0x1",
            "::1",
            "[::1]",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert!(is_internal(host), "{host}");
        }
    }

    #[test]
    fn public_hosts_are_fine() {
        for host in [
            "ch.example.com",
            "abc123.eu-west-1.aws.clickhouse.cloud",
            "8.8.8.8",
            "[2a00:1450:4001::1]",
            "2a00:1450:4001::1",
            "64:ff9b::808:808",
            "mylocal.example.com",
            "ch.example.invalid",
        ] {
            assert!(!is_internal(host), "{host}");
        }
    }
}
