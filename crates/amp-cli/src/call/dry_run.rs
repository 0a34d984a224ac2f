//! What would be sent, with secrets hidden.

use amp_api::{Auth, BaseUrl, Request};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::Failure;
use crate::settings::Settings;

/// What stands where the token would be.
const HIDDEN: &str = "[hidden]";

/// A request as it is printed. The names are part of the contract.
#[derive(Debug, PartialEq, Serialize)]
struct Printed {
    method: String,
    url: String,
    headers: Map<String, Value>,
    body: Option<Value>,
}

/// Prints the requests; with `--json` as an array.
pub(crate) fn print(requests: &[Request], context: &Context) -> Result<(), Failure> {
    let settings = Settings::read(context, None)?;
    let base_url = settings.config.base_url();
    let printed = requests.iter().map(|request| printed(request, base_url));
    let printed: Vec<_> = printed.collect::<Result<_, _>>()?;
    if context.output.is_json() {
        return context.output.value(&printed);
    }
    let texts: Vec<_> = printed.iter().map(Printed::text).collect();
    context.output.bytes(&[texts.join("\n").as_bytes()])
}

fn printed(request: &Request, base_url: &BaseUrl) -> Result<Printed, Failure> {
    let mut sent = request.to_http(base_url)?;
    Request::accept(&mut sent);
    let mut headers = named(sent.headers());
    if request.auth() != Auth::None {
        let authorization = format!("token {HIDDEN}");
        headers.insert(AUTHORIZATION.to_string(), authorization.into());
    }
    Ok(Printed {
        method: sent.method().to_string(),
        url: sent.uri().to_string(),
        headers,
        body: request.redacted_body(),
    })
}

fn named(headers: &HeaderMap) -> Map<String, Value> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned().into();
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect()
}

impl Printed {
    fn text(&self) -> String {
        let mut text = format!("{} {}\n", self.method, self.url);
        for (name, value) in &self.headers {
            let value = value.as_str().unwrap_or_default();
            text += &format!("{name}: {value}\n");
        }
        if let Some(body) = &self.body {
            text += &format!("\n{body:#}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn shown(method: Method, path: &str, body: &'static str) -> Printed {
        let request = Request::raw(method, path).unwrap().with_body(body);
        let base_url = BaseUrl::parse("https://amp.example/api").unwrap();
        printed(&request, &base_url).unwrap()
    }

    #[test]
    fn a_request_is_shown_as_it_would_be_sent_but_for_its_token() {
        let shown = shown(Method::POST, "/assets/a%20b/memo/set?x=1", "\"hello\"");
        let expected = "\
POST https://amp.example/api/assets/a%20b/memo/set?x=1
accept: application/json
authorization: token [hidden]
content-type: application/json

\"hello\"
";
        assert_eq!(shown.text(), expected);
    }
}
