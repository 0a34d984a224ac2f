//! How a sandbox is set up.

use std::time::Duration;

use http::StatusCode;

use crate::account::Account;
#[cfg(feature = "cidx")]
use crate::cidx::{self, JwtAlgorithm};
use crate::error::SandboxError;
use crate::rate_limit::RateLimit;
use crate::sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use crate::service::Service;
use crate::settings::{Flavour, Reuse, Settings};

/// Sets a sandbox up; every setting has a default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct SandboxBuilder {
    settings: Settings,
    port: u16,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        let account = Account::Only {
            username: DEFAULT_USERNAME.to_owned(),
            password: DEFAULT_PASSWORD.to_owned(),
        };
        let settings = Settings {
            flavour: Flavour::Amp,
            seed: 0,
            token_ttl: Duration::from_secs(24 * 60 * 60),
            account,
            on_login: Reuse::NewToken,
            on_refresh: Reuse::NewToken,
            rejection: StatusCode::UNAUTHORIZED,
            rate_limit: None,
            #[cfg(feature = "cidx")]
            jwt_algorithm: JwtAlgorithm::Rs256,
        };
        Self { settings, port: 0 }
    }

    /// Behaves like the service of the CIDX client: `POST /api/auth/login` and `/api/auth/refresh`, `GET /api/repos`,
    /// `POST /api/query`, JWTs that live 10 minutes, and refresh tokens that are good for one use. A later
    /// [`token_ttl`](Self::token_ttl) still counts. Default: AMP.
    #[cfg(feature = "cidx")]
    pub fn cidx(mut self) -> Self {
        self.settings.flavour = Flavour::Cidx;
        self.settings.token_ttl = cidx::TOKEN_TTL;
        self
    }

    /// Sets what the JWTs say about their signature. Default: RS256.
    #[cfg(feature = "cidx")]
    pub fn jwt_algorithm(mut self, algorithm: JwtAlgorithm) -> Self {
        self.settings.jwt_algorithm = algorithm;
        self
    }

    /// Sets what tokens, identifiers and seeded assets are drawn from. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Sets how long a token lives. Default: 24 hours, which is what clients of the service assume.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.settings.token_ttl = ttl;
        self
    }

    /// Sets the one account. Default: [`DEFAULT_USERNAME`] and [`DEFAULT_PASSWORD`].
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.settings.account = Account::Only {
            username: username.into(),
            password: password.into(),
        };
        self
    }

    /// Accepts every user name and password that are not empty; they are compared with nothing and kept nowhere, so
    /// changing a password changes nothing, and answers [`DEFAULT_USERNAME`]. Managers still need their own password.
    pub fn accept_any_credentials(mut self) -> Self {
        self.settings.account = Account::Anyone;
        self
    }

    /// Makes a login answer the newest live token, whose clock goes on. Default: a new token each time.
    pub fn reuse_token_on_login(mut self) -> Self {
        self.settings.on_login = Reuse::SameToken;
        self
    }

    /// Makes a refresh answer the same token with its clock restarted. Default: a new token, and the old one lives
    /// on until its own end.
    pub fn reuse_token_on_refresh(mut self) -> Self {
        self.settings.on_refresh = Reuse::SameToken;
        self
    }

    /// Answers a missing or wrong token with 403 and no challenge, as some deployments do. Default: 401 with
    /// `WWW-Authenticate: Token`.
    pub fn reject_tokens_with_403(mut self) -> Self {
        self.settings.rejection = StatusCode::FORBIDDEN;
        self
    }

    /// Limits how many requests are accepted. Default: no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.settings.rate_limit = Some(limit);
        self
    }

    /// Sets the port to listen on. Default: 0, which leaves the choice to the system.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts to listen on 127.0.0.1 and to serve on the current runtime.
    ///
    /// # Errors
    /// [`SandboxError::Bind`] when the port cannot be bound.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        Sandbox::listen(Service::new(self.settings), self.port).await
    }

    /// Makes a sandbox without a socket: every connection comes from [`Sandbox::connect`]. With a paused clock no
    /// wait takes real time.
    pub fn in_memory(self) -> Sandbox {
        Sandbox::without_socket(Service::new(self.settings))
    }
}
