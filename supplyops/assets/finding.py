"""Finding units by what people call them, to change them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.runtime import Context
from supplyops.stock.tables import Asset


def numbered_units(ctx: Context, numbers: Sequence[str], field: str) -> list[Asset]:
    """Units by asset number or, where only one has it, serial number, in the order named; each is locked.

    Raises InvalidInput naming those that are not there, not in reach, or not told apart by what was written.
    """
    wanted = [number.strip() for number in numbers if number.strip()]
    rows = ctx.session.scalars(
        select(Asset)
        .where(or_(Asset.number.in_(wanted), Asset.serial_number.in_(wanted)))
        .order_by(Asset.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    found: list[Asset] = []
    errors = []
    for place, number in enumerate(wanted):
        named = [row for row in rows if row.number == number] or [row for row in rows if row.serial_number == number]
        if len(named) == 1:
            found.append(named[0])
        else:
            code = "serial_not_unique" if named else "unknown_reference"
            errors.append(FieldError(f"{field}.{place}", code, {"value": number[:60]}))
    if len({row.id for row in found}) < len(found):
        errors.append(FieldError(field, "named_twice"))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return found


def numbered_unit(ctx: Context, number: str) -> Asset:
    """One unit by asset or serial number. Raises InvalidInput."""
    try:
        return numbered_units(ctx, [number], "asset_number")[0]
    except InvalidInput as error:
        raise InvalidInput(
            fields=tuple(FieldError("asset_number", each.code, each.params) for each in error.fields)
        ) from None
    except IndexError:
        raise InvalidInput(fields=(FieldError("asset_number", "required"),)) from None
