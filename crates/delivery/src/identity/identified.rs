//! The answer to a call about an identity.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use liftgate_engine::Evaluation;

use super::known::{IdentityView, Known};
use crate::key::KeyKind;
use crate::snapshot::{EnvironmentSnapshot, Shape, json};

/// The flags of an identity, evaluated when they are asked for.
#[derive(Debug)]
pub struct Identified {
    snapshot: Arc<EnvironmentSnapshot>,
    kind: KeyKind,
    identity: View,
    evaluation: OnceLock<Evaluation>,
}

/// The identity as it is remembered, or made for this call.
#[derive(Debug)]
enum View {
    Known(Arc<Known>),
    Own(Box<IdentityView>),
}

impl Identified {
    pub(super) fn known(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, known: Arc<Known>) -> Self {
        Self::new(snapshot, kind, View::Known(known))
    }

    pub(super) fn own(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, view: IdentityView) -> Self {
        Self::new(snapshot, kind, View::Own(Box::new(view)))
    }

    fn new(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, identity: View) -> Self {
        Self {
            evaluation: OnceLock::new(),
            snapshot,
            kind,
            identity,
        }
    }

    /// The whole answer: a JSON object with identifier, traits and flags.
    pub fn body(&self) -> Bytes {
        let view = self.identity.get();
        let mut out = Vec::with_capacity(self.snapshot.flags(self.kind).body().len() * 3 / 2 + 256);
        out.extend_from_slice(br#"{"identifier":"#);
        out.extend_from_slice(&json(&view.context.identifier));
        out.extend_from_slice(br#","traits":"#);
        let traits = if self.snapshot.hides_sensitive_data() {
            &b"[]"[..]
        } else {
            view.traits_json()
        };
        out.extend_from_slice(traits);
        out.extend_from_slice(br#","flags":"#);
        self.write_flags(Shape::Flag, &mut out);
        out.push(b'}');
        out.into()
    }

    /// The flags alone: a JSON array.
    pub fn flags(&self) -> Bytes {
        self.flags_in(Shape::Flag).into()
    }

    /// OFREP's answer about all flags: a JSON object.
    pub fn ofrep_answer(&self) -> Bytes {
        self.snapshot.ofrep_bulk(&self.flags_in(Shape::Ofrep))
    }

    fn flags_in(&self, shape: Shape) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.snapshot.flags(self.kind).body().len() * 3 / 2);
        self.write_flags(shape, &mut out);
        out
    }

    fn write_flags(&self, shape: Shape, out: &mut Vec<u8>) {
        let context = &self.identity.get().context;
        let evaluation = self.evaluation.get_or_init(|| self.snapshot.evaluate(context));
        out.push(b'[');
        self.snapshot
            .write_flags(self.kind, &context.identifier, evaluation, shape, out);
        out.push(b']');
    }

    /// One flag: a JSON object. `None` when there is no such feature, or it is hidden from the caller.
    pub fn flag(&self, feature_name: &str) -> Option<Bytes> {
        self.flag_in(Shape::Flag, feature_name)
    }

    /// One flag in OFREP's shape: a JSON object. `None` as in [`flag`](Self::flag).
    pub fn ofrep_flag(&self, feature_name: &str) -> Option<Bytes> {
        self.flag_in(Shape::Ofrep, feature_name)
    }

    fn flag_in(&self, shape: Shape, feature_name: &str) -> Option<Bytes> {
        let context = &self.identity.get().context;
        self.snapshot.flag_of(self.kind, context, feature_name, shape)
    }
}

impl View {
    fn get(&self) -> &IdentityView {
        match self {
            Self::Known(known) => &known.view,
            Self::Own(view) => view,
        }
    }
}
