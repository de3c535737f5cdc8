//! liftgate-engine
