//! What traces look like on the wire.

use liftgate_app::identities::TracedIdentity;
use liftgate_delivery::{
    Band, ConditionTrace, FlagTrace, Operator, OverrideOutcome, OverrideTrace, RuleTrace, RuleType,
    SplitTrace, TracedFlag, Winner, trait_json,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The flags of an identity, each with why it is what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityTrace)]
pub struct TraceBody {
    /// The identity.
    pub identifier: String,
    /// Whether it is stored.
    pub is_stored: bool,
    /// Its stored traits, by key.
    pub traits: Vec<TracedTrait>,
    /// The flags, by the id of their feature.
    pub flags: Vec<FlagBody>,
}

/// A stored trait.
#[derive(Debug, Serialize, ToSchema)]
pub struct TracedTrait {
    /// Its key.
    pub trait_key: String,
    /// Text, a number or a boolean.
    pub trait_value: Value,
}

/// A flag as SDKs get it, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TracedFlag)]
pub struct FlagBody {
    /// The feature.
    pub feature: TracedFeature,
    /// On or off.
    pub enabled: bool,
    /// The value, of the variant the identity is in.
    pub value: Value,
    /// The option's key, `control`, or null.
    pub variant: Option<String>,
    /// In the words of the SDK API.
    #[schema(example = "TARGETING_MATCH; segment=pro")]
    pub reason: String,
    /// Why.
    pub trace: FlagTraceBody,
}

/// A feature by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct TracedFeature {
    /// Id.
    pub id: i32,
    /// Name.
    pub name: String,
}

/// A segment by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct TracedSegment {
    /// Id; what a percentage split of the segment is salted with.
    pub id: i32,
    /// Name.
    pub name: String,
}

/// Why a flag is what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagTrace)]
pub struct FlagTraceBody {
    /// The state that won.
    pub winner: WinnerBody,
    /// The overrides of segments, the strongest first. Those after the one that won were not looked at.
    pub overrides: Vec<OverrideBody>,
    /// How the variant was chosen; null where the state that won has no options with shares.
    pub split: Option<SplitBody>,
}

/// The state that won.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceWinner)]
pub struct WinnerBody {
    /// `environment_default`, `identity_override` (which wins over everything) or `segment_override`.
    #[schema(example = "segment_override")]
    pub kind: &'static str,
    /// The segment whose override it is.
    pub segment: Option<TracedSegment>,
    /// The rank of the override: lowest wins.
    pub priority: Option<f64>,
}

/// An override of a segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceOverride)]
pub struct OverrideBody {
    /// The segment.
    pub segment: TracedSegment,
    /// The rank: lowest wins.
    pub priority: Option<f64>,
    /// `won`, `no_match` or `not_reached`.
    #[schema(value_type = String, example = "no_match")]
    pub outcome: OverrideOutcome,
    /// Whether the segment depends on itself through flags, and so does not match.
    pub is_circular: bool,
    /// The segment's rules, all of which must match; empty where the override was not reached.
    pub rules: Vec<RuleTraceBody>,
}

/// A rule: its conditions and its sub-rules are combined by its type, and both must match.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceRule)]
pub struct RuleTraceBody {
    /// `ALL`, `ANY` or `NONE`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "ALL")]
    pub kind: RuleType,
    /// Whether it matches; null where it was not tested, because the outcome was known.
    pub result: Option<bool>,
    /// Its conditions.
    pub conditions: Vec<ConditionBody>,
    /// Its sub-rules.
    #[schema(no_recursion)]
    pub rules: Vec<RuleTraceBody>,
}

/// A condition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceCondition)]
pub struct ConditionBody {
    /// What is asked.
    #[schema(value_type = String, example = "PERCENTAGE_SPLIT")]
    pub operator: Operator,
    /// A trait key or a JSONPath; empty in a percentage split: the identity key.
    pub property: String,
    /// What is compared with.
    pub value: Value,
    /// The value of the property as the condition saw it: text that looks like a number is one. Null where there is none,
    /// or where the condition was not tested.
    pub actual: Value,
    /// Whether it holds; null where it was not tested, because the outcome was known.
    pub result: Option<bool>,
    /// In a percentage split: where the identity lies, 0 to 100. It is in up to and including the threshold.
    pub percentage: Option<f64>,
    /// In a percentage split: the share that is in, in percent.
    pub threshold: Option<f64>,
}

/// How a variant was chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceSplit)]
pub struct SplitBody {
    /// What is hashed with the identity key.
    pub salt: String,
    /// The identity key.
    pub identity_key: String,
    /// Where the identity lies, 0 to 100.
    #[schema(example = 32.586_517_303_460_695)]
    pub bucket: f64,
    /// The options along the line, in order; beyond them is the control.
    pub bands: Vec<BandBody>,
}

/// The part of the line that belongs to an option.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceBand)]
pub struct BandBody {
    /// The option's key.
    pub variant: Option<String>,
    /// Where it begins, inclusive.
    pub start: f64,
    /// Where it ends, exclusive.
    pub end: f64,
    /// Whether the identity lies in it.
    pub is_hit: bool,
}

impl TraceBody {
    pub(super) fn new(identifier: String, traced: TracedIdentity) -> Self {
        let traits = traced.traits.into_iter().map(|stored| TracedTrait {
            trait_value: trait_json(&stored.value),
            trait_key: stored.key,
        });
        Self {
            identifier,
            is_stored: traced.is_stored,
            traits: traits.collect(),
            flags: traced.flags.into_iter().map(FlagBody::from).collect(),
        }
    }
}

impl From<TracedFlag> for FlagBody {
    fn from(flag: TracedFlag) -> Self {
        Self {
            feature: TracedFeature {
                id: flag.feature.0,
                name: flag.name,
            },
            enabled: flag.enabled,
            value: flag.value,
            variant: flag.variant,
            reason: flag.reason,
            trace: flag.trace.into(),
        }
    }
}

impl From<FlagTrace> for FlagTraceBody {
    fn from(trace: FlagTrace) -> Self {
        Self {
            winner: trace.winner.into(),
            overrides: trace.overrides.into_iter().map(OverrideBody::from).collect(),
            split: trace.split.map(SplitBody::from),
        }
    }
}

impl From<Winner> for WinnerBody {
    fn from(winner: Winner) -> Self {
        let (kind, segment, priority) = match winner {
            Winner::EnvironmentDefault => ("environment_default", None, None),
            Winner::IdentityOverride => ("identity_override", None, None),
            Winner::SegmentOverride {
                segment_key,
                segment_name,
                priority,
            } => {
                let segment = TracedSegment::new(&segment_key, segment_name);
                ("segment_override", Some(segment), priority)
            }
        };
        Self {
            kind,
            segment,
            priority,
        }
    }
}

impl TracedSegment {
    /// The engine knows a segment by its id as text.
    fn new(key: &str, name: String) -> Self {
        Self {
            id: key.parse().unwrap_or_default(),
            name,
        }
    }
}

impl From<OverrideTrace> for OverrideBody {
    fn from(traced: OverrideTrace) -> Self {
        Self {
            segment: TracedSegment::new(&traced.segment_key, traced.segment_name),
            priority: traced.priority,
            outcome: traced.outcome,
            is_circular: traced.is_circular,
            rules: traced.rules.into_iter().map(RuleTraceBody::from).collect(),
        }
    }
}

impl From<RuleTrace> for RuleTraceBody {
    fn from(rule: RuleTrace) -> Self {
        Self {
            kind: rule.rule_type,
            result: rule.result,
            conditions: rule.conditions.into_iter().map(ConditionBody::from).collect(),
            rules: rule.rules.into_iter().map(Self::from).collect(),
        }
    }
}

impl From<ConditionTrace> for ConditionBody {
    fn from(condition: ConditionTrace) -> Self {
        Self {
            operator: condition.operator,
            property: condition.property,
            value: condition.value,
            actual: condition.actual.unwrap_or_default(),
            result: condition.result,
            percentage: condition.percentage,
            threshold: condition.threshold,
        }
    }
}

impl From<SplitTrace> for SplitBody {
    fn from(split: SplitTrace) -> Self {
        Self {
            salt: split.salt,
            identity_key: split.identity_key,
            bucket: split.bucket,
            bands: split.bands.into_iter().map(BandBody::from).collect(),
        }
    }
}

impl From<Band> for BandBody {
    fn from(band: Band) -> Self {
        Self {
            variant: band.variant,
            start: band.start,
            end: band.end,
            is_hit: band.is_hit,
        }
    }
}
