"""The Ségur report alone, while developing a page: ``streamlit run apps/segur/app.py``."""

from apps.kit.shell.portal import serve
from apps.segur.declaration import pages

serve(pages())
