//! Many words looked for at once, in a set that changes while it is used: a word is added or taken out without
//! building anything anew.

use std::collections::HashMap;

/// Number of a word, stable while the word is in the set.
pub type WordId = u32;

/// Longer words are not looked for.
pub const MAX_WORD_CHARS: usize = 40;

/// The letters of a word, and its number.
type Spelled = (Box<[char]>, WordId);

/// A set of words, grouped by their first two letters.
#[derive(Debug, Default, Clone)]
pub struct Words {
    by_head: HashMap<(char, char), Vec<Spelled>>,
    uses: Vec<u32>,
    ids: HashMap<Box<[char]>, WordId>,
    free: Vec<WordId>,
}

impl Words {
    /// Adds a word of letters, or one more use of it. `None` when it is empty or too long.
    pub fn add(&mut self, word: &[char]) -> Option<WordId> {
        let head = head_of(word)?;
        if let Some(&id) = self.ids.get(word) {
            self.uses[id as usize] += 1;
            return Some(id);
        }
        let id = match self.free.pop() {
            Some(id) => {
                self.uses[id as usize] = 1;
                id
            }
            None => {
                self.uses.push(1);
                WordId::try_from(self.uses.len() - 1).ok()?
            }
        };
        self.ids.insert(word.into(), id);
        self.by_head.entry(head).or_default().push((word.into(), id));
        Some(id)
    }

    /// Takes one use back; true when it was the last one.
    pub fn release(&mut self, word: &[char]) -> bool {
        let (Some(&id), Some(head)) = (self.ids.get(word), head_of(word)) else { return false };
        let uses = &mut self.uses[id as usize];
        *uses -= 1;
        if *uses > 0 {
            return false;
        }
        self.ids.remove(word);
        if let Some(group) = self.by_head.get_mut(&head) {
            group.retain(|(_, other)| *other != id);
            if group.is_empty() {
                self.by_head.remove(&head);
            }
        }
        self.free.push(id);
        true
    }

    /// Every place at which a word stands: its number, first letter, letter after the last.
    pub fn scan(&self, letters: &[char], mut found: impl FnMut(WordId, usize, usize)) {
        for (start, &first) in letters.iter().enumerate() {
            let second = letters.get(start + 1).copied().unwrap_or(NONE);
            for head in [(first, NONE), (first, second)] {
                if head.1 == NONE && head != (first, NONE) {
                    continue;
                }
                let Some(group) = self.by_head.get(&head) else { continue };
                for (word, id) in group {
                    if letters[start..].starts_with(word) {
                        found(*id, start, start + word.len());
                    }
                }
                if second == NONE {
                    break;
                }
            }
        }
    }
}

/// In place of the second letter of a word of one letter.
const NONE: char = '\0';

fn head_of(word: &[char]) -> Option<(char, char)> {
    if word.len() > MAX_WORD_CHARS || word.contains(&NONE) {
        return None;
    }
    word.first().map(|&first| (first, word.get(1).copied().unwrap_or(NONE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    proptest! {
        #[test]
        fn finds_what_a_search_of_each_word_finds(
            words in prop::collection::vec("[甲乙丙]{1,4}", 0..12),
            dropped in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            text in "[甲乙丙丁]{0,30}",
        ) {
            let mut table = Words::default();
            let mut kept = Vec::new();
            for word in &words {
                table.add(&letters(word)).unwrap();
                kept.push(word.clone());
            }
            for index in dropped {
                if !kept.is_empty() {
                    let word = kept.remove(index.index(kept.len()));
                    let last = table.release(&letters(&word));
                    prop_assert_eq!(last, !kept.contains(&word));
                }
            }
            let text = letters(&text);
            let mut found = Vec::new();
            table.scan(&text, |id, start, end| found.push((id, start, end)));
            let mut expected = Vec::new();
            kept.sort();
            kept.dedup();
            for word in &kept {
                let word = letters(word);
                let id = table.ids[word.as_slice()];
                for start in 0..text.len() {
                    if text[start..].starts_with(&word) {
                        expected.push((id, start, start + word.len()));
                    }
                }
            }
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
