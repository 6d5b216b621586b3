//! Text of attached files, by what they hold rather than by their names: PDF by `pdftotext`, DOC (also of WPS) and RTF by
//! `catdoc` or `antiword` (bounded child processes), XLSX and XLS by calamine, DOCX and OFD from their ZIP of XML, plain
//! text and saved web pages. What cannot be read gives the reason and says which tools were tried.

mod child;
mod sheets;
mod zipped;

use child::Outcome;
use zipped::{Kind, Zip};

/// Most text that is kept of one file, in bytes.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Signatures of files that hold no text that is read here, and what is told of them.
const UNREAD: &[(&[u8], &str)] = &[
    (b"Rar!", "压缩包（RAR）没有解开"),
    (b"7z\xBC\xAF\x27\x1C", "压缩包（7z）没有解开"),
    (b"\x1F\x8B", "压缩包（gzip）没有解开"),
    (b"\xFF\xD8\xFF", "是图片，不识别图片里的文字"),
    (b"\x89PNG", "是图片，不识别图片里的文字"),
    (b"GIF8", "是图片，不识别图片里的文字"),
    (b"BM", "是图片，不识别图片里的文字"),
    (b"II*\0", "是图片，不识别图片里的文字"),
    (b"MM\0*", "是图片，不识别图片里的文字"),
    (b"Founder CEB", "是方正 CEB 版式文件，没有可用的读取工具"),
    (b"Founder", "是方正版式文件，没有可用的读取工具"),
];

/// The text of a file, or why it was not read (in Chinese). `name` and `url` only tell plain text by its ending.
///
/// # Errors
/// The format is not read here, a tool is missing, or the file is damaged, encrypted or too large.
pub async fn read_text(name: &str, url: &str, bytes: Vec<u8>) -> Result<String, String> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let ending = [name, path].iter().find_map(|text| {
        let (_, ending) = text.trim().rsplit_once('.')?;
        (ending.len() <= 5 && ending.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| ending.to_ascii_lowercase())
    });
    if bytes.is_empty() {
        return Err("文件是空的".to_owned());
    }
    if bytes.len() > MAX_BYTES {
        return Err(format!("文件有 {} MB，超过 {} MB 的上限", bytes.len() >> 20, MAX_BYTES >> 20));
    }
    let text = if bytes.get(..1024.min(bytes.len())).is_some_and(|begin| find(begin, b"%PDF-")) {
        pdf(&bytes).await?
    } else if bytes.starts_with(b"PK\x03\x04") {
        in_background(move || zip(bytes)).await?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        compound(bytes).await?
    } else if bytes.starts_with(b"{\\rtf") {
        word(&bytes).await?
    } else if let Some((_, reason)) = UNREAD.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err((*reason).to_owned());
    } else {
        plain(&bytes, ending.as_deref())?
    };
    let text = text.replace(['\0', '\u{c}'], "");
    if text.trim().is_empty() { Err("文件里没有文字".to_owned()) } else { Ok(cut(text)) }
}

/// Runs what takes processor time beside the event loop; a reader that panics on a hostile file has failed to read it.
async fn in_background(read: impl FnOnce() -> Result<String, String> + Send + 'static) -> Result<String, String> {
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| Err("文件已损坏".to_owned()))
}

async fn pdf(bytes: &[u8]) -> Result<String, String> {
    match child::run("pdftotext", &["-q", "-enc", "UTF-8", "-l", "500", "-", "-"], bytes).await {
        Outcome::Text(text, _) if !text.trim().is_empty() => Ok(text),
        Outcome::Text(_, true) => Err("没有文字层，可能是扫描件（已试 pdftotext）".to_owned()),
        Outcome::Text(_, false) => Err("文件已损坏或加密（已试 pdftotext）".to_owned()),
        Outcome::Missing => Err("没有安装 pdftotext".to_owned()),
        Outcome::Failed(reason) => Err(reason),
    }
}

/// Tools that read documents of Word 97 and RTF, with what they are called with.
const WORD_TOOLS: &[(&str, &[&str])] =
    &[("catdoc", &["-d", "utf-8", "-w", "-"]), ("antiword", &["-m", "UTF-8.txt", "-w", "0", "-"])];

async fn word(bytes: &[u8]) -> Result<String, String> {
    by_tools(WORD_TOOLS, bytes).await
}

/// What the first tool that reads a file makes of it; the reason says which were tried and which are not installed.
async fn by_tools(tools: &[(&str, &[&str])], bytes: &[u8]) -> Result<String, String> {
    let (mut tried, mut missing, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (tool, arguments) in tools {
        match child::run(tool, arguments, bytes).await {
            Outcome::Text(text, true) if !text.trim().is_empty() => return Ok(text),
            Outcome::Text(..) => tried.push(*tool),
            Outcome::Missing => missing.push(*tool),
            Outcome::Failed(reason) => failed.push(reason),
        }
    }
    if tried.is_empty() && failed.is_empty() {
        return Err(format!("没有安装 {}", missing.join(" 或 ")));
    }
    let tried = (!tried.is_empty()).then(|| format!("读不出文字，文件可能已损坏或加密（已试 {}）", tried.join("、")));
    let missing = (!missing.is_empty()).then(|| format!("没有安装 {}", missing.join("、")));
    Err(failed.into_iter().chain(tried).chain(missing).collect::<Vec<_>>().join("；"))
}

/// A file of streams (Word, Excel and PowerPoint up to 2003, WPS): by the name of its main stream.
async fn compound(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let has = |name: &str| find(&bytes, &wide(name));
    if has("EncryptedPackage") {
        Err("文件已加密".to_owned())
    } else if has("WordDocument") {
        word(&bytes).await
    } else if has("Workbook") || has("Book") {
        in_background(move || sheets::xls(bytes)).await
    } else if has("PowerPoint Document") {
        Err("演示文稿（PPT）不读取".to_owned())
    } else {
        Err("不认识的 OLE 文件（不是 Word 或 Excel 文档），没有读取".to_owned())
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn zip(bytes: Vec<u8>) -> Result<String, String> {
    let mut zip = Zip::open(bytes)?;
    let text = match zip.kind() {
        Kind::Docx => zip.docx()?,
        Kind::Ofd => zip.ofd()?,
        Kind::Xlsx => sheets::xlsx(zip.checked()?)?,
        Kind::Pptx => return Err("演示文稿（PPTX）不读取".to_owned()),
        Kind::Archive => return Err(format!("压缩包没有解开，内有：{}", zip.told())),
    };
    if text.trim().is_empty() { Err("文件里没有文字，可能是扫描件".to_owned()) } else { Ok(text) }
}

/// Plain text, or a web page that was saved under the name of a document.
fn plain(bytes: &[u8], ending: Option<&str>) -> Result<String, String> {
    let (text, _) = crate::charset::decode(bytes, None);
    let begin: String = text.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
    let is_page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| begin.contains(tag));
    match ending {
        Some("doc" | "xls" | "wps" | "et") if is_page => match crate::extract::challenge(&text) {
            Some(reason) => Err(format!("得到的不是文件：{reason}")),
            None => Ok(crate::extract::plain_text(&text)),
        },
        _ if is_page => Err("得到的是网页而不是文件".to_owned()),
        Some("txt" | "csv" | "md") => Ok(text),
        other => Err(format!("不支持读取 {} 文件", other.unwrap_or("这种"))),
    }
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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A workbook with a shared and an inline string, a number, a date and a gap.
    fn xlsx() -> Vec<u8> {
        zipped(&[
            ("[Content_Types].xml", "<Types/>"),
            (
                "_rels/.rels",
                r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            (
                "xl/workbook.xml",
                r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
            ),
            (
                "xl/sharedStrings.xml",
                "<sst><si><t>企业名称</t></si><si><r><t>示例</t></r><r><t>公司</t></r></si></sst>",
            ),
            ("xl/styles.xml", r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#),
            (
                "xl/worksheets/sheet1.xml",
                r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>金额</t></is></c><c r="D1" t="inlineStr"><is><t>日期</t></is></c></row><row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3"><v>12.5</v></c><c r="D3" s="1"><v>46027</v></c></row></sheetData></worksheet>"#,
            ),
        ])
    }

    fn ofd() -> Vec<u8> {
        let page = |texts: &str| {
            format!(
                "<ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:Content><ofd:Layer>{texts}</ofd:Layer></ofd:Content></ofd:Page>"
            )
        };
        let piece = |top: &str, text: &str| {
            format!(
                "<ofd:TextObject ID=\"1\" Boundary=\"20 {top} 50 6\"><ofd:TextCode X=\"0\" Y=\"5\">{text}</ofd:TextCode></ofd:TextObject>"
            )
        };
        zipped(&[
            ("OFD.xml", "<ofd:OFD/>"),
            ("Doc_0/Document.xml", "<ofd:Document/>"),
            ("Doc_0/Pages/Page_10/Content.xml", &page(&piece("10", "末页"))),
            (
                "Doc_0/Pages/Page_2/Content.xml",
                &page(&[piece("10", "关于示例"), piece("10.2", "的通知"), piece("20", "甲&amp;乙")].concat()),
            ),
            ("Doc_0/Tpls/Tpl_0/Content.xml", &page(&piece("1", "模板"))),
        ])
    }

    /// A file of streams with one sector chain each, as little of the format as tools read.
    fn compound_file(name: &str, stream: &[u8]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
        file.create_stream(name).unwrap().write_all(stream).unwrap();
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    /// A document of Word 97: the header's magic number, its flags, and where the text stands.
    fn doc(text: &str) -> Vec<u8> {
        let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut stream = vec![0; 0x400];
        for (at, bytes) in [
            (0, &0xA5EC_u16.to_le_bytes()[..]),
            (2, &0xC1_u16.to_le_bytes()),
            (10, &0x1200_u16.to_le_bytes()),
            (0x18, &0x400_u32.to_le_bytes()),
            (0x1C, &(0x400 + text.len() as u32).to_le_bytes()),
            (0x4C, &(text.len() as u32 / 2).to_le_bytes()),
        ] {
            stream[at..at + bytes.len()].copy_from_slice(bytes);
        }
        stream.extend(&text);
        // a short stream would be kept elsewhere
        stream.resize(stream.len().max(8_192), 0);
        compound_file("/WordDocument", &stream)
    }

    /// A workbook of Excel 97 with one sheet; cells are row, column, text.
    fn xls(cells: &[(u16, u16, &str)]) -> Vec<u8> {
        let record =
            |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let length = |text: &str| text.encode_utf16().count() as u16;
        let begin =
            |kind: u16| record(0x0809, &[&0x0600_u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat());
        let name = "名单";
        let globals = |at: u32| {
            let sheet = [&at.to_le_bytes()[..], &[0, 0, length(name) as u8, 1], &wide(name)].concat();
            [begin(5), record(0x0042, &1200_u16.to_le_bytes()), record(0x0085, &sheet), record(0x000A, &[])].concat()
        };
        let at = globals(0).len() as u32;
        let mut stream = globals(at);
        stream.extend(begin(0x10));
        for (row, column, text) in cells {
            let data = [
                &row.to_le_bytes()[..],
                &column.to_le_bytes(),
                &[0, 0],
                &length(text).to_le_bytes(),
                &[1],
                &wide(text),
            ];
            stream.extend(record(0x0204, &data.concat()));
        }
        stream.extend(record(0x000A, &[]));
        stream.resize(stream.len().max(8_192), 0);
        compound_file("/Workbook", &stream)
    }

    #[tokio::test]
    async fn every_format_is_read() {
        let docx = "<w:document><w:body><w:p><w:r><w:t>关于示例</w:t><w:tab/><w:t>的通知</w:t></w:r></w:p>\
            <w:tbl><w:tr><w:tc><w:p><w:t>名称</w:t></w:p></w:tc><w:tc><w:p><w:t>甲 &amp; 乙</w:t></w:p><w:p><w:t>丙</w:t></w:p></w:tc></w:tr></w:tbl>\
            <mc:AlternateContent><mc:Choice><w:t>图中字</w:t></mc:Choice><mc:Fallback><w:t>图中字</w:t></mc:Fallback></mc:AlternateContent>\
            <w:p><w:t>第一行</w:t><w:br/><w:t>第二行&#8226;</w:t><w:del><w:delText>删去</w:delText></w:del></w:p></w:body></w:document>";
        for (name, bytes, expected) in [
            (
                "附件.docx",
                zipped(&[("word/document.xml", docx)]),
                "关于示例 的通知\n名称\t甲 & 乙 丙\n图中字第一行\n第二行•\n",
            ),
            ("附件.xlsx", xlsx(), "企业名称\t金额\t日期\n示例公司\t12.5\t2026-01-05\n"),
            ("附件.xls", xls(&[(0, 0, "企业名称"), (0, 1, "金额"), (2, 0, "示例公司")]), "企业名称\t金额\n示例公司\n"),
            ("附件.ofd", ofd(), "关于示例的通知\n甲&乙\n末页\n"),
            ("附件.txt", encoding_rs::GBK.encode("示例文字，按时报送。").0.into_owned(), "示例文字，按时报送。"),
            ("附件.doc", b"<html><body><p>\xE7\xA4\xBA\xE4\xBE\x8B</p></body></html>".to_vec(), "示例"),
        ] {
            // the content counts, not the name
            for name in
                [name, "下载"].into_iter().take(if name.ends_with("txt") || name.ends_with("doc") { 1 } else { 2 })
            {
                let text = read_text(name, "http://x.gov.cn/file", bytes.clone()).await;
                assert_eq!(text.as_deref().map(str::trim_start), Ok(expected), "{name}");
            }
        }
    }

    #[tokio::test]
    async fn an_old_document_is_read_by_a_tool() {
        if std::process::Command::new("catdoc").arg("-V").output().is_err() {
            return println!("left out: catdoc not found");
        }
        for name in ["附件.doc", "附件.wps"] {
            let text = read_text(name, "", doc("关于示例申报的通知\r各有关单位：现通知如下。\r")).await.unwrap();
            assert!(text.contains("关于示例申报的通知\n各有关单位：现通知如下。"), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_not_read_says_why() {
        let (gbk, ..) = encoding_rs::GBK.encode("附件1.docx");
        assert!(!gbk.is_empty());
        for (name, bytes, reason) in [
            ("a.wps", b"x".to_vec(), "wps"),
            ("a.docx", b"PK\x03\x04broken".to_vec(), "损坏"),
            ("a.pdf", b"%PDF-1.4 broken".to_vec(), "pdftotext"),
            ("a", Vec::new(), "空"),
            ("a", b"x".to_vec(), "不支持"),
            ("a.rar", b"Rar!\x1A\x07".to_vec(), "RAR"),
            ("a.jpg", b"\xFF\xD8\xFF\xE0".to_vec(), "图片"),
            ("a.zip", zipped(&[("附件1.docx", "x"), ("附件2.xls", "x")]), "附件1.docx、附件2.xls"),
            ("a.pptx", zipped(&[("ppt/presentation.xml", "<p/>")]), "PPTX"),
            ("a.ofd", zipped(&[("OFD.xml", "<ofd:OFD/>")]), "扫描件"),
            ("a.pdf", b"<html><title>404</title></html>".to_vec(), "网页"),
            ("a.xls", b"<html><title>404 Not Found</title></html>".to_vec(), "错误页"),
            ("a.xls", xls(&[(0, 0, "甲"), (65_535, 255, "乙")]), "上限"),
            ("a.doc", compound_file("/示例", &[0; 8_192]), "OLE"),
        ] {
            let error = read_text(name, "http://x/file", bytes).await.unwrap_err();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    /// A document that asks for a password which nobody knows.
    fn encrypted_pdf() -> Vec<u8> {
        let key = "ab".repeat(32);
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>".to_owned(),
            format!("<< /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>"),
        ];
        let mut file = "%PDF-1.4\n".to_owned();
        let mut places = Vec::new();
        for (at, object) in objects.iter().enumerate() {
            places.push(file.len());
            file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
        }
        let table = file.len();
        file.push_str("xref\n0 5\n0000000000 65535 f \n");
        for place in places {
            file.push_str(&format!("{place:010} 00000 n \n"));
        }
        file.push_str(&format!(
            "trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<00><00>] >>\nstartxref\n{table}\n%%EOF\n"
        ));
        file.into_bytes()
    }

    #[tokio::test]
    async fn tools_that_were_tried_or_are_missing_are_named() {
        for (tools, reason) in [
            (
                &[("no-such-catdoc", &[][..]), ("no-such-antiword", &[])][..],
                "没有安装 no-such-catdoc 或 no-such-antiword",
            ),
            (
                &[("false", &[][..]), ("no-such-antiword", &[])],
                "读不出文字，文件可能已损坏或加密（已试 false）；没有安装 no-such-antiword",
            ),
            (&[("false", &[][..]), ("true", &[])], "读不出文字，文件可能已损坏或加密（已试 false、true）"),
        ] {
            assert_eq!(by_tools(tools, b"x").await.unwrap_err(), reason);
        }
        assert_eq!(by_tools(&[("false", &[]), ("cat", &[])], b"x").await.as_deref(), Ok("x"));
        let error = read_text("a.pdf", "", encrypted_pdf()).await.unwrap_err();
        assert!(error.contains("加密") && error.contains("pdftotext") || error == "没有安装 pdftotext", "{error}");
        let wrong = compound_file("/EncryptedPackage", &[0; 8_192]);
        assert_eq!(read_text("a.docx", "", wrong).await.unwrap_err(), "文件已加密");
    }

    #[tokio::test]
    async fn bombs_do_not_go_off() {
        let spaces = " ".repeat(80 << 20);
        let bomb = zipped(&[("word/document.xml", &spaces)]);
        assert!(bomb.len() < 1 << 20);
        assert!(read_text("a.docx", "", bomb).await.unwrap_err().contains("上限"));
        let strings = format!("<sst>{}</sst>", "<si><t>示例</t></si>".repeat(4 << 20));
        let bomb = zipped(&[("xl/workbook.xml", "<workbook/>"), ("xl/sharedStrings.xml", &strings)]);
        assert!(read_text("a.xlsx", "", bomb).await.unwrap_err().contains("上限"));
        let deep = "<a>".repeat(1 << 20);
        let text = read_text("a.docx", "", zipped(&[("word/document.xml", &deep)])).await;
        assert!(text.is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn any_damage_is_survived(at in 0_usize..4_000, byte in proptest::prelude::any::<u8>(), which in 0_usize..4) {
            let mut bytes = match which {
                0 => xlsx(),
                1 => ofd(),
                2 => xls(&[(0, 0, "甲"), (3, 2, "乙")]),
                _ => doc("示例"),
            };
            let length = bytes.len();
            bytes[at % length] = byte;
            let read = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _ = read.block_on(read_text("a", "", bytes));
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
