//! When an applicant may apply.
//!
//! Every day that the text names is looked at with the words around it: what is bounded by it (an application, or a
//! consultation, a meeting, a project), whom it binds (the applicant, or a department that forwards), and which side
//! of a window it is.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use chrono::{Datelike, Days, Months, NaiveDate};
use regex::{Captures, Regex, RegexSet};
use zhida_schemas::policy::{Application, Policy};

use super::dates::{number, year_of};
use super::regex;

/// Longest part of a sentence that is looked at on each side of a day, in bytes.
const REACH: usize = 600;

/// Most days of one text that are looked at.
const MOST_DAYS: usize = 4_000;

/// Most windows of one text that are kept.
const MOST_WINDOWS: usize = 40;

/// How long before the document's own day a window may have closed, in days: a page may be late.
const LATE: i64 = 30;

/// Farthest window, in years.
const FARTHEST: i32 = 6;

/// 1 or 2 digits, or words.
const NUMBER: &str = "[0-9０-９]{1,2}|[一二三四五六七八九十廿]{1,4}";
const YEAR: &str = "[1１2２][0-9０-９]{3}|[一二][〇○零0oOＯ一二三四五六七八九]{3}";
const GAP: &str = r"\s{0,4}";

/// What ends a clause.
const STOPS: [char; 6] = ['，', ',', '。', '；', ';', '\n'];

/// What names a day, or the end of a month or a year.
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?P<year>{YEAR}){GAP}年度?{GAP}|(?P<relative>今年|本年度?|当年|明年|次年|来年|翌年){GAP})?(?P<month>{NUMBER}){GAP}月份?(?:{GAP}(?:(?P<day>{NUMBER}){GAP}(?P<unit>[日号])?|(?P<end>底|末)))?|(?P<y>[2２][0０][0-9０-９]{{2}}){GAP}[-./．／-]{GAP}(?P<m>[0-9０-９]{{1,2}}){GAP}[-./．／-]{GAP}(?P<d>[0-9０-９]{{1,2}})(?:{GAP}日)?|(?:(?P<year_end>{YEAR}){GAP}年{GAP}|今年|本年度?|明年)?年?(?P<year_ends>年底|年末|底前|底之前|底以前)|(?:本|当)月?月[底末]|(?:即日|(?:本|该)?(?:公告|通知|通告|公示|文件|指南|方案|细则|办法|政策|措施|规定|意见|项目|信息)?(?:正式|公开|对外)?(?P<issue>印发|发布|公布|下发|发文|公告|签发|刊登|发出|公开|发)(?:之日|日|后)){GAP}起?|(?P<alone>{NUMBER}){GAP}[日号]|(?P<m1>[0-9]{{1,2}})[.．](?P<d1>[0-9]{{1,2}})\s?(?:至|[-–—―─－~～])+\s?(?P<m2>[0-9]{{1,2}})[.．](?P<d2>[0-9]{{1,2}})"
    ))
});

/// Behind a day: the weekday, the hour.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    let bracket = r"(?:[（(]\s?(?:含|不含|包括|星期|周|礼拜|节假日|工作日|法定|公休|双休|北京时间|当日|当天|以|逾期|延长|上午|下午|晚|[0-9０-９]{1,2}[:：时点]|[0-9]{1,2}天)[^（()）。；\n]{0,24}[）)])?";
    let hour = format!(
        r"(?P<half>上午|下午|晚上?|中午|早上|凌晨|夜间)?{GAP}(?P<hour>[0-9０-９]{{1,2}}|[零一二三四五六七八九十]{{1,3}}){GAP}(?:[:：∶]{GAP}(?P<minute>[0-9０-９]{{2}})(?:[:：∶][0-9０-９]{{2}})?|[时点](?:整|(?P<minutes>[0-9０-９]{{1,2}})分?|(?P<thirty>半))?)"
    );
    regex(&format!(
        r"^{GAP}{bracket}{GAP}(?:周[一二三四五六日天]|星期[一二三四五六日天])?{GAP}(?:当日|当天)?{GAP}[（(]?(?:{hour})?{GAP}(?:整)?[）)]?{bracket}"
    ))
});

/// Between the two days of a range.
static TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:起|开始|开放|启动|起开始)?\s?[，,]?\s?(?:一直|持续|直)?\s?(?:至|到|截至|截止到?|截止至|截止日?期?为|止于|[-‐‑‒–—―─－~～∼〜﹣−→一])+\s{0,4}(?:于)?(?:其?同月)?\s{0,4}$",
    )
});

/// Behind the last day.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:下班|工作时间|中午|零时|24时)?\s{0,4}(?:(?:之|以)?前|止|为止|截止|截至|结束|终止|(?:系统|平台|通道|窗口|申报|报名|受理)?(?:将|自动|准时|统一){0,2}(?:关闭|停止|结束|截止|关停|锁定|封闭))",
    )
});

/// Where 前 is another word.
const NOT_BEFORE: [&str; 8] = ["前往", "前后", "前来", "前期", "前述", "前端", "前沿", "前身"];

/// Before the last day.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:截止|截至|(?:截止|结束|终止|关闭)(?:时间|日期|期限|日)|截止[^，。；\n]{0,8}(?:时间|日期)|最(?:迟|晚)[^，。；]{0,6}|最后(?:期限|时限|日期|时间)|不(?:得|能|应)?(?:晚|迟)于|不(?:得)?超过|延(?:长|期|迟|后)?(?:至|到)|延长[^，。；]{0,6}(?:至|到)|顺延(?:至|到)|调整(?:至|为|到)|推迟(?:至|到)|(?:时间|期限|日期|有效|一直|持续)[^，。；\n\d]{0,4}(?:至|到))(?:为|是|至|到|于|在|[:：\s])*$",
    )
});

/// Behind the first day.
static FROM: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}(?:起|(?:系统|平台|通道|窗口|申报|报名|受理)?(?:正式)?(?:开始|开放|开通|启动|开启|上线))\s{0,4}[，,]?\s{0,4}([^，,。；\n]{0,36})",
    )
});

/// Before the first day.
static SINCE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:开始|起始|开放|启动|开启|开通)(?:时间|日期)(?:为|是|[:：\s])*$"));

/// 30日内 behind 自发布之日起.
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s{0,4}[，,]?\s{0,2}(?:的|至)?\s{0,2}([0-9０-９]{1,3}|[一二两三四五六七八九十百]{1,4})\s{0,2}个?(工作日|日|天|月|周|年)\s{0,2}(?:之内|以内|内|止)",
    )
});

/// Before a last day that is moved.
static EXTENDED: LazyLock<Regex> =
    LazyLock::new(|| regex("(?:延长|延期|顺延|推迟|延迟|延|调整|变更)[^，。；]{0,8}(?:至|到|为)\\s{0,2}$"));

/// Yearly, quarterly, monthly windows.
static RECURRING: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})";
    let days = format!(
        r"(?:{part}\s?月(?:份)?(?:\s?(?:{part}\s?[日号]|底|末|初|[上中下]旬))?|第?[一二三四1-4]{{1,2}}季度(?:末|初)?|{part}\s?[日号]|[上下]半年|(?:首|第[一二三]|末|最后一)个?月(?:的)?(?:\s?{part}\s?[日号])?|月?[底末初]|年[底末初]|[上中下]旬|季末|第[一二三四]周|[第前后]{part}\s?个?工作日)"
    );
    regex(&format!(
        r"(?:每(?:个?自然)?年度?|每(?:一|个)?季度?|每(?:个)?月|每半年|逐季|按季度?)(?:的|于|在|分别(?:于|在)?|内|终了后|结束后|[^。；\n，,]{{0,24}}?(?:截止|时间|日期|期限)[^。；\n，,]{{0,6}}?)?\s?{days}(?:\s?(?:[、和与及至到或，,-]|—|－|～|~)\s?(?:次年|翌年)?{days}){{0,11}}(?:\s?(?:之|以)?[前内])?|(?:每(?:一|个)?季度|每个?月|每半年|按季度?|按半年)\s?(?:分别|均可)?(?:集中|统一|定期)?(?:组织|开展)?(?:受理|申报|申请|征集|集中受理)(?:一次)?|每年"
    ))
});

/// What may be applied for at any time.
static ALWAYS: LazyLock<RegexSet> = LazyLock::new(|| {
    #[allow(clippy::expect_used)]
    RegexSet::new([
        r"(?:常年|全年|长期|随时|常态化|实时|敞开|滚动|不间断)\s?(?:均可|可|可以|都可)?\s?(?:接受|受理|申报|申请|征集|开放|提交|报名|办理|接收|申领|对外|入库|进行申报|开展申报|组织申报)",
        r"(?:常年|随时|(?:全年|长期)(?:均可|可)|全天候|常态化)[^。；，\n]{0,20}(?:申报|受理|报名|提交材料|申领|征集|申请(?:[^人者单主企机]|$))",
        r"(?:申报|申请|受理|征集)[^。；\n]{0,16}(?:全天候|不限批次|不限时间|全年均可)",
        r"(?:受理|申报|申请|征集|报名|提交|办理|接收)[^。；\n，]{0,16}(?:长期有效|常年有效|长期开放|常年开放|全年开放|(?:长期|常年|随时|常态化|不限|全年)(?:[。；，\s（]|$))",
        r"(?:不设|不限|没有|无)(?:置)?(?:具体|固定|统一)?的?\s?(?:申报|申请|受理|报名|征集|提交)?\s?(?:截止|时间限制|期限|时限|时间)",
        r"(?:申报|申请|受理|报名|征集|提交)(?:时间|期限|时限)?(?:不限|不作限制|不受限制)",
        r"(?:申报|申请|受理|报名|征集|办理)[^。；\n]{0,20}(?:时间|期限|截止)[^。；\n]{0,8}(?:长期|常年|全年|随时|不限)",
    ])
    .expect("patterns that every run compiles")
});

/// Titles of what holds no window for applicants.
static ANOTHER_MATTER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"征求.{0,60}意见|意见征[求集]|征集.{0,40}意见|汇算清缴|纳税申报|(?:采购|招标|中标|成交|评审|评选)结果|听证|公示$|公示[的）)]|的公示|招聘|招录|选调|公务员|(?:暂停|停止|终止)(?:受理|申报|接收|办理)|召开.{0,40}会|举[办行].{0,40}(?:会|班|培训|论坛|讲座)|会议(?:的)?通知|培训(?:班)?(?:的)?通知|考试(?:时间|安排|公告)",
    )
});

/// Titles that ask for suggestions, and those that ask for suggested projects.
static SUGGESTIONS: LazyLock<Regex> = LazyLock::new(|| regex(r"征集.{0,40}建议"));
static PROPOSALS: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:指南|项目|课题|选题|需求|榜单|立项|任务)建议"));

/// Titles of what applicants are called to.
static CALLS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "申报|申请|征集|报名|受理|遴选|推荐|揭榜|评选|认定|兑现|补贴|奖励|补助|申领|招募|组织开展|入库|评价|创建|试点|大赛|竞赛",
    )
});

/// What a sentence must speak of where the title does not: any office reports by some day.
static CALLED: LazyLock<Regex> =
    LazyLock::new(|| regex("申报|申请|报名|受理|征集|申领|揭榜|参评|截止|应征|投递|自荐|领取|兑现|办理|遴选|延长至"));

/// A department as the one who acts.
static DEPARTMENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"主管部门|(?:经信|工信|科技|商务|财政|发改|人社|住建|农业农村|市场监管|文旅|推荐|审核|初审|有关|相关|管理|区级|县级|市级|省级|属地|受理|各|等|所在地?)部门|(?:各|所在|辖|县|市|区|本|州|盟|旗|省)[^，。；：\n]{0,14}(?:局|委|厅|办|中心|街道|乡镇|镇街|镇政府|管委会|政府)|各(?:镇|街道|乡|园区|地(?:区)?|区|县|市|州|盟|省|设区市|功能区|开发区|高新区)|区县|县区|区（县）|县（市|县\(市|市（州|推荐单位|归口(?:管理)?(?:单位|部门)|委办局|我(?:局|委|厅|办|中心|市|省|区)|办公室|管委会|乡镇|镇街|街道|村委会|社区|分局|[区市县]局|组织单位|初审单位|行业协会|商会",
    )
});

/// An applicant as the one who acts.
static APPLICANT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"企业|公司|申报(?:单位|主体|人|者|机构)|申请(?:单位|人|者|主体|机构)|各(?:有关|相关)?单位|(?:有关|相关|项目|承担|用人|参评|参赛|报名|意向|符合条件的?|开发|运营|建设|责任)单位|个人|商户|个体|农户|合作社|经营主体|市场主体|高校|院所|团队|纳税人|缴费人|业主|用户|创业者|毕业生|人才|经营者|购房[人者]|法人|会员|服务商|揭榜方|供应商|投标人|平台运营|医疗机构|养老机构|家庭|本人|农民|主体|符合条件者|申办",
    )
});

/// What only a department hands in.
static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"汇总后|审核汇总|汇总上报|统一(?:汇总|报送|上报)|汇总表|推荐函|推荐汇总|推荐名单|推荐文件|推荐意见|推荐报告|审核意见|审核报告|初审意见|正式行文|联合行文|行文(?:上报|报送|推荐)|正式文件|红头文件|审核后(?:报|上报|统一)|初审后|复核后",
    )
});

/// What was done by some day: 3月1日前已受理的贷款.
static CASE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:已经?|所)?(?:受理|申请|提交|申报|办理|取得|报名)[^，。将并]{0,4}的"));

/// What happens within some days: 3月1日至15日开展的展会.
static CASE_WITHIN: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:期?间)?\p{Han}{1,6}的\p{Han}"));

/// What a department does with applications of others.
static ACCEPTS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[^，,。]{0,8}(?:受理|接受|接收)[^，,。]{0,10}(?:申请|申报|报名|材料)"));

/// What stands behind a span that is of what is paid, not of the application: 缓缴6月至12月住房公积金.
const PAID: &[&str] = &[
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

/// Before the one who acts: 年底前由区科技局兑付.
static BY: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:，|,)?由([^，,。]{2,20})"));

/// A sentence that commits a department to have others apply.
static ORGANISES: LazyLock<Regex> =
    LazyLock::new(|| regex("组织|指导|督促|动员|发动|对接|通知|引导|做好|准备|梳理|摸排|统计|收集|核实|整理|对"));

/// What a day bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Applying,
    /// What is handed in has another purpose: 总结, 意见.
    Matter,
    /// What a period is of, where a label says so.
    Fact,
    Other,
}

/// Where the words stand that say what a day bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// In a label: 申报时间：.
    Label,
    /// In the heading above, or that of the column.
    Heading,
    /// Before the day, in the same clause.
    Before,
    Elsewhere,
}

/// Words by what they say, see `windows.toml`.
struct Words {
    finder: AhoCorasick,
    acts: Vec<Option<Act>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
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
    let file: File = toml::from_str(include_str!("windows.toml")).expect("a list of words that a test reads");
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
    fn acts<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Act, Range<usize>)> + 'a {
        self.finder.find_iter(text).filter_map(move |found| {
            let act = (*self.acts.get(found.pattern().as_usize())?)?;
            let before = &text[..found.start()];
            let in_title = before.rfind('《') > before.rfind('》');
            let word = &text[found.range()];
            let near = super::tail(before, 6);
            let denied = NEEDLESS.iter().any(|words| near.contains(words));
            (!denied && !in_title || matches!(word, "反馈" | "回执" | "异议")).then_some((act, found.range()))
        })
    }

    /// The first act behind a day; of what is handed in, the matter counts: 报送总结 is none of an applicant's.
    fn first(&self, text: &str) -> Option<Act> {
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
        if word == "反馈" && super::head(&text[place.end..], 16).contains("申报") {
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
    fn last(&self, text: &str) -> Option<Act> {
        self.acts(text).last().map(|(act, _)| plain(act))
    }
}

/// Words before an act that nobody has to do.
const NEEDLESS: [&str; 7] = ["无须", "无需", "不需要", "不需", "不必", "不用", "免于"];

/// Verbs that say nothing of the matter.
const HANDS_IN: [&str; 11] = ["报送", "提交", "上报", "递交", "送交", "报备", "发送", "提报", "提出", "上传", "填报"];

fn plain(act: Act) -> Act {
    if act == Act::Applying { act } else { Act::Other }
}

/// The days from which a text counts.
struct Clock {
    /// 成文日期, else that of publication.
    issued: Option<NaiveDate>,
    /// Publication, else 成文日期.
    published: Option<NaiveDate>,
}

impl Clock {
    /// The earlier of both.
    fn base(&self) -> Option<NaiveDate> {
        self.issued.into_iter().chain(self.published).min()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Year {
    Given(i32),
    /// 明年.
    Next,
    /// 次年: the year behind another that is named.
    Following,
    Unsaid,
}

/// A day as a text names it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Named {
    Day {
        year: Year,
        month: u32,
        day: u32,
    },
    /// The whole month; its end where only that is meant.
    Month {
        year: Year,
        month: u32,
        end: bool,
    },
    YearEnd {
        year: Year,
    },
    MonthEnd,
    /// `15日` behind `3月1日至`.
    Alone {
        day: u32,
    },
    /// 6.12—6.30, which may be numbers of another kind.
    Dotted {
        first: (u32, u32),
        last: (u32, u32),
    },
    /// 即日起, 自印发之日起: counted from 成文 or from publication.
    Issue {
        written: bool,
    },
}

/// A day and where it stands.
#[derive(Debug, Clone)]
struct Mention {
    start: usize,
    /// Behind the hour.
    end: usize,
    named: Named,
    /// Without 日: 3月1-15日.
    bare: bool,
    at: Option<String>,
}

impl Mention {
    fn read(found: &Captures<'_>, text: &str) -> Option<Self> {
        let whole = found.get(0)?;
        let word = |name| found.name(name).map(|group| group.as_str());
        let year = match (word("year"), word("relative")) {
            (Some(year), _) => Year::Given(year_of(year)?),
            (_, Some("明年" | "来年")) => Year::Next,
            (_, Some("次年" | "翌年")) => Year::Following,
            _ => Year::Unsaid,
        };
        let mut end = whole.end();
        let mut bare = false;
        let named = if let Some(month) = word("month") {
            let month = number(month).filter(|month| (1..=12).contains(month))?;
            match (word("day").and_then(number), word("end")) {
                (Some(day), _) => {
                    bare = word("unit").is_none();
                    Named::Day { year, month, day }
                }
                (None, last) => Named::Month { year, month, end: last.is_some() },
            }
        } else if let (Some(y), Some(m), Some(d)) = (word("y"), word("m"), word("d")) {
            Named::Day { year: Year::Given(year_of(y)?), month: number(m)?, day: number(d)? }
        } else if let Some(ends) = found.name("year_ends") {
            // 底前: the word 前 is read again
            end = ends.start() + if ends.as_str().starts_with('底') { "底".len() } else { ends.len() };
            let year = match word("year_end") {
                Some(year) => Year::Given(year_of(year)?),
                None if whole.as_str().starts_with("明年") => Year::Next,
                None if ends.as_str().starts_with('底') && !whole.as_str().contains('年') => return None,
                None => Year::Unsaid,
            };
            Named::YearEnd { year }
        } else if let Some(day) = word("alone") {
            Named::Alone { day: number(day)? }
        } else if let (Some(m1), Some(d1), Some(m2), Some(d2)) = (word("m1"), word("d1"), word("m2"), word("d2")) {
            let behind = text[whole.end()..].chars().next();
            if behind.is_some_and(|c| "%％.．元万亿倍0123456789".contains(c)) {
                return None;
            }
            Named::Dotted { first: (number(m1)?, number(d1)?), last: (number(m2)?, number(d2)?) }
        } else if word("issue").is_none() && whole.as_str().starts_with(['本', '当']) {
            Named::MonthEnd
        } else {
            Named::Issue { written: matches!(word("issue"), Some("印发" | "下发" | "发文" | "签发" | "发")) }
        };
        let mut at = None;
        if !matches!(named, Named::Issue { .. })
            && let Some(behind) = BEHIND.captures(bounded(&text[end..]))
        {
            at = hour(&behind);
            let words = behind.get(0).map_or("", |whole| whole.as_str());
            // a bracket around more than the hour is not its own
            let words = if words.contains(['（', '(']) {
                words.trim_end_matches(['（', '('])
            } else {
                words.trim_end_matches(['）', ')'])
            };
            end += words.len();
        }
        Some(Self { start: whole.start(), end, named, bare, at })
    }
}

/// `17:00` of 下午5点.
fn hour(found: &Captures<'_>) -> Option<String> {
    let word = |name| found.name(name).map(|group| group.as_str());
    let mut hour = number(word("hour")?)?;
    let minute = match (word("minute").or(word("minutes")), word("thirty")) {
        (Some(minute), _) => number(minute)?,
        (None, Some(_)) => 30,
        (None, None) => 0,
    };
    let late = matches!(word("half"), Some("晚" | "晚上" | "夜间"));
    if hour < 12 && (late || word("half") == Some("下午")) || hour == 12 && late {
        hour += 12;
    }
    (hour <= 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// The last beginning of a character at or before a place.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The first beginning of a character at or behind a place.
fn ceil_char_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// What stands at the beginning of a text, no more than is looked at.
fn bounded(text: &str) -> &str {
    &text[..floor_char_boundary(text, REACH)]
}

fn end_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

impl Named {
    /// The day in a given year: of a month the first or the last day.
    fn in_year(self, year: i32, last: bool) -> Option<NaiveDate> {
        match self {
            Self::Day { month, day, .. } => NaiveDate::from_ymd_opt(year, month, day),
            Self::Month { month, end, .. } if last || end => end_of_month(year, month),
            Self::Month { month, .. } => NaiveDate::from_ymd_opt(year, month, 1),
            Self::YearEnd { .. } => NaiveDate::from_ymd_opt(year, 12, 31),
            Self::MonthEnd | Self::Alone { .. } | Self::Dotted { .. } | Self::Issue { .. } => None,
        }
    }

    fn year(self) -> Year {
        match self {
            Self::Day { year, .. } | Self::Month { year, .. } | Self::YearEnd { year } => year,
            Self::MonthEnd | Self::Alone { .. } | Self::Dotted { .. } | Self::Issue { .. } => Year::Unsaid,
        }
    }

    /// A last day. A missing year is that of the document, or the next when that day had passed; without the
    /// document's day, that of the day named before.
    fn last_day(self, clock: &Clock, before: Option<NaiveDate>) -> Option<NaiveDate> {
        let base = clock.base();
        match (self, self.year(), base) {
            (Self::Issue { .. }, ..) => self.issue(clock),
            (Self::MonthEnd, ..) => base.and_then(|base| end_of_month(base.year(), base.month())),
            (Self::Alone { .. } | Self::Dotted { .. }, ..) => None,
            (_, Year::Given(year), _) => self.in_year(year, true),
            (_, Year::Next, Some(base)) => self.in_year(base.year() + 1, true),
            (_, Year::Following, _) => None,
            (_, Year::Unsaid, Some(base)) => {
                let same = self.in_year(base.year(), true)?;
                let passed = (base - same).num_days() > LATE;
                if passed { self.in_year(base.year() + 1, true) } else { Some(same) }
            }
            (_, Year::Unsaid, None) => {
                let before = before?;
                self.in_year(before.year(), true).filter(|same| *same >= before).or_else(|| {
                    // in the next year only where the days are near
                    self.in_year(before.year() + 1, true).filter(|next| (*next - before).num_days() < 180)
                })
            }
            (_, Year::Next, None) => None,
        }
    }

    fn issue(self, clock: &Clock) -> Option<NaiveDate> {
        match self {
            Self::Issue { written: true } => clock.issued,
            Self::Issue { written: false } => clock.published,
            _ => None,
        }
    }

    /// Both days of a range; the year of one completes the other.
    fn to(self, last: Self, clock: &Clock, before: Option<NaiveDate>) -> Option<(Option<NaiveDate>, NaiveDate)> {
        let last = match (self, last) {
            (Self::Day { year, month, day: first }, Self::Alone { day }) => {
                let (year, month) = match (year, month) {
                    (year, month) if day >= first => (year, month),
                    (Year::Given(year), 12) => (Year::Given(year + 1), 1),
                    (year, month) => (year, month % 12 + 1),
                };
                Self::Day { year, month, day }
            }
            (_, last) => last,
        };
        let closes = match (self.year(), last.year()) {
            (Year::Given(year), Year::Unsaid) => {
                let opens = self.in_year(year, false)?;
                last.in_year(year, true)
                    .filter(|closes| *closes >= opens)
                    .or_else(|| last.in_year(year + 1, true))
                    .or_else(|| last.last_day(clock, before))?
            }
            (Year::Given(year), Year::Next | Year::Following) => last.in_year(year + 1, true)?,
            (Year::Unsaid, Year::Following) => {
                let opens = self.last_day(clock, before)?;
                last.in_year(opens.year() + 1, true)?
            }
            _ => last.last_day(clock, before)?,
        };
        let opens = match (self, self.year()) {
            (Self::Issue { .. }, _) => self.issue(clock).filter(|opens| *opens <= closes),
            (_, Year::Given(year)) => self.in_year(year, false),
            _ => self
                .in_year(closes.year(), false)
                .filter(|opens| *opens <= closes)
                .or_else(|| self.in_year(closes.year() - 1, false)),
        };
        (opens.is_none_or(|opens| opens <= closes)).then_some((opens, closes))
    }
}

/// The words of a window that recurs, and the sentence that says so.
type Recurring = (String, (usize, usize));

/// A window of the text.
#[derive(Debug, Clone)]
struct Window {
    start: usize,
    opens_on: Option<NaiveDate>,
    closes_on: Option<NaiveDate>,
    closes_at: Option<String>,
    department: bool,
    /// Only the first day is said.
    opening: bool,
    /// Its last day was moved to this one.
    extended: bool,
    /// The sentence that says so.
    sentence: (usize, usize),
}

/// One or two days of a sentence, and what they are.
struct Span {
    start: usize,
    end: usize,
    opens_on: Option<NaiveDate>,
    closes_on: Option<NaiveDate>,
    closes_at: Option<String>,
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Range,
    Last,
    First,
    /// A day of which nothing says which side it is.
    Plain,
}

/// The windows that the text names: the first in time in the fields, the others in `more`, with those that bind a
/// department, which come last.
pub fn of(policy: &Policy) -> Option<Application> {
    let text = policy.body_text.as_str();
    let title = super::head(&policy.title, 300);
    if ANOTHER_MATTER.is_match(title) || SUGGESTIONS.is_match(title) && !PROPOSALS.is_match(title) {
        return None;
    }
    let reader = Reader {
        text,
        clock: Clock {
            issued: policy.written_on.or(policy.published_on),
            published: policy.published_on.or(policy.written_on),
        },
        calls: CALLS.is_match(title),
    };
    reader.windows()
}

struct Reader<'a> {
    text: &'a str,
    clock: Clock,
    /// Whether the title calls for applications.
    calls: bool,
}

impl Reader<'_> {
    fn windows(&self) -> Option<Application> {
        let text = self.text;
        let (recurring, repeats) = self.recurring();
        let mut windows: Vec<Window> = Vec::new();
        let mut previous: (usize, Option<(Act, Said)>) = (0, None);
        let mut mentions = DAY
            .captures_iter(text)
            .filter_map(|found| Mention::read(&found, text))
            .filter(|mention| !repeats.iter().any(|(start, end)| (*start..*end).contains(&mention.start)))
            .take(MOST_DAYS)
            .peekable();
        while let Some(first) = mentions.next() {
            let sentence = self.sentence(first.start, first.end);
            let mut of_sentence = vec![first];
            while let Some(next) = mentions.next_if(|next| next.start < sentence.1) {
                of_sentence.push(next);
            }
            // 受理时间：甲类3月1日至5日；乙类…
            let beside = text[previous.0..sentence.0.max(previous.0)].trim();
            let inherited = previous.1.filter(|_| matches!(beside, "；" | ";"));
            previous = (sentence.1, self.read(&of_sentence, sentence, inherited, &mut windows));
            if windows.len() > MOST_WINDOWS {
                break;
            }
        }
        let always = self.always();
        self.application(joined(windows), recurring, always)
    }

    /// The sentence around a part of the text; a line break within it does not end it.
    fn sentence(&self, start: usize, end: usize) -> (usize, usize) {
        let text = self.text;
        let from = ceil_char_boundary(text, start.saturating_sub(REACH));
        let mut begin = from;
        for (at, c) in text[from..start].char_indices().rev() {
            if self.ends(from + at, c) {
                begin = from + at + c.len_utf8();
                break;
            }
        }
        let stop = text[end..floor_char_boundary(text, end.saturating_add(2 * REACH))]
            .char_indices()
            .find(|(at, c)| self.ends(end + at, *c))
            .map_or_else(|| floor_char_boundary(text, end.saturating_add(2 * REACH)), |(at, _)| end + at);
        (begin, stop.max(end))
    }

    /// Whether a character ends a sentence.
    fn ends(&self, at: usize, c: char) -> bool {
        match c {
            '。' | '；' | ';' | '！' | '？' | '!' | '?' => true,
            '\n' => !self.continues(at),
            // a page that lost its lines: … 二、申报时间
            ' ' | '\u{3000}' | '\u{a0}' => {
                let rest = &self.text[at + c.len_utf8()..];
                let mut next = rest.chars().take(4);
                next.next().is_some_and(|c| "一二三四五六七八九十".contains(c))
                    && next.next().is_some_and(|c| c == '、' || "一二三四五六七八九十".contains(c))
            }
            _ => false,
        }
    }

    /// Whether the line before a line feed goes on behind it.
    fn continues(&self, at: usize) -> bool {
        let text = self.text;
        let from = ceil_char_boundary(text, at.saturating_sub(160));
        let line = text[from..at].rsplit('\n').next().unwrap_or_default().trim();
        let next =
            text[at + 1..floor_char_boundary(text, at + 120)].trim_start_matches([' ', '\u{3000}', '\t', '\u{a0}']);
        if next.is_empty() || next.starts_with('\n') || line.is_empty() || begins_item(next) {
            return false;
        }
        if line.ends_with([
            '，', ',', '、', '（', '(', '于', '在', '至', '到', '自', '为', '将', '前', '请', '年', '月', '—', '～',
        ]) {
            return true;
        }
        let goes_on = |text: &str, c: Option<char>| {
            !text.contains('\t') && c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '》' | '）' | ')' | '”'))
        };
        let next_line = next.split('\n').next().unwrap_or_default();
        line.chars().count() >= 18
            && goes_on(line, line.chars().next_back())
            && goes_on(next_line, next.chars().next())
            && !signs(next_line)
    }

    /// Finds the windows of one sentence; gives what its last day bounds.
    fn read(
        &self,
        mentions: &[Mention],
        sentence: (usize, usize),
        mut inherited: Option<(Act, Said)>,
        windows: &mut Vec<Window>,
    ) -> Option<(Act, Said)> {
        let text = self.text;
        let spans = self.spans(mentions, sentence);
        let kept = windows.len();
        let mut from = sentence.0;
        for span in &spans {
            let before = &text[sentence.0..span.start];
            let left =
                &text[ceil_char_boundary(text, span.start.saturating_sub(REACH)).max(from).min(span.start)..span.start];
            // 4月17日（清明节休息）向…申报
            let behind = span.end + bracket(&text[span.end..sentence.1.max(span.end)]);
            let next = spans.iter().find(|next| next.start >= behind);
            let right = &text[behind..next.map_or(sentence.1, |next| next.start).max(behind)];
            from = span.end;
            let extended = EXTENDED.is_match(left);
            // 登录平台投保，最后期限为…: what the day before it was of
            let deadline = inherited.filter(|(act, _)| *act == Act::Applying && ends_with_bare_label(left));
            let said = deadline.or_else(|| self.act(left, span, right)).or(inherited);
            let said = said.or_else(|| self.above(span.start)).or_else(|| self.bare(left));
            let Some((act, said)) = said else { continue };
            inherited = Some((act, said));
            let told = match span.side {
                Side::Range | Side::Last => true,
                Side::First => {
                    let closes_next = next.is_some_and(|next| next.side == Side::Last && next.start - span.end < 60);
                    said != Said::Elsewhere || closes_next || opens_directly(&text[span.end..sentence.1.max(span.end)])
                }
                Side::Plain => matches!(said, Said::Label | Said::Heading),
            };
            // 年底前由区科技局兑付
            let by_department =
                BY.captures(right).is_some_and(|by| DEPARTMENT.is_match(&by[1]) && !APPLICANT.is_match(&by[1]));
            // the day below the office at the end
            let signed = span.side == Side::Plain
                && span.closes_on == self.clock.issued
                && super::dates::is_date(text[sentence.0..sentence.1].trim());
            if act != Act::Applying
                || !told
                || by_department
                || signed
                || before.contains("异议")
                || !self.speaks_of_applying(sentence)
            {
                continue;
            }
            let (opens_on, closes_on) = match span.side {
                Side::Plain if said == Said::Label && !left.contains("截止") => (span.closes_on, span.closes_on),
                Side::Plain => (None, span.closes_on),
                _ => (span.opens_on, span.closes_on),
            };
            if !self.plausible(opens_on, closes_on) {
                continue;
            }
            let mut window = Window {
                start: span.start,
                opens_on,
                closes_on,
                closes_at: span.closes_at.clone(),
                department: binds_department(before, right),
                opening: span.side == Side::First,
                extended,
                sentence,
            };
            // 由3月31日延长至4月15日: the old last day holds no longer
            if extended {
                let mut at = kept.min(windows.len());
                while let Some(old) = windows.get(at) {
                    if old.extended || old.closes_on >= closes_on {
                        at += 1;
                        continue;
                    }
                    window.opens_on = window.opens_on.or(old.opens_on);
                    windows.remove(at);
                }
            }
            windows.push(window);
        }
        inherited
    }

    fn speaks_of_applying(&self, (start, end): (usize, usize)) -> bool {
        let sentence = &self.text[start..end];
        self.calls || CALLED.is_match(sentence) || APPLICANT.is_match(sentence)
    }

    /// A label that says of time only (时间：) in a text that calls for applications.
    fn bare(&self, left: &str) -> Option<(Act, Said)> {
        let bare = ends_with_bare_label(left) || BATCH.is_match(left.trim_start());
        (self.calls && bare).then_some((Act::Applying, Said::Label))
    }

    /// Whether a window lies where one can be: not long closed when the document appeared, not far away.
    fn plausible(&self, opens_on: Option<NaiveDate>, closes_on: Option<NaiveDate>) -> bool {
        let Some(base) = self.clock.base() else { return true };
        closes_on.is_none_or(|closes| (base - closes).num_days() <= LATE && closes.year() - base.year() <= FARTHEST)
            && opens_on.is_none_or(|opens| (opens.year() - base.year()).abs() <= FARTHEST)
            && (closes_on.is_some() || opens_on.is_none_or(|opens| (base - opens).num_days() <= LATE))
    }

    /// Joins the days of a sentence to ranges and tells the sides.
    fn spans(&self, mentions: &[Mention], sentence: (usize, usize)) -> Vec<Span> {
        let text = self.text;
        let mut spans: Vec<Span> = Vec::new();
        let mut rest = mentions.iter().peekable();
        let mut known: Option<NaiveDate> = None;
        while let Some(mention) = rest.next() {
            let joined = rest.peek().filter(|next| {
                next.start >= mention.end
                    && next.start - mention.end < 60
                    && TO.is_match(&text[mention.end..next.start])
            });
            if let Some(last) = joined.copied() {
                rest.next();
                let Some((opens_on, closes_on)) = mention.named.to(last.named, &self.clock, known) else { continue };
                let mut end = last.end;
                if let Some(mark) = before_mark(bounded(&text[end..])) {
                    end += mark;
                }
                known = Some(closes_on);
                spans.push(Span {
                    start: mention.start,
                    end,
                    opens_on,
                    closes_on: Some(closes_on),
                    closes_at: last.at.clone(),
                    side: Side::Range,
                });
                continue;
            }
            let left = &text[ceil_char_boundary(text, mention.start.saturating_sub(90))
                .max(sentence.0)
                .min(mention.start)..mention.start];
            let right = bounded(&text[mention.end..]);
            if let Named::Issue { .. } = mention.named {
                let Some(opens) = mention.named.issue(&self.clock) else { continue };
                if let Some(within) = WITHIN.captures(right) {
                    let closes_on = within.get(1).and_then(|count| after(opens, number(count.as_str())?, &within[2]));
                    let end = mention.end + within.get(0).map_or(0, |whole| whole.len());
                    spans.push(Span {
                        start: mention.start,
                        end,
                        opens_on: Some(opens),
                        closes_on,
                        closes_at: None,
                        side: Side::Range,
                    });
                } else if let Some(verb) =
                    from_mark(right).or(text[mention.start..mention.end].ends_with('起').then_some(0))
                {
                    spans.push(Span {
                        start: mention.start,
                        end: mention.end + verb,
                        opens_on: Some(opens),
                        closes_on: None,
                        closes_at: None,
                        side: Side::First,
                    });
                }
                continue;
            }
            if let Named::Dotted { first, last } = mention.named {
                let day = |(month, day)| Named::Day { year: Year::Unsaid, month, day };
                let label = is_label(left.rsplit(STOPS).next().unwrap_or_default());
                if let Some((opens_on, closes_on)) = day(first).to(day(last), &self.clock, known).filter(|_| label) {
                    let closes_at = mention.at.clone();
                    spans.push(Span {
                        start: mention.start,
                        end: mention.end,
                        opens_on,
                        closes_on: Some(closes_on),
                        closes_at,
                        side: Side::Range,
                    });
                }
                continue;
            }
            let day = mention.named.last_day(&self.clock, known);
            let mark = before_mark(right);
            let whole_month = matches!(mention.named, Named::Month { end: false, .. });
            let (Some(day), false) = (day, whole_month || mention.bare && mark.is_none()) else { continue };
            known = Some(day);
            // 6月1日起30日内: the first day counts
            if let Some(verb) = from_mark(right)
                && let Some(within) = WITHIN.captures(&right[verb..])
                && let Some(count) = within.get(1).and_then(|count| number(count.as_str()))
                && let Some(closes_on) = after(day, count, &within[2]).and_then(|closes| closes.pred_opt())
            {
                let end = mention.end + verb + within.get(0).map_or(0, |whole| whole.len());
                let closes_at = mention.at.clone();
                spans.push(Span {
                    start: mention.start,
                    end,
                    opens_on: Some(day),
                    closes_on: Some(closes_on),
                    closes_at,
                    side: Side::Range,
                });
                continue;
            }
            let (end, side) = if SINCE.is_match(left) {
                (mention.end, Side::First)
            } else if let Some(mark) = mark {
                (mention.end + mark, Side::Last)
            } else if let Some(verb) = from_mark(right) {
                (mention.end + verb, Side::First)
            } else if UNTIL.is_match(left) {
                (mention.end, Side::Last)
            } else {
                (mention.end, Side::Plain)
            };
            let (opens_on, closes_on) = if side == Side::First { (Some(day), None) } else { (None, Some(day)) };
            spans.push(Span {
                start: mention.start,
                end,
                opens_on,
                closes_on,
                closes_at: mention.at.clone().filter(|_| side != Side::First),
                side,
            });
        }
        spans
    }

    /// What a span bounds, by the label before it or the nearest words.
    fn act(&self, left: &str, span: &Span, right: &str) -> Option<(Act, Said)> {
        let clause = left.rsplit(STOPS).next().unwrap_or_default();
        let label = is_label(clause);
        // 受理日期在3月1日之前的，按原政策执行; 原通知（申报期3月1日至4月1日）停止执行
        let replaced =
            left.contains('原') && ["停止执行", "废止"].iter().any(|word| super::head(right, 12).contains(word));
        if right.trim_start().starts_with('的') || replaced {
            return Some((Act::Other, Said::Elsewhere));
        }
        // 缓缴6月至12月住房公积金
        if span.side == Side::Range && PAID.iter().any(|word| right.trim_start_matches(['的', ' ']).starts_with(word))
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
        let right = super::head(bounded(right), 90);
        // 3月1日前提交申请的，…: a case, not a deadline
        let stated = right.split(STOPS).find(|clause| !clause.trim().is_empty()).unwrap_or_default();
        let inside = stated.split(['）', ')']).next().unwrap_or_default();
        let stated = if inside.contains(['（', '(']) || inside.is_empty() { stated } else { inside };
        let stated = stated.trim_end_matches(['”', ' ']);
        let asked = ["请", "应", "须", "需"].iter().any(|word| clause.contains(word));
        let case = CASE.is_match(stated) || span.side == Side::Range && CASE_WITHIN.is_match(stated);
        let done = clause.ends_with("已于") || !clause.ends_with('于') && case;
        if span.side != Side::First && !asked && (stated.ends_with('的') || done) {
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
        if let Some(act) = WORDS.first(own) {
            // 年报应于…前填报: what is handed in stands before
            let matter = WORDS.acts(clause).last().is_some_and(|(act, _)| act == Act::Matter);
            let hands_in = HANDS_IN.iter().any(|verb| own.trim_start().starts_with(verb));
            return Some((if matter && hands_in { Act::Other } else { act }, Said::Elsewhere));
        }
        if let Some(act) = WORDS.last(clause) {
            return Some((act, if label { Said::Label } else { Said::Before }));
        }
        let (before, behind) = (WORDS.last(left), WORDS.first(right));
        let act = if UNTIL.is_match(left) { before.or(behind) } else { behind.or(before) };
        act.map(|act| (act, Said::Elsewhere))
    }

    /// What the heading above says (三、申报时间), or that of the column.
    fn above(&self, at: usize) -> Option<(Act, Said)> {
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

    /// Yearly and monthly windows in words, and where their days stand.
    fn recurring(&self) -> (Vec<Recurring>, Vec<(usize, usize)>) {
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
            let said = WORDS.last(found.as_str()).or_else(|| WORDS.first(super::head(right, 60)));
            let said = said.or_else(|| WORDS.last(clause)).or_else(|| self.above(found.start()).map(|(act, _)| act));
            // 每年集中申报两次，申报时间为5月1日-5月31日
            let named = !yearly
                || right.contains('月')
                    && ["时间", "次", "批"].iter().any(|word| right.contains(word))
                    && DAY.is_match(right);
            let of_taxes = ["预缴", "纳税", "缴纳", "税"].iter().any(|word| right.starts_with(word));
            let called = self.calls || CALLED.is_match(&self.text[sentence.0..sentence.1]);
            if said == Some(Act::Applying)
                && called
                && named
                && !of_taxes
                && !binds_department(left, right)
                && found_words.len() < MOST_WINDOWS
            {
                let words = if yearly { self.text[found.start()..sentence.1].trim() } else { found.as_str().trim() };
                found_words.push((words.to_owned(), sentence));
            }
        }
        (found_words, places)
    }

    /// 常年受理: the sentence.
    fn always(&self) -> Option<(usize, usize)> {
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
            if sentence.len() < 2_000
                && ALWAYS.is_match(sentence)
                && !["证照", "证书长期", "执照长期", "身份证", "长期护理", "长期股权", "超长期", "中长期"]
                    .iter()
                    .any(|word| sentence.contains(word))
            {
                return Some((begin, at));
            }
        }
        None
    }

    fn application(
        &self,
        windows: Vec<Window>,
        recurring: Vec<Recurring>,
        always: Option<(usize, usize)>,
    ) -> Option<Application> {
        let words = |(start, end): (usize, usize)| {
            Some(self.text[start..end].trim().to_owned()).filter(|words| !words.is_empty())
        };
        let window = |window: &Window| Application {
            opens_on: window.opens_on,
            closes_on: window.closes_on,
            closes_at: window.closes_at.clone(),
            evidence: words(window.sentence),
            ..Application::default()
        };
        let mut own = windows.iter().filter(|window| !window.department);
        let mut application = own.next().map(window);
        let mut more: Vec<Application> = own.map(window).collect();
        more.extend(windows.iter().filter(|window| window.department).map(window));
        if let Some(sentence) = always {
            let application =
                application.get_or_insert_with(|| Application { evidence: words(sentence), ..Application::default() });
            application.open_ended = application.closes_on.is_none();
        }
        if let Some((_, sentence)) = recurring.first().filter(|_| always.is_none()) {
            let application =
                application.get_or_insert_with(|| Application { evidence: words(*sentence), ..Application::default() });
            application.recurring = recurring.iter().map(|(words, _)| words.clone()).collect();
        }
        if !more.is_empty() {
            let evidence = more.first().and_then(|first| first.evidence.clone());
            let application = application.get_or_insert_with(|| Application { evidence, ..Application::default() });
            application.more = more;
        }
        application
    }
}

/// In order of time, each window once: a last day that is said again without its first is the same, and a first day
/// alone belongs to the last day that follows it.
fn joined(windows: Vec<Window>) -> Vec<Window> {
    let mut all: Vec<Window> = Vec::new();
    for mut window in windows {
        if let Some(previous) = all.last_mut()
            && previous.opening
            && previous.closes_on.is_none()
            && window.opens_on.is_none()
            && window.department == previous.department
            && previous.opens_on <= window.closes_on
            && window.start - previous.start < REACH
        {
            previous.closes_on = window.closes_on;
            previous.closes_at = window.closes_at.take();
            previous.sentence = if previous.sentence == window.sentence { previous.sentence } else { window.sentence };
            continue;
        }
        let same = all.iter_mut().find(|other| {
            other.closes_on == window.closes_on
                && (other.opens_on == window.opens_on
                    || other.closes_on.is_some() && (other.opens_on.is_none() || window.opens_on.is_none()))
        });
        match same {
            Some(other) => {
                other.opens_on = other.opens_on.or(window.opens_on);
                other.closes_at = other.closes_at.take().or(window.closes_at);
                other.department &= window.department;
            }
            None => all.push(window),
        }
    }
    let in_text: Vec<(usize, Option<NaiveDate>)> = all
        .iter()
        .filter(|window| !window.department && window.closes_on.is_some())
        .map(|window| (window.start, window.opens_on))
        .collect();
    // a lone last day behind a window that opens later is of something beside it: 确需延期的，须在…前提出
    let beside = |window: &Window| {
        window.opens_on.is_none()
            && in_text.iter().any(|(start, opens)| {
                *start < window.start && opens.is_some_and(|opens| window.closes_on < Some(opens))
            })
    };
    all.sort_by_key(|window| (beside(window), window.closes_on.or(window.opens_on), window.opens_on));
    all
}

/// The day so many days or months after another.
fn after(first: NaiveDate, count: u32, unit: &str) -> Option<NaiveDate> {
    match unit {
        "日" | "天" => first.checked_add_days(Days::new(count.into())),
        "周" => first.checked_add_days(Days::new(u64::from(count) * 7)),
        "月" => first.checked_add_months(Months::new(count)),
        "年" => first.checked_add_months(Months::new(count.checked_mul(12)?)),
        // holidays are not known here
        _ => None,
    }
}

/// The length of 起, 开放 behind a day.
fn from_mark(right: &str) -> Option<usize> {
    FROM.captures(right)?.get(1).map(|rest| rest.start())
}

/// The length of 前, 止 behind a day.
fn before_mark(right: &str) -> Option<usize> {
    let found = BEFORE.find(right)?;
    let word = right[..found.end()].chars().next_back()?;
    let at = found.end() - word.len_utf8();
    (!NOT_BEFORE.iter().any(|other| right[at..].starts_with(other))).then_some(found.end())
}

/// 申报时间：, （一）网上申报（, 受理期限为.
fn is_label(clause: &str) -> bool {
    let ended = clause.trim_end_matches(|c: char| c.is_whitespace() || "：:为是于自从在即由（(“\"】〗]］".contains(c));
    let time = ["时间", "日期", "期限", "时限", "截止", "时段", "期", "节点", "安排", "截至", "至", "起止", "填写"];
    let bare = clause.trim_end().ends_with(['：', ':', '（', '(', '】']) || clause.ends_with('\t');
    time.iter().any(|word| ended.ends_with(word)) || bare
}

/// 奖励范围：, 春节期间（: what is said of these is no window.
fn is_fact(clause: &str) -> bool {
    let ended = clause.trim_end_matches(|c: char| c.is_whitespace() || "：:（(".contains(c));
    let facts = ["条件", "范围", "对象", "标准", "要求", "材料", "依据", "期间", "额度", "类别", "区间"];
    ended.len() < clause.len() && facts.iter().any(|word| ended.ends_with(word))
}

/// Labels that say nothing but time.
const BARE: [&str; 20] = [
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
static BATCH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:首|第[一二三四五六七八九十0-9]{1,2})(?:批次?|期|轮|次)\s?[：:]\s?(?:自|从|为)?$"));

/// Whether the words before a day end in a label that says of time only.
fn ends_with_bare_label(left: &str) -> bool {
    let label = left.trim_end_matches(|c: char| c.is_whitespace() || "：:为是于自从（(】〗]］".contains(c));
    let label = label.rsplit(|c: char| !('一'..='龥').contains(&c)).next().unwrap_or_default();
    BARE.contains(&label)
}

/// The length of a bracket that a text begins with.
fn bracket(text: &str) -> usize {
    let inside = text.trim_start_matches(' ');
    if !inside.starts_with(['（', '(']) {
        return 0;
    }
    let skipped = text.len() - inside.len();
    inside
        .char_indices()
        .take(60)
        .find(|(_, c)| matches!(c, '）' | ')'))
        .map_or(0, |(at, c)| skipped + at + c.len_utf8())
}

/// Whether behind 起 an application begins at once: 起开始受理.
fn opens_directly(right: &str) -> bool {
    let right = super::head(right, 30);
    let right = right.trim_start_matches(['起', '，', ',', ' ']);
    WORDS.first(super::head(right, 12)) == Some(Act::Applying)
}

/// Whether a line begins an item of its own.
fn begins_item(line: &str) -> bool {
    let mut rest = line.chars();
    let Some(first) = rest.next() else { return true };
    let second = rest.next();
    let counts = |c: Option<char>| c.is_some_and(|c| "、.．）)：:".contains(c));
    match first {
        '（' | '(' => second.is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(c)),
        '第' => line.chars().take(6).any(|c| c == '条' || c == '章'),
        '附' => second == Some('件'),
        '一'..='龥' if "一二三四五六七八九十".contains(first) => {
            counts(second) || counts(rest.next()) && second.is_some_and(|c| "一二三四五六七八九十".contains(c))
        }
        c if c.is_ascii_digit() => counts(second) && !rest.next().is_some_and(|c| c.is_ascii_digit()),
        '①'..='⑳' | '●' | '■' | '◆' | '★' | '—' => true,
        _ => super::head(line, 12).contains(['：', ':']),
    }
}

/// A date alone or an office alone: the signature.
fn signs(line: &str) -> bool {
    super::dates::is_date(line.trim())
        || line.chars().count() < 20 && line.trim().ends_with(['局', '厅', '委', '会', '部', '室', '府'])
}

/// A short line without a stop.
fn is_heading(line: &str) -> bool {
    let count = line.chars().count();
    (3..=30).contains(&count)
        && !line.ends_with(['。', '；', '，', ',', ';'])
        && !line.contains('\t')
        && !line.contains('。')
        && (begins_item(line) || line.ends_with(['：', ':', '】', '间', '式', '序', '限', '期']))
}

/// Whether who acts before a day, or what is handed in behind it, is a department's.
fn binds_department(before: &str, right: &str) -> bool {
    let handed = bounded(right);
    let handed = handed.split(['。', '；']).next().unwrap_or_default();
    // 区商务局每年3月受理申请: it takes what others hand in
    if ACCEPTS.is_match(handed) {
        return false;
    }
    let mut clauses = before.rsplit(['，', ',', '。', '；', '：', '\n']);
    let own = clauses.next().unwrap_or_default();
    // 9月底前，市局汇总…: who acts stands behind
    let acting = handed.trim_start_matches(['，', ',', ' ', '由']);
    let acts = DEPARTMENT.find(acting).is_some_and(|found| found.start() == 0 && !APPLICANT.is_match(found.as_str()));
    if acts && own.trim().chars().count() <= 2 {
        return true;
    }
    let last = |pattern: &Regex, text: &str| pattern.find_iter(text).last().map(|found| found.start());
    let first = |pattern: &Regex, text: &str| pattern.find(text).map(|found| found.start());
    // 经所在区县审核后于…, 由各区…于…
    match (last(&DEPARTMENT, own), last(&APPLICANT, own)) {
        (None, None) => {}
        (department, applicant) => {
            let recipient = own.contains("向") || own.contains("报") && own.contains("报送");
            return department > applicant && !recipient || FORWARDED.is_match(own) && applicant.is_none();
        }
    }
    if FORWARDED.is_match(own) {
        return true;
    }
    // 经所在区签署意见后: who does so is not bound
    let passive = |clause: &&str| clause.trim_start().starts_with('经') && !clause.contains("汇总");
    for clause in clauses.filter(|clause| !passive(clause)).take(6) {
        let (department, applicant) = (first(&DEPARTMENT, clause), first(&APPLICANT, clause));
        match (department, applicant) {
            (None, None) => {}
            (Some(_), None) => {
                let addressed = clause.contains("向")
                    || clause.contains("报送")
                    || clause.contains("提交")
                    || clause.contains("至")
                    || clause.contains("到");
                if !addressed {
                    return true;
                }
            }
            // 组织企业申报，对申报单位的材料进行审核，…: who does so stands before
            (None, Some(applicant)) if ORGANISES.is_match(&clause[..applicant]) => {}
            (None, Some(_)) => return false,
            (Some(department), Some(applicant)) => return department < applicant,
        }
    }
    // 于…前将推荐函、汇总表报送我局
    let own = handed.split(['，', ',']).next().unwrap_or_default();
    FORWARDED.is_match(own) || handed.contains("推荐函") || handed.contains("推荐汇总表")
}
