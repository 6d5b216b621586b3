//! Industries that a text is about, by GB/T 4754 code.

use std::ops::Range;

use zhida_schemas::{Policy, industry, qualification};

use super::head;

/// Codes of the industries that the title names.
pub fn of(policy: &Policy) -> Vec<String> {
    addressed(policy).map(|(_, codes)| codes.into_iter().map(str::to_owned).collect()).unwrap_or_default()
}

/// The industries that a document addresses, with the words that name them: those of the title.
pub fn addressed(policy: &Policy) -> Option<(String, Vec<&'static str>)> {
    let title = policy.title.as_str();
    let matter = &title[matter(title)..];
    if ["失效", "废止", "公示", "名单", "批复"].iter().any(|word| matter.contains(word)) {
        return None;
    }
    let held = qualification::find_all(matter);
    let in_title: Vec<_> = named(matter)
        .into_iter()
        // 科技企业孵化器, 工业设计中心 are qualifications
        .filter(|(range, _)| !held.iter().any(|(held, _)| held.start < range.end && range.start < held.end))
        .collect();
    if let Some((range, _)) = in_title.first() {
        let words = &matter[range.clone()];
        let mut codes: Vec<&'static str> = Vec::new();
        for code in in_title.iter().flat_map(|(_, codes)| codes) {
            if !codes.contains(code) {
                codes.push(code);
            }
        }
        return Some((words.to_owned(), codes));
    }
    None
}

/// Where the matter of a title begins: behind the offices (市工业和信息化局关于…).
fn matter(title: &str) -> usize {
    title.find("关于").map_or(0, |at| at + "关于".len())
}

/// Names of industries in a text that do not belong to an office (农业农村局) or a longer word.
pub fn named(text: &str) -> Vec<(Range<usize>, Vec<&'static str>)> {
    const OFFICE: &[&str] = &["局", "厅", "委", "部", "处", "中心", "办", "协会", "学院", "大学", "和信息化", "信息化", "农村"];
    industry::find_all(text)
        .into_iter()
        .filter(|(range, _)| {
            let after = head(&text[range.end..], 4);
            !OFFICE.iter().any(|office| after.starts_with(office))
        })
        .collect()
}
