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
    // 装卸搬运 (G591) is counted with transport
    (&["G592", "G593", "G594", "G595", "G596", "G599"], [xy(200., 30_000.), xy(100., 1_000.), xy(20., 100.)]),
    (&["G60"], [xy(1_000., 30_000.), xy(300., 2_000.), xy(20., 100.)]),
    (&["G54", "G55", "G56", "G57", "G58", "G591"], [xy(1_000., 30_000.), xy(300., 3_000.), xy(20., 200.)]),
    (&["H"], [xy(300., 10_000.), xy(100., 2_000.), xy(10., 100.)]),
    (&["I65"], [xy(300., 10_000.), xy(100., 1_000.), xy(10., 50.)]),
    (&["I63", "I64"], [xy(2_000., 100_000.), xy(100., 1_000.), xy(10., 100.)]),
    (&["K702"], [xy(1_000., 5_000.), xy(300., 1_000.), xy(100., 500.)]),
    (&["K701"], [yz(200_000., 10_000.), yz(1_000., 5_000.), yz(100., 2_000.)]),
    (&["L"], [xz(300., 120_000.), xz(100., 8_000.), xz(10., 100.)]),
    // 其他未列明行业; 社会工作 (Q85) is one of them, 卫生 (Q84) is not
    (&["K703", "K704", "K709", "M", "N", "O", "Q85", "R"], [x(300.), x(100.), x(10.)]),
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
        // a figure that is no amount says nothing
        let figure = figure.filter(|figure| figure.is_finite() && *figure >= 0.0);
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
            ("G5920", Some(20.), Some(100.), None, Some(Small)),
            ("G5910", Some(20.), Some(100.), None, Some(Micro)),
            ("Q8514", Some(10.), None, None, Some(Small)),
            ("I", Some(10.), Some(100.), None, None),
            ("C3973", Some(f64::NAN), Some(5_000.), None, None),
            ("C3973", Some(-5.), Some(5_000.), None, None),
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

    /// The rule's rows once more, as a person would copy them: staff, revenue, assets; 0 where a figure is not asked.
    #[test]
    fn every_border_of_every_row() {
        const ROWS: &[(&str, [[f64; 3]; 3])] = &[
            ("A0111", [[0., 20_000., 0.], [0., 500., 0.], [0., 50., 0.]]),
            ("B0610", [[1_000., 40_000., 0.], [300., 2_000., 0.], [20., 300., 0.]]),
            ("C3973", [[1_000., 40_000., 0.], [300., 2_000., 0.], [20., 300., 0.]]),
            ("D4411", [[1_000., 40_000., 0.], [300., 2_000., 0.], [20., 300., 0.]]),
            ("E4710", [[0., 80_000., 80_000.], [0., 6_000., 5_000.], [0., 300., 300.]]),
            ("F5131", [[200., 40_000., 0.], [20., 5_000., 0.], [5., 1_000., 0.]]),
            ("F5213", [[300., 20_000., 0.], [50., 500., 0.], [10., 100., 0.]]),
            ("G5431", [[1_000., 30_000., 0.], [300., 3_000., 0.], [20., 200., 0.]]),
            ("G5920", [[200., 30_000., 0.], [100., 1_000., 0.], [20., 100., 0.]]),
            ("G6020", [[1_000., 30_000., 0.], [300., 2_000., 0.], [20., 100., 0.]]),
            ("H6110", [[300., 10_000., 0.], [100., 2_000., 0.], [10., 100., 0.]]),
            ("H6210", [[300., 10_000., 0.], [100., 2_000., 0.], [10., 100., 0.]]),
            ("I6312", [[2_000., 100_000., 0.], [100., 1_000., 0.], [10., 100., 0.]]),
            ("I6513", [[300., 10_000., 0.], [100., 1_000., 0.], [10., 50., 0.]]),
            ("K7010", [[0., 200_000., 10_000.], [0., 1_000., 5_000.], [0., 100., 2_000.]]),
            ("K7020", [[1_000., 5_000., 0.], [300., 1_000., 0.], [100., 500., 0.]]),
            ("L7262", [[300., 0., 120_000.], [100., 0., 8_000.], [10., 0., 100.]]),
            ("M7310", [[300., 0., 0.], [100., 0., 0.], [10., 0., 0.]]),
            ("N7721", [[300., 0., 0.], [100., 0., 0.], [10., 0., 0.]]),
            ("O8010", [[300., 0., 0.], [100., 0., 0.], [10., 0., 0.]]),
            ("R8710", [[300., 0., 0.], [100., 0., 0.], [10., 0., 0.]]),
        ];
        let sizes = [Size::Large, Size::Medium, Size::Small, Size::Micro];
        for (code, bounds) in ROWS {
            assert!(crate::industry::by_code(code).is_some(), "{code}");
            for (row, bound) in bounds.iter().enumerate() {
                let given = |figure: f64| (figure > 0.0).then_some(figure);
                let at = size(code, given(bound[0]), given(bound[1]), given(bound[2]));
                assert_eq!(at, Some(sizes[row]), "{code} at {bound:?}");
                for (asked, _) in bound.iter().enumerate().filter(|(_, figure)| **figure > 0.0) {
                    let mut below = *bound;
                    below[asked] -= 0.5;
                    let under = size(code, given(below[0]), given(below[1]), given(below[2]));
                    assert!(under.is_some() && under < at, "{code} at {below:?}: {under:?}");
                }
            }
        }
        for code in ["J6621", "P8331", "Q8411", "S9221", "T9700", "G5310", "F", "G", "K", "I", "X1", ""] {
            assert_eq!(size(code, Some(5_000.), Some(900_000.), Some(900_000.)), None, "{code}");
        }
    }

    #[test]
    fn a_stated_size_wins() {
        let stated = Enterprise { size: Some(Size::Small), staff: Some(9_000.), ..Enterprise::default() };
        assert_eq!(classify(&stated), Some(Size::Small));
        assert_eq!(classify(&Enterprise::default()), None);
    }
}
