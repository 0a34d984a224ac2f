//! The categories that assets require and registered users are in.
//!
//! Who is in one is known by the users and by the assets themselves, so that nobody is in a category that is gone.

use std::collections::BTreeMap;

/// The categories in order of their ids.
#[derive(Default)]
pub(crate) struct Categories {
    categories: BTreeMap<i64, Category>,
    last_id: i64,
}

/// One category, without its members.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

impl Categories {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Category> {
        self.categories.values()
    }

    pub(crate) fn find(&self, id: i64) -> Option<&Category> {
        self.categories.get(&id)
    }

    pub(crate) fn find_mut(&mut self, id: i64) -> Option<&mut Category> {
        self.categories.get_mut(&id)
    }

    pub(crate) fn add(&mut self, name: String, description: Option<String>) -> &Category {
        self.last_id += 1;
        let id = self.last_id;
        self.categories.entry(id).or_insert(Category {
            id,
            name,
            description,
        })
    }

    pub(crate) fn remove(&mut self, id: i64) {
        self.categories.remove(&id);
    }
}
