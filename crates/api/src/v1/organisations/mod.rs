//! Organisations, their members, invitations and keys (contract, admin API, sections 2.1 to 2.5).
//!
//! Everything is refused with 403 to who does not belong to the organisation, whether it exists or not. Every
//! organisation reports an unlimited plan: Liftgate has no others (section 2.1, deviation). Roles do not exist
//! here; their list is empty.

mod crud;
mod guard;
mod invite_links;
mod invite_wire;
mod invites;
mod list;
mod master_keys;
mod members;
mod permissions;
mod roles;
mod subscription;
pub(super) mod wire;

pub(super) use guard::PrivilegedOrganisation;

use crate::operations;
use crate::router::Routes;

/// The routes of organisations.
pub fn routes() -> Routes {
    operations!(
        list::list,
        crud::create,
        crud::read,
        crud::update,
        crud::patch,
        crud::delete,
        crud::by_uuid,
        list::projects,
        permissions::all,
        permissions::mine,
        subscription::metadata,
        members::list,
        members::update_role,
        members::remove,
        roles::list,
        invites::list,
        invites::create,
        invites::read,
        invites::delete,
        invites::resend,
        invites::create_many,
        invites::links,
        invite_links::list,
        invite_links::create,
        invite_links::delete,
        master_keys::list,
        master_keys::create,
        master_keys::read,
        master_keys::update,
        master_keys::patch,
        master_keys::delete,
    )
}
