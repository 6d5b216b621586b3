//! The title of a page, as its headings and its `<title>` show it.

use super::body::Main;
use super::outline::{Kind, Outline, Role};
use super::{Head, PageContext, clean};

/// Shortest and longest title, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 5..=200;

/// Most headings that are looked at.
const MOST: usize = 200;

/// How far into the text a heading is looked for, in lines.
const INTO_TEXT: usize = 12;

/// How far above the text a line without the marks of a heading is one, in lines.
const ABOVE: usize = 8;

/// The heading that fits best: one that `<title>` says too, else the highest heading near the text, else `<title>`
/// itself where it does not name the site or a column, else what the list showed.
pub fn find(
    outline: &Outline<'_>,
    main: &Main<'_>,
    whole: Option<&str>,
    context: &PageContext<'_>,
    head: &Head,
) -> Option<String> {
    let site = head.get(&["sitename"]);
    let whole = whole.map(|title| without_site(&clean(title), site.as_deref()));
    let whole = whole.filter(|title| LENGTH.contains(&title.chars().count()) && !names_site(title));
    let listed = context.list_title.map(clean);
    let mut best: Option<(i32, String)> = None;
    for (text, points) in headings(outline, main) {
        let agrees = [whole.as_deref(), listed.as_deref()].into_iter().flatten().any(|said| agree(&text, said));
        let same = [whole.as_deref(), listed.as_deref()].into_iter().flatten().any(|said| bare(&text) == bare(said));
        let points = points
            + if same {
                24
            } else if agrees {
                20
            } else {
                0
            }
            + if zhida_schemas::kind::of_title(&text).is_some() { 3 } else { 0 };
        if best.as_ref().is_none_or(|(most, _)| points > *most) {
            best = Some((points, text));
        }
    }
    let full = listed.clone().filter(|title| !title.ends_with(['…', '.']) && LENGTH.contains(&title.chars().count()));
    match best {
        Some((points, text)) if points >= 20 || whole.is_none() && full.is_none() && points > 0 => Some(text),
        best => whole.or(full).or(best.map(|(_, text)| text)).or(listed),
    }
}

/// Headings of the page and how surely each is the title.
fn headings(outline: &Outline<'_>, main: &Main<'_>) -> Vec<(String, i32)> {
    let mut found = Vec::new();
    for (at, item) in outline.items.iter().enumerate() {
        let tag = match item.name {
            "h1" => 6,
            "h2" | "ucaptitle" => 4,
            "h3" => 2,
            _ if item.role == Role::Title => 3,
            _ => continue,
        };
        if !LENGTH.contains(&item.chars) || item.linked * 2 > item.chars || found.len() >= MOST {
            continue;
        }
        let text = own_lines(outline, at);
        let before = at < main.item;
        let near = before && item.end + 60 > main.item;
        let inside = outline.within(at, main.item);
        let points = tag + if near { 2 } else { 0 }
            - if !before && !inside { 8 } else { 0 }
            - if item.furniture { 2 } else { 0 }
            - if names_site(&text) { 10 } else { 0 };
        found.push((text, points));
    }
    // a line of its own above the text, where a page has no headings
    for line in outline.lines.iter().take(outline.first_prose(main.item)).rev().take(ABOVE) {
        let plain = line.kind == Kind::Plain && line.linked == 0 && (8..=100).contains(&line.chars);
        let number = zhida_schemas::doc_number::DocNumber::parse(&line.text).is_some();
        if plain && !number && !line.text.contains(['。', '：', ':', '©']) && !names_site(&line.text) {
            found.push((line.text.clone(), 2));
        }
    }
    // a title set on two or three lines
    let above = outline.lines.get(..outline.first_prose(main.item)).unwrap_or_default();
    let above = above.get(above.len().saturating_sub(ABOVE)..).unwrap_or_default();
    for together in above.windows(2).chain(above.windows(3)) {
        if together.iter().all(|line| line.linked == 0 && matches!(line.kind, Kind::Plain | Kind::Heading)) {
            let text = together.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
            if LENGTH.contains(&text.chars().count()) {
                found.push((text, 0));
            }
        }
    }
    // the first lines of a text whose page has no headings
    for line in outline.lines_of(main.item).iter().take(INTO_TEXT) {
        if LENGTH.contains(&line.chars)
            && matches!(line.kind, Kind::Plain | Kind::Heading)
            && line.text.contains("关于")
        {
            found.push((line.text.clone(), 1));
        }
    }
    found
}

/// The lines of a heading up to the date, source and buttons that some pages put into it.
fn own_lines(outline: &Outline<'_>, at: usize) -> String {
    let lines = outline.lines_of(at);
    let of_heading = lines.iter().take_while(|line| !matches!(line.kind, Kind::Furniture));
    let text = of_heading.map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        outline.items.get(at).map(|item| clean(&super::text_of(item.at))).unwrap_or_default()
    } else {
        text
    }
}

/// A title without its punctuation and spaces.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether two titles are the same but for what one leaves out at its end.
fn agree(text: &str, said: &str) -> bool {
    let (text, said) = (bare(text), bare(said));
    let short = text.chars().count().min(said.chars().count());
    // <title> may also have the names of site and column before it
    short >= 5 && (text.starts_with(&said) || short > 8 && (said.starts_with(&text) || said.ends_with(&text)))
}

/// Ends of names of sites and columns.
const SITES: &[&str] = &[
    "网",
    "网站",
    "政府",
    "门户",
    "局",
    "厅",
    "委员会",
    "部",
    "平台",
    "公开",
    "文件",
    "政策",
    "法规",
    "公告",
    "通知公告",
    "库",
    "专栏",
    "动态",
    "信息公开",
    "首页",
    "中心",
    "要闻",
    "新闻",
    "栏目",
    "专题",
    "办公室",
];

/// Ends of names of offices and columns, which are no titles by themselves.
const OFFICES: &[&str] = &[
    "政府",
    "局",
    "厅",
    "委员会",
    "管委会",
    "部",
    "平台",
    "中心",
    "新区",
    "首页",
    "公开",
    "专栏",
    "栏目",
    "门户",
    "详情",
];

/// `通知公告 - 某市人民政府门户网站`, `某市商务局`: only the site, its office or a column.
fn names_site(title: &str) -> bool {
    let title = title.trim();
    let says = ["关于", "的", "《", "印发"].iter().any(|word| title.contains(word));
    ["网站", "网", "政府门户"].iter().any(|end| title.ends_with(end))
        || title.chars().count() <= 20 && !says && OFFICES.iter().any(|end| title.ends_with(end))
}

/// `标题_某某网`, `标题 - 栏目 - 某某市人民政府`: what stands behind the separator names the site or a column.
pub fn without_site(title: &str, site: Option<&str>) -> String {
    let mut title = title.trim();
    for separator in ["_", " - ", "-", "—", "|", "｜", "--", "–", "<", ">", "»"] {
        while let Some((before, after)) = title.rsplit_once(separator) {
            let after = after.trim();
            let names = SITES.iter().any(|end| after.ends_with(end))
                || site.is_some_and(|site| !after.is_empty() && site.contains(after));
            if !names || before.chars().count() < 4 || after.chars().count() > 30 {
                break;
            }
            title = before.trim_end().trim_end_matches(['-', '_', '—', '|']).trim_end();
        }
    }
    title.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_taken_off_a_title() {
        for (title, expected) in [
            ("关于开展示例申报的通知_镇江市人民政府", "关于开展示例申报的通知"),
            ("关于开展示例申报的通知 - 通知公告 - 某某网", "关于开展示例申报的通知"),
            ("2024-2026年行动计划", "2024-2026年行动计划"),
        ] {
            assert_eq!(without_site(title, None), expected);
        }
    }
}
