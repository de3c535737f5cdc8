//! liftgate-testkit
