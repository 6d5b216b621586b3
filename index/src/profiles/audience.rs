//! Whom a document addresses, read from its words when the record does not say.

use std::collections::HashMap;
use std::sync::LazyLock;

use zhida_schemas::Policy;

use super::stream::Stream;
use super::terms::Title;
use super::words::{WordId, Words};

/// `word,place,who`; a person can edit it.
const WORDS: &str = zhida_schemas::vocabularies::AUDIENCE;

/// Persons must be named this many times as often as enterprises before a text is theirs.
const PERSONS_TO_ENTERPRISES: usize = 3;

/// Mentions of persons below this say nothing.
const FEWEST_PERSONS: usize = 6;

/// Whom a document addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Enterprises, or nothing says otherwise.
    Enterprises,
    /// Individuals: titles, recruitment, benefits, settlement, appointments.
    Individuals,
    /// Other authorities: budgets, committees, assessments.
    Departments,
    /// One company or authority: replies, penalties.
    One,
}

/// What a document is as a piece of news.
#[derive(Debug, Clone)]
pub struct Address {
    /// Whom it addresses.
    pub audience: Audience,
    /// It makes known who got something: only those who are named have anything of it.
    pub is_result: bool,
    /// The words that say so, from the title.
    pub evidence: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Where {
    Title,
    Weak,
    Body,
}

struct Table {
    words: Words,
    meaning: HashMap<WordId, Vec<(Where, Audience)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { words: Words::default(), meaning: HashMap::new() };
    for (word, place, who) in rows() {
        let letters: Vec<char> = word.chars().collect();
        if let Some(id) = table.words.add(&letters) {
            table.meaning.entry(id).or_default().push((place, who));
        }
    }
    table
});

fn rows() -> Vec<(String, Where, Audience)> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(WORDS.as_bytes())
        .into_records()
        .filter_map(Result::ok)
        .filter_map(|row| {
            let place = match row.get(1)? {
                "title" => Where::Title,
                "weak" => Where::Weak,
                "body" => Where::Body,
                _ => return None,
            };
            let who = match row.get(2)? {
                "individuals" => Audience::Individuals,
                "departments" => Audience::Departments,
                "one" => Audience::One,
                "enterprises" => Audience::Enterprises,
                _ => return None,
            };
            Some((row.get(0)?.to_owned(), place, who))
        })
        .collect()
}

impl Address {
    /// Reads whom a document addresses. The record's `for_enterprises` is believed; a list of results is one also when
    /// enterprises are named in it.
    pub fn new(policy: &Policy, title: &Title<'_>, body: &Stream<'_>) -> Self {
        let text = title.stream.text();
        let is_result = is_result(text);
        let mut address = Self { audience: Audience::Enterprises, is_result, evidence: String::new() };
        let reply = policy.kind.as_deref() == Some("批复") || text.trim_end().ends_with("批复");
        if reply {
            address.audience = Audience::One;
            address.evidence = text.to_owned();
        }
        match policy.for_enterprises {
            Some(true) => return address,
            Some(false) => {
                address.audience = if reply { Audience::One } else { Audience::Individuals };
                return address;
            }
            None if reply => return address,
            None => {}
        }
        address.read(title, body);
        address
    }

    fn read(&mut self, title: &Title<'_>, body: &Stream<'_>) {
        let matter = &title.stream.letters[title.matter_from.min(title.stream.len())..];
        let mut firm = None;
        let mut weak = None;
        let mut names_enterprises = false;
        TABLE.words.scan(matter, |word, start, end| {
            for &(place, who) in TABLE.meaning.get(&word).into_iter().flatten() {
                let range = title.matter_from + start..title.matter_from + end;
                match (place, who) {
                    (Where::Title, Audience::Enterprises) => {
                        // 企业职工, 企业退休人员 are persons.
                        let after = &matter[end..];
                        names_enterprises |= !after.starts_with(&['职', '工']) && !after.starts_with(&['退', '休']);
                    }
                    (Where::Title, _) if firm.is_none() => firm = Some((who, range)),
                    (Where::Weak, _) if weak.is_none() => weak = Some((who, range)),
                    _ => {}
                }
            }
        });
        let (mut persons, mut enterprises) = (0_usize, 0_usize);
        TABLE.words.scan(&body.letters, |word, start, end| {
            for &(place, who) in TABLE.meaning.get(&word).into_iter().flatten() {
                if place == Where::Body && !body.in_office_name(&(start..end)) {
                    match who {
                        Audience::Individuals => persons += 1,
                        Audience::Enterprises => enterprises += 1,
                        Audience::Departments | Audience::One => {}
                    }
                }
            }
        });
        if let Some((who, range)) = firm {
            self.audience = who;
            self.evidence = title.stream.original(&range).to_owned();
            return;
        }
        if names_enterprises {
            return;
        }
        let by_persons = persons >= FEWEST_PERSONS;
        match weak {
            // The title hints at persons: the text need only speak of them as much as of enterprises.
            Some((who, range)) if who != Audience::Individuals || persons >= enterprises => {
                self.audience = who;
                self.evidence = title.stream.original(&range).to_owned();
            }
            _ if by_persons && persons >= enterprises * PERSONS_TO_ENTERPRISES => {
                self.audience = Audience::Individuals;
            }
            _ => {}
        }
    }
}

/// Whether a title makes known who got something (公布…名单, …结果公示, 拟认定…), not how to get it.
fn is_result(title: &str) -> bool {
    const RESULT: [&str; 12] = [
        "公示",
        "拟认定",
        "拟入选",
        "拟入库",
        "拟支持",
        "拟立项",
        "拟推荐",
        "拟奖励",
        "拟补助",
        "评审结果",
        "验收结果",
        "评选结果",
    ];
    const LISTS: [&str; 3] = ["名单", "结果", "通过复核"];
    const CALLS: [&str; 6] = ["申报", "征集", "报名", "遴选推荐", "推荐工作", "榜单"];
    if CALLS.iter().any(|word| title.contains(word)) && !title.contains("名单") && !title.contains("结果") {
        return false;
    }
    let after_about = title.split("关于").nth(1).unwrap_or(title);
    RESULT.iter().any(|word| title.contains(word))
        || ["命名", "授予", "表彰", "通报表扬"].iter().any(|word| after_about.starts_with(word))
        || (LISTS.iter().any(|word| title.contains(word))
            && ["公布", "公告", "公示", "发布", "通报", "认定", "确定", "命名", "印发"]
                .iter()
                .any(|word| title.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    fn read(title: &str, body: &str) -> Address {
        let analyzer = analyzer();
        Address::new(&Policy::default(), &Title::new(&analyzer, title), &Stream::new(&analyzer, body))
    }

    #[test]
    fn affairs_of_individuals_are_known_by_their_words() {
        use Audience::{Departments, Enterprises, Individuals, One};
        for (title, body, expected) in [
            ("关于开展2024年工程系列职称评审的通知", "各企业、各公司：", Individuals),
            ("某市公安局关于调整人才落户条件的通知", "申请人本人及配偶、子女户口", Individuals),
            ("关于张某等同志职务任免的通知", "", Individuals),
            ("某县2024年公开招聘教师公告", "", Individuals),
            ("关于企业职工养老保险待遇领取资格认证的通告", "居民本人", Individuals),
            ("关于下达2024年电信服务补助资金预算的通知", "", Departments),
            ("关于同意某某小额贷款有限公司增加注册资本的批复", "", One),
            ("关于调整住房公积金贷款额度的通知", "", Individuals),
            ("关于实施住房公积金阶段性支持政策的通知", "企业、职工", Enterprises),
            ("全市住房和城乡建设工作会议召开", "", Departments),
            ("关于引进人才企业补贴申报的通知", "人才人才人才，企业", Enterprises),
            ("关于支持中小企业融资的若干措施", "个人个人个人个人个人个人个人", Enterprises),
            ("关于做好有关补贴发放的通知", "个人家庭居民本人子女配偶户口", Individuals),
            ("关于印发软件产业扶持办法的通知", "企业", Enterprises),
        ] {
            assert_eq!(read(title, body).audience, expected, "{title}");
        }
    }

    #[test]
    fn lists_of_results_are_told_from_calls() {
        for (title, expected) in [
            ("关于公布2023年省级专精特新中小企业名单的通知", true),
            ("2024年度高新技术企业培育入库名单公示", true),
            ("关于2024年拟认定企业技术中心的公示", true),
            ("某县人民政府关于命名某某农业有限公司等12家企业为农业龙头企业的通知", true),
            ("关于发布“揭榜挂帅”项目榜单的通知", false),
            ("关于组织开展2024年绿色工厂申报推荐工作的通知", false),
            ("关于印发高新技术企业认定管理办法的通知", false),
        ] {
            assert_eq!(is_result(title), expected, "{title}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let lines = WORDS.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).count();
        assert_eq!(rows().len(), lines - 1);
    }
}
