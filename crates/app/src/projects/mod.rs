//! Projects and their tags.

mod crud;
mod tags;

pub(crate) use crud::remove;
pub use crud::{
    NewProject, ProjectChange, ProjectTotals, create, delete, environments, list, of_organisation, totals,
    update,
};
pub use tags::{
    NewTag, TagChange, create_tag, delete_tag, find_tag, find_tag_by_uuid, list_tags, update_tag,
};
