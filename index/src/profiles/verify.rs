//! One profile held against one document: the score, and the reasons for it.
//!
//! The score is the evidence that the document concerns the company (its words of interest, its industry, its
//! qualifications, its size, each between 0 and 1 and joined as independent signs are) times a factor for each doubt;
//! what rules a document out has the factor 0.

use std::collections::HashMap;

use zhida_schemas::policy::{Condition, ConditionField};
use zhida_schemas::{Match, Reason, ReasonKind, ReasonState, Size, industry, qualification, region};

use super::audience::Audience;
use super::conditions;
use super::document::{Document, Named};
use super::expression::Expression;
use super::profile::Profile;
use super::terms::{Mention, Mentions, TermId};

/// What one sign counts for a profile that says by words what it wants to hear of: it supports the words.
const SUPPORT: Weights = Weights { industry: 0.6, qualification: 0.6, size: 0.4 };

/// What one sign counts for a profile without words: it stands alone.
const ALONE: Weights = Weights { industry: 0.8, qualification: 0.75, size: 0.65 };

/// What the second-best word adds to the best.
const SECOND: f64 = 0.15;

/// A document that names the company.
const NAMED: f64 = 0.9;

/// A document of an issuer or subject that the profile chose, when it chose by nothing else.
const CHOSEN: f64 = 0.6;

/// A document of a kind that the profile chose, when it chose by nothing else.
const CHOSEN_KIND: f64 = 0.3;

/// Factors for doubts.
mod doubt {
    /// It is not known whether the document applies where the company is, or is of the kind chosen.
    pub const UNKNOWN: f64 = 0.75;
    /// Nothing says whose document it is.
    pub const NO_REGION: f64 = 0.6;
    /// It is some city's own document, and nothing says which.
    pub const ELSEWHERE: f64 = 0.4;
    /// A list of those who got something.
    pub const RESULT: f64 = 0.45;
    /// The title addresses companies of other sizes.
    pub const SIZE: f64 = 0.3;
    /// The title is about another industry.
    pub const INDUSTRY: f64 = 0.55;
    /// A condition is not met.
    pub const CONDITION: f64 = 0.6;
    /// All unmet conditions together: some may be read wrongly.
    pub const CONDITIONS: f64 = 0.3;
}

/// What a condition that is met says beside the names in the text.
const CONDITION_MET: f64 = 0.6;

/// An excluded word counts from here on; below, it is a passing mention.
const EXCLUDED_FROM: f64 = 0.25;

struct Weights {
    industry: f64,
    qualification: f64,
    size: f64,
}

/// Parts of the judgement that can be switched off, to see what each is worth.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Filters {
    pub region: bool,
    pub audience: bool,
    pub results: bool,
    pub exclude: bool,
    pub industry: bool,
    pub size: bool,
    pub passing: bool,
    pub evidence: bool,
}

impl Filters {
    /// Everything on.
    pub const ALL: Self = Self {
        region: true,
        audience: true,
        results: true,
        exclude: true,
        industry: true,
        size: true,
        passing: true,
        evidence: true,
    };
}

/// Signs beside the words of interest, each 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    industry: f64,
    qualification: f64,
    size: f64,
}

impl Signs {
    /// The most that any profile can have of this document.
    pub fn most(document: &Document<'_>) -> Self {
        let strongest = |named: &[Named]| named.iter().map(|one| one.strength).fold(0.0, f64::max);
        let mut signs = Self {
            industry: strongest(&document.industries),
            qualification: strongest(&document.qualifications),
            size: if document.sizes.is_some() { TITLE_SIZE } else { 0.0 },
        };
        // Several qualifications that one company holds add up.
        if !document.qualifications.is_empty() {
            signs.qualification = any_of(document.qualifications.iter().map(|one| one.strength));
        }
        for condition in &document.policy.conditions {
            signs.note_met(condition);
        }
        signs
    }

    fn note_met(&mut self, condition: &Condition) {
        let sign = match condition.field {
            ConditionField::Industry => &mut self.industry,
            ConditionField::Qualification => &mut self.qualification,
            ConditionField::Size => &mut self.size,
            _ => return,
        };
        *sign = sign.max(CONDITION_MET);
    }

    fn parts(self, weights: &Weights) -> [f64; 3] {
        [self.industry * weights.industry, self.qualification * weights.qualification, self.size * weights.size]
    }

    /// The most that a profile of this brief can have; `all` is the most of any.
    pub fn most_for(all: Self, brief: &Brief, document: &SignTable) -> Self {
        let industry = brief.divisions.iter().map(|&division| document.industry(division)).fold(0.0, f64::max);
        let size = brief.size.is_some_and(|size| document.sizes.contains(&size));
        Self {
            industry: industry.max(document.industry_condition).min(all.industry),
            qualification: if brief.has_qualifications { all.qualification } else { 0.0 },
            size: if size { all.size } else { 0.0 },
        }
    }

    /// The most that words of this strength come to together with these signs.
    pub fn with_words(self, strength: f64) -> f64 {
        let words = any_of([strength, SECOND * strength]);
        let alone = self.parts(&SUPPORT);
        any_of([words, alone[0], alone[1], alone[2]])
    }

    /// Whether there are any.
    pub fn is_none(self) -> bool {
        self.industry + self.qualification + self.size <= 0.0
    }
}

/// As much of a profile as tells what signs it can have.
#[derive(Debug, Default)]
pub struct Brief {
    divisions: Box<[Division]>,
    has_qualifications: bool,
    size: Option<Size>,
}

/// Section letter and division digits; no digits for a company that states the section only.
type Division = (u8, Option<[u8; 2]>);

impl Brief {
    /// The brief of a profile.
    pub fn new(profile: &Profile) -> Self {
        Self {
            divisions: profile.industries.iter().filter_map(|code| division(code)).collect(),
            has_qualifications: profile.qualifications.as_ref().is_some_and(|held| !held.is_empty()),
            size: profile.size,
        }
    }
}

fn division(code: &str) -> Option<Division> {
    match code.as_bytes() {
        [section, first, second, ..] => Some((*section, Some([*first, *second]))),
        [section, ..] => Some((*section, None)),
        [] => None,
    }
}

/// The signs of a document by what a profile must have for them.
#[derive(Debug, Default)]
pub struct SignTable {
    divisions: HashMap<Division, f64>,
    sections: HashMap<u8, f64>,
    sizes: Vec<Size>,
    industry_condition: f64,
}

impl SignTable {
    /// The table of a document.
    pub fn new(document: &Document<'_>) -> Self {
        let mut table = Self::default();
        for named in &document.industries {
            let Some(key) = division(&named.value) else { continue };
            let strongest = table.divisions.entry(key).or_default();
            *strongest = strongest.max(named.strength);
            let strongest = table.sections.entry(key.0).or_default();
            *strongest = strongest.max(named.strength);
        }
        table.sizes.extend(document.sizes.iter().flat_map(|sizes| sizes.any));
        for condition in &document.policy.conditions {
            match condition.field {
                ConditionField::Industry => table.industry_condition = CONDITION_MET,
                ConditionField::Size => table.sizes.extend([Size::Micro, Size::Small, Size::Medium, Size::Large]),
                _ => {}
            }
        }
        table
    }

    fn industry(&self, division: Division) -> f64 {
        let of = |key: &Division| self.divisions.get(key).copied().unwrap_or_default();
        match division {
            (section, None) => self.sections.get(&section).copied().unwrap_or_default(),
            (section, _) => of(&division).max(of(&(section, None))),
        }
    }
}

/// What a size in the title counts.
const TITLE_SIZE: f64 = 0.8;

/// The chance that at least one of independent signs is right.
fn any_of(signs: impl IntoIterator<Item = f64>) -> f64 {
    1.0 - signs.into_iter().fold(1.0, |left, sign| left * (1.0 - sign.clamp(0.0, 1.0)))
}

/// How strongly a document satisfies an expression. `None`: not at all. Words that must not occur add nothing.
pub fn expression_strength(expression: &Expression<Option<TermId>>, mentions: &Mentions) -> Option<f64> {
    match expression {
        Expression::Word(term) => term.and_then(|term| mentions.get(term)).map(|mention| mention.strength),
        Expression::Not(part) => expression_strength(part, mentions).is_none().then_some(0.0),
        Expression::Or(parts) => parts.iter().filter_map(|part| expression_strength(part, mentions)).reduce(f64::max),
        Expression::And(parts) => {
            let mut least: Option<f64> = None;
            let mut most = 0.0_f64;
            for part in parts {
                let strength = expression_strength(part, mentions)?;
                if !matches!(part, Expression::Not(_)) {
                    least = Some(least.map_or(strength, |least| least.min(strength)));
                    most = most.max(strength);
                }
            }
            Some(least.map_or(0.0, |least| and_strength(least, most)))
        }
    }
}

/// All words must be there; the weakest counts most.
pub fn and_strength(least: f64, most: f64) -> f64 {
    0.7 * least + 0.3 * most
}

/// The judgement of one pair.
pub struct Weighed<'a> {
    /// 0 to 1.
    pub score: f64,
    region: ReasonState,
    named: Option<&'a Mention>,
    words: Vec<(f64, &'a Mention, &'a str, bool)>,
    choices: Vec<(ReasonKind, ReasonState)>,
    industry: Option<&'a Named>,
    other_industry: Option<&'a Named>,
    qualifications: Vec<&'a Named>,
    size: ReasonState,
    conditions: Vec<(&'a Condition, ReasonState)>,
    /// Of the conditions, unmet ones that leave something of the document open.
    spared: Vec<bool>,
    excluded: Option<(&'a Mention, &'a str)>,
    audience: bool,
    result: bool,
}

/// Weighs one pair.
pub fn weigh<'a>(
    profile: &'a Profile,
    document: &'a Document<'_>,
    mentions: &'a Mentions,
    filters: &Filters,
) -> Weighed<'a> {
    let mut weighed = Weighed {
        score: 0.0,
        region: document.scope.reaches(&profile.place),
        named: profile.name.and_then(|name| mentions.get(name)),
        words: Vec::new(),
        choices: Vec::new(),
        industry: None,
        other_industry: None,
        qualifications: Vec::new(),
        size: ReasonState::Unknown,
        conditions: Vec::new(),
        spared: Vec::new(),
        excluded: None,
        audience: false,
        result: false,
    };
    let mut factor = 1.0;

    match weighed.region {
        ReasonState::Met => {}
        ReasonState::Unknown if document.scope.is_elsewhere => factor *= doubt::ELSEWHERE,
        ReasonState::Unknown if document.scope.region.is_none() => factor *= doubt::NO_REGION,
        ReasonState::Unknown => factor *= doubt::UNKNOWN,
        ReasonState::Unmet if filters.region => factor = 0.0,
        ReasonState::Unmet => {}
    }

    let addressed = match document.address.audience {
        Audience::Enterprises => true,
        Audience::One => weighed.named.is_some(),
        Audience::Individuals | Audience::Departments => false,
    };
    if !addressed && filters.audience {
        weighed.audience = true;
        factor = 0.0;
    }

    let interests = &profile.enterprise.interests;
    let wants_results = interests.kinds.iter().any(|kind| kind.contains("公示"));
    if document.address.is_result && weighed.named.is_none() && !wants_results && filters.results {
        weighed.result = true;
        factor *= doubt::RESULT;
    }

    if filters.exclude {
        weighed.excluded = profile.exclude.iter().find_map(|(term, word)| {
            let mention = mentions.get(*term)?;
            let central = mention.in_title || mention.count >= 2 || mention.strength >= EXCLUDED_FROM;
            central.then_some((mention, word.as_str()))
        });
        if weighed.excluded.is_some() {
            factor = 0.0;
        }
    }

    weighed.choices = choices(profile, document);
    for (_, state) in &weighed.choices {
        match state {
            ReasonState::Met => {}
            ReasonState::Unknown => factor *= doubt::UNKNOWN,
            ReasonState::Unmet => factor = 0.0,
        }
    }

    let mut signs = Signs::default();
    weighed.industry = industry_of(profile, document);
    if let Some(named) = weighed.industry {
        signs.industry = industry_strength(profile, named);
    }
    if let Some(held) = &profile.qualifications {
        let holds =
            |named: &&Named| held.iter().any(|held| *held == named.value || qualification::implies(held, &named.value));
        weighed.qualifications = document.qualifications.iter().filter(holds).collect();
        signs.qualification = any_of(weighed.qualifications.iter().map(|named| named.strength));
    }
    if let (Some(sizes), Some(own)) = (&document.sizes, profile.size) {
        if sizes.any.contains(&own) {
            weighed.size = ReasonState::Met;
            signs.size = TITLE_SIZE;
        } else if filters.size {
            weighed.size = ReasonState::Unmet;
            factor *= doubt::SIZE;
        }
    }

    let day = document.policy.dated_on();
    let mut unmet = 1.0_f64;
    let stated = document.policy.conditions.iter().take(100);
    weighed.conditions = stated.map(|condition| (condition, conditions::state(condition, profile, day))).collect();
    weighed.spared = document.measures.spared(&weighed.conditions);
    for ((condition, state), spared) in weighed.conditions.iter().zip(&weighed.spared) {
        match state {
            ReasonState::Met => signs.note_met(condition),
            ReasonState::Unmet if *spared => {}
            ReasonState::Unmet if condition.field == ConditionField::Region => factor = 0.0,
            ReasonState::Unmet => unmet *= doubt::CONDITION,
            ReasonState::Unknown => {}
        }
    }
    factor *= unmet.max(doubt::CONDITIONS);

    let mut satisfied = None;
    for (term, word) in &profile.keywords {
        if let Some(mention) = mentions.get(*term) {
            weighed.words.push((mention.strength, mention, word, false));
        }
    }
    for (expression, text) in &profile.expressions {
        if let Some(strength) = expression_strength(expression, mentions) {
            satisfied = Some(());
            if let Some(mention) = shown(expression, mentions) {
                weighed.words.push((strength, mention, text, true));
            }
        }
    }
    weighed.words.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = weighed.words.first().map(|word| word.0);
    let second = weighed.words.get(1).map_or(0.0, |word| word.0);

    if filters.industry && weighed.industry.is_none() {
        weighed.other_industry = other_industry(profile, document, &weighed.words);
        if weighed.other_industry.is_some() {
            factor *= doubt::INDUSTRY;
        }
    }
    if !filters.evidence {
        signs = Signs::default();
    }

    let support = signs.parts(&SUPPORT);
    let alone = signs.parts(&ALONE);
    let evidence = match (weighed.named, best) {
        (Some(_), _) => any_of([NAMED, support[0]]),
        (None, Some(best)) => any_of([best, SECOND * second, support[0], support[1], support[2]]),
        // Only words that must not occur: they leave the rest to speak.
        (None, None) if profile.has_words() && satisfied.is_none() => 0.0,
        (None, None) if profile.has_choices() => any_of([chosen(&weighed.choices), alone[0], alone[1], alone[2]]),
        (None, None) => any_of(alone),
    };
    weighed.score = (evidence * factor).clamp(0.0, 1.0);
    weighed
}

/// The mention that stands for a satisfied expression: the strongest of its words.
fn shown<'a>(expression: &Expression<Option<TermId>>, mentions: &'a Mentions) -> Option<&'a Mention> {
    match expression {
        Expression::Word(term) => term.and_then(|term| mentions.get(term)),
        Expression::Not(_) => None,
        Expression::And(parts) | Expression::Or(parts) => parts
            .iter()
            .filter_map(|part| shown(part, mentions))
            .max_by(|one, other| one.strength.total_cmp(&other.strength)),
    }
}

fn chosen(choices: &[(ReasonKind, ReasonState)]) -> f64 {
    let met = |(kind, state): &(ReasonKind, ReasonState)| match (kind, state) {
        (ReasonKind::PolicyKind, ReasonState::Met) => CHOSEN_KIND,
        (_, ReasonState::Met) => CHOSEN,
        _ => 0.0,
    };
    any_of(choices.iter().map(met))
}

fn choices(profile: &Profile, document: &Document<'_>) -> Vec<(ReasonKind, ReasonState)> {
    let interests = &profile.enterprise.interests;
    let state = |is_known: bool, holds: bool| match (is_known, holds) {
        (_, true) => ReasonState::Met,
        (true, false) => ReasonState::Unmet,
        (false, false) => ReasonState::Unknown,
    };
    let mut choices = Vec::new();
    if !interests.kinds.is_empty() {
        let holds = document.kind.as_ref().is_some_and(|kind| interests.kinds.iter().any(|one| one.trim() == kind))
            || document.address.is_result && interests.kinds.iter().any(|one| one.trim() == "公示");
        choices.push((ReasonKind::PolicyKind, state(document.kind.is_some(), holds)));
    }
    if !profile.issuers.is_empty() {
        let holds = document
            .issuers
            .iter()
            .any(|issuer| profile.issuers.iter().any(|chosen| issuer == chosen || issuer.ends_with(chosen.as_str())));
        choices.push((ReasonKind::Issuer, state(!document.issuers.is_empty(), holds)));
    }
    if !interests.subjects.is_empty() {
        let subjects = &document.policy.subjects;
        let holds = subjects.iter().any(|path| {
            interests
                .subjects
                .iter()
                .map(|one| one.trim())
                .any(|one| !one.is_empty() && (path.starts_with(one) || path.split('/').any(|part| part == one)))
        });
        choices.push((ReasonKind::Subject, state(!subjects.is_empty(), holds)));
    }
    choices
}

/// How narrow a code is: a whole section (制造业) says little.
fn narrowness(code: &str) -> f64 {
    match code.len() {
        0 | 1 => 0.35,
        2 | 3 => 0.8,
        _ => 1.0,
    }
}

/// How well the company's industry fits a named one.
fn fit(own: &str, named: &str) -> f64 {
    if industry::contains(named, own) {
        narrowness(named)
    } else if industry::contains(own, named) {
        0.6 * narrowness(own)
    } else {
        0.0
    }
}

fn industry_strength(profile: &Profile, named: &Named) -> f64 {
    named.strength * profile.industries.iter().map(|own| fit(own, &named.value)).fold(0.0, f64::max)
}

fn industry_of<'a>(profile: &Profile, document: &'a Document<'_>) -> Option<&'a Named> {
    document
        .industries
        .iter()
        .map(|named| (industry_strength(profile, named), named))
        .filter(|(strength, _)| *strength > 0.0)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, named)| named)
}

/// The industry that the title is about when it is none of the company's, and none that its words ask for.
fn other_industry<'a>(
    profile: &Profile,
    document: &'a Document<'_>,
    words: &[(f64, &Mention, &str, bool)],
) -> Option<&'a Named> {
    /// Fewer mentions leave open whether the document is about it.
    const CENTRAL_FROM: usize = 3;
    if profile.industries.is_empty() {
        return None;
    }
    let title: Vec<&Named> =
        document.industries.iter().filter(|named| named.in_title && named.value.len() >= 2).collect();
    let asked = title.iter().filter_map(|named| named.place.as_ref()).any(|place| {
        words.iter().filter(|word| word.1.place.in_title).any(|word| {
            let bytes = document.title.stream.bytes(&word.1.place.range);
            bytes.start < place.end && place.start < bytes.end
        })
    });
    if asked {
        return None;
    }
    title.into_iter().find(|named| named.count >= CENTRAL_FROM)
}

/// The match with its reasons, the weightiest first.
pub fn explain(profile: &Profile, document: &Document<'_>, weighed: &Weighed<'_>) -> Match {
    let mut reasons: Vec<(f64, Reason)> = Vec::new();
    let mut add = |weight: f64, kind: ReasonKind, state: ReasonState, text: String, evidence: String| {
        reasons.push((weight, Reason { kind, state, text, evidence }));
    };
    let sentence = |mention: &Mention| {
        if mention.place.in_title {
            document.policy.title.trim().to_owned()
        } else {
            document.body.sentence(&mention.place.range).to_owned()
        }
    };

    if weighed.audience {
        let text = match document.address.audience {
            Audience::Individuals if document.policy.for_enterprises == Some(false) => "文件不面向企业",
            Audience::Individuals => "文件办理的是个人事项，不面向企业",
            Audience::Departments => "文件面向机关部门，不面向企业",
            _ => "文件只针对特定单位",
        };
        add(9.0, ReasonKind::Condition, ReasonState::Unmet, text.to_owned(), document.address.evidence.clone());
    }
    if let Some((mention, word)) = weighed.excluded {
        let place = if mention.place.in_title { "标题" } else { "正文" };
        add(8.0, ReasonKind::Keyword, ReasonState::Unmet, format!("{place}含有您排除的词“{word}”"), sentence(mention));
    }
    if let Some(mention) = weighed.named {
        let text = "文件中出现贵企业名称".to_owned();
        add(3.0, ReasonKind::Keyword, ReasonState::Met, text, sentence(mention));
    }
    for (strength, mention, word, is_expression) in weighed.words.iter().take(5) {
        let kind = if *is_expression { ReasonKind::Expression } else { ReasonKind::Keyword };
        let subject = if *is_expression {
            format!("符合您的关注条件“{word}”")
        } else {
            format!("您关注的“{word}”")
        };
        let text = match (is_expression, mention.in_title) {
            (false, true) => format!("标题提到{subject}"),
            (false, false) => format!("正文 {} 处提到{subject}", mention.count),
            (true, true) => format!("标题和正文{subject}"),
            (true, false) => format!("正文{subject}"),
        };
        add(1.0 + strength, kind, ReasonState::Met, text, sentence(mention));
    }
    if weighed.words.is_empty() && profile.has_words() && weighed.named.is_none() {
        let all: Vec<&str> = profile
            .keywords
            .iter()
            .map(|word| word.1.as_str())
            .chain(profile.expressions.iter().map(|e| e.1.as_str()))
            .take(5)
            .collect();
        let text = format!("没有提到您关注的词（{}）", all.join("、"));
        add(2.0, ReasonKind::Keyword, ReasonState::Unmet, text, String::new());
    }

    let place = document.scope.region.map(region_name).unwrap_or_default();
    let own = profile.place.region.map(region_name).unwrap_or_default();
    let text = match weighed.region {
        ReasonState::Met => match &document.scope.zone {
            Some(zone) => format!("适用于{zone}，贵企业在该园区"),
            None if document.scope.region == profile.place.region => format!("适用于{place}，贵企业所在地"),
            None => format!("适用于{place}，包含贵企业所在的{own}"),
        },
        ReasonState::Unmet => format!("适用于{place}范围内的特定地区，贵企业在{own}，不在适用范围"),
        ReasonState::Unknown => match (&document.scope.zone, document.scope.region, profile.place.region) {
            (_, _, None) => "贵企业所在地区未填写，是否适用请核对".to_owned(),
            (_, None, _) => "文件没有写明适用地区，请核对".to_owned(),
            (Some(zone), ..) => format!("文件由{zone}发布，贵企业是否在该园区未知"),
            _ => format!("文件可能适用于{place}，请核对"),
        },
    };
    let weight = if weighed.region == ReasonState::Unmet { 10.0 } else { 0.6 };
    add(weight, ReasonKind::Region, weighed.region, text, document.scope.evidence.clone());

    for (kind, state) in &weighed.choices {
        let (what, value) = match kind {
            ReasonKind::PolicyKind => ("文种", document.kind.clone().unwrap_or_default()),
            ReasonKind::Issuer => ("发文机关", document.policy.issuers.join("、")),
            _ => ("主题分类", document.policy.subjects.join("、")),
        };
        let text = match state {
            ReasonState::Met => format!("{what}“{value}”是您选定的"),
            ReasonState::Unmet => format!("{what}“{value}”不在您选定的范围"),
            ReasonState::Unknown => format!("{what}未知，是否符合您的选择请核对"),
        };
        let stands = document.policy.title.contains(&value) || document.policy.body_text.contains(&value);
        let evidence = if stands { value } else { String::new() };
        add(if *state == ReasonState::Unmet { 7.0 } else { 0.7 }, *kind, *state, text, evidence);
    }

    if let Some(named) = weighed.industry {
        let text = format!("涉及贵企业所属行业：{}", industry_name(&named.value));
        add(industry_strength(profile, named), ReasonKind::Industry, ReasonState::Met, text, document.evidence(named));
    }
    if let Some(named) = weighed.other_industry {
        let text = format!("主要面向其他行业：{}", industry_name(&named.value));
        add(0.9, ReasonKind::Industry, ReasonState::Unmet, text, document.evidence(named));
    }
    for named in weighed.qualifications.iter().take(3) {
        let text = format!("涉及贵企业已有的资质：{}", named.value);
        add(0.8 * named.strength, ReasonKind::Qualification, ReasonState::Met, text, document.evidence(named));
    }
    if let Some(sizes) = &document.sizes {
        let own = profile.size.map(Size::label);
        let text = match (weighed.size, own) {
            (ReasonState::Met, Some(own)) => format!("面向{}，贵企业为{own}", sizes.word),
            (ReasonState::Unmet, Some(own)) => format!("面向{}，贵企业为{own}，不属于该范围", sizes.word),
            _ => format!("面向{}，贵企业规模未知", sizes.word),
        };
        let weight = if weighed.size == ReasonState::Unmet { 4.0 } else { 0.5 };
        add(weight, ReasonKind::Size, weighed.size, text, sizes.word.to_owned());
    }
    if weighed.result {
        let text = "属于结果公布，名单中未见贵企业".to_owned();
        add(3.5, ReasonKind::Condition, ReasonState::Unmet, text, document.policy.title.trim().to_owned());
    }
    for ((condition, state), spared) in weighed.conditions.iter().zip(&weighed.spared).take(20) {
        let kind = match condition.field {
            ConditionField::Region => ReasonKind::Region,
            ConditionField::Industry => ReasonKind::Industry,
            ConditionField::Size => ReasonKind::Size,
            ConditionField::Qualification => ReasonKind::Qualification,
            _ => ReasonKind::Condition,
        };
        let what = condition.field.label();
        let text = match state {
            ReasonState::Met => format!("符合申报条件（{what}）"),
            ReasonState::Unmet if *spared => format!("不符合其中一项措施的条件（{what}）"),
            ReasonState::Unmet => format!("不符合申报条件（{what}）"),
            ReasonState::Unknown => format!("申报条件（{what}）是否符合未知，请核对"),
        };
        let weight = match state {
            ReasonState::Unmet if *spared => 0.3,
            ReasonState::Unmet => 0.95,
            ReasonState::Met => 0.55,
            ReasonState::Unknown => 0.2,
        };
        add(weight, kind, *state, text, condition.evidence.clone());
    }
    if let Some((state, text, evidence)) = window(document) {
        add(0.4, ReasonKind::Window, state, text, evidence);
    }

    reasons.sort_by(|one, other| other.0.total_cmp(&one.0));
    Match {
        profile: profile.enterprise.id.clone(),
        policy: document.policy.id.clone(),
        score: weighed.score,
        reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
    }
}

/// The application window as of publication; it informs and does not count.
fn window(document: &Document<'_>) -> Option<(ReasonState, String, String)> {
    let application = document.policy.application.as_ref()?;
    let evidence = application.evidence.clone().unwrap_or_default();
    if application.open_ended {
        return Some((ReasonState::Met, "长期受理".to_owned(), evidence));
    }
    let closes = application.closes_on?;
    let (state, text) = match document.policy.dated_on() {
        Some(day) if day > closes => (ReasonState::Unmet, format!("申报已于 {closes} 截止")),
        Some(_) => (ReasonState::Met, format!("申报截止 {closes}")),
        None => (ReasonState::Unknown, format!("申报截止 {closes}")),
    };
    Some((state, text, evidence))
}

fn region_name(code: u32) -> String {
    let code = code.to_string();
    match region::by_code(&code) {
        _ if code == region::NATION => "全国".to_owned(),
        Some(region) => region.name.to_owned(),
        None => code,
    }
}

fn industry_name(code: &str) -> String {
    industry::by_code(code).map_or_else(|| code.to_owned(), |found| found.name.to_owned())
}
