//! The token in an unsubscribe link: who is meant, signed.
//!
//! A token is `base64url(channel:address).hex(mac)`. The address can be read out of it by whoever has the link; the
//! link stands only in the mail to that address. Nothing is stored for it, so it never goes stale, and nobody can make
//! one for another address without the secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Octets of the code that are kept: 128 bits.
const MAC_OCTETS: usize = 16;
/// Longer is not a token: the store takes addresses of up to 500 octets.
const MAX_TOKEN: usize = 1000;
/// What else is signed with the secret has another one.
const PURPOSE: &[u8] = b"zhida unsubscribe 1\0";

/// The token for an address of a channel.
pub fn token_for(secret: &str, channel: &str, address: &str) -> String {
    let payload = format!("{channel}:{address}");
    let code = mac(secret, &payload).finalize().into_bytes();
    let code: String = code.iter().take(MAC_OCTETS).map(|octet| format!("{octet:02x}")).collect();
    format!("{}.{code}", URL_SAFE_NO_PAD.encode(payload))
}

/// Channel and address of a token; `None` when it was not made with this secret.
pub fn read(secret: &str, token: &str) -> Option<(String, String)> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let (payload, code) = token.split_once('.')?;
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let code = octets(code)?;
    if code.len() != MAC_OCTETS {
        return None;
    }
    // Takes as long for any wrong code.
    mac(secret, &payload).verify_truncated_left(&code).ok()?;
    let (channel, address) = payload.split_once(':')?;
    Some((channel.to_owned(), address.to_owned()))
}

fn mac(secret: &str, payload: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(PURPOSE);
    mac.update(payload.as_bytes());
    mac
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let octet = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_right_secret_reads_a_token() {
        let token = token_for("secret", "mail", "a+b@example.org");
        assert_eq!(read("secret", &token), Some(("mail".into(), "a+b@example.org".into())));
        assert_eq!(read("other", &token), None);
        // A code for one address does not fit another.
        let other = token_for("secret", "mail", "c@example.org");
        let mixed = format!("{}.{}", other.split_once('.').unwrap().0, token.split_once('.').unwrap().1);
        assert_eq!(read("secret", &mixed), None);
        let payload = token.split_once('.').unwrap().0;
        for bad in ["", ".", "x", payload, &format!("{payload}."), &format!("{payload}.00"), &"a".repeat(10_000)] {
            assert_eq!(read("secret", bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn every_address_comes_back(secret in ".{0,40}", address in "\\PC{1,60}") {
            let token = token_for(&secret, "mail", &address);
            prop_assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
            prop_assert_eq!(read(&secret, &token), Some(("mail".to_owned(), address)));
        }

        #[test]
        fn a_changed_token_is_refused(at in 0usize..60, to in "[A-Za-z0-9_.-]") {
            let token = token_for("secret", "mail", "someone@example.org");
            let mut changed = token.clone();
            let at = at % changed.len();
            changed.replace_range(at..=at, &to);
            // The code in upper case is the same code.
            prop_assume!(!changed.eq_ignore_ascii_case(&token));
            prop_assert_eq!(read("secret", &changed), None);
        }

        #[test]
        fn garbage_is_refused(text in "\\PC{0,80}") {
            prop_assert_eq!(read("secret", &text), None);
        }
    }
}
