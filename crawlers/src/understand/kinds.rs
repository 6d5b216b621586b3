//! A press report about a document, told from a document: its title states no kind, and its first words are a
//! reporter's.

use zhida_schemas::{issuer, region};

use super::head;

/// What only a report says near its beginning or its end.
const REPORTERS: &[&str] = &[
    "记者从",
    "（记者",
    "(记者",
    "通讯员",
    "日电（",
    "日电(",
    "日报讯",
    "本报讯",
    "获悉",
    "据悉",
    "报记者",
    "新闻记者",
];

/// How a report begins.
const RECENTLY: &[&str] = &["近日", "日前", "今天", "昨日", "今日", "昨天"];

/// What only a report says in its first words.
const EARLY: &[&str] = &["新华社", "昨天", "昨日", "连日来"];

/// Whether title and text are a press report. A document with a number or a signature is none.
pub fn is_report(title: &str, body: &str) -> bool {
    let title = title.trim();
    let text = body.trim_start();
    let text = text.strip_prefix(title).filter(|_| !title.is_empty()).unwrap_or(text).trim_start();
    let begin = head(text, 300);
    let end = super::tail(text, 200);
    REPORTERS.iter().any(|words| begin.contains(words) || end.contains(words))
        || RECENTLY.iter().any(|word| begin.starts_with(word))
        || EARLY.iter().any(|word| head(begin, 80).contains(word))
        || begins_with_day(begin)
        || speaker(title).is_some()
        || begin.starts_with('据') && head(begin, 60).contains("消息")
}

/// The place or office before the colon of a headline: 江西：六大举措稳就业.
pub fn speaker(title: &str) -> Option<&str> {
    let (before, after) = title.split_once(['：', ':'])?;
    let long = after.trim().chars().count() >= 4 && before.chars().count() <= 20;
    let named = region::of_text(before, None).is_some() || issuer::parse(before, None).is_some();
    (long && named).then_some(before)
}

/// `9月1日，某区发布了…`.
fn begins_with_day(text: &str) -> bool {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let month = digits(text);
    let Some(rest) = text[month..].strip_prefix('月').filter(|_| (1..=2).contains(&month)) else { return false };
    let day = digits(rest);
    (1..=2).contains(&day) && ["日，", "日,", "日上午", "日下午"].iter().any(|end| rest[day..].starts_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_and_documents() {
        for (title, text, is) in [
            ("示例市出台示例政策", "示例市出台示例政策 近日，记者从市财政局获悉", true),
            ("示例城发布新政", "据“示例发布”4月9日消息，住房公积金", true),
            ("江西：六大举措稳就业", "省政府办公厅下发通知", true),
            ("国家能源局：优先安排示例", "通知", true),
            ("附件：示例表格若干", "通知", false),
            ("示例网上上线", "新华社郑州2月13日电 题：示例", true),
            ("示例区发布新政", "9月1日,示例区发布了若干意见", true),
            ("示例举措稳就业", "2月13日，省政府办公厅下发通知。（记者 某某）", true),
            ("示例市产业政策", "为促进产业发展，制定本政策。", false),
            ("示例方案", "9月1日前完成", false),
            ("", "", false),
        ] {
            assert_eq!(is_report(title, text), is, "{title}: {text}");
        }
    }
}
