//! A tool that reads a format, as a child process bounded in time, memory and output.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::MAX_TEXT;

/// Time for a child process.
const MAX_TIME: Duration = Duration::from_secs(30);

/// What a tool made of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What it wrote; whether it ended well.
    Text(String, bool),
    /// It is not installed.
    Missing,
    /// It could not be run, or took too long; in Chinese.
    Failed(String),
}

/// Runs a tool on bytes at its standard input.
pub async fn run(tool: &str, arguments: &[&str], bytes: &[u8]) -> Outcome {
    run_within(MAX_TIME, tool, arguments, bytes).await
}

async fn run_within(time: Duration, tool: &str, arguments: &[&str], bytes: &[u8]) -> Outcome {
    // the shell sets the limits, as the program itself holds no unsafe code: 1 GiB of memory, 30 s of processor, no
    // file larger than 64 MiB (some tools copy their input)
    let running = Command::new("sh")
        .arg("-c")
        .arg(
            "command -v \"$0\" >/dev/null || exit 127; ulimit -v 1048576; ulimit -t 30; ulimit -f 131072; \
             exec \"$0\" \"$@\"",
        )
        .arg(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut running = match running {
        Ok(running) => running,
        Err(error) => return Outcome::Failed(format!("无法运行 {tool}：{error}")),
    };
    let (Some(mut input), Some(output)) = (running.stdin.take(), running.stdout.take()) else {
        return Outcome::Failed(format!("无法运行 {tool}"));
    };
    let write = async move {
        // a tool that has seen enough closes its input
        let _ = input.write_all(bytes).await;
        drop(input);
        std::future::pending::<()>().await;
    };
    let mut text = Vec::new();
    let mut output = output.take(MAX_TEXT as u64);
    let work = async {
        // a tool that writes too much is not waited for to read all
        tokio::select! {
            read = output.read_to_end(&mut text) => read.map(|_| ()),
            () = write => Ok(()),
        }
    };
    if tokio::time::timeout(time, work).await.is_err() {
        return Outcome::Failed(format!("{tool} 超过 {} 秒没有读完", time.as_secs()));
    }
    drop(output);
    // the end of the output is the end of the tool, or of our interest
    let status = tokio::time::timeout(Duration::from_secs(5), running.wait()).await;
    let status = status.ok().and_then(Result::ok);
    if status.and_then(|status| status.code()) == Some(127) {
        return Outcome::Missing;
    }
    Outcome::Text(String::from_utf8_lossy(&text).into_owned(), status.is_some_and(|status| status.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tool_is_bounded() {
        assert_eq!(run("no-such-tool-示例", &[], b"").await, Outcome::Missing);
        let Outcome::Text(text, well) = run("cat", &[], "示例".as_bytes()).await else { panic!("cat runs") };
        assert_eq!((text.as_str(), well), ("示例", true));
        // more than is kept, while the input is not read
        let started = std::time::Instant::now();
        let Outcome::Text(text, _) = run("yes", &[], &vec![b'x'; 4 * 1024 * 1024]).await else { panic!("yes runs") };
        assert_eq!(text.len(), MAX_TEXT);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_tool_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("still-here");
        let started = std::time::Instant::now();
        // it would say so if it lived on
        let script = format!("sleep 3; echo x > {}", told.display());
        let outcome = run_within(Duration::from_secs(1), "sh", &["-c", &script], &vec![b'x'; 1 << 20]).await;
        assert_eq!(outcome, Outcome::Failed("sh 超过 1 秒没有读完".to_owned()));
        assert!(started.elapsed() < Duration::from_secs(3));
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(!told.exists());
    }
}
