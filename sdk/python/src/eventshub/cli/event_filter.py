"""The expressions of ``--where``: small, safe, and about plain JSON data only."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

ENVELOPE: Final = ("id", "event_type", "channel", "timestamp", "message", "body", "client_id", "ref_id")
"""The names of an event's own fields; ``channel`` is ``event_type``."""
FRAME: Final = "event"
"""The name of the whole frame."""
CONSTANTS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}

_LONGEST: Final = 2000
_DEEPEST: Final = 50
_ALLOWED: Final = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
    ast.Name, ast.Load, ast.Constant, ast.Attribute, ast.Subscript, ast.List, ast.Tuple, ast.Call,
)  # fmt: skip


class ExpressionError(ValueError):
    """An expression that cannot be understood; the text says where."""


def compile_filter(expression: str) -> Callable[[object], bool]:
    """A test of events, given as plain JSON data.

    What an event lacks is null, also below something that it lacks; a comparison that makes no
    sense, such as of null with a number, is false.

    Raises:
        ExpressionError: the expression is no such thing.
    """
    node = _checked(expression)
    current: dict[str, Any] = {}
    evaluator = _evaluator(current)

    def matches(frame: object) -> bool:
        fields: Mapping[str, Any] = cast("Mapping[str, Any]", frame) if isinstance(frame, dict) else {}
        current.update({name: fields.get(name) for name in ENVELOPE})
        current.update({"channel": fields.get("event_type"), FRAME: frame})
        try:
            return bool(evaluator.eval(expression, previously_parsed=node))
        except RecursionError:
            # Data nested too deep to be judged is better seen than missed.
            return True

    return matches


def _checked(expression: str) -> ast.expr:
    """Everything is looked at now: evaluating stops at the first part that decides."""
    if len(expression) > _LONGEST:
        raise ExpressionError(f"longer than {_LONGEST} characters")
    try:
        with warnings.catch_warnings():
            # Of backslashes in strings, say; whoever writes an expression is no Python programmer.
            warnings.simplefilter("ignore")
            tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise _at(error.offset or 1, error.msg) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("it cannot be read") from error
    if _depth(tree) > _DEEPEST:
        raise ExpressionError(f"nested deeper than {_DEEPEST} levels")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        column = getattr(node, "col_offset", 0) + 1
        if not isinstance(node, _ALLOWED):
            raise _at(column, f"{ast.unparse(node)!r} is not part of this language")
        if isinstance(node, ast.Call) and (
            not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords
        ):
            raise _at(column, f"the functions are {', '.join(FUNCTIONS)}")
        if isinstance(node, ast.Call) and len(node.args) != _arity(node):
            raise _at(column, f"{ast.unparse(node.func)} takes {_arity(node)}, not {len(node.args)} values")
        if (
            isinstance(node, ast.Name)
            and id(node) not in called
            and node.id not in (*ENVELOPE, FRAME, *CONSTANTS)
        ):
            raise _at(
                column,
                f"unknown name {node.id!r}; an event has {', '.join(ENVELOPE)}, and {FRAME} is all of it",
            )
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | None):
            raise _at(column, "the values are strings, numbers, true, false and null")
    return tree


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _at(column: int, text: str) -> ExpressionError:
    return ExpressionError(f"column {column}: {text}")


def _evaluator(names: dict[str, Any]) -> Any:
    import simpleeval  # type: ignore[import-untyped] # pyright: ignore[reportMissingTypeStubs] - it has none

    names |= CONSTANTS
    evaluator: Any = simpleeval.EvalWithCompoundTypes(operators=OPERATORS, functions=FUNCTIONS, names=names)

    def evaluate(node: ast.expr) -> Any:
        return evaluator.eval("", previously_parsed=node)

    def attribute(node: ast.Attribute) -> Any:
        return _item(evaluate(node.value), node.attr)

    def subscript(node: ast.Subscript) -> Any:
        return _item(evaluate(node.value), evaluate(node.slice))

    # In place of getattr: data has no attributes, only keys.
    evaluator.nodes |= {ast.Attribute: attribute, ast.Subscript: subscript}
    return evaluator


def _item(container: Any, key: Any) -> Any:
    try:
        return container[key]
    except (LookupError, TypeError):
        return None


def _or_false(compare: Callable[[Any, Any], object]) -> Callable[[Any, Any], bool]:
    def compared(left: Any, right: Any) -> bool:
        try:
            return bool(compare(left, right))
        except TypeError:
            return False

    return compared


def _negative(value: Any) -> Any:
    return -value if isinstance(value, int | float) else None


def _text_test(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, part: isinstance(value, str) and isinstance(part, str) and test(value, part)


def _is_in(item: Any, container: Any) -> bool:
    return bool(item in container)


_is_in_or_false = _or_false(_is_in)


def _is_not_in(item: Any, container: Any) -> bool:
    return not _is_in_or_false(item, container)


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except TypeError:
        return None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "startswith": _text_test(str.startswith),
    "endswith": _text_test(str.endswith),
    "lower": _lower,
    "len": _length,
}
OPERATORS: Final[dict[type, Callable[..., Any]]] = {
    ast.Not: operator.not_,
    ast.USub: _negative,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.Lt: _or_false(operator.lt),
    ast.LtE: _or_false(operator.le),
    ast.Gt: _or_false(operator.gt),
    ast.GtE: _or_false(operator.ge),
    ast.In: _is_in_or_false,
    ast.NotIn: _is_not_in,
}


def _arity(call: ast.Call) -> int:
    return 2 if ast.unparse(call.func) in {"startswith", "endswith"} else 1
