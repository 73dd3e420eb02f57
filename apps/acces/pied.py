"""What stands under every page: apart, since it is there before the pages are imported."""

FOOTER = (
    '<p class="obs-pied"><a href="./mentions-legales" target="_self">Mentions légales et données personnelles</a> · '
    '<a href="./declaration-accessibilite" target="_self">Accessibilité du site</a></p>'
)
