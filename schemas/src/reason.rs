//! Why a policy was, or was not, found to be for an enterprise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One reason, with the words it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What was looked at.
    pub kind: ReasonKind,
    /// What was found.
    pub state: ReasonState,
    /// One sentence in Chinese for the subscriber.
    pub text: String,
    /// The words of the document that it rests on; empty when it rests on a code alone.
    pub evidence: String,
}

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ReasonKind {
    Region,
    Industry,
    Size,
    Qualification,
    Condition,
    Keyword,
    Expression,
    Issuer,
    PolicyKind,
    Subject,
    Window,
}

/// Three-valued answer: what the text does not state or the profile does not answer is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ReasonState {
    Met,
    Unmet,
    Unknown,
}

/// A pair that would be pushed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// Identity of the enterprise profile.
    pub profile: String,
    /// Identity of the policy.
    pub policy: String,
    /// 0 to 1; a pair at or above the threshold is pushed.
    pub score: f64,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}
