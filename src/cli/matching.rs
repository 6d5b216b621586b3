use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use zhida_index::{Analyzer, ProfileIndex};
use zhida_schemas::{Enterprise, ImportRow, Policy};

use super::{Shared, print_json_line};
use crate::api::enterprises::parse_profile;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida match --profiles 企业.jsonl --policies 政策.jsonl
每个会推送的组合输出一行 JSON：{profile, policy, score, reasons[]}。不入库，不发信。")]
pub struct Matching {
    /// 企业画像，每行一个 JSON
    #[arg(long, value_name = "文件")]
    profiles: PathBuf,
    /// 政策，每行一个 JSON（导入格式或完整记录）
    #[arg(long, value_name = "文件")]
    policies: PathBuf,
}

impl Matching {
    pub fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let mut index = ProfileIndex::new(Analyzer::new());
        for profile in read_profiles(&self.profiles)? {
            index.put(&profile);
        }
        let policies = read_policies(&self.policies)?;
        let bar = shared.progress(policies.len() as u64, "匹配", super::COUNT);
        let mut out = BufWriter::new(std::io::stdout().lock());
        for policy in &policies {
            for matched in index.matches(policy) {
                print_json_line(&mut out, &matched)?;
            }
            bar.inc(1);
        }
        out.flush()?;
        bar.finish_and_clear();
        Ok(true)
    }
}

/// Reads profiles, one JSON object a line.
pub fn read_profiles(path: &Path) -> anyhow::Result<Vec<Enterprise>> {
    let mut profiles = Vec::new();
    for (number, value) in json_lines(path)? {
        match parse_profile(value) {
            Ok(profile) => profiles.push(profile),
            Err(reason) => bail!("{} 第 {number} 行：{reason}", path.display()),
        }
    }
    if profiles.is_empty() {
        bail!("{} 里没有企业画像", path.display());
    }
    Ok(profiles)
}

/// Reads and understands policies, one JSON object a line; each keeps the id of its row.
pub fn read_policies(path: &Path) -> anyhow::Result<Vec<Policy>> {
    let mut policies = Vec::new();
    for (number, value) in json_lines(path)? {
        let id = value.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        let row = ImportRow::from_json(value).with_context(|| format!("{} 第 {number} 行", path.display()))?;
        let mut policy = crate::import::draft(row, "match");
        if let Some(id) = id {
            policy.id = id;
        }
        policies.push(policy);
    }
    Ok(policies)
}

fn json_lines(path: &Path) -> anyhow::Result<Vec<(usize, serde_json::Value)>> {
    let file = std::fs::File::open(path).with_context(|| format!("打不开 {}", path.display()))?;
    let mut values = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.with_context(|| format!("{} 第 {number} 行读不出来", path.display()))?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.is_empty() {
            let value = serde_json::from_str(line)
                .with_context(|| format!("{} 第 {number} 行不是有效的 JSON", path.display()))?;
            values.push((number, value));
        }
    }
    Ok(values)
}
