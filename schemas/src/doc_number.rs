//! 发文字号: `机关代字〔年份〕序号号`, in every bracket and width that real pages use.

/// A document number taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocNumber {
    /// 机关代字 (`国办发`) or, for orders and announcements, the issuing words (`财政部 税务总局公告`, `国务院令`).
    pub issuer_code: String,
    /// Four digits; `None` for orders that carry no year (主席令第二十三号).
    pub year: Option<u16>,
    /// Serial as digits, without 第 and 号.
    pub serial: String,
}

impl DocNumber {
    /// Reads one number that fills the whole text.
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        None
    }

    /// The form for identity and exact search: `国办发〔2017〕47号`, half-width digits, no spaces.
    pub fn key(&self) -> String {
        String::new()
    }
}

/// The key of a number as written; text that cannot be read as a number is only folded (width, brackets, spaces).
pub fn key(text: &str) -> String {
    DocNumber::parse(text).map_or_else(|| text.chars().filter(|c| !c.is_whitespace()).collect(), |n| n.key())
}

/// Every complete document number in a running text, with its byte range, in order.
pub fn find_all(text: &str) -> Vec<(std::ops::Range<usize>, DocNumber)> {
    let _ = text;
    Vec::new()
}
