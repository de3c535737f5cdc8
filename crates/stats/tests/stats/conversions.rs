//! Several variants compared by their shares of conversions, against figures of scipy.

use liftgate_stats::{Proportion, g_test, highest_share_probabilities};

struct Case {
    /// Conversions and units.
    variants: &'static [(u64, u64)],
    p_value: f64,
    chances: &'static [f64],
}

const CASES: [Case; 11] = [
    Case {
        variants: &[(100, 1000), (150, 1000)],
        p_value: 0.000_697_265_153_429_415_8,
        chances: &[0.000_357_637, 0.999_642_363],
    },
    Case {
        variants: &[(10, 100), (11, 100)],
        p_value: 0.817_545_866_686_292_5,
        chances: &[0.410_928_453, 0.589_071_547],
    },
    Case {
        variants: &[(0, 500), (0, 500)],
        p_value: 1.0,
        chances: &[0.5, 0.5],
    },
    Case {
        variants: &[(5, 25), (9, 25)],
        p_value: 0.205_294_784_043_102_53,
        chances: &[0.110_158_234, 0.889_841_766],
    },
    Case {
        variants: &[(0, 1), (1, 1)],
        p_value: 0.559_945_800_853_630_9,
        chances: &[1.0 / 6.0, 5.0 / 6.0],
    },
    Case {
        variants: &[(0, 40), (12, 40)],
        p_value: 9.389_059_277_037_24e-5,
        chances: &[0.000_039_283, 0.999_960_717],
    },
    Case {
        variants: &[(5, 50), (15, 50)],
        p_value: 0.010_874_221_038_359_616,
        chances: &[0.006_528_213, 0.993_471_787],
    },
    // Shares at the ends, of unequal numbers of units: the posteriors are far from normal.
    Case {
        variants: &[(0, 10), (0, 1000)],
        p_value: 0.072_969_631_068_227_99,
        chances: &[1001.0 / 1012.0, 11.0 / 1012.0],
    },
    Case {
        variants: &[(1000, 1000), (30, 30)],
        p_value: 0.140_560_314_428_827_63,
        chances: &[1001.0 / 1032.0, 31.0 / 1032.0],
    },
    Case {
        variants: &[(50_000, 1_000_000), (50_500, 1_000_000)],
        p_value: 0.105_578_586_188_530_24,
        chances: &[0.052_790_249, 0.947_209_751],
    },
    Case {
        variants: &[(100, 1000), (150, 1000), (120, 1000)],
        p_value: 0.002_950_917_344_976_734,
        chances: &[0.000_252_703, 0.974_853_639, 0.024_893_661],
    },
];

fn proportions(variants: &[(u64, u64)]) -> Vec<Proportion> {
    let read = |(conversions, units): &(u64, u64)| Proportion::new(*units, *conversions).unwrap();
    variants.iter().map(read).collect()
}

#[test]
fn the_figures_are_those_of_scipy() {
    for case in CASES {
        let variants = proportions(case.variants);
        let p_value = g_test(&variants);
        assert!(
            (p_value - case.p_value).abs() <= 1e-10 * case.p_value,
            "{:?}: {p_value} instead of {}",
            case.variants,
            case.p_value
        );
        let chances = highest_share_probabilities(&variants).unwrap();
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for (ours, exact) in chances.iter().zip(case.chances) {
            assert!(
                (ours - exact).abs() < 1e-4,
                "{:?}: {chances:?} instead of {:?}",
                case.variants,
                case.chances
            );
        }
    }
}

#[test]
fn few_variants_are_no_comparison() {
    assert_eq!(g_test(&[]).to_bits(), 1.0_f64.to_bits());
    assert_eq!(g_test(&proportions(&[(3, 9)])).to_bits(), 1.0_f64.to_bits());
    assert_eq!(
        highest_share_probabilities(&proportions(&[(3, 9)]))
            .unwrap()
            .len(),
        1
    );
    assert!(highest_share_probabilities(&[]).is_err());
}
