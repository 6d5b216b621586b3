//! Accuracy of extraction on a manifest of saved pages.
