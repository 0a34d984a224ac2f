//! `amp categories`: what an owner of an asset must be in.

mod columns;

use amp_api::{AddCategory, Category, EditCategory};
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::error::Failure;

/// What to do when nobody knows whether the category exists now.
const LOOK_FIRST: &str = "The category may exist now. Look for it with `amp categories list` \
                          before you create it again.";

#[derive(Debug, Subcommand)]
pub(crate) enum CategoriesVerb {
    /// All categories
    List,
    /// One category
    Get(CategoryId),
    /// Make a category
    Create(CreateArgs),
    /// Change name or description of a category
    Edit(EditArgs),
    /// Delete a category, which must be empty
    Delete(CategoryId),
    /// Put a user in a category
    AddUser(UserArgs),
    /// Take a user out of a category
    RemoveUser(UserArgs),
    /// Make a category a requirement of an asset
    AddAsset(AssetArgs),
    /// Make a category no requirement of an asset any more
    RemoveAsset(AssetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CategoryId {
    /// The id of the category
    category_id: i64,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The name: 1 to 255 characters
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
}

#[derive(Debug, Args)]
#[group(id = "change")]
pub(crate) struct EditArgs {
    #[command(flatten)]
    category: CategoryId,
    /// The new name
    #[arg(long, required_unless_present = "description")]
    name: Option<String>,
    /// The new description
    #[arg(long)]
    description: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    category: CategoryId,
    /// The id of the registered user
    user_id: i64,
}

#[derive(Debug, Args)]
pub(crate) struct AssetArgs {
    #[command(flatten)]
    category: CategoryId,
    /// The service's id of the asset
    asset_uuid: String,
}

impl Verb for CategoriesVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List => Wish::list(Category::list()),
            Self::Get(category) => Wish::thing(Category::get(category.category_id)),
            Self::Create(args) => {
                let CreateArgs { name, description } = args;
                let call = AddCategory { name, description }.call();
                Ok(Wish::thing(call)?.in_doubt(LOOK_FIRST))
            }
            Self::Edit(args) => {
                let EditArgs {
                    category,
                    name,
                    description,
                } = args;
                let change = EditCategory { name, description };
                Wish::thing(change.call(category.category_id))
            }
            Self::Delete(category) => delete(category.category_id),
            Self::AddUser(args) => {
                Wish::thing(Category::add_user(args.category.category_id, args.user_id))
            }
            Self::RemoveUser(args) => {
                let category = args.category.category_id;
                Wish::thing(Category::remove_user(category, args.user_id))
            }
            Self::AddAsset(args) => {
                let category = args.category.category_id;
                Wish::thing(Category::add_asset(category, &args.asset_uuid))
            }
            Self::RemoveAsset(args) => {
                let category = args.category.category_id;
                Wish::thing(Category::remove_asset(category, &args.asset_uuid))
            }
        }
    }
}

fn delete(category: i64) -> Result<Wish, Failure> {
    let done = format!("Deleted category {category}");
    let wish = Wish::done(Category::delete(category), done)?;
    Ok(wish.asking(format!("This deletes the category {category}.")))
}
