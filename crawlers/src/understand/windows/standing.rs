//! What may be applied for at any time, or every year.

use std::sync::LazyLock;

use regex::Regex;

use super::super::{head, regex};
use super::acts::{Act, Said, WORDS};
use super::applying::{APPLIES, applies};
use super::days::DAY;
use super::departments::binds_department;
use super::layout::bounded;
use super::sides::Side;
use super::{CALLED, MOST_DAYS, MOST_WINDOWS, Reader, STOPS};

/// Yearly, quarterly, monthly windows.
pub(super) static RECURRING: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})";
    let days = format!(
        r"(?:{part}\s?月(?:份)?(?:\s?(?:{part}\s?[日号]|底|末|初|[上中下]旬))?|第?[一二三四1-4]{{1,2}}季度(?:末|初)?|{part}\s?[日号]|[上下]半年|(?:首|第[一二三]|末|最后一)个?月(?:的)?(?:\s?{part}\s?[日号])?|月?[底末初]|年[底末初]|[上中下]旬|季末|第[一二三四]周|[第前后]{part}\s?个?工作日)"
    );
    regex(&format!(
        r"(?:每(?:个?自然)?年度?|每(?:一|个)?季度?|每(?:个)?月|每半年|逐季|按季度?)(?:的|于|在|分别(?:于|在)?|内|终了后|结束后|[^。；\n，,]{{0,24}}?(?:截止|时间|日期|期限)[^。；\n，,]{{0,6}}?)?\s?{days}(?:\s?(?:[、和与及至到或，,-]|—|－|～|~)\s?(?:次年|翌年)?{days}){{0,11}}(?:\s?(?:之|以)?[前内])?|(?:每(?:一|个)?季度|每个?月|每半年|按季度?|按半年)\s?(?:分别|均可)?(?:集中|统一|定期)?(?:组织|开展)?(?:受理|申报|申请|征集|集中受理)(?:一次)?|每年度?\s?(?:定期|集中|统一)?(?:组织|开展|受理|申报|申请|申领|征集){{1,2}}[^，。；\n]{{0,12}}?[一1]次[^，。；\n]{{0,12}}|每年"
    ))
});

/// What may be applied for at any time.
pub(super) static ALWAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?:常年|全年|长期|随时|常态化|实时|敞开|滚动|不间断)\s?(?:均可|可|可以|都可)?\s?(?:面向\p{Han}{2,8}|对外|统一|集中|组织|开展|进行|开放|网上|线上|提出)?(?:受理|申报|申请|征集|提交|报名|申领|入库|办理[^，。；]{0,8}(?:申请|申报|手续)|接[受收][^，。；\n]{0,12}(?:申请|申报|报名|材料))",
        r"(?:常年|随时|(?:全年|长期)(?:均可|可)|全天候)[^。；，\n]{0,20}(?:申报|受理|报名|提交材料|申领|征集|申请(?:[^人者单主企机]|$))",
        r"(?:申报|申请|受理|征集)[^。；\n]{0,16}(?:全天候|不限批次|不限时间|全年均可)",
        r"(?:受理|申报|申请|征集|报名|提交|办理|接收)[^。；\n，]{0,16}(?:长期有效|常年有效|长期开放|常年开放|全年开放|(?:长期|常年|随时|常态化|不限|全年)(?:[。；，\s（]|$))",
        r"(?:不设|不限|没有|无)(?:置)?(?:具体|固定|统一)?的?\s?(?:申报|申请|受理|报名|征集|提交)?\s?(?:截止|时间限制|期限|时限|时间)",
        r"(?:申报|申请|受理|报名|征集|提交)(?:时间|期限|时限)?(?:不限|不作限制|不受限制)",
        r"(?:申报|申请|受理|报名|征集|办理)[^。；\n]{0,20}(?:时间|期限|截止)[^。；\n]{0,8}(?:长期|常年|全年|随时|不限)",
    ]
    .into_iter()
    .map(regex)
    .collect()
});

/// What else happens at any time, or is meant to: 随时接受监督, 建立常态化征集机制.
pub(super) const AT_ANY_TIME: [&str; 18] = [
    "封存",
    "提取",
    "监督",
    "检查",
    "咨询",
    "发布",
    "建立",
    "公开",
    "机制",
    "查询",
    "投诉",
    "举报",
    "抽查",
    "审批",
    "更新",
    "所得税",
    "社会保险",
    "预约",
];

/// What a measure promises, where the text itself calls for nothing.
pub(super) const PROMISED: [&str; 9] = ["建立", "机制", "加大", "鼓励", "推动", "推进", "推行", "探索", "完善"];

/// The words of a window that recurs, and the sentence that says so.
pub(super) type Recurring = (String, (usize, usize));

/// 每年申报一次, 每年组织一次示例申报.
pub(super) fn yearly_round(words: &str) -> bool {
    words.starts_with("每年")
        && words.contains('次')
        && ["申报", "申请", "受理", "征集", "申领"].iter().any(|word| words.contains(word))
}

impl Reader<'_> {
    /// Yearly and monthly windows in words, and where their days stand.
    pub(super) fn recurring(&self) -> (Vec<Recurring>, Vec<(usize, usize)>) {
        let (mut found_words, mut places) = (Vec::new(), Vec::new());
        if !["每年", "每季", "每月", "每个", "每半年", "每周", "按季", "按月", "逐季", "每一", "每自然"]
            .iter()
            .any(|word| self.text.contains(word))
        {
            return (found_words, places);
        }
        for found in RECURRING.find_iter(self.text).take(MOST_DAYS) {
            let sentence = self.sentence(found.start(), found.end());
            // the days of the sentence are of every year
            places.push((found.start(), sentence.1));
            let (left, right) = (&self.text[sentence.0..found.start()], &self.text[found.end()..sentence.1]);
            let right = bounded(right);
            let yearly = found.as_str() == "每年";
            let clause = left.rsplit(STOPS).next().unwrap_or_default();
            let said = WORDS.last(found.as_str()).or_else(|| WORDS.first(head(right, 60)));
            let said = said.or_else(|| WORDS.last(clause)).or_else(|| self.above(found.start()).map(|(act, _)| act));
            // 每年集中申报两次，申报时间为5月1日-5月31日
            let named = !yearly
                || right.contains('月')
                    && ["时间", "次", "批"].iter().any(|word| right.contains(word))
                    && DAY.is_match(right);
            // 每月申请提取公积金
            if head(right, 24).contains("提取") || found.as_str().contains("提取") {
                continue;
            }
            let of_taxes = ["预缴", "纳税", "缴纳", "税"].iter().any(|word| right.starts_with(word));
            // 区局每年组织一次申报: of those who apply
            let organised = yearly_round(found.as_str());
            if found.as_str().contains('次') && found.as_str().starts_with("每年") && !organised {
                continue;
            }
            let told = self.outright
                || organised
                || applies(clause, Side::Last, right)
                || APPLIES.is_match(found.as_str())
                || self.above(found.start()) == Some((Act::Applying, Said::Heading));
            let called = self.calls || CALLED.is_match(&self.text[sentence.0..sentence.1]);
            if said == Some(Act::Applying)
                && called
                && named
                && !of_taxes
                && told
                && (organised || !binds_department(left, right))
                && found_words.len() < MOST_WINDOWS
            {
                let words = if yearly { self.text[found.start()..sentence.1].trim() } else { found.as_str().trim() };
                found_words.push((words.to_owned(), sentence));
            }
        }
        (found_words, places)
    }

    /// 常年受理: the sentence.
    pub(super) fn always(&self) -> Option<(usize, usize)> {
        if ![
            "常年",
            "长期",
            "全年",
            "随时",
            "常态化",
            "不设",
            "不限",
            "实时",
            "敞开",
            "滚动",
            "时间限制",
            "无截止",
            "没有截止",
            "不间断",
            "全天候",
        ]
        .iter()
        .any(|word| self.text.contains(word))
        {
            return None;
        }
        let mut at = 0;
        for sentence in self.text.split_inclusive(['。', '；', '\n']) {
            let begin = at;
            at += sentence.len();
            let told = |sentence: &str| {
                ALWAYS.iter().flat_map(|pattern| pattern.find_iter(sentence)).any(|found| {
                    let near = head(&sentence[found.start()..], 16);
                    !["拨款", "拨付", "提取"].iter().any(|word| near.contains(word))
                        && !AT_ANY_TIME.iter().any(|word| found.as_str().contains(word))
                        && !["连续", "部门"].iter().any(|word| sentence[..found.start()].ends_with(word))
                })
            };
            if sentence.len() < 2_000
                && (self.outright || !PROMISED.iter().any(|word| sentence.contains(word)))
                && told(sentence)
                && !["证照", "证书长期", "执照长期", "身份证", "长期护理", "长期股权", "超长期", "中长期"]
                    .iter()
                    .any(|word| sentence.contains(word))
            {
                return Some((begin, at));
            }
        }
        None
    }
}
