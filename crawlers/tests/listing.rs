//! Walking lists over real HTTP: paging that ends, pages that fail, answers that are no list.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use zhida_crawlers::listing::ListError;
use zhida_crawlers::{Fetcher, FetcherConfig, Listing, Source};

/// Answers by path and query; anything else is 404.
type Pages = BTreeMap<&'static str, (u16, String)>;

struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn start(pages: impl IntoIterator<Item = (&'static str, u16, String)>) -> Self {
        let pages: Pages = pages.into_iter().map(|(path, status, body)| (path, (status, body))).collect();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = asked.clone();
        let answer = async |State(pages): State<Arc<Pages>>, path: String| match pages.get(path.as_str()) {
            Some((status, body)) => (StatusCode::from_u16(*status).unwrap(), body.clone()),
            None => (StatusCode::NOT_FOUND, String::new()),
        };
        let router = Router::new()
            .fallback(move |state: State<Arc<Pages>>, uri: Uri| {
                log.lock().unwrap().push(uri.to_string());
                answer(state, uri.to_string())
            })
            .with_state(Arc::new(pages));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked }
    }

    /// Walks `list` (TOML keys of one list, `SITE` for the address) to its end: titles of the entries, and what failed.
    async fn walk(&self, list: &str) -> (Vec<String>, Vec<ListError>) {
        let definition = format!(
            "name = \"x\"\ntitle = \"示例站\"\nregion_code = \"321100\"\nmax_pages = 6\n[[list]]\n{}",
            list.replace("SITE", &format!("http://{}", self.address))
        );
        let source = Source::parse(&definition).unwrap();
        let fetcher = Fetcher::new(FetcherConfig {
            delay: Duration::ZERO,
            allow_private: vec![self.address.to_string()],
            robots: false,
            retries: 0,
            ..FetcherConfig::default()
        });
        let mut listing = Listing::new(&source, fetcher.unwrap());
        let (mut titles, mut errors) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            match listing.next_page().await {
                Ok(Some(page)) => titles.extend(page.items.into_iter().filter_map(|item| item.title)),
                Ok(None) => return (titles, errors),
                Err(error) => errors.push(error),
            }
        }
        panic!("the walk does not end: {:?}", self.asked.lock().unwrap());
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn entries(titles: &[&str]) -> String {
    titles.iter().map(|title| format!("<li><a href=\"/art/{title}.html\">{title}</a> 2026-03-10</li>")).collect()
}

#[tokio::test]
async fn a_list_that_links_to_itself_ends() {
    let linked = format!(
        "<ul>{}<li><a href=\"/list.html\">返回本页</a></li></ul><a class=next href=\"/list.html\">下一页</a>",
        entries(&["甲", "乙"])
    );
    let other = format!("<ul>{}</ul><a class=next href=\"/list.html\">下一页</a>", entries(&["乙", "丙"]));
    let site = Site::start([
        ("/list.html", 200, linked),
        ("/circle.html", 200, other.replace("/list.html", "/other.html")),
        ("/other.html", 200, other.replace("/list.html", "/circle.html")),
        ("/same.html", 200, entries(&["甲"])),
        ("/same.html?p=2", 200, entries(&["甲"])),
        ("/same.html?p=3", 200, entries(&["甲"])),
    ])
    .await;
    for (list, expected) in [
        // itself is neither the next page nor an article
        ("url = \"SITE/list.html\"\nitem = \"li\"\nnext = \"a.next\"", &["甲", "乙"][..]),
        ("url = \"SITE/circle.html\"\nitem = \"li\"\nnext = \"a.next\"", &["乙", "丙"]),
        // every number gives the same page
        ("url = \"SITE/same.html\"\nitem = \"li\"\npages = \"SITE/same.html?p={n}\"", &["甲"]),
    ] {
        let (titles, errors) = site.walk(list).await;
        assert_eq!(titles, expected, "{list}");
        assert!(errors.is_empty(), "{list}: {errors:?}");
    }
    let visits = |path: &str| site.asked().iter().filter(|asked| *asked == path).count();
    assert_eq!((visits("/list.html"), visits("/circle.html"), visits("/other.html")), (1, 1, 1));
    assert_eq!(
        (visits("/same.html?p=2"), visits("/same.html?p=3")),
        (1, 0),
        "a page that brings nothing new is the end"
    );
}

#[tokio::test]
async fn a_page_that_fails_does_not_end_the_list() {
    let site = Site::start([
        ("/list.html", 200, entries(&["甲"])),
        ("/list_2.html", 503, String::new()),
        ("/list_3.html", 200, entries(&["乙"])),
        ("/down.html", 200, entries(&["丙"])),
        ("/down_2.html", 500, String::new()),
        ("/down_3.html", 500, String::new()),
        ("/down_4.html", 200, entries(&["丁"])),
    ])
    .await;
    let (titles, errors) = site.walk("url = \"SITE/list.html\"\nitem = \"li\"\npages = \"SITE/list_{n}.html\"").await;
    assert_eq!(titles, ["甲", "乙"]);
    // the page after the last one is not there, which is how such lists end
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].describe().contains("503") && errors[0].describe().contains("list_2.html"));
    // a site that is down is left alone after two pages
    let (titles, errors) = site.walk("url = \"SITE/down.html\"\nitem = \"li\"\npages = \"SITE/down_{n}.html\"").await;
    assert_eq!((titles.len(), errors.len()), (1, 2), "{errors:?}");
    assert!(!site.asked().contains(&"/down_4.html".to_owned()));
}

#[tokio::test]
async fn what_is_no_list_is_told() {
    let site = Site::start([
        ("/api", 200, "<html>验证码</html>".to_owned()),
        ("/changed.html", 200, entries(&["甲"])),
        ("/empty.html", 200, String::new()),
        ("/nothing", 200, "{\"rows\": []}".to_owned()),
    ])
    .await;
    for (list, words) in [
        ("url = \"SITE/api\"\nformat = \"json\"\nitem = \"rows\"\nlink = \"url\"", "不是 JSON"),
        ("url = \"SITE/nothing\"\nformat = \"json\"\nitem = \"rows\"\nlink = \"url\"", "rows"),
        ("url = \"SITE/changed.html\"\nitem = \".renamed li\"", ".renamed li"),
        ("url = \"SITE/empty.html\"", "没有发现文章链接"),
        ("url = \"SITE/gone.html\"\nitem = \"li\"", "404"),
    ] {
        let (titles, errors) = site.walk(list).await;
        assert!(titles.is_empty());
        let said: Vec<String> = errors.iter().map(ListError::describe).collect();
        assert!(said.len() == 1 && said[0].contains(words), "{list}: {said:?}");
    }
}

/// 大汉 jpage: the entries stand in an XML island, its further pages are XML alone.
#[tokio::test]
async fn entries_in_an_xml_island_are_read_group_by_group() {
    let record = |title: &str| format!("<record><![CDATA[{}]]></record>", entries(&[title]));
    let group = |next: &str, titles: &[&str]| {
        let records: String = titles.iter().map(|title| record(title)).collect();
        let link = format!("<nextgroup><![CDATA[<a href=\"{next}\"></a>]]></nextgroup>");
        format!("<datastore>\n{link}\n<recordset>{records}</recordset></datastore>")
    };
    let page = format!(
        "<html><body><ul><li><a href=\"/about.html\">关于我们</a></li></ul><div id=\"list\">\
         <script type=\"text/xml\">{}</script></div><script>var a = 1;</script></body></html>",
        group("/data.jsp?page=2", &["甲", "乙"])
    );
    let site = Site::start([
        ("/col/index.html", 200, page),
        ("/data.jsp?page=2", 200, group("/data.jsp?page=3", &["丙"])),
        ("/data.jsp?page=3", 200, group("/data.jsp?page=3", &["丁"])),
        (
            "/broken.html",
            200,
            "<script><datastore><record><![CDATA[<li><a href=\"/art/甲.html\">甲</a></li>".to_owned(),
        ),
    ])
    .await;
    let (titles, errors) =
        site.walk("url = \"SITE/col/index.html\"\nitem = \"#list li, body > li\"\nlink = \"a\"").await;
    assert_eq!(titles, ["甲", "乙", "丙", "丁"], "{errors:?}");
    let (titles, errors) = site.walk("url = \"SITE/broken.html\"\nitem = \"li\"").await;
    assert_eq!((titles.len(), errors.len()), (0, 1));
}
