"""Convergence alone, while developing a page: ``streamlit run apps/convergence/app.py``."""

from apps.convergence.declaration import pages
from apps.kit.shell.portal import serve

serve(pages())
