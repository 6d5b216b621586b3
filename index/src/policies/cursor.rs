//! A place in the order of results, and going on behind it (`search_after`): pages of any depth at the cost of the first.

use std::cmp::Ordering;
use std::fmt;

use super::SearchRequest;

/// Where a document stands in the order of results. The lesser place comes first.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// A higher tier comes before every lower one.
    pub tier: u8,
    /// Within a tier the higher comes first.
    pub key: f64,
    /// Of equals the higher comes first.
    pub second: i64,
    /// Of equals the lower comes first; it follows from the identity of the policy, so that the order of results does
    /// not change when segments are merged.
    pub tie: u64,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.tier.cmp(&self.tier))
            .then_with(|| other.key.total_cmp(&self.key))
            .then_with(|| other.second.cmp(&self.second))
            .then_with(|| self.tie.cmp(&other.tie))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Place {}

/// The last result of a page: the next page begins behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cursor {
    pub(super) place: Place,
    /// Whether it is among the best that were compared more closely, which come before all others.
    pub(super) compared: bool,
    /// The search that it belongs to.
    search: u32,
}

impl Cursor {
    pub(super) fn new(place: Place, compared: bool, request: &SearchRequest) -> Self {
        Self { place, compared, search: hash_of(request) }
    }

    /// Whether it belongs to this search.
    pub fn is_of(&self, request: &SearchRequest) -> bool {
        self.search == hash_of(request)
    }

    /// Reads what [`Cursor`] displays; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 60 || !text.is_ascii() {
            return None;
        }
        let number = |from: usize, to: usize| u64::from_str_radix(&text[from..to], 16).ok();
        let key = f64::from_bits(number(2, 18)?);
        Some(Self {
            place: Place {
                tier: number(0, 2)? as u8,
                key: (!key.is_nan()).then_some(key)?,
                second: number(18, 34)?.cast_signed(),
                tie: number(34, 50)?,
            },
            compared: number(50, 52)? == 1,
            search: number(52, 60)? as u32,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { tier, key, second, tie } = self.place;
        let (compared, search) = (u8::from(self.compared), self.search);
        write!(f, "{tier:02x}{:016x}{second:016x}{tie:016x}{compared:02x}{search:08x}", key.to_bits())
    }
}

/// A hash of what is asked for, apart from the page (FNV-1a).
fn hash_of(request: &SearchRequest) -> u32 {
    let asked = SearchRequest { offset: 0, limit: 0, after: None, ..request.clone() };
    let text = format!("{asked:?}");
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back_what_it_shows(tier: u8, key in -1e9..1e9_f64, second: i64, tie: u64, compared: bool) {
            let request = SearchRequest { query: "示例".to_owned(), ..SearchRequest::default() };
            let cursor = Cursor::new(Place { tier, key, second, tie }, compared, &request);
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            let page = SearchRequest { offset: 30, limit: 10, ..request };
            prop_assert!(cursor.is_of(&page));
            prop_assert!(!cursor.is_of(&SearchRequest::default()));
        }

        #[test]
        fn no_other_text_is_read(text in "[0-9a-f]{0,59}|\\PC{0,80}") {
            prop_assert_eq!(Cursor::parse(&text), None);
        }
    }
}
