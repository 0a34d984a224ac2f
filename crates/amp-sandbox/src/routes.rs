//! Which operation answers which request. A new operation is one row in the table of its tag and one function.

use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use tokio::time::Instant;

use crate::answer::{self, Answer, Outcome};
use crate::caller::Caller;
use crate::fields::{self, Fields};
use crate::path;
use crate::settings::Flavour;
use crate::state::State;

use Access::{IssuerToken, Open, Optional, Token};

mod assets;
mod assignments;
mod broadcasts;
mod categories;
#[cfg(feature = "cidx")]
mod cidx;
mod distributions;
mod gaids;
mod general;
mod history;
mod holdings;
mod managers;
mod registered_users;
mod supply;
mod treasury;
mod user;
mod user_summary;

/// What makes one service differ from another.
pub(crate) struct Api {
    /// How the address ends that a client is configured with. Paths are told without `/api` at either service.
    pub(crate) address_path: &'static str,
    /// One table for each tag. The first pattern that takes the path decides, so a literal path stands before its
    /// placeholder.
    routes: &'static [&'static [Route]],
    authenticate: fn(&State, &Incoming<'_>) -> Result<Caller, Answer>,
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
    routes: &[
        general::ROUTES,
        user::ROUTES,
        registered_users::ROUTES,
        categories::ROUTES,
        gaids::ROUTES,
        managers::ROUTES,
        assets::ROUTES,
        holdings::ROUTES,
        history::ROUTES,
        supply::ROUTES,
        treasury::ROUTES,
        assignments::ROUTES,
        distributions::ROUTES,
        broadcasts::ROUTES,
    ],
    authenticate: |state, request| {
        let (caller, _) = state.authenticate(request.authorization(), request.now)?;
        Ok(caller)
    },
};

#[cfg(feature = "cidx")]
static CIDX: Api = Api {
    address_path: "",
    routes: &[cidx::ROUTES],
    authenticate: |state, request| state.authenticate_bearer(request.authorization(), request.now),
};

/// What begins so is about one asset, which the caller has to see.
const ONE_ASSET: &str = "/assets/{}";

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

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
    /// A live token is needed; a manager's will do.
    Token,
    /// A live token of the issuer is needed.
    IssuerToken,
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
    /// Without the question mark; empty when there is none.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: Instant,
}

/// One request, as the operation that it names sees it.
struct Call<'a> {
    request: &'a Incoming<'a>,
    caller: Caller,
    /// What stands for the placeholders of the path.
    segments: Vec<&'a str>,
}

impl Call<'_> {
    /// The JSON object in the body.
    fn fields(&self) -> Result<Fields, Answer> {
        Fields::parse(self.content_type(), self.request.body)
    }

    /// The JSON object in the body, or the form that the framework takes as well.
    fn fields_or_form(&self) -> Result<Fields, Answer> {
        let form = fields::form(self.content_type(), self.request.body);
        form.map_or_else(|| self.fields(), Ok)
    }

    /// The text in the body, which is a bare JSON string.
    fn text(&self) -> Result<String, Answer> {
        match self.value()? {
            Value::String(text) => Ok(text),
            other => Err(fields::wrong_kind("a string", &other)),
        }
    }

    /// The values in the body, which is a bare JSON list of at least one.
    fn list(&self) -> Result<Vec<Value>, Answer> {
        match self.value()? {
            Value::Array(values) if values.is_empty() => {
                Err(answer::non_field_error("This list may not be empty."))
            }
            Value::Array(values) => Ok(values),
            other => Err(fields::wrong_kind("a list", &other)),
        }
    }

    /// Whatever JSON the body is; an empty one is null.
    fn value(&self) -> Result<Value, Answer> {
        fields::parse_json(self.content_type(), self.request.body)
    }

    fn content_type(&self) -> Option<&HeaderValue> {
        self.request.headers.get(header::CONTENT_TYPE)
    }

    fn segment(&self, index: usize) -> &str {
        self.segments.get(index).copied().unwrap_or_default()
    }

    /// A number in the path; as in the framework, a segment of another form makes it an unknown path.
    fn id(&self, index: usize) -> Result<i64, Answer> {
        let digits = self.segment(index);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let id = is_number.then(|| digits.parse().ok()).flatten();
        id.ok_or_else(answer::not_found)
    }

    fn now(&self) -> Instant {
        self.request.now
    }

    /// Where to send what comes next, as the service writes it: with a place to fill in.
    fn base_url_template(&self) -> String {
        let host = self.request.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok());
        format!("http://{}/api/{{}}", host.unwrap_or("localhost"))
    }
}

impl Incoming<'_> {
    fn authorization(&self) -> Option<&HeaderValue> {
        self.headers.get(header::AUTHORIZATION)
    }
}

/// The path of the operation that takes this path, with `{}` for what varies and no slash at its end.
pub(crate) fn pattern(flavour: Flavour, path: &str) -> Option<&'static str> {
    let mut routes = Api::of(flavour).routes.iter().copied().flatten();
    let route = routes.find(|route| path::captures(route.pattern, path).is_some())?;
    Some(route.pattern.trim_end_matches(['/', '?']))
}

/// Carries a request out. As in the framework, the token is looked at before the method.
pub(crate) fn answer(state: &mut State, request: &Incoming<'_>) -> Answer {
    carry_out(state, request).unwrap_or_else(|refusal| refusal)
}

fn carry_out(state: &mut State, request: &Incoming<'_>) -> Outcome {
    let matching =
        |route: &Route| Some((route.pattern, path::captures(route.pattern, request.path)?));
    let api = Api::of(state.flavour);
    let all_routes = || api.routes.iter().copied().flatten();
    let (pattern, segments) = all_routes()
        .find_map(matching)
        .ok_or_else(answer::not_found)?;
    let siblings = || all_routes().filter(|route| route.pattern == pattern);
    let wanted = siblings().find(|route| route.method == *request.method);
    let caller = match wanted.or_else(|| siblings().next()) {
        Some(route) => caller(api, route.access, state, request)?,
        None => Caller::Anonymous,
    };
    let Some(route) = wanted else {
        let allowed: Vec<Method> = siblings().map(|route| route.method.clone()).collect();
        return Err(answer::method_not_allowed(request.method, &allowed));
    };
    let call = Call {
        request,
        caller,
        segments,
    };
    if pattern.starts_with(ONE_ASSET) {
        state.visible_asset(caller, call.segment(0))?;
    }
    (route.operation)(state, &call)
}

/// Who the request comes from, or why nobody is let in.
fn caller(
    api: &Api,
    access: Access,
    state: &State,
    request: &Incoming<'_>,
) -> Result<Caller, Answer> {
    let is_needed = match access {
        Open => false,
        Optional => request.authorization().is_some(),
        Token | IssuerToken => true,
    };
    if !is_needed {
        return Ok(Caller::Anonymous);
    }
    match (api.authenticate)(state, request)? {
        Caller::Manager(_) if access == IssuerToken => Err(answer::permission_denied()),
        caller => Ok(caller),
    }
}
