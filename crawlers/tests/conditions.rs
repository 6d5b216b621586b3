//! Conditions that an applicant must meet, measured on labelled texts.

use std::path::Path;

use zhida_crawlers::eval::evaluate_understanding;

#[test]
fn labelled_facts_keep_the_bars() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/eval/facts/facts.jsonl");
    if !facts.exists() {
        assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
        eprintln!("left out: ../shared/data not found");
        return;
    }
    let report = evaluate_understanding(&facts).unwrap();
    let tally = &report.lists["conditions"];
    let audience = &report.fields["for_enterprises"];
    if std::env::var_os("SHOW").is_some() {
        for m in &tally.misses {
            eprintln!("{m:?}");
        }
        for m in &audience.misses {
            eprintln!("{m:?}");
        }
    }
    eprintln!(
        "conditions: P {:.3} R {:.3} F1 {:.3}; enterprises {:.3}",
        tally.precision(),
        tally.recall(),
        tally.f1(),
        audience.share()
    );
}

#[test]
fn written_texts_keep_the_bars() {
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labels/conditions.jsonl");
    let report = evaluate_understanding(&texts).unwrap();
    for (name, tally) in report.lists.iter().filter(|(name, _)| name.starts_with("conditions")) {
        if std::env::var_os("SHOW").is_some() {
            for m in &tally.misses {
                eprintln!("{name} {m:?}");
            }
        }
        eprintln!(
            "{name}: P {:.3} R {:.3} F1 {:.3} of {}",
            tally.precision(),
            tally.recall(),
            tally.f1(),
            tally.expected
        );
    }
}

#[test]
#[ignore]
fn dump() {
    let file = std::env::var("ROWS").unwrap();
    let mut n = 0;
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let Ok(row) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let Ok(row) = zhida_schemas::ImportRow::from_json(row) else { continue };
        let mut policy = row.policy;
        zhida_crawlers::understand(&mut policy, None);
        n += 1;
        println!("## {n} {:?} {:?} {}", policy.for_enterprises, policy.kind, policy.title);
        for c in &policy.conditions { println!("    {:?} {:?} {} | {}", c.field, c.op, c.value.to_string().chars().take(60).collect::<String>(), c.evidence.chars().take(100).collect::<String>().replace('\n', " ")); }
    }
}
