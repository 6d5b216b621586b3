//! What is bounded by a day: an application or something else.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::super::{head, regex, tail};
use super::layout::{bounded, ceil_char_boundary, is_heading};
use super::sides::{Side, Span, UNTIL};
use super::{REACH, Reader, STOPS};

/// What was done by some day: 3月1日前已受理的贷款.
pub(super) static CASE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:已经?|所)?(?:受理|申请|提交|申报|办理|取得|报名)[^，。将并]{0,4}的"));

/// What the day only tells cases by: 受理时间在3月1日（含）之后的，….
pub(super) static LATER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:[（(][^）)]{0,8}[）)])?\s*(?:(?:之|以)(?:后|前))?\s?的"));

/// What happens within some days: 3月1日至15日开展的展会.
pub(super) static CASE_WITHIN: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:期?间)?\p{Han}{1,6}的\p{Han}"));

/// What stands behind a span that is of what is paid, not of the application: 缓缴6月至12月住房公积金.
pub(super) const PAID: &[&str] = &[
    "住房公积金",
    "社会保险",
    "养老",
    "失业",
    "工伤",
    "医疗保险",
    "租金",
    "税",
    "工资",
    "利息",
    "电费",
    "水费",
    "费用",
];

/// What a day bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Applying,
    /// What is handed in has another purpose: 总结, 意见.
    Matter,
    /// What a period is of, where a label says so.
    Fact,
    Other,
}

/// Where the words stand that say what a day bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// In a label: 申报时间：.
    Label,
    /// In the heading above, or that of the column.
    Heading,
    /// Before the day, in the same clause.
    Before,
    Elsewhere,
}

/// Words by what they say, see `words.toml`.
pub(super) struct Words {
    pub(super) finder: AhoCorasick,
    pub(super) acts: Vec<Option<Act>>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        apply: Vec<String>,
        matter: Vec<String>,
        fact: Vec<String>,
        other: Vec<String>,
        neutral: Vec<String>,
    }
    #[allow(clippy::expect_used)]
    let file: File = toml::from_str(include_str!("words.toml")).expect("a list of words that a test reads");
    let groups = [
        (file.apply, Some(Act::Applying)),
        (file.matter, Some(Act::Matter)),
        (file.fact, Some(Act::Fact)),
        (file.other, Some(Act::Other)),
        (file.neutral, None),
    ];
    let (words, acts): (Vec<String>, Vec<Option<Act>>) =
        groups.into_iter().flat_map(|(words, act)| words.into_iter().map(move |word| (word, act))).unzip();
    #[allow(clippy::expect_used)]
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .expect("a list of words that every run compiles");
    Words { finder, acts }
});

impl Words {
    /// What the words of a text say, in order. A title between 《 and 》 says nothing but that an opinion is asked for.
    pub(super) fn acts<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Act, Range<usize>)> + 'a {
        self.finder.find_iter(text).filter_map(move |found| {
            let act = (*self.acts.get(found.pattern().as_usize())?)?;
            let before = &text[..found.start()];
            let in_title = before.rfind('《') > before.rfind('》');
            let word = &text[found.range()];
            let near = tail(before, 6);
            let denied = NEEDLESS.iter().any(|words| near.contains(words));
            (!denied && !in_title || matches!(word, "反馈" | "回执" | "异议")).then_some((act, found.range()))
        })
    }

    /// The first act behind a day; of what is handed in, the matter counts: 报送总结 is none of an applicant's.
    pub(super) fn first(&self, text: &str) -> Option<Act> {
        // 将合同、发票报送: what is handed in stands first
        let object = text.trim_start_matches([' ', '，', ',', '务']).starts_with(['将', '把']);
        let mut acts = self.acts(text).filter(|(act, _)| *act != Act::Fact && !(object && *act == Act::Other));
        let Some((act, place)) = acts.next() else {
            let clause = text.split(['。', '；']).next().unwrap_or_default();
            return if object && clause.contains(['报', '送', '交']) {
                Some(Act::Applying)
            } else {
                self.acts(text).find(|(act, _)| *act != Act::Fact).map(|(act, _)| plain(act))
            };
        };
        let word = &text[place.clone()];
        // 反馈《申报表》
        if word == "反馈" && head(&text[place.end..], 16).contains("申报") {
            return Some(Act::Applying);
        }
        let hands_in = act == Act::Applying && HANDS_IN.iter().any(|verb| word.starts_with(verb));
        let of_matter = |(next, at): &(Act, Range<usize>)| {
            *next == Act::Matter
                && !text[place.end..at.start].contains(['，', ',', '。', '；', '、'])
                && at.start - place.end < 42
        };
        Some(if hands_in && acts.next().as_ref().is_some_and(of_matter) { Act::Other } else { plain(act) })
    }

    /// The last act before a day.
    pub(super) fn last(&self, text: &str) -> Option<Act> {
        self.acts(text).last().map(|(act, _)| plain(act))
    }
}

/// Words before an act that nobody has to do.
pub(super) const NEEDLESS: [&str; 7] = ["无须", "无需", "不需要", "不需", "不必", "不用", "免于"];

/// What is due from who was chosen before.
pub(super) const DELIVERED: [&str; 10] =
    ["任务书", "自查报告", "总结", "年报", "年度报告", "合同书", "整改报告", "进展报告", "协议书", "实施方案"];

/// Verbs that say nothing of the matter.
pub(super) const HANDS_IN: [&str; 11] =
    ["报送", "提交", "上报", "递交", "送交", "报备", "发送", "提报", "提出", "上传", "填报"];

pub(super) fn plain(act: Act) -> Act {
    if act == Act::Applying { act } else { Act::Other }
}

/// 申报时间：, （一）网上申报（, 受理期限为.
pub(super) fn is_label(clause: &str) -> bool {
    let ended =
        clause.trim_end_matches(|c: char| c.is_whitespace() || "：:为是于自从在到即由（(“\"】〗]］".contains(c));
    let ended = ended.trim_end_matches("限定");
    let time = ["时间", "日期", "期限", "时限", "截止", "时段", "期", "节点", "安排", "截至", "至", "起止", "填写"];
    let bare = clause.trim_end().ends_with(['：', ':', '（', '(', '】']) || clause.ends_with('\t');
    time.iter().any(|word| ended.ends_with(word)) || bare
}

/// 奖励范围：, 春节期间（: what is said of these is no window.
pub(super) fn is_fact(clause: &str) -> bool {
    let ended = clause.trim_end_matches(|c: char| c.is_whitespace() || "：:（(".contains(c));
    let facts = ["条件", "范围", "对象", "标准", "要求", "材料", "依据", "期间", "额度", "类别", "区间"];
    ended.len() < clause.len() && facts.iter().any(|word| ended.ends_with(word))
}

/// Labels that say nothing but time.
pub(super) const BARE: [&str; 20] = [
    "时间",
    "日期",
    "期限",
    "起止时间",
    "起止日期",
    "时间安排",
    "开放时间",
    "开放日期",
    "开始时间",
    "开始日期",
    "起始时间",
    "结束时间",
    "结束日期",
    "截止",
    "截止时间",
    "截止日期",
    "截止日",
    "截止期限",
    "最后期限",
    "时限",
];

/// 首批：, 第二批次：, and nothing else before the day.
pub(super) static BATCH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:首|第[一二三四五六七八九十0-9]{1,2})(?:批次?|期|轮|次)\s?[：:]\s?(?:自|从|为)?$"));

/// Whether the words before a day end in a label that says of time only.
pub(super) fn ends_with_bare_label(left: &str) -> bool {
    let label = left.trim_end_matches(|c: char| c.is_whitespace() || "：:为是于自从（(】〗]］".contains(c));
    let label = label.rsplit(|c: char| !('一'..='龥').contains(&c)).next().unwrap_or_default();
    BARE.contains(&label)
}

impl Reader<'_> {
    /// A label that says of time only (时间：) in a text that calls for applications.
    pub(super) fn bare(&self, left: &str) -> Option<(Act, Said)> {
        let bare = ends_with_bare_label(left) || BATCH.is_match(left.trim_start());
        (self.outright && bare).then_some((Act::Applying, Said::Label))
    }

    /// What a span bounds, by the label before it or the nearest words.
    pub(super) fn act(&self, left: &str, span: &Span, right: &str) -> Option<(Act, Said)> {
        let clause = left.rsplit(STOPS).next().unwrap_or_default();
        let label = is_label(clause);
        // 受理日期在3月1日之前的，按原政策执行; 原通知（申报期3月1日至4月1日）停止执行
        let replaced = left.contains('原') && ["停止执行", "废止"].iter().any(|word| head(right, 12).contains(word));
        if LATER.is_match(right) || replaced {
            return Some((Act::Other, Said::Elsewhere));
        }
        // 缓缴6月至12月住房公积金
        if span.side != Side::First && PAID.iter().any(|word| right.trim_start_matches(['的', ' ']).starts_with(word))
        {
            return Some((Act::Other, Said::Elsewhere));
        }
        let of_time = label && !clause.trim_end().ends_with(['（', '(']);
        if of_time
            && !clause.ends_with('\t')
            && let Some(act) = WORDS.last(clause)
        {
            return Some((act, Said::Label));
        }
        if is_fact(clause) {
            return Some((Act::Other, Said::Label));
        }
        let right = head(bounded(right), 90);
        // 3月1日前提交申请的，…: a case, not a deadline
        let stated = right.split(STOPS).find(|clause| !clause.trim().is_empty()).unwrap_or_default();
        let inside = stated.split(['）', ')']).next().unwrap_or_default();
        let stated = if inside.contains(['（', '(']) || inside.is_empty() { stated } else { inside };
        let stated = stated.trim_end_matches(['”', ' ']);
        let asked = ["请", "应", "须", "需"].iter().any(|word| clause.contains(word));
        let case = CASE.is_match(stated) || span.side == Side::Range && CASE_WITHIN.is_match(stated);
        let done = clause.ends_with("已于") || !clause.ends_with('于') && case;
        if !asked && (stated.ends_with('的') || done && span.side != Side::First || CASE.is_match(stated)) {
            return Some((Act::Other, Said::Elsewhere));
        }
        // a row of steps: the cell says who does what
        if clause.ends_with('\t')
            && let Some(act) = clause.trim_end().rsplit('\t').next().and_then(|cell| WORDS.first(cell))
        {
            return Some((act, Said::Label));
        }
        if label && let Some(act) = WORDS.last(clause) {
            return Some((act, Said::Label));
        }
        let own = right.split(STOPS).next().unwrap_or_default();
        // 填写申报意向表，并于…前反馈我司，逾期不予受理
        if own.trim_start().starts_with("反馈") && self.is_reply_of_applicants(left, right) {
            return Some((Act::Applying, Said::Elsewhere));
        }
        if let Some(act) = WORDS.first(own) {
            // 年报应于…前填报: what is handed in stands before
            let matter = WORDS.acts(clause).last().is_some_and(|(act, _)| act == Act::Matter);
            let bare = own.trim_start();
            let hands_in = HANDS_IN.iter().chain(&["报我", "报市", "报省", "报至"]).any(|verb| bare.starts_with(verb));
            // 撰写自查报告，于…前报送
            let matter = matter
                || clause.trim_matches([' ', '并']).chars().count() <= 2
                    && own.chars().count() <= 16
                    && left.rsplit(STOPS).nth(1).is_some_and(|earlier| {
                        DELIVERED.iter().any(|words| earlier.contains(words)) && !earlier.contains("申报")
                    });
            return Some((if matter && hands_in { Act::Other } else { act }, Said::Elsewhere));
        }
        if let Some(act) = WORDS.last(clause) {
            return Some((act, if label { Said::Label } else { Said::Before }));
        }
        let (before, behind) = (WORDS.last(left), WORDS.first(right));
        let act = if UNTIL.is_match(left) { before.or(behind) } else { behind.or(before) };
        act.map(|act| (act, Said::Elsewhere))
    }

    /// Whether what is sent back (反馈) is an application: not opinions, receipts or results.
    pub(super) fn is_reply_of_applicants(&self, left: &str, right: &str) -> bool {
        let near = tail(left, 40);
        let another =
            ["意见", "建议", "异议", "回执", "情况", "结果", "问题", "进展", "名单", "整改", "落实", "参会", "线索"];
        if another.iter().any(|word| near.contains(word) || head(right, 24).contains(word)) {
            return false;
        }
        self.outright
            || ["申报", "申请", "报名"].iter().any(|word| near.contains(word))
            || ["逾期不予受理", "逾期不再受理", "逾期视为"].iter().any(|word| right.contains(word))
    }

    /// What the heading above says (三、申报时间), or that of the column.
    pub(super) fn above(&self, at: usize) -> Option<(Act, Said)> {
        let text = self.text;
        let from = ceil_char_boundary(text, at.saturating_sub(2 * REACH));
        let mut lines = text[from..at].rsplit('\n');
        let own = lines.next().unwrap_or_default();
        let column = own.matches('\t').count();
        if column > 0 || text[at..].split('\n').next().is_some_and(|rest| bounded(rest).contains('\t')) {
            let head = lines.clone().take_while(|line| line.contains('\t')).last();
            let cell = head.and_then(|row| row.split('\t').nth(column));
            if let Some(act) = cell.filter(|cell| is_label(cell)).and_then(|cell| WORDS.last(cell)) {
                return Some((act, Said::Heading));
            }
        }
        let heading = lines.find(|line| is_heading(line.trim()) || line.trim_end().ends_with(['：', ':']))?.trim();
        // 分三批受理。提交时间分别为：
        let heading = heading.rsplit('。').next().unwrap_or_default();
        // what is listed under 申报材料 are facts
        if ["材料", "清单", "附件"].iter().any(|word| heading.trim_end_matches(['：', ':']).ends_with(word)) {
            return Some((Act::Other, Said::Elsewhere));
        }
        let ended = heading.trim_end_matches(['：', ':']).trim_end_matches("分别为").trim_end_matches("如下");
        Some((WORDS.last(heading)?, if is_label(ended) || is_label(heading) { Said::Heading } else { Said::Elsewhere }))
    }
}
