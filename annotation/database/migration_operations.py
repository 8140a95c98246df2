"""Migrations of large tables that SQLite can do without writing the table anew, as Django does there."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, AlterField, RenameField
from django.db.migrations.state import ProjectState

# migrations name these classes: they stay


class AddColumn(AddField):
    """Add a field that is not null; its default, a whole number or a truth value, becomes the column's."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        definition, _parameters = schema_editor.column_sql(model, field)
        assert definition is not None, "every column has a type"
        if check := field.db_parameters(schema_editor.connection)["check"]:
            definition = f"{definition} CHECK ({check})"
        table, column = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(field.column)
        schema_editor.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition} DEFAULT {int(field.default)}")


class RenameColumn(RenameField):
    """Rename a field, JSON or another with a CHECK of its own too: SQLite changes the name in the CHECK itself."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._rename(schema_editor, app_label, from_state, to_state, self.old_name, self.new_name)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._rename(schema_editor, app_label, from_state, to_state, self.new_name, self.old_name)

    def _rename(
        self,
        schema_editor: BaseDatabaseSchemaEditor,
        app_label: str,
        from_state: ProjectState,
        to_state: ProjectState,
        old: str,
        new: str,
    ) -> None:
        """Rename the column alone: Django's own operation writes SQLite's whole table anew."""
        before: Any = from_state.apps.get_model(app_label, self.model_name)
        after: Any = to_state.apps.get_model(app_label, self.model_name)
        quote = schema_editor.quote_name
        columns = quote(before._meta.get_field(old).column), quote(after._meta.get_field(new).column)
        schema_editor.execute(f"ALTER TABLE {quote(before._meta.db_table)} RENAME COLUMN {columns[0]} TO {columns[1]}")


class DropFieldIndex(AlterField):
    """Make a foreign key do without an index of its own, where another index begins with its column."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        connection, table = schema_editor.connection, model._meta.db_table
        column = model._meta.get_field(self.name).column
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, table)
        for name, found in constraints.items():
            if found["columns"] == [column] and found["index"] and not found["unique"] and not found["primary_key"]:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model: Any = to_state.apps.get_model(app_label, self.model_name)
        quote, table = schema_editor.quote_name, model._meta.db_table
        column = model._meta.get_field(self.name).column
        name = f"{table}_{column}_index"
        schema_editor.execute(f"CREATE INDEX {quote(name)} ON {quote(table)} ({quote(column)})")
