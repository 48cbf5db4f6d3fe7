"""Which parts are switched on."""

import waffle
from waffle import get_waffle_flag_model


def flag_is_on(name):
    """Return whether a flag is on for everyone."""
    return bool(get_waffle_flag_model().get(name).everyone)


def switch_is_on(name):
    """Return whether a switch is on."""
    return waffle.switch_is_active(name)
