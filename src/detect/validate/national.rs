//! National identity, tax, insurance and health numbers with the checksums their authorities publish, by region.

pub mod americas;
pub mod asia;
pub mod dach;
pub mod north;
pub mod west;
