//! liftgate-store
