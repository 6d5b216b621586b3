//! Places at which a test can have the process killed.
//!
//! `ZHIDA_FAILPOINT=name:N` makes the N-th pass through the failpoint `name` kill the process with SIGKILL, as a
//! power cut would: nothing is flushed, nothing is rolled back. Debug builds only; a release build compiles every
//! failpoint to nothing.

/// Passes a failpoint.
#[inline]
pub fn pass(name: &str) {
    #[cfg(debug_assertions)]
    armed::pass(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        left: AtomicU64,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let spec = std::env::var("ZHIDA_FAILPOINT").ok()?;
        let (name, count) = spec.split_once(':')?;
        Some(Armed { name: name.to_owned(), left: AtomicU64::new(count.parse().ok()?) })
    });

    pub fn pass(name: &str) {
        let Some(armed) = ARMED.as_ref() else { return };
        if armed.name == name && armed.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}
