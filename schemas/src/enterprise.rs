//! The enterprise profile: what zhida knows of a company, and what the company wants to hear of.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A company as the matcher sees it. Unknown is `None` and is never taken as met or unmet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Enterprise {
    /// Stable identity.
    pub id: String,
    /// Registered name.
    pub name: String,
    /// Mail address for notices. Never serialised into anything that another party sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How often notices are sent; immediate when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<crate::Frequency>,
    /// GB/T 2260 code of the place of registration.
    pub region_code: Option<String>,
    /// 园区/开发区 by name.
    pub zone: Option<String>,
    /// GB/T 4754 code with its letter.
    pub industry_code: Option<String>,
    /// The branch in the company's own words.
    pub industry_text: Option<String>,
    /// 划型; derived by [`crate::size::classify`] when not given.
    pub size: Option<Size>,
    /// 从业人员.
    pub staff: Option<f64>,
    /// 营业收入, 万元.
    pub revenue_wan: Option<f64>,
    /// 资产总额, 万元.
    pub assets_wan: Option<f64>,
    /// 注册资本, 万元.
    pub registered_capital_wan: Option<f64>,
    /// 研发费用占比, per cent of revenue.
    pub rd_ratio: Option<f64>,
    /// 成立日期.
    pub founded_on: Option<NaiveDate>,
    /// Qualifications held; `None` when not known, empty when there are none.
    pub qualifications: Option<Vec<String>>,
    /// What the company wants to hear of.
    pub interests: Interests,
}

/// What a company wants to hear of. All parts that are given must hold; within a part, any entry will do.
///
/// Unknown names are an error: a misspelt `keyword` would silently match nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Interests {
    /// Any of these words.
    pub keywords: Vec<String>,
    /// Expressions with AND, OR, NOT, quotes and brackets; any of them counts as a keyword does.
    pub expressions: Vec<String>,
    /// None of these words.
    pub exclude: Vec<String>,
    /// 公文种类.
    pub kinds: Vec<String>,
    /// 发文机关.
    pub issuers: Vec<String>,
    /// 主题分类.
    pub subjects: Vec<String>,
}

/// Enterprise size (工信部联企业〔2011〕300号).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 微型.
    Micro,
    /// 小型.
    Small,
    /// 中型.
    Medium,
    /// 大型.
    Large,
}
