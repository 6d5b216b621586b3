//! Walking lists over real HTTP: paging that ends, pages that fail, answers that are no list.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use zhida_crawlers::listing::ListError;
use zhida_crawlers::{Budget, Fetcher, FetcherConfig, Listing, Manners, Source, draft, fetch_article, probe};

/// Answers by path and query (`POST /path body` for a POST), where `SITE` is the address; anything else is 404.
type Pages = BTreeMap<&'static str, (u16, Vec<u8>)>;

struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn start<B: Into<Vec<u8>>>(pages: impl IntoIterator<Item = (&'static str, u16, B)>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let placed = |body: Vec<u8>| match String::from_utf8(body) {
            Ok(text) => text.replace("SITE", &format!("http://{address}")).into_bytes(),
            Err(packed) => packed.into_bytes(),
        };
        let pages: Pages =
            pages.into_iter().map(|(path, status, body)| (path, (status, placed(body.into())))).collect();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = asked.clone();
        let answer = async |State(pages): State<Arc<Pages>>, path: String| match pages.get(path.as_str()) {
            Some((status, body)) => (StatusCode::from_u16(*status).unwrap(), body.clone()),
            None => (StatusCode::NOT_FOUND, Vec::new()),
        };
        let router = Router::new()
            .fallback(move |state: State<Arc<Pages>>, method: Method, uri: Uri, body: String| {
                let question = if method == Method::POST { format!("POST {uri} {body}") } else { uri.to_string() };
                log.lock().unwrap().push(question.clone());
                answer(state, question)
            })
            .with_state(Arc::new(pages));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked }
    }

    fn source(&self, list: &str) -> Source {
        let definition = format!(
            "name = \"x\"\ntitle = \"示例站\"\nregion_code = \"321100\"\nmax_pages = 6\n{}{}",
            if list.contains("[[list]]") { "" } else { "[[list]]\n" },
            list.replace("SITE", &format!("http://{}", self.address))
        );
        Source::parse(&definition).unwrap()
    }

    fn fetcher(&self) -> Fetcher {
        Fetcher::new(FetcherConfig {
            delay: Duration::ZERO,
            allow_private: vec![self.address.to_string()],
            robots: false,
            retries: 0,
            ..FetcherConfig::default()
        })
        .unwrap()
    }

    /// Walks `list` (TOML keys of one list, `SITE` for the address) to its end: titles of the entries, and what failed.
    async fn walk(&self, list: &str) -> (Vec<String>, Vec<ListError>) {
        self.walk_all(Listing::new(&self.source(list), self.fetcher())).await
    }

    async fn walk_all(&self, mut listing: Listing) -> (Vec<String>, Vec<ListError>) {
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
        ("/moved.xml", 200, "<html><body>验证码</body></html>".to_owned()),
    ])
    .await;
    for (list, words) in [
        ("url = \"SITE/api\"\nformat = \"json\"\nitem = \"rows\"\nlink = \"url\"", "不是 JSON"),
        ("url = \"SITE/nothing\"\nformat = \"json\"\nitem = \"rows\"\nlink = \"url\"", "rows"),
        ("url = \"SITE/changed.html\"\nitem = \".renamed li\"", ".renamed li"),
        ("url = \"SITE/empty.html\"", "没有发现文章链接"),
        ("url = \"SITE/empty.html\"\nformat = \"any\"", "没有发现文章链接"),
        ("url = \"SITE/moved.xml\"\nformat = \"feed\"", "RSS"),
        ("url = \"SITE/moved.xml\"\nformat = \"sitemap\"", "网站地图"),
        ("url = \"SITE/changed.html\"\nitem = \"li\"\nmatch = \"/none/\"", "/none/"),
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

fn rows(numbers: std::ops::RangeInclusive<u32>) -> String {
    let row = |n| {
        format!(
            "{{\"id\": {n}, \"t\": \"<em>示例</em>{n}&amp;号\", \"d\": 1767628800000, \"n\": \"示发〔2026〕{n}号\"}}"
        )
    };
    numbers.map(row).collect::<Vec<_>>().join(",")
}

/// Two rows a page, five in all: the total says that the third page is the last.
#[tokio::test]
async fn interfaces_are_asked_in_each_form() {
    let page = |numbers, total: &str| format!("{{\"data\": {{\"list\": [{}]{total}}}}}", rows(numbers));
    let total = ", \"total\": \"5\"";
    let form = |n: u32| format!("<li><a href='/art/m{n}.html'>通知{n}</a></li>");
    let markup = |n: u32| serde_json::json!({ "data": { "html": form(n) }, "pages": 2 }).to_string();
    let site = Site::start([
        ("/get?p=1", 200, page(1..=2, total)),
        ("/get?p=2", 200, format!("callback({});", page(3..=4, total))),
        ("/get?p=3", 200, page(5..=5, total)),
        ("/get?p=4", 500, String::new()),
        ("/zero?start=0", 200, page(1..=2, "")),
        ("/zero?start=2", 200, page(3..=3, "")),
        ("/zero?start=4", 200, page(3..=3, "")),
        ("POST /post {\"page\": 1}", 200, page(1..=2, total)),
        ("POST /post {\"page\": 2}", 200, page(3..=4, total)),
        ("POST /post {\"page\": 3}", 200, page(5..=5, total)),
        ("POST /form page=0&size=2", 200, page(1..=2, "")),
        ("POST /form page=1&size=2", 200, page(3..=3, "")),
        ("POST /form page=2&size=2", 200, "{\"data\": {\"list\": []}}".to_owned()),
        ("/unit?p=1", 200, markup(1)),
        ("/unit?p=2", 200, markup(2)),
        ("/unit?p=3", 500, String::new()),
    ])
    .await;
    let keys = "format = \"json\"\nitem = \"data.list\"\nlink = \"SITE/art/{id}.html\"\ntitle = \"t\"\ndate = \"d\"\ndoc_number = \"n\"\n";
    for (list, count) in [
        (format!("url = \"SITE/get?p={{n}}\"\ntotal = \"data.total\"\n{keys}"), 5),
        (format!("url = \"SITE/zero?start={{n}}\"\nfrom = 2\nstep = 2\n{keys}"), 3),
        (format!("url = \"SITE/post\"\npost = '{{\"page\": {{n}}}}'\ntotal = \"data.total\"\nsize = 2\n{keys}"), 5),
        (format!("url = \"SITE/form\"\npost = \"page={{n}}&size=2\"\nfrom = 1\n{keys}"), 3),
        (
            "url = \"SITE/unit?p={n}\"\nformat = \"json\"\nmarkup = \"data.html\"\nitem = \"li\"\npage_count = \"pages\"".to_owned(),
            2,
        ),
    ] {
        let (titles, errors) = site.walk(&list).await;
        assert!(errors.is_empty(), "{list}: {errors:?}");
        assert_eq!(titles.len(), count, "{list}: {titles:?}");
    }
    let mut listing = Listing::new(&site.source(&format!("url = \"SITE/get?p={{n}}\"\n{keys}")), site.fetcher());
    let first = listing.next_page().await.unwrap().unwrap().items.remove(0);
    assert_eq!(first.url, format!("http://{}/art/1.html", site.address));
    assert_eq!((first.title.as_deref(), first.doc_number.as_deref()), (Some("示例1&号"), Some("示发〔2026〕1号")));
    // 2026-01-05T16:00:00Z
    assert_eq!(first.date, "2026-01-06".parse().ok());
}

#[tokio::test]
async fn feeds_and_sitemaps_are_walked() {
    let entry = |n: u32| format!("<entry><id>urn:{n}</id><title>示例{n}</title><link href=\"/art/{n}.html\"/></entry>");
    let atom = |next: &str, n: u32| {
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><link rel=\"next\" href=\"{next}\"/>{}</feed>", entry(n))
    };
    let place = |n: u32| {
        format!(
            "<url><loc>SITE/zc/post_{n}.html</loc><lastmod>2026-01-{n:02}</lastmod></url><url><loc>SITE/about/{n}.html</loc></url>"
        )
    };
    let many: String =
        (0..1_200).map(|n| format!("<url><loc>/zc/post_{n}.html</loc><lastmod>2026-01-01</lastmod></url>")).collect();
    let gz = |text: String| {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let part = |path: &str| format!("<sitemap><loc>SITE/{path}</loc></sitemap>");
    let site = Site::start([
        ("/1.xml", 200, atom("2.xml", 1).into_bytes()),
        ("/2.xml", 200, atom("2.xml", 2).into_bytes()),
        (
            "/index.xml",
            200,
            format!("<sitemapindex>{}{}{}</sitemapindex>", part("a.xml"), part("b.xml"), part("index.xml"))
                .into_bytes(),
        ),
        ("/a.xml", 200, format!("<urlset>{}{}</urlset>", place(3), place(4)).into_bytes()),
        ("/packed.xml.gz", 200, gz(format!("<urlset>{many}</urlset>"))),
        ("/bomb.xml.gz", 200, gz("<urlset>".to_owned() + &" ".repeat(60 << 20))),
    ])
    .await;
    let (titles, errors) = site.walk("url = \"SITE/1.xml\"\nformat = \"feed\"").await;
    assert_eq!((titles, errors.len()), (vec!["示例1".to_owned(), "示例2".to_owned()], 0));
    // a part that is not there is told, and ends nothing
    let source = site.source("url = \"SITE/index.xml\"\nformat = \"sitemap\"\nmatch = '/post_\\d+\\.html$'");
    let mut listing = Listing::new(&source, site.fetcher());
    let (mut urls, mut errors) = (Vec::new(), Vec::new());
    loop {
        match listing.next_page().await {
            Ok(Some(page)) => urls.extend(page.items.into_iter().map(|item| item.url)),
            Ok(None) => break,
            Err(error) => errors.push(error),
        }
    }
    let there = |n: u32| format!("http://{}/zc/post_{n}.html", site.address);
    assert_eq!(urls, [there(4), there(3)]);
    assert!(errors.len() == 1 && errors[0].describe().contains("b.xml"), "{errors:?}");
    // a long list comes in several pages, and is left when one of them is known
    let source = site.source("url = \"SITE/packed.xml.gz\"\nformat = \"sitemap\"");
    for (known, sweep, pages) in [(false, false, 3), (true, false, 1), (true, true, 3)] {
        let mut listing = Listing::new(&source, site.fetcher());
        if sweep {
            listing = listing.sweep();
        }
        let mut sizes = Vec::new();
        while let Some(page) = listing.next_page().await.unwrap() {
            sizes.push(page.items.len());
            listing.seen(known);
        }
        assert_eq!(sizes.len(), pages, "{sizes:?}");
    }
    let (_, errors) = site.walk("url = \"SITE/bomb.xml.gz\"\nformat = \"sitemap\"").await;
    assert!(errors.len() == 1 && errors[0].describe().contains("大小上限"), "{errors:?}");
}

fn numbered_page(path: &str, n: u32, next: &str) -> String {
    let row = |k: u32| {
        let id = n * 10 + k;
        format!(
            "<li><a href=\"{path}/content/post_{id}000.html\">关于示例事项第{id}号的通知</a><span>2026-03-{k:02}</span></li>"
        )
    };
    let rows: String = (1..=6).map(row).collect();
    format!("<html><body><div class=nav><a href=/>首页</a></div><ul class=list>{rows}</ul>{next}</body></html>")
}

#[tokio::test]
async fn a_list_that_is_known_is_left_unless_it_is_swept() {
    let next = |n: u32| format!("<a href=\"/tz/{n}.html\">下一页</a>");
    let site = Site::start([
        ("/tz/1.html", 200, numbered_page("/tz", 1, &next(2))),
        ("/tz/2.html", 200, numbered_page("/tz", 2, &next(3))),
        ("/tz/3.html", 200, numbered_page("/tz", 3, &next(4))),
        ("/tz/4.html", 200, numbered_page("/tz", 4, "")),
        ("/gs/1.html", 200, numbered_page("/gs", 5, "<a href=\"/gs/2.html\">下一页</a>")),
        ("/gs/2.html", 200, numbered_page("/gs", 6, "")),
    ])
    .await;
    // two lists, paging found by itself; the second list goes on when the first is known
    let two = "[[list]]\nurl = \"SITE/tz/1.html\"\n[[list]]\nurl = \"SITE/gs/1.html\"\n";
    for (known_from, sweep, expected) in
        [(1, false, "1 5 6"), (2, false, "1 5 2 6"), (9, false, "1 5 2 6 3 4"), (1, true, "1 5 2 6 3 4")]
    {
        let mut listing = Listing::new(&site.source(two), site.fetcher());
        if sweep {
            listing = listing.sweep();
        }
        let mut pages = Vec::new();
        while let Some(page) = listing.next_page().await.unwrap() {
            let number: u32 = page.items[0].url.rsplit("post_").next().unwrap()[..1].parse().unwrap();
            assert_eq!((page.items.len(), page.list), (6, usize::from(number >= 5)));
            pages.push(number.to_string());
            listing.seen(page.list == 0 && number >= known_from);
        }
        assert_eq!(pages.join(" "), expected, "known from page {known_from}");
    }
    // the limit of pages does not hold for a sweep
    let mut source = site.source(two);
    source.max_pages = 1;
    assert_eq!(site.walk_all(Listing::new(&source, site.fetcher())).await.0.len(), 12);
    assert_eq!(site.walk_all(Listing::new(&source, site.fetcher()).sweep()).await.0.len(), 36);
}

#[tokio::test]
async fn a_walk_ends_with_the_budget_of_its_run() {
    let next = |n: u32| format!("<a href=\"/tz/{n}.html\">下一页</a>");
    let site = Site::start([
        ("/tz/1.html", 200, numbered_page("/tz", 1, &next(2))),
        ("/tz/2.html", 200, numbered_page("/tz", 2, &next(3))),
        ("/tz/3.html", 200, numbered_page("/tz", 3, "")),
    ])
    .await;
    let source = site.source("url = \"SITE/tz/1.html\"");
    let run = site.fetcher().with(Manners { budget: Some(Budget::new(2)), ..Manners::default() });
    let (titles, errors) = site.walk_all(Listing::new(&source, run)).await;
    assert_eq!(titles.len(), 12);
    assert!(errors.len() == 1 && errors[0].ends_the_run(), "{errors:?}");
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test]
async fn any_site_is_discovered() {
    let home = "<html><head><title>示例市人民政府</title></head><body>\
        <div class=nav><a href=/>首页</a><a href=/zwgk/zcwj/>政策文件</a><a href=/tzgg/index.html>通知公告</a><a href=/login/>用户登录通知</a>\
        <a href=/ld/>领导之窗</a><a href=https://other.example.cn/zc/>外部政策文件</a></div>\
        <ul class=news><li><a href=/xw/content/post_900000.html>示例市召开示例工作会议要闻</a><span>2026-03-01</span></li>\
        <li><a href=/xw/content/post_900001.html>示例市召开第二次示例会议要闻</a><span>2026-03-02</span></li></ul>\
        <div class=footer><a href=/about/2026/1234.html>关于我们的网站声明</a></div></body></html>";
    let site = Site::start([
        ("/", 200, home.to_owned()),
        (
            "/zwgk/zcwj/",
            200,
            numbered_page("/zwgk/zcwj", 1, "<script>createPageHTML(2, 0, \"index\", \"html\");</script>"),
        ),
        (
            "/zwgk/zcwj/index_1.html",
            200,
            numbered_page("/zwgk/zcwj", 2, "<script>createPageHTML(2, 1, \"index\", \"html\");</script>"),
        ),
        (
            "/tzgg/index.html",
            200,
            numbered_page("/tzgg", 3, "<a href=index_2.html>下一页&gt;</a><a href=/zwgk/zcwj/>政策文件</a>"),
        ),
        ("/tzgg/index_2.html", 200, numbered_page("/tzgg", 4, "<a href=index_2.html>下一页&gt;</a>")),
    ])
    .await;
    let source = Source::generic(&format!("http://{}/", site.address)).unwrap();
    let (titles, errors) = site.walk_all(Listing::new(&source, site.fetcher())).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(titles.len(), 2 + 4 * 6, "{titles:?}");
    let asked = site.asked();
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert!(!asked.iter().any(|path| path.contains("login") || path.contains("ld")), "{asked:?}");
    // a column leads to no other, and the limits hold
    let column = Source::generic(&format!("http://{}/tzgg/index.html", site.address)).unwrap();
    assert_eq!(site.walk_all(Listing::new(&column, site.fetcher())).await.0.len(), 12);
    for (keys, count) in [("depth = 0", 2), ("columns = 1", 14)] {
        let limited = site.source(&format!("follow = {{ {keys} }}\n[[list]]\nurl = \"SITE/\"\nformat = \"any\""));
        assert_eq!(site.walk_all(Listing::new(&limited, site.fetcher())).await.0.len(), count, "{keys}");
    }
}

#[tokio::test]
async fn a_page_made_of_links_and_depth_is_bounded() {
    let links: String =
        (0..60_000).map(|n| format!("<li><a href=/art/{n}000.html>关于示例事项第{n}号的通知</a> 2026-03-01")).collect();
    let site = Site::start([
        ("/links.html", 200, links),
        ("/deep.html", 200, format!("{}{}", "<div><b>".repeat(200_000), entries(&["甲", "乙"]))),
    ])
    .await;
    let started = std::time::Instant::now();
    for list in [
        "url = \"SITE/links.html\"",
        "url = \"SITE/links.html\"\nitem = \"li\"",
        "url = \"SITE/links.html\"\nformat = \"any\"",
    ] {
        assert_eq!(site.walk(list).await.0.len(), 500, "{list}");
    }
    // tags below the limit are left out, and so are the links
    let (titles, errors) = site.walk("url = \"SITE/deep.html\"\nitem = \"li\"").await;
    assert!(titles.is_empty() && matches!(errors.as_slice(), [ListError::NoEntries { .. }]), "{errors:?}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_definition_is_drafted_and_shown_field_by_field() {
    let text = "为支持示例企业发展，现将有关事项通知如下（示例）。".repeat(30);
    let article = format!(
        "<html><head><meta name=\"PubDate\" content=\"2026-03-01\"></head><body><h1 class=tt>关于示例事项第11号的通知</h1>\
         <table><tr><td>发文字号</td><td>镇科发〔2026〕5号</td></tr></table><div class=\"TRS_Editor\"><p>{text}</p></div></body></html>"
    );
    let list = numbered_page("/tz", 1, "<script>createPageHTML(2, 0, \"index\", \"html\");</script>");
    let site = Site::start([
        ("/tz/", 200, list.replace("<body>", "<head><title>通知公告-镇江市科学技术局</title></head><body>")),
        ("/tz/content/post_11000.html", 200, article),
    ])
    .await;
    let draft = draft(&site.fetcher(), &format!("http://{}/tz/", site.address)).await.unwrap();
    assert_eq!(draft.source.title, "镇江市科学技术局·通知公告");
    assert_eq!((draft.source.region_code.as_str(), draft.sample.len()), ("321100", 6));
    let mut source = draft.source;
    source.article.title = Some(".tt".to_owned());
    source
        .lists
        .push(zhida_crawlers::source::List { url: format!("http://{}/gone/", site.address), ..Default::default() });
    let probe = probe(&site.fetcher(), &source, 2).await;
    assert_eq!((probe.lists[0].found, probe.lists[0].error.as_ref()), (6, None));
    assert_eq!(probe.lists[0].next, Some(format!("http://{}/tz/index_1.html", site.address)));
    assert!(probe.lists[1].error.as_ref().unwrap().contains("404"));
    let field = |key: &str| probe.articles[0].fields.iter().find(|field| field.key == key).unwrap().clone();
    assert_eq!(field("title").origin.as_deref(), Some("选择器 .tt：关于示例事项第11号的通知"));
    assert_eq!(field("doc_number").value, "镇科发〔2026〕5号");
    assert!(field("published_on").origin.unwrap().contains("PubDate"));
    assert!(field("body_text").origin.unwrap().contains(".TRS_Editor") && !probe.articles[0].text.is_empty());
    assert!(probe.articles[1].error.as_ref().unwrap().contains("404"));
    serde_json::to_value(&probe).unwrap();
}

#[tokio::test]
async fn a_file_in_a_list_is_a_document() {
    use std::io::{Cursor, Write};
    let words = "关于组织申报示例项目的通知。各有关单位应于示例期限前申报。";
    let mut docx = zip::ZipWriter::new(Cursor::new(Vec::new()));
    docx.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    write!(docx, "<w:document><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>").unwrap();
    let docx = docx.finish().unwrap().into_inner();
    let list = "<ul><li><a href=/files/t20260310_1.docx>关于组织申报示例项目的通知.docx</a><span>2026-03-10</span></li>\
        <li><a href=/download?id=2001>关于第二批示例项目的通知</a><span>2026-03-09</span></li>\
        <li><a href=/files/scan_300.pdf>关于第三批示例项目的通知</a><span>2026-03-08</span></li></ul>";
    let site = Site::start([
        ("/", 200, list.as_bytes().to_vec()),
        ("/files/t20260310_1.docx", 200, docx.clone()),
        ("/download?id=2001", 200, docx),
        ("/files/scan_300.pdf", 200, b"%PDF-1.4\n%%EOF\n".to_vec()),
    ])
    .await;
    let source = site.source("url = \"SITE/\"");
    let items = Listing::new(&source, site.fetcher()).next_page().await.unwrap().unwrap().items;
    assert_eq!(items.len(), 3, "{items:?}");
    let mut policies = Vec::new();
    for item in &items {
        let article = fetch_article(&source, &site.fetcher(), item, None).await.unwrap().unwrap();
        assert_eq!((article.policy.published_on, article.policy.attachments.len()), (item.date, 1));
        policies.push(article.policy);
    }
    assert_eq!(policies[0].title, "关于组织申报示例项目的通知");
    assert!(policies[0].body_text.contains(words) && policies[0].body_html.starts_with("<p>关于"));
    assert_eq!(policies[0].attachments[0].name, "关于组织申报示例项目的通知.docx");
    assert!(policies[1].attachments[0].text.as_ref().unwrap().contains(words), "told by what it holds");
    assert!(policies[2].body_text.is_empty() && policies[2].attachments[0].reason.is_some());
}

#[tokio::test]
async fn twins_are_one_entry_and_titles_show_what_they_say() {
    let site = Site::start([(
        "/",
        200,
        "<ul><li><a href=http://x.gov.cn/n1000.html>关于示例\u{202e}事项\u{1b}[31m的通知</a> 2026-03-01</li>\
         <li><a href=https://x.gov.cn/n1000.html?>关于示例事项的通知</a> 2026-03-01</li>\
         <li><a href=//x.gov.cn/n1000.html#top>关于示例事项的通知</a> 2026-03-01</li>\
         <li><a href=/n2000.html>关于第二批示例事项的通知</a> 2026-03-01</li></ul>",
    )])
    .await;
    for keys in ["", "item = \"li\""] {
        let (titles, _) = site.walk(&format!("url = \"SITE/\"\n{keys}")).await;
        assert_eq!(titles, ["关于示例事项[31m的通知", "关于第二批示例事项的通知"], "{keys}");
    }
}

/// The page of a column that asks an interface for its entries.
fn jpaas_site() -> impl Iterator<Item = (&'static str, u16, String)> {
    let page = "<html><head><title>通知公告_示例市科学技术局</title></head><body><div class=page-content></div>\
        <script parseType=\"bulidstatic\" url=\"/jpaas-publish-server/front/page/build/unit\" \
        queryData=\"{'webId':'1','tagId':'list'}\"></script></body></html>";
    let answer = |n: u32| {
        let rows: String = (1..=4)
            .map(|row| {
                format!(
                    "<li><a href='/art/{n}{row}00.html'>关于示例事项第{n}{row}号的通知</a><b>2026-03-0{row}</b></li>"
                )
            })
            .collect();
        format!("{{\"success\": true, \"data\": {{\"html\": \"<ul>{rows}</ul>\"}}}}")
    };
    const ASKED: [&str; 3] = [
        "/jpaas-publish-server/front/page/build/unit?webId=1&tagId=list&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A%2220%22%7D",
        "/jpaas-publish-server/front/page/build/unit?webId=1&tagId=list&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A%2220%22%7D",
        "/jpaas-publish-server/front/page/build/unit?webId=1&tagId=list&paramJson=%7B%22pageNo%22%3A3%2C%22pageSize%22%3A%2220%22%7D",
    ];
    let answers = [answer(1), answer(2), "{\"success\": true, \"data\": {\"html\": \"\"}}".to_owned()];
    std::iter::once(("/col/1.html", 200, page.to_owned()))
        .chain(ASKED.into_iter().zip(answers).map(|(url, body)| (url, 200, body)))
}

#[tokio::test]
async fn a_column_that_asks_an_interface_is_three_lines() {
    let site = Site::start(jpaas_site()).await;
    let source = site.source("extends = \"jpaas\"\n[[list]]\nurl = \"SITE/col/1.html\"");
    let (titles, errors) = site.walk_all(Listing::new(&source, site.fetcher())).await;
    assert_eq!((titles.len(), errors.len()), (8, 0), "{titles:?} {errors:?}");
    let shown = probe(&site.fetcher(), &source, 0).await;
    assert_eq!((shown.lists[0].found, shown.lists[0].error.as_ref()), (4, None));
    let drafted = draft(&site.fetcher(), &source.lists[0].url).await.unwrap();
    assert_eq!((drafted.source.extends.as_deref(), drafted.sample.len()), (Some("jpaas"), 4), "{:?}", drafted.notes);
    assert!(!drafted.toml.contains("markup") && drafted.toml.contains("/col/1.html"), "{}", drafted.toml);
}
