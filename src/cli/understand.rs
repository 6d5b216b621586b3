use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use zhida_schemas::ImportRow;

use super::{Shared, print_json_line};

/// Longest line.
const MAX_LINE: u64 = 16 * 1024 * 1024;

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida understand 政策.jsonl > 记录.jsonl
每行一个 JSON，字段与导入相同（title、body、published、issuer、region……）；读不出的字段为 null 或 []。
读不懂的行在标准错误中列出行号和原因，其余照常输出；有任何一行被拒时退出码为 1。")]
pub struct Understand {
    /// JSONL 文件；- 表示标准输入
    #[arg(value_name = "文件")]
    file: PathBuf,
}

impl Understand {
    pub fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let input: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(&self.file).with_context(|| format!("打不开 {}", self.file.display()))?)
        };
        let total = std::fs::metadata(&self.file).map_or(0, |file| file.len());
        let bar = shared.progress(total, "理解", super::BYTES);
        let mut input = BufReader::new(input);
        let mut out = BufWriter::new(std::io::stdout().lock());
        let mut all_read = true;
        let mut rows = 0_u64;
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let length = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
            if length == 0 {
                break;
            }
            bar.inc(length);
            let content = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if content.is_empty() {
                continue;
            }
            rows += 1;
            let row = serde_json::from_slice::<serde_json::Value>(content)
                .map_err(|error| format!("不是有效的 JSON：{error}"))
                .and_then(|value| {
                    let origin = value.get("id").and_then(|id| id.as_str()).map(str::to_owned);
                    ImportRow::from_json(value).map(|row| (row, origin)).map_err(|error| error.to_string())
                });
            match row {
                Ok((row, origin)) => {
                    let mut policy = crate::import::draft(row, "understand");
                    policy.source = None;
                    policy.version = 1;
                    // the row's own id, so that the answer can be joined with the question
                    if let Some(origin) = origin {
                        policy.id = origin;
                    }
                    print_json_line(&mut out, &policy)?;
                }
                Err(reason) => {
                    all_read = false;
                    eprintln!("第 {number} 行：{reason}");
                }
            }
        }
        out.flush()?;
        bar.finish_and_clear();
        anyhow::ensure!(rows > 0, "{} 是空的：每行应有一个 JSON 对象", self.file.display());
        Ok(all_read)
    }
}
