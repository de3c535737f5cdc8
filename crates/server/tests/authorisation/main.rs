//! Who may do what, for every operation that the server describes: outsiders are refused before anything of the request is
//! looked at, learn nothing and change nothing; objects of others named inside a request are as good as not there.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod operations;
mod outsiders;
mod smuggled;
mod world;
