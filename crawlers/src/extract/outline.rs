//! A page read once in the order of its markup: its elements, and its lines of text with what kind of text they are.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// Elements that are no text.
pub const NO_TEXT: &[&str] = &[
    "script", "style", "noscript", "template", "iframe", "svg", "button", "select", "textarea", "nav", "footer",
    "head", "object", "canvas", "audio", "video", "map",
];

/// Most of a line that is kept, in characters.
const KEPT: usize = 400;

/// Longest line that is a label and its value, in characters.
const LABELLED: usize = 120;

/// Part of the page's prose up to which an element is furniture because of its name or because it is hidden: a main
/// text in `class="print"` stays one.
const FURNITURE: f64 = 0.3;

/// What the class or id of an element says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing.
    #[default]
    None,
    /// Navigation, sharing, printing, related documents, the foot of the page; or not shown at all.
    Furniture,
    /// Holds the main text in a widely used CMS.
    Container,
    /// May hold the main text.
    MayContain,
    /// A heading.
    Title,
    /// Date, source and the like below the heading.
    Date,
}

/// One element.
pub struct Item<'a> {
    /// The element.
    pub at: ElementRef<'a>,
    /// Its name.
    pub name: &'a str,
    /// By class and id.
    pub role: Role,
    /// The element around it; the first element has itself.
    pub parent: usize,
    /// One past the last element inside it.
    pub end: usize,
    /// Its lines: from, to. Whole lines for blocks only.
    pub lines: (usize, usize),
    /// Characters but white space.
    pub chars: usize,
    /// Of these, in links.
    pub linked: usize,
    /// Characters that its images show, by their alternative texts; a few for an image that has none.
    pub pictured: usize,
    /// Whether it belongs to an element that is furniture, or is one.
    pub furniture: bool,
}

/// What kind of text a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sentences.
    Prose,
    /// A short line, a cell of a table: a part of the text where it stands among prose.
    Plain,
    /// A heading (h1 to h3, or so by its class).
    Heading,
    /// Links, labels and their values, buttons, the foot.
    Furniture,
}

/// One line of text.
pub struct Line {
    /// The block that it stands in.
    pub block: usize,
    /// The text, white space squeezed, cut off after some hundred characters.
    pub text: String,
    /// Characters but white space.
    pub chars: usize,
    /// Of these, in links that lead to no file.
    pub linked: usize,
    /// What it is.
    pub kind: Kind,
}

/// A page.
pub struct Outline<'a> {
    /// Elements in the order of the markup, from the root.
    pub items: Vec<Item<'a>>,
    /// Lines in the order of the markup.
    pub lines: Vec<Line>,
    index: HashMap<NodeId, usize>,
}

/// Words in class names of what is no part of an article.
static FURNITURE_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "share bdshare bdsharebuttonbox bshare jiathis fenxiang print printer dayin qrcode qcode ewm erweima prevnext \
     pageturn crumb crumbs breadcrumb breadcrumbs bread position dqwz footer foot bottom copyright banquan header \
     topbar nav navs navbar navigation mainnav subnav menu sidebar aside related relate relation xgyd xglj xgwz xgxw \
     recommend tuijian commend hot rank login search toolbar tool tools comment comments pinglun fontsize banner modal \
     popup dialog feedback jiucuo sitemap friendlink yqlj ad ads advert shangxia"
        .split_whitespace()
        .collect()
});

/// Names, as a whole, of the elements that government CMS put the text in.
static CONTAINERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "ucap-content ucapcontent trs_ueditor trs_editor_view trs_editor trs_web pages_content zoom zoomcon fontzoom \
     article-content article_content articlecontent article-con article-body article_body wenzhang \
     news_cont_d_wrap xxgk-content zwxl-article zw_c_c_cont bt_content zfxxgk_zhengwen zhengwen maintext \
     content_body content-body arti_content wp_articlecontent vsb_content v_news_content rich_media_content js_content \
     detail-content detail_content detailcontent news-content news_content newscontent con_text contxt info-content \
     info_cont main-txt main_txt nrzt ewb-article-info xl_content document-content content_article cont_text \
     conttext bodytext body-text text-content entry-content post-content post_content artibody"
        .split_whitespace()
        .collect()
});

/// Words in class names of what may hold the text.
static MAY_CONTAIN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "content contents article zoom editor detail zhengwen neirong nr zw con cont txt text wz wznr"
        .split_whitespace()
        .collect()
});

static TITLE_NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| "title titles bt biaoti tit wztit headline ucaptitle".split_whitespace().collect());

static DATE_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "date time pubtime pubdate publishtime info attr source sub property fbsj laiyuan ly riqi explain titx sj"
        .split_whitespace()
        .collect()
});

impl<'a> Outline<'a> {
    /// Reads a page.
    pub fn read(root: ElementRef<'a>) -> Self {
        let mut reading = Reading::default();
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) => {
                    if reading.skipping.is_some() {
                        continue;
                    }
                    match node.value() {
                        Node::Element(_) => {
                            if let Some(element) = ElementRef::wrap(node) {
                                reading.open(element);
                            }
                        }
                        Node::Text(text) => reading.text(text),
                        _ => {}
                    }
                }
                Edge::Close(node) => {
                    if reading.skipping == Some(node.id()) {
                        reading.skipping = None;
                    } else if reading.skipping.is_none() && node.value().is_element() {
                        reading.close();
                    }
                }
            }
        }
        reading.finish()
    }

    /// Where an element stands.
    pub fn position(&self, element: ElementRef<'_>) -> Option<usize> {
        self.index.get(&element.id()).copied()
    }

    /// What is known of an element.
    pub fn item_of(&self, node: NodeId) -> Option<&Item<'a>> {
        self.items.get(*self.index.get(&node)?)
    }

    /// The lines of an element.
    pub fn lines_of(&self, item: usize) -> &[Line] {
        self.items.get(item).and_then(|item| self.lines.get(item.lines.0..item.lines.1)).unwrap_or_default()
    }

    /// Where the sentences of an element begin, as a line: what stands before it is the head of the page or of the text.
    /// Where it has none, its first line.
    pub fn first_prose(&self, item: usize) -> usize {
        let from = self.items.get(item).map_or(0, |item| item.lines.0);
        from + self.lines_of(item).iter().position(|line| line.kind == Kind::Prose).unwrap_or(0)
    }

    /// Whether `inner` is `outer` or inside it.
    pub fn within(&self, inner: usize, outer: usize) -> bool {
        self.items.get(outer).is_some_and(|item| (outer..item.end).contains(&inner))
    }

    /// Characters of prose.
    pub fn prose(&self, item: usize) -> usize {
        self.lines_of(item).iter().filter(|line| line.kind == Kind::Prose).map(|line| line.chars - line.linked).sum()
    }

    /// Marks what is furniture by its name, is hidden, or says again what was said before.
    fn mark(&mut self, hidden: &[usize]) {
        let total: usize = self.prose(0);
        let bound = (total as f64 * FURNITURE) as usize;
        let named = (0..self.items.len()).filter(|at| self.items[*at].role == Role::Furniture);
        let marked: Vec<usize> = named.chain(hidden.iter().copied()).filter(|at| self.prose(*at) <= bound).collect();
        let unshown: usize = hidden.iter().map(|at| self.prose(*at)).max().unwrap_or_default();
        // a page that shows its text by script hides nearly all of it; one that hides a copy has it twice
        let copies = hidden.iter().copied().filter(|_| unshown * 10 < total * 7);
        for at in marked.into_iter().chain(copies.collect::<Vec<_>>()) {
            if self.items[at].furniture {
                continue;
            }
            let (end, lines) = (self.items[at].end, self.items[at].lines);
            for item in &mut self.items[at..end] {
                item.furniture = true;
            }
            for line in &mut self.lines[lines.0..lines.1] {
                line.kind = Kind::Furniture;
            }
        }
        let mut seen: HashSet<u64> = HashSet::new();
        for line in self.lines.iter_mut().filter(|line| line.kind == Kind::Prose && line.chars >= 30) {
            let mut hasher = DefaultHasher::new();
            (line.text.as_str(), line.chars).hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                line.kind = Kind::Furniture;
            }
        }
    }
}

#[derive(Default)]
struct Reading<'a> {
    items: Vec<Item<'a>>,
    lines: Vec<Line>,
    index: HashMap<NodeId, usize>,
    open: Vec<usize>,
    hidden: Vec<usize>,
    skipping: Option<NodeId>,
    /// The innermost link that is open leads to a page (not to a file).
    links: usize,
    headings: usize,
    line: Option<Line>,
    /// The row, list or block of a label whose value has not come yet.
    label: Option<usize>,
    /// The line begins with an inline element that is a label.
    labelled: bool,
    stops: usize,
    space: bool,
}

impl<'a> Reading<'a> {
    fn open(&mut self, element: ElementRef<'a>) {
        let name = element.value().name();
        if NO_TEXT.contains(&name) && !self.items.is_empty() {
            self.skipping = Some(element.id());
            return;
        }
        if is_block(name) || matches!(name, "td" | "th" | "br") {
            self.end_line();
        }
        let at = self.items.len();
        let (role, hidden) = role_of(element);
        if hidden {
            self.hidden.push(at);
        }
        self.links += usize::from(is_page_link(element));
        self.headings += usize::from(is_heading(name, role));
        self.index.insert(element.id(), at);
        self.items.push(Item {
            at: element,
            name,
            role,
            parent: self.open.last().copied().unwrap_or(at),
            end: at + 1,
            lines: (self.lines.len(), self.lines.len()),
            chars: 0,
            linked: 0,
            pictured: if name == "img" { pictured(element) } else { 0 },
            furniture: false,
        });
        self.open.push(at);
    }

    fn close(&mut self) {
        let Some(at) = self.open.pop() else { return };
        let name = self.items[at].name;
        if is_block(name) || matches!(name, "td" | "th") || self.open.is_empty() {
            self.end_line();
        }
        if let Some(line) = self.line.as_ref().filter(|line| line.chars <= 12 && line.chars == self.items[at].chars) {
            self.labelled |= super::labels::field_of(&line.text).is_some();
        }
        let end = self.items.len();
        let lines = self.lines.len();
        let item = &mut self.items[at];
        item.end = end;
        item.lines.1 = lines;
        self.links -= usize::from(is_page_link(item.at));
        self.headings -= usize::from(is_heading(name, item.role));
        // what an image shows in a link belongs to where the link leads
        if self.links > 0 {
            item.pictured = 0;
        }
        let (chars, linked, pictured, parent) = (item.chars, item.linked, item.pictured, item.parent);
        if parent != at {
            self.items[parent].pictured += pictured;
            self.items[parent].chars += chars;
            self.items[parent].linked += linked;
        }
    }

    fn text(&mut self, text: &str) {
        let Some(inner) = self.open.last().copied() else { return };
        let (mut chars, mut blank) = (0, true);
        for c in text.chars() {
            if c.is_whitespace() {
                self.space = true;
                continue;
            }
            if matches!(c, '\u{200b}' | '\u{feff}' | '\0') {
                continue;
            }
            if blank && self.line.is_none() {
                let items = &self.items;
                let block = self
                    .open
                    .iter()
                    .rev()
                    .find(|at| is_block(items[**at].name) || matches!(items[**at].name, "td" | "th"));
                let block = block.copied().unwrap_or(0);
                self.line = Some(Line { block, text: String::new(), chars: 0, linked: 0, kind: Kind::Plain });
                self.stops = 0;
                self.space = false;
            }
            blank = false;
            chars += 1;
            let Some(line) = &mut self.line else { continue };
            self.stops += usize::from(matches!(c, '，' | '。' | '；' | '！' | '？'));
            if line.chars < KEPT {
                if self.space {
                    line.text.push(' ');
                }
                line.text.push(c);
            }
            line.chars += 1;
            self.space = false;
        }
        let linked = if self.links > 0 { chars } else { 0 };
        if let Some(line) = &mut self.line {
            line.linked += linked;
            if self.headings > 0 && chars > 0 {
                line.kind = Kind::Heading;
            }
        }
        self.items[inner].chars += chars;
        self.items[inner].linked += linked;
    }

    fn end_line(&mut self) {
        let labelled = std::mem::take(&mut self.labelled);
        let Some(mut line) = self.line.take() else { return };
        let own = line.chars - line.linked;
        // a label in a cell of its own makes its value, the next line of the same row, one too
        let row = self.items.get(line.block).map(|block| block.parent);
        let is_value = self.label.take().is_some_and(|label| Some(label) == row) && line.chars <= LABELLED;
        let is_label = line.chars <= 12 && super::labels::field_of(&line.text).is_some();
        if is_label {
            self.label = row;
        }
        let labelled = is_label
            || is_value
            || line.chars <= LABELLED && (labelled || super::labels::begins_with_label(&line.text));
        line.kind = if line.linked * 2 > line.chars || labelled || is_furniture(&line) {
            Kind::Furniture
        } else if line.kind == Kind::Heading {
            Kind::Heading
        } else if self.stops > 0 && own >= 12 {
            Kind::Prose
        } else {
            Kind::Plain
        };
        self.lines.push(line);
    }

    fn finish(mut self) -> Outline<'a> {
        self.end_line();
        while !self.open.is_empty() {
            self.close();
        }
        let mut outline = Outline { items: self.items, lines: self.lines, index: self.index };
        outline.mark(&self.hidden);
        outline
    }
}

/// How much an image shows: the length of its alternative text when that says something, else a little for one that is no
/// icon.
fn pictured(image: ElementRef<'_>) -> usize {
    match image.attr("alt").and_then(super::body::alternative) {
        Some(alt) => alt.chars().count(),
        None if super::body::is_picture(image.value()) => 10,
        None => 0,
    }
}

fn is_heading(name: &str, role: Role) -> bool {
    matches!(name, "h1" | "h2") || role == Role::Title
}

fn is_page_link(element: ElementRef<'_>) -> bool {
    element.value().name() == "a" && element.attr("href").is_some_and(|href| super::files::kind_of(href).is_none())
}

/// Short lines that say where one is, lead elsewhere, give labels or belong to the foot.
fn is_furniture(line: &Line) -> bool {
    const BEGINNINGS: &[&str] = &[
        "当前位置",
        "您的位置",
        "您现在的位置",
        "您当前的位置",
        "你的位置",
        "所在位置",
        "上一篇",
        "下一篇",
        "上一条",
        "下一条",
        "上一页",
        "下一页",
        "相关阅读",
        "相关链接",
        "相关新闻",
        "相关文章",
        "相关推荐",
        "相关解读",
        "相关稿件",
        "相关信息",
        "扫一扫",
        "分享到",
        "分享：",
        "【打印",
        "打印本页",
        "【字体",
        "字体：",
        "字号：",
        "【关闭",
        "关闭窗口",
        "版权所有",
        "主办单位",
        "主办：",
        "承办单位",
        "网站标识码",
        "网站地图",
        "联系我们",
        "关于我们",
        "浏览次数",
        "点击次数",
        "点击数",
        "阅读次数",
        "访问量",
        "来源：",
        "来源:",
        "信息来源",
        "稿源",
        "发布时间",
        "发布日期",
        "更新时间",
        "索引号",
        "索 引 号",
        "您是第",
        "今天是",
        "设为首页",
        "无障碍",
        "返回顶部",
        "返回首页",
        "技术支持",
        "建议使用",
        "推荐使用",
    ];
    const INSIDE: &[&str] = &[
        "ICP备",
        "ICP证",
        "公网安备",
        "版权所有",
        "网站标识码",
        "浏览次数：",
        "阅读次数：",
        "点击数：",
        "字体：",
        "【字体",
        "请自觉遵守互联网",
    ];
    line.chars <= 200
        && (BEGINNINGS.iter().any(|begin| line.text.starts_with(begin))
            || line.chars <= 60 && begins_with_moment(&line.text)
            || INSIDE.iter().any(|words| line.text.contains(words))
            || (line.chars <= 60
                && line.text.contains("来源")
                && (line.text.contains("时间") || line.text.contains("日期"))))
}

/// `2026-03-10 09:30 …`, `2026-03-10来源：…`: a time of day behind a date at the beginning stands beside source and counters
/// only.
fn begins_with_moment(text: &str) -> bool {
    let text = text.trim_start_matches(['[', '【', '(', '（', ' ']);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let moment: String = text.chars().take(24).collect();
    let colons = moment.match_indices([':', '：']).any(|(at, _)| moment[..at].ends_with(|c: char| c.is_ascii_digit()));
    let beside = ["来源", "作者", "浏览", "阅读", "点击"].iter().any(|word| text.contains(word));
    digits == 4 && moment[4..].starts_with(['-', '/', '.', '年']) && (colons || beside)
}

/// `2026.03.10 某市某局`: a date in digits at the beginning of a short line.
pub fn begins_with_date(line: &Line) -> bool {
    let mut parts = line.text.splitn(3, ['-', '/', '.']);
    let digits =
        |part: Option<&str>| part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    line.chars <= 40
        && line.text.starts_with("20")
        && digits(parts.next())
        && digits(parts.next())
        && parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

/// What class, id and style say; and whether the element is hidden.
fn role_of(element: ElementRef<'_>) -> (Role, bool) {
    let value = element.value();
    let hidden = value.attr("hidden").is_some()
        || value.attr("style").is_some_and(|style| {
            style.len() < 2_000 && {
                let style: String =
                    style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
                style.contains("display:none") || style.contains("visibility:hidden")
            }
        });
    let names = [value.attr("id"), value.attr("class"), Some(value.name()).filter(|name| name.starts_with("ucap"))];
    let mut role = Role::None;
    for name in names.into_iter().flatten().flat_map(str::split_ascii_whitespace).take(12) {
        if name.len() > 60 {
            continue;
        }
        if CONTAINERS.contains(name.to_ascii_lowercase().as_str()) {
            return (Role::Container, hidden);
        }
        let mut words = words_of(name);
        let found = if words.any(|word| FURNITURE_NAMES.contains(word.as_str())) {
            Role::Furniture
        } else if words_of(name).any(|word| TITLE_NAMES.contains(word.as_str())) {
            Role::Title
        } else if words_of(name).any(|word| DATE_NAMES.contains(word.as_str())) {
            Role::Date
        } else if words_of(name).any(|word| MAY_CONTAIN.contains(word.as_str())) {
            Role::MayContain
        } else {
            Role::None
        };
        if role == Role::None {
            role = found;
        }
    }
    (role, hidden)
}

/// `content_title2`, `mainNav`: the words of a name in small letters, without digits.
fn words_of(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for c in name.chars() {
        if !c.is_ascii_alphabetic() || c.is_ascii_uppercase() && before_small {
            words.push(String::new());
        }
        if c.is_ascii_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before_small = c.is_ascii_lowercase();
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// Elements that begin and end a line.
pub fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "tr"
            | "table"
            | "tbody"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "main"
            | "aside"
            | "figure"
            | "figcaption"
            | "blockquote"
            | "pre"
            | "dl"
            | "dt"
            | "dd"
            | "hr"
            | "center"
            | "header"
            | "form"
            | "fieldset"
            | "caption"
            | "body"
            | "html"
            | "ucapcontent"
            | "ucaptitle"
    )
}
