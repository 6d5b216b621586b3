//! What kind of company an applicant must be: size, qualification, branch.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use zhida_schemas::policy::{Condition, ConditionField, ConditionOp, Policy};
use zhida_schemas::qualification;

use super::numbers::clause;
use super::passages::{Role, Sentence};
use crate::understand::{head, industries, regex, tail};

/// Sizes by the word for them; longer words first.
const SIZES: &[(&str, &[&str])] = &[
    ("大中小微企业", &[]),
    ("大中小企业", &[]),
    ("大中小型企业", &[]),
    ("中小微型企业", &["medium", "small", "micro"]),
    ("中小微企业", &["medium", "small", "micro"]),
    ("中小型企业", &["medium", "small", "micro"]),
    ("中小企业", &["medium", "small", "micro"]),
    ("小型微型企业", &["small", "micro"]),
    ("小型、微型企业", &["small", "micro"]),
    ("小微企业", &["small", "micro"]),
    ("微型企业", &["micro"]),
    ("大中型企业", &["large", "medium"]),
    ("大型企业", &["large"]),
];

/// Words around a name of a size that make it something else (科技型中小企业 is a qualification, 中小企业局 an office).
const NO_SIZE: &[&str] = &[
    "局",
    "处",
    "司",
    "划型",
    "服务",
    "公共",
    "发展专项",
    "发展资金",
    "促进法",
    "贷款",
    "融资",
    "创业创新",
    "创新创业",
    "示范",
    "特色",
    "孵化",
    "产业园",
    "协会",
    "商会",
    "信用",
    "隐形",
    "专精",
    "名录",
    "名单",
];

/// The sizes that words name, with where.
fn size(text: &str) -> Option<(usize, usize, &'static [&'static str])> {
    let (at, word, sizes) =
        SIZES.iter().filter_map(|(word, sizes)| Some((text.find(word)?, *word, *sizes))).min_by_key(|found| found.0)?;
    let before = tail(&text[..at], 3);
    let after = text[at + word.len()..].trim_start_matches([' ', '“', '"', '「', '（', '(']);
    let other = is_excluded(text, &(at..at + word.len()))
        || ["科技型", "创新型", "特新", "特新”", "初创期"].iter().any(|word| before.ends_with(word))
        || NO_SIZE.iter().any(|word| after.starts_with(word));
    (!sizes.is_empty() && !other).then_some((at, at + word.len(), sizes))
}

/// Words before a qualification that make it a demand: 须为, 获得, 面向.
static MUST_BE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:应当?为|须为|应是|须是|必须是|必须为|需为|限于|仅限|属于|获得|取得|获评|获批|认定为|认定的|认定|入选|通过|具有|具备|拥有|入库|评定为|已是|为|面向|的|本市|市内|区内|县内|全市|我市)(?:国家|省|市|区|县|级|有效期?内?|国家级|省级|市级|以上|或|和|、|的)*$",
    )
});

/// Words before a qualification that demand it also where the document is about it.
static STRICT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:应当?|须|必须|需)(?:为|是|具有|具备|取得|获得)[\p{Han}]{0,6}$"));

/// Words before a qualification that deny it.
static MUST_NOT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?:尚未|未曾|没有|未|非)(?:取得|获得|被?认定为?|列入)?|(?:不得|不能|不应)(?:为|是|属于))(?:国家|省|市|级)*$",
    )
});

/// Words before a name that shut out who bears it: 不支持规模以上企业.
static REFUSES: LazyLock<Regex> =
    LazyLock::new(|| regex(r"不(?:予|再)?(?:支持|扶持|资助|奖励|补助|受理|接受|面向)(?:国家|省|市|级)*$"));

/// The size that a text shuts out: 大型企业除外, 不支持大型企业.
fn shut_size(text: &str) -> Option<(usize, usize, &'static [&'static str])> {
    let (at, word, sizes) =
        SIZES.iter().filter_map(|(word, sizes)| Some((text.find(word)?, *word, *sizes))).min_by_key(|found| found.0)?;
    let (before, after) = (tail(&text[..at], 16), &text[at + word.len()..]);
    let left_out = ["除外", "不在此列"].iter().any(|words| after.starts_with(words));
    let refused = (REFUSES.is_match(before) || MUST_NOT.is_match(before) && before.contains('不'))
        && (after.trim_end_matches('。').is_empty() || after.starts_with(['申', '参', '，', '；']));
    (!sizes.is_empty() && (left_out || refused)).then_some((at, at + word.len(), sizes))
}

/// Words behind a qualification with which it is no applicant: a programme, a list, a count.
const NO_HOLDER: &[&str] =
    &["培育", "申报", "评价", "数", "管理", "服务", "建设", "占", "不少于", "达到", "发展", "协会", "创建", "引进"];

/// What stands before a name that is shut out: 不包括, 除….
static SHUT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:非|不含|不包括|不包含|不属于|不涉及|不是|剔除|排除)[^，。；：()（）]{0,30}$|除了?[^，。；：()（）]{0,30}$",
    )
});

/// What stands behind one: 企业除外, 等行业以外的.
static LEFT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[^，。；：)）]{0,30}?(?:除外|以外|之外|不在此列|不适用|不予|不得)|^(?:等[^，。；]{0,12})?(?:行业|企业|单位|产业)?外的?",
    )
});

/// Whether a text leaves out what it names: 劳务派遣企业除外, 不含房地产企业.
fn is_excluded(text: &str, name: &Range<usize>) -> bool {
    let (before, after) = (tail(&text[..name.start], 40), head(&text[name.end..], 40));
    // 除应为示例企业外，还应…: asked as well
    if ["外，还", "外，应", "外，须", "外，需", "外，同时", "外，也", "外，必须"]
        .iter()
        .any(|word| after.contains(word))
    {
        return false;
    }
    let without = SHUT_OUT.find(before).is_some_and(|found| {
        let words = &before[found.start()..];
        // 除示例企业外: only with what closes it, and 非 only next to the name
        if words.starts_with('除') {
            LEFT_OUT.is_match(after) || after.contains('外')
        } else {
            !words.starts_with('非') || words.chars().count() <= 2
        }
    });
    without || LEFT_OUT.is_match(after)
}

/// Words by which a clause wishes, prefers or promises without asking: 优先支持, 加大…力度, 引导.
const WISHES: &[&str] =
    &["优先", "倾斜", "加大", "引导", "加强", "推动", "落实", "帮助", "协助", "推进", "加快", "聚焦", "围绕"];

/// Whether a name stands where a text only wishes or prefers: 优先支持中小企业, 鼓励小微企业….
fn is_wish(text: &str, at: usize) -> bool {
    let clause = clause(text, at, at);
    let gives = ["给予", "奖励", "补贴", "补助", "资助", "奖补"].iter().any(|word| text[at..].contains(word));
    let encouraged = ["，鼓励", ",鼓励", "，引导", ",引导"].iter().any(|word| text[at..].contains(word));
    encouraged
        || WISHES.iter().any(|word| clause.contains(word))
        || ["优先支持", "优先给予", "给予优先", "优先考虑", "适当倾斜", "优先受理", "优先办理"]
            .iter()
            .any(|word| text.contains(word))
        || clause.contains("鼓励") && !gives
}

/// 本办法所称示例企业是指…: what is defined.
static DEFINED: LazyLock<Regex> = LazyLock::new(|| regex(r"^([^。；，]{1,40}?)[，,]?\s*(?:是指|系指|指的是|特指)"));

/// Whether a sentence says what a word means that is no applicant's: 所称孵化基地是指….
fn is_definition(text: &str) -> bool {
    DEFINED.captures(text).and_then(|found| found.get(1)).is_some_and(|term| {
        !["企业", "单位", "主体", "对象", "申请", "申报", "商户", "公司"]
            .iter()
            .any(|word| term.as_str().contains(word))
    })
}

/// Words before a qualification that is yet to be had, or had by another than who applies.
const AIMS: &[&str] = &[
    "首次",
    "新认",
    "新获",
    "新入",
    "新评",
    "新增",
    "新通过",
    "新备案",
    "新列",
    "新升",
    "新引",
    "新被",
    "新批",
    "新创",
    "在孵",
    "入驻",
    "引进",
    "培育",
    "辅导",
];

/// Words behind an industry that make it a company of that industry.
static OF_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:等|类|相关|行业|产业|领域|业|生产|制造|服务|经营|加工|开发|运输|设计|的|和|及|、|”|“|型)*(?:企业|单位|机构|公司|经营者|经营主体|法人|纳税人|商户|主体|合作社)",
    )
});

/// Words before an industry that make it the applicant's.
static IN_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:从事|经营范围(?:包含|包括|为|含|涉及)?|主营(?:业务)?(?:为|是)?|属于?|具备|所属行业为|应在|经营|困难行业(?:企业)?[，,（(]?(?:主要)?(?:包括|指))(?:[\p{Han}、“]{0,10})$",
    )
});

/// Conditions that the title alone says: 关于支持中小微企业…的措施, 汽车企业….
pub fn of_title(policy: &Policy) -> Vec<Condition> {
    let title = policy.title.as_str();
    let mut found = Vec::new();
    if let Some((from, to, sizes)) = size(title) {
        found.push(Condition {
            field: ConditionField::Size,
            op: ConditionOp::In,
            value: json!(sizes),
            unit: None,
            evidence: title[from..to].to_owned(),
        });
    }
    // 出台政策支持农产品企业 retells a policy; other news only have a topic
    let retells = ["政策", "措施", "办法", "若干"].iter().any(|word| title.contains(word));
    if (policy.kind.as_deref() != Some("新闻") || retells)
        && let Some((words, codes)) = industries::addressed(policy)
        && is_of_companies(title, &words, &codes)
    {
        found.push(Condition {
            field: ConditionField::Industry,
            op: ConditionOp::In,
            value: json!(codes),
            unit: None,
            evidence: words,
        });
    }
    found
}

/// Whether a title that names a branch is about its companies: 餐饮企业, 人工智能产业…的措施; not 人工智能应用场景, a
/// technology that any branch may use, nor 房地产市场, where homes are bought.
fn is_of_companies(title: &str, name: &str, codes: &[&str]) -> bool {
    const GIVEN: &[&str] = &["政策", "措施", "扶持", "补助", "补贴", "奖励", "纾困", "资金", "支持"];
    let Some(at) = title.find(name) else { return false };
    let after = &title[at + name.len()..];
    let is_technology = codes.first().is_some_and(|code| code.starts_with('I'));
    if OF_BRANCH.is_match(after) || name.ends_with("企业") {
        true
    } else if codes.iter().all(|code| code.starts_with("K7") || code.starts_with('E')) && name.contains("房") {
        !["市场", "业", "平稳", "高质量"].iter().any(|word| after.starts_with(word)) && !name.ends_with('业')
    } else if is_technology {
        GIVEN.iter().any(|word| title.contains(word))
    } else {
        true
    }
}

/// Sizes, qualifications and branches that one sentence asks for.
pub fn of(sentence: &Sentence<'_>, policy: &Policy) -> Vec<Condition> {
    let text = sentence.text;
    let mut found = Vec::new();
    if !matches!(sentence.role, Role::Required | Role::Rewarded | Role::Refused) || is_definition(text) {
        return found;
    }
    let is_applicant = sentence.in_block || sentence.names_applicant;
    let condition = |field, op, value: Value, from: usize, to: usize| Condition {
        field,
        op,
        value,
        unit: None,
        evidence: clause(text, from, to).to_owned(),
    };
    if sentence.role != Role::Rewarded
        && let Some((from, to, sizes)) = shut_size(text)
    {
        found.push(condition(ConditionField::Size, ConditionOp::Not, json!(sizes), from, to));
    }
    if sentence.role == Role::Refused {
        // who else may not is told by what was done, not by a name: 高新技术企业不得重复申报
        let mut shut = qualification::find_all(text).into_iter().take(20).filter(|(range, _)| {
            let after = text[range.end..].trim_end_matches('。');
            REFUSES.is_match(tail(&text[..range.start], 16))
                && (after.is_empty() || after.starts_with(['申', '参', '，', '；']))
        });
        if let Some((range, name)) = shut.next() {
            found.push(condition(
                ConditionField::Qualification,
                ConditionOp::Not,
                json!([name]),
                range.start,
                range.end,
            ));
        }
        return found;
    }
    if let Some((from, to, sizes)) = size(text)
        && (sentence.in_block || !is_wish(text, from))
        && (sentence.role == Role::Required && (is_applicant || is_addressed(text, from))
            || sentence.role == Role::Rewarded && is_receiver(text, from, to))
    {
        found.push(condition(ConditionField::Size, ConditionOp::In, json!(sizes), from, to));
    }
    let (mut held, mut not_held) = (Vec::new(), Vec::new());
    let (mut held_at, mut not_held_at) = (None, None);
    let mut taken: Vec<Range<usize>> = Vec::new();
    for (range, name) in qualification::find_all(text).into_iter().take(20) {
        taken.push(range.clone());
        let (before, after) = (tail(&text[..range.start], 16), &text[range.end..]);
        if (MUST_NOT.is_match(before) || is_excluded(text, &range)) && sentence.role == Role::Required {
            not_held.push(name);
            not_held_at.get_or_insert(range);
            continue;
        }
        // what is applied for is not what one must have
        let firm = STRICT.is_match(before);
        let asked_for = !firm && (is_aim(&policy.title, name) || is_aim(&policy.title, &text[range.clone()]));
        let loose =
            matches!(name, "龙头企业" | "个体工商户" | "一般纳税人" | "小规模纳税人" | "农民专业合作社" | "家庭农场");
        // 省级示例企业或国家高新技术企业: the level stands between
        let listed = held_at.is_some()
            && before
                .trim_end_matches(['国', '家', '省', '市', '区', '县', '级', '以', '上', '“', '"', '的'])
                .ends_with(['、', '或', '和', '及', '者', '/']);
        let holder = !NO_HOLDER.iter().any(|word| after.starts_with(word));
        let aim = sentence.role == Role::Rewarded
            && (AIMS.iter().any(|word| before.contains(word))
                || is_wish(text, range.start)
                || is_excluded(text, &range));
        if !asked_for
            && !loose
            && !aim
            && holder
            && (firm || listed || MUST_BE.is_match(before))
            && !held.contains(&name)
        {
            held.push(name);
            held_at.get_or_insert(range);
        }
    }
    if let Some(range) = held_at {
        found.push(condition(ConditionField::Qualification, ConditionOp::In, json!(held), range.start, range.end));
    }
    if let Some(range) = not_held_at {
        found.push(condition(ConditionField::Qualification, ConditionOp::Not, json!(not_held), range.start, range.end));
    }
    let mut branches = branch(sentence, &taken);
    // 对…企业给予… names a branch in passing, but what it leaves out it leaves out
    branches.retain(|one| sentence.role == Role::Required && is_applicant || one.op == ConditionOp::Not);
    found.extend(branches);
    found
}

/// Whether a title names a qualification as what is applied for (…认定, …培育), and not as whom it is for (…奖励).
fn is_aim(title: &str, name: &str) -> bool {
    const GIVEN: &[&str] = &["奖", "补", "贴息", "资助", "扶持", "支持", "贷", "券", "保险", "减", "房租", "专项资金"];
    title.find(name).is_some_and(|at| !GIVEN.iter().any(|word| head(&title[at + name.len()..], 8).contains(word)))
}

/// Whether 面向 stands before a name in its clause: 面向注册在本市的中小微企业发放.
fn is_addressed(text: &str, at: usize) -> bool {
    text[..at].rsplit(['，', ',', '；', '：']).next().is_some_and(|clause| clause.contains("面向"))
}

/// Words before a size in its clause by which it is who receives.
const RECEIVES: &[&str] = &["对", "支持", "向", "凡", "符合", "鼓励", "面向"];

/// Words behind a size with which it is no receiver: 小微企业贷款, 小微企业和“三农”业务.
static NO_RECEIVER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[^，。；]{0,10}(?:服务|业务|信贷|税费|负担|力度|政策|费用|面临|压力|困难)|^[^，。；]{0,6}(?:贷款|融资|提供|减免)|^发展",
    )
});

/// Whether what a size names is given something: at the beginning, or behind 对 or 支持.
fn is_receiver(text: &str, from: usize, to: usize) -> bool {
    let before = &text[..from];
    let clause = before.rsplit(['，', ',']).next().unwrap_or(before);
    let given =
        ["免征", "减征", "减免", "返还", "缓缴", "补贴", "奖励", "免收"].iter().any(|word| before.ends_with(word));
    let addressed = RECEIVES.iter().any(|word| clause.contains(word)) || clause.chars().count() <= 14;
    let after = &text[to..];
    // 措施强调了对中小企业的扶持: what is said of a text
    let told =
        ["强调", "出台", "出台了", "提出"].iter().any(|word| clause.contains(word)) && head(after, 3).starts_with('的');
    (given || addressed) && !told && !NO_RECEIVER.is_match(head(after, 24))
}

/// The branches of the companies that a sentence is about; names inside a qualification (软件企业, 孵化器) are left out.
fn branch(sentence: &Sentence<'_>, taken: &[Range<usize>]) -> Vec<Condition> {
    let text = sentence.text;
    let mut codes: Vec<&'static str> = Vec::new();
    let mut place: Option<Range<usize>> = None;
    let (mut shut, mut shut_at): (Vec<&'static str>, Option<Range<usize>>) = (Vec::new(), None);
    let mut waiting: Vec<(Range<usize>, Vec<&'static str>)> = Vec::new();
    for (range, names) in industries::named(text).into_iter().take(40) {
        if taken.iter().any(|taken| taken.start < range.end && range.start < taken.end) {
            continue;
        }
        let (before, after) = (tail(&text[..range.start], 16), head(&text[range.end..], 24));
        let of_branch = OF_BRANCH.is_match(after) || text[range.clone()].ends_with("企业");
        let in_branch = sentence.role == Role::Required && IN_BRANCH.is_match(before);
        if is_excluded(text, &range) {
            if !of_branch && !head(after, 8).contains('业') {
                continue;
            }
            shut.extend(names.into_iter().filter(|code| !shut.contains(code)).collect::<Vec<_>>());
            shut_at = Some(shut_at.map_or(range.clone(), |place| place.start..range.end));
            continue;
        }
        // 餐饮、住宿企业: the names before the last one wait for it
        let continues = waiting.last().is_some_and(|(last, _)| {
            text[last.end..range.start].chars().count() <= 6
                && text[last.end..range.start].contains(['、', '和', '及', '或'])
        });
        if !continues {
            waiting.clear();
        }
        waiting.push((range.clone(), names));
        if of_branch || in_branch {
            for (range, names) in waiting.drain(..) {
                codes.extend(names.into_iter().filter(|code| !codes.contains(code)).collect::<Vec<_>>());
                place = Some(place.map_or(range.clone(), |place| place.start..range.end));
            }
        }
    }
    let found = |op, codes: Vec<&str>, place: Range<usize>| Condition {
        field: ConditionField::Industry,
        op,
        value: json!(codes),
        unit: None,
        evidence: clause(text, place.start, place.end).to_owned(),
    };
    let asked = place.map(|place| found(ConditionOp::In, codes, place));
    asked.into_iter().chain(shut_at.map(|place| found(ConditionOp::Not, shut, place))).collect()
}
