//! 统一社会信用代码 (GB 32100—2015), with the organisation code inside it (GB 11714—1997).

/// Letters and digits of the code by value; I, O, S, V and Z are left out.
const SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Why a code is wrong: a sentence in Chinese for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    /// Another length.
    #[error("统一社会信用代码应为 18 位，现在是 {0} 位")]
    Length(usize),
    /// A sign that no code has.
    #[error("第 {place} 位的“{sign}”不会出现在统一社会信用代码中（不使用字母 I、O、S、V、Z）")]
    Sign {
        /// Counted from 1.
        place: usize,
        /// As typed.
        sign: char,
    },
    /// The place of registration (3 to 8) is no number.
    #[error("第 3 至 8 位应为 6 位数字的登记机关行政区划码")]
    Region,
    /// The organisation code (9 to 17) is wrong (GB 11714).
    #[error("第 9 至 17 位的组织机构代码校验不符，请核对是否有错位或误字")]
    Organisation,
    /// The last sign is wrong (GB 32100).
    #[error("末位校验码不符，请核对是否有误字")]
    Check,
}

/// The code in its standard form (half-width, upper case, without spaces).
///
/// # Errors
/// Another length, a sign that codes do not use, a check sign that does not fit.
pub fn check(text: &str) -> Result<String, CreditCodeError> {
    let code: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(64)
        .map(|c| if ('！'..='～').contains(&c) { char::from_u32(c as u32 - 0xFEE0).unwrap_or(c) } else { c })
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let length = code.chars().count();
    if length != 18 {
        return Err(CreditCodeError::Length(length));
    }
    let mut values = Vec::with_capacity(18);
    for (at, sign) in code.chars().enumerate() {
        match SIGNS.find(sign) {
            Some(value) => values.push(value),
            None => return Err(CreditCodeError::Sign { place: at + 1, sign }),
        }
    }
    if !code.chars().skip(2).take(6).all(|c| c.is_ascii_digit()) {
        return Err(CreditCodeError::Region);
    }
    if !organisation_fits(code.get(8..17).unwrap_or_default()) {
        return Err(CreditCodeError::Organisation);
    }
    // weights 3^(i-1) mod 31
    let (mut weight, mut sum) = (1, 0);
    for value in values.iter().take(17) {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if values.last() == Some(&((31 - sum % 31) % 31)) { Ok(code) } else { Err(CreditCodeError::Check) }
}

/// GB 11714: weights 3, 7, 9, 10, 5, 8, 4, 2 over eight signs (letters count from A = 10), check 11 − sum mod 11, where
/// 10 is written X and 11 is 0.
fn organisation_fits(code: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = code.chars().zip(WEIGHTS).map(|(sign, weight)| sign.to_digit(36).unwrap_or_default() * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    code.ends_with(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that fits, made from its first sixteen signs.
    fn made(beginning: &str) -> String {
        SIGNS
            .chars()
            .flat_map(|organisation| SIGNS.chars().map(move |last| format!("{beginning}{organisation}{last}")))
            .find(|code| check(code).is_ok())
            .unwrap_or_default()
    }

    #[test]
    fn the_example_of_the_standard_fits_however_it_is_typed() {
        for code in [
            "91350100M000100Y43",
            "91350100m000100y43",
            " 91350100 M000100Y 43",
            "９１３５０１００Ｍ０００１００Ｙ４３",
        ] {
            assert_eq!(check(code).as_deref(), Ok("91350100M000100Y43"), "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        use CreditCodeError::{Check, Length, Organisation, Region, Sign};
        for (code, error) in [
            ("", Length(0)),
            ("9135010", Length(7)),
            ("91350100M000100Y431", Length(19)),
            ("91350100I000100Y43", Sign { place: 9, sign: 'I' }),
            ("91350100M000100Y4中", Sign { place: 18, sign: '中' }),
            ("913501A0M000100Y43", Region),
            ("91350100M000100Y53", Organisation),
            ("91350100M000200Y43", Organisation),
            ("91350100M000100Y44", Check),
            ("92350100M000100Y43", Check),
        ] {
            assert_eq!(check(code), Err(error), "{code}");
            assert!(error.to_string().contains(['应', '不']), "{error}");
        }
    }

    #[test]
    fn real_codes_fit() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/enterprises/registry_sample.jsonl.gz");
        let Ok(file) = std::fs::File::open(path) else {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "../shared/data not found");
            return println!("left out: ../shared/data not found");
        };
        let text = std::io::read_to_string(flate2::read::GzDecoder::new(file)).unwrap();
        let (mut all, mut fit) = (0, 0);
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let codes = record.as_object().unwrap().values().filter_map(|value| value.as_str());
            for code in codes.filter(|text| text.len() == 18 && text.starts_with('9') && text.is_ascii()) {
                all += 1;
                fit += usize::from(check(code).is_ok());
            }
        }
        println!("{all} codes, {fit} fit");
        assert!(all > 1_000 && fit * 1_000 >= all * 995, "{fit} of {all}");
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_sign_is_noticed(
            body in "[1-9A-GY][1-59][0-9]{6}[0-9A-HJ-NPQRTUWXY]{8}", place in 0usize..18, other in 0usize..31
        ) {
            let code = made(&body);
            proptest::prop_assume!(!code.is_empty());
            let mut signs: Vec<char> = code.chars().collect();
            let wrong = SIGNS.chars().nth(other).unwrap();
            proptest::prop_assume!(signs[place] != wrong);
            signs[place] = wrong;
            let changed: String = signs.into_iter().collect();
            proptest::prop_assert!(check(&changed).is_err(), "{} {}", code, changed);
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            let _ = check(&text);
        }
    }
}
