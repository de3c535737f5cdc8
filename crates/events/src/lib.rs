//! liftgate-events
