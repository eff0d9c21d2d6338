"""What the sources say to people: every text that ends in a refusal or in a note.

A *sink* is an argument that people read: the words of a ``Problem``, what an ``ImportProblem``
wanted, a note. What flows into one is followed backwards through names, choices, lists, holes of
f-strings and functions of ours; where it is a parameter, the function that has it is a sink too.
What is none of ours (a number, a library's words) ends the search.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

HOUSE = Path(__file__).parents[2]
#: By what is called, the places of the arguments that people read. At those that are True stands
#: where something is wrong: without a space in it, it is an address as a program writes it.
SINKS: dict[str, dict[int, bool]] = {
    "Problem": dict.fromkeys(range(1, 9), False),
    "bad_field": {0: True, 1: False},
    "unlike": {0: True, 1: False, 2: False},
    "not_finite": {0: False, 1: False},
    "HTTPException": {1: False},
    "ImportProblem": {0: False, 1: True, 2: False, 3: False},
    "ShapeError": {0: True, 1: False, 2: False},
    "CombinationError": {0: True, 1: False, 2: False},
    "DataError": {0: True, 1: False, 2: False},
    "__init__": dict.fromkeys(range(9), False),  # an exception's own sentence
    "Unavailable": {0: False},
    "Full": {0: False},
    "ValueError": {0: False},  # where it speaks as pydantic does
    "checked": {4: False},  # the notes of a set that is read
    "kept": {2: False},  # and of one that is stored
    "append": {0: False},  # to notes
}
#: Functions whose results people read, though no call of them is found to end in a sink.
SAYING = ("sentence", "wanted", "either", "shown", "_rows")
#: Methods that make a text of what they are called on and with.
MAKING = {"format", "join", "get"}
#: What has no words of its own, and in its holes some that are said.
TOGETHER = {"{0}, {1}, {2}"}
PYDANTIC = "Input should be "
FORMATTED = re.compile(r"\{\w*(?::[^{}]*)?\}")
TEXTS = re.compile(r"((list|tuple|Iterator)\[)?(str|Row)\b")  # what a function gives
WORD = re.compile(r"[A-Za-z]{2}")
FOLLOWED = (
    *(ast.JoinedStr, ast.FormattedValue, ast.IfExp, ast.BoolOp, ast.Subscript),
    *(ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.Starred),
)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Place: TypeAlias = Function | None


def modules() -> Iterator[tuple[str, str]]:
    """The names and the texts of all modules of ``app`` and ``engine``."""
    for folder in ("app", "engine"):
        for path in sorted((HOUSE / folder).rglob("*.py")):
            yield path.stem, path.read_text(encoding="utf-8")


class Sources:
    """Modules, by name and text; ``said`` is what people get to read of them."""

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        self.functions: dict[str, list[Function]] = defaultdict(list)
        self.constants: dict[str, dict[str, ast.expr]] = defaultdict(dict)  # name → module → value
        self.homes: dict[Place, str] = {}
        self.calls: list[tuple[Place, ast.Call]] = []
        self.sinks = {name: dict(places) for name, places in SINKS.items()}
        self.said: set[str] = set()
        self.seen: set[tuple[ast.AST, bool]] = set()
        for home, text in given:
            module = ast.parse(text)
            for name, value in (pair for node in module.body for pair in assigned(node)):
                self.constants[name][home] = value
            self.read(module, None, home)
        self.follow_all()

    def read(self, node: ast.AST, inside: Place, module: str) -> None:
        """Note the functions and the calls in a node."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.functions[node.name].append(node)
            self.homes[node] = module
            inside = node
        elif isinstance(node, ast.Call):
            self.calls.append((inside, node))
        for child in ast.iter_child_nodes(node):
            self.read(child, inside, module)

    def follow_all(self) -> None:
        """Follow every sink, until no more functions are found to be some."""
        size = -1
        while size != (size := sum(map(len, self.sinks.values()))):
            self.seen.clear()
            for name in SAYING:
                self.results(name, address=False)
            for inside, call in self.calls:
                for argument, address in self.arguments(call):
                    self.follow(argument, inside, address=address)

    def arguments(self, call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
        """The arguments of a call that people read, and whether each is an address."""
        name, given = called(call), ast.unparse(call.args[0]) if call.args else ""
        if name == "append" and ast.unparse(call.func) != "notes.append":
            return
        if name == "ValueError" and not given.strip("\"'").startswith(PYDANTIC):
            return
        places = self.sinks.get(name, {})
        yield from ((one, places[at]) for at, one in enumerate(call.args) if at in places)
        for own in map(parameters, self.functions.get(name, ())):
            for one in call.keywords:
                if one.arg in own and own.index(one.arg) in places:
                    yield one.value, places[own.index(one.arg)]

    def follow(self, node: ast.AST | None, inside: Place, *, address: bool) -> None:
        """Note the texts that an expression may be, and those that it has in its holes."""
        if node is None or (node, address) in self.seen:
            return
        self.seen.add((node, address))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.note(numbered(node.value.removeprefix(PYDANTIC)), address=address)
        elif isinstance(node, ast.JoinedStr):
            self.note(template(node), address=address)
        elif isinstance(node, ast.Name):
            self.follow_name(node.id, inside, address=address)
        elif isinstance(node, ast.Call):
            self.follow_call(node, inside, address=address)
            return
        for part, is_address in parts(node):
            bare = isinstance(node, ast.JoinedStr) and is_parameter(part, inside)
            self.follow(part, inside, address=address or is_address or bare)

    def follow_name(self, name: str, inside: Place, *, address: bool) -> None:
        """Follow what a name was given, or make a sink of the function whose parameter it is."""
        if inside is not None and name in parameters(inside):
            at = parameters(inside).index(name)
            if not takes_text(inside, name):
                return
            self.sinks.setdefault(inside.name, {}).setdefault(at, address)
            self.follow(default(inside, name), None, address=address)
            return
        here = inside and [pair for node in ast.walk(inside) for pair in assigned(node)]
        own = [value for one, value in here or () if one == name]
        known, home = self.constants.get(name, {}), self.homes.get(inside, "")
        for value in own or ([known[home]] if home in known else known.values()):
            self.follow(value, inside, address=address)

    def follow_call(self, call: ast.Call, inside: Place, *, address: bool) -> None:
        """Follow what a function of ours gives, or what a text is made from."""
        name = called(call)
        if name in self.functions:
            self.results(name, address=address)
        elif isinstance(call.func, ast.Attribute) and name in MAKING:
            given = (one.value for one in call.keywords)
            made_of = [call.func.value] if name != "join" else []
            for part in (*made_of, *call.args[name == "get" :], *given):
                self.follow(part, inside, address=address)

    def results(self, name: str, *, address: bool) -> None:
        """Follow what the functions of a name give."""
        for function in self.functions.get(name, ()):
            texts = function.returns is not None and TEXTS.match(ast.unparse(function.returns))
            for node in ast.walk(function) if texts else ():
                if isinstance(node, ast.Return | ast.Yield):
                    self.follow(node.value, function, address=address)

    def note(self, text: str, *, address: bool) -> None:
        """One more text, if there are words in it, or if it has some put together."""
        is_sentence = WORD.search(FORMATTED.sub("", text)) or text in TOGETHER
        if is_sentence and (" " in text or not address):
            self.said.add(text)


def parts(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """What an expression may be, piece by piece, and whether that is an address.

    What is not listed here ends the search.
    """
    if isinstance(node, ast.Dict):
        keys = (isinstance(key, ast.Constant) and key.value == "field" for key in node.keys)
        yield from zip(node.values, keys, strict=True)
    for name in ("body", "orelse", "values", "elts", "elt", "value"):
        found = getattr(node, name, None) if isinstance(node, FOLLOWED) else None
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, ast.expr) and not isinstance(node, ast.JoinedStr):
                yield one, False
            elif isinstance(one, ast.FormattedValue) and one.conversion != ord("r"):
                yield one.value, False


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, without that of the object."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def is_parameter(node: ast.expr, inside: Place) -> bool:
    """Whether an expression is a parameter; one word that is given for it is a name, in a hole."""
    return isinstance(node, ast.Name) and inside is not None and node.id in parameters(inside)


def takes_text(function: Function, name: str) -> bool:
    """Whether a parameter is a text, and not a number or something else that a hole shows."""
    given = function.args
    every = (*given.posonlyargs, *given.args, *given.kwonlyargs)
    return any(one.arg == name and "str" in ast.unparse(one.annotation or one) for one in every)


def default(function: Function, name: str) -> ast.expr | None:
    """What a parameter is where it is not given."""
    given = function.args
    last = [*given.posonlyargs, *given.args][::-1]
    found = {one.arg: value for one, value in zip(last, given.defaults[::-1], strict=False)}
    return found.get(name)


def assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """The names that a statement gives values, and the values."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return [(ast.unparse(node.target), node.value)]
    if not isinstance(node, ast.Assign):
        return []
    pairs: list[tuple[str, ast.expr]] = []
    for target in node.targets:
        if isinstance(target, ast.Tuple):
            whole = [node.value] * len(target.elts)
            every = node.value.elts if isinstance(node.value, ast.Tuple) else whole
            both = zip(target.elts, every, strict=True)
            pairs += [(ast.unparse(one), value) for one, value in both]
        else:
            pairs.append((ast.unparse(target), node.value))
    return pairs


def template(text: ast.JoinedStr) -> str:
    """An f-string with its holes numbered."""
    number = count()
    return "".join(
        hole(one, next(number))
        if isinstance(one, ast.FormattedValue)
        else str(ast.literal_eval(one))
        for one in text.values
    )


def hole(value: ast.FormattedValue, number: int) -> str:
    """A numbered hole; one for whole numbers alone says so."""
    spec = value.format_spec
    parts = spec.values if isinstance(spec, ast.JoinedStr) else []
    is_whole = any(isinstance(one, ast.Constant) and one.value == "d" for one in parts)
    return f"{{{number}:d}}" if is_whole else f"{{{number}}}"


def numbered(text: str) -> str:
    """A text that is to be formatted, with its holes numbered."""
    number = count()
    return FORMATTED.sub(lambda it: f"{{{next(number)}{':d' * (':d' in it[0])}}}", text)
