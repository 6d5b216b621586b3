//! Sums that an applicant may receive.
//!
//! Every sum is looked at with the words around it: what is given (奖励, 补助, 贴息) counts; what an applicant must have,
//! pays or borrows, and what all share does not.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Captures, Regex};
use zhida_schemas::policy::{Amount, Policy};

use super::{head, regex, tail};

/// Longest sentence that is looked at, in bytes.
const LONGEST: usize = 3_000;

/// Most amounts of one text.
const MOST: usize = 200;

/// Most sums of one text that are looked at.
const MOST_SUMS: usize = 4_000;

/// A sum of yuan, or a range of sums.
static SUM: LazyLock<Regex> = LazyLock::new(|| {
    let digits = r"[0-9０-９][0-9０-９,，]{0,14}(?:[.．][0-9０-９]{1,4})?|[一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟零]{1,9}";
    let unit = "亿|千万|百万|十万|万|千|百";
    regex(&format!(
        r"(?:(?P<low>{digits})\s?(?P<low_unit>{unit})?元?\s?(?:[-—－–～~至到]|——)\s?)?(?P<number>{digits})\s?(?P<unit>{unit})?\s?(?P<yuan>元)|(?P<loose>{digits})\s?(?P<loose_unit>亿|千万|百万|万)"
    ))
});

/// A share of something.
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"[0-9０-９]{1,3}(?:\.[0-9]{1,3})?\s?[%％]|百分之[一二三四五六七八九十百]{1,4}|全额|(?:1|１)\s?[:：]\s?(?:0\.\d|1)|1个百分点",
    )
});

/// Sums of which each applicant receives one.
static EACH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "每[人家户个名套亩件站年月天日项次辆台吨床位平]|单[个家户项]|同一|/[人家户个名套亩件月年]|单个|各(?:给|奖|补)|每\\p{Han}{1,3}\\s?$",
    )
});

/// Bounds that say nothing of the kind of the sum.
static CAP: LazyLock<Regex> = LazyLock::new(|| regex("最高|不超过|最多|上限|封顶|不高于|以内|限额"));

/// Sums for all applicants together.
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?:安排|下达|预拨|拨付|拿出|筹集|统筹|设立|分解|投入|预算|清算)[^，。；]*(?:资金|经费|补助|奖补|补贴|奖金|基金)|资金(?:总|规模|预算)|总额度?(?:为|达|约)",
    )
});
static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "预计|将达|已(?:累计)?(?:发放|减免|返还|拨付|兑现)|累计(?:发放|减免|返还|拨付|兑现|为)|共(?:发放|减免|返还|拨付|兑现|资助|补贴|补助|奖励|为)|捐",
    )
});

/// A budget, which no one applicant gets: 市财政每年安排, 每年安排最高100万元经费.
static BUDGET: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?:财政|每年|年度|统筹|新增|一次性)[^，。；]{0,10}(?:安排|设立|统筹|拿出|列支)|(?:安排|设立)(?:总额|总计|不少于|不低于|约)",
    )
});

/// A cap directly behind a share: 购房款10%最高20万元.
static CAPPED_SHARE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:[%％]|百分之[一二三四五六七八九十百]{1,4})[^，,。；：\d]{0,8}[、，,]?\s?(?:且|但)?(?:单[个家户项]\p{Han}{0,4})?(?:最高|不超过|不高于|上限|封顶|最多)[^，,。；：\d]{0,6}$",
    )
});

/// What may not be had beside something else, or how what is granted is paid out.
static NOT_GIVEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"不(?:与|可|得|能|予|再)?[^，,。；]{0,40}(?:叠加|兼得|兼享|重复享受|同时享受)|比例(?:分[年期批次]{1,2})?(?:发放|拨付|兑现|兑付)\s*$|(?:发放|拨付|兑现|兑付)比例|分别拨付|可用[以于]",
    )
});

/// Before a sum that nobody gets, or no longer: 不再给予, 不予发放.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:不再|不予|停止|取消|不得|不能)(?:再)?(?:给予|发放|享受|兑付|兑现|拨付|奖励|补助|补贴|资助)[^，,。；：]{0,16}$",
    )
});

/// Before what all share, where nothing says of whom it is: 奖励总额不超过.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s*(?:本|全|该)?(?:[省市区县]|年度?|项)?\p{Han}{0,4}(?:奖励|补贴|补助|奖补|资助|扶持|奖金)(?:资金)?总(?:额|金额|规模|量)度?(?:控制在|原则上)?(?:不超过|不高于|最高|上限|以内|为|约)?(?:人民币)?\s?$",
    )
});

/// A label before a sum: 补贴标准：.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:补贴|补助|奖励|资助|奖补|扶持|支持|津贴|奖金)[^，,。；：:\n]{0,6}(?:标准|金额|额度|数额|上限)?[：:]\s{0,3}(?:每\p{Han}{1,2}|人民币|一次性)?\s?$",
    )
});

/// From how many yuan on a sum is one applicant's only where it is said to be given.
const LARGE: i64 = 200_000_000;

/// A large sum that is given to an applicant.
static GIVEN: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:给予|奖励|补助|资助|补贴)[^，,。；：]{0,14}$"));

/// What a sum is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Grant,
    Other,
}

/// Words by what they say, see `amounts.toml`.
struct Words {
    finder: AhoCorasick,
    kinds: Vec<Option<Kind>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        grant: Vec<String>,
        other: Vec<String>,
        neutral: Vec<String>,
    }
    #[allow(clippy::expect_used)]
    let file: File = toml::from_str(include_str!("amounts.toml")).expect("a list of words that a test reads");
    let groups = [(file.grant, Some(Kind::Grant)), (file.other, Some(Kind::Other)), (file.neutral, None)];
    let (words, kinds): (Vec<String>, Vec<Option<Kind>>) =
        groups.into_iter().flat_map(|(words, kind)| words.into_iter().map(move |word| (word, kind))).unzip();
    #[allow(clippy::expect_used)]
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .expect("a list of words that every run compiles");
    Words { finder, kinds }
});

impl Words {
    fn kinds<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Kind> + 'a {
        self.finder.find_iter(text).filter_map(move |found| *self.kinds.get(found.pattern().as_usize())?)
    }

    fn last(&self, text: &str) -> Option<Kind> {
        self.kinds(text).last()
    }

    fn has(&self, text: &str, kind: Kind) -> bool {
        self.kinds(text).any(|found| found == kind)
    }
}

/// Sums that stand beside each other: 50万元、30万元、20万元.
struct Group {
    range: Range<usize>,
    /// The largest, in yuan.
    yuan: i64,
}

/// The amounts that the text names, one for each clause that grants something; of several sums in one the largest.
pub fn of(policy: &Policy) -> Vec<Amount> {
    let text = policy.body_text.as_str();
    if !text.contains(['元', '万', '亿'])
        && !text.contains(['%', '％'])
        && !text.contains("百分之")
        && !text.contains("全额")
    {
        return Vec::new();
    }
    let titled = WORDS.has(head(&policy.title, 300), Kind::Grant);
    let mut amounts: Vec<Amount> = Vec::new();
    let mut sums = 0;
    let mut heading: Option<Kind> = None;
    for line in text.split('\n') {
        let mut beside = None;
        for sentence in line.split_inclusive(['。', '；', ';', '！']) {
            if sentence.len() > LONGEST
                || !sentence.contains(['元', '%', '％', '万', '亿']) && !SHARE.is_match(sentence)
            {
                continue;
            }
            let groups = groups(sentence);
            sums += groups.len();
            let found = read(sentence, &groups, &Context { titled, heading, beside });
            beside = sentence.ends_with(['；', ';']).then_some(Kind::Grant).filter(|_| !found.is_empty());
            amounts.extend(found.into_iter().filter(|found| !found.text.is_empty()));
        }
        if amounts.len() >= MOST || sums >= MOST_SUMS {
            break;
        }
        let trimmed = line.trim();
        if !trimmed.is_empty() && trimmed.chars().count() <= 24 && !trimmed.ends_with(['。', '；', '，']) {
            heading = WORDS
                .last(trimmed)
                .filter(|_| trimmed.contains("标准") || trimmed.contains("金额") || trimmed.contains("额度"));
        }
    }
    amounts.truncate(MOST);
    amounts
}

/// What stops a clause.
const STOPS: [char; 7] = ['，', ',', '。', '；', ';', '：', ':'];

/// The amounts of one sentence.
fn read(sentence: &str, groups: &[Group], context: &Context) -> Vec<Amount> {
    let mut amounts: Vec<Amount> = Vec::new();
    let mut seen = 0;
    for (at, group) in groups.iter().enumerate() {
        let next = groups.get(at + 1).map_or(sentence.len(), |next| next.range.start);
        let (left, right) = (&sentence[seen..group.range.start], &sentence[group.range.end..next]);
        let before = &sentence[..group.range.start];
        seen = group.range.end;
        if is_in_title(before) {
            continue;
        }
        // 每年补助10万元、5万元，共补助20万元
        let own = left.rsplit(STOPS).next().unwrap_or_default().trim_start();
        let total = ["共", "合计", "累计", "总计"].iter().any(|word| own.starts_with(word))
            && own.chars().count() < 8
            && left.chars().count() < 14;
        let instalments = amounts.last().and_then(|last| last.max_yuan).is_some_and(|last| total && last < group.yuan);
        if instalments {
            amounts.pop();
        } else if kind(&Around { sentence, before, left, right }, context) != Some(Kind::Grant)
            || group.yuan >= LARGE && !GIVEN.is_match(own)
        {
            continue;
        }
        let text = clause(sentence, &group.range);
        match amounts.last_mut().filter(|last| last.text == text) {
            Some(last) => last.max_yuan = last.max_yuan.max(Some(group.yuan)),
            None => amounts.push(Amount {
                text: text.to_owned(),
                max_yuan: Some(group.yuan),
                evidence: sentence.trim().to_owned(),
            }),
        }
    }
    if !amounts.is_empty() {
        return amounts;
    }
    // a share without a cap
    SHARE
        .find_iter(sentence)
        .take(20)
        .find(|share| {
            let (before, behind) = (&sentence[..share.start()], &sentence[share.end()..]);
            let left = before.rsplit(STOPS).next().unwrap_or_default();
            let right = behind.split(STOPS).next().unwrap_or_default();
            // 或按6个月社会保险费50%的标准确定
            let standard =
                right.starts_with("的标准") && left.trim_start().starts_with("或") && WORDS.has(before, Kind::Grant);
            !is_in_title(before)
                && !is_not_given(clause(sentence, &share.range()))
                && (standard || is_share_granted(left, share.as_str(), right))
        })
        .map(|share| Amount {
            text: clause(sentence, &share.range()).to_owned(),
            max_yuan: None,
            evidence: sentence.trim().to_owned(),
        })
        .into_iter()
        .collect()
}

/// Verbs by which a share is given.
static GIVES: LazyLock<Regex> =
    LazyLock::new(|| regex("给予|予以|奖励|补助|补贴|资助|扶持|贴息|返还|减免|配套|奖补|补偿"));

/// Whether a clause speaks of what may not be had beside something else; a note in brackets does not take back what the
/// clause gives: 给予2万元补贴（不重复享受）.
fn is_not_given(clause: &str) -> bool {
    let mut depth = 0i32;
    let bare: String = clause
        .chars()
        .filter(|c| match c {
            '（' | '(' => {
                depth += 1;
                false
            }
            '）' | ')' => {
                depth = (depth - 1).max(0);
                false
            }
            _ => depth == 0,
        })
        .collect();
    NOT_GIVEN.is_match(&bare)
}

/// Whether a place is within 《 and 》: the title of another document.
fn is_in_title(before: &str) -> bool {
    before.rfind('《') > before.rfind('》')
}

fn is_share_granted(left: &str, share: &str, right: &str) -> bool {
    if share.contains("全额") {
        let near = head(right, 5);
        return near.starts_with("支持")
            || ["贴息", "补贴", "补助", "返还", "奖励", "补偿", "资助", "奖补"].iter().any(|word| near.contains(word));
    }
    // 费率不超过1%的业务: a fact, but for 30%的补助
    let granted = ["比例", "标准", "额度", "补", "奖", "资", "贴", "支持", "扶", "一次", "财政", "配套"];
    if right.strip_prefix('的').is_some_and(|rest| !granted.iter().any(|word| head(rest, 8).contains(word))) {
        return false;
    }
    if ["备案价", "首付", "风险补偿比例", "授信"].iter().any(|word| left.contains(word)) {
        return false;
    }
    if ["预拨", "用于", "分担", "承担"]
        .iter()
        .any(|word| tail(left, 16).contains(word) || head(right, 10).contains(word))
    {
        return false;
    }
    let (left, right) = (tail(left, 24), head(right, 30));
    let bound =
        ["以上", "以下", "及以上", "的企业", "的项目", "左右", "的股"].iter().any(|word| right.starts_with(word));
    let fact = [
        "占比",
        "占",
        "增长",
        "增幅",
        "下降",
        "比重",
        "达到",
        "不低于",
        "不少于",
        "超过",
        "提高",
        "降低",
        "税率",
        "利率为",
        "裁员率",
        "持股",
    ]
    .iter()
    .any(|word| tail(left, 12).contains(word) && !tail(left, 12).contains("不超过"));
    let supported =
        ["的支持", "支持", "的资金支持"].iter().any(|word| right.starts_with(word)) || left.contains("支持比例");
    !bound && (supported || GIVES.is_match(right) || GIVES.is_match(left)) && (!fact || GIVES.is_match(head(right, 12)))
}

/// The text around a group of sums.
struct Around<'a> {
    sentence: &'a str,
    /// The sentence up to it.
    before: &'a str,
    /// From the sum before.
    left: &'a str,
    /// Up to the next.
    right: &'a str,
}

/// What is known beside the sentence.
#[derive(Clone, Copy)]
struct Context {
    /// The title speaks of what is given.
    titled: bool,
    /// What the heading above says: 奖励标准.
    heading: Option<Kind>,
    /// What the sums before a ； were.
    beside: Option<Kind>,
}

/// What a group of sums is.
fn kind(sum: &Around<'_>, context: &Context) -> Option<Kind> {
    let Around { sentence, before, left, right } = *sum;
    let Context { titled, heading, beside } = *context;
    let own = left.rsplit(STOPS).next().unwrap_or_default();
    let behind = right.split(STOPS).next().unwrap_or_default();
    // 处3万元以下罚款; 500万元的贷款
    if ["罚款", "罚金", "违约金", "滞纳金"].iter().any(|word| behind.contains(word)) {
        return Some(Kind::Other);
    }
    let near = head(behind, 12);
    let lent = ["贷款", "授信", "融资", "借款", "信贷"]
        .iter()
        .find_map(|word| near.find(word).map(|at| &near[at + word.len()..]));
    if lent.is_some_and(|rest| {
        !["贴息", "补", "奖", "利息", "风险", "担保费", "支持资金"].iter().any(|word| rest.contains(word))
    }) {
        return Some(Kind::Other);
    }
    // 可贷最高额度为80万元; 在原1000元标准基础上: what may be borrowed, what held before
    if own.contains("可贷") || own.contains('原') && near.contains("基础上") {
        return Some(Kind::Other);
    }
    // not with that subsidy of 2万元
    if is_not_given(&format!("{own}{behind}")) {
        return Some(Kind::Other);
    }
    // 将公积金贷款限额提高到120万元
    let clause = before.rsplit(STOPS).next().unwrap_or_default();
    if clause.contains("公积金")
        && ["贷款", "额度", "限额"].iter().any(|word| clause.contains(word))
        && !["补", "奖", "资助"].iter().any(|word| clause.contains(word) || near.contains(word))
    {
        return Some(Kind::Other);
    }
    // 不再给予10万元奖励; 奖励总额不超过3000万元: of all together
    if DENIED.is_match(own) || WHOLE.is_match(own) && !EACH.is_match(left) && !EACH.is_match(near) {
        return Some(Kind::Other);
    }
    // 返还金额不超过1万元的，免除手续: a case
    if matches!(behind.trim(), "的" | "的企业" | "的项目") {
        return Some(Kind::Other);
    }
    let bound = ["以上", "及以上", "（含", "(含"].iter().any(|word| behind.trim_start().starts_with(word));
    let each = EACH.is_match(own) || EACH.is_match(near);
    let capped = CAP.is_match(own) || CAP.is_match(near);
    // 每年 makes no applicant's share of a budget
    let per_applicant = EACH.is_match(&own.replace("每年", "")) || EACH.is_match(near);
    if !per_applicant && BUDGET.is_match(own) && !own.contains("给予") && !own.contains("奖励") {
        return Some(Kind::Other);
    }
    // 安排补助资金5000万元, 预计减免6亿元: of all together
    if !each && (TOTAL.is_match(own) && !capped || EXPECTED.is_match(own) || !capped && EXPECTED.is_match(before)) {
        return Some(Kind::Other);
    }
    if LABEL.is_match(before) && own.chars().count() <= 4 {
        return Some(Kind::Grant);
    }
    // 10%最高20万元的补贴; 每户9600元为限额依次扣减
    let money = |word: &&str| own.contains(*word) && !own.contains("补") && !behind.contains("补");
    let lent = ["贷款", "授信", "额度"].iter().any(money);
    if CAPPED_SHARE.is_match(left) && !lent && WORDS.has(sentence, Kind::Grant) || each && behind.contains("扣减") {
        return Some(Kind::Grant);
    }
    let last = WORDS.last(own);
    match last {
        Some(Kind::Grant) => return Some(Kind::Grant),
        Some(Kind::Other) if !(each && is_shared(own)) => return Some(Kind::Other),
        _ => {}
    }
    if bound {
        return Some(Kind::Other);
    }
    if WORDS.has(behind, Kind::Grant) {
        return Some(Kind::Grant);
    }
    if WORDS.has(near, Kind::Other) {
        return Some(Kind::Other);
    }
    // 每个安排资金150万元
    if each && is_shared(own) && (own.contains("资金") || own.contains("经费") || WORDS.has(sentence, Kind::Grant))
    {
        return Some(Kind::Grant);
    }
    // 按30%给予补助，最高100万元
    if capped || each {
        let clause = before.rsplit(STOPS).skip(1).find(|clause| !clause.trim().is_empty()).unwrap_or_default();
        let lent = ["贷款", "授信", "融资"].iter().any(|word| clause.contains(word)) && !WORDS.has(clause, Kind::Grant);
        let known = if lent { Some(Kind::Other) } else { WORDS.has(before, Kind::Grant).then_some(Kind::Grant) };
        let titled = titled && last.is_none() && !lent || heading == Some(Kind::Grant);
        return known.or(titled.then_some(Kind::Grant)).or_else(|| WORDS.last(before)).or(beside);
    }
    heading.filter(|_| before.trim_start().chars().count() < 40)
}

/// Words of totals, which are the applicant's own where each has one: 每个安排资金150万元.
fn is_shared(own: &str) -> bool {
    ["安排", "总额", "额度", "下达", "拨付"].iter().any(|word| own.contains(word))
}

/// The words around a sum: its clause.
fn clause<'a>(sentence: &'a str, sum: &Range<usize>) -> &'a str {
    let begin =
        sentence[..sum.start].rfind(STOPS).map_or(0, |at| at + sentence[at..].chars().next().map_or(1, char::len_utf8));
    let end = sentence[sum.end..].find(STOPS).map_or(sentence.len(), |at| sum.end + at);
    sentence[begin..end].trim()
}

/// The sums of a sentence, those beside each other together.
fn groups(sentence: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for found in SUM.captures_iter(sentence).take(200) {
        let Some((range, yuan)) = sum(&found, sentence) else { continue };
        if let Some(last) = groups.last_mut() {
            let between = &sentence[last.range.end..range.start];
            // 由80元提高到100元: the new sum
            if ["提高", "调整", "增加", "上调", "提升"].iter().any(|word| between.starts_with(word))
                && between.chars().count() <= 10
            {
                *last = Group { range: last.range.start..range.end, yuan };
                continue;
            }
            let beside =
                between.chars().count() <= 14 && !between.contains(STOPS) && WORDS.kinds(between).next().is_none();
            let listed = between.starts_with(['、', '和', '或', '及', '（', '(', '-', '—', '至', '/', '～']);
            if beside && listed {
                last.range.end = range.end;
                last.yuan = last.yuan.max(yuan);
                continue;
            }
        }
        groups.push(Group { range, yuan });
    }
    groups
}

/// A sum in yuan.
fn sum(found: &Captures<'_>, sentence: &str) -> Option<(Range<usize>, i64)> {
    let whole = found.get(0)?;
    let word = |name| found.name(name).map(|group| group.as_str());
    let (digits, unit) = match (word("number"), word("loose")) {
        (Some(digits), _) => (digits, word("unit")),
        (None, Some(digits)) => {
            // 最高500万: without 元 only behind words that ask for money
            let asked = tail(&sentence[..whole.start()], 6);
            let next = sentence[whole.end()..].chars().next();
            let rest = &sentence[whole.end()..];
            // 10万/人, 每套3万购房补贴
            let counted = rest.strip_prefix(['/', '／']).is_some_and(|rest| {
                rest.starts_with(['人', '户', '套', '个', '家', '名', '件', '台', '年', '月', '项'])
            });
            let given = ["每套", "每人", "每户", "每名", "每家", "每件"].iter().any(|word| asked.contains(word))
                && ["补", "奖", "资助", "津贴", "费"].iter().any(|word| head(rest, 8).contains(word));
            let ends = next.is_none_or(|c| c.is_whitespace() || "，。；、）)的奖补资,;".contains(c));
            let told = counted || given;
            let meant = ends && ["最高", "奖", "补", "给予", "不超过"].iter().any(|word| asked.contains(word));
            if !told && !meant {
                return None;
            }
            (digits, word("loose_unit"))
        }
        _ => return None,
    };
    // 几十万元, 数百万元
    if sentence[..whole.start()].ends_with(['几', '数', '余', '第']) {
        return None;
    }
    let value = value(digits)?;
    let times = match unit {
        Some("亿") => 1e8,
        Some("千万") => 1e7,
        Some("百万") => 1e6,
        Some("十万") => 1e5,
        Some("万") => 1e4,
        Some("千") => 1e3,
        Some("百") => 1e2,
        _ => 1.0,
    };
    let yuan = (value * times).round();
    // an amount beyond any policy is a number of another kind
    #[allow(clippy::cast_possible_truncation)]
    (1.0..1e13).contains(&yuan).then_some((whole.range(), yuan as i64))
}

/// A number in digits or words.
fn value(digits: &str) -> Option<f64> {
    let folded: String = digits
        .chars()
        .filter(|c| !matches!(c, ',' | '，'))
        .map(|c| match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
            '．' => '.',
            // 叁拾: as on a cheque
            '拾' => '十',
            '佰' => '百',
            '仟' => '千',
            c => "壹贰叁肆伍陆柒捌玖"
                .chars()
                .zip("一二三四五六七八九".chars())
                .find(|(cheque, _)| *cheque == c)
                .map_or(c, |(_, plain)| plain),
        })
        .collect();
    if let Ok(value) = folded.parse() {
        return Some(value);
    }
    let (mut sum, mut last) = (0u32, None);
    for c in folded.chars() {
        let times = match c {
            '千' => 1_000,
            '百' => 100,
            '十' => 10,
            '零' => continue,
            c => {
                last = Some("一二三四五六七八九".chars().position(|digit| digit == c).map_or(2, |at| at as u32 + 1));
                continue;
            }
        };
        sum += last.take().unwrap_or(1) * times;
    }
    Some(f64::from(sum + last.unwrap_or(0)))
}
