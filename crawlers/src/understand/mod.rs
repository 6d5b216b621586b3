//! What the text of a document says: issuers, region, number, dates, kind.

mod amounts;
mod audience;
mod citations;
mod conditions;
mod contacts;
mod dates;
mod industries;
mod issuers;
mod kinds;
mod number;
mod qualifications;
mod regions;
mod signature;
mod subjects;
mod support;
mod windows;

use zhida_schemas::issuer::{self, Issuer};
use zhida_schemas::policy::{Policy, Validity};
use zhida_schemas::{kind, region};

pub use citations::ended_on;
pub(crate) use number::own_number;

/// How far from the beginning the lines of labels are looked for, in characters.
const LABELS: usize = 600;

/// Fills fields that are still unknown from title and text, with their evidence; never overwrites what a page or an
/// import row stated, except to normalise it (an alias of an issuer to its full name) and to narrow a region: a
/// collection of a province calls all its documents 浙江, and one of 义乌市人民政府 is of 义乌. `within` is the region of
/// the source, which completes a bare 市科技局. Every evidence is an exact piece of title or text.
pub fn understand(policy: &mut Policy, within: Option<&str>) {
    let stated_region = policy.region_code.clone();
    let within = stated_region.as_deref().filter(|code| *code != region::NATION).or(within);
    // （年度通告） in the place of a number is none
    policy.doc_number.take_if(|number| !number.contains(|c: char| c.is_numeric() || c == '号'));
    if policy.doc_number.is_none()
        && let Some(number) = own_number(&policy.title, &policy.body_text)
    {
        policy.evidence.insert("doc_number".to_owned(), number.clone());
        policy.doc_number = Some(number);
    }
    let stated = stated_issuers(policy, within);
    let mut found_issuers = None;
    let mut written = None;
    {
        let signature = signature::find(&policy.body_text, within);
        if policy.kind.is_none() {
            policy.kind = kind::of_title(&policy.title).map(str::to_owned);
        }
        let no_kind = matches!(policy.kind.as_deref(), None | Some("措施"));
        if no_kind
            && policy.doc_number.is_none()
            && signature.as_ref().is_none_or(|found| found.offices.is_empty())
            && kinds::is_report(&policy.title, &policy.body_text)
        {
            policy.kind = Some("新闻".to_owned());
        }
        if policy.written_on.is_none() {
            written = written_in_labels(&policy.body_text).or_else(|| {
                let signed = signature.as_ref().and_then(|found| Some((found.date?, found.words)));
                let printed = || dates::printed(&policy.body_text).map(|(_, day, words)| (day, words));
                signed.or_else(printed).map(|(day, words)| (day, words.to_owned()))
            });
        }
        // a report names many offices and is issued by none of them
        if stated.is_empty() && policy.kind.as_deref() != Some("新闻") {
            found_issuers = issuers::of(policy, within, signature.as_ref());
        }
    }
    if let Some((date, words)) = written {
        policy.written_on = Some(date);
        policy.evidence.insert("written_on".to_owned(), words);
    }
    let issuers = match found_issuers {
        Some(found) => {
            policy.evidence.insert("issuers".to_owned(), found.words);
            found.issuers
        }
        None => stated,
    };
    if let Some(first) = region_of_issuers(&issuers) {
        narrow(policy, first.region_code.as_deref());
        if policy.region_code.is_none()
            && let Some(words) = policy.evidence.get("issuers").cloned()
        {
            policy.evidence.insert("region_code".to_owned(), words);
        }
        policy.region_code = policy.region_code.take().or_else(|| first.region_code.clone());
        policy.level = policy.level.or(first.level);
        policy.zone = policy.zone.take().or_else(|| first.zone.clone());
    }
    let issuers_unknown = issuers.is_empty();
    if !issuers.is_empty() {
        policy.issuers = issuers.into_iter().map(|issuer| issuer.name).collect();
    }
    if issuers_unknown {
        let leading = regions::leading(&policy.title).map(|found| found.region.code);
        narrow(policy, leading);
        // a collection of a province, and a text that speaks of 我市 and of one city
        if leading.is_none() {
            let own = regions::of_own_words(&policy.title, &policy.body_text);
            narrow(policy, own.map(|region| region.code));
        }
    }
    if policy.region_code.is_none() {
        // the place of the site, unless the title begins with another
        let leads = regions::leading(&policy.title).is_some();
        let of_source = within.filter(|_| policy.url.is_some() && !leads).map(str::to_owned);
        let report = policy.kind.as_deref() == Some("新闻");
        let said = regions::of(&policy.title, &policy.body_text)
            .or_else(|| regions::of_report(&policy.body_text).filter(|_| report))
            .map(|found| (found.region.code, found.words.to_owned()));
        match (of_source, said) {
            (None, Some((code, words))) => {
                policy.region_code = Some(code.to_owned());
                policy.evidence.insert("region_code".to_owned(), words);
            }
            (of_source, _) => policy.region_code = of_source.or_else(|| region_of_site(policy.url.as_deref())),
        }
    }
    if policy.region_code.is_none()
        && let Some((code, words)) = region_of_code(policy)
    {
        policy.region_code = Some(code);
        policy.evidence.insert("region_code".to_owned(), words);
    }
    if policy.level.is_none() {
        policy.level = policy.region_code.as_deref().and_then(region::by_code).map(|region| region.level);
    }
    dates::in_force(policy);
    if policy.application.is_none() {
        policy.application = windows::of(policy);
    }
    if policy.validity == Validity::Unknown && kinds::is_draft(policy.kind.as_deref(), &policy.title) {
        policy.validity = Validity::Draft;
    }
    if policy.validity == Validity::Unknown
        && let Some((validity, words)) = dates::stated_validity(policy)
    {
        policy.validity = validity;
        policy.evidence.insert("validity".to_owned(), words);
    }
    fill(policy, |policy| &mut policy.amounts, amounts::of);
    // what asks nothing of enterprises has no conditions for them
    policy.for_enterprises = policy.for_enterprises.or_else(|| audience::of(policy));
    fill(policy, |policy| &mut policy.conditions, conditions::of);
    fill(policy, |policy| &mut policy.citations, citations::of);
    fill(policy, |policy| &mut policy.contacts, contacts::of);
    fill_told(policy, "subjects", |policy| &mut policy.subjects, subjects::of);
    fill(policy, |policy| &mut policy.industries, industries::of);
    fill_told(policy, "qualifications", |policy| &mut policy.qualifications, qualifications::of);
    fill_told(policy, "support", |policy| &mut policy.support, support::of);
    policy.for_enterprises = policy.for_enterprises.or_else(|| audience::of(policy));
    crate::masking::mask(policy);
}

/// Reads a list of facts from the text where the record states none.
fn fill<T>(policy: &mut Policy, list: impl Fn(&mut Policy) -> &mut Vec<T>, read: impl Fn(&Policy) -> Vec<T>) {
    if list(policy).is_empty() {
        let found = read(policy);
        *list(policy) = found;
    }
}

/// Reads a list of words where the record states none, with the words of title or text that tell the first of them.
fn fill_told(
    policy: &mut Policy,
    field: &str,
    list: impl Fn(&mut Policy) -> &mut Vec<String>,
    read: impl Fn(&Policy) -> Option<(Vec<String>, String)>,
) {
    if list(policy).is_empty()
        && let Some((found, words)) = read(policy)
    {
        *list(policy) = found;
        policy.evidence.insert(field.to_owned(), words);
    }
}

/// Forgets a stated region that holds the one that the document names, so that the document's is taken.
fn narrow(policy: &mut Policy, named: Option<&str>) {
    let (Some(stated), Some(named)) = (policy.region_code.as_deref(), named) else { return };
    if stated != named && stated != region::NATION && region::contains(stated, named) {
        policy.region_code = None;
        policy.level = None;
    }
}

/// The offices that the record states, as full names.
fn stated_issuers(policy: &Policy, within: Option<&str>) -> Vec<Issuer> {
    policy.issuers.iter().flat_map(|name| issuer::split(name, within)).fold(Vec::new(), |mut all, issuer| {
        if !all.contains(&issuer) {
            all.push(issuer);
        }
        all
    })
}

/// Of a joint issue the office that leads: the first, but for a branch of a national body, which acts for a wider or
/// narrower place than the local offices beside it.
fn region_of_issuers(issuers: &[Issuer]) -> Option<&Issuer> {
    let branch = |issuer: &Issuer| {
        issuer.region_code.as_deref() != Some(region::NATION)
            && ["国家", "中国", "中华"].iter().any(|start| issuer.name.starts_with(start))
    };
    let placed = |issuer: &&Issuer| issuer.region_code.is_some();
    issuers.iter().filter(placed).find(|issuer| !branch(issuer)).or(issuers.iter().find(placed)).or(issuers.first())
}

/// 成文日期：2026-01-05 in the lines of labels, or （示例发〔2026〕1号　2026年1月5日） below the title.
fn written_in_labels(body: &str) -> Option<(chrono::NaiveDate, String)> {
    for line in head(body, LABELS).lines().take(12) {
        let labels = crate::extract::labels::pairs(line);
        if let Some((_, value)) = labels.into_iter().find(|(field, _)| *field == "written_on")
            && let Some(date) = crate::extract::first_date(head(value, 24))
        {
            return Some((date, value.to_owned()));
        }
        let inside = line.trim().strip_prefix(['（', '(']).and_then(|rest| rest.strip_suffix(['）', ')']));
        if let Some(inside) = inside
            && let [(range, _)] = zhida_schemas::doc_number::find_all(inside).as_slice()
        {
            for side in [&inside[..range.start], &inside[range.end..]] {
                let side = side.trim_matches([' ', '\u{3000}', '，', ',']);
                if dates::is_date(side)
                    && let Some(date) = dates::date_of(side)
                {
                    return Some((date, side.to_owned()));
                }
            }
        }
    }
    None
}

/// The place in the letters of the number of a joint issue: 渝财联… is of 重庆.
fn region_of_code(policy: &Policy) -> Option<(String, String)> {
    let words = policy.doc_number.as_deref()?;
    let number = zhida_schemas::doc_number::DocNumber::parse(words).filter(|number| !number.order)?;
    let meaning = zhida_schemas::number_code::meaning(&number.issuer_code)?;
    Some((meaning.region_code, words.to_owned()))
}

pub(crate) fn regex(pattern: &str) -> regex::Regex {
    #[allow(clippy::expect_used)]
    regex::Regex::new(pattern).expect("a pattern that every run compiles")
}

/// The first characters of a text.
pub(crate) fn head(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| &text[..at])
}

/// The last characters of a text.
pub(crate) fn tail(text: &str, characters: usize) -> &str {
    if characters == 0 {
        return "";
    }
    text.char_indices().rev().nth(characters - 1).map_or(text, |(at, _)| &text[at..])
}

/// The nation for sites of the centre; nothing is guessed from other names.
fn region_of_site(url: Option<&str>) -> Option<String> {
    let host = zhida_schemas::policy::url_key(url?);
    let host = host.split('/').next().unwrap_or_default();
    let central = [
        "www.gov.cn",
        "gov.cn",
        "sousuo.gov.cn",
        "www.miit.gov.cn",
        "www.mof.gov.cn",
        "www.most.gov.cn",
        "www.ndrc.gov.cn",
        "www.chinatax.gov.cn",
        "www.mofcom.gov.cn",
        "www.csrc.gov.cn",
    ];
    central.contains(&host).then(|| region::NATION.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_of_a_city() {
        let mut policy = Policy {
            title: "关于组织申报2026年示例项目的通知".to_owned(),
            body_text: "镇工信发〔2026〕12号\n各市（区）工信局：\n根据《示例办法》（苏工信规〔2025〕1号），现组织申报。请于2026年4月30日前报送。\n本通知自2026年4月1日起施行，有效期2年。\n镇江市工业和信息化局\n2026年3月10日".to_owned(),
            ..Policy::default()
        };
        understand(&mut policy, None);
        assert_eq!(policy.doc_number.as_deref(), Some("镇工信发〔2026〕12号"));
        assert_eq!(policy.issuers, ["镇江市工业和信息化局"]);
        assert_eq!(policy.region_code.as_deref(), Some("321100"));
        assert_eq!(policy.kind.as_deref(), Some("通知"));
        assert_eq!(policy.written_on.map(|d| d.to_string()).as_deref(), Some("2026-03-10"));
        assert_eq!(policy.effective_on.map(|d| d.to_string()).as_deref(), Some("2026-04-01"));
        assert_eq!(policy.expires_on.map(|d| d.to_string()).as_deref(), Some("2028-03-31"));
        let application = policy.application.unwrap();
        assert_eq!(application.closes_on.map(|d| d.to_string()).as_deref(), Some("2026-04-30"));
    }

    #[test]
    fn a_stated_region_is_narrowed_and_never_replaced() {
        for (stated, title, issuer, region) in [
            ("330000", "关于示例的通知", "义乌市人民政府办公室", "330782"),
            ("370000", "青岛市示例实施细则", "", "370200"),
            ("370000", "关于《济南市示例若干政策》的解读", "", "370100"),
            ("320000", "关于支持丹阳市示例的通知", "", "320000"),
            ("320000", "青岛市示例实施细则", "", "320000"),
            ("330782", "关于示例的通知", "浙江省财政厅", "330782"),
            ("100000", "青岛市示例实施细则", "", "100000"),
        ] {
            let mut policy = Policy {
                title: title.to_owned(),
                region_code: Some(stated.to_owned()),
                issuers: [issuer].into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                url: Some("https://www.example.gov.cn/1".to_owned()),
                doc_number: Some("（年度通告）".to_owned()),
                ..Policy::default()
            };
            understand(&mut policy, None);
            assert_eq!((policy.region_code.as_deref(), policy.doc_number), (Some(region), None), "{title} of {issuer}");
        }
    }

    #[test]
    fn what_is_not_said_stays_unknown() {
        let mut policy = Policy {
            title: "示例".to_owned(),
            body_text: "根据国发〔2023〕11号文件精神，做好有关工作。".to_owned(),
            ..Policy::default()
        };
        understand(&mut policy, None);
        assert_eq!((policy.doc_number, policy.region_code, policy.written_on, policy.kind), (None, None, None, None));
        assert!(policy.issuers.is_empty() && policy.application.is_none());
    }

    #[test]
    fn hostile_texts_take_little_time() {
        let patterns = [
            "镇江市财政局 2026年3月10日 ",
            "请。镇江市财政局 2026年3月10日，",
            "附件\n2026年3月10日\n",
            "。\n2026年3月10日\n",
            "苏政发〔2026〕1号",
            "自2026年3月10日起施行",
            "自2026年1月1日至",
            "我市苏州市无锡市",
            "关于",
            "（《【〔",
            "财政部、",
            "\u{3000}",
            "年月日 ",
        ];
        for pattern in patterns {
            let body_text = pattern.repeat(4 * 1024 * 1024 / pattern.len());
            let title = pattern.trim().repeat(20);
            let mut policy = Policy { title, body_text, ..Policy::default() };
            let start = std::time::Instant::now();
            understand(&mut policy, None);
            assert!(start.elapsed().as_secs() < 60, "{pattern}: {:?}", start.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(
            title in "[江苏省镇市丹阳区财政局关于印发转发《》【】〔2026〕1号的通知报道]{0,30}|\\PC{0,40}",
            body in "[我市省财政局各省、自治区直辖市。：\n 2026年3月10日一二〇自起施行印发之（）〔〕号、据近日记者]{0,80}|\\PC{0,80}",
        ) {
            let mut policy = Policy { title, body_text: body, ..Policy::default() };
            understand(&mut policy, None);
            for (field, words) in &policy.evidence {
                let said = policy.title.contains(words) || policy.body_text.contains(words);
                proptest::prop_assert!(said || field == "application", "{field}: {words}");
            }
        }
    }
}
