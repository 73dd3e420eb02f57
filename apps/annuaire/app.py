"""The directory alone, while developing a page: ``streamlit run apps/annuaire/app.py``."""

from apps.annuaire.declaration import pages
from apps.kit.shell.portal import serve

serve(pages())
