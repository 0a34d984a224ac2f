//! The registered users, their GAIDs and the categories that they are in.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

/// The registered users in order of their ids.
#[derive(Default)]
pub(crate) struct RegisteredUsers {
    users: BTreeMap<i64, RegisteredUser>,
    last_id: i64,
    /// Also those of users who were deleted: the service does not let them be used again.
    gaids: HashSet<String>,
}

/// One registered user, as the service shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegisteredUser {
    id: i64,
    name: String,
    /// The default one of `gaids`.
    #[serde(rename = "GAID")]
    gaid: Option<String>,
    is_company: bool,
    categories: BTreeSet<i64>,
    creator: i64,
    #[serde(skip)]
    gaids: Vec<String>,
}

/// What a new user is made of.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) gaid: Option<String>,
    pub(crate) is_company: bool,
    pub(crate) creator: i64,
}

/// A GAID belongs to somebody, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GaidTaken;

impl RegisteredUsers {
    pub(crate) fn all(&self) -> impl Iterator<Item = &RegisteredUser> {
        self.users.values()
    }

    pub(crate) fn find(&self, id: i64) -> Option<&RegisteredUser> {
        self.users.get(&id)
    }

    pub(crate) fn find_mut(&mut self, id: i64) -> Option<&mut RegisteredUser> {
        self.users.get_mut(&id)
    }

    /// Who has this GAID, as the default or beside it.
    pub(crate) fn owner_of(&self, gaid: &str) -> Option<&RegisteredUser> {
        self.all().find(|user| user.has(gaid))
    }

    pub(crate) fn add(&mut self, profile: Profile) -> Result<&RegisteredUser, GaidTaken> {
        if let Some(gaid) = &profile.gaid {
            self.take(gaid)?;
        }
        self.last_id += 1;
        let user = RegisteredUser::new(self.last_id, profile);
        Ok(self.users.entry(self.last_id).or_insert(user))
    }

    /// Deletes a user for good; the answer is whether there was one.
    pub(crate) fn remove(&mut self, id: i64) -> bool {
        self.users.remove(&id).is_some()
    }

    /// Gives a user one more GAID, the first of which is the default. One that the user has already changes nothing;
    /// a user who is not there gets none.
    pub(crate) fn attach(&mut self, id: i64, gaid: &str) -> Result<(), GaidTaken> {
        if self.find(id).is_none_or(|user| user.has(gaid)) {
            return Ok(());
        }
        self.take(gaid)?;
        if let Some(user) = self.find_mut(id) {
            user.gaids.push(gaid.to_owned());
            user.gaid.get_or_insert_with(|| gaid.to_owned());
        }
        Ok(())
    }

    fn take(&mut self, gaid: &str) -> Result<(), GaidTaken> {
        match self.gaids.insert(gaid.to_owned()) {
            true => Ok(()),
            false => Err(GaidTaken),
        }
    }
}

impl RegisteredUser {
    fn new(id: i64, profile: Profile) -> Self {
        Self {
            id,
            name: profile.name,
            gaids: profile.gaid.iter().cloned().collect(),
            gaid: profile.gaid,
            is_company: profile.is_company,
            categories: BTreeSet::new(),
            creator: profile.creator,
        }
    }

    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// The GAID that is used unless another is asked for.
    pub(crate) fn default_gaid(&self) -> Option<&str> {
        self.gaid.as_deref()
    }

    /// Every GAID, in the order in which they were attached.
    pub(crate) fn gaids(&self) -> &[String] {
        &self.gaids
    }

    pub(crate) fn has(&self, gaid: &str) -> bool {
        self.gaids.iter().any(|own| own == gaid)
    }

    pub(crate) fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// The answer is whether the user has this GAID.
    pub(crate) fn set_default(&mut self, gaid: &str) -> bool {
        let has = self.has(gaid);
        if has {
            self.gaid = Some(gaid.to_owned());
        }
        has
    }

    pub(crate) fn is_in_a_category(&self) -> bool {
        !self.categories.is_empty()
    }

    /// Whether the user is in each of these categories, as an asset may require of its owners.
    pub(crate) fn is_in_all(&self, categories: &[i64]) -> bool {
        categories
            .iter()
            .all(|category| self.categories.contains(category))
    }

    pub(crate) fn join(&mut self, category: i64) {
        self.categories.insert(category);
    }

    pub(crate) fn leave(&mut self, category: i64) {
        self.categories.remove(&category);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";
    const SECOND: &str = "GA2zxWdhAYtREeYCVFTGRhHQmYMPAP";

    fn profile(gaid: Option<&str>) -> Profile {
        Profile {
            name: "Jane Doe".to_owned(),
            gaid: gaid.map(str::to_owned),
            is_company: false,
            creator: 7,
        }
    }

    #[test]
    fn the_first_gaid_is_the_default_until_another_is_set() {
        let mut users = RegisteredUsers::default();
        let id = users.add(profile(None)).unwrap().id();
        assert_eq!(users.find(id).unwrap().default_gaid(), None);
        users.attach(id, FIRST).unwrap();
        users.attach(id, SECOND).unwrap();
        users.attach(id, SECOND).unwrap();
        let user = users.find_mut(id).unwrap();
        assert_eq!((user.default_gaid(), user.gaids().len()), (Some(FIRST), 2));
        assert!(user.set_default(SECOND));
        assert!(!user.set_default("GAnobody"));
        assert_eq!(user.default_gaid(), Some(SECOND));
    }

    #[test]
    fn a_gaid_has_one_owner_for_ever() {
        let mut users = RegisteredUsers::default();
        let id = users.add(profile(Some(FIRST))).unwrap().id();
        let other = users.add(profile(None)).unwrap().id();
        assert_eq!(users.attach(other, FIRST), Err(GaidTaken));
        assert_eq!(users.owner_of(FIRST).unwrap().id(), id);
        assert!(users.remove(id));
        assert_eq!(users.attach(other, FIRST), Err(GaidTaken));
        assert!(users.add(profile(Some(FIRST))).is_err());
        assert!(users.owner_of(FIRST).is_none());
        assert_eq!(users.add(profile(None)).unwrap().id(), 3);
    }
}
