//! The commands. Each does one thing, says what it did in Chinese, prints JSON with `--json`, and ends with 0 (done), 1
//! (failed) or 2 (wrong usage).

mod crawl;
mod deliver;
mod demo;
mod doctor;
mod enterprise;
mod eval;
mod extract;
mod import;
mod index;
mod matching;
mod policy;
mod probe;
mod search;
mod serve;
mod source;
mod table;
mod understand;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::state::AppState;

pub use serve::{keep_indexed, keep_linked, keep_matched, keep_vocabularies};

const HELP: &str = "\
{about}

用法：{usage}

{all-args}{after-help}";

const EXAMPLES: &str = "\
第一次使用：
  zhida demo                       用自带的示例走完整个流程，并打开网页
  zhida import 政策.jsonl          导入已有的政策
  zhida crawl gov-cn-zuixin        抓取一个信息源（zhida crawl --list 列出全部）
  zhida search 专精特新            在命令行检索
  zhida serve                      启动网站、接口、定时抓取和推送
  zhida doctor                     检查配置和环境，并告诉您怎么改

退出码：0 成功，1 失败，2 用法有误。";

#[derive(Parser)]
#[command(
    name = "zhida",
    version,
    about = "直达：惠企政策的采集、检索与推送",
    after_help = EXAMPLES,
    help_template = HELP,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args, Clone)]
pub struct Shared {
    /// 数据目录：数据库、索引、词表都在这里
    #[arg(long, global = true, default_value = "./data", env = "ZHIDA_DIR", value_name = "目录")]
    dir: PathBuf,
    /// 配置文件；不写时读当前目录的 zhida.toml（没有就用默认值）
    #[arg(long, global = true, env = "ZHIDA_CONFIG", value_name = "文件")]
    config: Option<PathBuf>,
    /// 以 JSON 输出，供其他程序读取
    #[arg(long, global = true)]
    json: bool,
    /// 少说话：不显示进度条
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// 用自带的示例走完整个流程：抓取、检索、匹配、寄信
    #[command(help_template = HELP)]
    Demo(demo::Demo),
    /// 启动网站、接口、定时任务和推送
    #[command(help_template = HELP)]
    Serve(serve::Serve),
    /// 把一个保存下来的网页读成政策记录
    #[command(help_template = HELP)]
    Extract(extract::Extract),
    /// 读出每行政策的要素（机关、地区、文号、日期、文种等），不入库
    #[command(help_template = HELP)]
    Understand(understand::Understand),
    /// 导入政策文件（JSONL、CSV、XLSX）
    #[command(help_template = HELP)]
    Import(import::Import),
    /// 立即抓取信息源
    #[command(help_template = HELP)]
    Crawl(crawl::Crawl),
    /// 信息源：起草、试读、保存、告警
    #[command(help_template = HELP)]
    Source(source::SourceCommand),
    /// 检索政策
    #[command(help_template = HELP)]
    Search(Box<search::Search>),
    /// 一份政策：查看、历次改动、更正、撤下
    #[command(help_template = HELP)]
    Policy(policy::PolicyCommand),
    /// 离线匹配：企业画像 × 政策
    #[command(name = "match", help_template = HELP)]
    Match(matching::Matching),
    /// 企业画像的导入与查看
    #[command(help_template = HELP)]
    Enterprise(enterprise::EnterpriseCommand),
    /// 在标注数据上衡量质量
    #[command(help_template = HELP)]
    Eval(eval::Eval),
    /// 发送到期的通知，然后退出
    #[command(help_template = HELP)]
    Deliver(deliver::Deliver),
    /// 检索索引的重建与核对
    #[command(help_template = HELP)]
    Index(index::Index),
    /// 检查配置、数据库、索引、通道和时钟
    #[command(help_template = HELP)]
    Doctor(doctor::Doctor),
}

/// A mistake in the command line that its grammar cannot tell; ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Prints a line. A reader of our output that has seen enough (`| head`) does not stop the work.
macro_rules! say {
    () => { say!("") };
    ($($arguments:tt)*) => { $crate::cli::print_line(format_args!($($arguments)*)) };
}
use say;

/// What comes from pages must not steer the terminal.
fn print_line(line: std::fmt::Arguments<'_>) {
    let steers = |c: char| {
        c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = line.to_string().chars().filter(|&c| !steers(c)).collect();
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n"));
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("无法启动：{error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(run(cli));
    // blocking reads (a file that is still being unpacked) must not hold up the end
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
                return ExitCode::SUCCESS; // the reader of our output has seen enough
            }
            eprintln!("失败：{error:#}");
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// True when the command did its part.
async fn run(cli: Cli) -> anyhow::Result<bool> {
    let shared = cli.shared;
    match cli.command {
        Command::Demo(command) => command.run(&shared).await,
        Command::Serve(command) => command.run(&shared).await,
        Command::Extract(command) => command.run(&shared).await,
        Command::Understand(command) => command.run(&shared),
        Command::Import(command) => command.run(&shared).await,
        Command::Crawl(command) => command.run(&shared).await,
        Command::Source(command) => command.run(&shared).await,
        Command::Search(command) => command.run(&shared).await,
        Command::Policy(command) => command.run(&shared).await,
        Command::Match(command) => command.run(&shared),
        Command::Enterprise(command) => command.run(&shared).await,
        Command::Eval(command) => command.run(&shared),
        Command::Deliver(command) => command.run(&shared).await,
        Command::Index(command) => command.run(&shared).await,
        Command::Doctor(command) => command.run(&shared).await,
    }
}

fn start_logging(cli: &Cli) {
    // a service tells what it does; a command speaks through its output
    let level = if matches!(cli.command, Command::Serve(_)) { "info,tantivy=warn,sqlx=warn" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZHIDA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("ZHIDA_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.init();
    }
}

impl Shared {
    fn config(&self) -> anyhow::Result<Config> {
        let standard = PathBuf::from("zhida.toml");
        let file = self.config.clone().or_else(|| standard.exists().then_some(standard));
        Ok(Config::load(file.as_deref(), std::env::vars())?)
    }

    async fn state(&self) -> anyhow::Result<AppState> {
        AppState::open(self.config()?, &self.dir).await
    }

    /// A progress bar on a terminal; nothing in a pipe, with `--quiet` or with `--json`.
    fn progress(&self, total: u64, what: &'static str, template: &str) -> indicatif::ProgressBar {
        if self.quiet || self.json {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(total);
        if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▉ "));
        }
        bar.set_message(what);
        bar
    }
}

/// Bytes of a file.
const BYTES: &str = "{msg} {wide_bar} {bytes}/{total_bytes} 剩余 {eta}";
/// Things of which the number is known.
const COUNT: &str = "{msg} {wide_bar} {pos}/{len} 剩余 {eta}";
/// Things of which the number is not known.
const SPIN: &str = "{spinner} {msg} {pos}";

fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

fn print_json_line(out: &mut impl Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    // serde_json wraps an io error; a broken pipe must stay recognisable
    let line = serde_json::to_string(value)?;
    writeln!(out, "{line}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
