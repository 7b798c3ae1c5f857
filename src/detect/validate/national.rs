//! National identity, tax, insurance and health numbers by region. Each check follows the authority that issues the
//! number; what a country publishes no checksum for is checked by date, region and form.

pub mod africa;
pub mod andes;
pub mod anywhere;
pub mod centre;
pub mod dach;
pub mod documents;
pub mod east;
pub mod far_east;
pub mod latin;
pub mod levant;
pub mod names;
pub mod north;
pub mod north_america;
pub mod south;
pub mod south_east;
pub mod southern_asia;
pub mod west;

use super::Validator;

/// The checks of all regions.
pub(super) const FAMILIES: &[&[(&str, Validator)]] = &[
    africa::CHECKS,
    andes::CHECKS,
    anywhere::CHECKS,
    centre::CHECKS,
    dach::CHECKS,
    documents::CHECKS,
    east::CHECKS,
    far_east::CHECKS,
    latin::CHECKS,
    levant::CHECKS,
    north::CHECKS,
    north_america::CHECKS,
    south::CHECKS,
    south_east::CHECKS,
    southern_asia::CHECKS,
    west::CHECKS,
];
