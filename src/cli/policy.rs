use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zhida_schemas::policy::{Policy, Validity};
use zhida_schemas::{doc_number, region};

use super::{Shared, Usage, print_json, say, table};
use crate::api::policies::{MAX_REASON, withdrawn_words};
use crate::api::versions::{DiffParams, MAX_VERSIONS, compare};
use crate::corrections::{check, expected};
use crate::effective::{self, CORRECTABLE};
use crate::state::AppState;
use crate::versions::{PieceKind, VersionEntry, history, in_words, label};
use crate::{clock, pipeline};

#[derive(Args)]
#[command(after_help = "\
政策用编号指明，或用发文字号（这个字号只有一份政策时）。

例子：
  zhida policy show 国办发〔2017〕47号                 要素、发布页、时效的依据、编辑的更正
  zhida policy versions 编号                           历次改动
  zhida policy diff 编号 --from 1 --to 3               两版之间改了什么
  zhida policy correct 编号                            可以更正哪些字段，值怎么写
  zhida policy correct 编号 expires_on 2026-12-31      更正一个字段；重新抓取也不会改回去
  zhida policy uncorrect 编号 expires_on               取消更正
  zhida policy withdraw 编号 --reason 发布有误         从网页、检索、订阅和待发通知中撤下
  zhida policy restore 编号                            恢复")]
pub struct PolicyCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// 看一份政策
    Show {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
    },
    /// 历次改动
    Versions {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
    },
    /// 两版之间改了什么：[-删除的-] {+新增的+}
    Diff {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
        /// 从哪一版；不写时是前一版
        #[arg(long, value_name = "版本")]
        from: Option<i64>,
        /// 到哪一版；不写时是现在的
        #[arg(long, value_name = "版本")]
        to: Option<i64>,
    },
    /// 更正一个字段；只写政策时列出可以更正的字段
    Correct {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
        /// 字段名
        #[arg(value_name = "字段", requires = "value")]
        field: Option<String>,
        /// 文字，或 JSON；null 表示没有
        #[arg(value_name = "值", allow_hyphen_values = true)]
        value: Option<String>,
        /// 谁更正的
        #[arg(long, default_value = "命令行", value_name = "名字")]
        editor: String,
    },
    /// 取消一个字段的更正
    Uncorrect {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
        /// 字段名
        #[arg(value_name = "字段")]
        field: String,
    },
    /// 撤下：网页、检索、订阅里不再有它，没有发出的通知取消
    Withdraw {
        /// 编号或发文字号
        #[arg(value_name = "政策")]
        policy: String,
        /// 原因，写在原来的网页上
        #[arg(long, value_name = "原因")]
        reason: String,
    },
    /// 恢复撤下的政策
    Restore {
        /// 编号
        #[arg(value_name = "政策")]
        policy: String,
    },
}

impl PolicyCommand {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        match self.what {
            What::Show { policy } => show(shared, &state, &find(&state, &policy).await?).await,
            What::Versions { policy } => versions(shared, &state, &find(&state, &policy).await?).await,
            What::Diff { policy, from, to } => {
                diff(shared, &state, find(&state, &policy).await?, DiffParams { from, to }).await
            }
            What::Correct { policy, field: Some(field), value: Some(value), editor } => {
                correct(shared, &state, &find(&state, &policy).await?, &field, &value, &editor).await
            }
            What::Correct { policy, .. } => correctable(shared, &find(&state, &policy).await?),
            What::Uncorrect { policy, field } => uncorrect(shared, &state, &find(&state, &policy).await?, &field).await,
            What::Withdraw { policy, reason } => withdraw(shared, &state, &find(&state, &policy).await?, &reason).await,
            What::Restore { policy } => restore(shared, &state, &policy).await,
        }
    }
}

/// A policy by its identity, or by a document number that only one has.
async fn find(state: &AppState, name: &str) -> anyhow::Result<Policy> {
    let name = name.trim();
    if let Some(policy) = state.store.policy(name).await? {
        return Ok(policy);
    }
    if let Some(withdrawal) = state.store.withdrawal(name).await? {
        bail!("{}。恢复：zhida policy restore {name}", withdrawn_words(&withdrawal));
    }
    let mut found = state.store.policies_by_number(&doc_number::key(name)).await?;
    match found.len() {
        0 => bail!("没有编号或发文字号为 {name} 的政策：用 zhida search {name} --json 查编号"),
        1 => Ok(found.remove(0)),
        count => {
            let rows =
                found.iter().take(10).map(|policy| format!("\n  {}  {}", policy.id, table::shorten(&policy.title, 60)));
            bail!("有 {count} 份政策的发文字号是 {name}，请用编号指明：{}", rows.collect::<String>())
        }
    }
}

async fn show(shared: &Shared, state: &AppState, policy: &Policy) -> anyhow::Result<bool> {
    if shared.json {
        print_json(policy)?;
        return Ok(true);
    }
    let today = state.clock.today();
    say!("{}", policy.title);
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let place = policy.region_code.as_deref().and_then(region::by_code).map_or("", |region| region.name);
    let facts = [
        ("编号", policy.id.clone()),
        ("版本", policy.version.to_string()),
        ("发文字号", policy.doc_number.clone().unwrap_or_default()),
        ("发文机关", policy.issuers.join("、")),
        ("地区", place.to_owned()),
        ("公文种类", policy.kind.clone().unwrap_or_default()),
        ("成文日期", day(policy.written_on)),
        ("发布日期", day(policy.published_on)),
        ("施行日期", day(policy.effective_on)),
        ("有效期至", day(policy.expires_on)),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        say!("{name}：{value}");
    }
    if policy.validity != Validity::Unknown {
        say!("时效：{}", policy.validity.label());
    }
    for cause in &policy.validity_by {
        let (before, title, after) = effective::words(cause, today);
        say!("  {before}{title}{after}（编号 {}）", cause.policy_id);
    }
    if policy.validity_by.is_empty()
        && let Some(words) = policy.evidence.get("validity")
    {
        say!("  依据：{words}");
    }
    if let Some(url) = policy.url.as_deref().filter(|_| policy.locations.is_empty()) {
        say!("发布页：{url}");
    }
    for location in &policy.locations {
        let site = location.site.as_deref().map(|site| format!("{site}  ")).unwrap_or_default();
        let gone = location.vanished_on.map(|day| format!("  原网页已不存在（{day}）")).unwrap_or_default();
        say!("发布页：{site}{}{gone}", location.url);
    }
    for row in state.store.corrections(&policy.id).await? {
        let day = clock::local(row.at).date_naive();
        say!(
            "更正：{}（{}）为 {}（{}，{day}）",
            label(&row.field),
            row.field,
            in_words(&row.field, &row.value),
            row.editor
        );
    }
    Ok(true)
}

async fn versions(shared: &Shared, state: &AppState, policy: &Policy) -> anyhow::Result<bool> {
    let entries = history(&state.store.policy_history(&policy.id, MAX_VERSIONS).await?);
    if shared.json {
        print_json(&entries)?;
        return Ok(true);
    }
    let row = |entry: &VersionEntry| {
        let changed: Vec<&str> = entry.changed.iter().map(|changed| changed.label.as_str()).collect();
        let changed = if entry.version == 1 { "首次收录".to_owned() } else { changed.join("、") };
        let at = clock::local(entry.at).format("%Y-%m-%d %H:%M").to_string();
        vec![entry.version.to_string(), at, changed, entry.note.clone().unwrap_or_default()]
    };
    say!("{}", policy.title);
    table::print(&["版本", "时间", "改动", "说明"], &entries.iter().map(row).collect::<Vec<_>>());
    Ok(true)
}

async fn diff(shared: &Shared, state: &AppState, policy: Policy, params: DiffParams) -> anyhow::Result<bool> {
    let difference = compare(state, policy, params).await.map_err(|problem| anyhow::anyhow!(problem.detail))?;
    if shared.json {
        print_json(&difference)?;
        return Ok(true);
    }
    say!("第 {} 版 → 第 {} 版", difference.from, difference.to);
    for change in &difference.fields {
        let why = change.evidence.as_deref().map(|words| format!("（{words}）")).unwrap_or_default();
        let (before, after) = change.in_words();
        say!("{}：[-{before}-] {{+{after}+}}{why}", change.label);
    }
    if !difference.text.is_empty() {
        say!("正文：");
        let pieces = difference.text.iter().map(|piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Deleted => format!("[-{}-]", piece.text),
            PieceKind::Inserted => format!("{{+{}+}}", piece.text),
            PieceKind::Folded => format!("\n……（{} 字没有改动）……\n", piece.characters),
        });
        say!("{}", pieces.collect::<String>());
    }
    if difference.fields.is_empty() && difference.text.is_empty() {
        say!("没有不同");
    }
    Ok(true)
}

fn correctable(shared: &Shared, policy: &Policy) -> anyhow::Result<bool> {
    let record = serde_json::to_value(policy)?;
    let current = |field: &str| record.get(field).cloned().unwrap_or_default();
    if shared.json {
        let fields = CORRECTABLE.map(|field| {
            json!({ "field": field, "label": label(field), "expected": expected(field), "current": current(field) })
        });
        print_json(&fields)?;
        return Ok(true);
    }
    let rows = CORRECTABLE.map(|field| {
        let now = table::shorten(&in_words(field, &current(field)).replace('\n', " "), 40);
        vec![field.to_owned(), label(field).to_owned(), now, expected(field).to_owned()]
    });
    table::print(&["字段", "名称", "现在的值", "应为"], &rows);
    Ok(true)
}

async fn correct(
    shared: &Shared,
    state: &AppState,
    policy: &Policy,
    field: &str,
    typed: &str,
    editor: &str,
) -> anyhow::Result<bool> {
    // 2024 may be a number or a text: whichever the field takes
    let as_json = serde_json::from_str(typed).ok().filter(|value| check(policy, field, value).is_ok());
    let value = as_json.unwrap_or_else(|| Value::String(typed.to_owned()));
    check(policy, field, &value).map_err(Usage)?;
    let fields = [(field.to_owned(), value)];
    let Some(record) = state.store.correct(&policy.id, &fields, editor, state.clock.now()).await? else {
        bail!("这份政策刚刚被撤下");
    };
    follow(state).await?;
    if shared.json {
        print_json(&record)?;
        return Ok(true);
    }
    let [(_, value)] = fields;
    say!("已更正：{} = {}；重新抓取或导入也不会改回去", label(field), in_words(field, &value));
    Ok(true)
}

async fn uncorrect(shared: &Shared, state: &AppState, policy: &Policy, field: &str) -> anyhow::Result<bool> {
    if !state.store.uncorrect(&policy.id, field, state.clock.now()).await? {
        let rows = state.store.corrections(&policy.id).await?;
        let fields: Vec<&str> = rows.iter().map(|row| row.field.as_str()).collect();
        let fields = if fields.is_empty() { "没有".to_owned() } else { fields.join("、") };
        bail!("{field} 没有更正过。更正过的字段：{fields}");
    }
    follow(state).await?;
    let record = state.store.policy(&policy.id).await?;
    if shared.json {
        print_json(&record)?;
        return Ok(true);
    }
    let value = record.and_then(|record| serde_json::to_value(record).ok()?.get(field).cloned()).unwrap_or_default();
    say!("已取消更正：{} 恢复为 {}", label(field), in_words(field, &value));
    Ok(true)
}

async fn withdraw(shared: &Shared, state: &AppState, policy: &Policy, reason: &str) -> anyhow::Result<bool> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        return Err(Usage(format!("--reason 应为 1 到 {MAX_REASON} 个字，会写在原来的网页上")).into());
    }
    anyhow::ensure!(state.store.withdraw_policy(&policy.id, &reason, state.clock.now()).await?, "这份政策已经撤下");
    follow(state).await?;
    if shared.json {
        print_json(&json!({ "id": policy.id, "withdrawn": true, "reason": reason }))?;
        return Ok(true);
    }
    say!("已撤下：{}\n没有发出的通知已取消。恢复：zhida policy restore {}", policy.title, policy.id);
    Ok(true)
}

async fn restore(shared: &Shared, state: &AppState, id: &str) -> anyhow::Result<bool> {
    let id = id.trim();
    if !state.store.restore_policy(id, state.clock.now()).await? {
        if state.store.policy(id).await?.is_some() {
            bail!("{id} 没有撤下，不用恢复");
        }
        bail!("没有编号为 {id} 的政策：撤下的政策要用撤下时给出的编号");
    }
    follow(state).await?;
    let record = state.store.policy(id).await?;
    if shared.json {
        print_json(&record)?;
        return Ok(true);
    }
    say!("已恢复：{}", record.map(|record| record.title).unwrap_or_default());
    Ok(true)
}

/// Index, validity and matches follow at once; where `zhida serve` runs they do by themselves.
async fn follow(state: &AppState) -> anyhow::Result<()> {
    pipeline::catch_up(state).await.map(|_| ())
}
