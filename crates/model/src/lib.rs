//! liftgate-model
