#!/bin/sh
# Compares extraction with trafilatura, gne and dom_smoothie on the saved pages, in one run. Installs the Python tools in an
# environment of their own under target/; one that cannot be installed is left out and named.
set -eu
cd "$(dirname "$0")/../.."
manifest=${1:-../shared/data/pages/manifest.jsonl}
test -f "$manifest" || { echo "left out: $manifest not found"; exit 0; }
venv=target/compare
test -x "$venv/bin/python" || python3 -m venv "$venv"
for tool in trafilatura gne; do
    "$venv/bin/python" -c "import $tool" 2>/dev/null || "$venv/bin/pip" install --quiet --disable-pip-version-check "$tool" lxml_html_clean ||
        echo "$tool：装不上，不参加比较"
done
readings=$(mktemp)
trap 'rm -f "$readings"' EXIT
cargo bench --quiet -p zhida-crawlers --bench extract -- --readings "$readings"
"$venv/bin/python" benches/compare/extract.py "$manifest" "$readings"
