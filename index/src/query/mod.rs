//! What a user typed, understood: words, phrases, exclusions, document numbers.
