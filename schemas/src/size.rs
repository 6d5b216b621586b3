//! Enterprise size by industry, staff, revenue and assets (工信部联企业〔2011〕300号, 国统字〔2017〕213号).

use crate::enterprise::{Enterprise, Size};

/// Lower bounds of one size: staff, revenue (万元), assets (万元).
#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    staff: Option<f64>,
    revenue: Option<f64>,
    assets: Option<f64>,
}

const fn x(staff: f64) -> Bounds {
    Bounds { staff: Some(staff), revenue: None, assets: None }
}
const fn y(revenue: f64) -> Bounds {
    Bounds { staff: None, revenue: Some(revenue), assets: None }
}
const fn xy(staff: f64, revenue: f64) -> Bounds {
    Bounds { staff: Some(staff), revenue: Some(revenue), assets: None }
}
const fn yz(revenue: f64, assets: f64) -> Bounds {
    Bounds { staff: None, revenue: Some(revenue), assets: Some(assets) }
}
const fn xz(staff: f64, assets: f64) -> Bounds {
    Bounds { staff: Some(staff), revenue: None, assets: Some(assets) }
}

/// Beginnings of the industry code, and from where large, medium and small begin; the first that fits counts.
const TABLE: &[(&[&str], [Bounds; 3])] = &[
    (&["A"], [y(20_000.), y(500.), y(50.)]),
    (&["B", "C", "D"], [xy(1_000., 40_000.), xy(300., 2_000.), xy(20., 300.)]),
    (&["E"], [yz(80_000., 80_000.), yz(6_000., 5_000.), yz(300., 300.)]),
    (&["F51"], [xy(200., 40_000.), xy(20., 5_000.), xy(5., 1_000.)]),
    (&["F52"], [xy(300., 20_000.), xy(50., 500.), xy(10., 100.)]),
    (&["G59"], [xy(200., 30_000.), xy(100., 1_000.), xy(20., 100.)]),
    (&["G60"], [xy(1_000., 30_000.), xy(300., 2_000.), xy(20., 100.)]),
    (&["G54", "G55", "G56", "G57", "G58"], [xy(1_000., 30_000.), xy(300., 3_000.), xy(20., 200.)]),
    (&["H"], [xy(300., 10_000.), xy(100., 2_000.), xy(10., 100.)]),
    (&["I65"], [xy(300., 10_000.), xy(100., 1_000.), xy(10., 50.)]),
    (&["I"], [xy(2_000., 100_000.), xy(100., 1_000.), xy(10., 100.)]),
    (&["K702"], [xy(1_000., 5_000.), xy(300., 1_000.), xy(100., 500.)]),
    (&["K701"], [yz(200_000., 10_000.), yz(1_000., 5_000.), yz(100., 2_000.)]),
    (&["L"], [xz(300., 120_000.), xz(100., 8_000.), xz(10., 100.)]),
    // 其他未列明行业: the ones that the rule names
    (&["K703", "K704", "K709", "M", "N", "O", "R"], [x(300.), x(100.), x(10.)]),
];

/// The size of a company; `None` when its industry is outside the classification (finance, education, health, public
/// administration, rail transport) or a figure is missing that the size depends on. A size that the profile states
/// wins.
pub fn classify(enterprise: &Enterprise) -> Option<Size> {
    if enterprise.size.is_some() {
        return enterprise.size;
    }
    let code = crate::industry::by_code(enterprise.industry_code.as_deref()?)?.code;
    let (_, rows) = TABLE.iter().find(|(codes, _)| codes.iter().any(|start| code.starts_with(start)))?;
    // G53 is rail, and F without a division is neither wholesale nor retail: no row fits them
    for (bounds, size) in rows.iter().zip([Size::Large, Size::Medium, Size::Small]) {
        match reaches(enterprise, bounds) {
            Some(true) => return Some(size),
            Some(false) => {}
            None => return None,
        }
    }
    Some(Size::Micro)
}

/// Whether all bounds are reached; `None` when that hangs on a figure that is missing.
fn reaches(enterprise: &Enterprise, bounds: &Bounds) -> Option<bool> {
    let pairs = [
        (bounds.staff, enterprise.staff),
        (bounds.revenue, enterprise.revenue_wan),
        (bounds.assets, enterprise.assets_wan),
    ];
    let mut unknown = false;
    for (bound, figure) in pairs {
        match (bound, figure) {
            (Some(bound), Some(figure)) if figure < bound => return Some(false),
            (Some(_), None) => unknown = true,
            _ => {}
        }
    }
    if unknown { None } else { Some(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(code: &str, staff: Option<f64>, revenue: Option<f64>, assets: Option<f64>) -> Option<Size> {
        classify(&Enterprise {
            industry_code: Some(code.to_owned()),
            staff,
            revenue_wan: revenue,
            assets_wan: assets,
            ..Enterprise::default()
        })
    }

    #[test]
    fn the_borders_of_the_rows() {
        use Size::{Large, Medium, Micro, Small};
        for (code, staff, revenue, assets, expected) in [
            ("A011", None, Some(20_000.), None, Some(Large)),
            ("A011", None, Some(49.), None, Some(Micro)),
            ("C3973", Some(1_000.), Some(40_000.), None, Some(Large)),
            ("C3973", Some(999.), Some(40_000.), None, Some(Medium)),
            ("C3973", Some(300.), Some(1_999.), None, Some(Small)),
            ("C3973", Some(19.), Some(5_000.), None, Some(Micro)),
            ("C3973", None, Some(200.), None, Some(Micro)),
            ("C3973", None, Some(5_000.), None, None),
            ("E47", None, Some(80_000.), Some(79_999.), Some(Medium)),
            ("F5131", Some(5.), Some(1_000.), None, Some(Small)),
            ("F5211", Some(49.), Some(500.), None, Some(Small)),
            ("G5910", Some(20.), Some(100.), None, Some(Small)),
            ("G5310", Some(2_000.), Some(90_000.), None, None),
            ("I6513", Some(86.), Some(2_600.), None, Some(Small)),
            ("I6311", Some(2_000.), Some(100_000.), None, Some(Large)),
            ("K7010", None, Some(100.), Some(2_000.), Some(Small)),
            ("K7020", Some(100.), Some(500.), None, Some(Small)),
            ("L7111", Some(300.), None, Some(120_000.), Some(Large)),
            ("M7310", Some(100.), None, None, Some(Medium)),
            ("J66", Some(500.), Some(90_000.), Some(90_000.), None),
            ("P83", Some(500.), None, None, None),
        ] {
            assert_eq!(size(code, staff, revenue, assets), expected, "{code} {staff:?} {revenue:?} {assets:?}");
        }
    }
}
