//! Which operation answers which request. A new operation is one row in [`ROUTES`] and one function.

use http::{HeaderMap, HeaderValue, Method, header};
use tokio::time::Instant;

use crate::answer::{self, Answer, Outcome};
use crate::fields::Fields;
use crate::path;
use crate::state::State;

mod assets;
mod general;
mod user;

/// The first pattern that takes the path decides, so a literal path stands before its placeholder.
const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        pattern: "/info",
        access: Access::Open,
        operation: general::info,
    },
    Route {
        method: Method::GET,
        pattern: "/changelog",
        access: Access::Optional,
        operation: general::changelog,
    },
    Route {
        method: Method::POST,
        pattern: "/user/obtain_token",
        access: Access::Open,
        operation: user::obtain_token,
    },
    Route {
        method: Method::GET,
        pattern: "/user/refresh-token",
        access: Access::Token,
        operation: user::refresh_token,
    },
    Route {
        method: Method::GET,
        pattern: "/assets/?",
        access: Access::Token,
        operation: assets::list,
    },
    Route {
        method: Method::POST,
        pattern: "/assets/issue",
        access: Access::Token,
        operation: assets::issue,
    },
    Route {
        method: Method::GET,
        pattern: "/assets/{}",
        access: Access::Token,
        operation: assets::get,
    },
    Route {
        method: Method::PUT,
        pattern: "/assets/{}/lock",
        access: Access::Token,
        operation: assets::lock,
    },
    Route {
        method: Method::PUT,
        pattern: "/assets/{}/unlock",
        access: Access::Token,
        operation: assets::unlock,
    },
];

struct Route {
    method: Method,
    /// `{}` is one segment; `/?` at the end makes the slash optional.
    pattern: &'static str,
    access: Access,
    operation: fn(&mut State, &Call<'_>) -> Outcome,
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
        Access::Open => false,
        Access::Optional => request.authorization().is_some(),
        Access::Token => true,
    };
    if needed {
        state.authenticate(request.authorization(), request.now)?;
    }
    Ok(())
}
