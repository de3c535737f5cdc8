//! liftgate-delivery
