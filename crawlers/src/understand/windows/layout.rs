//! Lines and sentences, headings, signatures.

use super::super::{dates, head};
use super::{REACH, Reader};

/// The last beginning of a character at or before a place.
pub(super) fn floor_char_boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The first beginning of a character at or behind a place.
pub(super) fn ceil_char_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// What stands at the beginning of a text, no more than is looked at.
pub(super) fn bounded(text: &str) -> &str {
    &text[..floor_char_boundary(text, REACH)]
}

/// The length of a bracket that a text begins with.
pub(super) fn bracket(text: &str) -> usize {
    let inside = text.trim_start_matches(' ');
    if !inside.starts_with(['（', '(']) {
        return 0;
    }
    let skipped = text.len() - inside.len();
    inside
        .char_indices()
        .take(60)
        .find(|(_, c)| matches!(c, '）' | ')'))
        .map_or(0, |(at, c)| skipped + at + c.len_utf8())
}

/// Whether a line begins an item of its own.
pub(super) fn begins_item(line: &str) -> bool {
    let mut rest = line.chars();
    let Some(first) = rest.next() else { return true };
    let second = rest.next();
    let counts = |c: Option<char>| c.is_some_and(|c| "、.．）)：:".contains(c));
    match first {
        '（' | '(' => second.is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(c)),
        '第' => line.chars().take(6).any(|c| c == '条' || c == '章'),
        '附' => second == Some('件'),
        '一'..='龥' if "一二三四五六七八九十".contains(first) => {
            counts(second) || counts(rest.next()) && second.is_some_and(|c| "一二三四五六七八九十".contains(c))
        }
        c if c.is_ascii_digit() => counts(second) && !rest.next().is_some_and(|c| c.is_ascii_digit()),
        '①'..='⑳' | '●' | '■' | '◆' | '★' | '—' => true,
        _ => head(line, 12).contains(['：', ':']),
    }
}

/// Whether a day stands alone or behind the name of an office, at the end: 【示例市示例局2024年5月16日】.
pub(super) fn is_signature(before: &str, behind: &str) -> bool {
    let frame = |c: char| c.is_whitespace() || "【】[]（）()".contains(c);
    let (before, behind) = (before.trim_matches(frame), behind.trim_matches(frame));
    let office = ['局', '厅', '委', '会', '部', '室', '府', '心', '院', '处'];
    behind.is_empty() && (before.is_empty() || before.chars().count() < 40 && before.ends_with(office))
}

/// A date alone or an office alone: the signature.
pub(super) fn signs(line: &str) -> bool {
    dates::is_date(line.trim())
        || line.chars().count() < 20 && line.trim().ends_with(['局', '厅', '委', '会', '部', '室', '府'])
}

/// A short line without a stop.
pub(super) fn is_heading(line: &str) -> bool {
    let count = line.chars().count();
    (3..=30).contains(&count)
        && !line.ends_with(['。', '；', '，', ',', ';'])
        && !line.contains('\t')
        && !line.contains('。')
        && (begins_item(line) || line.ends_with(['：', ':', '】', '间', '式', '序', '限', '期']))
}

impl Reader<'_> {
    /// The sentence around a part of the text; a line break within it does not end it.
    pub(super) fn sentence(&self, start: usize, end: usize) -> (usize, usize) {
        let text = self.text;
        let from = ceil_char_boundary(text, start.saturating_sub(REACH));
        let mut begin = from;
        for (at, c) in text[from..start].char_indices().rev() {
            if self.ends(from + at, c) {
                begin = from + at + c.len_utf8();
                break;
            }
        }
        let stop = text[end..floor_char_boundary(text, end.saturating_add(2 * REACH))]
            .char_indices()
            .find(|(at, c)| self.ends(end + at, *c))
            .map_or_else(|| floor_char_boundary(text, end.saturating_add(2 * REACH)), |(at, _)| end + at);
        (begin, stop.max(end))
    }

    /// Whether a character ends a sentence.
    pub(super) fn ends(&self, at: usize, c: char) -> bool {
        match c {
            '。' | '；' | ';' | '！' | '？' | '!' | '?' => true,
            '\n' => !self.continues(at),
            // a page that lost its lines: … 二、申报时间
            ' ' | '\u{3000}' | '\u{a0}' => {
                let rest = &self.text[at + c.len_utf8()..];
                let mut next = rest.chars().take(4);
                next.next().is_some_and(|c| "一二三四五六七八九十".contains(c))
                    && next.next().is_some_and(|c| c == '、' || "一二三四五六七八九十".contains(c))
            }
            _ => false,
        }
    }

    /// Whether the line before a line feed goes on behind it.
    pub(super) fn continues(&self, at: usize) -> bool {
        let text = self.text;
        let from = ceil_char_boundary(text, at.saturating_sub(160));
        let line = text[from..at].rsplit('\n').next().unwrap_or_default().trim();
        let next =
            text[at + 1..floor_char_boundary(text, at + 120)].trim_start_matches([' ', '\u{3000}', '\t', '\u{a0}']);
        if next.is_empty() || next.starts_with('\n') || line.is_empty() || begins_item(next) {
            return false;
        }
        if line.ends_with([
            '，', ',', '、', '（', '(', '于', '在', '至', '到', '自', '为', '将', '前', '请', '年', '月', '—', '～',
        ]) {
            return true;
        }
        let goes_on = |text: &str, c: Option<char>| {
            !text.contains('\t') && c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '》' | '）' | ')' | '”'))
        };
        let next_line = next.split('\n').next().unwrap_or_default();
        line.chars().count() >= 18
            && goes_on(line, line.chars().next_back())
            && goes_on(next_line, next.chars().next())
            && !signs(next_line)
    }
}
