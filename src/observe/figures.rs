//! Numbers that cost a look into the database: measured now and then, shown at every scrape.
use std::sync::{Arc, PoisonError, RwLock};

use super::metrics::{Kind, Page};

/// A gauge and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Its label; empty for a figure with one value.
    pub label: &'static str,
    /// A value for each value of the label. These must be few and chosen by Beadle, never by people.
    pub values: Vec<(&'static str, f64)>,
}

impl Figure {
    /// A figure with one value.
    pub fn one(name: &'static str, help: &'static str, value: f64) -> Self {
        Self {
            name,
            help,
            label: "",
            values: vec![("", value)],
        }
    }
}

/// The last measurement. Cheap to clone; all clones show the same.
#[derive(Debug, Clone, Default)]
pub struct Figures(Arc<RwLock<Vec<Figure>>>);

impl Figures {
    /// Puts a new measurement in the place of the last.
    pub fn set(&self, figures: Vec<Figure>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = figures;
    }

    /// Writes the last measurement.
    pub fn write(&self, page: &mut Page) {
        for figure in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            page.begin(figure.name, figure.help, Kind::Gauge);
            for (value, n) in &figure.values {
                if figure.label.is_empty() {
                    page.value(&[], *n);
                } else {
                    page.value(&[(figure.label, value)], *n);
                }
            }
        }
    }
}
