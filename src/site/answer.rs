//! The registry of answer families: how each group of sites phrases requests, answers and errors.
//! Decides nothing about what is answered, and restores nothing: readers say where text stands.

// shared parts
mod fields;
mod request;
mod reply;
mod stamp;
#[cfg(test)]
mod testing;
// one a family
mod openai_chat;
mod openai_responses;
mod anthropic_messages;
mod chatgpt_web;
mod claude_web;
mod generic;

use super::Answer;

/// Every family, by the vendor whose dialect it is; `generic` last, for what none of them describes.
pub static FAMILIES: &[&dyn Answer] = &[
    &openai_chat::OpenaiChat,
    &openai_responses::OpenaiResponses,
    &anthropic_messages::AnthropicMessages,
    &chatgpt_web::ChatgptWeb,
    &claude_web::ClaudeWeb,
    &generic::Generic,
];

/// The family of that name.
#[must_use]
pub fn family(name: &str) -> Option<&'static dyn Answer> {
    FAMILIES.iter().copied().find(|family| family.name() == name)
}
