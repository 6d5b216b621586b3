//! The profile index: which stored profiles does this document match.
//!
//! The dual of the policy index. The words of all profiles are one set that a document is read against once; how much
//! the document is about each word is worked out once for all profiles that name it. A profile is filed under what a
//! document must have to reach it (any of its keywords, the rarest required word of each expression, its industry,
//! qualifications or size where it names no words), ordered by region, so that only profiles of the document's region
//! that can still pass the threshold are looked at.

mod audience;
mod conditions;
mod document;
pub mod eval;
pub mod expression;
mod measures;
mod profile;
mod scope;
mod stream;
mod terms;
mod verify;
mod words;

use std::collections::{BTreeSet, HashMap};

use zhida_schemas::{Enterprise, Match, Policy, Size, qualification};

use crate::Analyzer;
use document::Document;
use profile::Profile;
use terms::{Mentions, TermId, Terms};
use verify::{Brief, Filters, SignTable, Signs};

/// A pair at or above this score is pushed.
pub const THRESHOLD: f64 = 0.5;

/// What a document must have to reach the profiles filed here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    /// This keyword.
    Keyword(TermId),
    /// This word, as the rarest of an expression.
    Expression(TermId),
    /// The company's name.
    Name(TermId),
    /// An industry of this section, given as a whole section.
    Section(String),
    /// An industry of this division or below.
    Division(String),
    /// Any industry of this section: the company states no more.
    Broad(String),
    /// A qualification that this one implies.
    Qualification(String),
    /// This size.
    Size(Size),
    /// Nothing.
    Any,
}

type Slot = u32;

/// Stored profiles, found by what a document must contain. One in-memory structure.
pub struct ProfileIndex {
    analyzer: Analyzer,
    terms: Terms,
    profiles: Vec<Option<Profile>>,
    /// By slot; read for many more profiles than the profiles themselves.
    briefs: Vec<Brief>,
    by_id: HashMap<String, Slot>,
    free: Vec<Slot>,
    /// Profiles by key, ordered by region (0 where it is not known).
    filed: HashMap<Key, BTreeSet<(u32, Slot)>>,
    keys: HashMap<Slot, Vec<Key>>,
    /// Those of the keys that are qualifications and sections.
    signs: BTreeSet<Key>,
}

impl ProfileIndex {
    /// An index without profiles.
    pub fn new(analyzer: Analyzer) -> Self {
        Self {
            analyzer,
            terms: Terms::default(),
            profiles: Vec::new(),
            briefs: Vec::new(),
            by_id: HashMap::new(),
            free: Vec::new(),
            filed: HashMap::new(),
            keys: HashMap::new(),
            signs: BTreeSet::new(),
        }
    }

    /// Adds a profile, or replaces the one of the same id.
    pub fn put(&mut self, enterprise: &Enterprise) {
        self.remove(&enterprise.id);
        let profile = Profile::new(&self.analyzer, &mut self.terms, enterprise);
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.profiles.push(None);
                self.briefs.push(Brief::default());
                // A structure in memory never holds four thousand million profiles.
                Slot::try_from(self.profiles.len() - 1).unwrap_or(Slot::MAX)
            }
        };
        let keys = self.keys_of(&profile);
        let region = profile.place.region.unwrap_or(0);
        for key in &keys {
            if matches!(key, Key::Qualification(_) | Key::Section(_)) {
                self.signs.insert(key.clone());
            }
            self.filed.entry(key.clone()).or_default().insert((region, slot));
        }
        self.keys.insert(slot, keys);
        self.by_id.insert(enterprise.id.clone(), slot);
        self.briefs[slot as usize] = Brief::new(&profile);
        self.profiles[slot as usize] = Some(profile);
    }

    /// Takes a profile out.
    pub fn remove(&mut self, id: &str) {
        let Some(slot) = self.by_id.remove(id) else { return };
        let Some(profile) = self.profiles.get_mut(slot as usize).and_then(Option::take) else { return };
        let region = profile.place.region.unwrap_or(0);
        for key in self.keys.remove(&slot).unwrap_or_default() {
            if let Some(filed) = self.filed.get_mut(&key) {
                filed.remove(&(region, slot));
                if filed.is_empty() {
                    self.filed.remove(&key);
                    self.signs.remove(&key);
                }
            }
        }
        profile.release(&mut self.terms);
        self.free.push(slot);
    }

    /// How many profiles are stored.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    fn keys_of(&self, profile: &Profile) -> Vec<Key> {
        let mut keys: Vec<Key> = profile.keywords.iter().map(|(term, _)| Key::Keyword(*term)).collect();
        for (expression, _) in &profile.expressions {
            // How many profiles are filed under a word says how common it is.
            let cost = |term: &Option<TermId>| {
                term.map_or(0, |term| {
                    let filed = |key: &Key| self.filed.get(key).map_or(0, BTreeSet::len);
                    1 + filed(&Key::Keyword(term)) + filed(&Key::Expression(term))
                })
            };
            match expression.required(&cost) {
                Some(words) => keys.extend(words.into_iter().flatten().map(|&term| Key::Expression(term))),
                None => keys.push(Key::Any),
            }
        }
        keys.extend(profile.name.map(Key::Name));
        if !profile.has_words() {
            if profile.has_choices() {
                keys.push(Key::Any);
            }
            for code in &profile.industries {
                let section: String = code.chars().take(1).collect();
                match code.get(..3) {
                    Some(division) => keys.push(Key::Division(division.to_owned())),
                    None => keys.push(Key::Broad(section.clone())),
                }
                keys.push(Key::Section(section));
            }
            keys.extend(profile.qualifications.iter().flatten().cloned().map(Key::Qualification));
            keys.extend(profile.size.map(Key::Size));
            // Without industry, qualification and size only conditions can speak for it.
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Every stored profile that the policy is to be pushed to, best first.
    pub fn matches(&self, policy: &Policy) -> Vec<Match> {
        let document = Document::new(&self.analyzer, policy);
        let mentions = self.terms.mentions(&document.title, &document.body);
        self.verified(&self.candidates(&document, &mentions), &document, &mentions)
    }

    /// The same by looking at every profile: what [`ProfileIndex::matches`] is measured against.
    pub fn matches_by_scan(&self, policy: &Policy) -> Vec<Match> {
        let document = Document::new(&self.analyzer, policy);
        let mentions = self.terms.mentions(&document.title, &document.body);
        let all: Vec<Slot> = self.by_id.values().copied().collect();
        self.verified(&all, &document, &mentions)
    }

    /// How many profiles have to be looked at for this policy.
    pub fn candidate_count(&self, policy: &Policy) -> usize {
        let document = Document::new(&self.analyzer, policy);
        let mentions = self.terms.mentions(&document.title, &document.body);
        self.candidates(&document, &mentions).len()
    }

    fn verified(&self, slots: &[Slot], document: &Document<'_>, mentions: &Mentions) -> Vec<Match> {
        let mut matches: Vec<Match> = slots
            .iter()
            .filter_map(|&slot| self.profiles.get(slot as usize)?.as_ref())
            .filter_map(|profile| {
                let weighed = verify::weigh(profile, document, mentions, &Filters::ALL);
                (weighed.score >= THRESHOLD).then(|| verify::explain(profile, document, &weighed))
            })
            .collect();
        matches.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.profile.cmp(&other.profile)));
        matches
    }

    /// Every profile that can pass, and few others.
    fn candidates(&self, document: &Document<'_>, mentions: &Mentions) -> Vec<Slot> {
        use audience::Audience;
        if matches!(document.address.audience, Audience::Individuals | Audience::Departments) {
            return Vec::new();
        }
        let signs = Signs::most(document);
        let table = SignTable::new(document);
        let ranges = document.scope.candidates();
        let mut candidates: Vec<Slot> = Vec::new();
        // With words of this strength: all, none, or those whose other signs may make up for the rest.
        let mut add = |key: &Key, strength: f64| {
            let Some(filed) = self.filed.get(key).filter(|_| signs.with_words(strength) >= THRESHOLD) else { return };
            let is_enough = Signs::default().with_words(strength) >= THRESHOLD;
            for range in &ranges {
                let slots = filed.range((*range.start(), 0)..=(*range.end(), Slot::MAX)).map(|&(_, slot)| slot);
                candidates.extend(slots.filter(|&slot| {
                    is_enough
                        || self.briefs.get(slot as usize).is_some_and(|brief| {
                            Signs::most_for(signs, brief, &table).with_words(strength) >= THRESHOLD
                        })
                }));
            }
        };
        /// The key itself speaks for the profile.
        const ENOUGH: f64 = 1.0;
        let strongest = mentions.strongest();
        for (term, mention) in mentions.iter() {
            add(&Key::Name(term), ENOUGH);
            add(&Key::Keyword(term), mention.strength);
            add(&Key::Expression(term), verify::and_strength(mention.strength, strongest));
        }
        let mut keys = vec![Key::Any];
        if !signs.is_none() {
            self.add_keys_of_signs(document, &mut keys);
        }
        for key in &keys {
            add(key, ENOUGH);
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// Keys of profiles without words.
    fn add_keys_of_signs(&self, document: &Document<'_>, keys: &mut Vec<Key>) {
        for condition in &document.policy.conditions {
            use zhida_schemas::policy::ConditionField;
            match condition.field {
                // A condition may be met by not being something: everyone may meet it.
                ConditionField::Industry => {
                    keys.extend(self.signs.iter().filter(|key| matches!(key, Key::Section(_))).cloned());
                }
                ConditionField::Qualification => {
                    keys.extend(self.signs.iter().filter(|key| matches!(key, Key::Qualification(_))).cloned());
                }
                ConditionField::Size => keys.extend(ALL_SIZES.map(Key::Size)),
                _ => {}
            }
        }
        for named in &document.industries {
            let section: String = named.value.chars().take(1).collect();
            match named.value.get(..3) {
                Some(division) => {
                    keys.push(Key::Division(division.to_owned()));
                    keys.push(Key::Broad(section));
                }
                None => keys.push(Key::Section(section)),
            }
        }
        let is_named = |key: &&Key| match key {
            Key::Qualification(held) => document
                .qualifications
                .iter()
                .any(|named| *held == named.value || qualification::implies(held, &named.value)),
            _ => false,
        };
        keys.extend(self.signs.iter().filter(is_named).cloned());
        if let Some(sizes) = &document.sizes {
            keys.extend(sizes.any.iter().map(|&size| Key::Size(size)));
        }
        keys.sort_unstable();
        keys.dedup();
    }
}

const ALL_SIZES: [Size; 4] = [Size::Micro, Size::Small, Size::Medium, Size::Large];

/// One pair judged with all its reasons, also when it is not to be pushed. `ProfileIndex::matches` gives exactly the
/// pairs for which this scores at or above [`THRESHOLD`].
pub fn judge(analyzer: &Analyzer, enterprise: &Enterprise, policy: &Policy) -> Match {
    let document = Document::new(analyzer, policy);
    let mut terms = Terms::default();
    let profile = Profile::new(analyzer, &mut terms, enterprise);
    let mentions = terms.mentions(&document.title, &document.body);
    let weighed = verify::weigh(&profile, &document, &mentions, &Filters::ALL);
    verify::explain(&profile, &document, &weighed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;
    use proptest::prelude::*;
    use zhida_schemas::Interests;
    use zhida_schemas::policy::{Condition, ConditionField, ConditionOp};

    const WORDS: [&str; 12] = [
        "软件",
        "人工智能",
        "养老机构",
        "贷款贴息",
        "出口退税",
        "纺织",
        "服务器",
        "疫情",
        "职称",
        "高新技术企业",
        "首台套",
        "住宿餐饮",
    ];
    const REGIONS: [&str; 8] = ["100000", "320000", "321100", "321181", "320500", "330000", "500112", "500000"];
    const CODES: [&str; 6] = ["I6513", "I65", "C1711", "C", "H6110", "Q8514"];
    const KINDS: [&str; 4] = ["通知", "办法", "公示", "批复"];

    fn one_of(list: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::sample::select(list).prop_map(str::to_owned)
    }

    fn expression() -> impl Strategy<Value = String> {
        (one_of(&WORDS), one_of(&WORDS), one_of(&WORDS), 0..5_usize).prop_map(|(a, b, c, shape)| match shape {
            0 => format!("{a} AND {b}"),
            1 => format!("{a} OR {b} NOT {c}"),
            2 => format!("NOT {a}"),
            3 => format!("{a} AND ({b} OR {c})"),
            _ => format!("{a} OR NOT {b}"),
        })
    }

    fn interests() -> impl Strategy<Value = Interests> {
        (
            prop::collection::vec(one_of(&WORDS), 0..3),
            prop::collection::vec(expression(), 0..2),
            prop::collection::vec(one_of(&WORDS), 0..2),
            prop::collection::vec(one_of(&KINDS), 0..2),
            prop::option::weighted(0.2, Just("某市科学技术局".to_owned())),
        )
            .prop_map(|(keywords, expressions, exclude, kinds, issuer)| Interests {
                keywords,
                expressions,
                exclude,
                kinds,
                issuers: issuer.into_iter().collect(),
                subjects: Vec::new(),
            })
    }

    fn enterprise() -> impl Strategy<Value = Enterprise> {
        (
            prop::option::of(one_of(&REGIONS)),
            prop::option::of(one_of(&CODES)),
            prop::option::of(prop::sample::select(ALL_SIZES.as_slice())),
            prop::option::of(prop::collection::vec(one_of(&["高新技术企业", "科技型中小企业"]), 0..2)),
            prop::option::weighted(0.6, interests()),
            prop::option::weighted(0.2, Just("示例丹阳软件有限公司".to_owned())),
            prop::option::weighted(0.2, Just("丹阳经济开发区".to_owned())),
        )
            .prop_map(|(region_code, industry_code, size, qualifications, interests, name, zone)| Enterprise {
                region_code,
                industry_code,
                size,
                qualifications,
                name: name.unwrap_or_default(),
                zone,
                interests: interests.unwrap_or_default(),
                ..Enterprise::default()
            })
    }

    fn condition() -> impl Strategy<Value = Condition> {
        prop::sample::select(vec![
            (ConditionField::Industry, ConditionOp::In, serde_json::json!(["I65"])),
            (ConditionField::Industry, ConditionOp::Not, serde_json::json!(["C"])),
            (ConditionField::Size, ConditionOp::Lte, serde_json::json!("medium")),
            (ConditionField::Qualification, ConditionOp::Has, serde_json::json!("高新技术企业")),
            (ConditionField::Region, ConditionOp::In, serde_json::json!("321100")),
        ])
        .prop_map(|(field, op, value)| Condition { field, op, value, unit: None, evidence: String::new() })
    }

    fn policy() -> impl Strategy<Value = Policy> {
        let phrase = || {
            one_of(&[
                "软件",
                "人工智能",
                "养老机构",
                "贷款贴息",
                "出口退（免）税",
                "纺织",
                "服务器",
                "疫情",
                "高企",
                "首台（套）",
                "餐饮、住宿",
                "软件产业",
                "中小企业",
                "小微企业",
                "支持",
                "申报",
                "关于",
                "的通知",
                "名单",
                "公示",
                "镇江市",
                "丹阳市",
                "示例丹阳软件有限公司",
                "高新技术企业认定",
            ])
        };
        (
            prop::option::of(one_of(&REGIONS)),
            prop::option::weighted(0.2, Just("丹阳经济开发区".to_owned())),
            prop::collection::vec(phrase(), 0..6),
            prop::collection::vec(phrase(), 0..40),
            prop::option::of(one_of(&KINDS)),
            prop::option::weighted(0.5, Just(true)),
            prop::collection::vec(condition(), 0..2),
            prop::collection::vec(one_of(&CODES), 0..2),
        )
            .prop_map(|(region_code, zone, title, body, kind, for_enterprises, conditions, industries)| {
                Policy {
                    id: "p".to_owned(),
                    region_code,
                    zone,
                    title: title.concat(),
                    body_text: body.join("，"),
                    kind,
                    for_enterprises,
                    conditions,
                    industries,
                    issuers: vec!["某市科学技术局".to_owned()],
                    ..Policy::default()
                }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn the_index_finds_what_judging_every_profile_finds(
            mut enterprises in prop::collection::vec(enterprise(), 1..14),
            replaced in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(enterprise())), 0..5),
            policies in prop::collection::vec(policy(), 1..4),
        ) {
            let analyzer = analyzer();
            let mut index = ProfileIndex::new(analyzer.clone());
            for (number, enterprise) in enterprises.iter_mut().enumerate() {
                enterprise.id = format!("e{number}");
                index.put(enterprise);
            }
            for (which, other) in replaced {
                if enterprises.is_empty() {
                    break;
                }
                let at = which.index(enterprises.len());
                let id = enterprises[at].id.clone();
                match other {
                    Some(other) => {
                        enterprises[at] = Enterprise { id, ..other };
                        index.put(&enterprises[at]);
                    }
                    None => {
                        index.remove(&id);
                        enterprises.remove(at);
                    }
                }
            }
            prop_assert_eq!(index.len(), enterprises.len());
            for policy in &policies {
                let mut expected: Vec<Match> = enterprises
                    .iter()
                    .map(|enterprise| judge(&analyzer, enterprise, policy))
                    .filter(|judged| judged.score >= THRESHOLD)
                    .collect();
                expected.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.profile.cmp(&b.profile)));
                let found = index.matches(policy);
                for reason in found.iter().flat_map(|matched| &matched.reasons) {
                    let stands = policy.title.contains(&reason.evidence) || policy.body_text.contains(&reason.evidence);
                    prop_assert!(stands || policy.conditions.iter().any(|c| c.evidence == reason.evidence), "{reason:?}");
                    prop_assert!(!reason.text.is_empty());
                }
                prop_assert_eq!(&found, &expected);
                prop_assert_eq!(index.matches_by_scan(policy), expected);
            }
        }
    }

    fn company(region: &str, keywords: &[&str]) -> Enterprise {
        Enterprise {
            id: region.to_owned(),
            region_code: Some(region.to_owned()),
            interests: Interests {
                keywords: keywords.iter().map(|&word| word.to_owned()).collect(),
                ..Interests::default()
            },
            ..Enterprise::default()
        }
    }

    #[test]
    fn a_document_reaches_the_companies_of_its_region_only() {
        let mut index = ProfileIndex::new(analyzer());
        for region in ["321181", "321102", "320505", "330102"] {
            index.put(&company(region, &["数字化转型"]));
        }
        for (region, expected) in [
            ("100000", vec!["320505", "321102", "321181", "330102"]),
            ("320000", vec!["320505", "321102", "321181"]),
            ("321100", vec!["321102", "321181"]),
            ("321181", vec!["321181"]),
            ("320500", vec!["320505"]),
            ("440000", vec![]),
        ] {
            let policy = Policy {
                id: "示例".to_owned(),
                title: "关于支持企业数字化转型的若干措施".to_owned(),
                region_code: Some(region.to_owned()),
                ..Policy::default()
            };
            let found: Vec<String> = index.matches(&policy).into_iter().map(|matched| matched.profile).collect();
            assert_eq!(found, expected, "{region}");
        }
    }

    #[test]
    fn what_is_not_for_the_company_is_not_pushed() {
        let analyzer = analyzer();
        let mut enterprise = company("321181", &["人工智能", "软件"]);
        enterprise.size = Some(Size::Large);
        enterprise.interests.exclude = vec!["征求意见".to_owned()];
        let policy = |title: &str, body: &str| Policy {
            title: title.to_owned(),
            body_text: body.to_owned(),
            region_code: Some("321100".to_owned()),
            ..Policy::default()
        };
        let filler = "各有关单位要切实抓好贯彻落实工作。".repeat(120);
        for (title, body, expected) in [
            ("关于支持人工智能产业发展的若干措施", "", true),
            ("关于支持人工智能产业发展的若干措施（征求意见稿）", "", false),
            ("关于支持小微企业应用人工智能的通知", "", false),
            ("关于公布2024年人工智能示范企业名单的通知", "", false),
            ("关于开展人工智能工程职称评审的通知", "", false),
            ("关于加强供水管理的通知", &format!("{filler}可采用人工智能。{filler}"), false),
            ("关于同意某人工智能有限公司变更名称的批复", "", false),
        ] {
            let judged = judge(&analyzer, &enterprise, &policy(title, body));
            assert_eq!(judged.score >= THRESHOLD, expected, "{title} {judged:?}");
        }
        let named = Enterprise { name: "示例丹阳软件有限公司".to_owned(), ..enterprise };
        let list = policy("关于公布2024年人工智能示范企业名单的通知", "1.示例丹阳软件有限公司\n2.其他公司");
        assert!(judge(&analyzer, &named, &list).score >= THRESHOLD);
    }

    #[test]
    fn a_company_without_interests_hears_of_its_industry() {
        let analyzer = analyzer();
        let enterprise = Enterprise {
            region_code: Some("321181".to_owned()),
            industry_code: Some("I6513".to_owned()),
            size: Some(Size::Small),
            qualifications: Some(Vec::new()),
            ..Enterprise::default()
        };
        let policy = |title: &str| Policy {
            title: title.to_owned(),
            industries: if title.contains("软件") { vec!["I65".to_owned()] } else { Vec::new() },
            region_code: Some("320000".to_owned()),
            ..Policy::default()
        };
        for (title, expected) in [
            ("关于促进软件产业发展的通知", true),
            ("关于支持小微企业融资的措施", true),
            ("关于做好防汛工作的通知", false),
        ] {
            let judged = judge(&analyzer, &enterprise, &policy(title));
            assert_eq!(judged.score >= THRESHOLD, expected, "{title} {judged:?}");
        }
    }
}
