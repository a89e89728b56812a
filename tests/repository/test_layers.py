# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What import-linter's contracts (pyproject.toml) cannot say of the layers."""

import grimp


def test_tables_are_the_business_of_their_own_module_only() -> None:
    graph = grimp.build_graph("fachwerk")
    tables = [name for name in graph.modules if name.endswith(".model")]
    foreign = [
        (importer, table)
        for table in tables
        for importer in graph.find_modules_that_directly_import(table)
        if not importer.startswith(table.removesuffix("model")) and importer != table.removesuffix(".model")
    ]
    assert foreign == []
    assert "fachwerk.core.rooms.model" in tables
