//! Qualifications that a document is about, gives, or asks for, by standard name.
//!
//! The title says what a document is about. In the text a qualification counts where a sentence rewards getting or
//! holding it, or where it is a condition; one that is only mentioned does not.

use std::sync::LazyLock;

use regex::Regex;
use zhida_schemas::policy::{ConditionField, ConditionOp};
use zhida_schemas::{Policy, qualification};

use super::{head, regex, tail};

/// How much of the text is read, in characters.
const REACH: usize = 100_000;

/// Most qualifications of a document.
const MOST: usize = 12;

/// How far around a name the words that reward it stand, in characters.
const AROUND: usize = 16;

/// Getting or holding, right before a name.
static GOT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "认定|获批|获评|评为|评定|入选|列入|取得|获得|通过|新增|首次|新晋|晋升|升级|培育|备案|入库|对|新获|再次|复审|成长为|\
         升为|创建|授予|申报",
    )
});

/// Right behind it.
static IS_GIVEN: LazyLock<Regex> = LazyLock::new(|| regex("认定|称号|备案|入库|复审|复核|资格|申报|培育|评定|的"));

/// What a sentence gives.
static REWARD: LazyLock<Regex> =
    LazyLock::new(|| regex("奖励|奖补|补助|补贴|资助|奖金|给予[^，。；]{0,20}(?:万元|元)|配套支持|资金支持"));

/// What makes a mention passing, right before a name.
static PASSING: LazyLock<Regex> =
    LazyLock::new(|| regex("优先|鼓励|引导|倾斜|除外|不含|不包括|包括但不限于|不得|依托|联合"));

/// Standard names, in order, with an exact piece of title or text that names the first.
pub fn of(policy: &Policy) -> Option<(Vec<String>, String)> {
    let mut names: Vec<String> = Vec::new();
    let mut words: Option<String> = None;
    let mut add = |name: &str, said: &str| {
        if !names.iter().any(|known| known == name) && names.len() < MOST {
            words.get_or_insert_with(|| said.to_owned());
            names.push(name.to_owned());
        }
    };
    let title = policy.title.as_str();
    let ends = ["废止", "失效"].iter().any(|word| title.contains(word));
    let matter = &title[title.find("关于").unwrap_or(0)..];
    for (_, name) in qualification::find_all(matter).into_iter().filter(|_| !ends) {
        add(name, title);
    }
    for condition in &policy.conditions {
        if condition.field != ConditionField::Qualification
            || condition.op == ConditionOp::Not
            || PASSING.is_match(&condition.evidence)
        {
            continue;
        }
        let values = match &condition.value {
            serde_json::Value::String(one) => vec![one.as_str()],
            serde_json::Value::Array(all) => all.iter().filter_map(serde_json::Value::as_str).collect(),
            _ => Vec::new(),
        };
        for value in values {
            // only names of the table: a condition may quote others
            if qualification::find_all(&condition.evidence)
                .iter()
                .any(|(_, name)| *name == qualification::standard_name(value))
            {
                add(&qualification::standard_name(value), &condition.evidence);
            }
        }
    }
    if !ends {
        for sentence in head(&policy.body_text, REACH).split(['。', '；', ';', '\n']) {
            for name in rewarded(sentence) {
                add(name, sentence.trim());
            }
        }
    }
    Some((names, words?))
}

/// The qualifications that a sentence rewards.
fn rewarded(sentence: &str) -> Vec<&'static str> {
    if !REWARD.is_match(sentence) {
        return Vec::new();
    }
    let mut rewarded = Vec::new();
    let mut last: Option<(usize, bool)> = None;
    for (range, name) in qualification::find_all(sentence) {
        let before = tail(&sentence[..range.start], AROUND);
        let before = before.rsplit(['，', ',']).next().unwrap_or(before);
        let behind = head(&sentence[range.end..], 6);
        let got = GOT.is_match(before) && IS_GIVEN.is_match(behind) || GOT.is_match(tail(before, 8));
        let got = got && !PASSING.is_match(before);
        // 国家级、省级专精特新企业、单项冠军: a list is what its first name is
        let listed = last.is_some_and(|(end, counted)| {
            let between = &sentence[end.min(range.start)..range.start];
            counted && between.chars().count() <= 8 && between.contains(['、', '或', '和', '及'])
        });
        let behind_reward = REWARD.find_iter(sentence).last().is_some_and(|found| found.start() >= range.end);
        let counts = (got || listed) && behind_reward;
        if counts {
            rewarded.push(name);
        }
        last = Some((range.end, counts));
    }
    rewarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_or_asked_and_what_is_mentioned() {
        for (title, text, expected) in [
            ("关于组织申报示例市专精特新中小企业的通知", "", &["专精特新中小企业"][..]),
            ("关于废止《示例市瞪羚企业认定办法》的通知", "", &[]),
            ("示例措施", "对首次认定的高新技术企业，给予一次性奖励20万元。", &["高新技术企业"]),
            (
                "示例措施",
                "新认定的国家级专精特新“小巨人”企业、制造业单项冠军，分别奖励100万元、200万元。",
                &["专精特新“小巨人”企业", "制造业单项冠军"],
            ),
            ("示例措施", "鼓励高新技术企业加大投入，按投入的5%给予补助。", &[]),
            ("示例措施", "我市有高新技术企业300家，独角兽企业2家。", &[]),
            ("示例措施", "优先支持对接高新技术企业，给予项目补助。", &[]),
            ("示例措施", "", &[]),
        ] {
            let policy = Policy { title: title.to_owned(), body_text: text.to_owned(), ..Policy::default() };
            let (names, words) = of(&policy).unwrap_or_default();
            assert_eq!(names, expected, "{title} {text}");
            assert!(title.contains(&words) || text.contains(&words), "{words}");
        }
    }

    #[test]
    fn a_condition_asks_for_it() {
        let mut policy = Policy {
            title: "关于申报示例项目的通知".to_owned(),
            body_text: "一、申报条件\n（一）申报企业应为科技型中小企业。\n（二）注册满一年。".to_owned(),
            ..Policy::default()
        };
        crate::understand(&mut policy, None);
        assert_eq!(policy.qualifications, ["科技型中小企业"]);
        assert!(policy.body_text.contains(&policy.evidence["qualifications"]));
    }
}
