//! liftgate-api
