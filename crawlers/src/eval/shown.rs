//! Whether a saved page says its date of publication anywhere outside its head: what is not there cannot be read.

use chrono::{Datelike, NaiveDate};
use regex::Regex;

/// Where a page has a day, besides in its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In a place where it can be the date of publication: in the text, in a script, in a comment.
    Yes,
    /// Only as the day of something else: in a link to another document, behind 实施日期 and the like, in a sentence
    /// (自…起施行), under the signature.
    OfOtherMeaning,
    /// In none of the usual forms.
    Nowhere,
}

/// Longest line that is no running text, in characters.
const LONGEST: usize = 200;

/// Labels of other days, without 日期 and 时间.
const OTHER: &[&str] =
    &["实施", "施行", "生效", "失效", "废止", "成文", "生成", "印发", "签发", "制发", "发文", "截止", "有效期至"];

/// Looks for a day in markup without its head. `written_on` is the day under the signature, when it was read.
pub fn shown(markup: &str, day: NaiveDate, written_on: Option<NaiveDate>) -> Shown {
    let lower = markup.to_ascii_lowercase();
    let body = lower.find("</head>").map_or(lower.as_str(), |end| &lower[end..]);
    let (Some(meta), Some(link), Some(block), Some(tag), Some(form)) = (
        pattern(r"<meta[^>]*>|<title>[^<]*</title>"),
        pattern(r"(?s)<a\s[^>]*>.*?</a>"),
        pattern(r"</?(?:p|div|li|ul|td|th|tr|table|br|h\d|dd|dt|section|script)\b[^>]*>"),
        pattern(r"</?[a-z][^>]*>"),
        pattern(&forms(day)),
    ) else {
        return Shown::Yes;
    };
    let body = meta.replace_all(body, "");
    let unlinked = link.replace_all(&body, "");
    let lines = block.replace_all(&unlinked, "\n");
    let text = tag.replace_all(&lines, "").replace("&nbsp;", " ");
    let stated = text.lines().map(str::trim).any(|line| {
        let plain = line.chars().count() <= LONGEST;
        form.find_iter(line).any(|found| {
            let (before, behind) =
                (line[..found.start()].trim_end(), line[found.end()..].trim_start_matches('日').trim_start());
            let label = before.trim_end_matches(['：', ':', ']', '】', ' ']);
            let label = label.trim_end_matches("日期").trim_end_matches("时间");
            let other = OTHER.iter().any(|word| label.ends_with(word))
                || before.ends_with('自')
                || behind.starts_with(['起', '前', '至'])
                || before.is_empty() && behind.is_empty() && found.as_str().contains('年') && written_on == Some(day);
            plain && !other && !line[found.end()..].starts_with(|c: char| c.is_ascii_digit())
        })
    });
    // a label in an element of its own, on the line before
    let squeezed: String = text.split_whitespace().collect();
    let behind_label = OTHER.iter().any(|word| {
        ["日期", "时间"].iter().any(|what| {
            ["：", ":", ""].iter().any(|colon| {
                let label = format!("{word}{what}{colon}");
                squeezed
                    .match_indices(&label)
                    .any(|(at, _)| form.find(&squeezed[at + label.len()..]).is_some_and(|found| found.start() == 0))
            })
        })
    });
    let elsewhere = form.find_iter(&squeezed).count();
    match (stated, form.is_match(&body) || elsewhere > 0) {
        (true, _) if behind_label && elsewhere == 1 => Shown::OfOtherMeaning,
        (true, _) => Shown::Yes,
        (false, true) => Shown::OfOtherMeaning,
        (false, false) => Shown::Nowhere,
    }
}

fn pattern(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// `2026-3-10`, `2026年03月10日`, `20260310`, `二〇二六年三月十日`.
fn forms(day: NaiveDate) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let (year, month, day) = (day.year(), day.month(), day.day());
    let spelled: String =
        year.to_string().bytes().filter_map(|digit| DIGITS.get(usize::from(digit.wrapping_sub(b'0')))).collect();
    let number = |number: u32| {
        let digit = |digit: u32| DIGITS.get(digit as usize).filter(|_| digit > 0).map(char::to_string);
        match number {
            0..10 => digit(number).unwrap_or_default(),
            10..20 => format!("十{}", digit(number - 10).unwrap_or_default()),
            _ => format!("{}十{}", digit(number / 10).unwrap_or_default(), digit(number % 10).unwrap_or_default()),
        }
    };
    let spelled = spelled.replace('〇', "[〇○零]");
    format!(
        r"{year}\s*[-./年]\s*0?{month}\s*[-./月]\s*0?{day}|{year}{month:02}{day:02}|{spelled}年{}月{}",
        number(month),
        number(day)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_day_stands() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 10);
        for (page, expected) in [
            ("<head><meta name=PubDate content='2026-03-10'></head><body>正文</body>", Shown::Nowhere),
            ("<body>发布日期：<b>2026-03-10 10:00</b></body>", Shown::Yes),
            ("<body><span>2026.3.10</span></body>", Shown::Yes),
            ("<body><script>var t='2026-03-10'</script></body>", Shown::Yes),
            ("<body><!-- 2026/03/10 --></body>", Shown::Yes),
            ("<body><p>二〇二六年三月十日发布</p></body>", Shown::Yes),
            ("<body><a href=b.html>政策解读 <span>2026-03-10</span></a></body>", Shown::OfOtherMeaning),
            ("<body><li><span>实施日期：</span> 2026年03月10日</li></body>", Shown::OfOtherMeaning),
            ("<body><td>施行日期</td><td>2026-03-10</td></body>", Shown::OfOtherMeaning),
            ("<body><p>本通知自2026年3月10日起施行。</p></body>", Shown::OfOtherMeaning),
            ("<body><p>示例局</p><p>2026年3月10日</p></body>", Shown::OfOtherMeaning),
            ("<body>2026-03-101</body>", Shown::OfOtherMeaning),
        ] {
            assert_eq!(shown(page, day.unwrap(), day), expected, "{page}");
        }
        assert_eq!(shown("<p>2026-03-10</p>", day.unwrap(), None), Shown::Yes);
    }
}
