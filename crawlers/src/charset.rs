//! Bytes to text: byte order mark, header, meta tag, detection on the whole body.

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

/// Where a meta tag is looked for, in bytes; some sites have a long comment first.
const META_WITHIN: usize = 8_192;

/// Text of a page and the encoding that was used. `label` is the charset of the HTTP header, when there was one.
pub fn decode(bytes: &[u8], label: Option<&str>) -> (String, &'static str) {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return (encoding.decode_without_bom_handling(&bytes[bom..]).0.into_owned(), encoding.name());
    }
    // text that is valid UTF-8 and not plain ASCII is UTF-8, whatever the labels say
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), UTF_8.name());
    }
    let stated = label.and_then(named).or_else(|| in_meta(bytes));
    // the label is right when nearly everything decodes: a page cut in the middle has a few bad bytes
    if let Some(encoding) = stated
        && let Some(text) = nearly(encoding, bytes)
    {
        return (text, encoding.name());
    }
    if let Some(text) = nearly(UTF_8, bytes) {
        return (text, UTF_8.name());
    }
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), true);
    let encoding = if guessed == GBK { GB18030 } else { guessed };
    (encoding.decode_without_bom_handling(bytes).0.into_owned(), encoding.name())
}

/// gb2312 and GBK are read as GB18030, which holds both.
fn named(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    Some(if encoding == GBK { GB18030 } else { encoding })
}

fn in_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_WITHIN)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(value.len());
    named(&value[..end])
}

/// The text when at most one character in two hundred is wrong.
fn nearly(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let (mut bad, mut foreign) = (0, 0);
    for c in text.chars() {
        match c {
            '\u{fffd}' => bad += 1,
            c if !c.is_ascii() => foreign += 1,
            _ => {}
        }
    }
    (bad * 200 <= foreign + 200 && bad <= foreign).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_wins_over_a_wrong_label() {
        let text = "<meta charset=\"gb2312\">关于组织开展示例申报工作的通知，请各有关单位按时报送。";
        let (gbk, ..) = GBK.encode(text);
        let cut = &text.as_bytes()[..text.len() - 1];
        for (bytes, label, expected) in [
            (text.as_bytes(), Some("gbk"), "UTF-8"),
            (gbk.as_ref(), Some("utf-8"), "gb18030"),
            (gbk.as_ref(), None, "gb18030"),
            (cut, Some("utf-8"), "UTF-8"),
            (b"".as_slice(), None, "UTF-8"),
        ] {
            let (decoded, encoding) = decode(bytes, label);
            assert_eq!(encoding, expected, "{label:?}");
            assert!(bytes.is_empty() || decoded.contains("示例申报工作"), "{decoded}");
        }
        let plain = "《通知》的正文没有标签，只有中文字符，用来检验探测。".repeat(5);
        let (gbk, ..) = GBK.encode(&plain);
        assert_eq!(decode(&gbk, None).0, plain);
        let (big5, ..) = encoding_rs::BIG5.encode("關於組織開展申報工作的通知，請各有關單位按時報送材料");
        assert!(decode(&big5, Some("big5")).0.contains("申報工作"));
    }
}
