"""Declared forms: a form is a value, one function draws it, drafts and conflicts come with it.

``form`` says what a form is; ``entry`` reads what was typed and compares it with what was kept meanwhile, without
Streamlit; ``filling`` is one form being filled by one reader; ``drawing`` draws it. Pages use the names given here.
"""

from apps.kit.forms.drawing import draw
from apps.kit.forms.filling import Done, Submission
from apps.kit.forms.form import Action, Attached, Field, Form, Kind, Section, Values, choice, several

__all__ = [
    "Action", "Attached", "Done", "Field", "Form", "Kind", "Section", "Submission", "Values", "choice", "draw",
    "several",
]  # fmt: skip
