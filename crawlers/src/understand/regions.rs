//! The region of a document whose offices do not say it: the place in the title, the addressee, or the only place that
//! 我市 can mean.

use std::collections::BTreeMap;

use zhida_schemas::policy::Level;
use zhida_schemas::region::{self, NATION, Region};

use super::head;

/// How far from the beginning places are counted, in characters.
const REACH: usize = 12_000;

/// Longest title that is looked through, in characters.
const TITLE: usize = 300;

/// A place with the words that name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mention<'a> {
    /// The region, the deepest of a path (广东省广州市).
    pub region: &'static Region,
    /// As written.
    pub words: &'a str,
}

/// Last characters of full names.
const UNITS: &[char] = &['省', '市', '区', '县', '州', '盟', '旗'];

/// Every full name of a region in the text, in order; a path counts once, by its deepest region.
pub fn mentions(text: &str) -> Vec<Mention<'_>> {
    let mut found: Vec<Mention<'_>> = Vec::new();
    let mut from = 0;
    for (at, unit) in text.match_indices(UNITS) {
        let end = at + unit.len();
        if at < from {
            continue;
        }
        let starts: Vec<usize> = text[from..at].char_indices().rev().take(11).map(|(start, _)| from + start).collect();
        // the longest name that ends here: 内蒙古自治区, not a part of it
        let name = starts.into_iter().rev().find_map(|start| {
            let (region, length) = region::at_start(&text[start..end], None)?;
            // 会同市住建局: a former county's name is here a verb and a unit
            let known = |name: &str| region::by_name(name).iter().any(|named| named.code == region.code);
            let whole = (start..end).filter(|at| text.is_char_boundary(*at)).any(|at| known(&text[at..end]));
            (start + length == end && whole).then_some((start, region))
        });
        if let Some((start, region)) = name {
            match found.last_mut() {
                // 广东省 + 广州市
                Some(last)
                    if start == from
                        && from > 0
                        && last.region.code != region.code
                        && region::contains(last.region.code, region.code) =>
                {
                    let begin = last.words.as_ptr() as usize - text.as_ptr() as usize;
                    *last = Mention { region, words: &text[begin..end] };
                }
                _ => found.push(Mention { region, words: &text[start..end] }),
            }
            from = end;
        }
    }
    found
}

/// 各省、自治区、直辖市 as the addressee: only an office of the nation writes to all of them.
pub fn to_provinces(begin: &str) -> Option<&'static str> {
    const ALL: &[&str] = &[
        "各省、自治区、直辖市",
        "各省（区、市）",
        "各省(区、市)",
        "各省（自治区、直辖市）",
        "各省、自治区和直辖市",
        "各省、市、自治区",
        "各省自治区直辖市",
    ];
    let addressee = head(begin, 400);
    let until = addressee.find(['：', ':', '。']).unwrap_or(addressee.len());
    // a number or a label may stand before the addressee
    let until = addressee[until..].find(['。']).map_or(addressee.len(), |at| until + at);
    ALL.iter()
        .find(|words| {
            addressee[..until].find(**words).is_some_and(|at| {
                let before = addressee[..at].trim_end_matches([' ', '\u{3000}']);
                before.is_empty() || before.ends_with('\n') || addressee[..at].ends_with(char::is_whitespace)
            })
        })
        .copied()
}

/// The unit that the text means by itself: 我省, 全市, 本区.
fn own_unit(text: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &[&str])] = &[
        ("省", &["我省", "本省", "全省"]),
        ("自治区", &["自治区党委", "我区各市", "自治区人民政府"]),
        ("市", &["我市", "本市", "全市"]),
        ("区", &["我区", "本区", "全区"]),
        ("县", &["我县", "本县", "全县"]),
        ("州", &["我州", "全州"]),
    ];
    let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
    let counted = WORDS.iter().map(|(unit, words)| (count(words), *unit));
    counted.max_by_key(|(count, _)| *count).filter(|(count, _)| *count > 0).map(|(_, unit)| unit)
}

/// The place below a province that a text means by 我市, 我区, when it says so more than once.
pub fn of_own_words(title: &str, body: &str) -> Option<&'static Region> {
    const FEWEST: usize = 2;
    let text = head(body, REACH);
    let unit = own_unit(text).filter(|unit| ["市", "区", "县", "州"].contains(unit))?;
    let said: usize = ["我", "本", "全"].iter().map(|word| text.matches(&format!("{word}{unit}")).count()).sum();
    of_unit(unit, title, body).filter(|_| said >= FEWEST)
}

/// Whether a region is such a unit; 直辖市 are 市, and so are county-level cities.
fn is_unit(region: &Region, unit: &str) -> bool {
    match unit {
        "省" => region.name.ends_with('省'),
        "自治区" => region.name.ends_with("自治区"),
        "州" => region.name.ends_with('州') && region.level == Level::City,
        "区" => region.name.ends_with('区') && region.level != Level::City,
        unit => region.name.ends_with(unit),
    }
}

/// The only region of this unit that title and text name, by itself or by a place in it. Of several the one that
/// prevails: named at least three times, and thrice as often as any other. One that is named less often counts when no
/// other place is named.
pub fn of_unit<'a>(unit: &str, title: &'a str, body: &'a str) -> Option<&'static Region> {
    prevailing(unit, title, body).map(|(region, _)| region)
}

fn prevailing<'a>(unit: &str, title: &'a str, body: &'a str) -> Option<(&'static Region, &'a str)> {
    let mut counts: BTreeMap<&'static str, (usize, &'a str)> = BTreeMap::new();
    let mut inner: BTreeMap<&'static str, (usize, &'a str)> = BTreeMap::new();
    let (title, body) = (head(title, TITLE), head(body, REACH));
    for (text, weight) in [(title, 3), (body, 1)] {
        for mention in mentions(text) {
            let above = region::path(mention.region.code).into_iter().rev().find(|region| is_unit(region, unit));
            let Some(above) = above else { continue };
            // the region itself says more than a district of it
            let side = if above.code == mention.region.code { &mut counts } else { &mut inner };
            side.entry(above.code).or_insert((0, mention.words)).0 += weight;
        }
    }
    if unit == "省" && counts.is_empty() && inner.is_empty() {
        // 来源：江西日报
        for region in region::all().iter().filter(|region| region.level == Level::Province && is_unit(region, unit)) {
            for text in [title, body] {
                if let Some(at) = text.find(region.short) {
                    counts.entry(region.code).or_insert((1, &text[at..at + region.short.len()]));
                }
            }
        }
    }
    let counts = if counts.is_empty() { inner } else { counts };
    let chains = |code: &str| {
        [title, body]
            .into_iter()
            .flat_map(mentions)
            .all(|mention| region::contains(code, mention.region.code) || region::contains(mention.region.code, code))
    };
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let (code, (most, words)) = *sorted.first()?;
    let second = sorted.get(1).map_or(0, |(_, (count, _))| *count);
    let clear = most >= 3 && most >= 3 * second || second == 0 && chains(code);
    region::by_code(code).filter(|_| clear).map(|region| (region, words))
}

/// The region that title and text say, with the words that do.
pub fn of<'a>(title: &'a str, body: &'a str) -> Option<Mention<'a>> {
    let title = head(title, TITLE);
    if let Some(words) = to_provinces(body) {
        let region = region::by_code(NATION)?;
        return Some(Mention { region, words });
    }
    let unit = own_unit(head(body, REACH));
    if let Some(found) = in_title(title, body, unit) {
        return Some(found);
    }
    let (region, words) = prevailing(unit?, title, body)?;
    Some(Mention { region, words })
}

fn in_title<'a>(title: &'a str, body: &str, unit: Option<&str>) -> Option<Mention<'a>> {
    if title.starts_with("中华人民共和国") {
        let region = region::by_code(NATION)?;
        return Some(Mention { region, words: &title["".len().."中华人民共和国".len()] });
    }
    if let Some(marked) = marked(title) {
        return Some(marked);
    }
    // 国家能源局：优先安排…
    if let Some(speaker) = super::kinds::speaker(title)
        && let Some(code) = zhida_schemas::issuer::parse(speaker, None).and_then(|office| office.region_code)
        && let Some(region) = region::by_code(&code)
    {
        return Some(Mention { region, words: speaker });
    }
    // what is forwarded, answered or granted is named after another place
    let of_others = ["转发", "批转", "批复", "复函"].iter().any(|word| title.contains(word));
    let plain = title.trim_start_matches(['《', '“', ' ', '关', '于', '印', '发']);
    let start = region::at_start(plain, None).map(|(region, end)| Mention { region, words: &plain[..end] });
    let full = mentions(title);
    let leads = start.is_some();
    let chosen = match (start, full.as_slice()) {
        _ if of_others => None,
        (Some(start), rest) => {
            let deepest = rest.iter().filter(|mention| region::contains(start.region.code, mention.region.code));
            Some(deepest.copied().max_by_key(|mention| depth(mention.region)).unwrap_or(start))
        }
        (None, []) => short_name(title, body, unit),
        (None, all) => {
            let deepest = all.iter().copied().max_by_key(|mention| depth(mention.region))?;
            all.iter().all(|other| region::contains(other.region.code, deepest.region.code)).then_some(deepest)
        }
    }?;
    let chosen = below(chosen, title, body);
    // 我省 in a text whose title names a city: the province wrote it
    match unit {
        Some(unit) if !leads && !is_unit(chosen.region, unit) => {
            let above = region::path(chosen.region.code).into_iter().rev().find(|region| is_unit(region, unit));
            let county_of_city = above.is_some_and(|above| above.level != Level::Province || unit == "市");
            match above {
                Some(region) if !county_of_city => Some(Mention { region, ..chosen }),
                _ => Some(chosen),
            }
        }
        _ => Some(chosen),
    }
}

/// The place that a title begins with, or that stands in brackets before it.
pub fn leading(title: &str) -> Option<Mention<'_>> {
    let title = head(title, TITLE);
    let of_others = ["转发", "批转", "批复", "复函"].iter().any(|word| title.contains(word));
    marked(title).or_else(|| {
        let plain = title.strip_prefix("关于《").unwrap_or(title).trim_start_matches(['《', '“', ' ']);
        let (region, end) = region::at_start(plain, None).filter(|_| !of_others)?;
        Some(Mention { region, words: &plain[..end] })
    })
}

/// 【示例省示例市】 or 【某市某局】 before a title.
fn marked(title: &str) -> Option<Mention<'_>> {
    let inside = title.trim_start().strip_prefix('【')?.split_once('】')?.0;
    if let Some(region) = region::of_text(inside, None) {
        return Some(Mention { region, words: inside });
    }
    let offices = super::issuers::all_offices(inside, None).map(|named| named.issuers).unwrap_or_default();
    if let Some(code) = offices.first().and_then(|office| office.region_code.as_deref()) {
        return region::by_code(code).map(|region| Mention { region, words: inside });
    }
    region::at_start(inside, None).map(|(region, end)| Mention { region, words: &inside[..end] })
}

/// A report begins with its place: 9月1日，杭州富阳区发布了…. `None` where the first words are no place.
pub fn of_report(body: &str) -> Option<Mention<'_>> {
    let begin = head(body, 120).trim_start();
    let begin = begin.trim_start_matches(|c: char| c.is_ascii_digit() || "年月日近日前今天昨，, ".contains(c));
    region::at_start(begin, None).map(|(region, end)| Mention { region, words: &begin[..end] })
}

fn depth(region: &Region) -> usize {
    region::path(region.code).len()
}

/// 上海宝山出台…: the district whose short name follows in the title and whose full name stands in the text.
fn below<'a>(found: Mention<'a>, title: &'a str, body: &str) -> Mention<'a> {
    let Some(at) = title.find(found.words).filter(|_| !found.words.ends_with(UNITS)) else { return found };
    let rest = &title[at + found.words.len()..];
    let text = head(body, REACH);
    let inner = region::all().iter().find(|region| {
        region.level == Level::County
            && region.code != found.region.code
            && region::contains(found.region.code, region.code)
            && rest.starts_with(region.short)
            && text.contains(region.name)
    });
    match inner {
        Some(region) => Mention { region, words: &title[at..at + found.words.len() + region.short.len()] },
        None => found,
    }
}

/// Whether a name stands in the text three times or more, and in changing company, as a part of one word does not.
fn stands_free(name: &str, text: &str) -> bool {
    let found: Vec<usize> = text.match_indices(name).map(|(at, _)| at).take(40).collect();
    let distinct = |around: &dyn Fn(usize) -> Option<char>| {
        found.iter().map(|at| around(*at)).collect::<std::collections::BTreeSet<_>>().len() >= 2
    };
    found.len() >= 3
        && distinct(&|at| text[..at].chars().next_back())
        && distinct(&|at| text[at + name.len()..].chars().next())
}

/// 加快“科创济南”建设: a city or province by its short name in the title, when the text speaks of 我市 and of that name
/// in full or often.
fn short_name<'a>(title: &'a str, body: &str, unit: Option<&str>) -> Option<Mention<'a>> {
    let unit = unit?;
    let text = head(body, REACH);
    let mut found: Option<Mention<'a>> = None;
    for (at, _) in title.char_indices() {
        let rest = &title[at..];
        let Some((region, length)) = region::at_start(rest, None) else { continue };
        let words = &rest[..length];
        // 延长春节假期 names no city
        if is_unit(region, unit) && (text.contains(region.name) || stands_free(words, text)) {
            if found.is_some_and(|other| other.region.code != region.code) {
                return None;
            }
            found = Some(Mention { region, words });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_text() {
        let names = |text| mentions(text).into_iter().map(|mention| mention.words).collect::<Vec<_>>();
        assert_eq!(names("在广东省广州市天河区和我市、全区、丹阳市注册"), ["广东省广州市天河区", "丹阳市"]);
        assert_eq!(names("内蒙古自治区、延边朝鲜族自治州"), ["内蒙古自治区", "延边朝鲜族自治州"]);
        assert_eq!(names("市区、县区、城市、超市、示范区、开发区、小区、社区、地区"), [""; 0]);
    }

    #[test]
    fn the_region_of_a_document() {
        for (title, body, code) in [
            ("镇江市示例若干措施", "为支持我市企业", Some("321100")),
            ("江苏出台示例政策", "记者获悉", Some("320000")),
            ("关于办理任城区示例补贴的说明", "一、范围", Some("370811")),
            ("上海宝山出台示例细则", "宝山区近期发布", Some("310113")),
            ("关于加快“示例济南”建设的若干措施", "我市科技。济南人才、科创济南，在济南的企业", Some("370100")),
            ("延长春节假期的示例", "全市。延长春节假期、春节、长春节", None),
            ("国家能源局：优先安排示例", "全市", Some("100000")),
            ("关于加快“示例济南”建设的若干措施", "人才", None),
            ("关于开展示例的通知", "各省、自治区、直辖市示例主管部门：\n根据要求", Some("100000")),
            ("关于开展示例的通知", "示例〔2026〕1号\n各省、自治区、直辖市示例厅（局）：\n根据要求", Some("100000")),
            ("关于开展示例的通知", "会议要求各省、自治区、直辖市抓紧", None),
            ("示例企业可获支持", "省财政厅、全省。来源：江西日报", Some("360000")),
            ("示例的通知", "我市企业在绍兴市注册", Some("330600")),
            ("示例的通知", "我市企业到苏州市、无锡市考察", None),
            ("关于同意丹阳市示例的批复", "你市请示收悉", None),
            ("关于支持丹阳市示例的通知", "我省企业", Some("320000")),
            ("【海南省海口市】《关于示例的通知》", "全省、我省、全省", Some("460100")),
            ("【浙江兰溪】上调额度", "我市", Some("330781")),
            ("【示例国】【全国】示例", "", None),
            ("【全国】示例会议", "", Some("100000")),
            ("【肇庆市税务局】《示例通知》", "", Some("441200")),
            ("海口市示例措施", "全省、我省", Some("460100")),
            ("杭州市西湖龙井茶保护条例", "西湖区。本市", Some("330100")),
            ("关于示例的实施意见", "我市各区会同市住建部门", None),
            ("关于示例的通知", "我市职工在北京市、河北省购房", None),
            ("中华人民共和国示例法", "第一条", Some("100000")),
            ("示例", "苏州、无锡等地", None),
            ("", "", None),
        ] {
            assert_eq!(of(title, body).map(|found| found.region.code), code, "{title}: {body}");
        }
    }
}
