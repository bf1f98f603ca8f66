"""The models as other engines would get them: what differs between engines may sit in the portable macros alone.

Every model is rendered with a call of a neutral function in the place of each portable macro, so that what is left is the
models' own SQL. The marts are also taken as dbt compiled them for DuckDB.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import sqlglot
import yaml
from sqlglot import exp

from insights_pipeline.warehouse import PROJECT_FOLDER
from insights_pipeline_tests.warehouse.conftest import Stages

DIALECTS = ("spark", "trino", "clickhouse", "snowflake")
MODELS = sorted((PROJECT_FOLDER / "models").rglob("*.sql"))
MARTS = [model for model in MODELS if model.parent.name == "marts"]

# The macros' parameters that are text to go between quotes; all others are SQL.
QUOTED_PARAMETERS = frozenset({"path", "pattern", "separator", "literal"})

# dbt's own macros, which every adapter has.
DBT_MACROS = frozenset({"hash"})

# sqlglot keeps a call that it has no name for; these are calls that all four engines have.
KNOWN_TO_ALL = frozenset({"dbt_hash"})


@cache
def portable_macros() -> dict[str, tuple[str, ...]]:
    """The names of the parameters of each macro that is dispatched by engine."""
    text = "".join(file.read_text() for file in (PROJECT_FOLDER / "macros" / "portable").glob("*.sql"))
    signatures = re.findall(r"{% macro (\w+)\((.*?)\) -%}", text)
    return {name: tuple(parameters.split(", ")) for name, parameters in signatures if "__" not in name}


def neutral(name: str, parameters: tuple[str, ...]) -> Callable[..., str]:
    """A macro that renders as a call of a function with its own name, or as a join of a table with it."""

    def render(*arguments: Any) -> str:
        if name.startswith("join_"):
            return f"cross join {name} as elements"
        return f"{name}({', '.join(map(_argument, parameters, arguments))})"

    return render


def _argument(parameter: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(value.values())
    if isinstance(value, list):
        return ", ".join(f"'{name}'" for name in value)
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'" if parameter in QUOTED_PARAMETERS else str(value)


@cache
def context() -> dict[str, Any]:
    """What a model may use of dbt, and the project's macros; the portable ones as neutral calls."""
    variables = yaml.safe_load((PROJECT_FOLDER / "dbt_project.yml").read_text())["vars"]
    names: dict[str, Any] = {
        "ref": lambda model: model,
        "source": lambda schema, table: f"{schema}.{table}",
        "config": lambda **_: "",
        "var": variables.__getitem__,
        "is_incremental": lambda: True,
        "this": "this_table",
        "dbt": {name: neutral(f"dbt_{name}", ("value",)) for name in DBT_MACROS},
        "adapter": SimpleNamespace(quote='"{}"'.format),
        **{name: neutral(name, parameters) for name, parameters in portable_macros().items()},
        "event_tables": lambda: [{"name": name, "service": name} for name in variables["known_services"]],
    }
    for file in (PROJECT_FOLDER / "macros").glob("*.sql"):
        module = jinja2.Environment().from_string(file.read_text()).make_module(names)
        names |= {name: getattr(module, name) for name in re.findall(r"{% macro (\w+)\(", file.read_text())}
    return names


def rendered(model: Path) -> exp.Expr:
    return sqlglot.parse_one(jinja2.Environment().from_string(model.read_text()).render(context()), read="duckdb")


def transpiled(statement: exp.Expr, dialect: str) -> str:
    return statement.sql(dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_a_model_uses_no_function_of_one_engine_outside_the_portable_macros(model: Path) -> None:
    statement = rendered(model)
    unknown = {call.name.lower() for call in statement.find_all(exp.Anonymous)}
    assert unknown <= portable_macros().keys() | KNOWN_TO_ALL
    assert not list(statement.find_all(exp.Lambda, exp.Unnest, exp.Explode, exp.Bracket, exp.Struct))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_a_model_can_be_written_for_another_engine(model: Path, dialect: str) -> None:
    assert sqlglot.parse_one(transpiled(rendered(model), dialect), read=dialect)


@pytest.mark.parametrize("mart", [mart.name for mart in MARTS])
def test_a_mart_as_compiled_for_duckdb_can_be_written_for_other_engines(mart: str, stages: Stages) -> None:
    compiled = stages.home / "target" / "compiled" / "insights" / "models" / "marts" / mart
    statement = sqlglot.parse_one(compiled.read_text(), read="duckdb")
    for dialect in DIALECTS:
        assert transpiled(statement, dialect)
