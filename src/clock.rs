//! Time comes in from outside, so that a test can travel.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 3_600_000;

/// Every date that a person reads or a schedule names is local to this zone.
pub const ZONE: Tz = chrono_tz::Asia::Shanghai;

/// The time of day that the program believes in. Cheap to clone; clones of a fixed clock travel together.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still until [`Clock::set`]; epoch milliseconds.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// Moves a fixed clock; the machine's clock stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(millis) = self {
            millis.store(at.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// Epoch milliseconds.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => Utc::now().timestamp_millis(),
            Self::Fixed(millis) => millis.load(Ordering::SeqCst),
        }
    }

    /// The local date.
    pub fn today(&self) -> NaiveDate {
        local(self.now()).date_naive()
    }
}

/// A stored time as local time.
pub fn local(millis: i64) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or_default().with_timezone(&ZONE)
}
