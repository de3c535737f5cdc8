//! What a caller needs to have on a resource, as types: the parameter of a proof.

/// Signed in, nothing more.
#[derive(Debug, Clone, Copy)]
pub struct Member;
