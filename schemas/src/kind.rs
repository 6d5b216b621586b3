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
    "措施",
    "方案",
    "计划",
    "规划",
    "说明",
    "解读",
    "公示",
    "征求意见稿",
    "新闻",
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
    ("措施", "措施"),
    ("举措", "措施"),
    ("若干政策", "措施"),
    ("方案", "方案"),
    ("行动计划", "计划"),
    ("工作计划", "计划"),
    ("规划", "规划"),
    ("规划纲要", "规划"),
    ("说明", "说明"),
    ("解读", "解读"),
    ("问答", "解读"),
    ("答疑", "解读"),
    ("指引", "指南"),
    ("报道", "新闻"),
    ("法", "法律"),
];

/// Words that make a page an explanation of another document.
const EXPLAINS: &[&str] = &["解读", "一图读懂", "图解", "图读", "一图看懂", "问答", "轻松读", "答记者问"];

/// What marks a draft for comment.
const DRAFTS: &[&str] = &["征求意见稿", "草案", "送审稿"];

/// The kind that a title states (…的通知 → 通知, …实施细则 → 细则, …（征求意见稿） → 征求意见稿); `None` when it states
/// none. `关于印发《…办法》的通知` is a 通知. What stands behind the title (a state, a year, the document's number) does
/// not count.
pub fn of_title(title: &str) -> Option<&'static str> {
    let mut title = title.trim();
    // 【某市】 before a title names a place
    while let Some((_, rest)) = title.strip_prefix('【').and_then(|rest| rest.split_once('】')) {
        title = rest.trim_start();
    }
    let mut explains = false;
    for _ in 0..8 {
        let before = title;
        title = title.trim_end_matches(['」', '”', '"', '。', ' ', '\u{3000}', '!', '！']);
        // what stands in brackets at the end (试行, a year, 失效) says nothing of the kind, but for a draft
        if let Some((rest, inside)) = bracket_at_end(title) {
            if DRAFTS.iter().any(|word| inside.contains(word)) {
                return Some("征求意见稿");
            }
            // 某某公告2026年第1号（关于…的公告）: the number stands first, the title in the bracket
            if inside.starts_with("关于") && crate::doc_number::DocNumber::parse(rest).is_some() {
                return of_title(inside);
            }
            explains |= EXPLAINS.iter().any(|word| inside.contains(word));
            title = rest.trim_end();
        }
        // …的通知 镇政发〔2026〕1号
        if let Some((range, _)) = crate::doc_number::find_all(title).pop()
            && range.end == title.len()
            && range.start > 0
        {
            title = title[..range.start].trim_end();
        }
        if title == before {
            break;
        }
    }
    if explains || EXPLAINS.iter().any(|word| title.contains(word)) && !title.ends_with("通知") {
        return Some("解读");
    }
    // 《关于…的通知》 is its own title; 关于修改《…办法》 is about another
    if let Some(inner) = title.strip_suffix('》') {
        const ABOUT: &[&str] = &["印发", "修改", "发布", "公布", "废止", "转发", "实施", "关于", "贯彻"];
        let another = inner.find('《').is_some_and(|at| ABOUT.iter().any(|word| inner[..at].contains(word)));
        if another {
            return None;
        }
        title = inner;
        if let Some((rest, inside)) = bracket_at_end(title) {
            if DRAFTS.iter().any(|word| inside.contains(word)) {
                return Some("征求意见稿");
            }
            title = rest.trim_end();
        }
    }
    if DRAFTS.iter().any(|word| title.ends_with(word)) {
        return Some("征求意见稿");
    }
    // 某部令第1号, 某局公告2026年第2号
    if title.ends_with('号')
        && let Some(number) = crate::doc_number::DocNumber::parse(title).filter(|number| number.order)
    {
        title = ["令", "公告", "通告", "公报"].into_iter().find(|word| number.issuer_code.ends_with(word))?;
    }
    let found = ENDINGS.iter().find(|(ending, _)| title.ends_with(ending)).map(|(_, kind)| *kind)?;
    // 中华人民共和国中小企业促进法 is a law, 做法 is not
    let is_law = title.starts_with("中华人民共和国");
    if found == "法律" && !is_law || NOT_KINDS.iter().any(|word| title.ends_with(word)) { None } else { Some(found) }
}

/// Words that end like a kind and are none.
const NOT_KINDS: &[&str] = &["指令", "口令", "夏令", "司令", "来函", "信函"];

/// The title before the bracket at its end, and what stands inside.
fn bracket_at_end(title: &str) -> Option<(&str, &str)> {
    let (close, opens) = [('）', "（("), (')', "（("), ('〕', "〔["), (']', "〔["), ('】', "【")]
        .into_iter()
        .find(|(close, _)| title.ends_with(*close))?;
    let inner = title.strip_suffix(close)?;
    let at = inner.rfind(|c| opens.contains(c))?;
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
            ("关于进一步做好惠企服务的通知[失效]", Some("通知")),
            ("示例市城市房屋管理实施细则(2022年修正)[失效]", Some("细则")),
            ("【示例市】《关于促进消费的意见》示政发〔2026〕1号", Some("意见")),
            ("《示例市人才补贴实施办法（征求意见稿）》", Some("征求意见稿")),
            ("关于公开征求《示例管理办法》意见的公告", Some("公告")),
            ("示例市印发《三年行动计划》", None),
            ("关于修改《示例条例》", None),
            ("关于修改《示例条例》的决定", Some("决定")),
            ("一图读懂《示例市若干措施》", Some("解读")),
            ("示例市若干措施（图解）", Some("解读")),
            ("关于做好政策解读工作的通知", Some("通知")),
            ("示例市人民政府令（第12号）", Some("命令")),
            ("示例中心工作报告", Some("报告")),
            ("关于报送材料的请示", Some("请示")),
            ("中华人民共和国示例法实施条例", Some("条例")),
            ("示例资金申报指南", Some("指南")),
            ("第十次常务会议纪要", Some("纪要")),
            ("示例市支持某产业发展若干政策（试行）", Some("措施")),
            ("示例市保障用工十条措施", Some("措施")),
            ("示例市三年行动计划（2026—2028年）", Some("计划")),
            ("示例区某项工作实施方案", Some("方案")),
            ("示例省“十五五”某业发展规划", Some("规划")),
            ("关于办理某项补贴的说明", Some("说明")),
            ("示例市某项若干意见（示例区）报道", Some("新闻")),
            ("某部公告2026年第1号（关于某项规定的公告）", Some("公告")),
            ("某部令第1号（某项管理办法）", Some("命令")),
            ("示例市出台某项政策", None),
            ("", None),
            ("（", None),
        ] {
            assert_eq!(of_title(title), kind, "{title}");
        }
        for (_, kind) in ENDINGS {
            assert!(KINDS.contains(kind), "{kind}");
        }
    }

    #[test]
    fn labels_of_kinds() {
        for (label, kind) in [
            ("通知", Some("通知")),
            ("命令（令）", Some("命令")),
            ("令", Some("命令")),
            (" 意见 ", Some("意见")),
            ("其他", None),
            ("", None),
        ] {
            assert_eq!(standard(label), kind, "{label}");
        }
        for kind in KINDS {
            assert_eq!(standard(kind), Some(*kind));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_title_is_survived(title in "[《》【】（）〔〕关于印发的通知办法征求意见稿2026号 ]{0,30}|\\PC{0,60}") {
            if let Some(kind) = of_title(&title) {
                proptest::prop_assert!(KINDS.contains(&kind));
            }
        }
    }
}
