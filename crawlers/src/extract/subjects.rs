//! 主题分类 as pages state it: paths of the 国务院主题分类, of which some names have 、 in them.

/// Names of the classification (主题分类 of the 国务院公文 database) that hold the sign which also stands between names.
const NAMES: &[&str] = &[
    "国民经济管理、国有资产监管",
    "财政、金融、审计",
    "国土资源、能源",
    "农业、林业、水利",
    "农业、畜牧业、渔业",
    "工业、交通",
    "航天、航空",
    "商贸、海关、旅游",
    "检验、检疫",
    "市场监管、安全生产监管",
    "城乡建设、环境保护",
    "环境监测、保护与治理",
    "气象、水文、测绘、地震",
    "科技、教育",
    "文化、广电、新闻出版",
    "广播、电影、电视",
    "卫生、体育",
    "人口与计划生育、妇女儿童工作",
    "劳动、人事、监察",
    "公安、安全、司法",
    "民政、扶贫、救灾",
    "民族、宗教",
    "外交、外事",
    "国际条约、国际组织",
    "参事、文史",
];

/// Between the names of a path.
const LEVELS: &[char] = &['\\', '/', '>', '＞', '-', '—', '＼', '／'];

/// Between paths.
const PATHS: &[char] = &['；', ';', ',', '，', '|', '\n'];

/// Longest path, in characters, and most paths of a document.
const LONGEST: usize = 60;
const MOST: usize = 20;

/// The paths, `工业、交通/其他`. A name that is not known ends at 、 unless the value has levels: their names hold it.
pub fn read(text: &str) -> Vec<String> {
    let text = text.trim();
    let has_levels = text.contains(LEVELS);
    let mut paths: Vec<Vec<&str>> = vec![Vec::new()];
    let mut rest = text;
    while !rest.is_empty() {
        let ends = |c: char| LEVELS.contains(&c) || PATHS.contains(&c) || c == '、';
        let known = NAMES.iter().filter(|name| {
            rest.strip_prefix(**name)
                .is_some_and(|behind| behind.trim_start().is_empty() || behind.trim_start().starts_with(ends))
        });
        let name = match known.max_by_key(|name| name.len()) {
            Some(name) => &rest[..name.len()],
            None => {
                let end = rest.find(|c| LEVELS.contains(&c) || PATHS.contains(&c) || c == '、' && !has_levels);
                &rest[..end.unwrap_or(rest.len())]
            }
        };
        let trimmed = name.trim();
        if let Some(path) = paths.last_mut().filter(|_| !trimmed.is_empty()) {
            path.push(trimmed);
        }
        rest = rest[name.len()..].trim_start();
        let Some(sign) = rest.chars().next() else { break };
        if !LEVELS.contains(&sign) {
            paths.push(Vec::new());
        }
        rest = rest[sign.len_utf8()..].trim_start();
    }
    let mut read: Vec<String> = Vec::new();
    for path in paths.into_iter().map(|path| path.join("/")) {
        if !path.is_empty() && path.chars().count() < LONGEST && !read.contains(&path) && read.len() < MOST {
            read.push(path);
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_whole() {
        for (text, expected) in [
            ("工业、交通\\其他", "工业、交通/其他"),
            ("财政、金融、审计", "财政、金融、审计"),
            ("财政、金融、审计\\财政；工业、交通\\航天、航空", "财政、金融、审计/财政 工业、交通/航天、航空"),
            ("科技、教育、工业、交通", "科技、教育 工业、交通"),
            ("城乡建设、环境保护 > 环境监测、保护与治理", "城乡建设、环境保护/环境监测、保护与治理"),
            ("示例甲、示例乙", "示例甲 示例乙"),
            ("卫生健康、体育\\医药管理", "卫生健康、体育/医药管理"),
            ("综合政务/电子政务，其他，其他", "综合政务/电子政务 其他"),
            ("、、", ""),
            ("", ""),
        ] {
            assert_eq!(read(text).join(" "), expected, "{text}");
        }
    }
}
