//! Lines of a text file in whatever encoding a Chinese office saves: UTF-8 with or without a mark, UTF-16, GB18030.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use encoding_rs::GB18030;

/// Longest line; a longer one is told of and passed over without being held in memory.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// A line with its end; `Err` holds the length of one that is too long.
pub type Line = Result<Vec<u8>, usize>;

/// Reads lines as bytes: neither UTF-8 nor GB18030 has a line feed, a comma or a quote inside a character.
pub struct Lines<'a>(Box<dyn BufRead + 'a>);

impl<'a> Lines<'a> {
    /// Lines of a text; UTF-16 is told by its mark and turned into UTF-8, and the mark of UTF-8 is taken off.
    pub fn new(text: impl Read + 'a) -> Self {
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
            .utf8_passthru(true)
            .bom_sniffing(true)
            .strip_bom(true)
            .build(text);
        Self(Box::new(BufReader::with_capacity(1 << 16, decoded)))
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read or unpacked.
    pub fn next(&mut self) -> std::io::Result<Option<Line>> {
        let mut kept = Vec::new();
        let mut length = 0;
        loop {
            let available = self.0.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |at| at + 1);
            if length <= MAX_LINE {
                kept.extend_from_slice(&available[..taken.min(MAX_LINE + 1 - length)]);
            }
            length += taken;
            self.0.consume(taken);
            if end.is_some() {
                break;
            }
        }
        Ok(match length {
            0 => None,
            _ if length > MAX_LINE => Some(Err(length)),
            _ => Some(Ok(kept)),
        })
    }
}

/// What is wrong with a line that is too long.
pub fn too_long(length: usize) -> String {
    format!("这一行有 {length} 字节，超过 {MAX_LINE} 字节的上限")
}

/// Decodes lines one by one: as UTF-8 where that is possible, else as GB18030. The first line of other than ASCII
/// letters decides which is tried first, as a short GB18030 text may happen to be UTF-8.
#[derive(Default)]
pub struct Decoder {
    gb18030_first: Option<bool>,
}

impl Decoder {
    /// The text of some bytes.
    ///
    /// # Errors
    /// The bytes are neither; in words for a user.
    pub fn decode<'b>(&mut self, bytes: &'b [u8]) -> Result<Cow<'b, str>, String> {
        let utf8 = || std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        let gb18030 = || GB18030.decode_without_bom_handling_and_without_replacement(bytes);
        if bytes.is_ascii() {
            return Ok(String::from_utf8_lossy(bytes));
        }
        let gb18030_first = *self.gb18030_first.get_or_insert_with(|| std::str::from_utf8(bytes).is_err());
        let text = if gb18030_first { gb18030().or_else(utf8) } else { utf8().or_else(gb18030) };
        text.ok_or_else(|| "文字编码读不出来：请把文件另存为 UTF-8".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(bytes);
        let mut decoder = Decoder::default();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(decoder.decode(&line.unwrap()).unwrap().trim_end().to_owned());
        }
        all
    }

    #[test]
    fn every_encoding_of_an_office_is_read() {
        let text = "标题,日期\n甲通知,2020\n";
        let (gbk, ..) = GB18030.encode(text);
        let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let mixed = [b"a,b\n".repeat(20_000), gbk.to_vec()].concat();
        let expected = ["标题,日期", "甲通知,2020"];
        assert_eq!(lines(text.as_bytes()), expected);
        assert_eq!(lines(format!("\u{feff}{text}").as_bytes()), expected);
        assert_eq!(lines(&gbk), expected);
        assert_eq!(lines(&utf16), expected);
        assert_eq!(lines(&mixed)[20_000..], expected);
        assert!(Decoder::default().decode(b"\xff\xff\xff").unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let text = std::io::repeat(b'x').take(3 * MAX_LINE as u64).chain(&b"\nnext"[..]);
        let mut lines = Lines::new(text);
        assert_eq!(lines.next().unwrap(), Some(Err(3 * MAX_LINE + 1)));
        assert_eq!(lines.next().unwrap(), Some(Ok(b"next".to_vec())));
        assert_eq!(lines.next().unwrap(), None);
    }
}
