"""Parameters of other documents' requests: every style of OpenAPI 3, and what is refused."""

from __future__ import annotations

import pytest

from eventshub.runtime import Parameter
from eventshub.runtime.parameters import expand_path, header_values, query_string
from eventshub.runtime.tables import Location, Style

LIST = ("a", "b c")
OBJECT = {"x": 1, "y": True}


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("simple", False, 5, "5"),
        ("simple", False, LIST, "a,b%20c"),
        ("simple", True, OBJECT, "x=1,y=true"),
        ("label", False, LIST, ".a,b%20c"),
        ("label", True, LIST, ".a.b%20c"),
        ("label", True, OBJECT, ".x=1.y=true"),
        ("matrix", False, 5, ";p=5"),
        ("matrix", False, LIST, ";p=a,b%20c"),
        ("matrix", True, LIST, ";p=a;p=b%20c"),
        ("matrix", False, OBJECT, ";p=x,1,y,true"),
        ("matrix", True, OBJECT, ";x=1;y=true"),
    ],
)
def test_a_path(style: Style, *, explode: bool, value: object, written: str) -> None:
    parameter = Parameter("p", "p", "path", style, explode)
    assert expand_path("/a/{p}", [parameter], {"p": value}) == f"/a/{written}"


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("form", True, LIST, "p=a&p=b%20c"),
        ("form", False, LIST, "p=a,b%20c"),
        ("form", True, OBJECT, "x=1&y=true"),
        ("form", False, OBJECT, "p=x,1,y,true"),
        ("spaceDelimited", False, LIST, "p=a%20b%20c"),
        ("pipeDelimited", False, LIST, "p=a%7Cb%20c"),
        ("deepObject", True, {"x": {"y": 1}, "z": [1, 2]}, "p[x][y]=1&p[z]=1&p[z]=2"),
        ("form", True, None, ""),
    ],
)
def test_a_query(style: Style, *, explode: bool, value: object, written: str) -> None:
    assert query_string([Parameter("p", "p", "query", style, explode)], {"p": value}) == written


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_path_that_would_be_another_one_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="path parameter 'p'"):
        expand_path("/a/{p}/b", [Parameter("p", "p", "path", "simple")], {"p": value})


@pytest.mark.parametrize("value", ["a\r\nb", "ü"])
def test_a_header_that_cannot_be_sent_is_refused(value: str) -> None:
    place: Location = "header"
    with pytest.raises(ValueError, match="X-P"):
        header_values([Parameter("X-P", "p", place, "simple")], {"p": value})
