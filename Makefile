# What everyone types. `make run` and `make test` work on a fresh machine: a Rust toolchain, Node 20, Debian, and the
# network to the package registries.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run demo test test-rust test-postgres check fmt-check lint docs-check deny bench calibrate replay openapi fix clean

help: ## Lists the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## Builds and starts Liftgate on SQLite and the local event store; prints its address and a one-time set-up link.
	cargo run --profile quick --package liftgate -- serve

demo: ## Builds a demonstration project on a running server and drives an experiment through its API.
	cargo run --profile quick --package liftgate -- demo

test: test-rust test-postgres ## Installs what the tests need and runs all of them.

test-rust: # Every test on SQLite, the published SDKs and the DuckDB oracle among them.
	eval "$$(scripts/test-tools.sh)" && cargo test --workspace

test-postgres: # The suites of the store and of the HTTP interface, on a throw-away Postgres.
	scripts/postgres.sh run cargo test --package liftgate-store --package liftgate --test suite

check: fmt-check lint docs-check deny test ## Lint, types and tests, as CI runs them.

fmt-check:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

docs-check:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

deny:
	scripts/deny.sh

bench: ## Measures, each figure beside a named alternative in the same run.
	command -v wrk >/dev/null || scripts/debian.sh wrk
	eval "$$(scripts/test-tools.sh)" && { \
	  "$$LIFTGATE_PYTHON" -m pip install -q --disable-pip-version-check -r crates/stats/benches/requirements.txt \
	    || echo "gbstats cannot be installed here: its figure is left out"; \
	  cargo bench --workspace \
	    && cargo run --release --quiet --manifest-path benches/engines/Cargo.toml --target-dir target/engines -- --bench; }

calibrate: ## Measures error rates, coverage and power by simulation and writes docs/calibration.md.
	cargo run --profile quick --package liftgate-stats --example calibrate

replay: ## Replays a real A/B test of 90,189 players through the public API and compares every number.
	cargo test --profile quick --package liftgate --test replay -- --nocapture

openapi: ## Writes docs/openapi.json from the handlers.
	LIFTGATE_WRITE_OPENAPI=1 cargo test --package liftgate --test openapi

fix: ## Formats and applies what the linter can mend.
	cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged
	cargo fmt --all

clean: ## Removes everything that was built or installed; data stays.
	cargo clean
	rm -rf .cache e2e/node/node_modules
