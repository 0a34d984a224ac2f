//! Which operation answers which request. A new operation is one row in [`ROUTES`] and one function.

use http::{HeaderMap, HeaderValue, Method, header};
use tokio::time::Instant;

use crate::answer::{self, Answer, Outcome};
use crate::fields::Fields;
use crate::path;
use crate::state::State;

use Access::{Open, Optional, Token};

mod assets;
mod general;
mod user;

/// The first pattern that takes the path decides, so a literal path stands before its placeholder.
const ROUTES: &[Route] = &[
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
    let (pattern, segments) = ROUTES
        .iter()
        .find_map(matching)
        .ok_or_else(answer::not_found)?;
    let siblings = || ROUTES.iter().filter(|route| route.pattern == pattern);
    let wanted = siblings().find(|route| route.method == *request.method);
    if let Some(route) = wanted.or_else(|| siblings().next()) {
        authenticate(state, request, route.access)?;
    }
    match wanted {
        Some(route) => (route.operation)(state, &Call { request, segments }),
        None => {
            let allowed: Vec<Method> = siblings().map(|route| route.method.clone()).collect();
            Err(answer::method_not_allowed(request.method, &allowed))
        }
    }
}

fn authenticate(state: &State, request: &Incoming<'_>, access: Access) -> Result<(), Answer> {
    let needed = match access {
        Open => false,
        Optional => request.authorization().is_some(),
        Token => true,
    };
    if needed {
        state.authenticate(request.authorization(), request.now)?;
    }
    Ok(())
}
