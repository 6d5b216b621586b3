//! A column of a 大汉 JPAAS site: its page holds no entries, but the script that asks an interface for them, with the
//! parameters beside it.

use scraper::{Html, Selector};
use url::Url;

use crate::charset;
use crate::fetch::Fetched;
use crate::source::{Format, List};

/// Most parameters of one question.
const MAX_PARAMETERS: usize = 40;

/// Entries that are asked for at a time.
const SIZE: u32 = 20;

/// The address of the interface, with `{n}` for the page, that the page of a column asks:
/// `<script url="/…/jpaas-publish-server/front/page/build/unit" queryData="{'webId':'1','pageId':'2',…}">`.
pub(crate) fn interface(text: &str, base: &Url) -> Option<String> {
    if !text.contains("queryData") && !text.contains("querydata") {
        return None;
    }
    let page = Html::parse_document(&crate::extract::bounded(text));
    let scripts = Selector::parse("[querydata][url]").ok()?;
    let questions = page.select(&scripts).take(50).filter_map(|script| {
        let mut url = base.join(script.attr("url")?.trim()).ok()?;
        let is_unit = url.path().contains("jpaas-publish-server") || url.path().ends_with("/build/unit");
        if !is_unit || !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let parameters = parameters(script.attr("querydata")?);
        let of_list = parameters.iter().any(|(name, value)| {
            name == "tagId" && (value.to_ascii_lowercase().contains("list") || value.contains("列表"))
        });
        url.query_pairs_mut().extend_pairs(&parameters);
        Some((of_list, url))
    });
    // a page has units for its menus too; the first of those that are alike is taken
    let mut found: Vec<(bool, Url)> = questions.collect();
    found.sort_by_key(|(of_list, _)| !of_list);
    let (_, url) = found.into_iter().next()?;
    // `{n}` stands bare, and what the site wrote has no braces once it is encoded
    Some(format!("{url}&paramJson=%7B%22pageNo%22%3A{{n}}%2C%22pageSize%22%3A%22{SIZE}%22%7D"))
}

/// `{'webId':'1','pageId':'2'}`, with quotes of either kind.
fn parameters(text: &str) -> Vec<(String, String)> {
    let quoted: Vec<&str> = text.split(['\'', '"']).collect();
    // between the quotes: name, colon, value, comma
    let pairs = quoted.chunks(4).filter_map(|piece| match piece {
        [_, name, colon, value] if colon.trim() == ":" => Some(((*name).to_owned(), (*value).to_owned())),
        _ => None,
    });
    pairs.take(MAX_PARAMETERS).collect()
}

/// The interface behind what was fetched, for a list that is defined by the page of its column.
pub(crate) fn behind(list: &List, fetched: &Fetched) -> Option<String> {
    let begin = fetched.body.trim_ascii_start();
    if list.format != Format::Json || list.markup.is_none() || list.url.contains("{n}") || begin.first() != Some(&b'<')
    {
        return None;
    }
    let (text, _) = charset::decode(&fetched.body, fetched.charset.as_deref());
    interface(&text, &Url::parse(&fetched.url).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_of_a_column_is_read() {
        let base = Url::parse("https://x.gov.cn/col/col1/index.html").unwrap();
        let script = |data: &str| {
            format!(
                "<div><script parseType=\"bulidstatic\" url=\"/api-gateway/jpaas-publish-server/front/page/build/unit\" queryData=\"{data}\" src=\"/a.js\"></script></div>"
            )
        };
        let list = script("{'webId':'1','pageId':'2','tagId':'当前栏目_list','editType':''}");
        let expected = "https://x.gov.cn/api-gateway/jpaas-publish-server/front/page/build/unit?webId=1&pageId=2&tagId=%E5%BD%93%E5%89%8D%E6%A0%8F%E7%9B%AE_list&editType=&paramJson=%7B%22pageNo%22%3A{n}%2C%22pageSize%22%3A%2220%22%7D";
        let menu = script("{&quot;webId&quot;:&quot;1&quot;,&quot;tagId&quot;:&quot;menu&quot;}");
        assert_eq!(interface(&list, &base).as_deref(), Some(expected));
        assert_eq!(interface(&(menu.clone() + &list), &base).as_deref(), Some(expected));
        assert!(interface(&menu, &base).unwrap().contains("?webId=1&tagId=menu&"));
        for none in ["<script url='/other' queryData=\"{'a':'b'}\"></script>", "<p>queryData</p>", ""] {
            assert_eq!(interface(none, &base), None, "{none}");
        }
    }
}
