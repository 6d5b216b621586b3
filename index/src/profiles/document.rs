//! A policy as the matcher reads it, once for all profiles: the record's fields where they are filled, else what title
//! and text say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use zhida_schemas::{Policy, Size, industry, issuer, kind, qualification};

use super::audience::Address;
use super::measures::Measures;
use super::scope::Scope;
use super::stream::Stream;
use super::terms::{Title, body_strength};
use crate::Analyzer;

/// Text of attachments is read up to this length in all.
const MAX_ATTACHED_BYTES: usize = 300_000;

/// Industries and qualifications are looked for in this much of the text.
const MAX_LOOKED_BYTES: usize = 120_000;

/// What a name in the title, or in the record, is worth.
const NAMED_IN_TITLE: f64 = 0.8;

/// A policy, read.
pub struct Document<'a> {
    /// The record.
    pub policy: &'a Policy,
    /// Its title.
    pub title: Title<'a>,
    /// Its text, with that of the attachments.
    pub body: Stream<'a>,
    /// Where it applies.
    pub scope: Scope,
    /// Whom it addresses.
    pub address: Address,
    /// Industries that it names, by code.
    pub industries: Vec<Named>,
    /// Qualifications that it names.
    pub qualifications: Vec<Named>,
    /// Sizes that its title addresses.
    pub sizes: Option<Sizes>,
    /// To what its conditions belong.
    pub measures: Measures,
    /// 公文种类.
    pub kind: Option<String>,
    /// Offices that issued it, as written and by full name.
    pub issuers: Vec<String>,
}

/// An industry or a qualification that a document names.
#[derive(Debug, Clone)]
pub struct Named {
    /// Code or standard name.
    pub value: String,
    /// 0 to 1: how much the document is about it.
    pub strength: f64,
    /// Whether the title or the record names it.
    pub in_title: bool,
    /// Bytes of the title or of the body; `None` when only the record says so.
    pub place: Option<Range<usize>>,
    /// How often the body names it.
    pub count: usize,
}

/// Sizes that a title addresses.
#[derive(Debug, Clone)]
pub struct Sizes {
    /// Any of these.
    pub any: &'static [Size],
    /// The word.
    pub word: &'static str,
}

impl<'a> Document<'a> {
    /// Reads a policy.
    pub fn new(analyzer: &Analyzer, policy: &'a Policy) -> Self {
        let title = Title::new(analyzer, &policy.title);
        let body = Stream::new(analyzer, text_of(policy));
        let matter = title.stream.bytes(&(title.matter_from..title.stream.len())).start;
        let in_title = policy.title.get(matter..).unwrap_or_default();
        let in_body = head(body.text(), MAX_LOOKED_BYTES);
        let length = body.len();
        // 保险 in 社会保险 is no industry, nor is 农业 in 农业局.
        let stands = |stream: &Stream<'_>, found: Found| -> Found {
            let is_named =
                |bytes: &Range<usize>| stream.are_words(bytes).is_some_and(|letters| !stream.in_office_name(&letters));
            found.into_iter().filter(|(bytes, _)| is_named(bytes)).collect()
        };
        let single = |found: Vec<(Range<usize>, &'static str)>| -> Vec<_> {
            found.into_iter().map(|(range, name)| (range, vec![name])).collect()
        };
        let industries = named(
            policy.industries.iter().map(String::as_str),
            stands(&title.stream, shifted(industry::find_all(in_title), matter)),
            stands(&body, industry::find_all(in_body)),
            length,
        );
        let qualifications = named(
            policy.qualifications.iter().map(String::as_str),
            shifted(single(qualification::find_all(in_title)), matter),
            single(qualification::find_all(in_body)),
            length,
        );
        let mut issuers: Vec<String> = policy.issuers.clone();
        if issuers.is_empty() && matter > 0 {
            issuers.extend(
                issuer::split(policy.title.get(..matter).unwrap_or_default(), None).into_iter().map(|i| i.name),
            );
        }
        let full: Vec<String> =
            issuers.iter().filter_map(|name| issuer::parse(name, None)).map(|parsed| parsed.name).collect();
        issuers.extend(full);
        issuers.sort();
        issuers.dedup();
        Self {
            scope: Scope::new(policy, &title, &body),
            address: Address::new(policy, &title, &body),
            industries,
            qualifications,
            sizes: sizes_of(in_title),
            measures: Measures::new(policy),
            kind: policy.kind.clone().or_else(|| kind::of_title(&policy.title).map(str::to_owned)),
            issuers,
            policy,
            title,
            body,
        }
    }

    /// The words around what was found, an exact part of the document.
    pub fn evidence(&self, named: &Named) -> String {
        match &named.place {
            Some(range) if named.in_title => self.title.stream.text().get(range.clone()).unwrap_or_default().to_owned(),
            Some(range) => self.body.sentence_at(range.clone()).to_owned(),
            None => String::new(),
        }
    }
}

/// The sizes that words of a title address; `None` when it names none or all.
pub fn sizes_of(text: &str) -> Option<Sizes> {
    use Size::{Large, Medium, Micro, Small};
    // Longer words first: 中小微企业 before 小微企业.
    const WORDS: [(&str, &[Size]); 12] = [
        ("大中小企业", &[Micro, Small, Medium, Large]),
        ("大中小微企业", &[Micro, Small, Medium, Large]),
        ("中小微企业", &[Micro, Small, Medium]),
        ("中小企业", &[Micro, Small, Medium]),
        ("中小型企业", &[Micro, Small, Medium]),
        ("小型微型企业", &[Micro, Small]),
        ("小微企业", &[Micro, Small]),
        ("微型企业", &[Micro]),
        ("小型企业", &[Micro, Small]),
        ("大中型企业", &[Medium, Large]),
        ("中型企业", &[Medium]),
        ("大型企业", &[Large]),
    ];
    let (word, any) = WORDS.into_iter().find(|(word, _)| text.contains(word))?;
    (any.len() < 4).then_some(Sizes { any, word })
}

fn text_of(policy: &Policy) -> Cow<'_, str> {
    let mut texts = policy.attachments.iter().filter_map(|attachment| attachment.text.as_deref()).peekable();
    if texts.peek().is_none() {
        return Cow::Borrowed(&policy.body_text);
    }
    let mut all = policy.body_text.clone();
    let mut left = MAX_ATTACHED_BYTES;
    for text in texts {
        let text = head(text, left);
        left -= text.len();
        all.push('\n');
        all.push_str(text);
    }
    Cow::Owned(all)
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

type Found = Vec<(Range<usize>, Vec<&'static str>)>;

fn shifted(found: Found, by: usize) -> Found {
    found.into_iter().map(|(range, values)| (range.start + by..range.end + by, values)).collect()
}

fn named<'a>(stated: impl Iterator<Item = &'a str>, in_title: Found, in_body: Found, length: usize) -> Vec<Named> {
    let mut all: BTreeMap<String, Named> = BTreeMap::new();
    let mut entry = |value: &str, place: Option<Range<usize>>, from_title: bool, counted: usize| {
        let known = all.entry(value.to_owned()).or_insert_with(|| Named {
            value: value.to_owned(),
            strength: 0.0,
            in_title: from_title,
            place: None,
            count: 0,
        });
        known.count += counted;
        if known.place.is_none() && (from_title || !known.in_title) {
            known.place = place;
        }
    };
    for (range, values) in in_title {
        for value in values {
            entry(value, Some(range.clone()), true, 0);
        }
    }
    for value in stated {
        entry(value, None, true, 0);
    }
    for (range, values) in in_body {
        for value in values {
            entry(value, Some(range.clone()), false, 1);
        }
    }
    let mut all: Vec<Named> = all.into_values().collect();
    for named in &mut all {
        let in_body = body_strength(named.count as f64, length);
        named.strength = if named.in_title { NAMED_IN_TITLE.max(in_body) } else { in_body * NAMED_IN_TITLE };
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_the_words_of_a_title() {
        use Size::{Large, Medium, Micro, Small};
        for (title, expected) in [
            ("关于支持中小微企业稳定发展的若干措施", Some([Micro, Small, Medium].as_slice())),
            ("小微企业贷款贴息办法", Some([Micro, Small].as_slice())),
            ("关于大型企业研发机构建设的通知", Some([Large].as_slice())),
            ("促进大中小企业融通创新的通知", None),
            ("关于企业技术改造的通知", None),
        ] {
            assert_eq!(sizes_of(title).map(|sizes| sizes.any), expected, "{title}");
        }
    }
}
