//! Safe HTML with `<mark>` around what was found.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use regex::{Regex, RegexBuilder};
use unicode_segmentation::GraphemeCursor;

use crate::Analyzer;

/// Length of the passage, in letters.
const PASSAGE_CHARS: usize = 120;
/// How far before the first find the passage may begin, to begin with a sentence.
const LEAD_CHARS: usize = 24;
/// Texts are searched for a passage in stretches of this length, up to `MAX_SEARCHED_BYTES`.
const STRETCH_BYTES: usize = 12 << 10;
const MAX_SEARCHED_BYTES: usize = 480 << 10;
/// Finds beyond this many in a stretch are not looked at.
const MAX_FINDS: usize = 600;
/// More marks are not looked for.
const MAX_MARKS: usize = 96;

/// Finds the query's words in texts.
pub struct Highlighter<'a> {
    analyzer: &'a Analyzer,
    pattern: Option<Regex>,
    /// Number of each mark, below [`MAX_MARKS`], and what a find of it counts when passages are compared.
    marks: HashMap<String, (usize, usize)>,
}

impl<'a> Highlighter<'a> {
    /// Marks these folded texts. Single letters only where there is nothing longer.
    pub fn new(analyzer: &'a Analyzer, marks: &[String]) -> Self {
        let has_words = marks.iter().any(|mark| mark.chars().count() > 1);
        let mut texts: Vec<&str> = marks
            .iter()
            .map(String::as_str)
            .filter(|mark| mark.chars().any(char::is_alphanumeric))
            .filter(|mark| !has_words || mark.chars().count() > 1)
            .collect();
        // The longest first, as the first that fits is taken.
        texts.sort_by_key(|text| (std::cmp::Reverse(text.len()), *text));
        texts.dedup();
        texts.truncate(MAX_MARKS);
        let numbered = texts.iter().enumerate();
        let marks = numbered.map(|(number, text)| ((*text).to_owned(), (number, text.chars().count()))).collect();
        let alternatives: Vec<String> = texts.iter().map(|text| alternative(text)).collect();
        let pattern = (!alternatives.is_empty())
            .then(|| RegexBuilder::new(&alternatives.join("|")).size_limit(4 << 20).build().ok())
            .flatten();
        Self { analyzer, pattern, marks }
    }

    /// Whether there is nothing to be found.
    pub fn is_empty(&self) -> bool {
        self.pattern.is_none()
    }

    /// The beginning of a text, for a result whose finds are elsewhere.
    pub fn beginning(&self, text: &str) -> String {
        self.cut_out(text, 0..0)
    }

    /// The whole text, marked.
    pub fn marked(&self, text: &str) -> String {
        let folded = self.analyzer.fold_with_offsets(text);
        let finds: Vec<Range<usize>> =
            self.finds(&folded.text).into_iter().map(|range| folded.original(range)).collect();
        render(text, 0..text.len(), &finds)
    }

    /// The stretch with the best finds, marked; `None` without a find.
    pub fn passage(&self, text: &str) -> Option<String> {
        self.pattern.as_ref()?;
        let mut from = 0;
        while from < text.len().min(MAX_SEARCHED_BYTES) {
            let to = ceil_char_boundary(text, from + STRETCH_BYTES);
            let stretch = &text[from..to];
            let folded = self.analyzer.fold_with_offsets(stretch);
            let finds = self.finds(&folded.text);
            if let Some(best) = self.best_window(&folded.text, &finds) {
                let best = folded.original(best);
                return Some(self.cut_out(text, from + best.start..from + best.end));
            }
            from = to;
        }
        None
    }

    /// The finds that lie within a passage's length of each other and count most: each text once, longer ones more.
    fn best_window(&self, folded: &str, finds: &[Range<usize>]) -> Option<Range<usize>> {
        // Letters are mostly three bytes long; a passage of Latin text is shorter than it could be.
        let reach = (PASSAGE_CHARS - LEAD_CHARS) * 3;
        let found: Vec<(Range<usize>, (usize, usize))> = finds
            .iter()
            .map(|find| (find.clone(), self.marks.get(&folded[find.clone()]).copied().unwrap_or((MAX_MARKS, 1))))
            .collect();
        let mut best: Option<(usize, Range<usize>)> = None;
        for (index, (first, _)) in found.iter().enumerate() {
            let mut seen = 0_u128;
            let mut score = 0;
            let mut end = first.end;
            for (find, (mark, weight)) in found[index..].iter().take_while(|(find, _)| find.end <= first.start + reach)
            {
                score += if seen & (1 << mark) == 0 { 20 * weight } else { 1 };
                seen |= 1 << mark;
                end = find.end;
            }
            if best.as_ref().is_none_or(|(top, _)| score > *top) {
                best = Some((score, first.start..end));
            }
        }
        best.map(|(_, range)| range)
    }

    fn finds(&self, folded: &str) -> Vec<Range<usize>> {
        let Some(pattern) = &self.pattern else { return Vec::new() };
        pattern.find_iter(folded).take(MAX_FINDS).map(|found| found.range()).collect()
    }

    /// About [`PASSAGE_CHARS`] letters around a range, beginning with a sentence where one begins close before it.
    fn cut_out(&self, text: &str, around: Range<usize>) -> String {
        let around = widened(text, around);
        let before: Vec<(usize, char)> = text[..around.start].char_indices().rev().take(LEAD_CHARS).collect();
        let start = before
            .iter()
            .find(|(_, character)| matches!(character, '。' | '；' | '！' | '？' | '\n'))
            .map(|(offset, character)| offset + character.len_utf8())
            .or(before.last().map(|(offset, _)| *offset))
            .unwrap_or(around.start);
        let start = start + (text[start..around.start].len() - text[start..around.start].trim_start().len());
        let start = border_before(text, start);
        let end = text[start..].char_indices().nth(PASSAGE_CHARS).map_or(text.len(), |(offset, _)| start + offset);
        // what is one letter to its readers stays whole, unless it fills the passage
        let end = Some(border_before(text, end)).filter(|&border| border > start).unwrap_or(end);
        let passage = &text[start..end];
        let folded = self.analyzer.fold_with_offsets(passage);
        let finds: Vec<Range<usize>> =
            self.finds(&folded.text).into_iter().map(|range| folded.original(range)).collect();
        let ended = text[..start].trim_end();
        let mid_sentence = !ended.is_empty() && ended.len() == start && !ended.ends_with(['。', '；', '！', '？']);
        let mut html = String::new();
        if mid_sentence {
            html.push('…');
        }
        html.push_str(&render(passage, 0..passage.trim_end().len(), &finds));
        if end < text.trim_end().len() {
            html.push('…');
        }
        html
    }
}

/// A Latin word or a number is found whole only; Chinese is found anywhere.
fn alternative(text: &str) -> String {
    let edge = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    let before = if edge(text.chars().next()) { r"(?-u:\b)" } else { "" };
    let after = if edge(text.chars().next_back()) { r"(?-u:\b)" } else { "" };
    format!("{before}{}{after}", regex::escape(text))
}

/// Escaped text with marks, white space made single spaces. Adjacent finds make one mark.
fn render(text: &str, within: Range<usize>, finds: &[Range<usize>]) -> String {
    let mut html = String::with_capacity(within.len() + within.len() / 4);
    let mut at = within.start;
    let mut finds = finds.iter().peekable();
    while let Some(find) = finds.next() {
        let find = widened(text, find.clone());
        let start = find.start.max(at);
        let mut end = find.end.min(within.end);
        while let Some(next) = finds.next_if(|next| next.start <= end) {
            end = end.max(widened(text, next.clone()).end.min(within.end));
        }
        if start >= end {
            continue;
        }
        escape(text.get(at..start).unwrap_or_default(), &mut html);
        html.push_str("<mark>");
        escape(text.get(start..end).unwrap_or_default(), &mut html);
        html.push_str("</mark>");
        at = end;
    }
    escape(text.get(at..within.end).unwrap_or_default(), &mut html);
    html
}

fn escape(text: &str, html: &mut String) {
    let mut space = false;
    for character in text.chars().filter(|character| !turns_direction(*character)) {
        let is_space = character.is_whitespace() || character.is_control();
        if is_space {
            if !space {
                html.push(' ');
            }
        } else {
            let escaped: Cow<'static, str> = match character {
                '&' => "&amp;".into(),
                '<' => "&lt;".into(),
                '>' => "&gt;".into(),
                '"' => "&quot;".into(),
                '\'' => "&#39;".into(),
                other => {
                    html.push(other);
                    "".into()
                }
            };
            html.push_str(&escaped);
        }
        space = is_space;
    }
}

/// Whether a character turns the direction of what follows, also behind the passage.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A range that cuts nothing in two that readers take for one letter (UAX 29).
fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    let end = if is_border(text, range.end) { range.end } else { border_after(text, range.end) };
    border_before(text, range.start)..end
}

fn is_border(text: &str, at: usize) -> bool {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.is_boundary(text, 0).unwrap_or(true)
}

fn border_before(text: &str, at: usize) -> usize {
    if is_border(text, at) {
        return at;
    }
    GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0).ok().flatten().unwrap_or(at)
}

fn border_after(text: &str, at: usize) -> usize {
    GraphemeCursor::new(at, text.len(), true).next_boundary(text, 0).ok().flatten().unwrap_or(at)
}

fn ceil_char_boundary(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::Highlight;
    use crate::text::tests::analyzer;
    use proptest::prelude::*;

    fn highlight(marks: &[&str], title: &str, body: &str) -> Highlight {
        let analyzer = analyzer();
        let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
        let highlighter = Highlighter::new(&analyzer, &marks);
        Highlight {
            title: highlighter.marked(title),
            body: highlighter.passage(body).unwrap_or_else(|| highlighter.beginning(body)),
            attachment: None,
        }
    }

    #[test]
    fn marks_on_the_original_text_and_escapes_it() {
        let found = highlight(&["企业", "100", "高新技术企业"], "中小企業<b>&“100㎡”1000", "");
        assert_eq!(found.title, "中小<mark>企業</mark>&lt;b&gt;&amp;“100㎡”1000");
        let found = highlight(&["高新技术企业", "奖励"], "高新技术企业奖励", "");
        assert_eq!(found.title, "<mark>高新技术企业奖励</mark>");
    }

    #[test]
    fn takes_the_passage_that_holds_most() {
        let filler = "本办法由主管部门负责解释。".repeat(40);
        let body = format!("奖励工作有关事项。{filler}对认定的高新技术企业给予奖励，\n最高五十万元。{filler}");
        let found = highlight(&["高新技术企业", "奖励"], "", &body);
        assert!(
            found.body.starts_with("对认定的<mark>高新技术企业</mark>给予<mark>奖励</mark>， 最高五十万元。"),
            "{}",
            found.body
        );
        assert!(found.body.ends_with('…'));
    }

    #[test]
    fn what_readers_take_for_one_letter_is_not_cut() {
        let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦";
        for letter in ["e\u{301}\u{302}", family, "🇨🇳", "👍🏽", "葛\u{E0100}"] {
            for before in 90..118 {
                let body = format!("{}奖励{letter}{}", "字".repeat(before), letter.repeat(150));
                for marks in [&["奖励"][..], &[][..]] {
                    let found = highlight(marks, "", &body).body;
                    let shown = plain(&found).replace('…', "");
                    let rest = shown.trim_start_matches('字').replace("奖励", "");
                    assert_eq!(rest.replace(letter, ""), "", "{letter} {before}");
                }
            }
        }
        assert_eq!(highlight(&["cafe"], "cafe\u{301}", "").title, "<mark>cafe\u{301}</mark>");
        assert_eq!(highlight(&["葛"], "葛\u{E0100}洲", "").title, "<mark>葛\u{E0100}</mark>洲");
        assert_eq!(highlight(&["奖励"], "\u{202E}奖励", "").title, "<mark>奖励</mark>");
    }

    #[test]
    fn shows_the_beginning_when_nothing_is_found() {
        assert_eq!(highlight(&["奖励"], "", "第一章 总则").body, "第一章 总则");
        assert_eq!(highlight(&[], "题", "").body, "");
    }

    /// What a browser would show, and whether marks are the only tags.
    fn plain(html: &str) -> String {
        html.replace("<mark>", "")
            .replace("</mark>", "")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    proptest! {
        #[test]
        fn highlighting_never_breaks_the_text(
            title in "([<>&\"'企業高新Ａ㎡ \\n]|\\PC){0,40}",
            marks in proptest::collection::vec("[a-z<&企业高新技术m2]{1,4}", 0..4),
        ) {
            let analyzer = analyzer();
            let html = Highlighter::new(&analyzer, &marks).marked(&title);
            let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();
            prop_assert_eq!(squeezed(&plain(&html)), squeezed(&title));
            prop_assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count());
            let tags = html.matches('<').count();
            prop_assert_eq!(tags, html.matches("<mark>").count() + html.matches("</mark>").count());
        }

        #[test]
        fn a_passage_is_short_for_every_text(body in "([企業高新。\\n ]|\\PC){0,600}", mark in "[企业高新]{1,2}") {
            let found = highlight(&[&mark], "", &body);
            prop_assert!(plain(&found.body).chars().count() <= PASSAGE_CHARS + 2);
        }
    }
}
