//! liftgate-stats
