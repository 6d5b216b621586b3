//! Words by their sound: pinyin without tones, and the initials of its syllables.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use pinyin::ToPinyin;

use super::readings::{LOOK_ALIKE, NO_WORDS, OTHERWISE, READ_SO};

/// Words of so many letters are known by their sound.
pub const MIN_CHARS: usize = 2;
/// See [`MIN_CHARS`].
pub const MAX_CHARS: usize = 8;
/// Letters with several readings multiply; a word is filed under so many at most.
const MAX_READINGS: usize = 4;
/// The longest Latin text that is read, in letters.
const MAX_LATIN: usize = 48;
/// A word by its initials alone is meant when no other is more frequent than one part in so many of it.
const CLEAR: u32 = 2;
/// Initials alone say little: so many words at most are read out of them, and one has to have so many.
const MAX_INITIAL_WORDS: usize = 2;
const MIN_INITIALS: usize = 4;
/// Initials of so few letters stand for so many words that one has to stand out.
const FEW_INITIALS: usize = 2;
/// Of words that sound exactly as typed, so many are suggested before those that only begin so.
const MAX_EXACT: usize = 3;

/// Words by a key, such as their sound. Keys lie sorted one after the other, so that all of them take little room and
/// those with one beginning stand together.
#[derive(Debug, Default)]
struct Table {
    keys: String,
    /// Where each key begins, and where the last ends.
    starts: Vec<u32>,
    /// Words of key `n`, best first, are `words[firsts[n]..firsts[n + 1]]`.
    firsts: Vec<u32>,
    words: Vec<u32>,
}

/// Set in the number of a word that a table has by another than its usual reading.
const OTHERWISE_READ: u32 = 1 << 31;

impl Table {
    fn len(&self) -> usize {
        self.firsts.len().saturating_sub(1)
    }

    fn key(&self, at: usize) -> &str {
        &self.keys[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    fn words_at(&self, at: usize) -> &[u32] {
        &self.words[self.firsts[at] as usize..self.firsts[at + 1] as usize]
    }

    /// The first key that is not smaller.
    fn from(&self, key: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        low
    }

    fn get(&self, key: &str) -> &[u32] {
        let at = self.from(key);
        if at < self.len() && self.key(at) == key { self.words_at(at) } else { &[] }
    }

    /// Words of all keys with this beginning.
    fn beginning(&self, key: &str) -> &[u32] {
        let first = self.from(key);
        let mut end = first;
        while end < self.len() && self.key(end).starts_with(key) {
            end += 1;
        }
        if first == end { &[] } else { &self.words[self.firsts[first] as usize..self.firsts[end] as usize] }
    }
}

/// Keys and words before they are sorted.
#[derive(Default)]
struct Filing {
    keys: String,
    entries: Vec<Entry>,
}

struct Entry {
    /// The first bytes of the key, which mostly decide a comparison.
    head: u64,
    key: Range<u32>,
    /// Words by their usual reading come first, then the frequent ones.
    rank: (bool, Reverse<u32>),
    word: u32,
}

impl Filing {
    fn file(&mut self, key: &str, word: u32, frequency: u32, otherwise: bool) {
        let start = self.keys.len();
        self.keys.push_str(key);
        let mut head = [0; 8];
        let length = key.len().min(8);
        head[..length].copy_from_slice(&key.as_bytes()[..length]);
        // More than four gigabytes of keys would be needed to get here; what lies behind is not filed.
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.keys.len())) else { return };
        let rank = (otherwise, Reverse(frequency));
        self.entries.push(Entry { head: u64::from_be_bytes(head), key: start..end, rank, word });
    }

    fn sorted(mut self) -> Table {
        let keys = &self.keys;
        let key = |entry: &Entry| &keys[entry.key.start as usize..entry.key.end as usize];
        self.entries.sort_unstable_by(|a, b| {
            let keys = a.head.cmp(&b.head).then_with(|| key(a).cmp(key(b)));
            keys.then(a.rank.cmp(&b.rank)).then(a.word.cmp(&b.word))
        });
        let mut table = Table::default();
        let mut last: Option<&str> = None;
        for entry in &self.entries {
            if last != Some(key(entry)) {
                last = Some(key(entry));
                table.starts.push(table.keys.len() as u32);
                table.firsts.push(table.words.len() as u32);
                table.keys.push_str(key(entry));
            }
            let first = table.firsts.last().map_or(0, |&first| first as usize);
            let same = |word: &u32| word & !OTHERWISE_READ == entry.word;
            if !table.words[first..].iter().any(same) {
                table.words.push(if entry.rank.0 { entry.word | OTHERWISE_READ } else { entry.word });
            }
        }
        table.starts.push(table.keys.len() as u32);
        table.firsts.push(table.words.len() as u32);
        table.keys.shrink_to_fit();
        table.words.shrink_to_fit();
        table.starts.shrink_to_fit();
        table.firsts.shrink_to_fit();
        table
    }
}

/// The known words, filed under what they sound like.
#[derive(Debug, Default)]
pub struct Sounds {
    /// Sorted, one after the other.
    letters: String,
    /// Where each word ends.
    ends: Vec<u32>,
    /// In how many documents each stands.
    frequencies: Vec<u32>,
    by_sound: Table,
    by_initials: Table,
    /// Words of four letters and more with one letter left out, as a letter that looks alike may stand there.
    by_gap: Table,
}

impl Sounds {
    /// Files folded words with the number of documents that have them; of one given twice the larger number.
    pub fn new(words: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut words: Vec<(String, u32)> = words
            .into_iter()
            .filter(|(word, _)| (MIN_CHARS..=MAX_CHARS).contains(&word.chars().count()) && usual(word).is_some())
            .filter(|(word, _)| !NO_WORDS.contains(&word.as_str()))
            .collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        words.dedup_by(|next, kept| next.0 == kept.0);
        let mut sounds = Self::default();
        let (mut by_sound, mut by_initials, mut by_gap) = (Filing::default(), Filing::default(), Filing::default());
        for (number, (word, frequency)) in (0..OTHERWISE_READ).zip(&words) {
            sounds.letters.push_str(word);
            sounds.ends.push(sounds.letters.len() as u32);
            sounds.frequencies.push(*frequency);
            let readings = readings(word);
            for (at, reading) in readings.iter().enumerate() {
                for key in spellings(&reading.concat()) {
                    by_sound.file(&key, number, *frequency, at > 0);
                }
                if at == 0 {
                    by_initials.file(&initials(reading), number, *frequency, false);
                }
            }
            if word.chars().nth(GAP_CHARS - 1).is_some() {
                for gap in gaps(word) {
                    by_gap.file(&gap, number, *frequency, false);
                }
            }
        }
        drop(words);
        sounds.letters.shrink_to_fit();
        sounds.ends.shrink_to_fit();
        sounds.frequencies.shrink_to_fit();
        sounds.by_sound = by_sound.sorted();
        sounds.by_initials = by_initials.sorted();
        sounds.by_gap = by_gap.sorted();
        sounds
    }

    /// What a Latin text stands for: the most frequent word of its sound, or else of its initials, or else several
    /// words in a row. Only initials that stand for several words about as often give more than one. An apostrophe
    /// is where a syllable ends.
    pub fn of_latin(&self, typed: &str) -> Vec<String> {
        let Some((typed, borders)) = without_apostrophes(typed) else { return Vec::new() };
        let typed = typed.as_str();
        if let Some(&word) = self.that_sound(typed, &borders).first() {
            return vec![self.word(word).to_owned()];
        }
        let by_initials = self.by_initials.get(typed);
        if let Some(&first) = by_initials.first() {
            let of_first = self.frequency(first);
            let rivals = by_initials.iter().skip(1).filter(|&&word| self.frequency(word) > of_first / CLEAR).count();
            return match (rivals, typed.len()) {
                (0, _) => vec![self.word(first).to_owned()],
                (_, FEW_INITIALS) => Vec::new(),
                _ => by_initials.iter().take(MAX_INITIAL_WORDS).map(|&word| self.word(word).to_owned()).collect(),
            };
        }
        let in_a_row = self.in_a_row(typed, &self.by_sound).or_else(|| {
            let words = self.in_a_row(typed, &self.by_initials)?;
            let is_clear =
                words.len() <= MAX_INITIAL_WORDS && words.iter().any(|word| word.chars().count() >= MIN_INITIALS);
            is_clear.then_some(words)
        });
        in_a_row.map(|words| words.concat()).into_iter().collect()
    }

    /// Words whose sound or initials begin with a Latin text, those that sound just so first, then the most frequent;
    /// where there is none, several words in a row, of which the last may only have begun.
    pub fn beginning(&self, typed: &str, limit: usize) -> Vec<String> {
        let Some((typed, borders)) = without_apostrophes(typed) else { return Vec::new() };
        let words = self.one_beginning(&typed, &borders, limit);
        if !words.is_empty() {
            return words;
        }
        let read = self.of_latin(&typed);
        if !read.is_empty() {
            return read;
        }
        let rows = self.rows(&typed, &self.by_sound);
        for end in (2..typed.len()).rev() {
            let Some(row) = self.row_to(end, &rows) else { continue };
            let last = self.one_beginning(&typed[end..], &[], limit);
            if !last.is_empty() {
                let before = row.concat();
                return last.into_iter().map(|word| format!("{before}{word}")).collect();
            }
        }
        Vec::new()
    }

    fn one_beginning(&self, typed: &str, borders: &[usize], limit: usize) -> Vec<String> {
        let mut words: Vec<u32> = self.that_sound(typed, borders).into_iter().take(MAX_EXACT).collect();
        let longer = self.by_sound.beginning(typed).iter().chain(self.by_initials.beginning(typed));
        // Terms that no document holds are read, but not suggested.
        let is_meant = |word: &u32| word & OTHERWISE_READ == 0 && self.frequency(*word) > 0;
        let mut longer: Vec<u32> = longer.copied().filter(is_meant).collect();
        let rank = |word: &u32| (Reverse(self.frequency(*word)), *word);
        // A word may be there by its sound and by its initials.
        let wanted = 2 * limit + words.len();
        if longer.len() > wanted {
            longer.select_nth_unstable_by_key(wanted, rank);
            longer.truncate(wanted);
        }
        longer.sort_unstable_by_key(rank);
        words.extend(longer);
        let mut seen = HashSet::new();
        words.retain(|word| seen.insert(word & !OTHERWISE_READ));
        words.into_iter().take(limit).map(|word| self.word(word).to_owned()).collect()
    }

    /// Words that begin with the Chinese text and go on as the Latin text does, by sound or by initials; the most
    /// frequent first.
    pub fn continuing(&self, chinese: &str, typed: &str, limit: usize) -> Vec<String> {
        let Some((typed, _)) = without_apostrophes(typed) else { return Vec::new() };
        let mut found: Vec<(Reverse<u32>, &str)> = Vec::new();
        for word in self.first_word_from(chinese)..self.ends.len() as u32 {
            let letters = self.word(word);
            let Some(rest) = letters.strip_prefix(chinese) else { break };
            let Some(reading) = usual(letters) else { continue };
            let reading = &reading[letters.chars().count() - rest.chars().count()..];
            let by_sound = || spellings(&reading.concat()).iter().any(|sound| sound.starts_with(&typed));
            if self.frequency(word) > 0 && (initials(reading).starts_with(&typed) || by_sound()) {
                found.push((Reverse(self.frequency(word)), letters));
            }
        }
        found.sort_unstable();
        found.into_iter().take(limit).map(|(_, word)| word.to_owned()).collect()
    }

    /// Known words that sound like a Chinese text or have one letter in another form, or else differ from it in one
    /// letter of four and more.
    pub fn like(&self, text: &str) -> impl Iterator<Item = &str> {
        let mut words = self.alike(text);
        if words.is_empty() && text.chars().nth(GAP_CHARS - 1).is_some() {
            words = gaps(text).flat_map(|gap| self.by_gap.get(&gap).to_vec()).collect();
        }
        words.into_iter().map(|word| self.word(word))
    }

    /// Known words that sound like a Chinese text or have one letter in another form, the most frequent of each first.
    pub fn much_like(&self, text: &str) -> impl Iterator<Item = &str> {
        self.alike(text).into_iter().map(|word| self.word(word))
    }

    fn alike(&self, text: &str) -> Vec<u32> {
        // By the usual reading of each: 台 is yi in a name only.
        let mut words = self.sounding_like(text);
        words.extend(self.looking_like(text));
        words
    }

    fn sounding_like(&self, text: &str) -> Vec<u32> {
        let Some(sound) = usual(text).map(|reading| plain(&reading.concat())) else { return Vec::new() };
        let alike = self.by_sound.get(&sound).iter();
        alike.copied().filter(|word| word & OTHERWISE_READ == 0).collect()
    }

    fn looking_like(&self, text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        for (start, letter) in text.char_indices() {
            for group in LOOK_ALIKE.iter().filter(|group| group.contains(letter)) {
                for other in group.chars().filter(|other| *other != letter) {
                    let mut changed = text.to_owned();
                    changed.replace_range(start..start + letter.len_utf8(), other.encode_utf8(&mut [0; 4]));
                    let word = self.first_word_from(&changed);
                    if word < self.ends.len() as u32 && self.word(word) == changed {
                        found.push(word);
                    }
                }
            }
        }
        found
    }

    /// Words of just this sound, best first; where an apostrophe was typed, those that have a syllable end there
    /// rather than others.
    fn that_sound(&self, typed: &str, borders: &[usize]) -> Vec<u32> {
        let words = self.by_sound.get(typed);
        let fits = |word: &u32| {
            readings(self.word(*word)).iter().any(|reading| {
                let mut end = 0;
                let ends: Vec<usize> = reading
                    .iter()
                    .map(|syllable| {
                        end += syllable.chars().count();
                        end
                    })
                    .collect();
                borders.iter().all(|border| ends.contains(border))
            })
        };
        let fitting: Vec<u32> = words.iter().copied().filter(|word| borders.is_empty() || fits(word)).collect();
        if fitting.is_empty() { words.to_vec() } else { fitting }
    }

    /// The fewest words of a table whose keys make up the text; of equally many the more frequent ones.
    fn in_a_row(&self, typed: &str, table: &Table) -> Option<Vec<&str>> {
        self.row_to(typed.len(), &self.rows(typed, table))
    }

    /// Up to each letter: how many words make up the text, the sum of the logarithms of their frequencies, where the
    /// last of them begins, and that one.
    fn rows(&self, typed: &str, table: &Table) -> Vec<Option<(usize, f32, usize, u32)>> {
        let mut best: Vec<Option<(usize, f32, usize, u32)>> = vec![None; typed.len() + 1];
        best[0] = Some((0, 0.0, 0, 0));
        for end in 2..=typed.len() {
            for start in 0..end - 1 {
                let Some((count, sum, _, _)) = best[start] else { continue };
                let Some(&word) = table.get(&typed[start..end]).first() else { continue };
                let (count, sum) = (count + 1, sum + (1.0 + self.frequency(word) as f32).ln());
                if best[end].is_none_or(|(fewest, highest, _, _)| count < fewest || count == fewest && sum > highest) {
                    best[end] = Some((count, sum, start, word));
                }
            }
        }
        best
    }

    fn row_to(&self, end: usize, rows: &[Option<(usize, f32, usize, u32)>]) -> Option<Vec<&str>> {
        let mut words: Vec<&str> = Vec::new();
        let mut end = end;
        while end > 0 {
            let (_, _, start, word) = rows[end]?;
            words.push(self.word(word));
            end = start;
        }
        words.reverse();
        Some(words)
    }

    fn word(&self, word: u32) -> &str {
        let at = (word & !OTHERWISE_READ) as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.letters[start as usize..self.ends[at] as usize]
    }

    fn frequency(&self, word: u32) -> u32 {
        self.frequencies[(word & !OTHERWISE_READ) as usize]
    }

    /// The first word that is not smaller, of all.
    fn first_word_from(&self, letters: &str) -> u32 {
        let (mut low, mut high) = (0, self.ends.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.word(middle) < letters { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// Words shorter than this are not compared by their form: too many differ by one letter.
const GAP_CHARS: usize = 4;

/// Whether a text is pinyin or initials: small Latin letters, with apostrophes between them.
pub fn is_latin(text: &str) -> bool {
    without_apostrophes(text).is_some()
}

/// Latin letters without the apostrophes between them, and where those stood; `None` for any other text, a too short
/// and a too long one.
pub fn without_apostrophes(typed: &str) -> Option<(String, Vec<usize>)> {
    let (mut letters, mut borders) = (String::new(), Vec::new());
    for part in typed.split(['\'', '’']) {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        letters.push_str(part);
        borders.push(letters.len());
    }
    borders.pop();
    (2..=MAX_LATIN).contains(&letters.len()).then_some((letters, borders))
}

/// The usual reading of a text as syllables; none where a letter is no ideograph.
fn usual(text: &str) -> Option<Vec<&'static str>> {
    let mut syllables: Vec<&'static str> = Vec::new();
    for character in text.chars() {
        syllables.push(character.to_pinyin()?.plain());
    }
    for (at, fixed) in read_so(text) {
        syllables[at] = fixed;
    }
    Some(syllables)
}

/// What is known of a letter beside its usual reading.
#[derive(Default)]
struct Special {
    /// Stretches that begin with it and their syllables.
    stretches: Vec<(&'static str, Vec<&'static str>)>,
    otherwise: &'static [&'static str],
}

static SPECIAL: LazyLock<HashMap<char, Special>> = LazyLock::new(|| {
    let mut special: HashMap<char, Special> = HashMap::new();
    for (stretch, reading) in READ_SO {
        let letter = stretch.chars().next().unwrap_or_default();
        special.entry(letter).or_default().stretches.push((stretch, reading.split(' ').collect()));
    }
    for (letter, others) in OTHERWISE {
        special.entry(*letter).or_default().otherwise = others;
    }
    special
});

/// Letters, by their place, that the words they stand in do not leave to their usual reading.
fn read_so(text: &str) -> Vec<(usize, &'static str)> {
    let mut fixed = Vec::new();
    for (place, (start, letter)) in text.char_indices().enumerate() {
        let Some(special) = SPECIAL.get(&letter) else { continue };
        for (_, reading) in special.stretches.iter().filter(|(stretch, _)| text[start..].starts_with(stretch)) {
            fixed.extend(reading.iter().enumerate().map(|(at, syllable)| (place + at, *syllable)));
        }
    }
    fixed
}

/// The readings of a text as syllables, its usual one first; none where a letter is no ideograph.
fn readings(text: &str) -> Vec<Vec<&'static str>> {
    let Some(usual) = usual(text) else { return Vec::new() };
    let fixed = read_so(text);
    let mut readings = vec![usual];
    for (at, character) in text.chars().enumerate() {
        let Some(special) = SPECIAL.get(&character) else { continue };
        if fixed.iter().any(|(place, _)| *place == at) {
            continue;
        }
        for other in special.otherwise {
            for reading in 0..readings.len() {
                let mut changed = readings[reading].clone();
                changed[at] = other;
                if readings.len() < MAX_READINGS && !readings.contains(&changed) {
                    readings.push(changed);
                }
            }
        }
    }
    readings
}

/// How a sound is typed: ü as v, or as u.
fn spellings(sound: &str) -> Vec<String> {
    let spelling = plain(sound);
    if spelling.contains('v') { vec![spelling.replace('v', "u"), spelling] } else { vec![spelling] }
}

/// A sound in letters that are typed.
fn plain(sound: &str) -> String {
    sound.replace('ü', "v")
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
                ("淫行", 1),
                ("稳岗返还", 30),
                ("中小企业", 60),
                ("专精特新", 50),
                ("浙江大学", 90),
                ("公积金", 80),
                ("国家级", 30),
                ("保障局", 50),
                ("保证金", 40),
                ("广东", 60),
                ("规定", 70),
                ("湖南", 70),
                ("旅游", 60),
                ("绿色", 50),
                ("女性", 30),
                ("提案", 30),
                ("长沙", 30),
                ("西安", 30),
                ("闲暇", 90),
                ("方案", 30),
                ("翻改", 90),
                ("人工智能", 30),
                ("市场", 60),
                ("疫情防控", 60),
                ("疫情返款", 0),
                ("疫情", 60),
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
            // Never two words for one pinyin: the more frequent.
            ("jingdian", vec!["景点"]),
            ("zhongxiaoqiyebutie", vec!["中小企业补贴"]),
            ("gxjsqybt", vec!["高新技术企业补贴"]),
            // Only readings that are in use.
            ("zjtx", vec!["专精特新"]),
            ("dian", vec![]),
            ("changsha", vec!["长沙"]),
            ("zhangsha", vec![]),
            // Initials stand for one word, or for two that are about as frequent; two initials only for one.
            ("gjj", vec!["公积金"]),
            ("bzj", vec!["保障局", "保证金"]),
            ("gd", vec![]),
            ("hn", vec!["湖南"]),
            // ü is typed as v and as u.
            ("lvyou", vec!["旅游"]),
            ("luyou", vec!["旅游"]),
            ("lvse", vec!["绿色"]),
            ("nvxing", vec!["女性"]),
            // Where a syllable ends.
            ("xi'an", vec!["西安"]),
            ("xian", vec!["西安"]),
            ("fang'an", vec!["方案"]),
            ("fan’gai", vec!["翻改"]),
            ("xi'", vec![]),
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
    fn goes_on_from_what_was_typed() {
        for (typed, expected) in [
            ("jingdian", vec!["景点", "经典"]),
            ("jing", vec!["景点", "经典"]),
            ("yiqingfank", vec![]),
            ("gongjij", vec!["公积金"]),
            ("zhuanjingt", vec!["专精特新"]),
            ("zjt", vec!["专精特新"]),
            ("lvy", vec!["旅游"]),
            ("luy", vec!["旅游"]),
            ("xi'a", vec!["闲暇", "西安"]),
            ("gaoxinjishuqiyebut", vec!["高新技术企业补贴"]),
            ("zzzz", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(sounds().beginning(typed, 4), expected, "{typed}");
        }
        for (chinese, typed, expected) in [
            ("疫情", "fk", vec!["疫情防控"]),
            ("疫情", "fangk", vec!["疫情防控"]),
            ("疫情", "zz", vec![]),
            ("高新", "js", vec!["高新技术", "高新技术企业"]),
        ] {
            assert_eq!(sounds().continuing(chinese, typed, 4), expected, "{chinese}{typed}");
        }
    }

    #[test]
    fn knows_what_sounds_or_looks_alike() {
        for (typed, expected) in [
            ("预受", vec!["预售"]),
            ("稳刚返还", vec!["稳岗返还"]),
            ("高新枝术", vec!["高新技术"]),
            ("高新扶术", vec!["高新技术"]),
            ("高新甲术", vec!["高新技术"]),
            ("扶术", vec![]),
            ("a受", vec![]),
            ("增殖税", vec!["增值税"]),
            ("人工只能", vec!["人工智能"]),
            ("市埸", vec!["市场"]),
            ("公积釜", vec!["公积金"]),
        ] {
            let sounds = sounds();
            let mut alike: Vec<&str> = sounds.like(typed).collect();
            alike.dedup();
            assert_eq!(alike, expected, "{typed}");
        }
    }

    #[test]
    fn tables_of_readings_are_whole() {
        for (stretch, reading) in READ_SO {
            assert_eq!(stretch.chars().count(), reading.split(' ').count(), "{stretch}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_fails(typed in "([a-z']{0,60}|[\u{4e00}-\u{9fff}行长重]{0,9}|\\PC{0,20})") {
            let sounds = sounds();
            sounds.of_latin(&typed);
            sounds.beginning(&typed, 4);
            sounds.continuing(&typed, "fk", 4);
            sounds.like(&typed).count();
        }
    }
}
