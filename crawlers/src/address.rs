//! Which network addresses may be reached: the public internet, and what is listed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Whether an address belongs to the public internet (RFC 6890, the IANA registries of special-purpose addresses).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                // this network; multicast, reserved, broadcast
                || a == 0
                || a >= 224
                // carrier-grade NAT, which holds the metadata services of some clouds
                || (a == 100 && (64..128).contains(&b))
                // protocol assignments, 6to4 relays, benchmarks
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (18..20).contains(&b))
                // a public address at which one cloud answers its guests with their secrets
                || v4 == Ipv4Addr::new(168, 63, 129, 16))
        }
        IpAddr::V6(v6) => {
            let embedded = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
            };
            match v6.segments() {
                // mapped, NAT64 and 6to4 lead to the IPv4 address inside
                [0, 0, 0, 0, 0, 0xffff, high, low]
                | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
                | [0x2002, high, low, ..] => embedded(high, low),
                // Teredo, benchmarks, ORCHID; documentation
                [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
                [0x3fff, second, ..] if second < 0x1000 => false,
                // all else that is not global unicast: loopback, local, site, multicast, local NAT64
                [first, ..] => (0x2000..0x4000).contains(&first),
            }
        }
    }
}

/// Addresses and names that may be reached though they are not public.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<(Place, Option<u16>)>);

#[derive(Debug, Clone, PartialEq)]
enum Place {
    Address(IpAddr),
    Name(String),
}

impl Allowed {
    /// Reads entries as `127.0.0.1`, `127.0.0.1:8000`, `[::1]:8000`, `intranet.example` and `intranet.example:8000`.
    ///
    /// # Errors
    /// The entry that is neither.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        entries
            .iter()
            .map(|entry| parse_entry(entry.trim()).ok_or_else(|| entry.clone()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether `address`, to which `name` led (or which was asked for itself), may be reached at this port.
    pub fn admits(&self, name: Option<&str>, address: IpAddr, port: u16) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || self.0.iter().any(|(place, only)| {
                only.is_none_or(|only| only == port)
                    && match place {
                        Place::Address(listed) => *listed == address,
                        Place::Name(listed) => name.is_some_and(|name| name.eq_ignore_ascii_case(listed)),
                    }
            })
    }
}

fn parse_entry(entry: &str) -> Option<(Place, Option<u16>)> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Some((Place::Address(address.to_canonical()), None));
    }
    if let Ok(socket) = entry.parse::<SocketAddr>() {
        return Some((Place::Address(socket.ip().to_canonical()), Some(socket.port())));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    // 127.0.0 and 300.1.1.1 are mistyped addresses and no names
    let named = name.chars().any(|c| c.is_ascii_alphabetic());
    (named && name.chars().all(plain)).then(|| (Place::Name(name.to_ascii_lowercase()), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("223.5.5.5", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.100.100.200", false),
            ("168.63.129.16", false),
            ("192.0.0.192", false),
            ("192.0.2.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("198.18.0.1", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("64:ff9b:1::1", false),
            ("2002:7f00:1::", false),
            ("2002:808:808::", true),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("3fff::1", false),
            ("2400:3200::1", true),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn what_is_listed_is_allowed_and_no_more() {
        let entries =
            ["127.0.0.1:8000", "10.0.0.1", "[::1]:9000", "Intranet.example", "box.local:81"].map(str::to_owned);
        let allowed = Allowed::parse(&entries).unwrap();
        for (name, address, port, expected) in [
            (None, "127.0.0.1", 8000, true),
            (None, "::ffff:127.0.0.1", 8000, true),
            (Some("evil.example"), "127.0.0.1", 8000, true),
            (Some("evil.example"), "127.0.0.1", 22, false),
            (None, "127.0.0.2", 8000, false),
            (None, "10.0.0.1", 1, true),
            (None, "::1", 9000, true),
            (None, "::1", 9001, false),
            (Some("intranet.example"), "192.168.0.9", 443, true),
            (Some("x.intranet.example"), "192.168.0.9", 443, false),
            (Some("box.local"), "192.168.0.9", 81, true),
            (Some("box.local"), "192.168.0.9", 82, false),
            (Some("gov.example"), "8.8.8.8", 82, true),
        ] {
            assert_eq!(allowed.admits(name, address.parse().unwrap(), port), expected, "{name:?} {address} {port}");
        }
        for wrong in
            ["", "127.0.0", "300.1.1.1", "http://127.0.0.1", "10.0.0.0/8", "a b", "host:port", "127.0.0.1:99999"]
        {
            assert_eq!(Allowed::parse(&[wrong.to_owned()]).unwrap_err(), wrong);
        }
    }
}
