//! Whether two records are the same document, seen at two addresses, and which of its copies leads.
//!
//! A wrong join hides a document, a missed one shows it twice: what is not certain stays apart. Numbers identify only
//! together with their issuer, titles only together with issuer, date and text.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;
use zhida_schemas::doc_number::DocNumber;
use zhida_schemas::policy::url_key;
use zhida_schemas::{Policy, doc_number, issuer, region};

/// Titles of fewer letters tell no document from others.
const MIN_LETTERS: usize = 8;
/// A title that has to stand without a text has at least so many.
const LONG_TITLE: usize = 15;
/// Letters of a title that goes with a number.
const SHORT_TITLE: usize = 4;
/// Letters of a title that are looked at.
const MAX_TITLE: usize = 400;
/// Share of the letter pairs that two titles of one number have in common.
const LIKE: f64 = 0.8;
/// Letters of a text that are compared; a longer one is known by its beginning.
const MAX_TEXT: usize = 20_000;
/// Letters in a row that are compared as one piece.
const PIECE: usize = 4;
/// A text of fewer letters says nothing against another,
const TELLING: usize = 300;
/// and one of fewer nothing for it.
const SHORT_TEXT: usize = 100;
/// Share of the shorter text's pieces that stand in the longer one: the same text, with what a site puts around it;
const SAME_TEXT: f64 = 0.9;
/// another text;
const OTHER_TEXT: f64 = 0.2;
/// another text where the titles say different things as well: rules of one number for 医疗保险 and for 工伤保险.
const OTHER_TEXT_AND_TITLE: f64 = 0.6;
/// A text that has to stand without dates.
const UNDATED: (usize, f64) = (500, 0.95);
/// Days between the dates of signature, and of publication, of two copies.
const DAYS: (i64, i64) = (3, 60);

/// What a text is, or does, about a document: one that has such a word is none of those without it.
const NATURES: [&str; 17] = [
    "解读",
    "图解",
    "一图",
    "图文",
    "问答",
    "答记者问",
    "公示",
    "征求意见",
    "草案",
    "转发",
    "补充",
    "更正",
    "废止",
    "延长",
    "延期",
    "修改",
    "英文",
];

/// A title as it is compared.
struct Title {
    /// All letters and digits, folded.
    letters: String,
    /// Without the office before 关于, and without 印发 … 的通知 around a title in 《 》.
    core: String,
    /// Years, serials, parts: 2024, 第二批, （上）.
    numbers: HashSet<String>,
    natures: Vec<&'static str>,
}

impl Title {
    /// A record's title, without its own number where it repeats it.
    fn of(policy: &Policy) -> Self {
        match policy.doc_number.as_deref() {
            Some(number) => Self::read(&without_number(&policy.title, number)),
            None => Self::read(&policy.title),
        }
    }

    fn read(title: &str) -> Self {
        let title = without_notes(title);
        let core = core(&title);
        Self {
            letters: letters(&title).take(MAX_TITLE).collect(),
            core: letters(&core).take(MAX_TITLE).collect(),
            numbers: numbers(&title),
            natures: NATURES.into_iter().filter(|word| title.contains(word)).collect(),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.contains(other) || pairs_in_common(&self.core, &other.core) >= LIKE
    }

    /// Whether one says what the other does, and more at most.
    fn contains(&self, other: &Self) -> bool {
        let within = |a: &str, b: &str, least: usize| {
            let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
            short.chars().count() >= least && long.contains(short)
        };
        self.core == other.core
            || within(&self.core, &other.core, MIN_LETTERS)
            || within(&self.letters, &other.letters, LONG_TITLE)
    }

    /// Whether both name the same years and parts; the year of their number may be added to one of them.
    fn has_numbers_of(&self, other: &Self, year: Option<u16>) -> bool {
        let year = year.map(|year| year.to_string());
        self.numbers.symmetric_difference(&other.numbers).all(|number| Some(number) == year.as_ref())
    }
}

/// What titles of one document have in common, for finding copies by an index; `None` for a title that is too short.
pub fn title_key(title: &str) -> Option<String> {
    let core: String = letters(&core(&without_notes(title))).take(MAX_TITLE).collect();
    (core.chars().count() >= MIN_LETTERS).then(|| core.chars().take(60).collect())
}

/// Keys under which the document that a title names may stand: its own, and the one with 印发…的通知 around it or
/// without.
pub fn title_keys(title: &str) -> Vec<String> {
    let bare = core(&without_notes(title));
    let inner = unwrapped(&bare);
    let issued = format!("印发{inner}的通知");
    let mut keys: Vec<String> = [bare.as_str(), inner, &issued].iter().filter_map(|title| title_key(title)).collect();
    keys.dedup();
    keys
}

/// What 印发…的通知 without marks brings.
fn unwrapped(core: &str) -> &str {
    let inner = core.strip_prefix("印发").or_else(|| core.strip_prefix("发布"));
    inner.and_then(|inner| inner.strip_suffix("的通知")).map_or(core, str::trim)
}

/// Whether two records are one document.
pub fn same_document(a: &Policy, b: &Policy) -> bool {
    let (x, y) = (Title::of(a), Title::of(b));
    if x.natures != y.natures || !regions_agree(a, b, x.core == y.core) {
        return false;
    }
    let issuers = issuers_share(a, b);
    match (&a.doc_number, &b.doc_number) {
        (Some(one), Some(other)) if doc_number::key(one) != doc_number::key(other) => false,
        (Some(number), Some(_)) => {
            let Some(number) = DocNumber::parse(number) else { return false };
            let code = number.parts().code.chars().count();
            // 公告2023年第7号 is everybody's; 财税〔2018〕54号 names its issuer
            let is_named = if number.order { code >= 5 } else { code >= 2 };
            let same_title = x.core == y.core && x.core.chars().count() >= MIN_LETTERS;
            let by_issuer = match issuers {
                Some(share) => share || (same_title && is_named),
                None => is_named,
            };
            by_issuer && x.has_numbers_of(&y, number.year) && x.is_like(&y) && !is_other_text(a, b, x.contains(&y))
        }
        _ => {
            let is_long = x.core.chars().count() >= MIN_LETTERS;
            let same_office = issuers == Some(true) || (issuers.is_none() && x.letters == y.letters);
            let same_place = issuers == Some(true) || (a.region_code.is_some() && a.region_code == b.region_code);
            let same_title = is_long && x.core == y.core && x.numbers == y.numbers;
            same_title && same_office && same_place && is_same_text(a, b, &x)
        }
    }
}

/// Whether two titles that go with one number can be those of one document.
pub fn similar_titles(a: &str, b: &str) -> bool {
    let (a, b) = (Title::read(a), Title::read(b));
    // 《示例乙办法》 is little, and with the number enough
    let (short, long) = if a.core.len() < b.core.len() { (&a.core, &b.letters) } else { (&b.core, &a.letters) };
    let within = short.chars().count() >= SHORT_TITLE && long.contains(short.as_str());
    within || a.is_like(&b) || pairs_in_common(&a.letters, &b.letters) >= 0.6
}

/// Whether two titles name the same document: 《示例办法》 and 关于印发《示例办法》的通知.
pub fn equal_titles(a: &str, b: &str) -> bool {
    let (a, b) = (Title::read(a), Title::read(b));
    let (one, other) = (unwrapped(&a.core), unwrapped(&b.core));
    one == other && one.chars().count() >= MIN_LETTERS && a.numbers == b.numbers
}

/// How near a copy is to its issuer: 3 on the issuer's own site, 2 on a government site of the issuer's region, 1 on
/// another government site, 0 elsewhere.
pub fn standing(copy: &Policy) -> u8 {
    let Some(url) = copy.url.as_deref() else { return 0 };
    let key = url_key(url);
    let host = key.split(['/', ':']).next().unwrap_or_default();
    if host != "gov.cn" && !host.ends_with(".gov.cn") {
        return 0;
    }
    let own = copy.locations.iter().find(|location| url_key(&location.url) == key);
    let Some(site) = own.and_then(|location| location.site.as_deref()) else { return 1 };
    let owner = issuer::parse(site, copy.region_code.as_deref());
    if owner.as_ref().is_some_and(|owner| copy.issuers.iter().any(|name| are_one_office(name, &owner.name))) {
        return 3;
    }
    let place = owner.and_then(|owner| owner.region_code);
    let place = place.or_else(|| region::of_text(site, None).map(|region| region.code.to_owned()));
    if place.is_some() && place == copy.region_code { 2 } else { 1 }
}

/// The title without this number: 关于示例的通知（示发〔2024〕1号）, 示例局公告2024年第1号——关于示例的公告.
fn without_number(title: &str, number: &str) -> String {
    let key = doc_number::key(number);
    let own = doc_number::find_all(title).into_iter().find(|(_, found)| found.key() == key);
    let Some((before, after)) = own.and_then(|(range, _)| Some((title.get(..range.start)?, title.get(range.end..)?)))
    else {
        return title.to_owned();
    };
    let before = before.trim_end_matches(|c: char| "(（[【".contains(c) || c.is_whitespace());
    let after = after.trim_start_matches(|c: char| ")）]】-—–―".contains(c) || c.is_whitespace());
    let rest = format!("{before}{after}");
    // a title that is nothing but its number stays
    if letters(&rest).count() < MIN_LETTERS { title.to_owned() } else { rest }
}

/// The title without what collections write behind it: [失效], (2015年修订) stays.
fn without_notes(title: &str) -> String {
    let mut title = title.trim();
    while let Some(rest) = title.strip_suffix([']', '］', '】', ')', '）']) {
        let Some(at) = rest.rfind(['[', '［', '【', '(', '（']) else { break };
        let note = rest.get(at..).unwrap_or_default();
        if !["失效", "有效", "已废止", "已被修改"].iter().any(|word| note.contains(word)) {
            break;
        }
        title = rest.get(..at).unwrap_or_default().trim_end();
    }
    title.to_owned()
}

/// What the title is about: behind 关于, and the name in 印发《…》的通知.
fn core(title: &str) -> String {
    let about = match title.find("关于") {
        Some(at) if !title.get(..at).unwrap_or_default().contains('《') => {
            title.get(at + "关于".len()..).unwrap_or_default()
        }
        _ => title,
    };
    let inner = about.split_once('《').filter(|(before, _)| before.contains("印发") && before.chars().count() < 12);
    let inner = inner.and_then(|(_, rest)| rest.rsplit_once('》'));
    match inner {
        Some((inner, after)) if !inner.contains('》') && after.chars().count() < 8 => inner.to_owned(),
        _ => about.to_owned(),
    }
}

/// Letters and digits, half-width and small.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(half_width).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase())
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Years, serials and parts: runs of digits, 第二批, (上), 之三.
fn numbers(title: &str) -> HashSet<String> {
    const FIGURES: &str = "〇零一二三四五六七八九十百";
    let mut found = HashSet::new();
    let mut run = String::new();
    let mut before = ' ';
    let mut run_before = ' ';
    // 等8部门 counts those who signed
    let title = &without_signers(title);
    for c in title.chars().map(half_width).chain([' ']) {
        let figure = FIGURES.chars().position(|figure| figure == c);
        let is_part = "上中下续".contains(c);
        if c.is_ascii_digit() || figure.is_some() || (is_part && before == '(') {
            if run.is_empty() {
                run_before = before;
            }
            match figure {
                // 二〇二四 is 2024
                Some(at @ 0..=10) if c != '十' => run.push_str(&at.saturating_sub(1).to_string()),
                _ => run.push(c),
            }
        } else if !run.is_empty() {
            let digits = run.bytes().all(|byte| byte.is_ascii_digit());
            // 一 within a word is none: 统一, 进一步
            let is_counted = "第(之—-".contains(run_before) || "批期季届年次号".contains(c);
            // a single sign counts where it is a digit in the title itself
            if is_counted || (digits && (run.len() > 1 || title.contains(&run))) {
                found.insert(std::mem::take(&mut run));
            }
            run.clear();
        }
        before = c;
    }
    found
}

/// A title without the number of offices: 示例局等8部门关于.
fn without_signers(title: &str) -> String {
    let Some((before, after)) = title.split_once('等') else { return title.to_owned() };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    let rest = rest.trim_start_matches(['个', '家']);
    let is_count =
        rest.len() < after.len() && ["部门", "单位", "部委", "厅局"].iter().any(|word| rest.starts_with(word));
    if is_count { format!("{before}{rest}") } else { title.to_owned() }
}

/// Dice's coefficient over pairs of letters.
fn pairs_in_common(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> HashSet<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (a, b) = (pairs(a), pairs(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()) as f64
}

/// Of one region, or nothing is known; with the same title also of one within the other, which a page may misread.
fn regions_agree(a: &Policy, b: &Policy, same_title: bool) -> bool {
    match (a.region_code.as_deref(), b.region_code.as_deref()) {
        (Some(one), Some(other)) => {
            one == other || (same_title && (region::contains(one, other) || region::contains(other, one)))
        }
        _ => true,
    }
}

/// Whether an office signed both; `None` when of one of them it is not known who did.
pub fn issuers_share(a: &Policy, b: &Policy) -> Option<bool> {
    if a.issuers.is_empty() || b.issuers.is_empty() {
        return None;
    }
    Some(a.issuers.iter().any(|one| b.issuers.iter().any(|other| are_one_office(one, other))))
}

/// The same name, or one within the other: 示例市人民政府 and 示例市人民政府办公室, 财政局 and 示例市财政局.
fn are_one_office(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.chars().count() >= 3 && (long.ends_with(short) || long.starts_with(short))
}

fn is_other_text(a: &Policy, b: &Policy, same_title: bool) -> bool {
    let (a, b) = (Text::read(a), Text::read(b));
    let least = if same_title { OTHER_TEXT } else { OTHER_TEXT_AND_TITLE };
    a.length >= TELLING && b.length >= TELLING && a.share_of(&b) < least
}

fn is_same_text(a: &Policy, b: &Policy, title: &Title) -> bool {
    let apart = |one: Option<NaiveDate>, other: Option<NaiveDate>| Some((one? - other?).num_days().abs());
    let (signed, published) = (apart(a.written_on, b.written_on), apart(a.published_on, b.published_on));
    let dated = match (signed, published) {
        (Some(days), _) if days > DAYS.0 => return false,
        (None, Some(days)) if days > DAYS.1 => return false,
        (None, None) => false,
        _ => true,
    };
    let (x, y) = (Text::read(a), Text::read(b));
    let shorter = x.length.min(y.length);
    if shorter < SHORT_TEXT {
        // a site that loads its old documents dates all of them alike: only another one tells the same
        let same_day = signed == Some(0) || (signed.is_none() && published == Some(0) && on_two_sites(a, b));
        let says_nothing_else = shorter == 0 || x.share_of(&y) >= SAME_TEXT;
        return same_day && says_nothing_else && title.letters.chars().count() >= LONG_TITLE;
    }
    // lists of different months are one text but for their figures
    let share = x.share_of(&y);
    let figures = part_of(&x.figures, &y.figures);
    let enough = if dated { share >= SAME_TEXT } else { shorter >= UNDATED.0 && share >= UNDATED.1 };
    enough && figures >= SAME_TEXT && shorter * 4 >= x.length.max(y.length)
}

fn on_two_sites(a: &Policy, b: &Policy) -> bool {
    let host = |policy: &Policy| Some(url_key(policy.url.as_deref()?).split('/').next()?.to_owned());
    host(a).zip(host(b)).is_some_and(|(one, other)| one != other)
}

/// A text as it is compared.
struct Text {
    length: usize,
    /// Hashes of all pieces.
    pieces: HashSet<u64>,
    /// Hashes of numbers of two digits and more.
    figures: HashSet<u64>,
}

impl Text {
    fn read(policy: &Policy) -> Self {
        let letters: Vec<char> = letters(&policy.body_text).take(MAX_TEXT).collect();
        let figures = letters.split(|c| !c.is_ascii_digit()).filter(|run| run.len() > 1).map(hash);
        Self { length: letters.len(), pieces: letters.windows(PIECE).map(hash).collect(), figures: figures.collect() }
    }

    fn share_of(&self, other: &Self) -> f64 {
        part_of(&self.pieces, &other.pieces)
    }
}

/// How much of the smaller set is in the larger one; of an empty one all.
fn part_of(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let smaller = a.len().min(b.len());
    if smaller == 0 { 1.0 } else { a.intersection(b).count() as f64 / smaller as f64 }
}

fn hash(piece: &[char]) -> u64 {
    let mut hasher = DefaultHasher::new();
    piece.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "各区县工业和信息化主管部门，有关企业：为贯彻落实示例市制造业高质量发展若干政策，现组织开展技术改造项目申报工作。\
        申报企业应当在本市注册登记，具有独立法人资格，上年度营业收入不低于2000万元，项目总投资不低于500万元，\
        已完成备案并开工建设。请各区县于3月31日前将推荐名单和申报材料报送至市工业和信息化局技术改造处，逾期不予受理。\
        申报材料包括项目申请报告、备案文件、资金投入证明和信用承诺书，均须加盖公章。";

    fn policy(title: &str, number: &str, issuer: &str, written: &str, text: &str) -> Policy {
        Policy {
            title: title.to_owned(),
            doc_number: Some(number.to_owned()).filter(|number| !number.is_empty()),
            issuers: Some(issuer.to_owned()).filter(|issuer| !issuer.is_empty()).into_iter().collect(),
            region_code: Some("321100".to_owned()),
            written_on: written.parse().ok(),
            body_text: text.to_owned(),
            ..Policy::default()
        }
    }

    #[test]
    fn reposts_are_one_document() {
        let office = "镇江市工业和信息化局";
        for (a, b) in [
            (
                policy("镇江市工业和信息化局关于示例项目申报的通知", "镇工信〔2024〕3号", office, "", ""),
                policy("关于示例项目申报的通知[失效]", "镇工信[2024]3号", "", "", ""),
            ),
            (
                policy("镇江市示例重点实验室管理办法", "镇科规〔2024〕5号", "", "", ""),
                policy("市科技局关于印发《镇江市示例重点实验室管理办法》的通知", "镇科规（2024）5号", "", "", ""),
            ),
            (
                policy("镇江市示例局等8部门关于示例事项的通知（镇科规〔2024〕5号）", "镇科规〔2024〕5号", "", "", ""),
                policy("镇江市示例局 镇江市财政局关于示例事项的通知", "镇科规(2024)5号", "", "", ""),
            ),
            (
                policy(
                    "镇江市示例局公告2024年第7号——关于示例事项安排的公告",
                    "镇江市示例局公告2024年第7号",
                    "",
                    "",
                    "",
                ),
                policy("镇江市示例局关于示例事项安排的公告", "镇江市示例局公告2024年第7号", "", "", ""),
            ),
            (
                policy("关于组织申报技术改造示例项目的通知", "", office, "2024-03-01", TEXT),
                policy("关于组织申报技术改造示例项目的通知", "镇工信〔2024〕3号", office, "2024-03-01", TEXT),
            ),
        ] {
            assert!(same_document(&a, &b) && same_document(&b, &a), "{} / {}", a.title, b.title);
            // found by one or the other
            assert!(a.doc_number.is_some() && b.doc_number.is_some() || title_key(&a.title) == title_key(&b.title));
        }
    }

    #[test]
    fn the_like_stays_apart() {
        let office = "镇江市工业和信息化局";
        let number = "镇工信〔2024〕3号";
        let notice = policy("关于组织申报2024年度技术改造示例项目的通知", number, office, "2024-03-01", TEXT);
        let next_year = TEXT.replace("3月31日", "4月20日");
        for other in [
            policy("关于组织申报2025年度技术改造示例项目的通知", number, office, "2024-03-01", TEXT),
            policy("关于组织申报2024年度技术改造示例项目的通知", "镇工信〔2024〕4号", office, "2024-03-01", TEXT),
            policy("《关于组织申报2024年度技术改造示例项目的通知》解读", number, office, "2024-03-01", TEXT),
            policy("关于组织申报2024年度技术改造示例项目（第二批）的通知", number, office, "2024-03-01", TEXT),
            policy("关于组织申报2024年度技术改造示例项目的补充通知", number, office, "2024-03-01", TEXT),
            policy("关于组织申报2024年度技术改造示例项目的通知", "", "镇江市科学技术局", "2024-03-01", TEXT),
            policy("关于组织申报2024年度技术改造示例项目的通知", "", office, "2024-06-01", &next_year),
            policy("关于组织申报2024年度技术改造示例项目的通知", "", office, "", &next_year),
            Policy { region_code: Some("320500".into()), ..notice.clone() },
        ] {
            assert!(!same_document(&notice, &other) && !same_document(&other, &notice), "{other:?}");
        }
    }

    #[test]
    fn rules_of_one_number_for_two_matters_stay_apart() {
        let of = |matter: &str, text: &str| {
            let title = format!("镇江高新技术示例园、金山示例度假区职工{matter}保险暂行规定");
            policy(&title, "镇政发〔2004〕9号", "镇江市人民政府", "2004-01-14", text)
        };
        let medical = TEXT.repeat(2);
        let injury: String = TEXT.chars().rev().chain(TEXT.chars().take(60)).collect::<String>().repeat(2);
        assert!(!same_document(&of("医疗", &medical), &of("工伤", &injury)));
        assert!(same_document(&of("医疗", &medical), &of("医 疗", &medical)));
    }

    #[test]
    fn titles_alone_are_joined_only_across_sites() {
        let on = |url: &str, number: &str| Policy {
            url: Some(url.into()),
            published_on: "2008-03-28".parse().ok(),
            ..policy("镇江市人民政府关于调整示例工作领导小组组成人员的通知", number, "镇江市人民政府", "", "")
        };
        let listed = on("https://www.zhenjiang.gov.cn/1", "镇政发〔2006〕9号");
        assert!(!same_document(&listed, &on("https://www.zhenjiang.gov.cn/2", "")), "loaded on one day");
        assert!(same_document(&listed, &on("https://gxj.zhenjiang.gov.cn/2", "")));
        assert!(!same_document(&listed, &on("https://gxj.zhenjiang.gov.cn/2", "镇政发〔2004〕7号")));
    }

    #[test]
    fn cited_titles() {
        let notice = "镇江市人民政府办公室关于印发镇江市丙37号示例办法的通知";
        assert!(equal_titles("镇江市丙37号示例办法", notice) && equal_titles(notice, "镇江市丙37号示例办法"));
        assert!(!equal_titles("镇江市丙38号示例办法", notice));
        assert!(!equal_titles("镇江市丙37号示例办法", "关于修改镇江市丙37号示例办法的通知"));
        assert!(title_keys("镇江市丙37号示例办法").contains(&title_key(notice).expect("it is long")));
        assert!(title_keys(notice).contains(&title_key("镇江市丙37号示例办法").expect("it is long")));
        assert!(similar_titles("示例乙办法", "镇江市人民政府关于印发《镇江市示例乙办法》的通知"));
        assert!(!similar_titles("示例丙办法", "镇江市人民政府关于印发《镇江市技术改造贴息细则》的通知"));
    }

    #[test]
    fn an_announcements_number_is_everybodys() {
        let of = |issuer: &str, title: &str| policy(title, "公告2024年第7号", issuer, "", "");
        let a = of("镇江市财政局", "关于示例事项的公告（技术改造贴息）");
        assert!(!same_document(&a, &of("", "关于示例事项的公告（技术改造贴息）")));
        assert!(same_document(&a, &of("镇江市财政局", "关于示例事项的公告（技术改造贴息）")));
    }

    #[test]
    fn the_issuers_own_site_stands_highest() {
        let of = |url: &str, site: Option<&str>| {
            let url = url.to_owned();
            let location = zhida_schemas::policy::Location {
                url: url.clone(),
                site: site.map(str::to_owned),
                ..Default::default()
            };
            standing(&Policy {
                url: Some(url),
                locations: vec![location],
                ..policy("示例", "", "镇江市财政局", "", "")
            })
        };
        assert_eq!(of("https://czj.zhenjiang.gov.cn/a", Some("镇江市财政局")), 3);
        assert_eq!(of("https://www.zhenjiang.gov.cn/a", Some("镇江市人民政府")), 2);
        assert_eq!(of("https://www.suzhou.gov.cn/a", Some("苏州市人民政府")), 1);
        assert_eq!(of("https://www.example.com/a", Some("镇江市财政局")), 0);
        assert_eq!(of("https://notgov.cn/a", None), 0);
    }
}
