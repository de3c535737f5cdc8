//! What a body says about those columns of a value that its type does not name: stored and shown, never the value.

use super::ValueEdit;
use crate::error::Result;
use liftgate_model::feature_state::FeatureState;
use liftgate_store::{Tx, feature_states};

/// Stores what is said beside the value of a state; answers the state with it.
pub(crate) async fn keep(tx: &Tx, state: FeatureState, said: &ValueEdit) -> Result<FeatureState> {
    let leftovers = said.leftovers(&state.value, &state.leftovers);
    if leftovers == state.leftovers {
        return Ok(state);
    }
    feature_states::update_leftovers(tx, state.id, &state.value, &leftovers).await?;
    Ok(FeatureState { leftovers, ..state })
}
