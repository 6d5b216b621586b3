//! The main job on bundled samples.
