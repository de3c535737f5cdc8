//! Organisations: the owners of projects, their members, invitations and keys.

mod crud;
mod invite_links;
mod invites;
mod master_keys;
mod members;

pub(crate) use crud::remove;
pub use crud::{NewOrganisation, OrganisationChange, OrganisationView, create, delete, list, update, view};
pub use invite_links::{create_invite_link, delete_invite_link, list_invite_links};
pub use invites::{
    InviteView, NewInvite, create_invite, create_invites, delete_invite, find_invite, list_invites,
};
pub use master_keys::{
    MasterKeyChange, NewMasterKey, create_master_key, delete_master_key, find_master_key, list_master_keys,
    update_master_key,
};
pub use members::{change_role, list_members, remove_members};
