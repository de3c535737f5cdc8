//! Who is at the other end: the address a request came from, and the origin it was sent to.
//!
//! What a proxy says in `X-Forwarded-For` and `X-Forwarded-Proto` counts only when the connection comes from a
//! configured proxy (reliability goal S7).

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;

/// A block of addresses: `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    first: IpAddr,
    prefix: u8,
}

impl std::str::FromStr for Block {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let first: IpAddr = address
            .trim()
            .parse()
            .map_err(|_| format!("{text} is not an address or a block"))?;
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix
                .trim()
                .parse()
                .ok()
                .filter(|prefix| *prefix <= longest)
                .ok_or_else(|| format!("{text} has no prefix length between 0 and {longest}"))?,
        };
        Ok(Self { first, prefix })
    }
}

impl Block {
    /// Whether the address is in the block; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, true),
            IpAddr::V6(address) => (u128::from(address), false),
        };
        let (first, first_is_v4) = bits(self.first.to_canonical());
        let (address, is_v4) = bits(address.to_canonical());
        let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
        first_is_v4 == is_v4 && (first ^ address) & mask == 0
    }
}

/// The proxies whose word counts; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[Block]>);

impl FromIterator<Block> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = Block>>(blocks: I) -> Self {
        Self(blocks.into_iter().collect())
    }
}

impl TrustedProxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(address))
    }
}

/// Where a request came from and where it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address of the caller; `0.0.0.0` when the connection has none (tests).
    pub address: IpAddr,
    /// The scheme, host and port the caller used, without a slash at the end: `https://flags.example.com`.
    pub origin: String,
}

impl Client {
    /// Reads the request, believing only the given proxies.
    pub fn of(parts: &Parts, proxies: &TrustedProxies) -> Self {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
                peer.ip().to_canonical()
            });
        let behind_proxy = proxies.trust(peer);
        let address = if behind_proxy {
            forwarded_for(&parts.headers, proxies).unwrap_or(peer)
        } else {
            peer
        };
        let forwarded_scheme = header_text(&parts.headers, "x-forwarded-proto").filter(|_| behind_proxy);
        let scheme = match forwarded_scheme {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = parts
            .uri
            .authority()
            .map(Authority::as_str)
            .or_else(|| header_text(&parts.headers, HOST.as_str()))
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        Self {
            address,
            origin: format!("{scheme}://{host}"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    TrustedProxies: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &TrustedProxies::from_ref(state)))
    }
}

/// The last address in the chain that is not a proxy of ours.
fn forwarded_for(headers: &HeaderMap, proxies: &TrustedProxies) -> Option<IpAddr> {
    let chain: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map_while(|hop| hop.trim().parse().ok())
        .collect();
    chain
        .iter()
        .rev()
        .copied()
        .find(|hop| !proxies.trust(*hop))
        .or(chain.first().copied())
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A name or address with an optional port; what else a `Host` header may hold is not repeated in answers.
fn is_host(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|digit| digit.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let is_bracketed = name.starts_with('[') && name.ends_with(']');
    !name.is_empty()
        && host.len() <= 255
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'-' | b'_')
                || (is_bracketed && b"[]:".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn client(peer: &str, headers: &[(&str, &str)], proxies: &[&str]) -> Client {
        let mut request = Request::builder().uri("/x/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts
            .extensions
            .insert(ConnectInfo::<SocketAddr>(format!("{peer}:9").parse().unwrap()));
        let proxies: TrustedProxies = proxies
            .iter()
            .map(|block| block.parse::<Block>().unwrap())
            .collect();
        Client::of(&parts, &proxies)
    }

    #[test]
    fn blocks_hold_their_addresses() {
        let holds =
            |block: &str, address: &str| block.parse::<Block>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("fd00::/8", "fd12::1"));
        assert!(holds("192.0.2.1", "192.0.2.1"));
        assert!(!holds("192.0.2.1", "192.0.2.2"));
        assert!("10.0.0.0/33".parse::<Block>().is_err());
        assert!("proxy".parse::<Block>().is_err());
    }

    #[test]
    fn only_a_configured_proxy_may_speak_for_others() {
        let told = [
            ("host", "flags.example.com"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
        ];
        let stranger = client("198.51.100.7", &told, &["10.0.0.0/8"]);
        assert_eq!(stranger.address.to_string(), "198.51.100.7");
        assert_eq!(stranger.origin, "http://flags.example.com");
        let proxied = client("10.0.0.1", &told, &["10.0.0.0/8"]);
        assert_eq!(proxied.address.to_string(), "203.0.113.9");
        assert_eq!(proxied.origin, "https://flags.example.com");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_is_the_caller() {
        let address = |chain: &str| {
            client("10.0.0.1", &[("x-forwarded-for", chain)], &["10.0.0.0/8"])
                .address
                .to_string()
        };
        assert_eq!(address("1.1.1.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(address("10.0.0.3, 10.0.0.2"), "10.0.0.3");
        assert_eq!(address("nonsense"), "10.0.0.1");
    }

    #[test]
    fn hosts_that_are_none_are_not_repeated() {
        let origin = |host: &str| client("192.0.2.1", &[("host", host)], &[]).origin;
        assert_eq!(origin("flags.example.com:8000"), "http://flags.example.com:8000");
        assert_eq!(origin("[::1]:8000"), "http://[::1]:8000");
        assert_eq!(origin("evil.example/\"><script>"), "http://localhost");
        assert_eq!(origin("user@evil.example"), "http://localhost");
        assert_eq!(origin(""), "http://localhost");
    }
}
