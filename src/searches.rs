//! What is searched for: counted for editors (which words do people use, what do they not find) and for suggestions.
//!
//! A count says nothing of who searched, and a query that looks like a person's or a company's number, an address or a
//! long text is not counted at all. Counts are gathered in memory and written every few seconds; a process that is
//! killed loses those.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{Days, NaiveDate};
use zhida_index::query::parse;
use zhida_index::{SearchRequest, SearchResults};
use zhida_schemas::doc_number::{self, DocNumber};

use crate::state::AppState;
use crate::store::StoreError;
use crate::store::searches::SearchCount;

/// Longer queries are not counted.
const MAX_CHARS: usize = 40;
/// More digits in a row may be a telephone, a card or a credit code.
const MAX_DIGITS: usize = 7;
/// Different queries that are held until they are written; more are not counted.
const MAX_HELD: usize = 10_000;
/// Counts are kept so long.
const KEPT_DAYS: u64 = 400;
/// Suggestions are queries of so many days that found something.
const SUGGESTED_DAYS: u64 = 90;
/// They were asked at least so often, and on more than one day: what one person asks again and again within a day is
/// nothing for everybody,
const SUGGESTED_TIMES: i64 = 3;
/// unless it was so often.
const SUGGESTED_OFTEN: i64 = 10;
/// So many of them are held.
const MAX_SUGGESTED: i64 = 2_000;

/// By day and query, how often it was asked and how often nothing was found.
type Held = HashMap<(NaiveDate, String), (i64, i64)>;

/// Counts that are not written yet, and the frequent queries. Cheap to clone; clones share both.
#[derive(Clone, Default)]
pub struct Searches {
    held: Arc<Mutex<Held>>,
    frequent: Arc<RwLock<Arc<[String]>>>,
}

impl Searches {
    /// Counts a search by the first page of its results. That nothing was found is told of the words only when
    /// nothing but the words could be the reason.
    pub fn count(&self, day: NaiveDate, request: &SearchRequest, results: &SearchResults) {
        if request.offset == 0 && request.after.is_none() {
            let by_words = !has_filter(request) && results.understood.fields.is_empty();
            self.add(day, &request.query, results.total == 0 && by_words);
        }
    }

    fn add(&self, day: NaiveDate, query: &str, is_empty: bool) {
        let Some(query) = countable(query) else { return };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MAX_HELD && !held.contains_key(&(day, query.clone())) {
            return;
        }
        let (times, empty) = held.entry((day, query)).or_default();
        *times += 1;
        *empty += i64::from(is_empty);
    }

    /// The frequent queries, the most frequent first.
    pub fn frequent(&self) -> Arc<[String]> {
        self.frequent.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes what was counted, forgets what is old, and reads the frequent queries anew.
    ///
    /// # Errors
    /// The database failed; what was counted is kept for the next time.
    pub async fn write(&self, state: &AppState) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let mut days: BTreeMap<NaiveDate, Vec<SearchCount>> = BTreeMap::new();
        for ((day, query), (times, empty)) in taken {
            days.entry(day).or_default().push(SearchCount { query, times, empty });
        }
        let mut failed = None;
        for (day, counts) in days {
            if let Err(error) = state.store.add_searches(day, &counts).await {
                let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
                for SearchCount { query, times, empty } in counts {
                    let sum = held.entry((day, query)).or_default();
                    *sum = (sum.0 + times, sum.1 + empty);
                }
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let today = state.clock.today();
        let before = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        state.store.forget_searches(before(KEPT_DAYS)).await?;
        let since = before(SUGGESTED_DAYS);
        let suggested = state.store.suggested_searches(since, SUGGESTED_TIMES, SUGGESTED_OFTEN, MAX_SUGGESTED).await?;
        // what an earlier version counted is looked at again
        let suggested = suggested.into_iter().filter(|query| countable(query).is_some());
        *self.frequent.write().unwrap_or_else(PoisonError::into_inner) = suggested.collect();
        Ok(())
    }
}

/// Whether a request leaves out policies for another reason than its words.
fn has_filter(request: &SearchRequest) -> bool {
    let texts = [&request.region, &request.issuer, &request.kind, &request.subject, &request.industry];
    let days = [request.published_from, request.published_to, request.open_on];
    texts.into_iter().any(Option::is_some)
        || days.iter().any(Option::is_some)
        || request.validity.is_some()
        || request.window.is_some()
}

/// A query as it is counted; `None` for one that is not.
fn countable(query: &str) -> Option<String> {
    // what is suggested has to ask the same: operators are read in capitals
    let even = |word: &str| parse::operator(word).map_or_else(|| word.to_lowercase(), str::to_owned);
    let query = query.split_whitespace().map(even).collect::<Vec<_>>().join(" ");
    let has_sense = query.chars().any(char::is_alphanumeric) && !query.contains(['@', '＠']) && !query.contains("://");
    let is_short = query.chars().count() <= MAX_CHARS;
    (has_sense && is_short && !has_long_number(&query) && !names_account(&query)).then_some(query)
}

/// A character as one that says the same: figures of every script and width as ASCII digits, letters as small ASCII.
fn plain(c: char) -> char {
    const FIGURES: [&str; 10] = ["〇零○", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    let figure = ('0'..='9').zip(FIGURES).find(|(_, written)| written.contains(c)).map(|(digit, _)| digit);
    match figure {
        Some(digit) => digit,
        // ①, Ⅷ: some figure
        None if c.is_numeric() && !c.is_ascii() => '0',
        None => c.to_ascii_lowercase(),
    }
}

/// Whether there is a long number, however it is cut into pieces: neither a sign nor a letter (of a credit code) ends
/// one. Document numbers and years in a row are no such.
fn has_long_number(query: &str) -> bool {
    let is_document = query.contains(['〔', '[', '［', '(', '（', '【']) && DocNumber::parse(query).is_some();
    if is_document {
        return false;
    }
    let mut rest = query.to_owned();
    for (range, _) in doc_number::find_all(query).into_iter().rev() {
        rest.replace_range(range, "号");
    }
    let plain: String = rest.chars().map(plain).collect();
    let is_year = |digits: &str| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    plain.split(|c: char| c.is_alphanumeric() && !c.is_ascii()).any(|run| {
        let mut groups = run.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
        run.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS && !groups.all(is_year)
    })
}

/// Whether somebody's account or telephone is named: 微信zhangsan123, QQ 12345678, 电话8123456. 微信支付 is none.
fn names_account(query: &str) -> bool {
    /// With the fewest characters of what follows, and whether these are digits only.
    const NAMES: [(&str, usize, bool); 12] = [
        ("微信", 5, false),
        ("weixin", 5, false),
        ("wechat", 5, false),
        ("vx", 5, false),
        ("qq", 5, false),
        ("邮箱", 5, false),
        ("电邮", 5, false),
        ("电话", 6, true),
        ("手机", 6, true),
        ("座机", 6, true),
        ("传真", 6, true),
        ("tel", 6, true),
    ];
    const BETWEEN: [&str; 9] = ["号码", "账号", "帐号", "地址", "号", "是", "为", "加", "id"];
    let letters: String = query.chars().filter(|c| c.is_alphanumeric()).map(plain).collect();
    NAMES.iter().any(|(name, least, digits_only)| {
        letters.match_indices(name).any(|(at, _)| {
            let within_word =
                name.is_ascii() && letters[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphabetic());
            let mut rest = &letters[at + name.len()..];
            while let Some(shorter) = BETWEEN.iter().find_map(|word| rest.strip_prefix(word)) {
                rest = shorter;
            }
            let belongs = |c: &char| if *digits_only { c.is_ascii_digit() } else { c.is_ascii_alphanumeric() };
            !within_word && rest.chars().take_while(belongs).count() >= *least
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_somebody_is_not_counted() {
        for (query, counted) in [
            ("  高企　认定 ", Some("高企 认定")),
            ("国办发〔2017〕47号", Some("国办发〔2017〕47号")),
            ("AI 算力券", Some("ai 算力券")),
            ("技改 OR 设备更新", Some("技改 OR 设备更新")),
            ("技改 ＯＲ Orbit", Some("技改 OR orbit")),
            ("技改 NOT 公示 AND 补贴 and", Some("技改 NOT 公示 AND 补贴 and")),
            ("国办发(2017)1047号", Some("国办发(2017)1047号")),
            ("财税〔2018〕54号 财税〔2019〕155号 5%", Some("财税〔2018〕54号 财税〔2019〕155号 5%")),
            ("2021—2025年规划", Some("2021—2025年规划")),
            ("二〇二一年至二〇二五年", Some("二〇二一年至二〇二五年")),
            ("一二三产业融合 十四五", Some("一二三产业融合 十四五")),
            ("微信支付 手机5G 12345热线", Some("微信支付 手机5g 12345热线")),
            ("电话补贴 QQ", Some("电话补贴 qq")),
            ("gaoxin jishu qiye", Some("gaoxin jishu qiye")),
            ("工信部联企业2011 300", Some("工信部联企业2011 300")),
            ("13800001234", None),
            ("138-0000-1234 补贴", None),
            ("138 0000 1234", None),
            ("138.1234.5678", None),
            ("138—1234—5678", None),
            ("138·1234‑5678 补贴", None),
            ("138（1234）5678", None),
            ("１３８　１２３４　５６７８", None),
            ("一三八一二三四五六七八", None),
            ("幺三八-壹贰叁肆-5678", None),
            ("微信zhangsan123", None),
            ("微信号：zhang_san", None),
            ("QQ 12345678", None),
            ("ＱＱ号１２３４５", None),
            ("邮箱 zhangsan", None),
            ("联系电话:8123456", None),
            ("手机号码 八一二 三四五六", None),
            ("91320000MA1ABCDE0X", None),
            ("a@b.example", None),
            ("https://x.example", None),
            ("，。！", None),
            ("", None),
        ] {
            assert_eq!(countable(query).as_deref(), counted, "{query}");
        }
        assert_eq!(countable(&"政".repeat(41)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let searches = Searches::default();
        let day = NaiveDate::default();
        for n in 0..MAX_HELD + 5 {
            searches.add(day, &format!("第{n}"), false);
        }
        searches.add(day, "第0", true);
        let held = searches.held.lock().unwrap();
        assert_eq!(held.len(), MAX_HELD);
        assert_eq!(held[&(day, "第0".to_owned())], (2, 1));
    }
}
