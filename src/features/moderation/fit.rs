//! Fits the classifier's weights: a linear support vector machine over buckets scaled by what they tell alone.
//!
//! Wang and Manning (2012) scale each feature by its log-count ratio before a linear machine is trained; here
//! half of the scale is that and half is constant, which their interpolation comes to. The machine has the
//! squared hinge and is solved in the dual, one example at a time (Hsieh et al. 2008). Only additions,
//! multiplications, divisions and square roots are used, so that the same texts give the same bits anywhere.
use super::classifier::FACTOR;
use super::grams::{BUCKETS, Grams};
use crate::base::random::{Random as _, SeededRandom};

/// What the training is told.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Hyper {
    /// Seed of shuffling and of the written texts.
    pub seed: u64,
    /// Passes over the data.
    pub epochs: u32,
    /// Cost of an error of an example of weight 1.
    pub cost: f32,
    /// Part of a bucket's factor that is its log-count ratio, 0 to 1.
    pub contrast: f64,
    /// Texts added to each count of the ratio.
    pub smoothing: f64,
    /// Value of the constant feature.
    pub constant: f32,
    /// Folds of the calibration.
    pub folds: usize,
}

impl Default for Hyper {
    fn default() -> Self {
        Self {
            seed: 20_260_101,
            epochs: 15,
            // Chosen by `beadle eval spam --choose`: folds inside the training folds.
            cost: 30.0,
            contrast: 0.2,
            smoothing: 1.0,
            constant: 1.0,
            folds: 5,
        }
    }
}

/// A text as the trainer sees it.
#[derive(Debug, Clone)]
pub struct Example {
    /// Buckets of n-grams, words and shapes.
    pub buckets: Vec<u32>,
    /// Its label.
    pub spam: bool,
    /// How much an error on it costs, 1 in the mean.
    pub weight: f32,
}

impl Example {
    /// A text that was read.
    pub fn new(grams: &Grams, spam: bool, weight: f32) -> Self {
        let mut buckets = grams.buckets.clone();
        buckets.extend(&grams.words);
        buckets.extend(grams.shapes);
        Self {
            buckets,
            spam,
            weight,
        }
    }
}

/// Fitted weights, not yet rounded or calibrated.
pub struct Fitted {
    /// One a bucket, to be multiplied by its factor.
    pub weights: Vec<f32>,
    /// One a bucket, in 64ths.
    pub factors: Vec<u8>,
    /// Margin of a text of no weight.
    pub bias: f32,
}

impl Fitted {
    /// The part of bucket's weight that a text's sum takes.
    pub fn product(&self, bucket: usize) -> f32 {
        self.weights[bucket] * factor(self.factors[bucket])
    }

    /// The margin of a text: above 0 is spam.
    pub fn margin(&self, buckets: &[u32]) -> f32 {
        self.bias + dot(&self.weights, &self.factors, buckets) * norm(&self.factors, buckets)
    }
}

fn factor(byte: u8) -> f32 {
    f32::from(byte) / FACTOR
}

fn dot(weights: &[f32], factors: &[u8], buckets: &[u32]) -> f32 {
    let mut sum = 0.0;
    for bucket in buckets {
        sum += weights[*bucket as usize] * factor(factors[*bucket as usize]);
    }
    sum
}

/// What brings a text's factors to length 1; 0 for a text without any.
fn norm(factors: &[u8], buckets: &[u32]) -> f32 {
    let mut squares = 0_u32;
    for bucket in buckets {
        let byte = u32::from(factors[*bucket as usize]);
        squares += byte * byte;
    }
    if squares == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "near enough")]
    let squares = squares as f32;
    FACTOR / squares.sqrt()
}

/// The natural logarithm of a number above 0, from the four operations: the system's differs between systems
/// in the last bit.
fn ln(mut x: f64) -> f64 {
    let mut whole = 0.0;
    while x > 1.5 {
        (x, whole) = (x * 0.5, whole + 1.0);
    }
    while x < 0.75 {
        (x, whole) = (x * 2.0, whole - 1.0);
    }
    // 2 artanh((x - 1) / (x + 1)), below 0.2: ten terms are exact.
    let t = (x - 1.0) / (x + 1.0);
    let mut sum = 0.0;
    for term in (0..10).rev() {
        sum = sum * t * t + 1.0 / f64::from(2 * term + 1);
    }
    2.0 * t * sum + whole * std::f64::consts::LN_2
}

/// Each bucket's factor: `1 - contrast + contrast · |ln(part of spam / part of ordinary texts)|`, in 64ths.
fn factors(examples: &[&Example], hyper: &Hyper) -> Vec<u8> {
    let mut counts = vec![[0_u32; 2]; BUCKETS];
    let mut texts = [0_u32; 2];
    for example in examples {
        let side = usize::from(example.spam);
        texts[side] += 1;
        for bucket in &example.buckets {
            counts[*bucket as usize][side] += 1;
        }
    }
    let all = |side: usize| f64::from(texts[side]) + 2.0 * hyper.smoothing;
    let factor = |count: &[u32; 2]| {
        let part = |side: usize| (f64::from(count[side]) + hyper.smoothing) / all(side);
        let ratio = ln(part(1) / part(0)).abs();
        let factor = (1.0 - hyper.contrast + hyper.contrast * ratio) * f64::from(FACTOR);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a byte"
        )]
        let byte = factor.round().clamp(1.0, 255.0) as u8;
        byte
    };
    // Most buckets are those that no text has.
    let unseen = factor(&[0, 0]);
    let all = counts.iter().map(|c| match c {
        [0, 0] => unseen,
        seen => factor(seen),
    });
    all.collect()
}

/// Fits weights to examples.
pub fn fit(examples: &[&Example], hyper: &Hyper) -> Fitted {
    let random = SeededRandom::new(hyper.seed);
    let factors = factors(examples, hyper);
    let mut weights = vec![0.0_f32; BUCKETS];
    let mut constant = 0.0_f32;
    let mut duals = vec![0.0_f32; examples.len()];
    let norms: Vec<f32> = examples
        .iter()
        .map(|e| norm(&factors, &e.buckets))
        .collect();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..hyper.epochs {
        for at in (1..order.len()).rev() {
            let other = random.below(at as u64 + 1);
            order.swap(at, usize::try_from(other).unwrap_or(0));
        }
        for at in &order {
            let (example, norm) = (examples[*at], norms[*at]);
            let side = if example.spam { 1.0 } else { -1.0 };
            let margin =
                norm * dot(&weights, &factors, &example.buckets) + hyper.constant * constant;
            let slack = 0.5 / (hyper.cost * example.weight).max(1e-6);
            let gradient = side * margin - 1.0 + slack * duals[*at];
            let length = 1.0 + hyper.constant * hyper.constant + slack;
            let dual = (duals[*at] - gradient / length).max(0.0);
            let moved = (dual - duals[*at]) * side;
            if moved == 0.0 {
                continue;
            }
            duals[*at] = dual;
            let step = moved * norm;
            for bucket in &example.buckets {
                weights[*bucket as usize] += step * factor(factors[*bucket as usize]);
            }
            constant += moved * hyper.constant;
        }
    }
    Fitted {
        weights,
        factors,
        bias: constant * hyper.constant,
    }
}

/// Slope and offset that turn margins into log-odds (Platt 1999), by Newton's method over `(margin, spam,
/// weight)` of texts that the model has not seen.
pub fn calibrate(held_out: &[(f32, bool, f32)]) -> (f32, f32) {
    let (mut slope, mut offset) = (1.0_f64, 0.0_f64);
    for _ in 0..30 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-6, 0.0, 1e-6);
        for (margin, spam, weight) in held_out {
            let (x, weight) = (f64::from(*margin), f64::from(*weight));
            let p = sigmoid(slope * x + offset);
            let error = (p - if *spam { 1.0 } else { 0.0 }) * weight;
            let curve = (p * (1.0 - p)).max(1e-6) * weight;
            g0 += error * x;
            g1 += error;
            h00 += curve * x * x;
            h01 += curve * x;
            h11 += curve;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 0.0 {
            break;
        }
        slope -= (g0 * h11 - g1 * h01) / determinant;
        offset -= (g1 * h00 - g0 * h01) / determinant;
    }
    if slope.is_finite() && offset.is_finite() && slope > 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a few units")]
        return (slope as f32, offset as f32);
    }
    (1.0, 0.0)
}

/// `1 / (1 + e^-x)` from the four operations.
fn sigmoid(x: f64) -> f64 {
    let x = x.clamp(-30.0, 30.0);
    // e^-x = (e^(-x/1024))^1024, the inner one by its series; |x/1024| < 0.03, so five terms are exact.
    let y = -x / 1024.0;
    let mut e = 1.0 + y * (1.0 + y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0))));
    for _ in 0..10 {
        e *= e;
    }
    1.0 / (1.0 + e)
}
