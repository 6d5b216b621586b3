//! A leased message in words: subject, text part and HTML part.

use askama::Template;
use chrono::{Datelike, NaiveDate};
use zhida_schemas::policy::{Application, Validity};
use zhida_schemas::{Match, Policy, ReasonState};

use crate::clock;
use crate::config::Platform;
use crate::effective;
use crate::push::unsubscribe;
use crate::store::deliveries::{LeasedMessage, MessageItem};

/// Policies that are told in full; further ones are named with their link.
const MAX_FULL: usize = 30;
/// Policies that are named after those; further ones are counted.
const MAX_NAMED: usize = 200;
/// Enterprises of one address that are told with their reasons; further ones are counted.
const MAX_ENTERPRISES: usize = 5;
/// Reasons of one state for one enterprise.
const MAX_REASONS: usize = 5;
/// Characters of a title in the subject, where a phone shows some 40.
const MAX_SUBJECT: usize = 80;
/// Characters of a title, a name, a list of issuers.
const MAX_TITLE: usize = 200;
/// Characters of a reason, and of the words that it rests on.
const MAX_REASON: usize = 160;
/// Octets of a link to the original.
const MAX_LINK: usize = 1000;

/// A message ready for a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Of the message.
    pub id: String,
    /// Where it goes.
    pub to: String,
    /// Whether it is a digest.
    pub digest: bool,
    /// When the message was made, epoch milliseconds.
    pub created_at: i64,
    /// One line.
    pub subject: String,
    /// The whole in plain text.
    pub text: String,
    /// The whole in HTML.
    pub html: String,
    /// Ends every notice to this address; `None` for what is no notice.
    pub unsubscribe_url: Option<String>,
}

/// Puts a message into words. `secret` signs the unsubscribe link.
///
/// # Errors
/// The template could not be filled.
pub fn render(message: &LeasedMessage, platform: &Platform, secret: &str) -> Result<Rendered, askama::Error> {
    let base_url = platform.base_url.trim_end_matches('/');
    let today = clock::local(message.created_at).date_naive();
    let unsubscribe_url =
        format!("{base_url}/u/{}", unsubscribe::token_for(secret, &message.channel, &message.address));
    let subject = subject(message);
    let entries: Vec<Entry> = message
        .items
        .iter()
        .take(MAX_FULL)
        .enumerate()
        .map(|(at, item)| Entry::of(item, (message.items.len() > 1).then_some(at + 1), base_url, today))
        .collect();
    let named = message.items.iter().skip(MAX_FULL).take(MAX_NAMED);
    let content = Content {
        platform: short(&platform.name, MAX_TITLE),
        contact: short(&platform.contact, MAX_TITLE),
        headline: headline(message),
        entries,
        named: named.map(|item| (short(&item.policy.title, MAX_TITLE), link(base_url, &item.policy.id))).collect(),
        left_out: message.items.len().saturating_sub(MAX_FULL + MAX_NAMED),
        base_url: base_url.to_owned(),
        unsubscribe_url: unsubscribe_url.clone(),
    };
    Ok(Rendered {
        id: message.id.clone(),
        to: message.address.clone(),
        digest: message.digest,
        created_at: message.created_at,
        text: Text { content: &content }.render()? + "\n",
        html: Html { subject: &subject, content: &content }.render()?,
        subject,
        unsubscribe_url: Some(unsubscribe_url),
    })
}

/// Text from outside on one line: no control character reaches a header or a layout.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || is_layout(c) { ' ' } else { c }).collect();
    spaced.split([' ', '\u{a0}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Line and paragraph separators, and characters that turn the direction of what follows.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// On one line, and cut after `limit` characters.
fn short(text: &str, limit: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= limit {
        return line;
    }
    line.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

fn subject(message: &LeasedMessage) -> String {
    match message.items.as_slice() {
        [item] if !message.digest => {
            format!("【{}】{}", occasion(item), short(&title(&item.policy), MAX_SUBJECT))
        }
        items => format!("今日{}条与您有关的政策", items.len()),
    }
}

fn headline(message: &LeasedMessage) -> String {
    match message.items.as_slice() {
        [item] if !message.digest => match occasion(item) {
            "政策废止" => "一条推送过给您的政策已废止".to_owned(),
            "政策修改" => "一条推送过给您的政策已被修改".to_owned(),
            "政策失效" => "一条推送过给您的政策已失效".to_owned(),
            "政策恢复" => "一条推送过给您的政策已恢复".to_owned(),
            "申报提醒" => "一条与您有关的政策即将截止申报".to_owned(),
            _ => "有一条新政策与您有关".to_owned(),
        },
        items => format!("今日{}条与您有关的政策", items.len()),
    }
}

fn occasion(item: &MessageItem) -> &'static str {
    match item.occasion.split(' ').next() {
        Some("change") => match item.policy.validity {
            Validity::Repealed => "政策废止",
            Validity::Amended => "政策修改",
            Validity::Expired => "政策失效",
            _ => "政策恢复",
        },
        Some("reminder") => "申报提醒",
        _ => "新政策",
    }
}

/// What changed and why, in one sentence.
fn change(policy: &Policy, today: NaiveDate) -> String {
    if let Some(words) = effective::why(policy, today) {
        return words;
    }
    let label = policy.validity.label();
    match (policy.validity, policy.evidence.get("validity")) {
        (Validity::Repealed | Validity::Amended | Validity::Expired, Some(words)) => {
            format!("{label}（依据：“{}”）", short(words, MAX_REASON))
        }
        (Validity::Repealed | Validity::Amended | Validity::Expired, None) => label.to_owned(),
        (Validity::Unknown, _) => "恢复发布，此前的撤下或废止标注已取消".to_owned(),
        _ => format!("恢复发布，此前的撤下或废止标注已取消；时效：{label}"),
    }
}

fn title(policy: &Policy) -> String {
    let title = short(&policy.title, MAX_TITLE);
    if title.is_empty() { "（无标题）".to_owned() } else { title }
}

fn link(base_url: &str, id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("{base_url}/policies/{id}")
}

/// The original's address, when it is one that a reader may click on.
fn original(policy: &Policy) -> Option<String> {
    let url = url::Url::parse(policy.url.as_deref()?).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && url.as_str().len() <= MAX_LINK).then(|| url.to_string())
}

fn date(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// The end of the window that a reader of `today` can still meet, else of the first.
fn closing(application: &Application, today: NaiveDate) -> Option<String> {
    let windows = || std::iter::once(application).chain(&application.more);
    let open = windows().filter(|window| window.closes_on.is_some_and(|end| end >= today));
    let window = open.min_by_key(|window| window.closes_on).or_else(|| windows().find(|w| w.closes_on.is_some()));
    if let Some((window, end)) = window.and_then(|window| Some((window, window.closes_on?))) {
        let time = window.closes_at.as_deref().map(|time| format!(" {}", short(time, 10))).unwrap_or_default();
        let past = if end < today { "（已截止）" } else { "" };
        return Some(format!("{}{time}{past}", date(end)));
    }
    if application.open_ended {
        return Some("长期有效".to_owned());
    }
    let recurring = application.recurring.iter().take(5).map(|text| short(text, 40)).collect::<Vec<_>>().join("；");
    (!recurring.is_empty()).then_some(recurring)
}

/// What both templates show.
struct Content {
    platform: String,
    contact: String,
    headline: String,
    entries: Vec<Entry>,
    named: Vec<(String, String)>,
    left_out: usize,
    base_url: String,
    unsubscribe_url: String,
}

/// One policy.
struct Entry {
    number: Option<usize>,
    label: &'static str,
    title: String,
    facts: Vec<(&'static str, String)>,
    enterprises: Vec<Why>,
    more_enterprises: usize,
    link: String,
    /// Of the later document that changed this one.
    cause: Option<String>,
    original: Option<String>,
}

/// Why one enterprise gets it.
struct Why {
    enterprise: String,
    reasons: Vec<Line>,
    more_reasons: usize,
}

/// One reason.
struct Line {
    state: &'static str,
    /// Colours of the state's word: text and ground.
    colours: (&'static str, &'static str),
    text: String,
    evidence: String,
}

impl Entry {
    fn of(item: &MessageItem, number: Option<usize>, base_url: &str, today: NaiveDate) -> Self {
        let policy = &item.policy;
        let is_change = item.occasion.starts_with("change");
        let cause = policy.validity_by.first().filter(|_| is_change);
        let facts = [
            ("变化", is_change.then(|| short(&change(policy, today), MAX_TITLE + MAX_REASON))),
            ("发文机关", Some(short(&policy.issuers.join("、"), MAX_TITLE))),
            ("发文字号", policy.doc_number.as_deref().map(|number| short(number, 80))),
            ("发布日期", policy.published_on.map(date)),
            ("申报截止", policy.application.as_ref().and_then(|application| closing(application, today))),
        ];
        Self {
            number,
            label: occasion(item),
            title: title(policy),
            facts: facts
                .into_iter()
                .filter_map(|(label, value)| Some((label, value.filter(|value| !value.is_empty())?)))
                .collect(),
            enterprises: item
                .matches
                .iter()
                .take(MAX_ENTERPRISES)
                .map(|(name, matched)| Why::of(name, matched))
                .collect(),
            more_enterprises: item.matches.len().saturating_sub(MAX_ENTERPRISES),
            link: link(base_url, &policy.id),
            cause: cause.map(|cause| link(base_url, &cause.policy_id)),
            original: original(policy),
        }
    }
}

impl Why {
    /// Of each state the weightiest, so that what must be checked is not cut off by what is met.
    fn of(name: &str, matched: &Match) -> Self {
        let states = [
            (ReasonState::Met, "符合", ("#0b6b3a", "#e3f4ea")),
            (ReasonState::Unknown, "待确认", ("#8a5a00", "#fdf1d8")),
            (ReasonState::Unmet, "不符合", ("#a12622", "#fbe6e5")),
        ];
        let reasons: Vec<Line> = states
            .into_iter()
            .flat_map(|(state, word, colours)| {
                let of_state = matched.reasons.iter().filter(move |reason| reason.state == state);
                of_state.take(MAX_REASONS).map(move |reason| Line {
                    state: word,
                    colours,
                    text: short(&reason.text, MAX_REASON),
                    evidence: short(&reason.evidence, MAX_REASON),
                })
            })
            .collect();
        let more_reasons = matched.reasons.len() - reasons.len();
        Self { enterprise: short(name, MAX_TITLE), reasons, more_reasons }
    }
}

#[derive(Template)]
#[template(path = "mail/notice.txt", escape = "none")]
struct Text<'a> {
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct Html<'a> {
    subject: &'a str,
    content: &'a Content,
}
