//! Labelled header blocks: 索 引 号, 发文字号, 发布日期 … in tables, definition lists, list items or plain lines.

use std::collections::HashMap;
use std::sync::LazyLock;

use scraper::ElementRef;

use super::outline::Outline;
use super::{clean, text_of};

/// Labels without spaces and colons, and the field that each names.
const LABELS: &[(&str, &str)] = &[
    ("标题", "title"),
    ("信息名称", "title"),
    ("名称", "title"),
    ("文件名称", "title"),
    ("文件标题", "title"),
    ("公文名称", "title"),
    ("信息标题", "title"),
    ("发文字号", "doc_number"),
    ("文号", "doc_number"),
    ("公文文号", "doc_number"),
    ("文件编号", "doc_number"),
    ("文件字号", "doc_number"),
    ("发文文号", "doc_number"),
    ("发布文号", "doc_number"),
    ("发文号", "doc_number"),
    ("文件文号", "doc_number"),
    ("索引号", "index_number"),
    ("信息索引号", "index_number"),
    ("索引码", "index_number"),
    ("发文机关", "issuers"),
    ("发布机构", "issuers"),
    ("制发机关", "issuers"),
    ("发文单位", "issuers"),
    ("发布单位", "issuers"),
    ("发文机构", "issuers"),
    ("公开机构", "issuers"),
    ("成文机关", "issuers"),
    ("制定机关", "issuers"),
    ("公开主体", "issuers"),
    ("公布机关", "issuers"),
    ("发布机关", "issuers"),
    ("发布部门", "issuers"),
    ("印发机关", "issuers"),
    ("公开责任部门", "issuers"),
    ("来源", "source"),
    ("信息来源", "source"),
    ("文章来源", "source"),
    ("稿件来源", "source"),
    ("内容来源", "source"),
    ("发布者", "source"),
    ("作者", "author"),
    ("成文日期", "written_on"),
    ("成文时间", "written_on"),
    ("生成日期", "written_on"),
    ("印发日期", "written_on"),
    ("发文日期", "written_on"),
    ("发文时间", "written_on"),
    ("签发日期", "written_on"),
    ("印发时间", "written_on"),
    ("产生日期", "written_on"),
    ("制发日期", "written_on"),
    ("发布日期", "published_on"),
    ("公开日期", "published_on"),
    ("发布时间", "published_on"),
    ("公布日期", "published_on"),
    ("公开时间", "published_on"),
    ("发表时间", "published_on"),
    ("信息时间", "published_on"),
    ("上传时间", "published_on"),
    ("公布时间", "published_on"),
    ("生效日期", "effective_on"),
    ("施行日期", "effective_on"),
    ("实施日期", "effective_on"),
    ("生效时间", "effective_on"),
    ("失效日期", "expires_on"),
    ("废止日期", "expires_on"),
    ("失效时间", "expires_on"),
    ("有效性", "validity"),
    ("时效", "validity"),
    ("时效性", "validity"),
    ("文件状态", "validity"),
    ("是否有效", "validity"),
    ("效力状态", "validity"),
    ("主题分类", "subjects"),
    ("信息分类", "subjects"),
    ("分类", "subjects"),
    ("主题", "subjects"),
    ("公文种类", "kind"),
    ("文种", "kind"),
    ("体裁分类", "kind"),
    ("体裁", "kind"),
    ("组配分类", "kind"),
    ("公文体裁", "kind"),
    ("主题词", "keywords"),
    ("关键词", "keywords"),
    ("关键字", "keywords"),
    ("有效期至", "expires_on"),
    // of no field, but no text either, and the end of the value before
    // 时间：…  in a text is that of a meeting; above it, the date is looked for by itself
    ("时间", ""),
    ("日期", ""),
    ("内容概述", ""),
    ("摘要", ""),
    ("公开方式", ""),
    ("公开形式", ""),
    ("公开程序", ""),
    ("公开范围", ""),
    ("公开时限", ""),
    ("公开类别", ""),
    ("信息类别", ""),
    ("责任部门", ""),
    ("统一编号", ""),
    ("登记号", ""),
    ("文件下载", ""),
    ("所属栏目", ""),
    ("浏览次数", ""),
    ("阅读次数", ""),
    ("点击数", ""),
];

static BY_LABEL: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| LABELS.iter().copied().collect());

/// Longest value of a label, in characters.
const LONGEST: usize = 300;

/// What the labels say, by field.
#[derive(Default)]
pub struct Labels(HashMap<&'static str, (String, String)>);

impl Labels {
    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(|(value, _)| value.as_str())
    }

    /// For each field of the record: the words of the page.
    pub fn evidence(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0
            .iter()
            .filter(|(field, _)| !matches!(**field, "source" | "author" | ""))
            .map(|(field, (_, words))| (*field, words.as_str()))
    }
}

/// Longest block that is read as labels and values, in characters; one with more in it is read through its parts.
const BLOCK: usize = 300;

/// Most elements of such a block.
const ELEMENTS: usize = 400;

/// Elements that hold a label, or a label and its value.
const HOLDERS: &[&str] =
    &["td", "th", "dt", "dd", "li", "p", "span", "div", "label", "strong", "b", "em", "h4", "h5", "font", "i", "small"];

/// Reads every labelled value of a page. Of an element and one inside it that both name a field the inner one counts: in
/// the outer one the values stand without a space between them.
pub fn read(outline: &Outline<'_>) -> Labels {
    let mut found: HashMap<&'static str, Vec<(usize, String, String)>> = HashMap::new();
    // from the end, so that what stands inside an element was read before it
    for (at, item) in outline.items.iter().enumerate().rev() {
        let small = 2 <= item.chars && item.chars <= BLOCK && item.end - at <= ELEMENTS;
        if !small || !HOLDERS.contains(&item.name) || item.linked == item.chars {
            continue;
        }
        let mut put = |field: &'static str, value: &str, words: &str| {
            let value = clean(value);
            let nothing = value.is_empty() || matches!(value.as_str(), "无" | "-" | "--" | "—" | "/" | "暂无");
            let places = found.entry(field).or_default();
            let inside = places.last().is_some_and(|(inner, ..)| *inner < item.end);
            if !nothing && !inside && value.chars().count() <= LONGEST && field_of(&value).is_none() {
                places.push((at, value, clean(words)));
            }
        };
        let text = clean(&text_of(item.at));
        if let Some(field) = field_of(&text) {
            // the label alone: its value is the next cell or element
            let is_cell = !matches!(item.name, "li" | "p" | "div") || text.ends_with(['：', ':']);
            if is_cell && let Some(value) = following(item.at) {
                put(field, &value, &format!("{text}{value}"));
            }
            continue;
        }
        for (field, value) in pairs(&text) {
            put(field, value, &text);
        }
    }
    let first = found.into_iter().filter_map(|(field, places)| {
        let (_, value, words) = places.into_iter().next_back()?;
        Some((field, (value, words)))
    });
    Labels(first.collect())
}

/// The field that a text names, when it is a label and nothing else.
pub(super) fn field_of(text: &str) -> Option<&'static str> {
    let squeezed: String =
        text.chars().filter(|c| !c.is_whitespace() && !"：:【】[]［］*●·".contains(*c)).take(10).collect();
    BY_LABEL.get(squeezed.as_str()).copied()
}

/// Whether a line begins with a label and its colon: `文 号：示例发〔2026〕1号`.
pub(super) fn begins_with_label(line: &str) -> bool {
    let before = line
        .char_indices()
        .take(14)
        .find(|(_, c)| matches!(c, '：' | ':' | '】' | ']' | '］'))
        .map(|(at, _)| &line[..at]);
    before.is_some_and(|before| field_of(before).is_some())
}

/// The text of the element behind a label.
fn following(element: ElementRef<'_>) -> Option<String> {
    let text_after = |element: ElementRef<'_>| {
        for sibling in element.next_siblings() {
            if let Some(text) = sibling.value().as_text() {
                let text = clean(text);
                let text = text.trim_start_matches(['：', ':']).trim();
                if !text.is_empty() {
                    return Some(text.to_owned());
                }
            } else if let Some(next) = ElementRef::wrap(sibling) {
                let text = clean(&text_of(next));
                let text = text.trim_start_matches(['：', ':']).trim();
                if !text.is_empty() {
                    return Some(text.to_owned());
                }
            }
        }
        None
    };
    // <td><b>文号</b></td><td>…</td>: one step up when nothing follows
    text_after(element).or_else(|| element.parent().and_then(ElementRef::wrap).and_then(text_after))
}

/// `发布时间：2026-01-05 来源：某局`, `【发文单位】 某局`: every label with a colon or in brackets, and what stands up to the
/// next.
pub(crate) fn pairs(text: &str) -> Vec<(&'static str, &str)> {
    let colons: Vec<(usize, usize)> =
        text.match_indices(['：', ':', '】', ']', '］']).map(|(at, colon)| (at, at + colon.len())).take(20).collect();
    let mut starts: Vec<(usize, usize, &'static str)> = Vec::new();
    for (at, end) in colons {
        // the longest run before the colon that is a label, spaces between its characters allowed
        let mut squeezed: Vec<char> = Vec::new();
        let mut found = None;
        for (position, c) in text[..at].char_indices().rev().take(16) {
            if !c.is_whitespace() {
                squeezed.push(c);
            }
            let word: String = squeezed.iter().rev().collect();
            // 2026-03-10来源：… has no space where an element ended
            let glued = |before: char| before.is_alphanumeric() && !before.is_ascii();
            let free = position == 0 || !text[..position].ends_with(glued);
            if free && let Some(field) = BY_LABEL.get(word.as_str()) {
                found = Some((position, *field));
            }
        }
        if let Some((position, field)) = found {
            starts.push((position, end, field));
        }
    }
    let mut pairs = Vec::new();
    for (number, (position, end, field)) in starts.iter().enumerate() {
        // in running text a label in the middle of a sentence is no header
        if number == 0 && *position > 40 {
            return Vec::new();
        }
        let until = starts.get(number + 1).map_or(text.len(), |(next, ..)| *next);
        let value = text[*end..until].trim_matches([' ', '|', '\u{3000}', '[', ']', '【', '】', '（', '）']);
        pairs.push((*field, value));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    #[test]
    fn every_way_to_lay_out_a_header() {
        for page in [
            "<table><tr><td>索 引 号：</td><td>014/2026-1</td><td>发文字号</td><td>镇工信〔2026〕1号</td></tr><tr><td>发布日期：</td><td>2026-01-05</td></tr></table>",
            "<dl><dt>索引号</dt><dd>014/2026-1</dd><dt>文  号：</dt><dd>镇工信〔2026〕1号</dd><dt>发布日期</dt><dd>2026-01-05</dd></dl>",
            "<ul><li><b>索 引 号：</b>014/2026-1</li><li><b>文号：</b>镇工信〔2026〕1号</li><li><b>发布日期</b>：2026-01-05</li></ul>",
            "<p>索引号：014/2026-1 文号：镇工信〔2026〕1号 发布日期：2026-01-05 10:00</p>",
            "<div><table><tr><td>索引号:</td><td>014/2026-1</td><td>分类:</td><td>其他</td></tr><tr><td>文号:</td><td>镇工信〔2026〕1号</td><td>发布日期:</td><td>2026-01-05</td></tr></table></div>",
            "<div><span>文 号：镇工信〔2026〕1号</span><span>索引号：014/2026-1</span><span>发布时间：2026-01-05</span></div>",
            "<ul><li><b>[ 索引号 ]</b><span>014/2026-1</span></li><li>[ 发文字号 ]镇工信〔2026〕1号</li><li>［发布日期］ 2026-01-05</li></ul>",
            "<p><small>发布时间:</small>2026-01-05 08:15<small>索引号:</small>014/2026-1 <small>文号:</small>镇工信〔2026〕1号</p>",
            "<div><span>索引号</span><span>：014/2026-1</span></div><div><span>文号:</span><span>镇工信〔2026〕1号</span></div><div>发布日期:2026-01-05</div>",
        ] {
            let page_read = Html::parse_document(page);
            let labels = read(&Outline::read(page_read.root_element()));
            assert_eq!(labels.get("index_number"), Some("014/2026-1"), "{page}");
            assert_eq!(labels.get("doc_number"), Some("镇工信〔2026〕1号"), "{page}");
            assert!(labels.get("published_on").is_some_and(|date| date.starts_with("2026-01-05")), "{page}");
        }
    }

    #[test]
    fn a_colon_in_a_sentence_is_no_label() {
        let page = Html::parse_document(
            "<p>本次申报工作自即日起开始，各单位应当认真组织，按照要求抓紧做好材料审核与报送工作，申报截止时间：2026-03-01。</p><p>文号：无</p>",
        );
        let labels = read(&Outline::read(page.root_element()));
        assert_eq!(labels.get("published_on"), None);
        assert_eq!(labels.get("doc_number"), None);
    }
}
