//! Copies of one document: reposts on other sites and versions of one text, shown as one result with a count.
//!
//! Two documents are taken for one when their titles have the same letters and their numbers are the same; without a
//! number, when they are of the same region, and, where offices write the like every year, of the same month. A title
//! that is short, or that many offices give to texts of their own without either, joins nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};
use tantivy::SegmentReader;
use zhida_schemas::{Policy, doc_number};

use super::columns::{Columns, NONE, Row};
use crate::Analyzer;
use crate::text::letters;

/// Titles of fewer letters are not enough to tell a document by.
const MIN_LETTERS: usize = 8;

/// How the titles end of what an office writes again and again under the same one.
const RECURRING: [&str; 10] = ["通知", "公告", "通告", "公示", "通报", "函", "批复", "名单", "计划", "要点"];

/// What copies of a document have in common; `None` for one that nothing tells from others.
pub fn key(analyzer: &Analyzer, policy: &Policy) -> Option<u64> {
    let title = analyzer.fold(&policy.title);
    // 【某市】 before a title is the collection's, （2018年修正） behind it names the version
    let title =
        title.trim().strip_prefix('【').and_then(|rest| rest.split_once('】')).map_or(&*title, |(_, rest)| rest);
    let title = title.trim().trim_end_matches([')', '）']);
    let title = match title.rfind(['(', '（']) {
        Some(at) if ["修正", "修订", "修改"].iter().any(|word| title[at..].contains(word)) => &title[..at],
        _ => title,
    };
    let letters = letters(title);
    if letters.chars().count() < MIN_LETTERS {
        return None;
    }
    let number = policy.doc_number.as_deref().and_then(doc_number::DocNumber::parse).map(|number| number.key());
    let region = if number.is_none() { Some(policy.region_code.as_deref()?) } else { None };
    let recurs = number.is_none() && RECURRING.iter().any(|end| letters.ends_with(end));
    let month = policy.dated_on().filter(|_| recurs).map(|date| date.format("%Y-%m").to_string());
    let text = [
        letters.as_str(),
        number.as_deref().unwrap_or_default(),
        region.unwrap_or_default(),
        month.as_deref().unwrap_or_default(),
    ];
    let text = text.join("|");
    let digest = Sha256::digest(text.as_bytes());
    digest.first_chunk().copied().map(u64::from_be_bytes)
}

/// Numbers for keys, and how many documents have each.
#[derive(Default)]
pub struct Groups {
    numbers: RwLock<HashMap<u64, u32>>,
    sizes: RwLock<Arc<[u32]>>,
}

impl Groups {
    /// The number of a key.
    pub fn number(&self, key: u64) -> u32 {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        let next = numbers.len() as u32;
        *numbers.entry(key).or_insert(next)
    }

    /// Counts the documents of all segments anew.
    pub fn count(&self, segments: &[(Arc<Columns>, &SegmentReader)]) {
        let length = self.numbers.read().unwrap_or_else(PoisonError::into_inner).len();
        let mut sizes = vec![0_u32; length];
        for (columns, reader) in segments {
            for (doc, row) in (0..).zip(columns.rows()).filter(|(_, row)| row.copies != NONE) {
                if !reader.is_deleted(doc)
                    && let Some(size) = sizes.get_mut(row.copies as usize)
                {
                    *size += 1;
                }
            }
        }
        *self.sizes.write().unwrap_or_else(PoisonError::into_inner) = sizes.into();
    }

    /// How many documents have each number, as last counted.
    pub fn sizes(&self) -> Arc<[u32]> {
        self.sizes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Which of two copies leads: the one with a text on the higher site, then the newest.
pub fn leads(row: &Row) -> (u8, Option<i64>) {
    (row.standing, row.dated())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::analyzer;

    #[test]
    fn copies_have_one_key_and_others_do_not() {
        let of = |title: &str, number: Option<&str>, region: Option<&str>| {
            key(
                &analyzer(),
                &Policy {
                    title: title.to_owned(),
                    doc_number: number.map(str::to_owned),
                    region_code: region.map(str::to_owned),
                    ..Policy::default()
                },
            )
        };
        let number = Some("示政发〔2020〕1号");
        let one = of("示例市关于支持企业发展的若干意见", number, Some("321100"));
        assert!(one.is_some());
        for (title, number) in [
            ("《示例市关于支持企业发展的若干意见》", Some("示政发[2020] 1号")),
            ("【示例市】示例市關於支持企業發展的若干意見", number),
        ] {
            assert_eq!(of(title, number, None), one, "{title}");
        }
        let law = of("示例经济特区促进条例", None, Some("440300"));
        assert_eq!(of("示例经济特区促进条例（2018年修正）", None, Some("440300")), law);
        assert_ne!(of("示例市关于支持企业发展的若干意见", Some("示政发〔2021〕1号"), None), one);
        let notice = "关于组织申报高新技术企业的通知";
        assert_ne!(of(notice, None, Some("321100")), of(notice, None, Some("320500")));
        assert_eq!(of(notice, None, None), None);
        let dated = |title: &str, date: &str| {
            let region_code = Some("321100".to_owned());
            let published_on = Some(date.parse().unwrap());
            key(&analyzer(), &Policy { title: title.to_owned(), region_code, published_on, ..Policy::default() })
        };
        assert_ne!(dated(notice, "2023-01-05"), dated(notice, "2024-01-05"));
        assert_eq!(dated(notice, "2024-01-05"), dated(notice, "2024-01-15"));
        let law = "示例市科技创新促进条例";
        assert_eq!(dated(law, "2018-01-05"), dated(law, "2024-01-05"));
        assert_eq!(of("通知", number, None), None);
    }
}
