//! robots.txt (RFC 9309), with the widespread Crawl-delay.

use std::time::Duration;

/// What is read of a file; RFC 9309 asks for at least 500 KiB.
pub const LIMIT: usize = 512 * 1024;

/// Longest pause that a site can ask for.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Most rules that are kept.
const MAX_RULES: usize = 10_000;

/// The rules of one file for one product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    /// Whether it allows, and the pattern in the form of [`normal`].
    rules: Vec<(bool, String)>,
    /// Pause that the site asks for.
    pub delay: Option<Duration>,
}

impl Robots {
    /// No rule: everything may be fetched (the file is not there).
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Nothing may be fetched (the file cannot be had: RFC 9309, 2.3.1.4).
    pub fn disallow_all() -> Self {
        Self { rules: vec![(false, "/".to_owned())], delay: None }
    }

    /// Reads the groups that name `product` (without regard to case), else those for `*`.
    pub fn parse(text: &str, product: &str) -> Self {
        let product = token(product);
        let (mut own, mut any) = (Self::default(), Self::default());
        // the groups that the next rule belongs to: ours, and that of everybody
        let (mut for_us, mut for_all, mut in_rules, mut has_own) = (false, false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    if in_rules {
                        (for_us, for_all, in_rules) = (false, false, false);
                    }
                    if value == "*" {
                        for_all = true;
                    } else if !product.is_empty() && token(value) == product {
                        for_us = true;
                        has_own = true;
                    }
                }
                "allow" | "disallow" | "crawl-delay" => {
                    in_rules = true;
                    for (applies, group) in [(for_us, &mut own), (for_all, &mut any)] {
                        if applies {
                            group.add(&key, value);
                        }
                    }
                }
                // sitemap and unknown lines belong to no group and end none
                _ => {}
            }
        }
        if has_own { own } else { any }
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
            let delay = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(MAX_DELAY.as_secs_f64())));
            self.delay = delay.or(self.delay);
        } else if !value.is_empty() && self.rules.len() < MAX_RULES {
            self.rules.push((key == "allow", normal(value)));
        }
    }

    /// Whether a path (with its query) may be fetched: the longest rule that fits decides, and `allow` on a tie.
    pub fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let path = normal(path);
        let fitting = self.rules.iter().filter(|(_, pattern)| fits(pattern, &path));
        fitting.max_by_key(|(allow, pattern)| (pattern.len(), *allow)).is_none_or(|(allow, _)| *allow)
    }
}

/// The name of a product as it is compared: letters, `-` and `_` at the beginning, in lower case (RFC 9309, 2.2.1).
fn token(name: &str) -> String {
    name.trim().chars().take_while(|c| c.is_ascii_alphabetic() || "-_".contains(*c)).collect::<String>().to_lowercase()
}

/// A path for comparison (RFC 9309, 2.2.2): octets outside ASCII as `%XX` in upper case, unreserved characters bare.
fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut bytes = path.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        let escaped = path.as_bytes().get(at + 1..at + 3).filter(|_| byte == b'%');
        let value = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        if value.is_some() {
            bytes.nth(1);
        }
        match (value, value.unwrap_or(byte)) {
            (_, plain) if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => out.push(char::from(plain)),
            (None, plain) if plain.is_ascii() => out.push(char::from(plain)),
            (_, other) => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Whether a pattern with `*` and a closing `$` fits the beginning of a path.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let Some((first, starred)) = pattern.split_once('*') else {
        return if to_the_end { path == pattern } else { path.starts_with(pattern) };
    };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let (middle, last) = starred.rsplit_once('*').unwrap_or(("", starred));
    for part in middle.split('*') {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    if to_the_end { rest.ends_with(last) } else { rest.contains(last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("/", "/a", true),
            ("/fish", "/fish.html", true),
            ("/fish", "/Fish", false),
            ("/fish$", "/fish", true),
            ("/fish$", "/fishes", false),
            ("/*.php", "/folder/a.php?x=1", true),
            ("/*.php$", "/a.php?x", false),
            ("/*aa$", "/aaa", true),
            ("/a*b*c", "/axbxc/d", true),
            ("/a*b*c", "/acb", false),
            ("/fish*", "/fish", true),
            ("*", "/anything", true),
            ("/*", "", false),
            ("/**/x", "/a/x", true),
            ("$", "/", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_longest_rule_decides() {
        let robots = Robots::parse(
            "User-agent: *\nDisallow: /search\nAllow: /search/open$\nDisallow: /*.doc$\nCrawl-delay: 2 # s\n\
             User-agent: other\nDisallow: /",
            "zhida",
        );
        for (path, allowed) in [
            ("/", true),
            ("/search?q=1", false),
            ("/search/open", true),
            ("/search/open2", false),
            ("/a/b.doc", false),
            ("/a/b.docx", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(robots.allows(path), allowed, "{path}");
        }
        assert_eq!(robots.delay, Some(Duration::from_secs(2)));
    }

    #[test]
    fn the_own_group_wins_over_the_star() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: ZHIDA/1.0\nUser-agent: x\nDisallow: /private\n";
        let robots = Robots::parse(text, "zhida");
        assert!(robots.allows("/a") && !robots.allows("/private/1"));
        assert!(!Robots::parse(text, "y").allows("/a"));
        assert!(!Robots::disallow_all().allows("/a") && Robots::allow_all().allows("/a"));
        // an empty rule of our own group allows everything; groups of one name are one
        assert!(Robots::parse("User-agent: *\nDisallow: /\nUser-agent: zhida\nDisallow:", "zhida").allows("/a"));
        let twice = "User-agent: zhida\nDisallow: /a\nUser-agent: b\nDisallow: /\nUser-agent: zhida\nDisallow: /c";
        let twice = Robots::parse(twice, "zhida");
        assert!(!twice.allows("/a") && !twice.allows("/c") && twice.allows("/b"));
        // a line that belongs to no group ends none
        let between = "User-agent: zhida\nSitemap: https://x/s.xml\nUser-agent: b\nDisallow: /a";
        assert!(!Robots::parse(between, "zhida").allows("/a"));
    }

    #[test]
    fn paths_are_compared_as_octets() {
        let robots = Robots::parse("User-agent: *\nDisallow: /政策/\nDisallow: /%7euser\nDisallow: /a%2fb", "zhida");
        for (path, allowed) in [
            ("/%E6%94%BF%E7%AD%96/1.html", false),
            ("/%e6%94%bf%e7%ad%96/", false),
            ("/~user", false),
            ("/a%2Fb", false),
            ("/a/b", true),
            ("/100%", true),
        ] {
            assert_eq!(robots.allows(path), allowed, "{path}");
        }
    }

    #[test]
    fn a_file_made_to_be_slow_is_not() {
        let text = format!("User-agent: *\n{}", format!("Disallow: /{}b\n", "*a".repeat(200)).repeat(1_000));
        let started = std::time::Instant::now();
        let robots = Robots::parse(&text[..text.len().min(LIMIT)], "zhida");
        assert!(robots.allows(&format!("/{}", "a".repeat(4_000))));
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_survived(text in "\\PC{0,200}", rule in "[*$/a%é]{0,12}", path in "/\\PC{0,40}") {
            let text = format!("{text}\nUser-agent: *\nDisallow: {rule}\n{text}");
            Robots::parse(&text, "zhida").allows(&path);
        }

        #[test]
        fn a_path_is_refused_by_itself(path in "/[a-z0-9/%é~]{0,20}") {
            let text = format!("User-agent: *\nDisallow: {path}");
            let allowed = Robots::parse(&text, "zhida").allows(&path);
            proptest::prop_assert!(!allowed, "{}", path);
        }
    }
}
