//! Who issued the document: what a label, the title, the head of the text, the signature, the number or the first
//! sentences say, in this order of trust.

use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::doc_number::DocNumber;
use zhida_schemas::issuer::{self, Issuer};
use zhida_schemas::number_code;
use zhida_schemas::policy::Policy;
use zhida_schemas::region::{self, NATION};

use super::signature::{self, Signature};
use super::{head, regex};

/// Offices and the words that name them.
pub struct Named {
    /// In the order of the text; none has a bare name.
    pub issuers: Vec<Issuer>,
    /// An exact piece of title or text.
    pub words: String,
}

/// Longest title that is looked through, in characters.
const TITLE: usize = 300;

/// How far from the beginning heads, labels and first sentences are looked for, in characters.
const HEAD: usize = 1_200;

/// What a title says between its office and its matter.
const ABOUT: &[&str] = &["关于", "印发", "转发", "批转", "发布", "公布"];

/// How a title without 关于 goes on behind its office.
const ACTS: &[&str] =
    &["支持", "公告", "通告", "公示", "开展", "组织", "贯彻", "落实", "实施", "申报", "促进", "20", "规范性"];

/// The offices of a document whose record states none. `None` when the text names none with its place; a bare 市科技局
/// is completed by the only place that the text can mean.
pub fn of(policy: &Policy, within: Option<&str>, signature: Option<&Signature<'_>>) -> Option<Named> {
    let (title, body) = (head(&policy.title, TITLE), policy.body_text.as_str());
    let begin = head(body, HEAD);
    let signed = signature.filter(|found| !found.offices.is_empty());
    let signed = signed.map(|found| Named { issuers: found.offices.clone(), words: found.above.to_owned() });
    let titled = in_title(title, within);
    let several = title.contains("部门关于") || title.contains("单位关于");
    for named in [labelled(begin, within), titled, before_title(title, begin, within)].into_iter().flatten() {
        if !placed(&named) {
            continue;
        }
        // the signature of a joint issue names all: 江苏省财政厅等三部门关于…
        let whole = signed.as_ref().filter(|signed| {
            let holds = |issuer: &Issuer| signed.issuers.contains(issuer);
            placed(signed) && signed.issuers.len() > named.issuers.len() && (several || named.issuers.iter().all(holds))
        });
        return Some(match whole {
            Some(whole) => Named { issuers: whole.issuers.clone(), words: whole.words.clone() },
            None => named,
        });
    }
    if let Some(signed) = signed.as_ref().filter(|signed| placed(signed)) {
        return Some(Named { issuers: signed.issuers.clone(), words: signed.words.clone() });
    }
    let number = policy.doc_number.as_deref();
    number
        .and_then(|number| of_order(number, title, body))
        .or_else(|| passed(title, begin))
        .or_else(|| passed_by_government(title, begin))
        .or_else(|| decided(begin))
        .or_else(|| number.and_then(|number| of_code(number, title, body)))
        .or_else(|| in_heading(begin, within))
        .or_else(|| in_mark(title))
        .or_else(|| completed(title, begin, body, signed.as_ref()))
        .or_else(|| decreed(title, begin))
        .or_else(|| printed(body))
        .or_else(|| interpreted(title, body))
}

/// 1997年7月31日中华人民共和国国务院令第226号发布, in the note below the title of a regulation that names no place.
fn decreed(title: &str, begin: &str) -> Option<Named> {
    static DECREED: LazyLock<Regex> = LazyLock::new(|| regex(r"日\s*((?:中华人民共和国)?国务院)(?:令|发布|公布|批准)"));
    let found = DECREED.captures(head(begin, 300))?;
    let words = found.get(1).filter(|_| region::at_start(title, None).is_none())?.as_str();
    let issuer = issuer::parse("国务院", None)?;
    Some(Named { issuers: vec![issuer], words: words.to_owned() })
}

/// The office that printed it: 某市人民政府办公室　2026年3月10日印发.
fn printed(body: &str) -> Option<Named> {
    let (words, ..) = super::dates::printed(body)?;
    named(words, None).filter(placed)
}

/// Whether every office says where it is; a zone by itself is a place and no office.
fn placed(named: &Named) -> bool {
    let office = |issuer: &Issuer| {
        issuer.region_code.is_some() && !issuer.zone.as_ref().is_some_and(|zone| issuer.name.ends_with(zone.as_str()))
    };
    !named.issuers.is_empty() && named.issuers.iter().all(office)
}

fn named(words: &str, within: Option<&str>) -> Option<Named> {
    let issuers = match words.split_once("联合").or(words.split_once("会同")) {
        Some((one, others)) if !others.is_empty() => issuer::split(&format!("{one}、{others}"), within),
        _ => signature::together(words, within),
    };
    (!issuers.is_empty()).then(|| Named { issuers, words: words.to_owned() })
}

/// 发布机构：某某局, in lines at the beginning of the text.
fn labelled(begin: &str, within: Option<&str>) -> Option<Named> {
    begin.lines().map(|line| head(line, 300)).take(15).find_map(|line| {
        let labels = crate::extract::labels::pairs(line);
        let (_, value) = labels.into_iter().find(|(field, _)| *field == "issuers")?;
        named(head(value.trim(), 120), within)
    })
}

/// The offices that a title begins with. A title that begins with 转发 names the office of another document.
fn in_title(title: &str, within: Option<&str>) -> Option<Named> {
    let title = without_marks(title);
    let cut = ABOUT.iter().filter_map(|word| title.find(word)).min().filter(|at| *at > 0);
    if let Some(at) = cut
        && let Some(found) = offices_only(&title[..at], within)
    {
        return Some(found);
    }
    if cut == Some(0) || ABOUT.iter().any(|word| title.starts_with(word)) {
        return None;
    }
    // 某市住房公积金管理中心支持…若干措施
    let ends: Vec<usize> = title.char_indices().map(|(at, _)| at).skip(4).take(30).collect();
    ends.into_iter()
        .rev()
        .filter(|end| ACTS.iter().any(|act| title[*end..].starts_with(act)))
        .find_map(|end| all_offices(&title[..end], within).filter(placed))
}

/// 【某市某局】 before a title.
fn in_mark(title: &str) -> Option<Named> {
    let inside = title.trim_start().strip_prefix('【')?.split_once('】')?.0;
    all_offices(inside, None).filter(placed)
}

/// The title without 【某市】, 《 and a number before it.
fn without_marks(title: &str) -> &str {
    const MARKS: &[char] = &['《', '“', ' ', '\u{3000}'];
    let mut title = title.trim_start_matches(MARKS);
    while let Some((_, rest)) = title.strip_prefix('【').and_then(|rest| rest.split_once('】')) {
        title = rest.trim_start_matches(MARKS);
    }
    if let Some((range, _)) = zhida_schemas::doc_number::find_all(title).first()
        && range.start == 0
    {
        title = title[range.end..].trim_start_matches(['-', '—', '_', ' ', '\u{3000}', '：', ':']);
    }
    title
}

/// Text that names offices and nothing else but 等三部门, 联合.
fn offices_only(text: &str, within: Option<&str>) -> Option<Named> {
    static OTHERS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?:等[0-9一二三四五六七八九十两多]{0,3}个?(?:部门|单位|委办局|厅局)?)?(?:联合)?$"));
    let text = text.trim().trim_end_matches(['：', ':']);
    let text = OTHERS.find(text).map_or(text, |others| &text[..others.start()]).trim_end();
    // 江苏省财政厅2026年
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit() || "年度".contains(c));
    all_offices(text, within)
}

/// Words that are offices one by one; 4月29日，某市财政局 is the beginning of a sentence.
pub fn all_offices(text: &str, within: Option<&str>) -> Option<Named> {
    let parts = text.split(|c: char| c.is_whitespace() || c == '、').filter(|part| !part.is_empty());
    named(text, within).filter(|_| parts.into_iter().all(|part| signature::names_offices(part, within)))
}

/// The offices that stand at the head of the text before the title is repeated: 某市财政局 / 关于…的通知.
fn before_title(title: &str, begin: &str, within: Option<&str>) -> Option<Named> {
    let squeezed = |text: &str, most: usize| text.chars().filter(|c| !c.is_whitespace()).take(most).collect::<String>();
    let about = &title[title.find("关于")?..];
    let wanted = squeezed(about, 8);
    let at =
        begin.match_indices("关于").map(|(at, _)| at).find(|at| squeezed(&begin[*at..], 8).starts_with(&wanted))?;
    let mut start = at;
    for word in begin[..at].split_whitespace().rev().take(12) {
        if !signature::names_offices(word, within) {
            break;
        }
        start = word.as_ptr() as usize - begin.as_ptr() as usize;
    }
    let words = begin[start..at].trim();
    if words.is_empty() { None } else { named(words, within) }
}

/// 某县人民政府办公室关于印发…的通知, the heading of the text below a page's own title.
fn in_heading(begin: &str, within: Option<&str>) -> Option<Named> {
    let lines = begin.lines().map(str::trim).filter(|line| !line.is_empty()).take(5);
    let headings = lines.filter(|line| line.chars().count() <= 120 && zhida_schemas::kind::of_title(line).is_some());
    headings.filter_map(|line| in_title(line, within)).find(placed)
}

/// 四川省人民政府令第350号, 财政部 税务总局公告2025年第9号.
fn of_order(number: &str, title: &str, body: &str) -> Option<Named> {
    let parsed = DocNumber::parse(number).filter(|number| number.order)?;
    let offices = ["令", "公告", "通告"].iter().find_map(|word| parsed.issuer_code.strip_suffix(word))?;
    let issuers = issuer::split(offices, None);
    let named = Named { issuers, words: number.to_owned() };
    (placed(&named) && in_text(number, title, body)).then_some(named)
}

fn in_text(words: &str, title: &str, body: &str) -> bool {
    title.contains(words) || head(body, 3_000).contains(words) || super::tail(body, 400).contains(words)
}

/// 《…办法》已经省人民政府第16次常务会议通过, with the place of the title.
fn passed_by_government(title: &str, begin: &str) -> Option<Named> {
    static PASSED: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"》?已[经于][^。《]{0,24}?(省|自治区|市)(?:人民)?政府第?[0-9一二三四五六七八九十]{1,4}次?(?:全体|常务)会议[^。]{0,8}通过",
        )
    });
    let found = PASSED.captures(begin)?;
    let place = super::regions::of_unit(&found[1], title, begin)?;
    let issuer = issuer::parse(&format!("{}人民政府", place.name), None)?;
    let now = begin.contains("现予公布") || begin.contains("现予发布");
    now.then(|| Named { issuers: vec![issuer], words: found[0].to_owned() })
}

/// 2024年5月30日某省第十四届人民代表大会常务委员会第十次会议通过.
fn passed(title: &str, begin: &str) -> Option<Named> {
    static PASSED: LazyLock<Regex> = LazyLock::new(|| {
        regex(concat!(
            r"(?:日|[（(\n])\s*([\p{Han}]{2,14}?)?第[一二三四五六七八九十]{1,3}届(全国)?人民代表大会(常务委员会)?",
            r"第[一二三四五六七八九十]{1,4}次会议(?:审议)?(?:通过|修订)",
        ))
    });
    let found = PASSED.captures(begin)?;
    let place = found.get(1).or(found.get(2))?.as_str();
    let council = found.get(3).map_or("", |council| council.as_str());
    let issuer = issuer::parse(&format!("{place}人民代表大会{council}"), None)?;
    issuer.region_code.as_ref()?;
    // a decision of a government may cite the meeting; laws and regulations are passed by it
    let of_meeting = ["法", "条例", "决定", "决议", "规定", "办法"];
    let plain = title.split(['（', '(']).next().unwrap_or_default();
    of_meeting
        .iter()
        .any(|end| plain.ends_with(end))
        .then(|| Named { issuers: vec![issuer], words: found[0].trim().to_owned() })
}

/// 经研究，工业和信息化部、公安部决定开展…: the subject of the decision, in a text without signature.
fn decided(begin: &str) -> Option<Named> {
    static DECIDED: LazyLock<Regex> =
        LazyLock::new(|| regex(r"[，,。\s]([\p{Han}、]{3,60}?)(?:研究|联合|共同)?(?:决定|制定了|编制了)"));
    let to_provinces = super::regions::to_provinces(begin).is_some();
    DECIDED.captures_iter(begin).take(8).filter_map(|found| found.get(1)).find_map(|words| {
        let words = words.as_str();
        let named = named(words, None).filter(placed)?;
        let all_said = named.issuers.len() == words.split('、').count();
        let above = words.contains("国务院") && !words.contains("国务院国") || words.contains("中央");
        let national = named.issuers.iter().any(|issuer| issuer.region_code.as_deref() == Some(NATION));
        (all_said && !above && (to_provinces || !national)).then_some(named)
    })
}

/// The letters of the number: 渝财产业 → 重庆市财政局.
fn of_code(number: &str, title: &str, body: &str) -> Option<Named> {
    let parsed = DocNumber::parse(number).filter(|number| !number.order)?;
    let issuers = number_code::meaning(&parsed.issuer_code)?.issuers;
    (!issuers.is_empty() && in_text(number, title, body)).then(|| Named { issuers, words: number.to_owned() })
}

/// 市工业和信息化局关于…, or such a signature, with the only place that the text can mean.
fn completed(title: &str, begin: &str, body: &str, signed: Option<&Named>) -> Option<Named> {
    let bare = [in_title(title, None), before_title(title, begin, None)];
    let words = bare.into_iter().flatten().map(|named| named.words).next().or_else(|| Some(signed?.words.clone()))?;
    let unit = ["自治区", "省", "市", "区", "县", "州"].into_iter().find(|unit| words.starts_with(unit))?;
    let place = super::regions::of_unit(unit, title, body)?;
    named(&words, Some(place.code)).filter(|named| {
        placed(named)
            && named.issuers.iter().all(|issuer| {
                issuer.region_code.as_deref().is_some_and(|code| region::contains(place.code, code) || code == NATION)
            })
    })
}

/// 本办法由国家能源局负责解释: offices of the nation; a local office often interprets what its government issued.
fn interpreted(title: &str, body: &str) -> Option<Named> {
    static INTERPRETS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"本[\p{Han}]{2,4}由([\p{Han}、]{3,60}?)(?:负责|共同|商)?(?:负责)?解释"));
    let of_state = title.starts_with("国务院") || title.contains("中华人民共和国");
    let words = INTERPRETS.captures(super::tail(body, 3_000))?.get(1)?.as_str();
    let named = named(words, None).filter(|_| !of_state)?;
    named.issuers.iter().all(|issuer| issuer.region_code.as_deref() == Some(NATION)).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offices and evidence of a document, by what it consists of.
    fn read(title: &str, number: Option<&str>, body: &str) -> (String, String) {
        let policy = Policy {
            title: title.to_owned(),
            body_text: body.to_owned(),
            doc_number: number.map(str::to_owned),
            ..Policy::default()
        };
        let signature = signature::find(body, None);
        let Some(named) = of(&policy, None, signature.as_ref()) else { return Default::default() };
        assert!(title.contains(&named.words) || body.contains(&named.words), "{title}: {}", named.words);
        (named.issuers.into_iter().map(|issuer| issuer.name).collect::<Vec<_>>().join("、"), named.words)
    }

    #[test]
    fn who_issued_a_document() {
        for (title, body, issuers) in [
            // title
            ("镇江市财政局关于示例的通知", "各单位：", "镇江市财政局"),
            ("【江苏省镇江市】《镇江市财政局关于示例的通知》", "各单位：", "镇江市财政局"),
            ("示例发〔2026〕1号-镇江市财政局关于示例的通知", "各单位：", "镇江市财政局"),
            ("镇江市住房公积金管理中心支持示例若干措施", "一、示例", "镇江市住房公积金管理中心"),
            (
                "江苏省财政厅等三部门关于示例的通知",
                "请执行。\n江苏省财政厅\n江苏省科技厅\n江苏省商务厅\n2026年1月5日",
                "江苏省财政厅、江苏省科学技术厅、江苏省商务厅",
            ),
            ("转发财政部关于示例的通知", "各单位：", ""),
            ("镇江市召开财政局示例会", "示例", ""),
            ("【镇江市财政局】示例政策", "一、示例", "镇江市财政局"),
            ("【甘肃省兰州市兰州新区】示例政策", "一、示例", ""),
            ("【宁波市资规、住建、人民银行】示例政策", "一、示例", ""),
            // head
            ("关于示例的通知", "镇江市财政局\n关于示例的通知\n各单位：", "镇江市财政局"),
            (
                "关于示例工作若干事项的通知",
                "镇江市财政局 镇江市科技局 关于示例工作若干事项的通知 各单位：",
                "镇江市财政局、镇江市科学技术局",
            ),
            ("示例", "发布机构：镇江市财政局 发布日期：2026-01-05\n各单位：", "镇江市财政局"),
            ("关于示例事项的通知", "9月14日起,汕头调整。根据《财政部、中国人民银行、关于示例事项的通知》，现", ""),
            ("示例", "4月29日,镇江市财政局联合镇江市科技局印发《示例通知》", ""),
            // signature
            ("关于示例的通知", "为做好工作,根据财政部、江苏省财政厅 2026年1月5日 通知", ""),
            ("关于示例的通知", "请执行。\n国家税务总局\n镇江市税务局\n2026年1月5日", "国家税务总局镇江市税务局"),
            (
                "关于示例的通知",
                "请执行。\n4.财政部办公厅 市场监管总局\n办公厅关于示例的通知（示例〔2025〕399号）\n镇江市财政局\n2026年1月5日",
                "镇江市财政局",
            ),
            (
                "市财政局、市税务局关于示例的通知",
                "请执行。\n上海市财政局\n上海市税务局\n2026年1月5日",
                "上海市财政局、上海市税务局",
            ),
            // first sentences and last articles
            ("示例办法", "《示例办法》已经省人民政府第16次常务会议通过，现予公布。\n福建省示例。", "福建省人民政府"),
            ("示例办法", "各省、自治区、直辖市财政厅（局）：\n经研究，财政部、商务部决定开展示例。", "财政部、商务部"),
            ("示例办法", "为贯彻国务院决定，示例。", ""),
            (
                "示例办法",
                "第一条 略。\n第九条 本办法由国家能源局、国家矿山安全监察局负责解释。",
                "国家能源局、国家矿山安全监察局",
            ),
            ("示例办法", "第九条 本办法由省财政厅负责解释。", ""),
            // a bare office and the only place
            ("市财政局关于示例的通知", "我市企业，绍兴市示例路1号", "绍兴市财政局"),
            ("市财政局关于示例的通知", "我市企业，绍兴市、宁波市示例", ""),
            ("市财政局关于示例的通知", "各单位：", ""),
            ("", "", ""),
        ] {
            assert_eq!(read(title, None, body).0, issuers, "{title}: {body}");
        }
    }

    #[test]
    fn what_the_number_says() {
        for (number, body, issuers) in [
            ("渝财产业〔2026〕1号", "渝财产业〔2026〕1号\n各区县：", "重庆市财政局"),
            ("工信部联企业〔2026〕1号", "工信部联企业〔2026〕1号\n各地：", ""),
            ("四川省人民政府令第350号", "四川省人民政府令第350号\n现予公布。", "四川省人民政府"),
            ("宁政发〔2026〕1号", "宁政发〔2026〕1号\n各地：", ""),
        ] {
            assert_eq!(read("示例", Some(number), body).0, issuers, "{number}");
        }
    }
}
