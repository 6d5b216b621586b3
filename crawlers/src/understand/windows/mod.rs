//! When an applicant may apply.
//!
//! Every day that the text names is looked at with the words around it: what is bounded by it (an application, or a
//! consultation, a meeting, a project), whom it binds (the applicant, or a department that forwards), and which side
//! of a window it is.

mod acts;
mod applying;
mod days;
mod departments;
mod layout;
mod sides;
mod standing;

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;
use zhida_schemas::policy::{Application, Policy};

use super::regex;
use acts::{Act, Said, ends_with_bare_label, plain};
use applying::{applies, opens_directly, opens_for_applicants};
use days::{Clock, DAY, Mention};
use departments::{APPLICANT, BY, DEPARTMENT, binds_department};
use layout::{bracket, ceil_char_boundary, is_signature};
use sides::Side;
use standing::Recurring;

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

/// What ends a clause.
const STOPS: [char; 6] = ['，', ',', '。', '；', ';', '\n'];

/// Before a last day that is moved.
static EXTENDED: LazyLock<Regex> =
    LazyLock::new(|| regex("(?:延长|延期|顺延|推迟|延迟|延|调整|变更)[^，。；]{0,8}(?:至|到|为)\\s{0,2}$"));

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

/// Titles of what is itself a call; of others (measures, rules, answers) only what is said outright is a window.
static CALLS_OUTRIGHT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "申报|申请|征集|报名|受理|遴选|推荐|揭榜|评选|申领|招募|组织开展|入库|兑现|兑付|大赛|竞赛|招生|(?:开展|组织|做好).{0,60}认定|认定(?:工作|和复核|及复核)|认定的?(?:通知|公告)$",
    )
});

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
    /// What is handed in, and in which round, where that is said.
    of: Of,
    /// The sentence that says so.
    sentence: (usize, usize),
}

/// Applicants who hand in to an office that forwards: 企业向所在区局提交材料.
static HANDED_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:企业|单位|主体|联合体|申请人|申报人)[^。；\n]{0,120}?向[^。；，\n]{0,20}(?:部门|局|委|办|中心|政府)[^。；，\n]{0,6}(?:申报|申请|提交|提出|报送)",
    )
});

/// What tells the windows of one call apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Of {
    /// On paper, which has a later day than what is sent online.
    paper: bool,
    /// 第二批.
    round: Option<String>,
}

/// A round by its number.
static ROUND: LazyLock<Regex> = LazyLock::new(|| regex("(?:第[一二三四五六七八九十0-9]{1,2}|首|次|末)(?:批|轮|期)"));

impl Of {
    /// By the words around a day.
    fn read(left: &str, right: &str) -> Self {
        let behind = right.split(STOPS).next().unwrap_or_default();
        Self {
            paper: ["纸质", "书面"].iter().any(|word| left.contains(word) || behind.contains(word)),
            round: ROUND.find_iter(left).last().map(|found| found.as_str().to_owned()),
        }
    }
}

/// The windows that the text names: the first in time in the fields, the others in `more`. Days that only bind a
/// department are left out: nobody who applies has until then. They are in `more` of an application without days of its
/// own where applicants hand in to that department by a day that is not said.
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
        outright: CALLS_OUTRIGHT.is_match(title),
    };
    reader.windows()
}

struct Reader<'a> {
    text: &'a str,
    clock: Clock,
    /// Whether the title calls for applications.
    calls: bool,
    /// Whether it says so outright.
    outright: bool,
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
        // 每年9月常态化受理: at any time of that month only
        let always = self.always().filter(|(begin, end)| {
            !recurring.iter().any(|(words, sentence)| {
                let behind = self.text[sentence.0..sentence.1].split_once(words.as_str()).map_or("", |(_, rest)| rest);
                let bounds = words.contains(['月', '日', '号', '季']) && behind.trim_start().starts_with("常态化");
                bounds && sentence.0 < *end && *begin < sentence.1
            })
        });
        self.application(joined(windows), recurring, always)
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
            let deadline = deadline.map(|(act, _)| (act, Said::Label));
            let said = deadline.or_else(|| self.act(left, span, right)).or(inherited);
            let said = said.or_else(|| self.above(span.start)).or_else(|| self.bare(left));
            let Some((act, said)) = said else { continue };
            let governed =
                self.outright || matches!(said, Said::Label | Said::Heading) || applies(left, span.side, right);
            inherited = Some((if governed { act } else { plain(Act::Other) }, said));
            let told = match span.side {
                Side::Range | Side::Last => true,
                Side::First => {
                    let closes_next = next.is_some_and(|next| next.side == Side::Last && next.start - span.end < 60);
                    said != Said::Elsewhere
                        || closes_next
                        || opens_directly(&text[span.end..sentence.1.max(span.end)])
                        || opens_for_applicants(left, right)
                }
                Side::Plain => matches!(said, Said::Label | Said::Heading),
            };
            // 年底前由区科技局兑付
            let by_department =
                BY.captures(right).is_some_and(|by| DEPARTMENT.is_match(&by[1]) && !APPLICANT.is_match(&by[1]));
            // the day below the office at the end
            let signed = span.side == Side::Plain
                && span.closes_on == self.clock.issued
                && is_signature(&text[sentence.0..span.start], &text[span.end..sentence.1.max(span.end)]);
            if act != Act::Applying
                || !told
                || by_department
                || signed
                || !governed
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
                of: Of::read(left, right),
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
                    window.opens_on = window.opens_on.or(old.opens_on.filter(|_| old.opens_on != old.closes_on));
                    windows.remove(at);
                }
                // 申报时间为…。后顺延至4月15日: the one before of the same kind, unless several may be meant
                let mut earlier = windows.iter().take(kept).enumerate().filter(|(_, old)| {
                    !old.extended
                        && !old.opening
                        && old.department == window.department
                        && old.of == window.of
                        && old.closes_on.is_some_and(|closes| Some(closes) < closes_on)
                });
                if let (Some((at, old)), None) = (earlier.next(), earlier.next()) {
                    window.opens_on = window.opens_on.or(old.opens_on.filter(|_| old.opens_on != old.closes_on));
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

    /// Whether a window lies where one can be: not long closed when the document appeared, not far away.
    fn plausible(&self, opens_on: Option<NaiveDate>, closes_on: Option<NaiveDate>) -> bool {
        let Some(base) = self.clock.base() else { return true };
        closes_on.is_none_or(|closes| (base - closes).num_days() <= LATE && closes.year() - base.year() <= FARTHEST)
            && opens_on.is_none_or(|opens| (opens.year() - base.year()).abs() <= FARTHEST)
            && (closes_on.is_some() || opens_on.is_none_or(|opens| (base - opens).num_days() <= LATE))
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
        // by when departments hand on to each other is no day of an applicant
        let mut own = windows.iter().filter(|window| !window.department).map(window);
        let mut application = own.next();
        if let Some(application) = &mut application {
            application.more = own.collect();
        }
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
        // 企业向区局申报，区局于…前报送市局: nobody knows the applicant's last day, but it lies before this one
        if application.is_none() {
            let more: Vec<Application> = windows
                .iter()
                .filter(|window| window.department && self.is_of_applications(window))
                .map(window)
                .collect();
            let evidence = more.first().and_then(|first| first.evidence.clone());
            application = evidence.map(|words| Application { evidence: Some(words), more, ..Application::default() });
        }
        application
    }

    /// Whether the text before a department's day says that applicants hand in to it.
    fn is_of_applications(&self, window: &Window) -> bool {
        let from = ceil_char_boundary(self.text, window.sentence.0.saturating_sub(REACH));
        HANDED_TO.is_match(&self.text[from..window.start.max(from)])
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
