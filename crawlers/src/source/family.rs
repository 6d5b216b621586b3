//! Families: what the sites of one content management system have in common.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;
use serde::Deserialize;
use toml::{Table, Value};

use super::{Article, List, Source};

/// What the sites of one content management system have in common; `sources/families/NAME.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Name of the system in Chinese.
    pub title: String,
    /// Words in the markup of a list page by which the system is known.
    #[serde(default)]
    pub signs: Vec<String>,
    /// Defaults of every list.
    #[serde(default)]
    list: Table,
    /// Defaults of the article.
    #[serde(default)]
    article: Table,
}

impl Family {
    /// Whether it has a default for this key of a list.
    pub fn says(&self, key: &str) -> bool {
        self.list.contains_key(key)
    }
}

#[derive(RustEmbed)]
#[folder = "sources/families"]
#[include = "*.toml"]
struct Files;

/// The families by name.
pub fn families() -> &'static BTreeMap<String, Family> {
    static FAMILIES: LazyLock<BTreeMap<String, Family>> = LazyLock::new(|| {
        let read = |file: &str| {
            let text = String::from_utf8(Files::get(file)?.data.into_owned()).ok()?;
            // a test reads every one of them
            Some((file.strip_suffix(".toml")?.to_owned(), toml::from_str(&text).ok()?))
        };
        Files::iter().filter_map(|file| read(&file)).collect()
    });
    &FAMILIES
}

/// The definition with what its family adds.
pub(super) fn complete(toml: &str, name: &str) -> Result<Source, String> {
    let Some(family) = families().get(name) else {
        let known: Vec<&str> = families().keys().map(String::as_str).collect();
        return Err(format!("extends {name:?} 不在已有的模板之中（{}）", known.join("、")));
    };
    let mut table: Table = toml::from_str(toml).map_err(|error| error.to_string())?;
    if let Some(Value::Array(lists)) = table.get_mut("list") {
        for list in lists.iter_mut().filter_map(Value::as_table_mut) {
            add(list, &family.list);
        }
    }
    let article = table.entry("article").or_insert_with(|| Value::Table(Table::new()));
    if let Some(article) = article.as_table_mut() {
        add(article, &family.article);
    }
    table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

fn add(own: &mut Table, defaults: &Table) {
    for (key, value) in defaults {
        own.entry(key).or_insert_with(|| value.clone());
    }
}

/// The source without what its family says.
pub(super) fn without(source: &Source) -> Option<Source> {
    let family = families().get(source.extends.as_deref()?)?;
    let mut short = source.clone();
    for list in &mut short.lists {
        *list = subtract::<List>(list, &family.list)?;
    }
    short.article = subtract::<Article>(&short.article, &family.article)?;
    Some(short)
}

fn subtract<T: serde::Serialize + serde::de::DeserializeOwned>(own: &T, defaults: &Table) -> Option<T> {
    let mut table = Table::try_from(own).ok()?;
    table.retain(|key, value| defaults.get(key) != Some(value));
    table.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_right() {
        assert_eq!(Files::iter().count(), families().len(), "a family cannot be read");
        for (name, family) in families() {
            assert!(!family.title.is_empty() && !family.signs.is_empty(), "{name}");
            let source = three_lines(name, "https://x.gov.cn/tzgg/");
            let source = Source::parse(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
            let short = source.to_toml().unwrap();
            assert!(short.lines().count() < 9 && short.contains("extends"), "{short}");
            assert_eq!(Source::parse(&short).unwrap(), source, "{name}");
        }
    }

    fn three_lines(family: &str, url: &str) -> String {
        format!(
            "name = \"x\"\ntitle = \"示例站\"\nregion_code = \"321100\"\nextends = \"{family}\"\n[[list]]\nurl = \"{url}\"\n"
        )
    }

    #[test]
    fn the_own_keys_win() {
        let family = three_lines("gkmlpt", "https://x.gov.cn/gkmlpt/api/all/1?page={n}");
        let plain = Source::parse(&family).unwrap();
        assert!(!plain.lists[0].item.is_empty() && plain.lists[0].doc_number.is_some());
        let changed = format!("{family}title = \"name\"\ndoc_number = \"\"\n[article]\nbody = \"#own\"\n");
        let changed = Source::parse(&changed).unwrap();
        assert_eq!(changed.lists[0].title.as_deref(), Some("name"));
        assert_eq!((changed.lists[0].doc_number.as_ref(), &changed.lists[0].item), (None, &plain.lists[0].item));
        assert_eq!(changed.article.body.as_deref(), Some("#own"));
        // what cannot be said shortly is written in full, and reads back as the same but for the family's name
        let written = Source::parse(&changed.to_toml().unwrap()).unwrap();
        assert_eq!(Source { extends: changed.extends.clone(), ..written }, changed);
        let error = Source::parse(&three_lines("unknown", "https://x.gov.cn/")).unwrap_err().to_string();
        assert!(error.contains("unknown") && error.contains("trs"), "{error}");
    }
}
