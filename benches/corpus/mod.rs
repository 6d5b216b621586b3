//! Documents for benches: a generated corpus, seeded, and the shared corpus when it is there.

#![allow(dead_code, reason = "each bench takes what it needs")]

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use flate2::read::GzDecoder;
use zhida_index::Analyzer;
use zhida_schemas::{Policy, vocabularies};

/// Frequent characters of official texts: the words made of them are the frequent ones.
const CHARACTERS: &str = "的一在有人大国年和为中业上发个经地工要时民政会部以企行对生产理到市员方公资学分成家开定高新\
能法机务本进区下实同全关制技术作力用体社科应建设展管环支持项目创金服现重加多期合通度规点动外自主名位立安计\
划标准化信息认证申报奖励补贴税费收入研究保险就业土地房住城乡农村交水电气路";

/// The generated corpus is made of this.
pub const CORPUS_SEED: u64 = 20_240_601;

/// SplitMix64: the same numbers from the same seed, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Words of the dictionary in an order of their own, the first to be drawn most: policy terms and words of frequent
/// characters, behind them the tens of thousands of words that two characters of GB 2312's first level make.
fn words(analyzer: &Analyzer, random: &mut Random) -> Vec<String> {
    let frequent: Vec<char> = CHARACTERS.chars().collect();
    let bytes: Vec<u8> = (0xB0..=0xD7_u8).flat_map(|row| (0xA1..=0xFE_u8).flat_map(move |cell| [row, cell])).collect();
    let all: Vec<char> = encoding_rs::GBK.decode(&bytes).0.chars().filter(|c| !frequent.contains(c)).collect();
    let pairs = |firsts: &[char], seconds: &[char]| -> Vec<String> {
        let pairs = firsts.iter().flat_map(|first| seconds.iter().map(move |second| [*first, *second]));
        pairs.map(String::from_iter).filter(|word| analyzer.has_word(word)).collect()
    };
    let shuffled = |mut words: Vec<String>, random: &mut Random| {
        for index in (1..words.len()).rev() {
            words.swap(index, (random.next() % (index as u64 + 1)) as usize);
        }
        words
    };
    let terms = vocabularies::TERMS.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned);
    let mut head: Vec<String> = terms.collect();
    head.extend(pairs(&frequent, &frequent));
    head.extend(frequent.iter().map(char::to_string));
    let mut words = shuffled(head, random);
    let mut tail = pairs(&frequent, &all);
    tail.extend(pairs(&all, &frequent));
    tail.extend(pairs(&all, &all));
    words.extend(shuffled(tail, random));
    words
}

/// Words drawn by Zipf's law.
struct Zipf {
    words: Vec<String>,
    cumulative: Vec<f64>,
}

impl Zipf {
    fn new(words: Vec<String>) -> Self {
        let mut sum = 0.0;
        let cumulative = (0..words.len())
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 2.7);
                sum
            })
            .collect();
        Self { words, cumulative }
    }

    fn draw(&self, random: &mut Random) -> &str {
        let at = random.unit() * self.cumulative.last().copied().unwrap_or_default();
        &self.words[self.cumulative.partition_point(|&up_to| up_to < at).min(self.words.len() - 1)]
    }
}

/// Median length of a body of the shared corpus, in letters.
pub const MEDIAN_LETTERS: f64 = 2_800.0;

/// Policies of Zipf words, as long as those of the shared corpus: a median of 2,800 letters, a tenth over 9,000.
pub fn generated(analyzer: &Analyzer, count: usize, seed: u64) -> impl Iterator<Item = Policy> + use<> {
    generated_of(analyzer, count, seed, MEDIAN_LETTERS)
}

/// As [`generated`], with another median length of a body, in letters.
pub fn generated_of(
    analyzer: &Analyzer,
    count: usize,
    seed: u64,
    median_letters: f64,
) -> impl Iterator<Item = Policy> + use<> {
    let mut random = Random(seed);
    let zipf = Zipf::new(words(analyzer, &mut random));
    let text = move |random: &mut Random, letters: usize| {
        let mut text = String::new();
        let (mut written, mut since_stop) = (0, 0);
        while written < letters {
            let word = zipf.draw(random);
            text.push_str(word);
            written += word.chars().count();
            since_stop += 1;
            match random.next() % 40 {
                0 => text.push('、'),
                1..=2 => text.push('，'),
                3 if since_stop > 8 => text.push_str("（2024年）"),
                4 if since_stop > 12 => {
                    text.push_str("。\n");
                    since_stop = 0;
                }
                _ => {}
            }
        }
        text
    };
    (0..count).map(move |index| {
        let title_letters = 12 + (random.next() % 24) as usize;
        let title = format!("关于{}的通知", text(&mut random, title_letters).replace(['\n', '。'], ""));
        let letters = (median_letters * (0.9 * random.normal()).exp()).clamp(60.0, 150_000.0) as usize;
        Policy {
            id: format!("{index:032x}"),
            version: 1,
            url: Some(format!("https://www.example.gov.cn/{index}.html")),
            title,
            doc_number: Some(format!("示办发〔{}〕{index}号", 2015 + index % 10)),
            issuers: vec!["江苏省科学技术厅".to_owned()],
            region_code: Some("320000".to_owned()),
            kind: Some("通知".to_owned()),
            published_on: chrono::NaiveDate::from_num_days_from_ce_opt(735_000 + (random.next() % 4_000) as i32),
            body_text: text(&mut random, letters),
            ..Policy::default()
        }
    })
}

/// Different queries as people type them, of the words of the generated corpus: some words, at times a phrase, a word
/// left out, or a document number.
pub fn queries(analyzer: &Analyzer, count: usize, seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    // the order of words is that of the corpus
    let zipf = Zipf::new(words(analyzer, &mut Random(CORPUS_SEED)));
    let mut seen = std::collections::HashSet::new();
    let mut queries = Vec::with_capacity(count);
    while queries.len() < count {
        // what stands in every document is not typed
        let mut content = || loop {
            let word = zipf.draw(&mut random);
            if word.chars().count() > 1 {
                return word;
            }
        };
        let words: Vec<&str> = (0..4).map(|_| content()).collect();
        let words = &words[..1 + (random.next() % 4) as usize];
        let query = match random.next() % 20 {
            0 | 1 => format!("示办发[{}]{}", 2015 + random.next() % 10, random.next() % 60_000),
            2 => format!("\"{}\"", words.concat()),
            3 => format!("{} -{}", words.join(" "), zipf.draw(&mut random)),
            4..=11 => words.concat(),
            _ => words.join(" "),
        };
        if seen.insert(query.clone()) {
            queries.push(query);
        }
    }
    queries
}

/// Every record of the shared corpus, file by file; `None` when it is not there.
pub fn shared(mut each: impl FnMut(Policy)) -> Option<usize> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/corpus");
    let mut files: Vec<_> = std::fs::read_dir(dir).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut count = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "gz")) {
        for line in BufReader::new(GzDecoder::new(File::open(file).ok()?)).lines() {
            let row: HashMap<String, serde_json::Value> = serde_json::from_str(&line.ok()?).ok()?;
            let text = |name: &str| row.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            let some = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
            let mut policy = Policy {
                version: 1,
                url: some("url"),
                title: text("title"),
                body_text: text("body"),
                doc_number: some("doc_number"),
                issuers: some("issuer").into_iter().collect(),
                published_on: some("published").and_then(|date| date.get(..10)?.parse().ok()),
                ..Policy::default()
            };
            policy.id = policy.identity(Some(&text("id")));
            each(policy);
            count += 1;
        }
    }
    Some(count)
}

/// Size of all files in a directory and below it.
pub fn bytes_on_disk(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_on_disk(&entry.path()),
        Ok(found) => found.len(),
        // A file that a merge took away meanwhile.
        Err(_) => 0,
    });
    sizes.sum()
}

/// The time at a share of sorted times, in milliseconds.
pub fn at(sorted: &[Duration], share: f64) -> f64 {
    sorted.get(((sorted.len() as f64 - 1.0) * share) as usize).map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

/// What people type.
pub const QUERIES: &[&str] = &[
    "高新技术企业认定",
    "高企 认定 奖励",
    "专精特新",
    "稳岗返还 怎么领",
    "研发费用加计扣除",
    "中小企业 政府采购 优先",
    "住房公积金 提取",
    "商品房预售资金监管",
    "科技成果转化 奖励比例",
    "营商环境 条例",
    "残疾人就业保障金",
    "食品小作坊 登记",
    "土地增值税 怎么算",
    "企业 补贴 申报 通知",
    "大规模设备更新",
    "安全生产 许可证",
    "创新",
    "国办发[2017]47号",
    "“无废城市” 建设",
    "揭榜挂帅 -食品",
];
