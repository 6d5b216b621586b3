//! Hides personal numbers that stand in crawled texts: identity cards, bank cards, and private mobile phones.
//!
//! What is hidden keeps its length: 110101**********1X (an identity card keeps its region and the last two signs),
//! 6222***********0123 (a bank card its first and last four), 138****5678 (a phone its first three and last four), and
//! a full-width digit becomes ＊. So every byte of a text stays in its place, and words quoted from it are found again.
//!
//! An identity card is told by its check sign and date, a bank card by its check digit and the words beside it. A
//! mobile phone is private where it stands in a list of persons; the phone of an office's contact stays.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use regex::Regex;
use zhida_schemas::credit_code;
use zhida_schemas::policy::{Application, Policy};

/// Most runs of digits that one number is broken into.
const MOST_RUNS: usize = 8;

/// Words beside an identity card of 15 digits, which has no check sign.
const IDENTITY: &[&str] = &["身份证", "证件号", "公民身份", "证件编号"];

/// Words beside a bank card.
const BANK: &[&str] = &["卡号", "账号", "帐号", "账户", "帐户", "银行", "开户", "银联", "一卡通", "社保卡", "储蓄"];

/// Words beside the account of an office or a company, which is public.
const PAYEE: &[&str] = &["户名", "收款单位", "单位名称", "缴款", "财政", "专户", "对公", "基本户"];

/// Words of a contact.
static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(
        r"电\s{0,4}话|联\s?系|咨询|手\s?机|热线|拨打|致电|垂询|微信|客服|举报|投诉|监督|受理|报名|传真|值班|[Tt][Ee][Ll]|[Mm]obile",
    )
});

/// Labels that name a private person.
static PERSON_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(concat!(
        r"(?:姓\s{0,2}名|申请人|当事人|被处罚人|被执行人|申报人|获奖[人者]|中奖[人者]?|中签[人者]?|购房人|承租人|参保人|考生|学员|户主|业主|",
        r"本人|法定代表人|投诉人|举报人|信访人|受助人|被保险人|被征收人|农户|贫困户|补贴对象|领取人|持卡人)(?:姓名|信息)?[\s\u{3000}]{0,2}[：:]",
        r"|姓名[\s\u{3000}]|(?:身份证|公民身份|证件)(?:号码|件号码?|号)?[\s：:]{0,4}[\d０-９]",
    ))
});

/// What only a table of persons has in its head.
static PERSON_TABLE: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(
        r"身份证|证件号|申请人|申报人|户主|性别|年龄|出生|中签|中奖|获奖|学员|考生|购房|承租|参保|补贴对象|受益人|贫困|残疾|被征收|农户|(?:录用|聘用|入围|入选|候选|人员|公示|学员)[^\t\n]{0,10}名单",
    )
});

/// What the head or the caption of a table of offices says.
static OFFICE_TABLE: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(concat!(
        r"咨询|受理|部门|经办|窗口|网点|责任单位|监督|联系方式|联系表|联系人名单|通讯录|服务机构|区县|县区|县（市|县\(市|区（市|市县|街道|乡镇|",
        r"办公地[点址]|办公电话|值班|工作站|责任科室|科室|处室",
    ))
});

static OFFICE: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(
        r"[局厅委]|办公室|中心|[科处室]\b|科[\s\t，,：:（(]|处[\s\t，,：:（(]|大厅|窗口|街道办|政府|管委会|税务|法院|服务站|热线|协会",
    )
});

/// A line of a list that begins with a person's name.
static NAME_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    crate::understand::regex(concat!(
        r"^[\s\u{3000}]*(?:[（(]?\d{1,5}[）)]?[.．、，,\s\u{3000}]{0,3})?(?:\p{Han}[\p{Han}· \u{3000}]{0,4}\p{Han})(?:[（(][^）)]{1,12}[）)])?",
        r"[\s\u{3000}，,：:；;、（(|｜/男女]+[\d\s，,*＊]*1$",
    ))
});

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identity,
    /// Known by the words beside it: 15 digits, or 18 that were miswritten.
    LabelledIdentity,
    Bank,
    /// Known by the list of persons that it stands in: a miswritten card.
    ListedBank,
    Phone,
}

impl Kind {
    /// How many signs are left at the beginning and at the end.
    fn kept(self) -> (usize, usize) {
        match self {
            Self::Identity | Self::LabelledIdentity => (6, 2),
            Self::Bank | Self::ListedBank => (4, 4),
            Self::Phone => (3, 4),
        }
    }
}

/// A number in a text.
#[derive(Debug)]
struct Number {
    kind: Kind,
    /// Its signs, half-width.
    value: String,
    /// Where each sign stands.
    signs: Vec<Range<usize>>,
}

/// Whose a phone is, as far as the place says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Person,
    Office,
    Unknown,
}

/// The numbers of a document that are to be hidden, and those that stay wherever they stand.
#[derive(Debug, Default)]
struct Verdict {
    hidden: HashSet<String>,
    stays: HashSet<String>,
}

impl Verdict {
    fn hides(&self, number: &Number) -> bool {
        self.hidden.contains(&number.value) && !(number.kind == Kind::Phone && self.stays.contains(&number.value))
    }

    /// `certain`: only what its form alone tells.
    fn read(&mut self, text: &str, certain: bool) {
        let mut numbers = numbers(text);
        numbers.retain(|number| !certain || number.kind == Kind::Identity);
        if numbers.is_empty() {
            return;
        }
        let lines = Lines::of(text);
        for number in numbers {
            let place =
                number.signs.first().map_or(0, |sign| sign.start)..number.signs.last().map_or(0, |sign| sign.end);
            let hide = match number.kind {
                Kind::Identity => !is_credit_code(text, &number, &lines, &place),
                Kind::LabelledIdentity => lines.beside(text, &place, IDENTITY, 30),
                Kind::Bank => is_card(text, &number, &lines, &place),
                Kind::ListedBank => {
                    lines.beside(text, &place, BANK, 40)
                        && !lines.beside(text, &place, PAYEE, 80)
                        && lines.owner(text, &place) == Owner::Person
                }
                Kind::Phone if self.stays.contains(&number.value) => false,
                Kind::Phone => match lines.owner(text, &place) {
                    Owner::Person => true,
                    Owner::Office => {
                        self.stays.insert(number.value.clone());
                        false
                    }
                    Owner::Unknown => false,
                },
            };
            if hide {
                self.hidden.insert(number.value);
            }
        }
    }
}

/// Hides personal numbers in title, text, HTML, attachments and every evidence; a contact whose phone is private is
/// left out. Text and HTML agree: what is hidden in one is hidden in the other. Doing it again changes nothing.
pub fn mask(policy: &mut Policy) {
    let mut verdict = Verdict::default();
    verdict.read(&policy.body_text, false);
    verdict.read(&policy.title, false);
    for text in policy.attachments.iter().filter_map(|attachment| attachment.text.as_deref()) {
        verdict.read(text, false);
    }
    let shown = Shown::of(&policy.body_html);
    // the places of tables and lines are those of the text; the HTML adds what the text left out
    verdict.read(&shown.text, !policy.body_text.is_empty());
    verdict.read(&policy.body_html, true);
    if verdict.hidden.is_empty() {
        return;
    }
    let before: Vec<String> = texts(policy).map(|text| text.to_owned()).collect();
    for text in texts(policy) {
        hide(text, &verdict);
    }
    let signs: Vec<usize> = numbers(&shown.text)
        .iter()
        .filter(|number| verdict.hides(number))
        .flat_map(|number| hidden_signs(number).map(|sign| sign.start))
        .filter_map(|at| shown.places.get(at).copied())
        .collect();
    star(&mut policy.body_html, signs.into_iter());
    // the number of a link or a hint inside a tag
    hide(&mut policy.body_html, &verdict);
    let after: Vec<String> = texts(policy).map(|text| text.to_owned()).collect();
    policy.contacts.retain(|contact| {
        let phone = contact.phone.as_deref().unwrap_or_default();
        !numbers(phone).iter().any(|number| verdict.hides(number))
    });
    for words in evidences(policy) {
        if digit_count(words) < 4 {
            continue;
        }
        let place = before.iter().zip(&after).find_map(|(before, after)| {
            let at = before.find(words.as_str())?;
            after.get(at..at + words.len())
        });
        match place {
            Some(said) => said.clone_into(words),
            None => hide(words, &verdict),
        }
    }
}

/// A text of its own with its personal numbers hidden, see [`mask`].
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut verdict = Verdict::default();
    verdict.read(text, false);
    if verdict.hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    hide(&mut out, &verdict);
    Cow::Owned(out)
}

/// The plain texts of a record from which evidence is quoted.
fn texts(policy: &mut Policy) -> impl Iterator<Item = &mut String> {
    let attachments =
        policy.attachments.iter_mut().flat_map(|file| std::iter::once(&mut file.name).chain(file.text.as_mut()));
    [&mut policy.title, &mut policy.body_text].into_iter().chain(attachments)
}

fn evidences(policy: &mut Policy) -> Vec<&mut String> {
    fn windows<'a>(application: &'a mut Application, all: &mut Vec<&'a mut String>) {
        all.extend(application.evidence.as_mut());
        all.extend(application.recurring.iter_mut());
        application.more.iter_mut().for_each(|more| windows(more, all));
    }
    let mut all: Vec<&mut String> = policy.evidence.values_mut().collect();
    all.extend(policy.amounts.iter_mut().flat_map(|amount| [&mut amount.text, &mut amount.evidence]));
    all.extend(policy.conditions.iter_mut().map(|condition| &mut condition.evidence));
    all.extend(policy.citations.iter_mut().map(|citation| &mut citation.evidence));
    all.extend(policy.contacts.iter_mut().map(|contact| &mut contact.evidence));
    if let Some(application) = &mut policy.application {
        windows(application, &mut all);
    }
    all
}

fn hide(text: &mut String, verdict: &Verdict) {
    let numbers = numbers(text);
    let signs = numbers.iter().filter(|number| verdict.hides(number)).flat_map(hidden_signs);
    let places: Vec<usize> = signs.map(|sign| sign.start).collect();
    star(text, places.into_iter());
}

fn hidden_signs(number: &Number) -> impl Iterator<Item = &Range<usize>> {
    let (first, last) = number.kind.kept();
    let count = number.signs.len().saturating_sub(first + last);
    number.signs.iter().skip(first).take(count)
}

/// Puts a star of the same width in the place of each sign.
fn star(text: &mut String, places: impl Iterator<Item = usize>) {
    let mut bytes = std::mem::take(text).into_bytes();
    for at in places {
        let wide = bytes.get(at).is_some_and(|first| *first >= 0x80);
        let star = if wide { "＊" } else { "*" };
        if let Some(sign) = bytes.get_mut(at..at + star.len()) {
            sign.copy_from_slice(star.as_bytes());
        }
    }
    *text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
}

/// The value of a digit in either width.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(c as u32 - 0xFEE0),
        _ => None,
    }
}

fn digit_count(text: &str) -> usize {
    text.chars().filter(|c| digit(*c).is_some()).count()
}

/// What may stand between the parts of one number.
fn separates(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '\u{a0}' | '\u{3000}' | '－' | '—' | '–' | '\u{2002}' | '\u{2003}' | '\u{2009}' | '\u{200b}'
            ..='\u{200d}' | '\u{feff}' | '\u{ad}'
    )
}

/// Digits with nothing between them.
struct Run {
    range: Range<usize>,
    /// What joins it to the next run: nothing when another sign stands between.
    joint: Option<char>,
}

fn runs(text: &str) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if digit(c).is_none() {
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = chars.next_if(|(_, c)| digit(*c).is_some()) {
            end = at + c.len_utf8();
        }
        let mut gap = text.get(end..).unwrap_or_default().chars().take(3);
        let joint = match (gap.next(), gap.next(), gap.next()) {
            (Some(a), Some(b), _) if separates(a) && digit(b).is_some() => Some(a),
            (Some(a), Some(b), Some(c)) if separates(a) && separates(b) && digit(c).is_some() => Some(a),
            _ => None,
        };
        all.push(Run { range: start..end, joint });
    }
    all
}

/// Every number of a text that has the form of a card or a phone, in order.
fn numbers(text: &str) -> Vec<Number> {
    let runs = runs(text);
    let mut all = Vec::new();
    let mut nth = 0;
    while nth < runs.len() {
        match number_at(text, &runs, nth) {
            Some((number, used)) => {
                all.push(number);
                nth += used;
            }
            None => nth += 1,
        }
    }
    all
}

/// The number that begins with a run: the longest that stands up to its check.
fn number_at(text: &str, runs: &[Run], nth: usize) -> Option<(Number, usize)> {
    let first = runs.get(nth)?;
    let before = text.get(..first.range.start)?.chars().next_back();
    // 2020-110101-48-03: a part of a longer code; 3.14; what is hidden already
    let cut = nth.checked_sub(1).and_then(|nth| runs.get(nth)).and_then(|run| run.joint).is_some_and(is_hyphen);
    let whole = text.get(first.range.clone())?.chars().count() >= 17;
    if cut && !whole || before.is_some_and(|c| matches!(c, '*' | '＊' | '.' | '〔' | '[')) {
        return None;
    }
    let lettered = before.is_some_and(|c| c.is_ascii_alphabetic());
    let mut signs: Vec<Range<usize>> = Vec::new();
    let mut value = String::new();
    let mut lengths = Vec::new();
    let mut best = None;
    for (used, run) in runs.get(nth..)?.iter().take(MOST_RUNS).enumerate() {
        let piece = text.get(run.range.clone())?;
        // a longer run is no number of a person
        if value.len() + piece.len() > 64 {
            break;
        }
        for (at, c) in piece.char_indices() {
            signs.push(run.range.start + at..run.range.start + at + c.len_utf8());
            value.extend(digit(c));
        }
        lengths.push(piece.chars().count());
        if value.len() > 19 {
            break;
        }
        let behind = text.get(run.range.end..)?;
        let next = behind.chars().next();
        let ends =
            (!run.joint.is_some_and(is_hyphen) || lengths == [18]) && !next.is_some_and(|c| matches!(c, '*' | '＊'));
        let check_sign = next.filter(|c| value.len() == 17 && matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ'));
        if let Some(sign) = check_sign {
            let stop = behind.get(sign.len_utf8()..).unwrap_or_default().chars().next();
            let whole = format!("{value}X");
            if !stop.is_some_and(|c| c.is_ascii_alphanumeric() || digit(c).is_some()) && is_identity(&whole) {
                let mut signs = signs.clone();
                signs.push(run.range.end..run.range.end + sign.len_utf8());
                return Some((Number { kind: Kind::Identity, value: whole, signs }, used + 1));
            }
        }
        if ends && let Some(kind) = kind_of(&value, &lengths, lettered, behind) {
            // +86 does not count
            let bare = if kind == Kind::Phone { value.get(value.len() - 11..).unwrap_or(&value) } else { &value };
            best = Some((Number { kind, value: bare.to_owned(), signs: signs.clone() }, used + 1));
        }
        if run.joint.is_none() {
            break;
        }
    }
    best
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '－' | '—' | '–')
}

/// What digits can be, by their form alone. `lengths` are those of the parts that they are broken into.
fn kind_of(value: &str, lengths: &[usize], lettered: bool, behind: &str) -> Option<Kind> {
    let next = behind.chars().next();
    if next.is_some_and(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    match value.len() {
        18 if is_identity(value) => Some(Kind::Identity),
        _ if lettered => None,
        15 if lengths.len() == 1 && is_old_identity(value) => Some(Kind::LabelledIdentity),
        18 if lengths.len() == 1 && is_miswritten_identity(value) => Some(Kind::LabelledIdentity),
        16..=19 if luhn(value) && in_fours(lengths) => Some(Kind::Bank),
        16..=19 if value.starts_with(['3', '4', '5', '6']) => Some(Kind::ListedBank),
        11 if is_mobile(value) && matches!(lengths, [11] | [3, 4, 4] | [3, 8] | [7, 4]) => {
            let counted = next.is_some_and(|c| "元万亿%％人户个台".contains(c));
            let fraction = next == Some('.') && behind.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
            (!counted && !fraction).then_some(Kind::Phone)
        }
        13 if value.starts_with("86") && value.get(2..).is_some_and(is_mobile) => Some(Kind::Phone),
        _ => None,
    }
}

fn is_mobile(value: &str) -> bool {
    value.len() == 11 && value.starts_with('1') && value.chars().nth(1).is_some_and(|c| ('3'..='9').contains(&c))
}

/// A card is written in one piece or in fours.
fn in_fours(lengths: &[usize]) -> bool {
    match lengths {
        [_] => true,
        [first @ .., last] => first.iter().all(|length| *length == 4) && *last <= 4 || matches!(lengths, [6, 10..=13]),
        [] => false,
    }
}

fn luhn(value: &str) -> bool {
    let digits = value.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(nth, digit)| if nth % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }).sum();
    sum.is_multiple_of(10) && value.chars().any(|c| c != '0')
}

/// GB 11643: a province, a day of birth, and the check sign of ISO 7064 MOD 11-2.
fn is_identity(value: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if !is_miswritten_identity(value) {
        return false;
    }
    let sum: u32 = value.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap_or_default() * weight).sum();
    let check = match (12 - sum % 11) % 11 {
        10 => 'X',
        check => char::from_digit(check, 10).unwrap_or('0'),
    };
    value.ends_with(check)
}

/// The form of an identity card, whatever its check sign.
fn is_miswritten_identity(value: &str) -> bool {
    has_province(value) && value.get(6..14).is_some_and(|day| is_day(day, 1880))
}

/// The form of before 1999: 15 digits, the year of birth in two.
fn is_old_identity(value: &str) -> bool {
    has_province(value) && value.get(6..12).is_some_and(|day| is_day(&format!("19{day}"), 1900))
}

fn has_province(value: &str) -> bool {
    let code = value.get(..2).and_then(|code| code.parse::<u8>().ok()).unwrap_or_default();
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
}

fn is_day(digits: &str, earliest: i32) -> bool {
    NaiveDate::parse_from_str(digits, "%Y%m%d").is_ok_and(|day| (earliest..2100).contains(&day.year()))
}

/// An all-digit 统一社会信用代码 that also has the form of an identity card: the words beside it tell.
fn is_credit_code(text: &str, number: &Number, lines: &Lines, place: &Range<usize>) -> bool {
    credit_code::check(&number.value).is_ok() && lines.beside(text, place, &["信用代码", "社会代码", "机构代码"], 30)
}

fn is_card(text: &str, number: &Number, lines: &Lines, place: &Range<usize>) -> bool {
    let union_pay = number.value.starts_with("62");
    let public = !union_pay && lines.beside(text, place, PAYEE, 80);
    !public && (union_pay || lines.beside(text, place, BANK, 40))
}

/// The lines of a text, and for a row of a table where its head stands.
struct Lines {
    starts: Vec<usize>,
    /// For each line that is a row: its table.
    rows: Vec<Option<usize>>,
    /// Whether a line is a cell of a table of persons that lost its form: one cell on a line.
    loose: Vec<bool>,
    tables: Vec<Table>,
    end: usize,
}

/// What the head of a table, with the caption above it, says.
struct Table {
    head: Range<usize>,
    persons: bool,
    offices: bool,
    named: bool,
}

impl Table {
    fn of(text: &str, mut head: Range<usize>) -> Self {
        while !text.is_char_boundary(head.start) {
            head.start += 1;
        }
        while !text.is_char_boundary(head.end) {
            head.end -= 1;
        }
        let words = text.get(head.clone()).unwrap_or_default();
        Self {
            persons: PERSON_TABLE.is_match(words),
            offices: OFFICE_TABLE.is_match(words),
            named: words.replace([' ', '\u{3000}'], "").contains("姓名"),
            head,
        }
    }
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut lines =
            Self { starts: Vec::new(), rows: Vec::new(), loose: Vec::new(), tables: Vec::new(), end: text.len() };
        let (mut at, mut caption) = (0, 0);
        let mut table = None;
        let mut persons = false;
        for line in text.split_inclusive('\n') {
            lines.starts.push(at);
            let row = line.trim().contains('\t');
            if row && table.is_none() {
                table = Some(lines.tables.len());
                let head = caption.max(at.saturating_sub(200))..(at + line.len()).min(at + 1_000);
                lines.tables.push(Table::of(text, head));
            } else if !row && !line.trim().is_empty() {
                table = None;
                caption = at;
            }
            lines.rows.push(table.filter(|_| row));
            let bare = line.trim();
            if bare.len() <= 36 && !bare.contains(['：', ':']) && digit_count(bare) == 0 {
                if CONTACT.is_match(bare) && OFFICE_TABLE.is_match(bare) || bare.contains("服务商") {
                    persons = false;
                } else if bare == "姓名" || bare.len() <= 18 && PERSON_TABLE.is_match(bare) {
                    persons = true;
                }
            } else if bare.ends_with('。') {
                persons = false;
            }
            lines.loose.push(persons && !row);
            at += line.len();
        }
        lines
    }

    fn table(&self, nth: usize) -> Option<&Table> {
        self.tables.get(self.rows.get(nth).copied().flatten()?)
    }

    fn nth(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn line<'a>(&self, text: &'a str, nth: usize) -> &'a str {
        let start = self.starts.get(nth).copied().unwrap_or_default();
        let end = self.starts.get(nth + 1).copied().unwrap_or(self.end);
        text.get(start..end).unwrap_or_default()
    }

    /// Whether one of `words` stands within `reach` characters before a place on its line (or the line above it), or in
    /// the head of its table.
    fn beside(&self, text: &str, place: &Range<usize>, words: &[&str], reach: usize) -> bool {
        let nth = self.nth(place.start);
        let from = self.starts.get(nth.saturating_sub(1)).copied().unwrap_or_default();
        let near = crate::understand::tail(text.get(from..place.start).unwrap_or_default(), reach);
        let head = self.table(nth).and_then(|table| text.get(table.head.clone())).unwrap_or_default();
        words.iter().any(|word| near.contains(word) || head.contains(word))
    }

    /// Whose a phone is, by the table, the line and the heading that it stands under.
    fn owner(&self, text: &str, place: &Range<usize>) -> Owner {
        let nth = self.nth(place.start);
        let start = self.starts.get(nth).copied().unwrap_or_default();
        let before = crate::understand::tail(text.get(start..place.start).unwrap_or_default(), 120);
        let before = before.rsplit('。').next().unwrap_or(before);
        let after = crate::understand::head(text.get(place.end..).unwrap_or_default(), 40);
        let after = after.lines().next().unwrap_or_default();
        if let Some(table) = self.table(nth) {
            if table.persons || PERSON_LABEL.is_match(before) {
                return Owner::Person;
            }
            if table.offices {
                return Owner::Office;
            }
            let label = before.trim_end().rsplit('\t').next().unwrap_or_default();
            let of_office = OFFICE.is_match(before) || OFFICE.is_match(after) || CONTACT.is_match(label);
            return if of_office && !table.named { Owner::Office } else { Owner::Person };
        }
        let alone = before.trim().is_empty() && after.trim().is_empty();
        if PERSON_LABEL.is_match(before) || alone && self.loose.get(nth).copied().unwrap_or_default() {
            return Owner::Person;
        }
        if CONTACT.is_match(before) {
            return Owner::Office;
        }
        if OFFICE.is_match(before) || self.under_contacts(text, nth) {
            return Owner::Office;
        }
        if NAME_FIRST.is_match(&format!("{before}1")) { Owner::Person } else { Owner::Unknown }
    }

    /// Whether a line is one of a list of contacts: 联系方式 stands above it, with nothing else between.
    fn under_contacts(&self, text: &str, nth: usize) -> bool {
        let mut others = 0;
        for above in (nth.saturating_sub(8)..nth).rev() {
            let line = crate::understand::head(self.line(text, above), 80).trim();
            if line.is_empty() {
                continue;
            }
            let numbered = digit_count(line) >= 7;
            if line.contains("名单") || line.contains("公示") {
                return false;
            }
            if CONTACT.is_match(line) {
                return others == 0 || !numbered;
            }
            others += usize::from(!numbered);
            if others > 2 {
                return false;
            }
        }
        false
    }
}

/// What a reader sees of HTML, each byte with its place in the source. Blocks end lines, cells end with a tab, other
/// tags leave nothing.
struct Shown {
    text: String,
    places: Vec<usize>,
}

impl Shown {
    fn of(html: &str) -> Self {
        let mut shown = Self { text: String::with_capacity(html.len()), places: Vec::with_capacity(html.len()) };
        let mut rest = 0;
        let mut cells = 0_usize;
        while let Some(at) = html.get(rest..).and_then(|text| text.find('<')).map(|at| rest + at) {
            shown.words(html, rest..at);
            let Some(end) = html.get(at..).and_then(|tag| tag.find('>')).map(|end| at + end + 1) else {
                rest = at;
                break;
            };
            let name = html.get(at + 1..end - 1).unwrap_or_default();
            let closes = name.starts_with('/');
            let name =
                name.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            match (name, closes) {
                ("td" | "th", false) => cells += 1,
                ("td" | "th", true) => {
                    cells = cells.saturating_sub(1);
                    shown.push('\t', at);
                }
                ("tr", true) => shown.push(if cells > 0 { ' ' } else { '\n' }, at),
                (
                    "p" | "div" | "br" | "li" | "table" | "ul" | "ol" | "section" | "blockquote" | "h1" | "h2" | "h3"
                    | "h4" | "dd" | "dt",
                    _,
                ) => shown.push(if cells > 0 { ' ' } else { '\n' }, at),
                _ => {}
            }
            rest = end;
        }
        shown.words(html, rest..html.len());
        shown
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.places.extend(std::iter::repeat_n(at, c.len_utf8()));
    }

    fn words(&mut self, html: &str, range: Range<usize>) {
        let mut at = range.start;
        let mut words = html.get(range.clone()).unwrap_or_default();
        while let Some(space) = words.find("&nbsp;") {
            self.raw(words.get(..space).unwrap_or_default(), at);
            self.push(' ', at + space);
            let skipped = space + "&nbsp;".len();
            at += skipped;
            words = words.get(skipped..).unwrap_or_default();
        }
        self.raw(words, at);
    }

    fn raw(&mut self, words: &str, at: usize) {
        self.text.push_str(words);
        self.places.extend(at..at + words.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhida_schemas::policy::{Attachment, Contact};

    /// A text and how it reads afterwards; empty: as before. All numbers are made up.
    const CASES: &[(&str, &str)] = &[
        // identity cards
        ("张某 110101199001011237", "张某 110101**********37"),
        ("身份证号：110101199001011237，男", "身份证号：110101**********37，男"),
        ("张某11010119900101004X。", "张某110101**********4X。"),
        ("张某11010119900101004x", "张某110101**********4x"),
        ("１１０１０１１９９００１０１１２３７", "１１０１０１＊＊＊＊＊＊＊＊＊＊３７"),
        ("110101 19900101 1237", "110101 ******** **37"),
        ("110101-19900101-1237", "110101-********-**37"),
        ("1101 0119 9001 0112 37", "1101 01** **** **** 37"),
        ("110101\u{a0}19900101\u{200b}1237", "110101\u{a0}********\u{200b}**37"),
        ("110101199001011237、321102198512300016", "110101**********37、321102**********16"),
        ("身份证 110101900101123", "身份证 110101*******23"),
        ("姓名\t证件号码\n张某\t110101900101123", "姓名\t证件号码\n张某\t110101*******23"),
        // bank cards
        ("开户银行示例银行，卡号6212345678901232", "开户银行示例银行，卡号6212********1232"),
        ("银行账号 6212 3456 7890 1234 569", "银行账号 6212 **** **** ***4 569"),
        ("张某6212345678901234569", "张某6212***********4569"),
        ("社保卡号：4367421234567890129", "社保卡号：4367***********0129"),
        // miswritten: the head of the column tells
        (
            "姓名\t身份证号\t银行卡号\n张三\t110101199001011238\t6212345678901234561\n李四\t110101199001011239\t6212-3456-7890-1234567",
            "姓名\t身份证号\t银行卡号\n张三\t110101**********38\t6212***********4561\n李四\t110101**********39\t6212-****-****-***4567",
        ),
        ("身份证号：110101199001011238", "身份证号：110101**********38"),
        ("户名：示例市财政局，账号：6212345678901234561", ""),
        // private phones
        ("张三 13812345678", "张三 138****5678"),
        ("1.张三，13812345678", "1.张三，138****5678"),
        ("申请人：张三，电话：13812345678", "申请人：张三，电话：138****5678"),
        ("姓名：张三 手机：138 1234 5678", "姓名：张三 手机：138 **** 5678"),
        ("姓名：张三 手机：138-1234-5678", "姓名：张三 手机：138-****-5678"),
        ("姓名：张三 手机：+8613812345678", "姓名：张三 手机：+861******5678"),
        (
            "中奖名单\n张三 13812345678\n李四\u{3000}１３９１２３４５６７８",
            "中奖名单\n张三 138****5678\n李四\u{3000}１３９＊＊＊＊５６７８",
        ),
        (
            "序号\t姓名\t联系电话\n1\t张三\t13812345678\n2\t李四\t13912345678",
            "序号\t姓名\t联系电话\n1\t张三\t138****5678\n2\t李四\t139****5678",
        ),
        (
            "序号\t企业名称\t项目\t手机号\n1\t示例有限公司\t示例\t13812345678",
            "序号\t企业名称\t项目\t手机号\n1\t示例有限公司\t示例\t138****5678",
        ),
        (
            "序号\t姓名\t身份证号\t电话\t单位\n1\t张三\t110101199001011237\t13812345678\t示例局",
            "序号\t姓名\t身份证号\t电话\t单位\n1\t张三\t110101**********37\t138****5678\t示例局",
        ),
        (
            "附件 拟录用人员名单\n序号\t人员\t单位\t电话\n1\t张三\t示例局\t13812345678",
            "附件 拟录用人员名单\n序号\t人员\t单位\t电话\n1\t张三\t示例局\t138****5678",
        ),
        (
            "法定代表人：张三，身份证号110101199001011237，电话13812345678",
            "法定代表人：张三，身份证号110101**********37，电话138****5678",
        ),
        (
            "姓名\n身份证号\n电话\n张三\n110101199001011237\n13812345678",
            "姓名\n身份证号\n电话\n张三\n110101**********37\n138****5678",
        ),
        // what stays
        ("服务商名称\n产品\n咨询电话\n示例公司\n示例\n13812345678", ""),
        ("联系人：张三，联系电话：13812345678", ""),
        ("（联系人及电话：张三 13812345678）", ""),
        ("咨询电话：138 1234 5678", ""),
        ("如有疑问请拨打13812345678。", ""),
        ("联系方式\n示例市工信局：张三，63897164；李四，13812345678；\n示例技术支持：王五，13912345678", ""),
        ("各区县联系方式\n单位\t姓名\t电话\n示例区工信局\t张三\t13812345678", ""),
        ("联系人\t张三\t联系电话\t13812345678", ""),
        ("示例市财政局\t张三\t13812345678", ""),
        ("办理时请带身份证原件。咨询电话：13812345678", ""),
        ("统一社会信用代码 91350100M000100Y43", ""),
        ("统一社会信用代码：113300000024823412", ""),
        ("索引号：11320000014000000X/2024-00123", ""),
        ("项目代码：2020-110101-48-03-012345", ""),
        ("示政发〔2024〕13812345678号", ""),
        ("补助13812345678元", ""),
        ("发票号码 13812345，金额13812345678.90元", ""),
        ("身份证号440300200102290016", ""),
        ("编号100123456789012345", ""),
        ("编号110101199001011238", ""),
        ("缴款户名：示例市财政局，账号：4367421234567890129", ""),
        ("联系电话：0511-12345678、010-12345678", ""),
        ("网址http://www.example.gov.cn/art/2024/1/5/art_13812345678.html", ""),
        ("邮箱a13812345678@example.com", ""),
        ("订单1100138123456781", ""),
        ("2024年1月15日 9:00—11:30 150.00 13800", ""),
        ("110101**********37 138****5678", ""),
        ("", ""),
    ];

    #[test]
    fn what_is_hidden_and_what_stays() {
        let mut wrong = Vec::new();
        for (text, expected) in CASES {
            let expected = if expected.is_empty() { text } else { expected };
            let found = masked(text);
            if found != *expected {
                wrong.push(format!("{text}\n  wanted {expected}\n  found  {found}"));
            }
            assert_eq!(found.len(), text.len());
            assert_eq!(masked(&found), found, "again: {text}");
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    }

    #[test]
    fn text_html_attachments_and_evidence_agree() {
        let mut policy = Policy {
            title: "示例名单公示".to_owned(),
            body_text: "现公示如下：\n姓名\t身份证号\t电话\n张三\t110101199001011237\t13812345678\n咨询电话：13712345678".to_owned(),
            body_html: concat!(
                "<p>现公示如下：</p><table><tr><td>姓名</td><td>身份证号</td><td>电话</td></tr>",
                "<tr><td><p>张三</p></td><td><span>110101</span><b>19900101</b>1237</td>",
                "<td><a href=\"tel:13812345678\">138<i>1234</i>&nbsp;5678</a></td></tr></table><p>咨询电话：13712345678</p>",
            )
            .to_owned(),
            attachments: vec![Attachment { text: Some("请加13812345678".to_owned()), ..Attachment::default() }],
            contacts: vec![
                Contact { name: None, phone: Some("13812345678".to_owned()), evidence: "张三\t110101199001011237\t13812345678".to_owned() },
                Contact { name: None, phone: Some("13712345678".to_owned()), evidence: "咨询电话：13712345678".to_owned() },
            ],
            evidence: [("conditions".to_owned(), "张三\t1101011990".to_owned())].into_iter().collect(),
            ..Policy::default()
        };
        mask(&mut policy);
        assert!(policy.body_text.contains("张三\t110101**********37\t138****5678\n咨询电话：13712345678"));
        assert!(policy.body_html.contains("<span>110101</span><b>********</b>**37"), "{}", policy.body_html);
        assert!(
            policy.body_html.contains("<a href=\"tel:138****5678\">138<i>****</i>&nbsp;5678</a>"),
            "{}",
            policy.body_html
        );
        assert!(policy.body_html.contains("咨询电话：13712345678"));
        assert_eq!(policy.attachments[0].text.as_deref(), Some("请加138****5678"));
        assert_eq!(policy.contacts.len(), 1);
        assert_eq!(policy.evidence["conditions"], "张三\t110101****");
        let once = policy.clone();
        mask(&mut policy);
        assert_eq!(policy, once);
    }

    #[test]
    fn hostile_texts_take_little_time() {
        for pattern in ["1", "1 ", "13812345678 ", "姓名\t13812345678\n", "张三 13812345678\n"] {
            let text = pattern.repeat(4 * 1024 * 1024 / pattern.len());
            let start = std::time::Instant::now();
            masked(&text);
            assert!(start.elapsed().as_secs() < 60, "{pattern:?}: {:?}", start.elapsed());
        }
        let html = "<td>1<b>3</b>".repeat(300_000);
        let start = std::time::Instant::now();
        mask(&mut Policy { body_html: html, ..Policy::default() });
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn masking_again_changes_nothing(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "110101199001011237", "13812345678", "6212345678901232", "张三", "姓名", "联系电话：", "咨询", "\t", "\n", " ", "-",
                    "、", "。", "110101", "19900101", "1237", "138", "1234", "5678", "名单", "示例局", "身份证号", "*", "<b>", "</b>", "X",
                ]),
                0..14,
            ),
        ) {
            let text = pieces.concat();
            let once = masked(&text).into_owned();
            proptest::prop_assert_eq!(masked(&once), once.as_str());
            let mut policy = Policy { body_text: text.clone(), body_html: text, ..Policy::default() };
            mask(&mut policy);
            let first = policy.clone();
            mask(&mut policy);
            proptest::prop_assert_eq!(policy, first);
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,120}") {
            let found = masked(&text).into_owned();
            proptest::prop_assert_eq!(found.len(), text.len());
            mask(&mut Policy { body_html: text.clone(), body_text: text, ..Policy::default() });
        }
    }
}
