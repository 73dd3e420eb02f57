"""The analyses alone, while developing a page: ``streamlit run apps/analyses/app.py``."""

from apps.analyses.declaration import pages
from apps.kit.shell.portal import serve

serve(pages())
