//! The stored traits of one identity.

pub mod crud;
mod wire;

#[cfg(test)]
mod tests;
