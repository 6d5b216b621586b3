//! Leased messages as the store would give them, all 示例.

use chrono::{DateTime, NaiveDate, Utc};
use zhida::config::{Config, Mail, Platform};
use zhida::store::deliveries::{LeasedMessage, MessageItem};
use zhida_schemas::policy::Application;
use zhida_schemas::{Match, Policy, Reason, ReasonKind, ReasonState};

/// 09:30 in Shanghai.
pub fn morning() -> DateTime<Utc> {
    "2026-03-02T01:30:00Z".parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn platform() -> Platform {
    Platform {
        name: "示例市惠企政策直达平台".into(),
        region_code: "321100".into(),
        base_url: "https://zhida.example".into(),
        contact: "0511-0000000（工作日 9:00—17:00）".into(),
    }
}

pub fn config(mail_url: &str) -> Config {
    let mail =
        Mail { url: mail_url.to_owned(), from: "示例市惠企政策直达平台 <noreply@zhida.example>".into() };
    Config { platform: platform(), mail, ..Config::default() }
}

pub fn policy(id: &str, title: &str) -> Policy {
    Policy {
        id: id.into(),
        version: 1,
        url: Some(format!("https://gxj.shili.example/zcwj/{id}.html?a=1&b=2")),
        title: title.into(),
        doc_number: Some("示工信发〔2026〕12号".into()),
        issuers: vec!["示例市工业和信息化局".into(), "示例市财政局".into()],
        published_on: Some(day("2026-03-01")),
        application: Some(Application {
            opens_on: Some(day("2026-03-05")),
            closes_on: Some(day("2026-04-15")),
            closes_at: Some("17:00".into()),
            ..Application::default()
        }),
        ..Policy::default()
    }
}

pub fn reason(kind: ReasonKind, state: ReasonState, text: &str, evidence: &str) -> Reason {
    Reason { kind, state, text: text.into(), evidence: evidence.into() }
}

pub fn reasons() -> Vec<Reason> {
    use ReasonKind::{Condition, Keyword, Qualification, Region};
    use ReasonState::{Met, Unknown, Unmet};
    vec![
        reason(Region, Met, "适用于示例市，企业在示例市京口区", ""),
        reason(
            Condition,
            Unknown,
            "要求上年度营业收入不低于2000万元，企业资料中没有填写",
            "上年度营业收入2000万元以上（含）",
        ),
        reason(Qualification, Met, "企业是专精特新中小企业", "已认定为专精特新中小企业"),
        reason(Condition, Unmet, "要求注册满三年，企业注册两年", "在本市注册登记满三年"),
        reason(Keyword, Met, "提到您关注的“智能化改造”", "支持企业实施智能化改造数字化转型"),
    ]
}

pub fn matched(policy: &str, reasons: Vec<Reason>) -> Match {
    Match { profile: "E1".into(), policy: policy.into(), score: 0.9, reasons }
}

pub fn item(id: &str, title: &str, occasion: &str, enterprises: &[&str]) -> MessageItem {
    let matches = enterprises.iter().map(|name| ((*name).to_owned(), matched(id, reasons()))).collect();
    MessageItem { policy: policy(id, title), occasion: occasion.into(), matches }
}

pub fn message(id: &str, address: &str, items: Vec<MessageItem>) -> LeasedMessage {
    LeasedMessage {
        id: id.into(),
        channel: "mail".into(),
        address: address.into(),
        digest: false,
        attempts: 0,
        last_error: None,
        created_at: morning().timestamp_millis(),
        items,
    }
}

pub fn immediate() -> LeasedMessage {
    let title = "关于组织申报2026年度示例市中小企业智能化改造专项资金项目的通知（示例）";
    message("0a1b2c3d", "office@enterprise.example", vec![item("p1", title, "new", &["示例精密制造有限公司"])])
}

pub fn digest() -> LeasedMessage {
    let mut second = item("p2", "示例省高新技术企业认定管理工作指引（示例）", "change 2", &["示例软件有限公司"]);
    second.policy.application = Some(Application { open_ended: true, ..Application::default() });
    second.policy.doc_number = None;
    let mut third = item("p3", "示例区稳岗返还申领公告（示例）", "reminder T-3", &["示例商贸有限公司"]);
    third.policy.url = None;
    third.policy.issuers.clear();
    third.policy.application = None;
    third.matches[0].1.reasons.clear();
    let first =
        item("p1", "关于支持软件企业发展的若干措施（示例）", "new", &["示例精密制造有限公司", "示例软件有限公司"]);
    LeasedMessage { digest: true, ..message("d1", "office@enterprise.example", vec![first, second, third]) }
}
