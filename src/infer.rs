//! Runs token classifiers with `rten`: ONNX in pure Rust, on threads of its own. Only in builds with the feature `model`;
//! `infer/absent.rs` stands in for it otherwise. Does not know texts, labels or kinds.

use std::{sync::Arc, time::Instant};

use rten::{Model, NodeId, RunOptions, ThreadPool, Value};

use crate::detect::model::{Answer, ModelError, Network};

/// An ONNX file that runs.
struct Onnx {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    options: RunOptions,
}

/// What BERT's networks want to be told of each token.
#[derive(Debug, Clone, Copy)]
enum Input {
    Ids,
    /// 1: it counts.
    Mask,
    /// 0: of the first sentence.
    Types,
}

/// Opens an ONNX file that classifies tokens. `threads` is the number of cores that all questions together may use.
///
/// # Errors
/// When it is no ONNX file, has an operator that is not known, or wants other inputs than `input_ids`, `attention_mask`
/// and `token_type_ids`.
pub fn open(onnx: Vec<u8>, threads: usize) -> Result<Box<dyn Network>, ModelError> {
    let model = Model::load(onnx).map_err(|error| unusable(&error))?;
    let mut inputs = Vec::new();
    for id in model.input_ids() {
        let info = model.node_info(*id);
        let name = info.as_ref().and_then(rten::NodeInfo::name).unwrap_or("?");
        let input = match name {
            "input_ids" => Input::Ids,
            "attention_mask" => Input::Mask,
            "token_type_ids" => Input::Types,
            other => return Err(ModelError::Network(format!("it wants an input `{other}`"))),
        };
        inputs.push((*id, input));
    }
    if !inputs.iter().any(|(_, input)| matches!(input, Input::Ids)) {
        return Err(ModelError::Network("it has no input `input_ids`".to_owned()));
    }
    let [output] = *model.output_ids() else {
        return Err(ModelError::Network(format!("it has {} outputs instead of 1", model.output_ids().len())));
    };
    let pool = Arc::new(ThreadPool::with_num_threads(threads));
    let options = RunOptions::default().with_thread_pool(Some(pool));
    Ok(Box::new(Onnx { model, inputs, output, options }))
}

impl Network for Onnx {
    fn run(&self, ids: &[u32]) -> Result<Answer, ModelError> {
        let began = Instant::now();
        let numbers: Result<Vec<i32>, _> = ids.iter().map(|id| i32::try_from(*id)).collect();
        let numbers = numbers.map_err(|error| unusable(&error))?;
        let mut told = Vec::with_capacity(self.inputs.len());
        for (id, input) in &self.inputs {
            let values = match input {
                Input::Ids => numbers.clone(),
                Input::Mask => vec![1; ids.len()],
                Input::Types => vec![0; ids.len()],
            };
            let value = Value::from_shape([1, ids.len()], values).map_err(|error| unusable(&error))?;
            told.push((*id, value.into()));
        }
        let said =
            self.model.run(told, &[self.output], Some(self.options.clone())).map_err(|error| unusable(&error))?;
        let first = said.into_iter().next().ok_or_else(|| ModelError::Network("it gives nothing".to_owned()))?;
        let ([_, n_tokens, _], logits) = first.into_shape_vec::<f32, 3>().map_err(|error| unusable(&error))?;
        if n_tokens != ids.len() {
            return Err(ModelError::Network(format!("it answers {n_tokens} tokens when asked {}", ids.len())));
        }
        Ok(Answer { logits, took: began.elapsed() })
    }
}

fn unusable(error: &impl std::fmt::Display) -> ModelError {
    ModelError::Network(error.to_string().lines().next().unwrap_or_default().to_owned())
}
