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
        let product = product.to_ascii_lowercase();
        let (mut own, mut any) = (Self::default(), Self::default());
        let (mut names, mut in_rules, mut has_own) = (Vec::<String>::new(), false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if in_rules {
                    names.clear();
                    in_rules = false;
                }
                names.push(value.split('/').next().unwrap_or(value).to_ascii_lowercase());
                continue;
            }
            in_rules = true;
            let is_own = names.contains(&product);
            has_own |= is_own;
            for (applies, group) in [(is_own, &mut own), (names.iter().any(|name| name == "*"), &mut any)] {
                if !applies {
                    continue;
                }
                match key.as_str() {
                    "allow" | "disallow" if !value.is_empty() && group.rules.len() < MAX_RULES => {
                        group.rules.push((key == "allow", value.to_owned()));
                    }
                    "crawl-delay" => {
                        let seconds =
                            value.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
                        group.delay = seconds.map(|s| Duration::from_secs_f64(s.min(MAX_DELAY.as_secs_f64())));
                    }
                    _ => {}
                }
            }
        }
        if has_own { own } else { any }
    }

    /// Whether a path (with its query) may be fetched: the longest rule that fits decides, and `allow` on a tie.
    pub fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|(_, pattern)| fits(pattern, path));
        fitting.max_by_key(|(allow, pattern)| (pattern.len(), *allow)).is_none_or(|(allow, _)| *allow)
    }
}

/// Whether a pattern with `*` and a closing `$` fits the beginning of a path.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut last = first;
    let mut starred = false;
    for part in parts {
        starred = true;
        last = part;
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    if !to_the_end {
        return true;
    }
    rest.is_empty() || (starred && (last.is_empty() || rest.ends_with(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(robots.allows(path), allowed, "{path}");
        }
        assert_eq!(robots.delay, Some(Duration::from_secs(2)));
    }

    #[test]
    fn the_own_group_wins_over_the_star() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: ZHIDA\nUser-agent: x\nDisallow: /private\n";
        let robots = Robots::parse(text, "zhida");
        assert!(robots.allows("/a") && !robots.allows("/private/1"));
        assert!(!Robots::parse(text, "y").allows("/a"));
        assert!(!Robots::disallow_all().allows("/a") && Robots::allow_all().allows("/a"));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_survived(text in "\\PC{0,200}", path in "/\\PC{0,40}") {
            Robots::parse(&text, "zhida").allows(&path);
        }
    }
}
