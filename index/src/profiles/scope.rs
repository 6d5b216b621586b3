//! Where a document applies: the issuer's region and everything below it, unless the title narrows it; for a zone the
//! companies that name the zone.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use zhida_schemas::policy::Level;
use zhida_schemas::{Policy, ReasonState, issuer, region};

use super::stream::Stream;
use super::terms::Title;
use super::words::{WordId, Words};

/// The nation, as a number.
pub const NATION: u32 = 100_000;

/// Body letters at either end in which an issuer signs.
const SIGNATURE_REACH: usize = 200;

/// Where a document applies.
#[derive(Debug, Default)]
pub struct Scope {
    /// The issuer's region; `None` when nothing says it.
    pub region: Option<u32>,
    /// The region was guessed from the places that the text names: good to keep others out, not to let anyone in.
    pub guessed: bool,
    /// Nothing names the region, but the text is that of some city or county (我市, 全县): most likely another one.
    pub is_elsewhere: bool,
    /// The zone that issued it.
    pub zone: Option<String>,
    /// Places in the title below the issuer's region; each with every code that its name may stand for.
    narrowed: Vec<Vec<u32>>,
    /// Words of the document that name the region.
    pub evidence: String,
}

/// Where a company is.
#[derive(Debug, Default, Clone)]
pub struct Place {
    /// Its region.
    pub region: Option<u32>,
    /// The zone that it names.
    pub zone: Option<String>,
}

impl Scope {
    /// Reads where a document applies: the record first, then issuers, title, signature, and last the places that the
    /// text names most.
    pub fn new(policy: &Policy, title: &Title<'_>, body: &Stream<'_>) -> Self {
        let mut scope = Self::default();
        let parsed: Vec<issuer::Issuer> = policy.issuers.iter().filter_map(|name| issuer::parse(name, None)).collect();
        scope.zone = policy.zone.clone().or_else(|| parsed.iter().find_map(|issuer| issuer.zone.clone()));
        scope.region = policy.region_code.as_deref().and_then(code_number);
        // Of several issuers the narrowest decides: what a city signs together with others is for the city.
        for issuer in parsed.iter().filter_map(|issuer| issuer.region_code.as_deref()).filter_map(code_number) {
            if scope.region.is_none_or(|known| known != issuer && span(known).contains(&issuer)) {
                scope.region = Some(issuer);
            }
        }
        // A local office that forwards what the nation issued is not the nation.
        if scope.region == Some(NATION) && unnamed_office(title).is_some() {
            scope.region = None;
        }
        let in_title = named(&title.stream, 0..title.stream.len(), true);
        if scope.region.is_none() {
            scope.read_title(title, &in_title);
        }
        if scope.region.is_none() {
            scope.read_signature(body, unnamed_office(title).is_some());
        }
        if scope.region.is_none() {
            scope.guess(body);
        }
        if scope.region.is_none()
            && let Some(unit) =
                unnamed_office(title).or_else(|| own_unit(title.stream.text())).or_else(|| own_unit(body.text()))
        {
            scope.guess_own(body, unit);
            scope.is_elsewhere = scope.region.is_none();
        }
        if let Some(own) = scope.region.filter(|_| !scope.guessed) {
            let below: Vec<&Named> = in_title
                .iter()
                .filter(|place| {
                    let inside = |&code: &u32| code != own && span(own).contains(&code);
                    place.range.start >= title.matter_from && place.is_full && place.codes.iter().any(inside)
                })
                .collect();
            scope.narrowed = below.iter().map(|place| place.codes.clone()).collect();
        }
        if scope.evidence.is_empty()
            && let Some(own) = scope.region
        {
            scope.evidence = evidence(policy, own);
        }
        scope
    }

    fn read_title(&mut self, title: &Title<'_>, named: &[Named]) {
        let text = title.stream.text();
        let office = text.split("关于").next().unwrap_or_default();
        if let Some(parsed) = issuer::split(office, None).into_iter().find(|parsed| parsed.region_code.is_some()) {
            self.region = parsed.region_code.as_deref().and_then(code_number);
            self.evidence = office.trim().to_owned();
            self.zone = self.zone.take().or(parsed.zone);
            return;
        }
        if let Some((found, length)) = region::at_start(text, None) {
            self.region = code_number(found.code);
            self.evidence = text.get(..length).unwrap_or_default().to_owned();
            return;
        }
        // The title of another document inside (关于《财政部关于…的通知》的解读): its office speaks.
        let is_reading = ["解读", "问答", "答记者问"].iter().any(|word| text.contains(word));
        let cited = text
            .split('《')
            .filter(|_| is_reading)
            .skip(1)
            .filter_map(|inner| inner.split_once("关于"))
            .map(|(office, _)| office);
        if let Some((office, parsed)) =
            cited.filter_map(|office| Some((office, issuer::split(office, None).into_iter().next()?))).next()
            && parsed.region_code.is_some()
        {
            self.region = parsed.region_code.as_deref().and_then(code_number);
            self.evidence = office.to_owned();
            return;
        }
        if named.is_empty()
            && let Some(word) = ["全国", "中国", "中华人民共和国"].into_iter().find(|word| text.contains(word))
        {
            self.region = Some(NATION);
            self.evidence = word.to_owned();
            return;
        }
        // The deepest place of the title, when all others lie around it and its name stands for one place only.
        let Some(deepest) = named.iter().filter_map(|place| Some((depth(place.one()?), place))).max_by_key(|(d, _)| *d)
        else {
            return;
        };
        let Some(code) = deepest.1.one() else { return };
        if named.iter().all(|place| place.codes.iter().any(|&other| span(other).contains(&code))) {
            self.region = Some(code);
            self.evidence = title.stream.original(&deepest.1.range).to_owned();
        }
    }

    /// An office that stands on a line of its own near the beginning or the end.
    /// A local office without its place's name (市财政局关于转发…) may append what the nation signed.
    fn read_signature(&mut self, body: &Stream<'_>, is_local: bool) {
        let text = body.text();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // Only the nation writes to all provinces.
        if !is_local && lines.iter().take(12).any(|line| line.starts_with("各省、自治区、直辖市")) {
            self.region = Some(NATION);
            return;
        }
        let ends = lines.iter().take(6).chain(lines.iter().rev().take(8));
        // A line that ends with a colon names the addressees.
        for line in ends.filter(|line| line.chars().count() <= 40 && !line.ends_with(['：', ':'])) {
            if let Some(parsed) = issuer::split(line, None).into_iter().find(|parsed| {
                parsed.region_code.is_some() && !(is_local && parsed.region_code.as_deref() == Some(region::NATION))
            }) {
                self.region = parsed.region_code.as_deref().and_then(code_number);
                self.zone = self.zone.take().or(parsed.zone);
                self.evidence = (*line).to_owned();
                return;
            }
        }
        let head = 0..body.len().min(SIGNATURE_REACH);
        let tail = body.len().saturating_sub(SIGNATURE_REACH)..body.len();
        let mut ends = named(body, head, false);
        ends.extend(named(body, tail, false));
        let mut codes: Vec<u32> = ends.iter().filter(|place| place.is_full).filter_map(Named::one).collect();
        // The county at the end is often only the address to send papers to.
        codes.retain(|&code| depth(code) < 3);
        codes.sort_unstable();
        codes.dedup();
        if let [code] = codes.as_slice() {
            self.region = Some(*code);
            self.guessed = true;
        }
    }

    /// The region that most of the places of the text lie in.
    fn guess(&mut self, body: &Stream<'_>) {
        const READ: usize = 20_000;
        let places = named(body, 0..body.len().min(READ), false);
        let mut counts: HashMap<u32, usize> = HashMap::new();
        let mut total = 0;
        for code in places.iter().filter_map(Named::one) {
            total += 1;
            let path = [code / 10_000 * 10_000, code / 100 * 100, code];
            let mut last = 0;
            for step in path.into_iter().map(normal) {
                if step != last && step != NATION {
                    *counts.entry(step).or_default() += 1;
                }
                last = step;
            }
        }
        let mut chosen = None;
        for level in 1..=3 {
            let best = counts
                .iter()
                .filter(|&(&code, _)| depth(code) == level && chosen.is_none_or(|outer| span(outer).contains(&code)))
                .max_by_key(|&(&code, &count)| (count, std::cmp::Reverse(code)));
            match best {
                // A clear majority only, and more than one mention.
                Some((&code, &count)) if count >= 2 && count * 3 >= total * 2 => chosen = Some(code),
                _ => break,
            }
        }
        self.region = chosen;
        self.guessed = chosen.is_some();
    }

    /// A text of 我市 that names places of one city only, be it in an address, is that city's.
    fn guess_own(&mut self, body: &Stream<'_>, unit: char) {
        const READ: usize = 20_000;
        let mut own: Vec<u32> = named(body, 0..body.len().min(READ), false)
            .iter()
            .filter_map(Named::one)
            .map(|code| match unit {
                '省' => code / 10_000 * 10_000,
                '市' => normal(code / 100 * 100),
                _ => code,
            })
            .collect();
        own.sort_unstable();
        own.dedup();
        if let [code] = own.as_slice() {
            self.region = Some(*code);
            self.guessed = true;
        }
    }

    /// Whether it applies where this company is.
    pub fn reaches(&self, place: &Place) -> ReasonState {
        let Some(own) = self.region else { return ReasonState::Unknown };
        let Some(there) = place.region else { return ReasonState::Unknown };
        let inside = span(own).contains(&there);
        let above = span(there).contains(&own);
        if !inside && !above {
            return ReasonState::Unmet;
        }
        if !self.narrowed.is_empty() {
            let touches = |code: &u32| span(*code).contains(&there) || span(there).contains(code);
            if !self.narrowed.iter().flatten().any(touches) {
                return ReasonState::Unmet;
            }
            if !self.narrowed.iter().flatten().any(|code| span(*code).contains(&there)) {
                return ReasonState::Unknown;
            }
        }
        if let Some(zone) = &self.zone {
            return match &place.zone {
                Some(named) if same_zone(zone, named) => ReasonState::Met,
                Some(_) => ReasonState::Unmet,
                None => ReasonState::Unknown,
            };
        }
        if inside && !self.guessed { ReasonState::Met } else { ReasonState::Unknown }
    }

    /// Regions whose companies it may reach, as ranges of codes; 0 is a company whose region is not known.
    pub fn candidates(&self) -> Vec<RangeInclusive<u32>> {
        let Some(own) = self.region else { return vec![0..=u32::MAX] };
        let mut ranges = vec![0..=0, span(own)];
        for outer in [NATION, own / 10_000 * 10_000, own / 100 * 100].map(normal) {
            let covered = |range: &RangeInclusive<u32>| range.contains(&outer);
            if !ranges.iter().any(covered) {
                ranges.push(outer..=outer);
            }
        }
        ranges
    }
}

/// Units that stand for their own place where no name does.
const LOCAL: [char; 4] = ['市', '省', '县', '区'];

/// The unit of an office in the title that does not name its place (市财政局关于…).
fn unnamed_office(title: &Title<'_>) -> Option<char> {
    let text = title.stream.text();
    let first = text.chars().next().filter(|first| LOCAL.contains(first))?;
    (title.matter_from > 0 && !text.starts_with("市场")).then_some(first)
}

/// The unit of which a text speaks as its own without a name (我市, 全县).
fn own_unit(text: &str) -> Option<char> {
    const READ: usize = 6_000;
    let mut end = READ.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    LOCAL.into_iter().find(|unit| ["我", "本", "全"].iter().any(|own| text[..end].contains(&format!("{own}{unit}"))))
}

fn same_zone(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        let name: String = name.chars().filter(|character| character.is_alphanumeric()).collect();
        name.replace("高新技术产业开发区", "高新区")
            .replace("经济技术开发区", "经开区")
            .replace("管理委员会", "")
            .replace("管委会", "")
    };
    let (one, other) = (letters(one), letters(other));
    !one.is_empty() && !other.is_empty() && (one.contains(&other) || other.contains(&one))
}

/// A six-digit code as a number; `000000` is also used for the nation.
pub fn code_number(code: &str) -> Option<u32> {
    let digits = code.trim();
    if digits.len() != 6 {
        return None;
    }
    match digits.parse().ok()? {
        0 => Some(NATION),
        number if number >= NATION => Some(normal(number)),
        _ => None,
    }
}

/// A pseudo-unit (市辖区, 县, 直辖县级) stands for the unit above it.
fn normal(code: u32) -> u32 {
    let (province, city, county) = (code / 10_000, code / 100 % 100, code % 100);
    let municipality = matches!(province, 11 | 12 | 31 | 50);
    if county == 0 && (city == 90 || municipality) { province * 10_000 } else { code }
}

fn depth(code: u32) -> u32 {
    match code {
        NATION => 0,
        _ if code.is_multiple_of(10_000) => 1,
        _ if code.is_multiple_of(100) => 2,
        _ => 3,
    }
}

/// Codes of a region and all below it.
pub fn span(code: u32) -> RangeInclusive<u32> {
    match depth(code) {
        0 => NATION..=999_999,
        1 => code..=code + 9_999,
        2 => code..=code + 99,
        _ => code..=code,
    }
}

struct Named {
    codes: Vec<u32>,
    range: Range<usize>,
    is_full: bool,
}

impl Named {
    fn one(&self) -> Option<u32> {
        match self.codes.as_slice() {
            [code] => Some(*code),
            _ => None,
        }
    }
}

struct Names {
    words: Words,
    codes: HashMap<WordId, (Vec<u32>, bool)>,
}

/// Full names of all regions, and names without the unit of provinces and cities (大同 and the like only as whole
/// words). Provinces are as well known by the short name.
static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { words: Words::default(), codes: HashMap::new() };
    for region in region::all() {
        let Some(code) = code_number(region.code).filter(|&code| code != NATION) else { continue };
        let is_province = region.level == Level::Province;
        let mut spellings = vec![(region.name, true)];
        if region.short != region.name && matches!(region.level, Level::Province | Level::City) {
            spellings.push((region.short, is_province));
        }
        for (spelling, is_full) in spellings {
            let letters: Vec<char> = spelling.chars().collect();
            if letters.len() < 2 {
                continue;
            }
            if let Some(word) = names.words.add(&letters) {
                let entry = names.codes.entry(word).or_insert_with(|| (Vec::new(), is_full));
                if !entry.0.contains(&code) {
                    entry.0.push(code);
                }
                entry.1 |= is_full;
            }
        }
    }
    names
});

/// Places that letters name, in order; of overlapping names the longest.
fn named(stream: &Stream<'_>, within: Range<usize>, in_title: bool) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let letters = stream.letters.get(within.clone()).unwrap_or_default();
    NAMES.words.scan(letters, |word, start, end| {
        let range = within.start + start..within.start + end;
        let Some((codes, is_full)) = NAMES.codes.get(&word) else { return };
        if *is_full && in_title || stream.is_word(&range) {
            found.push(Named { codes: codes.clone(), range, is_full: *is_full });
        }
    });
    found.sort_by_key(|place| (place.range.start, std::cmp::Reverse(place.range.end)));
    found.dedup_by(|next, kept| next.range.start < kept.range.end);
    found
}

fn evidence(policy: &Policy, code: u32) -> String {
    let stands = |words: &&String| policy.title.contains(*words) || policy.body_text.contains(*words);
    let stated = policy.evidence.get("region_code").or_else(|| policy.evidence.get("issuers"));
    if let Some(words) = stated.filter(stands).or_else(|| policy.issuers.iter().find(stands)) {
        return words.clone();
    }
    let name = region::by_code(&code.to_string()).map(|region| region.name.to_owned()).unwrap_or_default();
    if stands(&&name) { name } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    fn reach(region: Option<&str>, zone: Option<&str>, place: (Option<&str>, Option<&str>)) -> ReasonState {
        let policy =
            Policy { region_code: region.map(str::to_owned), zone: zone.map(str::to_owned), ..Policy::default() };
        let analyzer = analyzer();
        let scope = Scope::new(&policy, &Title::new(&analyzer, ""), &Stream::new(&analyzer, ""));
        let place = Place { region: place.0.and_then(code_number), zone: place.1.map(str::to_owned) };
        let state = scope.reaches(&place);
        if state != ReasonState::Unmet {
            let region = place.region.unwrap_or(0);
            assert!(scope.candidates().iter().any(|range| range.contains(&region)));
        }
        state
    }

    #[test]
    fn a_document_reaches_its_region_and_all_below() {
        use ReasonState::{Met, Unknown, Unmet};
        for (document, company, expected) in [
            ("100000", "321181", Met),
            ("000000", "321181", Met),
            ("320000", "321181", Met),
            ("321100", "321181", Met),
            ("321181", "321181", Met),
            ("320500", "321181", Unmet),
            ("330000", "321181", Unmet),
            ("321182", "321181", Unmet),
            ("321181", "321100", Unknown),
            ("321100", "320000", Unknown),
            ("500000", "500112", Met),
            ("500100", "500237", Met),
            ("110100", "110105", Met),
            ("469000", "469001", Met),
            ("429004", "429005", Unmet),
        ] {
            assert_eq!(reach(Some(document), None, (Some(company), None)), expected, "{document} {company}");
        }
        assert_eq!(reach(None, None, (Some("321181"), None)), Unknown);
        assert_eq!(reach(Some("321181"), None, (None, None)), Unknown);
    }

    #[test]
    fn the_region_is_read_where_the_record_lacks_it() {
        let analyzer = analyzer();
        for (title, body, expected, guessed) in [
            ("镇江市科学技术局关于申报项目的通知", "", Some(321_100), false),
            ("江苏出台政策支持企业复工", "", Some(320_000), false),
            ("关于《财政部关于支持企业的公告》的解读", "", Some(NATION), false),
            ("关于申报项目的通知", "各省、自治区、直辖市科技厅：\n联系地址：北京市", Some(NATION), false),
            ("关于申报项目的通知", "各有关单位：\n按要求申报。\n丹阳市科学技术局\n2024年1月2日", Some(321_181), false),
            ("关于申报项目的通知", "在镇江市注册。镇江市企业可申报。", Some(321_100), true),
            ("关于申报项目的通知", "我市企业可申报。地址：丹阳市某路1号", Some(321_100), true),
            ("关于支持企业的若干措施", "我市企业可申报。", None, false),
            ("市财政局关于转发《财政部关于税收政策的通知》的通知", "现予转发。\n财政部\n2001年1月1日", None, false),
        ] {
            let policy = Policy { title: title.to_owned(), body_text: body.to_owned(), ..Policy::default() };
            let scope = Scope::new(&policy, &Title::new(&analyzer, title), &Stream::new(&analyzer, body));
            assert_eq!((scope.region, scope.guessed), (expected, guessed), "{title} {body}");
            assert!(policy.title.contains(&scope.evidence) || policy.body_text.contains(&scope.evidence));
            assert_eq!(scope.is_elsewhere, expected.is_none(), "{title}");
        }
    }

    #[test]
    fn the_narrowest_issuer_decides() {
        let analyzer = analyzer();
        for (region, issuers, title, expected) in [
            (Some("100000"), vec!["科学技术部", "江苏省科学技术厅"], "关于申报的通知", Some(320_000)),
            (None, vec!["江苏省科学技术厅", "镇江市科学技术局"], "关于申报的通知", Some(321_100)),
            (Some("321100"), vec!["江苏省科学技术厅"], "关于申报的通知", Some(321_100)),
            (Some("100000"), vec!["财政部"], "市财政局关于转发《财政部关于申报的通知》的通知", None),
        ] {
            let policy = Policy {
                region_code: region.map(str::to_owned),
                issuers: issuers.iter().map(|&name| name.to_owned()).collect(),
                title: title.to_owned(),
                ..Policy::default()
            };
            let scope = Scope::new(&policy, &Title::new(&analyzer, title), &Stream::new(&analyzer, ""));
            assert_eq!(scope.region, expected, "{title} {issuers:?}");
        }
    }

    #[test]
    fn a_title_narrows_where_it_applies() {
        let analyzer = analyzer();
        let title = "国务院关于支持贵州发展的意见";
        let policy = Policy { region_code: Some("100000".to_owned()), title: title.to_owned(), ..Policy::default() };
        let scope = Scope::new(&policy, &Title::new(&analyzer, title), &Stream::new(&analyzer, ""));
        let at = |code| Place { region: Some(code), zone: None };
        assert_eq!(scope.reaches(&at(520_103)), ReasonState::Met);
        assert_eq!(scope.reaches(&at(321_181)), ReasonState::Unmet);
    }

    #[test]
    fn a_zone_reaches_those_who_name_it() {
        use ReasonState::{Met, Unknown, Unmet};
        for (company, zone, expected) in [
            ("321181", Some("丹阳经济开发区"), Met),
            ("321181", Some("丹阳经济开发区管委会"), Met),
            ("321181", Some("丹阳高新区"), Unmet),
            ("321181", None, Unknown),
            ("320500", Some("丹阳经济开发区"), Unmet),
        ] {
            assert_eq!(reach(Some("321181"), Some("丹阳经济开发区"), (Some(company), zone)), expected, "{zone:?}");
        }
    }
}
