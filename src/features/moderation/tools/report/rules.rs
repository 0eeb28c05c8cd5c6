//! How much a member's report weighs. Pure.

/// Reports of one member in one hour; more are not heard.
pub const HOURLY: i64 = 10;

/// What a report weighs of somebody of whom so many were upheld and rejected: 1 for a newcomer and for who was mostly
/// right, less the more often they were wrong; a share with two good ones added for the doubt.
pub fn weight(upheld: i64, rejected: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of one person's reports are small"
    )]
    let (good, bad) = (upheld.max(0) as f64 + 2.0, rejected.max(0) as f64);
    // One mistake is forgiven.
    let bad = (bad - 1.0).max(0.0);
    good / (good + bad)
}

/// Whether reports of these weights together are enough for a card.
pub fn suffices(weights: &[f64], threshold: u32) -> bool {
    // Two doubted reporters make up for each other; a little is lost to rounding.
    weights.iter().sum::<f64>() + 1e-9 >= f64::from(threshold.max(1))
}
