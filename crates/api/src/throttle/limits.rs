//! Which rates there are, with their defaults.

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests in the window.
    pub requests: u32,
    /// Length of the window.
    pub seconds: u32,
}

impl Rate {
    /// So many requests in a minute.
    pub const fn per_minute(requests: u32) -> Self {
        Self {
            requests,
            seconds: 60,
        }
    }
}

impl std::str::FromStr for Rate {
    type Err = String;

    /// Reads `20/min`; the units are `s`, `sec`, `m`, `min`, `h`, `hour`, `d`, `day`.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("{text} is not a rate such as 20/min");
        let (requests, unit) = text.split_once('/').ok_or_else(refuse)?;
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1,
            "m" | "min" | "minute" => 60,
            "h" | "hour" => 3_600,
            "d" | "day" => 86_400,
            _ => return Err(refuse()),
        };
        Ok(Self {
            requests: requests.trim().parse().map_err(|_| refuse())?,
            seconds,
        })
    }
}

/// A name under which requests are counted.
pub trait Scope: Send + Sync {
    /// The name.
    const NAME: &'static str;
    /// Its rate.
    fn rate(limits: &Limits) -> Rate;
}

/// Declares the scopes, their fields in [`Limits`] and their defaults.
macro_rules! scopes {
    ($($(#[$doc:meta])* $scope:ident $field:ident = $default:expr;)+) => {
        /// The rate of every scope.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: Rate,)+
            /// All requests of one person; default none.
            pub user: Option<Rate>,
            /// All requests with one master key; default none.
            pub master_api_key: Option<Rate>,
            /// Most callers remembered at a time; beyond it the one not seen for longest is forgotten.
            pub callers: usize,
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)+ user: None, master_api_key: None, callers: 20_000 }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $scope;

            impl Scope for $scope {
                const NAME: &'static str = stringify!($field);

                fn rate(limits: &Limits) -> Rate {
                    limits.$field
                }
            }
        )+
    };
}

scopes! {
    /// Signing in with a password.
    Login login = Rate::per_minute(20);
    /// Signing up.
    Signup signup = Rate::per_minute(10_000);
    /// The second step of signing in.
    MfaCode mfa_code = Rate::per_minute(5);
    /// Inviting by mail.
    InviteMail invite = Rate::per_minute(10);
    /// Reading usage.
    UsageQuery influx_query = Rate::per_minute(5);
    /// Exchanging an OpenID Connect token.
    OidcTokenExchange oidc_token_exchange = Rate::per_minute(60);
    /// Changing and testing warehouse connections.
    WarehouseWrite warehouse_connection_write = Rate::per_minute(10);
    /// Reading warehouse connections.
    WarehouseRead warehouse_connection_read = Rate::per_minute(60);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_operators_write_them() {
        assert_eq!("20/min".parse(), Ok(Rate::per_minute(20)));
        assert_eq!(
            "5/s".parse(),
            Ok(Rate {
                requests: 5,
                seconds: 1
            })
        );
        assert_eq!(
            "500/day".parse(),
            Ok(Rate {
                requests: 500,
                seconds: 86_400
            })
        );
        for text in ["20", "20/week", "x/min", "-1/min"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
