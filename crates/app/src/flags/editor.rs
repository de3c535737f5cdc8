//! Changes what one feature does in one environment.
//!
//! The same calls work in both modes. Without versioning the rows are edited in place and each changed part is an audit
//! record. With versioning the live states are cloned into a draft, the draft is edited, and publishing it is the one
//! audit record; the version before stays as it was. In both, the salt of a line and the order of its allocations are
//! carried over, so nobody moves between variants.

use super::change::{self, Change};
use super::wording::Subject;
use super::{ValueEdit, columns, lock};
use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureSegment, FeatureState, FeatureVersion, Line};
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureSegmentId, FlagValue, Leftovers, OptionId, SegmentId, Timestamp};
use liftgate_store::feature_states::{NewState, StateFilter};
use liftgate_store::{feature_segments, feature_states, feature_versions, features};
use serde_json::Value;
use uuid::Uuid;

/// Edits one feature in one environment inside a unit of work.
pub struct FlagEditor<'e, 'w> {
    work: &'e mut Work<'w>,
    environment: &'e Environment,
    feature: &'e Feature,
    /// The draft that is being edited, in versioned environments.
    draft: Option<FeatureVersion>,
    states: Vec<FeatureState>,
    /// Whether running experiments have been asked, or need not be.
    may_change: bool,
}

/// What a new state says.
struct Content {
    enabled: bool,
    value: FlagValue,
    leftovers: Leftovers,
    shares: Vec<(OptionId, f64)>,
}

impl<'e, 'w> FlagEditor<'e, 'w> {
    /// Opens a feature for editing what it does now.
    ///
    /// # Errors
    /// `Conflict` while an experiment runs on it, where that locks it.
    pub async fn open(
        work: &'e mut Work<'w>,
        environment: &'e Environment,
        feature: &'e Feature,
    ) -> Result<Self> {
        let editor = Self::open_for_experiment(work, environment, feature).await?;
        lock::guard(editor.work, environment, feature).await?;
        Ok(editor)
    }

    /// The same for what experiments themselves do to their flag.
    pub(crate) async fn open_for_experiment(
        work: &'e mut Work<'w>,
        environment: &'e Environment,
        feature: &'e Feature,
    ) -> Result<Self> {
        if environment.use_v2_feature_versioning {
            let mut editor = Self::open_new_version(work, environment, feature, None).await?;
            editor.may_change = true;
            return Ok(editor);
        }
        features::lock(&work.tx, feature.id).await?;
        let ids = [feature.id];
        let filter = StateFilter::live(environment, work.now).of(&ids);
        let states = feature_states::list(&work.tx, &filter).await?;
        Ok(Self {
            work,
            environment,
            feature,
            draft: None,
            states,
            may_change: true,
        })
    }

    /// Opens a new, unpublished version that starts as what is live.
    pub async fn open_new_version(
        work: &'e mut Work<'w>,
        environment: &'e Environment,
        feature: &'e Feature,
        description: Option<String>,
    ) -> Result<Self> {
        features::lock(&work.tx, feature.id).await?;
        // Who waited for the turn comes after who had it: with the time of before, the version that was just published
        // would not be live yet, and its changes would be lost.
        work.now = work.now.max(work.app.clock.now());
        let draft = FeatureVersion {
            uuid: work.uuid(),
            feature: feature.id,
            environment: environment.id,
            published: false,
            live_from: None,
            published_by: None,
            created_by: work.user_id(),
            description,
            created_at: work.now,
            updated_at: work.now,
        };
        feature_versions::create(&work.tx, &draft).await?;
        let ids = [feature.id];
        let live = feature_states::list(&work.tx, &StateFilter::live(environment, work.now).of(&ids)).await?;
        let mut editor = Self {
            work,
            environment,
            feature,
            draft: Some(draft),
            states: Vec::new(),
            may_change: false,
        };
        for state in live {
            editor.copy(&state).await?;
        }
        editor.reload().await?;
        Ok(editor)
    }

    /// Opens an unpublished version for further edits.
    pub async fn open_draft(
        work: &'e mut Work<'w>,
        environment: &'e Environment,
        feature: &'e Feature,
        draft: FeatureVersion,
    ) -> Result<Self> {
        if draft.published {
            return Err(Error::detail("Cannot modify published version."));
        }
        features::lock(&work.tx, feature.id).await?;
        let states =
            feature_states::list(&work.tx, &StateFilter::version(environment.id, draft.uuid)).await?;
        Ok(Self {
            work,
            environment,
            feature,
            draft: Some(draft),
            states,
            may_change: false,
        })
    }

    /// The states as they are now, by id: the default and the segment overrides.
    pub fn states(&self) -> &[FeatureState] {
        &self.states
    }

    /// The state of a line.
    pub fn find(&self, line: Line) -> Option<&FeatureState> {
        self.states
            .iter()
            .filter(|state| state.line == line)
            .max_by_key(|state| state.id)
    }

    /// The draft that is being edited, in versioned environments.
    pub fn draft(&self) -> Option<&FeatureVersion> {
        self.draft.as_ref()
    }

    /// Changes the environment default.
    pub async fn change_default(&mut self, change: Change) -> Result<()> {
        let state = self
            .find(Line::Default)
            .cloned()
            .ok_or_else(|| Error::missing("FeatureState"))?;
        self.change(&state, change, &Subject::Default).await
    }

    /// Changes the override of a segment.
    pub async fn change_override(&mut self, segment: &Segment, change: Change) -> Result<()> {
        let state = self
            .find(Line::Segment(segment.id))
            .cloned()
            .ok_or_else(|| Error::missing("FeatureState"))?;
        self.change(&state, change, &Subject::Segment(&segment.name))
            .await
    }

    /// Makes an override for a segment. Without a priority it comes last; one that is taken pushes the others down.
    pub async fn create_override(
        &mut self,
        segment: &Segment,
        priority: Option<i32>,
        enabled: bool,
        value: FlagValue,
        shares: Vec<(OptionId, f64)>,
    ) -> Result<FeatureSegmentId> {
        let link = self.create_link(segment.id, priority).await?;
        self.fill_link(&link, segment, enabled, value, shares).await?;
        Ok(link.id)
    }

    /// Makes an override for a segment at a priority, whether or not it is taken.
    pub async fn create_override_at(
        &mut self,
        segment: &Segment,
        priority: i32,
        enabled: bool,
        value: FlagValue,
        shares: Vec<(OptionId, f64)>,
    ) -> Result<()> {
        let link = self.insert_link(segment.id, priority).await?;
        self.fill_link(&link, segment, enabled, value, shares).await
    }

    /// Makes the override that hangs on a link which has none yet.
    pub async fn fill_link(
        &mut self,
        link: &FeatureSegment,
        segment: &Segment,
        enabled: bool,
        value: FlagValue,
        shares: Vec<(OptionId, f64)>,
    ) -> Result<()> {
        change::check_shares(&self.work.tx, self.feature, &shares).await?;
        let default = self.find(Line::Default);
        let switched = default.is_none_or(|default| default.enabled != enabled);
        let initial = FlagValue::from_initial(self.feature.initial_value.as_deref());
        let differs = value != initial;
        let subject = Subject::Segment(&segment.name);
        let mut entries = Vec::new();
        if switched {
            entries.push(
                self.entry(subject.created(&self.feature.name), ChangeType::Create)
                    .with("enabled", Value::Null, enabled),
            );
        }
        if differs || !switched {
            entries.push(
                self.entry(subject.value_changed(&self.feature.name), ChangeType::Update)
                    .with("value", Value::Null, value.to_json()),
            );
        }
        let line = Line::Segment(segment.id);
        let content = Content {
            enabled,
            value,
            leftovers: initial.into(),
            shares,
        };
        self.insert(line, Some(link.id), content, None).await?;
        self.reload().await?;
        self.note(entries).await
    }

    /// Stores what a body says about the columns that the type of a line's value does not name.
    pub async fn keep_columns(&mut self, line: Line, said: &ValueEdit) -> Result<()> {
        if let Some(state) = self.find(line).cloned() {
            columns::keep(&self.work.tx, state, said).await?;
            self.reload().await?;
        }
        Ok(())
    }

    /// Makes the environment default, where it was removed.
    pub async fn create_default(
        &mut self,
        enabled: bool,
        value: FlagValue,
        shares: Vec<(OptionId, f64)>,
    ) -> Result<()> {
        change::check_shares(&self.work.tx, self.feature, &shares).await?;
        let initial = FlagValue::from_initial(self.feature.initial_value.as_deref());
        let content = Content {
            enabled,
            value,
            leftovers: initial.into(),
            shares,
        };
        self.insert(Line::Default, None, content, None).await?;
        self.reload().await?;
        let entry = self.entry(Subject::Default.created(&self.feature.name), ChangeType::Create);
        self.note(vec![entry]).await
    }

    /// Removes the environment default: the feature is served to nobody but those with an override.
    pub async fn delete_default(&mut self) -> Result<()> {
        let default = self.find(Line::Default).map(|state| state.id);
        let id = default.ok_or_else(|| Error::missing("FeatureState"))?;
        feature_states::delete(&self.work.tx, id, self.work.now).await?;
        self.reload().await?;
        let entry = self.entry(Subject::Default.deleted(&self.feature.name), ChangeType::Delete);
        self.note(vec![entry]).await
    }

    /// Makes the link of a segment override, without a state.
    pub async fn create_link(&mut self, segment: SegmentId, priority: Option<i32>) -> Result<FeatureSegment> {
        let links = self.links().await?;
        let last = links.last().map_or(0, |link| link.priority.saturating_add(1));
        let priority = priority.unwrap_or(last);
        if links.iter().any(|link| link.priority == priority) {
            for link in links.iter().filter(|link| link.priority >= priority) {
                let lower = link.priority.saturating_add(1);
                feature_segments::update_priority(&self.work.tx, link.id, lower).await?;
            }
        }
        self.insert_link(segment, priority).await
    }

    async fn insert_link(&mut self, segment: SegmentId, priority: i32) -> Result<FeatureSegment> {
        let link = FeatureSegment {
            id: FeatureSegmentId(0),
            uuid: self.work.uuid(),
            feature: self.feature.id,
            segment,
            environment: self.environment.id,
            priority,
            version: self.version(),
        };
        Ok(feature_segments::create(&self.work.tx, &link).await?)
    }

    /// The links of the segment overrides, strongest first; there may be some without a state.
    pub async fn links(&self) -> Result<Vec<FeatureSegment>> {
        let (environment, feature) = (self.environment.id, self.feature.id);
        Ok(feature_segments::list(&self.work.tx, environment, feature, self.version()).await?)
    }

    /// Gives the override of a segment a priority and leaves all others where they are.
    pub async fn change_priority(&mut self, segment: SegmentId, priority: i32) -> Result<()> {
        let link = self
            .find(Line::Segment(segment))
            .and_then(|state| state.feature_segment.clone());
        if let Some(link) = link.filter(|link| link.priority != priority) {
            feature_segments::update_priority(&self.work.tx, link.id, priority).await?;
            self.work.changes(self.environment.id);
            self.reload().await?;
        }
        Ok(())
    }

    /// Gives overrides the priorities asked for; the others keep their order and take the numbers that are free.
    /// Answers whether anything moved. Segments without a link are left out.
    pub async fn reorder(&mut self, wanted: &[(SegmentId, i32)]) -> Result<bool> {
        let links = self.links().await?;
        let asked = |link: &FeatureSegment| {
            let place = wanted.iter().find(|(segment, _)| *segment == link.segment);
            place.map(|(_, priority)| *priority)
        };
        let taken: Vec<i32> = links.iter().filter_map(asked).collect();
        if links
            .iter()
            .all(|link| asked(link).is_none_or(|priority| priority == link.priority))
        {
            return Ok(false);
        }
        let mut free = (0..).filter(|priority| !taken.contains(priority));
        for link in &links {
            let place = asked(link).or_else(|| free.next());
            if let Some(priority) = place.filter(|priority| *priority != link.priority) {
                feature_segments::update_priority(&self.work.tx, link.id, priority).await?;
            }
        }
        self.work.changes(self.environment.id);
        self.reload().await?;
        Ok(true)
    }

    /// Removes the override of a segment; weaker ones move up. Answers whether there was one.
    pub async fn delete_override(&mut self, segment: &Segment) -> Result<bool> {
        self.delete_line(segment.id, &segment.name).await
    }

    /// The same for a segment that may be gone; the name is for the audit record.
    pub async fn delete_line(&mut self, segment: SegmentId, name: &str) -> Result<bool> {
        let links = self.links().await?;
        let mut doomed = links
            .into_iter()
            .filter(|link| link.segment == segment)
            .peekable();
        if doomed.peek().is_none() {
            return Ok(false);
        }
        let states: Vec<_> = self
            .states
            .iter()
            .filter(|state| state.line == Line::Segment(segment))
            .map(|state| state.id)
            .collect();
        for id in states {
            feature_states::delete(&self.work.tx, id, self.work.now).await?;
        }
        for link in doomed {
            feature_segments::delete(&self.work.tx, link.id).await?;
            self.close_gap(link.priority).await?;
        }
        self.reload().await?;
        let log = Subject::Segment(name).deleted(&self.feature.name);
        let entry = Entry {
            object: RelatedObject::Feature,
            ..self.entry(log, ChangeType::Delete)
        };
        self.note(vec![entry]).await?;
        Ok(true)
    }

    async fn close_gap(&mut self, priority: i32) -> Result<()> {
        for link in self.links().await?.iter().filter(|link| link.priority > priority) {
            feature_segments::update_priority(&self.work.tx, link.id, link.priority - 1).await?;
        }
        Ok(())
    }

    /// Puts everything into force, from a time on in versioned environments; without one, now.
    ///
    /// # Errors
    /// `Conflict` while an experiment runs on the flag, where that locks it.
    pub async fn publish(self, live_from: Option<Timestamp>) -> Result<Option<FeatureVersion>> {
        let Some(draft) = self.draft else { return Ok(None) };
        if !self.may_change {
            lock::guard(self.work, self.environment, self.feature).await?;
        }
        publish_version(self.work, self.environment, self.feature, draft, live_from)
            .await
            .map(Some)
    }

    /// Applies a change to a state and notes what differs.
    async fn change(&mut self, state: &FeatureState, change: Change, subject: &Subject<'_>) -> Result<()> {
        let entries = change::apply(self.work, self.feature, state, change, subject).await?;
        if entries.is_empty() {
            return Ok(());
        }
        self.reload().await?;
        self.note(entries).await
    }

    /// Writes audit records, unless a version is edited: then publishing it is the record.
    async fn note(&mut self, entries: Vec<Entry>) -> Result<()> {
        if self.draft.is_none() {
            for entry in entries {
                self.work.audit(entry).await?;
            }
        }
        Ok(())
    }

    /// Copies a live state, with its link, into the draft.
    async fn copy(&mut self, state: &FeatureState) -> Result<()> {
        let version = self.version();
        let link = match &state.feature_segment {
            None => None,
            Some(link) => {
                let copy = FeatureSegment {
                    uuid: self.work.uuid(),
                    version,
                    ..link.clone()
                };
                Some(feature_segments::create(&self.work.tx, &copy).await?.id)
            }
        };
        let shares = state
            .allocations
            .iter()
            .map(|share| (share.option, share.percentage))
            .collect();
        let content = Content {
            enabled: state.enabled,
            value: state.value.clone(),
            leftovers: state.leftovers.clone(),
            shares,
        };
        self.insert(state.line, link, content, Some(state.salt)).await
    }

    async fn insert(
        &mut self,
        line: Line,
        feature_segment: Option<FeatureSegmentId>,
        content: Content,
        salt: Option<i32>,
    ) -> Result<()> {
        let state = NewState {
            uuid: self.work.uuid(),
            feature: self.feature.id,
            environment: self.environment.id,
            line,
            feature_segment,
            enabled: content.enabled,
            value: content.value,
            leftovers: content.leftovers,
            version: self.version(),
            salt,
        };
        let id = feature_states::create(&self.work.tx, &state, self.work.now).await?;
        let rows: Vec<_> = content
            .shares
            .into_iter()
            .map(|(option, share)| (self.work.uuid(), option, share))
            .collect();
        Ok(feature_states::put_allocations(&self.work.tx, id, rows).await?)
    }

    async fn reload(&mut self) -> Result<()> {
        let ids = [self.feature.id];
        let filter = match &self.draft {
            Some(draft) => StateFilter::version(self.environment.id, draft.uuid),
            None => StateFilter::live(self.environment, self.work.now).of(&ids),
        };
        self.states = feature_states::list(&self.work.tx, &filter).await?;
        Ok(())
    }

    /// The version that is edited, in versioned environments.
    fn version(&self) -> Option<Uuid> {
        self.draft.as_ref().map(|draft| draft.uuid)
    }

    fn entry(&self, log: String, change: ChangeType) -> Entry {
        change::entry(self.feature, self.environment.id, log, change)
    }
}

/// Publishes a version from a time on; without one, now.
pub(crate) async fn publish_version(
    work: &mut Work<'_>,
    environment: &Environment,
    feature: &Feature,
    draft: FeatureVersion,
    live_from: Option<Timestamp>,
) -> Result<FeatureVersion> {
    let version = FeatureVersion {
        published: true,
        live_from: Some(live_from.unwrap_or(work.now)),
        published_by: work.user_id(),
        updated_at: work.now,
        ..draft
    };
    feature_versions::update(&work.tx, &version).await?;
    let entry = Entry {
        log: format!("New version published for feature: {}", feature.name),
        project: feature.project,
        environment: Some(environment.id),
        object: RelatedObject::FeatureVersion,
        id: None,
        uuid: Some(version.uuid),
        change: ChangeType::Create,
        details: Vec::new(),
        changes_answers: true,
    };
    work.audit(entry).await?;
    Ok(version)
}
