"""Bindings: what an assignment puts where."""

from __future__ import annotations

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.decorators import Decorating
from wslint.timeline.interpreter.values import (
    Constant,
    Handle,
    Items,
    Klass,
    Made,
    Object,
    Table,
    Value,
    join,
)


class Binding(Decorating):
    """Binds names, attributes and items."""

    def bind_name(self, name: str, value: Value) -> None:
        """Bind a plain name in the running frame."""
        env = self.frame.env
        if name in env.global_names:
            key = (self.module_env(env.module).id, name)
            # module-level names are not kept apart by branch
            before = self.cells.get(key) if self.path else None
            self.cells[key] = value if before is None else join([before, value])
            return
        if name in env.outer_names:
            outer = env.parent
            while outer is not None:
                if self.store.get(outer.id, name) is not None:
                    env = outer
                    break
                outer = outer.parent
        self.store.put(env.id, name, value)

    def assign(self, target: s.Expr, value: Value) -> None:
        """Bind a target."""
        if isinstance(target, s.Ref):
            if len(target.parts) == 1:
                self.bind_name(target.parts[0], value)
                return
            owner = self.evaluate(s.Ref(target.parts[:-1], target.span))
            self.set_attribute(owner, target.parts[-1], value, target.span)
        elif isinstance(target, s.Attr):
            self.set_attribute(self.evaluate(target.value), target.name, value, target.span)
        elif isinstance(target, s.Item):
            self._set_item(self.evaluate(target.value), self.evaluate(target.index), value, target)
        elif isinstance(target, s.Seq):
            self._unpack(target, value)
        elif isinstance(target, s.Op) and target.kind == "star":
            self.assign(target.operands[0], value)

    def set_attribute(self, owner: Value, name: str, value: Value, span: Span) -> None:
        """Do ``owner.name = value``."""
        if self.path and isinstance(owner, (Object, Klass)):
            self._keep_class_value(owner, name)
        if isinstance(owner, (Object, Handle, Made)):
            self.store.put(owner.id, name, value)
        elif isinstance(owner, Klass):
            self.store.put(self.class_env(owner).id, name, value)
        else:
            self.escape([value], span)

    def _keep_class_value(self, owner: Object | Klass, name: str) -> None:
        """Store what the class holds: on the other ways of a branch it still is the value."""
        klass = owner if isinstance(owner, Klass) else owner.klass
        key = self.class_env(owner).id if isinstance(owner, Klass) else owner.id
        if klass is None or self.store.get(key, name) is not None:
            return
        found = next((v for b in self.mro(klass) if (v := self.own_attribute(b, name))), None)
        if found is not None:
            self.store.first().put(key, name, found)

    def _set_item(self, owner: Value, index: Value, value: Value, target: s.Item) -> None:
        if isinstance(owner, Table):
            key = index.value if isinstance(index, Constant) else ("?", len(owner.values))
            owner.exact = owner.exact and isinstance(index, Constant) and not self.path
            owner.values[key] = value
        elif isinstance(owner, Items):
            owner.exact = False
            owner.values.append(value)
        else:
            self.escape([value], target.span)

    def _unpack(self, target: s.Seq, value: Value) -> None:
        exact = isinstance(value, Items) and value.exact and len(value.values) == len(target.items)
        for number, item in enumerate(target.items):
            if exact and not (isinstance(item, s.Op) and item.kind == "star"):
                self.assign(item, value.values[number])  # type: ignore[union-attr]
            elif isinstance(value, Items) and not value.exact:
                self.assign(item, self.any_item(value))
            else:
                self.assign(item, self.item(value, Constant(number)))
