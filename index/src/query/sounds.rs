//! Words by their sound: pinyin without tones, and the initials of its syllables.

use std::collections::HashMap;

use pinyin::ToPinyinMulti;

/// Words of so many letters are known by their sound.
const MIN_CHARS: usize = 2;
const MAX_CHARS: usize = 8;
/// Letters with several readings multiply; a word is filed under so many at most.
const MAX_READINGS: usize = 6;
/// Words for one Latin text.
const MAX_ALTERNATIVES: usize = 3;
/// A word this many times rarer than the most frequent one of its sound is not meant.
const RARER: u32 = 10;
/// The longest Latin text that is read, in letters.
const MAX_LATIN: usize = 48;
/// Initials alone say little: so many words at most are read out of them, and one has to have so many.
const MAX_INITIAL_WORDS: usize = 2;
const MIN_INITIALS: usize = 4;

/// The known words, filed under what they sound like.
#[derive(Debug, Default)]
pub struct Sounds {
    words: Vec<(String, u32)>,
    by_sound: HashMap<String, Vec<u32>>,
    by_initials: HashMap<String, Vec<u32>>,
    /// Words of four letters and more with one letter left out, as a letter that looks alike may stand there.
    by_gap: HashMap<String, Vec<u32>>,
}

impl Sounds {
    /// Files folded words with the number of documents that have them; each once.
    pub fn new(words: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut sounds = Self::default();
        for (word, frequency) in words {
            let chars = word.chars().count();
            let readings = if (MIN_CHARS..=MAX_CHARS).contains(&chars) { readings(&word) } else { Vec::new() };
            if readings.is_empty() {
                continue;
            }
            let number = sounds.words.len() as u32;
            for reading in readings {
                file(&mut sounds.by_initials, initials(&reading), number);
                file(&mut sounds.by_sound, reading.concat(), number);
            }
            if chars >= GAP_CHARS {
                for gap in gaps(&word) {
                    file(&mut sounds.by_gap, gap, number);
                }
            }
            sounds.words.push((word, frequency));
        }
        sounds
    }

    /// What a Latin text may stand for, the most frequent first: one word by its sound or by its initials, or several
    /// words in a row.
    pub fn of_latin(&self, typed: &str) -> Vec<String> {
        if typed.len() < 2 || typed.len() > MAX_LATIN || !typed.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        for table in [&self.by_sound, &self.by_initials] {
            if let Some(numbers) = table.get(typed) {
                return self.frequent(numbers);
            }
        }
        let in_a_row = self.in_a_row(typed, &self.by_sound).or_else(|| {
            let words = self.in_a_row(typed, &self.by_initials)?;
            let is_clear =
                words.len() <= MAX_INITIAL_WORDS && words.iter().any(|word| word.chars().count() >= MIN_INITIALS);
            is_clear.then_some(words)
        });
        in_a_row.map(|words| words.concat()).into_iter().collect()
    }

    /// Known words that sound like a Chinese text, or else have one letter of four and more in another form, with
    /// the number of documents that have them.
    pub fn like(&self, text: &str) -> impl Iterator<Item = (&str, u32)> {
        let alike = |numbers: Option<&Vec<u32>>| numbers.into_iter().flatten().copied().collect::<Vec<_>>();
        // By the usual reading of each: 台 is yi in a name only.
        let usual = |text: &str| readings(text).into_iter().next().map(|reading| reading.concat());
        let sound = usual(text);
        let mut numbers = alike(sound.as_ref().and_then(|sound| self.by_sound.get(sound)));
        numbers.retain(|&number| self.words.get(number as usize).is_some_and(|(word, _)| usual(word) == sound));
        if numbers.is_empty() && text.chars().count() >= GAP_CHARS {
            numbers = gaps(text).flat_map(|gap| alike(self.by_gap.get(&gap))).collect();
        }
        numbers.into_iter().filter_map(|number| self.words.get(number as usize)).map(|(word, n)| (word.as_str(), *n))
    }

    fn frequent(&self, numbers: &[u32]) -> Vec<String> {
        let mut words: Vec<&(String, u32)> =
            numbers.iter().filter_map(|&number| self.words.get(number as usize)).collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        words.dedup();
        let most = words.first().map_or(0, |(_, frequency)| *frequency);
        words.retain(|(_, frequency)| *frequency >= most / RARER);
        words.into_iter().take(MAX_ALTERNATIVES).map(|(word, _)| word.clone()).collect()
    }

    /// The fewest words of a table whose keys make up the text; of equally many the more frequent ones.
    fn in_a_row(&self, typed: &str, table: &HashMap<String, Vec<u32>>) -> Option<Vec<&str>> {
        // Up to each letter: words, the sum of the logarithms of their frequencies, where the last begins, the last.
        let mut best: Vec<Option<(usize, f32, usize, u32)>> = vec![None; typed.len() + 1];
        best[0] = Some((0, 0.0, 0, 0));
        for end in 2..=typed.len() {
            for start in 0..end - 1 {
                let Some((count, sum, _, _)) = best[start] else { continue };
                let Some(numbers) = table.get(&typed[start..end]) else { continue };
                let frequency = |number: &u32| self.words.get(*number as usize).map_or(0, |(_, frequency)| *frequency);
                let Some(&number) = numbers.iter().max_by_key(|number| frequency(number)) else { continue };
                let (count, sum) = (count + 1, sum + (1.0 + frequency(&number) as f32).ln());
                if best[end].is_none_or(|(fewest, highest, _, _)| count < fewest || count == fewest && sum > highest) {
                    best[end] = Some((count, sum, start, number));
                }
            }
        }
        let mut words: Vec<&str> = Vec::new();
        let mut end = typed.len();
        while end > 0 {
            let (_, _, start, number) = best[end]?;
            words.push(&self.words.get(number as usize)?.0);
            end = start;
        }
        words.reverse();
        Some(words)
    }
}

/// Words shorter than this are not compared by their form: too many differ by one letter.
const GAP_CHARS: usize = 4;

fn file(table: &mut HashMap<String, Vec<u32>>, key: String, number: u32) {
    let numbers = table.entry(key).or_default();
    if numbers.last() != Some(&number) {
        numbers.push(number);
    }
}

/// Every reading of a text as syllables; none where a letter is no ideograph.
fn readings(text: &str) -> Vec<Vec<&'static str>> {
    let mut readings: Vec<Vec<&'static str>> = vec![Vec::new()];
    for character in text.chars() {
        let Some(multi) = character.to_pinyin_multi() else { return Vec::new() };
        let mut syllables: Vec<&'static str> = multi.into_iter().map(|pinyin| pinyin.plain()).collect();
        let mut seen: Vec<&'static str> = Vec::new();
        syllables.retain(|syllable| {
            !seen.contains(syllable) && {
                seen.push(syllable);
                true
            }
        });
        let room = (MAX_READINGS / readings.len()).max(1);
        syllables.truncate(room);
        readings = readings
            .iter()
            .flat_map(|reading| {
                syllables.iter().map(move |syllable| reading.iter().copied().chain([*syllable]).collect())
            })
            .collect();
    }
    readings
}

fn initials(syllables: &[&str]) -> String {
    syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
}

/// The text with each of its letters replaced by a gap.
fn gaps(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().map(|(start, character)| {
        let mut gap = text.to_owned();
        gap.replace_range(start..start + character.len_utf8(), "*");
        gap
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds() -> Sounds {
        Sounds::new(
            [
                ("高新技术", 90),
                ("高新技术企业", 80),
                ("企业", 900),
                ("补贴", 70),
                ("经典", 5),
                ("景点", 50),
                ("预售", 60),
                ("银行", 40),
                ("稳岗返还", 30),
                ("中小企业", 60),
                ("abc", 9),
                ("税", 9),
                ("增值税", 9),
            ]
            .map(|(word, frequency)| (word.to_owned(), frequency)),
        )
    }

    #[test]
    fn reads_pinyin_and_initials() {
        for (typed, expected) in [
            ("gaoxinjishu", vec!["高新技术"]),
            ("gxjsqy", vec!["高新技术企业"]),
            ("yinhang", vec!["银行"]),
            ("jingdian", vec!["景点", "经典"]),
            ("zhongxiaoqiyebutie", vec!["中小企业补贴"]),
            ("gxjsqybt", vec!["高新技术企业补贴"]),
            // Two words of few letters each may be anything.
            ("qybt", vec![]),
            ("hello", vec![]),
            ("q", vec![]),
            ("税", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(sounds().of_latin(typed), expected, "{typed}");
        }
        assert!(sounds().of_latin(&"gx".repeat(1_000)).is_empty());
    }

    #[test]
    fn knows_what_sounds_or_looks_alike() {
        for (typed, expected) in [
            ("预受", vec!["预售"]),
            ("稳刚返还", vec!["稳岗返还"]),
            ("高新枝术", vec!["高新技术"]),
            ("高新扶术", vec!["高新技术"]),
            ("扶术", vec![]),
            ("a受", vec![]),
            ("增殖税", vec!["增值税"]),
        ] {
            let sounds = sounds();
            let mut alike: Vec<&str> = sounds.like(typed).map(|(word, _)| word).collect();
            alike.dedup();
            assert_eq!(alike, expected, "{typed}");
        }
    }
}
