//! Accounts, logins and client tokens.

use memcard_domain::account::{
    AddUserError, AuthenticateError, CreateTokenError, DeleteUserError, EditUserError, ExchangeError,
    Forbidden, InvalidToken, InvalidUser, IssueError, ListUsersError, LogInError, PasswordError,
    RefreshError, SetUpError, TokenError,
};

use super::{ApiError, invalid_member};

impl From<Forbidden> for ApiError {
    fn from(_: Forbidden) -> Self {
        Self::forbidden()
    }
}

impl From<InvalidUser> for ApiError {
    fn from(error: InvalidUser) -> Self {
        let member = match error {
            InvalidUser::Username => "username",
            InvalidUser::Password => "password",
        };
        invalid_member(member, error)
    }
}

impl From<InvalidToken> for ApiError {
    fn from(error: InvalidToken) -> Self {
        let member = match error {
            InvalidToken::Name => "name",
            InvalidToken::Scopes => "scopes",
        };
        invalid_member(member, error)
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Unknown => Self::unauthenticated(),
            AuthenticateError::Limited(limited) => Self::limited(limited),
            AuthenticateError::Passwords(error) => error.into(),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        AuthenticateError::from(error).into()
    }
}

impl From<LogInError> for ApiError {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::AccountChanged => Self::unauthenticated(),
            LogInError::Store(error) => error.into(),
        }
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::ScopesExceed(_) => Self::forbidden_because(error),
            IssueError::AccountChanged => Self::unauthenticated(),
            IssueError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Unknown => Self::unauthenticated(),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<SetUpError> for ApiError {
    /// Once there is a user, making another is for those who are logged in.
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::AlreadySetUp => Self::unauthenticated(),
            SetUpError::Invalid(error) => error.into(),
            SetUpError::Passwords(error) => error.into(),
            SetUpError::Store(error) => error.into(),
        }
    }
}

impl From<ListUsersError> for ApiError {
    fn from(error: ListUsersError) -> Self {
        match error {
            ListUsersError::Forbidden(error) => error.into(),
            ListUsersError::Store(error) => error.into(),
        }
    }
}

impl From<AddUserError> for ApiError {
    fn from(error: AddUserError) -> Self {
        match error {
            AddUserError::Forbidden(error) => error.into(),
            AddUserError::Invalid(error) => error.into(),
            AddUserError::NameTaken(error) => Self::conflict(error),
            AddUserError::Passwords(error) => error.into(),
            AddUserError::Store(error) => error.into(),
        }
    }
}

impl From<EditUserError> for ApiError {
    fn from(error: EditUserError) -> Self {
        match error {
            EditUserError::Forbidden(error) => error.into(),
            EditUserError::NotFound(error) => Self::not_found(error),
            EditUserError::Invalid(error) => error.into(),
            EditUserError::NameTaken(error) => Self::conflict(error),
            EditUserError::LastAdmin(error) => Self::bad_request(error),
            EditUserError::Passwords(error) => error.into(),
            EditUserError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteUserError> for ApiError {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::Forbidden(error) => error.into(),
            DeleteUserError::NotFound(error) => Self::not_found(error),
            DeleteUserError::LastAdmin(error) => Self::bad_request(error),
            DeleteUserError::Store(error) => error.into(),
        }
    }
}

impl From<CreateTokenError> for ApiError {
    fn from(error: CreateTokenError) -> Self {
        match error {
            CreateTokenError::Forbidden(error) => error.into(),
            CreateTokenError::Invalid(error) => error.into(),
            CreateTokenError::TooMany(error) => Self::bad_request(error),
            CreateTokenError::ScopesExceed(_) => Self::forbidden_because(error),
            CreateTokenError::Store(error) => error.into(),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Forbidden(error) => error.into(),
            TokenError::NotFound(error) => Self::not_found(error),
            TokenError::Store(error) => error.into(),
        }
    }
}

impl From<ExchangeError> for ApiError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::InvalidCode | ExchangeError::TokenGone => Self::not_found(error),
            ExchangeError::OwnerDisabled => Self::forbidden_because(error),
            ExchangeError::Limited(limited) => Self::limited(limited),
            ExchangeError::Store(error) => error.into(),
        }
    }
}
