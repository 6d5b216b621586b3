//! Bytes to text: byte order mark, header, meta tag, detection on the whole body. Labels are tried and believed only
//! when the text fits them: servers and templates state wrong ones.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Where a meta tag is looked for, in bytes; some sites have long comments and scripts first.
const META_WITHIN: usize = 65_536;

/// Text of a page and the encoding that was used. `label` is the charset of the HTTP header, when there was one.
pub fn decode(bytes: &[u8], label: Option<&str>) -> (String, &'static str) {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling(bytes.get(bom..).unwrap_or_default()).0;
        return (text.into_owned(), encoding.name());
    }
    // text that is valid UTF-8 and not plain ASCII is UTF-8, whatever the labels say; ASCII with zeros may be UTF-16
    if let Ok(text) = std::str::from_utf8(bytes)
        && (!text.contains('\0') || !text.is_ascii())
    {
        return (text.to_owned(), UTF_8.name());
    }
    if let Some(encoding) = wide(bytes) {
        return (encoding.decode_without_bom_handling(bytes).0.into_owned(), encoding.name());
    }
    let stated = [label.and_then(named), in_meta(bytes)];
    // a label is right when nearly everything decodes: a page cut in the middle has a few bad bytes
    for encoding in stated.into_iter().flatten().chain([UTF_8]) {
        // bytes fit every Western encoding, and Big5 fits GBK: such a label is no evidence
        let evident = !encoding.is_single_byte() && (encoding != GB18030 || !is_big5(bytes));
        if let Some(text) = nearly(encoding, bytes, 200).filter(|_| evident) {
            return (text, encoding.name());
        }
    }
    // a page of UTF-8 with pieces in another encoding: what is read as another gives no such characters
    if let Some(text) = nearly(UTF_8, bytes, 3) {
        return (text, UTF_8.name());
    }
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), true);
    let encoding = if is_big5(bytes) {
        BIG5
    } else if guessed == GBK || guessed.is_single_byte() && nearly(GB18030, bytes, 50).is_some() {
        GB18030
    } else {
        guessed
    };
    (encoding.decode_without_bom_handling(bytes).0.into_owned(), encoding.name())
}

/// gb2312 and GBK are read as GB18030, which holds both.
fn named(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes())?;
    Some(if encoding == GBK { GB18030 } else { encoding })
}

/// The charset of the first `<meta … charset=…>`, or of an XML declaration.
fn in_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(META_WITHIN))?).to_ascii_lowercase();
    let value_of = |tag: &str, name: &str| {
        let (_, after) = tag.split_once(name)?;
        let value = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(value.len());
        named(&value[..end])
    };
    let tag = |from: usize| head[from..].split('>').next().unwrap_or_default();
    let declared = head.trim_start().starts_with("<?xml").then(|| value_of(tag(0), "encoding")).flatten();
    declared.or_else(|| head.match_indices("<meta").find_map(|(at, _)| value_of(tag(at), "charset")))
}

/// UTF-16 without a mark: markup in which every other byte is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let begin = bytes.get(..bytes.len().min(400))?;
    let zeros = |from: usize| begin.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = begin.len() / 2;
    match (zeros(0), zeros(1)) {
        (even, odd) if half >= 8 && odd * 10 > half * 3 && even * 10 < half => Some(UTF_16LE),
        (even, odd) if half >= 8 && even * 10 > half * 3 && odd * 10 < half => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether bytes that fit GBK are Big5: many of its characters, nearly half, end in a byte below 0x80, which in GBK rare
/// ones do; and nearly all begin with 0xA4 to 0xF9, which the rare ones of GBK do not.
fn is_big5(bytes: &[u8]) -> bool {
    let (mut all, mut low, mut first) = (0_usize, 0_usize, 0_usize);
    let mut rest = bytes;
    while let [lead, behind @ ..] = rest {
        rest = behind;
        if *lead < 0x81 {
            continue;
        }
        let Some((trail, behind)) = rest.split_first() else { break };
        rest = behind;
        all += 1;
        low += usize::from((0x40..0x7F).contains(trail));
        first += usize::from((0xA1..=0xC6).contains(lead));
    }
    all >= 8 && low * 8 > all && first * 10 > all * 8 && nearly(BIG5, bytes, 50).is_some()
}

/// The text when at most one character of so many is wrong.
fn nearly(encoding: &'static Encoding, bytes: &[u8], of: usize) -> Option<String> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let (mut bad, mut foreign) = (0, 0);
    for c in text.chars() {
        match c {
            '\u{fffd}' => bad += 1,
            c if !c.is_ascii() => foreign += 1,
            _ => {}
        }
    }
    (bad * of <= foreign + of && bad <= foreign).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page as a government site writes one, with a meta tag.
    fn page(charset: &str, text: &str) -> String {
        format!(
            "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\"></head><body>{text}</body></html>"
        )
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn evidence_wins_over_a_wrong_label() {
        const SIMPLE: &str = "关于组织开展示例申报工作的通知，请各有关单位按时报送。";
        const TRADITIONAL: &str = "關於組織開展示例申報工作的通知，請各有關單位按時報送材料，逾期不予受理。";
        let gbk = |text: &str| GBK.encode(text).0.into_owned();
        let big5 = |text: &str| BIG5.encode(text).0.into_owned();
        let four = |text: &str| GB18030.encode(text).0.into_owned();
        let late = format!("<head>{}</head>{SIMPLE}", "<!-- template -->".repeat(5_000));
        let cut = SIMPLE.as_bytes()[..SIMPLE.len() - 1].to_vec();
        let mixed = [page("utf-8", &SIMPLE.repeat(20)).into_bytes(), gbk("示例"), SIMPLE.into()].concat();
        let broken: Vec<u8> = SIMPLE
            .repeat(20)
            .into_bytes()
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at % 90 != 4)
            .map(|(_, byte)| byte)
            .collect();
        let script = format!("<script charset=\"utf-8\"></script>{}", page("gbk", SIMPLE));
        let marked = |mark: &[u8], text: Vec<u8>| [mark.to_vec(), text].concat();
        for (case, bytes, label, expected) in [
            ("UTF-8 that the header calls GBK", SIMPLE.into(), Some("gbk"), "UTF-8"),
            ("UTF-8 that its meta tag calls gb2312", page("gb2312", SIMPLE).into_bytes(), None, "UTF-8"),
            ("UTF-8 cut in a character", cut, Some("utf-8"), "UTF-8"),
            ("UTF-8 with bytes lost", broken, None, "UTF-8"),
            ("UTF-8 with a piece of GBK", mixed, None, "UTF-8"),
            ("UTF-8 with a mark", marked(b"\xEF\xBB\xBF", SIMPLE.into()), Some("gbk"), "UTF-8"),
            ("GBK", gbk(SIMPLE), Some("gb2312"), "gb18030"),
            ("GBK without a label", gbk(SIMPLE), None, "gb18030"),
            ("GBK that the header calls UTF-8", gbk(SIMPLE), Some("utf-8"), "gb18030"),
            ("GBK that the header calls Latin", gbk(SIMPLE), Some("iso-8859-1"), "gb18030"),
            ("GBK by its meta tag, against the header", gbk(&page("gb2312", SIMPLE)), Some("utf-8"), "gb18030"),
            ("GBK behind a long head", gbk(&late), None, "gb18030"),
            ("GBK behind a script's charset", gbk(&script), None, "gb18030"),
            ("GBK of traditional characters", gbk(&TRADITIONAL.repeat(3)), Some("gbk"), "gb18030"),
            ("GB18030 with four bytes", four(&format!("{SIMPLE}𠮷㐀")), Some("gb18030"), "gb18030"),
            ("Big5", big5(TRADITIONAL), Some("big5"), "Big5"),
            ("Big5 without a label", big5(TRADITIONAL), None, "Big5"),
            ("Big5 that its meta tag calls GBK", big5(&page("gbk", TRADITIONAL)), None, "Big5"),
            ("UTF-16 with a mark", marked(b"\xFF\xFE", utf16(SIMPLE, u16::to_le_bytes)), None, "UTF-16LE"),
            ("UTF-16 without a mark", utf16(&page("utf-16", SIMPLE), u16::to_le_bytes), None, "UTF-16LE"),
            ("UTF-16 of the other order", utf16(&page("utf-16", SIMPLE), u16::to_be_bytes), None, "UTF-16BE"),
            (
                "UTF-8 with a zero byte that the header calls UTF-16",
                format!("{SIMPLE}\0").into(),
                Some("utf-16"),
                "UTF-8",
            ),
            ("nothing", Vec::new(), None, "UTF-8"),
            ("an unknown label", SIMPLE.into(), Some("x-unknown"), "UTF-8"),
        ] {
            let (decoded, encoding) = decode(&bytes, label);
            assert_eq!(encoding, expected, "{case}: {decoded}");
            let said = ["示例申报工作", "示例申報工作", "的通知"].iter().any(|words| decoded.contains(words));
            assert!(bytes.is_empty() || said, "{case}: {decoded}");
        }
        assert!(decode(&four("𠮷"), None).0.contains('𠮷'));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600), label in "[a-z0-9-]{0,12}") {
            let _ = decode(&bytes, Some(&label));
        }
    }
}
