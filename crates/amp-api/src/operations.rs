//! Every operation of the service, one row each, and how a path finds its row.
//!
//! The columns are: name, HTTP method, path, class, token, privacy, confidence. The class is the
//! `x-retry` mark of the description: `idempotent-by-txid` and `safe-on-429-5xx-network` are
//! idempotent, `never-blind` may be repeated only when it was certainly not processed.

use http::Method;
use percent_encoding::percent_decode_str;
use token_core::Idempotency;

use crate::operation::{Auth, Confidence, Operation, Privacy, segments};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal $method:ident $path:literal
        $class:ident $auth:ident $privacy:ident $confidence:ident;)+) => {
        $(
            $(#[$doc])*
            pub static $name: Operation = Operation {
                id: $id,
                method: Method::$method,
                path: $path,
                idempotency: Idempotency::$class,
                auth: Auth::$auth,
                privacy: Privacy::$privacy,
                confidence: Confidence::$confidence,
            };
        )+

        /// All of them, in the order of the description.
        pub static ALL: &[&Operation] = &[$(&$name),+];
    };
}

operations! {
    /// API version.
    GET_INFO = "getInfo" GET "/info" Safe None Plain High;

    /// Changes per API version.
    GET_CHANGELOG = "getChangelog" GET "/changelog" Safe Optional Plain High;

    /// Exchange user name and password for a token.
    OBTAIN_TOKEN = "obtainToken" POST "/user/obtain_token" Idempotent None Secret High;
    /// Renew the current token.
    REFRESH_TOKEN = "refreshToken" GET "/user/refresh-token" Safe Required Secret Medium;
    /// Change the password of the caller.
    CHANGE_PASSWORD = "changePassword" POST "/user/change-password" Never Required Secret High;

    /// All registered users.
    LIST_REGISTERED_USERS = "listRegisteredUsers" GET "/registered_users" Safe Required Plain High;
    /// One registered user.
    GET_REGISTERED_USER = "getRegisteredUser" GET "/registered_users/{registeredUserId}" Safe Required Plain High;
    /// Create a registered user.
    ADD_REGISTERED_USER = "addRegisteredUser" POST "/registered_users/add" OnlyIfUnprocessed Required Plain High;
    /// Rename a registered user.
    EDIT_REGISTERED_USER = "editRegisteredUser" PUT "/registered_users/{registeredUserId}/edit" Idempotent Required Plain High;
    /// Delete a registered user.
    DELETE_REGISTERED_USER = "deleteRegisteredUser" DELETE "/registered_users/{registeredUserId}/delete" Idempotent Required Plain High;
    /// Assets, assignments and distributions of a user. Its description is hardly proven.
    GET_REGISTERED_USER_SUMMARY = "getRegisteredUserSummary" GET "/registered_users/{registeredUserId}/summary" Safe Required Plain Low;
    /// GAIDs of a user.
    LIST_REGISTERED_USER_GAIDS = "listRegisteredUserGaids" GET "/registered_users/{registeredUserId}/gaids" Safe Required Plain High;
    /// Attach a GAID.
    ADD_REGISTERED_USER_GAID = "addRegisteredUserGaid" POST "/registered_users/{registeredUserId}/gaids/add" Idempotent Required Plain High;
    /// Make an attached GAID the default.
    SET_DEFAULT_REGISTERED_USER_GAID = "setDefaultRegisteredUserGaid" POST "/registered_users/{registeredUserId}/gaids/set-default" Idempotent Required Plain High;
    /// Add several categories of a user. Its description is hardly proven.
    ADD_REGISTERED_USER_CATEGORIES = "addRegisteredUserCategories" PUT "/registered_users/{registeredUserId}/categories/add" Idempotent Required Plain Low;
    /// Delete several categories of a user. Its description is hardly proven.
    DELETE_REGISTERED_USER_CATEGORIES = "deleteRegisteredUserCategories" PUT "/registered_users/{registeredUserId}/categories/delete" Idempotent Required Plain Low;

    /// All categories.
    LIST_CATEGORIES = "listCategories" GET "/categories" Safe Required Plain High;
    /// Create a category.
    ADD_CATEGORY = "addCategory" POST "/categories/add" OnlyIfUnprocessed Required Plain High;
    /// One category.
    GET_CATEGORY = "getCategory" GET "/categories/{categoryId}" Safe Required Plain High;
    /// Change name or description.
    EDIT_CATEGORY = "editCategory" PUT "/categories/{categoryId}/edit" Idempotent Required Plain High;
    /// Delete a category.
    DELETE_CATEGORY = "deleteCategory" DELETE "/categories/{categoryId}/delete" Idempotent Required Plain High;
    /// Add a user.
    CATEGORY_ADD_USER = "categoryAddUser" PUT "/categories/{categoryId}/registered_users/{registeredUserId}/add" Idempotent Required Plain High;
    /// Add an asset requirement.
    CATEGORY_ADD_ASSET = "categoryAddAsset" PUT "/categories/{categoryId}/assets/{assetUuid}/add" Idempotent Required Plain High;
    /// Remove a user.
    CATEGORY_REMOVE_USER = "categoryRemoveUser" PUT "/categories/{categoryId}/registered_users/{registeredUserId}/remove" Idempotent Required Plain High;
    /// Remove an asset requirement.
    CATEGORY_REMOVE_ASSET = "categoryRemoveAsset" PUT "/categories/{categoryId}/assets/{assetUuid}/remove" Idempotent Required Plain High;

    /// Is this GAID known?.
    VALIDATE_GAID = "validateGaid" GET "/gaids/{gaid}/validate" Safe Required Plain High;
    /// A receive address for the GAID.
    GET_GAID_ADDRESS = "getGaidAddress" GET "/gaids/{gaid}/address" Safe Required Plain High;
    /// User owning the GAID.
    GET_GAID_REGISTERED_USER = "getGaidRegisteredUser" GET "/gaids/{gaid}/registered_user" Safe Required Plain High;
    /// Balances of a GAID.
    GET_GAID_BALANCE = "getGaidBalance" GET "/gaids/{gaid}/balance" Safe Required Plain High;
    /// Balance of one asset.
    GET_GAID_ASSET_BALANCE = "getGaidAssetBalance" GET "/gaids/{gaid}/balance/{assetUuid}" Safe Required Plain Medium;

    /// Delegated managers.
    LIST_MANAGERS = "listManagers" GET "/managers" Safe Required Plain High;
    /// Create a manager account.
    CREATE_MANAGER = "createManager" POST "/managers/create" OnlyIfUnprocessed Required Secret Medium;
    /// The manager that owns the token.
    GET_CURRENT_MANAGER = "getCurrentManager" GET "/managers/me" Safe Required Plain High;
    /// One manager.
    GET_MANAGER = "getManager" GET "/managers/{managerId}" Safe Required Plain High;
    /// Lock a manager.
    LOCK_MANAGER = "lockManager" PUT "/managers/{managerId}/lock" Idempotent Required Plain High;
    /// Unlock a manager.
    UNLOCK_MANAGER = "unlockManager" PUT "/managers/{managerId}/unlock" Idempotent Required Plain High;
    /// Give a manager access to an asset.
    MANAGER_ADD_ASSET = "managerAddAsset" PUT "/managers/{managerId}/assets/{assetUuid}/add" Idempotent Required Plain High;
    /// Take an asset away from a manager. Its description is hardly proven.
    MANAGER_REMOVE_ASSET = "managerRemoveAsset" PUT "/managers/{managerId}/assets/{assetUuid}/remove" Idempotent Required Plain Low;
    /// Same, with the verb amp-rs uses. Its description is hardly proven.
    MANAGER_REMOVE_ASSET_POST = "managerRemoveAssetPost" POST "/managers/{managerId}/assets/{assetUuid}/remove" Idempotent Required Plain Low;
    /// Set a manager's password.
    CHANGE_MANAGER_PASSWORD = "changeManagerPassword" POST "/managers/{managerId}/change-password" Never Required Secret Medium;

    /// All assets of the issuer or manager.
    LIST_ASSETS = "listAssets" GET "/assets" Safe Required Plain High;
    /// Issue an asset on Liquid.
    ISSUE_ASSET = "issueAsset" POST "/assets/issue" OnlyIfUnprocessed Required Plain High;
    /// One asset.
    GET_ASSET = "getAsset" GET "/assets/{assetUuid}" Safe Required Plain High;
    /// Set the issuer authorization endpoint.
    EDIT_ASSET = "editAsset" PUT "/assets/{assetUuid}/edit" Idempotent Required Plain High;
    /// Forget an asset.
    DELETE_ASSET = "deleteAsset" DELETE "/assets/{assetUuid}/delete" Idempotent Required Plain High;
    /// Publish in the asset registry.
    REGISTER_ASSET = "registerAsset" GET "/assets/{assetUuid}/register" Idempotent Required Plain High;
    /// Hand transfer control to Green.
    REGISTER_ASSET_AUTHORIZED = "registerAssetAuthorized" GET "/assets/{assetUuid}/register-authorized" Idempotent Required Plain High;
    /// Lock an asset.
    LOCK_ASSET = "lockAsset" PUT "/assets/{assetUuid}/lock" Idempotent Required Plain High;
    /// Unlock an asset.
    UNLOCK_ASSET = "unlockAsset" PUT "/assets/{assetUuid}/unlock" Idempotent Required Plain High;
    /// Activity feed.
    LIST_ASSET_ACTIVITIES = "listAssetActivities" GET "/assets/{assetUuid}/activities" Safe Required Plain High;
    /// Who owns how much.
    LIST_ASSET_OWNERSHIPS = "listAssetOwnerships" GET "/assets/{assetUuid}/ownerships" Safe Required Plain High;
    /// Ownership at a height, amp-rs form. Its description is hardly proven.
    LIST_ASSET_OWNERSHIPS_AT_PATH = "listAssetOwnershipsAtPath" GET "/assets/{assetUuid}/ownerships/{blockHeight}" Safe Required Plain Low;
    /// Confirmed balance and lost outputs.
    GET_ASSET_BALANCE = "getAssetBalance" GET "/assets/{assetUuid}/balance" Safe Required Plain High;
    /// Outputs the server lost track of.
    GET_ASSET_LOST_OUTPUTS = "getAssetLostOutputs" GET "/assets/{assetUuid}/lost-outputs" Safe Required Plain High;
    /// Supply figures.
    GET_ASSET_SUMMARY = "getAssetSummary" GET "/assets/{assetUuid}/summary" Safe Required Plain High;
    /// Tracked outputs.
    LIST_ASSET_UTXOS = "listAssetUtxos" GET "/assets/{assetUuid}/utxos" Safe Required Plain High;
    /// Blacklist outputs.
    BLACKLIST_ASSET_UTXOS = "blacklistAssetUtxos" POST "/assets/{assetUuid}/utxos/blacklist" Idempotent Required Plain High;
    /// Whitelist outputs.
    WHITELIST_ASSET_UTXOS = "whitelistAssetUtxos" POST "/assets/{assetUuid}/utxos/whitelist" Idempotent Required Plain High;
    /// Reissuance history.
    LIST_ASSET_REISSUANCES = "listAssetReissuances" GET "/assets/{assetUuid}/reissuances" Safe Required Plain High;
    /// Get the data for a reissuance.
    REQUEST_REISSUE = "requestReissue" POST "/assets/{assetUuid}/reissue-request" OnlyIfUnprocessed Required Plain High;
    /// Report a mined reissuance.
    CONFIRM_REISSUE = "confirmReissue" POST "/assets/{assetUuid}/reissue-confirm" Idempotent Required Plain High;
    /// Get the data for a burn.
    REQUEST_BURN = "requestBurn" POST "/assets/{assetUuid}/burn-request" OnlyIfUnprocessed Required Plain High;
    /// Report a mined burn.
    CONFIRM_BURN = "confirmBurn" POST "/assets/{assetUuid}/burn-confirm" Idempotent Required Plain High;
    /// Free text attached to the asset.
    GET_ASSET_MEMO = "getAssetMemo" GET "/assets/{assetUuid}/memo" Safe Required Plain High;
    /// Set the memo.
    SET_ASSET_MEMO = "setAssetMemo" POST "/assets/{assetUuid}/memo/set" Idempotent Required Plain High;
    /// Transactions of the asset.
    LIST_ASSET_TRANSACTIONS = "listAssetTransactions" GET "/assets/{assetUuid}/txs" Safe Required Plain High;
    /// One transaction.
    GET_ASSET_TRANSACTION = "getAssetTransaction" GET "/assets/{assetUuid}/txs/{txid}" Safe Required Plain High;
    /// Supply missing issuance blinders.
    UPDATE_ASSET_BLINDERS = "updateAssetBlinders" POST "/assets/{assetUuid}/update-blinders" Idempotent Required Secret High;
    /// Treasury addresses.
    LIST_TREASURY_ADDRESSES = "listTreasuryAddresses" GET "/assets/{assetUuid}/treasury-addresses" Safe Required Plain High;
    /// Add treasury addresses.
    ADD_TREASURY_ADDRESSES = "addTreasuryAddresses" POST "/assets/{assetUuid}/treasury-addresses/add" Idempotent Required Plain High;
    /// Remove treasury addresses.
    DELETE_TREASURY_ADDRESSES = "deleteTreasuryAddresses" DELETE "/assets/{assetUuid}/treasury-addresses/delete" Idempotent Required Plain Medium;
    /// Assignments of the asset.
    LIST_ASSIGNMENTS = "listAssignments" GET "/assets/{assetUuid}/assignments" Safe Required Plain High;
    /// Create one assignment.
    CREATE_ASSIGNMENT = "createAssignment" POST "/assets/{assetUuid}/assignments/create" OnlyIfUnprocessed Required Plain High;
    /// One assignment.
    GET_ASSIGNMENT = "getAssignment" GET "/assets/{assetUuid}/assignments/{assignmentId}" Safe Required Plain High;
    /// Delete an assignment.
    DELETE_ASSIGNMENT = "deleteAssignment" DELETE "/assets/{assetUuid}/assignments/{assignmentId}/delete" Idempotent Required Plain High;
    /// Lock an assignment.
    LOCK_ASSIGNMENT = "lockAssignment" PUT "/assets/{assetUuid}/assignments/{assignmentId}/lock" Idempotent Required Plain High;
    /// Unlock an assignment.
    UNLOCK_ASSIGNMENT = "unlockAssignment" PUT "/assets/{assetUuid}/assignments/{assignmentId}/unlock" Idempotent Required Plain High;
    /// Distributions of the asset.
    LIST_DISTRIBUTIONS = "listDistributions" GET "/assets/{assetUuid}/distributions" Safe Required Plain High;
    /// Start a distribution of all ready assignments.
    CREATE_DISTRIBUTION = "createDistribution" GET "/assets/{assetUuid}/distributions/create/" OnlyIfUnprocessed Required Plain High;
    /// One distribution.
    GET_DISTRIBUTION = "getDistribution" GET "/assets/{assetUuid}/distributions/{distributionUuid}" Safe Required Plain High;
    /// Report the mined distribution.
    CONFIRM_DISTRIBUTION = "confirmDistribution" POST "/assets/{assetUuid}/distributions/{distributionUuid}/confirm" Idempotent Required Plain High;
    /// Cancel a pending distribution.
    CANCEL_DISTRIBUTION = "cancelDistribution" DELETE "/assets/{assetUuid}/distributions/{distributionUuid}/cancel" Idempotent Required Plain High;

    /// Broadcast status. Its description is hardly proven.
    GET_BROADCAST_STATUS = "getBroadcastStatus" GET "/tx/broadcast/{txid}" Safe Required Plain Low;
    /// Broadcast a raw transaction. Its description is hardly proven.
    BROADCAST_TRANSACTION = "broadcastTransaction" POST "/tx/broadcast" Idempotent Required Plain Low;
}

/// The operation that a request of this method and path is, if the description has it.
///
/// The path is the part below the base URL without the query. An encoded path is the same path,
/// and where a fixed name and a variable both fit, the fixed name wins.
pub fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    let path = percent_decode_str(path).decode_utf8_lossy();
    ALL.iter()
        .copied()
        .filter(|operation| operation.method == *method && operation.matches(&path))
        .min_by_key(|operation| operation.variables())
}

/// The class of a request that names method and path by hand.
///
/// An unknown path may be repeated freely only when the method is GET or HEAD, and no segment of it
/// is empty: servers that join slashes make a known path of it.
pub fn raw_idempotency(method: &Method, path: &str) -> Idempotency {
    let looks_safe = *method == Method::GET || *method == Method::HEAD;
    let known_as = if looks_safe { &Method::GET } else { method };
    match find(known_as, path) {
        Some(operation) => operation.raw_idempotency(),
        None if looks_safe && !has_empty_segment(path) => Idempotency::Safe,
        None => Idempotency::OnlyIfUnprocessed,
    }
}

/// Whether a request to this path may hold secrets, whatever its method: a service that refuses a
/// method, or joins slashes, has been sent them all the same.
pub(crate) fn is_secret(path: &str) -> bool {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let parts = path.split('/').filter(|part| !part.is_empty());
    let joined: String = parts.flat_map(|part| ["/", part]).collect();
    ALL.iter()
        .any(|operation| operation.is_secret() && operation.matches(&joined))
}

fn has_empty_segment(path: &str) -> bool {
    let path = percent_decode_str(path).decode_utf8_lossy();
    path != "/" && segments(&path).any(str::is_empty)
}

#[cfg(test)]
mod tests;
