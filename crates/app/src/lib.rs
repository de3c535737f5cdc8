//! liftgate-app
