//! Pages of one article.
