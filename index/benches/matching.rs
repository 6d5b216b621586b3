//! How long one document takes to find its profiles among many, beside looking at every profile.
//!
//! `cargo bench -p zhida-index --bench matching [-- PROFILES [DOCUMENTS]]`. Everything is made from a seed: profiles
//! over all counties with words of the policy vocabulary by Zipf's law, documents of real lengths. The number of
//! profiles looked at does not depend on the build; the times do, and both are taken in the same run.

use std::time::{Duration, Instant};

use zhida_index::{Analyzer, ProfileIndex};
use zhida_schemas::{Enterprise, Interests, Policy, Size, industry, region, vocabularies};

const SEED: u64 = 20_240_601;

fn main() {
    // `cargo bench` passes --bench.
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let profiles = numbers.next().unwrap_or(100_000);
    let documents = numbers.next().unwrap_or(200);
    let mut random = Random(SEED);
    let vocabulary = vocabulary();

    let mut index = ProfileIndex::new(Analyzer::new());
    let start = Instant::now();
    for number in 0..profiles {
        index.put(&enterprise(number, &vocabulary, &mut random));
    }
    let built = start.elapsed();
    println!("{profiles} profiles stored in {built:.1?} ({:.1?} each)", built / profiles.max(1) as u32);

    println!(
        "{:<10} {:>9} {:>12} {:>9} {:>12} {:>12} {:>7}",
        "reach", "documents", "looked at", "found", "index", "scan", "ratio"
    );
    for (name, level) in [("nation", 0), ("province", 1), ("city", 2), ("county", 3)] {
        let (mut by_index, mut by_scan) = (Vec::new(), Vec::new());
        let (mut candidates, mut found) = (0, 0);
        for number in 0..documents {
            let policy = policy(number, level, &vocabulary, &mut random);
            let start = Instant::now();
            let matches = index.matches(&policy);
            by_index.push(start.elapsed());
            candidates += index.candidate_count(&policy);
            found += matches.len();
            // The scan is slow: every tenth document is enough to compare.
            if number % 10 == 0 {
                let start = Instant::now();
                let scanned = index.matches_by_scan(&policy);
                by_scan.push(start.elapsed());
                assert_eq!(matches, scanned, "the index and the scan disagree on {}", policy.title);
            }
        }
        let (fast, slow) = (mean(&by_index), mean(&by_scan));
        println!(
            "{name:<10} {documents:>9} {:>12} {:>9} {:>12} {:>12} {:>6.1}x",
            candidates / documents.max(1),
            found / documents.max(1),
            format!("{fast:.2?}"),
            format!("{slow:.2?}"),
            slow.as_secs_f64() / fast.as_secs_f64().max(1e-9),
        );
    }
}

fn mean(times: &[Duration]) -> Duration {
    times.iter().sum::<Duration>() / times.len().max(1) as u32
}

/// Words of policy texts, the common ones first by Zipf's law, as their order in the vocabulary says nothing.
fn vocabulary() -> Vec<String> {
    let mut words: Vec<String> = [vocabularies::TERMS, vocabularies::SYNONYMS]
        .iter()
        .flat_map(|csv| csv.lines().skip(1))
        .filter_map(|line| line.split(',').next())
        .map(str::trim)
        .filter(|word| word.chars().count() >= 2)
        .map(str::to_owned)
        .collect();
    words.extend(industry::all().iter().filter(|one| one.code.len() >= 4).map(|one| one.name.to_owned()));
    words.sort();
    words.dedup();
    let mut random = Random(SEED ^ 1);
    for at in (1..words.len()).rev() {
        words.swap(at, random.below(at + 1));
    }
    words
}

fn enterprise(number: usize, vocabulary: &[String], random: &mut Random) -> Enterprise {
    let counties: Vec<&region::Region> = region::all().iter().collect();
    let industries = industry::all();
    let word = |random: &mut Random| vocabulary[random.zipf(vocabulary.len())].clone();
    let mut interests = Interests::default();
    // A tenth says nothing of its interests.
    if random.below(10) > 0 {
        interests.keywords = (0..1 + random.below(4)).map(|_| word(random)).collect();
        if random.below(5) == 0 {
            interests.expressions = vec![format!("{} AND {}", word(random), word(random))];
        }
        if random.below(5) == 0 {
            interests.exclude = vec![word(random)];
        }
    }
    let sizes = [Size::Micro, Size::Small, Size::Medium, Size::Large];
    Enterprise {
        id: number.to_string(),
        name: format!("示例第{number}号有限公司"),
        region_code: Some(counties[random.below(counties.len())].code.to_owned()),
        industry_code: Some(industries[random.below(industries.len())].code.to_owned()),
        size: Some(sizes[random.below(sizes.len())]),
        qualifications: Some(if random.below(4) == 0 { vec!["高新技术企业".to_owned()] } else { Vec::new() }),
        interests,
        ..Enterprise::default()
    }
}

fn policy(number: usize, level: usize, vocabulary: &[String], random: &mut Random) -> Policy {
    const FILLER: [&str; 8] = [
        "各有关单位",
        "现将有关事项通知如下",
        "按照要求",
        "组织实施",
        "符合条件的企业",
        "给予支持",
        "做好相关工作",
        "按规定程序",
    ];
    let regions: Vec<&region::Region> =
        region::all().iter().filter(|one| region::path(one.code).len() == level + 1).collect();
    let topic = vocabulary[random.zipf(vocabulary.len())].clone();
    let mut body = String::new();
    // Real documents have some 2,000 letters; one in ten has many more.
    let length = if random.below(10) == 0 { 8_000 } else { 600 + random.below(3_000) };
    let mut letters = 0;
    while letters < length {
        let phrase = match random.below(40) {
            0..=2 => topic.as_str(),
            3 => vocabulary[random.zipf(vocabulary.len())].as_str(),
            _ => FILLER[random.below(FILLER.len())],
        };
        body.push_str(phrase);
        body.push_str(if random.below(12) == 0 { "。\n" } else { "，" });
        letters += phrase.chars().count() + 1;
    }
    Policy {
        id: number.to_string(),
        title: format!("关于支持{topic}发展有关工作的通知"),
        region_code: regions.get(random.below(regions.len().max(1))).map(|one| one.code.to_owned()),
        body_text: body,
        for_enterprises: Some(true),
        ..Policy::default()
    }
}

/// A xorshift generator: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// A rank below `bound`, low ranks as often as words of a language are.
    fn zipf(&mut self, bound: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = ((bound as f64 + 1.0).powf(share) - 1.0) as usize;
        rank.min(bound - 1)
    }
}
