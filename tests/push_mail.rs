//! What a subscriber finds in the inbox, over real SMTP.

#![allow(clippy::unwrap_used)]

#[path = "support/notices.rs"]
mod notices;

use std::path::Path;
use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders};
use notices::{config, digest, immediate, item, message, platform, reason};
use zhida::config::Mail;
use zhida::push::catcher::{Catcher, CaughtMail};
use zhida::push::channels::mail::MailChannel;
use zhida::push::channels::{Channel, Outcome};
use zhida::push::render::{Rendered, render};
use zhida::push::unsubscribe;
use zhida::store::deliveries::LeasedMessage;
use zhida_schemas::{ReasonKind, ReasonState};

const SECRET: &str = "示例密钥";

fn rendered(message: &LeasedMessage) -> Rendered {
    render(message, &platform(), SECRET).unwrap()
}

fn channel(catcher: &Catcher) -> MailChannel {
    MailChannel::new(&config(&format!("smtp://{}", catcher.address())).mail).unwrap()
}

/// Sends over SMTP and gives back what arrived.
async fn received(message: &LeasedMessage) -> CaughtMail {
    let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
    assert_eq!(channel(&catcher).send(&rendered(message)).await, Outcome::Delivered);
    let mut mails = catcher.caught().mails();
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

fn header<'a>(data: &'a str, name: &str) -> Vec<&'a str> {
    let head = data.split("\r\n\r\n").next().unwrap();
    head.split("\r\n").filter_map(|line| line.split_once(": ")).filter(|(n, _)| *n == name).map(|(_, v)| v).collect()
}

/// The text is compared with a file that was read by a person.
fn assert_same_as(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails").join(file);
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected != text {
        let seen = path.with_extension("seen.txt");
        std::fs::write(&seen, text).unwrap();
        panic!("{} differs; what came is in {}: read it, and move it there if it is right", file, seen.display());
    }
}

#[tokio::test]
async fn an_immediate_notice_arrives_whole() {
    let mail = received(&immediate()).await;
    assert_eq!(mail.from, "noreply@zhida.example");
    assert_eq!(mail.to, ["office@enterprise.example"]);
    let data = String::from_utf8(mail.data).expect("ASCII on the wire");
    assert!(data.is_ascii());
    assert_eq!(header(&data, "Message-ID"), ["<0a1b2c3d@zhida.example>"]);
    assert_eq!(header(&data, "Date"), ["Mon, 02 Mar 2026 01:30:00 +0000"]);
    assert_eq!(header(&data, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
    assert_eq!(header(&data, "List-Id"), ["<policies.zhida.example>"]);
    assert_eq!(header(&data, "Auto-Submitted"), ["auto-generated"]);
    assert_eq!(header(&data, "Precedence"), [""; 0]);
    assert_eq!(header(&data, "To"), ["office@enterprise.example"]);
    let [unsubscribe] = header(&data, "List-Unsubscribe")[..] else { panic!("{data}") };
    let token = unsubscribe.strip_prefix("<https://zhida.example/u/").unwrap().strip_suffix('>').unwrap();
    let who = unsubscribe::read(SECRET, token).unwrap();
    assert_eq!(who, ("mail".into(), "office@enterprise.example".into()));

    let parsed = MessageParser::default().parse(data.as_bytes()).unwrap();
    assert_eq!(
        parsed.subject(),
        Some("【新政策】关于组织申报2026年度示例市中小企业智能化改造专项资金项目的通知（示例）")
    );
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("示例市惠企政策直达平台"));
    assert_eq!(parsed.content_type().unwrap().subtype(), Some("alternative"));
    assert_same_as("immediate.txt", &parsed.body_text(0).unwrap().replace("\r\n", "\n").replace(token, "TOKEN"));
    let html = parsed.body_html(0).unwrap();
    for part in [
        "申报截止",
        "2026年4月15日 17:00",
        "待确认",
        "上年度营业收入2000万元以上",
        "https://zhida.example/policies/p1",
        "a=1&#38;b=2",
        token,
    ] {
        assert!(html.contains(part), "{part} is not in the HTML part");
    }
}

#[tokio::test]
async fn a_digest_tells_each_policy_with_its_enterprises() {
    let mail = received(&digest()).await;
    let data = String::from_utf8(mail.data).unwrap();
    assert_eq!(header(&data, "Precedence"), ["bulk"]);
    let parsed = MessageParser::default().parse(data.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("今日3条与您有关的政策"));
    let token = unsubscribe::token_for(SECRET, "mail", "office@enterprise.example");
    assert_same_as("digest.txt", &parsed.body_text(0).unwrap().replace("\r\n", "\n").replace(&token, "TOKEN"));
}

#[tokio::test]
async fn the_same_message_is_the_same_octets() {
    assert_eq!(received(&immediate()).await.data, received(&immediate()).await.data);
}

#[tokio::test]
async fn nothing_from_outside_reaches_a_header_or_the_markup() {
    let evil = "通知\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u{2028}\u{202e}\"&'";
    let mut message =
        message("id\r\nX-Evil: 1", "office@enterprise.example", vec![item("p\r\n1/../<", evil, "new", &[evil])]);
    message.items[0].policy.doc_number = Some(evil.into());
    message.items[0].policy.issuers = vec![evil.into()];
    message.items[0].policy.url = Some("javascript:alert(1)".into());
    message.items[0].matches[0].1.reasons = vec![reason(ReasonKind::Keyword, ReasonState::Met, evil, evil)];
    let mut platform = platform();
    platform.name = evil.into();
    platform.contact = evil.into();
    let rendered = render(&message, &platform, SECRET).unwrap();

    let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
    let from = format!("{evil} <noreply@zhida.example>");
    let settings = Mail { url: format!("smtp://{}", catcher.address()), from };
    assert_eq!(MailChannel::new(&settings).unwrap().send(&rendered).await, Outcome::Delivered);
    let mail = catcher.caught().mails().remove(0);
    assert_eq!(mail.to, ["office@enterprise.example"]);
    let data = String::from_utf8(mail.data).unwrap();
    assert!(data.is_ascii());
    for name in ["Bcc", "X-Evil"] {
        assert!(header(&data, name).is_empty(), "{data}");
    }
    let parsed = MessageParser::default().parse(data.as_bytes()).unwrap();
    assert!(parsed.bcc().is_none() && parsed.header("X-Evil").is_none());
    assert!(parsed.subject().unwrap().contains("Bcc: victim@example.org <script>"), "kept as words of the subject");
    assert_eq!(parsed.parts.len(), 3);
    let html = parsed.body_html(0).unwrap();
    assert!(!html.contains("<script") && !html.contains("javascript:") && !html.contains('\u{202e}'), "{html}");
    let text = parsed.body_text(0).unwrap();
    assert!(!text.contains("javascript:"));
    assert!(text.lines().all(|line| !line.starts_with("Bcc")), "{text}");
}

#[tokio::test]
async fn a_mail_stays_within_bounds_whatever_is_in_it() {
    let long = "很长的标题".repeat(1_000);
    let many = |id: usize, enterprises: usize| {
        let names: Vec<String> = (0..enterprises).map(|at| format!("{long}{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut item = item(&format!("p{id}"), &long, "new", &names);
        item.policy.issuers = vec![long.clone(); 10];
        item.policy.doc_number = Some(long.clone());
        for (_, matched) in &mut item.matches {
            matched.reasons = vec![reason(ReasonKind::Keyword, ReasonState::Unknown, &long, &long); 20];
        }
        item
    };
    let items = (0..250).map(|id| many(id, if id == 0 { 50 } else { 1 })).collect();
    let digest = LeasedMessage { digest: true, ..message("d", "office@enterprise.example", items) };
    let mail = received(&digest).await;
    assert!(mail.data.len() < 1_500_000, "{} octets", mail.data.len());
    assert!(mail.data.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = MessageParser::default().parse(&mail.data).unwrap();
    assert_eq!(parsed.subject(), Some("今日250条与您有关的政策"));
    let text = parsed.body_text(0).unwrap();
    assert!(
        text.contains("policies/p0\r\n") && text.contains("policies/p229\r\n") && !text.contains("policies/p230\r\n")
    );
    assert!(text.contains("另外 20 条") && text.contains("另有 45 家") && text.contains("另有 15 条理由"));

    let single = received(&message("m", "office@enterprise.example", vec![many(1, 50)])).await;
    assert!(single.data.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = MessageParser::default().parse(&single.data).unwrap();
    let subject = parsed.subject().unwrap();
    assert!(subject.ends_with('…') && subject.chars().count() <= 86, "{subject}");
}

#[tokio::test]
async fn an_unusual_address_is_sent_to_or_refused() {
    let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
    let channel = channel(&catcher);
    for (address, delivered) in [
        ("a+b@enterprise.example", true),
        ("王@企业.example", true),
        ("no address", false),
        ("a@enterprise.example>\r\nRCPT TO:<b@enterprise.example", false),
        ("", false),
    ] {
        let outcome = channel.send(&rendered(&message("m", address, immediate().items))).await;
        assert_eq!(outcome == Outcome::Delivered, delivered, "{address}: {outcome:?}");
        assert!(delivered || matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
    let to: Vec<_> = catcher.caught().mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["a+b@enterprise.example", "王@企业.example"]);
}

#[tokio::test]
async fn each_way_of_failing_is_told_apart() {
    let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
    let channel = channel(&catcher).with_time_limit(Duration::from_millis(1500));
    let notice = rendered(&immediate());
    let always = u32::MAX;
    let refuse = |reply: &str| catcher.fail(|faults| faults.recipients = vec![("*".into(), reply.into(), always)]);

    refuse("450 4.2.1 later");
    assert!(matches!(channel.send(&notice).await, Outcome::RetryAfter(_)));
    refuse("550-5.1.1 no such user\r\n550 5.1.1 <office@enterprise.example>");
    let Outcome::RecipientGone(reason) = channel.send(&notice).await else { panic!() };
    assert_eq!(reason, "邮件服务器在收到收件人时答复 550 5.1.1 no such user <…>");
    refuse("550 no");
    assert!(matches!(channel.send(&notice).await, Outcome::RecipientDoubtful(_)));
    refuse("550 5.7.1 we do not like you");
    assert!(matches!(channel.send(&notice).await, Outcome::Blocked(_)));

    catcher
        .fail(|faults| (faults.recipients, faults.content) = (Vec::new(), Some(("554 5.6.0 what is this".into(), 1))));
    assert!(matches!(channel.send(&notice).await, Outcome::Refused(_)));
    catcher.fail(|faults| faults.content = Some(("451 4.3.0 disk full".into(), 1)));
    assert!(matches!(channel.send(&notice).await, Outcome::RetryAfter(_)));
    catcher.fail(|faults| faults.dropped = 1);
    assert!(matches!(channel.send(&notice).await, Outcome::RetryAfter(_)));
    catcher.fail(|faults| faults.delay = Duration::from_secs(5));
    let Outcome::RetryAfter(reason) = channel.send(&notice).await else { panic!() };
    assert_eq!(reason, "邮件服务器没有按时答复");
    catcher.fail(|faults| faults.delay = Duration::ZERO);

    catcher.fail(|faults| faults.sender = Some("550 5.7.1 sender refused".into()));
    assert!(matches!(channel.send(&notice).await, Outcome::Misconfigured(_)));
    catcher.fail(|faults| (faults.sender, faults.greeting) = (None, Some("421 4.3.2 closing".into())));
    assert!(matches!(channel.send(&notice).await, Outcome::Unavailable(_)));
    catcher.fail(|faults| faults.greeting = Some("554 5.7.1 go away".into()));
    assert!(matches!(channel.send(&notice).await, Outcome::Misconfigured(_)));
    catcher.fail(|faults| faults.greeting = None);
    assert_eq!(channel.send(&notice).await, Outcome::Delivered);

    let login = |reply: Option<&str>| {
        catcher.fail(|faults| faults.login = reply.map(str::to_owned));
        let url = format!("smtp://user:secret@{}", catcher.address());
        MailChannel::new(&config(&url).mail).unwrap()
    };
    assert_eq!(login(Some("235 2.7.0 welcome")).send(&notice).await, Outcome::Delivered);
    assert!(matches!(login(Some("535 5.7.8 wrong")).send(&notice).await, Outcome::Misconfigured(_)));
    assert!(matches!(login(Some("454 4.7.0 later")).send(&notice).await, Outcome::Unavailable(_)));
    assert!(matches!(login(None).send(&notice).await, Outcome::Misconfigured(_)), "AUTH is not offered");
    let url = format!("smtp+starttls://{}", catcher.address());
    let starttls = MailChannel::new(&config(&url).mail).unwrap();
    assert!(matches!(starttls.send(&notice).await, Outcome::Misconfigured(_)), "STARTTLS is not offered");
    let url = format!("smtps://{}", catcher.address());
    let tls = MailChannel::new(&config(&url).mail).unwrap();
    let outcome = tls.send(&notice).await;
    assert!(matches!(outcome, Outcome::Misconfigured(_) | Outcome::Unavailable(_)), "no TLS there: {outcome:?}");

    drop(catcher);
    let outcome = channel.send(&notice).await;
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_connection_is_used_again_and_replaced_when_it_broke() {
    let first = Catcher::start("127.0.0.1:0").await.unwrap();
    let channel = channel(&first);
    let notice = rendered(&immediate());
    assert_eq!(channel.send(&notice).await, Outcome::Delivered);
    // The pooled connection outlives a greeting that would refuse a new one.
    first.fail(|faults| faults.greeting = Some("421 4.3.2 busy".into()));
    assert_eq!(channel.send(&notice).await, Outcome::Delivered);
    // Refused recipients leave it usable.
    first.fail(|faults| faults.recipients = vec![("*".into(), "550 5.1.1 no".into(), 1)]);
    assert!(matches!(channel.send(&notice).await, Outcome::RecipientGone(_)));
    assert_eq!(channel.send(&notice).await, Outcome::Delivered);

    let (address, caught) = (first.address(), first.caught());
    drop(first);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let _second = Catcher::start_with(address, caught.clone()).await.unwrap();
    assert_eq!(channel.send(&notice).await, Outcome::Delivered);
    assert_eq!(caught.len(), 4);
}
