//! The pages in a real browser, at the width of a desk and of a phone: one searches, reads a policy and the mail that
//! was sent, and nothing has to be scrolled sideways.
//!
//! Wants `chromedriver` and Chromium; says so when they are not there. `ZHIDA_TEST_SCREENSHOTS=DIR` keeps a picture of
//! every page that was looked at.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// Width, height and whether it is a phone.
const DEVICES: [(u32, u32, bool); 2] = [(1280, 800, false), (390, 844, true)];

/// A child process that is stopped when the test ends, however it ends.
struct Running(Child);

impl Running {
    /// Starts a program and waits for the line of its output that holds `mark`; gives the line too.
    fn start(command: &mut Command, mark: &str) -> Result<(Self, String), String> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let line = loop {
            let mut line = String::new();
            if output.read_line(&mut line).unwrap() == 0 {
                return Err(format!("ended without {mark}: {said}"));
            }
            if line.contains(mark) {
                break line;
            }
            said.push_str(&line);
        };
        // whoever writes to a pipe that nobody reads stops when it is full
        std::thread::spawn(move || std::io::copy(&mut output.by_ref(), &mut std::io::sink()));
        Ok((Self(child), line))
    }

    fn zhida(arguments: &[&str], mark: &str) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhida"));
        let (running, line) = Self::start(command.args(arguments), mark).unwrap();
        let at = line.find("http://").unwrap_or_else(|| panic!("no address in {line}"));
        (running, line[at..].split_whitespace().next().unwrap().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A driver on a port of its own choice; `None`, with a printed reason, when there is none on this machine.
fn driver() -> Option<(Running, String)> {
    let started = Running::start(Command::new("chromedriver").arg("--port=0"), "started successfully");
    match started {
        Ok((running, line)) => {
            let port: String = line.chars().filter(char::is_ascii_digit).collect();
            Some((running, format!("http://127.0.0.1:{port}")))
        }
        Err(reason) => {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "chromedriver is needed: {reason}");
            println!("left out: no chromedriver ({reason}); install chromium and chromium-driver");
            None
        }
    }
}

struct Browser {
    client: Client,
    device: u32,
}

impl Browser {
    async fn open(driver: &str, (width, height, phone): (u32, u32, bool)) -> Self {
        let mut options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-dev-shm-usage", format!("--window-size={width},{height}")] });
        if phone {
            let metrics = json!({ "width": width, "height": height, "pixelRatio": 2.0, "touch": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let capabilities = json!({ "goog:chromeOptions": options }).as_object().unwrap().clone();
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver)
            .await
            .unwrap();
        Self { client, device: width }
    }

    async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Follows the first link or button that the selector finds, and waits for the page it leads to: a driver may
    /// answer a click before the browser has left the page, and what is looked for next would be sought in the old one.
    async fn click(&self, css: &str) {
        self.client.execute("document.left = true;", Vec::new()).await.unwrap();
        let found = self.client.find(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}")).click().await.unwrap();
        let arrived = "return !document.left && document.readyState === 'complete';";
        for _ in 0..300 {
            // between two pages there may be no document to ask
            if self.client.execute(arrived, Vec::new()).await.is_ok_and(|answer| answer == true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} led nowhere within 15 s");
    }

    async fn text(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}")).text().await.unwrap()
    }

    /// Takes a picture when asked to, and checks that the page is as wide as the window.
    async fn look(&self, name: &str) {
        if let Some(dir) = std::env::var_os("ZHIDA_TEST_SCREENSHOTS") {
            std::fs::create_dir_all(&dir).unwrap();
            let file = Path::new(&dir).join(format!("{name}-{}.png", self.device));
            std::fs::write(file, self.client.screenshot().await.unwrap()).unwrap();
        }
        let script = "const page = document.scrollingElement; return page.scrollWidth - page.clientWidth;";
        let surplus = self.client.execute(script, Vec::new()).await.unwrap();
        assert_eq!(surplus, 0, "{name} is wider than a window of {}", self.device);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_finds_a_policy_and_the_mail_about_it() {
    let Some((_driver, driver)) = driver() else { return };
    let (_demo, address) = Running::zhida(&["demo", "--port", "0", "--quiet"], "网页已打开");
    for device in DEVICES {
        let browser = Browser::open(&driver, device).await;
        browser.go(&address).await;
        browser.look("front").await;
        let search = browser.client.find(Locator::Css("input[name=q]")).await.unwrap();
        search.send_keys("智能工厂").await.unwrap();
        browser.click("form button").await;
        browser.look("search").await;
        assert!(browser.text("mark").await.contains("智能工厂"));
        browser.click("main h2 a").await;
        browser.look("policy").await;
        assert!(browser.text("h1").await.contains("智能工厂"), "{}", browser.text("h1").await);

        browser.go(&format!("{address}/mails")).await;
        browser.look("mails").await;
        browser.click("main a[href^='/mails/']").await;
        browser.look("mail").await;
        let frame = browser.client.find(Locator::Css("iframe")).await.unwrap();
        frame.enter_frame().await.unwrap();
        let mail = browser.text("body").await;
        assert!(mail.contains("示例") && mail.contains("为什么推送给"), "{mail}");
        browser.client.clone().close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_pages_are_as_wide_as_the_window() {
    let Some((_driver, driver)) = driver() else { return };
    let dir = tempfile::tempdir().unwrap();
    let cell = |n: usize| format!("<td>第{n}栏示例</td>");
    let row = format!("<tr>{}</tr>", (1..=20).map(cell).collect::<String>());
    let policy = json!({
        "id": "wide", "title": "示例市工业和信息化局关于公布示例名单的通知（示例）", "issuer": "示例市工业和信息化局",
        "published": "2026-03-10", "url": format!("https://gxj.shili.example/{}.html", "a-long-address".repeat(30)),
        "body": "名单如下。", "body_html": format!("<p>名单如下：</p><table>{}</table><p>{}</p>", row.repeat(8), "W".repeat(400)),
    });
    let rows = dir.path().join("rows.jsonl");
    std::fs::write(&rows, policy.to_string()).unwrap();
    let data = dir.path().join("data");
    let import = Command::new(env!("CARGO_BIN_EXE_zhida")).arg("import").arg(&rows).arg("--dir").arg(&data).status();
    assert!(import.unwrap().success());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--dir", data.to_str().unwrap()];
    let (_serve, address) = Running::zhida(&serve, "直达已启动");
    for device in DEVICES {
        let browser = Browser::open(&driver, device).await;
        let long = "%E6%94%BF".repeat(200);
        for (name, path) in [
            ("not-found", "/nothing"),
            ("no-policy", "/policies/none"),
            ("bad-parameter", "/search?page=x"),
            ("no-result", "/search?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E6%A0%B7"),
            ("long-query", &format!("/search?q={long}")),
            ("long-word", &format!("/search?q={}", "w".repeat(180))),
            ("forged", "/u/forged"),
        ] {
            browser.go(&format!("{address}{path}")).await;
            browser.look(name).await;
            assert!(!browser.text("main").await.is_empty(), "{name} says nothing");
        }
        browser.go(&format!("{address}/search?q=%E5%90%8D%E5%8D%95")).await;
        browser.click("main h2 a").await;
        browser.look("wide").await;
        assert!(browser.text("td").await.contains("第1栏"));
        browser.client.clone().close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_policy_is_read_on_any_width() {
    let Some((_driver, driver)) = driver() else { return };
    let dir = tempfile::tempdir().unwrap();
    let zhida = |arguments: &[&str]| {
        let done =
            Command::new(env!("CARGO_BIN_EXE_zhida")).args(arguments).arg("--dir").arg(dir.path()).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let import = |rows: &[serde_json::Value]| {
        let file = dir.path().join("rows.jsonl");
        std::fs::write(&file, rows.iter().map(|row| format!("{row}\n")).collect::<String>()).unwrap();
        zhida(&["import", file.to_str().unwrap(), "--quiet"]);
    };
    let title = "示例市工业和信息化局关于组织申报2026年度技术改造示例项目的通知";
    let article =
        |n: usize| format!("第{n}条　申报企业应当在示例市注册登记，项目总投资不低于{n}00万元，材料应当真实完整。\n");
    let body: String = (1..=20).map(article).collect();
    let row = |url: String, body: &str| {
        json!({ "url": url, "title": title, "doc_number": "示工信〔2026〕11号", "issuer": "示例市工业和信息化局",
            "published": "2026-03-09", "body": body, "locations": [{ "url": url, "site": "示例市工业和信息化局" }] })
    };
    let own = || "https://gxj.shili.gov.cn/a/1.html".to_owned();
    let long = format!("https://www.shili.gov.cn/{}.html", "a-long-address".repeat(20));
    import(&[row(own(), &body), row(long, &body)]);
    let changed = body
        .replace("第9条　申报企业", &format!("第9条　本市{}的申报企业", "W".repeat(120)))
        .replace("1700万元", "1800万元");
    import(&[row(own(), &changed)]);
    let later = format!("本办法自2026年4月1日起施行，《{title}》（示工信〔2026〕11号）同时废止。");
    import(&[json!({ "title": "示例市工业和信息化局关于印发示例办法的通知", "doc_number": "示工信〔2026〕20号",
        "issuer": "示例市工业和信息化局", "published": "2026-04-01", "body": later })]);
    import(&[json!({ "title": "示例市误发公告", "doc_number": "示工信〔2026〕99号", "body": "误发的内容。" })]);
    let id = |number: &str| {
        let shown: serde_json::Value = serde_json::from_str(&zhida(&["policy", "show", number, "--json"])).unwrap();
        shown["id"].as_str().unwrap().to_owned()
    };
    let (id, withdrawn) = (id("示工信〔2026〕11号"), id("示工信〔2026〕99号"));
    zhida(&["policy", "withdraw", "示工信〔2026〕99号", "--reason", "示例：重复发布"]);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--dir", dir.path().to_str().unwrap()];
    let (_serve, address) = Running::zhida(&serve, "直达已启动");
    for device in DEVICES {
        let browser = Browser::open(&driver, device).await;
        browser.go(&format!("{address}/policies/{id}")).await;
        browser.look("ended").await;
        assert!(browser.text(".standing").await.contains("废止，自2026年4月1日起"));
        assert!(browser.text("main").await.contains("同一文件的其他发布页"));
        browser.click("a[href$='/versions']").await;
        browser.look("versions").await;
        browser.click("a[href*='from=1']").await;
        browser.look("difference").await;
        let (deleted, inserted) = (browser.text(".difference del").await, browser.text(".difference ins").await);
        assert!(inserted.contains("WWW") && deleted.contains("1700"), "{deleted} / {inserted}");
        assert!(browser.text(".fold").await.contains("字没有改动"));
        for (mark, line) in [("del", "line-through"), ("ins", "underline")] {
            let script =
                format!("return getComputedStyle(document.querySelector('.difference {mark}')).textDecorationLine;");
            assert_eq!(browser.client.execute(&script, Vec::new()).await.unwrap(), line, "not by colour alone");
        }
        browser.go(&format!("{address}/policies/{withdrawn}")).await;
        browser.look("withdrawn").await;
        let text = browser.text("main").await;
        assert!(
            text.contains("这份政策已撤下") && text.contains("示例：重复发布") && !text.contains("误发的内容"),
            "{text}"
        );
        browser.go(&format!("{address}/search?q=%E7%A4%BA%E4%BE%8B")).await;
        browser.look("search-feed").await;
        browser.client.clone().close().await.unwrap();
    }
}
