"""Pushes a folder of convention documents to a source of the registry: a dry run first, whose plan is shown, then the sync.

    python3 examples/push.py FOLDER SOURCE [--registry URL] [--complete] [--conflicts keep|overwrite]
                             [--link none] [--max-deletes N] [--dry-run] [--yes]

Each file NAME.json of the folder is one document; without a `key` of its own its key is NAME. With --complete what the
source holds and the folder does not is deleted. Before anything is deleted it asks, unless --yes is given. The API key
is taken from REGISTRY_KEY. It ends with 0 when the source holds what the folder does, with 1 on conflicts and errors, with
2 when it was not allowed to go on. Standard library only.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


def arguments():
    parser = argparse.ArgumentParser(description="Pushes a folder of convention documents to the registry.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("source")
    parser.add_argument("--registry", default="http://127.0.0.1:3000")
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("--conflicts", choices=["keep", "overwrite"])
    parser.add_argument("--link", choices=["none"], help="new keys are other conventions than those that look the same")
    parser.add_argument("--max-deletes", type=int)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--yes", action="store_true")
    return parser.parse_args()


def lines_of(folder):
    """The documents of a folder, each as a line, in the order of their keys; what a convention renews comes first."""
    documents = {}
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        documents[document.setdefault("key", file.stem)] = document
    ordered = []

    def add(key):
        document = documents.pop(key, None)
        if document is not None:
            for earlier in (document.get("predecessor"), document.get("mergedInto")):
                add(earlier)
            ordered.append(json.dumps(document, ensure_ascii=False).encode())

    for key in list(documents):
        add(key)
    return ordered


def sync(options, lines, dry_run):
    """Sends the lines and yields those of the answer as they come."""
    query = {
        "dryRun": "true" if dry_run else None,
        "complete": "true" if options.complete else None,
        "conflicts": options.conflicts,
        "link": options.link,
        "maxDeletes": options.max_deletes,
    }
    path = f"/v1/sources/{urllib.parse.quote(options.source, safe='')}/sync"
    words = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
    request = urllib.request.Request(f"{options.registry}{path}?{words}", data=b"\n".join(lines), method="POST")
    request.add_header("Content-Type", "application/x-ndjson")
    if "REGISTRY_KEY" in os.environ:
        request.add_header("Authorization", f"Bearer {os.environ['REGISTRY_KEY']}")
    try:
        with urllib.request.urlopen(request) as answer:
            for line in answer:
                yield json.loads(line)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{options.registry}: {explain(json.load(error))}")
    except OSError as error:
        raise SystemExit(f"{options.registry}: {error}")


def explain(problem):
    """A problem in words: what is wrong, then each of its errors and conflicts."""
    words = [problem["detail"]]
    words += [f"{one.get('pointer', one.get('parameter'))}: {one['message']}" for one in problem.get("errors", [])]
    words += [
        f"{one['pointer']}: sent before {one['base']!r}, now {one['yours']!r}, in the registry {one['ours']!r}"
        for one in problem.get("conflicts", [])
    ]
    return "\n    ".join(words)


def say(text):
    print(text, flush=True)


def progress(done, total, started):
    left = (time.monotonic() - started) / max(done, 1) * (total - done)
    print(f"\r{done} of {total}, {done * 100 // max(total, 1)} %, {left:.0f} s left ", end="", file=sys.stderr, flush=True)


def run(options, lines, dry_run):
    """Sends all and shows the progress; answers the result of each line and the last one."""
    started = time.monotonic()
    results = []
    end = {"complete": False}
    for result in sync(options, lines, dry_run):
        if "complete" in result:
            end = result
            break
        results.append(result)
        progress(min(len(results), len(lines)), len(lines), started)
    print(file=sys.stderr)
    for result in results:
        if "problem" in result:
            say(f"{result['key']}: {result['status']} {explain(result['problem'])}")
    if "problem" in end:
        say(explain(end["problem"]))
    elif not end["complete"] and not results:
        say("The answer broke off: send the folder again.")
    return results, end


def show(results):
    """The plan, without what stays as it is; answers how many objects would be deleted."""
    deleted = 0
    for result in results:
        for change in result.get("plan", []):
            if change["operation"] == "unchanged":
                continue
            deleted += change["operation"] == "delete"
            fields = ", ".join(one["field"] for one in change["changes"])
            say(f"{result['key']}: {change['operation']} {change['type']} {change['key'] or change['id']} {fields}".rstrip())
    return deleted


def is_expected(problem):
    """Whether a document only renews one of the folder that is not there yet."""
    errors = problem.get("errors", [])
    return bool(errors) and all(
        one.get("pointer") in ("/predecessor", "/mergedInto") and one["code"] == "unknown-reference" for one in errors
    )


def summary(end):
    counts = ("created", "updated", "unchanged", "deleted", "failed")
    return ", ".join(f"{end.get(name, 0)} {name}" for name in counts)


def main():
    options = arguments()
    lines = lines_of(options.folder)
    if not lines:
        raise SystemExit(f"There is no document in {options.folder}.")
    say(f"dry run of {len(lines)} documents")
    results, end = run(options, lines, dry_run=True)
    deleted = show(results)
    say(f"would be: {summary(end)}")
    # A dry run tries each document by itself, and knows nothing of those before it.
    if any("problem" in result and not is_expected(result["problem"]) for result in results):
        return 1
    if "created" not in end or ("problem" in end and not end["failed"]):
        return 1
    if options.dry_run:
        return 0
    # Nor does it say what a complete sync deletes while one of them fails.
    unknown = options.complete and end["failed"]
    if (deleted or unknown) and not options.yes:
        say("What is not in the folder would be deleted." if unknown else f"{deleted} objects would be deleted.")
        if not sys.stdin.isatty() or input("Go on? [y/N] ").strip().lower() != "y":
            say("Nothing was sent; --yes allows it.")
            return 2
    say("sync")
    _, end = run(options, lines, dry_run=False)
    say(f"done: {summary(end)}")
    return 0 if end["complete"] and not end["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
