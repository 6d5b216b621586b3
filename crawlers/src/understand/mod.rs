//! What the text of a document says: issuers, region, number, dates, kind.

mod dates;

use zhida_schemas::issuer::{self, Issuer};
use zhida_schemas::policy::{Policy, Validity};
use zhida_schemas::{kind, region};

/// Lines at the end in which a signature is looked for; attachments often stand behind it.
const SIGNATURE_LINES: usize = 400;

/// Fills fields that are still unknown from title and text, with their evidence; never overwrites what a page or an
/// import row stated, except to normalise it (an alias of an issuer to its full name). `within` is the region of the
/// source, which completes a bare 市科技局.
pub fn understand(policy: &mut Policy, within: Option<&str>) {
    let stated_region = policy.region_code.clone();
    let within = stated_region.as_deref().filter(|code| *code != region::NATION).or(within);
    if policy.doc_number.is_none()
        && let Some(number) = crate::extract::own_number(&policy.title, &policy.body_text)
    {
        policy.evidence.insert("doc_number".to_owned(), number.clone());
        policy.doc_number = Some(number);
    }
    if policy.kind.is_none() {
        policy.kind = kind::of_title(&policy.title).map(str::to_owned);
    }
    let signature = dates::signature(&policy.body_text, SIGNATURE_LINES);
    if policy.written_on.is_none()
        && let Some(found) = &signature
    {
        policy.written_on = Some(found.date);
        policy.evidence.insert("written_on".to_owned(), found.words.clone());
    }
    let issuers = issuers(policy, within, signature.as_ref().map(|found| found.above.as_str()));
    if let Some(first) = issuers.first() {
        policy.region_code = policy.region_code.take().or_else(|| first.region_code.clone());
        policy.level = policy.level.or(first.level);
        policy.zone = policy.zone.take().or_else(|| first.zone.clone());
    }
    if !issuers.is_empty() {
        policy.issuers = issuers.into_iter().map(|issuer| issuer.name).collect();
    }
    if policy.region_code.is_none() {
        policy.region_code = region_of_title(&policy.title)
            .or_else(|| within.filter(|_| policy.url.is_some()).map(str::to_owned))
            .or_else(|| region_of_site(policy.url.as_deref()));
    }
    if policy.level.is_none() {
        policy.level = policy.region_code.as_deref().and_then(region::by_code).map(|region| region.level);
    }
    dates::in_force(policy);
    if policy.application.is_none() {
        policy.application = dates::application(&policy.body_text, policy.published_on.or(policy.written_on));
    }
    if policy.validity == Validity::Unknown && policy.kind.as_deref() == Some("征求意见稿") {
        policy.validity = Validity::Draft;
    }
}

/// Stated offices as full names; else those of the title, the signature, or the head of the text.
fn issuers(policy: &mut Policy, within: Option<&str>, above_date: Option<&str>) -> Vec<Issuer> {
    let stated: Vec<Issuer> =
        policy.issuers.iter().flat_map(|name| issuer::split(name, within)).fold(Vec::new(), |mut all, issuer| {
            if !all.contains(&issuer) {
                all.push(issuer);
            }
            all
        });
    if !stated.is_empty() {
        return stated;
    }
    let mut sources: Vec<String> = Vec::new();
    // 某某局关于…的通知
    if let Some((before, _)) = policy.title.split_once("关于") {
        sources.push(before.trim_matches(['《', ' ']).to_owned());
    }
    if let Some((before, _)) = policy.title.split_once("印发") {
        sources.push(before.trim().to_owned());
    }
    sources.extend(above_date.map(str::to_owned));
    // the head of the text: the offices stand on lines of their own before the title
    let head: Vec<&str> = policy.body_text.lines().map(str::trim).filter(|line| !line.is_empty()).take(8).collect();
    sources.extend(head.iter().filter(|line| line.chars().count() <= 40).map(|line| (*line).to_owned()));
    for source in sources {
        let found = issuer::split(&source, within);
        // a bare 市科技局 that nothing completes says too little
        let found: Vec<Issuer> = found.into_iter().filter(|issuer| issuer.region_code.is_some()).collect();
        if !found.is_empty() {
            policy.evidence.insert("issuers".to_owned(), source);
            return found;
        }
    }
    // 国办发〔…〕: the code names the office
    let number = policy.doc_number.as_deref().and_then(zhida_schemas::doc_number::DocNumber::parse);
    let code = number.map(|number| number.issuer_code).unwrap_or_default();
    let known = [("国办", "国务院办公厅"), ("国发", "国务院"), ("国函", "国务院"), ("国令", "国务院")];
    let named = known.iter().find(|(start, _)| code.starts_with(start));
    named.and_then(|(_, name)| issuer::parse(name, None)).into_iter().collect()
}

/// 江苏省… at the beginning of a title, with or without an office behind it.
fn region_of_title(title: &str) -> Option<String> {
    let title = title.trim_start_matches(['《', '“', ' ', '关', '于', '印', '发']);
    region::at_start(title, None).map(|(region, _)| region.code.to_owned()).filter(|code| code != region::NATION)
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
}
