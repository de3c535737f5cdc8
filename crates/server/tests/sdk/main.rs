//! The published clients against a live node. `LIFTGATE_PYTHON` names a Python with the packages of
//! `e2e/python/requirements.txt`, `LIFTGATE_NODE` the folder with the npm packages; `make test` sets both.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

mod agreement;
mod experiment;
mod flags;
mod ofrep;
mod program;
mod shop;
