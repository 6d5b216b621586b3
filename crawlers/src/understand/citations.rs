//! Other documents that the text names, and how.
//!
//! A citation is a title in 《 》, a number, or both. What it is for the citing document follows from the words around
//! it in its sentence (a skeleton of the sentence, in which every citation is one sign, keeps these words near), from
//! the heading above a list, and from the place: 根据《…》 is the basis of a document only where it opens.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::doc_number::{self, DocNumber};
use zhida_schemas::policy::{Citation, Policy, Relation};

use super::{head, tail};

/// Longest title between marks, in bytes.
const LONGEST_TITLE: usize = 600;

/// Most places of a document at which citations are read.
const MOST_MENTIONS: usize = 3_000;

/// Most citations of a document.
const MOST: usize = 500;

/// Longest evidence, in characters; of a longer sentence the part around the citation is taken.
const LONGEST_EVIDENCE: usize = 240;

/// How far around a citation the skeleton of its sentence is read, in characters.
const AROUND: usize = 240;

/// Stands for a citation in the skeleton of a sentence.
const MARK: char = '\u{1}';

/// What an order or announcement behind its title is called when the issuer stands in the title only.
static BARE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"(?:公告|通告|令)?\s?[〔\[]?(?:19|20)\d{2}[〕\]]?\s?年?\s?第\s?\d{1,4}\s?号(?:公告|通告|令)?",
        r"|第\s?\d{1,4}\s?号(?:令|公告)",
    ))
});

/// The sign before an item of a list.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"^[\s\u{3000}]*(?:[（(]?\d{1,4}[）)]?[.．、，\s\t]|[（(][一二三四五六七八九十\d]{1,3}[）)]|[①-⑳])[\s\u{3000}、.．]*",
    )
});

/// Where the opening words of a document end: at the first number of its parts.
static FIRST_PART: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"(?:^|[\n。：:；;\s])[\s\u{3000}]*(?:[一二]、|（[一二]）|\([一二]\)|第二[条章]|[1１][.．、]\s?[^\d\s])",
    )
});

/// A sentence that says that the document does something now.
static ACTS: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"制[定订](?:了|出)?(?:本|此|\x01|如下|以下|该)|特制|现(?:就|将|予|对|印发|决定|提出|下达|公布|公告|公示|通知|通告|开展|组织|面向|启动|发布)",
        r"|(?:如下|以下)(?:实施)?(?:意见|通知|公告|规定|措施|决定|通告|批复|政策|若干|办法|方案)",
        r"|(?:通知|公告|明确|批复|函复|答复|通告|规定|公布|公示)如下|特提出|特此",
        r"|决定(?:开展|对|在|自|组织|给予|认定|授予|继续|废止|修改|予以)",
    ))
});

static BASIS: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"根据|依据|依照|按照|遵照|贯彻|落实|执行|按|依|为推进|为推动"));

static REPEAL: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(r"废止|失效|作废|宣布无效|(?:停止|终止|不再)(?:执行|施行|实施|适用|使用)|(?:予以|同时|一并)取消")
});

/// What right before 废止 says that nothing is repealed by it.
static NOT_NOW: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"(?:[不未没无]|没有|是否|拟|拟于|建议|计划|适时|研究|申请|提请|需要?|可以?)",
        r"(?:得|应|予|被|能|会|宣布|正式|予以|一并|同时|全部|全文)*$",
    ))
});

/// What right behind 废止 says that it is spoken of and not done.
static SPOKEN_OF: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^(?:为由|之?前[，,的]|之?后[，,的]|时[，,的]|程序|工作|情况|评估|与否|问题|建议)",
        r"|^的(?:理由|依据|情形|情况|程序|风险|建议|除外)",
    ))
});

/// Words between a citation and 废止 by which it stays for now.
static STAYS: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"(?:继续|仍然?|现行|依然|保持|长期)(?:有效|执行|施行|适用|实施|沿用)|予以保留|新的?[^，。；\x01]{0,10}(?:出台|印发|发布|施行|实施)后",
    )
});

/// 除《…》外，其余…
static EXCEPT: LazyLock<Regex> = LazyLock::new(|| super::regex(r"除(?:了|原)?[\x01、，,和及与以]*$"));
static EXCEPTED: LazyLock<Regex> = LazyLock::new(|| super::regex(r"^[\x01、，,和及与以]*[^\x01，。；]{0,20}[以之]?外"));

/// A part of the document before: 《…》第五条废止.
static PART_OF_IT: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"^(?:文件|文)?(?:中|里)?的?(?:第[一二三四五六七八九十百零〇\d]{1,6}[章节条款项部]|附件|附表|(?:有关|关于|涉及)[^，。；\x01]{1,30}(?:规定|条款|内容|部分)|部分条款|个别条款|(?:有关|相关|部分)(?:条款|内容))",
    )
});

/// Words between a citation and 废止 that show that another one is repealed.
static OTHER_IN_BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^(?:等)?(?:的|文件)*(?:有关|相关)?(?:规定|要求|精神|执行|办理)|根据|依据|按照|制定(?:本|了|出|如下|\x01)|结合",
        r"|起(?:施行|执行|实施|生效)[，,；]|发布后|印发后",
    ))
});

static REPLACE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^[^\x01]{0,60}(?:不一致|不符|不相符|相抵触|冲突|有出入)[^\x01]{0,12}(?:以|按|依)(?:照)?(?:本|此|新)[^\x01]{0,12}(?:为准|执行)",
        r"|^[^\x01，。]{0,30}(?:被|由|为)(?:本|此|该)[^\x01，。]{1,10}(?:代替|替代|取代)",
    ))
});

static REPLACE_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?:代替|替代|取代)(?:了|原)?[^\x01，。；]{0,12}[\x01、和及与以，\s]*$"));

static AMEND_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^[^\x01。；]{0,40}(?:作出?|做出?|进行|予以)(?:了|部分|适当|相应|如下|以下|个别)*(?:修改|修订|修正|调整|补充)",
        r"|^[\x01、和及与以，\s]*[^\x01。；]{0,12}(?:作出?|做出?|进行|予以)(?:如下|以下)(?:修改|修订|修正|调整)",
        r"|^[^\x01。；，]{0,40}(?:修改为|修订为|修正为|修改如下|调整为)",
        r"|^[，,：:]?(?:文件|中|的|将|把)*第[一二三四五六七八九十百零〇\d]{1,6}[章节条款项][^\x01。；]{0,60}?(?:修改为|改为|删去|删除)",
        r"|^[，,：:]?(?:中|的|文件)*(?:删去|删除|增加一[章节条款项])",
        r"|^[^\x01。；，]{0,16}(?:有效|执行|实施|施行|试行|适用)(?:期|期限|时间|时限)[^\x01。；，]{0,12}(?:延长|延续|顺延|延期)",
        r"|^[^\x01。；，]{0,8}(?:延长|延续|顺延|延期)(?:执行|实施|施行|有效|适用)?(?:期限?)?至",
    ))
});

static AMEND_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"(?:关于|决定)(?:对)?(?:修改|修订|修正|延长|延续)[^\x01，。；]{0,14}[\x01、和及与以，\s]*$|(?:删去|删除|延长|延续)(?:原|了)?$",
    )
});

static INTERPRETS: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"解读|一图读懂|图解|答记者问|政策问答|起草说明|编制说明|解析"));

/// How a report names the document that it is about.
static ISSUED: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(r"(?:发布|印发|出台|下发|公布|推出|发出|颁布|制定|签发)(?:实施)?(?:了|的)?[^\x01。；，]{0,4}$")
});

static SHORT: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?:简称|下称|统称)(?:为|作)?[：:]?[“\x22]?《([^《》]{1,40})》"));

/// What behind a title shows that it is the document itself: 现将《…》印发给你们.
static ITSELF: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"^[^\x01。；]{0,60}(?:印发给|印发你|现印发|现予(?:以)?(?:印发|公布|发布)|现(?:公布|发布)|予以(?:印发|公布|发布)|发给你们)",
        r"|^[^\x01。；]{0,30}(?:下发给|印发)(?:执行|施行)?[，。]",
    ))
});

/// How much of the text can tell the document's own number, in characters.
const HEAD: usize = 500;

static LABEL_OF_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?:发文字号|发布文号|文\s*号|文件编号|文件字号)[\]】］]?[\s：:]*$"));

/// The date and the verb of a note below a title.
static ISSUED_ON: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"年\d{1,2}月\d{1,2}日.*(?:发布|公布|颁布|修正|修订|通过|施行)"));

/// A line that is a date and an office before its number.
static DATE_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"^[（(]?\d{4}年\d{1,2}月\d{1,2}日[^，。；《》根据]{0,30}$"));

/// 按照《…》执行: what others are told to do, and no ground of the document.
static IS_FOLLOWED: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"^[^\x01，。；]{0,16}(?:执行|处置|办理|处理|缴纳|计算|操作)(?:[，。；、）)]|$)"));

/// What a paper that a person fills in or is given ends with; such a title is no document.
const FORMS: &[&str] = &[
    "表",
    "申请书",
    "申报书",
    "承诺书",
    "协议书",
    "任务书",
    "通知书",
    "决定书",
    "意见书",
    "证明书",
    "委托书",
    "建议书",
    "说明书",
    "责任书",
    "确认书",
    "认定书",
    "报告书",
    "证书",
    "证明",
    "证",
    "户口簿",
    "登记簿",
    "执照",
    "合同",
    "协议",
    "台账",
    "简历",
    "回执",
    "回单",
    "发票",
    "凭证",
    "声明",
    "材料",
    "申请",
    "报告",
    "说明",
    "鉴定",
    "日报",
    "晚报",
    "周刊",
    "杂志",
    "清单",
    "名册",
    "卡",
    "单",
    "函告",
];

/// Titles that only name a kind are short for one named before.
const KIND_ENDINGS: &[&str] = &[
    "通知",
    "意见",
    "办法",
    "规定",
    "条例",
    "细则",
    "方案",
    "公告",
    "通告",
    "决定",
    "规划",
    "纲要",
    "指南",
    "措施",
    "政策",
    "计划",
    "目录",
    "标准",
    "暂行办法",
    "实施细则",
    "实施办法",
    "管理办法",
    "实施意见",
    "指导意见",
    "若干意见",
    "若干政策",
    "若干措施",
    "实施方案",
    "行动计划",
    "行动方案",
    "工作方案",
    "管理规定",
    "暂行规定",
    "若干规定",
    "申报指南",
    "规则",
    "规程",
    "章程",
    "批复",
    "函",
    "法",
];

/// A place at which a document is named.
struct Mention {
    range: Range<usize>,
    title: Option<String>,
    number: Option<String>,
    /// What the list that it stands in says of its items.
    listed: Option<Relation>,
}

/// A citation of one mention.
struct Found {
    citation: Citation,
    core: String,
    key: Option<String>,
}

/// What is known of the citing document.
struct Citing {
    keys: Vec<String>,
    /// Its title and what its title says it issues, see [`squeezed`].
    names: Vec<String>,
    /// Short names that it gives to others: 以下简称《办法》.
    short: HashSet<String>,
    forwards: bool,
    repeals: bool,
    /// A reading of another document or a report about it: what it tells of others is not its own act.
    about: bool,
}

/// The documents that title, text and attachments name, in their order: each once, with the relation that weighs most
/// and the sentence that says so. Short forms (以下简称《办法》), forms to be filled in, the document's own title and
/// number are none.
pub fn of(policy: &Policy) -> Vec<Citation> {
    let citing = Citing::of(policy);
    let mut found = Vec::new();
    if !is_made_up(policy) {
        read(&policy.title, Part::Title, &citing, &mut found);
    }
    read(&policy.body_text, Part::Body, &citing, &mut found);
    for attachment in policy.attachments.iter().filter_map(|attachment| attachment.text.as_deref()) {
        read(attachment, Part::Attachment, &citing, &mut found);
    }
    let mut all = merged(found);
    if citing.forwards && !all.iter().any(|citation| citation.relation == Relation::Forwards) {
        all.extend(forwarded(&policy.title));
    }
    all.truncate(MOST);
    all
}

/// The day from which a citation's own sentence ends the cited document (《…》自2027年1月1日起停止执行); `None` where
/// it tells none, so that the day of the citing document counts.
pub fn ended_on(citation: &Citation) -> Option<chrono::NaiveDate> {
    let sentence = citation.evidence.as_str();
    let named = |words: Option<&str>| words.and_then(|words| Some((sentence.find(words)?, words.len())));
    let (at, length) = named(citation.doc_number.as_deref()).or_else(|| named(citation.title.as_deref()))?;
    super::dates::ended_on(sentence, at..at + length)
}

/// Whether the title is the beginning of a text without one, which is read there.
fn is_made_up(policy: &Policy) -> bool {
    policy.evidence.get("title").is_some_and(|words| policy.body_text.contains(words.as_str()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Body,
    Attachment,
}

impl Citing {
    fn of(policy: &Policy) -> Self {
        let title = policy.title.as_str();
        // a sentence that stands in for a title is no name
        let named = if is_made_up(policy) && !names_document(title) { "" } else { title };
        let bare = without_lead(named);
        let mut names = vec![squeezed(named), squeezed(core(named)), squeezed(bare), squeezed(core(bare))];
        // 某市《甲》及《乙》 is called by what stands in the marks, and by nothing else
        let titles = quoted(bare);
        let first = titles.first().map_or(0, |(range, _)| range.start);
        let mut outside = bare.get(..first).filter(|lead| !lead.is_empty() && !leads(lead)).map(str::to_owned);
        let mut at = first;
        for (range, _) in &titles {
            outside.get_or_insert_default().push_str(bare.get(at..range.start).unwrap_or_default());
            at = range.end;
        }
        let behind = bare.get(at..).unwrap_or_default();
        let only_titles = !titles.is_empty()
            && outside.is_none_or(|words| words.chars().all(|c| "、及和与，, ".contains(c)))
            && (behind.trim().is_empty()
                || behind.starts_with(['（', '(', '〔', '['])
                || doc_number::find_all(behind).first().is_some_and(|(range, _)| range.start <= 4));
        for (range, inner) in titles {
            let before = bare.get(..range.start).unwrap_or_default();
            let issues = ["印发", "发布", "公布", "颁布", "下发"].iter().any(|verb| before.ends_with(verb));
            let after = bare.get(range.end..).unwrap_or_default();
            if issues && (after.is_empty() || after.starts_with(['的', '（', '('])) || only_titles {
                names.push(squeezed(&inner));
                names.push(squeezed(core(&inner)));
            }
        }
        let keys = keys_of(title, policy);
        names.retain(|name| name.chars().count() >= 4);
        let short = SHORT.captures_iter(&policy.body_text).take(MOST).filter_map(|found| found.get(1));
        Self {
            keys,
            names,
            short: short.map(|name| plain(name.as_str())).collect(),
            forwards: title.contains("转发") || title.contains("批转"),
            repeals: REPEAL.is_match(title) && !title.contains("修改") && !title.contains("清理"),
            about: matches!(policy.kind.as_deref(), Some("解读" | "新闻")) || INTERPRETS.is_match(title),
        }
    }

    /// Whether a title is the document's own word for word, but for small words.
    fn is_itself(&self, title: &str) -> bool {
        let (whole, inner) = (squeezed(title), squeezed(core(title)));
        self.names.iter().any(|own| *own == inner || *own == whole)
    }

    /// Whether it is all that the document is called.
    fn is_named(&self, title: &str) -> bool {
        self.names.first().is_some_and(|own| *own == squeezed(title))
    }

    /// Whether it is the document's own but for the place or office before it: 《某市示例措施》 for 示例措施 and the
    /// other way round.
    fn is_itself_elsewhere(&self, title: &str) -> bool {
        let title = squeezed(core(title));
        title.chars().count() >= 6
            && self.names.iter().any(|own| {
                let lead = own.strip_suffix(&title).or_else(|| title.strip_suffix(own.as_str()));
                // of 甲方案和乙方案 the second is one of its own
                lead.is_some_and(|lead| leads(lead) || lead.ends_with(['和', '及', '与']) && own.ends_with(&title))
            })
    }
}

/// Whether words before a title are a place or an office.
fn leads(words: &str) -> bool {
    let words = words.trim();
    words.chars().count() <= 30
        && words
            .ends_with(['省', '市', '县', '区', '州', '旗', '盟', '厅', '局', '委', '部', '会', '府', '室', '院', '国'])
}

/// A title without what a collection sets before it: 【某市】.
fn without_lead(title: &str) -> &str {
    let title = title.trim();
    let inside = title.strip_prefix(['【', '[', '［']).and_then(|rest| rest.split_once(['】', ']', '］']));
    inside.map_or(title, |(_, rest)| rest.trim_start()).trim_start_matches(['：', ':'])
}

/// The document's own numbers: the stated one, that of its head, and those of its first lines that stand behind a label
/// ([发文字号] …) or tell when it was issued and amended (（1994年…令第1号发布 根据…令第2号修正）).
fn keys_of(title: &str, policy: &Policy) -> Vec<String> {
    let body = policy.body_text.as_str();
    let own = super::own_number(title, body);
    let mut keys: Vec<String> = policy.doc_number.iter().chain(&own).map(|number| doc_number::key(number)).collect();
    let begin = head(body, HEAD);
    for (range, number) in doc_number::find_all(begin) {
        let before = begin.get(..range.start).unwrap_or_default();
        let after = begin.get(range.end..).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        // what stands behind a title or a verb of a sentence is another's
        let in_head = !before.contains('。') && !before.lines().any(|line| line.trim_end().ends_with(['：', ':']));
        let labelled = in_head && LABEL_OF_NUMBER.is_match(tail(line, 16));
        let history = line.rfind(['（', '(']).is_some_and(|open| {
            let inside = line.get(open..).unwrap_or_default();
            !line.get(..open).unwrap_or_default().trim_end().ends_with('》')
                && !inside.contains(['）', ')', '。'])
                && ISSUED_ON.is_match(&format!(
                    "{}{}",
                    inside,
                    head(after, 60).split(['\n', '。']).next().unwrap_or("")
                ))
        });
        let dated = DATE_BEFORE.is_match(line.trim())
            && (after.trim_start_matches([' ', '\u{3000}']).starts_with(['\n', '发', '公', '颁'])
                || after.trim().is_empty());
        if labelled || history || dated {
            keys.push(doc_number::key(begin.get(range.clone()).unwrap_or_default()));
            keys.push(number.key());
        }
    }
    keys
}

/// The text of a title's letters and digits only.
fn plain(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// [`plain`] without the small words that copies leave out or add.
fn squeezed(title: &str) -> String {
    plain(title).replace("关于", "").replace('的', "")
}

/// What 关于印发…的通知 brings: the document inside. 某办法的通知 stands for it too.
fn core(title: &str) -> &str {
    let bare = title.strip_suffix("的通知").filter(|bare| names_document(bare));
    match (bare, title.split_once("印发")) {
        (Some(bare), None) => bare,
        (Some(bare), Some(_)) => bare.split_once("印发").map_or(bare, |(_, inside)| inside),
        (None, _) => title,
    }
}

/// Titles between the outermost 《 and 》 with the marks' range. An opening mark that nothing closes is passed over.
fn quoted(text: &str) -> Vec<(Range<usize>, String)> {
    let mut all = Vec::new();
    // complete pairs inside one that may not be closed
    let mut inside: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut lines = 0;
    for (at, c) in text.match_indices(['《', '》', '\n']) {
        if let Some(&first) = open.first()
            && (at - first > LONGEST_TITLE || lines > 2)
        {
            all.append(&mut inside);
            open.clear();
        }
        match c {
            "《" => {
                if open.is_empty() {
                    lines = 0;
                }
                // deeper nesting is none
                if open.len() < 8 {
                    open.push(at);
                }
            }
            "》" => {
                if let Some(start) = open.pop() {
                    let range = start..at + c.len();
                    if open.is_empty() {
                        inside.clear();
                        all.push(range);
                    } else {
                        inside.retain(|inner| inner.start < start);
                        inside.push(range);
                    }
                }
            }
            _ => lines += 1,
        }
    }
    all.append(&mut inside);
    let mark = '《'.len_utf8();
    let inner = |range: &Range<usize>| {
        let words = text.get(range.start + mark..range.end - mark).unwrap_or_default();
        words.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect::<String>().trim().to_owned()
    };
    all.into_iter().map(|range| (range.clone(), inner(&range))).filter(|(_, words)| !words.is_empty()).collect()
}

/// Reads one part of a document.
fn read(text: &str, part: Part, citing: &Citing, found: &mut Vec<Found>) {
    if !text.contains(['《', '号']) {
        return;
    }
    let opening = match part {
        Part::Title => 0,
        _ => FIRST_PART.find(text).map_or(text.len(), |first| first.start()).min(head(text, 1_200).len()),
    };
    let all = mentions(text, part, citing);
    let mut from = 0;
    while from < all.len() {
        let sentence = sentence(text, &all[from..]);
        let count = all[from..].iter().take_while(|mention| mention.range.start < sentence.end).count().max(1);
        let inside = &all[from..(from + count).min(all.len())];
        let (skeleton, places) = skeleton(text, &sentence, inside);
        let opens = sentence.start < opening || ACTS.is_match(&skeleton);
        for (mention, place) in inside.iter().zip(places) {
            let before = tail(skeleton.get(..place).unwrap_or_default(), AROUND);
            let after = head(skeleton.get(place + MARK.len_utf8()..).unwrap_or_default(), AROUND);
            let Some(one) = cited(text, mention, (before, after), opens, part, citing) else { continue };
            let evidence = evidence(text, &sentence, &mention.range);
            found.push(Found { citation: Citation { evidence, ..one.citation }, ..one });
        }
        from += count;
    }
}

/// The citation of a mention; `None` for the document itself, a short form or a form to be filled in.
fn cited(
    text: &str,
    mention: &Mention,
    (before, after): (&str, &str),
    opens: bool,
    part: Part,
    citing: &Citing,
) -> Option<Found> {
    let key = mention.number.as_deref().map(doc_number::key);
    if key.as_ref().is_some_and(|key| citing.keys.contains(key)) {
        return None;
    }
    let own = relation(before, after, opens, part, citing);
    let relation = match mention.listed.filter(|_| !citing.about) {
        None => own,
        // what an item says itself goes before the heading of its list
        Some(Relation::Repeals) if stays(before, after) => Relation::Cites,
        Some(Relation::Repeals) if PART_OF_IT.is_match(after) => Relation::Amends,
        Some(_) if matches!(own, Relation::Repeals | Relation::Replaces | Relation::Amends) => own,
        Some(listed) => listed,
    };
    if let (Some(title), None) = (&mention.title, &key) {
        let acts = matches!(relation, Relation::Repeals | Relation::Replaces | Relation::Amends);
        let near = tail(before, 30);
        // the act of the same name that came before, or that of a higher place
        let former = near.ends_with('原') || near.contains('年') && acts;
        let of_others = former
            || BASIS.is_match(tail(before, 12))
            || ["国务院", "国家", "省", "中华人民共和国"].iter().any(|place| near.ends_with(place));
        let itself = citing.is_itself(title) && !(acts && former)
            || citing.is_itself_elsewhere(title) && !of_others && !acts
            || !acts && ITSELF.is_match(after) && !BASIS.is_match(tail(before, 12));
        let weak = acts || matches!(relation, Relation::Forwards | Relation::Interprets);
        let told = matches!(relation, Relation::Forwards | Relation::Interprets);
        if itself && (!told || citing.is_named(title))
            || is_short(title)
            || citing.short.contains(&plain(title))
            || !weak && (is_form(title) || is_attached(text, mention) || part == Part::Attachment && !opens)
        {
            return None;
        }
    }
    // with a number it is the document's own where that is not known otherwise, and not what it rests on
    if relation == Relation::Cites
        && citing.keys.is_empty()
        && mention.title.as_deref().is_some_and(|title| citing.is_itself(title))
    {
        return None;
    }
    let title = mention.title.clone();
    let core = title.as_deref().map(|title| squeezed(core(title))).unwrap_or_default();
    let citation = Citation { relation, title, doc_number: mention.number.clone(), evidence: String::new() };
    Some(Found { citation, core, key })
}

/// What a citation is for the citing document, by the words before and behind it in its sentence.
fn relation(before: &str, after: &str, opens: bool, part: Part, citing: &Citing) -> Relation {
    if citing.about {
        let read = match part {
            Part::Title => INTERPRETS.is_match(after) || INTERPRETS.is_match(before),
            _ => opens && ISSUED.is_match(before),
        };
        return if read { Relation::Interprets } else { Relation::Cites };
    }
    let basis_near = BASIS.find_iter(before).last().is_some_and(|basis| {
        before.get(basis.end()..).is_some_and(|between| !between.contains(['，', ',']) && between.chars().count() < 60)
    });
    if is_repealed(before, after, basis_near) {
        return if PART_OF_IT.is_match(after) { Relation::Amends } else { Relation::Repeals };
    }
    if REPLACE_AFTER.is_match(after) || REPLACE_BEFORE.is_match(before) {
        return Relation::Replaces;
    }
    if !basis_near
        && (AMEND_BEFORE.is_match(before) || AMEND_AFTER.is_match(after))
        && (opens || names_change(before, after))
    {
        return Relation::Amends;
    }
    let handed_on =
        ["转发给", "现转发", "现批转", "转发你们", "批转给", "予以转发"].iter().any(|words| after.contains(words));
    if handed_on && !basis_near || part == Part::Title && (before.contains("转发") || before.contains("批转")) {
        return Relation::Forwards;
    }
    let last = BASIS.find_iter(before).last().map_or("", |word| word.as_str());
    if matches!(last, "按照" | "按" | "依照" | "依") && basis_near && IS_FOLLOWED.is_match(after) {
        return Relation::Cites;
    }
    let basis = match part {
        Part::Title => basis_near,
        _ => opens && (BASIS.is_match(before) || head(after, 12).contains("基础上")),
    };
    if basis { Relation::BasedOn } else { Relation::Cites }
}

/// 对《…》第三条修改为: what the words themselves do, wherever they stand.
fn names_change(before: &str, after: &str) -> bool {
    let near = tail(before, 12);
    near.contains(['对', '将', '把'])
        || near.contains("决定")
        || ["删去", "删除", "延长", "延续"].iter().any(|words| near.ends_with(words))
        || ["改为", "删去", "删除", "增加一", "延长", "延续", "顺延", "延期"]
            .iter()
            .any(|words| head(after, 60).contains(words))
}

/// Whether the sentence says of a citation that it stays: 《…》继续有效, 除《…》外.
fn stays(before: &str, after: &str) -> bool {
    let own = after.split(MARK).next().unwrap_or_default();
    let until = REPEAL.find(own).map_or(own.len(), |word| word.start());
    let own = own.get(..until).unwrap_or_default();
    STAYS.is_match(own)
        || until < after.len() && NOT_NOW.is_match(own) && REPEAL.is_match(after)
        || EXCEPT.is_match(before) && EXCEPTED.is_match(after)
}

fn is_repealed(before: &str, after: &str, basis_near: bool) -> bool {
    if EXCEPT.is_match(before) && EXCEPTED.is_match(after) {
        return false;
    }
    if let Some(word) = REPEAL.find(after)
        && !basis_near
    {
        let gap = after.get(..word.start()).unwrap_or_default();
        let behind = after.get(word.end()..).unwrap_or_default();
        let listed = gap.rfind(MARK).map_or("", |last| gap.get(..last).unwrap_or_default());
        let not_now = NOT_NOW.is_match(gap) || SPOKEN_OF.is_match(behind) || STAYS.is_match(gap);
        let told =
            not_now || gap.ends_with('已') || gap.ends_with("已经") || gap.ends_with("已被") || gap.ends_with('被');
        let aims_on = behind.trim_start_matches(['了', '原']).starts_with([MARK, '《'])
            || ["下列", "以下", "部分"].iter().any(|words| behind.starts_with(words));
        let only_list = gap.chars().all(|c| c == MARK || "、，, 和及与以".contains(c));
        let joined =
            !["，", "。", ",", "规定", "要求"].iter().any(|stop| listed.contains(stop)) || only_list_of(listed);
        if gap.chars().count() <= 160 && !told && (!aims_on || only_list) && joined && !OTHER_IN_BETWEEN.is_match(gap) {
            return true;
        }
    }
    let Some(word) = REPEAL.find_iter(before).last() else { return false };
    let between = before.get(word.end()..).unwrap_or_default();
    let words = between.chars().filter(|c| *c != MARK && !"、，, 和及与以原等了《》".contains(*c)).count();
    let aims = between.is_empty() || !between.starts_with(['的', '，', '。', '；', '：', ',']);
    let not_now = NOT_NOW.is_match(before.get(..word.start()).unwrap_or_default());
    aims && !not_now
        && words <= 14
        && !BASIS.is_match(between)
        && !between.contains("文件")
        && !between.contains("规定，")
}

/// Titles one behind the other, with nothing but offices between them.
fn only_list_of(listed: &str) -> bool {
    listed
        .split(MARK)
        .all(|between| between.chars().count() <= 12 && !BASIS.is_match(between) && !between.contains('起'))
}

/// Every place at which a document is named, in order, at most [`MOST_MENTIONS`].
fn mentions(text: &str, part: Part, citing: &Citing) -> Vec<Mention> {
    let numbers = doc_number::find_all(text);
    let titles = quoted(text);
    let lines = Lines::of(text, part, citing);
    let mut all: Vec<Mention> = Vec::new();
    let mut used = vec![false; numbers.len()];
    let number_at = |at: usize| numbers.partition_point(|(range, _)| range.start < at);
    for (nth, (range, title)) in titles.iter().enumerate() {
        if all.len() >= MOST_MENTIONS {
            break;
        }
        let next = titles.get(nth + 1).map_or(text.len(), |(range, _)| range.start);
        let mut mention =
            Mention { range: range.clone(), title: Some(title.clone()), number: None, listed: lines.says(range.start) };
        // numbers inside the title are the title's
        for inner in number_at(range.start)..number_at(range.end) {
            if let Some(used) = used.get_mut(inner) {
                *used = true;
            }
        }
        let mut end = range.end;
        // 《…》（试行）（示例发〔2026〕1号）
        for _ in 0..3 {
            let Some(bracket) = bracket_behind(text, end, next) else { break };
            let words = text.get(bracket.clone()).unwrap_or_default();
            let first = number_at(bracket.start);
            let inside = numbers.get(first..number_at(bracket.end)).unwrap_or_default();
            if let Some((number, _)) = inside.first() {
                if number.start <= bracket.start + 40 {
                    mention.number = written(text, number, numbers.get(first));
                    used.iter_mut().skip(first).take(1).for_each(|used| *used = true);
                }
            } else if let Some(bare) = BARE_NUMBER.find(head(words, 40)) {
                mention.number = Some(tidy(bare.as_str()));
            }
            end = bracket.end;
            mention.range.end = end;
            if mention.number.is_some() {
                break;
            }
        }
        if mention.number.is_none() {
            // 《…》 示例发〔2026〕1号
            let rest = text.get(end..).unwrap_or_default();
            let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\u{3000}', '\n', '，']).len();
            let first = number_at(end);
            if let Some((number, _)) = numbers.get(first)
                && number.start <= end + gap
                && number.start < next
                && gap <= 8
                && !used.get(first).copied().unwrap_or(true)
            {
                mention.number = written(text, number, numbers.get(first));
                mention.range.end = number.end;
                used.iter_mut().skip(first).take(1).for_each(|used| *used = true);
            }
        }
        if mention.number.is_none()
            && let Some(before) = number_at(range.start).checked_sub(1)
            && let Some((number, _)) = numbers.get(before)
            && !used.get(before).copied().unwrap_or(true)
            && let Some(between) = text.get(number.end..range.start)
            && ["", "文", "文件", " ", "（", "("].contains(&between)
        {
            // 示例发〔2026〕1号《…》
            mention.number = written(text, number, numbers.get(before));
            mention.range.start = number.start;
            used.iter_mut().skip(before).take(1).for_each(|used| *used = true);
        }
        all.push(mention);
    }
    let quoted_in: Vec<Range<usize>> = all.iter().map(|mention| mention.range.clone()).collect();
    for (nth, (range, _)) in numbers.iter().enumerate() {
        if used.get(nth).copied().unwrap_or_default() || all.len() >= MOST_MENTIONS {
            continue;
        }
        let number = written(text, range, numbers.get(nth));
        let titled = lines.title_before(text, range.start);
        let listed = lines.says(range.start);
        // further numbers in the bracket behind a title stand at its end
        let holds =
            quoted_in.get(quoted_in.partition_point(|title| title.start < range.start).saturating_sub(1)).cloned();
        if let Some(holds) = holds.filter(|holds| holds.start < range.start && range.end <= holds.end) {
            all.push(Mention { range: holds.end..holds.end, title: None, number, listed });
            continue;
        }
        let (start, title) = match titled {
            Some((from, title)) => (from, Some(title)),
            None => (range.start, None),
        };
        // titles inside 关于印发《…》的通知（示例发〔2026〕1号） are a part of it
        all.retain(|other| {
            title.is_none() || other.range.end <= start || other.range.start >= range.end || other.number.is_some()
        });
        all.push(Mention { range: start..range.end, title, number, listed });
    }
    if text.contains("号公告") || text.contains("号令") {
        for found in BARE_NUMBER.find_iter(text).take(MOST_MENTIONS) {
            // 和2011年第55号公告 behind another of the same office
            let words = found.as_str();
            let whole = words.starts_with(['1', '2']) && words.ends_with(['告', '令']);
            let near = numbers.get(number_at(found.end()).saturating_sub(1));
            let known = near.is_some_and(|(range, _)| range.end > found.start())
                || all.iter().any(|other| other.range.start < found.end() && found.start() < other.range.end);
            if whole && !known {
                let listed = lines.says(found.start());
                all.push(Mention { range: found.range(), title: None, number: Some(tidy(words)), listed });
            }
        }
    }
    all.sort_by_key(|mention| mention.range.start);
    // what overlaps an earlier one is a part of it
    let mut end = 0;
    all.retain(|mention| {
        let apart = mention.range.start >= end;
        if apart {
            end = mention.range.end;
        }
        apart
    });
    all
}

/// A number as written; of a list (54、55号) the whole number that its part stands for.
fn written(text: &str, range: &Range<usize>, number: Option<&(Range<usize>, DocNumber)>) -> Option<String> {
    let mut words = tidy(text.get(range.clone())?);
    // ，原示政规〔2021〕40号: a code begins with 原 where the place is 原阳 or 原平, before 政 or 府
    let former = ["原有", "此前", "以前", "原来", "原"].iter().find_map(|word| words.strip_prefix(word));
    let rest = former.map(|rest| rest.trim_start_matches(['的', ' ']));
    let stripped = rest
        .filter(|rest| !rest.starts_with(['政', '府', '阳', '平', '州']) && DocNumber::parse(rest).is_some())
        .map(str::to_owned);
    let cut = stripped.is_some();
    if let Some(rest) = stripped {
        words = rest;
    }
    // 公告（2023年第13号） ends at its bracket
    let open = words
        .rfind(['（', '('])
        .and_then(|at| words.get(at..))
        .is_some_and(|rest| !rest.contains(['）', ')', '〕', ']', '］', '】']));
    let closing = text.get(range.end..).and_then(|rest| rest.chars().next()).filter(|c| ['）', ')'].contains(c));
    if open && let Some(closing) = closing {
        words.push(closing);
    }
    let whole = words.contains(['〔', '[', '［', '（', '(', '﹝', '第', '【', '〖'])
        && words.ends_with(['号', '告', '令', '）', ')']);
    Some(if whole || cut { words } else { number.map_or(words, |(_, number)| number.key()) })
}

/// A number as written, without the white space of a broken line.
fn tidy(number: &str) -> String {
    number.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect::<String>().trim().to_owned()
}

/// The bracket that opens at or right behind `end` and closes before `next`, with its marks.
fn bracket_behind(text: &str, end: usize, next: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let open = end + (rest.len() - rest.trim_start_matches([' ', '\t', '\u{3000}', '\n']).len()).min(8);
    if !text.get(open..)?.starts_with(['（', '(', '〔', '[', '［', '【']) {
        return None;
    }
    let mut depth = 0;
    for (at, c) in text.get(open..)?.char_indices().take(120) {
        match c {
            '（' | '(' | '〔' | '[' | '［' | '【' | '﹝' => depth += 1,
            '）' | ')' | '〕' | ']' | '］' | '】' | '﹞' => {
                depth -= 1;
                if depth == 0 {
                    return Some(open..open + at + c.len_utf8());
                }
            }
            '。' => return None,
            _ => {}
        }
    }
    // a bracket that nothing closes holds at least the number
    (next > open + 60).then(|| open..open + head(text.get(open..).unwrap_or_default(), 30).len())
}

/// The lines of a text, each with what the heading of its list says of the items.
struct Lines {
    starts: Vec<usize>,
    modes: Vec<Option<Relation>>,
}

impl Lines {
    fn of(text: &str, part: Part, citing: &Citing) -> Self {
        let mut lines = Self { starts: Vec::new(), modes: Vec::new() };
        // headings that hold, the outer ones first: the level of each and what it says of its items
        let mut open: Vec<(u8, Option<Relation>)> = Vec::new();
        let mut at = 0;
        // items of a list of repealed documents need no heading when the title says it
        let by_title = citing.repeals && part != Part::Title;
        let says_something = by_title || REPEAL.is_match(text);
        for line in text.split_inclusive('\n') {
            lines.starts.push(at);
            at += line.len();
            if !says_something {
                lines.modes.push(None);
                continue;
            }
            let item = ITEM.is_match(line) || line.trim_end().contains('\t');
            let bare = line.trim();
            let level = level(bare);
            if let Some(says) = heading(bare, item) {
                open.retain(|(other, _)| *other < level);
                // one further in that says nothing stands under the one before
                let above = open.last().and_then(|(_, says)| *says);
                open.push((level, says.unwrap_or(above)));
                lines.modes.push(None);
                continue;
            }
            // a heading ends with the next sign of its level
            open.retain(|(other, _)| *other == 0 || level == 0 || *other < level);
            if !item && level == 0 && bare.ends_with('。') && !bare.contains('号') && !bare.contains('《') {
                open.clear();
            }
            let mode = open.last().and_then(|(_, says)| *says);
            let inherited = by_title.then_some(Relation::Repeals).filter(|_| item || bare.starts_with("文号"));
            let prose = !item && bare.contains(['。', '，']) && BASIS.is_match(head(bare, 12));
            lines.modes.push(mode.or(inherited).filter(|_| !prose));
        }
        lines
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn says(&self, at: usize) -> Option<Relation> {
        self.modes.get(self.line(at)).copied().flatten()
    }

    /// The title without marks before a number: in the item, the cell before, the lines of labels above (文号：…), or
    /// 关于…的通知 right before the bracket; with its beginning.
    fn title_before(&self, text: &str, number: usize) -> Option<(usize, String)> {
        let line = self.line(number);
        let start = *self.starts.get(line)?;
        let before = text.get(start..number)?;
        let label = before.trim_start();
        if ["文号", "发文字号", "文件编号"].iter().any(|name| label.starts_with(name)) && label.chars().count() < 8
        {
            return (line.saturating_sub(3)..line).rev().find_map(|above| {
                let words = text.get(*self.starts.get(above)?..*self.starts.get(above + 1)?)?;
                let item = ITEM.find(words)?;
                self.modes.get(above).copied().flatten()?;
                let title = words.get(item.end()..)?.trim().trim_matches(['《', '》']);
                (4..200).contains(&title.chars().count()).then(|| (number, title.to_owned()))
            });
        }
        let bare = before.trim_end_matches([' ', '\u{3000}']);
        if let Some(cells) = bare.strip_suffix('\t') {
            let cells = cells.trim_end_matches('\t');
            let from = cells.rfind('\t').map_or(0, |tab| tab + 1);
            let cell = cells.get(from..)?;
            let title = cell.trim().trim_matches(['《', '》']);
            return ((4..200).contains(&title.chars().count()) && names_document(title))
                .then(|| (start + from, title.to_owned()));
        }
        let whole = bare.strip_suffix(['（', '(', '〔', '[', '［', '【'])?;
        let span = tail(whole, 160);
        let skipped = whole.len() - span.len();
        let item = ITEM.find(span).filter(|_| skipped == 0);
        let stop = span.rfind(['。', '；', ';', '：', ':', '\t', '，', ',']);
        let stop =
            stop.map_or(0, |at| at + span.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8));
        let stop = item.map_or(stop, |item| item.end().max(stop));
        let words = span.get(stop..)?;
        // in a sentence the office before 关于 cannot be told from what leads to it
        let from = if item.is_some_and(|item| item.end() == stop) { 0 } else { words.find("关于")? };
        let title = words.get(from..)?.trim();
        let whole = title.strip_prefix('《').filter(|rest| !rest.contains('《'));
        let title = whole.map_or(title, |rest| rest.trim_end_matches('》'));
        let fits = (6..160).contains(&title.chars().count()) && names_document(title);
        fits.then(|| (start + skipped + stop + from, title.to_owned()))
    }
}

/// How deep the sign stands that a line begins with: 一、 before （一） before 1. before (1); 0 without one.
fn level(line: &str) -> u8 {
    const FIGURES: &str = "一二三四五六七八九十";
    let bracket = line.strip_prefix(['（', '(']);
    let rest = bracket.unwrap_or(line);
    let rest = rest.strip_prefix('第').filter(|_| bracket.is_none()).unwrap_or(rest);
    let article = rest.len() < bracket.unwrap_or(line).len();
    let words = rest.trim_start_matches(|c| FIGURES.contains(c));
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (in_words, in_digits) = (words.len() < rest.len(), digits.len() < rest.len() && rest.len() - digits.len() < 4);
    match bracket {
        None if article => u8::from((in_words && words.starts_with(['条', '章'])) || digits.starts_with(['条', '章'])),
        None if in_words && words.starts_with(['、', '.', '．']) => 1,
        Some(_) if in_words && words.starts_with(['）', ')']) => 2,
        None if in_digits && digits.starts_with(['.', '．', '、']) => 3,
        Some(_) if in_digits && digits.starts_with(['）', ')']) => 4,
        None if line.starts_with(|c| ('①'..='⑳').contains(&c)) => 5,
        _ => 0,
    }
}

/// Documents that a heading points to: 下列文件.
static POINTS: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"(?:下列|以下|如下|部分|上述)[^，。：《]{0,16}(?:文件|规章|法规|办法|规定|通知|政策|公告|意见|宣布|予以)",
    )
});

/// What a line that heads a list says of its items: `None` for a line that heads none, `Some(None)` for one that says
/// nothing of them.
fn heading(line: &str, item: bool) -> Option<Option<Option<Relation>>> {
    let says = |words: &str| {
        if words.contains("继续有效") || words.contains("保留") {
            Some(None)
        } else if REPEAL.is_match(words) {
            Some(Some(Relation::Repeals))
        } else if words.contains("修改") || words.contains("修订") {
            Some(Some(Relation::Amends))
        } else {
            None
        }
    };
    if line.ends_with(['：', ':']) {
        // 三、对《…》作如下修改：heads what is changed in it, and no documents
        if line.contains('《') && !POINTS.is_match(line) && !line.contains("目录") {
            return Some(Some(None));
        }
        return Some(says(tail(line, 40)));
    }
    let short = line.chars().count() <= 50 && !line.contains(['。', '《', '\t']) && !line.contains('号');
    let names = ["目录", "清单", "一览表", "名单", "文件", "部分"].iter().any(|word| line.contains(word));
    if short && names && !item { says(line).map(Some) } else { None }
}

/// Whether words without marks end as a title does.
fn names_document(words: &str) -> bool {
    let words = words.trim_end_matches(|c: char| !c.is_alphanumeric());
    let words = ["试行", "暂行", "修订", "修订版"].iter().find_map(|end| words.strip_suffix(end)).unwrap_or(words);
    let words = words.trim_end_matches(|c: char| !c.is_alphanumeric());
    words.ends_with([
        '知', '见', '定', '告', '函', '法', '则', '案', '划', '要', '例', '令', '施', '南', '策', '度', '复', '录',
        '准', '程', '报',
    ])
}

/// Whether a title is short for another: a kind alone.
fn is_short(title: &str) -> bool {
    let title = title.trim();
    KIND_ENDINGS.contains(&title) || title.chars().count() < 2
}

fn is_form(title: &str) -> bool {
    let bare = title.trim_end_matches(['》', '〉']);
    // 申请表（样表）
    let bracket = bare.ends_with(['）', ')']).then(|| bare.rfind(['（', '('])).flatten();
    let bare = bracket.and_then(|at| bare.get(..at)).filter(|bare| !bare.is_empty()).unwrap_or(bare);
    FORMS.iter().any(|form| bare.ends_with(form)) && !bare.contains("关于")
}

/// Whether a title is one of the document's own annexes.
fn is_attached(text: &str, mention: &Mention) -> bool {
    let behind: String = head(text.get(mention.range.end..).unwrap_or_default(), 10).to_owned();
    let inside = text.get(mention.range.clone()).unwrap_or_default();
    let line = tail(text.get(..mention.range.start).unwrap_or_default(), 40);
    let line = line.rsplit('\n').next().unwrap_or_default().trim_start();
    behind.split(['，', '。', '《']).next().is_some_and(|behind| behind.contains("附件"))
        || inside.rsplit('》').next().is_some_and(|bracket| bracket.contains("附件"))
        || line.starts_with("附件")
        || line.starts_with("附：")
}

const STOPS: [char; 7] = ['。', '；', ';', '！', '？', '\n', '\r'];

/// The sentence of the first of `mentions`; a stop inside a mention ends nothing.
fn sentence(text: &str, mentions: &[Mention]) -> Range<usize> {
    let Some(first) = mentions.first() else { return 0..0 };
    let before = tail(text.get(..first.range.start).unwrap_or_default(), 400);
    let begin = before
        .rfind(STOPS)
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8));
    let start = first.range.start - before.len() + begin;
    let mut at = first.range.end;
    for next in mentions.iter().skip(1).map(|mention| &mention.range).chain(std::iter::once(&(text.len()..text.len())))
    {
        let between = text.get(at..next.start).unwrap_or_default();
        let far = head(between, 400);
        if let Some(stop) = far.find(STOPS) {
            return start..at + stop;
        }
        if far.len() < between.len() || next.end - start > 16_000 {
            return start..at + far.len();
        }
        at = next.end;
    }
    start..text.len()
}

/// The sentence without white space, in which every mention is [`MARK`], and where each mark stands.
fn skeleton(text: &str, sentence: &Range<usize>, mentions: &[Mention]) -> (String, Vec<usize>) {
    let mut out = String::new();
    let mut places = Vec::with_capacity(mentions.len());
    let mut at = sentence.start;
    for mention in mentions {
        out.extend(text.get(at..mention.range.start).unwrap_or_default().chars().filter(|c| !c.is_whitespace()));
        places.push(out.len());
        out.push(MARK);
        at = mention.range.end;
    }
    out.extend(text.get(at..sentence.end.max(at)).unwrap_or_default().chars().filter(|c| !c.is_whitespace()));
    (out, places)
}

/// The sentence, or of a long one the part around the mention.
fn evidence(text: &str, sentence: &Range<usize>, mention: &Range<usize>) -> String {
    let end = sentence.end.max(mention.end);
    let whole = text.get(sentence.start..end).unwrap_or_default().trim();
    if whole.chars().count() <= LONGEST_EVIDENCE {
        return whole.to_owned();
    }
    let before = tail(text.get(sentence.start..mention.start).unwrap_or_default(), 80);
    let after = head(text.get(mention.end..end).unwrap_or_default(), 80);
    text.get(mention.start - before.len()..mention.end + after.len()).unwrap_or_default().trim().to_owned()
}

fn weight(relation: Relation) -> u8 {
    match relation {
        Relation::Repeals => 0,
        Relation::Replaces => 1,
        Relation::Amends => 2,
        Relation::Forwards => 3,
        Relation::Interprets => 4,
        Relation::BasedOn => 5,
        Relation::Cites => 6,
    }
}

/// Each document once: by number, else by title; a title alone goes to the numbered citation of that title, and a
/// short name (《外商投资法》) to the full one.
fn merged(found: Vec<Found>) -> Vec<Citation> {
    let mut all: Vec<Found> = Vec::new();
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_core: HashMap<String, usize> = HashMap::new();
    for one in found {
        let same_number = one.key.as_ref().and_then(|key| by_key.get(key)).and_then(|places| {
            let fits = |place: &&usize| {
                all.get(**place)
                    .is_some_and(|other| other.core == one.core || other.core.is_empty() || one.core.is_empty())
            };
            places.iter().find(fits).copied()
        });
        let same_title = || {
            by_core.get(&one.core).copied().filter(|place| {
                let other = all.get(*place).and_then(|other| other.key.as_ref());
                !one.core.is_empty() && (other.is_none() || one.key.is_none())
            })
        };
        let place = same_number.or_else(same_title).unwrap_or(all.len());
        if let Some(key) = &one.key {
            let places = by_key.entry(key.clone()).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if !one.core.is_empty() {
            by_core.entry(one.core.clone()).or_insert(place);
        }
        match all.get_mut(place) {
            Some(known) => take(known, one),
            None => all.push(one),
        }
    }
    all.truncate(MOST);
    let short: Vec<Option<usize>> = all.iter().map(|one| longer_name(one, &all)).collect();
    let names: Vec<(usize, Relation, String)> = all
        .iter()
        .zip(&short)
        .filter_map(|(one, long)| Some(((*long)?, one.citation.relation, one.citation.evidence.clone())))
        .collect();
    for (long, relation, evidence) in names {
        if let Some(known) = all.get_mut(long)
            && weight(relation) < weight(known.citation.relation)
        {
            known.citation.relation = relation;
            known.citation.evidence = evidence;
        }
    }
    let mut interpreted = false;
    let kept = all.into_iter().zip(short).filter(|(_, long)| long.is_none());
    kept.map(|(one, _)| {
        let mut citation = one.citation;
        // a report is about one document; what is said of others is told beside it
        if citation.relation == Relation::Interprets && std::mem::replace(&mut interpreted, true) {
            citation.relation = Relation::Cites;
        }
        citation
    })
    .collect()
}

fn take(known: &mut Found, one: Found) {
    if known.citation.doc_number.is_none() {
        known.citation.doc_number = one.citation.doc_number;
        known.key = one.key;
    }
    if known.citation.title.is_none() {
        known.citation.title = one.citation.title;
        known.core = one.core;
    }
    if weight(one.citation.relation) < weight(known.citation.relation) {
        known.citation.relation = one.citation.relation;
        known.citation.evidence = one.citation.evidence;
    }
}

/// The citation whose title ends with this short one.
fn longer_name(one: &Found, all: &[Found]) -> Option<usize> {
    let length = one.core.chars().count();
    if one.key.is_some() || length > 14 || length == 0 {
        return None;
    }
    all.iter().position(|other| other.core.len() > one.core.len() && other.core.ends_with(&one.core))
}

/// 转发省财政厅关于…的通知: the document that is forwarded, when the text does not say more.
fn forwarded(title: &str) -> Option<Citation> {
    let (_, rest) = title.split_once("转发").or_else(|| title.split_once("批转"))?;
    let name = rest.trim();
    let name = name.strip_suffix("的通知").filter(|name| names_document(name)).unwrap_or(name);
    let name = name.trim_matches(['《', '》']);
    (name.contains("关于") && name.chars().count() >= 8).then(|| Citation {
        relation: Relation::Forwards,
        title: Some(name.to_owned()),
        doc_number: None,
        evidence: title.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Relation::{Amends, BasedOn, Cites, Forwards, Interprets, Repeals, Replaces};

    type Expected = (Relation, &'static str, &'static str);

    /// Title, text, citations with relation, title and number (empty: none).
    const CASES: &[(&str, &str, &[Expected])] = &[
        // what a document rests on
        (
            "关于开展示例工作的通知",
            "各单位：\n根据《示例条例》（国务院令第716号）和《关于示例的意见》（国发〔2023〕11号）精神，现就有关事项通知如下：",
            &[(BasedOn, "示例条例", "国务院令第716号"), (BasedOn, "关于示例的意见", "国发〔2023〕11号")],
        ),
        (
            "关于开展示例工作的通知",
            "各单位：\n根据国发〔2023〕11号文件精神，现开展示例工作。",
            &[(BasedOn, "", "国发〔2023〕11号")],
        ),
        (
            "关于开展示例工作的通知",
            "各单位：\n按照财政部 税务总局公告2023年第7号规定，现将有关事项通知如下。",
            &[(BasedOn, "", "财政部 税务总局公告2023年第7号")],
        ),
        (
            "示例市示例管理办法",
            "第一条 为规范示例管理，依据《中华人民共和国示例法》《示例省示例条例》等法律法规，结合本市实际，制定本办法。\n第二条 本办法适用于示例。",
            &[(BasedOn, "中华人民共和国示例法", ""), (BasedOn, "示例省示例条例", "")],
        ),
        (
            "关于示例的实施意见",
            "为贯彻落实《国务院办公厅关于示例的指导意见》（国办发〔2024〕5号），提出如下实施意见。\n一、总体要求",
            &[(BasedOn, "国务院办公厅关于示例的指导意见", "国办发〔2024〕5号")],
        ),
        (
            "关于示例的实施意见",
            "为贯彻落实国办发〔2024〕5号文件《关于示例的指导意见》，提出如下意见。",
            &[(BasedOn, "关于示例的指导意见", "国办发〔2024〕5号")],
        ),
        (
            "关于示例的通知",
            "根据《示例办法》（示财规〔2022〕3号，以下简称《办法》）要求，现就有关事项通知如下：\n一、按照《办法》第三条执行。",
            &[(BasedOn, "示例办法", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据《示例办法》（以下简称《管理办法》）要求，现通知如下：\n一、按照《管理办法》执行。",
            &[(BasedOn, "示例办法", "")],
        ),
        (
            "关于示例的通知",
            "根据《关于印发〈示例办法〉的通知》（示财规〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "关于印发〈示例办法〉的通知", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据《关于印发《示例办法》的通知》（示财规〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "关于印发《示例办法》的通知", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据《示例办法》（试行）（示财规〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "示例办法", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据《示例税收政策》（财税〔2018〕54、55号）规定，现通知如下：",
            &[(BasedOn, "示例税收政策", "财税〔2018〕54号"), (BasedOn, "", "财税〔2018〕55号")],
        ),
        (
            "关于示例的通知",
            "根据省财政厅关于示例资金管理的通知（示财规〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "关于示例资金管理的通知", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据省财政厅关于印发《示例办法》的通知（示财规〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "关于印发《示例办法》的通知", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "根据《示例规划》精神、《示例办法》（示发\n〔2022〕3号）要求，现通知如下：",
            &[(BasedOn, "示例规划", ""), (BasedOn, "示例办法", "示发〔2022〕3号")],
        ),
        ("关于示例的通知", "根据《关于示例\n管理的意见》要求，现通知如下：", &[(BasedOn, "关于示例管理的意见", "")]),
        ("关于落实《示例若干政策》的实施细则", "为做好工作，制定本细则。", &[(BasedOn, "示例若干政策", "")]),
        (
            "示例批复",
            "你局《关于示例的请示》（示财〔2024〕5号）收悉。根据《示例条例》有关规定，现批复如下：",
            &[(BasedOn, "示例条例", ""), (Cites, "关于示例的请示", "示财〔2024〕5号")],
        ),
        (
            "关于示例的公告",
            "根据《示例公告》（2020年第8号）规定，现公告如下：",
            &[(BasedOn, "示例公告", "2020年第8号")],
        ),
        (
            "关于示例的公告",
            "根据《示例暂行办法》（公告2015年第102号）规定，现公告如下：",
            &[(BasedOn, "示例暂行办法", "公告2015年第102号")],
        ),
        (
            "关于示例的公告",
            "根据《中华人民共和国示例法》（中华人民共和国主席令第二十三号）规定，现公告如下：",
            &[(BasedOn, "中华人民共和国示例法", "中华人民共和国主席令第二十三号")],
        ),
        // mentions
        (
            "关于示例的通知",
            "现通知如下：\n一、申报单位应当符合《示例标准》（示工信〔2021〕9号）有关要求。",
            &[(Cites, "示例标准", "示工信〔2021〕9号")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、收费按照示财综〔2011〕32号文件规定执行。",
            &[(Cites, "", "示财综〔2011〕32号")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、违规的，根据《财政违法行为示例条例》追究责任。",
            &[(Cites, "财政违法行为示例条例", "")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、参照《示例办法》（示财规〔2022〕3号）执行。\n二、《示例办法》（示财规〔2022〕3号）另有规定的除外。",
            &[(Cites, "示例办法", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、按照《示例办法》（示财规〔2022〕3号）执行。\n二、《示例办法》由市财政局解释。",
            &[(Cites, "示例办法", "示财规〔2022〕3号")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、企业应遵守《外资示例法》和《中华人民共和国外资示例法》。",
            &[(Cites, "中华人民共和国外资示例法", "")],
        ),
        (
            "关于示例的通知",
            "现通知如下：\n一、按示财综〔2011〕32号、示财综〔2012〕5号和海关总署公告2020年第17号办理。",
            &[
                (Cites, "", "示财综〔2011〕32号"),
                (Cites, "", "示财综〔2012〕5号"),
                (Cites, "", "海关总署公告2020年第17号"),
            ],
        ),
        // nothing is cited
        (
            "关于示例的通知",
            "现通知如下：\n一、请填报《示例申请表》《示例承诺书》，提交《营业执照》。\n附件：1.《示例实施方案》\n",
            &[],
        ),
        ("关于印发《示例办法》的通知", "示发〔2026〕1号\n各单位：\n现将《示例办法》印发给你们，请遵照执行。", &[]),
        ("关于印发示例市示例办法的通知", "各单位：\n《示例市示例办法》已经市政府同意，现印发给你们。", &[]),
        (
            "示例市人民政府关于印发示例发展若干措施的通知",
            "《示例市示例发展的若干措施》已经市政府常务会议审议通过，现印发给你们。\n示例市示例发展若干措施",
            &[],
        ),
        (
            "示例市示例办法",
            "示例市示例办法\n第一条 为规范示例，制定本办法。\n第九条 《示例市示例办法》由市财政局解释。",
            &[],
        ),
        ("关于示例的通知", "示发〔2026〕1号\n现将《示例规程》印发给你们，请执行。", &[]),
        ("关于示例的通知", "报送《示例实施方案》（见附件2）和《示例目录》（附件3）。", &[]),
        ("关于示例的通知", "《办法》《通知》和《意见》。", &[]),
        ("示例发〔2026〕1号", "京ICP备05080843号 电话010-12345678 案号（2024）示01民初123号", &[]),
        // the document itself under another form of its name
        ("【示例市】《关于调整示例政策的通知》", "各单位：\n现就示例调整如下。", &[]),
        ("示例市示例局《关于调整示例政策的通知》", "各单位：\n现就示例调整如下。", &[]),
        ("《示例市示例甲办法》及《示例市示例乙办法》", "第一条 示例。", &[]),
        ("【示例市】关于调整示例政策的通知", "根据要求，《关于调整示例政策的通知》自2026年1月1日起执行。", &[]),
        ("关于示例的通知", "[发文字号] 示政办发〔2020〕5号   [废止日期] ----\n各单位：\n做好示例工作。", &[]),
        (
            "示例条例",
            "（1994年10月13日示政发〔1994〕115号发布　根据2004年7月1日示例省人民政府令第228号修正）\n第一条 示例。",
            &[],
        ),
        ("关于印发示例活动方案和示例补贴方案的通知", "补贴标准详见《示例补贴方案》。", &[]),
        (
            "关于示例的通知",
            "根据《示例意见》（示政办字(2017]45号）精神，现通知如下：",
            &[(BasedOn, "示例意见", "示政办字(2017]45号")],
        ),
        ("示例条例", "1997年7月31日中华人民共和国国务院令第226号\n第一条 示例。", &[]),
        (
            "【示例市】《关于示例政策的通知》",
            "近期，我市印发《关于示例政策的通知》（示政办字〔2023〕111号），请执行。",
            &[],
        ),
        // and others of nearly the same name
        (
            "示例市城市示例条例",
            "第一条 根据国务院《城市示例条例》，结合本市实际，制定本条例。",
            &[(BasedOn, "城市示例条例", "")],
        ),
        ("示例市城市示例条例实施细则", "第一条 根据《城市示例条例》，制定本细则。", &[(BasedOn, "城市示例条例", "")]),
        (
            "示例制品管理条例",
            "第九条 本条例自2002年2月1日起施行。1994年8月25日国务院发布的《示例制品管理条例》同时废止。",
            &[(Repeals, "示例制品管理条例", "")],
        ),
        ("关于示例的通知", "购房人按照《示例实施细则》执行。", &[(Cites, "示例实施细则", "")]),
        (
            "关于示例的通知",
            "现通知如下：\n一、按照示例局公告（2023年第13号）办理。",
            &[(Cites, "", "示例局公告（2023年第13号）")],
        ),
        // repeals
        (
            "示例市示例办法",
            "第一条 制定本办法。\n第九条 本办法自2026年1月1日起施行，原《示例管理办法》（示政发〔2018〕5号）同时废止。",
            &[(Repeals, "示例管理办法", "示政发〔2018〕5号")],
        ),
        (
            "示例市示例办法",
            "第九条 本办法自2026年1月1日起施行。《示例管理办法》（示政发〔2018〕5号）、《示例细则》（示政发〔2019〕6号）同时废止。",
            &[(Repeals, "示例管理办法", "示政发〔2018〕5号"), (Repeals, "示例细则", "示政发〔2019〕6号")],
        ),
        (
            "示例市示例办法",
            "第九条 本办法自印发之日起施行。示政发〔2018〕5号同时废止。",
            &[(Repeals, "", "示政发〔2018〕5号")],
        ),
        (
            "示例市示例办法",
            "第九条 原《示例市示例办法》（示政发〔2018〕5号）同时废止。",
            &[(Repeals, "示例市示例办法", "示政发〔2018〕5号")],
        ),
        ("示例市示例办法", "第九条 原《示例市示例办法》同时废止。", &[(Repeals, "示例市示例办法", "")]),
        (
            "关于废止《示例办法》的通知",
            "各单位：\n经研究，决定废止《示例办法》（示财规〔2019〕3号），自印发之日起停止执行。",
            &[(Repeals, "示例办法", "示财规〔2019〕3号")],
        ),
        (
            "关于废止《示例办法》等3件规范性文件的决定",
            "一、废止《示例办法》（示财规〔2019〕3号）\n二、废止《示例细则》（示财规〔2019〕4号）",
            &[(Repeals, "示例办法", "示财规〔2019〕3号"), (Repeals, "示例细则", "示财规〔2019〕4号")],
        ),
        (
            "关于宣布部分规范性文件失效的公告",
            "根据《示例规定》（示例市人民政府令第26号），现对下列文件宣布失效：\n1.关于示例的通知（示财规〔2015〕1号）\n2.关于印发《示例乙办法》的通知（示财规〔2015〕2号）\n特此公告。",
            &[
                (BasedOn, "示例规定", "示例市人民政府令第26号"),
                (Repeals, "关于示例的通知", "示财规〔2015〕1号"),
                (Repeals, "关于印发《示例乙办法》的通知", "示财规〔2015〕2号"),
            ],
        ),
        (
            "关于公布规范性文件清理结果的通知",
            "各单位：\n一、继续有效的规范性文件目录\n1.《示例甲办法》（示财规〔2015〕1号）\n二、废止的规范性文件目录\n1.《示例乙办法》（示财规〔2015〕2号）\n2.《示例丙办法》（示财规〔2015〕3号）",
            &[
                (Cites, "示例甲办法", "示财规〔2015〕1号"),
                (Repeals, "示例乙办法", "示财规〔2015〕2号"),
                (Repeals, "示例丙办法", "示财规〔2015〕3号"),
            ],
        ),
        (
            "关于废止部分文件的通知",
            "废止文件目录\n序号\t文件名称\t文号\n1\t关于示例甲的通知\t示财规〔2015〕1号\n2\t《示例乙办法》\t示财规〔2015〕2号",
            &[(Repeals, "关于示例甲的通知", "示财规〔2015〕1号"), (Repeals, "示例乙办法", "示财规〔2015〕2号")],
        ),
        (
            "关于5件文件失效的通知",
            "示科〔2014〕12号\n现对以下文件宣布失效：\n1.示例基金管理办法（试行）\n发文单位：市科委\n文号：示科〔2005〕第11号\n特此通知。",
            &[(Repeals, "示例基金管理办法（试行）", "示科〔2005〕第11号")],
        ),
        (
            "关于公布清理结果的通知",
            "文件名称\t文号\t清理结果\n《示例甲办法》\t示财规〔2015〕1号\t继续有效\n《示例乙办法》\t示财规〔2015〕2号\t废止",
            &[(Cites, "示例甲办法", "示财规〔2015〕1号"), (Repeals, "示例乙办法", "示财规〔2015〕2号")],
        ),
        (
            "示例公告",
            "一、示例。\n二、本公告自发布之日起实施，海关总署2010年第47号公告和2011年第55号公告同时废止。",
            &[(Repeals, "", "海关总署2010年第47号公告"), (Repeals, "", "2011年第55号公告")],
        ),
        (
            "示例通知",
            "根据《示例条例》规定，经研究，《示例甲办法》（示财规〔2015〕1号）自2026年1月1日起停止执行。",
            &[(BasedOn, "示例条例", ""), (Repeals, "示例甲办法", "示财规〔2015〕1号")],
        ),
        (
            "示例办法",
            "第八条 《示例条例》自2026年1月1日起施行，《示例甲办法》（示财规〔2015〕1号）同时废止。",
            &[(Cites, "示例条例", ""), (Repeals, "示例甲办法", "示财规〔2015〕1号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示财规〔2015〕1号）已经废止，不再办理。",
            &[(Cites, "示例甲办法", "示财规〔2015〕1号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、按照《示例甲办法》（示财规〔2015〕1号）执行，此前有关规定同时废止。",
            &[(Cites, "示例甲办法", "示财规〔2015〕1号")],
        ),
        // a heading holds for its items only, and what an item says goes before it
        (
            "示例市关于部分文件的决定",
            "一、对下列文件予以废止：\n1.《示例甲办法》（示政规〔2020〕10号）\n二、《示例乙办法》（示政规〔2020〕11号）继续有效。\n三、对《示例丙办法》（示政规〔2020〕12号）作出修改：将第八条修改为“示例”。",
            &[
                (Repeals, "示例甲办法", "示政规〔2020〕10号"),
                (Cites, "示例乙办法", "示政规〔2020〕11号"),
                (Amends, "示例丙办法", "示政规〔2020〕12号"),
            ],
        ),
        (
            "示例市关于部分文件的决定",
            "废止下列文件：\n1.《示例甲办法》（示政规〔2020〕10号）\n2.《示例乙办法》（示政规〔2020〕11号）继续有效\n3.《示例丙办法》（示政规〔2020〕12号）第五条",
            &[
                (Repeals, "示例甲办法", "示政规〔2020〕10号"),
                (Cites, "示例乙办法", "示政规〔2020〕11号"),
                (Amends, "示例丙办法", "示政规〔2020〕12号"),
            ],
        ),
        (
            "示例市关于部分文件的决定",
            "一、废止下列文件：\n（一）市财政局起草的：\n1.《示例甲办法》（示政规〔2020〕10号）\n（二）市科技局起草的：\n1.《示例乙办法》（示政规〔2020〕11号）\n二、其他\n1.《示例丙办法》（示政规〔2020〕12号）由市科技局解释",
            &[
                (Repeals, "示例甲办法", "示政规〔2020〕10号"),
                (Repeals, "示例乙办法", "示政规〔2020〕11号"),
                (Cites, "示例丙办法", "示政规〔2020〕12号"),
            ],
        ),
        // nothing is repealed
        (
            "示例通知",
            "现通知如下：\n一、示政规〔2020〕36号文件不废止，继续执行。",
            &[(Cites, "", "示政规〔2020〕36号")],
        ),
        (
            "示例办法",
            "第九条 除《示例甲办法》（示政规〔2020〕13号）外，其余有关文件同时废止。",
            &[(Cites, "示例甲办法", "示政规〔2020〕13号")],
        ),
        ("示例通知", "现通知如下：\n一、本通知未废止示政规〔2020〕14号。", &[(Cites, "", "示政规〔2020〕14号")]),
        (
            "示例通知",
            "现通知如下：\n一、不得以《示例甲办法》（示政规〔2020〕13号）废止为由拖欠款项。",
            &[(Cites, "示例甲办法", "示政规〔2020〕13号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号）继续有效，新办法出台后同时废止。",
            &[(Cites, "示例甲办法", "示政规〔2020〕13号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、拟废止《示例甲办法》（示政规〔2020〕13号）。\n二、《示例乙办法》（示政规〔2020〕14号）拟废止。",
            &[(Cites, "示例甲办法", "示政规〔2020〕13号"), (Cites, "示例乙办法", "示政规〔2020〕14号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号）第五条、第六条废止。\n二、废止《示例乙办法》（示政规〔2020〕14号）第七条。",
            &[(Amends, "示例甲办法", "示政规〔2020〕13号"), (Amends, "示例乙办法", "示政规〔2020〕14号")],
        ),
        // what stands before a number is no part of it
        (
            "示例办法",
            "第九条 本办法自2026年5月1日起施行，原示政规〔2021〕40号文件同时废止。",
            &[(Repeals, "", "示政规〔2021〕40号")],
        ),
        (
            "示例办法",
            "第九条 本办法自2026年5月1日起施行，此前的示政规〔2021〕40号、原有示政规〔2021〕41号同时废止。",
            &[(Repeals, "", "示政规〔2021〕40号"), (Repeals, "", "示政规〔2021〕41号")],
        ),
        (
            "示例办法",
            "第九条 本办法自印发之日起施行，原政规〔2021〕40号同时废止。",
            &[(Repeals, "", "原政规〔2021〕40号")],
        ),
        // prolonged, and changed in parts
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号）有效期延长至2033年12月31日。\n二、示政规〔2020〕14号执行期限延长至2033年12月31日。",
            &[(Amends, "示例甲办法", "示政规〔2020〕13号"), (Amends, "", "示政规〔2020〕14号")],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号），将第三条修改为“示例”。\n二、《示例乙办法》（示政规〔2020〕14号）删去第五条。\n三、删去《示例丙办法》（示政规〔2020〕15号）第六条。",
            &[
                (Amends, "示例甲办法", "示政规〔2020〕13号"),
                (Amends, "示例乙办法", "示政规〔2020〕14号"),
                (Amends, "示例丙办法", "示政规〔2020〕15号"),
            ],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号）的有效期延续5年。\n二、延长《示例乙办法》（示政规〔2020〕14号）的执行期限至2028年。\n三、《示例丙办法》（示政规〔2020〕15号）增加一条，作为第六条。",
            &[
                (Amends, "示例甲办法", "示政规〔2020〕13号"),
                (Amends, "示例乙办法", "示政规〔2020〕14号"),
                (Amends, "示例丙办法", "示政规〔2020〕15号"),
            ],
        ),
        (
            "示例通知",
            "现通知如下：\n一、《示例甲办法》（示政规〔2020〕13号）中有关示例的规定停止执行。\n二、《示例乙办法》（示政规〔2020〕14号）仍然有效，《示例丙办法》（示政规〔2020〕15号）同时废止。",
            &[
                (Amends, "示例甲办法", "示政规〔2020〕13号"),
                (Cites, "示例乙办法", "示政规〔2020〕14号"),
                (Repeals, "示例丙办法", "示政规〔2020〕15号"),
            ],
        ),
        (
            "示例市关于部分文件的决定",
            "第一条 下列文件予以废止：\n（一）《示例甲办法》（示政规〔2020〕10号）\n第二条 《示例乙办法》（示政规〔2020〕11号）由市财政局解释。",
            &[(Repeals, "示例甲办法", "示政规〔2020〕10号"), (Cites, "示例乙办法", "示政规〔2020〕11号")],
        ),
        (
            "示例市关于部分文件的决定",
            "一、废止下列文件：\n1.《示例甲办法》（示政规〔2020〕10号）\n二、对《示例丙办法》（示政规〔2020〕12号）作如下修改：\n1.将第八条中的“按照《示例丁办法》（示政规〔2020〕13号）”修改为“按照有关规定”。",
            &[
                (Repeals, "示例甲办法", "示政规〔2020〕10号"),
                (Amends, "示例丙办法", "示政规〔2020〕12号"),
                (Cites, "示例丁办法", "示政规〔2020〕13号"),
            ],
        ),
        // replaces
        (
            "示例办法",
            "第九条 此前印发的《示例甲办法》（示财规〔2015〕1号）与本办法不一致的，以本办法为准。",
            &[(Replaces, "示例甲办法", "示财规〔2015〕1号")],
        ),
        (
            "示例标准",
            "第九条 本标准代替《示例甲办法》（示财规〔2015〕1号）。",
            &[(Replaces, "示例甲办法", "示财规〔2015〕1号")],
        ),
        // amends
        (
            "关于修改《示例办法》的决定",
            "示例市人民政府决定对《示例办法》（示例市人民政府令第20号）作如下修改：\n一、第三条修改为：……",
            &[(Amends, "示例办法", "示例市人民政府令第20号")],
        ),
        (
            "关于修改部分文件的决定",
            "一、对《示例甲办法》（示财规〔2015〕1号）作出修改\n将第三条中的“三年”修改为“五年”。\n二、将《示例乙办法》（示财规〔2015〕2号）第五条修改为：“示例”。",
            &[(Amends, "示例甲办法", "示财规〔2015〕1号"), (Amends, "示例乙办法", "示财规〔2015〕2号")],
        ),
        (
            "关于调整示例的通知",
            "根据《关于修改〈示例办法〉的决定》（示政发〔2020〕1号），现通知如下：",
            &[(BasedOn, "关于修改〈示例办法〉的决定", "示政发〔2020〕1号")],
        ),
        // forwards
        (
            "转发省财政厅关于示例的通知",
            "各区县财政局：\n现将《示例省财政厅关于示例的通知》（示财规〔2025〕8号）转发给你们，请遵照执行。",
            &[(Forwards, "示例省财政厅关于示例的通知", "示财规〔2025〕8号")],
        ),
        ("关于转发《关于示例的通知》的通知", "各单位：请认真贯彻执行。", &[(Forwards, "关于示例的通知", "")]),
        (
            "示例市财政局转发示例省财政厅关于做好示例工作的通知",
            "各单位：现予转发。",
            &[(Forwards, "示例省财政厅关于做好示例工作的通知", "")],
        ),
        // interprets
        (
            "《示例若干政策》政策解读",
            "一、出台背景\n为贯彻落实《示例省若干政策》（示政发〔2024〕2号），市政府出台了《示例若干政策》（示政发〔2025〕1号）。",
            &[(Interprets, "示例若干政策", "示政发〔2025〕1号"), (Cites, "示例省若干政策", "示政发〔2024〕2号")],
        ),
        (
            "关于《示例办法（征求意见稿）》的起草说明",
            "根据《示例条例》起草。",
            &[(Interprets, "示例办法（征求意见稿）", ""), (Cites, "示例条例", "")],
        ),
        ("一图读懂《示例方案》", "", &[(Interprets, "示例方案", "")]),
        (
            "示例市：出台政策支持示例",
            "近日，市政府办公室印发了《关于支持示例的若干措施》，同时废止《示例旧办法》（示政办〔2020〕1号）。记者从市财政局获悉。",
            &[(Interprets, "关于支持示例的若干措施", ""), (Cites, "示例旧办法", "示政办〔2020〕1号")],
        ),
    ];

    fn read_of(title: &str, body: &str) -> Policy {
        let mut policy = Policy { title: title.to_owned(), body_text: body.to_owned(), ..Policy::default() };
        crate::understand(&mut policy, None);
        policy
    }

    #[test]
    fn citations_with_their_relation() {
        assert!(CASES.iter().map(|(_, _, cited)| cited.len().max(1)).sum::<usize>() >= 60);
        let mut wrong = Vec::new();
        for (title, body, expected) in CASES {
            let policy = read_of(title, body);
            let mut found: Vec<(u8, String, String)> = policy
                .citations
                .iter()
                .map(|one| {
                    let text = |words: &Option<String>| words.clone().unwrap_or_default();
                    (weight(one.relation), text(&one.title), text(&one.doc_number))
                })
                .collect();
            let mut wanted: Vec<(u8, String, String)> = expected
                .iter()
                .map(|(relation, title, number)| (weight(*relation), (*title).to_owned(), (*number).to_owned()))
                .collect();
            found.sort();
            wanted.sort();
            if found != wanted {
                wrong.push(format!("{title} | {body}\n  wanted {wanted:?}\n  found  {found:?}"));
            }
            for one in &policy.citations {
                assert!(title.contains(&one.evidence) || body.contains(&one.evidence), "{}", one.evidence);
                assert!(!one.evidence.is_empty());
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    }

    #[test]
    fn lists_in_attachments_are_read() {
        let mut policy = Policy {
            title: "关于废止部分规范性文件的通知".to_owned(),
            body_text: "各单位：\n决定废止部分规范性文件（见附件）。".to_owned(),
            attachments: vec![zhida_schemas::policy::Attachment {
                name: "目录".to_owned(),
                text: Some(
                    "序号\t名称\t文号\n1\t关于示例的通知\t示财规〔2015〕1号\n2\t关于示例乙的通知\t示财规〔2015〕2号"
                        .to_owned(),
                ),
                ..Default::default()
            }],
            ..Policy::default()
        };
        crate::understand(&mut policy, None);
        assert_eq!(policy.citations.len(), 2);
        assert!(policy.citations.iter().all(|one| one.relation == Repeals && one.title.is_some()));
    }

    #[test]
    fn hostile_texts_take_little_time() {
        for pattern in [
            "《",
            "《《》",
            "（〔",
            "《示例》废止、",
            "示发〔2026〕1号同时废止，",
            "1\t《示例》\t示发〔2026〕1号\n",
            "废止：\n",
            "简称《",
            "第1号公告2011年第5号公告",
        ] {
            let body_text = pattern.repeat(2 * 1024 * 1024 / pattern.len());
            let policy = Policy { title: "关于废止文件的通知".to_owned(), body_text, ..Policy::default() };
            let start = std::time::Instant::now();
            let found = of(&policy);
            assert!(start.elapsed().as_secs() < 60, "{pattern:?}: {:?}", start.elapsed());
            assert!(found.len() <= MOST);
        }
    }

    #[test]
    fn bars_of_the_labels() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/eval/facts/facts.jsonl");
        if !path.exists() {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            return println!("left out: ../shared/data not found");
        }
        let report = crate::eval::evaluate_understanding(&path).expect("the labels can be read");
        for (name, bar) in [("citations", 0.90), ("citations_relation", 0.85)] {
            let tally = &report.lists[name];
            println!("{name}: F1 {:.3}", tally.f1());
            assert!(tally.f1() >= bar, "{name}: F1 {:.3}, the bar is {bar}: {:?}", tally.f1(), tally.misses);
        }
    }

    proptest::proptest! {
        #[test]
        fn evidence_is_in_the_text(
            title in "[关于印发废止转发解读《》〈〉（）的通知示例办法〔2026〕1号]{0,30}",
            body in "[根据按照现《》〈〉（）〔2026〕1号示发、，。：\n\t同时废止以本办法为准对作如下修改附件简称第条一]{0,120}|\\PC{0,80}",
        ) {
            let policy = Policy { title, body_text: body, ..Policy::default() };
            for one in of(&policy) {
                let said = policy.title.contains(&one.evidence) || policy.body_text.contains(&one.evidence);
                proptest::prop_assert!(said && !one.evidence.is_empty(), "{}", one.evidence);
                proptest::prop_assert!(one.title.is_some() || one.doc_number.is_some());
            }
        }
    }
}
