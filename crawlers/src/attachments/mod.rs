//! Text of attached files: PDF by `pdftotext`, DOC by `catdoc` (bounded child processes), DOCX, XLSX and OFD from their
//! ZIP of XML. What cannot be read gives the reason.

use std::io::{Cursor, Read};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// Most text that is kept of one file, in bytes.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Most bytes that are unpacked from one member of a ZIP.
const MAX_MEMBER: u64 = 32 * 1024 * 1024;

/// Most members of a ZIP that are looked at.
const MAX_MEMBERS: usize = 2_000;

/// Time for a child process.
const MAX_TIME: Duration = Duration::from_secs(30);

/// The text of a file, or why it was not read (in Chinese).
///
/// # Errors
/// The format is not read here, a tool is missing, or the file is damaged or too large.
pub async fn read_text(name: &str, url: &str, bytes: Vec<u8>) -> Result<String, String> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let ending = [name, path].iter().find_map(|text| {
        let (_, ending) = text.rsplit_once('.')?;
        (ending.len() <= 5 && ending.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| ending.to_ascii_lowercase())
    });
    let text = if bytes.starts_with(b"%PDF") {
        child("pdftotext", &["-q", "-enc", "UTF-8", "-l", "300", "-", "-"], bytes).await?
    } else if bytes.starts_with(b"PK\x03\x04") {
        let unpacked = tokio::task::spawn_blocking(move || zipped(bytes)).await;
        unpacked.map_err(|_| "文件已损坏".to_owned())??
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) && ending.as_deref() == Some("doc") {
        child("catdoc", &["-d", "utf-8", "-w", "-"], bytes).await?
    } else if ending.as_deref() == Some("txt") {
        crate::charset::decode(&bytes, None).0
    } else {
        return Err(format!("暂不支持读取 {} 文件", ending.unwrap_or_else(|| "这种".to_owned())));
    };
    let text = text.replace(['\0', '\u{c}'], "");
    if text.trim().is_empty() {
        return Err("文件里没有文字（可能是扫描件）".to_owned());
    }
    Ok(cut(text))
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let mut end = MAX_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

/// Runs a tool on bytes at its standard input, bounded in time, memory and output.
async fn child(tool: &str, arguments: &[&str], bytes: Vec<u8>) -> Result<String, String> {
    // the shell sets the limits, as the program itself holds no unsafe code: 1 GiB of memory, 30 s of processor
    let mut running = Command::new("sh")
        .arg("-c")
        .arg("command -v \"$0\" >/dev/null || exit 127; ulimit -v 1048576; ulimit -t 30; exec \"$0\" \"$@\"")
        .arg(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("无法运行 {tool}：{error}"))?;
    let (Some(mut input), Some(output)) = (running.stdin.take(), running.stdout.take()) else {
        return Err(format!("无法运行 {tool}"));
    };
    let write = async move {
        // a tool that has seen enough closes its input
        let _ = input.write_all(&bytes).await;
    };
    let mut text = Vec::new();
    let mut output = output.take(MAX_TEXT as u64);
    let work = async { tokio::join!(write, output.read_to_end(&mut text)) };
    if tokio::time::timeout(MAX_TIME, work).await.is_err() {
        return Err(format!("{tool} 超过 {} 秒没有读完", MAX_TIME.as_secs()));
    }
    drop(output);
    let status = tokio::time::timeout(Duration::from_secs(5), running.wait()).await;
    if let Ok(Ok(status)) = status
        && status.code() == Some(127)
    {
        return Err(format!("没有安装 {tool}"));
    }
    if text.is_empty() {
        return Err(format!("{tool} 读不出文字，文件可能已损坏或加密"));
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn zipped(bytes: Vec<u8>) -> Result<String, String> {
    let damaged = |_| "文件已损坏".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let names: Vec<String> = archive.file_names().take(MAX_MEMBERS).map(str::to_owned).collect();
    let mut wanted: Vec<String> = names
        .iter()
        .filter(|name| {
            name.as_str() == "word/document.xml"
                || name.as_str() == "xl/sharedStrings.xml"
                || (name.starts_with("xl/worksheets/sheet") && name.ends_with(".xml"))
                || (name.starts_with("Doc_") && name.ends_with("Content.xml"))
        })
        .cloned()
        .collect();
    if wanted.is_empty() {
        return Err("暂不支持读取这种压缩包".to_owned());
    }
    wanted.sort_by_key(|name| (name.len(), name.clone()));
    let mut text = String::new();
    for name in wanted {
        let member = archive.by_name(&name).map_err(damaged)?;
        let mut xml = Vec::new();
        member.take(MAX_MEMBER).read_to_end(&mut xml).map_err(|_| "文件已损坏".to_owned())?;
        text_of_xml(&xml, &mut text);
        if text.len() > MAX_TEXT {
            break;
        }
    }
    Ok(text)
}

/// Text of word processing (`w:t`), spreadsheet (`t`) and OFD (`TextCode`) elements; a paragraph or row is a line.
fn text_of_xml(xml: &[u8], text: &mut String) {
    use quick_xml::events::Event;
    let xml = String::from_utf8_lossy(xml);
    let mut reader = quick_xml::Reader::from_str(&xml);
    let mut inside = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => inside = matches!(tag.local_name().as_ref(), "t" | "TextCode"),
            Ok(Event::Text(words)) if inside => {
                text.push_str(words.as_ref());
            }
            Ok(Event::GeneralRef(entity)) if inside => match entity.as_ref() {
                "amp" => text.push('&'),
                "lt" => text.push('<'),
                "gt" => text.push('>'),
                "quot" => text.push('"'),
                "apos" => text.push('\''),
                _ => {}
            },
            Ok(Event::End(tag)) => {
                inside = false;
                match tag.local_name().as_ref() {
                    "p" | "row" | "si" | "TextObject" => text.push('\n'),
                    "tc" => text.push('\t'),
                    _ => {}
                }
            }
            // what was read before the damage is kept
            Ok(Event::Eof) | Err(_) => return,
            _ => {}
        }
        if text.len() > MAX_TEXT {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docx(text: &str) -> Vec<u8> {
        use std::io::Write;
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
        write!(writer, "<w:document><w:p><w:t>{text}</w:t></w:p><w:p><w:t>甲 &amp; 乙</w:t></w:p></w:document>")
            .unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[tokio::test]
    async fn a_docx_is_read_and_the_rest_says_why_not() {
        assert_eq!(read_text("附件.docx", "http://x/1.docx", docx("示例")).await.unwrap(), "示例\n甲 & 乙\n");
        for (name, bytes, reason) in [
            ("a.wps", b"x".to_vec(), "wps"),
            ("a.docx", b"PK\x03\x04broken".to_vec(), "损坏"),
            ("a.pdf", b"%PDF-1.4 broken".to_vec(), "pdftotext"),
            ("a", Vec::new(), "不支持"),
        ] {
            let error = read_text(name, "http://x/file", bytes).await.unwrap_err();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    #[tokio::test]
    async fn real_attachments_are_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/attachments");
        let Ok(files) = std::fs::read_dir(folder) else {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            return println!("left out: ../shared/data not found");
        };
        let tool = std::process::Command::new("pdftotext").arg("-v").output().is_ok();
        for path in files.map(|file| file.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".pdf") && !tool {
                println!("left out: pdftotext not found ({name})");
                continue;
            }
            let text =
                read_text(&name, "", std::fs::read(&path).unwrap()).await.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(text.contains("健康"), "{name}");
        }
    }
}
