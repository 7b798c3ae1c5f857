//! Stands in for `infer` in builds without the feature `model`: every model is one that this build cannot run.

use crate::detect::model::{ModelError, Network};

/// Never opens anything.
///
/// # Errors
/// Always: this build has no engine.
pub fn open(_onnx: Vec<u8>, _threads: usize) -> Result<Box<dyn Network>, ModelError> {
    Err(ModelError::NotBuilt)
}
