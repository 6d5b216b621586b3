//! Documents that are a ZIP of XML: DOCX and OFD. What is unpacked is bounded in all, whatever sizes the ZIP states.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::MAX_TEXT;

/// Most bytes that are unpacked of one file, and of one member.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
const MAX_MEMBER: u64 = 64 * 1024 * 1024;

/// Most members of a ZIP.
const MAX_MEMBERS: usize = 5_000;

/// Most names of members that are told of an archive.
const TOLD: usize = 10;

/// A ZIP whose members are read within bounds.
pub struct Zip {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    names: Vec<String>,
    left: u64,
}

/// What kind of document a ZIP is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// PowerPoint.
    Pptx,
    /// GB/T 33190.
    Ofd,
    /// Files of any kind.
    Archive,
}

impl Zip {
    /// Opens a ZIP.
    ///
    /// # Errors
    /// It is damaged or has too many members (in Chinese).
    pub fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        if archive.len() > MAX_MEMBERS {
            return Err(format!("压缩包里有 {} 个文件，超过 {MAX_MEMBERS} 个的上限", archive.len()));
        }
        let names = archive.file_names().map(str::to_owned).collect();
        Ok(Self { archive, names, left: MAX_UNPACKED })
    }

    /// By its members.
    pub fn kind(&self) -> Kind {
        let has = |start: &str| self.names.iter().any(|name| name.starts_with(start));
        match () {
            () if has("word/") => Kind::Docx,
            () if has("xl/") => Kind::Xlsx,
            () if has("ppt/") => Kind::Pptx,
            () if has("OFD.xml") => Kind::Ofd,
            () => Kind::Archive,
        }
    }

    /// The names of the first members that are files, for people.
    pub fn told(&mut self) -> String {
        let mut names = Vec::new();
        let mut more = false;
        for at in 0..self.archive.len() {
            let Ok(member) = self.archive.by_index_raw(at) else { continue };
            if member.is_dir() {
                continue;
            }
            if names.len() == TOLD {
                more = true;
                break;
            }
            // names without the mark of UTF-8 are mostly GBK
            let (name, _) = crate::charset::decode(member.name_raw(), None);
            let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
            names.push(name);
        }
        format!("{}{}", names.join("、"), if more { " 等" } else { "" })
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let member = self.archive.by_name(name).map_err(|_| damaged())?;
        let bound = MAX_MEMBER.min(self.left);
        let mut bytes = Vec::new();
        let read = member.take(bound + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > bound {
            return Err(format!("解开后超过 {} MB 的上限", bound >> 20));
        }
        self.left -= bytes.len() as u64;
        // what was read before the damage is kept
        if read.is_err() && bytes.is_empty() { Err(damaged()) } else { Ok(bytes) }
    }

    /// The bytes of the file, when all members of its XML are within the bounds.
    ///
    /// # Errors
    /// They are not, or are damaged.
    pub fn checked(mut self) -> Result<Vec<u8>, String> {
        for name in std::mem::take(&mut self.names) {
            if name.ends_with(".xml") || name.ends_with(".rels") {
                self.read(&name)?;
            }
        }
        Ok(self.archive.into_inner().into_inner())
    }

    /// Text of a Word document: paragraphs by line feeds, cells of a table's row by tabs; notes behind it.
    ///
    /// # Errors
    /// It is damaged.
    pub fn docx(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let parts = ["word/document.xml", "word/footnotes.xml", "word/endnotes.xml"];
        let mut found: Vec<String> = self.names.iter().filter(|name| parts.contains(&name.as_str())).cloned().collect();
        found.sort_by_key(|name| parts.iter().position(|part| part == name));
        if !found.iter().any(|name| name == "word/document.xml") {
            // some writers number the main part
            let main = self.names.iter().find(|name| name.starts_with("word/document") && name.ends_with(".xml"));
            found.splice(0..0, main.cloned());
        }
        if found.is_empty() {
            return Err(damaged());
        }
        for name in found {
            let xml = self.read(&name)?;
            word(&String::from_utf8_lossy(&xml), &mut text);
        }
        Ok(text)
    }

    /// Text of an OFD document, page by page: pieces of text of the same height are a line.
    ///
    /// # Errors
    /// It is damaged.
    pub fn ofd(&mut self) -> Result<String, String> {
        let mut pages: Vec<String> = self
            .names
            .iter()
            .filter(|name| {
                name.contains("Pages/") && name.rsplit('/').next().is_some_and(|file| file.ends_with(".xml"))
            })
            .filter(|name| !name.contains("/Annot") && !name.contains("/Res"))
            .cloned()
            .collect();
        pages.sort_by_key(|name| (numbers(name), name.clone()));
        let mut text = String::new();
        for name in pages {
            let xml = self.read(&name)?;
            ofd_page(&String::from_utf8_lossy(&xml), &mut text);
            if text.len() > MAX_TEXT {
                break;
            }
        }
        Ok(text)
    }
}

fn damaged() -> String {
    "文件已损坏或加密".to_owned()
}

/// `Doc_0/Pages/Page_10/Content.xml`: [0, 10], so that pages stand in their order.
fn numbers(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Text of a part of a Word document.
fn word(xml: &str, text: &mut String) {
    let mut reader = Reader::from_str(xml);
    let (mut inside, mut cells, mut left_out) = (false, 0_usize, 0_usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                // an older form of the same drawing; the sound of a character
                "Fallback" | "rt" => left_out += 1,
                "t" => inside = left_out == 0,
                "tc" => cells += 1,
                name => gap(name, cells, text),
            },
            Ok(Event::Empty(tag)) if left_out == 0 => gap(tag.local_name().as_ref(), cells, text),
            Ok(Event::Text(words)) if inside => text.push_str(words.as_ref()),
            Ok(Event::CData(words)) if inside => text.push_str(words.as_ref()),
            Ok(Event::GeneralRef(entity)) if inside => text.extend(character(&entity)),
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                "Fallback" | "rt" => left_out = left_out.saturating_sub(1),
                "t" => inside = false,
                "p" if cells > 0 => space(text),
                "p" => text.push('\n'),
                "tc" => {
                    cells = cells.saturating_sub(1);
                    text.truncate(text.trim_end_matches(' ').len());
                    text.push('\t');
                }
                "tr" => {
                    text.truncate(text.trim_end_matches(['\t', ' ']).len());
                    text.push('\n');
                }
                _ => {}
            },
            // what was read before the damage is kept
            Ok(Event::Eof) | Err(_) => return,
            _ => {}
        }
        if text.len() > MAX_TEXT {
            return;
        }
    }
}

fn gap(name: &str, cells: usize, text: &mut String) {
    match name {
        "br" | "cr" if cells == 0 => text.push('\n'),
        "tab" | "br" | "cr" => space(text),
        "noBreakHyphen" => text.push('-'),
        _ => {}
    }
}

fn space(text: &mut String) {
    if !text.is_empty() && !text.ends_with([' ', '\t', '\n']) {
        text.push(' ');
    }
}

fn character(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    match entity.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => entity.resolve_char_ref().ok().flatten(),
    }
}

/// Text of a page of an OFD document.
fn ofd_page(xml: &str, text: &mut String) {
    let mut reader = Reader::from_str(xml);
    let mut inside = false;
    // where the piece before stood: top, and its height
    let mut before: Option<(f64, f64)> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "TextObject" => {
                    let place = boundary(&tag);
                    let same_line = match (before, place) {
                        (Some((top, height)), Some((next, _))) => (top - next).abs() < height.max(1.0) / 2.0,
                        _ => false,
                    };
                    if !same_line && !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                    before = place;
                }
                "TextCode" => inside = true,
                _ => {}
            },
            Ok(Event::Text(words)) if inside => text.push_str(words.as_ref()),
            Ok(Event::GeneralRef(entity)) if inside => text.extend(character(&entity)),
            Ok(Event::End(tag)) if tag.local_name().as_ref() == "TextCode" => inside = false,
            Ok(Event::Eof) | Err(_) => break,
            _ => {}
        }
        if text.len() > MAX_TEXT {
            break;
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Top and height of a piece of text, in millimetres.
fn boundary(tag: &BytesStart<'_>) -> Option<(f64, f64)> {
    let attribute = tag.try_get_attribute("Boundary").ok()??;
    let value = attribute.value.as_ref();
    let mut numbers = value.split_whitespace().map(|number| number.parse::<f64>().ok());
    let (_, top, _, height) = (numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??);
    Some((top, height))
}
