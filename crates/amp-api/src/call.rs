//! A request together with the type of its answer.

use std::fmt;
use std::marker::PhantomData;

use crate::{Answer, Request};

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
