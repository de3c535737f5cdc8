//! The answer to a call about an identity.

use std::sync::Arc;

use bytes::Bytes;
use liftgate_engine::Evaluation;

use super::known::{IdentityView, Known};
use crate::key::KeyKind;
use crate::snapshot::{EnvironmentSnapshot, json};

/// The flags evaluated for an identity.
#[derive(Debug)]
pub struct Identified {
    snapshot: Arc<EnvironmentSnapshot>,
    kind: KeyKind,
    identity: View,
    evaluation: Evaluation,
}

/// The identity as it is remembered, or made for this call.
#[derive(Debug)]
enum View {
    Known(Arc<Known>),
    Own(IdentityView),
}

impl Identified {
    pub(super) fn known(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, known: Arc<Known>) -> Self {
        Self::new(snapshot, kind, View::Known(known))
    }

    pub(super) fn own(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, view: IdentityView) -> Self {
        Self::new(snapshot, kind, View::Own(view))
    }

    fn new(snapshot: Arc<EnvironmentSnapshot>, kind: KeyKind, identity: View) -> Self {
        Self {
            evaluation: snapshot.evaluate(&identity.get().context),
            snapshot,
            kind,
            identity,
        }
    }

    /// The whole answer: a JSON object with identifier, traits and flags.
    pub fn body(&self) -> Bytes {
        let view = self.identity.get();
        let mut out = Vec::with_capacity(self.snapshot.flags(self.kind).len() * 3 / 2 + 256);
        out.extend_from_slice(br#"{"identifier":"#);
        out.extend_from_slice(&json(&view.context.identifier));
        out.extend_from_slice(br#","traits":"#);
        let traits = if self.snapshot.hides_sensitive_data() {
            b"[]"
        } else {
            &*view.traits_json
        };
        out.extend_from_slice(traits);
        out.extend_from_slice(br#","flags":["#);
        self.snapshot
            .write_flags(self.kind, &view.context.identifier, &self.evaluation, &mut out);
        out.extend_from_slice(b"]}");
        out.into()
    }

    /// One flag: a JSON object. `None` when there is no such feature, or it is hidden from the caller.
    pub fn flag(&self, feature_name: &str) -> Option<Bytes> {
        let identifier = &self.identity.get().context.identifier;
        self.snapshot
            .flag_of(self.kind, identifier, &self.evaluation, feature_name)
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
