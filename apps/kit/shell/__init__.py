"""The French shell around Streamlit: first page, headers, third-party assets, warm start."""

from apps.kit.shell.options import app_options

__all__ = ["app_options"]
