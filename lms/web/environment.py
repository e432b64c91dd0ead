"""Jinja's environment made quick in what a page of ours does most: it calls, imports and includes."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro

from lms.web.addresses import Addresses
from lms.web.escaping import escaped
from lms.web.fragments import Parts, Tops
from lms.web.i18n import TemplatePlurals, TemplateWords

# Of these the callee itself says by its attribute jinja_pass_arg if it wants the context; of others its class may, too.
PLAIN = {
    FunctionType,
    MethodType,
    BuiltinFunctionType,
    type(lru_cache(len)),
    Addresses,
    Parts,
    TemplatePlurals,
    TemplateWords,
    Tops,
}


class QuickCalls(Context):
    """What a template sees, with the calls that it makes made directly.

    A page makes two hundred calls, and for each jinja asks at four places whether the callee wants the context, the
    environment or neither. Nearly all are of macros, which want the evaluation context, or of functions of ours.
    """

    def call(self, callee: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template names, without the variables that jinja adds for callees that want the context."""
        kind = type(callee)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in PLAIN or hasattr(callee, "jinja_pass_arg"):
            return super().call(callee, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return callee(*args, **kwargs)


class QuickOutput(CodeGenerator):
    """Has what is marked as safe already, most of what our templates put out, shown without making it anew."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")


class PlainGlobals(Environment):
    """Gives every template one plain dict of globals instead of a chain of two, and finds it at once when loaded.

    A page renders or imports a dozen templates, and for each of them jinja copies the globals and compares their
    names: with jinja's own ChainMap that is Python code for every name, a tenth of a page's time.
    """

    context_class = QuickCalls
    code_generator_class = QuickOutput

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with no template loaded."""
        super().__init__(*args, **options)
        self._loaded: dict[str, Template] = {}

    shown = staticmethod(escaped)

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """Give a template: the one loaded before, for templates do not change while the service runs."""
        if isinstance(name, Template) or globals:
            return super().get_template(name, parent, globals)
        known = self._loaded.get(name)
        if known is None:
            known = self._loaded[name] = super().get_template(name, parent)
        return known

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give a template's globals: a copy, so that a change of one template's reaches no other."""
        return {**self.globals, **(d or {})}
