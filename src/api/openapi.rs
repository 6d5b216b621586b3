//! The OpenAPI document: paths from the handlers, schemas from the types that the handlers read and write.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use zhida_schemas::{Enterprise, Match, Policy, Subscription};

use crate::store::sources::SourceVersion;
use crate::versions::{Difference, VersionEntry};

use super::{corrections, enterprises, policies, problem, push, searches, sources};

/// Completes the document that the handlers gave with title, schemas and the token.
pub fn complete(paths: OpenApi, platform: &str) -> Value {
    let mut document = serde_json::to_value(paths).unwrap_or_default();
    document["info"] = json!({
        "title": format!("{platform} API"),
        "description": "Search and reading are open. Endpoints that write, or that show what is not public, want `Authorization: Bearer TOKEN` (setting `api.token`). Every error is a problem document (RFC 9457).",
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["components"]["schemas"] = schemas();
    document["components"]["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
    document
}

fn schemas() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    generator.subschema_for::<Policy>();
    generator.subschema_for::<Enterprise>();
    generator.subschema_for::<Subscription>();
    generator.subschema_for::<Match>();
    generator.subschema_for::<problem::Problem>();
    generator.subschema_for::<policies::SearchAnswer>();
    generator.subschema_for::<policies::Citations>();
    generator.subschema_for::<policies::Published>();
    generator.subschema_for::<VersionEntry>();
    generator.subschema_for::<Difference>();
    generator.subschema_for::<corrections::Corrections>();
    generator.subschema_for::<enterprises::SavedProfiles>();
    generator.subschema_for::<push::Deliveries>();
    generator.subschema_for::<sources::SourceState>();
    generator.subschema_for::<sources::SavedSource>();
    generator.subschema_for::<SourceVersion>();
    generator.subschema_for::<searches::SearchCounts>();
    let lists = [
        ("SearchItems", "SearchItem"),
        ("PublishedRows", "Published"),
        ("PolicyVersions", "VersionEntry"),
        ("Enterprises", "Enterprise"),
        ("Matches", "Match"),
        ("Subscriptions", "Subscription"),
        ("Sources", "SourceState"),
        ("SourceVersions", "SourceVersion"),
        ("CrawlRuns", "CrawlRun"),
        ("Alarms", "Alarm"),
    ]
    .map(|(name, item)| {
        (name.to_owned(), json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{item}") } }))
    });
    let mut schemas = generator.take_definitions(true);
    schemas.extend(lists);
    Value::Object(schemas)
}
