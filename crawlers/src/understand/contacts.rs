//! Whom to ask.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::policy::{Contact, Policy};

use super::{head, tail};

/// Most contacts of a document.
const MOST: usize = 60;

/// Longest name of a person or an office, in characters.
const LONGEST_NAME: usize = 40;

/// Longest line of which more than the surroundings of a phone is evidence, in characters.
const LONGEST_EVIDENCE: usize = 160;

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"(?:\+?86[-\s]?)?1[3-9]\d(?:\d{8}|[-\s]\d{4}[-\s]?\d{4})",
        r"|400[-—\s]?\d{3,4}[-—\s]?\d{3,4}|800[-—]\d{3}[-—]?\d{4}",
        r"|[（(]?0\d{2,3}[）)]?\s{0,2}[-—－–－\s]{0,3}[2-9]\d{6,7}(?:\s?[-—－–转]\s?\d{1,6})?",
        r"|[2-9]\d{6,7}(?:\s?[-—－–转]\s?\d{1,6})?",
        r"|1[12]\d{3}|9[56]\d{3,4}",
    ))
});

/// Words that announce a phone.
static CUE: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"联\s*系\s*人(?:员)?(?:及|和|、)?(?:联系)?(?:电话|方式)?|联\s*系\s*电\s*话|联系方式|(?:业务|政策|技术|服务|投诉|举报|监督|办公|值班)?(?:咨询|投诉|举报|监督|服务|办公|值班|报名|受理)?(?:电\s*话|热线)",
        r"|咨询|手机|拨打|致电|[Tt][Ee][Ll]",
    ))
});

/// A label right before a phone, with what may stand around it.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(concat!(
        r"[\s\u{3000}，,；;、（(：:]*(?:(?:的)?(?:联\s*系|咨\s*询|办\s*公|服\s*务|监\s*督|举\s*报|投\s*诉|值\s*班|受\s*理|报\s*名|业务|技术支持|政策|固定|移动|座机)*",
        r"(?:电\s*话|热\s*线|手\s*机|方式|[Tt][Ee][Ll])(?:号码)?(?:（?[及和/]?(?:传真|微信)(?:同号)?）?)?|拨打|致电)?[\s\u{3000}：:，,（(]*$",
    ))
});

static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(r"联\s*系\s*人(?:员)?(?:(?:及|和|、)?(?:联系)?(?:电话|方式))?[\s\u{3000}]*[：:]?[\s\u{3000}]*")
});

/// What numbers stand for that are no phones.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"(?i)(?:传\s*真|邮\s*编|邮政编码|QQ\s*(?:群|号)?|群号|微信号|账号|帐号|卡号|编号|证号|代码|序号|邮\s*箱|e-?mail|网址|文号)(?:号码)?[\s\u{3000}：:]*$",
    )
});

/// The number of an item of a list.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"^(?:[\s\u{3000}]*(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十\d]{1,3}[.．、）)]))+",
    )
});

/// Labels of the office that a phone belongs to.
static PLACE: LazyLock<Regex> = LazyLock::new(|| super::regex(r"(?:地点|部门|单位|科室|机构|处室|窗口)$"));

/// What is an address and no name.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"[路街道巷]\s?\d|\d+\s?号|[室楼层号]$|邮编|地址|\d{4}|网站|http|[：:]$"));

/// Words that lead to whom to call.
static CALL: LazyLock<Regex> =
    LazyLock::new(|| super::regex(r"(?:请|可|欢迎)?(?:及时)?(?:联系|拨打|致电|咨询|垂询)(?:我|至|向)?"));

/// What a sentence has and no name.
static NO_NAME: LazyLock<Regex> = LazyLock::new(|| {
    super::regex(
        r"[《》“”？！]|通过|提交|提供|采取|采用|办理|即可|理解|敬请|相关|材料|不得|应当|已经|并将|进行|可以|可在|按照|可至|可到|前往|获得|符合|需要|方式|申请人|企业名称|单位名称|程序|填写|下载|登录|登陆|发送|反馈|开辟|邮寄|送达",
    )
});

/// Short words in the place of a name: 技术电话, 三级.
const NO_PERSONS: &[&str] = &[
    "技术", "业务", "政策", "服务", "系统", "平台", "申报", "企业", "单位", "部门", "名称", "公司", "投诉", "举报",
    "监督", "值班", "受理", "固定", "移动", "办公", "支持", "市民", "群众", "其他", "其它", "各地", "全国", "邮箱",
    "网址", "问题", "疑问", "同时", "并", "以及", "一级", "二级", "三级", "四级", "备注", "序号", "报名", "财务",
];

/// What names of offices, and of persons with their office, have in them.
const OFFICES: &[char] = &[
    '局', '厅', '部', '委', '处', '科', '室', '办', '司', '所', '院', '会', '站', '行', '府', '镇', '乡', '队', '组',
    '署', '校', '社', '园', '馆', '团', '省', '市', '区', '县', '州', '旗', '庭', '股',
];

static MAIL: LazyLock<Regex> = LazyLock::new(|| super::regex(r"(?i)(?:e-?mail|邮\s*箱)?[：:\s]*[\w.+-]+@[\w.-]+"));

/// Persons and offices with their phones that the text gives for questions, in order, each pair once. Where as many
/// persons as phones are named they go together. Numbers of cards, fax, post and chat are none.
pub fn of(policy: &Policy) -> Vec<Contact> {
    let text = policy.body_text.as_str();
    if !["联系", "联 系", "电话", "电 话", "咨询", "热线", "手机", "拨打", "致电", "Tel", "TEL"]
        .iter()
        .any(|word| text.contains(word))
    {
        return Vec::new();
    }
    let mut all: Vec<Contact> = Vec::new();
    let mut at = 0;
    let mut under_heading = false;
    // 联系人：张某 on the line above its phone
    let mut waiting: Option<(Range<usize>, Vec<String>)> = None;
    let mut columns: Option<Columns> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if all.len() >= MOST {
            break;
        }
        if line.trim().contains('\t') {
            match &columns {
                None => columns = Columns::of(line),
                Some(columns) => all.extend(columns.read(line)),
            }
            if columns.as_ref().is_some_and(|columns| columns.phone.is_some()) {
                continue;
            }
        } else {
            columns = None;
        }
        let cued = CUE.is_match(line);
        if !cued && !under_heading {
            waiting = None;
            continue;
        }
        let phones = phones(line);
        if phones.is_empty() {
            // 联系人及电话： / 某司 张三 / 010-…
            let bare = line.trim();
            if under_heading && !cued && is_name(bare) && !bare.contains(['，', '。', '：', ':']) {
                waiting = Some((start..at, vec![bare.to_owned()]));
                continue;
            }
            under_heading = cued && line.trim().chars().count() <= 40;
            waiting = PERSON.find(line).and_then(|label| {
                let names = names(line.get(label.end()..)?);
                (!names.is_empty()).then_some((start + label.start()..at, names))
            });
            continue;
        }
        under_heading = cued || under_heading;
        all.extend(read(text, line, start, &phones, under_heading, waiting.take()));
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|contact| seen.insert((contact.name.clone(), contact.phone.clone())));
    all.truncate(MOST);
    all
}

/// The phones of a line in groups: those with nothing but separators between them belong together.
fn phones(line: &str) -> Vec<Vec<Range<usize>>> {
    let mut groups: Vec<Vec<Range<usize>>> = Vec::new();
    for found in PHONE.find_iter(line).take(MOST) {
        let before = line.get(..found.start()).unwrap_or_default();
        let behind = line.get(found.end()..).unwrap_or_default();
        let cut = before
            .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '@' | '_' | '*' | '〔'))
            || behind.starts_with(|c: char| {
                c.is_ascii_alphanumeric() || matches!(c, '@' | '*' | '年' | '元' | '万' | '号' | '%')
            })
            || behind.starts_with('.') && behind.chars().nth(1).is_some_and(|c| c.is_ascii_alphanumeric());
        let short = found.as_str().chars().filter(char::is_ascii_digit).count() <= 6;
        let called = || {
            let near = tail(before, 12);
            ["热线", "电话", "拨打", "致电"].iter().any(|word| near.contains(word))
        };
        if cut || short && !called() {
            continue;
        }
        let joined = groups.last().and_then(|group| group.last()).is_some_and(|last| {
            let between = line.get(last.end..found.start()).unwrap_or_default();
            between.chars().count() <= 5
                && between.chars().all(|c| "、，,/；; \u{3000}\u{a0}或和及　｜|）)（(".contains(c))
        });
        match groups.last_mut().filter(|_| joined) {
            Some(group) => group.push(found.range()),
            None => groups.push(vec![found.range()]),
        }
    }
    groups
}

/// The contacts of one line.
fn read(
    text: &str,
    line: &str,
    start: usize,
    groups: &[Vec<Range<usize>>],
    listed: bool,
    waiting: Option<(Range<usize>, Vec<String>)>,
) -> Vec<Contact> {
    let mut all = Vec::new();
    let mut from = 0;
    let mut waiting = waiting;
    for group in groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let lead_from = from;
        let lead = line.get(from..first.start).unwrap_or_default();
        from = last.end;
        let near = tail(lead, 20);
        let shared = ["话及传真", "话/传真", "话、传真", "话（传真", "话和传真", "话(传真"]
            .iter()
            .any(|label| near.contains(label));
        if OTHER.is_match(near) && !shared {
            continue;
        }
        let label = LABEL.find(lead).filter(|label| label.as_str().chars().any(char::is_alphanumeric));
        let cued = label.is_some() || CUE.is_match(tail(lead, 60));
        if !cued && !listed {
            continue;
        }
        let mut named = names_before(lead, label.map_or(lead.len(), |label| label.start()));
        let whole = line.trim();
        let mut words = whole;
        if whole.chars().count() > LONGEST_EVIDENCE {
            // of a long line the clause that names and calls
            let piece = line.get(lead_from..last.end).unwrap_or_default();
            let piece = tail(piece, LONGEST_EVIDENCE);
            let stop = lead.len().min(piece.len());
            let clause = piece.get(..piece.len().saturating_sub(last.end - first.start)).unwrap_or_default();
            let begin = PERSON.find_iter(clause).last().map(|label| label.start());
            let begin =
                begin.or_else(|| clause.rfind(['。', '；']).map(|at| at + '。'.len_utf8())).filter(|at| *at <= stop);
            words = piece.get(begin.unwrap_or_default()..).unwrap_or(piece).trim();
        }
        if let Some((place, names)) = waiting.take().filter(|_| named.is_empty()) {
            words = tail(text.get(place.start..start + last.end).unwrap_or_default(), LONGEST_EVIDENCE).trim();
            named = names;
        }
        let paired = named.len() == group.len() && named.len() > 1;
        for (nth, phone) in group.iter().enumerate() {
            let name =
                if paired { named.get(nth).cloned() } else { Some(named.join("、")).filter(|name| !name.is_empty()) };
            let phone = line.get(phone.clone()).map(|phone| phone.trim().to_owned());
            all.push(Contact { name, phone, evidence: words.to_owned() });
        }
    }
    all
}

/// The persons or the office that the words before a phone name; `end` is where the phone's label begins.
fn names_before(lead: &str, end: usize) -> Vec<String> {
    let before = lead.get(..end).unwrap_or_default();
    let before =
        before.rsplit(['。', '；', ';']).find(|part| part.chars().any(char::is_alphanumeric)).unwrap_or_default();
    if let Some(label) = PERSON.find_iter(before).last() {
        return names(before.get(label.end()..).unwrap_or_default());
    }
    let before = MAIL.split(before).last().unwrap_or_default();
    let trimmed = before.trim_matches(|c: char| !c.is_alphanumeric() && !"）)".contains(c));
    let last = trimmed
        .rsplit(['，', ',', ' ', '\u{3000}', '\t', '（', '('])
        .find(|part| part.chars().any(char::is_alphanumeric))
        .unwrap_or_default();
    let bare = without_label(last);
    // 市民可拨打某市税务局
    let begin = CALL.find_iter(bare).last().map_or(0, |call| call.end());
    let bare = bare.get(begin..).unwrap_or_default();
    let bare = bare.trim_matches(|c: char| !c.is_alphanumeric() && !"）)".contains(c));
    if is_name(bare) { vec![bare.to_owned()] } else { Vec::new() }
}

/// The names behind 联系人：, up to the next label.
fn names(words: &str) -> Vec<String> {
    let words = words.split(['；', ';', '。', '\n']).next().unwrap_or_default();
    let stop =
        ["电话", "联系", "手机", "电 话", "传真", "地址", "邮箱"].iter().filter_map(|stop| words.find(stop)).min();
    let words = words.get(..stop.unwrap_or(words.len())).unwrap_or_default();
    // 张某，李某 are persons too, what else follows a comma is none
    let person =
        |part: &str| (2..=4).contains(&part.chars().count()) && part.chars().all(|c| ('一'..='龥').contains(&c));
    let first = words.split(['，', ',']).next().unwrap_or_default();
    let listed = words.split(['，', ',']).map(str::trim).filter(|part| !part.is_empty()).all(person);
    let words = if listed { words } else { first };
    let words = words.trim_matches(|c: char| !c.is_alphanumeric() && !"）)".contains(c));
    words.split(['、', '/', '，', ',']).map(str::trim).filter(|name| is_name(name)).map(str::to_owned).collect()
}

/// 2.政策咨询：某局 → 某局
fn without_label(words: &str) -> &str {
    let words = ITEM.find(words).and_then(|item| words.get(item.end()..)).unwrap_or(words);
    match words.split_once(['：', ':']) {
        Some((label, rest))
            if rest.chars().any(char::is_alphanumeric) && (CUE.is_match(label) || PLACE.is_match(label)) =>
        {
            rest
        }
        Some((label, rest)) if !rest.chars().any(char::is_alphanumeric) => label,
        _ => words,
    }
}

fn is_name(words: &str) -> bool {
    let length = words.chars().count();
    let labels =
        ["电话", "联系", "咨询", "热线", "地址", "时间", "如有", "有关", "可", "请", "方式", "详见", "附件", "公示"];
    (2..=LONGEST_NAME).contains(&length)
        && !words.is_ascii()
        && !labels.iter().any(|label| words.starts_with(label))
        && !words.ends_with("电话")
        && !NO_NAME.is_match(words)
        && (is_person(words.rsplit(['：', ':']).next().unwrap_or(words))
            || words.contains(OFFICES)
            || ["中心", "窗口", "大厅", "街道", "客服", "学", "基地", "集团"].iter().any(|word| words.contains(word)))
        && !ADDRESS.is_match(words)
        && words.matches(['）', ')']).count() == words.matches(['（', '(']).count()
}

/// Two to four letters that are no word for something else, or a name with its title.
fn is_person(words: &str) -> bool {
    let plain: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    let titled = ["先生", "女士", "老师", "经理", "主任", "科长", "处长", "同志", "工程师"];
    let length = plain.chars().count();
    let several = plain.split(['、', '/', '，', ',']).all(|part| (2..=4).contains(&part.chars().count()));
    let letters = plain.chars().all(|c| ('一'..='龥').contains(&c) || "、/，,·".contains(c));
    let spaced = words.split_whitespace().count() > 1
        && words
            .split_whitespace()
            .all(|part| part.chars().count() <= 4 && part.chars().all(|c| ('一'..='龥').contains(&c)));
    let known = !NO_PERSONS.iter().any(|word| plain.starts_with(word) || plain.ends_with(word));
    known && (letters && several || spaced || length <= 8 && titled.iter().any(|title| plain.contains(title)))
}

/// A table with a column of phones.
struct Columns {
    phone: Option<usize>,
    person: Option<usize>,
    office: Option<usize>,
}

impl Columns {
    fn of(head: &str) -> Option<Self> {
        let cells: Vec<String> =
            head.trim_end_matches('\n').split('\t').map(|cell| cell.split_whitespace().collect()).collect();
        let find = |words: &[&str]| cells.iter().position(|cell| words.iter().any(|word| cell.contains(word)));
        let phone = find(&["电话", "联系方式", "热线"]);
        // a row of labels and values is no head
        let values = cells.iter().any(|cell| PHONE.is_match(cell));
        let person = find(&["联系人", "姓名", "负责人"]);
        let office = find(&["单位", "部门", "机构", "区县", "地区", "窗口", "名称", "科室", "街道", "县（市"]);
        Some(Self { phone: phone.filter(|_| !values && (person.is_some() || office.is_some())), person, office })
    }

    fn read(&self, line: &str) -> Vec<Contact> {
        let Some(phone) = self.phone else { return Vec::new() };
        let cells: Vec<&str> = line.trim_end_matches('\n').split('\t').map(str::trim).collect();
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).copied().filter(|cell| is_name(cell));
        let name = match (cell(self.office), cell(self.person)) {
            (Some(office), Some(person)) if office != person => Some(format!("{office} {person}")),
            (office, person) => person.or(office).map(str::to_owned),
        };
        let found = cells.get(phone).map(|cell| phones_of_cell(cell)).unwrap_or_default();
        let evidence = head(line.trim(), LONGEST_EVIDENCE);
        found
            .into_iter()
            .map(|phone| Contact { name: name.clone(), phone: Some(phone), evidence: evidence.to_owned() })
            .collect()
    }
}

fn phones_of_cell(cell: &str) -> Vec<String> {
    phones(cell)
        .into_iter()
        .flatten()
        .filter_map(|range| cell.get(range))
        .map(|phone| phone.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text and its contacts: name (empty: none) and phone.
    const CASES: &[(&str, &[(&str, &str)])] = &[
        ("联系人：张三，电话：010-68550001", &[("张三", "010-68550001")]),
        ("联系人：张三；联系电话：63899930、13812345678。", &[("张三", "63899930"), ("张三", "13812345678")]),
        ("联系人：张三，李四；联系电话：63897164，63897165", &[("张三", "63897164"), ("李四", "63897165")]),
        ("（联系人及电话：李某 0511-22345678）", &[("李某", "0511-22345678")]),
        ("联系人：张三、李四；联系电话：63897164、63897165。", &[("张三", "63897164"), ("李四", "63897165")]),
        ("联系人：张三、李四、王五；联系电话：63897164。", &[("张三、李四、王五", "63897164")]),
        (
            "示例区商务局，联系电话：0532-88990001；示例区发改局，联系电话：0532-88990002。",
            &[("示例区商务局", "0532-88990001"), ("示例区发改局", "0532-88990002")],
        ),
        ("咨询电话：示例市住建局市场科0892-8660001。", &[("示例市住建局市场科", "0892-8660001")]),
        (
            "四、联系方式\n市经信委：装备处张三，023—63890001；\n市住建委：交通处李四，023—63890002。\n附件：申报书",
            &[("市经信委：装备处张三", "023—63890001"), ("市住建委：交通处李四", "023—63890002")],
        ),
        ("（联系人：市工信局科技处　张三；\n电话及传真：83605001）", &[("市工信局科技处　张三", "83605001")]),
        ("联系电话：85072001 传真：85072002 邮编：537000", &[("", "85072001")]),
        ("如有疑问，请拨打12345热线或致电0511-84420001。", &[("", "12345"), ("", "0511-84420001")]),
        ("服务热线：400-820-0001", &[("", "400-820-0001")]),
        ("联 系 人：张 三\n联系电话：0511-84420001", &[("张 三", "0511-84420001")]),
        ("联系人：张三（13812345678）", &[("张三", "13812345678")]),
        ("3.政策咨询：示例市财政局企业科，0511-84420001", &[("示例市财政局企业科", "0511-84420001")]),
        ("受理地点：示例政务中心，电话5660001。", &[("示例政务中心", "5660001")]),
        ("咨询电话：(0511)84420001转8012", &[("", "(0511)84420001转8012")]),
        (
            "单位\t联系人\t联系电话\n示例区工信局\t张三\t0511-84420001\n示例县工信局\t李四\t0511-84420002",
            &[("示例区工信局 张三", "0511-84420001"), ("示例县工信局 李四", "0511-84420002")],
        ),
        (
            "联系人： 示例部建设司： 电话：010-85093001    010-85093002 传真：010-85093003 Email：a@example.gov.cn 示例部经济司： 电话：010-68552001",
            &[("示例部建设司", "010-85093001"), ("示例部建设司", "010-85093002"), ("示例部经济司", "010-68552001")],
        ),
        ("Tel: 010-68552001", &[("", "010-68552001")]),
        ("监督举报电话：12380", &[("", "12380")]),
        ("特此通知。\n联系人及电话：\n示例促进司 张三 李四\n010-62080001", &[("示例促进司 张三 李四", "010-62080001")]),
        ("有疑问的市民可拨打示例市税务局，电话0511-84420001。", &[("示例市税务局", "0511-84420001")]),
        ("技术电话：0511-84420001", &[("", "0511-84420001")]),
        ("按程序提交即可，咨询电话：0511-84420001", &[("", "0511-84420001")]),
        ("敬请理解、支持与配合，咨询电话：0511-84420001", &[("", "0511-84420001")]),
        // none
        ("联系人：张三", &[]),
        ("身份证号110101199001011237", &[]),
        ("联系电话详见附件，金额12345678元。", &[]),
        ("咨询QQ群：123456789", &[]),
        ("申请人：张三，电话：13812345678", &[]),
        ("姓名\t身份证号\t联系电话\n张三\t110101199001011237\t13812345678", &[]),
        ("2024年12月31日前报送，项目编号20240001。", &[]),
        ("", &[]),
    ];

    #[test]
    fn contacts_of_texts() {
        let mut wrong = Vec::new();
        for (text, expected) in CASES {
            let mut policy = Policy { body_text: (*text).to_owned(), ..Policy::default() };
            crate::understand(&mut policy, None);
            let found: Vec<(&str, &str)> = policy
                .contacts
                .iter()
                .map(|one| (one.name.as_deref().unwrap_or_default(), one.phone.as_deref().unwrap_or_default()))
                .collect();
            if found != *expected {
                wrong.push(format!("{text}\n  wanted {expected:?}\n  found  {found:?}"));
            }
            assert!(
                policy.contacts.iter().all(|one| policy.body_text.contains(&one.evidence) && !one.evidence.is_empty())
            );
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    }

    #[test]
    fn hostile_texts_take_little_time() {
        for pattern in
            ["联系人：", "联系电话：63899930、", "电话63899930\n", "单位\t电话\n", "联系方式\n张三 ", "63899930 "]
        {
            let body_text = format!("联系电话{}", pattern.repeat(4 * 1024 * 1024 / pattern.len()));
            let policy = Policy { body_text, ..Policy::default() };
            let start = std::time::Instant::now();
            of(&policy);
            assert!(start.elapsed().as_secs() < 60, "{pattern:?}: {:?}", start.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn evidence_is_in_the_text(body_text in "[联系人咨询电话：张三、，；。（）0-9\\- \n\t市局]{0,100}|\\PC{0,60}") {
            let policy = Policy { body_text, ..Policy::default() };
            for one in of(&policy) {
                proptest::prop_assert!(policy.body_text.contains(&one.evidence), "{}", one.evidence);
                proptest::prop_assert!(one.phone.is_some());
            }
        }
    }
}
