//! The facts of a policy as Chinese readers know them.

use serde_json::Value;

use crate::enterprise::Size;
use crate::policy::{Application, Condition, ConditionField, ConditionOp, Level, Validity};
use crate::{industry, region};

impl Validity {
    /// In Chinese, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::InForce => "现行有效",
            Self::NotYet => "尚未生效",
            Self::Amended => "已修改",
            Self::Expired => "已失效",
            Self::Repealed => "已废止",
            Self::Draft => "征求意见稿",
            Self::Unknown => "未标明",
        }
    }
}

impl Level {
    /// In Chinese, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::National => "国家",
            Self::Province => "省级",
            Self::City => "市级",
            Self::County => "县级",
            Self::Zone => "园区",
        }
    }
}

impl Size {
    /// In Chinese, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Micro => "微型企业",
            Self::Small => "小型企业",
            Self::Medium => "中型企业",
            Self::Large => "大型企业",
        }
    }
}

impl ConditionField {
    /// In Chinese, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Region => "注册地",
            Self::Industry => "行业",
            Self::Size => "企业规模",
            Self::Qualification => "资质",
            Self::RegisteredYears => "注册年限",
            Self::Staff => "从业人员",
            Self::Revenue => "营业收入",
            Self::Assets => "资产总额",
            Self::RdRatio => "研发费用占比",
            Self::Credit => "信用",
            Self::Other => "其他",
        }
    }
}

impl Condition {
    /// In Chinese: 营业收入不低于 2000 万元, 企业规模为中型企业或小型企业.
    pub fn words(&self) -> String {
        if matches!(self.field, ConditionField::Other | ConditionField::Credit) {
            return self.value_words(&self.value);
        }
        let op = match self.op {
            ConditionOp::In => "为",
            ConditionOp::Not => "不为",
            ConditionOp::Has => "具备",
            ConditionOp::Eq => "等于",
            ConditionOp::Gte => "不低于",
            ConditionOp::Lte => "不高于",
        };
        let value = self.value_words(&self.value);
        let unit = self.unit.as_deref().unwrap_or_default();
        let space = if unit.is_empty() { "" } else { " " };
        format!("{}{op}{space}{value}{space}{unit}", self.field.label())
    }

    fn value_words(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => items.iter().map(|item| self.value_words(item)).collect::<Vec<_>>().join("或"),
            Value::String(code) => match self.field {
                ConditionField::Region => region::by_code(code).map(|region| region.name.to_owned()),
                ConditionField::Industry => industry::by_code(code).map(|industry| industry.name.to_owned()),
                ConditionField::Size => {
                    serde_json::from_value::<Size>(value.clone()).ok().map(|size| size.label().to_owned())
                }
                _ => None,
            }
            .unwrap_or_else(|| code.clone()),
            other => other.to_string(),
        }
    }
}

impl Application {
    /// In Chinese: 2026-03-01 至 2026-03-31 17:00；每年 9 月. Empty when nothing is known but the words.
    pub fn words(&self) -> String {
        let at = self.closes_at.as_deref().map(|at| format!(" {at}")).unwrap_or_default();
        let window = match (self.opens_on, self.closes_on) {
            (Some(opens), Some(closes)) => format!("{opens} 至 {closes}{at}"),
            (Some(opens), None) => format!("{opens} 起"),
            (None, Some(closes)) => format!("截至 {closes}{at}"),
            (None, None) => String::new(),
        };
        let mut parts = vec![window];
        if self.open_ended {
            parts.push("长期有效".to_owned());
        }
        parts.extend(self.recurring.iter().cloned());
        parts.extend(self.more.iter().map(Self::words));
        parts.retain(|part| !part.is_empty());
        parts.join("；")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_and_windows_in_words() {
        let condition = |field, op, value, unit: Option<&str>| Condition {
            field,
            op,
            value,
            unit: unit.map(str::to_owned),
            evidence: String::new(),
        };
        let table = [
            (
                condition(ConditionField::Revenue, ConditionOp::Gte, 2000.into(), Some("万元")),
                "营业收入不低于 2000 万元",
            ),
            (condition(ConditionField::RdRatio, ConditionOp::Gte, 3.5.into(), Some("%")), "研发费用占比不低于 3.5 %"),
            (
                condition(ConditionField::Size, ConditionOp::In, vec!["medium", "small"].into(), None),
                "企业规模为中型企业或小型企业",
            ),
            (condition(ConditionField::Region, ConditionOp::In, "321100".into(), None), "注册地为镇江市"),
            (condition(ConditionField::Industry, ConditionOp::Not, vec!["K"].into(), None), "行业不为房地产业"),
            (condition(ConditionField::Other, ConditionOp::Has, "独立法人".into(), None), "独立法人"),
        ];
        for (condition, words) in table {
            assert_eq!(condition.words(), words);
        }
        let day = |text: &str| text.parse().ok();
        let window = Application {
            opens_on: day("2026-03-01"),
            closes_on: day("2026-03-31"),
            closes_at: Some("17:00".into()),
            recurring: vec!["每年9月".into()],
            more: vec![Application { closes_on: day("2026-06-30"), ..Application::default() }],
            ..Application::default()
        };
        assert_eq!(window.words(), "2026-03-01 至 2026-03-31 17:00；每年9月；截至 2026-06-30");
        assert_eq!(Application::default().words(), "");
    }
}
