use clap::Args;
use zhida_schemas::region;

use super::{Shared, Usage, print_json, say, table};
use crate::api::params::SearchParams;
use crate::api::policies::SearchAnswer;
use crate::search::leave_out_withdrawn;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida search 专精特新 补助
  zhida search 国办发[2017]47            按发文字号找，括号和空格随意
  zhida search '\"首台套\" -保险'          引号里的词连在一起，减号排除
  zhida search 技术改造 --region 镇江市 --published-from 2025-01-01 --sort published")]
pub struct Search {
    /// 检索词；可以是几个词、发文字号、带引号的短语，-词 表示排除
    #[arg(value_name = "检索词")]
    query: Vec<String>,
    /// 地区的名称或代码：本级和下级发布的政策
    #[arg(long, value_name = "地区")]
    region: Option<String>,
    /// 发文机关全称
    #[arg(long, value_name = "机关")]
    issuer: Option<String>,
    /// 公文种类，例如 通知
    #[arg(long, value_name = "文种")]
    kind: Option<String>,
    /// 主题分类
    #[arg(long, value_name = "主题")]
    subject: Option<String>,
    /// 行业代码，例如 I65
    #[arg(long, value_name = "代码")]
    industry: Option<String>,
    /// 时效：in_force not_yet amended expired repealed draft unknown
    #[arg(long, value_name = "时效")]
    validity: Option<String>,
    /// 发布日期不早于
    #[arg(long, value_name = "年-月-日")]
    published_from: Option<String>,
    /// 发布日期不晚于
    #[arg(long, value_name = "年-月-日")]
    published_to: Option<String>,
    /// 在这一天可以申报
    #[arg(long, value_name = "年-月-日")]
    open_on: Option<String>,
    /// 申报状态：open 正在受理，upcoming 尚未开始，closed 已经截止
    #[arg(long, value_name = "状态")]
    window: Option<String>,
    /// 排序：relevance 相关度，published 最新，closing 临近截止
    #[arg(long, value_name = "方式")]
    sort: Option<String>,
    /// 转载和旧版也逐条列出
    #[arg(long)]
    all_copies: bool,
    /// 列出每条得分的组成
    #[arg(long)]
    explain: bool,
    /// 接着上一页：--json 输出里的 next
    #[arg(long, value_name = "位置", conflicts_with = "page")]
    after: Option<String>,
    /// 第几页
    #[arg(long, value_name = "页")]
    page: Option<u32>,
    /// 每页几条
    #[arg(long, value_name = "条")]
    per_page: Option<u32>,
}

impl Search {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        let query = self.query.join(" ");
        let params = SearchParams {
            q: Some(query.clone()),
            region: self.region,
            issuer: self.issuer,
            kind: self.kind,
            subject: self.subject,
            industry: self.industry,
            validity: self.validity,
            published_from: self.published_from,
            published_to: self.published_to,
            open_on: self.open_on,
            window: self.window,
            sort: self.sort,
            fold: self.all_copies.then(|| "false".to_owned()),
            explain: self.explain.then(|| "true".to_owned()),
            after: self.after,
            page: self.page.map(|page| page.to_string()),
            per_page: self.per_page.map(|per_page| per_page.to_string()),
        };
        let today = state.clock.today();
        // the words are those of the API; here its parameters are options
        let request = params.into_request(today).map_err(|problem| match problem.detail.split_once(' ') {
            Some((name, rest)) if name.is_ascii() => Usage(format!("--{} {rest}", name.replace('_', "-"))),
            _ => Usage(problem.detail),
        })?;
        let started = std::time::Instant::now();
        let mut results = state.search.index().search(&request, today)?;
        results.total -= leave_out_withdrawn(&state.store, &mut results.hits).await?.min(results.total);
        if shared.json {
            print_json(&SearchAnswer::of(results, started.elapsed())?)?;
            return Ok(true);
        }
        for correction in &results.understood.corrections {
            say!("已按“{}”检索（输入的是“{}”；加引号可按原样检索）", correction.read_as, correction.typed);
        }
        if let Some(other) = &results.understood.did_you_mean {
            say!("您是不是要找“{}”？有 {} 条", other.query, other.total);
        }
        if results.total > 0 && results.understood.loosened {
            say!("含大部分检索词的政策很少，只含部分检索词的也列在后面");
        }
        if results.total == 0 {
            say!("没有找到与“{query}”有关的政策。可以减少检索词、放宽地区或日期。");
            let (indexed, stored) = (state.search.index().len(), state.store.policy_counts().await?.policies);
            if stored == 0 {
                say!("还没有政策：先运行 zhida import 或 zhida crawl。");
            } else if (indexed as i64) < stored {
                say!("数据库有 {stored} 份政策，索引里只有 {indexed} 份：运行 zhida index rebuild 即可补上。");
            }
            return Ok(true);
        }
        say!("共 {} 条", results.total);
        let rows: Vec<Vec<String>> = results
            .hits
            .iter()
            .zip(request.offset + 1..)
            .map(|(hit, rank)| {
                let policy = hit.policy()?;
                Ok(vec![
                    rank.to_string(),
                    table::shorten(&policy.title, 60),
                    policy.doc_number.clone().unwrap_or_default(),
                    policy.region_code.as_deref().and_then(region::by_code).map_or("", |r| r.name).to_owned(),
                    policy.published_on.map(|date| date.to_string()).unwrap_or_default(),
                    policy.url.clone().unwrap_or_else(|| policy.id.clone()),
                ])
            })
            .collect::<Result<_, zhida_index::IndexError>>()?;
        for (hit, rank) in results.hits.iter().zip(request.offset + 1..) {
            let Some(explanation) = &hit.explanation else { continue };
            let parts = explanation.parts.iter().map(|part| format!("{} {:.2}", part.text, part.value));
            say!("{rank} 得分 {:.2}：{}", explanation.score, parts.collect::<Vec<_>>().join("；"));
        }
        table::print(&["", "标题", "发文字号", "地区", "发布日期", "来源"], &rows);
        Ok(true)
    }
}
