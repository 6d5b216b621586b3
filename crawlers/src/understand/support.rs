//! Forms of support that a document offers, by the closed list of `support.toml`.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use zhida_schemas::Policy;

use super::{head, regex, tail};

/// How much of the text is read, in characters.
const REACH: usize = 100_000;

#[derive(Deserialize)]
struct File {
    form: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    title: String,
    text: String,
    refused: String,
}

struct Form {
    name: String,
    title: Regex,
    text: Regex,
    refused: Option<Regex>,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    let file: File = toml::from_str(include_str!("support.toml")).expect("a table that every run reads");
    let read = |entry: Entry| Form {
        name: entry.name,
        title: regex(&entry.title),
        text: regex(&entry.text),
        refused: Some(entry.refused).filter(|words| !words.is_empty()).map(|words| regex(&words)),
    };
    file.form.into_iter().map(read).collect()
});

/// Sentences that take back or forbid, whatever else they name.
static TAKES_BACK: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "不予|不得享受|不再|取消|追回|骗取|套取|停止|退回|收回|挪用|截留|违规|严禁|弄虚作假|不得重复|不重复|同时废止|另有规定|\
         不叠加|兼得|监督检查|绩效评价|法律责任|处罚",
    )
});

/// Titles whose documents offer nothing: they end something or tell its result.
static OFFERS_NOTHING: LazyLock<Regex> = LazyLock::new(|| regex("废止|失效|公示|名单|批复|任免|工作报告|统计|处罚"));

/// Kinds, and ends of titles, of texts that offer nothing themselves.
const STATUTES: &[&str] = &["法律", "行政法规", "地方性法规", "条例", "法", "司法解释", "新闻"];

/// Longest evidence, in characters, and how far around the words the part of a longer sentence reaches.
const LONGEST_EVIDENCE: usize = 160;
const AROUND: usize = 60;

/// The forms in the order of the table, with an exact piece of title or text that offers the first.
pub fn of(policy: &Policy) -> Option<(Vec<String>, String)> {
    let title = policy.title.as_str();
    let matter = &title[title.find("关于").unwrap_or(0)..];
    // a law says what may be given, a report what others give
    let kind = policy.kind.as_deref().unwrap_or_default();
    if OFFERS_NOTHING.is_match(matter) || STATUTES.iter().any(|end| kind == *end || title.ends_with(end)) {
        return None;
    }
    let body = head(&policy.body_text, REACH);
    let sentences: Vec<&str> = body
        .split(['。', '；', ';', '\n', '！', '？'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty() && !TAKES_BACK.is_match(sentence))
        .collect();
    let mut offered = Vec::new();
    let mut words = None;
    for form in FORMS.iter() {
        let refused = |text: &str| form.refused.as_ref().is_some_and(|words| words.is_match(text));
        let in_title = form.title.is_match(matter).then_some(title);
        let in_text = || {
            if refused(matter) {
                return None;
            }
            let said = sentences.iter().find(|text| form.text.is_match(text) && !refused(text))?;
            Some(part(said, form.text.find(said)?.range()))
        };
        if let Some(said) = in_title.or_else(in_text) {
            words.get_or_insert_with(|| said.to_owned());
            offered.push(form.name.clone());
        }
    }
    Some((offered, words?))
}

/// The sentence, or of a long one the part around the words.
fn part(sentence: &str, words: std::ops::Range<usize>) -> &str {
    if sentence.chars().count() <= LONGEST_EVIDENCE {
        return sentence;
    }
    let from = words.start - tail(&sentence[..words.start], AROUND).len();
    let to = words.end + head(&sentence[words.end..], AROUND).len();
    sentence[from..to].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered() {
        for (title, text, expected) in [
            ("示例措施", "对符合条件的企业，给予最高50万元的一次性补助。", &["资金补助"][..]),
            ("示例措施", "对新认定的企业一次性奖励20万元。\n按贷款利息的50%给予贴息。", &["奖励", "贴息"]),
            ("关于延长示例税免征政策的公告", "", &["税收优惠"]),
            ("示例措施", "减免承租企业3个月房屋租金。", &["租金减免"]),
            ("示例措施", "阶段性缓缴企业基本养老保险费。", &["社保减免"]),
            ("示例措施", "对骗取补助的，追回资金，不予补助。", &[]),
            ("示例措施", "推动各项政策免申即享。", &["免申即享"]),
            ("关于示例企业认定工作的通知", "", &["认定"]),
            ("关于废止示例奖励办法的通知", "给予奖励20万元。", &[]),
            ("示例措施", "做好有关工作。", &[]),
            ("示例条例", "对成绩显著的单位给予奖励，依法享受税收优惠。", &[]),
            ("关于调整住房公积金贷款额度的通知", "最高贷款额度提高为60万元。", &[]),
            ("关于优化住房套数认定标准的通知", "", &[]),
        ] {
            let policy = Policy { title: title.to_owned(), body_text: text.to_owned(), ..Policy::default() };
            let (forms, words) = of(&policy).unwrap_or_default();
            assert_eq!(forms, expected, "{title} {text}");
            assert!(title.contains(&words) || text.contains(&words), "{words}");
        }
    }

    #[test]
    fn every_form_is_named_once() {
        let names: std::collections::HashSet<_> = FORMS.iter().map(|form| &form.name).collect();
        assert!(names.len() == FORMS.len() && names.len() >= 12);
    }
}
