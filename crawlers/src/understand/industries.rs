//! Industries that a text is about, by GB/T 4754 code.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::{Policy, industry, qualification};

use super::{head, regex};

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
    let (range, _) = in_title.first()?;
    let mut codes: Vec<&'static str> = Vec::new();
    for code in in_title.iter().flat_map(|(_, codes)| codes) {
        if !codes.contains(code) {
            codes.push(code);
        }
    }
    Some((matter[range.clone()].to_owned(), codes))
}

/// Where the matter of a title begins: behind the offices (市工业和信息化局关于…).
fn matter(title: &str) -> usize {
    title.find("关于").map_or(0, |at| at + "关于".len())
}

/// Names that say a branch where a text says whom it is for, and too little elsewhere (`branches.csv`).
static BRANCHES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let rows = include_str!("branches.csv").lines().skip(1).filter_map(|line| line.split_once(','));
    rows.map(|(name, codes)| (name, codes.split('|').collect())).collect()
});

/// Names of the table, longer ones first.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    let mut names: Vec<String> = BRANCHES.keys().map(|name| regex::escape(name)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    regex(&names.join("|"))
});

/// Names of industries in words that say whom a text is for, in order; those that belong to an office (农业农村局) are
/// left out.
pub fn named(text: &str) -> Vec<(Range<usize>, Vec<&'static str>)> {
    const OFFICE: &[&str] = &[
        "局",
        "厅",
        "委",
        "部",
        "处",
        "中心",
        "办",
        "协会",
        "学院",
        "大学",
        "和信息化",
        "信息化",
        "农村",
        "市场",
        "用地",
    ];
    let mut found = industry::find_all(text);
    for name in NAMES.find_iter(text) {
        let overlaps = |other: &Range<usize>| other.start < name.end() && name.start() < other.end;
        match found.iter_mut().find(|(other, _)| overlaps(other)) {
            Some((other, codes)) if other.len() < name.len() => {
                (*other, *codes) = (name.range(), BRANCHES[name.as_str()].clone());
            }
            Some(_) => {}
            None => found.push((name.range(), BRANCHES[name.as_str()].clone())),
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found.retain(|(range, _)| {
        let after = head(&text[range.end..], 4);
        // 服务型制造 is no manufacturing
        !text[..range.start].ends_with("服务型") && !OFFICE.iter().any(|office| after.starts_with(office))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_branch_has_codes_of_the_standard() {
        assert!(BRANCHES.len() > 20);
        for (name, codes) in BRANCHES.iter() {
            assert!(
                codes.iter().all(|code| industry::by_code(code).is_some_and(|found| found.code == *code)),
                "{name}"
            );
        }
    }

    #[test]
    fn titles_and_their_industries() {
        for (title, expected) in [
            ("关于促进示例市餐饮业发展的通知", &["H62"][..]),
            ("示例市住房租赁企业管理办法", &["K704"]),
            ("示例市工业和信息化局关于示例的通知", &[]),
            ("关于公布示例市餐饮企业名单的通知", &[]),
            ("关于众创空间备案的通知", &[]),
            ("", &[]),
        ] {
            let policy = Policy { title: title.to_owned(), ..Policy::default() };
            assert_eq!(of(&policy), expected, "{title}");
        }
    }
}
