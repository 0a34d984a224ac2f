//! Users, GAIDs, categories and managers, as the service answers them.

use amp_client::{
    AddCategory, AddRegisteredUser, CreateManager, EditCategory, EditRegisteredUser, ErrorKind,
};

use crate::rig::{client, service, some_asset};

const GAID: &str = "GA2HsrczzwaFzdJiw5NJM8P4iWKQh1";
const OTHER: &str = "GA3DS3emT12zDF4RGywBvJqZfhefNp";

fn jane() -> AddRegisteredUser {
    AddRegisteredUser {
        name: "Jane Doe".into(),
        gaid: Some(GAID.into()),
        ..AddRegisteredUser::default()
    }
}

// W-A27, W-A39: the GAID is there after a round trip, under whatever key.
#[tokio::test(start_paused = true)]
async fn a_user_goes_through_its_life() {
    let service = service();
    let client = client(&service).await;
    let user = client.add_registered_user(&jane()).await.unwrap();
    assert_eq!(user.gaid.as_deref(), Some(GAID));
    assert!(!user.is_company && user.categories.is_empty());
    assert_eq!(client.get_registered_user(user.id).await.unwrap(), user);
    assert_eq!(client.get_gaid_registered_user(GAID).await.unwrap(), user);
    assert_eq!(
        client.get_registered_users().await.unwrap(),
        std::slice::from_ref(&user)
    );

    let id = user.id;
    client.add_gaid_to_registered_user(id, OTHER).await.unwrap();
    client
        .set_default_gaid_for_registered_user(id, OTHER)
        .await
        .unwrap();
    let gaids = client.get_registered_user_gaids(id).await.unwrap();
    assert!(gaids.contains(&GAID.to_owned()) && gaids.contains(&OTHER.to_owned()));
    let edit = EditRegisteredUser {
        name: Some("Jane Roe".into()),
    };
    let user = client.edit_registered_user(id, &edit).await.unwrap();
    assert_eq!(
        (user.name.as_str(), user.gaid.as_deref()),
        ("Jane Roe", Some(OTHER))
    );

    client.delete_registered_user(id).await.unwrap();
    let error = client.get_registered_user(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_gaid_is_judged_and_has_an_address() {
    let service = service();
    let client = client(&service).await;
    client.add_registered_user(&jane()).await.unwrap();
    assert!(client.validate_gaid(GAID).await.unwrap().is_valid);
    let address = client.get_gaid_address(GAID).await.unwrap();
    assert!(!address.address.is_empty() && address.error.is_none());
    let other = client.get_gaid_address(GAID).await.unwrap();
    assert!(!other.address.is_empty());
}

// W-A27, W-A28
#[tokio::test(start_paused = true)]
async fn a_category_knows_its_users_and_its_assets() {
    let service = service();
    let client = client(&service).await;
    let user = client.add_registered_user(&jane()).await.unwrap().id;
    let asset = some_asset(&client).await;
    let add = AddCategory {
        name: "Accredited".into(),
        description: None,
    };
    let category = client.add_category(&add).await.unwrap();
    assert_eq!(category.description, None);
    assert!(category.registered_users.is_empty() && category.assets.is_empty());
    let id = category.id;
    client
        .add_registered_user_to_category(id, user)
        .await
        .unwrap();
    let full = client.add_asset_to_category(id, &asset).await.unwrap();
    assert_eq!(
        (full.registered_users, full.assets),
        (vec![user], vec![asset.clone()])
    );
    let user_of_category = client.get_registered_user(user).await.unwrap();
    assert_eq!(user_of_category.categories, [id]);
    assert_eq!(client.get_asset(&asset).await.unwrap().requirements, [id]);

    let edit = EditCategory {
        description: Some("Checked investors".into()),
        ..EditCategory::default()
    };
    let edited = client.edit_category(id, &edit).await.unwrap();
    assert_eq!(edited.description.as_deref(), Some("Checked investors"));
    assert_eq!(edited.name, "Accredited");
    client
        .remove_registered_user_from_category(id, user)
        .await
        .unwrap();
    let empty = client.remove_asset_from_category(id, &asset).await.unwrap();
    assert!(empty.registered_users.is_empty() && empty.assets.is_empty());
    assert_eq!(client.get_category(id).await.unwrap(), empty);
    client.delete_category(id).await.unwrap();
    assert_eq!(client.get_categories().await.unwrap(), []);
}

// one operation answers with the manager, another with nothing.
#[tokio::test(start_paused = true)]
async fn a_manager_is_unlocked_and_given_an_asset() {
    let service = service();
    let client = client(&service).await;
    let asset = some_asset(&client).await;
    let create = CreateManager {
        username: "mary".into(),
        password: "first".into(),
    };
    let manager = client.create_manager(&create).await.unwrap();
    assert!(manager.is_locked);
    let id = manager.id;
    let unlocked = client.unlock_manager(id).await.unwrap().unwrap();
    assert!(!unlocked.is_locked);
    let given = client.add_asset_to_manager(id, &asset).await.unwrap();
    assert_eq!(given.unwrap().assets, std::slice::from_ref(&asset));
    client.manager_remove_asset(id, &asset).await.unwrap();
    assert!(client.get_manager(id).await.unwrap().assets.is_empty());
    client.add_asset_to_manager(id, &asset).await.unwrap();
    let taken = client.remove_asset_from_manager(id, &asset).await.unwrap();
    assert!(taken.unwrap().assets.is_empty());
    assert!(client.lock_manager(id).await.unwrap().unwrap().is_locked);
    assert_eq!(client.get_managers().await.unwrap().len(), 1);
}
