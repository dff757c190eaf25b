//! Users.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Json;
use memcard_api::accounts as api;
use memcard_api::errors::ErrorBody;
use memcard_domain::account::{self, AccountPatch, NewAccount, Role, Scope, SetUp, User, Username};
use memcard_domain::ids::UserId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::secret::Secret;

use super::conversion::{self, read_role};
use super::setup_token_matches;
use crate::caller::{Authenticated, MaybeAuthenticated};
use crate::error::ApiError;
use crate::input::{FormOrJson, JsonBody, PathId};
use crate::routing::Endpoints;
use crate::state::State;

const SETUP_TOKEN_HEADER: &str = "x-setup-token";

/// The endpoints.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_add, add);
    endpoints.add(__path_list, list);
    endpoints.add(__path_edit, edit);
    endpoints.add(__path_delete, delete);
    endpoints.add(__path_me, me);
    endpoints.add(__path_permissions, permissions);
}

/// Adds a user; while there is none, the first administrator, for whoever has the setup token.
#[utoipa::path(
    post,
    path = "/api/users",
    tag = "accounts",
    request_body = api::NewUser,
    responses(
        (status = 201, body = api::User),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    ),
)]
async fn add(
    MaybeAuthenticated { caller, input: (request, body) }: MaybeAuthenticated<(
        HttpRequest,
        Result<JsonBody<api::NewUser>, ApiError>,
    )>,
    state: State,
) -> Result<(Json<api::User>, StatusCode), ApiError> {
    let user = match caller {
        Some(caller) => account::add_user(&state.ports, &caller, read_account(body?.0)?).await?,
        None => add_first(&request, body, &state).await?,
    };
    Ok((Json(conversion::user(&user)), StatusCode::CREATED))
}

/// Every user, by id.
#[utoipa::path(
    get,
    path = "/api/users",
    tag = "accounts",
    responses(
        (status = 200, body = Vec<api::User>),
    ),
)]
async fn list(
    Authenticated { caller, .. }: Authenticated,
    state: State,
) -> Result<Json<Vec<api::User>>, ApiError> {
    let users = state.ports.store.read(move |tx| account::list_users(tx, &caller)).await?;
    Ok(Json(users.iter().map(conversion::user).collect()))
}

/// Changes a user: oneself, or anybody as an administrator.
#[utoipa::path(
    put,
    path = "/api/users/{id}",
    tag = "accounts",
    params(("id" = i32, Path)),
    request_body(content((api::UserPatch = "application/json"), (api::UserPatch = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = api::User),
        (status = 400, description = "The last administrator must stay one.", body = ErrorBody),
        (status = 404),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    ),
)]
async fn edit(
    Authenticated { caller, input: (PathId(id), FormOrJson(body)) }: Authenticated<(
        PathId<UserId>,
        FormOrJson<api::UserPatch>,
    )>,
    state: State,
) -> Result<Json<api::User>, ApiError> {
    let user = account::edit_user(&state.ports, &caller, id, read_patch(body)?).await?;
    Ok(Json(conversion::user(&user)))
}

/// Deletes a user with everything that is theirs.
#[utoipa::path(
    delete,
    path = "/api/users/{id}",
    tag = "accounts",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "`null`", body = ()),
        (status = 400, description = "The last administrator must stay.", body = ErrorBody),
        (status = 404),
    ),
)]
async fn delete(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<UserId>>,
    state: State,
) -> Result<Json<()>, ApiError> {
    state.ports.store.transact(move |tx| account::delete_user(tx, &caller, id)).await?;
    Ok(Json(()))
}

/// The caller.
#[utoipa::path(
    get,
    path = "/api/users/me",
    tag = "accounts",
    responses(
        (status = 200, body = api::User),
    ),
)]
async fn me(Authenticated { caller, .. }: Authenticated) -> Result<Json<api::User>, ApiError> {
    caller.require(Scope::MeRead)?;
    Ok(Json(conversion::caller(&caller)))
}

/// What the caller may see beyond scopes: nothing is hidden here.
#[utoipa::path(
    get,
    path = "/api/permissions/me",
    tag = "accounts",
    responses(
        (status = 200, body = api::Permissions),
    ),
)]
async fn permissions(
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<api::Permissions>, ApiError> {
    caller.require(Scope::MeRead)?;
    Ok(Json(api::Permissions {
        is_admin: caller.user.role == Role::Admin,
        grants: Vec::new(),
        hidden: api::Hidden::default(),
    }))
}

/// Without the setup token it is as if the caller had forgotten to log in, once there is somebody to log in as.
async fn add_first(
    request: &HttpRequest,
    body: Result<JsonBody<api::NewUser>, ApiError>,
    state: &State,
) -> Result<User, ApiError> {
    if state.ports.store.read(account::is_set_up).await? {
        return Err(ApiError::unauthenticated());
    }
    let JsonBody(body) = body?;
    let header = request.headers().get(SETUP_TOKEN_HEADER).and_then(|value| value.to_str().ok());
    let shown = body.setup_token.as_deref().or(header).unwrap_or_default();
    if !setup_token_matches(shown, state) {
        return Err(ApiError::forbidden());
    }
    let NewAccount { username, email, password, .. } = read_account(body)?;
    Ok(account::set_up(&state.ports, SetUp { username, email, password }).await?)
}

fn read_account(body: api::NewUser) -> Result<NewAccount, ApiError> {
    Ok(NewAccount {
        username: Username::new(&body.username)?,
        email: body.email.filter(|email| !email.is_empty()),
        role: body.role.map_or(Ok(Role::User), |role| read_role(&role))?,
        password: Secret::new(body.password),
    })
}

/// An empty address takes it away, for forms cannot say `null`.
fn read_patch(body: api::UserPatch) -> Result<AccountPatch, ApiError> {
    Ok(AccountPatch {
        username: body.username.map(|name| Username::new(&name)).transpose()?,
        email: body.email.map(|email| Some(email).filter(|email| !email.is_empty())),
        password: body.password.map(Secret::new),
        role: body.role.map(|role| read_role(&role)).transpose()?,
        enabled: body.enabled,
    })
}
