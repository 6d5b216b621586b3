//! The source definitions in use: those that editors saved, and the bundled ones under names that no editor took.
//!
//! Saved ones are in SQL with every version, and take effect without a restart: who asks for the definitions is given
//! what is saved at that moment. Bundled ones are never changed.

use std::sync::{Arc, PoisonError, RwLock};

use zhida_crawlers::{Source, SourceError};

use crate::store::{Store, StoreError};

/// What was read, and at which state of the saved definitions.
type Read = (i64, Arc<Defined>);

/// The definitions in use. Cheap to clone; clones share what was read.
#[derive(Clone, Default)]
pub struct Sources {
    read: Arc<RwLock<Option<Read>>>,
    fixed: Option<Arc<Defined>>,
}

/// Definitions, in order of name.
#[derive(Debug, Default)]
pub struct Defined {
    /// Every usable definition.
    pub sources: Vec<Source>,
    /// Names of those that an editor saved, with the version.
    pub saved: Vec<(String, i64)>,
    /// Saved definitions that this version of the program cannot read, in words; the bundled one of that name is used
    /// instead, where there is one.
    pub problems: Vec<String>,
}

impl Defined {
    /// The definition of a name.
    pub fn get(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// The saved version that is in use under a name; `None` for a bundled definition.
    pub fn version(&self, name: &str) -> Option<i64> {
        self.saved.iter().find(|(saved, _)| saved == name).map(|(_, version)| *version)
    }
}

impl Sources {
    /// These and no others (the demo).
    pub fn fixed(sources: Vec<Source>) -> Self {
        Self { read: Arc::default(), fixed: Some(Arc::new(Defined { sources, ..Defined::default() })) }
    }

    /// The definitions as they are now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn defined(&self, store: &Store) -> Result<Arc<Defined>, StoreError> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        let version = store.sources_version().await?;
        if let Some((read, defined)) = &*self.read.read().unwrap_or_else(PoisonError::into_inner)
            && *read == version
        {
            return Ok(defined.clone());
        }
        let mut defined = Defined { sources: Source::bundled(), ..Defined::default() };
        for saved in store.saved_sources().await? {
            match read_definition(&saved.name, saved.definition.as_deref().unwrap_or_default()) {
                Ok(source) => {
                    defined.sources.retain(|bundled| bundled.name != saved.name);
                    defined.sources.push(source);
                    defined.saved.push((saved.name, saved.version));
                }
                Err(error) => defined.problems.push(format!("{error}（用 zhida source save 存一个改好的）")),
            }
        }
        defined.sources.sort_by(|a, b| a.name.cmp(&b.name));
        let defined = Arc::new(defined);
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = Some((version, defined.clone()));
        Ok(defined)
    }
}

/// Reads a definition that is saved under a name.
///
/// # Errors
/// It is no definition, or of another name.
pub fn read_definition(name: &str, toml: &str) -> Result<Source, SourceError> {
    let wrong = |reason: String| SourceError { name: name.to_owned(), reason };
    let source = Source::parse(toml).map_err(|error| wrong(error.reason))?;
    if source.name != name {
        return Err(wrong(format!("定义里的 name 是 {:?}", source.name)));
    }
    Ok(source)
}
