//! The sentences of a text, and for each who speaks in it: what an applicant must meet, what shuts one out, who is
//! rewarded.

use std::sync::LazyLock;

use regex::Regex;

use crate::understand::regex;

/// Longer sentences are tables and lists; they are cut.
const LONGEST: usize = 500;

/// Headings have at most this many characters.
const HEADING: usize = 24;

/// What a sentence is to an applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An item of 申报条件 or a sentence that says what an applicant must be.
    Required,
    /// An item of 符合下列条件之一.
    Alternative,
    /// An item of 有下列情形之一的不得申报.
    Refused,
    /// Who is given something: 对…的企业，给予….
    Rewarded,
    /// Nothing says who is meant, and nothing that it is somebody else: only bounds on an enterprise's own figures are
    /// read.
    Plain,
    /// Plans, reports, penalties, duties of authorities.
    None,
}

/// A piece of the text between full stops, semicolons and line ends, without its number (一、 （二） 3.).
#[derive(Debug, Clone, Copy)]
pub struct Sentence<'a> {
    /// Its words.
    pub text: &'a str,
    /// What it is to an applicant.
    pub role: Role,
    /// Whether it stands in a list of conditions, not only by itself.
    pub in_block: bool,
    /// Whether it names the applicant: 申报单位, 支持对象, 适用于.
    pub names_applicant: bool,
    /// Whether it is the first of its line.
    pub begins_line: bool,
    /// Rank of its number (一、 before （一） before 1.), if it has one.
    pub rank: Option<u8>,
}

/// `一、申报条件`, `支持对象：…`, `第六条 认定条件`.
static HEADING_OF_CONDITIONS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[^。；，：:]{0,16}?(?:条件|门槛|对象|申报主体|申请主体|支持主体|主体要求|主体资格|申报范围|适用范围|支持范围|申报资格|申请资格|资格要求|申报要求|申请要求|申报门槛|入库标准|认定标准|评定标准|准入标准|推荐标准|领取资格|[\p{Han}]{0,2}(?:基本|企业|单位|主体|其他|共同|规模|创新|合规|人员|资质|财务|信用|经营|经济|用工|具体|指标)要求|用工规范|谁(?:能|可以?)申(?:报|请))(?:[及和与、][^。；，：:]{2,6})?(?:如下)?(?:[（(][^）)]{0,20}[）)])?\s*(?:[：:]|$)",
    )
});

/// Headings that look like those and are none.
static OTHER_HEADING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"支付|拨付|验收|材料|报送|填报|格式|退出|评审|补贴标准|奖励标准|补助标准|支持标准|资助标准|保障条件|优惠|处罚|监督|评价对象|考核|发放对象|检查|抽查|施工|公示对象|贷款条件|担保条件|融资条件|还款|专家|工作条件|生产条件|培训对象",
    )
});

/// Headings after which conditions are over.
static OVER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"材料|程序|流程|方式|时间|期限|内容|标准|金额|额度|政策|措施|联系|咨询|附件|受理|办理|组织|管理|监督|事项|依据|部门|责任|重点|方向|目标|任务|步骤|评审|公示",
    )
});

/// `申报企业应同时具备以下条件：`.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:具备|符合|满足|达到)[：:]$|(?:条件|门槛|申报要求)(?:为|是|如下)?[：:]$|(?:具备|符合|满足|达到|具有)[^。；]{0,14}?(?:以下|下列|如下|下述)[^。；]{0,12}?(?:条件|要求|规定|情形|标准|资格|指标)|(?:以下|下列)(?:\S{0,6})?条件[^。；]{0,16}[：:]$|条件(?:如下|包括|为|是)[：:]?$|(?:应当?|须|需|必须)(?:同时)?(?:具备|符合|满足)(?:以下|下列|如下)?[：:]$|可以?(?:申请|申报|申领|享受)[^。；，]{0,24}(?:企业|单位|主体)(?:[（(][^）)]{0,12}[）)])?[：:]$",
    )
});

/// `有下列情形之一的，不得申报：`, and the like.
static REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:不得|不予|不能|不可|不再|不接受|不)(?:参与|参加|纳入|列入|给予|组织|进行|作为|享受)?(?:贴息|兑现|发放|资助|申报|申请|支持|受理|享受|推荐|认定|奖补|补助|奖励|资助|评选|评定|扶持|入选|入库|备案|纳入|列入|参评|补贴|适用|返还|评审|授权|报名|入驻|参选|再次申请|予支持)|取消[^。；，]{0,6}资格|谢绝|(?:情形|情况|下列|以下)[^。；]{0,10}除外|反向排除|负面清单[：:]",
    )
});

static OPENS_A_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:以下|下列|如下|之一)[^。；]{0,30}$|[：:]\s*$"));

/// Who applies, with what is asked of it.
static APPLICANT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:申报|申请|参评|参选|参赛|参与|推荐|被推荐|征集|支持|扶持|奖励|补贴|补助|资助|受奖|牵头|承担|实施|认定|入库|入选|遴选|服务|揭榜|试点|示范|拟|入驻|本项目)的?(?:项目)?(?:单位|企业|主体|对象|人|者|机构|平台|基地)[^。；]{0,24}?(?:应|须|需|必须|具备|具有|符合|满足|要求|为|是|在|限|包括|：)|(?:企业|单位|主体|机构|公司|纳税人|合作社|平台|基地|孵化器|方|总部|项目)(?:[（(][^）)]{0,30}[）)])?(?:的?[，,])?[\p{Han}]{0,6}?(?:应|须|需|必须|要求)|(?:应当?|须|需|必须|并|还)(?:同时)?(?:具备|符合|满足|达到)|(?:适用于|面向)[^。；]{2,60}(?:企业|单位|主体|机构|纳税人|项目)|(?:本办法|本细则|本通知|本政策|本措施)?所称[^。；，]{2,20}(?:是指|，是指)",
    )
});

/// Words that only an applicant is called by.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:申报|申请|申领|参评|参选|揭榜|入库|遴选|推荐|入选|试点|认定)的?(?:单位|企业|主体|对象|机构)|(?:支持|扶持|奖励|补贴|补助|资助|申请|服务|适用|征集|奖补|评价|培育)对象|适用于|所称|是指|限于|^凡",
    )
});

/// Whom requirements can be of; products and systems have some too.
static ASKED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"企业|单位|机构|主体|申请|申报|公司|纳税人|平台|基地|法人|总部|合作社|对象|资格|须|方"));

static REWARD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"给予|予以|奖励|奖补|补助|补贴|资助|贴息|减免|减征|免征|免收|缓缴|返还|可以?(?:申请|享受|申报|按)|享受|优先支持|重点支持|纳入",
    )
});

/// The head of a column of demands.
static ASKING_COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(?:(?:基本|指标|认定|申报|具体|最低|评价)?(?:要求|条件|门槛)|(?:认定|评定|评价|准入|申报)标准)$")
});

/// A sentence that gives: 对通过评价的企业给予30万元奖励.
static GRANT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:对|经)[^。；]{2,40}(?:给予|予以|奖励|补助|补贴|资助)"));

static REWARDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:对|凡|鼓励|支持|经)[^。；]{2,}?(?:企业|单位|的|机构|主体|项目|平台|基地|个体工商户)|(?:企业|单位|机构|主体)[^。；]{0,60}的[，,]|(?:免征|减征|减免|返还|缓缴|免收)[^。；，]{0,8}(?:企业|单位|个体工商户)|(?:以上|以下|以内|满[^。；，]{1,8})[^，。；]{0,12}的(?:[\p{Han}]{0,12}(?:企业|单位))?[，,]?",
    )
});

/// Who is spoken of is no applicant.
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"目标|力争|确保|全社会|到\s?20\d\d年|到“|年底前|实现|同比|累计|培育|打造|规划|预计|共有|全市|全省|全县|全区|全国|全州|罚|责令|专家|委员|公示|委托|招标|采购|预算|下达|余额|统计|截至|建设期|据了解|记者|十四五|十五五|完成情况|增加值|考核指标|研究内容|性能指标",
    )
});

/// Rank of the number that a sentence begins with (第一章 before 第一条 before 一、 before （一） before 1. before （1）
/// before ①), and its length in bytes.
fn numbered(text: &str) -> Option<(u8, usize)> {
    const NUMERALS: &str = "一二三四五六七八九十百〇零两";
    let first = text.chars().next()?;
    let run = |text: &str, of: &dyn Fn(char) -> bool, most: usize| -> Option<usize> {
        let length: usize = text.chars().take_while(|c| of(*c)).take(most + 1).map(char::len_utf8).sum();
        let count = text.get(..length)?.chars().count();
        (1..=most).contains(&count).then_some(length)
    };
    let numeral = |c: char| NUMERALS.contains(c);
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let after = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
    match first {
        '第' => {
            let length = run(&text[first.len_utf8()..], &|c| numeral(c) || digit(c), 5)?;
            let end = first.len_utf8() + length;
            let rank = match after(end)? {
                '章' => 0,
                '节' => 1,
                '条' => 2,
                _ => return None,
            };
            Some((rank, end + '条'.len_utf8()))
        }
        '（' | '(' => {
            let inside = &text[first.len_utf8()..];
            let (rank, length) = match (run(inside, &numeral, 3), run(inside, &digit, 2)) {
                (Some(length), _) => (4, length),
                (None, Some(length)) => (6, length),
                _ => return None,
            };
            let end = first.len_utf8() + length;
            after(end).filter(|c| matches!(c, '）' | ')')).map(|c| (rank, end + c.len_utf8()))
        }
        '①'..='⑳' => Some((7, first.len_utf8())),
        _ if numeral(first) => {
            let end = run(text, &numeral, 3)?;
            after(end).filter(|c| matches!(c, '、' | '．')).map(|c| (3, end + c.len_utf8()))
        }
        _ if digit(first) => {
            let end = run(text, &digit, 2)?;
            let mark = after(end)?;
            let next = after(end + mark.len_utf8());
            match mark {
                '.' | '．' if !next.is_some_and(digit) => Some((5, end + mark.len_utf8())),
                '、' if !next.is_some_and(digit) => Some((5, end + mark.len_utf8())),
                '）' | ')' => Some((6, end + mark.len_utf8())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The pieces of a text, each with whether it begins a line.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut from, mut begins_line, mut length, mut previous) = (0, true, 0, '\n');
    let mut add = |from: usize, to: usize, begins_line: bool| {
        let piece = text[from..to].trim();
        if !piece.is_empty() {
            pieces.push((piece, begins_line));
        }
    };
    for (at, c) in text.char_indices() {
        // （一） or 2. behind a blank, a colon or a full stop begins an item also inside a line
        let begins_item = at > from
            && (previous.is_whitespace() || matches!(previous, '：' | ':' | '）' | '”' | ','))
            && (matches!(c, '（' | '(' | '第' | '①'..='⑳') || c.is_ascii_digit() || "一二三四五六七八九十".contains(c))
            && numbered(&text[at..]).is_some_and(|(rank, _)| {
                rank != 2 && (previous != '）' && previous != ',' || rank == 4) || rank == 2 && previous.is_whitespace()
            });
        if begins_item || length >= LONGEST {
            add(from, at, begins_line);
            (from, begins_line, length) = (at, false, 0);
        }
        if matches!(c, '\n' | '。' | '；' | ';' | '！' | '？') {
            let end = at + c.len_utf8();
            add(from, end, begins_line);
            (from, begins_line, length) = (end, c == '\n', 0);
        }
        length += 1;
        previous = c;
    }
    add(from, text.len(), begins_line);
    pieces
}

/// A list of conditions that is open.
struct Block {
    role: Role,
    /// It is over at a number of this rank or a higher one; `None` until a heading without a number has its first item.
    over_at: Option<u8>,
    /// Rank around a heading without a number.
    around: Option<u8>,
    has_text: bool,
    has_items: bool,
}

/// Whether a short numbered line is the heading of another matter and no demand.
fn is_other_heading(body: &str) -> bool {
    const DEMANDS: &[&str] =
        &["具", "备", "应", "须", "需", "拥有", "有", "无", "符合", "建立", "未", "不", "满", "达", "在", "为"];
    OVER.is_match(body)
        && !DEMANDS.iter().any(|word| body.contains(word))
        && !body.contains(|c: char| c.is_ascii_digit())
}

/// The sentences of a text with their roles, in one pass.
pub fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut block: Option<Block> = None;
    let mut rank_before: Option<u8> = None;
    let mut sentences = Vec::new();
    let mut carried: Option<Role> = None;
    let mut in_table = false;
    for (piece, begins_line) in pieces(text) {
        let number = numbered(piece);
        let is_row = piece.contains('\t');
        // 指标名称 | 基本要求 | 备注: the rows below are demands
        in_table =
            is_row && (in_table || begins_line && piece.split('\t').any(|cell| ASKING_COLUMN.is_match(cell.trim())));
        let body = number.map_or(piece, |(_, length)| piece[length..].trim_start());
        let rank = number.map(|(rank, _)| rank);
        let short = body.chars().take(HEADING + 1).count() <= HEADING;
        if let Some(open) = &mut block {
            let over = match (rank, open.over_at) {
                (Some(rank), Some(over_at)) => {
                    rank <= over_at
                        || begins_line
                            && short
                            && !body.ends_with(['。', '；', ';', '，', ',', '：', ':'])
                            && is_other_heading(body)
                }
                (Some(rank), None) => {
                    open.over_at = Some(rank.saturating_sub(1));
                    open.has_text && open.around.is_some_and(|around| rank <= around)
                }
                (None, _) => {
                    begins_line && short && !body.ends_with(['。', '；', ';', '，', ',']) && OVER.is_match(body)
                        || body.starts_with("附件")
                        // behind the items of a list: what those who meet them are given
                        || begins_line && open.over_at.is_some() && open.has_items && GRANT.is_match(body)
                }
            };
            if over {
                block = None;
            } else {
                open.has_text = true;
                open.has_items |= rank.is_some();
            }
        }
        let ends = body.trim_end_matches(['。', '；', ';']);
        let either = body.contains("之一") || body.contains("任一") || body.contains("其中一项");
        let opened = if REFUSAL.is_match(body) && (OPENS_A_LIST.is_match(ends) || short && ends.ends_with(['形', '况']))
        {
            Some(Role::Refused)
        } else if OPENING.is_match(ends)
            && OPENS_A_LIST.is_match(ends)
            && (body.contains("条件") || ASKED.is_match(body))
            || HEADING_OF_CONDITIONS.is_match(body) && !OTHER_HEADING.is_match(super::super::head(body, HEADING))
        {
            Some(if either { Role::Alternative } else { Role::Required })
        } else {
            None
        };
        if begins_line {
            carried = None;
        }
        let within = block.as_ref().map(|open| open.role);
        if let Some(role) = opened {
            // a list inside a list (其中应满足下列条件之一) ends where the item that holds it ends
            let over_at = rank.or(if short && begins_line { None } else { rank_before });
            block = Some(Block { role, over_at, around: rank_before, has_text: false, has_items: false });
        }
        let role = match (within, opened) {
            (_, Some(Role::Refused)) => Role::Refused,
            (_, Some(_)) => Role::Required,
            (Some(Role::Required), None) if REFUSAL.is_match(body) => Role::Refused,
            // 反向排除：甲的；乙的。
            (Some(Role::Required), None) if carried == Some(Role::Refused) => Role::Refused,
            (Some(role), None) => role,
            (None, None) if REFUSAL.is_match(body) => Role::Refused,
            (None, None) if in_table => Role::Required,
            (None, None) if REWARD.is_match(body) && REWARDED.is_match(body) => Role::Rewarded,
            (None, None) if APPLICANT.is_match(body) => Role::Required,
            (None, None) if carried.is_some() => carried.unwrap_or(Role::None),
            (None, None) if ELSEWHERE.is_match(body) => Role::None,
            (None, None) => Role::Plain,
        };
        // 申报企业应满足：甲；乙；丙。
        let goes_on = body.ends_with(['；', ';', '：', ':']);
        carried = Some(role).filter(|role| goes_on && matches!(role, Role::Required | Role::Refused));
        sentences.push(Sentence {
            text: body,
            role,
            in_block: within.is_some() || opened.is_some(),
            names_applicant: NAMED.is_match(body),
            begins_line,
            rank,
        });
        if rank.is_some() {
            rank_before = rank;
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_items() {
        for (text, rank) in [
            ("第三章 条件", Some(0)),
            ("第十二条 企业", Some(2)),
            ("三、申报条件", Some(3)),
            ("（一）企业", Some(4)),
            ("(2)企业", Some(6)),
            ("1.企业", Some(5)),
            ("１．企业", Some(5)),
            ("12、企业", Some(5)),
            ("3.5亿元", None),
            ("第三方", None),
            ("2024年", None),
            ("（示例）", None),
            ("", None),
        ] {
            assert_eq!(numbered(text).map(|found| found.0), rank, "{text}");
        }
    }

    #[test]
    fn roles_of_sentences() {
        let text = "为支持企业，制定本办法。\n一、申报条件\n（一）在本市注册；\n（二）上年度营业收入2000万元以上。\n二、申报材料\n营业执照。\n三、申报企业应符合下列条件之一：1.有专利；2.有标准。四、其他\n有下列情形之一的，不得申报：\n（一）失信的；\n（二）发生事故的。\n五、对新建厂房的企业，给予补助。";
        let roles: Vec<Role> = sentences(text).into_iter().map(|sentence| sentence.role).collect();
        use Role::{Alternative as A, Plain as N, Refused as F, Required as R, Rewarded as W};
        assert_eq!(roles, [N, R, R, R, N, N, R, A, A, N, F, F, F, W]);
        let none: Vec<Role> =
            sentences("到2027年，全市营业收入达到5亿元。").into_iter().map(|sentence| sentence.role).collect();
        assert_eq!(none, [Role::None]);
    }

    #[test]
    fn a_heading_without_a_number() {
        let text = "（二）补助\n申报条件：\n1.成立满一年；\n2.守信。\n申报材料：\n1.表格。\n（三）其他\n支持对象\n在本区注册的企业。\n支持方式\n按投资给予补助。";
        let roles: Vec<Role> = sentences(text).into_iter().map(|sentence| sentence.role).collect();
        use Role::{Plain as N, Required as R};
        assert_eq!(roles, [N, R, R, R, N, N, N, R, R, N, N]);
    }
}
