#!/usr/bin/env python3
"""Makes the simulator's table of Bot API methods and types from two public descriptions of it.

    make_botapi_table.py AIOGRAM_SCHEMA.json PAULSONOFLARS_API.json OUT.tsv

The first is `.butcher/schema/schema.json` of the PyPI sdist aiogram 3.31.0 (MIT): the newest fields.
The second is `api.json` of PaulSonOfLars/telegram-bot-api-spec (MIT): return types and unions as data.

Lines of the output, tab separated:
    M name returns      a method, followed by its parameters
    T name              a type, followed by its fields
    U name members      a type that is one of several
    F name types        a parameter or field; `*` after the name: required
Types: `|` separates alternatives, `[X]` is an array of X, `=x` the constant string x, `?` anything.
"""

import json
import re
import sys


def type_expr(text):
    text = text.strip()
    if text.startswith("Array of "):
        return "[" + type_expr(text[len("Array of "):]) + "]"
    parts = re.split(r",\s*|\s+and\s+|\s+or\s+", text)
    if len(parts) > 1:
        return "|".join(dict.fromkeys(p.strip() for p in parts if p.strip()))
    return text


def constant(description):
    """`always 'x'` and `must be x` fix the value of a discriminator."""
    match = re.search(r"(?:, )always ['\"\u2018\u201c]([a-z_]+)['\"\u2019\u201d]", description)
    match = match or re.search(r"(?:, )must be ([a-z_0-9]+)$", description.rstrip(". \n"))
    return match.group(1) if match else None


def returns_of(method, description):
    if method is not None:
        return "|".join(type_expr(r) for r in method["returns"])
    if re.search(r"Returns True on success|On success, True is returned", description):
        return "Boolean"
    match = re.search(r"On success, the sent (\w+) is returned", description)
    return match.group(1) if match else "?"


def main():
    newest = json.load(open(sys.argv[1], encoding="utf-8"))
    shaped = json.load(open(sys.argv[2], encoding="utf-8"))
    version = newest["api"]["version"] if isinstance(newest["api"], dict) else "10.3"
    lines = [
        f"# Bot API {version}: fields from aiogram 3.31.0 (.butcher/schema, MIT, (c) 2017- Alex Root Junior);"
        f" returns and unions from PaulSonOfLars/telegram-bot-api-spec {shaped['version']}"
        " (MIT, (c) 2020- Paul Larsen); made by tests/tools/make_botapi_table.py"
    ]
    for group in newest["items"]:
        for item in group["children"]:
            name, description = item["name"], item["description"]
            if not re.fullmatch(r"[A-Za-z0-9]+", name):
                continue
            is_method = name[0].islower()
            old_type = shaped["types"].get(name, {})
            listed = re.findall(r"^\s*-\s+([A-Z][A-Za-z0-9]+)", description, re.M)
            members = list(dict.fromkeys(
                [type_expr(s) for s in old_type.get("subtypes", [])] + listed))
            if is_method:
                lines.append(f"M\t{name}\t{returns_of(shaped['methods'].get(name), description)}")
            elif members and not item["annotations"]:
                if name == "RichText":
                    members += ["String", "[RichText]"]
                lines.append(f"U\t{name}\t{'|'.join(dict.fromkeys(members))}")
                continue
            else:
                lines.append(f"T\t{name}")
            for field in item["annotations"]:
                kind = type_expr(field["type"])
                fixed = constant(field["description"])
                if kind == "String" and fixed and not is_method:
                    kind = "=" + fixed
                star = "*" if field["required"] else ""
                lines.append(f"F\t{field['name']}{star}\t{kind}")
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


main()
