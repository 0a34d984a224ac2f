//! A request together with the type of its answer.

use std::fmt;
use std::marker::PhantomData;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::check::check_texts;
use crate::{Answer, InvalidRequest, Operation, Request, secret_body};

/// A request whose successful answer is a `T`.
#[derive(Clone)]
pub struct Call<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

impl<T: Answer> Call<T> {
    /// Says what the answer to this request is.
    pub fn new(request: Request) -> Self {
        let answer = PhantomData;
        Self { request, answer }
    }

    /// Calls this operation without a body.
    pub(crate) fn to(operation: &Operation, arguments: &[&str]) -> Result<Self, InvalidRequest> {
        Request::new(operation, arguments).map(Self::new)
    }

    /// Calls this operation with a value as the JSON body.
    pub(crate) fn with(
        operation: &Operation,
        arguments: &[&str],
        body: &(impl Serialize + ?Sized),
    ) -> Result<Self, InvalidRequest> {
        let request = Request::new(operation, arguments)?;
        request.with_json(body).map(Self::new)
    }

    /// Calls this operation with a JSON body that holds a secret; `bytes_of_text` is the length of
    /// all texts in it together.
    pub(crate) fn with_secret(
        operation: &Operation,
        arguments: &[&str],
        body: &impl Serialize,
        bytes_of_text: usize,
    ) -> Result<Self, InvalidRequest> {
        let request = Request::new(operation, arguments)?;
        let body = secret_body::json(body, bytes_of_text)?;
        Ok(Self::new(request.with_body(body)))
    }

    /// Calls this operation with the name and the password of an account; neither may be empty.
    pub(crate) fn with_account(
        operation: &Operation,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, InvalidRequest> {
        #[derive(Serialize)]
        struct Body<'a> {
            username: &'a str,
            password: &'a str,
        }

        let password = password.expose_secret();
        check_texts(&[("username", username), ("password", password)])?;
        let body = Body { username, password };
        let length = username.len() + password.len();
        Self::with_secret(operation, &[], &body, length)
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}
