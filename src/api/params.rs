//! The parameters of a search, the same for API, pages and command line.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use zhida_index::{Cursor, SearchRequest, Sort, WindowState};
use zhida_schemas::import_row::parse_date;
use zhida_schemas::policy::Validity;
use zhida_schemas::region;

use super::problem::Problem;

/// Longest query that is read, in characters.
const MAX_QUERY: usize = 500;

/// The parameters in a request's address. What cannot be read is told in Chinese, with the parameter's name.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let rejected = match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(read)) => return Ok(Self(read)),
            Err(rejected) => rejected.body_text(),
        };
        tracing::debug!(rejected, "query string");
        // the words of the library are for programmers, but they name the parameter: duplicate field `q`, limit: …
        let mut given: BTreeMap<String, usize> = BTreeMap::new();
        for (name, _) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            *given.entry(name.into_owned()).or_default() += 1;
        }
        let twice = given.iter().find(|(name, times)| **times > 1 && rejected.contains(&format!("`{name}`")));
        let wrong = given.keys().find(|name| rejected.contains(&format!(": {name}: ")));
        Err(Problem::bad_request(match (twice, wrong) {
            (Some((name, _)), _) => format!("参数 {name} 只能出现一次"),
            (None, Some(name)) => format!("参数 {name} 的值不对，写法见 /api/openapi.json"),
            (None, None) => "参数读不出来，写法见 /api/openapi.json".to_owned(),
        }))
    }
}

/// As they come; an empty one is as good as none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct SearchParams {
    pub q: Option<String>,
    pub region: Option<String>,
    pub issuer: Option<String>,
    pub kind: Option<String>,
    pub subject: Option<String>,
    pub industry: Option<String>,
    pub validity: Option<String>,
    pub published_from: Option<String>,
    pub published_to: Option<String>,
    pub open_on: Option<String>,
    pub window: Option<String>,
    pub sort: Option<String>,
    pub explain: Option<String>,
    pub fold: Option<String>,
    pub page: Option<String>,
    pub after: Option<String>,
    pub per_page: Option<String>,
}

impl SearchParams {
    /// Those of a page's address. A page is shown to people, so of a parameter that stands there twice the last one
    /// counts, and what is unknown is passed over.
    pub fn of_page(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let last: serde_json::Map<_, _> =
            pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        serde_json::from_value(last.into()).unwrap_or_default()
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// Status 400, with the parameter's name and what is right.
    pub fn into_request(&self, _today: NaiveDate) -> Result<SearchRequest, Problem> {
        let query: String = given(&self.q).unwrap_or_default().chars().take(MAX_QUERY).collect();
        let number = |name: &str, value: &Option<String>, default: usize, most: usize| match given(value) {
            None => Ok(default),
            Some(text) => match text.parse::<usize>() {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => Err(Problem::bad_request(format!("{name} {text:?} 应为 1 到 {most} 之间的整数"))),
            },
        };
        let region = match given(&self.region) {
            None => None,
            Some(text) => {
                let found = region::by_code(text).or_else(|| region::by_name(text).first().copied());
                let found = found.ok_or_else(|| {
                    Problem::bad_request(format!(
                        "region {text:?} 不是地区，应为行政区划代码或名称，例如 321100 或 镇江市"
                    ))
                })?;
                Some(found.code.to_owned())
            }
        };
        let validity = match given(&self.validity) {
            None => None,
            Some(text) => Some(serde_json::from_value::<Validity>(text.into()).map_err(|_| {
                let words = "in_force、not_yet、amended、expired、repealed、draft、unknown";
                Problem::bad_request(format!("validity {text:?} 应为 {words} 之一"))
            })?),
        };
        let window = match given(&self.window) {
            None => None,
            Some(text) => Some(WindowState::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| {
                Problem::bad_request(format!(
                    "window {text:?} 应为 open（正在受理）、upcoming（尚未开始）、closed（已经截止）之一"
                ))
            })?),
        };
        let sort = match given(&self.sort) {
            None => Sort::default(),
            Some(text) => serde_json::from_value(text.into()).map_err(|_| {
                Problem::bad_request(format!(
                    "sort {text:?} 应为 relevance（相关度）、published（最新）、closing（临近截止）之一"
                ))
            })?,
        };
        let flag = |name: &str, value: &Option<String>, default| match given(value) {
            None => Ok(default),
            Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(text) => Err(Problem::bad_request(format!("{name} {text:?} 应为 true 或 false"))),
        };
        let after = match given(&self.after) {
            None => None,
            Some(_) if given(&self.page).is_some() => {
                return Err(Problem::bad_request("after 和 page 只能给一个"));
            }
            Some(text) => Some(
                Cursor::parse(text).ok_or_else(|| Problem::bad_request("after 应为上一页结果里的 next，请原样传回"))?,
            ),
        };
        let page = number("page", &self.page, 1, 100_000)?;
        let limit = number("per_page", &self.per_page, 10, 100)?;
        let owned = |value: &Option<String>| given(value).map(str::to_owned);
        let (published_from, published_to) =
            (date_of("published_from", &self.published_from)?, date_of("published_to", &self.published_to)?);
        if let (Some(from), Some(to)) = (published_from, published_to)
            && from > to
        {
            return Err(Problem::bad_request("published_from 晚于 published_to：起始日期应在结束日期之前"));
        }
        Ok(SearchRequest {
            query,
            region,
            applies_to_region: false,
            issuer: owned(&self.issuer),
            kind: owned(&self.kind),
            subject: owned(&self.subject),
            industry: owned(&self.industry),
            validity,
            published_from,
            published_to,
            open_on: date_of("open_on", &self.open_on)?,
            window,
            sort,
            fold: flag("fold", &self.fold, true)?,
            explain: flag("explain", &self.explain, false)?,
            after,
            offset: (page - 1) * limit,
            limit,
        })
    }
}

/// A date that may be left out.
///
/// # Errors
/// Status 400, with the parameter's name.
pub fn date_of(name: &str, value: &Option<String>) -> Result<Option<NaiveDate>, Problem> {
    let Some(text) = given(value) else { return Ok(None) };
    let wrong = || Problem::bad_request(format!("{name} {text:?} 不是日期，应为 年-月-日，例如 2026-01-31"));
    parse_date(text).map(Some).ok_or_else(wrong)
}

fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_takes_the_last_of_two() {
        let params = SearchParams::of_page(Some("q=a&region=%E9%95%87%E6%B1%9F&q=b+c&x=%ff&utm&utm"));
        assert_eq!((params.q.as_deref(), params.region.as_deref()), (Some("b c"), Some("镇江")));
        assert_eq!(SearchParams::of_page(None), SearchParams::default());
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
        let params = |name: &str, value: &str| -> SearchParams {
            serde_json::from_value(serde_json::json!({ name: value })).unwrap()
        };
        for (name, value) in [
            ("region", "亚特兰蒂斯"),
            ("validity", "maybe"),
            ("window", "ajar"),
            ("sort", "best"),
            ("explain", "perhaps"),
            ("fold", "perhaps"),
            ("page", "0"),
            ("page", "x"),
            ("after", "00"),
            ("per_page", "101"),
            ("published_from", "soon"),
        ] {
            let problem = params(name, value).into_request(today).unwrap_err();
            assert!(problem.status == 400 && problem.detail.contains(name), "{problem:?}");
        }
        let request = params("region", "镇江").into_request(today).unwrap();
        assert_eq!(request.region.as_deref(), Some("321100"));
        assert_eq!(params("page", " 3 ").into_request(today).unwrap().offset, 20);
    }
}
