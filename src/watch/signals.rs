//! What the runs of a source say about it. Pure functions of what was counted.

use std::collections::HashMap;

use crate::clock::{self, DAY_MS};
use crate::store::alarms::AlarmKind;
use crate::store::crawls::{CrawlRun, Share};

/// Runs in a row without a single list, before the site counts as out of reach.
const UNREACHABLE_RUNS: usize = 3;
/// Articles that a share is judged by.
const FEW: i64 = 5;
/// Articles that a habit rests on.
const HABIT: i64 = 10;
/// Refused pages from which on they are no accident.
const REFUSED: i64 = 3;
/// A source is not called quiet before so many days: long holidays last eight or nine.
const QUIET_DAYS: i64 = 10;
/// News on so many runs make a habit.
const QUIET_RUNS: usize = 5;
/// A run may take so long after it was due.
const LATE_MS: i64 = 3_600_000;

/// Kinds of refused pages that a site answers for a while and that may be the document the next time.
pub const MAY_PASS: [&str; 5] = ["error", "challenge", "login", "script", "empty"];

/// What is known of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so; in words, with figures.
    Holds(String),
    /// It is not so.
    Over,
    /// Nothing says.
    Unknown,
}

/// What finished runs (the last first) say. `open`: when alarms were raised that still are open.
pub fn of_runs(runs: &[CrawlRun], open: &HashMap<AlarmKind, i64>) -> Vec<(AlarmKind, Verdict)> {
    vec![
        (AlarmKind::ListEmpty, list_empty(runs)),
        (AlarmKind::Unreachable, unreachable(runs)),
        (AlarmKind::ArticlesFailed, articles_failed(runs)),
        (AlarmKind::Challenge, challenge(runs)),
        (AlarmKind::Coverage, coverage(runs, open.get(&AlarmKind::Coverage).copied())),
    ]
}

fn list_empty(runs: &[CrawlRun]) -> Verdict {
    let Some(last) = runs.first() else { return Verdict::Unknown };
    if last.lists_empty > 0 {
        let before = runs.iter().skip(1).find(|run| run.lists_empty == 0 && run.found > 0);
        let before = before.map_or_else(
            || "此前也没有读到过条目".to_owned(),
            |run| format!("上次正常是 {}，各列表共读到 {} 条", day(run.started_at), run.found),
        );
        return Verdict::Holds(format!(
            "{} 抓取时有 {} 个列表读到 0 条；{before}。可能是网站改版，选择器对不上了：用 zhida source test 检查",
            day(last.started_at),
            last.lists_empty
        ));
    }
    if last.lists > 0 { Verdict::Over } else { Verdict::Unknown }
}

fn unreachable(runs: &[CrawlRun]) -> Verdict {
    let Some(last) = runs.first() else { return Verdict::Unknown };
    if last.lists > 0 {
        return list_unreachable(runs, last);
    }
    let failed = runs.iter().take_while(|run| run.lists == 0 && run.lists_failed > 0).count();
    if failed < UNREACHABLE_RUNS {
        return Verdict::Unknown;
    }
    let since = runs.get(failed - 1).map_or(last.started_at, |run| run.started_at);
    let reason = last.errors.first().map(|error| format!("；最近一次：{error}")).unwrap_or_default();
    Verdict::Holds(format!("自 {} 起连续 {failed} 次一个列表也没有读到{reason}", day(since)))
}

/// One list of several that fails whenever it is asked for.
fn list_unreachable(runs: &[CrawlRun], last: &CrawlRun) -> Verdict {
    let Some(window) = runs.get(..UNREACHABLE_RUNS) else {
        return if last.failed_lists.is_empty() { Verdict::Over } else { Verdict::Unknown };
    };
    let lasting = last.failed_lists.iter().find(|url| window.iter().all(|run| run.failed_lists.contains(url)));
    match lasting {
        Some(url) => {
            let of = |run: &&CrawlRun| run.failed_lists.contains(url);
            let failed = runs.iter().take_while(of);
            let (times, since) = failed.fold((0, 0), |(times, _), run| (times + 1, run.started_at));
            let reason = last.errors.iter().find(|error| error.contains(url.as_str()));
            let reason = reason.map(|error| format!("；最近一次：{error}")).unwrap_or_default();
            Verdict::Holds(format!("自 {} 起列表 {url} 连续 {times} 次没有读到{reason}", day(since)))
        }
        // a run that was broken off may not have come to it
        None if last.failed_lists.is_empty() && last.ended.is_none() => Verdict::Over,
        None => Verdict::Unknown,
    }
}

/// Articles that cannot be had: most of those that were asked for lately, and for a reason that lasts, or in two runs.
fn articles_failed(runs: &[CrawlRun]) -> Verdict {
    let of = |run: &CrawlRun| {
        let refused: i64 = run.refused.values().sum();
        let failed = (run.failed - run.lists_failed - refused).max(run.lost);
        (failed, failed + refused + run.coverage.get("title").map_or(0, |share| share.of))
    };
    let (mut failed, mut tried, mut lost, mut runs_with) = (0, 0, 0, 0);
    for run in runs {
        let (run_failed, run_tried) = of(run);
        (failed, tried, lost) = (failed + run_failed, tried + run_tried, lost + run.lost);
        runs_with += usize::from(run_failed > 0);
        if tried >= FEW && (runs_with > 1 || lost * 2 > failed || failed * 2 <= tried) {
            break;
        }
    }
    if tried < FEW {
        return Verdict::Unknown;
    }
    if failed * 2 <= tried || failed < FEW {
        return Verdict::Over;
    }
    if runs_with < 2 && lost * 2 <= failed {
        return Verdict::Unknown;
    }
    let last = runs.iter().find(|run| of(run).0 > 0);
    let reason = last.and_then(|run| run.errors.iter().find(|error| !error.starts_with("列表页")));
    let reason = reason.map(|error| format!("；例如：{error}")).unwrap_or_default();
    Verdict::Holds(format!(
        "最近抓取的 {tried} 篇文章里有 {failed} 篇取不到，而列表正常{reason}。可能是文章换了地址，或网站不再允许抓取"
    ))
}

fn challenge(runs: &[CrawlRun]) -> Verdict {
    let Some(last) = runs.first() else { return Verdict::Unknown };
    let refused = MAY_PASS.iter().filter_map(|kind| last.refused.get(*kind)).sum::<i64>();
    let read = last.coverage.get("title").map_or(0, |share| share.of);
    if last.lists_refused > 0 || refused >= REFUSED && refused >= read {
        let lists = if last.lists_refused > 0 { "列表页也是这样；" } else { "" };
        return Verdict::Holds(format!(
            "{} 抓取时，网站返回状态码 200，但有 {} 页是错误页、验证页或空壳，只读出 {read} 篇；{lists}\
             可能是网站加了访问验证或改版",
            day(last.started_at),
            refused + last.lists_refused
        ));
    }
    if last.lists > 0 && (read > 0 || refused == 0 && last.found > 0) { Verdict::Over } else { Verdict::Unknown }
}

/// A share that fell to less than half of what it was. While an alarm is open, what came since is no habit.
fn coverage(runs: &[CrawlRun], open_since: Option<i64>) -> Verdict {
    let of = |run: &CrawlRun| run.coverage.get("title").map_or(0, |share| share.of);
    let mut judged = 0;
    let mut articles = 0;
    for run in runs {
        judged += 1;
        articles += of(run);
        if articles >= FEW {
            break;
        }
    }
    if articles < FEW {
        return Verdict::Unknown;
    }
    let (now, before) = runs.split_at(judged);
    let before = before.iter().filter(|run| open_since.is_none_or(|since| run.started_at < since));
    let before = before.take(30).fold(HashMap::new(), add);
    let now = now.iter().fold(HashMap::new(), add);
    let mut fallen = Vec::new();
    let mut known = false;
    for (field, was) in &before {
        let is = now.get(field).copied().unwrap_or_default();
        if was.of < HABIT || is.of == 0 || was.have * 2 < was.of {
            continue;
        }
        known = true;
        // have/of < half of what it was
        if is.have * was.of * 2 < was.have * is.of {
            fallen.push(format!(
                "{}从 {}% 降到 {}%（{} 篇里有 {} 篇）",
                field_name(field),
                100 * was.have / was.of,
                100 * is.have / is.of,
                is.of,
                is.have
            ));
        }
    }
    fallen.sort();
    match (known, fallen.is_empty()) {
        (_, false) => Verdict::Holds(format!("{}。可能是网页改版：用 zhida source test 检查", fallen.join("；"))),
        (true, true) => Verdict::Over,
        (false, true) => Verdict::Unknown,
    }
}

fn add<'a>(mut sum: HashMap<&'a str, Share>, run: &'a CrawlRun) -> HashMap<&'a str, Share> {
    for (field, share) in &run.coverage {
        let total = sum.entry(field.as_str()).or_default();
        total.have += share.have;
        total.of += share.of;
    }
    sum
}

fn field_name(field: &str) -> &str {
    match field {
        "title" => "标题",
        "published_on" => "发布日期",
        "issuers" => "发文机关",
        "doc_number" => "发文字号",
        "body_text" => "正文",
        "attachments" => "附件",
        other => other,
    }
}

/// Whether nothing new came for far longer than usual: four times the usual pause between two runs with news, one and
/// a half times the longest, and never less than [`QUIET_DAYS`]; or what the definition says. `news`: when runs began
/// that brought something, the last first; `first`: when the first run began.
pub fn quiet(last: Option<&CrawlRun>, news: &[i64], first: Option<i64>, quiet_days: Option<u32>, now: i64) -> Verdict {
    // a site that cannot be read has its own alarm
    if last.is_none_or(|last| last.lists == 0) {
        return Verdict::Unknown;
    }
    let pauses: Vec<i64> = news.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let limit = match quiet_days {
        Some(days) => i64::from(days) * DAY_MS,
        None if pauses.len() < QUIET_RUNS => return Verdict::Unknown,
        None => {
            let mut sorted = pauses.clone();
            sorted.sort_unstable();
            let usual = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
            let longest = sorted.last().copied().unwrap_or_default();
            (usual * 4).max(longest * 3 / 2).max(QUIET_DAYS * DAY_MS)
        }
    };
    let Some(last) = news.first().copied().or(first) else { return Verdict::Unknown };
    if now - last <= limit {
        return Verdict::Over;
    }
    let what = if news.is_empty() { "第一次抓取" } else { "最近一次有新文件" };
    let by = if quiet_days.is_some() { "定义" } else { "以往的习惯" };
    Verdict::Holds(format!(
        "{what}是 {}，已过 {} 天；按{by}不应超过 {} 天。可能是栏目换了地址",
        day(last),
        (now - last) / DAY_MS,
        limit / DAY_MS
    ))
}

/// Whether a source was not crawled although it was due twice. `first`: when its first run began, finished or not;
/// `due` and `before`: the last two times it was due.
pub fn not_crawled(last: Option<&CrawlRun>, first: Option<i64>, due: i64, before: i64, now: i64) -> Verdict {
    let since = match (last, first) {
        (Some(last), _) if last.started_at >= before => return Verdict::Over,
        (Some(last), _) => format!("最近一次抓完是 {}", day(last.started_at)),
        (None, Some(first)) if first < before => format!("自 {} 第一次抓取以来，没有一次抓完", day(first)),
        (None, _) => return Verdict::Unknown,
    };
    // the run that is due now may still be under way
    if now < due + LATE_MS {
        return Verdict::Unknown;
    }
    Verdict::Holds(format!("{since}，此后到期的抓取都没有完成。检查 zhida serve 是否在运行，以及日志里的错误"))
}

fn day(at: i64) -> String {
    clock::local(at).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    /// A good run so many days ago.
    fn run(days: i64) -> CrawlRun {
        CrawlRun {
            started_at: NOW - days * DAY_MS,
            finished_at: Some(NOW - days * DAY_MS + 60_000),
            lists: 2,
            found: 20,
            unchanged: 20,
            ..CrawlRun::default()
        }
    }

    fn with(mut run: CrawlRun, articles: i64, field: &str, have: i64) -> CrawlRun {
        run.coverage.insert("title".to_owned(), Share { have: articles, of: articles });
        run.coverage.insert(field.to_owned(), Share { have, of: articles });
        run
    }

    fn holds(verdict: &Verdict) -> Option<bool> {
        match verdict {
            Verdict::Holds(_) => Some(true),
            Verdict::Over => Some(false),
            Verdict::Unknown => None,
        }
    }

    #[test]
    fn a_list_that_is_suddenly_empty() {
        let empty = CrawlRun { lists: 1, lists_failed: 1, lists_empty: 1, found: 10, ..run(0) };
        let Verdict::Holds(text) = list_empty(&[empty.clone(), run(1)]) else { panic!("no alarm") };
        assert!(text.contains("1 个列表") && text.contains("20 条"), "{text}");
        assert_eq!(list_empty(&[run(0), empty]), Verdict::Over);
        let away = CrawlRun { lists: 0, lists_failed: 2, ..run(0) };
        assert_eq!(list_empty(&[away, run(1)]), Verdict::Unknown, "a site that is away says nothing of its lists");
    }

    #[test]
    fn a_site_that_is_away_for_three_runs() {
        let away = |days| CrawlRun { lists: 0, lists_failed: 2, errors: vec!["超时".to_owned()], ..run(days) };
        assert_eq!(holds(&unreachable(&[away(0), away(1), run(2)])), None);
        let Verdict::Holds(text) = unreachable(&[away(0), away(1), away(2), run(3)]) else { panic!("no alarm") };
        assert!(text.contains("连续 3 次") && text.contains("超时"), "{text}");
        assert_eq!(unreachable(&[run(0), away(1), away(2), away(3)]), Verdict::Over);
    }

    #[test]
    fn one_list_of_two_that_is_gone() {
        let gone = |days| CrawlRun {
            lists: 1,
            lists_failed: 1,
            failed_lists: vec!["https://x.gov.cn/b/".to_owned()],
            errors: vec!["列表页 https://x.gov.cn/b/：网页不存在".to_owned()],
            ..run(days)
        };
        assert_eq!(holds(&unreachable(&[gone(0), gone(1), run(2)])), None);
        let Verdict::Holds(text) = unreachable(&[gone(0), gone(1), gone(2), gone(3), run(4)]) else {
            panic!("no alarm")
        };
        assert!(text.contains("https://x.gov.cn/b/ 连续 4 次") && text.contains("网页不存在"), "{text}");
        assert_eq!(unreachable(&[run(0), gone(1), gone(2), gone(3)]), Verdict::Over);
        let broken_off = CrawlRun { ended: Some("max_requests".to_owned()), ..run(0) };
        assert_eq!(
            unreachable(&[broken_off, gone(1), gone(2), gone(3)]),
            Verdict::Unknown,
            "it may not have come to it"
        );
    }

    #[test]
    fn articles_that_cannot_be_had() {
        let lost = |days, count| CrawlRun { failed: count, lost: count, ..run(days) };
        let slow = |days, count| CrawlRun { failed: count, ..run(days) };
        for (runs, expected) in [
            (vec![lost(0, 20)], Some(true)),
            (vec![lost(0, 2)], None),
            (vec![lost(0, 3), lost(1, 3)], Some(true)),
            (vec![with(lost(0, 4), 16, "issuers", 16)], Some(false)),
            // what may pass is believed when it comes again
            (vec![slow(0, 20), with(run(1), 30, "issuers", 30)], Some(false)),
            (vec![slow(0, 20)], None),
            (vec![slow(0, 20), slow(1, 20)], Some(true)),
            (vec![run(0), lost(1, 20)], Some(true)),
            (vec![with(run(0), 8, "issuers", 8), lost(1, 20)], Some(false)),
        ] {
            assert_eq!(holds(&articles_failed(&runs)), expected, "{runs:?}");
        }
    }

    #[test]
    fn challenges_with_status_200() {
        let refused = |count| CrawlRun { refused: [("challenge".to_owned(), count)].into(), ..run(0) };
        for (run, expected) in [
            (refused(2), None),
            (refused(3), Some(true)),
            (with(refused(3), 10, "issuers", 9), Some(false)),
            (CrawlRun { lists_refused: 1, ..run(0) }, Some(true)),
            (run(0), Some(false)),
        ] {
            assert_eq!(holds(&challenge(std::slice::from_ref(&run))), expected, "{run:?}");
        }
    }

    #[test]
    fn a_field_that_falls() {
        let history = |n: i64| (1..=n).map(|day| with(run(day), 4, "issuers", 4)).collect::<Vec<_>>();
        let judged = |now: CrawlRun, before: Vec<CrawlRun>, open| coverage(&[vec![now], before].concat(), open);
        let Verdict::Holds(text) = judged(with(run(0), 6, "issuers", 2), history(5), None) else { panic!("no alarm") };
        assert_eq!(text.split('。').next(), Some("发文机关从 100% 降到 33%（6 篇里有 2 篇）"));
        assert_eq!(holds(&judged(with(run(0), 6, "issuers", 4), history(5), None)), Some(false));
        // too few articles now, or before
        assert_eq!(holds(&judged(with(run(0), 1, "issuers", 0), history(0), None)), None);
        assert_eq!(holds(&judged(with(run(0), 6, "issuers", 0), history(2), None)), None);
        // a field that most pages never had is not missed
        let rare = (1..=5).map(|day| with(run(day), 4, "doc_number", 1)).collect();
        assert_eq!(holds(&judged(with(run(0), 6, "doc_number", 0), rare, None)), Some(false));
        // what came since the alarm is no habit
        let bad: Vec<CrawlRun> = (1..=10).map(|day| with(run(day), 6, "issuers", 0)).collect();
        let good: Vec<CrawlRun> = (11..=15).map(|day| with(run(day), 6, "issuers", 6)).collect();
        let since = Some(NOW - 10 * DAY_MS);
        assert_eq!(holds(&judged(with(run(0), 6, "issuers", 0), [bad, good].concat(), since)), Some(true));
    }

    #[test]
    fn silence_beyond_the_habit() {
        let news = |days: &[i64]| -> Vec<i64> { days.iter().map(|day| NOW - day * DAY_MS).collect() };
        let first = Some(NOW - 300 * DAY_MS);
        for (days, stated, expected) in [
            (&[9, 10, 11, 12, 13, 14, 15][..], None, Some(false)),
            (&[11, 12, 13, 14, 15, 16, 17][..], None, Some(true)),
            (&[20, 40, 60, 80, 100, 120, 140][..], None, Some(false)),
            (&[90, 110, 130, 150, 170, 190, 210][..], None, Some(true)),
            (&[11, 12, 13][..], None, None),
            (&[11][..], Some(7), Some(true)),
            (&[11][..], Some(30), Some(false)),
            // three runs a day that brought nothing for months
            (&[90][..], Some(30), Some(true)),
            (&[][..], Some(7), Some(true)),
            (&[][..], Some(365), Some(false)),
            (&[][..], None, None),
        ] {
            assert_eq!(holds(&quiet(Some(&run(0)), &news(days), first, stated, NOW)), expected, "{days:?}");
        }
        let away = CrawlRun { lists: 0, lists_failed: 1, ..run(0) };
        assert_eq!(holds(&quiet(Some(&away), &news(&[90]), first, Some(7), NOW)), None);
    }

    #[test]
    fn a_source_that_is_not_crawled() {
        let (due, before) = (NOW - 2 * LATE_MS, NOW - DAY_MS);
        for (last, first, now, expected) in [
            (Some(run(0)), Some(NOW - 90 * DAY_MS), NOW, Some(false)),
            (Some(run(3)), Some(NOW - 90 * DAY_MS), NOW, Some(true)),
            (Some(run(3)), Some(NOW - 90 * DAY_MS), due + 1, None),
            (None, Some(NOW - 3 * DAY_MS), NOW, Some(true)),
            (None, Some(NOW - LATE_MS), NOW, None),
            (None, None, NOW, None),
        ] {
            assert_eq!(holds(&not_crawled(last.as_ref(), first, due, before, now)), expected, "{last:?}");
        }
    }
}
