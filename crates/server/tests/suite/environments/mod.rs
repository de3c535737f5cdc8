//! Environments and their keys (contract, admin API, sections 3.2 and 3.3).

mod clone;
mod crud;
mod keys;
mod more;
mod versioning;
