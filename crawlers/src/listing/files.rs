//! Entries of a list that are files: the document itself, without a page around it.

use zhida_schemas::policy::{Attachment, AttachmentState, Location, Policy};

use super::ListItem;
use crate::attachments;
use crate::extract::{published_in_url, shown_title};
use crate::fetch::Fetched;
use crate::understand::own_number;

/// Endings of files that hold a document.
pub(super) const ENDINGS: &[&str] =
    &[".pdf", ".doc", ".docx", ".ofd", ".wps", ".xls", ".xlsx", ".et", ".rtf", ".ceb", ".zip", ".rar"];

/// How the formats begin: PDF, the ZIP of DOCX and OFD, the compound file of DOC, RTF.
const SIGNATURES: &[&[u8]] = &[b"%PDF-", b"PK\x03\x04", &[0xD0, 0xCF, 0x11, 0xE0], b"{\\rtf", b"Founder"];

/// Whether what was fetched is a file and no page: what it holds counts, not what it is called.
pub(super) fn is_file(fetched: &Fetched) -> bool {
    SIGNATURES.iter().any(|signature| fetched.body.trim_ascii_start().starts_with(signature))
}

/// The ending of an address, with its dot, when it is that of a document.
pub(super) fn ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    ENDINGS.iter().find(|ending| path.ends_with(**ending)).copied()
}

/// The policy that a file is: what the list says of it, and its text where it can be read.
pub(super) async fn policy(item: &ListItem, fetched: &Fetched) -> Policy {
    let name = || {
        let path = fetched.url.split(['?', '#']).next().unwrap_or_default();
        percent_encoding::percent_decode_str(path.rsplit('/').next().unwrap_or_default())
            .decode_utf8_lossy()
            .into_owned()
    };
    let stated = shown_title(&item.title.clone().unwrap_or_else(name));
    let ending = ending(&fetched.url).or_else(|| ending(&item.url)).unwrap_or_default();
    let title = match ending_of(&stated) {
        Some(ending) => stated[..stated.len() - ending.len()].to_owned(),
        None => stated,
    };
    let mut attachment = Attachment {
        name: format!("{title}{ending}"),
        url: fetched.url.clone(),
        media_type: fetched.media_type.clone(),
        ..Attachment::default()
    };
    let mut text = String::new();
    match attachments::read_text(&attachment.name, &attachment.url, fetched.body.clone()).await {
        Ok(read) => {
            text.clone_from(&read);
            (attachment.text, attachment.state) = (Some(read), AttachmentState::Read);
        }
        Err(reason) => attachment.reason = Some(reason),
    }
    let published_on = item.date.or_else(|| published_in_url(&item.url));
    Policy {
        url: Some(item.url.clone()),
        doc_number: own_number(&title, &text),
        published_on,
        body_html: paragraphs(&text),
        body_text: text,
        attachments: vec![attachment],
        locations: vec![Location { url: item.url.clone(), published_on, ..Location::default() }],
        title,
        ..Policy::default()
    }
}

fn ending_of(title: &str) -> Option<&'static str> {
    // what is cut off must be as long as what is looked for
    ENDINGS
        .iter()
        .find(|ending| {
            title.len() > ending.len()
                && title.is_char_boundary(title.len() - ending.len())
                && title[title.len() - ending.len()..].eq_ignore_ascii_case(ending)
        })
        .copied()
}

fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str("<p>");
        out.push_str(&line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        out.push_str("</p>");
    }
    out
}
