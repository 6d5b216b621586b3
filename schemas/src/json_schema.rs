//! JSON Schemas of what crosses a border of the program, generated from the types.

use std::collections::BTreeMap;

use schemars::{Schema, schema_for};

use crate::{Enterprise, Match, Policy, Subscription};

/// The schemas of the policy record, the enterprise profile, the subscription and the match by name (`policy`,
/// `enterprise`, `subscription`, `match`), JSON Schema 2020-12.
pub fn json_schemas() -> BTreeMap<&'static str, Schema> {
    BTreeMap::from([
        ("policy", schema_for!(Policy)),
        ("enterprise", schema_for!(Enterprise)),
        ("subscription", schema_for!(Subscription)),
        ("match", schema_for!(Match)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_record_is_described() {
        let schemas = json_schemas();
        assert_eq!(schemas.keys().copied().collect::<Vec<_>>(), ["enterprise", "match", "policy", "subscription"]);
        let records = [
            ("policy", serde_json::to_value(Policy::default()).unwrap()),
            ("enterprise", serde_json::to_value(Enterprise::default()).unwrap()),
        ];
        for (name, record) in records {
            let schema = schemas[name].as_value();
            assert!(schema["$schema"].as_str().is_some_and(|url| url.contains("2020-12")), "{name}");
            for field in record.as_object().unwrap().keys() {
                let described = &schema["properties"][field];
                assert!(described["description"].is_string() || described["$ref"].is_string(), "{name}.{field}");
            }
        }
        for schema in schemas.values() {
            assert!(schema.as_value()["properties"].as_object().is_some_and(|fields| fields.len() >= 4));
        }
    }
}
