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

/// What marks a draft for comment in a title.
const DRAFTS: &[&str] = &["征求意见稿", "草案", "送审稿"];

/// Whether a document is a draft for comment or brings one: …（征求意见稿）的公告, 关于公开征求《…》意见的公告. What was
/// made of the comments (…意见采纳情况的公告) is none.
pub fn is_draft(kind: Option<&str>, title: &str) -> bool {
    const NOTICES: &[&str] = &["公告", "通告", "通知", "公示", "启事", "函"];
    const ASKS: &[&str] = &["公开征求", "公开征集", "征求社会", "向社会征求", "公开听取"];
    let stated = Some("征求意见稿");
    if kind == stated || zhida_schemas::kind::of_title(title) == stated {
        return true;
    }
    let title = title.trim().trim_end_matches(['》', ' ', '\u{3000}']);
    let notice = NOTICES.iter().find_map(|notice| title.strip_suffix(notice)?.strip_suffix('的'));
    let Some(subject) = notice else { return false };
    let bare = subject.trim_end_matches(['）', ')', '》', '〉', '”', '"', ' ']);
    let comments =
        ["意见", "意见建议", "意见和建议", "意见及建议", "建议"].iter().find_map(|end| subject.strip_suffix(end));
    DRAFTS.iter().any(|word| bare.ends_with(word))
        || comments.is_some_and(|asked| DRAFTS.iter().chain(ASKS).any(|words| asked.contains(words)))
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
    fn drafts_for_comment() {
        for (title, is) in [
            ("示例市示例办法（征求意见稿）", true),
            ("示例市示例办法（征求意见稿）的公告", true),
            ("关于《示例市示例办法（征求意见稿）》的公告", true),
            ("关于征求《示例市示例办法（征求意见稿）》意见的公告", true),
            ("关于示例市示例办法（征求意见稿）意见的公告", true),
            ("关于公开征求《示例市示例办法》意见的公告", true),
            ("关于公开征求示例办法意见建议的通知", true),
            ("关于《示例办法（征求意见稿）》意见采纳情况的公告", false),
            ("关于加强示例意见的公告", false),
            ("关于公开征集示例项目的通知", false),
            ("关于《示例办法（征求意见稿）》的起草说明", false),
            ("", false),
        ] {
            assert_eq!(is_draft(None, title), is, "{title}");
        }
        assert!(is_draft(Some("征求意见稿"), "示例办法"));
        let mut policy = zhida_schemas::Policy {
            title: "示例市示例办法（征求意见稿）的公告".to_owned(),
            body_text: "第九条 本办法自2026年5月1日起施行，《示例旧办法》同时废止。".to_owned(),
            ..Default::default()
        };
        crate::understand(&mut policy, None);
        assert_eq!(policy.validity, zhida_schemas::policy::Validity::Draft);
        assert_eq!(policy.effective_on, None);
    }

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
