# What a developer types. `make test` passes everything on a fresh machine with Rust; parts that want PostgreSQL,
# Chromium or ../shared/data run when those are there and say so when they are left out.

CARGO ?= cargo

.PHONY: build test demo long lint bench clean

build:
	$(CARGO) build --workspace

test:
	$(CARGO) test --workspace --quiet

demo:
	$(CARGO) run --quiet -- demo

# What takes too long for every change: many kills, the whole import, hostile texts for ten minutes a target.
long:
	ZHIDA_CRASH_KILLS=$${ZHIDA_CRASH_KILLS:-120} $(CARGO) test --test crash -- --nocapture
	$(CARGO) test --test import -- --nocapture
	ZHIDA_FUZZ_SECONDS=$${ZHIDA_FUZZ_SECONDS:-600} $(CARGO) test --package zhida-index --package zhida-crawlers --test fuzz -- --nocapture

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --quiet

bench:
	$(CARGO) bench --bench text
	$(CARGO) bench --bench index
	$(CARGO) bench --bench load
	$(CARGO) bench --bench fresh
	$(CARGO) bench --bench growth
	$(CARGO) bench --package zhida-index --bench matching
	$(CARGO) bench --package zhida-crawlers --bench understand
	$(CARGO) bench --package zhida-crawlers --bench extract

clean:
	$(CARGO) clean
