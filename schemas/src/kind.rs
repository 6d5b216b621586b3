//! 公文种类: the 15 statutory kinds (党政机关公文处理工作条例) and the further ones that policy libraries use.

/// Every kind, the statutory ones first.
pub const KINDS: &[&str] = &[
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
    "法律",
    "行政法规",
    "规章",
    "条例",
    "规定",
    "办法",
    "细则",
    "规则",
    "指南",
    "解读",
    "公示",
    "征求意见稿",
];

/// The kind of [`KINDS`] that a label names (命令（令） → 命令); `None` for what is none of them (其他).
pub fn standard(label: &str) -> Option<&'static str> {
    let plain = label.split(['（', '(']).next().unwrap_or_default().trim();
    match plain {
        "令" => Some("命令"),
        "会议纪要" => Some("纪要"),
        "政策解读" => Some("解读"),
        "实施细则" => Some("细则"),
        _ => KINDS.iter().find(|kind| **kind == plain).copied(),
    }
}

/// Endings of titles and the kind that each states; a longer one stands before one that it ends with.
const ENDINGS: &[(&str, &str)] = &[
    ("复函", "函"),
    ("函", "函"),
    ("指导意见", "意见"),
    ("实施意见", "意见"),
    ("意见", "意见"),
    ("通知", "通知"),
    ("通知书", "通知"),
    ("通告", "通告"),
    ("公告", "公告"),
    ("公报", "公报"),
    ("决定", "决定"),
    ("决议", "决议"),
    ("命令", "命令"),
    ("令", "命令"),
    ("通报", "通报"),
    ("报告", "报告"),
    ("请示", "请示"),
    ("批复", "批复"),
    ("议案", "议案"),
    ("会议纪要", "纪要"),
    ("纪要", "纪要"),
    ("公示", "公示"),
    ("条例", "条例"),
    ("实施细则", "细则"),
    ("细则", "细则"),
    ("规则", "规则"),
    ("规定", "规定"),
    ("办法", "办法"),
    ("申报指南", "指南"),
    ("指南", "指南"),
    ("解读", "解读"),
    ("问答", "解读"),
    ("法", "法律"),
];

/// The kind that a title states (…的通知 → 通知, …实施细则 → 细则, …（征求意见稿） → 征求意见稿); `None` when it states
/// none. `关于印发《…办法》的通知` is a 通知.
pub fn of_title(title: &str) -> Option<&'static str> {
    let mut title = title.trim();
    // what stands in brackets at the end (试行, a year, a number) says nothing of the kind, but for a draft
    while let Some((before, inside)) = bracket_at_end(title) {
        if inside.contains("征求意见稿") || inside.contains("草案") {
            return Some("征求意见稿");
        }
        title = before.trim_end();
    }
    title = title.trim_end_matches(['》', '」', '”', '"', '。', ' ']);
    if title.ends_with("征求意见稿") || title.contains("公开征求") && title.ends_with("公告") {
        return Some("征求意见稿").filter(|_| title.ends_with("征求意见稿")).or(Some("公告"));
    }
    if title.contains("解读") && !title.ends_with("通知") {
        return Some("解读");
    }
    let found = ENDINGS.iter().find(|(ending, _)| title.ends_with(ending)).map(|(_, kind)| *kind)?;
    // 中华人民共和国中小企业促进法 is a law, 做法 is not
    let is_law = title.starts_with("中华人民共和国");
    if found == "法律" && !is_law { None } else { Some(found) }
}

fn bracket_at_end(title: &str) -> Option<(&str, &str)> {
    let inner = title.strip_suffix('）').or(title.strip_suffix(')')).or(title.strip_suffix('〕'))?;
    let at = inner.rfind(['（', '(', '〔'])?;
    let open = inner[at..].chars().next()?.len_utf8();
    Some((&inner[..at], &inner[at + open..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_title() {
        for (title, kind) in [
            ("关于印发《镇江市专项资金管理办法》的通知", Some("通知")),
            ("镇江市专项资金管理办法（试行）", Some("办法")),
            ("中小企业发展专项资金管理办法（征求意见稿）", Some("征求意见稿")),
            ("国务院关于促进创业投资的若干意见", Some("意见")),
            ("关于同意设立开发区的批复", Some("批复")),
            ("关于2026年度第一批拟认定企业名单的公示", Some("公示")),
            ("《关于支持企业的若干措施》政策解读", Some("解读")),
            ("中华人民共和国中小企业促进法", Some("法律")),
            ("科学的工作方法", None),
            ("镇江市召开座谈会", None),
            ("关于商请支持的函", Some("函")),
            ("", None),
            ("（", None),
        ] {
            assert_eq!(of_title(title), kind, "{title}");
        }
        for (_, kind) in ENDINGS {
            assert!(KINDS.contains(kind), "{kind}");
        }
    }
}
