//! Who may do what. The loader turns a caller and a name into an *authorised* resource; use-cases take that proof as an
//! argument, so none can be called without a check.

pub mod need;
