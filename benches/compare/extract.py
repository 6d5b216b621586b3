"""Title, date and main text that other extractors read of the saved pages, beside zhida's, on the same pages in one run.

extract.py MANIFEST READINGS: READINGS is what `cargo bench -p zhida-crawlers --bench extract -- --readings` wrote (zhida
and dom_smoothie). trafilatura and gne run here when they are installed. The truth is what `zhida eval extract` takes: the
page's own tags, else `truth`; the main text is compared by pairs of characters (F1, white space left out), every host
weighs the same.
"""

import collections
import json
import logging
import pathlib
import re
import sys
import time

FOUND = 0.95
META = re.compile(r"<meta[^>]*>", re.I)


def day(text):
    """The first date of a text as 2026-03-10."""
    found = re.search(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})", str(text or ""))
    return "{:04}-{:02}-{:02}".format(*map(int, found.groups())) if found else ""


def bare(text):
    return "".join(c for c in str(text or "") if c.isalnum())


def overlap(expected, found):
    def pairs(text):
        text = "".join(text.split())
        return collections.Counter(zip(text, text[1:]))

    a, b = pairs(expected), pairs(found or "")
    total = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / total if total else 1.0


def pages(manifest):
    folder = manifest.parent
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["kind"] != "detail" or row["file"].startswith("_nongov"):
            continue
        meta = {name.lower(): value for name, value in (row.get("meta") or {}).items()}
        truth = row.get("truth") or {}
        dates = (meta.get(name) for name in ("pubdate", "publishdate", "firstpublishedtime"))
        body = row.get("body_truth")
        raw = (folder / row["file"]).read_bytes()
        yield {
            "file": row["file"],
            "host": row["site"],
            "url": row.get("url") or "",
            "markup": raw.decode(row.get("charset_decodes_as") or "utf-8", "replace"),
            "title": meta.get("articletitle") or truth.get("title"),
            "date": day(next(filter(None, dates), None) or truth.get("published")),
            "body": (folder / body).read_text("utf-8") if body else None,
        }


def with_trafilatura():
    import trafilatura

    def read(page, markup):
        found = trafilatura.bare_extraction(markup, url=page["url"] or None, with_metadata=True, include_comments=False)
        found = found.as_dict() if hasattr(found, "as_dict") else found or {}
        return found.get("title"), found.get("date"), found.get("text")

    return read


def with_gne():
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def read(page, markup):
        found = extractor.extract(markup, host=page["url"])
        return found.get("title"), found.get("publish_time"), found.get("content")

    return read


def main(manifest, readings):
    logging.disable(logging.CRITICAL)
    all_pages = list(pages(pathlib.Path(manifest)))
    found = collections.defaultdict(dict)
    seconds = collections.Counter()
    for line in pathlib.Path(readings).read_text("utf-8").splitlines():
        row = json.loads(line)
        found[row["tool"], row["head"]][row["file"]] = row["title"], row["date"], row["text"]
        seconds[row["tool"], row["head"]] += row["seconds"]
    missing = []
    for name, make in (("trafilatura", with_trafilatura), ("gne", with_gne)):
        try:
            read = make()
        except Exception as error:  # not installed, or it does not fit this Python
            missing.append(f"{name}：没有装上（{error}）")
            continue
        for head in (True, False):
            for page in all_pages:
                markup = page["markup"] if head else META.sub("", page["markup"])
                started = time.perf_counter()
                try:
                    result = read(page, markup)
                except Exception:  # a tool that fails on a page has read nothing of it
                    result = None, None, None
                seconds[name, head] += time.perf_counter() - started
                found[name, head][page["file"]] = result
    for head in (True, False):
        print(f"\n{'整页' if head else '去掉 head 元数据（一些日期只在那里，见 zhida eval extract）'}，{len(all_pages)} 页")
        print(f"{'工具':<14}{'标题':>14}{'日期':>14}{'正文 F1 平均':>12}{'≥0.95 的页':>12}{'页/秒':>8}")
        for tool in ("zhida", "dom_smoothie", "trafilatura", "gne"):
            results = found.get((tool, head))
            if not results:
                continue
            titles = [bare(results[p["file"]][0]) == bare(p["title"]) for p in all_pages if p["title"]]
            dates = [day(results[p["file"]][1]) == p["date"] for p in all_pages if p["date"]]
            hosts = collections.defaultdict(list)
            for page in all_pages:
                if page["body"]:
                    hosts[page["host"]].append(overlap(page["body"], results[page["file"]][2]))
            mean = sum(sum(of) / len(of) for of in hosts.values()) / max(len(hosts), 1)
            share = sum(sum(f >= FOUND for f in of) / len(of) for of in hosts.values()) / max(len(hosts), 1)
            rate = len(results) / max(seconds[tool, head], 1e-9)
            share_of = lambda of: f"{sum(of)}/{len(of)} {100 * sum(of) / max(len(of), 1):.1f}%"
            print(f"{tool:<16}{share_of(titles):>16}{share_of(dates):>16}{mean:>14.3f}{100 * share:>13.1f}%{rate:>10.0f}")
    for line in missing:
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:3])
