//! Runs of hostile cases for as long as one likes, for the fuzz targets of the crates.

use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

/// Cases between two looks at the clock.
const CASES: u32 = 32;

/// Runs a target until the time is over: `ZHIDA_FUZZ_SECONDS`, 5 when not said. A case that is found is kept beside
/// `file` and tried first from then on.
pub fn run<S: Strategy>(
    file: &'static str,
    name: &'static str,
    strategy: S,
    target: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let seconds = std::env::var("ZHIDA_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(5);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut cases = 0;
    while Instant::now() < end {
        let config = Config {
            cases: CASES,
            failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
            source_file: Some(file),
            test_name: Some(name),
            ..Config::default()
        };
        match TestRunner::new(config).run(&strategy, &target) {
            Ok(()) => cases += CASES,
            Err(TestError::Fail(reason, value)) => panic!("{name}: {reason}\n{value:?}"),
            Err(TestError::Abort(reason)) => panic!("{name}: {reason}"),
        }
    }
    println!("{name}: {cases} cases in {seconds} s");
}
