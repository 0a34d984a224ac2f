//! Which operation answers which request. A new operation is one row and one function.

use http::{HeaderMap, HeaderValue, Method, header};
use tokio::time::Instant;

use crate::answer::{self, Answer, Outcome};
use crate::fields::Fields;
use crate::path;
use crate::settings::Flavour;
use crate::state::State;

use Access::{Open, Optional, Token};

mod assets;
#[cfg(feature = "cidx")]
mod cidx;
mod general;
mod user;

/// What makes one service differ from another.
pub(crate) struct Api {
    /// How the address ends that a client is configured with. Paths are told without `/api` at either service.
    pub(crate) address_path: &'static str,
    /// The first pattern that takes the path decides, so a literal path stands before its placeholder.
    routes: &'static [Route],
    authenticate: fn(&State, &Incoming<'_>) -> Result<(), Answer>,
}

impl Api {
    pub(crate) fn of(flavour: Flavour) -> &'static Self {
        match flavour {
            Flavour::Amp => &AMP,
            #[cfg(feature = "cidx")]
            Flavour::Cidx => &CIDX,
        }
    }
}

static AMP: Api = Api {
    address_path: "/api",
    routes: AMP_ROUTES,
    authenticate: |state, request| {
        state
            .authenticate(request.authorization(), request.now)
            .map(drop)
    },
};

#[cfg(feature = "cidx")]
static CIDX: Api = Api {
    address_path: "",
    routes: CIDX_ROUTES,
    authenticate: |state, request| state.authenticate_bearer(request.authorization(), request.now),
};

const AMP_ROUTES: &[Route] = &[
    route(GET, "/info", Open, general::info),
    route(GET, "/changelog", Optional, general::changelog),
    route(POST, "/user/obtain_token", Open, user::obtain_token),
    route(GET, "/user/refresh-token", Token, user::refresh_token),
    route(GET, "/assets/?", Token, assets::list),
    route(POST, "/assets/issue", Token, assets::issue),
    route(GET, "/assets/{}", Token, assets::get),
    route(PUT, "/assets/{}/lock", Token, assets::lock),
    route(PUT, "/assets/{}/unlock", Token, assets::unlock),
];

#[cfg(feature = "cidx")]
const CIDX_ROUTES: &[Route] = &[
    route(POST, "/auth/login", Open, cidx::login),
    route(POST, "/auth/refresh", Open, cidx::refresh),
    route(GET, "/repos", Token, cidx::repositories),
    route(POST, "/query", Token, cidx::query),
];

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

type Operation = fn(&mut State, &Call<'_>) -> Outcome;

struct Route {
    method: Method,
    /// `{}` is one segment; `/?` at the end makes the slash optional.
    pattern: &'static str,
    access: Access,
    operation: Operation,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// The Authorization header is not looked at.
    Open,
    /// None is needed, but a wrong one is refused.
    Optional,
    /// A live token is needed.
    Token,
}

const fn route(
    method: Method,
    pattern: &'static str,
    access: Access,
    operation: Operation,
) -> Route {
    Route {
        method,
        pattern,
        access,
        operation,
    }
}

/// One request with its whole body.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a Method,
    /// Relative to the base path.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: Instant,
}

/// One request, as the operation that it names sees it.
struct Call<'a> {
    request: &'a Incoming<'a>,
    /// What stands for the placeholders of the path.
    segments: Vec<&'a str>,
}

impl Call<'_> {
    /// The JSON object in the body.
    fn fields(&self) -> Result<Fields, Answer> {
        Fields::parse(
            self.request.headers.get(header::CONTENT_TYPE),
            self.request.body,
        )
    }

    fn segment(&self, index: usize) -> &str {
        self.segments.get(index).copied().unwrap_or_default()
    }

    fn now(&self) -> Instant {
        self.request.now
    }
}

impl Incoming<'_> {
    fn authorization(&self) -> Option<&HeaderValue> {
        self.headers.get(header::AUTHORIZATION)
    }
}

/// Carries a request out. As in the framework, the token is looked at before the method.
pub(crate) fn answer(state: &mut State, request: &Incoming<'_>) -> Answer {
    carry_out(state, request).unwrap_or_else(|refusal| refusal)
}

fn carry_out(state: &mut State, request: &Incoming<'_>) -> Outcome {
    let matching =
        |route: &Route| Some((route.pattern, path::captures(route.pattern, request.path)?));
    let api = Api::of(state.flavour);
    let (pattern, segments) = api
        .routes
        .iter()
        .find_map(matching)
        .ok_or_else(answer::not_found)?;
    let siblings = || api.routes.iter().filter(|route| route.pattern == pattern);
    let wanted = siblings().find(|route| route.method == *request.method);
    if let Some(route) = wanted.or_else(|| siblings().next()) {
        let needed = match route.access {
            Open => false,
            Optional => request.authorization().is_some(),
            Token => true,
        };
        if needed {
            (api.authenticate)(state, request)?;
        }
    }
    match wanted {
        Some(route) => (route.operation)(state, &Call { request, segments }),
        None => {
            let allowed: Vec<Method> = siblings().map(|route| route.method.clone()).collect();
            Err(answer::method_not_allowed(request.method, &allowed))
        }
    }
}
