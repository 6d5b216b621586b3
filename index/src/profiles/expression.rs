//! Expressions of interest: `养老 AND (补贴 OR 补助) NOT 个人`, quotes, brackets. Bounded in size and depth.

/// Longer expressions are cut here.
const MAX_CHARS: usize = 500;

/// Brackets deeper than this are read as if they were not there.
const MAX_DEPTH: usize = 8;

/// More words than this are not read.
const MAX_WORDS: usize = 32;

/// An expression that any text can be held against. `W` is how a word is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression<W> {
    /// The word must occur.
    Word(W),
    /// All must hold.
    And(Vec<Expression<W>>),
    /// One must hold.
    Or(Vec<Expression<W>>),
    /// Must not hold.
    Not(Box<Expression<W>>),
}

impl<W> Expression<W> {
    /// The same expression with its words known in another way; `None` for a word that cannot be known.
    pub fn map<V>(&self, known: &mut impl FnMut(&W) -> V) -> Expression<V> {
        match self {
            Self::Word(word) => Expression::Word(known(word)),
            Self::And(parts) => Expression::And(parts.iter().map(|part| part.map(known)).collect()),
            Self::Or(parts) => Expression::Or(parts.iter().map(|part| part.map(known)).collect()),
            Self::Not(part) => Expression::Not(Box::new(part.map(known))),
        }
    }

    /// Words of which at least one occurs in every text for which the expression holds: for AND the choice of `rarest`
    /// among its parts, for OR those of all parts. `None` when a text without any of its words may satisfy it.
    pub fn required<'a>(&'a self, cost: &impl Fn(&W) -> usize) -> Option<Vec<&'a W>> {
        match self {
            Self::Word(word) => Some(vec![word]),
            Self::And(parts) => parts
                .iter()
                .filter_map(|part| part.required(cost))
                .min_by_key(|words| words.iter().map(|word| cost(word)).sum::<usize>()),
            Self::Or(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(part.required(cost)?);
                }
                Some(all)
            }
            Self::Not(_) => None,
        }
    }
}

/// Reads an expression. Words that stand side by side must all occur; AND binds tighter than OR; `-word` and 非 are not
/// read specially. Lower-case operators count, as do && || ! and their full-width forms. What is not closed is closed
/// at the end. `None` when there is no word in it.
pub fn parse(text: &str) -> Option<Expression<String>> {
    let tokens = tokens(text);
    let mut at = 0;
    let expression = any(&tokens, &mut at, 0);
    expression.and_then(simplify)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Word(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut words = 0;
    let mut characters = text.chars().take(MAX_CHARS).peekable();
    while let Some(character) = characters.next() {
        let token = match character {
            '(' | '（' => Token::Open,
            ')' | '）' => Token::Close,
            '!' | '！' => Token::Not,
            '&' | '＆' | '|' | '｜' => {
                while characters.peek() == Some(&character) {
                    characters.next();
                }
                if matches!(character, '&' | '＆') { Token::And } else { Token::Or }
            }
            '"' | '“' | '”' | '「' | '」' => {
                let mut word = String::new();
                for next in characters.by_ref() {
                    if matches!(next, '"' | '“' | '”' | '「' | '」') {
                        break;
                    }
                    word.push(next);
                }
                Token::Word(word)
            }
            _ if character.is_whitespace() || matches!(character, ',' | '，' | '、' | ';' | '；') => continue,
            _ => {
                let mut word = String::from(character);
                while let Some(&next) = characters.peek() {
                    let ends = next.is_whitespace() || "()（）!！&＆|｜\"“”「」,，、;；".contains(next);
                    if ends {
                        break;
                    }
                    word.push(next);
                    characters.next();
                }
                match word.to_ascii_uppercase().as_str() {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    "NOT" => Token::Not,
                    _ => Token::Word(word),
                }
            }
        };
        if let Token::Word(word) = &token {
            if !word.chars().any(char::is_alphanumeric) {
                continue;
            }
            words += 1;
            if words > MAX_WORDS {
                break;
            }
        }
        tokens.push(token);
    }
    tokens
}

fn any(tokens: &[Token], at: &mut usize, depth: usize) -> Option<Expression<String>> {
    let mut parts = Vec::new();
    loop {
        parts.extend(all(tokens, at, depth));
        match tokens.get(*at) {
            Some(Token::Or) => *at += 1,
            // A bracket that was never opened.
            Some(Token::Close) if depth == 0 => *at += 1,
            _ => break,
        }
    }
    (!parts.is_empty()).then_some(Expression::Or(parts))
}

fn all(tokens: &[Token], at: &mut usize, depth: usize) -> Option<Expression<String>> {
    let mut parts = Vec::new();
    let mut negated = false;
    while let Some(token) = tokens.get(*at) {
        let part = match token {
            Token::Or => break,
            Token::Close => break,
            Token::And => {
                *at += 1;
                continue;
            }
            Token::Not => {
                negated = !negated;
                *at += 1;
                continue;
            }
            Token::Open => {
                *at += 1;
                if depth >= MAX_DEPTH {
                    continue;
                }
                let inner = any(tokens, at, depth + 1);
                if tokens.get(*at) == Some(&Token::Close) {
                    *at += 1;
                }
                inner
            }
            Token::Word(word) => {
                *at += 1;
                Some(Expression::Word(word.clone()))
            }
        };
        if let Some(part) = part {
            parts.push(if negated { Expression::Not(Box::new(part)) } else { part });
            negated = false;
        }
    }
    (!parts.is_empty()).then_some(Expression::And(parts))
}

fn simplify(expression: Expression<String>) -> Option<Expression<String>> {
    let simplify_all = |parts: Vec<Expression<String>>| -> Vec<_> { parts.into_iter().filter_map(simplify).collect() };
    match expression {
        Expression::And(parts) => one_or(simplify_all(parts), Expression::And),
        Expression::Or(parts) => one_or(simplify_all(parts), Expression::Or),
        Expression::Not(part) => simplify(*part).map(|part| Expression::Not(Box::new(part))),
        Expression::Word(word) => Some(Expression::Word(word)),
    }
}

fn one_or(
    mut parts: Vec<Expression<String>>,
    several: impl Fn(Vec<Expression<String>>) -> Expression<String>,
) -> Option<Expression<String>> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(several(parts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(expression: &Expression<String>) -> String {
        let list = |parts: &[Expression<String>]| parts.iter().map(show).collect::<Vec<_>>().join(" ");
        match expression {
            Expression::Word(word) => word.clone(),
            Expression::And(parts) => format!("(& {})", list(parts)),
            Expression::Or(parts) => format!("(| {})", list(parts)),
            Expression::Not(part) => format!("(! {})", show(part)),
        }
    }

    #[test]
    fn reads_operators_quotes_and_brackets() {
        for (text, expected) in [
            ("养老 AND 补贴", "(& 养老 补贴)"),
            ("养老 补贴", "(& 养老 补贴)"),
            ("电价 or 用电成本", "(| 电价 用电成本)"),
            ("甲 AND 乙 OR 丙", "(| (& 甲 乙) 丙)"),
            ("甲 AND (乙 OR 丙)", "(& 甲 (| 乙 丙))"),
            ("甲 NOT 乙", "(& 甲 (! 乙))"),
            ("甲 AND NOT (乙 OR 丙)", "(& 甲 (! (| 乙 丙)))"),
            ("“数字 经济” && ！个人", "(& 数字 经济 (! 个人))"),
            ("（甲｜｜乙）&丙", "(& (| 甲 乙) 丙)"),
            ("((甲", "甲"),
            ("甲) OR 乙", "(| 甲 乙)"),
            ("NOT 甲", "(! 甲)"),
            ("Android 软件", "(& Android 软件)"),
        ] {
            assert_eq!(parse(text).as_ref().map(show).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "AND", "() OR ()", "“” NOT", "——"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    fn holds(expression: &Expression<String>, words: &[&str]) -> bool {
        match expression {
            Expression::Word(word) => words.contains(&word.as_str()),
            Expression::And(parts) => parts.iter().all(|part| holds(part, words)),
            Expression::Or(parts) => parts.iter().any(|part| holds(part, words)),
            Expression::Not(part) => !holds(part, words),
        }
    }

    proptest! {
        #[test]
        fn a_text_that_satisfies_it_has_a_required_word(
            text in "((甲|乙|丙|丁|\\(|\\)|AND|OR|NOT) ){0,14}",
            mask in 0_u8..16,
        ) {
            let words: Vec<&str> = ["甲", "乙", "丙", "丁"].into_iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, w)| w).collect();
            if let Some(expression) = parse(&text)
                && let Some(required) = expression.required(&|word| word.len())
                && holds(&expression, &words)
            {
                prop_assert!(required.iter().any(|word| words.contains(&word.as_str())), "{text} {words:?}");
            }
        }

        #[test]
        fn any_text_is_read_without_failing(text in "\\PC{0,600}") {
            parse(&text);
        }
    }
}
