"""The objects of SARIF 2.1.0 that attnlint writes, as the standard defines them: what each may have, what it must have,
and what stands in them. As in the standard's own schema, no object may have any other property.

Written from the sections of the specification that are named with each object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = ("none", "note", "warning", "error")
URI_REFERENCE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number of at least so much."""

    least: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array of so many elements at least."""

    item: Any
    least: int = 0
    unique: bool = False


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose properties have any names."""

    item: Any


@dataclass(frozen=True, slots=True)
class Object:
    """An object. A kind is ``str``, ``"uri"``, ``"bag"``, a tuple of words, one of the classes above, or the name of
    another object; ``None`` where nothing of ours stands, and nothing may."""

    required: Mapping[str, Any]
    optional: Mapping[str, Any]
    unused: str = ""
    """Further properties, which attnlint does not write."""


OBJECTS = {
    # 3.13
    "sarifLog": Object(
        {"version": ("2.1.0",), "runs": ListOf("run")},
        {"$schema": "uri", "properties": "bag"},
        "inlineExternalProperties",
    ),
    # 3.14
    "run": Object(
        {"tool": "tool"},
        {"results": ListOf("result"), "columnKind": ("utf16CodeUnits", "unicodeCodePoints"), "properties": "bag"},
        "addresses artifacts automationDetails baselineGuid conversion defaultEncoding defaultSourceLanguage"
        " externalPropertyFileReferences graphs invocations language logicalLocations newlineSequences"
        " originalUriBaseIds policies redactionTokens runAggregates specialLocations taxonomies threadFlowLocations"
        " translations versionControlProvenance webRequests webResponses",
    ),
    # 3.18
    "tool": Object({"driver": "toolComponent"}, {"properties": "bag"}, "extensions"),
    # 3.19
    "toolComponent": Object(
        {"name": str},
        {
            "version": str,
            "informationUri": "uri",
            "rules": ListOf("reportingDescriptor", unique=True),
            "properties": "bag",
        },
        "associatedComponent contents dottedQuadFileVersion downloadUri fullDescription fullName globalMessageStrings"
        " guid isComprehensive language localizedDataSemanticVersion locations"
        " minimumRequiredLocalizedDataSemanticVersion notifications organization product productSuite releaseDateUtc"
        " semanticVersion shortDescription supportedTaxonomies taxa translationMetadata",
    ),
    # 3.49
    "reportingDescriptor": Object(
        {"id": str},
        {
            "name": str,
            "shortDescription": "multiformatMessageString",
            "fullDescription": "multiformatMessageString",
            "help": "multiformatMessageString",
            "helpUri": "uri",
            "defaultConfiguration": "reportingConfiguration",
            "properties": "bag",
        },
        "deprecatedGuids deprecatedIds deprecatedNames guid messageStrings relationships",
    ),
    # 3.50
    "reportingConfiguration": Object({}, {"level": LEVELS, "properties": "bag"}, "enabled parameters rank"),
    # 3.12
    "multiformatMessageString": Object({"text": str}, {"markdown": str, "properties": "bag"}),
    # 3.27
    "result": Object(
        {"message": "message"},
        {
            "ruleId": str,
            "ruleIndex": Integer(-1),
            "level": LEVELS,
            "locations": ListOf("location"),
            "relatedLocations": ListOf("location", unique=True),
            "partialFingerprints": MapOf(str),
            "fixes": ListOf("fix", unique=True),
            "properties": "bag",
        },
        "analysisTarget attachments baselineState codeFlows correlationGuid fingerprints graphTraversals graphs guid"
        " hostedViewerUri kind occurrenceCount provenance rank rule stacks suppressions taxa webRequest webResponse"
        " workItemUris",
    ),
    # 3.11
    "message": Object({}, {"text": str, "markdown": str, "properties": "bag"}, "arguments id"),
    # 3.28
    "location": Object(
        {},
        {
            "id": Integer(-1),
            "physicalLocation": "physicalLocation",
            "logicalLocations": ListOf("logicalLocation", unique=True),
            "message": "message",
            "properties": "bag",
        },
        "annotations relationships",
    ),
    # 3.29
    "physicalLocation": Object(
        {}, {"artifactLocation": "artifactLocation", "region": "region", "properties": "bag"}, "address contextRegion"
    ),
    # 3.4
    "artifactLocation": Object({}, {"uri": "uri", "properties": "bag"}, "uriBaseId index description"),
    # 3.30
    "region": Object(
        {},
        {name: Integer(1) for name in ("startLine", "startColumn", "endLine", "endColumn")} | {"properties": "bag"},
        "charOffset charLength byteOffset byteLength snippet message sourceLanguage",
    ),
    # 3.33
    "logicalLocation": Object(
        {},
        {"name": str, "fullyQualifiedName": str, "kind": str, "properties": "bag"},
        "index decoratedName parentIndex",
    ),
    # 3.55
    "fix": Object(
        {"artifactChanges": ListOf("artifactChange", 1, unique=True)}, {"description": "message", "properties": "bag"}
    ),
    # 3.56
    "artifactChange": Object(
        {"artifactLocation": "artifactLocation", "replacements": ListOf("replacement", 1)}, {"properties": "bag"}
    ),
    # 3.57
    "replacement": Object(
        {"deletedRegion": "region"}, {"insertedContent": "artifactContent", "properties": "bag"}
    ),
    # 3.3
    "artifactContent": Object({}, {"text": str, "properties": "bag"}, "binary rendered"),
}  # fmt: skip


def problems(value: Any, kind: Any = "sarifLog", where: str = "") -> Iterator[str]:
    """What is wrong with a document, one line each."""
    if kind == "bag":
        kind = dict
    if kind == "uri":
        if not isinstance(value, str) or URI_REFERENCE.fullmatch(value) is None:
            yield f"{where}: {value!r} is no URI reference"
    elif isinstance(kind, type):
        if not isinstance(value, kind):
            yield f"{where}: {value!r} is no {kind.__name__}"
    elif isinstance(kind, tuple):
        if value not in kind:
            yield f"{where}: {value!r} is none of {kind}"
    elif isinstance(kind, Integer):
        if type(value) is not int or value < kind.least:
            yield f"{where}: {value!r} is no integer of at least {kind.least}"
    elif isinstance(kind, ListOf):
        if not isinstance(value, list) or len(value) < kind.least:
            yield f"{where}: no array of at least {kind.least} elements"
            return
        if kind.unique and any(one in value[:index] for index, one in enumerate(value)):
            yield f"{where}: the same element twice"
        for index, one in enumerate(value):
            yield from problems(one, kind.item, f"{where}[{index}]")
    elif isinstance(kind, MapOf):
        if not isinstance(value, dict):
            yield f"{where}: no object"
            return
        for name, one in value.items():
            yield from problems(one, kind.item, f"{where}.{name}")
    else:
        yield from _object_problems(value, OBJECTS[kind], where)


def _object_problems(value: Any, described: Object, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: no object"
        return
    known = {**described.required, **described.optional}
    yield from (f"{where}: {name} is missing" for name in described.required if name not in value)
    for name, one in value.items():
        if name in known:
            yield from problems(one, known[name], f"{where}.{name}")
        elif name in described.unused.split():
            yield f"{where}: {name} is written, and not checked here"
        else:
            yield f"{where}: the standard knows no {name}"
