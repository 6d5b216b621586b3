use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use zhida_crawlers::{PageContext, Source, extract, understand};

use super::{Shared, Usage, print_json};
use crate::sources::Sources;
use crate::state::database_url;
use crate::store::Store;

/// Largest page that is read.
const MAX_PAGE: u64 = 64 * 1024 * 1024;

/// 示例：zhida extract 通知.html --url https://www.example.gov.cn/art/2026/1/5/art_1_1.html
#[derive(Args)]
#[command(after_help = "\
例子：
  zhida extract 通知.html --url https://www.example.gov.cn/art/2026/1/5/art_1_1.html
  curl -s 网址 | zhida extract - --url 网址")]
pub struct Extract {
    /// 网页文件（原始字节，不要转码）；- 表示标准输入
    #[arg(value_name = "文件")]
    file: PathBuf,
    /// 网页的地址：用于补全链接、判断地区、找到信息源定义
    #[arg(long, value_name = "网址")]
    url: String,
    /// 不看 <head> 里的元数据（用于检验）
    #[arg(long)]
    ignore_head: bool,
}

impl Extract {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let address = url::Url::parse(&self.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let address = address.ok_or_else(|| Usage(format!("--url {:?} 应以 http:// 或 https:// 开头", self.url)))?;
        let mut bytes = Vec::new();
        let input: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(&self.file).with_context(|| format!("打不开 {}", self.file.display()))?)
        };
        input.take(MAX_PAGE + 1).read_to_end(&mut bytes).with_context(|| format!("读不出 {}", self.file.display()))?;
        if bytes.len() as u64 > MAX_PAGE {
            bail!("{} 超过 {} MB，不是网页", self.file.display(), MAX_PAGE >> 20);
        }
        let sources = sources(shared).await?;
        let source = sources.iter().find(|source| source.covers(&address));
        let context = PageContext { url: &self.url, source, ignore_head: self.ignore_head, ..PageContext::default() };
        let mut policy = match extract(&bytes, &context) {
            Ok(policy) => policy,
            Err(error) => bail!("{} 没有读出政策：{error}", self.file.display()),
        };
        understand(&mut policy, source.map(|source| source.region_code.as_str()));
        policy.id = policy.identity(None);
        policy.version = 1;
        policy.source = source.map(|source| source.name.clone());
        print_json(&policy)?;
        Ok(true)
    }
}

/// The definitions in use: the bundled ones alone where there is no database yet, for reading one page makes none.
async fn sources(shared: &Shared) -> anyhow::Result<Vec<Source>> {
    let config = shared.config()?;
    if config.database.url.is_empty() && !shared.dir.join("zhida.db").exists() {
        return Ok(Source::bundled());
    }
    let store = Store::open(&database_url(&config, &shared.dir)).await.context("无法打开数据库")?;
    Ok(Sources::default().defined(&store).await?.sources.clone())
}
