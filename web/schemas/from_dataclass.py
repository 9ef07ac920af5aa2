"""A marshmallow schema for a frozen dataclass: outside text in, the dataclass out, and back."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from supplyops.kernel.clock import instant
from supplyops.kernel.errors import FieldError, InvalidInput

TEXT_MAX = 10_000
"""Longest text of a field whose dataclass does not say another length by `metadata={"text_max": ...}`."""
LIST_MAX = 5_000


class WholeNumber(fields.Integer):
    """A JSON integer, nothing that merely looks like one; within what a database column holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(-(2**63), 2**63 - 1, error="too_many_digits"), **kwargs)

    def _validated(self, value: Any) -> Any:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class StrictBoolean(fields.Boolean):
    """true or false, nothing that merely means one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Code(fields.Field[StrEnum]):
    """A member of an enumeration by its value."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        self.kind = kind
        metadata = {"type": "string", "enum": [member.value for member in kind]}
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self.kind(value)
        except ValueError:
            raise ValidationError("unknown_choice") from None


class Lasting(Schema):
    """A schema that never changes once it is made: who copies what is said of an address need not copy the schema with it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Lasting:
        return self


def schema_of(kind: type[Any]) -> type[Schema]:
    """The schema class of a dataclass. Unknown fields are refused; loading gives the dataclass, with its own checks.

    Properties are shown in answers (what is available, what is outstanding) and never taken from a sender.
    """
    made = _SCHEMAS.get(kind)
    if made is None:
        made = _SCHEMAS[kind] = _make(kind)
    return made


_SCHEMAS: dict[type[Any], type[Schema]] = {}


def _make(kind: type[Any]) -> type[Schema]:
    hints = get_type_hints(kind)
    members: dict[str, Any] = {}
    for each in dataclasses.fields(kind):
        has_default = each.default is not dataclasses.MISSING or each.default_factory is not dataclasses.MISSING
        member = field_of(hints[each.name], required=not has_default)
        if (text_max := each.metadata.get("text_max")) is not None:
            member.validators = [_at_most(text_max, "too_long")]
        members[each.name] = member

    for name, member in vars(kind).items():
        if isinstance(member, property) and member.fget is not None:
            shown = field_of(get_type_hints(member.fget)["return"], required=False)
            shown.dump_only = True
            members[name] = shown

    class Meta:
        unknown = RAISE
        ordered = True

    members["Meta"] = Meta
    members["make"] = post_load(lambda _self, data, **_kwargs: kind(**data))
    return type(f"{kind.__name__}Schema", (Lasting,), members)


def field_of(hint: Any, *, required: bool = True) -> fields.Field[Any]:
    """The field for a type."""
    optional = _without_none(hint)
    if optional is not None:
        inner = field_of(optional, required=required)
        inner.allow_none = True
        return inner
    origin = get_origin(hint)
    if origin is tuple or origin is list or origin is frozenset:
        inner_hint = get_args(hint)[0]
        return _Sequence(
            field_of(inner_hint), validate=_at_most(LIST_MAX, "too_many"), required=required, as_type=origin
        )
    if origin is dict or origin is Mapping or hint is dict:
        arguments = get_args(hint) or (str, Any)
        return fields.Dict(keys=field_of(arguments[0]), values=field_of(arguments[1]), required=required)
    if dataclasses.is_dataclass(hint):
        return fields.Nested(schema_of(hint), required=required)  # type: ignore[arg-type]
    return _scalar(hint, required=required)


class _Sequence(fields.List[Any]):
    """A list in JSON, a tuple inside."""

    def __init__(self, inner: fields.Field[Any], *, as_type: type, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self._as_type = as_type

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self._as_type(super()._deserialize(value, attr, data, **kwargs))


class Words(fields.String):
    """Text that every database can keep: no NUL, no half of a character. What else must not be in a text is its input's to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _unkept(text):
            raise ValidationError("hidden_character")
        return text


class Moment(fields.AwareDateTime):
    """An instant of years that every clock can show."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            instant(found)
        except ValueError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return found


def _unkept(text: str) -> str:
    """The first character that cannot be kept, or nothing."""
    return next((character for character in text if character == "\0" or "\ud800" <= character <= "\udfff"), "")


def _scalar(hint: Any, *, required: bool) -> fields.Field[Any]:
    if hint is bool:
        return StrictBoolean(required=required)
    if hint is int:
        return WholeNumber(required=required)
    if hint is str:
        return Words(required=required, validate=_at_most(TEXT_MAX, "too_long"))
    if hint is UUID:
        return fields.UUID(required=required)
    if hint is datetime:
        return Moment(required=required)
    if hint is date:
        return fields.Date(required=required)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Code(hint, required=required)
    return fields.Raw(required=required, allow_none=True)


def _at_most(most: int, code: str) -> validate.Length:
    return validate.Length(max=most, error=f"{code} {most}")


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        arguments = [each for each in get_args(hint) if each is not type(None)]
        if len(arguments) < len(get_args(hint)):
            return arguments[0]
    return None


_CODES = {
    "Missing data for required field.": "required",
    "Unknown field.": "unknown_field",
    "Field may not be null.": "required",
    "Not a valid integer.": "not_whole",
    "Not a valid datetime.": "not_a_moment",
    "Not a valid aware datetime.": "no_time_zone",
    "Not a valid date.": "not_a_date",
}


def load(kind: type[Any], data: Any) -> Any:
    """Turn outside values into a dataclass. Raises InvalidInput naming every field, whether of shape or of meaning."""
    try:
        return schema_of(kind)().load(data)
    except ValidationError as error:
        raise InvalidInput(fields=tuple(_flat(error.messages, data))) from None


def _told(path: str, text: str, part: Any, params: Mapping[str, object]) -> FieldError:
    """One of marshmallow's sentences, or ours, in our code."""
    code, _, most = text.partition(" ")
    if code == "too_long":
        return FieldError(path, code, {"length": len(part), "length_max": int(most)})
    if code == "too_many":
        return FieldError(path, code, {"count": len(part), "maximum": int(most)})
    return FieldError(path, _CODES.get(text, text if text.isidentifier() else "unknown_choice"), dict(params))


def _flat(messages: Any, data: Any, prefix: str = "") -> list[FieldError]:
    """Marshmallow's nested messages as field errors with dotted paths."""
    if isinstance(messages, list):
        value, part = _value_at(data, prefix), _part_at(data, prefix)
        hidden = _unkept(str(part))
        params = {"value": value, "codepoint": f"U+{ord(hidden):04X}"} if hidden else {"value": value}
        return [_told(prefix, str(text), part, params) for text in messages]
    found: list[FieldError] = []
    for name, inner in messages.items():
        is_of_an_entry = name in {"key", "value"} and prefix and not isinstance(_part_at(data, prefix), dict)
        path = prefix if name == "_schema" or is_of_an_entry else f"{prefix}.{name}" if prefix else str(name)
        found += _flat(inner, data, path)
    return found


def _value_at(data: Any, path: str) -> str:
    found = _part_at(data, path)
    return "" if found is None else str(found)[:40]


def _part_at(data: Any, path: str) -> Any:
    for part in path.split("."):
        try:
            data = data[int(part)] if isinstance(data, list) else data[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return data
