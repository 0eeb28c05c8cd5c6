//! The first step at the door: what the profile shows, before anybody greets the person by name. It never refuses.
use futures_util::future::BoxFuture;

use super::profile::Profile;
use super::profiles::Profiles;
use crate::community::admission::{Applicant, Finding, Place, Step, name_of};
use crate::store::Store;

/// Notices profiles that advertise. Spammers have them, and so have some who are none.
pub(in crate::features::moderation) struct ProfileStep {
    pub(in crate::features::moderation) store: Store,
    pub(in crate::features::moderation) profiles: Profiles,
}

impl Step for ProfileStep {
    fn name(&self) -> &'static str {
        "profile"
    }

    fn place(&self) -> Place {
        Place::Profile
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        let user = who.user;
        Box::pin(async move {
            let told = self.profiles.of(user).await;
            // The name came with the update, whatever Telegram says now.
            let name = self.store.read(move |conn| name_of(conn, user)).await;
            let name = name.map_err(|e| e.to_string())?.unwrap_or_default();
            let by_name = Profile::of_name(&name, None).name_advertises()
                || told.is_some_and(Profile::name_advertises);
            let by_bio = told.is_some_and(Profile::bio_advertises);
            Ok(match (by_name, by_bio) {
                (true, true) => Finding::Noted("profile_advertises"),
                (true, false) => Finding::Noted("name_advertises"),
                (false, true) => Finding::Noted("bio_advertises"),
                (false, false) => Finding::Pass,
            })
        })
    }
}
